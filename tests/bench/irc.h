/* As much of an IRC server (RFC 1459, RFC 2812) as a client needs to sign in, join #load and be spoken to there. */
#ifndef TESTS_BENCH_IRC_H
#define TESTS_BENCH_IRC_H

#include "core/base/str.h"

#include <stdbool.h>

bool irc_begins(const char *bytes); /* a client of IRC speaks so first, none of HTTP does */
/* Answers the whole lines of `in`, and takes them out. True when one of them joined the channel. */
bool irc_read(struct str *in, struct str *out);
void irc_say(struct str *out, int64_t number); /* the mention of this number, in the channel */

#endif
