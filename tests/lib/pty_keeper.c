#include "tests/lib/pty_keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIPTORS = 256 };

/* A master of another screen that stayed open here would keep that screen's connection alive. */
static void close_others(int slave, int reports)
{
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++)
		if (fd != slave && fd != reports)
			close(fd);
}

static _Noreturn void run_program(const struct screen_options *options, int slave)
{
	setpgid(0, 0);
	tcsetpgrp(slave, getpid());
	signal(SIGTTOU, SIG_DFL);
	int input = options->no_input ? open("/dev/null", O_RDONLY) : slave;
	dup2(input, STDIN_FILENO);
	dup2(slave, STDOUT_FILENO);
	dup2(slave, STDERR_FILENO);
	if (slave > STDERR_FILENO)
		close(slave);
	if (options->dir && chdir(options->dir))
		_exit(126);
	execve(options->argv[0], (char *const *)options->argv, (char *const *)options->env);
	perror(options->argv[0]);
	_exit(127);
}

static void report(int fd, enum keeper_kind kind, pid_t pid, int status)
{
	struct keeper_report report = {.kind = kind, .pid = pid, .status = status};
	if (write(fd, &report, sizeof report) != (ssize_t)sizeof report)
		_exit(1);
}

static void allow_hangup(bool allow)
{
	sigset_t hangup;
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	sigprocmask(allow ? SIG_UNBLOCK : SIG_BLOCK, &hangup, NULL);
}

/* Waits for a change and takes it; false when there is no program any more. A hangup ends us while we wait, and not
 * between taking and telling: a program that ended with its connection would never be heard of. What we do not take is
 * left to our parent. */
static bool next_change(pid_t pid, int *status)
{
	siginfo_t seen;
	if (waitid(P_PID, (id_t)pid, &seen, WEXITED | WSTOPPED | WCONTINUED | WNOWAIT))
		return false;
	allow_hangup(false);
	return waitpid(pid, status, WUNTRACED | WCONTINUED) == pid;
}

_Noreturn void keeper_run(const struct screen_options *options, int slave, int reports)
{
	int status;
	prctl(PR_SET_PDEATHSIG, SIGHUP); /* a test that aborts hangs up */
	signal(SIGHUP, SIG_DFL);
	signal(SIGTTOU, SIG_IGN);
	close_others(slave, reports);
	fcntl(reports, F_SETFD, FD_CLOEXEC);
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	pid_t pid = fork();
	if (pid == 0)
		run_program(options, slave);
	setpgid(pid, pid);
	tcsetpgrp(slave, pid);
	report(reports, KEEPER_STARTED, pid, 0);
	close(slave);
	while (next_change(pid, &status)) {
		report(reports, KEEPER_CHANGED, pid, status);
		allow_hangup(true);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
	}
	for (;;)
		pause();
}
