#include "core/net/coprocess.h"

#include "core/base/child.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/str.h"
#include "core/net/line_reader.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define CHUNK ((size_t)64 * 1024)
#define COMPLAINT_MAX 1024

struct coprocess {
	uv_process_t process;
	uv_pipe_t in, out, complaints; /* as it sees them */
	uv_timer_t grace;              /* the loop's own: it outlives the timers of whoever stops us while ending */
	struct coprocess_handlers handlers;
	void *arg;
	struct line_reader lines, complaint;
	int64_t given;
	int open_handles;
	bool paused, feeding, stopped, exited, out_over, complaints_over, killed;
	struct coprocess_end end;
	char chunk[CHUNK];
};

struct parcel {
	uv_write_t request;
	size_t len;
	char bytes[];
};

/* --- its end */

static void closed(uv_handle_t *handle)
{
	struct coprocess *c = handle->data;
	if (--c->open_handles)
		return;
	line_reader_release(&c->lines);
	line_reader_release(&c->complaint);
	free(c);
}

static void close_once(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, closed);
}

static void close_all(struct coprocess *c)
{
	close_once((uv_handle_t *)&c->in);
	close_once((uv_handle_t *)&c->out);
	close_once((uv_handle_t *)&c->complaints);
	close_once((uv_handle_t *)&c->grace);
	close_once((uv_handle_t *)&c->process);
}

static void finish(struct coprocess *c)
{
	if (!c->exited || (!c->stopped && (!c->out_over || !c->complaints_over)))
		return;
	bool told = c->stopped;
	c->stopped = true;
	close_all(c);
	if (!told)
		c->handlers.ended(c->arg, &c->end, line_reader_left(&c->lines));
}

static void on_grace(uv_timer_t *timer)
{
	struct coprocess *c = timer->data;
	if (!c->exited) {
		kill(-c->process.pid, SIGKILL);
		return;
	}
	c->out_over = c->complaints_over = true; /* somebody else holds them open */
	finish(c);
}

/* What it has started goes with it; the group's number is nobody else's as long as one of them is left. */
static void on_exit(uv_process_t *process, int64_t status, int signal)
{
	struct coprocess *c = process->data;
	kill(-process->pid, SIGKILL);
	c->exited = true;
	c->end = (struct coprocess_end){signal ? 0 : status, signal};
	if (!c->paused)
		uv_timer_start(&c->grace, on_grace, COPROCESS_LEAVE_MS, 0);
	finish(c);
}

/* --- reading */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)suggested;
	struct coprocess *c = handle->data;
	*buf = uv_buf_init(c->chunk, sizeof c->chunk);
}

/* Ends between two lines when one of them stops or pauses us. */
static void feed(struct coprocess *c)
{
	struct line line;
	if (c->feeding)
		return;
	c->feeding = true;
	while (!c->stopped && !c->paused && line_reader_next(&c->lines, &line))
		c->handlers.line(c->arg, line.text, line.len, line.whole);
	c->feeding = false;
}

static void on_output(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct coprocess *c = stream->data;
	if (len > 0) {
		line_reader_add(&c->lines, buf->base, (size_t)len);
		feed(c);
	} else if (len < 0) {
		uv_read_stop(stream);
		c->out_over = true;
		finish(c);
	}
}

static void on_complaint(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct coprocess *c = stream->data;
	struct line line;
	if (len > 0)
		line_reader_add(&c->complaint, buf->base, (size_t)len);
	if (len < 0 && line_reader_left(&c->complaint))
		line_reader_add(&c->complaint, "\n", 1); /* its last words */
	while (!c->stopped && line_reader_next(&c->complaint, &line))
		c->handlers.complaint(c->arg, line.text);
	if (len < 0 && !c->stopped) {
		uv_read_stop(stream);
		c->complaints_over = true;
		finish(c);
	}
}

void coprocess_pause(struct coprocess *c, bool pause)
{
	if (c->paused == pause || c->stopped)
		return;
	c->paused = pause;
	if (pause) {
		uv_read_stop((uv_stream_t *)&c->out);
		return;
	}
	feed(c);
	if (c->paused || c->stopped)
		return;
	if (!c->out_over)
		uv_read_start((uv_stream_t *)&c->out, on_alloc, on_output);
	if (c->exited)
		uv_timer_start(&c->grace, on_grace, COPROCESS_LEAVE_MS, 0);
}

/* --- writing */

static void on_written(uv_write_t *request, int status)
{
	(void)status; /* a program that does not read any more is about to end */
	struct parcel *parcel = request->data;
	secret_wipe(parcel->bytes, parcel->len); /* a token may be in it */
	free(parcel);
}

