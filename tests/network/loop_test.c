#include "tests/network/world.h"

#include "core/net/loop.h"

#include <unistd.h>

struct glued {
	uv_loop_t loop;
	struct timers timers;
	struct loop_timers *glue;
	uv_async_t alive; /* keeps the loop from ending, and never fires */
	int clock_pipe[2];
	int ran;
};

static struct glued glued;

static int start(void **state)
{
	memset(&glued, 0, sizeof glued);
	assert_int_equal(pipe(glued.clock_pipe), 0);
	clock_fd = glued.clock_pipe[0];
	uv_loop_init(&glued.loop);
	timers_init(&glued.timers);
	uv_async_init(&glued.loop, &glued.alive, NULL);
	glued.glue = loop_timers_attach(&glued.loop, &glued.timers);
	uv_run(&glued.loop, UV_RUN_NOWAIT); /* registers the handles: before that libuv would not wait at all */
	*state = &glued;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	loop_timers_detach(glued.glue);
	uv_close((uv_handle_t *)&glued.alive, NULL);
	uv_run(&glued.loop, UV_RUN_DEFAULT);
	timers_release(&glued.timers);
	close(glued.clock_pipe[0]);
	close(glued.clock_pipe[1]);
	return uv_loop_close(&glued.loop);
}

static void count(void *arg)
{
	++*(int *)arg;
}

static void run_until_ran(int least)
{
	while (glued.ran < least)
		uv_run(&glued.loop, UV_RUN_ONCE);
}

static void with_nothing_due_the_process_is_never_woken(void **state)
{
	(void)state;
	assert_int_equal(uv_backend_timeout(&glued.loop), -1);
	timer_id id = timers_add(&glued.timers, mono_now + 5000, count, &glued.ran);
	assert_in_range(uv_backend_timeout(&glued.loop), 4900, 5000);
	timers_cancel(&glued.timers, &id);
	loop_timers_detach(glued.glue);
	glued.glue = loop_timers_attach(&glued.loop, &glued.timers);
	uv_run(&glued.loop, UV_RUN_NOWAIT);
	assert_int_equal(uv_backend_timeout(&glued.loop), -1);
}

static void a_deadline_that_comes_earlier_is_the_one_waited_for(void **state)
{
	(void)state;
	timers_add(&glued.timers, mono_now + 60000, count, &glued.ran);
	timers_add(&glued.timers, mono_now + 2000, count, &glued.ran);
	assert_in_range(uv_backend_timeout(&glued.loop), 1900, 2000);
}

static void what_is_due_runs_and_the_next_is_armed(void **state)
{
	(void)state;
	timers_add(&glued.timers, mono_now, count, &glued.ran);
	timers_add(&glued.timers, mono_now + 60000, count, &glued.ran);
	run_until_ran(1);
	assert_int_equal(glued.ran, 1);
	uv_update_time(&glued.loop);
	assert_in_range(uv_backend_timeout(&glued.loop), 59000, 60000);
}

static void a_jump_of_the_clock_runs_what_has_become_due(void **state)
{
	(void)state;
	timers_add(&glued.timers, mono_now + INT64_C(3600000), count, &glued.ran);
	mono_now += INT64_C(3600000);
	assert_int_equal(write(glued.clock_pipe[1], "!", 1), 1);
	run_until_ran(1);
	assert_int_equal(uv_backend_timeout(&glued.loop), -1);
}

static void who_counts_on_the_wall_clock_is_told_that_it_jumped(void **state)
{
	(void)state;
	int due = 0;
	loop_timers_on_jump(glued.glue, count, &glued.ran);
	timers_add(&glued.timers, mono_now, count, &due);
	assert_int_equal(write(glued.clock_pipe[1], "!", 1), 1);
	run_until_ran(1);
	assert_int_equal(due, 1); /* what is due goes first */
}

static void again(void *arg)
{
	if (++*(int *)arg < 3)
		timers_add(&glued.timers, mono_now, again, arg);
}

static void a_callback_may_ask_to_be_called_again(void **state)
{
	(void)state;
	timers_add(&glued.timers, mono_now, again, &glued.ran);
	run_until_ran(3);
	assert_int_equal(glued.ran, 3);
}

#define test(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(with_nothing_due_the_process_is_never_woken),
	        test(a_deadline_that_comes_earlier_is_the_one_waited_for),
	        test(what_is_due_runs_and_the_next_is_armed),
	        test(a_jump_of_the_clock_runs_what_has_become_due),
	        test(who_counts_on_the_wall_clock_is_told_that_it_jumped),
	        test(a_callback_may_ask_to_be_called_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
