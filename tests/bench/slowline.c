/* slowline BYTES_PER_SECOND BUFFER PROGRAM [ARG...]: runs the program in a terminal of its own and carries its bytes to
 * this one at the rate of a slow line, as sshd and the socket under it would: what comes faster waits in a buffer of so
 * many bytes, and when that is full the program's terminal takes no more. Keys go the other way at once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { BURST_MS = 2, BUFFER_MAX = 1 << 20, CHUNK = 4096 };

struct line {
	int master;
	pid_t program;
	double bytes_per_us, allowance; /* what may leave now */
	long long then_us;
	char *buffer;
	size_t len, max;
	bool ended; /* the program has closed its terminal */
};

static long long now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Time allows bytes, but an idle line does not save them up. */
static void let_time_pass(struct line *line)
{
	long long now = now_us();
	double most = line->bytes_per_us * BURST_MS * 1000;
	line->allowance += line->bytes_per_us * (double)(now - line->then_us);
	line->then_us = now;
	if (line->allowance > most)
		line->allowance = most;
}

static void deliver(struct line *line)
{
	let_time_pass(line);
	size_t n = line->allowance < (double)line->len ? (size_t)line->allowance : line->len;
	ssize_t wrote = n ? write(STDOUT_FILENO, line->buffer, n) : 0;
	if (wrote <= 0)
		return;
	line->allowance -= (double)wrote;
	line->len -= (size_t)wrote;
	memmove(line->buffer, line->buffer + wrote, line->len);
}

static void take(struct line *line)
{
	size_t room = line->max - line->len;
	ssize_t n = read(line->master, line->buffer + line->len, room < CHUNK ? room : CHUNK);
	if (n > 0)
		line->len += (size_t)n;
	else if (n == 0 || errno != EAGAIN)
		line->ended = true;
}

static void pass_keys(struct line *line)
{
	char keys[CHUNK];
	ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
	if (n <= 0 || write(line->master, keys, (size_t)n) != n)
		line->ended = true;
}

static void carry(struct line *line)
{
	while (!line->ended || line->len) {
		bool takes = !line->ended && line->len < line->max;
		struct pollfd ready[] = {
		        {.fd = line->ended ? -1 : STDIN_FILENO, .events = POLLIN},
		        {.fd = takes ? line->master : -1, .events = POLLIN},
		};
		poll(ready, 2, line->len ? 1 : -1);
		if (ready[0].revents)
			pass_keys(line);
		if (ready[1].revents)
			take(line);
		deliver(line);
	}
}

static void end_program(int number)
{
	(void)number; /* the program's terminal goes with us, and tells it */
	_exit(0);
}

int main(int argc, char **argv)
{
	struct winsize size;
	struct termios modes;
	long rate = argc > 3 ? strtol(argv[1], NULL, 10) : 0, max = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
	if (rate < 1 || max < 1 || max > BUFFER_MAX || tcgetattr(STDIN_FILENO, &modes) ||
	        ioctl(STDIN_FILENO, TIOCGWINSZ, &size)) {
		fprintf(stderr, "usage, in a terminal: slowline BYTES_PER_SECOND BUFFER PROGRAM [ARG...]\n");
		return 64;
	}
	struct line line = {.bytes_per_us = (double)rate / 1e6, .max = (size_t)max, .then_us = now_us()};
	line.buffer = malloc(line.max);
	line.program = forkpty(&line.master, NULL, &modes, &size);
	if (line.program == 0) {
		execv(argv[3], argv + 3);
		_exit(127);
	}
	if (!line.buffer || line.program < 0)
		return 71;
	signal(SIGTERM, end_program);
	cfmakeraw(&modes);
	tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	fcntl(line.master, F_SETFL, O_NONBLOCK);
	carry(&line);
	waitpid(line.program, NULL, 0);
	free(line.buffer);
	return 0;
}
