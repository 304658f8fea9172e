#include "core/net/backoff.h"

void backoff_init(struct backoff *backoff, int64_t first_ms, int64_t max_ms)
{
	backoff->first_ms = first_ms;
	backoff->max_ms = max_ms;
	backoff_reset(backoff);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->limit_ms = backoff->first_ms;
}

int64_t backoff_next(struct backoff *backoff, uint64_t random)
{
	int64_t limit = backoff->limit_ms;
	backoff->limit_ms = limit > backoff->max_ms / 2 ? backoff->max_ms : limit * 2;
	return (int64_t)(random % ((uint64_t)limit + 1));
}

void backoff_lived(struct backoff *backoff, int64_t ms)
{
	if (ms >= BACKOFF_HEALTHY_MS)
		backoff_reset(backoff);
}