int64_t coprocess_write(struct coprocess *c, const char *bytes, size_t len)
{
	if (uv_stream_get_write_queue_size((uv_stream_t *)&c->in) + len > COPROCESS_WAITING_MAX)
		return -1;
	struct parcel *parcel = mem_alloc(sizeof *parcel + len);
	parcel->len = len;
	memcpy(parcel->bytes, bytes, len);
	parcel->request.data = parcel;
	uv_buf_t buf = uv_buf_init(parcel->bytes, (unsigned)len);
	c->given += (int64_t)len;
	if (uv_write(&parcel->request, (uv_stream_t *)&c->in, &buf, 1, on_written))
		on_written(&parcel->request, UV_EPIPE);
	return c->given;
}

int64_t coprocess_written(const struct coprocess *c)
{
	return c->given - (int64_t)uv_stream_get_write_queue_size((const uv_stream_t *)&c->in);
}

void coprocess_end_input(struct coprocess *c)
{
	close_once((uv_handle_t *)&c->in);
}

/* --- starting and stopping */

/* The list's PATH with more behind it; *path is the caller's to free after the child has started. */
static void add_to_path(char **environment, const char *more, char **path)
{
	for (char **variable = environment; more && *variable; variable++) {
		struct str longer = STR_INIT;
		if (!str_starts(*variable, "PATH="))
			continue;
		str_addf(&longer, "%s:%s", *variable, more);
		*path = *variable = str_detach(&longer);
		return;
	}
}

static int spawn(struct coprocess *c, const struct coprocess_setup *setup, const uv_file theirs[3])
{
	char shell[] = "/bin/sh", option[] = "-c", *command = mem_strdup(setup->command), *path = NULL;
	char *argv[] = {shell, option, command, NULL};
	uv_stdio_container_t stdio[3];
	for (int i = 0; i < 3; i++)
		stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = theirs[i]};
	uv_process_options_t options = {
	        .exit_cb = on_exit,
	        .file = shell,
	        .args = argv,
	        .flags = UV_PROCESS_DETACHED, /* a group of its own, so that all of it can be ended */
	        .stdio_count = 3,
	        .stdio = stdio,
	};
	options.env = child_environment();
	add_to_path(options.env, setup->more_path, &path);
	child_keep_descriptors();
	int rc = uv_spawn(setup->loop, &c->process, &options);
	free(options.env);
	free(path);
	free(command);
	return rc;
}

/* Pipes, not what libuv makes by itself: those are sockets, which no shell opens again as /dev/stderr. ours[0] is
 * written to, the others are read. */
static int open_pipes(uv_file ours[3], uv_file theirs[3])
{
	for (int i = 0; i < 3; i++) {
		uv_file ends[2];
		int rc = uv_pipe(ends, i ? UV_NONBLOCK_PIPE : 0, i ? 0 : UV_NONBLOCK_PIPE);
		if (rc) {
			while (i-- > 0) {
				close(ours[i]);
				close(theirs[i]);
			}
			return rc;
		}
		ours[i] = ends[i ? 0 : 1];
		theirs[i] = ends[i ? 1 : 0];
	}
	return 0;
}

struct coprocess *coprocess_start(const struct coprocess_setup *setup, struct err *err)
{
	uv_file ours[3], theirs[3];
	int rc = open_pipes(ours, theirs);
	if (rc) {
		err_set(err, ERR_OS, "no pipes to a program: %s", uv_strerror(rc));
		return NULL;
	}
	struct coprocess *c = mem_alloc(sizeof *c);
	uv_pipe_t *pipes[3] = {&c->in, &c->out, &c->complaints};
	c->handlers = setup->handlers;
	c->arg = setup->arg;
	line_reader_init(&c->lines, setup->max_line);
	line_reader_init(&c->complaint, COMPLAINT_MAX);
	for (int i = 0; i < 3; i++) {
		uv_pipe_init(setup->loop, pipes[i], 0);
		uv_pipe_open(pipes[i], ours[i]);
		pipes[i]->data = c;
	}
	uv_timer_init(setup->loop, &c->grace);
	c->grace.data = c->process.data = c;
	c->open_handles = 5;
	rc = spawn(c, setup, theirs);
	for (int i = 0; i < 3; i++)
		close(theirs[i]);
	if (rc) {
		err_set(err, ERR_OS, "%s", uv_strerror(rc));
		c->stopped = true;
		close_all(c);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&c->out, on_alloc, on_output);
	uv_read_start((uv_stream_t *)&c->complaints, on_alloc, on_complaint);
	return c;
}

void coprocess_stop(struct coprocess *c)
{
	if (!c || c->stopped)
		return;
	c->stopped = true;
	close_once((uv_handle_t *)&c->in);
	close_once((uv_handle_t *)&c->out);
	close_once((uv_handle_t *)&c->complaints);
	if (c->exited) {
		finish(c);
		return;
	}
	kill(-c->process.pid, SIGTERM);
	uv_timer_start(&c->grace, on_grace, COPROCESS_LEAVE_MS, 0);
}
