#include "tui/view/view.h"

#include "tui/view/draw.h"

#include <string.h>

/* Lines of the composer's text at a width, as far as the layout needs to know: no more than a screen. */
static int compose_lines(const struct state *state, int rows)
{
	if (!state->composer.open)
		return 0;
	int lines = 1 + state->composer.file_count;
	for (const char *p = state->composer.compose.text.p; *p && lines < rows; p++)
		lines += *p == '\n';
	int cells = (int)(state->composer.compose.text.len / 40);
	return lines + (cells < rows ? cells : rows);
}

static void draw_divider(const struct state *state, struct frame *frame, const struct panes *panes)
{
	struct rect r = panes->divider;
	if (!r.rows)
		return;
	if (r.cols == 1) {
		for (int i = 0; i < r.rows; i++)
			frame_fill(frame, r.row + i, r.col, 1, mark_code(frame, MARK_WALL), STYLE_FAINT);
		return;
	}
	/* A row between inbox and thread carries the customer's line. */
	frame_fill(frame, r.row, r.col, r.cols, mark_code(frame, MARK_RULE), STYLE_FAINT);
	struct rect inner = {r.row, r.col + 2, 1, r.cols - 4};
	draw_customer(state, frame, inner);
}

/* What stands against sending is asked once a frame: it compares texts. */
struct bar {
	struct objection objections[OBJECTIONS_MAX];
	int count, rows; /* rows 0: it is not open */
};

static void look_at_bar(const struct state *state, int cols, struct bar *bar)
{
	bar->count = sendbar_objections(state, bar->objections);
	bar->rows = sendbar_rows(state, bar->objections, bar->count, cols);
}

static void draw_panes(const struct state *state, struct frame *frame, const struct panes *panes, const struct bar *bar,
        struct seen *seen)
{
	draw_top(state, frame, panes->top);
	if (state->overlay == MODE_HELP) {
		struct rect body = {1, 0, frame->rows - 2, frame->cols};
		draw_help(state, frame, body, seen);
		draw_bottom(state, frame, panes->bottom);
		return;
	}
	if (state_in_handover(state)) {
		struct rect body = {1, 0, frame->rows - 2, frame->cols};
		draw_handover(state, frame, body, seen);
		draw_bottom(state, frame, panes->bottom);
		if (state->overlay != MODE_HANDOVER)
			draw_picker(state, frame, body, seen);
		return;
	}
	draw_tabs(state, frame, panes->tabs);
	draw_inbox(state, frame, panes->inbox, seen);
	draw_divider(state, frame, panes);
	draw_customer(state, frame, panes->customer);
	draw_thread(state, frame, panes->thread, seen);
	/* The send bar lies over the last lines of the composer; the text moves up as far as there is room. */
	struct rect text = panes->compose;
	if (text.rows > bar->rows)
		text.rows -= bar->rows;
	draw_composer(state, frame, panes->frame, text, seen);
	draw_bottom(state, frame, panes->bottom);
	struct rect whole = {1, 0, frame->rows - 2, frame->cols};
	if (bar->rows)
		draw_sendbar(state, frame, panes->compose.rows ? panes->compose : whole, bar->objections, bar->count);
	if (state->overlay == MODE_PICKER || state->overlay == MODE_PROMPT)
		draw_picker(state, frame, whole, seen);
}

void view_panes(const struct state *state, int rows, int cols, int bar_rows, struct panes *panes)
{
	bool in_inbox = state->focus == MODE_INBOX;
	bool case_open = state_case(state) != NULL || state->composer.open;
	panes_compute(panes, rows, cols, state->layout, state->zoomed, compose_lines(state, rows), bar_rows, in_inbox,
	        case_open);
}

static void draw_too_small(struct frame *frame)
{
	static const char *const words[] = {
	        "curlew: at least 20x6 please; your text is safe", "at least 20x6 please", "20x6 please"};
	size_t i = 0;
	while (i < 2 && (int)strlen(words[i]) > frame->cols)
		i++;
	frame_put_text(frame, 0, 0, frame->cols, words[i], SIZE_MAX, STYLE_TEXT);
}

static void draw_desk(const struct state *state, struct frame *frame, struct seen *seen)
{
	struct panes panes;
	struct bar bar = {.rows = 0};
	view_panes(state, frame->rows, frame->cols, 0, &panes);
	if (panes.shape == SHAPE_TOO_SMALL) {
		draw_too_small(frame);
		return;
	}
	if (state->overlay == MODE_SENDBAR) {
		look_at_bar(state, panes.compose.rows ? panes.compose.cols : frame->cols, &bar);
		view_panes(state, frame->rows, frame->cols, bar.rows, &panes);
	}
	draw_panes(state, frame, &panes, &bar, seen);
}

void view_draw(const struct state *state, struct frame *frame, struct seen *seen)
{
	*seen = (struct seen){0};
	frame_clear(frame);
	/* The desk has the rows above the banner: the same cells, fewer of them. */
	struct frame desk = *frame;
	desk.rows -= banner_rows(state, frame);
	draw_desk(state, &desk, seen);
	frame->cursor_row = desk.cursor_row;
	frame->cursor_col = desk.cursor_col;
	frame->cursor_visible = desk.cursor_visible;
	draw_banner(state, frame, (struct rect){desk.rows, 0, frame->rows - desk.rows, frame->cols});
}
