#include "tests/network/conformance/room_adapter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* False at the end. */
static int carry(int from, int to)
{
	char bytes[65536];
	ssize_t len = read(from, bytes, sizeof bytes);
	for (ssize_t at = 0, n; at < len; at += n)
		if ((n = write(to, bytes + at, (size_t)(len - at))) <= 0)
			return 0;
	return len > 0;
}

int bridge(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address))
		return 1;
	for (;;) {
		struct pollfd ends[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
		if (poll(ends, 2, -1) < 0)
			return 1;
		if (ends[1].revents && !carry(fd, STDOUT_FILENO))
			return 1;
		if (ends[0].revents && !carry(STDIN_FILENO, fd))
			return 0;
	}
}
