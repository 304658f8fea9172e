#include "core/net/http_call.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/multi.h"

#include <assert.h>
#include <stdlib.h>

struct http {
	struct uv_loop_s *loop;
	struct timers *timers;
	struct multi *multi;
	CURLSH *share;
	int reporting; /* > 0 inside on_done */
	VEC(struct http_call *) calls;
};

/* --- the end of a call */

static void unlink_call(struct http_call *call)
{
	struct http *http = call->http;
	timers_cancel(http->timers, &call->deadline);
	timers_cancel(http->timers, &call->connect_deadline);
	if (call->in_multi)
		multi_remove(http->multi, call->easy);
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

/* --- from the multi handle */

static void join(struct http_call *call)
{
	call->in_multi = multi_add(call->http->multi, call->easy);
	if (!call->in_multi)
		log_line(LOG_ERROR, "%s: libcurl did not take the request", call->host);
}

/* Does what had to wait until libcurl returned: removes the cancelled, adds the new. */
static void settle(void *arg)
{
	struct http *http = arg;
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

static void on_done(void *arg, CURL *easy, CURLcode code)
{
	(void)arg;
	struct http_call *call = NULL;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
	finish(call, code);
}

/* --- the life of it all */

struct http *http_new(struct uv_loop_s *loop, struct timers *timers, struct err *err)
{
	static const struct multi_handlers handlers = {settle, on_done};
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		err_set(err, ERR_INTERNAL, "libcurl does not start");
		return NULL;
	}
	struct http *http = mem_alloc(sizeof *http);
	CURLSH *share = curl_share_init();
	http->multi = multi_new(loop, &handlers, http);
	if (!http->multi || !share) {
		multi_free(http->multi);
		curl_share_cleanup(share);
		curl_global_cleanup();
		free(http);
		err_set(err, ERR_INTERNAL, "libcurl gives no handle");
		return NULL;
	}
	http->loop = loop;
	http->timers = timers;
	http->share = share;
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	assert(!multi_runs(http->multi) && http->reporting == 0);
	while (http->calls.len) {
		struct http_call *call = http->calls.at[http->calls.len - 1];
		unlink_call(call);
		http_call_free(call);
	}
	vec_release(&http->calls);
	multi_free(http->multi);
	curl_share_cleanup(http->share);
	curl_global_cleanup();
	free(http);
}

struct uv_loop_s *http_loop(const struct http *http)
{
	return http->loop;
}

struct timers *http_timers(const struct http *http)
{
	return http->timers;
}

CURLSH *http_share(const struct http *http)
{
	return http->share;
}

static void hook_up(struct http_call *call)
{
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
	if (!multi_runs(http->multi))
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
	if (multi_runs(call->http->multi))
		return;
	unlink_call(call);
	http_call_free(call);
}

bool http_status_leaves_doubt(int status)
{
	return status == 408 || status == 499 || (status >= 500 && status != 501);
}
