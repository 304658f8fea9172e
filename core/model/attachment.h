/* Files that go out with a reply: what they are by their names, and what a network makes of them. Pure: no file is
 * opened here. */
#ifndef CORE_MODEL_ATTACHMENT_H
#define CORE_MODEL_ATTACHMENT_H

#include "core/model/model.h"

/* The media type of what the name ends with, "image/png"; NULL when no network is known to take it. */
const char *attachment_type(const char *path);

enum media_kind attachment_kind(const char *path); /* MEDIA_OTHER with a NULL type */

const char *attachment_name(const char *path); /* the last part of the path */

/* The most bytes that the network takes of this file; 0: it told no limit. */
int64_t attachment_limit(const struct post_limits *limits, const char *path);

/* How much of the limit a description leaves, in characters; negative when it is too long. Servers cut or refuse it.
 * 0 and more too where the limit is not known. */
int attachment_alt_left(const struct post_limits *limits, const char *alt);

#endif
