#include "core/model/hours.h"

#include "core/base/str.h"

#include <string.h>
#include <time.h>

#define DAY_MINUTES 1440
#define SECOND_MS 1000
#define HOURS_EXPECTED "expected days and times like \"mon-fri 09:00-18:00, sat 10:00-14:00\", \"always\" or \"never\""
#define HOLIDAYS_EXPECTED "expected dates like \"2026-12-25, 01-01\""

/* A walk over "a, b c" that never leaves its text. */
struct scan {
	const char *at;
};

static void skip_blanks(struct scan *s)
{
	while (*s->at == ' ' || *s->at == '\t')
		s->at++;
}

static bool take(struct scan *s, char c)
{
	if (*s->at != c)
		return false;
	s->at++;
	return true;
}

static bool take_digits(struct scan *s, int least, int most, int *out)
{
	int count = 0, value = 0;
	while (count < most && s->at[count] >= '0' && s->at[count] <= '9')
		value = value * 10 + (s->at[count++] - '0');
	if (count < least)
		return false;
	s->at += count;
	*out = value;
	return true;
}

static bool take_weekday(struct scan *s, int *day)
{
	static const char *const names[] = {
	        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
	size_t len = strspn(s->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	for (int i = 0; i < 7; i++) {
		bool whole = len == strlen(names[i]);
		if ((len == 3 || whole) && str_icmp_n(s->at, names[i], len) == 0) {
			s->at += len;
			*day = i;
			return true;
		}
	}
	return false;
}

/* "mon", "mon-fri" or "daily". */
static bool take_days(struct scan *s, bool days[7])
{
	memset(days, 0, 7 * sizeof *days);
	if (str_icmp_n(s->at, "daily", 5) == 0) {
		s->at += 5;
		memset(days, 1, 7 * sizeof *days);
		return true;
	}
	int first, last;
	if (!take_weekday(s, &first))
		return false;
	last = first;
	if (take(s, '-') && !take_weekday(s, &last))
		return false;
	for (int i = first;; i = (i + 1) % 7) {
		days[i] = true;
		if (i == last)
			return true;
	}
}

static bool take_time(struct scan *s, int *minutes)
{
	int hour, minute;
	if (!take_digits(s, 1, 2, &hour) || !take(s, ':') || !take_digits(s, 2, 2, &minute))
		return false;
	*minutes = hour * 60 + minute;
	return minute < 60 && *minutes <= DAY_MINUTES;
}

/* Keeps a day's spans in order and apart: what overlaps or touches becomes one. */
static bool day_add(struct hours_day *day, int from, int to)
{
	if (from == to)
		return true;
	struct hours_day merged = {.count = 0};
	struct hours_span add = {(int16_t)from, (int16_t)to};
	bool placed = false;
	for (int i = 0; i < day->count; i++) {
		struct hours_span old = day->span[i];
		if (old.from <= add.to && add.from <= old.to) {
			add.from = old.from < add.from ? old.from : add.from;
			add.to = old.to > add.to ? old.to : add.to;
			continue;
		}
		if (!placed && add.from < old.from) {
			if (merged.count == HOURS_SPANS_MAX)
				return false;
			merged.span[merged.count++] = add;
			placed = true;
		}
		if (merged.count == HOURS_SPANS_MAX)
			return false;
		merged.span[merged.count++] = old;
	}
	if (!placed) {
		if (merged.count == HOURS_SPANS_MAX)
			return false;
		merged.span[merged.count++] = add;
	}
	*day = merged;
	return true;
}

static bool add_span(struct hours *hours, const bool days[7], int from, int to)
{
	for (int i = 0; i < 7; i++) {
		if (!days[i])
			continue;
		if (from < to) {
			if (!day_add(&hours->day[i], from, to))
				return false;
		} else if (!day_add(&hours->day[i], from, DAY_MINUTES) || !day_add(&hours->day[(i + 1) % 7], 0, to)) {
			return false;
		}
	}
	return true;
}

static int parse_week(struct scan *s, struct hours *hours, struct err *err)
{
	do {
		bool days[7];
		skip_blanks(s);
		const char *entry = s->at;
		if (!take_days(s, days))
			return err_set(err, ERR_CONFIG, "found \"%.40s\", " HOURS_EXPECTED, entry);
		skip_blanks(s);
		do {
			int from, to;
			const char *times = s->at;
			if (!take_time(s, &from) || !take(s, '-') || !take_time(s, &to) || from == DAY_MINUTES)
				return err_set(err, ERR_CONFIG,
				        "found \"%.40s\", expected two times of day like 09:00-18:00", times);
			if (from == to)
				return err_set(err, ERR_CONFIG,
				        "found \"%.11s\", which is no time at all; expected two different times",
				        times);
			if (!add_span(hours, days, from, to))
				return err_set(err, ERR_CONFIG, "found more than %d spans on one day", HOURS_SPANS_MAX);
			skip_blanks(s);
		} while (*s->at >= '0' && *s->at <= '9');
	} while (take(s, ','));
	if (*s->at)
		return err_set(err, ERR_CONFIG, "found \"%.40s\", expected a comma or the end", s->at);
	return 0;
}

int hours_parse(const char *text, struct hours *hours, struct err *err)
{
	struct scan s = {text};
	struct hours parsed = *hours;
	parsed.limited = false;
	memset(parsed.day, 0, sizeof parsed.day);
	skip_blanks(&s);
	if (str_ieq(s.at, "never")) {
		parsed.limited = true;
	} else if (*s.at && !str_ieq(s.at, "always")) {
		parsed.limited = true;
		int rc = parse_week(&s, &parsed, err);
		if (rc < 0)
			return rc;
	}
	*hours = parsed;
	return 0;
}

static bool take_date(struct scan *s, int32_t *date)
{
	static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = 0, month, day;
	struct scan with_year = *s;
	if (take_digits(&with_year, 4, 4, &year) && take(&with_year, '-'))
		*s = with_year;
	else
		year = 0;
	if (!take_digits(s, 2, 2, &month) || !take(s, '-') || !take_digits(s, 2, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_days[month - 1])
		return false;
	*date = (int32_t)(year * 10000 + month * 100 + day);
	return true;
}

int hours_parse_holidays(const char *text, struct hours *hours, struct err *err)
{
	struct scan s = {text};
	struct hours parsed = *hours;
	skip_blanks(&s);
	if (!*s.at)
		return 0;
	do {
		skip_blanks(&s);
		const char *entry = s.at;
		int32_t date;
		if (!take_date(&s, &date))
			return err_set(err, ERR_CONFIG, "found \"%.40s\", " HOLIDAYS_EXPECTED, entry);
		if (parsed.holidays == HOURS_HOLIDAYS_MAX)
			return err_set(err, ERR_CONFIG, "found more than %d holidays", HOURS_HOLIDAYS_MAX);
		parsed.holiday[parsed.holidays++] = date;
		skip_blanks(&s);
	} while (take(&s, ','));
	if (*s.at)
		return err_set(err, ERR_CONFIG, "found \"%.40s\", " HOLIDAYS_EXPECTED, s.at);
	*hours = parsed;
	return 0;
}

/* --- the local calendar */

struct date {
	int year, month, day; /* as in struct tm: since 1900, from 0, from 1 */
	int weekday;
};

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* By the calendar alone: there are zones in which a whole day, noon included, was skipped. */
static struct date date_next(struct date date)
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

/* mktime's own choice between two equal local times depends on what it was asked before; this one does not. */
static int64_t instant_of(struct date date, int minute)
{
	if (minute == DAY_MINUTES) {
		date = date_next(date);
		minute = 0;
	}
	struct tm wall = {.tm_year = date.year, .tm_mon = date.month, .tm_mday = date.day, .tm_isdst = -1};
	struct tm there;
	time_t at;
	wall.tm_hour = minute / 60;
	wall.tm_min = minute % 60;
	for (int summer = 1; summer >= 0; summer--) {
		there = wall;
		there.tm_isdst = summer;
		at = mktime(&there);
		if (there.tm_isdst == summer && same_wall(&there, &wall))
			return (int64_t)at * SECOND_MS;
	}
	there = wall;
	at = mktime(&there);
	return (int64_t)(same_wall(&there, &wall) ? at : after_gap(&wall, at)) * SECOND_MS;
}

static struct date date_at(int64_t ms)
{
	/* Floor, not truncation: an instant before 1970 belongs to the second before it. */
	time_t seconds = (time_t)(ms / SECOND_MS - (ms % SECOND_MS < 0));
	struct tm tm;
	localtime_r(&seconds, &tm);
	return (struct date){tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_wday};
}

static bool is_holiday(const struct hours *hours, struct date date)
{
	int each_year = (date.month + 1) * 100 + date.day;
	int once = (date.year + 1900) * 10000 + each_year;
	for (int i = 0; i < hours->holidays; i++) {
		if (hours->holiday[i] == each_year || hours->holiday[i] == once)
			return true;
	}
	return false;
}

/* The spans of one calendar day; none on a holiday. */
static const struct hours_day *day_plan(const struct hours *hours, struct date date)
{
	static const struct hours_day closed = {.count = 0};
	static const struct hours_day open = {.span = {{0, DAY_MINUTES}}, .count = 1};
	if (is_holiday(hours, date))
		return &closed;
	return hours->limited ? &hours->day[date.weekday] : &open;
}

static bool always_open(const struct hours *hours)
{
	return !hours->limited && !hours->holidays;
}

bool hours_open_at(const struct hours *hours, int64_t at_ms)
{
	if (always_open(hours))
		return true;
	struct date today = date_at(at_ms);
	const struct hours_day *plan = day_plan(hours, today);
	for (int i = 0; i < plan->count; i++) {
		if (instant_of(today, plan->span[i].from) <= at_ms && at_ms < instant_of(today, plan->span[i].to))
			return true;
	}
	return false;
}

int64_t hours_add(const struct hours *hours, int64_t from_ms, int64_t working_ms)
{
	enum { HORIZON_DAYS = 3660 };
	if (working_ms <= 0)
		return from_ms;
	if (always_open(hours))
		return working_ms > INT64_MAX - from_ms ? INT64_MAX : from_ms + working_ms;
	struct date date = date_at(from_ms);
	for (int days = 0; days < HORIZON_DAYS; days++, date = date_next(date)) {
		const struct hours_day *plan = day_plan(hours, date);
		for (int i = 0; i < plan->count; i++) {
			int64_t open = instant_of(date, plan->span[i].from);
			int64_t close = instant_of(date, plan->span[i].to);
			if (open < from_ms)
				open = from_ms;
			if (close <= open)
				continue;
			if (working_ms <= close - open)
				return open + working_ms;
			working_ms -= close - open;
		}
	}
	return INT64_MAX;
}

int64_t hours_between(const struct hours *hours, int64_t a_ms, int64_t b_ms)
{
	if (b_ms < a_ms)
		return -hours_between(hours, b_ms, a_ms);
	if (always_open(hours))
		return b_ms - a_ms;
	int64_t sum = 0;
	for (struct date date = date_at(a_ms); instant_of(date, 0) < b_ms; date = date_next(date)) {
		const struct hours_day *plan = day_plan(hours, date);
		for (int i = 0; i < plan->count; i++) {
			int64_t open = instant_of(date, plan->span[i].from);
			int64_t close = instant_of(date, plan->span[i].to);
			open = open < a_ms ? a_ms : open;
			close = close > b_ms ? b_ms : close;
			if (open < close)
				sum += close - open;
		}
	}
	return sum;
}
