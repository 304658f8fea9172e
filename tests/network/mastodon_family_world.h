/* The Mastodon network against a server that says what servers of that family have said, byte for byte: scripts for
 * requests, a WebSocket, and how often each was asked. Included by one file a program. */
#ifndef TESTS_NETWORK_MASTODON_FAMILY_WORLD_H
#define TESTS_NETWORK_MASTODON_FAMILY_WORLD_H

#include "core/base/paths.h"
#include "core/net/handshake.h"
#include "tests/lib/script_server.h"
#include "tests/lib/ws_frame.h"
#include "tests/network/mastodon_world.h"

/* What is said to requests that begin with `to`; the first that fits. */
struct saying {
	const char *to;
	char *answer;
	size_t len;
	bool stays; /* for all of them, not for one alone */
};

struct family {
	struct world *w;
	struct script_server *server;
	VEC(struct saying) sayings;
	VEC(char *) kept;           /* that were said, or whose time is over */
	struct script_peer *socket; /* the newest that asked for it */
	char origin[32];            /* 127.0.0.1:PORT */
};

#define GET_SOCKET "GET /api/v1/streaming?stream=user"
#define GET_EVENTS "GET /api/v1/streaming/user"
#define GET_MENTIONS "GET /api/v1/notifications?"

static inline void forget_saying(struct family *f, size_t i)
{
	vec_push(&f->kept, f->sayings.at[i].answer);
	vec_remove(&f->sayings, i);
}

static inline void socket_closed(void *arg, struct script_peer *peer)
{
	struct family *f = arg;
	if (f->socket == peer)
		f->socket = NULL;
}

static inline struct script family_answer(void *arg, struct script_peer *peer, const char *request, size_t len)
{
	struct family *f = arg;
	(void)len;
	if (str_starts(request, GET_SOCKET)) {
		f->socket = peer;
		script_peer_on_close(peer, socket_closed, f);
	}
	for (size_t i = 0; i < f->sayings.len; i++) {
		struct saying saying = f->sayings.at[i];
		if (!str_starts(request, saying.to))
			continue;
		if (!saying.stays)
			forget_saying(f, i);
		return (struct script){.answer = saying.answer, .len = saying.len};
	}
	return (struct script){0};
}

static inline struct family *family_new(void)
{
	struct family *f = mem_alloc(sizeof *f);
	f->w = world_alone();
	f->server = script_server_new(&f->w->loop);
	script_server_answer_with(f->server, family_answer, f);
	snprintf(f->origin, sizeof f->origin, "127.0.0.1:%d", script_server_port(f->server));
	snprintf(f->w->net.url, sizeof f->w->net.url, "http://%s", f->origin);
	f->w->token = "t0ken-of-the-brand";
	return f;
}

static inline void family_free(struct family *f)
{
	script_server_free(f->server);
	world_free(f->w);
	while (f->sayings.len)
		forget_saying(f, 0);
	for (size_t i = 0; i < f->kept.len; i++)
		free(f->kept.at[i]);
	vec_release(&f->kept);
	vec_release(&f->sayings);
	free(f);
}

static inline struct str family_data(const char *file)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), file);
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	free(path);
	return bytes;
}

static inline void say_raw(struct family *f, const char *to, const char *answer, size_t len, bool stays)
{
	vec_push(&f->sayings, (struct saying){to, mem_strndup(answer, len), len, stays});
}

/* What was to be said to requests that begin so. */
static inline void forget(struct family *f, const char *to)
{
	for (size_t i = f->sayings.len; i-- > 0;)
		if (str_starts(f->sayings.at[i].to, to))
			forget_saying(f, i);
}

/* `head`: further lines with CRLF, "" for none. */
static inline void say_with(
        struct family *f, const char *to, int status, const char *head, const char *body, bool stays)
{
	struct str answer = STR_INIT;
	str_addf(&answer, "HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
	        status, head, strlen(body), body);
	say_raw(f, to, answer.p, answer.len, stays);
	str_release(&answer);
}

static inline void say_always(struct family *f, const char *to, int status, const char *body)
{
	say_with(f, to, status, "", body, true);
}

static inline void say_once(struct family *f, const char *to, int status, const char *body)
{
	say_with(f, to, status, "", body, false);
}

