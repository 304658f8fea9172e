/* The screen as curses keeps it, on a memory file instead of a terminal: frames go in, bytes come out. Never blocks.
 * Apart from term.h because terminfo has a struct term of its own. */
#ifndef TUI_TERM_CANVAS_H
#define TUI_TERM_CANVAS_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "tui/view/frame.h"

struct canvas;

/* ERR_USAGE, with what to do, unless terminfo knows the type (NULL: TERM is not set) and it can move its cursor.
 * colours: how many, 0 for none. */
int canvas_check_type(const char *type, int *colours, struct err *err);

/* Starts curses on a memory file for a terminal of this type and size. */
int canvas_new(const char *type, int rows, int cols, bool no_colour, struct canvas **out, struct err *err);
void canvas_free(struct canvas *canvas);
bool canvas_resize(struct canvas *canvas, int rows, int cols); /* true when the size is another */
void canvas_paint(struct canvas *canvas, const struct frame *frame, const struct look looks[STYLE_COUNT]);
void canvas_redraw(struct canvas *canvas); /* the next paint writes every cell */
void canvas_leave(struct canvas *canvas);  /* writes what leaves the full screen */
/* Moves what curses has written since the last call to the end of out. */
void canvas_take(struct canvas *canvas, struct str *out);
/* The capability string of terminfo, "" when there is none; valid while the canvas is. */
const char *canvas_capability(struct canvas *canvas, const char *name);

#endif
