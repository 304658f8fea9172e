#include "tui/term/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void after_a_look_that_found_nothing_the_bell_is_waited_for(void **state)
{
	(void)state;
	struct pace pace = {0};
	assert_int_equal(pace_looked(&pace, false), 0);
	assert_int_equal(pace_looked(&pace, true), PACE_FIRST_MS);
	assert_int_equal(pace_looked(&pace, false), 0);
}

static void looks_that_all_find_something_come_ten_times_a_second_at_most_and_ever_more_rarely(void **state)
{
	(void)state;
	struct pace pace = {0};
	int64_t before = 0, now = 0;
	int looks = 1, in_first = 1;
	while (now < 60000) {
		int64_t wait = pace_looked(&pace, true);
		assert_true(wait >= PACE_FIRST_MS && wait >= before && wait <= PACE_SLOWEST_MS);
		before = wait;
		now += wait;
		looks++;
		in_first += now < 1000;
	}
	assert_int_equal(before, PACE_SLOWEST_MS);
	assert_true(in_first <= 10);
	assert_true(looks < 70);
}

static void a_quiet_moment_makes_looks_quick_again(void **state)
{
	(void)state;
	struct pace pace = {0};
	for (int i = 0; i < 100000; i++)
		pace_looked(&pace, true);
	pace_looked(&pace, false);
	assert_int_equal(pace_looked(&pace, true), PACE_FIRST_MS);
}

static void what_repaints_take_of_the_line_is_bounded(void **state)
{
	(void)state;
	struct pace pace = {0};
	int64_t now = 5000, sent = 0;
	assert_int_equal(pace_painted(&pace, now, PACE_BYTES_AT_ONCE, 0), 0);
	assert_int_equal(pace_painted(&pace, now, PACE_BYTES_A_SECOND, 0), 1000);
	for (now = 100000; now < 160000;) {
		int64_t wait = pace_painted(&pace, now, 700, 0);
		sent += 700;
		now += wait > 10 ? wait : 10;
	}
	assert_true(sent <= 60 * PACE_BYTES_A_SECOND + PACE_BYTES_AT_ONCE + 700);
}

static void a_line_that_was_full_is_left_alone_for_twice_as_long(void **state)
{
	(void)state;
	struct pace pace = {0};
	assert_int_equal(pace_painted(&pace, 1000, 12, 1500), 3000);
	assert_int_equal(pace_painted(&pace, 9000, 12, 0), 0);
	assert_int_equal(pace_painted(&pace, 9000, 1 << 20, 100), PACE_PATIENCE_MS);
	assert_int_equal(pace_painted(&pace, 9000, 1, INT64_C(3600000)), PACE_PATIENCE_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(after_a_look_that_found_nothing_the_bell_is_waited_for),
	        cmocka_unit_test(looks_that_all_find_something_come_ten_times_a_second_at_most_and_ever_more_rarely),
	        cmocka_unit_test(a_quiet_moment_makes_looks_quick_again),
	        cmocka_unit_test(what_repaints_take_of_the_line_is_bounded),
	        cmocka_unit_test(a_line_that_was_full_is_left_alone_for_twice_as_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
