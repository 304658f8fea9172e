#include "tests/lib/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* stdin comes from a file: a pipe would have to be fed while the output is read. */
static int input_file(const char *input)
{
	if (!input)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	FILE *file = tmpfile();
	if (!file)
		return -1;
	fputs(input, file);
	rewind(file);
	int fd = dup(fileno(file));
	fclose(file);
	return fd;
}

static _Noreturn void run_child(const char *const *argv, const char *const *env, int in, int out, int err)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid(); /* no terminal to ask on */
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
		close(fd);
	execve(argv[0], (char *const *)argv, (char *const *)env);
	perror(argv[0]);
	_exit(127);
}

/* False once it is at its end. */
static bool take(struct pollfd *from, struct str *to)
{
	char bytes[4096];
	if (!(from->revents & (POLLIN | POLLHUP)))
		return true;
	ssize_t n = read(from->fd, bytes, sizeof bytes);
	if (n > 0)
		str_add(to, bytes, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void collect(int out, int err, int timeout_ms, pid_t pid, struct run_result *result)
{
	struct pollfd from[] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
	while (from[0].fd >= 0 || from[1].fd >= 0) {
		if (poll(from, 2, timeout_ms) <= 0) {
			kill(pid, SIGKILL);
			return;
		}
		if (from[0].fd >= 0 && !take(&from[0], &result->out))
			from[0].fd = -1;
		if (from[1].fd >= 0 && !take(&from[1], &result->err))
			from[1].fd = -1;
	}
}

void run_program(
        const char *const *argv, const char *const *env, const char *input, int timeout_ms, struct run_result *result)
{
	int out[2], err[2], status;
	*result = (struct run_result){.status = -1};
	str_init(&result->out, SIZE_MAX);
	str_init(&result->err, SIZE_MAX);
	int in = input_file(input);
	if (in < 0 || pipe(out) || pipe(err))
		return;
	pid_t pid = fork();
	if (pid == 0)
		run_child(argv, env, in, out[1], err[1]);
	close(in);
	close(out[1]);
	close(err[1]);
	collect(out[0], err[0], timeout_ms, pid, result);
	if (waitpid(pid, &status, 0) == pid)
		result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	close(out[0]);
	close(err[0]);
}

void run_result_release(struct run_result *result)
{
	str_release(&result->out);
	str_release(&result->err);
}
