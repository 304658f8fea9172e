/* The WebSocket over TLS, against OpenSSL's server: HTTP/1.1 is agreed on, and nothing stays behind in a record. */
#include "tests/network/world.h"

#include "core/net/websocket.h"
#include "tests/lib/tls_server.h"
#include "tests/lib/ws_frame.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct heard {
	int opens, messages, closed;
	struct err reason;
};

static void on_open(void *arg)
{
	((struct heard *)arg)->opens++;
}

static void on_message(void *arg, const char *text, size_t len)
{
	(void)text;
	(void)len;
	((struct heard *)arg)->messages++;
}

static void on_closed(void *arg, const struct err *reason, int64_t retry_mono_ms)
{
	struct heard *heard = arg;
	(void)retry_mono_ms;
	heard->closed++;
	heard->reason = *reason;
}

static uint64_t not_random(void)
{
	return 1;
}

static struct websocket *connect_to(struct world *world, const struct tls_server *tls, struct heard *heard)
{
	char url[64];
	struct err err = ERR_INIT;
	snprintf(url, sizeof url, "https://127.0.0.1:%d/api/v1/streaming", tls->port);
	struct websocket_options options = {.http = world->http,
	        .timers = &world->timers,
	        .url = url,
	        .bearer = "s3cret",
	        .random = not_random,
	        .handlers = {.on_open = on_open, .on_message = on_message, .on_closed = on_closed},
	        .arg = heard};
	struct websocket *socket = websocket_new(&options, &err);
	if (!socket)
		fail_msg("%s", err.text);
	return socket;
}

/* What the server shows of the connection, and then the bytes of the client. */
static void read_until(struct world *world, const struct tls_server *tls, struct str *said, const char *wanted)
{
	char chunk[4096];
	fcntl(tls->out, F_SETFL, O_NONBLOCK);
	for (int turns = 0; !strstr(said->p, wanted) && turns < 20000; turns++) {
		ssize_t n = read(tls->out, chunk, sizeof chunk);
		if (n > 0)
			str_add(said, chunk, (size_t)n);
		int done = 0;
		uv_timer_t pause;
		uv_timer_init(&world->loop, &pause);
		pause.data = &done;
		uv_timer_start(&pause, on_stuck, 1, 1); /* again and again: a turn that waits has to end */
		while (!done)
			uv_run(&world->loop, UV_RUN_ONCE);
		uv_close((uv_handle_t *)&pause, NULL);
		uv_run(&world->loop, UV_RUN_NOWAIT);
	}
	if (!strstr(said->p, wanted))
		fail_msg("\"%s\" is not in: %s", wanted, said->p);
}

static void write_all(struct world *world, const struct tls_server *tls, const struct str *bytes)
{
	fcntl(tls->in, F_SETFL, O_NONBLOCK);
	for (size_t at = 0; at < bytes->len;) {
		ssize_t n = write(tls->in, bytes->p + at, bytes->len - at);
		if (n > 0)
			at += (size_t)n;
		uv_run(&world->loop, UV_RUN_NOWAIT);
	}
}

static void everything_comes_though_no_poll_sees_what_tls_holds(void **state)
{
	struct world *world = *state;
	struct tls_server tls;
	struct heard heard = {0};
	struct str said = STR_INIT, bytes = STR_INIT;
	char text[1000] = "";
	assert_int_equal(tls_server_start(&tls, &(struct tls_setup){.ip = "127.0.0.1"}), 0);
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct websocket *socket = connect_to(world, &tls, &heard);
	read_until(world, &tls, &said, "\r\n\r\n");
	assert_non_null(strstr(said.p, "ALPN protocols selected: http/1.1"));
	assert_non_null(strstr(said.p, "\r\nAuthorization: Bearer s3cret\r\n"));
	ws_answer_add(&bytes, said.p);
	memset(text, 'x', sizeof text - 1);
	for (int i = 0; i < 700; i++)
		ws_text_add(&bytes, text);
	write_all(world, &tls, &bytes);
	run_until(world, &heard.messages, 700);
	assert_int_equal(heard.opens, 1);
	assert_int_equal(heard.closed, 0);
	websocket_free(socket);
	tls_server_stop(&tls);
	str_release(&said);
	str_release(&bytes);
}

static void a_certificate_of_nobody_we_know_is_refused_and_nothing_is_sent(void **state)
{
	struct world *world = *state;
	struct tls_server tls;
	struct heard heard = {0};
	struct str said = STR_INIT;
	assert_int_equal(tls_server_start(&tls, &(struct tls_setup){.ip = "127.0.0.1"}), 0);
	struct websocket *socket = connect_to(world, &tls, &heard);
	run_until(world, &heard.closed, 1);
	assert_int_equal(heard.reason.code, ERR_PROTOCOL);
	assert_non_null(strstr(heard.reason.text, "self-signed certificate"));
	assert_non_null(strstr(heard.reason.text, "nothing was sent"));
	websocket_free(socket);
	tls_server_stop(&tls);
	str_release(&said);
}

#define test(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(everything_comes_though_no_poll_sees_what_tls_holds),
	        test(a_certificate_of_nobody_we_know_is_refused_and_nothing_is_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
