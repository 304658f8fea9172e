/* Secrets in memory. What is known as one never stands in a log line or in the text of an error, whoever put it there:
 * a server may send a token back in the words of its refusal. And what held one is overwritten before it is freed.
 * The desk knows no secret; for it all of this costs nothing. Safe from any thread; never blocks. */
#ifndef CORE_BASE_SECRET_H
#define CORE_BASE_SECRET_H

#include "core/base/str.h"

#include <stddef.h>

/* From now on it is hidden. Copied; NULL and "" are no secrets. */
void secret_know(const char *secret);
void secret_forget_all(void);

/* Overwrites every known secret in `len` bytes at `text`, also one of which only the beginning is left (12 bytes and
 * more): the text has been cut somewhere. A mark takes its place, never longer than what it hides. Returns the new
 * length; the bytes behind it are zeroed. Never allocates. */
size_t secret_hide(char *text, size_t len);

/* Overwrites memory in a way that no compiler leaves out. The others do so before they free; NULL is fine. */
void secret_wipe(void *bytes, size_t len);
void secret_free(char *text);
void secret_release(struct str *text);

#endif
