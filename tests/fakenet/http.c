#include "tests/fakenet/http.h"

#include "core/base/mem.h"
#include "core/base/str.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define READ_SIZE (64U * 1024U)

struct http_conn {
	uv_tcp_t tcp;
	uv_timer_t timer;
	int handles; /* not yet closed */
	struct http_server *server;
	struct http_conn *prev, *next;
	struct str in;
	struct arena arena; /* the request being answered */
	struct http_request request;
	bool busy;      /* a handler has the request and has not finished */
	bool pumping;   /* take_requests is on the stack */
	bool closing;   /* no more is read or queued */
	bool closed;    /* uv_close was called */
	bool continued; /* "100 Continue" was sent for the request that is arriving */
	uv_shutdown_t shutdown;
	http_conn_fn *on_close, *on_timer;
	http_bytes_fn *on_bytes;
	void *on_close_arg, *on_timer_arg, *on_bytes_arg;
};

struct http_server {
	uv_tcp_t tcp;
	int port;
	bool stopped;
	http_handler *handler;
	void *arg;
	struct http_conn *conns;
	char buffer[READ_SIZE];
};

struct write {
	uv_write_t req;
	size_t len;
	char bytes[];
};

static void conn_handle_closed(uv_handle_t *handle)
{
	struct http_conn *conn = handle->data;
	if (--conn->handles)
		return;
	str_release(&conn->in);
	arena_release(&conn->arena);
	free(conn);
}

void http_drop(struct http_conn *conn)
{
	if (conn->closed)
		return;
	conn->closing = conn->closed = true;
	if (conn->on_close)
		conn->on_close(conn->on_close_arg, conn);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		conn->server->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	uv_close((uv_handle_t *)&conn->tcp, conn_handle_closed);
	uv_close((uv_handle_t *)&conn->timer, conn_handle_closed);
}

static void shut_down(uv_shutdown_t *req, int status)
{
	(void)status;
	http_drop(req->data);
}

void http_close(struct http_conn *conn)
{
	if (conn->closing)
		return;
	conn->closing = true;
	uv_read_stop((uv_stream_t *)&conn->tcp);
	uv_timer_stop(&conn->timer);
	conn->shutdown.data = conn;
	if (uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, shut_down))
		http_drop(conn);
}

static void written(uv_write_t *req, int status)
{
	struct http_conn *conn = req->data;
	free(req);
	if (status < 0 && status != UV_ECANCELED)
		http_drop(conn);
}

void http_send(struct http_conn *conn, const char *bytes, size_t len)
{
	if (conn->closing || !len)
		return;
	struct write *write = mem_alloc(sizeof *write + len);
	write->len = len;
	memcpy(write->bytes, bytes, len);
	write->req.data = conn;
	uv_buf_t buf = uv_buf_init(write->bytes, (unsigned)len);
	if (uv_write(&write->req, (uv_stream_t *)&conn->tcp, &buf, 1, written)) {
		free(write);
		http_drop(conn);
	}
}

size_t http_queued(const struct http_conn *conn)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
}

static void refuse(struct http_conn *conn, int status)
{
	char text[160];
	int n = snprintf(text, sizeof text,
	        "HTTP/1.1 %d Refused\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	        status);
	http_send(conn, text, (size_t)n);
	http_close(conn);
}

/* Handles every whole request that has arrived, one after the other, until one is not answered at once. */
static void take_requests(struct http_conn *conn)
{
	if (conn->pumping)
		return;
	conn->pumping = true;
	while (!conn->busy && !conn->closing && conn->in.len) {
		arena_reset(&conn->arena);
		ptrdiff_t took = http_parse(conn->in.p, conn->in.len, &conn->arena, &conn->request);
		if (took < 0) {
			refuse(conn, (int)-took);
			break;
		}
		if (took == 0) {
			if (conn->request.wants_continue && !conn->continued)
				http_send(conn, "HTTP/1.1 100 Continue\r\n\r\n", 25);
			conn->continued = conn->request.wants_continue;
			break;
		}
		conn->continued = false;
		str_remove(&conn->in, 0, (size_t)took);
		conn->busy = true;
		conn->server->handler(conn->server->arg, conn, &conn->request);
	}
	conn->pumping = false;
}

void http_finish(struct http_conn *conn)
{
	if (conn->closing)
		return;
	conn->busy = false;
	if (!conn->request.keep_alive)
		http_close(conn);
	else
		take_requests(conn);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)suggested;
	struct http_conn *conn = handle->data;
	*buf = uv_buf_init(conn->server->buffer, READ_SIZE);
}

