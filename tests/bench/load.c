#include "tests/bench/load.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/bench/irc.h"
#include "tests/bench/mention.h"
#include "tests/bench/place.h"
#include "tests/bench/result.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 32, REQUEST_MAX = 65536, BACKLOG = 262144, TURN = 200, HOME = 20 };

struct order {
	enum { ASK, RATE, BURST, AUTHORS } what;
	int64_t number;
};

struct connection {
	int fd; /* -1: none */
	bool streams, irc;
	struct str in, out;
};

struct server {
	int listener, control;
	struct connection at[CONNECTIONS];
	int64_t per_second, began_us, asked; /* at a rate: how many since when */
	int64_t authors;
	struct load_state state;
};

/* --- what a courier asks */

static int64_t wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const struct {
	const char *path, *body;
} answers[] = {
        {"/api/v2/instance", "{\"domain\":\"mas.example\",\"title\":\"Load\",\"version\":\"4.6.0\",\"api_versions\":"
                             "{\"mastodon\":6},\"configuration\":{\"statuses\":{\"max_characters\":500,"
                             "\"max_media_attachments\":4,\"characters_reserved_per_url\":23}}}"},
        {"/api/v1/instance", "{\"uri\":\"mas.example\",\"title\":\"Load\",\"version\":\"4.6.0\",\"description\":\"\","
                             "\"max_toot_chars\":500,\"stats\":{}}"},
        {"/api/v1/accounts/verify_credentials",
                "{\"id\":\"1\",\"username\":\"acme\",\"acct\":\"acme\",\"display_name\":\"Acme\",\"locked\":false,"
                "\"bot\":false,\"created_at\":\"2020-01-01T00:00:00.000Z\",\"note\":\"\",\"url\":"
                "\"https://mas.example/@acme\",\"uri\":\"https://mas.example/users/acme\",\"followers_count\":9,"
                "\"following_count\":0,\"statuses_count\":1,\"emojis\":[],\"fields\":[]}"},
        {"/api/v1/notifications", "[]"},
        {"/api/v1/followed_tags", "[]"},
};

static const char stream_head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                  "Cache-Control: private, no-store\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n:)\n\r\n";

static void answer_json(struct connection *connection, const char *status, const char *body, size_t len)
{
	str_addf(&connection->out, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	        status, len);
	str_add(&connection->out, body, len);
}

/* For clients that show one. */
static void answer_home(struct connection *connection)
{
	struct str body = STR_INIT;
	for (int i = 0; i < HOME; i++) {
		str_addc(&body, i ? ',' : '[');
		mention_status(&body, i, i, wall_ms());
	}
	str_addc(&body, ']');
	answer_json(connection, "200 OK", body.p, body.len);
	str_release(&body);
}

static void answer(struct connection *connection, const char *target)
{
	static const char home[] = "/api/v1/timelines/home", missing[] = "{\"error\":\"not found\"}";
	size_t path = strcspn(target, "? ");
	if (str_starts(target, "/api/v1/streaming/user")) {
		connection->streams = true;
		str_adds(&connection->out, stream_head);
		return;
	}
	if (path == sizeof home - 1 && str_starts(target, home)) {
		answer_home(connection);
		return;
	}
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const char *body = answers[i].body;
		if (strlen(answers[i].path) == path && str_starts(target, answers[i].path)) {
			answer_json(connection, "200 OK", body, strlen(body));
			return;
		}
	}
	answer_json(connection, "404 Not Found", missing, sizeof missing - 1);
}

static void read_requests(struct connection *connection)
{
	const char *end;
	while ((end = strstr(connection->in.p, "\r\n\r\n"))) {
		const char *target = strchr(connection->in.p, ' ');
		if (target && target < end)
			answer(connection, target + 1);
		str_remove(&connection->in, 0, (size_t)(end - connection->in.p) + 4);
	}
}

/* --- connections */

static void hang_up(struct server *server, struct connection *connection)
{
	server->state.streams -= connection->streams;
	close(connection->fd);
	str_release(&connection->in);
	str_release(&connection->out);
	*connection = (struct connection){.fd = -1};
}

