/* Each thing is tried in a child that has confined itself as a desk or a courier does. */
#include "core/base/os.h"
#include "core/base/confine.h"

#include "core/base/paths.h"
#include "core/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sched.h>
#include <unistd.h>

#include <cmocka.h>

static char inside[] = "/tmp/curlew-inside-XXXXXX", outside[] = "/tmp/curlew-outside-XXXXXX";

static int make_dirs(void **state)
{
	(void)state;
	return mkdtemp(inside) && mkdtemp(outside) ? 0 : -1;
}

static int remove_dirs(void **state)
{
	(void)state;
	char *file = path_join(outside, "file");
	unlink(file);
	free(file);
	return rmdir(inside) | rmdir(outside);
}

/* --- things to try: 0, or the errno */

static int result(long value)
{
	return value < 0 ? errno : 0;
}

static int make_in(const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int error = result(fd);
	if (fd >= 0)
		close(fd);
	free(path);
	return error;
}

static int open_inet(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int open_inet6_datagram(void)
{
	return result(socket(AF_INET6, SOCK_DGRAM, 0));
}

static int open_unix(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int connect_one_that_was_open(void)
{
	const struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};
	return result(connect(STDERR_FILENO, (const struct sockaddr *)&nobody, sizeof nobody));
}

static int execute(void)
{
	char *argv[] = {(char *)"true", NULL};
	return result(execve("/bin/true", argv, NULL));
}

static int execute_from_memory(void)
{
	static char *const none[] = {NULL};
	return result(syscall(SYS_execveat, STDIN_FILENO, "", none, none, 0x1000 /* AT_EMPTY_PATH */));
}

static int trace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int read_another(void)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};
	return result(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

static int push_keys(void)
{
	return result(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int mount_it(void)
{
	return result(mount("none", inside, "tmpfs", 0, NULL));
}

static int new_namespace(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int ask_for_keys(void)
{
	return result(syscall(SYS_keyctl, 0, -3, 0, 0, 0));
}

static int go_round_by_a_ring(void)
{
	char parameters[512] = "";
	return result(syscall(SYS_io_uring_setup, 1, parameters));
}

static int load_a_program_for_the_kernel(void)
{
	char attributes[64] = "";
	return result(syscall(SYS_bpf, 0, attributes, sizeof attributes));
}

static int write_outside(void)
{
	return make_in(outside, "new");
}

static int write_over_outside(void)
{
	return make_in(outside, "file");
}

static int remove_outside(void)
{
	char *path = path_join(outside, "file");
	return result(unlink(path));
}

static int link_inside(void)
{
	char *path = path_join(inside, "link");
	return result(symlink("/etc/passwd", path));
}

static int write_inside(void)
{
	char *from = path_join(inside, "a"), *to = path_join(inside, "b");
	int error = make_in(inside, "a");
	if (!error)
		error = result(truncate(from, 10));
	if (!error)
		error = result(rename(from, to));
	if (!error)
		error = result(unlink(to));
	return error;
}

static int read_outside(void)
{
	return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int write_to_nowhere(void)
{
	return result(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static void *nothing(void *arg)
{
	return arg;
}

static int start_a_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);
	return error ? error : pthread_join(thread, NULL);
}

static int memory_and_events(void)
{
	long memory = syscall(SYS_memfd_create, "frame", 0);
	if (memory < 0 || ftruncate((int)memory, 4096) || eventfd(0, EFD_CLOEXEC) < 0)
		return errno;
	return 0;
}

static int has_no_new_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : EPERM;
}

/* --- trying them */

static void as_desk(void)
{
	const char *const dirs[] = {inside, "/nonexistent"};
	confine_desk(dirs, 2);
}

static int try(void (*confine)(void), int (*thing)(void))
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		confine();
		_exit(thing());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		fail_msg("ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

struct attempt {
	const char *name;
	int (*thing)(void);
};
#define TRY(thing)                                                                                                     \
	{                                                                                                              \
#thing, thing                                                                                          \
	}

static void expect(void (*confine)(void), const struct attempt *attempts, size_t count, int error)
{
	for (size_t i = 0; i < count; i++) {
		int got = try(confine, attempts[i].thing);
		if (got != error)
			fail_msg("%s: %s, expected %s", attempts[i].name, strerror(got), strerror(error));
	}
}

#define EXPECT(confine, attempts, error) expect(confine, attempts, sizeof attempts / sizeof *attempts, error)

static void a_desk_calls_nothing_that_it_has_no_use_for(void **state)
{
	(void)state;
	struct confine_facts facts;
	static const struct attempt attempts[] = {TRY(open_inet), TRY(open_inet6_datagram), TRY(open_unix),
	        TRY(connect_one_that_was_open), TRY(execute), TRY(execute_from_memory), TRY(trace), TRY(read_another),
	        TRY(push_keys), TRY(mount_it), TRY(new_namespace), TRY(ask_for_keys), TRY(go_round_by_a_ring),
	        TRY(load_a_program_for_the_kernel)};
	confine_facts(&facts);
	if (facts.filter)
		EXPECT(as_desk, attempts, EPERM);
	else
		skip();
}

static void a_desk_writes_nothing_but_in_its_directories(void **state)
{
	(void)state;
	struct confine_facts facts;
	static const struct attempt attempts[] = {
	        TRY(write_outside), TRY(write_over_outside), TRY(remove_outside), TRY(link_inside)};
	assert_int_equal(make_in(outside, "file"), 0);
	confine_facts(&facts);
	if (facts.landlock)
		EXPECT(as_desk, attempts, EACCES);
	else
		skip();
}

static void a_desk_goes_on_doing_its_work(void **state)
{
	(void)state;
	static const struct attempt attempts[] = {TRY(write_inside), TRY(read_outside), TRY(write_to_nowhere),
	        TRY(start_a_thread), TRY(memory_and_events)};
	EXPECT(as_desk, attempts, 0);
}

static void a_courier_looks_into_nobody_and_still_runs_programs(void **state)
{
	(void)state;
	struct confine_facts facts;
	static const struct attempt kept[] = {TRY(open_inet), TRY(open_unix), TRY(execute), TRY(write_outside),
	        TRY(read_outside), TRY(start_a_thread)};
	static const struct attempt given_up[] = {
	        TRY(trace), TRY(read_another), TRY(go_round_by_a_ring), TRY(load_a_program_for_the_kernel)};
	EXPECT(confine_courier, kept, 0);
	char *made = path_join(outside, "new");
	unlink(made);
	free(made);
	confine_facts(&facts);
	if (facts.filter)
		EXPECT(confine_courier, given_up, EPERM);
}

static void neither_gains_anything_by_executing(void **state)
{
	(void)state;
	struct confine_facts facts;
	static const struct attempt attempts[] = {TRY(has_no_new_privileges)};
	confine_facts(&facts);
	if (os_portable && !facts.no_gain)
		skip();
	EXPECT(as_desk, attempts, 0);
	EXPECT(confine_courier, attempts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_desk_calls_nothing_that_it_has_no_use_for),
	        cmocka_unit_test(a_desk_writes_nothing_but_in_its_directories),
	        cmocka_unit_test(a_desk_goes_on_doing_its_work),
	        cmocka_unit_test(a_courier_looks_into_nobody_and_still_runs_programs),
	        cmocka_unit_test(neither_gains_anything_by_executing),
	};
	return cmocka_run_group_tests(tests, make_dirs, remove_dirs);
}