static void arrived(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct http_conn *conn = stream->data;
	if (n < 0)
		http_drop(conn);
	else if (conn->on_bytes)
		conn->on_bytes(conn->on_bytes_arg, conn, buf->base, (size_t)n);
	else if (str_add(&conn->in, buf->base, (size_t)n))
		refuse(conn, 413);
	else
		take_requests(conn);
}

void http_on_close(struct http_conn *conn, http_conn_fn *fn, void *arg)
{
	conn->on_close = fn;
	conn->on_close_arg = arg;
}

void http_on_bytes(struct http_conn *conn, http_bytes_fn *fn, void *arg)
{
	conn->on_bytes = fn;
	conn->on_bytes_arg = arg;
}

static void timer_fired(uv_timer_t *timer)
{
	struct http_conn *conn = timer->data;
	conn->on_timer(conn->on_timer_arg, conn);
}

void http_timer(struct http_conn *conn, uint64_t first_ms, uint64_t every_ms, http_conn_fn *fn, void *arg)
{
	if (conn->closing)
		return;
	conn->on_timer = fn;
	conn->on_timer_arg = arg;
	uv_timer_start(&conn->timer, timer_fired, first_ms, every_ms);
}

static void connected(uv_stream_t *listener, int status)
{
	struct http_server *server = listener->data;
	if (status < 0 || server->stopped)
		return;
	struct http_conn *conn = mem_alloc(sizeof *conn);
	conn->server = server;
	conn->handles = 2;
	str_init(&conn->in, HTTP_HEAD_MAX + 2 * HTTP_BODY_MAX);
	arena_init(&conn->arena);
	uv_tcp_init(listener->loop, &conn->tcp);
	uv_timer_init(listener->loop, &conn->timer);
	conn->tcp.data = conn->timer.data = conn;
	conn->next = server->conns;
	if (conn->next)
		conn->next->prev = conn;
	server->conns = conn;
	if (uv_accept(listener, (uv_stream_t *)&conn->tcp) || uv_tcp_nodelay(&conn->tcp, 1) ||
	        uv_read_start((uv_stream_t *)&conn->tcp, give_buffer, arrived))
		http_drop(conn);
}

static int listen_on(struct http_server *server, int port)
{
	struct sockaddr_in addr;
	int r = uv_ip4_addr("127.0.0.1", port, &addr);
	if (!r)
		r = uv_tcp_bind(&server->tcp, (const struct sockaddr *)&addr, 0);
	if (!r)
		r = uv_listen((uv_stream_t *)&server->tcp, 512, connected);
	int len = sizeof addr;
	if (!r)
		r = uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&addr, &len);
	if (!r)
		server->port = ntohs(addr.sin_port);
	return r;
}

int http_server_start(
        struct http_server **out, uv_loop_t *loop, int port, http_handler *handler, void *arg, struct err *err)
{
	struct http_server *server = mem_alloc(sizeof *server);
	server->handler = handler;
	server->arg = arg;
	server->tcp.data = server;
	*out = server;
	int r = uv_tcp_init(loop, &server->tcp);
	if (!r)
		server->tcp.data = server, r = listen_on(server, port);
	if (r)
		return err_set(err, ERR_OS, "cannot listen on 127.0.0.1:%d: %s", port, uv_strerror(r));
	return 0;
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

void http_server_stop(struct http_server *server)
{
	if (server->stopped)
		return;
	server->stopped = true;
	while (server->conns)
		http_drop(server->conns);
	uv_close((uv_handle_t *)&server->tcp, NULL);
}

void http_server_free(struct http_server *server)
{
	free(server);
}
