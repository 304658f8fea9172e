/* What is a domain, and what is a link: known by their top level, shown with where they lead. Pure. */
#ifndef CORE_TEXT_DOMAIN_H
#define CORE_TEXT_DOMAIN_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Is it a top-level domain ("com", "рф"; in lower case)? Those of the public suffix list that the build found. */
#define DOMAIN_TOP_MAX 24 /* code points of the longest name that is looked up, with room */
bool domain_is_top_level(const char *name, size_t len);

/* Does the visible text of a link say the same address as its target, or its beginning with the whole host in it? Where
 * it does not, a reader has to see both. `cut`: known to be a beginning; else an ellipsis at its end says so. */
bool link_is_form_of(const char *text, const char *target, bool cut);

/* Takes away white space and controls, which have no place in an address: they could make one that reads like
 * another. */
void link_clean(struct str *target);

#endif
