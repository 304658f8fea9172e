/* Errors: a code and a sentence, in a struct that the caller owns. A function that can fail returns 0 or a negative
 * error code and, when it fails, has set *err. The sentence says what happened, where, and what to do; it holds no
 * secret (what secret.h knows is hidden in it) and no untrusted control characters reach a terminal from it (the door
 * to the screen cleans it). Never blocks, never allocates. */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include <stdarg.h>

enum err_code {
#define X(name, exit_status, word, help) ERR_##name,
#include "core/base/err.def"
#undef X
	ERR_COUNT
};

struct err {
	enum err_code code;
	char text[512]; /* UTF-8, cut at a code point boundary */
};

#define ERR_INIT                                                                                                       \
	{                                                                                                              \
		ERR_NONE, ""                                                                                           \
	}

/* Sets code and text and returns -code, so that `return err_set(err, ERR_DATA, "…")` reads well. err may be NULL. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "text: " before what stands there already; keeps the code. */
void err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

/* The exit status and the word of a code, from err.def. */
int err_exit_status(enum err_code code);
const char *err_word(enum err_code code);

#endif
