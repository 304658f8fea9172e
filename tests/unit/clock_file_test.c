#include "tests/lib/clock_file.c"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool is_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) == 1;
}

static void time_is_real_without_a_file_and_moved_with_one(void **state)
{
	(void)state;
	unsetenv("CURLEW_TEST_CLOCK");
	assert_true(clock_wall_ms() > 1600000000000);
	assert_true(clock_mono_ms() > 0);
	int real = os_clock_change_fd();
	assert_int_equal(clock_change_fd() >= 0, real >= 0);
	clock_change_clear();
	close(real);

	char path[] = "/tmp/curlew-clock-XXXXXX";
	int fd = mkstemp(path);
	int64_t now[2] = {1787306553417, 1000};
	assert_int_equal(pwrite(fd, now, sizeof now, 0), sizeof now);
	setenv("CURLEW_TEST_CLOCK", path, 1);
	assert_int_equal(clock_wall_ms(), 1787306553417);
	assert_int_equal(clock_mono_ms(), 1000);
	int change = clock_change_fd();
	assert_int_equal(clock_change_fd(), change);
	assert_false(is_readable(change));

	now[0] += 60000;
	now[1] += 60000;
	assert_int_equal(pwrite(fd, now, sizeof now, 0), sizeof now);
	assert_true(is_readable(change));
	clock_change_clear();
	assert_false(is_readable(change));
	assert_int_equal(clock_wall_ms(), 1787306613417);
	assert_int_equal(clock_mono_ms(), 61000);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(time_is_real_without_a_file_and_moved_with_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
