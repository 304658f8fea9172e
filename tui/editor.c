#include "tui/editor.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 * 1024 };

struct editor {
	uv_pipe_t end; /* at its end when the editor has ended */
	char *path;
	char *before;
	uint64_t request;
	void (*closed)(void *arg, const struct editor_result *result);
	void *arg;
};

static void editor_free(struct editor *editor)
{
	free(editor->path);
	free(editor->before);
	free(editor);
}

static void handle_closed(uv_handle_t *handle)
{
	editor_free(handle->data);
}

static void ended(struct editor *editor)
{
	struct editor_result result = {.request = editor->request, .text = ""};
	struct str text;
	str_init(&text, TEXT_MAX);
	if (editor->closed) {
		/* The file is kept when it cannot be read back: what was written in it is somebody's work. */
		if (!file_read(editor->path, &text, &result.err))
			unlink(editor->path);
		/* Editors end a file with a newline that nobody typed. */
		if (text.len && text.p[text.len - 1] == '\n' && !str_ends(editor->before, "\n"))
			str_remove(&text, text.len - 1, 1);
		result.text = text.p;
		result.changed = !str_eq(text.p, editor->before);
		editor->closed(editor->arg, &result);
	}
	str_release(&text);
	uv_close((uv_handle_t *)&editor->end, handle_closed);
}

static void room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
	static char bytes[64]; /* nobody writes there */
	(void)handle;
	(void)wanted;
	*buffer = uv_buf_init(bytes, sizeof bytes);
}

static void came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n < 0)
		ended(stream->data);
}

static int write_text(struct editor *editor, const char *text, struct err *err)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	dir = str_or(dir, str_or(getenv("TMPDIR"), "/tmp"));
	editor->path = path_join(dir, "curlew-reply-XXXXXX");
	int fd = mkstemp(editor->path);
	if (fd < 0)
		return err_set(err, ERR_IO, "no file for the editor in %s: %s", dir, strerror(errno));
	size_t len = strlen(text), at = 0;
	while (at < len) {
		ssize_t n = write(fd, text + at, len - at);
		if (n < 0 && errno != EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (at == len)
		return 0;
	unlink(editor->path);
	return err_set(err, ERR_IO, "%s cannot be written: %s", editor->path, strerror(errno));
}

struct editor *editor_open(uv_loop_t *loop, struct spawner *spawner, const char *text, uint64_t request,
        void (*closed)(void *arg, const struct editor_result *result), void *arg, struct err *err)
{
	struct editor *editor = mem_alloc(sizeof *editor);
	editor->before = mem_strdup(text);
	editor->request = request;
	editor->closed = closed;
	editor->arg = arg;
	if (write_text(editor, text, err)) {
		editor_free(editor);
		return NULL;
	}
	int fd = spawner_editor(spawner, editor->path, err);
	if (fd < 0) {
		unlink(editor->path);
		editor_free(editor);
		return NULL;
	}
	uv_pipe_init(loop, &editor->end, 0);
	editor->end.data = editor;
	uv_pipe_open(&editor->end, fd);
	uv_read_start((uv_stream_t *)&editor->end, room, came);
	return editor;
}

void editor_abandon(struct editor *editor)
{
	editor->closed = NULL;
	uv_close((uv_handle_t *)&editor->end, handle_closed);
}
