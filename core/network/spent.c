#include "core/network/spent.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"

#include <stdio.h>
#include <string.h>

void spent_date(int64_t utc_ms, char out[11])
{
	char whole[32];
	time_format_rfc3339(utc_ms, whole, sizeof whole);
	memcpy(out, whole, 10);
	out[10] = '\0';
}

void spent_turn(struct spent *spent, int64_t now_ms)
{
	char today[11];
	spent_date(now_ms, today);
	if (str_eq(today, spent->today))
		return;
	spent->day = 0;
	if (strncmp(today, spent->today, strlen("2026-11")) != 0)
		spent->month = 0;
	memcpy(spent->today, today, sizeof today);
}

void spent_add(struct spent *spent, int64_t now_ms, int64_t micros)
{
	spent_turn(spent, now_ms);
	spent->day += micros;
	spent->month += micros;
}

void spent_write(const struct spent *spent, char out[SPENT_SIZE])
{
	snprintf(out, SPENT_SIZE, "%s %lld %lld", spent->today, (long long)spent->month, (long long)spent->day);
}

bool spent_read(struct spent *spent, const char *text)
{
	char today[11];
	long long month, day;
	if (sscanf(text, "%10s %lld %lld", today, &month, &day) != 3 || strlen(today) != 10 || month < 0 || day < 0)
		return false;
	memcpy(spent->today, today, sizeof today);
	spent->month = month;
	spent->day = day;
	return true;
}
