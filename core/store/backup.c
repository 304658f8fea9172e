/* A copy of the store in one file, taken while it is in use. */
#include "core/base/str.h"
#include "core/store/health.h"
#include "core/store/internal.h"
#include "core/store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_STATE, "%s exists already: a backup goes into a new file", path);
	if (fd < 0)
		return err_set(
		        err, errno == EACCES ? ERR_PERMISSION : ERR_IO, "cannot make %s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

int store_backup(struct store *store, const char *path, struct err *err)
{
	int result = make_file(path, err);
	if (result)
		return result;
	result = db_copy_to(store->db, path, err);
	if (!result)
		result = place_sync_dir(path, err);
	if (result)
		unlink(path);
	return result;
}
