/* Where the panes stand, for every size of terminal. Pure arithmetic: nothing is drawn here. */
#ifndef TUI_VIEW_PANES_H
#define TUI_VIEW_PANES_H

#include "tui/desk/state.h"

#include <stdbool.h>

struct rect {
	int row, col, rows, cols; /* rows 0: not shown */
};

enum shape {
	SHAPE_COLUMNS, /* inbox left; customer, thread and composer right */
	SHAPE_ROWS,    /* inbox on top; thread and composer under it, each the full width */
	SHAPE_SINGLE,  /* one pane at a time */
	SHAPE_TOO_SMALL
};

enum { PANES_MIN_COLS = 20, PANES_MIN_ROWS = 6, PANES_ALL_COLS = 60, PANES_COLUMNS_COLS = 100 };

/* Each has a place of its own: no two lie over each other. */
#define PANE_TABLE(X)                                                                                                  \
	X(top)                                                                                                         \
	X(tabs)                                                                                                        \
	X(inbox)                                                                                                       \
	X(divider)  /* a column, or a row with the customer's line in it */                                            \
	X(customer) /* the customer's lines; 0 rows: folded into the divider or the thread's first row */              \
	X(thread)                                                                                                      \
	X(frame) /* the composer's frame: one row that says what it is */                                              \
	X(compose)                                                                                                     \
	X(bottom)

struct panes {
	enum shape shape;
#define PANE_MEMBER(name) struct rect name;
	PANE_TABLE(PANE_MEMBER)
#undef PANE_MEMBER
};

/* alone: one pane at a time, however large the screen. compose_lines: lines the open composer's text has (0: no
 * composer); bar_lines: those that the send bar takes from under it. case_open: there is a case to show. in_inbox
 * decides which pane SHAPE_SINGLE shows. */
void panes_compute(struct panes *panes, int rows, int cols, enum layout wanted, bool alone, int compose_lines,
        int bar_lines, bool in_inbox, bool case_open);

#endif
