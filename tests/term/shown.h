/* A terminal of libvterm that curses paints on, and a desk to be painted: what the tests of tests/term share. Whatever
 * fails in here ends the test that called. */
#ifndef TESTS_TERM_SHOWN_H
#define TESTS_TERM_SHOWN_H

#include "core/base/str.h"
#include "tests/golden/stage.h"
#include "tui/term/canvas.h"
#include "tui/view/theme.h"

#include <stdbool.h>
#include <vterm.h>

struct shown {
	VTerm *vterm;
	VTermScreen *cells;
	struct canvas *canvas;
	struct str bytes; /* all that was sent */
};

void shown_init(struct shown *shown, const char *type, int rows, int cols, bool no_colour);
void shown_release(struct shown *shown);

/* How many bytes it took. */
size_t shown_paint(struct shown *shown, const struct frame *frame, const struct theme *theme);

void shown_cell(const struct shown *shown, int row, int col, VTermScreenCell *cell);
/* Appends the row as UTF-8 without the blanks at its end. */
void shown_row_text(const struct shown *shown, int row, int cols, struct str *out);

/* The terminal shows what was drawn, and its cursor stands where it was put. */
void shown_expect_frame(const struct shown *shown, const struct frame *frame);
/* The terminal was sent nothing that its description does not have. */
void shown_expect_known(const struct shown *shown, const char *type, bool utf8);

/* A desk with the golden tests' cast, of this size. */
void shown_open_stage(struct stage *stage, int cols, int rows);
void shown_close_stage(struct stage *stage);
void shown_keys(struct stage *stage, const char *text); /* as stage_keys, each in a read of its own */

#endif
