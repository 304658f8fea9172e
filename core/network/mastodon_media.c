/* Files to the server, one after the other, before the post that they go with: POST /api/v2/media, and when the server
 * has to work on one, GET /api/v1/media/:id until it is ready (docs.joinmastodon.org/methods/media). An upload is seen
 * by nobody until a post names it, so one whose outcome is unknown is simply made again. */
#include "core/network/mastodon_parts.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/network/media_file.h"

#include <string.h>

#define FILE_MAX (64u * 1024 * 1024) /* of a server that tells no limit */
#define POLL_FIRST_MS 1000
#define POLL_LONGEST_MS 10000
#define PATIENCE_MS (5 * 60000) /* with a server that works on a file */

struct upload {
	struct mastodon *m;
	const struct attachment *files; /* the caller's, until the answer */
	int count, at;
	upload_fn *done;
	void *arg;
	struct arena arena;
	const char **ids;
	struct ask *ask;
	timer_id timer;
	int64_t poll_ms, give_up; /* monotonic */
};

static void upload_next(void *arg);

void mastodon_upload_drop(struct upload *upload)
{
	if (!upload)
		return;
	mastodon_ask_drop(upload->ask);
	timers_cancel(upload->m->timers, &upload->timer);
	arena_release(&upload->arena);
	free(upload);
}

static const struct attachment *current(const struct upload *upload)
{
	return &upload->files[upload->at];
}

static void end(struct upload *upload, enum call_outcome outcome, int64_t retry_at, const char *reason)
{
	struct upload_result result = {.outcome = outcome,
	        .retry_at = retry_at,
	        .reason =
	                *reason ? arena_printf(&upload->arena, "%s: %s", attachment_name(current(upload)->path), reason)
	                        : "",
	        .ids = upload->ids,
	        .count = upload->at};
	upload->done(upload->arg, &result);
	mastodon_upload_drop(upload);
}

/* True when the answer is good; else the upload has ended. */
static bool goes_on(struct upload *upload, const struct answer *answer)
{
	upload->ask = NULL;
	if (mastodon_answer_good(answer) && *json_str_or(answer->body, "id", ""))
		return true;
	bool refused = answer->outcome == HTTP_DONE && answer->status >= 300 && answer->status < 500 &&
	               answer->status != 429 && !http_status_leaves_doubt(answer->status);
	if (mastodon_answer_no_access(answer))
		end(upload, CALL_NO_ACCESS, 0, answer->reason);
	else if (refused)
		end(upload, CALL_REFUSED, 0, answer->reason);
	else
		end(upload, CALL_NOT_SENT, answer->retry_at,
		        str_or(answer->reason, "the server's answer makes no sense"));
	return false;
}

/* --- what the server works on */

static void polled(void *arg, const struct answer *answer);

static void poll_now(void *arg)
{
	struct upload *upload = arg;
	struct str path = STR_INIT;
	upload->timer = 0;
	str_adds(&path, "/api/v1/media/");
	url_escape(&path, upload->ids[upload->at]);
	upload->ask = mastodon_ask(upload->m, &(struct ask_setup){.path = path.p, .urgent = true}, polled, upload);
	str_release(&path);
}

static void file_done(struct upload *upload)
{
	upload->at++;
	upload_next(upload);
}

/* 206 or 202: not ready yet. */
static void file_waits(struct upload *upload)
{
	int64_t now = clock_mono_ms();
	if (now >= upload->give_up) {
		end(upload, CALL_NOT_SENT, 0, "the server is still working on it");
		return;
	}
	upload->timer = timers_add(upload->m->timers, now + upload->poll_ms, poll_now, upload);
	upload->poll_ms = upload->poll_ms * 2 < POLL_LONGEST_MS ? upload->poll_ms * 2 : POLL_LONGEST_MS;
}

static void polled(void *arg, const struct answer *answer)
{
	struct upload *upload = arg;
	if (!goes_on(upload, answer))
		return;
	if (answer->status == 206)
		file_waits(upload);
	else
		file_done(upload);
}

static void sent(void *arg, const struct answer *answer)
{
	struct upload *upload = arg;
	if (!goes_on(upload, answer))
		return;
	upload->ids[upload->at] = arena_strdup(&upload->arena, json_str(answer->body, "id"));
	upload->poll_ms = POLL_FIRST_MS;
	upload->give_up = clock_mono_ms() + PATIENCE_MS;
	if (answer->status == 202)
		file_waits(upload);
	else
		file_done(upload);
}

/* --- one file */

static int64_t limit_of(const struct upload *upload)
{
	int64_t limit = attachment_limit(&upload->m->instance.limits, current(upload)->path);
	return limit > 0 && limit < (int64_t)FILE_MAX ? limit : (int64_t)FILE_MAX;
}

static void upload_file(struct upload *upload)
{
	const struct attachment *file = current(upload);
	struct err err = ERR_INIT;
	struct str bytes = STR_INIT, body = STR_INIT, type = STR_INIT;
	char boundary[33];
	int64_t size = 0;
	if (media_file_size(file, limit_of(upload), &size, &err) ||
	        media_file_read(file, 0, (size_t)size, &bytes, &err)) {
		end(upload, CALL_REFUSED, 0, err.text);
		str_release(&bytes);
		return;
	}
	random_id(boundary);
	if (*str_or(file->alt, ""))
		form_field(&body, boundary, "description", file->alt);
	form_file(&body, boundary, "file", file, &bytes);
	form_end(&body, boundary);
	str_release(&bytes);
	str_addf(&type, "multipart/form-data; boundary=%s", boundary);
	struct ask_setup setup = {.method = "POST",
	        .path = "/api/v2/media",
	        .content_type = type.p,
	        .raw = &body,
	        .timeout_ms = HTTP_TIMEOUT_MS + (int64_t)body.len / MEDIA_BYTES_PER_MS,
	        .urgent = true};
	upload->ask = mastodon_ask(upload->m, &setup, sent, upload);
	str_release(&type);
}

static void upload_next(void *arg)
{
	struct upload *upload = arg;
	upload->timer = 0;
	if (upload->at == upload->count)
		end(upload, CALL_OK, 0, "");
	else
		upload_file(upload);
}

struct upload *mastodon_upload(
        struct mastodon *m, const struct attachment *files, int count, upload_fn *done, void *arg)
{
	struct upload *upload = mem_alloc(sizeof *upload);
	upload->m = m;
	upload->files = files;
	upload->count = count;
	upload->done = done;
	upload->arg = arg;
	arena_init(&upload->arena);
	upload->ids = arena_array(&upload->arena, const char *, (size_t)count + 1);
	/* Not from here: a file that is not there is told after the caller has the upload in hand. */
	upload->timer = timers_add(m->timers, clock_mono_ms(), upload_next, upload);
	return upload;
}
