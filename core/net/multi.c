#include "core/net/multi.h"

#include "core/base/log.h"
#include "core/base/mem.h"

#include <stdlib.h>
#include <uv.h>

struct multi {
	uv_loop_t *loop;
	CURLM *curl;
	const struct multi_handlers *handlers;
	void *arg;
	uv_timer_t timer; /* libuv's own: libcurl's waits are its internal business and never a deadline of ours */
	int open_handles;
	bool running;   /* libcurl's handles must not be added or removed then */
	bool reporting; /* inside done() */
	bool freed;
};

struct watch {
	uv_poll_t poll;
	struct multi *multi;
	curl_socket_t fd;
};

static void release(struct multi *multi);

static void report_finished(struct multi *multi)
{
	int left;
	CURLMsg *message;
	while (!multi->freed && (message = curl_multi_info_read(multi->curl, &left)))
		if (message->msg == CURLMSG_DONE)
			multi->handlers->done(multi->arg, message->easy_handle, message->data.result);
}

static void drive(struct multi *multi, curl_socket_t fd, int events)
{
	int transfers;
	multi->running = true;
	curl_multi_socket_action(multi->curl, fd, events, &transfers);
	multi->running = false;
	if (multi->handlers->settle)
		multi->handlers->settle(multi->arg);
	multi->reporting = true;
	report_finished(multi);
	multi->reporting = false;
	if (multi->freed)
		release(multi);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	drive(watch->multi, watch->fd, flags);
}

static void on_timer(uv_timer_t *timer)
{
	drive(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void handle_closed(struct multi *multi)
{
	if (--multi->open_handles == 0)
		free(multi);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct multi *multi = watch->multi;
	free(watch);
	handle_closed(multi);
}

static void on_timer_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static struct watch *watch_new(struct multi *multi, curl_socket_t fd)
{
	struct watch *watch = mem_alloc(sizeof *watch);
	int code = uv_poll_init_socket(multi->loop, &watch->poll, fd);
	if (code) {
		log_line(LOG_ERROR, "a connection cannot be watched: %s", uv_strerror(code));
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->multi = multi;
	watch->fd = fd;
	multi->open_handles++;
	curl_multi_assign(multi->curl, fd, watch);
	return watch;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	(void)easy;
	struct multi *multi = arg;
	struct watch *watch = socket_arg;
	if (what == CURL_POLL_REMOVE) {
		if (!watch)
			return 0;
		curl_multi_assign(multi->curl, fd, NULL);
		uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		return 0;
	}
	if (!watch && !(watch = watch_new(multi, fd)))
		return 0; /* the transfer's deadline ends it */
	int events = 0;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&watch->poll, events, on_socket);
	return 0;
}

/* One more than asked: libuv's milliseconds are whole and may end early, and libcurl does not ask a second time for a
 * moment it has already asked for. */
static int want_timer(CURLM *curl, long timeout_ms, void *arg)
{
	(void)curl;
	struct multi *multi = arg;
	if (timeout_ms < 0) {
		uv_timer_stop(&multi->timer);
		return 0;
	}
	uv_update_time(multi->loop);
	uv_timer_start(&multi->timer, on_timer, timeout_ms ? (uint64_t)timeout_ms + 1 : 0, 0);
	return 0;
}

struct multi *multi_new(struct uv_loop_s *loop, const struct multi_handlers *handlers, void *arg)
{
	CURLM *curl = curl_multi_init();
	if (!curl)
		return NULL;
	struct multi *multi = mem_alloc(sizeof *multi);
	*multi = (struct multi){.loop = loop, .curl = curl, .handlers = handlers, .arg = arg, .open_handles = 1};
	curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, 8L);
	curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(curl, CURLMOPT_TIMERDATA, multi);
	uv_timer_init(loop, &multi->timer);
	multi->timer.data = multi;
	return multi;
}

static void release(struct multi *multi)
{
	curl_multi_cleanup(multi->curl);
	uv_close((uv_handle_t *)&multi->timer, on_timer_closed);
}

void multi_free(struct multi *multi)
{
	if (!multi || multi->freed)
		return;
	multi->freed = true;
	if (!multi->reporting)
		release(multi);
}

bool multi_add(struct multi *multi, CURL *easy)
{
	return curl_multi_add_handle(multi->curl, easy) == CURLM_OK;
}

void multi_remove(struct multi *multi, CURL *easy)
{
	curl_multi_remove_handle(multi->curl, easy);
}

bool multi_runs(const struct multi *multi)
{
	return multi->running;
}
