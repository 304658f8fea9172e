#include "core/base/timefmt.h"
#include "core/model/whentime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int64_t utc(const char *text)
{
	int64_t ms = -1;
	assert_true(time_parse_rfc3339(text, &ms));
	return ms;
}

/* now and the result as RFC 3339 */
static void means(const char *now, const char *typed, const char *then)
{
	int64_t at = -1;
	struct err err = ERR_INIT;
	if (whentime_parse(typed, utc(now), &at, &err) < 0)
		fail_msg("\"%s\": %s", typed, err.text);
	char got[32];
	time_format_rfc3339(at, got, sizeof got);
	if (at != utc(then))
		fail_msg("\"%s\" at %s is %s, not %s", typed, now, got, then);
}

static void refused(const char *now, const char *typed, const char *words)
{
	int64_t at = -1;
	struct err err = ERR_INIT;
	assert_int_equal(whentime_parse(typed, utc(now), &at, &err), -ERR_USAGE);
	assert_int_equal(at, -1);
	if (!strstr(err.text, words))
		fail_msg("\"%s\": %s", typed, err.text);
}

static int in_berlin(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	return 0;
}

/* A Sunday, 10:30 in Berlin. */
#define SUNDAY "2026-11-22T09:30:00Z"

static void so_much_time_passes(void **state)
{
	(void)state;
	means(SUNDAY, "1h", "2026-11-22T10:30:00Z");
	means(SUNDAY, "in 20m", "2026-11-22T09:50:00Z");
	means(SUNDAY, "1h30m", "2026-11-22T11:00:00Z");
	means(SUNDAY, "  In  20  Minutes ", "2026-11-22T09:50:00Z");
	means(SUNDAY, "2 days", "2026-11-24T09:30:00Z");
	means(SUNDAY, "1w", "2026-11-29T09:30:00Z");
}

static void a_time_of_day_is_the_next_one(void **state)
{
	(void)state;
	means(SUNDAY, "14:30", "2026-11-22T13:30:00Z");
	means(SUNDAY, "9:00", "2026-11-23T08:00:00Z");
	means(SUNDAY, "10:30", "2026-11-23T09:30:00Z");
	means(SUNDAY, "2:30 pm", "2026-11-22T13:30:00Z");
	means(SUNDAY, "12am", "2026-11-22T23:00:00Z");
	means(SUNDAY, "at 12pm", "2026-11-22T11:00:00Z");
}

static void days_have_names(void **state)
{
	(void)state;
	means(SUNDAY, "tomorrow", "2026-11-23T08:00:00Z");
	means(SUNDAY, "tomorrow 14:30", "2026-11-23T13:30:00Z");
	means(SUNDAY, "today 17:00", "2026-11-22T16:00:00Z");
	means(SUNDAY, "mon 9:00", "2026-11-23T08:00:00Z");
	means(SUNDAY, "Friday at 5pm", "2026-11-27T16:00:00Z");
	means(SUNDAY, "sun", "2026-11-29T08:00:00Z");
	means(SUNDAY, "sun 18:00", "2026-11-22T17:00:00Z");
	means(SUNDAY, "2026-12-01 09:00", "2026-12-01T08:00:00Z");
	means(SUNDAY, "2026-12-01", "2026-12-01T08:00:00Z");
}

static void the_clock_on_the_wall_counts_across_a_change_to_summer_time(void **state)
{
	(void)state;
	/* 2026-03-29 02:00 becomes 03:00 in Berlin. */
	means("2026-03-28T12:00:00Z", "tomorrow 9:00", "2026-03-29T07:00:00Z");
	means("2026-03-28T12:00:00Z", "tomorrow 2:30", "2026-03-29T01:00:00Z");
	means("2026-03-28T12:00:00Z", "24h", "2026-03-29T12:00:00Z");
	/* 2026-10-25 03:00 becomes 02:00. */
	means("2026-10-24T12:00:00Z", "tomorrow", "2026-10-25T08:00:00Z");
	means("2026-10-24T12:00:00Z", "mon 9:00", "2026-10-26T08:00:00Z");
}

static void a_day_that_a_zone_skipped_still_gives_a_time_to_come(void **state)
{
	setenv("TZ", "Pacific/Apia", 1);
	tzset();
	/* Samoa had no 30 December 2011. */
	means("2011-12-29T20:00:00Z", "tomorrow 9:00", "2011-12-30T10:00:00Z");
	in_berlin(state);
}

static void what_is_no_time_to_come_is_refused_in_words(void **state)
{
	(void)state;
	static const char *const nonsense[] = {"", " ", "9", "soon", "25:00", "9:60", "9:5", "13pm", "0am", "mon tue",
	        "mon 9:00 x y z", "tomorow", "today", "2026-13-01", "2026-02-30", "1x", "-1h", "mon 9", "9:00 9:00",
	        "99999999999999999999999999999999999999999999999999999999999999999999999h", "\xFF\xFE", "at"};
	for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
		refused(SUNDAY, nonsense[i], "expected a time like 1h, 14:30, tomorrow");
	refused(SUNDAY, "in the morning", "expected so much time like 20m");
	refused(SUNDAY, "in mon", "expected so much time like 20m");
	refused(SUNDAY, "today 9:00", "is past");
	refused(SUNDAY, "2026-11-21", "is past");
	refused(SUNDAY, "0", "is past");
	refused(SUNDAY, "2126-12-01", "is the year right?");
	refused(SUNDAY, "60w", "is the year right?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(so_much_time_passes),
	        cmocka_unit_test(a_time_of_day_is_the_next_one),
	        cmocka_unit_test(days_have_names),
	        cmocka_unit_test(the_clock_on_the_wall_counts_across_a_change_to_summer_time),
	        cmocka_unit_test(a_day_that_a_zone_skipped_still_gives_a_time_to_come),
	        cmocka_unit_test(what_is_no_time_to_come_is_refused_in_words),
	};
	return cmocka_run_group_tests(tests, in_berlin, NULL);
}
