#include "tests/lib/tls_server.h"

#include "core/base/str.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t run_openssl(char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	posix_spawn_file_actions_init(&actions);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&actions, in, 0);
	else
		posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (posix_spawnp(&pid, "openssl", &actions, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static bool openssl_did(char *const argv[])
{
	int status = -1;
	pid_t pid = run_openssl(argv, -1, -1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
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

static bool make_certificate(struct tls_server *tls, const struct tls_setup *setup)
{
	char name[64];
	snprintf(name, sizeof name, "subjectAltName=IP:%s", setup->ip);
	char *make[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
	        "-nodes", "-days", "2", "-subj", "/CN=curlew test", "-addext", name, "-out", tls->cert, "-keyout",
	        tls->key, NULL};
	/* Signed anew, to have ended a day before it begins. */
	char *age[] = {
	        "openssl", "x509", "-in", tls->cert, "-signkey", tls->key, "-days", "-1", "-out", tls->cert, NULL};
	return openssl_did(make) && (!setup->expired || openssl_did(age));
}

int tls_server_start(struct tls_server *tls, const struct tls_setup *setup)
{
	int in[2], out[2];
	snprintf(tls->dir, sizeof tls->dir, "/tmp/curlew-tls-XXXXXX");
	if (!mkdtemp(tls->dir))
		return -1;
	snprintf(tls->cert, sizeof tls->cert, "%s/cert.pem", tls->dir);
	snprintf(tls->key, sizeof tls->key, "%s/key.pem", tls->dir);
	if (!make_certificate(tls, setup) || pipe(in) || pipe(out))
		return -1;
	fcntl(in[1], F_SETFD, FD_CLOEXEC);
	fcntl(out[0], F_SETFD, FD_CLOEXEC);
	/* h2 is what a client that left the choice to the server would get. */
	char *serve[16] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", tls->cert, "-key", tls->key,
	        "-naccept", "1", "-alpn", "h2,http/1.1"};
	int n = 12;
	if (setup->pages)
		serve[n++] = "-www";
	serve[n++] = "-cipher=ALL:@SECLEVEL=0";
	if (setup->version)
		serve[n++] = (char *)setup->version;
	tls->pid = run_openssl(serve, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	tls->in = in[1];
	tls->out = out[0];
	tls->port = tls->pid > 0 ? read_port(tls->out) : 0;
	return tls->port ? 0 : -1;
}

void tls_server_stop(struct tls_server *tls)
{
	kill(tls->pid, SIGTERM);
	waitpid(tls->pid, NULL, 0);
	close(tls->in);
	close(tls->out);
	unlink(tls->cert);
	unlink(tls->key);
	rmdir(tls->dir);
}
