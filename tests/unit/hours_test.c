#include "core/model/hours.h"

#include "core/base/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static void use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int64_t at(const char *text)
{
	int64_t ms = 0;
	assert_true(time_parse_rfc3339(text, &ms));
	return ms;
}

static struct hours hours_of(const char *text)
{
	struct hours hours = {.limited = false};
	struct err err = ERR_INIT;
	if (hours_parse(text, &hours, &err) < 0)
		fail_msg("%s", err.text);
	return hours;
}

static void expect_instant(int64_t found, const char *expected)
{
	char text[32];
	time_format_rfc3339(found, text, sizeof text);
	assert_string_equal(text, expected);
}

static void always_is_the_default_and_counts_every_millisecond(void **state)
{
	(void)state;
	struct hours zero = {.limited = false};
	use_zone("Europe/Paris");
	assert_true(hours_open_at(&zero, 0));
	assert_int_equal(hours_add(&zero, 1000, 20 * MINUTE), 1000 + 20 * MINUTE);
	assert_int_equal(hours_between(&zero, 500, 1700), 1200);
	struct hours always = hours_of("always");
	assert_false(always.limited);
}

static void what_lasted_for_longer_than_ten_years_counts_as_ten(void **state)
{
	(void)state;
	use_zone("Europe/Paris");
	struct hours hours = hours_of("mon-fri 09:00-18:00");
	int64_t now = at("2026-11-27T12:00:00Z"), since = at("2016-11-30T12:00:00Z");
	int64_t most = hours_between(&hours, now - INT64_C(3660) * 24 * HOUR, now);
	assert_int_equal(hours_between(&hours, at("0001-01-01T00:00:00Z"), now), most);
	assert_int_equal(hours_between(&hours, now, at("0001-01-01T00:00:00Z")), -most);
	assert_true(hours_between(&hours, since, now) < most);
}

static void a_post_at_night_is_due_twenty_minutes_after_opening(void **state)
{
	(void)state;
	use_zone("Europe/Paris");
	struct hours hours = hours_of("mon-fri 09:00-18:00, sat 10:00-14:00");
	/* Friday evening; Saturday opens at 10:00, which is 09:00Z in winter. */
	expect_instant(hours_add(&hours, at("2026-11-20T22:00:00Z"), 20 * MINUTE), "2026-11-21T09:20:00.000Z");
	/* Saturday 13:50 local: ten minutes are left, the other ten come on Monday. */
	expect_instant(hours_add(&hours, at("2026-11-21T12:50:00Z"), 20 * MINUTE), "2026-11-23T08:10:00.000Z");
	/* At the very end of a span is still within it. */
	expect_instant(hours_add(&hours, at("2026-11-20T16:40:00Z"), 20 * MINUTE), "2026-11-20T17:00:00.000Z");
	assert_int_equal(hours_add(&hours, 12345, 0), 12345);
}

static void between_and_add_agree(void **state)
{
	(void)state;
	use_zone("America/New_York");
	struct hours hours = hours_of("mon-fri 08:30-12:00 13:00-17:30, sun 22:00-02:00");
	int64_t from = at("2026-03-06T11:11:11Z");
	for (int64_t work = MINUTE; work < 200 * HOUR; work += 7 * HOUR + 13 * MINUTE) {
		int64_t due = hours_add(&hours, from, work);
		assert_int_equal(hours_between(&hours, from, due), work);
		assert_int_equal(hours_between(&hours, due, from), -work);
	}
}

