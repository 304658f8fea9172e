#include "tui/manual.h"

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/text/mdoc.h"
#include "core/text/plain.h"
#include "tui/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PAGE_MAX = 1 << 20, NO_PROGRAM = 127 };

/* A program with one end of a pipe as its descriptor `fd`; *other is our end. */
static int start(char *const *argv, char **environment, int fd, pid_t *pid, int *other, struct err *err)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int ends[2], theirs = fd == STDIN_FILENO ? 0 : 1;
	if (pipe(ends))
		return err_set(err, ERR_OS, "no pipe to %s: %s", argv[0], strerror(errno));
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	child_attributes(&attributes);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[theirs], fd);
	int failed = posix_spawnp(pid, argv[0], &files, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	close(ends[theirs]);
	*other = ends[!theirs];
	if (failed)
		close(*other);
	return failed ? err_set(err, ERR_UNAVAILABLE, "cannot start %s: %s", argv[0], strerror(failed)) : 0;
}

static int status_of(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* --- the pages */

static int unpack(const char *path, struct str *out, struct err *err)
{
	char *argv[] = {(char *)"gzip", (char *)"-dc", (char *)path, NULL};
	char **environment = child_environment(), bytes[4096];
	pid_t pid;
	int from;
	ssize_t got;
	int result = start(argv, environment, STDOUT_FILENO, &pid, &from, err);
	free(environment);
	if (result)
		return result;
	while ((got = read(from, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && out->len < PAGE_MAX)
			str_add(out, bytes, (size_t)got);
	close(from);
	return status_of(pid) ? err_set(err, ERR_DATA, "%s cannot be unpacked", path) : 0;
}

int manual_source(const char *page, struct str *out, struct err *err)
{
	struct str installed = STR_INIT, built = STR_INIT, beside = STR_INIT;
	char *dir = path_program_dir();
	int result;
	str_addf(&installed, "%s/../share/man/man%c/%s.gz", str_or(dir, "."), page[strlen(page) - 1], page);
	str_addf(&built, "%s/man/%s", str_or(dir, "."), page);
	str_addf(&beside, "%s/../man/%s", str_or(dir, "."), page);
	if (path_exists(installed.p))
		result = unpack(installed.p, out, err);
	else if (path_exists(built.p) || path_exists(beside.p))
		result = file_read(path_exists(built.p) ? built.p : beside.p, out, err);
	else
		result = err_set(err, ERR_NOT_FOUND,
		        "the manual is not installed: there is no %s; make install puts it there", installed.p);
	free(dir);
	str_release(&installed);
	str_release(&built);
	str_release(&beside);
	return result;
}

/* --- showing them */

/* Bold as pagers know it from man: each character over itself. */
static void put_run(struct str *out, const char *text, size_t len, bool bold)
{
	struct str run = STR_INIT;
	plain_addf(&run, "%.*s", (int)len, text);
	for (size_t at = 0; at < run.len;) {
		size_t size = 1;
		while (((unsigned char)run.p[at + size] & 0xC0) == 0x80)
			size++;
		if (bold) {
			str_add(out, run.p + at, size);
			str_addc(out, '\b');
		}
		str_add(out, run.p + at, size);
		at += size;
	}
	str_release(&run);
}

static void put_text(struct str *out, const char *text, bool paged)
{
	static const char marks[] = {MDOC_BOLD, MDOC_PLAIN, '\n', '\0'};
	bool bold = false;
	while (*text) {
		size_t len = strcspn(text, marks);
		put_run(out, text, len, bold && paged);
		text += len;
		bold = *text == MDOC_BOLD || (bold && *text == '\n');
		if (*text == '\n')
			str_addc(out, '\n');
		text += *text != '\0';
	}
}

/* True when the person has seen it. */
static bool page(const char *text)
{
	const char *pager = getenv("PAGER");
	char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)str_or(pager, "less"), NULL};
	struct str shown = STR_INIT;
	struct err err = ERR_INIT;
	pid_t pid;
	int to;
	setenv("LESS", "FRX", 0); /* less alone reads it: what fits the screen is not held up */
	if (start(argv, environ, STDIN_FILENO, &pid, &to, &err))
		return false;
	put_text(&shown, text, true);
	for (size_t at = 0; at < shown.len;) {
		ssize_t n = write(to, shown.p + at, shown.len - at);
		if (n < 0 && errno != EINTR)
			break; /* it has seen enough */
		at += n > 0 ? (size_t)n : 0;
	}
	close(to);
	str_release(&shown);
	return status_of(pid) != NO_PROGRAM;
}

int manual_show(const char *text, struct err *err)
{
	struct str plain = STR_INIT;
	if (cli_columns() && page(text))
		return 0;
	put_text(&plain, text, false);
	int result = 0;
	for (char *line = plain.p; !result && *line;) {
		size_t len = strcspn(line, "\n");
		result = cli_print(err, "%.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
	str_release(&plain);
	return result;
}
