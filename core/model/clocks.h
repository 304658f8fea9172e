/* The two clocks of a case: first reply and next reply, in the desk's working hours; and its place in every list. Pure.
 */
#ifndef CORE_MODEL_CLOCKS_H
#define CORE_MODEL_CLOCKS_H

#include "core/model/hours.h"
#include "core/model/model.h"

struct clock_rules {
	int64_t first_reply_ms; /* working milliseconds from the customer's first unanswered post */
	int64_t next_reply_ms;  /* the same, once we have answered */
	struct hours hours;
};

/* The deadline of the clock that runs for the case, 0 when none does: the customer spoke last (last_in_at >
 * last_out_at) and the case is new or open. first_unanswered_at: the customer's oldest post since we last spoke (0:
 * their newest). A like is no answer. A rule of 0 ms or hours that never open are no clock. */
int64_t clocks_due(const struct kase *kase, int64_t first_unanswered_at, const struct clock_rules *rules);

/* The order of all lists: what has a deadline first, by deadline; then the rest, newest change first. */
int64_t clocks_rank(int64_t due, int64_t updated_at);

#endif
