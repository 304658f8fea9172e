/* Running a command: is it valid here, and does it want a second stroke? */
#include "tui/desk/inner.h"

static void ask_second(struct state *state, const struct command *command, const char *args)
{
	const struct kase *kase = state_case(state);
	struct confirm *confirm = &state->confirm;
	char key[CHORD_TEXT_MAX], of[384];
	overlay_open(state, MODE_CONFIRM);
	*confirm = (struct confirm){
	        .command = command, .key = state->last_key, .read = state->last_read, .case_id = kase ? kase->id : 0};
	str_copy(confirm->args, sizeof confirm->args, args);
	key_format(state->last_key, key, sizeof key);
	if (command->id == CMD_DISCARD)
		snprintf(confirm->text, sizeof confirm->text, "%s again throws the draft away", key);
	else
		snprintf(confirm->text, sizeof confirm->text, "%s again: %s (%s)", key, command->help,
		        kase ? handle_said(state, kase->handle, of, sizeof of) : "");
}

/* That of all marked cases comes when it is known what is done to them, and that of a report when it is known why. */
static bool wants_second(const struct state *state, const struct command *command, const char *args)
{
	bool many = command->flags & CMDF_MANY && state_marked_count(state);
	bool asks = command->id == CMD_REPORT && !*args;
	return command->flags & CMDF_SECOND && !many && !asks;
}

/* What is for one case is not done while others are marked: nobody should have to guess which is meant. */
static bool for_one_case(const struct state *state, const struct command *command, enum mode mode)
{
	bool of_case = command->group == GROUP_CASE || command->group == GROUP_REPLY;
	return of_case && 1u << mode & IN_DESK && !(command->flags & CMDF_MANY) && state_marked_count(state);
}

void command_run(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	enum mode mode = state_mode(state);
	if (!(command->modes & (1u << mode))) {
		complain(state, "%s does nothing here", command->name);
		return;
	}
	if (for_one_case(state, command, mode)) {
		char key[CHORD_TEXT_MAX];
		complain(state, "%s is for one case, and %d are marked; %s takes the marks off", command->name,
		        state_marked_count(state), key_for(state, MODE_INBOX, CMD_UNMARK, key));
		return;
	}
	bool on_case = command->group == GROUP_CASE && command->id != CMD_UNDO && command->id != CMD_REDO;
	if ((on_case || command->run == cmd_on_network) && !state_case(state)) {
		complain(state, "no case is selected");
		return;
	}
	char why[OBJECTION_TEXT_MAX];
	command = network_meant(state, command);
	if (command->usage[0] && command->usage[0] != '[' && !*args)
		complain(state, "%s needs %s", command->name, command->usage);
	else if (network_refuses(state, command->id, why, sizeof why))
		complain(state, "%s", why);
	else if (wants_second(state, command, args))
		ask_second(state, command, args);
	else
		command->run(state, command, args, fx);
}
