#include "tests/lib/fakenet.h"

#include "core/base/mem.h"
#include "core/base/paths.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 24
#define ANSWER_MAX (64U * 1024U * 1024U)
#define PATIENCE_S 10

static char *program_path(void)
{
	const char *named = getenv("CURLEW_FAKENET");
	if (named)
		return mem_strdup(named);
	static const char *const above[] = {"../../fakenet", "../../../fakenet"};
	char *dir = path_program_dir(), *path = path_join(str_or(dir, "."), above[0]);
	struct stat there;
	if (stat(path, &there) || !S_ISREG(there.st_mode)) {
		free(path);
		path = path_join(str_or(dir, "."), above[1]);
	}
	free(dir);
	return path;
}

static void run_child(const char *path, const char *const *args, int ready_fd)
{
	char fd_text[16];
	snprintf(fd_text, sizeof fd_text, "%d", ready_fd);
	const char *argv[ARGS_MAX] = {path, "--quiet", "--ready-fd", fd_text};
	for (size_t n = 4; args && *args && n + 1 < ARGS_MAX; n++)
		argv[n] = *args++;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that aborts leaves no server behind */
	if (!freopen("/dev/null", "w", stdout))
		_exit(126);
	execv(path, (char *const *)argv);
	perror(path);
	_exit(127);
}

int fakenet_start(struct fakenet *net, const char *const *args)
{
	int ends[2];
	char line[80] = "";
	*net = (struct fakenet){.pid = -1};
	if (pipe(ends))
		return -1;
	char *path = program_path();
	net->pid = fork();
	if (net->pid == 0) {
		close(ends[0]);
		run_child(path, args, ends[1]);
	}
	close(ends[1]);
	FILE *ready = fdopen(ends[0], "r");
	bool listens = ready && fgets(line, sizeof line, ready) &&
	               sscanf(line, "fakenet http://127.0.0.1:%d", &net->port) == 1;
	if (ready)
		fclose(ready);
	free(path);
	snprintf(net->url, sizeof net->url, "http://127.0.0.1:%d", net->port);
	return listens ? 0 : -1;
}

int fakenet_stop(struct fakenet *net)
{
	int status = -1;
	if (net->pid <= 0)
		return -1;
	kill(net->pid, SIGTERM);
	waitpid(net->pid, &status, 0);
	net->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int fakenet_connect(const struct fakenet *net)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)net->port)};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&addr, sizeof addr) == 0)
		return fd;
	close(fd);
	return -1;
}

bool fakenet_send(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool fakenet_receive(int fd, struct str *out)
{
	char bytes[16384];
	ssize_t n = recv(fd, bytes, sizeof bytes, 0);
	return n > 0 && str_add(out, bytes, (size_t)n) == 0;
}

static int64_t content_length(const char *head)
{
	static const char name[] = "\r\nContent-Length: ";
	for (const char *at = strstr(head, "\r\n"); at; at = strstr(at + 2, "\r\n"))
		if (str_icmp_n(at, name, sizeof name - 1) == 0)
			return strtoll(at + sizeof name - 1, NULL, 10);
	return 0;
}

void fakenet_read_answer(int fd, struct str *rest, struct fakenet_answer *out)
{
	*out = (struct fakenet_answer){0};
	str_init(&out->head, ANSWER_MAX);
	str_init(&out->body, ANSWER_MAX);
	char *end;
	while (!(end = strstr(rest->p, "\r\n\r\n")))
		if (!fakenet_receive(fd, rest))
			return;
	size_t head_len = (size_t)(end - rest->p) + 4;
	str_add(&out->head, rest->p, head_len);
	str_remove(rest, 0, head_len);
	sscanf(out->head.p, "HTTP/1.1 %d", &out->status);
	size_t promised = (size_t)content_length(out->head.p);
	while (rest->len < promised && fakenet_receive(fd, rest))
		;
	out->whole = rest->len >= promised;
	size_t got = out->whole ? promised : rest->len;
	str_add(&out->body, rest->p, got);
	str_remove(rest, 0, got);
}

void fakenet_ask(const struct fakenet *net, const char *method, const char *target, const char *headers,
        const char *body, struct fakenet_answer *out)
{
	struct str request = STR_INIT, rest = STR_INIT;
	int fd = fakenet_connect(net);
	str_addf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", method, target, net->port);
	str_adds(&request, headers);
	if (body)
		str_addf(&request, "Content-Length: %zu\r\n", strlen(body));
	str_adds(&request, "\r\n");
	str_adds(&request, body);
	fakenet_send(fd, request.p, request.len);
	fakenet_read_answer(fd, &rest, out);
	close(fd);
	str_release(&request);
	str_release(&rest);
}

void fakenet_answer_release(struct fakenet_answer *answer)
{
	str_release(&answer->head);
	str_release(&answer->body);
}

static json *parsed(struct fakenet_answer *answer)
{
	json *value = answer->status == 200 ? json_parse(answer->body.p, answer->body.len, NULL) : NULL;
	fakenet_answer_release(answer);
	return value;
}

json *fakenet_get(const struct fakenet *net, const char *target)
{
	struct fakenet_answer answer;
	fakenet_ask(net, "GET", target, "Authorization: Bearer " FAKENET_TOKEN "\r\n", NULL, &answer);
	return parsed(&answer);
}

json *fakenet_control(const struct fakenet *net, const char *name, const char *json_text)
{
	char target[64];
	struct fakenet_answer answer;
	snprintf(target, sizeof target, "/control/%s", name);
	fakenet_ask(net, json_text ? "POST" : "GET", target, "Content-Type: application/json\r\n", json_text, &answer);
	return parsed(&answer);
}
