/* curlew forget: a person's words and names are erased from the store. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "core/store/erase.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

static int print_counts(const char *begin, const struct forgotten *n, struct err *err)
{
	return cli_print(err, "%s%d post%s, %d repl%s, %d draft%s, %d note%s, in %d case%s", begin, n->posts,
	        n->posts == 1 ? "" : "s", n->replies, n->replies == 1 ? "y" : "ies", n->drafts,
	        n->drafts == 1 ? "" : "s", n->notes, n->notes == 1 ? "" : "s", n->cases, n->cases == 1 ? "" : "s");
}

/* Who is meant is typed once more: a number or a completed handle is soon mistaken. */
static int confirm(struct cli *cli, const struct customer *customer, struct err *err)
{
	struct forgotten count;
	char line[512] = "";
	int result = store_forget_count(cli->store, customer->id, &count, err);
	if (!result)
		result = cli_print(err, "%s (%s) on %s, customer #%lld\n", customer->handle, customer->name,
		        customer->network, (long long)customer->id);
	if (!result)
		result = print_counts("This erases ", &count, err);
	if (!result)
		result = cli_print(err, ", and the name. Nothing brings them back.\nType the handle to go on: ");
	if (!result)
		result = cli_flush(err);
	if (result)
		return result;
	if (!fgets(line, sizeof line, stdin))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	const char *typed = line + (line[0] == '@'), *handle = customer->handle + (customer->handle[0] == '@');
	if (!*typed || !str_ieq(typed, handle))
		return err_set(err, ERR_FAILED, "that is not %s: nothing was erased", customer->handle);
	return 0;
}

/* Copies of the store that were made beside it still hold everything. */
static int warn_of_copies(const char *store_path, struct err *err)
{
	static const char *const kinds[] = {"-backup-v*", ".damaged-*"};
	int result = 0;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !result; k++) {
		struct str pattern = STR_INIT;
		glob_t found = {0};
		str_addf(&pattern, "%s%s", store_path, kinds[k]);
		if (glob(pattern.p, 0, NULL, &found) == 0)
			for (size_t i = 0; i < found.gl_pathc && !result; i++)
				result = cli_print(err, "an older copy still holds them: %s\n", found.gl_pathv[i]);
		globfree(&found);
		str_release(&pattern);
	}
	return result;
}

/* What is said of one handle is not said of the others. */
static int tell_joined(const struct customer *joined, int count, struct err *err)
{
	int result = 0;
	for (int i = 0; i < count && !result; i++)
		result = cli_print(err, "the same person is %s on %s, customer #%lld, of whom nothing was erased\n",
		        joined[i].handle, joined[i].network, (long long)joined[i].id);
	return result;
}

int cli_forget(struct cli *cli, int argc, char **argv, struct err *err)
{
	bool yes = false;
	struct customer customer;
	struct forgotten count;
	const struct customer *joined;
	int joined_count;
	const struct cli_option options[] = {{"--yes", NULL, &yes}};
	int result = cli_options(options, 1, &argc, argv, err);
	if (!result && argc != 1)
		result = err_set(err, ERR_USAGE, "forget takes one CUSTOMER: a handle or a number");
	if (!result)
		result = cli_store(cli, STORE_DESK, false, err);
	if (!result)
		result = store_customer_find(cli->store, argv[0], &cli->arena, &customer, err);
	if (!result && !yes)
		result = confirm(cli, &customer, err);
	if (!result)
		result = store_joined(cli->store, customer.id, &cli->arena, &joined, &joined_count, err);
	if (!result)
		result = store_forget(cli->store, customer.id, cli->agent, clock_wall_ms(), &count, err);
	if (!result)
		result = print_counts("erased ", &count, err);
	if (!result)
		result = cli_print(
		        err, "; the name in %d text%s of others\n", count.mentions, count.mentions == 1 ? "" : "s");
	if (!result)
		result = tell_joined(joined, joined_count, err);
	return result ? result : warn_of_copies(cli->config.desk.store.path, err);
}
