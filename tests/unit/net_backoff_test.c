#include "core/net/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void the_limit_doubles_from_a_second_to_a_minute_and_stays(void **state)
{
	(void)state;
	static const int64_t limits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
	struct backoff backoff;
	backoff_init(&backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		assert_int_equal(backoff_next(&backoff, (uint64_t)limits[i]), limits[i]);
}

static void a_wait_is_anything_from_nothing_to_the_limit(void **state)
{
	(void)state;
	struct backoff backoff;
	for (uint64_t random = 0; random < 5000; random++) {
		backoff_init(&backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
		assert_int_equal(backoff_next(&backoff, random), random % 1001);
	}
	backoff_init(&backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	assert_in_range(backoff_next(&backoff, UINT64_MAX), 0, 1000);
}

static void a_minute_of_health_forgets_what_failed_before_and_less_does_not(void **state)
{
	(void)state;
	struct backoff backoff;
	backoff_init(&backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	backoff_next(&backoff, 0);
	backoff_next(&backoff, 0);
	backoff_lived(&backoff, 59999);
	assert_int_equal(backoff.limit_ms, 4000);
	backoff_lived(&backoff, 60000);
	assert_int_equal(backoff.limit_ms, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_limit_doubles_from_a_second_to_a_minute_and_stays),
	        cmocka_unit_test(a_wait_is_anything_from_nothing_to_the_limit),
	        cmocka_unit_test(a_minute_of_health_forgets_what_failed_before_and_less_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
