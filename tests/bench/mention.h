/* Mentions as a Mastodon server's stream says them: a whole notification with account and status, all the fields of
 * version 4.3 (docs.joinmastodon.org/entities/Notification), about 3 kB each. What counts and what bears load use the
 * same ones. The number and the author's decide everything but the time; several languages take turns. */
#ifndef TESTS_BENCH_MENTION_H
#define TESTS_BENCH_MENTION_H

#include "core/base/str.h"

/* Appends "event: notification", its data and the blank line. wall_ms: when it was written. The text holds "load" and
 * the number. */
void mention_add(struct str *out, int64_t number, int64_t author, int64_t wall_ms);
void mention_status(struct str *out, int64_t number, int64_t author, int64_t wall_ms); /* its status alone, as JSON */
void mention_text(struct str *out, int64_t number); /* its words as plain text, with load and the number */
int64_t mention_status_id(int64_t number, int64_t wall_ms);

#endif
