#include "core/courier/hook.h"

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define ERROR_MAX 4096 /* bytes kept of what it complains about; more is read and dropped */
#define KILL_AFTER_MS 2000

struct hook {
	uv_process_t process;
	uv_pipe_t in, err;
	uv_write_t write;
	struct timers *timers;
	timer_id timeout;
	hook_fn *done; /* NULL once told, or dropped */
	void *arg;
	char *input;
	struct str complaint;
	char chunk[1024];
	int open_handles;
	bool spawned, exited, err_closed, timed_out;
	int start_error;
	int64_t status;
	int signal;
};

static void closed(uv_handle_t *handle)
{
	struct hook *hook = handle->data;
	if (--hook->open_handles)
		return;
	free(hook->input);
	str_release(&hook->complaint);
	free(hook);
}

static void close_once(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, closed);
}

static void close_all(struct hook *hook)
{
	timers_cancel(hook->timers, &hook->timeout);
	close_once((uv_handle_t *)&hook->in);
	close_once((uv_handle_t *)&hook->err);
	if (hook->spawned)
		close_once((uv_handle_t *)&hook->process);
}

static const char *first_line(struct hook *hook)
{
	char *end = strpbrk(hook->complaint.p, "\r\n");
	if (end)
		*end = '\0';
	return hook->complaint.p;
}

static void tell(struct hook *hook)
{
	struct str how = STR_INIT;
	struct hook_result result = {.never = hook->start_error != 0};
	result.ok = !result.never && !hook->timed_out && hook->status == 0 && hook->signal == 0;
	const char *line = first_line(hook);
	if (result.never)
		str_addf(&how, "could not be started: %s", uv_strerror(hook->start_error));
	else if (hook->timed_out)
		str_adds(&how, "took too long");
	else if (*line)
		str_adds(&how, line);
	else if (hook->signal)
		str_addf(&how, "ended by signal %d", hook->signal);
	else
		str_addf(&how, "ended with status %lld", (long long)hook->status);
	result.reason = result.ok ? "" : how.p;
	hook_fn *done = hook->done;
	hook->done = NULL;
	close_all(hook);
	if (done)
		done(hook->arg, &result);
	str_release(&how);
}

/* A child of the command may keep stderr open for ever: its exit is what counts, once it was read. */
static void finish(struct hook *hook)
{
	if (hook->exited && (hook->err_closed || hook->timed_out) && hook->done)
		tell(hook);
}

static void on_exit(uv_process_t *process, int64_t status, int signal)
{
	struct hook *hook = process->data;
	hook->exited = true;
	hook->status = status;
	hook->signal = signal;
	finish(hook);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)suggested;
	struct hook *hook = handle->data;
	*buf = uv_buf_init(hook->chunk, sizeof hook->chunk);
}

static void on_complaint(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct hook *hook = stream->data;
	if (len < 0) {
		hook->err_closed = true;
		finish(hook);
	} else if (len > 0) {
		str_add(&hook->complaint, buf->base, (size_t)len);
	}
}

static void on_written(uv_write_t *write, int status)
{
	(void)status; /* a command need not read what it is given */
	struct hook *hook = write->data;
	close_once((uv_handle_t *)&hook->in);
}

static void kill_group(struct hook *hook, int signal)
{
	if (hook->spawned && !hook->exited)
		kill(-hook->process.pid, signal);
}

static void on_timeout(void *arg)
{
	struct hook *hook = arg;
	hook->timeout = 0;
	if (hook->start_error) {
		tell(hook);
		return;
	}
	if (hook->exited) { /* only its stderr is still open */
		hook->err_closed = true;
		finish(hook);
		return;
	}
	kill_group(hook, hook->timed_out ? SIGKILL : SIGTERM);
	hook->timed_out = true;
	hook->timeout = timers_add(hook->timers, clock_mono_ms() + KILL_AFTER_MS, on_timeout, hook);
}

static int spawn(struct hook *hook, uv_loop_t *loop, const char *const *argv)
{
	uv_stdio_container_t stdio[3] = {
	        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&hook->in},
	        {.flags = UV_IGNORE},
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&hook->err},
	};
	uv_process_options_t options = {
	        .exit_cb = on_exit,
	        .file = argv[0],
	        .args = (char **)argv,
	        .flags = UV_PROCESS_DETACHED, /* a group of its own, so that all of it can be ended */
	        .stdio_count = 3,
	        .stdio = stdio,
	};
	options.env = child_environment();
	child_keep_descriptors();
	int rc = uv_spawn(loop, &hook->process, &options);
	free(options.env);
	hook->spawned = true; /* libuv wants the handle closed either way */
	hook->open_handles++;
	return rc;
}

struct hook *hook_run(uv_loop_t *loop, struct timers *timers, const char *const *argv, const char *input, size_t len,
        int64_t timeout_ms, hook_fn *done, void *arg)
{
	struct hook *hook = mem_alloc(sizeof *hook);
	hook->timers = timers;
	hook->done = done;
	hook->arg = arg;
	hook->input = mem_strndup(input, len);
	str_init(&hook->complaint, ERROR_MAX);
	uv_pipe_init(loop, &hook->in, 0);
	uv_pipe_init(loop, &hook->err, 0);
	hook->open_handles = 2;
	hook->in.data = hook->err.data = hook->process.data = hook->write.data = hook;
	hook->start_error = spawn(hook, loop, argv);
	if (hook->start_error) {
		hook->exited = true;
		timeout_ms = 0;
	} else {
		uv_buf_t buf = uv_buf_init(hook->input, (unsigned)len);
		uv_read_start((uv_stream_t *)&hook->err, on_alloc, on_complaint);
		uv_write(&hook->write, (uv_stream_t *)&hook->in, &buf, 1, on_written);
	}
	hook->timeout = timers_add(timers, clock_mono_ms() + timeout_ms, on_timeout, hook);
	return hook;
}

void hook_drop(struct hook *hook)
{
	if (!hook)
		return;
	hook->done = NULL;
	kill_group(hook, SIGTERM);
	close_all(hook);
}