static void a_day_of_the_clock_change_has_23_or_25_hours(void **state)
{
	(void)state;
	use_zone("Europe/Paris");
	struct hours hours = hours_of("daily 00:00-24:00");
	assert_true(hours.limited);
	assert_int_equal(hours_between(&hours, at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")), 23 * HOUR);
	assert_int_equal(hours_between(&hours, at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")), 25 * HOUR);
	/* Nine o'clock stays nine o'clock on the wall. */
	struct hours work = hours_of("daily 09:00-18:00");
	expect_instant(hours_add(&work, at("2026-03-28T20:00:00Z"), MINUTE), "2026-03-29T07:01:00.000Z");
	expect_instant(hours_add(&work, at("2026-10-24T20:00:00Z"), MINUTE), "2026-10-25T08:01:00.000Z");
}

static void a_span_in_the_hour_that_is_skipped_is_empty_and_in_the_doubled_hour_long(void **state)
{
	(void)state;
	use_zone("Europe/Paris");
	struct hours hours = hours_of("daily 02:00-03:00");
	assert_int_equal(hours_between(&hours, at("2026-03-28T22:00:00Z"), at("2026-03-29T20:00:00Z")), 0);
	int64_t doubled = hours_between(&hours, at("2026-10-24T22:00:00Z"), at("2026-10-25T20:00:00Z"));
	assert_true(doubled == HOUR || doubled == 2 * HOUR);
	assert_int_equal(hours_between(&hours, at("2026-06-01T22:00:00Z"), at("2026-06-02T20:00:00Z")), HOUR);
}

static void a_zone_that_skipped_a_whole_day_is_survived(void **state)
{
	(void)state;
	use_zone("Pacific/Apia"); /* had no 30 December 2011 */
	struct hours hours = hours_of("daily 09:00-17:00");
	int64_t from = at("2011-12-29T00:00:00Z"), to = at("2012-01-02T00:00:00Z");
	assert_int_equal(hours_between(&hours, from, hours_add(&hours, from, 20 * HOUR)), 20 * HOUR);
	assert_true(hours_between(&hours, from, to) > 0);
}

static void spans_past_midnight_belong_to_both_days(void **state)
{
	(void)state;
	use_zone("UTC");
	struct hours hours = hours_of("fri-sat 22:00-06:00");
	assert_true(hours_open_at(&hours, at("2026-11-20T23:00:00Z")));
	assert_true(hours_open_at(&hours, at("2026-11-21T05:59:59Z")));
	assert_false(hours_open_at(&hours, at("2026-11-21T06:00:00Z")));
	assert_true(hours_open_at(&hours, at("2026-11-22T03:00:00Z")));
	assert_false(hours_open_at(&hours, at("2026-11-22T23:00:00Z")));
}

static void days_wrap_around_the_week(void **state)
{
	(void)state;
	use_zone("UTC");
	struct hours hours = hours_of("Sat-mon 10:00-11:00");
	assert_true(hours_open_at(&hours, at("2026-11-22T10:30:00Z")));
	assert_true(hours_open_at(&hours, at("2026-11-23T10:30:00Z")));
	assert_false(hours_open_at(&hours, at("2026-11-24T10:30:00Z")));
}

static void overlapping_spans_count_once(void **state)
{
	(void)state;
	use_zone("UTC");
	struct hours hours = hours_of("mon 12:00-14:00 09:00-10:00 13:00-15:00, mon 10:00-11:00");
	assert_int_equal(hours_between(&hours, at("2026-11-23T00:00:00Z"), at("2026-11-24T00:00:00Z")), 5 * HOUR);
	assert_int_equal(hours.day[1].count, 2);
}

static void nobody_works_on_holidays(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	use_zone("UTC");
	struct hours hours = hours_of("mon-fri 09:00-17:00");
	assert_int_equal(hours_parse_holidays("12-25, 2026-12-28", &hours, &err), 0);
	assert_false(hours_open_at(&hours, at("2026-12-25T10:00:00Z")));
	assert_false(hours_open_at(&hours, at("2026-12-28T10:00:00Z")));
	assert_true(hours_open_at(&hours, at("2027-12-28T10:00:00Z")));
	expect_instant(hours_add(&hours, at("2026-12-24T16:50:00Z"), 20 * MINUTE), "2026-12-29T09:10:00.000Z");
	struct hours open = hours_of("always");
	assert_int_equal(hours_parse_holidays("2026-12-25", &open, &err), 0);
	assert_false(hours_open_at(&open, at("2026-12-25T10:00:00Z")));
	assert_true(hours_open_at(&open, at("2026-12-26T10:00:00Z")));
}

static void hours_that_never_come_give_no_deadline(void **state)
{
	(void)state;
	use_zone("UTC");
	struct hours never = hours_of("never");
	assert_true(hours_add(&never, 0, MINUTE) == INT64_MAX);
	assert_false(hours_open_at(&never, 0));
}

static void instants_before_1970_are_instants(void **state)
{
	(void)state;
	use_zone("UTC");
	struct hours hours = hours_of("daily 00:00-24:00");
	assert_int_equal(hours_between(&hours, -2 * HOUR - 1, HOUR), 3 * HOUR + 1);
}

static void what_is_wrong_is_quoted_with_what_was_expected(void **state)
{
	(void)state;
	static const struct {
		const char *text, *part;
	} cases[] = {
	        {"9-18", "found \"9-18\", expected days and times like"},
	        {"mon", "found \"\", expected two times of day like 09:00-18:00"},
	        {"mon 9", "found \"9\", expected two times"},
	        {"mon 09:00-25:00", "found \"09:00-25:00\", expected two times"},
	        {"mon 09:60-10:00", "found \"09:60-10:00\", expected two times"},
	        {"mon 09:00-09:00", "which is no time at all"},
	        {"mon 24:00-06:00", "found \"24:00-06:00\", expected two times"},
	        {"mon-xyz 09:00-10:00", "found \"mon-xyz 09:00-10:00\", expected days"},
	        {"mon 09:00-10:00;", "found \";\", expected a comma or the end"},
	        {"mon 09:00-10:00,", "found \"\", expected days"},
	        {"mo 09:00-10:00", "found \"mo 09:00-10:00\", expected days"},
	        {"mon 00:00-00:10 01:00-01:10 02:00-02:10 03:00-03:10 04:00-04:10 05:00-05:10 06:00-06:10",
	                "found more than 6 spans on one day"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hours hours = {.limited = false};
		struct err err = ERR_INIT;
		assert_int_equal(hours_parse(cases[i].text, &hours, &err), -ERR_CONFIG);
		if (!strstr(err.text, cases[i].part))
			fail_msg("%s gives: %s", cases[i].text, err.text);
		assert_false(hours.limited);
	}
	static const char *const dates[] = {"2026-13-01", "02-30", "26-12-25", "2026-12-25 x", "12-25,", "never"};
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		struct hours hours = {.limited = false};
		struct err err = ERR_INIT;
		assert_int_equal(hours_parse_holidays(dates[i], &hours, &err), -ERR_CONFIG);
		assert_non_null(strstr(err.text, "expected dates like"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(always_is_the_default_and_counts_every_millisecond),
	        cmocka_unit_test(what_lasted_for_longer_than_ten_years_counts_as_ten),
	        cmocka_unit_test(a_post_at_night_is_due_twenty_minutes_after_opening),
	        cmocka_unit_test(between_and_add_agree),
	        cmocka_unit_test(a_day_of_the_clock_change_has_23_or_25_hours),
	        cmocka_unit_test(a_span_in_the_hour_that_is_skipped_is_empty_and_in_the_doubled_hour_long),
	        cmocka_unit_test(a_zone_that_skipped_a_whole_day_is_survived),
	        cmocka_unit_test(spans_past_midnight_belong_to_both_days),
	        cmocka_unit_test(days_wrap_around_the_week),
	        cmocka_unit_test(overlapping_spans_count_once),
	        cmocka_unit_test(nobody_works_on_holidays),
	        cmocka_unit_test(hours_that_never_come_give_no_deadline),
	        cmocka_unit_test(instants_before_1970_are_instants),
	        cmocka_unit_test(what_is_wrong_is_quoted_with_what_was_expected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
