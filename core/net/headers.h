/* The header fields of an HTTP answer, in the order in which they came. Names compare without case; a field may be
 * repeated. Pure: the owner calls headers_release. Strings handed out live until clear or release. */
#ifndef CORE_NET_HEADERS_H
#define CORE_NET_HEADERS_H

#include "core/base/vec.h"

#include <stddef.h>

#define HEADERS_MAX_BYTES ((size_t)64 * 1024)

struct header {
	char *name;
	char *value; /* without the white space around it; bytes as they came */
};

struct headers {
	VEC(struct header) fields;
	size_t bytes; /* of all lines so far, against HEADERS_MAX_BYTES */
};

/* A zeroed struct headers is empty. */
void headers_release(struct headers *headers);
void headers_clear(struct headers *headers);

/* One line as it came, with or without its line end. A line without a colon is passed over. -1 when the cap would be
 * passed: then nothing was added. */
int headers_add_line(struct headers *headers, const char *line, size_t len);

/* The first value of that name, or the nth counted from 0; NULL when there is none. */
const char *headers_get(const struct headers *headers, const char *name);
const char *headers_nth(const struct headers *headers, const char *name, size_t n);

#endif
