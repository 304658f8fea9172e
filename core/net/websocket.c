#include "core/net/websocket.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/attempts.h"
#include "core/net/frames.h"
#include "core/net/handshake.h"
#include "core/net/http_call.h"
#include "core/net/tunnel.h"

#include <stdlib.h>

#define SWITCHING_PROTOCOLS 101

struct websocket {
	struct websocket_options options;
	char *url, *bearer;
	struct attempts attempts;
	/* Of the present attempt. */
	struct tunnel *tunnel;
	struct str request; /* until it is handed over */
	struct handshake handshake;
	timer_id deadline;     /* of the handshake */
	struct frames *frames; /* once it is open */
	/* Callbacks may call websocket_free; the memory goes when the last of our own functions has returned. */
	int depth;
	bool freed;
};

/* Not while the frames are fed. */
static void drop_attempt(struct websocket *socket)
{
	timers_cancel(socket->options.timers, &socket->deadline);
	tunnel_free(socket->tunnel);
	socket->tunnel = NULL;
	frames_free(socket->frames);
	socket->frames = NULL;
	handshake_release(&socket->handshake);
	secret_release(&socket->request);
}

static int send_frames(struct websocket *socket, struct err *err)
{
	struct str *out = frames_out(socket->frames);
	int rc = out->len ? tunnel_send(socket->tunnel, out->p, out->len, err) : 0;
	str_clear(out);
	return rc;
}

static void say_goodbye(struct websocket *socket)
{
	if (!socket->frames)
		return;
	frames_close(socket->frames, FRAMES_CLOSE_NORMAL);
	send_frames(socket, NULL);
}

static void enter(struct websocket *socket)
{
	socket->depth++;
}

static void leave(struct websocket *socket)
{
	if (--socket->depth > 0 || !socket->freed)
		return;
	say_goodbye(socket);
	drop_attempt(socket);
	attempts_release(&socket->attempts);
	secret_free(socket->url); /* a token may be in it */
	secret_free(socket->bearer);
	free(socket);
}

/* --- the end of a connection, or of an attempt */

static void end_attempt(struct websocket *socket, struct err *reason)
{
	const struct websocket_handlers *on = &socket->options.handlers;
	int64_t retry_at;
	struct stream_stop stop;
	drop_attempt(socket);
	if (!attempts_failed(&socket->attempts, 0, reason, &retry_at, &stop)) {
		if (on->on_stopped)
			on->on_stopped(socket->options.arg, &stop);
	} else if (on->on_closed) {
		on->on_closed(socket->options.arg, reason, retry_at);
	}
}

static void on_silence(void *arg, struct err *reason)
{
	struct websocket *socket = arg;
	enter(socket);
	end_attempt(socket, reason);
	leave(socket);
}

static void on_deadline(void *arg)
{
	struct websocket *socket = arg;
	struct err reason = ERR_INIT;
	socket->deadline = 0;
	err_set(&reason, ERR_UNAVAILABLE, "no answer to the WebSocket's handshake within %d s", HTTP_TIMEOUT_MS / 1000);
	enter(socket);
	end_attempt(socket, &reason);
	leave(socket);
}

/* --- what comes in */

static void on_text(void *arg, const char *text, size_t len)
{
	struct websocket *socket = arg;
	if (!socket->freed && socket->options.handlers.on_message)
		socket->options.handlers.on_message(socket->options.arg, text, len);
}

static void on_control(void *arg)
{
	struct websocket *socket = arg;
	if (!socket->freed && socket->options.handlers.on_heartbeat)
		socket->options.handlers.on_heartbeat(socket->options.arg);
}

static void feed_frames(struct websocket *socket, const char *bytes, size_t len)
{
	struct err reason = ERR_INIT, unsent = ERR_INIT;
	int rc = frames_feed(socket->frames, bytes, len, &reason);
	int lost = send_frames(socket, &unsent);
	if (socket->freed)
		return;
	if (rc || lost)
		end_attempt(socket, rc ? &reason : &unsent);
}

static void upgraded(struct websocket *socket)
{
	static const struct frames_handlers handlers = {on_text, on_control};
	size_t max = socket->options.max_message ? socket->options.max_message : WEBSOCKET_MESSAGE_MAX;
	attempts_answered(&socket->attempts, SWITCHING_PROTOCOLS, &socket->handshake.headers);
	attempts_opened(&socket->attempts);
	socket->frames = frames_new(&handlers, socket, max, socket->options.random);
	if (socket->options.handlers.on_open)
		socket->options.handlers.on_open(socket->options.arg);
}

