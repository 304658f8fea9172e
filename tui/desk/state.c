#include "tui/desk/inner.h"

#include "core/model/reply_text.h"
#include "core/text/length.h"

struct state *state_new(const struct desk_setup *setup)
{
	struct state *state = mem_alloc(sizeof *state);
	state->setup = *setup;
	state->layout = setup->layout;
	state->focus = MODE_INBOX;
	state->overlay = MODE_COUNT;
	state->median_ms = -1;
	state->counts = mem_alloc(sizeof *state->counts * (setup->views_len + 1));
	for (size_t i = 0; i < setup->views_len; i++)
		state->counts[i] = -1;
	compose_init(&state->composer.compose);
	compose_init(&state->picker.typed);
	compose_init(&state->prompt.text);
	state->thread.memo = mem_alloc(sizeof *state->thread.memo);
	state->picker.at = -1;
	state->last_action.kind = ACTION_COUNT;
	state->bulk.actions[0].kind = state->bulk.actions[1].kind = ACTION_COUNT;
	state->timer_mono = NEVER;
	state->fetches.counts.dirty = state->fetches.numbers.dirty = true;
	state->fetches.accounts.dirty = state->fetches.replies.dirty = true;
	state->fetches.agents.dirty = true;
	known_agent(state, setup->agent);
	inbox_restart(state, 0);
	return state;
}

static void free_lists(struct state *state)
{
	for (size_t i = 0; i < state->drafts.len; i++) {
		draft_free(&state->drafts.at[i]);
	}
	vec_release(&state->drafts);
	for (size_t i = 0; i < state->pending.len; i++)
		action_release(&state->pending.at[i].action);
	vec_release(&state->pending);
	vec_release(&state->marks.ids);
	known_release(state);
	bulk_release(state);
	for (size_t i = 0; i < state->holding.len; i++) {
		free(state->holding.at[i].draft);
		arena_release(&state->holding.at[i].arena);
	}
	vec_release(&state->holding);
	for (int h = 0; h < 2; h++) {
		for (size_t i = 0; i < state->prompt.history[h].len; i++)
			free(state->prompt.history[h].at[i]);
		vec_release(&state->prompt.history[h]);
	}
}

void state_free(struct state *state)
{
	if (!state)
		return;
	free_lists(state);
	ahead_drop(state);
	vec_release(&state->ahead);
	action_release(&state->last_action);
	compose_release(&state->composer.compose);
	compose_release(&state->picker.typed);
	compose_release(&state->prompt.text);
	vec_release(&state->picker.items);
	vec_release(&state->picker.shown);
	vec_release(&state->picker.values);
	vec_release(&state->prompt.candidates);
	arena_release(&state->composer.files_arena);
	arena_release(&state->picker.arena);
	arena_release(&state->past.arena);
	arena_release(&state->handover.arena);
	arena_release(&state->prompt.arena);
	arena_release(&state->inbox.arena);
	thread_forget(state);
	free(state->thread.memo);
	arena_release(&state->thread.arena);
	arena_release(&state->accounts_arena);
	arena_release(&state->replies_arena);
	arena_release(&state->query_arena);
	free(state->counts);
	free(state);
}

/* --- for the view */

enum mode state_mode(const struct state *state)
{
	return state->overlay != MODE_COUNT ? state->overlay : state->focus;
}

int state_selected_index(const struct state *state)
{
	for (int i = 0; i < state->inbox.count; i++)
		if (state->inbox.rows[i].id == state->inbox.selected)
			return i;
	return -1;
}

const struct kase *state_selected(const struct state *state)
{
	int i = state_selected_index(state);
	return i < 0 ? NULL : &state->inbox.rows[i];
}

const struct case_view *state_view(const struct state *state)
{
	int64_t wanted = state->composer.open ? state->composer.case_id : state->inbox.selected;
	return wanted && state->thread.view && state->thread.case_id == wanted ? state->thread.view : NULL;
}

const struct kase *state_case(const struct state *state)
{
	const struct case_view *view = state_view(state);
	return view ? &view->kase : state_selected(state);
}

static int64_t item_id(const struct thread_item *item, enum item_kind *kind)
{
	if (item->post) {
		*kind = ITEM_POST;
		return item->post->id;
	}
	*kind = item->entry ? ITEM_ENTRY : ITEM_REPLY;
	return item->entry ? item->entry->id : item->reply->id;
}

int state_item_index(const struct state *state)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; view && i < view->item_count; i++) {
		enum item_kind kind;
		if (item_id(&view->items[i], &kind) == state->thread.item_id && kind == state->thread.item)
			return i;
	}
	return -1;
}

bool state_case_pending(const struct state *state, int64_t case_id)
{
	for (size_t i = 0; i < state->pending.len; i++)
		if (state->pending.at[i].case_id == case_id)
			return true;
	return false;
}

const char *state_writer(const struct state *state, const struct kase *kase)
{
	bool now = kase->writer_until > state->wall && !str_eq(kase->writer, state->setup.agent);
	return now ? kase->writer : "";
}

int64_t state_draft_at(const struct state *state, const struct kase *kase)
{
	for (size_t i = 0; i < state->drafts.len; i++)
		if (state->drafts.at[i].case_id == kase->id && *state->drafts.at[i].text)
			return state->wall;
	return kase->draft_at;
}

bool state_draft_unsafe(const struct state *state)
{
	for (size_t i = 0; i < state->drafts.len; i++)
		if (state->drafts.at[i].failed)
			return true;
	return false;
}

const struct account *state_account(const struct state *state, int64_t account_id)
{
	for (int i = 0; i < state->account_count; i++)
		if (state->accounts[i].id == account_id)
			return &state->accounts[i];
	return NULL;
}

/* The parts of one text are one reply to whoever looks: the first of those in these states. */
static bool told_already(const struct state *state, int at, unsigned states)
{
	for (int i = 0; i < at && state->replies[at].series; i++)
		if (state->replies[i].series == state->replies[at].series && states & 1u << state->replies[i].state)
			return true;
	return false;
}

int state_outgoing(const struct state *state, unsigned states, const struct reply **out, int max)
{
	int n = 0;
	for (int i = 0; i < state->reply_count; i++)
		if (states & (1u << state->replies[i].state) && !told_already(state, i, states)) {
			if (n < max)
				out[n] = &state->replies[i];
			n++;
		}
	for (size_t i = 0; i < state->holding.len; i++)
		if (states & (1u << REPLY_HELD)) {
			if (n < max)
				out[n] = state->holding.at[i].reply;
			n++;
		}
	return n;
}
