#include "core/model/hours.h"

#include "core/base/str.h"
#include "core/model/calendar.h"

#include <string.h>

#define HOURS_EXPECTED "expected days and times like \"mon-fri 09:00-18:00, sat 10:00-14:00\", \"always\" or \"never\""
#define HOLIDAYS_EXPECTED "expected dates like \"2026-12-25, 01-01\""
#define DAY_MS (INT64_C(24) * 3600 * 1000)

enum { HORIZON_DAYS = 3660 }; /* each is looked at, and a date can be thousands of years away */

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
	size_t len = strspn(s->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (!calendar_weekday(s->at, len, day))
		return false;
	s->at += len;
	return true;
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
	return minute < 60 && *minutes <= CALENDAR_DAY_MINUTES;
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
		} else if (!day_add(&hours->day[i], from, CALENDAR_DAY_MINUTES) ||
		           !day_add(&hours->day[(i + 1) % 7], 0, to)) {
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
			if (!take_time(s, &from) || !take(s, '-') || !take_time(s, &to) || from == CALENDAR_DAY_MINUTES)
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

static bool is_holiday(const struct hours *hours, struct calendar_date date)
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
static const struct hours_day *day_plan(const struct hours *hours, struct calendar_date date)
{
	static const struct hours_day closed = {.count = 0};
	static const struct hours_day open = {.span = {{0, CALENDAR_DAY_MINUTES}}, .count = 1};
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
	struct calendar_date today = calendar_date_at(at_ms);
	const struct hours_day *plan = day_plan(hours, today);
	for (int i = 0; i < plan->count; i++) {
		if (calendar_instant(today, plan->span[i].from) <= at_ms &&
		        at_ms < calendar_instant(today, plan->span[i].to))
			return true;
	}
	return false;
}

int64_t hours_add(const struct hours *hours, int64_t from_ms, int64_t working_ms)
{
	if (working_ms <= 0)
		return from_ms;
	if (always_open(hours))
		return working_ms > INT64_MAX - from_ms ? INT64_MAX : from_ms + working_ms;
	struct calendar_date date = calendar_date_at(from_ms);
	for (int days = 0; days < HORIZON_DAYS; days++, date = calendar_next(date)) {
		const struct hours_day *plan = day_plan(hours, date);
		for (int i = 0; i < plan->count; i++) {
			int64_t open = calendar_instant(date, plan->span[i].from);
			int64_t close = calendar_instant(date, plan->span[i].to);
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
	if (b_ms - a_ms > HORIZON_DAYS * DAY_MS)
		a_ms = b_ms - HORIZON_DAYS * DAY_MS;
	int64_t sum = 0;
	for (struct calendar_date date = calendar_date_at(a_ms); calendar_instant(date, 0) < b_ms;
	        date = calendar_next(date)) {
		const struct hours_day *plan = day_plan(hours, date);
		for (int i = 0; i < plan->count; i++) {
			int64_t open = calendar_instant(date, plan->span[i].from);
			int64_t close = calendar_instant(date, plan->span[i].to);
			open = open < a_ms ? a_ms : open;
			close = close > b_ms ? b_ms : close;
			if (open < close)
				sum += close - open;
		}
	}
	return sum;
}
