#include "core/store/bell.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void bell_path(const char *store_path, struct str *out)
{
	str_addf(out, "%s-bell", store_path);
}

void bell_ring(const char *store_path)
{
	struct str path = STR_INIT;
	bell_path(store_path, &path);
	int fd = open(path.p, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		while (pwrite(fd, "!", 1, 0) < 0 && errno == EINTR)
			;
		close(fd);
	}
	str_release(&path);
}

struct bell {
	uv_fs_event_t event;
	uv_check_t check; /* runs once after all events of one poll: that makes many rings one call */
	void (*heard)(void *arg);
	void *arg;
	int open_handles;
	char *path;
};

static void on_check(uv_check_t *check)
{
	struct bell *bell = check->data;
	uv_check_stop(check);
	bell->heard(bell->arg);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	(void)name;
	(void)events;
	(void)status; /* an overflow of the queue means rings too */
	struct bell *bell = event->data;
	uv_check_start(&bell->check, on_check);
}

static void on_closed(uv_handle_t *handle)
{
	struct bell *bell = handle->data;
	if (--bell->open_handles == 0) {
		free(bell->path);
		free(bell);
	}
}

void bell_pause(struct bell *bell)
{
	uv_fs_event_stop(&bell->event);
	uv_check_stop(&bell->check);
}

int bell_listen(struct bell *bell, struct err *err)
{
	int failed = uv_fs_event_start(&bell->event, on_event, bell->path, 0);
	if (failed)
		return err_set(err, ERR_OS, "cannot watch %s: %s", bell->path, uv_strerror(failed));
	return 0;
}

int bell_watch(uv_loop_t *loop, const char *store_path, void (*heard)(void *arg), void *arg, struct bell **out,
        struct err *err)
{
	const char *why;
	bool read_only = place_is_read_only(store_path, &why);
	int fd = read_only ? 0 : place_open(store_path, "-bell", true, err);
	if (fd < 0)
		return fd;
	if (!read_only)
		close(fd);
	struct bell *bell = mem_alloc(sizeof *bell);
	struct str path = STR_INIT;
	bell_path(store_path, &path);
	bell->path = str_detach(&path);
	bell->heard = heard;
	bell->arg = arg;
	bell->open_handles = 2;
	bell->event.data = bell->check.data = bell;
	uv_check_init(loop, &bell->check);
	uv_fs_event_init(loop, &bell->event);
	int result = bell_listen(bell, err);
	if (result && !read_only) /* where nobody can write, nobody rings */
		bell_unwatch(bell);
	else
		*out = bell;
	return result;
}

void bell_unwatch(struct bell *bell)
{
	if (!bell)
		return;
	uv_close((uv_handle_t *)&bell->event, on_closed);
	uv_close((uv_handle_t *)&bell->check, on_closed);
}
