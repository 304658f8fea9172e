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
	bool needs =
	        command->usage[0] && id != CMD_REPLY && id != CMD_MENTION && id != CMD_WARNING && id != CMD_LANGUAGE;
	if (needs && !*args)
		return err_set(err, ERR_CONFIG, "found %s alone, expected %s with it", command->name, command->usage);
	if (id == CMD_ESCALATE && !args[strcspn(args, " \t")])
		return err_set(err, ERR_CONFIG, "found escalate %.60s, expected a team and why", args);
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

enum { ACTIONS_MAX = 32 };

static bool is_team(const struct state *state, const char *name)
{
	for (size_t i = 0; i < state->setup.teams_len; i++)
		if (str_eq(state->setup.teams[i].name, name))
			return true;
	return false;
}

/* What it does to the case, as actions; negative, with words on the bottom line, when one of them is none. */
static int gather(
        struct state *state, const char *commands, struct arena *arena, struct action *actions, bool *moves_on)
{
	char line[COMMAND_MAX];
	int count = 0;
	*moves_on = false;
	for (const char *rest = commands; count < ACTIONS_MAX && next_command(&rest, line);) {
		const char *args;
		struct err err = ERR_INIT;
		const struct command *command = command_parse(line, &args, &err);
		if (!command || AMONG(command->id, prepares))
			continue;
		enum command_id id = command->id == CMD_DONE_STAY ? CMD_DONE : command->id;
		struct action *action = &actions[count];
		int result = command_action(id, args, state->setup.agent, state->wall, arena, action, &err);
		if (!result && id == CMD_ESCALATE && !is_team(state, action->arg))
			result = err_set(&err, ERR_USAGE, "no team \"%.60s\" is configured", action->arg);
		if (result) {
			complain(state, "%s", err.text);
			return -1;
		}
		*moves_on |= AMONG(command->id, leaves);
		count++;
	}
	return count;
}

/* All at once: one undo takes all of it back. */
static void act_all(struct state *state, struct effects *fx, struct action *actions, int count, bool moves_on)
{
	const struct kase *kase = state_case(state);
	int64_t id = kase->id;
	struct effect *effect = effects_add(fx, FX_ACT_MANY);
	effect->request = next_request(state);
	effect->many.actions = actions;
	effect->many.count = count;
	struct arena arena = ARENA_INIT;
	for (int i = 0; i < count; i++) {
		const struct change *changes;
		int n;
		struct err err = ERR_INIT;
		actions[i].case_id = id;
		if (!action_plan(state_case(state), &actions[i], state->wall, &arena, &changes, &n, &err))
			action_show(state, id, changes, n);
		struct pending pending = {effect->request, id, action_keep(&actions[i]), false};
		vec_push(&state->pending, pending);
	}
	arena_release(&arena);
	inbox_changed(state, id, moves_on);
}

/* False when the case could not be changed: then nothing is prepared either. */
static bool change_case(struct state *state, const struct setup_text *macro, struct effects *fx)
{
	bool moves_on;
	char key[CHORD_TEXT_MAX];
	struct action *actions = arena_array(&fx->arena, struct action, ACTIONS_MAX);
	int count = gather(state, macro->text, &fx->arena, actions, &moves_on);
	if (count <= 0)
		return count == 0;
	if (!may_write(state))
		return false;
	act_all(state, fx, actions, count, moves_on);
	say(state, "macro %s; %s takes all of it back", macro->name, key_for(state, MODE_INBOX, CMD_UNDO, key));
	return true;
}

static void prepare(struct state *state, const char *commands, struct effects *fx)
{
	char line[COMMAND_MAX];
	for (const char *rest = commands; next_command(&rest, line);) {
		const char *args;
		struct err err = ERR_INIT;
		const struct command *command = command_parse(line, &args, &err);
		if (!command || !AMONG(command->id, prepares))
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
	else if (state_marked_count(state))
		complain(state, "a macro is for one case: take the marks off");
	/* The case first: once the composer is open, it has the keyboard. */
	else if (change_case(state, macro, fx))
		prepare(state, macro->text, fx);
}
