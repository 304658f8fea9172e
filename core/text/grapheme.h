/* Extended grapheme clusters (Unicode TR29): what a reader takes for one character. Offsets are bytes into UTF-8 text;
 * ill-formed bytes count as U+FFFD. Tables are those of utf8proc, with rule GB9c (Indic conjuncts) added. Pure. */
#ifndef CORE_TEXT_GRAPHEME_H
#define CORE_TEXT_GRAPHEME_H

#include <stdbool.h>
#include <stddef.h>

/* Where the cluster that begins at `at` ends; len when at >= len. */
size_t grapheme_next(const char *text, size_t len, size_t at);

/* Where the cluster that ends at `at` begins; 0 at the start. An `at` inside a cluster gives that one's start. */
size_t grapheme_prev(const char *text, size_t len, size_t at);

/* The last boundary at or before `at`: what a cut must be moved to. */
size_t grapheme_floor(const char *text, size_t len, size_t at);

/* True for one cluster that tables older than Unicode 15.1 may not know as one: with a code point that 15.0 has not
 * assigned, or with two consonants (rule GB9c). */
bool grapheme_is_new(const char *cluster, size_t len);

size_t grapheme_count(const char *text, size_t len);

#endif
