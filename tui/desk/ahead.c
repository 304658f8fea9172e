/* Keys typed ahead. Where a key's meaning hangs on an answer under way (which case is next, what the thread says that
 * is to be answered), the keys after it wait: `Space d` never closes the case before, and text after `r` is never taken
 * for commands. Esc gives the wait up. */
#include "tui/desk/inner.h"

#define AHEAD_MAX 4096

static bool edge_under_way(const struct state *state)
{
	const struct inbox *inbox = &state->inbox;
	return inbox->selected && inbox->from != ROWS_KEY && (inbox->fetch.request || inbox->fetch.dirty);
}

bool ahead_waits(const struct state *state)
{
	return state->next_request || state->search_request || state->reply_after_load || edge_under_way(state) ||
	       (state->withdraw_request && !state->composer.open) ||
	       (state->overlay == MODE_PICKER && state->picker.waiting);
}

bool state_keys_wait(const struct state *state)
{
	return ahead_waits(state);
}

void ahead_put(struct state *state, const struct event *event)
{
	if (state->ahead.len >= AHEAD_MAX)
		return;
	struct event copy = *event;
	if (event->kind == EV_PASTE)
		copy.paste.bytes = mem_strndup(event->paste.bytes, event->paste.len);
	vec_push(&state->ahead, copy);
}

static void release(struct event *event)
{
	if (event->kind == EV_PASTE)
		free((char *)(uintptr_t)event->paste.bytes);
}

void ahead_drop(struct state *state)
{
	for (size_t i = 0; i < state->ahead.len; i++)
		release(&state->ahead.at[i]);
	vec_clear(&state->ahead);
	state->next_request = state->search_request = state->withdraw_request = 0;
	state->reply_after_load = state->picker.waiting = false;
	if (state->inbox.selected)
		state->inbox.from = ROWS_KEY;
}

void ahead_replay(struct state *state, struct effects *fx)
{
	while (state->ahead.len && !ahead_waits(state) && !state->leaving) {
		struct event event = state->ahead.at[0];
		vec_remove(&state->ahead, 0);
		if (event.kind == EV_PASTE)
			handle_paste(state, &event, fx);
		else
			handle_key(state, &event, fx);
		release(&event);
	}
}
