#include "tui/courier.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/os.h"
#include "core/base/str.h"
#include "core/store/lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_FIRST_MS = 1000, RETRY_MAX_MS = 60000, LOOK_MS = 2000, ANSWER_MAX = 4096 };

struct courier_watch {
	struct courier_options options;
	int holder_fd; /* tells the end of the running courier; -1: none is known, or it cannot be told (LOOK_MS) */
	uv_poll_t *holder;
	uv_timer_t *retry;
	int64_t retry_ms;
	bool starting;
	uv_pipe_t *answer;
	struct str said; /* what the starting courier wrote */
	char why[256];
	bool told;
};

static void freed(uv_handle_t *handle)
{
	free(handle);
}

static void close_handle(void *handle)
{
	if (handle) {
		((uv_handle_t *)handle)->data = NULL;
		uv_close(handle, freed);
	}
}

static void tell(struct courier_watch *watch, const char *why)
{
	if (watch->told && str_eq(watch->why, why))
		return;
	watch->told = true;
	str_copy(watch->why, sizeof watch->why, why);
	watch->options.state(watch->options.arg, watch->why);
}

static void start(struct courier_watch *watch);

static void retry_now(uv_timer_t *timer)
{
	struct courier_watch *watch = timer->data;
	if (watch->holder_fd < 0 && !watch->starting)
		start(watch);
}

static void start_later(struct courier_watch *watch)
{
	if (!watch->options.may_start)
		return;
	uv_timer_start(watch->retry, retry_now, (uint64_t)watch->retry_ms, 0);
	watch->retry_ms = watch->retry_ms * 2 < RETRY_MAX_MS ? watch->retry_ms * 2 : RETRY_MAX_MS;
}

/* --- a running courier */

static void forget_holder(struct courier_watch *watch)
{
	if (watch->holder_fd < 0)
		return;
	uv_poll_stop(watch->holder);
	close_handle(watch->holder);
	watch->holder = NULL;
	close(watch->holder_fd);
	watch->holder_fd = -1;
}

static void holder_ended(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	struct courier_watch *watch = poll->data;
	if (!watch)
		return;
	forget_holder(watch);
	courier_watch_look(watch);
}

static void look_now(uv_timer_t *timer)
{
	courier_watch_look(timer->data);
}

/* True when a courier holds the lock and its end will be heard, or looked for. */
static bool find_holder(struct courier_watch *watch)
{
	struct courier_holder holder;
	if (!courier_lock_holder(watch->options.store_path, &holder) || holder.pid <= 0)
		return false;
	int fd = os_process_fd(holder.pid);
	if (fd < 0 && errno == ESRCH)
		return false;
	uv_timer_stop(watch->retry);
	if (fd < 0) {
		uv_timer_start(watch->retry, look_now, LOOK_MS, 0);
		return true;
	}
	watch->holder_fd = fd;
	watch->holder = mem_alloc(sizeof *watch->holder);
	uv_poll_init(watch->options.loop, watch->holder, fd);
	watch->holder->data = watch;
	uv_poll_start(watch->holder, UV_READABLE, holder_ended);
	return true;
}

void courier_watch_look(struct courier_watch *watch)
{
	if (watch->holder_fd >= 0 || watch->starting)
		return;
	if (find_holder(watch)) {
		watch->retry_ms = RETRY_FIRST_MS;
		tell(watch, "");
		return;
	}
	if (!watch->options.may_start) {
		tell(watch, "no courier runs on this store: nothing arrives and nothing is sent; start curlewd");
	} else if (!uv_is_active((uv_handle_t *)watch->retry)) {
		tell(watch, "the courier has ended; it is being started again");
		start_later(watch);
	}
}

/* --- starting one */

static void start_done(struct courier_watch *watch)
{
	bool lent = watch->options.asks;
	close_handle(watch->answer);
	watch->answer = NULL;
	watch->starting = false;
	if (lent)
		watch->options.lend_terminal(watch->options.arg, false);
	char *line = watch->said.p;
	line[strcspn(line, "\n")] = '\0';
	if (str_starts(line, "ready") || find_holder(watch)) {
		watch->retry_ms = RETRY_FIRST_MS;
		if (watch->holder_fd < 0)
			find_holder(watch);
		tell(watch, "");
	} else {
		char why[256];
		snprintf(why, sizeof why, "courier down: %s",
		        *line ? line + (str_starts(line, "error: ") ? 7 : 0)
		              : "curlewd ended without a word; its log says more");
		tell(watch, why);
		start_later(watch);
	}
	str_clear(&watch->said);
}

static void answer_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
	(void)handle;
	(void)wanted;
	static char room[512];
	*buffer = uv_buf_init(room, sizeof room);
}

static void answer_came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct courier_watch *watch = stream->data;
	if (!watch)
		return;
	if (n > 0)
		str_add(&watch->said, buffer->base, (size_t)n);
	if (n < 0 || memchr(watch->said.p, '\n', watch->said.len))
		start_done(watch);
}

static void start(struct courier_watch *watch)
{
	struct err err = ERR_INIT;
	bool asks = watch->options.asks;
	watch->starting = true;
	if (asks)
		watch->options.lend_terminal(watch->options.arg, true);
	int fd = spawner_courier(watch->options.spawner, asks, &err);
	if (fd < 0) {
		str_addf(&watch->said, "error: %s", err.text);
		start_done(watch);
		return;
	}
	watch->answer = mem_alloc(sizeof *watch->answer);
	uv_pipe_init(watch->options.loop, watch->answer, 0);
	watch->answer->data = watch;
	uv_pipe_open(watch->answer, fd);
	uv_read_start((uv_stream_t *)watch->answer, answer_room, answer_came);
}

struct courier_watch *courier_watch_new(const struct courier_options *options)
{
	struct courier_watch *watch = mem_alloc(sizeof *watch);
	watch->options = *options;
	watch->holder_fd = -1;
	watch->retry_ms = RETRY_FIRST_MS;
	str_init(&watch->said, ANSWER_MAX);
	watch->retry = mem_alloc(sizeof *watch->retry);
	uv_timer_init(options->loop, watch->retry);
	watch->retry->data = watch;
	if (find_holder(watch))
		tell(watch, "");
	else if (options->may_start)
		start(watch);
	else
		courier_watch_look(watch);
	return watch;
}

void courier_watch_free(struct courier_watch *watch)
{
	if (!watch)
		return;
	forget_holder(watch);
	close_handle(watch->retry);
	close_handle(watch->answer);
	str_release(&watch->said);
	free(watch);
}
