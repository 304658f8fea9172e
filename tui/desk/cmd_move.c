/* Commands that move: rows, lines, panes, views, cases. */
#include "tui/desk/inner.h"

static int sign(enum command_id id)
{
	return id == CMD_DOWN || id == CMD_PAGE_DOWN || id == CMD_BOTTOM ? 1 : -1;
}

static int half(int rows)
{
	return rows > 3 ? rows / 2 : 1;
}

static void move_lines(int *top, int delta, int lines, int rows)
{
	int last = lines > rows ? lines - rows : 0;
	*top += delta;
	if (*top > last)
		*top = last;
	if (*top < 0)
		*top = 0;
}

static void move_picker(struct picker *picker, int delta)
{
	int least = picker->free_text && picker->typed.text.len ? -1 : 0, last = (int)picker->shown.len - 1;
	picker->at += delta;
	if (picker->at > last)
		picker->at = last;
	if (picker->at < least)
		picker->at = last < 0 ? -1 : least;
}

static void move_by(struct state *state, int delta)
{
	switch (state_mode(state)) {
	case MODE_INBOX: inbox_move(state, delta); break;
	case MODE_THREAD: thread_scroll(state, delta); break;
	case MODE_PICKER: move_picker(&state->picker, delta); break;
	case MODE_HANDOVER: handover_move(state, delta); break;
	case MODE_HELP: move_lines(&state->help.top, delta, state->seen.help_lines, state->seen.help_rows); break;
	default: break;
	}
}

static int page(const struct state *state)
{
	switch (state_mode(state)) {
	case MODE_INBOX: return half(state->seen.inbox_rows);
	case MODE_THREAD: return half(state->seen.thread_rows);
	case MODE_HANDOVER:
	case MODE_PICKER: return half(state->seen.picker_rows);
	default: return half(state->seen.help_rows);
	}
}

void cmd_move(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args, (void)fx;
	bool edge = command->id == CMD_TOP || command->id == CMD_BOTTOM, end = command->id == CMD_BOTTOM;
	enum mode mode = state_mode(state);
	if (edge && mode == MODE_INBOX)
		inbox_edge(state, end);
	else if (edge && mode == MODE_THREAD)
		thread_edge(state, end);
	else if (edge)
		move_by(state, end ? INT32_MAX / 2 : -(INT32_MAX / 2));
	else if (command->id == CMD_DOWN || command->id == CMD_UP)
		move_by(state, sign(command->id));
	else
		move_by(state, sign(command->id) * page(state));
}

void cmd_open(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state->focus == MODE_THREAD) {
		int i = state_item_index(state);
		const struct thread_item *item = i < 0 ? NULL : &state_view(state)->items[i];
		if (item && item->post)
			state->thread.unfolded = state->thread.unfolded == item->post->id ? 0 : item->post->id;
		else if (item && item->reply)
			command_run(state,
			        command_get(item->reply->state == REPLY_IN_DOUBT ? CMD_SETTLE : CMD_WITHDRAW), "", fx);
		return;
	}
	if (!state->inbox.selected)
		return;
	const struct kase *row = state_selected(state);
	if (row && row->outgoing) {
		state->thread.item = ITEM_REPLY;
		state->thread.item_id = row->outgoing->id;
		state->thread.follow = true;
	}
	state->focus = MODE_THREAD;
	effects_add(fx, FX_THREAD)->kase.case_id = state->inbox.selected;
}

void cmd_back(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state_in_handover(state) && state->overlay != MODE_HANDOVER) {
		overlay_open(state, MODE_HANDOVER);
	} else if (state->overlay == MODE_SENDBAR && state->composer.unsend) {
		composer_close(state, fx);
	} else if (state->overlay != MODE_COUNT) {
		overlay_close(state);
	} else if (state->focus == MODE_COMPOSER) {
		bool text = state->composer.compose.text.len > 0;
		composer_close(state, fx);
		if (text)
			say(state, "draft kept");
	} else if (state->focus == MODE_THREAD) {
		state->focus = MODE_INBOX;
	} else if (state_marked_count(state)) {
		marks_clear(state);
	} else if (*state->filter) {
		state->filter[0] = '\0';
		inbox_restart(state, state->inbox.selected);
	}
}

void cmd_next_pane(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	state->focus = state->focus == MODE_INBOX ? MODE_THREAD : MODE_INBOX;
}

void cmd_step_post(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args, (void)fx;
	thread_step(state, command->id == CMD_NEXT_POST ? 1 : -1);
}

void cmd_next_needed(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	struct effect *effect = effects_add(fx, FX_NEXT);
	effect->request = state->next_request = next_request(state);
	effect->kase.case_id = state->inbox.selected;
}

void cmd_go(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	int64_t id;
	if (!parse_i64(args + (*args == '#'), &id) || id <= 0) {
		complain(state, "found \"%.40s\", expected the number of a case", args);
		return;
	}
	struct effect *effect = effects_add(fx, FX_FIND);
	effect->request = state->next_request = next_request(state);
	effect->kase.case_id = id;
}

static int find_view(const struct state *state, const char *word)
{
	int64_t number;
	int len = (int)state->setup.views_len;
	for (int i = 0; i < len; i++)
		if (str_ieq(state->setup.views[i].name, word))
			return i;
	for (int i = 0; i < len; i++)
		if (word[0] && !word[1] && state->setup.views[i].key == word[0])
			return i;
	return parse_i64(word, &number) && number >= 1 && number <= len ? (int)number - 1 : -1;
}

void cmd_view(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)fx;
	int view = find_view(state, args);
	if (view < 0) {
		complain(state, "no view \"%.60s\"", args);
		return;
	}
	state->view = view;
	state->filter[0] = '\0';
	state->focus = MODE_INBOX;
	inbox_restart(state, 0);
}
