#include "core/store/lock.h"
#include "core/base/os.h"
#include "core/base/str.h"
#include "core/store/bell.h"
#include "core/store/place.h"
#include "core/store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX "-courier"

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
	if (os_lock(fd)) {
		int why = errno;
		close(fd);
		if (why == EAGAIN)
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
	bool is_held = os_is_locked(fd);
	if (is_held)
		read_holder(fd, out);
	close(fd);
	return is_held;
}
