#include "core/net/loop.h"

#include "core/base/log.h"
#include "core/base/mem.h"

#include <stdlib.h>
#include <uv.h>

struct loop_timers {
	struct timers *timers;
	uv_timer_t timer;
	uv_poll_t watch;
	bool watching;
	void (*jumped)(void *arg); /* NULL for nobody */
	void *jumped_arg;
	int open_handles;
};

static void on_due(uv_timer_t *timer);

/* Rounded up, and on fresh loop time: libuv counts whole milliseconds from when the loop last looked at its clock, and
 * would wake us early to find nothing due. */
static void arm(void *arg)
{
	struct loop_timers *glue = arg;
	int64_t due = timers_next(glue->timers);
	if (due == INT64_MAX) {
		uv_timer_stop(&glue->timer);
		return;
	}
	int64_t wait = due - clock_mono_ms();
	uv_update_time(glue->timer.loop);
	uv_timer_start(&glue->timer, on_due, wait < 1 ? 1 : (uint64_t)wait, 0);
}

static void on_due(uv_timer_t *timer)
{
	struct loop_timers *glue = timer->data;
	timers_run(glue->timers, clock_mono_ms());
	arm(glue);
}

/* libuv's own timers stand still during a suspend; ours do not. */
static void on_clock_change(uv_poll_t *watch, int status, int events)
{
	(void)status;
	(void)events;
	struct loop_timers *glue = watch->data;
	clock_change_clear();
	timers_run(glue->timers, clock_mono_ms());
	if (glue->jumped)
		glue->jumped(glue->jumped_arg);
	arm(glue);
}

static void watch_clock(struct loop_timers *glue, uv_loop_t *loop)
{
	int fd = clock_change_fd();
	if (fd < 0)
		return;
	if (uv_poll_init(loop, &glue->watch, fd)) {
		log_line(LOG_WARN, "clock changes cannot be watched");
		return;
	}
	glue->watch.data = glue;
	uv_poll_start(&glue->watch, UV_READABLE, on_clock_change);
	uv_unref((uv_handle_t *)&glue->watch);
	glue->watching = true;
	glue->open_handles++;
}

struct loop_timers *loop_timers_attach(struct uv_loop_s *loop, struct timers *timers)
{
	struct loop_timers *glue = mem_alloc(sizeof *glue);
	glue->timers = timers;
	uv_timer_init(loop, &glue->timer);
	glue->timer.data = glue;
	glue->open_handles = 1;
	watch_clock(glue, loop);
	timers->changed = arm;
	timers->changed_arg = glue;
	arm(glue);
	return glue;
}

void loop_timers_on_jump(struct loop_timers *glue, void (*fn)(void *arg), void *arg)
{
	glue->jumped = fn;
	glue->jumped_arg = arg;
}

static void on_close(uv_handle_t *handle)
{
	struct loop_timers *glue = handle->data;
	if (--glue->open_handles == 0)
		free(glue);
}

void loop_timers_detach(struct loop_timers *glue)
{
	if (!glue)
		return;
	glue->jumped = NULL;
	glue->timers->changed = NULL;
	glue->timers->changed_arg = NULL;
	if (glue->watching)
		uv_close((uv_handle_t *)&glue->watch, on_close);
	uv_close((uv_handle_t *)&glue->timer, on_close);
}
