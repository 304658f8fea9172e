#include "core/net/stream.h"

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/backoff.h"
#include "core/net/ratelimit.h"

#include <stdlib.h>
#include <string.h>

#define REFUSAL_MAX ((size_t)16 * 1024) /* of the body that explains a refusal */

struct stream {
	struct stream_options options;
	char *url, *bearer;
	enum stream_state state;
	struct http_call *call;
	struct sse sse;
	struct backoff backoff;
	timer_id watchdog, retry;
	int64_t last_byte_ms, opened_ms; /* monotonic */
	/* Of the answer to the present attempt. */
	int status;
	int64_t told_wait_ms; /* what its headers ask for, 0 for nothing */
	char *location;
	struct str refusal;
	/* Callbacks may call stream_free; the memory goes when the last of our own functions has returned. */
	int depth;
	bool freed;
};

static void enter(struct stream *stream)
{
	stream->depth++;
}

static void leave(struct stream *stream)
{
	if (--stream->depth > 0 || !stream->freed)
		return;
	sse_release(&stream->sse);
	str_release(&stream->refusal);
	free(stream->location);
	free(stream->url);
	secret_free(stream->bearer);
	free(stream);
}

/* --- the end of a connection, or of an attempt */

static bool is_redirect(int status)
{
	return status >= 300 && status < 400;
}

static bool is_final(int status)
{
	return status == 401 || status == 403 || status == 404 || is_redirect(status);
}

/* The sentence comes from the server: Mastodon tells a revoked token from a missing scope only there. */
static void explain_status(struct stream *stream, struct err *reason)
{
	int status = stream->status;
	json *body = json_parse(stream->refusal.p, stream->refusal.len, NULL);
	const char *said = body ? str_or(json_str(body, "error"), "no reason given") : "no reason given";
	if (status == 401 || status == 403)
		err_set(reason, ERR_PERMISSION, "the event stream was refused (%d: %s); log in again", status, said);
	else if (status == 404)
		err_set(reason, ERR_NOT_FOUND, "there is no event stream at this address (404)");
	else if (is_redirect(status))
		err_set(reason, ERR_PROTOCOL, "the event stream has moved (%d) to %s", status,
		        str_or(stream->location, "an address that the server does not name"));
	else if (status == 429)
		err_set(reason, ERR_BUSY, "the server asks to connect less often (429: %s)", said);
	else
		err_set(reason, ERR_UNAVAILABLE, "the server has no event stream now (%d: %s)", status, said);
	json_free(body);
}

static void try_again(void *arg);

static int64_t wait_before_retry(struct stream *stream, int64_t now)
{
	if (stream->state == STREAM_OPEN)
		backoff_lived(&stream->backoff, now - stream->opened_ms);
	uint64_t random = stream->options.random();
	if (stream->told_wait_ms)
		return stream->told_wait_ms + ratelimit_jitter_ms(random);
	int64_t wait = backoff_next(&stream->backoff, random);
	int64_t asked = stream->sse.retry_ms < BACKOFF_MAX_MS ? stream->sse.retry_ms : BACKOFF_MAX_MS;
	return wait > asked ? wait : asked;
}

static void end_attempt(struct stream *stream, struct err *reason)
{
	const struct stream_handlers *on = &stream->options.handlers;
	http_cancel(stream->call);
	stream->call = NULL;
	timers_cancel(stream->options.timers, &stream->watchdog);
	if (stream->status && stream->status != 200)
		explain_status(stream, reason);
	if (is_final(stream->status)) {
		stream->state = STREAM_STOPPED;
		struct stream_stop stop = {stream->status, stream->location, reason};
		if (on->on_stopped)
			on->on_stopped(stream->options.arg, &stop);
		return;
	}
	int64_t now = clock_mono_ms();
	int64_t at = now + wait_before_retry(stream, now);
	stream->state = STREAM_WAITING;
	stream->retry = timers_add(stream->options.timers, at, try_again, stream);
	if (on->on_closed)
		on->on_closed(stream->options.arg, reason, at);
}

/* --- what comes in */

static void watch(void *arg)
{
	struct stream *stream = arg;
	stream->watchdog = 0;
	int64_t dead_at = stream->last_byte_ms + STREAM_DEAD_MS;
	if (clock_mono_ms() < dead_at) {
		stream->watchdog = timers_add(stream->options.timers, dead_at, watch, stream);
		return;
	}
	struct err reason = ERR_INIT;
	err_set(&reason, ERR_UNAVAILABLE, "the event stream was silent for %d s", STREAM_DEAD_MS / 1000);
	enter(stream);
	end_attempt(stream, &reason);
	leave(stream);
}

static bool is_event_stream(const char *content_type)
{
	static const char wanted[] = "text/event-stream";
	size_t len = sizeof wanted - 1;
	return content_type && str_icmp_n(content_type, wanted, len) == 0 && strchr("; \t", content_type[len]);
}

