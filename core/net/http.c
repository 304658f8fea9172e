#include "core/net/http_call.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/address.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <uv.h>

struct http {
	uv_loop_t *loop;
	struct timers *timers;
	CURLM *multi;
	CURLSH *share;
	uv_timer_t timer; /* libuv's own: libcurl's waits are its internal business and never a deadline of ours */
	int open_handles;
	int depth;     /* > 0 while libcurl runs: its handles must not be added or removed then */
	int reporting; /* > 0 inside on_done */
	VEC(struct http_call *) calls;
};

struct watch {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
};

/* --- the end of a call */

static void unlink_call(struct http_call *call)
{
	struct http *http = call->http;
	timers_cancel(http->timers, &call->deadline);
	timers_cancel(http->timers, &call->connect_deadline);
	if (call->in_multi)
		curl_multi_remove_handle(http->multi, call->easy);
	call->in_multi = false;
	for (size_t i = 0; i < http->calls.len; i++) {
		if (http->calls.at[i] == call) {
			vec_remove(&http->calls, i);
			break;
		}
	}
}

/* Whether a request can have reached the server is decided by on_ready_to_send alone. Counting bytes would not do:
 * CURLINFO_REQUEST_SIZE stays 0 when TLS has written a record and reports "would block", and the time of
 * CURLINFO_PRETRANSFER_TIME is taken after the first write. */
static void finish(struct http_call *call, CURLcode code)
{
	struct http *http = call->http;
	struct http_response *response = &call->response;
	/* libcurl takes an answer for whole when the connection closes inside its head. */
	if (code == CURLE_OK && !call->head_done)
		code = CURLE_GOT_NOTHING;
	if (code == CURLE_OK) {
		response->outcome = HTTP_DONE;
	} else {
		response->outcome = call->handed_over ? HTTP_UNKNOWN : HTTP_NOT_SENT;
		http_explain(call, code, &response->err);
	}
	unlink_call(call);
	call->dead = true;
	http->reporting++;
	call->handlers.on_done(call->arg, response);
	http->reporting--;
	http_call_free(call);
}

static void on_deadline(void *arg)
{
	struct http_call *call = arg;
	call->deadline = 0;
	finish(call, CURLE_OPERATION_TIMEDOUT);
}

static void on_connect_deadline(void *arg)
{
	struct http_call *call = arg;
	call->connect_deadline = 0;
	finish(call, CURLE_OPERATION_TIMEDOUT);
}

/* --- what libcurl reports of one call */

/* libcurl calls this when the connection stands, TLS and proxy included, and before it writes the first byte of the
 * request (CURLOPT_PREREQFUNCTION). */
static int on_ready_to_send(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	(void)remote_ip;
	(void)local_ip;
	(void)remote_port;
	(void)local_port;
	struct http_call *call = arg;
	if (call->dead)
		return CURL_PREREQFUNC_ABORT;
	call->handed_over = true;
	timers_cancel(call->http->timers, &call->connect_deadline);
	return CURL_PREREQFUNC_OK;
}

static void end_of_head(struct http_call *call)
{
	long status = 0;
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200) /* an interim answer: the real head follows */
		return;
	call->response.status = (int)status;
	call->head_done = true;
	if (!call->streaming)
		return;
	timers_cancel(call->http->timers, &call->deadline);
	if (call->handlers.on_headers)
		call->handlers.on_headers(call->arg, call->response.status, &call->response.headers);
}

static size_t on_header(char *line, size_t size, size_t len, void *arg)
{
	struct http_call *call = arg;
	(void)size;
	if (call->dead)
		return 0;
	if (call->head_done) /* a trailer */
		return len;
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0) {
		headers_clear(&call->response.headers);
		return len;
	}
	if (len <= 2 && (line[0] == '\r' || line[0] == '\n')) {
		end_of_head(call);
		return call->dead ? 0 : len;
	}
	if (headers_add_line(&call->response.headers, line, len) == 0)
		return len;
	call->over_cap = true;
	return 0;
}

static size_t on_body(char *bytes, size_t size, size_t len, void *arg)
{
	struct http_call *call = arg;
	(void)size;
	if (call->dead)
		return 0;
	if (call->streaming) {
		if (call->handlers.on_bytes)
			call->handlers.on_bytes(call->arg, bytes, len);
		return call->dead ? 0 : len;
	}
	if (str_add(&call->response.body, bytes, len) == 0)
		return len;
	call->over_cap = true;
	return 0;
}

/* --- libcurl and libuv */

static void join(struct http_call *call)
{
	call->in_multi = curl_multi_add_handle(call->http->multi, call->easy) == CURLM_OK;
	if (!call->in_multi)
		log_line(LOG_ERROR, "%s: libcurl did not take the request", call->host);
}

/* Does what had to wait until libcurl returned: removes the cancelled, adds the new. */
static void settle(struct http *http)
{
	for (size_t i = 0; i < http->calls.len;) {
		struct http_call *call = http->calls.at[i];
		if (call->dead) {
			unlink_call(call);
			http_call_free(call);
			continue;
		}
		if (!call->in_multi)
			join(call);
		i++;
	}
}

static void report_finished(struct http *http)
{
	int left;
	CURLMsg *message;
	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct http_call *call = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		finish(call, code);
	}
}

