#include "core/base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

const bool os_portable = false;

/* --- time */

int64_t os_uptime_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Never meant to expire: the timer exists to be cancelled when the clock is set (timerfd_create(2)). */
static int arm(int fd)
{
	struct itimerspec never = {.it_value = {.tv_sec = (time_t)(INT64_MAX / 1000000000 - 1)}};
	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int os_clock_change_fd(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd >= 0 && arm(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

void os_clock_change_clear(int fd)
{
	uint64_t expirations;
	ssize_t n = read(fd, &expirations, sizeof expirations);
	if (n >= 0 || errno == ECANCELED)
		arm(fd);
}

/* --- files */

int os_memory_file(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

/* Open file description locks are POSIX's from 2024 on. Record locks would be lost whenever any descriptor of the file
 * is closed in the process. */
static int lock_file(int fd, int command, struct flock *lock)
{
	*lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int result;
	do
		result = fcntl(fd, command, lock);
	while (result < 0 && errno == EINTR);
	return result;
}

int os_lock(int fd)
{
	struct flock held;
	int result = lock_file(fd, F_OFD_SETLK, &held);
	if (result && errno == EACCES)
		errno = EAGAIN;
	return result;
}

bool os_is_locked(int fd)
{
	struct flock held;
	return lock_file(fd, F_OFD_GETLK, &held) == 0 && held.l_type != F_UNLCK;
}

/* statfs(2) f_type of file systems that other hosts may write. */
static const struct {
	unsigned long type;
	const char *name;
} network_file_systems[] = {
        {0x6969, "NFS"},
        {0x517B, "SMB"},
        {0xFF534D42, "CIFS"},
        {0xFE534D42, "SMB2"},
        {0x5346414F, "AFS"},
        {0x6B414653, "AFS"},
        {0x73757245, "Coda"},
        {0x00C36400, "Ceph"},
        {0x0BD00BD0, "Lustre"},
        {0x564C, "NCP"},
        {0x01161970, "GFS2"},
        {0x7461636F, "OCFS2"},
};

int os_network_file_system(const char *path, const char **name)
{
	struct statfs fs;
	*name = NULL;
	if (statfs(path, &fs))
		return -1;
	for (size_t i = 0; i < sizeof network_file_systems / sizeof *network_file_systems; i++)
		if (((unsigned long)fs.f_type & 0xFFFFFFFFul) == network_file_systems[i].type)
			*name = network_file_systems[i].name;
	return 0;
}

/* For kernels before 5.11. */
static void mark_one_by_one(int first)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	while (dir && (entry = readdir(dir))) {
		long fd = strtol(entry->d_name, NULL, 10);
		if (fd >= first)
			fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	}
	if (dir)
		closedir(dir);
}

void os_close_at_exec(int first)
{
	if (syscall(SYS_close_range, first, UINT_MAX, CLOSE_RANGE_CLOEXEC))
		mark_one_by_one(first);
}

/* --- processes */

int os_process_fd(long pid)
{
	return pidfd_open((pid_t)pid, 0);
}

/* Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold anything, so that the fields are counted from the
 * last bracket. */
int64_t os_process_started(int64_t pid)
{
	char path[48], text[1024];
	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	char *p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p + 1, NULL, 10) : 0;
}

void os_name_process(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void os_keep_memory_private(void)
{
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* --- memory */

/* A second heap, for a thread, would be grown by a system call for each page, and stay with the process. Both limits
 * would grow with the largest block that was freed: what one flood took would stay, too. */
void os_heap_lean(size_t large)
{
	mallopt(M_ARENA_MAX, 1);
	if (!large)
		return;
	mallopt(M_MMAP_THRESHOLD, (int)large);
	mallopt(M_TRIM_THRESHOLD, (int)large);
}

void os_heap_give_back(void)
{
	malloc_trim(0);
}

void os_random(void *out, size_t len)
{
	while (getrandom(out, len, 0) != (ssize_t)len) /* whole, or interrupted before the first */
		if (errno != EINTR)
			abort();
}
