/* curlew backup: the store as it is now, in one file. */
#include "tui/cli.h"

#include "core/store/health.h"

int cli_backup(struct cli *cli, int argc, char **argv, struct err *err)
{
	int result = cli_options(NULL, 0, &argc, argv, err);
	if (!result && argc != 1)
		result = err_set(err, ERR_USAGE, "backup takes the name of one new FILE");
	if (!result)
		result = cli_store(cli, STORE_READ, false, err);
	return result ? result : store_backup(cli->store, argv[0], err);
}
