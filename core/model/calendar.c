#include "core/model/calendar.h"

#include "core/base/str.h"

#include <time.h>

#define SECOND_MS 1000
#define DAY_S 86400

bool calendar_weekday(const char *word, size_t len, int *day)
{
	static const char *const names[] = {
	        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
	for (int i = 0; i < 7; i++) {
		bool whole = len == strlen(names[i]);
		if ((len == 3 || whole) && str_icmp_n(word, names[i], len) == 0) {
			*day = i;
			return true;
		}
	}
	return false;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* By the calendar alone: there are zones in which a whole day, noon included, was skipped. */
struct calendar_date calendar_next(struct calendar_date date)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int last = days[date.month] + (date.month == 1 && is_leap(date.year + 1900));
	date.weekday = (date.weekday + 1) % 7;
	if (date.day++ < last)
		return date;
	date.day = 1;
	if (date.month++ < 11)
		return date;
	date.month = 0;
	date.year++;
	return date;
}

/* What the clock on the wall would say in seconds since 1970 if it stood in UTC. Days are counted from March, so that
 * the leap day is a year's last. */
static int64_t flat_seconds(const struct tm *wall)
{
	int64_t year = wall->tm_year + 1900 - (wall->tm_mon < 2), month = (wall->tm_mon + 10) % 12;
	int64_t leaps = year / 4 - year / 100 + year / 400;
	int64_t days = year * 365 + leaps + (month * 153 + 2) / 5 + wall->tm_mday - 1 - 719468; /* 1970-01-01 */
	return ((days * 24 + wall->tm_hour) * 60 + wall->tm_min) * 60 + wall->tm_sec;
}

static int64_t offset_at(int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm there;
	localtime_r(&seconds, &there);
	return flat_seconds(&there) - at;
}

/* The first instant near `near` at which the clock on the wall shows `flat` or later: where a change skips it. */
static int64_t after_gap(int64_t flat, int64_t near)
{
	int64_t low = near - 2 * DAY_S, high = near + 2 * DAY_S;
	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;
		if (mid + offset_at(mid) < flat)
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* Not by mktime: its choice between two equal local times depends on what it was asked before, and a zone without
 * summer time makes it look through decades for one. No zone is a day away from UTC: what it said a day before and says
 * a day after are the two offsets that may hold here, the earlier instant first. */
int64_t calendar_instant(struct calendar_date date, int minute)
{
	if (minute == CALENDAR_DAY_MINUTES) {
		date = calendar_next(date);
		minute = 0;
	}
	struct tm wall = {.tm_year = date.year,
	        .tm_mon = date.month,
	        .tm_mday = date.day,
	        .tm_hour = minute / 60,
	        .tm_min = minute % 60};
	int64_t flat = flat_seconds(&wall), before = offset_at(flat - DAY_S), after = offset_at(flat + DAY_S);
	if (offset_at(flat - before) == before)
		return (flat - before) * SECOND_MS;
	if (before != after && offset_at(flat - after) == after)
		return (flat - after) * SECOND_MS;
	return after_gap(flat, flat - before) * SECOND_MS;
}

struct calendar_date calendar_date_at(int64_t ms)
{
	/* Floor, not truncation: an instant before 1970 belongs to the second before it. */
	time_t seconds = (time_t)(ms / SECOND_MS - (ms % SECOND_MS < 0));
	struct tm tm;
	localtime_r(&seconds, &tm);
	return (struct calendar_date){tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_wday};
}
