/* What the desk says of a store that takes nothing, or is damaged. */
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int setup(void **state)
{
	*state = driver_new();
	return 0;
}

static int teardown(void **state)
{
	driver_free(*state);
	return 0;
}

static void a_full_disk_is_over_when_something_was_written_again(void **state)
{
	struct driver *d = *state;
	d->refuse[FX_ACT] = (struct err){ERR_IO, "the store cannot grow"};
	driver_keys(d, "c");
	assert_int_equal(d->state->trouble, ERR_IO);
	d->refuse[FX_ACT].code = ERR_NONE;
	driver_keys(d, "c");
	assert_int_equal(d->state->trouble, ERR_NONE);
}

static void damage_stays_whatever_is_written(void **state)
{
	struct driver *d = *state;
	d->refuse[FX_CASE] = (struct err){ERR_DATA, "the store is damaged"};
	driver_keys(d, "j");
	assert_int_equal(d->state->trouble, ERR_DATA);
	d->refuse[FX_CASE].code = ERR_NONE;
	driver_keys(d, "jc");
	assert_int_equal(d->state->trouble, ERR_DATA);
}

static void what_does_not_fit_a_case_is_no_trouble_of_the_store(void **state)
{
	struct driver *d = *state;
	d->refuse[FX_ACT] = (struct err){ERR_STATE, "bob has it"};
	driver_keys(d, "c");
	assert_int_equal(d->state->trouble, ERR_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_full_disk_is_over_when_something_was_written_again),
	        TEST(damage_stays_whatever_is_written),
	        TEST(what_does_not_fit_a_case_is_no_trouble_of_the_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
