#include "core/base/clock.h"

#include "core/base/os.h"

#include <time.h>

int64_t clock_wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void)
{
	return os_uptime_ms();
}

static int change_fd = -1;

int clock_change_fd(void)
{
	if (change_fd < 0)
		change_fd = os_clock_change_fd();
	return change_fd;
}

void clock_change_clear(void)
{
	if (change_fd >= 0)
		os_clock_change_clear(change_fd);
}
