/* What a terminal is given, and how many cells it takes. This is the door's filter: nothing that a network or a file
 * sent reaches a screen except as the units that cells_next() yields.
 *
 * A unit is one spacing code point of 1 or 2 cells with at most four that combine with it, so that it fits one curses
 * cell. It is emitted as it is only where utf8proc and libc's wcwidth agree on its width (or it is an Indic spacing
 * mark: utf8proc counts that whole category as 0, terminals and ncurses as 1). Everything else is substituted, always
 * by one unit:
 *   line feed, CR LF, tab           one space
 *   other C0, DEL                   its control picture, U+2400 to U+2421
 *   C1, bidirectional controls, zero width, soft hyphen, tags, fillers, ill-formed bytes, unassigned     U+FFFD
 *   a combining mark without base   on U+25CC, so that it cannot touch the cell before it
 *   an emoji sequence (ZWJ, skin tone, tags)     its first emoji
 *   conjoining Hangul               the composed syllable
 * Dropped in silence: variation selectors after a base, joiners inside scripts that are written with them, and what a
 * pile of marks has beyond four.
 *
 * The process's LC_CTYPE decides the rest: unless its code set is UTF-8, only ASCII is emitted (accents are dropped,
 * curly quotes straightened, the rest is '?'), and C0 becomes '?' too. Callers set the locale once at start; apart from
 * it everything here is pure. Ill-formed UTF-8 is accepted everywhere. */
#ifndef CORE_TEXT_CELLS_H
#define CORE_TEXT_CELLS_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cluster {
	char bytes[24]; /* valid UTF-8, NUL-terminated: at most five code points */
	size_t len;
	int cells; /* 1 or 2 */
};

/* Fills *out with the unit at `at` (< len) and returns the offset behind what it stands for:
 *     for (size_t at = 0; at < len;) { at = cells_next(text, len, at, &c); … }
 * A grapheme cluster can be several units (a flag, an Indic syllable); cells_fit and wrap cut between clusters only. */
size_t cells_next(const char *text, size_t len, size_t at, struct cluster *out);

int cells_width(const char *text, size_t len);

/* How many bytes of text fit max_cells, cut at a cluster; *cells (may be NULL) is what they take. */
size_t cells_fit(const char *text, size_t len, int max_cells, int *cells);

/* What a terminal whose tables are older than ours may take a code point of a unit for. Emoji and scripts that came
 * with Unicode 9 or later are narrow there, and a mark that came after Unicode 5 stands in cells of its own. Whoever
 * paints sees to it that nothing else is moved by that. */
enum cells_doubt {
	CELLS_SURE,
	CELLS_FEWER, /* it may take fewer cells than we say */
	CELLS_MORE   /* … or more: two at most */
};
enum cells_doubt cells_doubt(uint32_t cp);

/* False when the process's locale is not UTF-8: what views ask before they draw lines and marks. */
bool cells_utf8(void);

/* For plain output to a terminal (core/text/plain.h): appends what the units of text say, on one line. 0, or -1 when
 * out's cap was reached: then out holds whole units up to it. */
int text_clean(const char *text, size_t len, struct str *out);

#endif
