#include "tests/network/world.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

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

struct tls_server {
	pid_t pid;
	int out;
	char url[64], dir[64], cert[96], key[96], file[96];
};

static pid_t run_openssl(char *const argv[], int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&actions, out, 1);
	assert_int_equal(posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* It says "ACCEPT 127.0.0.1:PORT" when it listens. */
static int read_port(int fd)
{
	struct str said = STR_INIT;
	char c;
	while (read(fd, &c, 1) == 1) {
		str_addc(&said, c);
		const char *accept = strstr(said.p, "ACCEPT ");
		if (accept && c == '\n')
			break;
	}
	const char *colon = strrchr(said.p, ':');
	int port = colon ? (int)strtol(colon + 1, NULL, 10) : 0;
	str_release(&said);
	return port;
}

/* Signs the certificate anew, to have ended a day before it begins. */
static void let_expire(struct tls_server *tls)
{
	int status = -1;
	char *sign[] = {
	        "openssl", "x509", "-in", tls->cert, "-signkey", tls->key, "-days", "-1", "-out", tls->cert, NULL};
	waitpid(run_openssl(sign, -1), &status, 0);
	assert_int_equal(status, 0);
}

/* A certificate for `ip`, and its key. */
static void tls_make(struct tls_server *tls, const char *ip)
{
	char name[64];
	snprintf(name, sizeof name, "subjectAltName=IP:%s", ip);
	int status = -1;
	snprintf(tls->dir, sizeof tls->dir, "/tmp/curlew-tls-XXXXXX");
	assert_non_null(mkdtemp(tls->dir));
	snprintf(tls->cert, sizeof tls->cert, "%s/cert.pem", tls->dir);
	snprintf(tls->key, sizeof tls->key, "%s/key.pem", tls->dir);
	snprintf(tls->file, sizeof tls->file, "%s/it", tls->dir);
	char *make[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
	        "-nodes", "-days", "2", "-subj", "/CN=curlew test", "-addext", name, "-out", tls->cert, "-keyout",
	        tls->key, NULL};
	waitpid(run_openssl(make, -1), &status, 0);
	assert_int_equal(status, 0);
}

static void tls_serve(struct tls_server *tls, char *const argv[])
{
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	tls->pid = run_openssl(argv, pipes[1]);
	close(pipes[1]);
	tls->out = pipes[0];
	snprintf(tls->url, sizeof tls->url, "https://127.0.0.1:%d/", read_port(tls->out));
}

/* `ip` is whom the certificate is for; the server is at 127.0.0.1 whatever it says. It speaks `version` alone, as
 * openssl's option names it, at the security level 0 that the old ones need; NULL is what openssl would. */
static void tls_start_with(struct tls_server *tls, const char *ip, bool expired, const char *version)
{
	tls_make(tls, ip);
	if (expired)
		let_expire(tls);
	char *serve[] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", tls->cert, "-key", tls->key,
	        "-naccept", "1", "-www", "-cipher", "ALL:@SECLEVEL=0", (char *)version, NULL};
	tls_serve(tls, serve);
}

static void tls_start(struct tls_server *tls, const char *ip)
{
	tls_start_with(tls, ip, false, NULL);
}

static void tls_stop(struct tls_server *tls)
{
	kill(tls->pid, SIGTERM);
	waitpid(tls->pid, NULL, 0);
	close(tls->out);
	unlink(tls->cert);
	unlink(tls->key);
	unlink(tls->file);
	rmdir(tls->dir);
}

static void a_certificate_of_nobody_we_know_is_refused_and_nothing_is_sent(void **state)
{
	struct tls_server tls;
	tls_start(&tls, "127.0.0.1");
	struct got got = ask(*state, tls.url, "POST");
	tls_stop(&tls);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_PROTOCOL);
	assert_non_null(strstr(got.err.text, "self-signed certificate"));
	assert_non_null(strstr(got.err.text, "SSL_CERT_FILE"));
}

static void one_that_is_named_as_trusted_is_accepted(void **state)
{
	struct tls_server tls;
	tls_start(&tls, "127.0.0.1");
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(*state, tls.url, "GET");
	tls_stop(&tls);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 200);
}

static void a_trusted_one_for_another_host_is_refused(void **state)
{
	struct tls_server tls;
	tls_start(&tls, "127.0.0.2");
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(*state, tls.url, "POST");
	tls_stop(&tls);
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_PROTOCOL);
	assert_non_null(strstr(got.err.text, "127.0.0.1"));
}

static void a_trusted_one_that_has_expired_is_refused_and_nothing_is_sent(void **state)
{
	struct tls_server tls;
	tls_start_with(&tls, "127.0.0.1", true, NULL);
	setenv("SSL_CERT_FILE", tls.cert, 1);
	struct got got = ask(*state, tls.url, "POST");
	tls_stop(&tls);
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
		tls_start_with(&tls, "127.0.0.1", false, old[i]);
		setenv("SSL_CERT_FILE", tls.cert, 1);
		struct got got = ask(*state, tls.url, "POST");
		tls_stop(&tls);
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
		tls_start_with(&tls, "127.0.0.1", false, fine[i]);
		setenv("SSL_CERT_FILE", tls.cert, 1);
		struct got got = ask(*state, tls.url, "GET");
		tls_stop(&tls);
		assert_int_equal(got.outcome, HTTP_DONE);
	}
}

/* Who reads along on the way needs nothing but an answer that sends us to plain http. */
static void a_redirect_to_plain_http_is_not_followed(void **state)
{
	struct world *world = *state;
	struct tls_server tls;
	struct str answer = STR_INIT;
	struct err err = ERR_INIT;
	tls_make(&tls, "127.0.0.1");
	str_addf(&answer, "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/it\r\n\r\n",
	        script_server_port(world->server));
	assert_int_equal(file_write_atomic(tls.file, answer.p, answer.len, 0600, &err), 0);
	setenv("SSL_CERT_FILE", tls.cert, 1);
	/* openssl's -HTTP serves what is in the files of its working directory, status line and all. */
	char *serve[] = {"env", "-C", tls.dir, "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", tls.cert,
	        "-key", tls.key, "-HTTP", NULL};
	tls_serve(&tls, serve);
	str_clear(&answer);
	str_addf(&answer, "%sit", tls.url);
	struct got got = ask(world, answer.p, "GET");
	tls_stop(&tls);
	assert_int_equal(got.outcome, HTTP_DONE);
	assert_int_equal(got.status, 307);
	assert_int_equal(script_server_connections(world->server), 0);
	str_release(&answer);
}

static void a_file_of_certificates_that_is_not_there_is_named(void **state)
{
	struct world *world = *state;
	char url[64];
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", script_server_port(world->server));
	setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
	struct got got = ask(world, url, "POST");
	assert_int_equal(got.outcome, HTTP_NOT_SENT);
	assert_int_equal(got.err.code, ERR_CONFIG);
	assert_non_null(strstr(got.err.text, "SSL_CERT_FILE"));
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
	        test(a_redirect_to_plain_http_is_not_followed),
	        test(a_file_of_certificates_that_is_not_there_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
