/* The mouse: it moves, selects, opens and places the cursor. It never sends, confirms or leaves a text: whatever lies
 * over the panes hears the wheel alone. */
#include "tui/desk/inner.h"

enum { WHEEL_LINES = 3 };

static void scroll(struct state *state, enum hit_kind where, int lines, struct effects *fx)
{
	enum mode mode = state_mode(state);
	const struct command *step = command_get(lines < 0 ? CMD_UP : CMD_DOWN);
	if (mode == MODE_PICKER || mode == MODE_HELP || mode == MODE_HANDOVER) {
		for (int i = 0; i < WHEEL_LINES; i++)
			command_run(state, step, "", fx);
	} else if (state->overlay != MODE_COUNT) {
		return;
	} else if (where == HIT_THREAD) {
		thread_scroll(state, lines);
	} else if (where == HIT_INBOX && mode != MODE_COMPOSER) {
		inbox_move(state, lines);
	}
}

static void click_inbox(struct state *state, int64_t case_id, struct effects *fx)
{
	const struct kase *row = case_id ? inbox_row(state, case_id) : NULL;
	bool again = row && state->focus == MODE_INBOX && state->inbox.selected == case_id;
	state->focus = MODE_INBOX;
	if (again)
		command_run(state, command_get(CMD_OPEN), "", fx);
	else if (row)
		inbox_select(state, (int)(row - state->inbox.rows));
}

static void click(struct state *state, const struct hit *hit, struct effects *fx)
{
	if (state->focus == MODE_COMPOSER) {
		if (hit->kind == HIT_TEXT)
			compose_place(&state->composer.compose, hit->offset);
		else if (hit->kind != HIT_NONE)
			say(state, "the mouse stays in the text until you leave it; the draft is kept");
		return;
	}
	switch (hit->kind) {
	case HIT_TAB: command_run(state, command_get(CMD_VIEW), state->setup.views[hit->view].name, fx); break;
	case HIT_INBOX: click_inbox(state, hit->case_id, fx); break;
	case HIT_THREAD:
		if (state_case(state))
			state->focus = MODE_THREAD;
		break;
	case HIT_TEXT:
	case HIT_NONE: break;
	}
}

void handle_mouse(struct state *state, const struct event *event, struct effects *fx)
{
	const struct hit *hit = &event->mouse.hit;
	if (ahead_waits(state))
		return;
	state->chord_len = 0;
	if (event->mouse.wheel)
		scroll(state, hit->kind, event->mouse.wheel * WHEEL_LINES, fx);
	else if (state->overlay == MODE_COUNT)
		click(state, hit, fx);
}
