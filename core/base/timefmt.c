#include "core/base/timefmt.h"
#include "core/base/str.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400 };

/* Days since 1970-01-01 in the proleptic Gregorian calendar, and back (Howard Hinnant, "chrono-compatible low-level
 * date algorithms"): years are counted from March, so that the leap day is a year's last. */
static int64_t days_of(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
	*month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
	*year = year_of_era + era * 400 + (*month <= 2);
}

static int days_in_month(int year, int month)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits at *p, which moves past them. */
static bool take_number(const char **p, int n, int *out)
{
	int value = 0;
	for (int i = 0; i < n; i++) {
		if (!is_digit((*p)[i]))
			return false;
		value = value * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*out = value;
	return true;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static bool take_date(const char **p, int64_t *days)
{
	int year, month, day;
	if (!take_number(p, 4, &year) || !take_char(p, '-') || !take_number(p, 2, &month) || !take_char(p, '-') ||
	        !take_number(p, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	*days = days_of(year, month, day);
	return true;
}

/* hh:mm:ss; a leap second counts as the second before it. */
static bool take_time(const char **p, int *seconds)
{
	int hour, minute, second;
	if (!take_number(p, 2, &hour) || !take_char(p, ':') || !take_number(p, 2, &minute) || !take_char(p, ':') ||
	        !take_number(p, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
	return true;
}

static bool take_fraction(const char **p, int *ms)
{
	*ms = 0;
	if (!take_char(p, '.'))
		return true;
	int digits = 0;
	for (; is_digit(**p); (*p)++)
		if (digits++ < 3)
			*ms = *ms * 10 + (**p - '0');
	for (int i = digits; i < 3; i++)
		*ms *= 10;
	return digits >= 1 && digits <= 9;
}

static bool take_offset(const char **p, int *seconds)
{
	*seconds = 0;
	if (take_char(p, 'Z') || take_char(p, 'z'))
		return true;
	int sign = **p == '-' ? -1 : 1;
	int hours, minutes;
	if (!take_char(p, '-') && !take_char(p, '+'))
		return false;
	if (!take_number(p, 2, &hours) || !take_char(p, ':') || !take_number(p, 2, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return hours <= 23 && minutes <= 59;
}

bool time_parse_rfc3339(const char *text, int64_t *utc_ms)
{
	if (!text)
		return false;
	const char *p = text;
	int64_t days;
	int seconds = 0, ms = 0, offset = 0;
	if (!take_date(&p, &days))
		return false;
	if (*p) {
		if (!take_char(&p, 'T') && !take_char(&p, 't') && !take_char(&p, ' '))
			return false;
		if (!take_time(&p, &seconds) || !take_fraction(&p, &ms) || !take_offset(&p, &offset) || *p)
			return false;
	}
	*utc_ms = (days * DAY_S + seconds - offset) * 1000 + ms;
	return true;
}

void time_format_rfc3339(int64_t utc_ms, char *out, size_t size)
{
	int64_t ms_of_day = utc_ms % (DAY_S * 1000LL);
	if (ms_of_day < 0)
		ms_of_day += DAY_S * 1000LL;
	int64_t year;
	int month, day;
	date_of((utc_ms - ms_of_day) / (DAY_S * 1000LL), &year, &month, &day);
	int seconds = (int)(ms_of_day / 1000);
	snprintf(out, size, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ", (long long)year, month, day, seconds / 3600,
	        seconds / 60 % 60, seconds % 60, (int)(ms_of_day % 1000));
}

/* gcc warns of every strftime whose format it cannot see; here the callers' formats are checked, by the attribute. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void time_format_local(int64_t utc_ms, const char *format, char *out, size_t size)
{
	time_t seconds = (time_t)(utc_ms / 1000 - (utc_ms % 1000 < 0));
	struct tm tm;
	if (!localtime_r(&seconds, &tm) || !strftime(out, size, format, &tm))
		out[0] = '\0';
}
#pragma GCC diagnostic pop

static int64_t unit_ms(char unit)
{
	switch (unit) {
	case 's': return 1000;
	case 'm': return 60 * 1000;
	case 'h': return 3600 * 1000;
	case 'd': return DAY_S * 1000LL;
	case 'w': return 7 * DAY_S * 1000LL;
	default: return 0;
	}
}

bool duration_parse(const char *text, int64_t *ms)
{
	if (!text || !*text)
		return false;
	if (strcmp(text, "0") == 0) {
		*ms = 0;
		return true;
	}
	int64_t total = 0, before = INT64_MAX;
	for (const char *p = text; *p;) {
		int64_t n = 0;
		int digits = 0;
		for (; is_digit(*p) && digits < 9; p++, digits++)
			n = n * 10 + (*p - '0');
		int64_t unit = unit_ms(*p++);
		if (!digits || !unit || unit >= before) /* units fall: 1h30m, never 30m1h or 5m5m */
			return false;
		before = unit;
		total += n * unit;
	}
	*ms = total;
	return true;
}

void duration_format(int64_t ms, char *out, size_t size)
{
	static const struct {
		int64_t below_s, unit_s;
		char letter;
	} steps[] = {
	        {60, 1, 's'},
	        {3600, 60, 'm'},
	        {DAY_S, 3600, 'h'},
	        {7 * DAY_S, DAY_S, 'd'},
	        {100 * 7 * DAY_S, 7 * DAY_S, 'w'},
	        {INT64_MAX, 365 * DAY_S, 'y'},
	};
	const char *sign = ms <= -1000 ? "-" : "";
	int64_t s = ms / 1000 < 0 ? -(ms / 1000) : ms / 1000;
	size_t i = 0;
	while (s >= steps[i].below_s)
		i++;
	snprintf(out, size, "%s%lld%c", sign, (long long)(s / steps[i].unit_s), steps[i].letter);
}

static int month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int i = 0; i < 12; i++)
		if (strncmp(names + (size_t)i * 3, name, 3) == 0)
			return i + 1;
	return 0;
}

/* RFC 9110, 5.6.7. The day's name is redundant and not checked against the date. */
bool time_parse_http(const char *text, int64_t *utc_ms)
{
	if (!text || strlen(text) != strlen("Sun, 22 Nov 2026 02:15:10 GMT") || text[3] != ',' || text[4] != ' ')
		return false;
	const char *p = text + 5;
	int day, year, seconds;
	if (!take_number(&p, 2, &day) || !take_char(&p, ' '))
		return false;
	int month = month_of(p);
	p += 3;
	if (!month || !take_char(&p, ' ') || !take_number(&p, 4, &year) || !take_char(&p, ' ') ||
	        !take_time(&p, &seconds) || strcmp(p, " GMT") != 0)
		return false;
	if (day < 1 || day > days_in_month(year, month))
		return false;
	*utc_ms = (days_of(year, month, day) * DAY_S + seconds) * 1000;
	return true;
}
