/* A long-lived subscription over a WebSocket (RFC 6455), beside stream.h's and like it: connects, watches, and connects
 * again until it is freed or the server says that trying on is pointless. Nothing blocks. After every on_open the
 * caller back-fills: what happened between two connections is not sent again.
 *
 * It begins as an HTTP/1.1 request of http.h's kind: the same proxies, certificates, TLS and refusals. It stops for
 * good where stream.h does. Nothing is offered, neither extensions nor sub-protocols; pings are answered; at the end of
 * it the server is told so (1000). A token is sent in the Authorization header; one that a server wants in the query is
 * part of the URL. Neither stands in a log line or in the text of an error. */
#ifndef CORE_NET_WEBSOCKET_H
#define CORE_NET_WEBSOCKET_H

#include "core/net/stream.h"

#define WEBSOCKET_DEAD_MS 75000 /* without any byte; the servers that we know ping after 30 s */
#define WEBSOCKET_MESSAGE_MAX ((size_t)1024 * 1024)

/* Each may be NULL. websocket_free may be called from inside all of them. */
struct websocket_handlers {
	void (*on_connecting)(void *arg); /* another attempt begins; the first one begins with websocket_new */
	void (*on_open)(void *arg);
	/* Valid UTF-8, followed by a NUL that len does not count. Binary messages are passed over. */
	void (*on_message)(void *arg, const char *text, size_t len);
	void (*on_heartbeat)(void *arg);
	/* The connection, or the attempt at one, failed. The next attempt comes by itself at retry_mono_ms. */
	void (*on_closed)(void *arg, const struct err *reason, int64_t retry_mono_ms);
	/* No further attempt comes. reason's code as with streams. */
	void (*on_stopped)(void *arg, const struct stream_stop *stop);
};

struct websocket_options {
	struct http *http; /* outlives the socket, as do the timers */
	struct timers *timers;
	const char *url;          /* https://…, or http://… to loopback; copied */
	const char *bearer;       /* copied; NULL for none */
	size_t max_message;       /* bytes; 0 is WEBSOCKET_MESSAGE_MAX */
	uint64_t (*random)(void); /* random_u64, or a test's own */
	struct websocket_handlers handlers;
	void *arg;
};

struct websocket;

/* The first attempt is made at once, its callbacks come later. NULL with err set when the URL or token is refused. */
struct websocket *websocket_new(const struct websocket_options *options, struct err *err);
void websocket_free(struct websocket *socket); /* no callback comes after it; NULL is fine */

enum stream_state websocket_state(const struct websocket *socket);

/* Tries again now, when waiting: after a resume from suspend, or because a person asked. */
void websocket_retry_now(struct websocket *socket);

#endif
