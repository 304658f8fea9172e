/* Typed growable arrays on the heap: `VEC(struct post) posts = {0};`. Zero is an empty vector. The owner frees the
 * elements' own memory and then calls vec_release. Pointers into it die at the next push. */
#ifndef CORE_BASE_VEC_H
#define CORE_BASE_VEC_H

#include "core/base/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VEC(type)                                                                                                      \
	struct {                                                                                                       \
		type *at;                                                                                              \
		size_t len, cap;                                                                                       \
	}

#define vec_push(v, ...)                                                                                               \
	do {                                                                                                           \
		if ((v)->len == (v)->cap) {                                                                            \
			(v)->cap = (v)->cap ? (v)->cap * 2 : 8;                                                        \
			(v)->at = mem_realloc((v)->at, (v)->cap, sizeof *(v)->at);                                     \
		}                                                                                                      \
		(v)->at[(v)->len++] = (__VA_ARGS__);                                                                   \
	} while (0)

#define vec_remove(v, i)                                                                                               \
	do {                                                                                                           \
		size_t vec_i_ = (i);                                                                                   \
		memmove((v)->at + vec_i_, (v)->at + vec_i_ + 1, ((v)->len - vec_i_ - 1) * sizeof *(v)->at);            \
		(v)->len--;                                                                                            \
	} while (0)

#define vec_clear(v) ((void)((v)->len = 0))

#define vec_release(v)                                                                                                 \
	do {                                                                                                           \
		free((v)->at);                                                                                         \
		(v)->at = NULL;                                                                                        \
		(v)->len = (v)->cap = 0;                                                                               \
	} while (0)

#endif
