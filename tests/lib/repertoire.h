/* What a terminal may be sent: printable characters of its locale, and what the capabilities of its terminfo entry can
 * produce. Whatever else a program writes is found. Capabilities that are sent by keys do not count. */
#ifndef TESTS_LIB_REPERTOIRE_H
#define TESTS_LIB_REPERTOIRE_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct repertoire;

/* NULL when terminfo does not know the type. utf8: characters beyond ASCII may be sent as well. */
struct repertoire *repertoire_new(const char *type, bool utf8);
void repertoire_free(struct repertoire *repertoire);

/* Attributes and colours that it knows one by one may be set by one sequence (ECMA-48, 8.3.117). */

/* One more sequence, in terminfo's notation: "\033]2;%s\a", where %s is text without control characters. */
void repertoire_allow(struct repertoire *repertoire, const char *sequence);

/* True when all of it may be sent. Else *why says what may not, from the first such byte on, readably. */
bool repertoire_holds(const struct repertoire *repertoire, const char *bytes, size_t len, struct str *why);

#endif
