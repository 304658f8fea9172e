#include "tui/view/panes.h"

enum { CUSTOMER_ROWS = 4, COMPOSE_MIN = 3, THREAD_MIN = 4, INBOX_MIN = 3 };

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

/* Lines that the composer wants: its text's, and under them the send bar's. */
struct wanted {
	int text, bar;
};

/* The composer takes what its text needs, up to half of the room, and leaves the thread enough to read what is
 * answered. The send bar comes on top of that, so that what is about to be said stays in sight. */
static void split_composer(struct panes *panes, struct rect area, struct wanted want)
{
	panes->thread = area;
	if (!want.text)
		return;
	int most = area.rows / 2 > COMPOSE_MIN ? area.rows / 2 : COMPOSE_MIN;
	int least = area.rows - 1 - THREAD_MIN < COMPOSE_MIN ? area.rows / 3 : COMPOSE_MIN;
	int lines = clamp(want.text + 1, least > 0 ? least : 1, most);
	if (want.bar)
		lines = clamp(want.text, 1, most) + want.bar;
	int thread = area.rows - lines - 1;
	if (thread < 1) {
		thread = area.rows > 3 ? 1 : 0;
		lines = area.rows - 1 - thread;
	}
	panes->thread.rows = thread;
	panes->frame = (struct rect){area.row + thread, area.col, 1, area.cols};
	panes->compose = (struct rect){area.row + thread + 1, area.col, lines, area.cols};
}

static void columns(struct panes *panes, int rows, int cols, struct wanted want)
{
	int body = rows - 2;
	int left = clamp(cols * 55 / 100, 50, 110);
	int right = left + 1;
	panes->tabs = (struct rect){1, 0, 1, left};
	panes->inbox = (struct rect){2, 0, body - 1, left};
	panes->divider = (struct rect){1, left, body, 1};
	struct rect area = {1, right + 1, body, cols - right - 1};
	int header = body >= 12 ? CUSTOMER_ROWS : 1;
	panes->customer = (struct rect){area.row, area.col, header, area.cols};
	area.row += header;
	area.rows -= header;
	split_composer(panes, area, want);
}

static void stacked(struct panes *panes, int rows, int cols, struct wanted want)
{
	int body = rows - 3; /* without top, tabs and bottom line */
	int inbox = want.text ? body / 4 : body * 2 / 5;
	inbox = clamp(inbox, body < 10 ? 1 : INBOX_MIN, body - 2);
	panes->tabs = (struct rect){1, 0, 1, cols};
	panes->inbox = (struct rect){2, 0, inbox, cols};
	panes->divider = (struct rect){2 + inbox, 0, 1, cols};
	struct rect area = {3 + inbox, 0, body - inbox - 1, cols};
	split_composer(panes, area, want);
}

static void single(struct panes *panes, int rows, int cols, struct wanted want, bool in_inbox)
{
	int body = rows - 2;
	if (in_inbox) {
		panes->tabs = (struct rect){1, 0, 1, cols};
		panes->inbox = (struct rect){2, 0, body - 1, cols};
		return;
	}
	panes->divider = (struct rect){1, 0, 1, cols};
	struct rect area = {2, 0, body - 1, cols};
	split_composer(panes, area, want);
}

void panes_compute(struct panes *panes, int rows, int cols, enum layout wanted, bool alone, int compose_lines,
        int bar_lines, bool in_inbox, bool case_open)
{
	*panes = (struct panes){0};
	if (rows < PANES_MIN_ROWS || cols < PANES_MIN_COLS) {
		panes->shape = SHAPE_TOO_SMALL;
		return;
	}
	struct wanted want = {compose_lines, bar_lines};
	panes->top = (struct rect){0, 0, 1, cols};
	panes->bottom = (struct rect){rows - 1, 0, 1, cols};
	bool wide = wanted == LAYOUT_COLUMNS || (wanted == LAYOUT_AUTO && cols >= PANES_COLUMNS_COLS);
	if (alone || cols < PANES_ALL_COLS || rows < 10) {
		panes->shape = SHAPE_SINGLE;
		single(panes, rows, cols, want, in_inbox || !case_open);
	} else if (wide && cols >= PANES_COLUMNS_COLS * 4 / 5) {
		panes->shape = SHAPE_COLUMNS;
		columns(panes, rows, cols, want);
	} else {
		panes->shape = SHAPE_ROWS;
		stacked(panes, rows, cols, want);
	}
}
