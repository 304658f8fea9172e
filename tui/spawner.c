#include "tui/spawner.h"

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/os.h"
#include "core/base/str.h"
#include "tui/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_FD = 3 };

enum what { START_EDITOR, START_COURIER };

struct request {
	enum what what;
	bool asks;
	char path[PATH_MAX];
};

struct spawner {
	int channel; /* requests go there, each as long as the other; back comes an errno, and the descriptor with it */
	pid_t pid;
};

/* Room for one descriptor beside a message. */
union passenger {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void close_at_exec(const int ends[2])
{
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
}

/* --- in the process that starts programs */

static void default_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The setting may carry options; the file name is no part of the shell's text. */
static void run_editor(const char *path)
{
	struct str line = STR_INIT;
	str_addf(&line, "exec %s \"$1\"", str_or(getenv("VISUAL"), str_or(getenv("EDITOR"), "vi")));
	char *args[] = {(char *)"sh", (char *)"-c", line.p, (char *)"sh", (char *)path, NULL};
	child_become("/bin/sh", args);
}

/* With nobody to ask, it has no terminal at all. */
static void run_courier(const char *config_file, bool asks)
{
	char fd[8];
	char *program = program_beside("curlewd");
	char *args[] = {program, (char *)"-c", (char *)config_file, (char *)"--ready-fd", fd, NULL};
	snprintf(fd, sizeof fd, "%d", READY_FD);
	int null = open("/dev/null", O_RDWR);
	dup2(null, STDOUT_FILENO);
	if (!asks) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDERR_FILENO);
	}
	child_become(program, args);
	dprintf(READY_FD, "error: %s cannot be started: %s\n", program, strerror(errno));
}

/* Whoever holds the other end of `end` learns by its end how it went. An editor does not get it: what it leaves running
 * would keep it open; a process of ours waits for it. */
static _Noreturn void run(const struct request *request, const char *config_file, int channel, int end)
{
	default_signals();
	close(channel);
	if (request->what == START_COURIER) {
		child_keep_descriptors();
		if (end == READY_FD)
			fcntl(end, F_SETFD, 0);
		else
			dup2(end, READY_FD);
		run_courier(config_file, request->asks);
		_exit(127);
	}
	pid_t editor = fork();
	if (editor == 0) {
		child_keep_descriptors();
		run_editor(request->path);
		_exit(127);
	}
	signal(SIGINT, SIG_IGN); /* a key of the editor's */
	signal(SIGQUIT, SIG_IGN);
	while (editor > 0 && waitpid(editor, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void answer(int channel, int error, int fd)
{
	union passenger passenger = {.bytes = {0}};
	struct iovec words = {.iov_base = &error, .iov_len = sizeof error};
	struct msghdr message = {.msg_iov = &words, .msg_iovlen = 1};
	if (fd >= 0) {
		message.msg_control = passenger.bytes;
		message.msg_controllen = sizeof passenger.bytes;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(header), &fd, sizeof fd);
	}
	sendmsg(channel, &message, 0);
}

static void serve(const struct request *request, const char *config_file, int channel)
{
	int ends[2];
	if (pipe(ends)) {
		answer(channel, errno, -1);
		return;
	}
	close_at_exec(ends);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run(request, config_file, channel, ends[1]);
	}
	int why = errno;
	close(ends[1]);
	answer(channel, pid < 0 ? why : 0, pid < 0 ? -1 : ends[0]);
	close(ends[0]);
}

/* Keys that end or stop the desk's programs are not for this one, which ends when the desk is gone. */
static _Noreturn void spawner_run(const char *config_file, int channel)
{
	struct request request;
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGCHLD, SIGPIPE};
	default_signals();
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	os_name_process("curlew-spawner");
	for (;;) {
		ssize_t got = recv(channel, &request, sizeof request, MSG_WAITALL);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)sizeof request)
			_exit(0);
		request.path[sizeof request.path - 1] = '\0';
		serve(&request, config_file, channel);
	}
}

/* --- in the desk */

struct spawner *spawner_start(const char *config_file, struct err *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) {
		err_set(err, ERR_OS, "no connection to a process that starts programs: %s", strerror(errno));
		return NULL;
	}
	close_at_exec(ends);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		spawner_run(config_file, ends[1]);
	}
	int why = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		err_set(err, ERR_OS, "no process that starts programs: %s", strerror(why));
		return NULL;
	}
	struct spawner *spawner = mem_alloc(sizeof *spawner);
	*spawner = (struct spawner){.channel = ends[0], .pid = pid};
	return spawner;
}

void spawner_stop(struct spawner *spawner)
{
	if (!spawner)
		return;
	close(spawner->channel);
	kill(spawner->pid, SIGKILL); /* it may have been stopped, and nobody shall wait for it */
	waitpid(spawner->pid, NULL, 0);
	free(spawner);
}

static int take_answer(const struct spawner *spawner, int *fd)
{
	int error = 0;
	union passenger passenger;
	struct iovec words = {.iov_base = &error, .iov_len = sizeof error};
	struct msghdr message = {.msg_iov = &words,
	        .msg_iovlen = 1,
	        .msg_control = passenger.bytes,
	        .msg_controllen = sizeof passenger.bytes};
	ssize_t got;
	do
		got = recvmsg(spawner->channel, &message, MSG_WAITALL);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof error)
		return got < 0 ? errno : EPIPE;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!error && (!header || header->cmsg_type != SCM_RIGHTS))
		return EPROTO;
	if (!error) {
		memcpy(fd, CMSG_DATA(header), sizeof *fd);
		fcntl(*fd, F_SETFD, FD_CLOEXEC);
	}
	return error;
}

static int ask(const struct spawner *spawner, const struct request *request, const char *what, struct err *err)
{
	int fd = -1;
	int error = send(spawner->channel, request, sizeof *request, 0) < 0 ? errno : take_answer(spawner, &fd);
	if (error)
		return err_set(err, ERR_UNAVAILABLE, "%s cannot be started: %s%s", what, strerror(error),
		        error == EPIPE || error == ECONNRESET
		                ? " (the desk's process that starts programs has ended; leave and come back)"
		                : "");
	return fd;
}

int spawner_editor(struct spawner *spawner, const char *path, struct err *err)
{
	struct request request = {.what = START_EDITOR};
	if (!str_copy(request.path, sizeof request.path, path))
		return err_set(err, ERR_LIMIT, "%s: the path is too long", path);
	return ask(spawner, &request, "the editor", err);
}

int spawner_courier(struct spawner *spawner, bool asks, struct err *err)
{
	const struct request request = {.what = START_COURIER, .asks = asks};
	return ask(spawner, &request, "the courier", err);
}
