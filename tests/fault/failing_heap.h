/* A heap that fails at the n-th request, and a sweep over all n: whatever the path under test does then, it ends in an
 * error that is told, or in the one clean end (core/base/mem.h: after the hook, which gives the terminal back); never
 * in a crash, and nothing is left behind.
 *
 * The heap's functions stand here, so that what SQLite, curl and libuv ask for fails as well. Included by one file a
 * program. */
#ifndef TESTS_FAULT_FAILING_HEAP_H
#define TESTS_FAULT_FAILING_HEAP_H

#include "core/base/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Each place at first, then some: a sweep of thousands tells no more than one of hundreds. */
enum { EACH_UP_TO = 100, SWEPT = 300 };

/* --- the heap */

/* NOLINTBEGIN(bugprone-reserved-identifier): the names that glibc gives its own (malloc/malloc.c) */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);
/* NOLINTEND(bugprone-reserved-identifier) */

static long asked, fail_at, live; /* fail_at 0: never */
static long spare;                /* blocks that a library may lose on its own ways out */
static bool from_then_on;

static bool is_gone(void)
{
	asked++;
	return fail_at && (asked == fail_at || (from_then_on && asked > fail_at));
}

static void *counted(void *p)
{
	live += p != NULL;
	return p;
}

void *malloc(size_t size)
{
	return is_gone() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return is_gone() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *p, size_t size)
{
	if (is_gone())
		return NULL;
	return p ? __libc_realloc(p, size) : counted(__libc_realloc(NULL, size));
}

void free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}

/* --- one run in a child */

typedef bool path_fn(void); /* false: it told an error */

/* An exit status; from LEAKED on, how many blocks were left behind. */
enum { WENT_WELL, TOLD, LEAKED, STATUS_MAX = 255 };

static int hook_fd;

static void on_out_of_memory(void)
{
	ssize_t ignored = write(hook_fd, "!", 1);
	(void)ignored;
}

static _Noreturn void run_child(path_fn *path, long n, bool onward, int fd)
{
	static const struct rlimit none = {0, 0};
	int null = open("/dev/null", O_WRONLY);
	dup2(null, STDERR_FILENO);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGABRT, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	hook_fd = fd;
	mem_set_out_of_memory_hook(on_out_of_memory);
	long before = live;
	asked = 0;
	fail_at = n;
	from_then_on = onward;
	bool well = path();
	fail_at = 0;
	long lost = live - before - spare;
	if (lost > 0)
		_exit(LEAKED + lost < STATUS_MAX ? (int)(LEAKED + lost) : STATUS_MAX);
	_exit(well ? WENT_WELL : TOLD);
}

struct ends {
	int well, told, stopped;
};

static void run_once(path_fn *path, long n, bool onward, struct ends *ends)
{
	int status = 0, pipes[2];
	char called = 0;
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	if (pid == 0)
		run_child(path, n, onward, pipes[1]);
	close(pipes[1]);
	ssize_t got = read(pipes[0], &called, 1);
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	const char *after = onward ? " and all after it" : "";
	if (WIFSIGNALED(status) && (WTERMSIG(status) != SIGABRT || got != 1))
		fail_msg("request %ld%s: %s", n, after, strsignal(WTERMSIG(status)));
	if (WIFEXITED(status) && WEXITSTATUS(status) >= LEAKED)
		fail_msg("request %ld%s: %d blocks are left behind", n, after, WEXITSTATUS(status) - LEAKED);
	ends->stopped += WIFSIGNALED(status);
	ends->well += WIFEXITED(status) && WEXITSTATUS(status) == WENT_WELL;
	ends->told += WIFEXITED(status) && WEXITSTATUS(status) == TOLD;
}

/* The first run fills what libraries keep for ever; the second is the measure. */
static inline void sweep(path_fn *path)
{
	struct ends ends = {0};
	assert_true(path());
	long start = live;
	asked = 0;
	assert_true(path());
	long total = asked;
	assert_int_equal(live, start);
	long step = total > SWEPT ? (total - EACH_UP_TO) / (SWEPT - EACH_UP_TO) + 1 : 1;
	for (long n = 1; n <= total; n += n < EACH_UP_TO ? 1 : step) {
		run_once(path, n, false, &ends);
		run_once(path, n, true, &ends);
	}
	print_message("           of %ld requests: ended well %d, told an error %d, stopped cleanly %d\n", total,
	        ends.well, ends.told, ends.stopped);
	assert_true(ends.told + ends.stopped > 0);
}

#endif
