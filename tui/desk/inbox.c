/* The inbox: a window of rows around the selection, and the selection, which is a case. */
#include "tui/desk/inner.h"

/* A list that has just been opened fills within moments; until then its first row is the selected one. Nobody can have
 * read it and decided to act in less. */
#define SETTLE_MS 300

static int height(const struct state *state)
{
	if (state->seen.inbox_rows > 0)
		return state->seen.inbox_rows;
	return state->rows > 8 ? state->rows - 4 : 24;
}

void inbox_query(struct state *state)
{
	const char *view = state->setup.views[state->view].query;
	if (*state->filter && *view)
		snprintf(state->query, sizeof state->query, "(%s) (%s)", view, state->filter);
	else
		str_copy(state->query, sizeof state->query, *state->filter ? state->filter : view);
	arena_reset(&state->query_arena);
	size_t at;
	struct err err = ERR_INIT;
	if (query_parse(state->query, state->setup.agent, &state->query_arena, &state->parsed, &at, &err) < 0)
		state->parsed = NULL;
}

void inbox_restart(struct state *state, int64_t keep)
{
	struct inbox *inbox = &state->inbox;
	marks_clear(state);
	inbox_query(state);
	arena_reset(&inbox->arena);
	inbox->rows = NULL;
	inbox->count = inbox->top = 0;
	inbox->more_before = inbox->more_after = inbox->loaded = inbox->failed = false;
	inbox->selected = keep;
	inbox->ghost = 0;
	inbox->anchor_rank = INT64_MIN;
	inbox->anchor_id = 0;
	inbox->from = keep ? ROWS_KEY : ROWS_TOP;
	inbox->soft = true;
	inbox->settles_mono = keep ? INT64_MIN : 0;
	inbox->fetch = (struct fetch){.dirty = true};
}

void inbox_ask(struct state *state, struct effects *fx)
{
	struct inbox *inbox = &state->inbox;
	if (!inbox->fetch.dirty || inbox->fetch.request)
		return;
	inbox->fetch = (struct fetch){.request = next_request(state)};
	struct effect *effect = effects_add(fx, FX_ROWS);
	effect->request = inbox->fetch.request;
	effect->rows.query = arena_strdup(&fx->arena, state->query);
	effect->rows.from = inbox->selected ? inbox->from : inbox->from == ROWS_END ? ROWS_END : ROWS_TOP;
	effect->rows.case_id = inbox->selected;
	effect->rows.rank = inbox->anchor_rank;
	effect->rows.id = inbox->anchor_id;
	effect->rows.before = effect->rows.after = 2 * height(state);
}

/* What a text search finds only the store knows: then a row belongs until the store says otherwise. */
static bool belongs(const struct state *state, const struct kase *kase)
{
	return !state->parsed || !query_is_local(state->parsed) || query_matches(state->parsed, kase, state->wall);
}

static int index_of(const struct kase *rows, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
		if (rows[i].id == id)
			return i;
	return -1;
}

/* Where a row of this place stands, or would. */
static int place_of(const struct kase *rows, int count, int64_t rank, int64_t id)
{
	int i = 0;
	while (i < count && (rows[i].rank < rank || (rows[i].rank == rank && rows[i].id < id)))
		i++;
	return i;
}

struct kase *inbox_row(struct state *state, int64_t case_id)
{
	int i = index_of(state->inbox.rows, state->inbox.count, case_id);
	return i < 0 ? NULL : &state->inbox.rows[i];
}

/* Puts a copy of kase among the rows, which have room for one more. */
static int put_row(struct arena *arena, struct kase *rows, int *count, const struct kase *kase)
{
	int at = place_of(rows, *count, kase->rank, kase->id);
	memmove(rows + at + 1, rows + at, sizeof *rows * (size_t)(*count - at));
	rows[at] = *copy_cases(arena, kase, 1);
	++*count;
	return at;
}

static void remove_row(struct inbox *inbox, int at)
{
	memmove(inbox->rows + at, inbox->rows + at + 1, sizeof *inbox->rows * (size_t)(inbox->count - at - 1));
	inbox->count--;
	if (at < inbox->top)
		inbox->top--;
}

