/* curlew do: the command table from a script. */
#include "tui/cli.h"

#include "core/base/clock.h"
#include "core/base/utf8.h"
#include "tui/desk/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_LOOKED_AT 50 /* newest lines of a case among which the one just written is */

struct order {
	const struct command *command;
	const char *args;
};

/* --- what changed */

static int print_done(struct cli *cli, int64_t case_id, const struct action *action, int64_t journal_id,
        struct arena *arena, struct err *err)
{
	const struct case_view *view;
	if (!journal_id)
		return cli_print(err, "#%lld nothing changed\n", (long long)case_id);
	int result = store_case_view(cli->store, case_id, cli->agent, ENTRIES_LOOKED_AT, arena, &view, err);
	if (result)
		return result;
	const struct journal_entry *entry = entry_find(view, journal_id);
	return cli_print(err, "#%lld %s\n", (long long)case_id,
	        entry ? entry_words(view, entry, arena) : action_line(action->kind));
}

/* --- the action */

/* The agent's newest entry of this case that can be undone. */
static int find_undo(struct cli *cli, int64_t case_id, struct arena *arena, struct action *action, struct err *err)
{
	const struct case_view *view;
	int result = store_case_view(cli->store, case_id, cli->agent, 0, arena, &view, err);
	if (result)
		return result;
	*action = (struct action){.kind = ACTION_UNDO, .agent = cli->agent, .arg = "", .text = ""};
	for (int i = view->item_count; i-- > 0 && !action->undoes;) {
		const struct journal_entry *entry = view->items[i].entry;
		enum action_kind kind;
		if (entry && !entry->undone && str_eq(entry->by, cli->agent) && action_parse(entry->action, &kind) &&
		        action_flags(kind) & A_UNDO)
			action->undoes = entry->id;
	}
	if (!action->undoes)
		return err_set(err, ERR_STATE, "%s has done nothing here that can be undone", cli->agent);
	return 0;
}

static int check_team(const struct cli *cli, const char *wanted, struct err *err)
{
	struct str names = STR_INIT;
	char want[64], have[64];
	bool found = false;
	for (size_t i = 0; i < cli->config.teams_len; i++) {
		const char *name = cli->config.teams[i].name;
		found |= name_normalise(wanted, want) && name_normalise(name, have) && str_eq(want, have);
		str_addf(&names, "%s%s", i ? ", " : "", name);
	}
	if (!found)
		err_set(err, ERR_USAGE, "no team \"%.64s\" in the configuration; there are: %s", wanted,
		        str_or(names.p, "none"));
	str_release(&names);
	return found ? 0 : -ERR_USAGE;
}

static int plan(struct cli *cli, const struct order *order, int64_t case_id, struct arena *arena, struct action *action,
        struct err *err)
{
	int64_t now = clock_wall_ms();
	if (order->command->id == CMD_UNDO)
		return find_undo(cli, case_id, arena, action, err);
	int result = command_action(order->command->id, order->args, cli->agent, now, arena, action, err);
	if (!result && action->kind == ACTION_ESCALATE)
		result = check_team(cli, action->arg, err);
	return result;
}

static int do_case(struct cli *cli, const struct order *order, int64_t case_id, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct action action;
	struct action_result done;
	int result;
	if (order->command->id == CMD_REPLY) {
		result = reply_command(cli, case_id, order->args, err);
	} else {
		result = plan(cli, order, case_id, &arena, &action, err);
		action.case_id = case_id;
		if (!result)
			result = store_act(cli->store, &action, clock_wall_ms(), &arena, &done, err);
		if (!result)
			result = print_done(cli, case_id, &action, done.journal_id, &arena, err);
	}
	arena_release(&arena);
	return result;
}

/* --- several cases */

/* One after the other, whatever becomes of each; the first error is the result. */
static int do_each_of_stdin(struct cli *cli, const struct order *order, struct err *err)
{
	char word[32];
	struct err first = ERR_INIT;
	while (scanf("%31s", word) == 1) {
		struct err one = ERR_INIT;
		int64_t case_id = 0;
		int result = cli_case_number(word, &case_id, &one);
		if (!result)
			result = do_case(cli, order, case_id, &one);
		if (!result)
			continue;
		if (case_id && *one.text)
			cli_complain("case %lld: %s", (long long)case_id, one.text);
		else if (*one.text)
			cli_complain("%s", one.text);
		if (!first.code)
			first.code = one.code;
		if (one.code == ERR_IO)
			break;
	}
	if (!first.code)
		return 0;
	return err_set(err, first.code, "%s", "");
}

static char *join(int argc, char **argv)
{
	struct str line = STR_INIT;
	for (int i = 0; i < argc; i++)
		str_addf(&line, "%s%s", i ? " " : "", argv[i]);
	return str_detach(&line);
}

static int parse_order(const char *line, struct order *order, struct err *err)
{
	order->command = command_parse(line, &order->args, err);
	if (!order->command)
		return -(int)err->code;
	if (!(order->command->flags & CMDF_DO) && order->command->id != CMD_UNDO)
		return err_set(err, ERR_USAGE, "%s works at the desk only", order->command->name);
	return 0;
}

int cli_do(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct order order;
	int64_t case_id = 0;
	if (argc < 2)
		return err_set(err, ERR_USAGE, "do takes a CASE (or - for ids on stdin) and a COMMAND");
	bool many = str_eq(argv[0], "-");
	int result = many ? 0 : cli_case_number(argv[0], &case_id, err);
	char *line = join(argc - 1, argv + 1);
	if (!result && !utf8_valid(line, strlen(line)))
		result = err_set(err, ERR_DATA, "the command is not valid UTF-8");
	if (!result)
		result = parse_order(line, &order, err);
	if (!result && many && order.command->id == CMD_REPLY && str_starts(order.args, "--send"))
		result = err_set(err, ERR_USAGE, "one reply is sent to one case: to many cases, leave drafts");
	if (!result)
		result = cli_store(cli, STORE_DESK, false, err);
	if (!result)
		result = many ? do_each_of_stdin(cli, &order, err) : do_case(cli, &order, case_id, err);
	free(line);
	return result;
}
