#include "core/config/credentials.h"

#include "core/base/child.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/config/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (64u << 10)
#define FILE_NAME "credentials.conf"
#define SYNTAX 16 /* bytes of brackets, blanks and line ends around a section and its entry, at most */

/* --- commands */

static int start(const char *command, int out_fd, pid_t *pid)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *text = mem_strdup(command);
	char *argv[] = {shell, option, text, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	child_attributes(&attributes);
	char **environment = child_environment();
	child_keep_descriptors();
	int rc = posix_spawn(pid, shell, &actions, &attributes, argv, environment);
	free(environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(text);
	return rc;
}

/* Until the end, an error, or the cap: false then. */
static bool drain(int fd, struct str *out)
{
	char chunk[4096];
	ssize_t n;
	bool fits = true;
	while (fits && (n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n > 0)
			fits = str_add(out, chunk, (size_t)n) == 0;
		else
			fits = errno == EINTR;
	}
	secret_wipe(chunk, sizeof chunk);
	return fits;
}

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

static bool has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	}
	return false;
}

static int first_line(const char *command, struct str *output, struct str *line, struct err *err)
{
	size_t len = strcspn(output->p, "\n");
	if (len && output->p[len - 1] == '\r')
		len--;
	if (!len)
		return err_set(
		        err, ERR_CONFIG, "\"%.100s\" printed nothing, expected the secret in its first line", command);
	if (has_control(output->p, len))
		return err_set(
		        err, ERR_CONFIG, "\"%.100s\" printed control characters, expected the secret alone", command);
	str_clear(line);
	if (str_add(line, output->p, len) < 0)
		return err_set(err, ERR_LIMIT, "what \"%.100s\" printed is too long", command);
	secret_know(line->p);
	return 0;
}