static void anchor(struct inbox *inbox, int index)
{
	inbox->selected = inbox->rows[index].id;
	inbox->anchor_rank = inbox->rows[index].rank;
	inbox->anchor_id = inbox->rows[index].id;
	inbox->from = ROWS_KEY;
	inbox->soft = false;
}

/* Moves by a third of the height at an edge: a scroll by one line costs more on a slow line. */
static void scroll_to(struct state *state, int index)
{
	struct inbox *inbox = &state->inbox;
	int h = height(state), third = h / 3;
	if (index < inbox->top)
		inbox->top = index < inbox->top - third ? index : inbox->top - third;
	if (index >= inbox->top + h)
		inbox->top = index - h + 1 > inbox->top + third ? index - h + 1 : inbox->top + third;
	if (inbox->top > inbox->count - h)
		inbox->top = inbox->count - h;
	if (inbox->top > index)
		inbox->top = index;
	if (inbox->top < 0)
		inbox->top = 0;
}

void inbox_select(struct state *state, int index)
{
	struct inbox *inbox = &state->inbox;
	if (index < 0 || index >= inbox->count)
		return;
	if (inbox->ghost && inbox->rows[index].id != inbox->ghost) {
		int ghost = index_of(inbox->rows, inbox->count, inbox->ghost);
		if (ghost >= 0)
			remove_row(inbox, ghost);
		if (ghost >= 0 && ghost < index)
			index--;
		inbox->ghost = 0;
	}
	anchor(inbox, index);
	scroll_to(state, index);
	int h = height(state);
	if ((index < h && inbox->more_before) || (index >= inbox->count - h && inbox->more_after))
		inbox->fetch.dirty = true;
}

void inbox_move(struct state *state, int delta)
{
	struct inbox *inbox = &state->inbox;
	int index = state_selected_index(state);
	if (index < 0 || !inbox->count)
		return;
	int to = index + delta;
	inbox_select(state, to < 0 ? 0 : to >= inbox->count ? inbox->count - 1 : to);
}

void inbox_edge(struct state *state, bool end)
{
	struct inbox *inbox = &state->inbox;
	if (!(end ? inbox->more_after : inbox->more_before)) {
		inbox_select(state, end ? inbox->count - 1 : 0);
		return;
	}
	inbox->from = end ? ROWS_END : ROWS_TOP;
	inbox->fetch = (struct fetch){.dirty = true};
}

/* --- answers */

/* The rows as this agent has made them, without those that have left the view by it. */
static int take_rows(struct state *state, struct kase *rows, int count, struct arena *arena)
{
	int n = 0;
	for (int i = 0; i < count; i++) {
		bool pending = state_case_pending(state, rows[i].id);
		if (pending)
			apply_pending(state, &rows[i], arena);
		if (*rows[i].assignee)
			known_agent(state, rows[i].assignee);
		if (!pending || rows[i].id == state->inbox.selected || belongs(state, &rows[i]))
			rows[n++] = rows[i];
	}
	return n;
}

/* The selected case is not among the rows any more: what is known of it stays in its place. */
static int keep_selected(struct state *state, struct kase *rows, int *count, struct arena *arena)
{
	const struct kase *known = state_case(state);
	if (!known || known->id != state->inbox.selected || state->thread.gone || state->inbox.soft)
		return -1;
	state->inbox.ghost = known->id;
	struct kase place = *known;
	if (state->inbox.anchor_id == known->id)
		place.rank = state->inbox.anchor_rank;
	return put_row(arena, rows, count, &place);
}

static int find_selected(struct state *state, struct kase *rows, int *count, struct arena *arena)
{
	struct inbox *inbox = &state->inbox;
	int index = -1;
	inbox->ghost = 0;
	if (!inbox->settles_mono && *count)
		inbox->settles_mono = state->mono + SETTLE_MS;
	if (inbox->from == ROWS_KEY && inbox->selected) {
		index = index_of(rows, *count, inbox->selected);
		if (index < 0)
			index = keep_selected(state, rows, count, arena);
		else if (state_case_pending(state, inbox->selected) && !belongs(state, &rows[index]))
			inbox->ghost = inbox->selected;
	}
	if (index < 0 && *count) {
		index = inbox->from == ROWS_TOP   ? 0
		        : inbox->from == ROWS_END ? *count - 1
		                                  : place_of(rows, *count, inbox->anchor_rank, inbox->anchor_id);
		if (index == *count)
			index--;
	}
	bool settles = state->mono < inbox->settles_mono && !inbox->ghost;
	return settles && index > 0 ? 0 : index;
}

