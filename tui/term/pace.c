#include "tui/term/pace.h"

int64_t pace_looked(struct pace *pace, bool found)
{
	if (!found) {
		pace->looks = 0;
		return 0;
	}
	int64_t wait = PACE_FIRST_MS;
	for (int look = PACE_FIRST_LOOKS; look <= pace->looks && wait < PACE_SLOWEST_MS; look++)
		wait *= 2;
	if (wait < PACE_SLOWEST_MS)
		pace->looks++;
	return wait < PACE_SLOWEST_MS ? wait : PACE_SLOWEST_MS;
}

int64_t pace_painted(struct pace *pace, int64_t now_ms, size_t bytes, int64_t line_ms)
{
	int64_t paid = (now_ms - pace->then_ms) * PACE_BYTES_A_SECOND / 1000;
	pace->bytes = (pace->bytes > paid ? pace->bytes - paid : 0) + (int64_t)bytes;
	pace->then_ms = now_ms;
	int64_t over = pace->bytes - PACE_BYTES_AT_ONCE;
	int64_t wait = over > 0 ? over * 1000 / PACE_BYTES_A_SECOND : 0;
	/* A line that was full for so long is left to the keys for twice that. */
	wait = wait > 2 * line_ms ? wait : 2 * line_ms;
	return wait < PACE_PATIENCE_MS ? wait : PACE_PATIENCE_MS;
}
