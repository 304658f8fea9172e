#include "core/store/place.h"
#include "core/base/os.h"
#include "core/base/paths.h"
#include "core/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite's log is shared memory of one host. */
static int check_local(const char *dir, struct err *err)
{
	const char *network;
	if (os_network_file_system(dir, &network))
		return err_set(err, ERR_IO, "cannot look at the file system of %s: %s", dir, strerror(errno));
	if (network)
		return err_set(err, ERR_CONFIG,
		        "%s is on a network file system (%s), which can damage the store: use a local disk", dir,
		        network);
	return 0;
}

static bool is_shared(mode_t mode)
{
	return (mode & 07777) == 02770;
}

static int check_dir_mode(const char *dir, const struct stat *st, struct err *err)
{
	if (!S_ISDIR(st->st_mode))
		return err_set(err, ERR_IO, "%s is not a directory", dir);
	if (is_shared(st->st_mode))
		return 0;
	if ((st->st_mode & 05777) != 0700) /* a set-group-id bit inherited from above does no harm */
		return err_set(err, ERR_PERMISSION,
		        "%s has mode %04o: a store is private (chmod 700 '%s') or shared by a group (chmod 2770 '%s')",
		        dir, (unsigned)(st->st_mode & 07777), dir, dir);
	if (st->st_uid != geteuid())
		return err_set(err, ERR_PERMISSION, "%s belongs to user %ld and is private to them (mode 0700)", dir,
		        (long)st->st_uid);
	return 0;
}

static int stat_dir(const char *store_path, struct stat *st, struct err *err)
{
	char *dir = path_dirname(store_path);
	int result = 0;
	if (stat(dir, st))
		result = err_set(
		        err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot look at %s: %s", dir, strerror(errno));
	free(dir);
	return result;
}

int place_check_dir(const char *store_path, bool make, struct err *err)
{
	char *dir = path_dirname(store_path);
	struct stat st;
	int result = 0;
	if (make && !path_exists(dir) && path_make_dirs(dir, 0700, err)) {
		if (err)
			err->code = ERR_IO;
		result = -ERR_IO;
	}
	if (!result)
		result = stat_dir(store_path, &st, err);
	if (!result)
		result = check_dir_mode(dir, &st, err);
	if (!result)
		result = check_local(dir, err);
	free(dir);
	return result;
}

static int check_file(const char *path, int fd, const struct stat *dir, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st))
		return err_set(err, ERR_IO, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_PERMISSION, "%s is not a regular file", path);
	unsigned want = is_shared(dir->st_mode) ? 0660 : 0600;
	unsigned mode = st.st_mode & 07777;
	if (mode != want)
		return err_set(err, ERR_PERMISSION,
		        "%s has mode %04o where its %s directory asks for %04o: chmod %o '%s'", path, mode,
		        want == 0660 ? "shared" : "private", want, want, path);
	if (want == 0660 ? st.st_gid != dir->st_gid : st.st_uid != dir->st_uid)
		return err_set(err, ERR_PERMISSION,
		        "%s does not belong to the %s of its directory: %s --reference '%s/.' '%s'", path,
		        want == 0660 ? "group" : "user", want == 0660 ? "chgrp" : "chown", path, path);
	return 0;
}

/* may_read: a file system that is read-only lets it be looked at, at least. */
static int open_existing(const char *path, bool may_read, struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == EROFS && may_read)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	enum err_code code = errno == ENOENT                     ? ERR_NOT_FOUND
	                     : errno == EACCES || errno == EROFS ? ERR_PERMISSION
	                                                         : ERR_IO;
	return err_set(err, code, "cannot open %s: %s", path, strerror(errno));
}

/* fchmod, because the umask may have taken the group's bits away. */
static int make_file(const char *path, const struct stat *dir, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return open_existing(path, false, err);
	if (fd < 0 || (is_shared(dir->st_mode) && fchmod(fd, 0660))) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return err_set(err, ERR_IO, "cannot make %s: %s", path, strerror(why));
	}
	return fd;
}

int place_open(const char *store_path, const char *suffix, bool make, struct err *err)
{
	struct stat dir;
	int fd = stat_dir(store_path, &dir, err);
	if (fd < 0)
		return fd;
	struct str path = STR_INIT;
	str_addf(&path, "%s%s", store_path, suffix);
	fd = path_exists(path.p) || !make ? open_existing(path.p, !*suffix, err) : make_file(path.p, &dir, err);
	int bad = fd >= 0 ? check_file(path.p, fd, &dir, err) : 0;
	if (bad) {
		close(fd);
		fd = bad;
	}
	str_release(&path);
	return fd;
}

static bool may_not_write(const char *path, const char **why)
{
	if (!access(path, W_OK) || (errno != EROFS && errno != EACCES && errno != EPERM))
		return false;
	*why = strerror(errno);
	return true;
}

bool place_is_read_only(const char *store_path, const char **why)
{
	char *dir = path_dirname(store_path);
	bool read_only = !access(store_path, R_OK) && (may_not_write(store_path, why) || may_not_write(dir, why));
	free(dir);
	return read_only;
}

/* -1: it is not there. */
static int64_t size_beside(const char *store_path, const char *suffix)
{
	struct str path = STR_INIT;
	struct stat st;
	str_addf(&path, "%s%s", store_path, suffix);
	int64_t size = stat(path.p, &st) ? -1 : (int64_t)st.st_size;
	str_release(&path);
	return size;
}

enum place_log place_log(const char *store_path)
{
	int64_t log = size_beside(store_path, "-wal");
	if (log >= 0 && size_beside(store_path, "-shm") >= 0)
		return LOG_READABLE;
	return log > 0 ? LOG_UNREADABLE : LOG_EMPTY;
}

int place_sync_dir(const char *path, struct err *err)
{
	char *dir = path_dirname(path);
	int result = 0;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		result = err_set(err, ERR_IO, "cannot write the directory %s: %s", dir, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(dir);
	return result;
}
