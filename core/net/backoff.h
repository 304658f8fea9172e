/* How long to wait before the next attempt: full jitter (a uniformly random part of a limit that doubles), so that
 * many clients of one server that fell over do not come back all at once. Pure: randomness comes in as a number. */
#ifndef CORE_NET_BACKOFF_H
#define CORE_NET_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 60000
#define BACKOFF_HEALTHY_MS 60000

struct backoff {
	int64_t first_ms, max_ms;
	int64_t limit_ms; /* of the next wait */
};

void backoff_init(struct backoff *backoff, int64_t first_ms, int64_t max_ms);
void backoff_reset(struct backoff *backoff);

/* The wait in ms, from 0 to the limit; doubles the limit for the next one. */
int64_t backoff_next(struct backoff *backoff, uint64_t random);

/* A connection lived for so long: after BACKOFF_HEALTHY_MS what failed before no longer counts. A server that accepts
 * and drops at once is not taken for a healthy one. */
void backoff_lived(struct backoff *backoff, int64_t ms);

#endif
