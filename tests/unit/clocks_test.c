#include "core/model/clocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MINUTE 60000
#define AT 1790000000000

static const struct clock_rules always = {.first_reply_ms = 20 * MINUTE, .next_reply_ms = 60 * MINUTE};

static void the_first_clock_runs_from_the_oldest_unanswered_post(void **state)
{
	(void)state;
	struct kase kase = {.status = STATUS_NEW, .last_in_at = AT + 5 * MINUTE};
	assert_int_equal(clocks_due(&kase, AT, &always), AT + 20 * MINUTE);
	assert_int_equal(clocks_due(&kase, 0, &always), AT + 25 * MINUTE);
}

static void the_second_clock_runs_once_we_have_answered(void **state)
{
	(void)state;
	struct kase kase = {.status = STATUS_OPEN, .first_reply_at = AT - 1, .last_out_at = AT - 1, .last_in_at = AT};
	assert_int_equal(clocks_due(&kase, AT, &always), AT + 60 * MINUTE);
}

static void no_clock_runs_when_it_is_not_our_turn(void **state)
{
	(void)state;
	struct kase kase = {.status = STATUS_OPEN, .last_in_at = AT, .last_out_at = AT};
	assert_int_equal(clocks_due(&kase, AT, &always), 0);
	kase.last_out_at = 0;
	static const enum case_status quiet[] = {STATUS_WAITING, STATUS_SNOOZED, STATUS_DONE, STATUS_IGNORED};
	for (int i = 0; i < 4; i++) {
		kase.status = quiet[i];
		assert_int_equal(clocks_due(&kase, AT, &always), 0);
	}
}

static void a_rule_of_nothing_is_no_clock(void **state)
{
	(void)state;
	struct kase kase = {.status = STATUS_NEW, .last_in_at = AT};
	struct clock_rules off = {.first_reply_ms = 0};
	assert_int_equal(clocks_due(&kase, AT, &off), 0);
	struct clock_rules never = always;
	struct err err = ERR_INIT;
	assert_int_equal(hours_parse("never", &never.hours, &err), 0);
	assert_int_equal(clocks_due(&kase, AT, &never), 0);
}

static void a_post_of_the_night_is_due_in_the_morning(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	struct clock_rules day = always;
	struct err err = ERR_INIT;
	assert_int_equal(hours_parse("daily 09:00-18:00", &day.hours, &err), 0);
	const int64_t midnight = 1790035200000; /* 2026-09-22T00:00Z */
	struct kase kase = {.status = STATUS_NEW, .last_in_at = midnight};
	assert_int_equal(clocks_due(&kase, midnight, &day), midnight + (9 * 60 + 20) * MINUTE);
}

static void lists_show_deadlines_first_and_then_the_newest_change(void **state)
{
	(void)state;
	int64_t soon = clocks_rank(AT, AT), later = clocks_rank(AT + 1, AT + 9);
	int64_t fresh = clocks_rank(0, AT + 2), stale = clocks_rank(0, AT);
	assert_true(soon < later);
	assert_true(later < fresh);
	assert_true(fresh < stale);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_clock_runs_from_the_oldest_unanswered_post),
	        cmocka_unit_test(the_second_clock_runs_once_we_have_answered),
	        cmocka_unit_test(no_clock_runs_when_it_is_not_our_turn),
	        cmocka_unit_test(a_rule_of_nothing_is_no_clock),
	        cmocka_unit_test(a_post_of_the_night_is_due_in_the_morning),
	        cmocka_unit_test(lists_show_deadlines_first_and_then_the_newest_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
