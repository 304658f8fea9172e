#include "core/config/credentials.h"

#include "core/base/child.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/config/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

/* All that it prints, and the first line of that apart. */
static int run(const char *command, struct str *output, struct str *line, struct err *err)
{
	int pipe_fds[2], rc;
	pid_t pid;
	str_init(output, OUTPUT_MAX);
	str_reserve(output, OUTPUT_MAX); /* growing would leave copies behind */
	if (pipe(pipe_fds) < 0)
		return err_set(err, ERR_OS, "cannot run \"%.100s\": %s", command, strerror(errno));
	fcntl(pipe_fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC);
	int failed = start(command, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	if (failed) {
		rc = err_set(err, ERR_OS, "cannot run \"%.100s\": %s", command, strerror(failed));
		goto out;
	}
	bool whole = drain(pipe_fds[0], output);
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
		rc = first_line(command, output, line, err);
out:
	close(pipe_fds[0]);
	return rc;
}

int credentials_run(const char *command, struct str *line, struct err *err)
{
	struct str output;
	int rc = run(command, &output, line, err);
	secret_release(&output);
	return rc;
}

/* --- the file */

#define ORIGIN "origin" /* of kept credentials: a mark of what they were made from */

static bool is_known(const char *kind, const char *key)
{
	enum credential credential;
	if (str_eq(kind, "team"))
		return !key || str_eq(key, "secret");
	return str_eq(kind, "account") && (!key || str_eq(key, ORIGIN) || credential_parse(key, &credential));
}

static const char *known_of(const char *kind)
{
#define LISTED(n, key, word, hidden) ", " key
	static const char list[] = CREDENTIAL_TABLE(LISTED);
#undef LISTED
	return str_eq(kind, "team") ? "secret" : list + 2;
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

static int secrets_parse(struct secrets *secrets, struct err *err)
{
	struct problems problems = {0};
	ini_parse(secrets->bytes.p, secrets->bytes.len, secrets->path, &secrets->arena, &secrets->ini, &problems);
	/* The reader quotes what it stumbles over, and that may be the secret itself: only the place is told. */
	if (problems.len) {
		int rc = err_set(err, ERR_CONFIG,
		        "%s:%d: found a line that cannot be read, expected [account NAME] and token = ...",
		        secrets->path, problems.at[0].line);
		problems_release(&problems);
		return rc;
	}
	for (size_t i = 0; i < secrets->ini.sections.len; i++)
		check_section(&secrets->ini, i, secrets->path, &problems);
	int rc = problems_result(&problems, err);
	problems_release(&problems);
	return rc;
}

/* path is taken over. */
static int secrets_read(char *path, struct secrets *secrets, struct err *err)
{
	*secrets = (struct secrets){.path = path, .arena = ARENA_INIT};
	str_init(&secrets->bytes, INI_FILE_MAX);
	struct err why = ERR_INIT;
	int rc = file_check_private(secrets->path, &why);
	if (rc == -ERR_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = file_read(secrets->path, &secrets->bytes, &why);
	return rc < 0 ? err_set(err, why.code, "%s", why.text) : secrets_parse(secrets, err);
}

static char *written_path(const struct config *config)
{
	return path_join(config->secrets_dir, FILE_NAME);
}

/* What was refreshed beside a token_command: one file for each store, whose courier is the only one to refresh. */
static char *kept_path(const struct config *config)
{
	const char *store = config->desk.store.path;
	char name[64];
	snprintf(name, sizeof name, "credentials-%016" PRIx64 ".conf", hash_bytes(store, strlen(store)));
	char *dir = path_state_dir(), *path = path_join(dir, name);
	free(dir);
	return path;
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
	int rc = secrets_read(written_path(config), &secrets, err);
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

static void learn(struct credentials *out, enum credential credential, const char *value)
{
	if (credential_is_hidden(credential))
		secret_know(value);
	credentials_set(out, credential, value);
}

static void take_section(const struct ini_section *section, struct credentials *out)
{
	enum credential credential;
	for (size_t i = 0; section && i < section->entries.len; i++)
		if (credential_parse(section->entries.at[i].key, &credential))
			learn(out, credential, section->entries.at[i].value);
}

/* Lines behind the first, as `pass` and its like keep them: "key = value", "key: value". Others are the user's own. */
static void take_lines(struct str *output, struct credentials *out)
{
	char *line = strchr(output->p, '\n');
	while (line) {
		char *end = strchr(++line, '\n');
		if (end)
			*end = '\0';
		size_t key = strcspn(line, " \t:="), gap = key + strspn(line + key, " \t:=");
		size_t len = strlen(line);
		while (len > gap && strchr(" \t\r", line[len - 1]))
			line[--len] = '\0';
		char word[32];
		enum credential credential;
		if (key < sizeof word && len > gap) {
			snprintf(word, sizeof word, "%.*s", (int)key, line);
			if (credential_parse(word, &credential) && !has_control(line + gap, len - gap))
				learn(out, credential, line + gap);
		}
		line = end;
	}
}

/* What was refreshed from what the command prints now takes the place of that. */
static int take_kept(const struct config *config, const char *name, struct credentials *out, struct err *err)
{
	struct secrets secrets;
	int rc = secrets_read(kept_path(config), &secrets, err);
	const struct ini_section *section = rc ? NULL : secrets_section(&secrets, "account", name);
	const struct ini_entry *of = section_entry(section, ORIGIN);
	if (of && str_eq(of->value, out->origin))
		take_section(section, out);
	secrets_release(&secrets);
	return rc;
}

static int load_from_command(const struct config *config, const struct config_account *account, enum credential first,
        struct credentials *out, struct err *err)
{
	struct str output, line = STR_INIT;
	int rc = run(account->token_command, &output, &line, err);
	if (rc == 0) {
		learn(out, first == CREDENTIAL_COUNT ? CREDENTIAL_TOKEN : first, line.p);
		snprintf(out->origin, sizeof out->origin, "%016" PRIx64, hash_bytes(line.p, line.len));
		take_lines(&output, out);
		rc = take_kept(config, account->name, out, err);
	}
	secret_release(&output);
	secret_release(&line);
	return rc;
}

static int load_from_file(const struct config *config, const char *name, struct credentials *out, struct err *err)
{
	struct secrets secrets;
	int rc = secrets_read(written_path(config), &secrets, err);
	if (rc == 0)
		take_section(secrets_section(&secrets, "account", name), out);
	secrets_release(&secrets);
	return rc;
}

int credentials_load(const struct config *config, const struct config_account *account, enum credential first,
        struct credentials *out, struct err *err)
{
	*out = (struct credentials){.origin = ""};
	int rc = *account->token_command ? load_from_command(config, account, first, out, err)
	                                 : load_from_file(config, account->name, out, err);
	if (rc < 0) {
		credentials_release(out);
		return rc;
	}
	if (first != CREDENTIAL_COUNT && !out->value[first])
		return err_set(err, ERR_NOT_FOUND, "no %s: run curlew login %s", credential_word(first), account->name);
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

/* The file's text with the one value in its place; "": without it. */
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
	if (*value)
		str_addf(&line, "%s = %s\n", key, value);
	if (*value || entry)
		str_insert(text, at, line.p, line.len);
	secret_release(&line);
}

struct pair {
	const char *key, *value;
};

static int check_pair(const char *kind, const char *name, const struct pair *pair, struct err *err)
{
	const char *value = pair->value;
	size_t len = strlen(value);
	if (!is_known(kind, pair->key) || !config_is_name(name))
		return err_set(err, ERR_USAGE, "%s of %s %s cannot be kept in " FILE_NAME, pair->key, kind, name);
	if (len > OUTPUT_MAX || has_control(value, len) || value[0] == ' ' ||
	        (len && (value[len - 1] == ' ' || value[len - 1] == '\\')))
		return err_set(err, ERR_DATA,
		        "the %s of %s %s cannot be kept: expected one line without blanks around it or a \\ at its end",
		        pair->key, kind, name);
	return 0;
}

/* All of them in one write. path is taken over. */
static int save(char *path, const char *kind, const char *name, const struct pair *pairs, int count, struct err *err)
{
	struct secrets secrets;
	char *dir = path_dirname(path);
	int rc = secrets_read(path, &secrets, err);
	for (int i = 0; i < count && rc == 0; i++)
		rc = check_pair(kind, name, &pairs[i], err);
	if (rc == 0)
		rc = path_make_dirs(dir, 0700, err);
	for (int i = 0; i < count && rc == 0; i++) {
		enum credential credential;
		if (!credential_parse(pairs[i].key, &credential) || credential_is_hidden(credential))
			secret_know(pairs[i].value);
		edit(&secrets, kind, name, pairs[i].key, pairs[i].value);
		ini_release(&secrets.ini);
		secrets.ini = (struct ini){0};
		rc = secrets_parse(&secrets, err);
	}
	if (rc == 0)
		rc = file_write_atomic(secrets.path, secrets.bytes.p, secrets.bytes.len, 0600, err);
	secrets_release(&secrets);
	free(dir);
	return rc;
}

int credentials_save(const struct config *config, const char *kind, const char *name, const char *key,
        const char *value, struct err *err)
{
	if (!*value)
		return err_set(err, ERR_DATA, "the %s of %s %s cannot be kept: there is none", key, kind, name);
	return save(written_path(config), kind, name, &(struct pair){key, value}, 1, err);
}

int credentials_keep(const struct config *config, const struct config_account *account, const char *origin,
        const struct credential_value *values, int count, struct err *err)
{
	struct pair pairs[CREDENTIAL_COUNT + 1];
	int n = 0;
	bool beside = *account->token_command;
	if (beside)
		pairs[n++] = (struct pair){ORIGIN, origin};
	for (int i = 0; i < count && n <= CREDENTIAL_COUNT; i++)
		pairs[n++] = (struct pair){credential_key(values[i].credential), str_or(values[i].value, "")};
	return save(beside ? kept_path(config) : written_path(config), "account", account->name, pairs, n, err);
}
