#include "tests/lib/script_server.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <uv.h>

struct script_peer {
	uv_tcp_t tcp;
	struct script_server *server;
	struct str request; /* of the exchange that goes on */
	char chunk[65536];
	int unread;
	void (*closed)(void *arg, struct script_peer *peer);
	void *closed_arg;
};

struct exchange {
	const char *match; /* NULL: any */
	int hold;
	struct script script;
};

struct script_server {
	uv_tcp_t tcp;
	int port;
	VEC(struct exchange) exchanges; /* to come */
	struct script_peer *newest, *held;
	VEC(struct script_peer *) peers;
	struct str all;
	int connections, requests;
	int listener_closed;
	script_answer_fn *answer;
	void *answer_arg;
};

struct writing {
	uv_write_t write;
	enum script_end end;
	struct script_peer *peer;
	char *bytes;
};

static void server_done(struct script_server *server)
{
	if (!server->listener_closed || server->peers.len)
		return;
	vec_release(&server->exchanges);
	vec_release(&server->peers);
	str_release(&server->all);
	free(server);
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct script_peer *peer = handle->data;
	struct script_server *server = peer->server;
	for (size_t i = 0; i < server->peers.len; i++)
		if (server->peers.at[i] == peer) {
			vec_remove(&server->peers, i);
			break;
		}
	if (server->newest == peer)
		server->newest = NULL;
	if (server->held == peer)
		server->held = NULL;
	if (peer->closed)
		peer->closed(peer->closed_arg, peer);
	str_release(&peer->request);
	free(peer);
	server_done(server);
}

static void close_peer(struct script_peer *peer, enum script_end how)
{
	if (uv_is_closing((uv_handle_t *)&peer->tcp))
		return;
	if (how == SCRIPT_RESET && uv_tcp_close_reset(&peer->tcp, on_peer_closed) == 0)
		return;
	uv_close((uv_handle_t *)&peer->tcp, on_peer_closed);
}

static void on_written(uv_write_t *write, int status)
{
	struct writing *writing = write->data;
	(void)status;
	if (writing->end != SCRIPT_KEEP && status != UV_ECANCELED)
		close_peer(writing->peer, writing->end);
	free(writing->bytes);
	free(writing);
}

static void put(struct script_peer *peer, const char *bytes, size_t len, enum script_end end)
{
	struct writing *writing = mem_alloc(sizeof *writing);
	writing->write.data = writing;
	writing->peer = peer;
	writing->end = end;
	writing->bytes = mem_alloc(len + 1);
	memcpy(writing->bytes, bytes, len);
	uv_buf_t buf = uv_buf_init(writing->bytes, (unsigned)len);
	if (uv_write(&writing->write, (uv_stream_t *)&peer->tcp, &buf, 1, on_written)) {
		free(writing->bytes);
		free(writing);
	}
}

/* The first one that fits the request. */
static int take_script(struct script_peer *peer, struct script *out)
{
	struct script_server *server = peer->server;
	size_t i = 0;
	while (i < server->exchanges.len && server->exchanges.at[i].match &&
	        !strstr(peer->request.p, server->exchanges.at[i].match))
		i++;
	if (i == server->exchanges.len)
		return 0;
	*out = server->exchanges.at[i].script;
	if (server->exchanges.at[i].hold)
		server->held = peer;
	vec_remove(&server->exchanges, i);
	return 1;
}

static void play(struct script_peer *peer)
{
	struct script_server *server = peer->server;
	struct script script;
	if (server->answer)
		script = server->answer(server->answer_arg, peer, peer->request.p, peer->request.len);
	else if (!take_script(peer, &script))
		return;
	if (script.answer)
		put(peer, script.answer, script.len ? script.len : strlen(script.answer), script.end);
	else if (script.end != SCRIPT_KEEP)
		close_peer(peer, script.end);
}

/* With a Content-Length, when there is one. */
static int request_is_whole(const struct str *request)
{
	const char *end = strstr(request->p, "\r\n\r\n");
	if (!end)
		return 0;
	const char *length = strstr(request->p, "Content-Length:");
	size_t body = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
	return (size_t)(end + 4 - request->p) + body <= request->len;
}