static void drive(struct http *http, curl_socket_t fd, int events)
{
	int running;
	http->depth++;
	curl_multi_socket_action(http->multi, fd, events, &running);
	http->depth--;
	settle(http);
	report_finished(http);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	drive(watch->http, watch->fd, flags);
}

static void on_timer(uv_timer_t *timer)
{
	drive(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void handle_closed(struct http *http)
{
	if (--http->open_handles == 0)
		free(http);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct http *http = watch->http;
	free(watch);
	handle_closed(http);
}

static void on_timer_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static struct watch *watch_new(struct http *http, curl_socket_t fd)
{
	struct watch *watch = mem_alloc(sizeof *watch);
	int code = uv_poll_init_socket(http->loop, &watch->poll, fd);
	if (code) {
		log_line(LOG_ERROR, "a connection cannot be watched: %s", uv_strerror(code));
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->http = http;
	watch->fd = fd;
	http->open_handles++;
	curl_multi_assign(http->multi, fd, watch);
	return watch;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	(void)easy;
	struct http *http = arg;
	struct watch *watch = socket_arg;
	if (what == CURL_POLL_REMOVE) {
		if (!watch)
			return 0;
		curl_multi_assign(http->multi, fd, NULL);
		uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		return 0;
	}
	if (!watch && !(watch = watch_new(http, fd)))
		return 0; /* the call's deadline ends it */
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
static int want_timer(CURLM *multi, long timeout_ms, void *arg)
{
	(void)multi;
	struct http *http = arg;
	if (timeout_ms < 0) {
		uv_timer_stop(&http->timer);
		return 0;
	}
	uv_update_time(http->loop);
	uv_timer_start(&http->timer, on_timer, timeout_ms ? (uint64_t)timeout_ms + 1 : 0, 0);
	return 0;
}

/* --- the life of it all */

struct http *http_new(struct uv_loop_s *loop, struct timers *timers, struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		err_set(err, ERR_INTERNAL, "libcurl does not start");
		return NULL;
	}
	CURLM *multi = curl_multi_init();
	CURLSH *share = curl_share_init();
	if (!multi || !share) {
		curl_multi_cleanup(multi);
		curl_share_cleanup(share);
		curl_global_cleanup();
		err_set(err, ERR_INTERNAL, "libcurl gives no handle");
		return NULL;
	}
	struct http *http = mem_alloc(sizeof *http);
	*http = (struct http){.loop = loop, .timers = timers, .multi = multi, .share = share};
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 8L);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
	uv_timer_init(loop, &http->timer);
	http->timer.data = http;
	http->open_handles = 1;
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	assert(http->depth == 0 && http->reporting == 0);
	while (http->calls.len) {
		struct http_call *call = http->calls.at[http->calls.len - 1];
		unlink_call(call);
		http_call_free(call);
	}
	vec_release(&http->calls);
	curl_multi_cleanup(http->multi);
	curl_share_cleanup(http->share);
	curl_global_cleanup();
	uv_close((uv_handle_t *)&http->timer, on_timer_closed);
}

/* The address is looked at here, after the name was resolved and when it is used: a name server cannot say one thing
 * first and another one later. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_call *call = arg;
	(void)purpose;
	if (call->public_only && address_is_private(&address->addr)) {
		call->met_private = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void hook_up(struct http_call *call)
{
	curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_PREREQFUNCTION, on_ready_to_send);
	curl_easy_setopt(call->easy, CURLOPT_PREREQDATA, call);
}

static void start_timers(struct http_call *call)
{
	struct timers *timers = call->http->timers;
	int64_t now = clock_mono_ms();
	call->deadline = timers_add(timers, now + call->timeout_ms, on_deadline, call);
	call->connect_deadline = timers_add(timers, now + call->connect_timeout_ms, on_connect_deadline, call);
}

struct http_call *http_send(struct http *http, const struct http_request *request, const struct http_handlers *handlers,
        void *arg, struct err *err)
{
	struct http_call *call = mem_alloc(sizeof *call);
	call->http = http;
	call->handlers = *handlers;
	call->arg = arg;
	call->streaming = request->streaming;
	call->timeout_ms = request->timeout_ms ? request->timeout_ms : HTTP_TIMEOUT_MS;
	call->connect_timeout_ms = request->connect_timeout_ms ? request->connect_timeout_ms : HTTP_CONNECT_TIMEOUT_MS;
	str_init(&call->response.body, request->max_body ? request->max_body : HTTP_MAX_BODY);
	if (http_call_setup(call, request, http->share, err)) {
		http_call_free(call);
		return NULL;
	}
	hook_up(call);
	start_timers(call);
	vec_push(&http->calls, call);
	if (http->depth == 0)
		join(call);
	return call;
}

void http_cancel(struct http_call *call)
{
	if (!call || call->dead)
		return;
	call->dead = true;
	timers_cancel(call->http->timers, &call->deadline);
	timers_cancel(call->http->timers, &call->connect_deadline);
	if (call->http->depth > 0)
		return;
	unlink_call(call);
	http_call_free(call);
}

bool http_status_leaves_doubt(int status)
{
	return status == 408 || status == 499 || (status >= 500 && status != 501);
}
