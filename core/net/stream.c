#include "core/net/stream.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/attempts.h"

#include <stdlib.h>
#include <string.h>

struct stream {
	struct stream_options options;
	char *url, *bearer;
	struct attempts attempts;
	struct http_call *call;
	struct sse sse;
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
	attempts_release(&stream->attempts);
	free(stream->url);
	secret_free(stream->bearer);
	free(stream);
}

/* --- the end of a connection, or of an attempt */

static void end_attempt(struct stream *stream, struct err *reason)
{
	const struct stream_handlers *on = &stream->options.handlers;
	int64_t asked = stream->sse.retry_ms < BACKOFF_MAX_MS ? stream->sse.retry_ms : BACKOFF_MAX_MS, retry_at;
	struct stream_stop stop;
	http_cancel(stream->call);
	stream->call = NULL;
	if (!attempts_failed(&stream->attempts, asked, reason, &retry_at, &stop)) {
		if (on->on_stopped)
			on->on_stopped(stream->options.arg, &stop);
	} else if (on->on_closed) {
		on->on_closed(stream->options.arg, reason, retry_at);
	}
}

static void on_silence(void *arg, struct err *reason)
{
	struct stream *stream = arg;
	enter(stream);
	end_attempt(stream, reason);
	leave(stream);
}

/* --- what comes in */

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
	attempts_opened(&stream->attempts);
	if (stream->options.handlers.on_open)
		stream->options.handlers.on_open(stream->options.arg);
}

static void on_headers(void *arg, int status, const struct headers *headers)
{
	struct stream *stream = arg;
	enter(stream);
	attempts_answered(&stream->attempts, status, headers);
	if (status == 200)
		on_open(stream, headers_get(headers, "content-type"));
	leave(stream);
}

static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct stream *stream = arg;
	struct err reason = ERR_INIT;
	enter(stream);
	attempts_heard(&stream->attempts);
	if (stream->attempts.state != STREAM_OPEN)
		attempts_refused(&stream->attempts, bytes, len);
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
	attempts_begin(&stream->attempts);
	stream->call = http_send(stream->options.http, &request, &handlers, stream, err);
	return stream->call != NULL;
}

static void try_again(void *arg)
{
	struct stream *stream = arg;
	struct err reason = ERR_INIT;
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
	if (attempts_hurry(&stream->attempts))
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
	stream->attempts = (struct attempts){
	        .timers = options->timers,
	        .random = options->random,
	        .noun = "event stream",
	        .good_status = 200,
	        .dead_ms = STREAM_DEAD_MS,
	        .again = try_again,
	        .silent = on_silence,
	        .arg = stream,
	};
	attempts_init(&stream->attempts);
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
	attempts_stop(&stream->attempts);
	http_cancel(stream->call);
	stream->call = NULL;
	leave(stream);
}

enum stream_state stream_state(const struct stream *stream)
{
	return stream->attempts.state;
}
