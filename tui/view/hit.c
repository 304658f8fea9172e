/* What stands at a place of the screen, from the same arithmetic that draws it. */
#include "tui/view/view.h"

#include "tui/view/draw.h"

static bool inside(struct rect rect, int row, int col)
{
	return row >= rect.row && row < rect.row + rect.rows && col >= rect.col && col < rect.col + rect.cols;
}

static int64_t case_at(const struct state *state, struct rect rect, int row)
{
	int index = inbox_top(state, rect.rows) + row - rect.row;
	return index < state->inbox.count ? state->inbox.rows[index].id : 0;
}

struct hit view_hit(const struct state *state, const struct frame *frame, int row, int col)
{
	struct panes panes;
	struct hit hit = {.kind = HIT_NONE};
	if (state->overlay != MODE_COUNT)
		return hit;
	view_panes(state, frame->rows - banner_rows(state, frame), frame->cols, 0, &panes);
	if (inside(panes.tabs, row, col)) {
		hit.view = tab_at(state, panes.tabs, col);
		hit.kind = hit.view >= 0 ? HIT_TAB : HIT_NONE;
	} else if (inside(panes.inbox, row, col)) {
		struct rect cases = inbox_cases(state, panes.inbox);
		if (row < cases.row)
			return hit;
		hit.kind = HIT_INBOX;
		hit.case_id = case_at(state, cases, row);
	} else if (inside(panes.thread, row, col) || inside(panes.customer, row, col)) {
		hit.kind = HIT_THREAD;
	} else if (inside(panes.compose, row, col)) {
		hit.kind = HIT_TEXT;
		hit.offset = composer_offset_at(state, panes.compose, row, col);
	}
	return hit;
}
