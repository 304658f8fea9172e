/* A long-lived subscription to server-sent events: connects, watches, and connects again until it is freed or the
 * server says that trying on is pointless. Nothing blocks. After every on_open the caller back-fills: what happened
 * between two connections is not sent again.
 *
 * Where it stops for good: 401 and 403 (a person has to log in again), 3xx (the caller decides whether the new place is
 * the server's own), 404 and the other 4xx that no waiting changes, 501 (no event stream here). Anything else is tried
 * again: with back-off, or when Retry-After or the rate limit's reset says. */
#ifndef CORE_NET_STREAM_H
#define CORE_NET_STREAM_H

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/net/http.h"
#include "core/net/sse.h"

#include <stdint.h>

#define STREAM_DEAD_MS 45000 /* without any byte; Mastodon's heartbeat comes every 15 s */

enum stream_state { STREAM_CONNECTING, STREAM_OPEN, STREAM_WAITING, STREAM_STOPPED };

struct stream_stop {
	int status;           /* 401, 403, other 4xx, 501, 3xx */
	const char *location; /* of a 3xx, NULL without one; as the server wrote it */
	const struct err *reason;
};

/* Each may be NULL. stream_free may be called from inside all of them. */
struct stream_handlers {
	void (*on_connecting)(void *arg); /* another attempt begins; the first one begins with stream_new */
	void (*on_open)(void *arg);
	void (*on_event)(void *arg, const struct sse_event *event);
	void (*on_heartbeat)(void *arg);
	/* The connection, or the attempt at one, failed. The next attempt comes by itself at retry_mono_ms. */
	void (*on_closed)(void *arg, const struct err *reason, int64_t retry_mono_ms);
	/* No further attempt comes. reason's code: ERR_PERMISSION, ERR_NOT_FOUND, or ERR_PROTOCOL for a redirect. */
	void (*on_stopped)(void *arg, const struct stream_stop *stop);
};

struct stream_options {
	struct http *http; /* outlives the stream, as do the timers */
	struct timers *timers;
	const char *url;          /* copied */
	const char *bearer;       /* copied; NULL for none */
	uint64_t (*random)(void); /* random_u64, or a test's own */
	struct stream_handlers handlers;
	void *arg;
};

struct stream;

/* The first attempt is made at once, its callbacks come later. NULL with err set when the URL or token is refused. */
struct stream *stream_new(const struct stream_options *options, struct err *err);
void stream_free(struct stream *stream); /* no callback comes after it; NULL is fine */

enum stream_state stream_state(const struct stream *stream);

/* Tries again now, when waiting: after a resume from suspend, or because a person asked. */
void stream_retry_now(struct stream *stream);

#endif
