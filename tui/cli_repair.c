/* curlew check --repair: what can be saved of a damaged store. */
#include "tui/cli.h"

#include "core/store/repair.h"
#include "tui/setup.h"

static int print_counts(const struct repair_report *report, struct err *err)
{
	int result = 0;
	for (int i = 0; i < report->count && !result; i++) {
		const struct repair_count *count = &report->counts[i];
		if (count->lost < 0)
			result = cli_print(err, "%-28s %8lld saved, how many were lost cannot be told\n", count->what,
			        (long long)count->saved);
		else if (count->saved || count->lost)
			result = cli_print(err, "%-28s %8lld saved, %lld lost\n", count->what, (long long)count->saved,
			        (long long)count->lost);
	}
	return result;
}

static int print_report(const struct repair_report *report, const char *path, struct err *err)
{
	if (report->sound)
		return cli_print(err, "the store %s is sound: there is nothing to repair\n", path);
	int result = print_counts(report, err);
	if (!result && report->cases_made_up)
		result = cli_print(err, "%d case%s made again from posts, drafts and replies\n", report->cases_made_up,
		        report->cases_made_up == 1 ? " was" : "s were");
	if (!result && report->stopped)
		result = cli_print(err, "%d repl%s on the way now wait%s in the outbox for a person\n", report->stopped,
		        report->stopped == 1 ? "y" : "ies", report->stopped == 1 ? "s" : "");
	if (!result)
		result = cli_print(err, "the damaged store is kept as %s\n", report->aside);
	return result;
}

int repair_command(struct cli *cli, struct err *err)
{
	struct repair_report report;
	int result = cli_config(cli, err);
	if (result)
		return result;
	const struct config *config = &cli->config;
	struct account_setup *accounts = arena_array(&cli->arena, struct account_setup, config->accounts_len + 1);
	for (size_t i = 0; i < config->accounts_len; i++)
		accounts[i] = (struct account_setup){config->accounts[i].name,
		        config_network_word(config->accounts[i].network), config->accounts[i].server,
		        config->accounts[i].handle};
	result = store_repair(
	        setup_store_uri(config, &cli->arena), accounts, (int)config->accounts_len, &cli->arena, &report, err);
	return result ? result : print_report(&report, config->desk.store.path, err);
}
