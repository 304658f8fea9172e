/* The courier's program, started from a command line. */
#include "tui/cli.h"

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/store/lock.h"
#include "tui/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_FD = 3, ARGS_MAX = 8, ANSWER_MAX = 4096 };

/* argv for curlewd: the configuration that we read, then words. */
static void fill_args(const struct cli *cli, char *program, const char *const *words, char *args[ARGS_MAX])
{
	int n = 0;
	args[n++] = program;
	if (*str_or(cli->config.file, "")) { /* NULL: none was read */
		args[n++] = (char *)"-c";
		args[n++] = (char *)cli->config.file;
	}
	while (*words && n < ARGS_MAX - 1)
		args[n++] = (char *)*words++;
	args[n] = NULL;
}

static int spawn(char **args, posix_spawn_file_actions_t *files, pid_t *pid, struct err *err)
{
	posix_spawnattr_t attributes;
	child_attributes(&attributes);
	char **environment = child_environment();
	child_keep_descriptors();
	int failed = posix_spawnp(pid, args[0], files, &attributes, args, environment);
	free(environment);
	posix_spawnattr_destroy(&attributes);
	if (failed)
		return err_set(err, ERR_UNAVAILABLE, "cannot start %s: %s", args[0], strerror(failed));
	return 0;
}

static int wait_for_end(pid_t pid, struct err *err)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_OS, "cannot wait for curlewd: %s", strerror(errno));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return err_set(err, ERR_INTERNAL, "curlewd was ended by signal %d", WTERMSIG(status));
}

int courier_run(const struct cli *cli, const char *const *words, struct err *err)
{
	char *args[ARGS_MAX], *program = program_beside("curlewd");
	pid_t pid;
	fill_args(cli, program, words, args);
	int result = cli_flush(err);
	if (!result)
		result = spawn(args, NULL, &pid, err);
	free(program);
	return result ? result : wait_for_end(pid, err);
}

int courier_become(const struct cli *cli, const char *const *words, struct err *err)
{
	char *args[ARGS_MAX], *program = program_beside("curlewd");
	fill_args(cli, program, words, args);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	child_keep_descriptors();
	child_become(args[0], args);
	err_set(err, ERR_UNAVAILABLE, "cannot start %s: %s", args[0], strerror(errno));
	free(program);
	return -ERR_UNAVAILABLE;
}

/* --- starting one that stays */

static void read_answer(int fd, struct str *said)
{
	char bytes[512];
	ssize_t n;
	while (!memchr(said->p, '\n', said->len)) {
		n = read(fd, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || str_add(said, bytes, (size_t)n))
			return;
	}
}

static int start(const struct cli *cli, struct str *said, struct err *err)
{
	static const char *const words[] = {"--ready-fd", "3", NULL};
	char *args[ARGS_MAX], *program = program_beside("curlewd");
	posix_spawn_file_actions_t files;
	pid_t pid;
	int ends[2], result;
	fill_args(cli, program, words, args);
	if (pipe(ends)) {
		free(program);
		return err_set(err, ERR_OS, "no pipe to curlewd: %s", strerror(errno));
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[1], READY_FD);
	if (ends[1] != READY_FD)
		posix_spawn_file_actions_addclose(&files, ends[1]);
	/* stdin and stderr stay: a token_command may have to ask. What it prints is not ours to print. */
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	result = spawn(args, &files, &pid, err);
	close(ends[1]);
	if (!result)
		read_answer(ends[0], said);
	close(ends[0]);
	posix_spawn_file_actions_destroy(&files);
	free(program);
	return result;
}

int courier_ensure(const struct cli *cli, struct err *err)
{
	struct courier_holder holder;
	if (courier_lock_holder(cli->config.desk.store.path, &holder))
		return 0;
	if (cli->config.desk.store.shared)
		return err_set(err, ERR_UNAVAILABLE, "no courier runs on the shared store %s: start curlewd",
		        cli->config.desk.store.path);
	struct str said;
	str_init(&said, ANSWER_MAX);
	int result = start(cli, &said, err);
	said.p[strcspn(said.p, "\n")] = '\0';
	bool ready = str_starts(said.p, "ready") || courier_lock_holder(cli->config.desk.store.path, &holder);
	if (!result && !ready)
		result = err_set(err, ERR_UNAVAILABLE, "no courier: %s",
		        str_starts(said.p, "error: ") ? said.p + strlen("error: ")
		                                      : "curlewd ended without a word; its log says more");
	str_release(&said);
	return result;
}

int cli_login(struct cli *cli, int argc, char **argv, struct err *err)
{
	int result = cli_options(NULL, 0, &argc, argv, err);
	if (!result && argc != 1)
		result = err_set(err, ERR_USAGE, "login takes one ACCOUNT");
	if (!result)
		result = cli_config(cli, err);
	if (result)
		return result;
	if (!config_account(&cli->config, argv[0]))
		return err_set(err, ERR_NOT_FOUND, "there is no [account %.64s] in %s", argv[0],
		        str_or(cli->config.file, "a configuration (none was found)"));
	const char *const words[] = {"--login", argv[0], NULL};
	return courier_become(cli, words, err);
}
