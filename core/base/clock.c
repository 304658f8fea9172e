#include "core/base/clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t read_ms(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

static int change_fd = -1;

/* Never meant to expire: the timer exists to be cancelled when the clock is set (timerfd_create(2)). */
static int arm(int fd)
{
	struct itimerspec never = {.it_value = {.tv_sec = (time_t)(INT64_MAX / 1000000000 - 1)}};
	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int clock_change_fd(void)
{
	if (change_fd >= 0)
		return change_fd;
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd >= 0 && arm(fd)) {
		close(fd);
		return -1;
	}
	return change_fd = fd;
}

void clock_change_clear(void)
{
	if (change_fd < 0)
		return;
	uint64_t expirations;
	ssize_t n = read(change_fd, &expirations, sizeof expirations);
	if (n >= 0 || errno == ECANCELED)
		arm(change_fd);
}
