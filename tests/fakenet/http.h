/* A small HTTP/1.1 server on loopback for the tests: connections, their write queues, and nothing about what is said on
 * them. One request of a connection is answered at a time; what was pipelined behind it waits. Nothing here blocks;
 * memory goes back when libuv has closed the handles. */
#ifndef TESTS_FAKENET_HTTP_H
#define TESTS_FAKENET_HTTP_H

#include "core/base/err.h"
#include "tests/fakenet/parse.h"

#include <uv.h>

struct http_server;
struct http_conn;

/* Must end in http_finish, http_close, http_drop, or keep the connection (a stream, a stalled answer). The request
 * lives until http_finish. */
typedef void http_handler(void *arg, struct http_conn *conn, const struct http_request *request);
typedef void http_conn_fn(void *arg, struct http_conn *conn);

/* Listens on 127.0.0.1:port, 0 for any free one. */
int http_server_start(
        struct http_server **out, uv_loop_t *loop, int port, http_handler *handler, void *arg, struct err *err);
int http_server_port(const struct http_server *server);
void http_server_stop(struct http_server *server); /* drops all; run the loop to its end, then http_server_free */
void http_server_free(struct http_server *server);

void http_send(struct http_conn *conn, const char *bytes, size_t len); /* queues a copy; the order is kept */
void http_finish(struct http_conn *conn);         /* the answer is whole: on to the next request, or close */
void http_close(struct http_conn *conn);          /* once everything queued is written */
void http_drop(struct http_conn *conn);           /* now, whatever is queued */
size_t http_queued(const struct http_conn *conn); /* bytes that the peer has not taken yet */

void http_on_close(struct http_conn *conn, http_conn_fn *fn, void *arg); /* called once, before the memory goes */
/* For a connection that was taken over: what the peer sends from now on comes here, and is no request. */
typedef void http_bytes_fn(void *arg, struct http_conn *conn, const char *bytes, size_t len);
void http_on_bytes(struct http_conn *conn, http_bytes_fn *fn, void *arg);
/* The connection's one timer. every_ms 0 fires once. */
void http_timer(struct http_conn *conn, uint64_t first_ms, uint64_t every_ms, http_conn_fn *fn, void *arg);

#endif