/* Without room libuv reads nothing and says ENOBUFS: so the bytes stay unread. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct script_peer *peer = handle->data;
	(void)suggested;
	*buf = peer->unread ? uv_buf_init(NULL, 0) : uv_buf_init(peer->chunk, sizeof peer->chunk);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct script_peer *peer = stream->data;
	if (n == UV_ENOBUFS) {
		uv_read_stop(stream);
		play(peer);
		return;
	}
	if (n < 0) {
		close_peer(peer, SCRIPT_CLOSE);
		return;
	}
	str_add(&peer->request, buf->base, (size_t)n);
	str_add(&peer->server->all, buf->base, (size_t)n);
	if (!request_is_whole(&peer->request))
		return;
	peer->server->requests++;
	play(peer);
	str_clear(&peer->request);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct script_server *server = listener->data;
	if (status < 0)
		return;
	struct script_peer *peer = mem_alloc(sizeof *peer);
	uv_tcp_init(listener->loop, &peer->tcp);
	peer->tcp.data = peer;
	peer->server = server;
	str_init(&peer->request, SIZE_MAX);
	vec_push(&server->peers, peer);
	uv_accept(listener, (uv_stream_t *)&peer->tcp);
	uv_tcp_nodelay(&peer->tcp, 1); /* what is sent in two goes does not wait for an acknowledgement in between */
	server->connections++;
	server->newest = peer;
	peer->unread = server->exchanges.len && server->exchanges.at[0].script.unread;
	uv_read_start((uv_stream_t *)&peer->tcp, on_alloc, on_read);
}

struct script_server *script_server_new(struct uv_loop_s *loop)
{
	struct script_server *server = mem_alloc(sizeof *server);
	struct sockaddr_in address;
	int len = sizeof address;
	str_init(&server->all, SIZE_MAX);
	uv_tcp_init(loop, &server->tcp);
	server->tcp.data = server;
	uv_ip4_addr("127.0.0.1", 0, &address);
	if (uv_tcp_bind(&server->tcp, (struct sockaddr *)&address, 0) ||
	        uv_listen((uv_stream_t *)&server->tcp, 16, on_connection) ||
	        uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&address, &len))
		abort();
	server->port = ntohs(address.sin_port);
	return server;
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct script_server *server = handle->data;
	server->listener_closed = 1;
	server_done(server);
}

void script_server_free(struct script_server *server)
{
	for (size_t i = 0; i < server->peers.len; i++)
		close_peer(server->peers.at[i], SCRIPT_CLOSE);
	uv_close((uv_handle_t *)&server->tcp, on_listener_closed);
}

int script_server_port(const struct script_server *server)
{
	return server->port;
}

void script_server_next(struct script_server *server, struct script script)
{
	vec_push(&server->exchanges, (struct exchange){NULL, 0, script});
}

void script_server_next_for(struct script_server *server, const char *match, int hold, struct script script)
{
	vec_push(&server->exchanges, (struct exchange){match, hold, script});
}

void script_server_answer_with(struct script_server *server, script_answer_fn *fn, void *arg)
{
	server->answer = fn;
	server->answer_arg = arg;
}

void script_peer_send(struct script_peer *peer, const char *bytes, size_t len)
{
	put(peer, bytes, len, SCRIPT_KEEP);
}

void script_peer_hang_up(struct script_peer *peer)
{
	close_peer(peer, SCRIPT_CLOSE);
}

void script_peer_on_close(struct script_peer *peer, void (*closed)(void *arg, struct script_peer *peer), void *arg)
{
	peer->closed = closed;
	peer->closed_arg = arg;
}

void script_server_send(struct script_server *server, const char *bytes, size_t len)
{
	struct script_peer *peer = server->held ? server->held : server->newest;
	if (peer)
		put(peer, bytes, len, SCRIPT_KEEP);
}

void script_server_hang_up(struct script_server *server)
{
	struct script_peer *peer = server->held ? server->held : server->newest;
	if (peer)
		close_peer(peer, SCRIPT_CLOSE);
}

int script_server_connections(const struct script_server *server)
{
	return server->connections;
}

int script_server_requests(const struct script_server *server)
{
	return server->requests;
}

int script_server_open(const struct script_server *server)
{
	return (int)server->peers.len;
}

const char *script_server_read(const struct script_server *server)
{
	return server->all.p;
}

size_t script_server_read_len(const struct script_server *server)
{
	return server->all.len;
}
