/* A connection for a protocol that begins as HTTP and goes on as something else: made as http.h makes its own (proxies,
 * certificates, TLS, plain http to loopback alone), then bytes in both directions. Nothing here blocks; callbacks come
 * from the loop's thread, never from inside tunnel_new or tunnel_send. */
#ifndef CORE_NET_TUNNEL_H
#define CORE_NET_TUNNEL_H

#include "core/net/http.h"

#define TUNNEL_UNSENT_MAX ((size_t)1024 * 1024) /* bytes that may wait for the other side to read */

struct tunnel;

/* tunnel_free may be called from inside all of them. */
struct tunnel_handlers {
	void (*on_open)(void *arg);
	void (*on_bytes)(void *arg, const char *bytes, size_t len);
	/* It could not be made, or has ended; nothing comes after it. */
	void (*on_end)(void *arg, const struct err *reason);
};

/* http and handlers outlive it. NULL with err set when the URL is refused as it stands. */
struct tunnel *tunnel_new(
        struct http *http, const char *url, const struct tunnel_handlers *handlers, void *arg, struct err *err);
/* What is sent and would have to wait is not sent any more. NULL is fine. */
void tunnel_free(struct tunnel *tunnel);

/* Appends what a request's head says of the URL: its host, with the port where that is not the usual one, and its path
 * with the query. */
void tunnel_host(const struct tunnel *tunnel, struct str *host);
void tunnel_target(const struct tunnel *tunnel, struct str *target);

/* Once it is open. -ERR_LIMIT when the other side reads too little of what is sent. A failure of the connection is told
 * by on_end. */
int tunnel_send(struct tunnel *tunnel, const char *bytes, size_t len, struct err *err);

#endif
