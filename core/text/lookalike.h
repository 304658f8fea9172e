/* Names that look alike: "@асme" with Cyrillic letters, "acrne", "ACME_" and "acme" have one skeleton. Pure. */
#ifndef CORE_TEXT_LOOKALIKE_H
#define CORE_TEXT_LOOKALIKE_H

#include <stddef.h>

enum { SKELETON_MAX = 64 };

/* What is seen of a name at a glance: its letters and digits, folded and without marks, each as the ASCII character
 * that it looks like if there is one. Any bytes; out: NUL-terminated, SKELETON_MAX bytes, cut at a whole character.
 * Returns its length. */
size_t lookalike_skeleton(const char *name, size_t len, char out[SKELETON_MAX]);

#endif
