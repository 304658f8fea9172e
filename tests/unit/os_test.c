/* Run twice: with what this system has, and with what any has (os_portable_test). */
#include "core/base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static bool closes_at_exec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static void time_goes_on(void **state)
{
	(void)state;
	int64_t before = os_uptime_ms();
	nanosleep(&(struct timespec){.tv_nsec = 20 * 1000000}, NULL);
	assert_in_range(os_uptime_ms() - before, 19, 60000);
}

/* Setting the clock is root's; here nobody did. */
static void a_clock_that_nobody_set_says_nothing(void **state)
{
	(void)state;
	int fd = os_clock_change_fd();
	if (os_portable && fd < 0)
		skip();
	assert_true(closes_at_exec(fd));
	os_clock_change_clear(fd);
	assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0), 0);
	close(fd);
}

static void a_memory_file_is_written_read_and_cut(void **state)
{
	(void)state;
	char bytes[8] = "";
	int fd = os_memory_file("curlew-test");
	assert_true(fd >= 0);
	assert_true(closes_at_exec(fd));
	assert_int_equal(write(fd, "screen", 6), 6);
	assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 6);
	assert_string_equal(bytes, "screen");
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 0);
	close(fd);
}

static void a_lock_is_one_open_files_and_ends_with_it(void **state)
{
	(void)state;
	char path[] = "/tmp/curlew-lock-XXXXXX";
	int mine = mkstemp(path), other = open(path, O_RDWR | O_CLOEXEC), third = open(path, O_RDWR | O_CLOEXEC);
	unlink(path);
	assert_false(os_is_locked(other));
	assert_int_equal(os_lock(mine), 0);
	assert_true(os_is_locked(other));
	assert_int_equal(os_lock(other), -1);
	assert_int_equal(errno, EAGAIN);
	close(third); /* record locks would be gone with it */
	assert_true(os_is_locked(other));
	close(mine);
	assert_false(os_is_locked(other));
	assert_int_equal(os_lock(other), 0);
	close(other);
}

static void who_looks_keeps_nobody_from_the_lock(void **state)
{
	(void)state;
	char path[] = "/tmp/curlew-lock-XXXXXX";
	int mine = mkstemp(path);
	pid_t pid = fork();
	if (pid == 0) {
		int other = open(path, O_RDWR | O_CLOEXEC);
		for (;;)
			os_is_locked(other);
	}
	for (int i = 0; i < 50; i++) {
		int fd = open(path, O_RDWR | O_CLOEXEC);
		assert_int_equal(os_lock(fd), 0);
		close(fd);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(path);
	close(mine);
}

static void a_local_file_system_has_no_name(void **state)
{
	(void)state;
	const char *name = "";
	assert_int_equal(os_network_file_system("/", &name), 0);
	assert_null(name);
	assert_int_equal(os_network_file_system("/nonexistent", &name), -1);
	assert_int_equal(errno, ENOENT);
}

static void descriptors_close_at_exec_from_the_first_named(void **state)
{
	(void)state;
	int low = dup(STDIN_FILENO), high = fcntl(STDIN_FILENO, F_DUPFD, 200);
	os_close_at_exec(low + 1);
	assert_false(closes_at_exec(low));
	assert_true(closes_at_exec(high));
	os_close_at_exec(low);
	assert_true(closes_at_exec(low));
	close(low);
	close(high);
}

static void a_process_ends_and_it_is_told_or_can_be_looked_for(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	int fd = os_process_fd(pid);
	if (fd < 0)
		assert_int_equal(errno, ENOSYS);
	else
		assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0), 0);
	kill(pid, SIGKILL);
	if (fd >= 0)
		assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 10000), 1);
	waitpid(pid, NULL, 0);
	assert_int_equal(os_process_fd(pid), -1);
	assert_int_equal(errno, ESRCH);
	close(fd);
}

static void a_process_began_once(void **state)
{
	(void)state;
	assert_int_equal(os_process_started(getpid()), os_process_started(getpid()));
	assert_int_equal(os_process_started(0), 0);
}

static void memory_kept_private_is_in_no_core_dump(void **state)
{
	(void)state;
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		struct rlimit limit = {1, 1};
		os_keep_memory_private();
		_exit(getrlimit(RLIMIT_CORE, &limit) || limit.rlim_cur || limit.rlim_max);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void random_bytes_are_filled_and_differ(void **state)
{
	(void)state;
	unsigned char a[256] = {0}, b[256] = {0}, none[16] = {0};
	os_random(a, sizeof a);
	os_random(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	assert_memory_not_equal(a + sizeof a - sizeof none, none, sizeof none);
	os_random(a, 0);
}

static void a_lean_heap_gives_and_takes_back(void **state)
{
	(void)state;
	os_heap_lean(256 * 1024);
	void *large = malloc(1024 * 1024);
	assert_non_null(large);
	free(large);
	os_heap_give_back();
	os_name_process("curlew-test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(time_goes_on),
	        cmocka_unit_test(a_clock_that_nobody_set_says_nothing),
	        cmocka_unit_test(a_memory_file_is_written_read_and_cut),
	        cmocka_unit_test(a_lock_is_one_open_files_and_ends_with_it),
	        cmocka_unit_test(who_looks_keeps_nobody_from_the_lock),
	        cmocka_unit_test(a_local_file_system_has_no_name),
	        cmocka_unit_test(descriptors_close_at_exec_from_the_first_named),
	        cmocka_unit_test(a_process_ends_and_it_is_told_or_can_be_looked_for),
	        cmocka_unit_test(a_process_began_once),
	        cmocka_unit_test(memory_kept_private_is_in_no_core_dump),
	        cmocka_unit_test(random_bytes_are_filled_and_differ),
	        cmocka_unit_test(a_lean_heap_gives_and_takes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
