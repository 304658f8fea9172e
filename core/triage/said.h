/* A post's words one by one, as they stand, and without what is no language. Pure. */
#ifndef CORE_TRIAGE_SAID_H
#define CORE_TRIAGE_SAID_H

#include "core/base/str.h"

/* What stands between blanks (those of Unicode, line ends too). */
struct chunk {
	const char *p;
	size_t len;
	bool handle; /* a mention, and at most a comma, a colon or a full stop */
	bool url;    /* begins with a scheme or www., behind opening punctuation */
};

/* The first chunk at or after *at, which moves behind it. False at the end. */
bool chunk_next(const char *text, size_t len, size_t *at, struct chunk *out);

/* Appends the text folded (utf8_fold), chunks separated by one space; a handle or URL becomes a line feed, which is
 * part of no word and no number. */
void said_fold(const char *text, size_t len, struct str *out);

#endif
