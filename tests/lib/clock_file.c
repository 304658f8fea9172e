/* Takes the place of core/base/clock.c in the programs that tests run. CURLEW_TEST_CLOCK names a file of two native
 * int64: wall and monotonic milliseconds. The test moves time with one pwrite() of both (not through a mapping: that
 * rings no inotify). Without the variable this is the real clock. */
#define clock_wall_ms real_wall_ms
#define clock_mono_ms real_mono_ms
#define clock_change_fd real_change_fd
#define clock_change_clear real_change_clear
int64_t real_wall_ms(void);
int64_t real_mono_ms(void);
int real_change_fd(void);
void real_change_clear(void);
#include "core/base/clock.c"
#undef clock_wall_ms
#undef clock_mono_ms
#undef clock_change_fd
#undef clock_change_clear

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <unistd.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int clock_change_fd(void);
void clock_change_clear(void);

static const volatile int64_t *test_time; /* [0] wall, [1] monotonic */
static int watch_fd = -1;

/* A test that names a clock means it: running on real time instead would hide the mistake. */
static void give_up(const char *file)
{
	fprintf(stderr, "curlew: CURLEW_TEST_CLOCK: %s cannot be used\n", file);
	exit(70);
}

static void map(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || lseek(fd, 0, SEEK_END) < (off_t)(2 * sizeof(int64_t)))
		give_up(file);
	void *p = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		give_up(file);
	close(fd);
	test_time = p;
}

static const volatile int64_t *injected(void)
{
	const char *file = getenv("CURLEW_TEST_CLOCK");
	if (file && !test_time)
		map(file);
	return test_time;
}

int64_t clock_wall_ms(void)
{
	const volatile int64_t *t = injected();
	return t ? t[0] : real_wall_ms();
}

int64_t clock_mono_ms(void)
{
	const volatile int64_t *t = injected();
	return t ? t[1] : real_mono_ms();
}

int clock_change_fd(void)
{
	if (!injected())
		return real_change_fd();
	if (watch_fd < 0) {
		const char *file = getenv("CURLEW_TEST_CLOCK");
		watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		if (watch_fd < 0 || inotify_add_watch(watch_fd, file, IN_MODIFY | IN_CLOSE_WRITE) < 0)
			give_up(file);
	}
	return watch_fd;
}

void clock_change_clear(void)
{
	if (!injected()) {
		real_change_clear();
		return;
	}
	char events[4096];
	while (watch_fd >= 0 && read(watch_fd, events, sizeof events) > 0)
		;
}
