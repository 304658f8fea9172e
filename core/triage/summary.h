/* The words that matter of a post, for its one line in the inbox. Pure. */
#ifndef CORE_TRIAGE_SUMMARY_H
#define CORE_TRIAGE_SUMMARY_H

#include <stddef.h>

/* At most max bytes of UTF-8, cut behind a grapheme with "…", and a NUL: out has max + 4 bytes. The handles that the
 * text begins and ends with are left out, white space is one space, a URL is its host. "" when nothing is left. */
void summary_of(const char *text, size_t len, char *out, size_t max);

#endif
