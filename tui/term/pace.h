/* How often a desk looks at what has arrived, and so how often that can repaint the screen. A first arrival is looked
 * at at once, and so, nearly, are a few more, which is how colleagues work; while each look finds something, looks come
 * ever more rarely, down to one a second: nobody reads faster, and what stands still between two looks costs neither
 * the processor nor the line anything. In no second are there more than ten. What the line bears slows them further.
 * Keys are never paced.
 *
 * No clock in here: now_ms is of any clock that only goes forward, waits are from now. */
#ifndef TUI_TERM_PACE_H
#define TUI_TERM_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PACE_FIRST_MS = 30,   /* between the first looks that find something */
	PACE_FIRST_LOOKS = 3, /* so many; from then on each wait is twice the one before */
	PACE_SLOWEST_MS = 1000,
	PACE_BYTES_A_SECOND = 1200, /* what repaints of what arrives may take of the line, on the average */
	PACE_BYTES_AT_ONCE = 2400,  /* … and in a moment, after quiet ones */
	PACE_PATIENCE_MS = 10000    /* no wait is longer, whatever the line is like */
};

/* Zero is how it begins. */
struct pace {
	int looks;       /* in a row that found something */
	int64_t bytes;   /* that the line has not been given time for yet */
	int64_t then_ms; /* when that was */
};

/* A look has been made. How long until the next one; 0: it found nothing, and none is due until the bell rings. */
int64_t pace_looked(struct pace *pace, bool found);

/* How long after a repaint of what has arrived the next one may come: bytes is what it took, line_ms how long the
 * terminal took to read it (0: it took all at once). */
int64_t pace_painted(struct pace *pace, int64_t now_ms, size_t bytes, int64_t line_ms);

#endif
