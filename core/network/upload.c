#include "core/network/upload.h"

#include "core/base/mem.h"
#include "core/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_PER_MS 25 /* the slowest line that is waited for */
#define WAIT_LEAST_MS 1000
#define WAIT_UNASKED_MS 10000 /* the longest where the server does not say */
#define WAIT_MOST_MS 60000
#define PATIENCE_MS (10 * 60000)

static void next_file(void *arg);

void upload_drop(struct upload *upload)
{
	if (!upload)
		return;
	upload->room->drop(upload->ask);
	timers_cancel(upload->timers, &upload->timer);
	arena_release(&upload->arena);
	free(upload);
}

static void end(struct upload *upload, enum call_outcome outcome, int64_t retry_at, const char *reason)
{
	struct upload_result result = {.outcome = outcome,
	        .retry_at = retry_at,
	        .reason = *reason ? arena_printf(&upload->arena, "%s: %s", attachment_name(upload_file(upload)->path),
	                                    reason)
	                          : "",
	        .ids = upload->ids,
	        .count = upload->at};
	upload->done(upload->arg, &result);
	upload_drop(upload);
}

void upload_refuse(struct upload *upload, const char *reason)
{
	end(upload, CALL_REFUSED, 0, reason);
}

/* 402: the credits are used up, 429: too many at once. Both pass. */
static bool is_refusal(const struct upload_answer *answer)
{
	return answer->outcome == HTTP_DONE && answer->status >= 300 && answer->status < 500 && answer->status != 402 &&
	       answer->status != 429 && !http_status_leaves_doubt(answer->status);
}

bool upload_goes_on(struct upload *upload, const struct upload_answer *answer)
{
	upload->ask = NULL;
	if (answer->good)
		return true;
	if (answer->no_access)
		end(upload, CALL_NO_ACCESS, 0, answer->reason);
	else if (is_refusal(answer))
		end(upload, CALL_REFUSED, 0, answer->reason);
	else
		end(upload, CALL_NOT_SENT, answer->retry_at,
		        str_or(answer->reason, "the server's answer makes no sense"));
	return false;
}

bool upload_named(struct upload *upload, const char *id)
{
	upload->ids[upload->at] = arena_strdup(&upload->arena, id);
	upload->wait_ms = WAIT_LEAST_MS;
	upload->give_up = clock_mono_ms() + PATIENCE_MS;
	if (!*id)
		end(upload, CALL_NOT_SENT, 0, "the server's answer names no file");
	return *id;
}

/* --- while the server works on one */

static void look(void *arg)
{
	struct upload *upload = arg;
	upload->timer = 0;
	upload->room->look(upload);
}

void upload_wait(struct upload *upload, int64_t ms)
{
	int64_t now = clock_mono_ms();
	if (now >= upload->give_up) {
		end(upload, CALL_NOT_SENT, 0, "the server is still working on it");
		return;
	}
	if (!ms) {
		ms = upload->wait_ms;
		upload->wait_ms = ms * 2 < WAIT_UNASKED_MS ? ms * 2 : WAIT_UNASKED_MS;
	}
	ms = ms < WAIT_LEAST_MS ? WAIT_LEAST_MS : ms > WAIT_MOST_MS ? WAIT_MOST_MS : ms;
	upload->timer = timers_add(upload->timers, now + ms, look, upload);
}

/* --- its bytes */

static int read_some(int fd, int64_t at, size_t len, struct str *bytes, struct err *err)
{
	char buffer[65536];
	while (len) {
		ssize_t n = pread(fd, buffer, len < sizeof buffer ? len : sizeof buffer, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_IO, "%s", n ? strerror(errno) : "it has become shorter");
		if (str_add(bytes, buffer, (size_t)n))
			return err_set(err, ERR_LIMIT, "it is too long");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

bool upload_read(struct upload *upload, int64_t len, struct str *bytes)
{
	struct err err = ERR_INIT;
	int fd = open(upload_file(upload)->path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? err_set(&err, ERR_NOT_FOUND, "%s", strerror(errno))
	                : read_some(fd, upload->sent, (size_t)len, bytes, &err);
	if (fd >= 0)
		close(fd);
	if (rc == 0) {
		upload->sent += len;
		return true;
	}
	str_release(bytes);
	end(upload, CALL_REFUSED, 0, err.text);
	return false;
}

int64_t upload_timeout_ms(size_t bytes)
{
	return HTTP_TIMEOUT_MS + (int64_t)bytes / BYTES_PER_MS;
}

bool upload_form(struct upload *upload, const char *field, const char *value, const char *name, int64_t len,
        struct upload_form *form)
{
	const char *path = upload_file(upload)->path;
	struct str bytes = STR_INIT;
	char boundary[33];
	*form = (struct upload_form){STR_INIT, STR_INIT};
	if (!upload_read(upload, len, &bytes))
		return false;
	random_id(boundary);
	str_addf(&form->type, "multipart/form-data; boundary=%s", boundary);
	if (*value)
		str_addf(&form->body, "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", boundary,
		        field, value);
	str_addf(&form->body,
	        "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"file%s\"\r\nContent-Type: %s\r\n\r\n",
	        boundary, name, strrchr(path, '.'), attachment_type(path));
	str_add(&form->body, bytes.p, bytes.len);
	str_addf(&form->body, "\r\n--%s--\r\n", boundary);
	str_release(&bytes);
	return true;
}

/* --- one after the other */

void upload_file_done(struct upload *upload)
{
	upload->at++;
	next_file(upload);
}

static int size_of(const struct attachment *file, int64_t limit, int64_t *size, struct err *err)
{
	struct stat st;
	if (stat(file->path, &st))
		return err_set(err, ERR_NOT_FOUND, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DATA, "it is no file");
	if (!attachment_type(file->path))
		return err_set(err, ERR_DATA, "it is no picture, video or sound by its name");
	if (st.st_size > limit)
		return err_set(err, ERR_LIMIT, "it has %.1f MB, the server takes %.1f", (double)st.st_size / 1e6,
		        (double)limit / 1e6);
	*size = st.st_size;
	return 0;
}

static void next_file(void *arg)
{
	struct upload *upload = arg;
	struct err err = ERR_INIT;
	upload->timer = 0;
	upload->sent = upload->piece = 0;
	if (upload->at == upload->count) {
		end(upload, CALL_OK, 0, "");
		return;
	}
	const char *why = upload->room->refuses ? upload->room->refuses(upload) : NULL;
	if (!why && size_of(upload_file(upload), upload->room->limit(upload), &upload->size, &err))
		why = err.text;
	if (why)
		end(upload, CALL_REFUSED, 0, why);
	else
		upload->room->send(upload);
}

struct upload *upload_begin(const struct upload_room *room, void *network, struct timers *timers,
        const struct attachment *files, int count, upload_fn *done, void *arg)
{
	struct upload *upload = mem_alloc(sizeof *upload);
	upload->room = room;
	upload->network = network;
	upload->timers = timers;
	upload->files = files;
	upload->count = count;
	upload->done = done;
	upload->arg = arg;
	arena_init(&upload->arena);
	upload->ids = arena_array(&upload->arena, const char *, (size_t)count + 1);
	/* Not from here: a file that is not there is told after the caller has the upload in hand. */
	upload->timer = timers_add(timers, clock_mono_ms(), next_file, upload);
	return upload;
}
