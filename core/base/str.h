/* A growable byte string with a cap, and the small string functions that everybody needs.
 * The bytes are always followed by a NUL that `len` does not count. The owner calls str_release. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	char *p; /* never NULL for reading: an empty string before the first add */
	size_t len;
	size_t cap; /* bytes allocated; 0 while p is the shared empty string */
	size_t max; /* most bytes it may hold; what outside fills sets one, SIZE_MAX means none */
};

extern char str_empty_bytes[1];

#define STR_INIT                                                                                                       \
	{                                                                                                              \
		str_empty_bytes, 0, 0, SIZE_MAX                                                                        \
	}

void str_init(struct str *s, size_t max);
void str_release(struct str *s);
void str_clear(struct str *s);   /* keeps the memory */
char *str_detach(struct str *s); /* hands the bytes to the caller, who frees them; s is empty after */

/* Room for so many bytes more, so that adding them moves nothing; -1 when the cap would be passed. */
int str_reserve(struct str *s, size_t extra);

/* Each add returns 0, or -1 when the cap would be passed: then nothing was added. */
int str_add(struct str *s, const char *bytes, size_t len);
int str_adds(struct str *s, const char *text); /* a C string; NULL adds nothing */
int str_addc(struct str *s, char c);
int str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int str_vaddf(struct str *s, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int str_insert(struct str *s, size_t at, const char *bytes, size_t len);
void str_remove(struct str *s, size_t at, size_t len); /* clamps to what is there */
void str_trim(struct str *s);                          /* ASCII white space at both ends */

/* Copies a C string into a fixed array, cut at a code point boundary, always with a NUL. False when it was cut. */
bool str_copy(char *dst, size_t size, const char *src);

bool str_eq(const char *a, const char *b); /* NULL equals NULL only */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_ieq(const char *a, const char *b);               /* ASCII case is ignored */
int str_icmp_n(const char *a, const char *b, size_t n);   /* ASCII case is ignored; like strncasecmp, in every locale */
const char *str_or(const char *s, const char *otherwise); /* otherwise, when s is NULL or empty */

/* A whole decimal number, nothing before or after it. False when it is none or does not fit. */
bool parse_i64(const char *text, int64_t *out);

/* FNV-1a, for tables and change detection; not for secrets. */
uint64_t hash_bytes(const void *bytes, size_t len);

#endif
