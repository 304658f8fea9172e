#include "core/model/spending.h"

#include "core/base/timefmt.h"

#include <stdio.h>
#include <string.h>

#define MICROS_PER_HUNDREDTH 10000

void money_format(int64_t micros, const char *currency, char *out, size_t size)
{
	int64_t hundredths = (micros + MICROS_PER_HUNDREDTH - 1) / MICROS_PER_HUNDREDTH;
	snprintf(out, size, "%lld.%02lld %s", (long long)(hundredths / 100), (long long)(hundredths % 100), currency);
}

struct spending spending_now(const struct account *account, int64_t now_ms)
{
	struct spending spending = account->spending;
	char then[32], now[32];
	time_format_rfc3339(account->last_event_at, then, sizeof then);
	time_format_rfc3339(now_ms, now, sizeof now);
	if (strncmp(then, now, strlen("2026-11-27")) != 0)
		spending.day = 0;
	if (strncmp(then, now, strlen("2026-11")) != 0)
		spending.month = 0;
	return spending;
}
