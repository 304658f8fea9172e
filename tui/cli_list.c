/* `curlew list accounts|views|teams`: names of the configuration, for shells that complete words and for scripts. */
#include "tui/cli.h"

int cli_list(struct cli *cli, int argc, char **argv, struct err *err)
{
	const char *kind = argc == 1 ? argv[0] : "";
	bool accounts = str_eq(kind, "accounts"), views = str_eq(kind, "views"), teams = str_eq(kind, "teams");
	if (!accounts && !views && !teams)
		return err_set(err, ERR_USAGE, "list: found \"%.60s\", expected accounts, views or teams",
		        argc ? argv[argc - 1] : "");
	const struct config *config = &cli->config;
	int result = cli_config(cli, err);
	for (size_t i = 0; !result && accounts && i < config->accounts_len; i++)
		result = cli_print(err, "%s\n", config->accounts[i].name);
	for (size_t i = 0; !result && views && i < config->views_len; i++)
		result = cli_print(err, "%s\n", config->views[i].name);
	for (size_t i = 0; !result && teams && i < config->teams_len; i++)
		result = cli_print(err, "%s\n", config->teams[i].name);
	return result;
}
