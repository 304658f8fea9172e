/* Where a request may go: not to private addresses unless that is meant; and that its connections are its own. */
#include "tests/network/world.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

struct got {
	int done;
	enum http_outcome outcome;
	struct err err;
};

static void on_done(void *arg, struct http_response *response)
{
	struct got *got = arg;
	got->done++;
	got->outcome = response->outcome;
	got->err = response->err;
}

static const struct http_handlers handlers = {.on_done = on_done};

static void send_it(struct world *world, struct got *got, const struct http_request *request)
{
	struct err err = ERR_INIT;
	if (!http_send(world->http, request, &handlers, got, &err))
		fail_msg("%s", err.text);
}

static void script(struct world *world, const char *answer, enum script_end end)
{
	script_server_next(world->server, (struct script){.answer = answer, .end = end});
}

/* libcurl itself resolves every name below localhost, to loopback, and asks nobody. */
static void a_name_that_leads_to_a_private_address_is_refused_when_it_is_used(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char url[64];
	snprintf(url, sizeof url, "https://rebound.localhost:%d/", script_server_port(world->server));
	send_it(world, &got, &(struct http_request){.method = "POST", .url = url, .public_only = true});
	run_in_step_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_PERMISSION);
	assert_non_null(strstr(got.err.text, "rebound.localhost: this is a private address"));
	assert_int_equal(script_server_connections(world->server), 0);
}

static void without_the_restriction_it_is_asked(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char url[64];
	snprintf(url, sizeof url, "https://rebound.localhost:%d/", script_server_port(world->server));
	script_server_next(world->server, (struct script){.answer = "no", .end = SCRIPT_CLOSE, .unread = 1});
	send_it(world, &got, &(struct http_request){.method = "POST", .url = url});
	run_until(world, &got.done, 1);
	assert_int_equal(got.err.code, ERR_PROTOCOL); /* the server speaks no TLS */
	assert_int_equal(script_server_connections(world->server), 1);
}

static void a_private_address_is_refused_in_every_spelling_and_through_a_proxy_too(void **state)
{
	struct world *world = *state;
	static const char *const urls[] = {"https://10.0.0.1/", "https://192.168.1.1:8443/hook",
	        "https://169.254.169.254/latest/meta-data", "https://0.0.0.0/", "https://167772161/", "https://0xa.1/",
	        "https://[fd00::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/", "https://[::]/"};
	for (int proxied = 0; proxied < 2; proxied++) {
		if (proxied)
			setenv("https_proxy", "http://127.0.0.1:1", 1);
		for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
			struct err err = ERR_INIT;
			struct got got = {0};
			struct http_request request = {.url = urls[i], .public_only = true};
			if (http_send(world->http, &request, &handlers, &got, &err) || err.code != ERR_PERMISSION)
				fail_msg("%s is not refused: %s", urls[i], err.text);
		}
		unsetenv("https_proxy");
	}
}

static void loopback_that_is_written_out_is_meant(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_it(world, &got, &(struct http_request){.url = world->url, .public_only = true});
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
}

/* no_proxy names the hosts within, which are the private ones. */
static void a_proxy_stands_before_every_public_address(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char proxy[64];
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", script_server_port(world->server));
	setenv("https_proxy", proxy, 1);
	setenv("no_proxy", "server.invalid", 1);
	script(world, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", SCRIPT_CLOSE);
	send_it(world, &got,
	        &(struct http_request){.method = "POST", .url = "https://server.invalid/", .public_only = true});
	run_until(world, &got.done, 1);
	unsetenv("https_proxy");
	unsetenv("no_proxy");
	assert_true(str_starts(script_server_read(world->server), "CONNECT server.invalid:443 HTTP/1.1\r\n"));
}

static void connections_are_not_handed_down_to_what_is_started(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_it(world, &got, &(struct http_request){.url = world->url});
	run_until(world, &got.done, 1);
	int sockets = 0;
	for (int fd = 3; fd < 256; fd++) {
		struct sockaddr_in peer;
		socklen_t len = sizeof peer;
		if (getpeername(fd, (struct sockaddr *)&peer, &len) || peer.sin_family != AF_INET ||
		        ntohs(peer.sin_port) != script_server_port(world->server))
			continue;
		sockets++;
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	}
	assert_int_equal(sockets, 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_name_that_leads_to_a_private_address_is_refused_when_it_is_used),
	        test(without_the_restriction_it_is_asked),
	        test(a_private_address_is_refused_in_every_spelling_and_through_a_proxy_too),
	        test(loopback_that_is_written_out_is_meant),
	        test(a_proxy_stands_before_every_public_address),
	        test(connections_are_not_handed_down_to_what_is_started),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
