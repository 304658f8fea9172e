#include "tui/desk/macro.h"

#include "tui/desk/inner.h"

enum { COMMAND_MAX = 1024 };

/* What changes the case before the agent's eyes, and what writes into a draft. Nothing else: a command that is added to
 * the table is no part of macros until somebody has thought about it. */
static const enum command_id on_case[] = {CMD_CLAIM, CMD_RELEASE, CMD_ASSIGN, CMD_UNASSIGN, CMD_TAG, CMD_UNTAG,
        CMD_NOTE, CMD_ESCALATE, CMD_DEESCALATE, CMD_WAKE, CMD_DONE_STAY, CMD_REOPEN, CMD_PRIORITY};
static const enum command_id leaves[] = {CMD_DONE, CMD_SNOOZE};
static const enum command_id prepares[] = {
        CMD_REPLY, CMD_REPLY_PRIVATE, CMD_CANNED, CMD_WARNING, CMD_LANGUAGE, CMD_MENTION};

static bool among(enum command_id id, const enum command_id *ids, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (ids[i] == id)
			return true;
	return false;
}
#define AMONG(id, list) among(id, list, sizeof(list) / sizeof *(list))

/* The next command, trimmed; false at the end. */
static bool next_command(const char **rest, char out[COMMAND_MAX])
{
	while (**rest) {
		size_t len = strcspn(*rest, ";"), n;
		const char *start = *rest + strspn(*rest, " \t\n;");
		*rest += len + ((*rest)[len] ? 1 : 0);
		n = start < *rest ? strcspn(start, ";") : 0;
		while (n && strchr(" \t\n", start[n - 1]))
			n--;
		if (!n || n >= COMMAND_MAX)
			continue;
		memcpy(out, start, n);
		out[n] = '\0';
		return true;
	}
	return false;
}

static int check_one(const struct command *command, const char *args, struct err *err)
{
	enum command_id id = command->id;
	bool known = AMONG(id, on_case) || AMONG(id, leaves) || AMONG(id, prepares);
	if (command->flags & CMDF_PUBLIC && !AMONG(id, prepares))
		return err_set(err, ERR_CONFIG, "found %s, which publishes: a macro only prepares", command->name);
	if (!known)
		return err_set(err, ERR_CONFIG, "found %s, which is no command for a macro", command->name);
	/* A question in the middle would be answered by what comes next. */
	if (command->usage[0] && !*args && !AMONG(id, leaves) &&
	        !among(id, (const enum command_id[]){CMD_REPLY, CMD_MENTION, CMD_PRIORITY, CMD_DONE_STAY}, 4))
		return err_set(err, ERR_CONFIG, "found %s alone, expected %s with it", command->name, command->usage);
	return 0;
}

int macro_check(const char *commands, struct err *err)
{
	char line[COMMAND_MAX];
	bool prepared = false, left = false;
	int count = 0;
	for (const char *rest = commands; next_command(&rest, line); count++) {
		const char *args;
		struct err why = ERR_INIT;
		const struct command *command = command_parse(line, &args, &why);
		if (!command)
			return err_set(err, ERR_CONFIG, "%s", why.text);
		int result = check_one(command, args, err);
		if (result)
			return result;
		prepared |= AMONG(command->id, prepares);
		left |= AMONG(command->id, leaves);
	}
	if (!count)
		return err_set(err, ERR_CONFIG, "found no command, expected some with ; between");
	if (prepared && left)
		return err_set(err, ERR_CONFIG,
		        "found done or snooze beside a reply; what follows a reply is chosen where it is sent");
	return 0;
}

/* --- running */

static void run_all(struct state *state, const char *commands, bool replies, struct effects *fx)
{
	char line[COMMAND_MAX];
	for (const char *rest = commands; next_command(&rest, line);) {
		const char *args;
		struct err err = ERR_INIT;
		const struct command *command = command_parse(line, &args, &err);
		if (!command || AMONG(command->id, prepares) != replies)
			continue;
		/* A second text goes into the composer that the first one has opened. */
		if (state->composer.open && command->id == CMD_REPLY) {
			compose_paste(&state->composer.compose, args, strlen(args));
			composer_edited(state, fx, false);
		} else {
			command_run(state, command, args, fx);
		}
	}
}

/* By name, else by number as they stand in the configuration. */
static const struct setup_text *find(const struct state *state, const char *name)
{
	for (size_t i = 0; i < state->setup.macros_len; i++)
		if (str_eq(state->setup.macros[i].name, name))
			return &state->setup.macros[i];
	int64_t number;
	bool fits = parse_i64(name, &number) && number >= 1 && number <= (int64_t)state->setup.macros_len;
	return fits ? &state->setup.macros[number - 1] : NULL;
}

void cmd_macro(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	const struct setup_text *macro = find(state, args);
	struct err err = ERR_INIT;
	if (!*args && !state->setup.macros_len)
		complain(state, "no macro is configured: add a [macro NAME] section");
	else if (!*args)
		picker_open(state, PICK_MACRO, fx);
	else if (!macro)
		complain(state, "no macro is named \"%.60s\"", args);
	else if (macro_check(macro->text, &err))
		complain(state, "macro %.60s: %s", args, err.text);
	else {
		/* The case first: once the composer is open, it has the keyboard. */
		run_all(state, macro->text, false, fx);
		run_all(state, macro->text, true, fx);
	}
}
