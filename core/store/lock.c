/* Open file description locks, F_OFD_*, are Linux's until POSIX.1-2024 (the Makefile defines _GNU_SOURCE for this
 * file); POSIX record locks would be lost whenever any descriptor of the file is closed in the process. */
#include "core/store/lock.h"
#include "core/base/str.h"
#include "core/store/bell.h"
#include "core/store/place.h"
#include "core/store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SUFFIX "-courier"

static int lock_file(int fd, int command, struct flock *lock)
{
	*lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int result;
	do
		result = fcntl(fd, command, lock);
	while (result < 0 && errno == EINTR);
	return result;
}

static void write_holder(int fd)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%ld %s %d\n", (long)getpid(), CURLEW_VERSION, SCHEMA_VERSION);
	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n)
		return;
	/* It is for people to read: the lock holds without it. */
}

int courier_lock_take(const char *store_path, struct courier_lock *lock, struct err *err)
{
	lock->fd = -1;
	int result = place_check_dir(store_path, true, err);
	if (result)
		return result;
	int fd = place_open(store_path, SUFFIX, true, err);
	if (fd < 0)
		return fd;
	struct flock held;
	if (lock_file(fd, F_OFD_SETLK, &held)) {
		int why = errno;
		close(fd);
		if (why == EAGAIN || why == EACCES)
			return err_set(err, ERR_BUSY, "another curlewd serves %s", store_path);
		return err_set(err, ERR_OS, "cannot lock %s%s: %s", store_path, SUFFIX, strerror(why));
	}
	write_holder(fd);
	lock->fd = fd;
	bell_ring(store_path);
	return 0;
}

void courier_lock_release(struct courier_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}

static void read_holder(int fd, struct courier_holder *out)
{
	char text[64] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n <= 0 || sscanf(text, "%ld %31s %d", &out->pid, out->version, &out->schema) != 3)
		*out = (struct courier_holder){.pid = -1};
}

bool courier_lock_holder(const char *store_path, struct courier_holder *out)
{
	*out = (struct courier_holder){0};
	struct err ignored = ERR_INIT;
	int fd = place_open(store_path, SUFFIX, false, &ignored);
	if (fd < 0)
		return false;
	struct flock held;
	bool is_held = lock_file(fd, F_OFD_GETLK, &held) == 0 && held.l_type != F_UNLCK;
	if (is_held)
		read_holder(fd, out);
	close(fd);
	return is_held;
}
