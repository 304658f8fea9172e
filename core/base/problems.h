/* What is wrong with a file that a person wrote: a list of file, line and sentence, so that all of it can be mended at
 * once. Texts are copied; problems_release frees them. Nothing here blocks. */
#ifndef CORE_BASE_PROBLEMS_H
#define CORE_BASE_PROBLEMS_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define PROBLEMS_MAX 50 /* kept; the rest is counted */

struct problem {
	bool warning; /* the file can be used all the same */
	char *file;
	int line;   /* from 1; 0 means the file as a whole */
	char *text; /* UTF-8, one sentence without a full stop: what was found, what was expected */
};

struct problems {
	struct problem *at; /* in the order found */
	size_t len, cap;
	size_t errors; /* how many were no warnings, kept or not */
	size_t warnings;
};

/* Zero is the empty list too. */
void problems_init(struct problems *problems);
void problems_release(struct problems *problems);

void problems_error(struct problems *problems, const char *file, int line, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
void problems_warn(struct problems *problems, const char *file, int line, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

/* Appends "FILE:LINE: text" ("FILE: text" for line 0), with "warning: " before the text of one, and no newline. */
void problem_format(const struct problem *problem, struct str *out);

/* The first error and how many there are besides, as an ERR_CONFIG; 0 when there is none. */
int problems_result(const struct problems *problems, struct err *err);

/* The word among `words` that somebody who typed `typed` may have meant; NULL when none is near. */
const char *suggest_word(const char *typed, const char *const *words, size_t count);

#endif
