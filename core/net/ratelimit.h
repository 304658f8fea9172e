/* Rate limits as servers tell them, and a gate that holds requests back before a server has to. Pure.
 *
 * Dialects: Mastodon X-RateLimit-{Limit,Remaining,Reset} with Reset in ISO 8601 (microseconds); GoToSocial the same
 * with milliseconds, and Retry-After in 503; Bluesky RateLimit-* and X x-rate-limit-*, both with Reset in unix seconds.
 */
#ifndef CORE_NET_RATELIMIT_H
#define CORE_NET_RATELIMIT_H

#include "core/net/headers.h"

#include <stdbool.h>
#include <stdint.h>

#define RATELIMIT_DEFAULT_WAIT_MS 60000               /* of a 429 that says nothing usable */
#define RATELIMIT_MAX_WAIT_MS ((int64_t)24 * 3600000) /* nobody is believed beyond this; the longest known window */

struct ratelimit {
	int64_t limit, remaining; /* requests; -1 where not told */
	int64_t reset_wall_ms;    /* when remaining is limit again, UTC ms; -1 where not told */
};

/* False when no field of any dialect is there; then *out says "not told" throughout. */
bool ratelimit_parse(const struct headers *headers, struct ratelimit *out);

/* When the server wants to be asked again, in UTC ms; 0 when it asks for no wait.
 * 429: Retry-After, else the reset time, else a minute from now. 503: Retry-After alone. Other statuses: 0.
 * Retry-After may be repeated, in seconds and as a date (GoToSocial sends both): the later one counts, since waiting
 * too long costs less than asking too early. What lies in the past or is malformed is as if not told. */
int64_t ratelimit_retry_at(int status, const struct headers *headers, int64_t now_wall_ms);

/* 1000 to 5000 ms, to be added to such a time, so that those who wait for the same moment do not meet there. */
int64_t ratelimit_jitter_ms(uint64_t random);

/* One bucket of one server. Waits run on the monotonic clock: setting the wall clock neither opens nor shuts it. */
struct rate_gate {
	int64_t remaining;     /* -1 when not known */
	int64_t reset_mono_ms; /* when `remaining` no longer holds */
	int64_t shut_mono_ms;  /* nothing before this */
};

void rate_gate_init(struct rate_gate *gate);

/* When a request may go: now_mono_ms or earlier means at once. `keep` requests of the bucket are left for others: reads
 * leave some, so that a reply never waits behind them; replies leave 0. */
int64_t rate_gate_when(const struct rate_gate *gate, int64_t keep, int64_t now_mono_ms);

/* Before a request goes, and with what its answer says. */
void rate_gate_spend(struct rate_gate *gate);
void rate_gate_note(
        struct rate_gate *gate, int status, const struct headers *headers, int64_t now_wall_ms, int64_t now_mono_ms);

#endif
