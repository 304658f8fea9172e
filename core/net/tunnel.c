#include "core/net/tunnel.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/http_call.h"
#include "core/net/multi.h"

#include <stdlib.h>
#include <uv.h>

#define READ_BYTES 16384
#define READS_A_TURN 16 /* then others have theirs */

/* Its multi handle is its own. Where transfers share one, libcurl closes what it takes for unused: connections that no
 * transfer has touched for CURLOPT_MAXAGE_CONN, 118 seconds, when the next transfer begins; and taking the handle out
 * closes the connection, too. */
struct tunnel {
	struct multi *multi;
	struct http_call *call; /* for its URL, its easy handle and its words */
	struct tunnel_handlers handlers;
	void *arg;
	timer_id deadline;
	uv_poll_t poll;
	uv_idle_t more; /* reads on in the next turn: TLS may hold bytes that no poll sees */
	int open_handles;
	bool open, failed;
	/* OpenSSL wants the same bytes at the same place when it could not write them: what is being sent is not
	 * touched before it is sent. */
	struct str sending, queued;
	size_t sent; /* of sending */
	int depth;   /* callbacks may call tunnel_free: all goes when the last of our own functions has returned */
	bool freed;
	char bytes[READ_BYTES];
};

static void on_handle_closed(uv_handle_t *handle)
{
	struct tunnel *tunnel = handle->data;
	if (--tunnel->open_handles == 0)
		free(tunnel);
}

static void enter(struct tunnel *tunnel)
{
	tunnel->depth++;
}

static void leave(struct tunnel *tunnel)
{
	if (--tunnel->depth > 0 || !tunnel->freed)
		return;
	bool watched = tunnel->open_handles > 0;
	multi_remove(tunnel->multi, tunnel->call->easy);
	http_call_free(tunnel->call);
	multi_free(tunnel->multi);
	secret_release(&tunnel->sending);
	secret_release(&tunnel->queued);
	if (!watched)
		free(tunnel);
}

/* --- the end */

static void stop_watching(struct tunnel *tunnel)
{
	timers_cancel(http_timers(tunnel->call->http), &tunnel->deadline);
	if (!tunnel->open)
		return;
	tunnel->open = false;
	uv_close((uv_handle_t *)&tunnel->poll, on_handle_closed);
	uv_close((uv_handle_t *)&tunnel->more, on_handle_closed);
}

static void end(struct tunnel *tunnel, const struct err *reason)
{
	if (tunnel->failed || tunnel->freed)
		return;
	tunnel->failed = true;
	stop_watching(tunnel);
	tunnel->handlers.on_end(tunnel->arg, reason);
}

static void end_with(struct tunnel *tunnel, CURLcode code)
{
	struct err reason = ERR_INIT;
	http_explain(tunnel->call, code, &reason);
	end(tunnel, &reason);
}

static void end_lost(struct tunnel *tunnel, CURLcode code)
{
	struct err reason = ERR_INIT;
	err_set(&reason, ERR_UNAVAILABLE, "%s: the connection is lost (%s)", tunnel->call->host,
	        str_or(tunnel->call->detail, curl_easy_strerror(code)));
	end(tunnel, &reason);
}

static void end_in_order(struct tunnel *tunnel)
{
	struct err reason = ERR_INIT;
	err_set(&reason, ERR_UNAVAILABLE, "%s: the other side closed the connection", tunnel->call->host);
	end(tunnel, &reason);
}

/* --- bytes */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct tunnel *tunnel, bool writes)
{
	uv_poll_start(&tunnel->poll, writes ? UV_READABLE | UV_WRITABLE : UV_READABLE, on_poll);
}

static void take_queued(struct tunnel *tunnel)
{
	struct str empty = tunnel->sending;
	secret_wipe(empty.p, empty.len); /* a token may have been in it */
	tunnel->sending = tunnel->queued;
	tunnel->queued = empty;
	str_clear(&tunnel->queued);
	tunnel->sent = 0;
}

/* As much as goes out without waiting. CURLE_OK, CURLE_AGAIN, or why nothing will any more. */
static CURLcode push(struct tunnel *tunnel)
{
	for (;;) {
		if (tunnel->sent == tunnel->sending.len)
			take_queued(tunnel);
		if (!tunnel->sending.len)
			return CURLE_OK;
		size_t n = 0;
		CURLcode code = curl_easy_send(
		        tunnel->call->easy, tunnel->sending.p + tunnel->sent, tunnel->sending.len - tunnel->sent, &n);
		if (code)
			return code;
		tunnel->sent += n;
	}
}

static void write_some(struct tunnel *tunnel)
{
	CURLcode code = push(tunnel);
	if (code && code != CURLE_AGAIN)
		end_lost(tunnel, code);
	else
		watch(tunnel, code == CURLE_AGAIN);
}

static void read_later(uv_idle_t *idle);