static void on_open(struct stream *stream, const char *content_type)
{
	if (!is_event_stream(content_type)) {
		struct err reason = ERR_INIT;
		err_set(&reason, ERR_PROTOCOL,
		        "expected an event stream, found %.80s: a sign-in page of this network, or a proxy, answers in "
		        "the "
		        "server's place",
		        str_or(content_type, "no content type"));
		end_attempt(stream, &reason);
		return;
	}
	stream->state = STREAM_OPEN;
	stream->opened_ms = clock_mono_ms();
	if (stream->options.handlers.on_open)
		stream->options.handlers.on_open(stream->options.arg);
}

static void on_headers(void *arg, int status, const struct headers *headers)
{
	struct stream *stream = arg;
	int64_t wall = clock_wall_ms();
	int64_t retry_at = ratelimit_retry_at(status, headers, wall);
	enter(stream);
	stream->status = status;
	stream->told_wait_ms = retry_at ? retry_at - wall : 0;
	stream->location = mem_strdup(headers_get(headers, "location"));
	stream->last_byte_ms = clock_mono_ms();
	stream->watchdog = timers_add(stream->options.timers, stream->last_byte_ms + STREAM_DEAD_MS, watch, stream);
	if (status == 200)
		on_open(stream, headers_get(headers, "content-type"));
	leave(stream);
}

static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct stream *stream = arg;
	struct err reason = ERR_INIT;
	enter(stream);
	stream->last_byte_ms = clock_mono_ms();
	if (stream->state != STREAM_OPEN)
		str_add(&stream->refusal, bytes, len); /* one that is too long is left unquoted */
	else if (sse_feed(&stream->sse, bytes, len, &reason) && !stream->freed)
		end_attempt(stream, &reason);
	leave(stream);
}

static void on_done(void *arg, struct http_response *response)
{
	struct stream *stream = arg;
	struct err reason = response->err;
	enter(stream);
	stream->call = NULL;
	if (reason.code == ERR_NONE)
		err_set(&reason, ERR_UNAVAILABLE, "the server ended the event stream");
	end_attempt(stream, &reason);
	leave(stream);
}

static void on_event(void *arg, const struct sse_event *event)
{
	struct stream *stream = arg;
	if (!stream->freed && stream->options.handlers.on_event)
		stream->options.handlers.on_event(stream->options.arg, event);
}

static void on_comment(void *arg, const char *text, size_t len)
{
	struct stream *stream = arg;
	(void)text;
	(void)len;
	if (!stream->freed && stream->options.handlers.on_heartbeat)
		stream->options.handlers.on_heartbeat(stream->options.arg);
}

/* --- attempts */

/* False with err set when the request is refused as it stands. */
static bool attempt(struct stream *stream, struct err *err)
{
	static const struct http_handlers handlers = {on_headers, on_bytes, on_done};
	struct http_field fields[2] = {{"Cache-Control", "no-store"}, {"Last-Event-ID", stream->sse.id.p}};
	struct http_request request = {
	        .url = stream->url,
	        .headers = fields,
	        .headers_len = stream->sse.id.len ? 2 : 1,
	        .accept = "text/event-stream",
	        .bearer = stream->bearer,
	        .streaming = true,
	};
	sse_restart(&stream->sse);
	str_clear(&stream->refusal);
	free(stream->location);
	stream->location = NULL;
	stream->status = 0;
	stream->told_wait_ms = 0;
	stream->state = STREAM_CONNECTING;
	stream->call = http_send(stream->options.http, &request, &handlers, stream, err);
	return stream->call != NULL;
}

static void try_again(void *arg)
{
	struct stream *stream = arg;
	struct err reason = ERR_INIT;
	stream->retry = 0;
	enter(stream);
	if (stream->options.handlers.on_connecting)
		stream->options.handlers.on_connecting(stream->options.arg);
	if (!stream->freed && !attempt(stream, &reason)) {
		/* URL and token were good before: it is the id, which the server chose. */
		str_clear(&stream->sse.id);
		end_attempt(stream, &reason);
	}
	leave(stream);
}

void stream_retry_now(struct stream *stream)
{
	if (stream->state != STREAM_WAITING)
		return;
	timers_cancel(stream->options.timers, &stream->retry);
	try_again(stream);
}

/* --- life */

struct stream *stream_new(const struct stream_options *options, struct err *err)
{
	static const struct sse_handlers handlers = {on_event, on_comment};
	struct stream *stream = mem_alloc(sizeof *stream);
	stream->options = *options;
	stream->url = mem_strdup(options->url);
	stream->bearer = mem_strdup(options->bearer);
	stream->options.url = stream->url;
	stream->options.bearer = stream->bearer;
	sse_init(&stream->sse, &handlers, stream);
	str_init(&stream->refusal, REFUSAL_MAX);
	backoff_init(&stream->backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	if (attempt(stream, err))
		return stream;
	stream_free(stream);
	return NULL;
}

void stream_free(struct stream *stream)
{
	if (!stream || stream->freed)
		return;
	enter(stream);
	stream->freed = true;
	stream->state = STREAM_STOPPED;
	http_cancel(stream->call);
	stream->call = NULL;
	timers_cancel(stream->options.timers, &stream->watchdog);
	timers_cancel(stream->options.timers, &stream->retry);
	leave(stream);
}

enum stream_state stream_state(const struct stream *stream)
{
	return stream->state;
}
