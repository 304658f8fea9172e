/* What lies over the panes: one at a time. */
#include "tui/desk/inner.h"

void overlay_open(struct state *state, enum mode mode)
{
	state->overlay = mode;
	state->chord_len = 0;
}

void overlay_close(struct state *state)
{
	state->overlay = MODE_COUNT;
	state->chord_len = 0;
}
