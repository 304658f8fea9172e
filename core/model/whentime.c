#include "core/model/whentime.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/model/calendar.h"

#define MORNING (9 * 60)
#define EXPECTED "expected a time like 1h, 14:30, tomorrow, mon 9:00 or 2026-12-01 09:00"

enum { WORDS_MAX = 4, TYPED_MAX = 64, HORIZON_DAYS = 366 };

static const int64_t minute_ms = 60 * 1000;

struct words {
	char text[TYPED_MAX];
	char *at[WORDS_MAX];
	int count;
};

/* Lower case, split at blanks. False when it is longer than any time. */
static bool split(const char *text, struct words *words)
{
	words->count = 0;
	if (!str_copy(words->text, sizeof words->text, text))
		return false;
	for (char *p = words->text; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	char *rest = words->text;
	for (char *word; (word = strtok_r(rest, " \t", &rest));) {
		if (words->count == WORDS_MAX)
			return false;
		words->at[words->count++] = word;
	}
	return words->count > 0;
}

static void drop_word(struct words *words, int i)
{
	words->count--;
	memmove(words->at + i, words->at + i + 1, (size_t)(words->count - i) * sizeof *words->at);
}

/* --- so much time */

static int64_t unit_ms(const char *word)
{
	static const struct {
		const char *word;
		int minutes;
	} units[] = {{"min", 1}, {"mins", 1}, {"minute", 1}, {"minutes", 1}, {"hour", 60}, {"hours", 60}, {"day", 1440},
	        {"days", 1440}, {"week", 10080}, {"weeks", 10080}};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (str_eq(word, units[i].word))
			return units[i].minutes * minute_ms;
	}
	return 0;
}

static bool parse_span(const struct words *words, int64_t *ms)
{
	int64_t n;
	if (words->count == 1)
		return duration_parse(words->at[0], ms);
	if (words->count != 2 || !parse_i64(words->at[0], &n) || n < 0 || n > 100000 || !unit_ms(words->at[1]))
		return false;
	*ms = n * unit_ms(words->at[1]);
	return true;
}

/* --- a time of day */

static bool take_number(const char **p, int *n)
{
	int digits = 0;
	*n = 0;
	for (; **p >= '0' && **p <= '9' && digits < 2; (*p)++, digits++)
		*n = *n * 10 + (**p - '0');
	return digits > 0;
}

/* "14:30" "9am" "2:30pm": with neither colon nor half of the day it could be hours as well as a time. */
static bool parse_time(const char *word, int *minute)
{
	int hour, minutes = 0;
	const char *p = word;
	if (!take_number(&p, &hour))
		return false;
	bool colon = *p == ':';
	if (colon) {
		const char *start = ++p;
		if (!take_number(&p, &minutes) || p - start != 2 || minutes > 59)
			return false;
	}
	if (str_eq(p, "am") || str_eq(p, "pm")) {
		if (hour < 1 || hour > 12)
			return false;
		hour = hour % 12 + (*p == 'p' ? 12 : 0);
	} else if (*p || !colon || hour > 23) {
		return false;
	}
	*minute = hour * 60 + minutes;
	return true;
}

/* The words of a time from `first` on: none, "9:00", "at 9:00", "2:30 pm". */
static bool parse_times(struct words *words, int first, int *minute)
{
	char joined[TYPED_MAX];
	if (first < words->count && str_eq(words->at[first], "at"))
		drop_word(words, first);
	if (words->count == first + 1)
		return parse_time(words->at[first], minute);
	if (words->count != first + 2)
		return false;
	snprintf(joined, sizeof joined, "%s%s", words->at[first], words->at[first + 1]);
	return parse_time(joined, minute);
}

/* --- a day */

static bool parse_date(const char *word, struct calendar_date *date)
{
	int64_t utc_ms;
	int64_t fields[3];
	char part[8];
	static const struct {
		int at, len;
	} parts[] = {{0, 4}, {5, 2}, {8, 2}};
	/* The reader of RFC 3339 knows which dates exist. */
	if (strlen(word) != strlen("2026-12-01") || !time_parse_rfc3339(word, &utc_ms))
		return false;
	for (int i = 0; i < 3; i++) {
		snprintf(part, sizeof part, "%.*s", parts[i].len, word + parts[i].at);
		if (!parse_i64(part, &fields[i]))
			return false;
	}
	*date = (struct calendar_date){
	        .year = (int)fields[0] - 1900, .month = (int)fields[1] - 1, .day = (int)fields[2]};
	return true;
}

/* The first day from `date` on which minute is to come and which is that weekday (-1: any). */
static int64_t next_at(struct calendar_date date, int weekday, int minute, int64_t now)
{
	for (int days = 0; days < 8; days++, date = calendar_next(date)) {
		int64_t at = calendar_instant(date, minute);
		if (at > now && (weekday < 0 || date.weekday == weekday))
			return at;
	}
	return 0;
}

static bool parse_moment(struct words *words, int64_t now, int64_t *at)
{
	struct calendar_date today = calendar_date_at(now), date;
	const char *day = words->at[0];
	int minute = MORNING, weekday;
	if (parse_times(words, 0, &minute)) {
		*at = next_at(today, -1, minute, now);
		return true;
	}
	if (words->count > 1 && !parse_times(words, 1, &minute))
		return false;
	if (calendar_weekday(day, strlen(day), &weekday))
		*at = next_at(today, weekday, minute, now);
	else if (str_eq(day, "today") && words->count > 1)
		*at = calendar_instant(today, minute);
	else if (str_eq(day, "tomorrow"))
		*at = calendar_instant(calendar_next(today), minute);
	else if (parse_date(day, &date))
		*at = calendar_instant(date, minute);
	else
		return false;
	return true;
}

int whentime_parse(const char *text, int64_t now, int64_t *out, struct err *err)
{
	struct words words;
	int64_t span, at;
	if (!split(text, &words))
		return err_set(err, ERR_USAGE, "found \"%.40s\", " EXPECTED, text);
	bool in = words.count > 1 && str_eq(words.at[0], "in");
	if (in)
		drop_word(&words, 0);
	if (parse_span(&words, &span))
		at = span > INT64_MAX - now ? INT64_MAX : now + span;
	else if (in)
		return err_set(err, ERR_USAGE, "found \"%.40s\", expected so much time like 20m, 4h or 2 days", text);
	else if (!parse_moment(&words, now, &at))
		return err_set(err, ERR_USAGE, "found \"%.40s\", " EXPECTED, text);
	if (at <= now)
		return err_set(err, ERR_USAGE, "found \"%.40s\", which is past; expected a time to come", text);
	if (at > now + HORIZON_DAYS * 1440 * minute_ms)
		return err_set(
		        err, ERR_USAGE, "found \"%.40s\", which is more than a year ahead; is the year right?", text);
	*out = at;
	return 0;
}