static void read_some(struct tunnel *tunnel)
{
	for (int i = 0; i < READS_A_TURN && tunnel->open; i++) {
		size_t n = 0;
		CURLcode code = curl_easy_recv(tunnel->call->easy, tunnel->bytes, sizeof tunnel->bytes, &n);
		if (code == CURLE_AGAIN) {
			uv_idle_stop(&tunnel->more);
			return;
		}
		if (code)
			end_lost(tunnel, code);
		else if (!n)
			end_in_order(tunnel);
		else
			tunnel->handlers.on_bytes(tunnel->arg, tunnel->bytes, n);
	}
	if (tunnel->open)
		uv_idle_start(&tunnel->more, read_later);
}

static void read_later(uv_idle_t *idle)
{
	struct tunnel *tunnel = idle->data;
	enter(tunnel);
	read_some(tunnel);
	leave(tunnel);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct tunnel *tunnel = poll->data;
	enter(tunnel);
	if (events & UV_WRITABLE)
		write_some(tunnel);
	if (tunnel->open && (status < 0 || events & UV_READABLE))
		read_some(tunnel);
	leave(tunnel);
}

int tunnel_send(struct tunnel *tunnel, const char *bytes, size_t len, struct err *err)
{
	if (!tunnel->open)
		return 0;
	if (str_add(&tunnel->queued, bytes, len))
		return err_set(err, ERR_LIMIT, "%s: the other side does not read what is sent", tunnel->call->host);
	watch(tunnel, true);
	return 0;
}

/* --- the beginning */

static void on_connected(void *arg, CURL *easy, CURLcode code)
{
	struct tunnel *tunnel = arg;
	curl_socket_t fd = CURL_SOCKET_BAD;
	enter(tunnel);
	timers_cancel(http_timers(tunnel->call->http), &tunnel->deadline);
	if (!code)
		code = curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
	struct uv_loop_s *loop = http_loop(tunnel->call->http);
	if (code) {
		end_with(tunnel, code);
	} else if (fd == CURL_SOCKET_BAD || uv_poll_init_socket(loop, &tunnel->poll, fd)) {
		end_lost(tunnel, CURLE_COULDNT_CONNECT);
	} else {
		uv_idle_init(loop, &tunnel->more);
		tunnel->poll.data = tunnel->more.data = tunnel;
		tunnel->open_handles = 2;
		tunnel->open = true;
		watch(tunnel, false);
		tunnel->handlers.on_open(tunnel->arg);
	}
	leave(tunnel);
}

static void on_deadline(void *arg)
{
	struct tunnel *tunnel = arg;
	tunnel->deadline = 0;
	enter(tunnel);
	end_with(tunnel, CURLE_OPERATION_TIMEDOUT);
	leave(tunnel);
}

struct tunnel *tunnel_new(
        struct http *http, const char *url, const struct tunnel_handlers *handlers, void *arg, struct err *err)
{
	static const struct multi_handlers from_multi = {.done = on_connected};
	struct tunnel *tunnel = mem_alloc(sizeof *tunnel);
	struct http_request request = {.url = url, .streaming = true};
	struct http_call *call = mem_alloc(sizeof *call);
	tunnel->call = call;
	tunnel->handlers = *handlers;
	tunnel->arg = arg;
	str_init(&tunnel->sending, TUNNEL_UNSENT_MAX);
	str_init(&tunnel->queued, TUNNEL_UNSENT_MAX);
	call->http = http;
	call->timeout_ms = call->connect_timeout_ms = HTTP_CONNECT_TIMEOUT_MS;
	int rc = http_call_setup(call, &request, http_share(http), err);
	if (!rc) {
		curl_easy_setopt(call->easy, CURLOPT_CONNECT_ONLY, 1L);
		tunnel->multi = multi_new(http_loop(http), &from_multi, tunnel);
	}
	if (!rc && (!tunnel->multi || !multi_add(tunnel->multi, call->easy)))
		rc = err_set(err, ERR_INTERNAL, "libcurl gives no handle");
	if (rc) {
		http_call_free(call);
		multi_free(tunnel->multi);
		free(tunnel);
		return NULL;
	}
	tunnel->deadline =
	        timers_add(http_timers(http), clock_mono_ms() + call->connect_timeout_ms, on_deadline, tunnel);
	return tunnel;
}

void tunnel_free(struct tunnel *tunnel)
{
	if (!tunnel || tunnel->freed)
		return;
	enter(tunnel);
	tunnel->freed = true;
	if (tunnel->open)
		push(tunnel); /* a farewell: it goes when it need not wait */
	stop_watching(tunnel);
	leave(tunnel);
}

/* --- what the URL says */

static void add_part(const struct tunnel *tunnel, CURLUPart part, const char *before, struct str *out)
{
	char *text = NULL;
	if (curl_url_get(tunnel->call->url, part, &text, part == CURLUPART_HOST ? CURLU_PUNYCODE : 0) == CURLUE_OK)
		str_addf(out, "%s%s", before, text);
	curl_free(text);
}

void tunnel_host(const struct tunnel *tunnel, struct str *host)
{
	add_part(tunnel, CURLUPART_HOST, "", host);
	add_part(tunnel, CURLUPART_PORT, ":", host);
}

void tunnel_target(const struct tunnel *tunnel, struct str *target)
{
	add_part(tunnel, CURLUPART_PATH, "", target);
	add_part(tunnel, CURLUPART_QUERY, "?", target);
}
