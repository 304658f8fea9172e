/* A text that is too long for one post, as several: cut at the ends of sentences, else between words, numbered, each
 * with the handle that makes it reach its reader. Pure. */
#ifndef CORE_MODEL_REPLY_SPLIT_H
#define CORE_MODEL_REPLY_SPLIT_H

#include "core/base/arena.h"
#include "core/model/model.h"

#define SPLIT_MAX 20 /* parts; a text for more is no reply */

struct split_text {
	const struct account *account; /* whose limit it must keep */
	const char *to_handle, *text;
	const char *signature, *agent; /* ends the last part */
	const char *warning;           /* counts in each part */
};

struct split_part {
	const char *published; /* "@sam 1/3 …" */
	const char *typed;     /* its share of the text, byte for byte: all parts together are the text */
};

/* The number of parts, in *parts (of the arena). 1: it fits as it is, or no limit is known; then `published` has no
 * number. 0: it cannot be cut so that each part fits SPLIT_MAX times. */
int reply_split(const struct split_text *text, struct arena *arena, const struct split_part **parts);

#endif
