/* UTF-8, as the Unicode standard defines it (chapter 3, D92: no overlong forms, no surrogates, nothing over U+10FFFF),
 * and the one table of code points that a screen acts on or hides. Pure. */
#ifndef CORE_BASE_UTF8_H
#define CORE_BASE_UTF8_H

#include "core/base/arena.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xFFFDu

/* Reads one code point of p[0..len), len > 0, and returns the bytes it took (1 to 4). What is ill-formed gives
 * UTF8_REPLACEMENT and takes one maximal subpart (Unicode, chapter 3, "U+FFFD Substitution of Maximal Subparts"). */
size_t utf8_decode(const char *p, size_t len, uint32_t *cp);

/* Writes 1 to 4 bytes, no NUL; a surrogate or what is beyond U+10FFFF becomes U+FFFD. Returns the bytes written. */
size_t utf8_encode(uint32_t cp, char out[4]);

bool utf8_valid(const char *p, size_t len); /* U+0000 is valid here */

/* Appends the text as the store keeps it: valid UTF-8 without NUL. An ill-formed subpart and a NUL become U+FFFD each.
 * 0, or -1 when out's cap was reached: then out holds whole code points up to it. */
int utf8_repair(const char *p, size_t len, struct str *out);

/* The text as the store keeps it, in the arena (or static); NULL is "". Of what has more than max bytes, the whole code
 * points up to there. */
const char *utf8_keep(struct arena *arena, const char *text, size_t max);

/* What must never reach a terminal as it is: controls (C0, DEL, C1), line and paragraph separators, bidirectional
 * controls, zero width and other format characters, soft hyphen, fillers, variation selectors, tags, noncharacters.
 * Line feed and tab are among them; U+FFFD is not. */
bool utf8_is_hidden(uint32_t cp);

#endif
