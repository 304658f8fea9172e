/* A TCP server on 127.0.0.1 inside the test's own libuv loop, which plays scripted bytes: what HTTP servers, proxies
 * and broken networks do, down to the byte. Scripts are taken by connections in the order in which they were given; or
 * a function answers each request. */
#ifndef TESTS_LIB_SCRIPT_SERVER_H
#define TESTS_LIB_SCRIPT_SERVER_H

#include <stddef.h>

struct uv_loop_s;
struct script_server;

enum script_end {
	SCRIPT_KEEP,  /* answer, then wait for the next request; without an answer: stay silent */
	SCRIPT_CLOSE, /* answer, then close in order */
	SCRIPT_RESET  /* answer, then reset the connection */
};

struct script {
	const char
	        *answer; /* sent when a whole request has been read; NULL for none. Must live as long as the server */
	size_t len;      /* 0: strlen(answer) */
	enum script_end end;
	int unread; /* do all this when bytes wait to be read, without reading them */
};

struct script_server *script_server_new(struct uv_loop_s *loop);
/* Closes everything; the loop must run once more. */
void script_server_free(struct script_server *server);

int script_server_port(const struct script_server *server);

/* The next exchange: of a new connection, or of one that was kept. */
void script_server_next(struct script_server *server, struct script script);
/* The same for the next request that holds `match`, whatever else is asked meanwhile. What is sent outside of scripts
 * goes to its connection from then on, when `hold`. */
void script_server_next_for(struct script_server *server, const char *match, int hold, struct script script);

/* From now on each whole request is answered by this function, and no script is taken. The request's bytes, NUL behind
 * them, live until it returns; what it answers is copied before it is called again. */
struct script_peer;
typedef struct script script_answer_fn(void *arg, struct script_peer *peer, const char *request, size_t len);
void script_server_answer_with(struct script_server *server, script_answer_fn *fn, void *arg);
/* To and at one connection that such a function was called for: a stream. `closed` is told once, at its end. */
void script_peer_send(struct script_peer *peer, const char *bytes, size_t len);
void script_peer_hang_up(struct script_peer *peer);
void script_peer_on_close(struct script_peer *peer, void (*closed)(void *arg, struct script_peer *peer), void *arg);

/* To and at the connection that is held, else the newest one, outside any script. */
void script_server_send(struct script_server *server, const char *bytes, size_t len);
void script_server_hang_up(struct script_server *server);

int script_server_connections(const struct script_server *server);  /* accepted so far */
int script_server_requests(const struct script_server *server);     /* read so far, whole ones */
int script_server_open(const struct script_server *server);         /* connections that are open now */
const char *script_server_read(const struct script_server *server); /* all bytes read so far */
size_t script_server_read_len(const struct script_server *server);

#endif
