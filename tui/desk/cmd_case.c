/* Commands that make an action of a case. What an action is made of stands in command_action(); here is what is asked
 * when words are missing, and where the selection goes. */
#include "tui/desk/inner.h"

/* Makes the action and does it; keeps it for `repeat`. */
static bool act_by(struct state *state, enum command_id id, const char *args, bool moves_on, struct effects *fx)
{
	struct err err = ERR_INIT;
	struct action action;
	if (command_action(id, args, state->setup.agent, state->wall, &fx->arena, &action, &err) < 0) {
		complain(state, "%s", err.text);
		return false;
	}
	if (state_marked_count(state)) {
		bulk_ask(state, &action, 1, moves_on);
		return true;
	}
	if (!act(state, fx, action, moves_on))
		return false;
	if (command_get(id)->flags & CMDF_REPEAT) {
		action_release(&state->last_action);
		state->last_action = action_keep(&action);
		state->last_moves_on = moves_on;
	}
	return true;
}

void cmd_act(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	act_by(state, command->id, args, false, fx);
}

void cmd_assign(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	if (*args)
		act_by(state, command->id, args, false, fx);
	else
		picker_open(state, PICK_AGENT, fx);
}

/* What `claim` refuses when somebody else owns it: the journal says from whom it was taken. */
void cmd_take_over(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	act_by(state, CMD_ASSIGN, state->setup.agent, false, fx);
}

void cmd_tag(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	if (!*args)
		picker_open(state, PICK_TAG, fx);
	else if (act_by(state, command->id, args, false, fx))
		str_copy(state->last_tag, sizeof state->last_tag, args);
}

void cmd_tag_last(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (*state->last_tag)
		act_by(state, CMD_TAG, state->last_tag, false, fx);
	else
		say(state, "no tag has been given yet");
}

void cmd_note(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	if (*args)
		act_by(state, command->id, args, false, fx);
	else if (may_write(state))
		composer_open(state, DRAFT_NOTE, NULL);
}

static bool is_team(const struct state *state, const char *name, size_t len)
{
	for (size_t i = 0; i < state->setup.teams_len; i++)
		if (strlen(state->setup.teams[i].name) == len && memcmp(state->setup.teams[i].name, name, len) == 0)
			return true;
	return false;
}

void cmd_escalate(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	if (!*args && state->setup.teams_len == 1)
		args = state->setup.teams[0].name;
	size_t len = strcspn(args, " \t");
	if (!*args && !state->setup.teams_len) {
		complain(state, "no team is configured: add a [team NAME] section");
	} else if (!*args) {
		picker_open(state, PICK_TEAM, fx);
	} else if (!is_team(state, args, len)) {
		complain(state, "no team \"%.*s\" is configured", (int)(len < 60 ? len : 60), args);
	} else if (args[len + strspn(args + len, " \t")]) {
		act_by(state, command->id, args, false, fx);
	} else {
		char label[96];
		snprintf(label, sizeof label, "escalate to %.*s, why: ", (int)(len < 60 ? len : 60), args);
		snprintf(state->prompt.team, sizeof state->prompt.team, "%.*s", (int)(len < 120 ? len : 120), args);
		prompt_open(state, PROMPT_WHY, label, "");
	}
}

void cmd_snooze(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	if (!*args)
		picker_open(state, PICK_SNOOZE, fx);
	else if (act_by(state, command->id, args, true, fx))
		str_copy(state->last_snooze, sizeof state->last_snooze, args);
}

void cmd_snooze_last(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (*state->last_snooze)
		act_by(state, CMD_SNOOZE, state->last_snooze, true, fx);
	else
		say(state, "nothing has been snoozed yet");
}

static bool is_answered(const struct kase *kase)
{
	return kase->first_reply_at || kase->status == STATUS_DONE;
}

/* The case at hand, or all that are marked. */
static bool all_answered(const struct state *state)
{
	if (!state_marked_count(state))
		return is_answered(state_case(state));
	for (int i = 0; i < state->inbox.count; i++)
		if (state_marked(state, state->inbox.rows[i].id) && !is_answered(&state->inbox.rows[i]))
			return false;
	return true;
}

void cmd_done(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	bool stay = command->id == CMD_DONE_STAY;
	if (!*args && !all_answered(state))
		picker_open(state, stay ? PICK_DONE_STAY : PICK_DONE, fx);
	else
		act_by(state, CMD_DONE, args, !stay, fx);
}

void cmd_priority(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	static const char *const up[] = {"normal", "high", "urgent", "normal"};
	int now = state_case(state)->priority;
	if (!*args && state_marked_count(state)) {
		picker_open(state, PICK_PRIORITY, fx);
		return;
	}
	act_by(state, command->id, *args ? args : up[now >= -1 && now <= 2 ? now + 1 : 0], false, fx);
}

/* What is muted is ignored too; the case goes only when the author could be muted. */
void cmd_ignore(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	if (command->id != CMD_MUTE) {
		act_by(state, command->id, args, true, fx);
		return;
	}
	struct err err = ERR_INIT;
	struct action both[2] = {{.kind = ACTION_MUTE},
	        {.kind = ACTION_IGNORE, .agent = state->setup.agent, .arg = "muted", .text = ""}};
	if (command_action(command->id, args, state->setup.agent, state->wall, &fx->arena, &both[0], &err) < 0)
		complain(state, "%s", err.text);
	else if (state_marked_count(state))
		bulk_ask(state, both, 2, true);
	else if (act(state, fx, both[0], false))
		act(state, fx, both[1], true);
}

void cmd_join(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	bool join = command->id == CMD_JOIN;
	const struct case_view *view = state_view(state);
	if (!state_case(state))
		complain(state, "no case is selected");
	else if (!*args && !join && (!view || !view->joined_count))
		say(state, "this customer is joined with nobody");
	else if (!*args)
		picker_open(state, join ? PICK_JOIN : PICK_PART, fx);
	else
		act_by(state, command->id, args, false, fx);
}

void cmd_undo(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args;
	if (!may_write(state))
		return;
	struct effect *effect = effects_add(fx, FX_UNDO);
	effect->request = next_request(state);
	effect->undo.redo = command->id == CMD_REDO;
	struct action none = {.kind = ACTION_UNDO};
	struct pending pending = {.request = effect->request, .action = action_keep(&none), .undo = true};
	vec_push(&state->pending, pending);
}

void cmd_repeat(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state->last_action.kind == ACTION_COUNT)
		say(state, "there is nothing to repeat");
	else if (state_marked_count(state))
		bulk_ask(state, &state->last_action, 1, state->last_moves_on);
	else
		act(state, fx, state->last_action, state->last_moves_on);
}
