#include "core/model/spending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOON INT64_C(1795780800000) /* 2026-11-27T12:00:00Z */
#define DAY INT64_C(86400000)

static void something_never_looks_like_nothing(void **state)
{
	(void)state;
	char text[32];
	money_format(0, "USD", text, sizeof text);
	assert_string_equal(text, "0.00 USD");
	money_format(1, "USD", text, sizeof text);
	assert_string_equal(text, "0.01 USD");
	money_format(12400000, "USD", text, sizeof text);
	assert_string_equal(text, "12.40 USD");
	money_format(199990001, "EUR", text, sizeof text);
	assert_string_equal(text, "200.00 EUR");
}

static void what_was_told_on_another_day_is_not_todays(void **state)
{
	(void)state;
	struct account account = {.spending = {5, 7, 9}, .last_event_at = NOON};
	struct spending now = spending_now(&account, NOON + 3600000);
	assert_int_equal(now.day, 5);
	assert_int_equal(now.month, 7);
	now = spending_now(&account, NOON + DAY);
	assert_int_equal(now.day, 0);
	assert_int_equal(now.month, 7);
	now = spending_now(&account, NOON + 30 * DAY);
	assert_int_equal(now.month, 0);
	assert_int_equal(now.month_budget, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(something_never_looks_like_nothing),
	        cmocka_unit_test(what_was_told_on_another_day_is_not_todays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
