#include "core/model/calendar.h"

#include "core/base/str.h"

#include <time.h>

#define SECOND_MS 1000

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

static bool same_wall(const struct tm *a, const struct tm *b)
{
	return a->tm_min == b->tm_min && a->tm_hour == b->tm_hour && a->tm_mday == b->tm_mday &&
	       a->tm_mon == b->tm_mon && a->tm_year == b->tm_year;
}

static bool wall_before(const struct tm *a, const struct tm *b)
{
	const int left[] = {a->tm_year, a->tm_mon, a->tm_mday, a->tm_hour, a->tm_min};
	const int right[] = {b->tm_year, b->tm_mon, b->tm_mday, b->tm_hour, b->tm_min};
	for (int i = 0; i < 5; i++) {
		if (left[i] != right[i])
			return left[i] < right[i];
	}
	return false;
}

/* The first instant near `near` at which the clock on the wall shows `wall` or later: where a change skips it. */
static time_t after_gap(const struct tm *wall, time_t near)
{
	time_t low = near - 2 * 86400, high = near + 2 * 86400;
	while (high - low > 1) {
		time_t mid = low + (high - low) / 2;
		struct tm there;
		localtime_r(&mid, &there);
		if (wall_before(&there, wall))
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* mktime's own choice between two equal local times depends on what it was asked before; this one does not. It fails,
 * and leaves what it was given, for a time on a day that a zone skipped. */
int64_t calendar_instant(struct calendar_date date, int minute)
{
	static const int ways[] = {1, 0, -1}; /* summer time, winter time, whichever */
	if (minute == CALENDAR_DAY_MINUTES) {
		date = calendar_next(date);
		minute = 0;
	}
	struct tm wall = {.tm_year = date.year, .tm_mon = date.month, .tm_mday = date.day};
	time_t near = 0;
	wall.tm_hour = minute / 60;
	wall.tm_min = minute % 60;
	for (int i = 0; i < 3; i++) {
		struct tm there = wall;
		there.tm_isdst = ways[i];
		time_t at = mktime(&there);
		if (at == (time_t)-1)
			continue;
		near = at;
		if (same_wall(&there, &wall) && (ways[i] < 0 || there.tm_isdst == ways[i]))
			return (int64_t)at * SECOND_MS;
	}
	return (int64_t)after_gap(&wall, near) * SECOND_MS;
}

struct calendar_date calendar_date_at(int64_t ms)
{
	/* Floor, not truncation: an instant before 1970 belongs to the second before it. */
	time_t seconds = (time_t)(ms / SECOND_MS - (ms % SECOND_MS < 0));
	struct tm tm;
	localtime_r(&seconds, &tm);
	return (struct calendar_date){tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_wday};
}
