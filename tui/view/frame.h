/* A frame: the screen as rows of styled cells, drawn from the state by the view and painted by tui/term. A plain value:
 * the same state gives the same frame. frame_put_text is the one door to the screen: whatever text passes it is cleaned
 * (controls, escape sequences, bidirectional overrides become visible marks) and measured (core/text/cells.h). */
#ifndef TUI_VIEW_FRAME_H
#define TUI_VIEW_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style {
#define X(name, word, help) STYLE_##name,
#include "tui/view/style.def"
#undef X
	STYLE_COUNT
};

/* How a style looks. Colours: -1 the terminal's own, 0-7 the basic eight, 8-15 their bright forms, 16-255 of the
 * palette; LOOK_RGB and 0xrrggbb for any. */
enum look_attr { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_REVERSE = 4, LOOK_UNDERLINE = 8 };
enum { LOOK_RGB = 1 << 24 };
struct look {
	int32_t fg, bg;
	unsigned attrs;
};

/* ncurses holds five code points a cell (base and four that combine). */
enum { CELL_CODE_POINTS = 5, FRAME_MAX_ROWS = 512, FRAME_MAX_COLS = 1024 };
struct cell {
	uint32_t cp[CELL_CODE_POINTS]; /* cp[0] == 0: the right half of a wide cluster, or never written (a space) */
	uint8_t width;                 /* 1 or 2; 0 for the right half */
	uint8_t style;
};

struct frame {
	int rows, cols;
	struct cell *cells; /* rows × cols */
	bool ascii;         /* draw with ASCII alone: what cells_utf8() denied when the frame was made */
	int cursor_row, cursor_col;
	bool cursor_visible;
};

/* Sizes beyond the maxima are cut to them. */
void frame_init(struct frame *frame, int rows, int cols, bool ascii);
void frame_release(struct frame *frame);
void frame_clear(struct frame *frame);

/* Puts text into row from col on, at most `room` cells (and never past the right edge); what does not fit is cut at a
 * cluster. Newlines and tabs become spaces. Returns the cells used. Out-of-range places are ignored. len SIZE_MAX: up
 * to the NUL. */
int frame_put_text(struct frame *frame, int row, int col, int room, const char *text, size_t len, enum style style);
/* Like frame_put_text, and shows by "…" (or "~") in the last cell that something was cut. */
int frame_put_cut(struct frame *frame, int row, int col, int room, const char *text, size_t len, enum style style);

/* Drawing of our own, not text from outside: one code point repeated. In ascii mode the caller passes ASCII. */
void frame_fill(struct frame *frame, int row, int col, int count, uint32_t cp, enum style style);
void frame_restyle(struct frame *frame, int row, int col, int count, enum style style);
/* Gives the cells of `room` from col on in which `word` occurs another style; case and width forms are ignored. */
void frame_mark_word(struct frame *frame, int row, int col, int room, const char *word, enum style style);
void frame_set_cursor(struct frame *frame, int row, int col);

bool frame_row_equal(const struct frame *a, const struct frame *b, int row);
void frame_copy(struct frame *dst, const struct frame *src); /* dst is made the same size */

struct str;
/* The row as UTF-8, trailing spaces dropped: for tests, recordings and --replay. */
void frame_row_text(const struct frame *frame, int row, struct str *out);

#endif
