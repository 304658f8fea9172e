/* Text without its case: what two strings are compared by. The encoding itself is in core/base/utf8.h, included here.
 */
#ifndef CORE_TEXT_UTF8_H
#define CORE_TEXT_UTF8_H

#include "core/base/utf8.h"

/* Appends text folded for comparing: NFKC with case folding (Unicode TR44, NFKC_Casefold), without what is invisible.
 * Ill-formed input is repaired first. 0, or -1 when out's cap would be passed: then nothing was added. */
int utf8_fold(const char *text, struct str *out);

/* True when needle stands in hay, both folded. An empty needle stands in everything. */
bool utf8_contains_folded(const char *hay, const char *needle);

#endif
