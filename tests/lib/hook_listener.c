#include "tests/lib/hook_listener.h"

#include "core/base/mem.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { REQUEST_MAX = 1024 * 1024, PATIENCE_S = 10 };

int hook_listener_open(struct hook_listener *listener)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof addr;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&addr, sizeof addr) || listen(listener->fd, 16) ||
	        getsockname(listener->fd, (struct sockaddr *)&addr, &len))
		return -1;
	fcntl(listener->fd, F_SETFD, FD_CLOEXEC);
	snprintf(listener->url, sizeof listener->url, "http://127.0.0.1:%d/hook", ntohs(addr.sin_port));
	return 0;
}

void hook_listener_close(struct hook_listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}

static bool receive(int fd, struct str *into)
{
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof bytes, 0);
	return n > 0 && str_add(into, bytes, (size_t)n) == 0;
}

/* The part before the empty line goes to head, what has come behind it stays in body. */
static bool read_head(int fd, struct hook_request *request)
{
	char *end;
	while (!(end = strstr(request->body.p, "\r\n\r\n")))
		if (!receive(fd, &request->body))
			return false;
	size_t len = (size_t)(end - request->body.p) + 4;
	str_add(&request->head, request->body.p, len);
	str_remove(&request->body, 0, len);
	return true;
}

static bool read_request(int fd, struct hook_request *request)
{
	int64_t wanted = 0;
	if (!read_head(fd, request))
		return false;
	char *length = hook_request_header(request, "content-length");
	bool fits = !length || (parse_i64(length, &wanted) && wanted >= 0 && wanted <= REQUEST_MAX);
	free(length);
	while (fits && request->body.len < (size_t)wanted)
		fits = receive(fd, &request->body);
	return fits;
}

bool hook_listener_take(struct hook_listener *listener, int status, int timeout_ms, struct hook_request *request)
{
	*request = (struct hook_request){0};
	str_init(&request->head, REQUEST_MAX);
	str_init(&request->body, REQUEST_MAX);
	struct pollfd ready = {.fd = listener->fd, .events = POLLIN};
	if (poll(&ready, 1, timeout_ms) != 1)
		return false;
	int fd = accept(listener->fd, NULL, NULL);
	if (fd < 0)
		return false;
	struct timeval patience = {.tv_sec = PATIENCE_S};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	bool whole = read_request(fd, request);
	char answer[80];
	int len = snprintf(
	        answer, sizeof answer, "HTTP/1.1 %d Noted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
	whole = send(fd, answer, (size_t)len, MSG_NOSIGNAL) == len && whole;
	close(fd);
	return whole;
}

void hook_request_release(struct hook_request *request)
{
	str_release(&request->head);
	str_release(&request->body);
}

char *hook_request_header(const struct hook_request *request, const char *name)
{
	size_t len = strlen(name);
	for (const char *line = strstr(request->head.p, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n")) {
		const char *at = line + 2;
		if (str_icmp_n(at, name, len) || at[len] != ':')
			continue;
		at += len + 1;
		at += strspn(at, " \t");
		return mem_strndup(at, strcspn(at, "\r"));
	}
	return NULL;
}
