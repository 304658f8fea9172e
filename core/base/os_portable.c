/* Nothing but POSIX, and flock(2), which every system of today has. */
#include "core/base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const bool os_portable = true;

/* --- time */

int64_t os_uptime_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int os_clock_change_fd(void)
{
	return -1;
}

void os_clock_change_clear(int fd)
{
	(void)fd;
}

/* --- files */

int os_memory_file(const char *name)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int len = snprintf(path, sizeof path, "%s/%s-XXXXXX", dir && *dir ? dir : "/tmp", name);
	if (len < 0 || (size_t)len >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static int lock_file(int fd, int how)
{
	int result;
	do
		result = flock(fd, how | LOCK_NB);
	while (result < 0 && errno == EINTR);
	return result;
}

/* Whoever looks has the lock for a moment (os_is_locked). */
int os_lock(int fd)
{
	enum { TRIES = 20, PAUSE_NS = 1000000 };
	int result = lock_file(fd, LOCK_EX);
	for (int i = 0; i < TRIES && result && errno == EWOULDBLOCK; i++) {
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
		result = lock_file(fd, LOCK_EX);
	}
	if (result && errno == EWOULDBLOCK)
		errno = EAGAIN;
	return result;
}

/* It can only be tried: shared, so that two who look are not in each other's way. */
bool os_is_locked(int fd)
{
	if (lock_file(fd, LOCK_SH))
		return errno == EWOULDBLOCK;
	lock_file(fd, LOCK_UN);
	return false;
}

int os_network_file_system(const char *path, const char **name)
{
	struct stat st;
	*name = NULL;
	return stat(path, &st);
}

void os_close_at_exec(int first)
{
	enum { HIGHEST = 65536 };
	long end = sysconf(_SC_OPEN_MAX);
	if (end < 0 || end > HIGHEST)
		end = HIGHEST;
	for (int fd = first; fd < end; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* --- processes */

int os_process_fd(long pid)
{
	if (kill((pid_t)pid, 0) == 0 || errno == EPERM)
		errno = ENOSYS;
	return -1;
}

int64_t os_process_started(int64_t pid)
{
	(void)pid;
	return 0;
}

void os_name_process(const char *name)
{
	(void)name;
}

void os_keep_memory_private(void)
{
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
}

/* --- memory */

void os_heap_lean(size_t large)
{
	(void)large;
}

void os_heap_give_back(void)
{
}

void os_random(void *out, size_t len)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	char *p = out;
	while (len) {
		ssize_t n = read(fd, p, len);
		if (n == 0 || (n < 0 && errno != EINTR))
			abort();
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	close(fd);
}
