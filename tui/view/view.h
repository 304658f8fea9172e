/* The view: the state as a frame. Pure: the same state gives the same frame. */
#ifndef TUI_VIEW_VIEW_H
#define TUI_VIEW_VIEW_H

#include "tui/desk/state.h"
#include "tui/view/frame.h"

/* Draws everything into the frame (which is cleared first) and tells in *seen how large things were: the desk gets that
 * back with EV_PAINTED. */
void view_draw(const struct state *state, struct frame *frame, struct seen *seen);

#endif
