#include "tests/network/world.h"

#include "tests/lib/tls_server.h"

#include <stdio.h>
#include <unistd.h>

struct got {
	int done;
	enum http_outcome outcome;
	int status;
	struct err err;
};

static void on_done(void *arg, struct http_response *response)
{
	struct got *got = arg;
	got->done++;
	got->outcome = response->outcome;
	got->status = response->status;
	got->err = response->err;
}

static struct got ask(struct world *world, const char *url, const char *method)
{
	static const struct http_handlers handlers = {.on_done = on_done};
	struct got got = {0};
	struct err err = ERR_INIT;
	struct http_request request = {.method = method, .url = url, .bearer = "s3cret"};
	if (!http_send(world->http, &request, &handlers, &got, &err))
		fail_msg("%s", err.text);
	run_until(world, &got.done, 1);
	return got;
}

static char url[64];

static void tls_start(struct tls_server *tls, struct tls_setup setup)
{
	setup.pages = true;
	assert_int_equal(tls_server_start(tls, &setup), 0);
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", tls->port);
}

static void a_certificate_of_nobody_we_know_is_refused_and_nothing_is_sent(void **state)
{
	struct tls_server tls;
	tls_start(&tls, (struct tls_setup){.ip = "127.0.0.1"});
	struct got got = ask(*state, url, "POST");
	tls_server_stop(&tls);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_PROTOCOL);
	assert_non_null(strstr(got.err.text, "self-signed certificate"));
	assert_non_null(strstr(got.err.text, "SSL_CERT_FILE"));
}

static void one_that_is_named_as_trusted_is_accepted(void **state)
{
	struct tls_server tls;
	tls_start(&tls, (struct tls_setup){.ip = "127.0.0.1"});
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(*state, url, "GET");
	tls_server_stop(&tls);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 200);
}

static void a_trusted_one_for_another_host_is_refused(void **state)
{
	struct tls_server tls;
	tls_start(&tls, (struct tls_setup){.ip = "127.0.0.2"});
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(*state, url, "POST");
	tls_server_stop(&tls);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_PROTOCOL);
	assert_non_null(strstr(got.err.text, "127.0.0.1"));
}

static void a_trusted_one_that_has_expired_is_refused_and_nothing_is_sent(void **state)
{
	struct tls_server tls;
	tls_start(&tls, (struct tls_setup){.ip = "127.0.0.1", .expired = true});
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(*state, url, "POST");
	tls_server_stop(&tls);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_PROTOCOL);
	assert_non_null(strstr(got.err.text, "expired"));
}

/* What the machine's openssl.cnf would allow does not count. */
static void tls_older_than_1_2_is_refused_and_nothing_is_sent(void **state)
{
	static const char *const old[] = {"-tls1", "-tls1_1"};
	for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
		struct tls_server tls;
		tls_start(&tls, (struct tls_setup){.ip = "127.0.0.1", .version = old[i]});
		setenv("SSL_CERT_FILE", tls.cert, 1);
		struct got got = ask(*state, url, "POST");
		tls_server_stop(&tls);
		assert_int_equal(got.outcome, HTTP_NOT_SENT);
		assert_int_equal(got.err.code, ERR_PROTOCOL);
		assert_non_null(strstr(got.err.text, "TLS 1.2 or newer"));
	}
}

static void tls_1_2_and_1_3_are_spoken(void **state)
{
	static const char *const fine[] = {"-tls1_2", "-tls1_3"};
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		struct tls_server tls;
		tls_start(&tls, (struct tls_setup){.ip = "127.0.0.1", .version = fine[i]});
		setenv("SSL_CERT_FILE", tls.cert, 1);
		struct got got = ask(*state, url, "GET");
		tls_server_stop(&tls);
		assert_int_equal(got.outcome, HTTP_DONE);
	}
}

static void a_file_of_certificates_that_is_not_there_is_named(void **state)
{
	struct world *world = *state;
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", script_server_port(world->server));
	setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
	struct got got = ask(world, url, "POST");
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_CONFIG);
	assert_non_null(strstr(got.err.text, "SSL_CERT_FILE"));
}

/* Who reads along on the way needs nothing but an answer that sends us to plain http. */
static void a_redirect_to_plain_http_is_not_followed(void **state)
{
	struct world *world = *state;
	struct tls_server tls;
	struct str answer = STR_INIT;
	assert_int_equal(tls_server_start(&tls, &(struct tls_setup){.ip = "127.0.0.1"}), 0);
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", tls.port);
	str_addf(&answer,
	        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/it\r\nContent-Length: 0\r\n\r\n",
	        script_server_port(world->server));
	assert_int_equal(write(tls.in, answer.p, answer.len), answer.len);
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(world, url, "GET");
	tls_server_stop(&tls);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 307);
	assert_int_equal(script_server_connections(world->server), 0);
	str_release(&answer);
}

#define test(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_certificate_of_nobody_we_know_is_refused_and_nothing_is_sent),
	        test(one_that_is_named_as_trusted_is_accepted),
	        test(a_trusted_one_for_another_host_is_refused),
	        test(a_trusted_one_that_has_expired_is_refused_and_nothing_is_sent),
	        test(tls_older_than_1_2_is_refused_and_nothing_is_sent),
	        test(tls_1_2_and_1_3_are_spoken),
	        test(a_file_of_certificates_that_is_not_there_is_named),
	        test(a_redirect_to_plain_http_is_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