int credentials_run(const char *command, struct str *line, struct err *err)
{
	int pipe_fds[2], rc;
	pid_t pid;
	struct str output;
	str_init(&output, OUTPUT_MAX);
	str_reserve(&output, OUTPUT_MAX); /* growing would leave copies behind */
	if (pipe(pipe_fds) < 0) {
		str_release(&output);
		return err_set(err, ERR_OS, "cannot run \"%.100s\": %s", command, strerror(errno));
	}
	fcntl(pipe_fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC);
	int failed = start(command, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	if (failed) {
		rc = err_set(err, ERR_OS, "cannot run \"%.100s\": %s", command, strerror(failed));
		goto out;
	}
	bool whole = drain(pipe_fds[0], &output);
	if (!whole)
		kill(pid, SIGTERM);
	int status = wait_for(pid);
	if (!whole)
		rc = err_set(err, ERR_LIMIT,
		        "\"%.100s\" printed more than %u bytes, expected a secret in its first line", command,
		        OUTPUT_MAX);
	else if (status == -1)
		rc = err_set(err, ERR_OS, "cannot tell how \"%.100s\" ended: %s", command, strerror(errno));
	else if (WIFSIGNALED(status))
		rc = err_set(err, ERR_CONFIG, "\"%.100s\" was ended by signal %d", command, WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		rc = err_set(err, ERR_CONFIG, "\"%.100s\" failed with status %d", command, WEXITSTATUS(status));
	else
		rc = first_line(command, &output, line, err);
out:
	close(pipe_fds[0]);
	secret_release(&output);
	return rc;
}

/* --- the file */

static const struct {
	const char *kind, *key;
} known_keys[] = {
        {"account", "token"},
        {"account", "refresh_token"},
        {"account", "client_id"},
        {"account", "client_secret"},
        {"team", "secret"},
};

static bool is_known(const char *kind, const char *key)
{
	for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys; i++) {
		if (str_eq(known_keys[i].kind, kind) && (!key || str_eq(known_keys[i].key, key)))
			return true;
	}
	return false;
}

static const char *known_of(const char *kind)
{
	return str_eq(kind, "team") ? "secret" : "token, refresh_token, client_id or client_secret";
}

static void check_section(const struct ini *ini, size_t index, const char *file, struct problems *problems)
{
	const struct ini_section *in = &ini->sections.at[index];
	if (!is_known(in->kind, NULL) || !config_is_name(in->name)) {
		problems_error(problems, file, in->line, "found [%s%s%s], expected [account NAME] or [team NAME]",
		        in->kind, *in->name ? " " : "", in->name);
		return;
	}
	for (size_t i = 0; i < index; i++) {
		if (str_eq(ini->sections.at[i].kind, in->kind) && str_eq(ini->sections.at[i].name, in->name))
			problems_error(problems, file, in->line,
			        "found [%s %s] again (first in line %d), expected it once", in->kind, in->name,
			        ini->sections.at[i].line);
	}
	for (size_t i = 0; i < in->entries.len; i++) {
		const struct ini_entry *entry = &in->entries.at[i];
		if (!is_known(in->kind, entry->key))
			problems_error(problems, file, entry->line, "found an unknown key in [%s], expected %s",
			        in->kind, known_of(in->kind));
		for (size_t j = 0; j < i; j++) {
			if (str_eq(in->entries.at[j].key, entry->key))
				problems_error(problems, file, entry->line,
				        "found %.60s again (first in line %d), expected it once", entry->key,
				        in->entries.at[j].line);
		}
	}
}

/* The whole file, read and checked; a file that is not there is an empty one. */
struct secrets {
	char *path;
	struct str bytes;
	struct arena arena;
	struct ini ini;
};

static void secrets_release(struct secrets *secrets)
{
	ini_release(&secrets->ini);
	arena_wipe(&secrets->arena);
	secret_release(&secrets->bytes);
	free(secrets->path);
}

static int secrets_read(const struct config *config, struct secrets *secrets, struct err *err)
{
	*secrets = (struct secrets){.path = path_join(config->dir, FILE_NAME), .arena = ARENA_INIT};
	str_init(&secrets->bytes, INI_FILE_MAX);
	struct problems problems = {0};
	struct err why = ERR_INIT;
	int rc = file_check_private(secrets->path, &why);
	if (rc == -ERR_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = file_read(secrets->path, &secrets->bytes, &why);
	if (rc < 0)
		return err_set(err, why.code, "%s", why.text);
	ini_parse(secrets->bytes.p, secrets->bytes.len, secrets->path, &secrets->arena, &secrets->ini, &problems);
	/* The reader quotes what it stumbles over, and that may be the secret itself: only the place is told. */
	if (problems.len) {
		rc = err_set(err, ERR_CONFIG,
		        "%s:%d: found a line that cannot be read, expected [account NAME] and token = ...",
		        secrets->path, problems.at[0].line);
		problems_release(&problems);
		return rc;
	}
	for (size_t i = 0; i < secrets->ini.sections.len; i++)
		check_section(&secrets->ini, i, secrets->path, &problems);
	rc = problems_result(&problems, err);
	problems_release(&problems);
	return rc;
}

static const struct ini_section *secrets_section(const struct secrets *secrets, const char *kind, const char *name)
{
	for (size_t i = 0; i < secrets->ini.sections.len; i++) {
		const struct ini_section *section = &secrets->ini.sections.at[i];
		if (str_eq(section->kind, kind) && str_eq(section->name, name))
			return section;
	}
	return NULL;
}

static const struct ini_entry *section_entry(const struct ini_section *section, const char *key)
{
	for (size_t i = 0; section && i < section->entries.len; i++) {
		if (str_eq(section->entries.at[i].key, key))
			return &section->entries.at[i];
	}
	return NULL;
}

int credentials_get(const struct config *config, const char *kind, const char *name, const char *key, struct str *value,
        struct err *err)
{
	struct secrets secrets;
	str_clear(value);
	int rc = secrets_read(config, &secrets, err);
	if (rc < 0)
		goto out;
	const struct ini_entry *entry = section_entry(secrets_section(&secrets, kind, name), key);
	if (entry && str_adds(value, entry->value) < 0)
		rc = err_set(err, ERR_LIMIT, "%s:%d: %s is too long", secrets.path, entry->line, key);
	if (!str_eq(key, "client_id"))
		secret_know(value->p);
out:
	secrets_release(&secrets);
	return rc;
}

int credentials_token(
        const struct config *config, const struct config_account *account, struct str *token, struct err *err)
{
	str_clear(token);
	int rc = *account->token_command ? credentials_run(account->token_command, token, err)
	                                 : credentials_get(config, "account", account->name, "token", token, err);
	if (rc < 0) {
		err_prefix(err, "account %s", account->name);
		return rc;
	}
	if (!token->len)
		return err_set(err, ERR_NOT_FOUND, "account %s has no token: run curlew login %s", account->name,
		        account->name);
	return 0;
}

int credentials_team_secret(
        const struct config *config, const struct config_team *team, struct str *secret, struct err *err)
{
	str_clear(secret);
	int rc = *team->secret_command ? credentials_run(team->secret_command, secret, err)
	                               : credentials_get(config, "team", team->name, "secret", secret, err);
	if (rc < 0)
		err_prefix(err, "team %s", team->name);
	return rc;
}

/* --- saving */

/* Where line `number` (from 1) begins; the end of the text when there are fewer. */
static size_t line_start(const struct str *text, int number)
{
	size_t at = 0;
	while (--number > 0 && at < text->len) {
		const char *newline = memchr(text->p + at, '\n', text->len - at);
		at = newline ? (size_t)(newline - text->p) + 1 : text->len;
	}
	return at;
}

/* The file's text with the one value in its place. */
static void edit(struct secrets *secrets, const char *kind, const char *name, const char *key, const char *value)
{
	struct str *text = &secrets->bytes;
	struct str line = STR_INIT;
	size_t added = strlen(kind) + strlen(name) + strlen(key) + strlen(value) + SYNTAX;
	str_reserve(&line, added);
	str_reserve(text, added);
	const struct ini_section *section = secrets_section(secrets, kind, name);
	const struct ini_entry *entry = section_entry(section, key);
	if (text->len && text->p[text->len - 1] != '\n')
		str_addc(text, '\n');
	size_t at = text->len;
	if (entry) {
		at = line_start(text, entry->line);
		str_remove(text, at, line_start(text, entry->last_line + 1) - at);
	} else if (section) {
		at = line_start(text, section->line + 1);
	} else {
		str_addf(&line, "%s[%s %s]\n", text->len ? "\n" : "", kind, name);
	}
	str_addf(&line, "%s = %s\n", key, value);
	str_insert(text, at, line.p, line.len);
	secret_release(&line);
}

int credentials_save(const struct config *config, const char *kind, const char *name, const char *key,
        const char *value, struct err *err)
{
	struct secrets secrets;
	size_t len = strlen(value);
	if (!is_known(kind, key) || !config_is_name(name))
		return err_set(err, ERR_USAGE, "%s of %s %s cannot be kept in " FILE_NAME, key, kind, name);
	if (!len || len > OUTPUT_MAX || has_control(value, len) || value[0] == ' ' || value[len - 1] == ' ' ||
	        value[len - 1] == '\\')
		return err_set(err, ERR_DATA,
		        "the %s of %s %s cannot be kept: expected one line without blanks around it or a \\ at its end",
		        key, kind, name);
	int rc = secrets_read(config, &secrets, err);
	if (rc == 0)
		rc = path_make_dirs(config->dir, 0700, err);
	if (rc == 0) {
		secret_know(value);
		edit(&secrets, kind, name, key, value);
		rc = file_write_atomic(secrets.path, secrets.bytes.p, secrets.bytes.len, 0600, err);
	}
	secrets_release(&secrets);
	return rc;
}
