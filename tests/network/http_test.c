#include "tests/network/world.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

struct got {
	int done, heads, chunks;
	enum http_outcome outcome;
	int status, repeated;
	char type[64], location[64];
	struct str body;
	struct err err;
	/* What to do from inside a callback. */
	struct world *world;
	struct http_call *call;
	struct got *second;
	bool cancel_at_head, cancel_at_bytes, send_at_bytes, cancel_at_done;
};

static void send_plain(struct world *world, struct got *got);

static void on_done(void *arg, struct http_response *response)
{
	struct got *got = arg;
	got->done++;
	got->outcome = response->outcome;
	got->status = response->status;
	got->err = response->err;
	str_copy(got->type, sizeof got->type, str_or(headers_get(&response->headers, "content-type"), ""));
	str_copy(got->location, sizeof got->location, str_or(headers_get(&response->headers, "location"), ""));
	got->repeated = headers_nth(&response->headers, "retry-after", 1) != NULL;
	str_add(&got->body, response->body.p, response->body.len);
	if (got->cancel_at_done)
		http_cancel(got->call);
}

static void on_headers(void *arg, int status, const struct headers *headers)
{
	struct got *got = arg;
	(void)headers;
	got->heads++;
	got->status = status;
	if (got->cancel_at_head)
		http_cancel(got->call);
}

static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct got *got = arg;
	got->chunks++;
	str_add(&got->body, bytes, len);
	if (got->send_at_bytes)
		send_plain(got->world, got->second);
	if (got->cancel_at_bytes)
		http_cancel(got->call);
}

static const struct http_handlers handlers = {on_headers, on_bytes, on_done};

static void send_it(struct world *world, struct got *got, const struct http_request *request)
{
	struct err err = ERR_INIT;
	*got = (struct got){.world = world,
	        .second = got->second,
	        .cancel_at_head = got->cancel_at_head,
	        .cancel_at_bytes = got->cancel_at_bytes,
	        .send_at_bytes = got->send_at_bytes,
	        .cancel_at_done = got->cancel_at_done,
	        .body = STR_INIT};
	got->call = http_send(world->http, request, &handlers, got, &err);
	if (!got->call)
		fail_msg("%s", err.text);
}

static void send_plain(struct world *world, struct got *got)
{
	struct http_request request = {.url = world->url, .bearer = "s3cret"};
	send_it(world, got, &request);
}

static void post(struct world *world, struct got *got)
{
	struct http_request request = {
	        .method = "POST",
	        .url = world->url,
	        .body = "{\"status\":\"hello\"}",
	        .body_len = 18,
	        .content_type = "application/json",
	};
	send_it(world, got, &request);
}

static void script(struct world *world, const char *answer, enum script_end end)
{
	script_server_next(world->server, (struct script){.answer = answer, .end = end});
}

static void release(struct got *got)
{
	str_release(&got->body);
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

static int times_in(const char *hay, const char *needle)
{
	int n = 0;
	for (const char *p = hay; (p = strstr(p, needle)); p++)
		n++;
	return n;
}

/* --- whole answers */

static void a_recorded_answer_comes_with_its_status_fields_and_body(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	struct str answer = read_data("net/gotosocial-429.http");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.err.code, ERR_NONE);
	assert_int_equal(got.status, 429);
	assert_string_equal(got.type, "application/json");
	assert_string_equal(got.body.p, "{\"error\":\"rate limit reached\"}");
	release(&got);
	str_release(&answer);
}

static void chunks_are_joined_and_repeated_fields_kept(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	struct str answer = read_data("net/gotosocial-503.http");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 503);
	assert_true(got.repeated);
	assert_true(str_starts(got.body.p, "<!DOCTYPE html>"));
	release(&got);
	str_release(&answer);
}

static void a_proxys_html_502_is_an_answer(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>nginx</html>", SCRIPT_CLOSE);
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 502);
	assert_string_equal(got.type, "text/html");
	assert_true(http_status_leaves_doubt(502) && http_status_leaves_doubt(408) && http_status_leaves_doubt(499));
	assert_false(http_status_leaves_doubt(501) || http_status_leaves_doubt(422) || http_status_leaves_doubt(200));
	release(&got);
}

