/* The conversation as lines of a width, oldest first: posts, notes, journal lines and replies on their way. Made once,
 * and kept with the conversation (struct thread_memo): a frame costs the lines that are in sight, however long it is.
 */
#ifndef TUI_VIEW_THREAD_LINES_H
#define TUI_VIEW_THREAD_LINES_H

#include "tui/view/draw.h"

struct thread_line {
	const char *text; /* in the item, or made with the lines */
	size_t len;
	const char *handle, *name; /* whose handle follows text, with the mark of who looks like us; NULL: nobody's */
	const char *after;         /* … and what follows that */
	const char *right;         /* flush right; NULL for none */
	enum style style, right_style;
	int indent;
	int item; /* index of the item it belongs to, -1 for none */
	bool head;
};

struct thread_lines {
	const struct thread_line *at;
	int len;
	struct thread_span {
		int first, count; /* of the lines of an item; count 0: it shows nothing */
	} * items;                /* one for each of the case */
};

/* Of the case that is open (state_view is not NULL). They live until the next call, or until something happens. */
const struct thread_lines *thread_lines(const struct state *state, const struct frame *frame, int cols);

#endif
