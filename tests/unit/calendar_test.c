#include "core/model/calendar.h"

#include "core/base/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define HALF_HOUR_S 1800

static const char *const zones[] = {"UTC", "Europe/Berlin", "Europe/Dublin", "America/St_Johns", "Australia/Lord_Howe",
        "Asia/Tokyo", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "Europe/Istanbul"};

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

static int minute_of(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	localtime_r(&t, &tm);
	return tm.tm_hour * 60 + tm.tm_min;
}

/* The clock shows each time of day at the instant that is found for it; an earlier one only where it shows it twice. */
static void expect_all_found(int64_t from, int64_t to)
{
	for (int64_t t = from; t < to; t += HALF_HOUR_S) {
		struct calendar_date day = calendar_date_at(t * 1000);
		int64_t found = calendar_instant(day, minute_of(t)) / 1000;
		struct calendar_date there = calendar_date_at(found * 1000);
		assert_true(found <= t && found > t - 4 * 3600);
		assert_int_equal(minute_of(found), minute_of(t));
		assert_int_equal(there.day, day.day);
		assert_int_equal(there.weekday, day.weekday);
	}
}

static void every_half_hour_of_years_is_found_in_zones_of_all_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		use_zone(zones[i]);
		expect_all_found(at("2010-12-20T00:00:00Z") / 1000, at("2012-03-10T00:00:00Z") / 1000);
		expect_all_found(at("1969-12-30T00:00:00Z") / 1000, at("1970-01-03T00:00:00Z") / 1000);
	}
}

static void of_a_time_that_comes_twice_the_first_is_meant_whatever_was_asked_before(void **state)
{
	(void)state;
	use_zone("Europe/Berlin");
	struct calendar_date day = calendar_date_at(at("2026-10-25T06:00:00Z"));
	calendar_instant(calendar_date_at(at("2026-01-15T06:00:00Z")), 150);
	assert_int_equal(calendar_instant(day, 150), at("2026-10-25T00:30:00Z"));
	calendar_instant(calendar_date_at(at("2026-07-15T06:00:00Z")), 150);
	assert_int_equal(calendar_instant(day, 150), at("2026-10-25T00:30:00Z"));
}

static void a_time_that_is_skipped_is_the_instant_of_the_change(void **state)
{
	(void)state;
	use_zone("Europe/Berlin");
	struct calendar_date day = calendar_date_at(at("2026-03-29T12:00:00Z"));
	assert_int_equal(calendar_instant(day, 150), at("2026-03-29T01:00:00Z"));
	use_zone("Pacific/Apia"); /* had no 30 December 2011 */
	day = calendar_next(calendar_date_at(at("2011-12-29T12:00:00Z")));
	assert_int_equal(calendar_instant(day, 720), at("2011-12-30T10:00:00Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_half_hour_of_years_is_found_in_zones_of_all_kinds),
	        cmocka_unit_test(of_a_time_that_comes_twice_the_first_is_meant_whatever_was_asked_before),
	        cmocka_unit_test(a_time_that_is_skipped_is_the_instant_of_the_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
