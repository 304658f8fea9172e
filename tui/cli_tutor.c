/* `curlew tutor [--again]` */
#include "tui/app.h"
#include "tui/cli.h"
#include "tui/tutor.h"

int cli_tutor(struct cli *cli, int argc, char **argv, struct err *err)
{
	bool again = false;
	const struct cli_option options[] = {{.name = "--again", .given = &again}};
	struct tutor *tutor = NULL;
	int result = cli_options(options, 1, &argc, argv, err);
	if (!result && argc)
		return err_set(err, ERR_USAGE, "found \"%.60s\", expected curlew tutor [--again]", argv[0]);
	if (!result && cli->config_arg)
		return err_set(err, ERR_USAGE, "-c is not for the tutor: it reads no configuration");
	if (!result)
		result = tutor_open(cli->agent_arg, again, &tutor, err);
	if (result)
		return result;
	const struct config *config = tutor_config(tutor);
	const struct app_options app = {
	        .config = config, .config_file = "", .agent = config->desk.agent, .tutor = tutor};
	result = app_run(&app, err);
	tutor_free(tutor);
	return result;
}
