#include "core/base/paths.h"
#include "core/base/mem.h"
#include "core/base/os.h"
#include "core/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *home(void)
{
	const char *env = getenv("HOME");
	if (env && *env == '/')
		return env;
	const struct passwd *user = getpwuid(geteuid());
	return user && user->pw_dir ? user->pw_dir : "/";
}

static char *xdg_dir(const char *variable, const char *below_home)
{
	const char *base = getenv(variable);
	struct str dir = STR_INIT;
	if (base && *base == '/') /* the specification: a relative path is to be ignored */
		str_addf(&dir, "%s/curlew", base);
	else
		str_addf(&dir, "%s/%s/curlew", home(), below_home);
	return str_detach(&dir);
}

char *path_config_dir(void)
{
	return xdg_dir("XDG_CONFIG_HOME", ".config");
}

char *path_data_dir(void)
{
	return xdg_dir("XDG_DATA_HOME", ".local/share");
}

char *path_state_dir(void)
{
	return xdg_dir("XDG_STATE_HOME", ".local/state");
}

char *path_join(const char *dir, const char *name)
{
	if (*name == '/')
		return mem_strdup(name);
	struct str path = STR_INIT;
	if (str_starts(name, "~/"))
		str_addf(&path, "%s%s", home(), name + 1);
	else if (!*dir)
		str_adds(&path, name);
	else
		str_addf(&path, "%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
	return str_detach(&path);
}

char *path_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return mem_strdup(".");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

bool path_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

static int make_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;
	if (mkdir(path, mode) == 0)
		return 0;
	int why = errno;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		why = ENOTDIR;
	}
	return err_set(err, ERR_OS, "cannot make the directory %s: %s", path, strerror(why));
}

int path_make_dirs(const char *path, mode_t mode, struct err *err)
{
	char *part = mem_strdup(path);
	int result = 0;
	for (char *p = part; *p && !result; p++)
		if (*p == '/' && p > part && p[-1] != '/') {
			*p = '\0';
			result = make_dir(part, mode, err);
			*p = '/';
		}
	if (!result)
		result = make_dir(part, mode, err);
	free(part);
	return result;
}

/* No copy of the bytes stays but *out: they may be secrets. */
static int read_all(int fd, const char *path, struct str *out, struct err *err)
{
	char chunk[8192];
	struct stat st;
	ssize_t n;
	int result = 0;
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		str_reserve(out, (size_t)st.st_size); /* one that is too large is told below */
	while (!result && (n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n > 0 && str_add(out, chunk, (size_t)n))
			result = err_set(err, ERR_LIMIT, "%s is larger than the %zu bytes allowed", path, out->max);
		if (n < 0 && errno != EINTR)
			result = err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	}
	secret_wipe(chunk, sizeof chunk);
	return result;
}

int file_read(const char *path, struct str *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		enum err_code code = errno == ENOENT ? ERR_NOT_FOUND : errno == EACCES ? ERR_PERMISSION : ERR_IO;
		return err_set(err, code, "cannot open %s: %s", path, strerror(errno));
	}
	int result = read_all(fd, path, out, err);
	close(fd);
	return result;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The rename is only durable when the directory is. Some file systems cannot sync one: then there is no more to do. */
static void sync_dir_of(const char *path)
{
	char *dir = path_dirname(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

int file_write_atomic(const char *path, const char *bytes, size_t len, mode_t mode, struct err *err)
{
	struct str neighbour = STR_INIT;
	str_addf(&neighbour, "%s.XXXXXX", path);
	int result = 0;
	int fd = mkstemp(neighbour.p);
	if (fd < 0) {
		result = err_set(err, ERR_IO, "cannot write beside %s: %s", path, strerror(errno));
		goto out;
	}
	int failed = fchmod(fd, mode) || write_all(fd, bytes, len) || fsync(fd);
	int why = errno;
	if (close(fd) && !failed) {
		failed = 1;
		why = errno;
	}
	if (!failed && rename(neighbour.p, path)) {
		failed = 1;
		why = errno;
	}
	if (failed) {
		unlink(neighbour.p);
		result = err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(why));
		goto out;
	}
	sync_dir_of(path);
out:
	str_release(&neighbour);
	return result;
}

void random_id(char out[33])
{
	unsigned char bytes[16];
	os_random(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

uint64_t random_u64(void)
{
	uint64_t n;
	os_random(&n, sizeof n);
	return n;
}

int file_check_private(const char *path, struct err *err)
{
	struct stat st;
	if (stat(path, &st)) {
		enum err_code code = errno == ENOENT ? ERR_NOT_FOUND : ERR_PERMISSION;
		return err_set(err, code, "cannot look at %s: %s", path, strerror(errno));
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_PERMISSION, "%s is not a regular file", path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_PERMISSION, "%s belongs to user %ld, not to you: chown %ld '%s'", path,
		        (long)st.st_uid, (long)geteuid(), path);
	if (st.st_mode & 077)
		return err_set(err, ERR_PERMISSION, "%s has mode %04o, so that others may open it: chmod 600 '%s'",
		        path, (unsigned)(st.st_mode & 07777), path);
	return 0;
}