static void take_connection(struct server *server)
{
	int fd = accept(server->listener, NULL, NULL);
	for (int i = 0; i < CONNECTIONS && fd >= 0; i++) {
		struct connection *connection = &server->at[i];
		if (connection->fd >= 0)
			continue;
		fcntl(fd, F_SETFL, O_NONBLOCK);
		connection->fd = fd;
		str_init(&connection->in, REQUEST_MAX);
		str_init(&connection->out, SIZE_MAX);
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void take_bytes(struct server *server, struct connection *connection)
{
	char bytes[4096];
	enum { TLS = 0x16 }; /* a handshake: there is none here */
	ssize_t n = read(connection->fd, bytes, sizeof bytes);
	if (n == 0 || (n > 0 && bytes[0] == TLS) || (n < 0 && errno != EAGAIN) ||
	        (n > 0 && str_add(&connection->in, bytes, (size_t)n))) {
		hang_up(server, connection);
		return;
	}
	bool before = connection->streams;
	connection->irc |= irc_begins(connection->in.p);
	if (connection->irc)
		connection->streams |= irc_read(&connection->in, &connection->out);
	else
		read_requests(connection);
	server->state.streams += connection->streams && !before;
}

static void give_bytes(struct server *server, struct connection *connection)
{
	ssize_t n = write(connection->fd, connection->out.p, connection->out.len);
	if (n < 0 && errno != EAGAIN) {
		hang_up(server, connection);
	} else if (n > 0) {
		server->state.bytes += connection->streams ? n : 0;
		str_remove(&connection->out, 0, (size_t)n);
	}
}

/* --- what is said */

static struct connection *stream_of(struct server *server)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (server->at[i].fd >= 0 && server->at[i].streams)
			return &server->at[i];
	return NULL;
}

static void say_one(struct server *server, struct connection *stream)
{
	struct str event = STR_INIT;
	int64_t now = wall_ms(), number = server->state.said++;
	if (stream->irc) {
		irc_say(&stream->out, number);
		return;
	}
	mention_add(&event, number, server->authors ? number % server->authors : number, now);
	str_addf(&stream->out, "%zx\r\n", event.len);
	str_add(&stream->out, event.p, event.len);
	str_adds(&stream->out, "\r\n");
	server->state.last_id = mention_status_id(number, now);
	str_release(&event);
}

static void say_some(struct server *server)
{
	struct connection *stream = stream_of(server);
	if (server->per_second) {
		int64_t due = (now_us() - server->began_us) * server->per_second / 1000000;
		server->state.owed += due - server->asked;
		server->asked = due;
	}
	for (int i = 0; stream && i < TURN && server->state.owed && stream->out.len < BACKLOG; i++) {
		say_one(server, stream);
		server->state.owed--;
	}
}

/* --- the loop */

static void take_order(struct server *server)
{
	struct order order;
	if (read(server->control, &order, sizeof order) != (ssize_t)sizeof order)
		_exit(0);
	if (order.what == RATE) {
		server->per_second = order.number;
		server->began_us = now_us();
		server->asked = server->state.owed = 0;
	} else if (order.what == BURST) {
		server->state.owed += order.number;
	} else if (order.what == AUTHORS) {
		server->authors = order.number;
	}
	if (write(server->control, &server->state, sizeof server->state) != (ssize_t)sizeof server->state)
		_exit(0);
}

/* Until something happens, or the next mention is due. */
static int patience(struct server *server)
{
	const struct connection *stream = stream_of(server);
	if (stream && server->state.owed && stream->out.len < BACKLOG)
		return 0;
	return server->per_second ? 1 : -1;
}

static _Noreturn void serve(struct server *server)
{
	struct pollfd ready[CONNECTIONS + 2];
	for (;;) {
		for (int i = 0; i < CONNECTIONS; i++)
			ready[i] = (struct pollfd){.fd = server->at[i].fd,
			        .events = (short)(POLLIN | (server->at[i].out.len ? POLLOUT : 0))};
		ready[CONNECTIONS] = (struct pollfd){.fd = server->listener, .events = POLLIN};
		ready[CONNECTIONS + 1] = (struct pollfd){.fd = server->control, .events = POLLIN};
		poll(ready, CONNECTIONS + 2, patience(server));
		for (int i = 0; i < CONNECTIONS; i++) {
			if (ready[i].revents & POLLOUT)
				give_bytes(server, &server->at[i]);
			if (server->at[i].fd >= 0 && ready[i].revents & (POLLIN | POLLHUP | POLLERR))
				take_bytes(server, &server->at[i]);
		}
		if (ready[CONNECTIONS].revents)
			take_connection(server);
		if (ready[CONNECTIONS + 1].revents)
			take_order(server);
		say_some(server);
	}
}

/* --- from outside */

void load_start(struct load *load)
{
	int ends[2];
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) || listen(listener, CONNECTIONS) ||
	        getsockname(listener, (struct sockaddr *)&address, &len) ||
	        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		place_fail("no server can listen on 127.0.0.1");
	snprintf(load->url, sizeof load->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
	load->pid = fork();
	if (load->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		close(ends[0]);
		struct server server = {.listener = listener, .control = ends[1]};
		for (int i = 0; i < CONNECTIONS; i++)
			server.at[i].fd = -1;
		serve(&server);
	}
	close(ends[1]);
	close(listener);
	load->control = ends[0];
}

void load_stop(struct load *load)
{
	kill(load->pid, SIGKILL);
	waitpid(load->pid, NULL, 0);
	close(load->control);
}

static struct load_state tell(struct load *load, struct order order)
{
	struct load_state state;
	if (write(load->control, &order, sizeof order) != (ssize_t)sizeof order ||
	        read(load->control, &state, sizeof state) != (ssize_t)sizeof state)
		place_fail("the load server has ended");
	return state;
}

void load_rate(struct load *load, int64_t per_second)
{
	tell(load, (struct order){RATE, per_second});
}

void load_burst(struct load *load, int64_t count)
{
	tell(load, (struct order){BURST, count});
}

void load_authors(struct load *load, int64_t count)
{
	tell(load, (struct order){AUTHORS, count});
}

struct load_state load_state(struct load *load)
{
	return tell(load, (struct order){ASK, 0});
}
