/* A stream of lines, each a message of its own (JSON Lines and the like): an incremental reader for any chunking of the
 * bytes. Pure. A line ends in LF or CR LF. Bytes are passed on as they came. Whoever reads takes a line when it wants
 * one, and may stop at any. The owner calls line_reader_release, which wipes: a secret may have come. */
#ifndef CORE_NET_LINE_READER_H
#define CORE_NET_LINE_READER_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct line_reader {
	struct str bytes; /* from `at` on: what is not taken yet */
	struct str line;  /* the one that was taken last */
	size_t at, looked, max;
	bool skips; /* the rest of one that was too long */
};

struct line {
	const char *text; /* without its end, followed by a NUL that len does not count */
	size_t len;       /* 0: an empty one, a sign of life */
	bool whole;       /* false: it was longer than max; its beginning is there, the rest is gone */
};

void line_reader_init(struct line_reader *reader, size_t max); /* bytes of a line, without its end */
void line_reader_release(struct line_reader *reader);
void line_reader_restart(struct line_reader *reader); /* forgets what was not taken, as at the end of a stream */

void line_reader_add(struct line_reader *reader, const char *bytes, size_t len);
/* The next line that has ended or is too long already. It lives until the next one is taken, also over a restart.
 * False: there is none. */
bool line_reader_next(struct line_reader *reader, struct line *line);
size_t line_reader_left(const struct line_reader *reader); /* bytes that were not taken */

#endif
