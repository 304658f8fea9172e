#include "core/base/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void rfc3339_is_read_with_fractions_and_offsets(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
	        {"1970-01-01T00:00:00Z", 0},
	        {"2026-08-21T10:02:33.417Z", 1787306553417},
	        {"2026-08-21T12:02:33.417+02:00", 1787306553417},
	        {"2026-08-21t10:02:33.4z", 1787306553400},
	        {"2026-08-21 10:02:33.417999999Z", 1787306553417},
	        {"2026-08-21", 1787270400000},
	        {"1969-12-31T23:59:59.999Z", -1},
	        {"2016-12-31T23:59:60Z", 1483228799000},
	        {"2024-02-29T00:00:00-00:30", 1709166600000},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t ms = 42;
		assert_true(time_parse_rfc3339(cases[i].text, &ms));
		assert_int_equal(ms, cases[i].ms);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "2026", "2026-02-30", "2025-02-29", "2026-13-01", "2026-08-21T",
	        "2026-08-21T10:02:33", "2026-08-21T25:00:00Z", "2026-08-21T10:02:33.Z", "2026-08-21T10:02:33Zx",
	        "2026-08-21T10:02:33.1234567890Z", "2026-08-21T10:02:33+0200", "yesterday", "-026-01-01"};
	int64_t ms;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(time_parse_rfc3339(texts[i], &ms));
	assert_false(time_parse_rfc3339(NULL, &ms));
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	static const int64_t times[] = {0, -1, 1787306553417, 951782400000, -62135596800000, 253402300799999};
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		char text[32];
		int64_t ms;
		time_format_rfc3339(times[i], text, sizeof text);
		assert_true(time_parse_rfc3339(text, &ms));
		assert_int_equal(ms, times[i]);
	}
	char text[25];
	time_format_rfc3339(1787306553417, text, sizeof text);
	assert_string_equal(text, "2026-08-21T10:02:33.417Z");
}

static void local_time_follows_the_time_zone(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	char text[32];
	time_format_local(1787306553417, "%d %b %H:%M", text, sizeof text);
	assert_string_equal(text, "21 Aug 12:02");
	time_format_local(1787306553417, "%Y", text, 3);
	assert_string_equal(text, "");
}

static void durations_are_numbers_with_falling_units(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"0", 0}, {"90s", 90000}, {"20m", 1200000}, {"4h", 14400000}, {"2d", 172800000}, {"1w", 604800000},
	        {"1h30m", 5400000}, {"0s", 0}};
	static const char *const bad[] = {
	        "", "5", "m", "-5m", "5x", "30m1h", "5m5m", "1h ", "1.5h", "99999999999s", "h5"};
	int64_t ms;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(duration_parse(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(duration_parse(bad[i], &ms));
}

static void durations_are_shown_in_two_or_three_cells(void **state)
{
	(void)state;
	static const struct {
		int64_t s;
		const char *text;
	} cases[] = {{0, "0s"}, {45, "45s"}, {60, "1m"}, {3599, "59m"}, {3600, "1h"}, {86399, "23h"}, {2 * 86400, "2d"},
	        {7 * 86400, "1w"}, {35 * 86400, "5w"}, {730 * 86400, "2y"}, {-300, "-5m"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[16];
		duration_format(cases[i].s * 1000, text, sizeof text);
		assert_string_equal(text, cases[i].text);
	}
	char text[16];
	duration_format(INT64_MIN, text, sizeof text);
	duration_format(INT64_MAX, text, sizeof text);
}

static void the_date_of_http_is_read(void **state)
{
	(void)state;
	int64_t ms, same;
	assert_true(time_parse_http("Sun, 22 Nov 2026 02:15:10 GMT", &ms));
	assert_true(time_parse_rfc3339("2026-11-22T02:15:10Z", &same));
	assert_int_equal(ms, same);
	assert_false(time_parse_http("Sun, 22 Nov 2026 02:15:10 UTC", &ms));
	assert_false(time_parse_http("Sunday, 22-Nov-26 02:15:10 GMT", &ms));
	assert_false(time_parse_http("Sun, 31 Nov 2026 02:15:10 GMT", &ms));
	assert_false(time_parse_http("Sun, 22 Nox 2026 02:15:10 GMT", &ms));
	assert_false(time_parse_http("", &ms));
	assert_false(time_parse_http(NULL, &ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rfc3339_is_read_with_fractions_and_offsets),
	        cmocka_unit_test(what_is_no_time_is_refused),
	        cmocka_unit_test(what_is_written_is_read_back),
	        cmocka_unit_test(local_time_follows_the_time_zone),
	        cmocka_unit_test(durations_are_numbers_with_falling_units),
	        cmocka_unit_test(durations_are_shown_in_two_or_three_cells),
	        cmocka_unit_test(the_date_of_http_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
