/* What a recording shows in place of what people wrote: texts of the same shape. Letters become x, X, or another of the
 * same width and length in bytes; digits 0; space, punctuation and emoji stay, so that everything wraps as it did. A
 * handle or a name has one stand-in wherever it occurs ("@u01", "xxxxxx2"), also within texts. Pure. */
#ifndef TUI_RECORD_REDACT_H
#define TUI_RECORD_REDACT_H

#include "core/base/str.h"
#include "core/base/vec.h"
#include "tui/record/shape.h"

struct redactor {
	VEC(uint64_t) known; /* hashes of names seen: the place is the number of the stand-in */
};

void redactor_release(struct redactor *redactor);

/* A shape_hide; arg is the redactor. */
void redact(void *arg, const struct part *part, const void *base, const char *text, size_t len, struct str *out);

/* By what the text is. Appends. */
void redact_text(struct redactor *redactor, enum secret secret, const char *text, size_t len, struct str *out);

/* One code point. */
uint32_t redact_char(uint32_t cp);

#endif
