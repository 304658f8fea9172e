/* Marks: which cases the next action is done to. A mark is on a case, not on a row; what leaves the list keeps it. */
#include "tui/desk/inner.h"

static int row_of(const struct state *state, int64_t case_id)
{
	for (int i = 0; i < state->inbox.count; i++)
		if (state->inbox.rows[i].id == case_id)
			return i;
	return -1;
}

static int mark_of(const struct state *state, int64_t case_id)
{
	for (size_t i = 0; i < state->marks.ids.len; i++)
		if (state->marks.ids.at[i] == case_id)
			return (int)i;
	return -1;
}

/* The rows of the range that is open; false when none is. */
static bool range(const struct state *state, int *first, int *last)
{
	int begun = state->marks.range ? row_of(state, state->marks.range) : -1;
	int at = state_selected_index(state);
	if (begun < 0 || at < 0)
		return false;
	*first = begun < at ? begun : at;
	*last = begun < at ? at : begun;
	return true;
}

bool state_marked(const struct state *state, int64_t case_id)
{
	int first, last, row = row_of(state, case_id);
	return mark_of(state, case_id) >= 0 || (range(state, &first, &last) && row >= first && row <= last);
}

int state_marked_count(const struct state *state)
{
	int first, last, n = (int)state->marks.ids.len;
	if (!range(state, &first, &last))
		return n;
	for (int i = first; i <= last; i++)
		n += mark_of(state, state->inbox.rows[i].id) < 0;
	return n;
}

static void mark(struct state *state, int64_t case_id)
{
	if (mark_of(state, case_id) < 0)
		vec_push(&state->marks.ids, case_id);
}

/* What the open range covers is marked case by case, and the range is no more. */
static void end_range(struct state *state)
{
	int first, last;
	if (range(state, &first, &last))
		for (int i = first; i <= last; i++)
			mark(state, state->inbox.rows[i].id);
	state->marks.range = 0;
}

void marks_before_rows(struct state *state, const struct kase *rows, int count)
{
	for (int i = 0; i < count; i++)
		if (rows[i].id == state->marks.range)
			return;
	end_range(state);
}

void marks_clear(struct state *state)
{
	vec_clear(&state->marks.ids);
	state->marks.range = 0;
}

/* --- commands */

void cmd_mark(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	int64_t id = state->inbox.selected;
	bool marked = id && state_marked(state, id);
	end_range(state);
	if (!id)
		complain(state, "no case is selected");
	else if (marked)
		vec_remove(&state->marks.ids, (size_t)mark_of(state, id));
	else
		mark(state, id);
}

void cmd_mark_range(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	if (state->marks.range)
		end_range(state);
	else if (state->inbox.selected)
		state->marks.range = state->inbox.selected;
	else
		complain(state, "no case is selected");
}

void cmd_mark_all(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	int before = state_marked_count(state);
	end_range(state);
	for (int i = 0; i < state->inbox.count; i++)
		mark(state, state->inbox.rows[i].id);
	if (state_marked_count(state) == before)
		marks_clear(state);
	else if (state->inbox.more_before || state->inbox.more_after)
		say(state, "all that is loaded is marked; the list goes on");
}

void cmd_unmark(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	marks_clear(state);
}
