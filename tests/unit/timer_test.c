#include "core/base/clock.h"
#include "core/base/os.h"

#include <poll.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	char order[32];
	struct timers *timers;
	timer_id other;
	int changes;
};

static struct seen seen;

static void note(void *arg)
{
	seen.order[strlen(seen.order)] = *(const char *)arg;
}

static void cancel_other(void *arg)
{
	note(arg);
	timers_cancel(seen.timers, &seen.other);
}

static void add_now(void *arg)
{
	note(arg);
	timers_add(seen.timers, 0, add_now, arg);
}

static void note_change(void *arg)
{
	((struct seen *)arg)->changes++;
}

static void fresh(struct timers *timers)
{
	memset(&seen, 0, sizeof seen);
	timers_init(timers);
	seen.timers = timers;
}

static void timers_run_in_the_order_of_their_times(void **state)
{
	(void)state;
	struct timers timers;
	fresh(&timers);
	timers_add(&timers, 30, note, "c");
	timers_add(&timers, 10, note, "a");
	timers_add(&timers, 20, note, "b");
	timers_add(&timers, 99, note, "x");
	assert_int_equal(timers_next(&timers), 10);
	assert_int_equal(timers_run(&timers, 30), 3);
	assert_string_equal(seen.order, "abc");
	assert_int_equal(timers_next(&timers), 99);
	timers_release(&timers);
	assert_true(timers_next(&timers) == INT64_MAX);
}

static void timers_of_one_time_run_in_the_order_of_asking(void **state)
{
	(void)state;
	struct timers timers;
	fresh(&timers);
	for (int i = 0; i < 8; i++)
		timers_add(&timers, 5, note, &"abcdefgh"[i]);
	timers_run(&timers, 5);
	assert_string_equal(seen.order, "abcdefgh");
	timers_release(&timers);
}

static void a_cancelled_timer_does_not_run(void **state)
{
	(void)state;
	struct timers timers;
	fresh(&timers);
	timer_id ids[10], spent;
	for (int i = 0; i < 10; i++)
		ids[i] = timers_add(&timers, (i * 7) % 10, note, &"abcdefghij"[i]);
	spent = ids[3];
	timers_cancel(&timers, &ids[3]);
	assert_int_equal(ids[3], 0);
	timers_cancel(&timers, &spent);
	timers_cancel(&timers, &ids[3]);
	assert_int_equal(timers_run(&timers, 100), 9);
	assert_string_equal(seen.order, "agjcfibeh");
	timers_release(&timers);
}

static void a_callback_may_cancel_one_that_is_due_too(void **state)
{
	(void)state;
	struct timers timers;
	fresh(&timers);
	timers_add(&timers, 1, cancel_other, "a");
	seen.other = timers_add(&timers, 2, note, "b");
	assert_int_equal(timers_run(&timers, 10), 1);
	assert_string_equal(seen.order, "a");
	timers_release(&timers);
}

static void a_callback_that_asks_for_now_waits_for_the_next_run(void **state)
{
	(void)state;
	struct timers timers;
	fresh(&timers);
	timers_add(&timers, 0, add_now, "a");
	assert_int_equal(timers_run(&timers, 10), 1);
	assert_int_equal(timers_run(&timers, 10), 1);
	assert_string_equal(seen.order, "aa");
	timers_release(&timers);
}

static void only_an_earlier_deadline_is_announced(void **state)
{
	(void)state;
	struct timers timers;
	fresh(&timers);
	timers.changed = note_change;
	timers.changed_arg = &seen;
	timers_add(&timers, 10, note, "a");
	timers_add(&timers, 20, note, "b");
	assert_int_equal(seen.changes, 1);
	timers_add(&timers, 5, note, "c");
	assert_int_equal(seen.changes, 2);
	timers_release(&timers);
}

static void a_clock_that_nobody_set_announces_no_change(void **state)
{
	(void)state;
	int own = os_clock_change_fd(), fd = clock_change_fd();
	if (os_portable && own < 0)
		skip();
	close(own);
	assert_true(fd >= 0);
	assert_int_equal(clock_change_fd(), fd);
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	clock_change_clear();
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	assert_true(clock_wall_ms() > 1600000000000);
	int64_t before = clock_mono_ms();
	assert_true(clock_mono_ms() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(timers_run_in_the_order_of_their_times),
	        cmocka_unit_test(timers_of_one_time_run_in_the_order_of_asking),
	        cmocka_unit_test(a_cancelled_timer_does_not_run),
	        cmocka_unit_test(a_callback_may_cancel_one_that_is_due_too),
	        cmocka_unit_test(a_callback_that_asks_for_now_waits_for_the_next_run),
	        cmocka_unit_test(only_an_earlier_deadline_is_announced),
	        cmocka_unit_test(a_clock_that_nobody_set_announces_no_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
