#include "core/model/clocks.h"

static bool awaits_us(const struct kase *kase)
{
	return (kase->status == STATUS_NEW || kase->status == STATUS_OPEN) && kase->last_in_at > kase->last_out_at;
}

int64_t clocks_due(const struct kase *kase, int64_t first_unanswered_at, const struct clock_rules *rules)
{
	if (!awaits_us(kase))
		return 0;
	int64_t allowed = kase->first_reply_at ? rules->next_reply_ms : rules->first_reply_ms;
	if (allowed <= 0)
		return 0;
	int64_t from = first_unanswered_at ? first_unanswered_at : kase->last_in_at;
	int64_t due = hours_add(&rules->hours, from, allowed);
	return due == INT64_MAX ? 0 : due; /* nobody is ever there: nothing can be late */
}

int64_t clocks_rank(int64_t due, int64_t updated_at)
{
	return due ? due : INT64_MAX - updated_at;
}
