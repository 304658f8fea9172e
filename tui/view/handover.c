/* The hand-over: a row a case that this agent still holds, what of it they hold, and what becomes of it. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/text/cells.h"
#include "core/text/wrap.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER_CELLS = 9, HANDLE_CELLS = 14, FATE_CELLS = 16, FEWEST = 20 };

/* "keep", "nobody", or to whom; flush right. Returns the column where it begins. */
static int put_fate(const struct state *state, struct frame *frame, struct pen *pen, int at)
{
	const char *to = state->handover.to[at];
	char words[96];
	if (!to)
		snprintf(words, sizeof words, "keep");
	else
		snprintf(words, sizeof words, "%s %s", mark_text(frame, MARK_ARROW), *to ? to : "nobody");
	int cells = cells_width(words, strlen(words));
	cells = cells < FATE_CELLS ? cells : FATE_CELLS;
	frame_put_cut(frame, pen->row, pen->end - cells - 1, cells, words, SIZE_MAX, to ? STYLE_STRONG : STYLE_FAINT);
	return pen->end - cells - 1;
}

static void put_row(const struct state *state, struct frame *frame, struct rect rect, int row, int at)
{
	const struct kase *kase = &state->handover.cases[at];
	struct pen pen = pen_at(frame, rect, row);
	bool selected = at == state->handover.at;
	char held[160];
	pen_put(&pen, selected ? STYLE_SELECTED : STYLE_TEXT, selected ? mark_text(frame, MARK_GUTTER) : " ");
	if (selected)
		frame_set_cursor(frame, pen.row, rect.col);
	int col = pen.col;
	pen_putf(&pen, STYLE_FAINT, "#%lld", (long long)kase->id);
	pen.col = col + NUMBER_CELLS;
	int like = frame_put_text(frame, pen.row, pen.col, 1,
	        like_mark(state, frame, kase->handle, kase->customer_name), SIZE_MAX, STYLE_ERROR);
	frame_put_cut(frame, pen.row, pen.col + like, HANDLE_CELLS - like, kase->handle, handle_short(kase->handle),
	        STYLE_STRONG);
	pen.col += HANDLE_CELLS + 1;
	pen.end = put_fate(state, frame, &pen, at) - 2;
	handover_words(state, kase, held, sizeof held);
	pen_putf(&pen, STYLE_NOTE, "%s  ", held);
	if (pen.end - pen.col >= FEWEST)
		pen_put(&pen, STYLE_TEXT, kase->summary);
}

static int put_lost(const struct state *state, struct frame *frame, struct rect rect, int row)
{
	int unsafe = state_unsafe_drafts(state);
	struct pen pen = pen_at(frame, rect, row);
	if (!unsafe)
		return row;
	pen.col++;
	pen_putf(&pen, STYLE_ERROR,
	        unsafe == 1 ? "%d draft is not stored and will be lost" : "%d drafts are not stored and will be lost",
	        unsafe);
	return row + 1;
}

void draw_handover(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen)
{
	const struct handover *handover = &state->handover;
	struct pen title = pen_at(frame, rect, 0);
	title.col++;
	pen_put(&title, STYLE_TAB_ON, "What you still hold");
	int row = put_lost(state, frame, rect, 1), room = rect.rows - row;
	struct pen pen = pen_at(frame, rect, row);
	pen.col++;
	if (handover->request)
		pen_put(&pen, STYLE_FAINT, "one moment");
	else if (!handover->count)
		pen_put(&pen, STYLE_FAINT, "no case");
	int first = handover->at >= room ? handover->at - room + 1 : 0;
	for (int i = 0; i < room && first + i < handover->count; i++)
		put_row(state, frame, rect, row + i, first + i);
	if (!handover->count)
		frame_set_cursor(frame, rect.row, rect.col);
	seen->picker_rows = room;
}