void inbox_answer(struct state *state, const struct event *event, struct effects *fx)
{
	struct inbox *inbox = &state->inbox;
	if (event->request && event->request == state->search_request)
		search_answer(state, event, fx);
	if (!event->request || event->request != inbox->fetch.request)
		return;
	inbox->fetch.request = 0;
	inbox->loaded = true;
	inbox->failed = event->err != NULL;
	if (event->err) {
		inbox->from = inbox->selected ? ROWS_KEY : inbox->from;
		complain(state, "%s", event->err->text);
		return;
	}
	struct arena fresh = ARENA_INIT;
	struct kase *rows = copy_cases(&fresh, event->rows.rows, event->rows.count);
	int count = take_rows(state, rows, event->rows.count, &fresh);
	int before = state_selected_index(state), screen = before < 0 ? height(state) / 3 : before - inbox->top;
	marks_before_rows(state, rows, count);
	int index = find_selected(state, rows, &count, &fresh);
	arena_release(&inbox->arena);
	inbox->arena = fresh;
	inbox->rows = rows;
	inbox->count = count;
	inbox->more_before = event->rows.more_before;
	inbox->more_after = event->rows.more_after;
	if (index < 0) {
		inbox->selected = 0;
		inbox->from = ROWS_TOP;
		inbox->top = 0;
		return;
	}
	anchor(inbox, index);
	inbox->top = index - screen > 0 ? index - screen : 0;
	scroll_to(state, index);
}

/* --- going to a case */

/* The first view, from the one that is open on, whose query a case fits; -1 for none. */
static int view_of(struct state *state, const struct kase *kase)
{
	if (belongs(state, kase))
		return state->view;
	struct arena arena = ARENA_INIT;
	int found = -1;
	for (size_t i = 0; i < state->setup.views_len && found < 0; i++) {
		const struct query *query;
		size_t at;
		struct err err = ERR_INIT;
		if (query_parse(state->setup.views[i].query, state->setup.agent, &arena, &query, &at, &err) == 0 &&
		        query_is_local(query) && query_matches(query, kase, state->wall))
			found = (int)i;
	}
	arena_release(&arena);
	return found;
}

void inbox_go(struct state *state, const struct kase *kase)
{
	struct inbox *inbox = &state->inbox;
	int index = index_of(inbox->rows, inbox->count, kase->id);
	if (index >= 0) {
		inbox_select(state, index);
		return;
	}
	int view = view_of(state, kase);
	if (view >= 0 && view != state->view) {
		state->view = view;
		state->filter[0] = '\0';
		inbox_restart(state, kase->id);
	}
	/* Shown in its place at once; the question that follows brings what stands around it. */
	struct kase *rows = arena_array(&inbox->arena, struct kase, (size_t)inbox->count + 2);
	if (inbox->count)
		memcpy(rows, inbox->rows, sizeof *rows * (size_t)inbox->count);
	inbox->rows = rows;
	index = put_row(&inbox->arena, rows, &inbox->count, kase);
	inbox_select(state, index);
	inbox->ghost = view < 0 ? kase->id : 0;
	inbox->fetch = (struct fetch){.dirty = true};
}

void inbox_changed(struct state *state, int64_t case_id, bool moves_on)
{
	struct inbox *inbox = &state->inbox;
	int index = index_of(inbox->rows, inbox->count, case_id);
	if (index < 0)
		return;
	bool stays = belongs(state, &inbox->rows[index]);
	if (case_id != inbox->selected) {
		if (!stays)
			remove_row(inbox, index);
		return;
	}
	if (!moves_on) {
		inbox->ghost = stays ? 0 : case_id;
		return;
	}
	inbox->ghost = stays ? 0 : case_id;
	if (index + 1 < inbox->count) {
		inbox_select(state, index + 1);
	} else if (index > 0) {
		inbox_select(state, index - 1);
	} else if (!stays) {
		inbox->ghost = 0;
		inbox->selected = inbox->count = inbox->top = 0;
		inbox->from = ROWS_TOP;
		inbox->fetch.dirty = true;
	}
}
