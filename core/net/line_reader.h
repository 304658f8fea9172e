/* A stream of lines, each a message of its own (JSON Lines and the like): an incremental reader for any chunking of the
 * bytes. Pure. A line ends in LF or CR LF; empty ones are a sign of life. Bytes are passed on as they came.
 * The owner calls line_reader_release. */
#ifndef CORE_NET_LINE_READER_H
#define CORE_NET_LINE_READER_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define LINE_READER_MAX ((size_t)1024 * 1024) /* bytes of a line */

struct line_reader {
	/* The line without its end, followed by a NUL that len does not count; gone when it returns. False: read no
	 * further. */
	bool (*on_line)(void *arg, const char *line, size_t len);
	void *arg;
	struct str line;
};

void line_reader_init(struct line_reader *reader, bool (*on_line)(void *arg, const char *line, size_t len), void *arg);
void line_reader_release(struct line_reader *reader);
void line_reader_restart(struct line_reader *reader); /* forgets what is unfinished, as at the end of a stream */

/* 0; -ERR_LIMIT when a line passes LINE_READER_MAX: then the rest cannot be trusted, and the stream has to be opened
 * anew after line_reader_restart. When on_line returned false nothing is touched any more: the reader may be gone. */
int line_reader_feed(struct line_reader *reader, const char *bytes, size_t len, struct err *err);

#endif