/* A file under tests/data/mastodon, or the value at `path` in it; the recorded server's name becomes ours. */
static inline void say_file(struct family *f, const char *to, const char *file, const char *path)
{
	struct str bytes = family_data(file), said = STR_INIT;
	json *whole = json_parse(bytes.p, bytes.len, NULL);
	assert_non_null(whole);
	json_print(path ? json_path(whole, path) : whole, &said);
	static const char *const recorded[] = {"127.0.0.1:18085", "akko.example"};
	for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++)
		for (char *at; (at = strstr(said.p, recorded[i]));) {
			size_t offset = (size_t)(at - said.p);
			str_remove(&said, offset, strlen(recorded[i]));
			str_insert(&said, offset, f->origin, strlen(f->origin));
		}
	say_always(f, to, 200, said.p);
	json_free(whole);
	str_release(&bytes);
	str_release(&said);
}

/* The handshake is answered; no_jitter makes one key of all. */
static inline void say_socket(struct family *f, const char *to)
{
	struct handshake handshake;
	struct str request = STR_INIT, answer = STR_INIT;
	handshake_init(&handshake, 0, 0);
	str_addf(&request, "Sec-WebSocket-Key: %s\r\n", handshake.key.p);
	ws_answer_add(&answer, request.p);
	say_raw(f, to, answer.p, answer.len, true);
	str_release(&request);
	str_release(&answer);
	handshake_release(&handshake);
}

/* On the open socket. */
static inline void say_frame(struct family *f, int first, const char *payload, size_t len)
{
	struct str frame = STR_INIT;
	ws_frame_add(&frame, first, payload, len);
	if (!f->socket)
		fail_msg("no WebSocket is open");
	script_peer_send(f->socket, frame.p, frame.len);
	str_release(&frame);
}

static inline void say_text(struct family *f, const char *text)
{
	say_frame(f, WS_FIN | WS_TEXT, text, strlen(text));
}

static inline int times_asked(const struct family *f, const char *start)
{
	int times = 0;
	size_t len = strlen(start);
	for (const char *p = script_server_read(f->server); (p = strstr(p, start)); p += len)
		times++;
	return times;
}

static inline bool was_said(const struct family *f, const char *text)
{
	return strstr(script_server_read(f->server), text) != NULL;
}

/* --- servers, and what they say first */

#define US "{\"id\":\"1\",\"username\":\"acme\",\"acct\":\"acme\",\"url\":\"https://social.example/@acme\"}"
#define MASTODON "{\"domain\":\"social.example\",\"version\":\"4.3.1\",\"configuration\":{\"urls\":{},\"statuses\":{}}}"

static inline void say_gotosocial(struct family *f)
{
	say_file(f, "GET /api/v2/instance", "mastodon/gts_instance_v2.json", NULL);
	say_file(f, "GET /api/v1/accounts/verify_credentials", "mastodon/gts_verify_credentials.json", NULL);
}

static inline void say_akkoma(struct family *f)
{
	say_always(f, "GET /api/v2/instance", 404, "{\"error\":\"Not implemented\"}");
	say_file(f, "GET /api/v1/instance", "mastodon/instances.json", "akkoma_v1");
	say_always(f, "GET /api/v1/accounts/verify_credentials", 200, US);
}

/* A server that says of itself what Mastodon does, and has no streams at all. */
static inline void say_without_streams(struct family *f)
{
	say_always(f, "GET /api/v2/instance", 200, MASTODON);
	say_always(f, "GET /api/v1/accounts/verify_credentials", 200, US);
	say_always(f, "GET /api/v1/streaming", 404, "{\"error\":\"Not Found\"}");
}

static inline void become_live(struct family *f)
{
	connect_network(f->w);
	wait_until(f->w, f->w->state == ACCOUNT_LIVE);
}

static inline const char *mention(char *out, size_t size, const char *notification, const char *status)
{
	snprintf(out, size,
	        "{\"id\":\"%s\",\"type\":\"mention\",\"created_at\":\"2026-11-22T02:06:38Z\",\"account\":{\"id\":\"9\","
	        "\"acct\":"
	        "\"sam@ferry.example\",\"url\":\"https://ferry.example/"
	        "@sam\"},\"status\":{\"id\":\"%s\",\"created_at\":"
	        "\"2026-11-22T02:06:38Z\",\"visibility\":\"public\",\"content\":\"<p>@acme "
	        "hello</p>\",\"account\":{\"id\":"
	        "\"9\",\"acct\":\"sam@ferry.example\",\"url\":\"https://ferry.example/"
	        "@sam\"},\"mentions\":[{\"id\":\"0\","
	        "\"acct\":\"acme\"}]}}",
	        notification, status);
	return out;
}

#endif
