/* The view: the state as a frame. Pure: the same state gives the same frame. */
#ifndef TUI_VIEW_VIEW_H
#define TUI_VIEW_VIEW_H

#include "tui/desk/state.h"
#include "tui/view/frame.h"

/* Draws everything into the frame (which is cleared first) and tells in *seen how large things were: the desk gets that
 * back with EV_PAINTED. */
void view_draw(const struct state *state, struct frame *frame, struct seen *seen);

/* What stands at a place of a frame of this size; HIT_NONE while something lies over the panes. */
struct hit view_hit(const struct state *state, const struct frame *frame, int row, int col);

#endif