static void feed_handshake(struct websocket *socket, const char *bytes, size_t len)
{
	struct err reason = ERR_INIT;
	struct handshake *handshake = &socket->handshake;
	size_t used = 0;
	enum handshake_result result = handshake_feed(handshake, bytes, len, &used, &reason);
	if (result == HANDSHAKE_MORE)
		return;
	timers_cancel(socket->options.timers, &socket->deadline);
	if (result == HANDSHAKE_UPGRADED) {
		upgraded(socket);
		if (!socket->freed && used < len) /* frames may follow in the same read */
			feed_frames(socket, bytes + used, len - used);
		return;
	}
	if (result == HANDSHAKE_REFUSED) {
		attempts_answered(&socket->attempts, handshake->status, &handshake->headers);
		attempts_refused(&socket->attempts, handshake->body.p, handshake->body.len);
	}
	end_attempt(socket, &reason);
}

static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct websocket *socket = arg;
	enter(socket);
	attempts_heard(&socket->attempts);
	if (socket->frames)
		feed_frames(socket, bytes, len);
	else
		feed_handshake(socket, bytes, len);
	leave(socket);
}

static void on_end(void *arg, const struct err *reason)
{
	struct websocket *socket = arg;
	struct err own = *reason;
	const struct handshake *handshake = &socket->handshake;
	enter(socket);
	if (!socket->frames && handshake->head_done) /* its body is cut */
		attempts_answered(&socket->attempts, handshake->status, &handshake->headers);
	end_attempt(socket, &own);
	leave(socket);
}

static void on_connected(void *arg)
{
	struct websocket *socket = arg;
	struct err reason = ERR_INIT;
	enter(socket);
	int rc = tunnel_send(socket->tunnel, socket->request.p, socket->request.len, &reason);
	secret_release(&socket->request);
	if (rc)
		end_attempt(socket, &reason);
	leave(socket);
}

/* --- attempts */

static int write_request(struct websocket *socket, struct err *err)
{
	struct str host = STR_INIT, target = STR_INIT;
	tunnel_host(socket->tunnel, &host);
	tunnel_target(socket->tunnel, &target);
	int rc = handshake_request(
	        &socket->handshake, host.p, target.p, HTTP_USER_AGENT, socket->bearer, &socket->request, err);
	str_release(&host);
	secret_release(&target);
	return rc;
}

/* False with err set when URL or token is refused as it stands. */
static bool attempt(struct websocket *socket, struct err *err)
{
	static const struct tunnel_handlers handlers = {on_connected, on_bytes, on_end};
	attempts_begin(&socket->attempts);
	str_init(&socket->request, SIZE_MAX);
	handshake_init(&socket->handshake, socket->options.random(), socket->options.random());
	socket->deadline = timers_add(socket->options.timers, clock_mono_ms() + HTTP_TIMEOUT_MS, on_deadline, socket);
	socket->tunnel = tunnel_new(socket->options.http, socket->url, &handlers, socket, err);
	return socket->tunnel && write_request(socket, err) == 0;
}

static void try_again(void *arg)
{
	struct websocket *socket = arg;
	struct err reason = ERR_INIT;
	enter(socket);
	if (socket->options.handlers.on_connecting)
		socket->options.handlers.on_connecting(socket->options.arg);
	if (!socket->freed && !attempt(socket, &reason))
		end_attempt(socket, &reason);
	leave(socket);
}

void websocket_retry_now(struct websocket *socket)
{
	if (attempts_hurry(&socket->attempts))
		try_again(socket);
}

/* --- life */

struct websocket *websocket_new(const struct websocket_options *options, struct err *err)
{
	struct websocket *socket = mem_alloc(sizeof *socket);
	socket->options = *options;
	socket->url = mem_strdup(options->url);
	socket->bearer = mem_strdup(options->bearer);
	socket->options.url = socket->url;
	socket->options.bearer = socket->bearer;
	socket->attempts = (struct attempts){
	        .timers = options->timers,
	        .random = options->random,
	        .noun = "WebSocket",
	        .good_status = SWITCHING_PROTOCOLS,
	        .dead_ms = WEBSOCKET_DEAD_MS,
	        .again = try_again,
	        .silent = on_silence,
	        .arg = socket,
	};
	attempts_init(&socket->attempts);
	if (attempt(socket, err))
		return socket;
	websocket_free(socket);
	return NULL;
}

void websocket_free(struct websocket *socket)
{
	if (!socket || socket->freed)
		return;
	enter(socket);
	socket->freed = true;
	attempts_stop(&socket->attempts);
	leave(socket);
}

enum stream_state websocket_state(const struct websocket *socket)
{
	return socket->attempts.state;
}