static void compressed_answers_are_decoded(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 31\r\n\r\n"
	                             "\037\213\010\000\000\000\000\000\002\003\253\126\312\317\126\262\052\051\052\115"
	                             "\255\005\000\220\137\324\247\013\000\000\000";
	script_server_next(world->server, (struct script){answer, sizeof answer - 1, SCRIPT_KEEP, 0});
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_string_equal(got.body.p, "{\"ok\":true}");
	release(&got);
}

static void an_interim_answer_is_passed_over(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, "HTTP/1.1 103 Early Hints\r\nContent-Type: text/hint\r\n\r\n" OK_ANSWER, SCRIPT_KEEP);
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.status, 200);
	assert_string_equal(got.type, "application/json");
	release(&got);
}

static void a_redirect_is_told_and_not_followed(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, "HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
	        SCRIPT_KEEP);
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 301);
	assert_string_equal(got.location, "https://elsewhere.example/");
	assert_int_equal(script_server_requests(world->server), 1);
	release(&got);
}

/* Another port, another name of the same machine, another scheme, another path: whatever the status asks for, nobody is
 * sent anything that they were not asked for by us. */
static void no_redirect_carries_the_token_anywhere(void **state)
{
	static const char *const statuses[] = {
	        "301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"};
	static const char *const before[] = {
	        "http://127.0.0.1:", "http://localhost:", "//127.0.0.1:", "https://127.0.0.1:"};
	struct world *world = *state;
	struct script_server *them = script_server_new(&world->loop);
	int asked = 0;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		for (size_t j = 0; j < 2 * sizeof before / sizeof *before; j++) {
			struct got got = {0};
			struct str answer = STR_INIT;
			int port = script_server_port(j % 2 ? world->server : them);
			struct http_request request = {
			        .method = i % 2 == j / 2 % 2 ? "POST" : "GET", .url = world->url, .bearer = "s3cret"};
			str_addf(&answer, "HTTP/1.1 %s\r\nLocation: %s%d/other\r\nContent-Length: 0\r\n\r\n",
			        statuses[i], before[j / 2], port);
			script(world, answer.p, SCRIPT_KEEP);
			send_it(world, &got, &request);
			run_until(world, &got.done, 1);
			assert_int_equal(got.outcome, HTTP_DONE);
			assert_int_equal(got.status / 100, 3);
			assert_int_equal(script_server_requests(world->server), ++asked);
			release(&got);
			str_release(&answer);
		}
	assert_int_equal(script_server_connections(them), 0);
	script_server_free(them);
}

