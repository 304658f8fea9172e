/* For sweeps over a heap that fails (failing_heap.h): each run begins with the same store, put back without a request
 * for memory. Included by one file a program. */
#ifndef TESTS_FAULT_STORE_AGAIN_H
#define TESTS_FAULT_STORE_AGAIN_H

#include "core/store/health.h"
#include "tests/fault/failing_heap.h"
#include "tests/lib/store_fixture.h"

#include <stdio.h>

static struct fixture *place;

static char image[4 << 20];
static ssize_t image_len;

/* As it is now; closes it. */
static inline void keep_store(void)
{
	store_close(place->store);
	place->store = NULL;
	int fd = open(place->path, O_RDONLY);
	image_len = read(fd, image, sizeof image);
	close(fd);
	assert_true(image_len > 0 && image_len < (ssize_t)sizeof image);
}

static inline struct store *store_again(enum store_open_how how)
{
	static const char *const suffixes[] = {"-wal", "-shm"};
	char path[sizeof place->path + 8];
	struct err err = ERR_INIT;
	struct store *store = NULL;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s%s", place->path, suffixes[i]);
		unlink(path);
	}
	int fd = open(place->path, O_WRONLY | O_TRUNC);
	bool written = write(fd, image, (size_t)image_len) == image_len;
	close(fd);
	return written && store_open(place->uri, how, &store, &err) == 0 ? store : NULL;
}

/* After a sweep. */
static inline void check_whole(void)
{
	struct err err = ERR_INIT;
	place->store = fixture_open(place, STORE_COURIER);
	if (store_health(place->store, &err))
		fail_msg("%s", err.text);
	assert_true(count_of(place, "") >= 1);
}

#endif
