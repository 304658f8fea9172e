/* HTTP requests on libcurl's multi interface, driven by a libuv loop. The only files that know libcurl are those of
 * this header. Nothing here blocks; callbacks come from the loop's thread, never from inside http_send.
 *
 * What is held to: certificates are verified, TLS is 1.2 or newer; plain http goes to loopback alone; no redirect is
 * followed (a 3xx is an answer like any other, so a token never travels to another host); HTTP/1.1 only, because there
 * "has a byte of the request left us?" has a clear answer. Proxies come from the environment (https_proxy, no_proxy,
 * …), never for loopback. CURL_CA_BUNDLE or SSL_CERT_FILE name a file of certificates to trust instead of the system's.
 *
 * A token is sent in the Authorization header, is in no error text, and is overwritten where we kept it. Connections
 * are closed in whatever is started meanwhile. Times run on core/base/clock.h. */
#ifndef CORE_NET_HTTP_H
#define CORE_NET_HTTP_H

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/headers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s; /* uv_loop_t */
struct http;
struct http_call; /* a request in flight; belongs to struct http and dies with on_done or http_cancel */

#define HTTP_TIMEOUT_MS 30000
#define HTTP_CONNECT_TIMEOUT_MS 10000
#define HTTP_MAX_BODY ((size_t)16 * 1024 * 1024)

struct http_field {
	const char *name, *value; /* neither may hold control characters */
};

/* Everything is copied by http_send. */
struct http_request {
	const char *method; /* NULL is GET */
	const char *url;    /* https://…, or http://… to loopback; no user name or password in it */
	const struct http_field *headers;
	size_t headers_len;
	const char *accept;       /* NULL is application/json */
	const char *content_type; /* of the body */
	const char *body;         /* NULL for none */
	size_t body_len;
	const char *bearer; /* NULL for none */
	/* To the last byte of the answer, of a streaming one to its headers; 0 is HTTP_TIMEOUT_MS. */
	int64_t timeout_ms;
	int64_t connect_timeout_ms; /* DNS, connect and TLS; 0 is HTTP_CONNECT_TIMEOUT_MS */
	size_t max_body;            /* decoded bytes of the answer; 0 is HTTP_MAX_BODY. Streams have no such cap */
	/* Refused when what the name resolves to is a private address (core/net/address.h), looked at when the
	 * connection is made; a proxy has to look itself. A loopback address that is written out in the URL is meant.
	 */
	bool public_only;
	bool streaming; /* the body goes to on_bytes as it comes, and is never compressed */
};

/* What became of the request. Exactly-once delivery hangs on the difference between the last two. */
enum http_outcome {
	HTTP_DONE,     /* a whole answer came; see status, which may be any */
	HTTP_NOT_SENT, /* no byte of the request left us: DNS, connect, proxy, TLS. Sending again is safe */
	HTTP_UNKNOWN   /* it may have reached the server: time out, reset, an answer cut or over its cap */
};

struct http_response {
	enum http_outcome outcome;
	int status; /* 0 when no whole head came. With HTTP_UNKNOWN: of the answer that was cut */
	struct headers headers;
	struct str body; /* decoded; empty for streams. str_detach it to keep it */
	struct err err;  /* ERR_NONE with HTTP_DONE */
};

struct http_handlers {
	/* For streaming requests, NULL otherwise: once, then any number of times with the body's bytes. */
	void (*on_headers)(void *arg, int status, const struct headers *headers);
	void (*on_bytes)(void *arg, const char *bytes, size_t len);
	/* Once, at the end, unless cancelled. The response is gone when it returns; so is the call. */
	void (*on_done)(void *arg, struct http_response *response);
};

/* The loop and the timers outlive it. NULL with err set when libcurl does not start. */
struct http *http_new(struct uv_loop_s *loop, struct timers *timers, struct err *err);

/* Cancels every call, without callbacks. The loop must run once more, until libuv has closed the handles. Not from
 * inside a callback of a call. NULL is fine. */
void http_free(struct http *http);

/* NULL with err set when the request is refused as it stands (a malformed URL, plain http to a host that is not
 * loopback, control characters in a field): then nothing was sent and no callback comes. May be called from callbacks.
 */
struct http_call *http_send(struct http *http, const struct http_request *request, const struct http_handlers *handlers,
        void *arg, struct err *err);

/* No callback of this call comes after it, also when called from inside one of them. NULL is fine. */
void http_cancel(struct http_call *call);

/* Whether an answer with this status leaves open if the request was carried out: time-outs told as 408 or 499
 * (GoToSocial), and 5xx but 501, which proxies also say for servers that did the work. */
bool http_status_leaves_doubt(int status);

#endif