static void a_request_says_who_asks_for_what_and_keeps_the_token_in_its_field(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	struct http_field field = {"Idempotency-Key", "k1"};
	struct http_request request = {.method = "POST",
	        .url = world->url,
	        .headers = &field,
	        .headers_len = 1,
	        .body = "a=b",
	        .body_len = 3,
	        .content_type = "application/x-www-form-urlencoded",
	        .bearer = "s3cret"};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_it(world, &got, &request);
	run_until(world, &got.done, 1);
	const char *read = script_server_read(world->server);
	assert_true(str_starts(read, "POST /api/v1/it?x=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(read, "\r\nUser-Agent: curlew/"));
	assert_non_null(strstr(read, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(read, "\r\nAuthorization: Bearer s3cret\r\n"));
	assert_non_null(strstr(read, "\r\nIdempotency-Key: k1\r\n"));
	assert_non_null(strstr(read, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_null(strstr(read, "Expect:"));
	assert_true(str_ends(read, "\r\n\r\na=b"));
	assert_int_equal(times_in(read, "s3cret"), 1);
	release(&got);
}

static void other_methods_go_as_they_are(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	struct http_request request = {.method = "DELETE", .url = world->url};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_it(world, &got, &request);
	run_until(world, &got.done, 1);
	assert_true(str_starts(script_server_read(world->server), "DELETE /api"));
	release(&got);
	request = (struct http_request){.method = "PUT", .url = world->url, .body = "{}", .body_len = 2};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_it(world, &got, &request);
	run_until(world, &got.done, 1);
	assert_non_null(strstr(script_server_read(world->server), "PUT /api"));
	assert_true(str_ends(script_server_read(world->server), "\r\n\r\n{}"));
	release(&got);
	request = (struct http_request){.method = "HEAD", .url = world->url};
	script(world, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", SCRIPT_KEEP);
	send_it(world, &got, &request);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	release(&got);
}

/* --- connections */

static void reads_share_a_connection(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	for (int i = 0; i < 3; i++) {
		script(world, OK_ANSWER, SCRIPT_KEEP);
		send_plain(world, &got);
		run_until(world, &got.done, 1);
		release(&got);
	}
	assert_int_equal(script_server_requests(world->server), 3);
	assert_int_equal(script_server_connections(world->server), 1);
}

static void a_post_that_met_a_closing_connection_is_not_sent_a_second_time(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	script(world, NULL, SCRIPT_CLOSE);
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	release(&got);
	post(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_UNKNOWN);
	assert_int_equal(times_in(script_server_read(world->server), "POST /"), 1);
	release(&got);
}

/* --- what may have arrived */

static void expect_unknown(struct world *world, struct got *got, int status)
{
	post(world, got);
	run_until(world, &got->done, 1);
	assert_int_equal(got->outcome, HTTP_UNKNOWN);
	assert_int_equal(got->status, status);
	assert_int_not_equal(got->err.code, ERR_NONE);
	assert_non_null(strstr(got->err.text, "127.0.0.1"));
	assert_int_equal(got->done, 1);
	release(got);
}

static void a_request_that_was_read_and_never_answered_is_unknown(void **state)
{
	struct got got = {0};
	script(*state, NULL, SCRIPT_CLOSE);
	expect_unknown(*state, &got, 0);
	script(*state, NULL, SCRIPT_RESET);
	expect_unknown(*state, &got, 0);
}

static void a_request_that_was_sent_and_reset_unread_is_unknown(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script_server_next(world->server, (struct script){.end = SCRIPT_RESET, .unread = 1});
	expect_unknown(world, &got, 0);
	assert_int_equal(script_server_requests(world->server), 0);
}

static void an_answer_cut_in_its_head_or_its_body_is_unknown(void **state)
{
	struct got got = {0};
	script(*state, "HTTP/1.1 200 OK\r\nContent-Le", SCRIPT_CLOSE);
	expect_unknown(*state, &got, 0);
	script(*state, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":", SCRIPT_CLOSE);
	expect_unknown(*state, &got, 200);
	script(*state, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n", SCRIPT_CLOSE);
	expect_unknown(*state, &got, 200);
}

static void an_answer_that_is_not_http_is_unknown(void **state)
{
	struct got got = {0};
	script(*state, "220 mail.example ESMTP\r\n", SCRIPT_CLOSE);
	expect_unknown(*state, &got, 0);
	assert_int_equal(got.err.code, ERR_PROTOCOL);
}

static void silence_after_the_request_is_unknown_when_its_time_is_over(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, NULL, SCRIPT_KEEP);
	post(world, &got);
	run_until_server(world, script_server_requests, 1);
	advance(world, HTTP_TIMEOUT_MS - 1);
	assert_int_equal(got.done, 0);
	advance(world, 1);
	assert_int_equal(got.done, 1);
	assert_int_equal(got.outcome, HTTP_UNKNOWN);
	assert_non_null(strstr(got.err.text, "30 s"));
	run_until_server(world, script_server_open, 0);
	release(&got);
}

static void a_body_over_its_cap_is_refused(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	struct http_request request = {.url = world->url, .max_body = 10};
	script(world, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901", SCRIPT_KEEP);
	send_it(world, &got, &request);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_UNKNOWN);
	assert_int_equal(got.status, 200);
	assert_int_equal(got.err.code, ERR_LIMIT);
	release(&got);
	script(world, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234567890", SCRIPT_KEEP);
	send_it(world, &got, &request);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	release(&got);
}

static void a_head_over_its_cap_is_refused(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	struct str answer = STR_INIT;
	str_adds(&answer, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 1500; i++)
		str_addf(&answer, "X-Filler-%04d: 0123456789012345678901234567890123456789\r\n", i);
	str_adds(&answer, "Content-Length: 0\r\n\r\n");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_UNKNOWN);
	assert_int_equal(got.err.code, ERR_LIMIT);
	release(&got);
	str_release(&answer);
}

/* --- what cannot have arrived */

static void a_refused_connection_is_not_sent_and_says_so(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char url[64];
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound and not listening: nobody else gets the port */
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
	send_it(world, &got, &(struct http_request){.method = "POST", .url = url});
	run_until(world, &got.done, 1);
	close(fd);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(got.err.text, "Connection refused"));
	release(&got);
}

static void a_name_that_does_not_resolve_is_not_sent_and_says_so(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	/* A label of 64 letters is more than DNS can hold: the resolver says no without asking anybody. */
	static const char url[] = "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example/";
	send_it(world, &got, &(struct http_request){.method = "POST", .url = url});
	run_in_step_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(got.err.text, "does not resolve"));
	release(&got);
}

static void https_url(struct world *world, char url[64])
{
	snprintf(url, 64, "https://127.0.0.1:%d/", script_server_port(world->server));
}

static void a_tls_handshake_that_never_ends_is_not_sent(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char url[64];
	https_url(world, url);
	send_it(world, &got, &(struct http_request){.method = "POST", .url = url});
	run_until_server(world, script_server_connections, 1);
	advance(world, HTTP_CONNECT_TIMEOUT_MS);
	assert_int_equal(got.done, 1);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_non_null(strstr(got.err.text, "no connection within 10 s"));
	release(&got);
}

static void a_server_without_tls_is_not_sent(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char url[64];
	https_url(world, url);
	script_server_next(world->server, (struct script){.answer = "no", .end = SCRIPT_CLOSE, .unread = 1});
	send_it(world, &got, &(struct http_request){.method = "POST", .url = url, .bearer = "s3cret"});
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_null(strstr(got.err.text, "s3cret"));
	release(&got);
}

static void a_proxy_that_refuses_is_not_sent_and_never_sees_the_token(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	char proxy[64];
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", script_server_port(world->server));
	setenv("https_proxy", proxy, 1);
	setenv("no_proxy", "", 1);
	script(world, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", SCRIPT_CLOSE);
	send_it(world, &got,
	        &(struct http_request){.method = "POST", .url = "https://server.invalid/", .bearer = "s3cret"});
	run_until(world, &got.done, 1);
	unsetenv("https_proxy");
	unsetenv("no_proxy");
	assert_true(str_starts(script_server_read(world->server), "CONNECT server.invalid:443 HTTP/1.1\r\n"));
	assert_null(strstr(script_server_read(world->server), "s3cret"));
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	release(&got);
}

static void loopback_needs_no_proxy(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(got.outcome, HTTP_DONE);
	release(&got);
}

/* --- what is refused before anything happens */

static void expect_refused(struct world *world, const struct http_request *request, const char *why)
{
	struct err err = ERR_INIT;
	struct got got = {0};
	assert_null(http_send(world->http, request, &handlers, &got, &err));
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("%s: %s", request->url, err.text);
	assert_null(strstr(err.text, "s3cret"));
}

static void plain_http_goes_to_loopback_alone(void **state)
{
	static const char *const refused[] = {"http://mastodon.example/", "http://localhost.example/",
	        "http://127.0.0.1.example/", "http://10.0.0.1/", "http://[::2]/", "http://[fe80::1]/",
	        "http://0.0.0.0/"};
	static const char *const accepted[] = {"http://127.0.0.1:1/", "http://127.9.9.9:1/", "http://[::1]:1/",
	        "http://LOCALHOST:1/", "https://mastodon.example/"};
	struct world *world = *state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		expect_refused(world, &(struct http_request){.url = refused[i]}, "plain http is refused");
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
		struct got got = {0};
		send_it(world, &got, &(struct http_request){.url = accepted[i]});
		http_cancel(got.call);
	}
}

static void what_would_forge_a_request_is_refused(void **state)
{
	struct world *world = *state;
	struct http_field forged = {"X-Any", "a\r\nX-Other: b"}, named = {"X Any", "a"};
	expect_refused(
	        world, &(struct http_request){.url = "https://user:s3cret@server.example/"}, "user name or password");
	expect_refused(world, &(struct http_request){.url = "ftp://server.example/"}, "expected https://");
	expect_refused(world, &(struct http_request){.url = "server.example"}, "malformed URL");
	expect_refused(world, &(struct http_request){.url = ""}, "malformed URL");
	expect_refused(world, &(struct http_request){.url = "https://server.example/a\r\nb"}, "malformed URL");
	expect_refused(world, &(struct http_request){.url = world->url, .bearer = "s3cret\r\nX: y"}, "Authorization");
	expect_refused(world, &(struct http_request){.url = world->url, .method = "GET /x HTTP/1.1\r\n"}, "method");
	expect_refused(world, &(struct http_request){.url = world->url, .headers = &forged, .headers_len = 1}, "X-Any");
	expect_refused(world, &(struct http_request){.url = world->url, .headers = &named, .headers_len = 1}, "name");
}

/* --- streams */

#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

static void start_stream(struct world *world, struct got *got)
{
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	send_it(world, got,
	        &(struct http_request){.url = world->url, .accept = "text/event-stream", .streaming = true});
	run_until_server(world, script_server_requests, 1);
}

static void a_stream_hands_on_each_piece_as_it_comes_and_has_no_end_of_time(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	start_stream(world, &got);
	run_until(world, &got.heads, 1);
	advance(world, INT64_C(86400000));
	script_server_send(world->server, "8\r\n:thump\n\n\r\n", 13);
	run_until(world, &got.chunks, 1);
	assert_string_equal(got.body.p, ":thump\n\n");
	script_server_send(world->server, "3\r\n:)\n\r\n", 8);
	run_until(world, &got.chunks, 2);
	assert_int_equal(got.done, 0);
	script_server_send(world->server, "0\r\n\r\n", 5);
	run_until(world, &got.done, 1);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_null(strstr(script_server_read(world->server), "Accept-Encoding"));
	release(&got);
}

static void an_open_stream_and_kept_connections_wake_nobody(void **state)
{
	struct world *world = *state;
	struct got read = {0}, got = {0};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_plain(world, &read);
	run_until(world, &read.done, 1);
	start_stream(world, &got);
	run_until(world, &got.heads, 1);
	for (int i = 0; i < 3; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	assert_int_equal(uv_backend_timeout(&world->loop), -1);
	assert_true(timers_next(&world->timers) == INT64_MAX);
	http_cancel(got.call);
	release(&read);
	release(&got);
}

static void a_stream_that_never_begins_times_out(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	script(world, NULL, SCRIPT_KEEP);
	send_it(world, &got, &(struct http_request){.url = world->url, .streaming = true});
	run_until_server(world, script_server_requests, 1);
	advance(world, HTTP_TIMEOUT_MS);
	assert_int_equal(got.done, 1);
	assert_int_equal(got.outcome, HTTP_UNKNOWN);
	release(&got);
}

/* --- cancelling */

static void after_a_cancel_nothing_comes(void **state)
{
	struct world *world = *state;
	struct got got = {0};
	start_stream(world, &got);
	run_until(world, &got.heads, 1);
	http_cancel(got.call);
	run_until_server(world, script_server_open, 0);
	advance(world, INT64_C(86400000));
	assert_int_equal(got.done + got.chunks, 0);
	release(&got);
}

static void a_cancel_from_inside_any_callback_is_the_last_one(void **state)
{
	struct world *world = *state;
	struct got got = {.cancel_at_head = true};
	start_stream(world, &got);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(got.heads, 1);
	assert_int_equal(got.chunks + got.done, 0);
	release(&got);

	got = (struct got){.cancel_at_bytes = true};
	script(world, STREAM_HEAD "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n", SCRIPT_KEEP);
	send_it(world, &got, &(struct http_request){.url = world->url, .streaming = true});
	run_until(world, &got.chunks, 1);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(got.chunks, 1);
	assert_int_equal(got.done, 0);
	release(&got);

	got = (struct got){.cancel_at_done = true};
	script(world, OK_ANSWER, SCRIPT_KEEP);
	send_plain(world, &got);
	run_until(world, &got.done, 1);
	assert_int_equal(got.done, 1);
	release(&got);
}

static void a_request_may_be_sent_from_inside_a_callback(void **state)
{
	struct world *world = *state;
	struct got second = {0}, got = {.send_at_bytes = true, .second = &second};
	start_stream(world, &got);
	script(world, OK_ANSWER, SCRIPT_KEEP);
	script_server_send(world->server, "1\r\na\r\n", 6);
	run_until(world, &second.done, 1);
	assert_int_equal(second.outcome, HTTP_DONE);
	assert_int_equal(got.done, 0);
	http_cancel(got.call);
	release(&second);
	release(&got);
}

static void freeing_it_all_ends_what_is_under_way_in_silence(void **state)
{
	struct world *world = *state;
	struct got got = {0}, other = {0};
	struct err err = ERR_INIT;
	start_stream(world, &got);
	send_plain(world, &other);
	http_free(world->http);
	world->http = http_new(&world->loop, &world->timers, &err);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(got.done + other.done, 0);
	release(&got);
	release(&other);
}

#define test(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_recorded_answer_comes_with_its_status_fields_and_body),
	        test(chunks_are_joined_and_repeated_fields_kept),
	        test(a_proxys_html_502_is_an_answer),
	        test(compressed_answers_are_decoded),
	        test(an_interim_answer_is_passed_over),
	        test(a_redirect_is_told_and_not_followed),
	        test(no_redirect_carries_the_token_anywhere),
	        test(a_request_says_who_asks_for_what_and_keeps_the_token_in_its_field),
	        test(other_methods_go_as_they_are),
	        test(reads_share_a_connection),
	        test(a_post_that_met_a_closing_connection_is_not_sent_a_second_time),
	        test(a_request_that_was_read_and_never_answered_is_unknown),
	        test(a_request_that_was_sent_and_reset_unread_is_unknown),
	        test(an_answer_cut_in_its_head_or_its_body_is_unknown),
	        test(an_answer_that_is_not_http_is_unknown),
	        test(silence_after_the_request_is_unknown_when_its_time_is_over),
	        test(a_body_over_its_cap_is_refused),
	        test(a_head_over_its_cap_is_refused),
	        test(a_refused_connection_is_not_sent_and_says_so),
	        test(a_name_that_does_not_resolve_is_not_sent_and_says_so),
	        test(a_tls_handshake_that_never_ends_is_not_sent),
	        test(a_server_without_tls_is_not_sent),
	        test(a_proxy_that_refuses_is_not_sent_and_never_sees_the_token),
	        test(loopback_needs_no_proxy),
	        test(plain_http_goes_to_loopback_alone),
	        test(what_would_forge_a_request_is_refused),
	        test(a_stream_hands_on_each_piece_as_it_comes_and_has_no_end_of_time),
	        test(an_open_stream_and_kept_connections_wake_nobody),
	        test(a_stream_that_never_begins_times_out),
	        test(after_a_cancel_nothing_comes),
	        test(a_cancel_from_inside_any_callback_is_the_last_one),
	        test(a_request_may_be_sent_from_inside_a_callback),
	        test(freeing_it_all_ends_what_is_under_way_in_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
