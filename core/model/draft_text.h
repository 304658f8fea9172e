/* Two texts of one draft, when two desks of an agent wrote it: both are kept in one text, with a placeholder between
 * them, so that neither is lost and they are never sent together by accident. Pure. */
#ifndef CORE_MODEL_DRAFT_TEXT_H
#define CORE_MODEL_DRAFT_TEXT_H

#include "core/base/str.h"

/* `text`, and behind it what of `other` it does not say. A part of it that is an earlier state of one in `other` gives
 * way to that: two desks that are both typed at hand each other's text back and forth, and it must not pile up.
 * False: there was nothing to add. Appends to out. */
bool draft_text_merge(const char *text, const char *other, struct str *out);

/* Whether `said` says all that stands in `draft`, white space apart: then the draft may go. */
bool draft_text_says(const char *said, const char *draft);

/* Bytes of the text before the first placeholder: its own part. */
size_t draft_text_own(const char *text);

#endif
