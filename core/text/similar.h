/* How alike two texts are: for "this reply repeats others" and for grouping one complaint that many make. Both texts
 * are folded first, and handles, URLs and numbers are left out, so that what remains is what is said. Pure. */
#ifndef CORE_TEXT_SIMILAR_H
#define CORE_TEXT_SIMILAR_H

#include <stddef.h>
#include <stdint.h>

/* 0 (nothing shared) to 1 (the same words): the Jaccard index of the sets of pairs of neighbouring words; of single
 * words where a text has fewer than four. Scripts without spaces are taken by clusters. A text that says nothing
 * (only handles, URLs, numbers, punctuation) is like no other: 0. Texts beyond 16 KiB are compared by their beginning.
 */
double similar_ratio(const char *a, const char *b);

/* A 64-bit simhash (Charikar) of the same words, to be stored: texts alike have few differing bits. 0: says nothing. */
uint64_t similar_hash(const char *text);
int similar_distance(uint64_t a, uint64_t b); /* differing bits, 0 to 64 */

#endif
