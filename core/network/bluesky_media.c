/* Pictures to the server, one after the other, before the post that shows them (com.atproto.repo.uploadBlob). A blob is
 * known by its content and seen by nobody until a post names it: one whose outcome is unknown is simply sent again. */
#include "core/network/bluesky_parts.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/model/attachment.h"
#include "core/text/length.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define IMAGE_MAX 2000000      /* bytes; app.bsky.embed.images */
#define UPLOAD_BYTES_PER_MS 25 /* the slowest line that is waited for */

const struct post_limits bluesky_limits = {.max = 300,
        .rule = LENGTH_RULE_BLUESKY,
        .files = 4,
        .alt = 2000, /* what Bluesky's own composer takes */
        .image_bytes = IMAGE_MAX,
        .kinds = 1u << MEDIA_PHOTO};

struct bluesky_upload {
	struct bluesky *b;
	const struct attachment *files; /* the caller's, until the answer */
	int count, at;
	bluesky_upload_fn *done;
	void *arg;
	struct arena arena;
	json **blobs;
	struct bluesky_ask *ask;
	timer_id timer;
};

static void upload_next(void *arg);

void bluesky_upload_drop(struct bluesky_upload *upload)
{
	if (!upload)
		return;
	bluesky_ask_drop(upload->ask);
	timers_cancel(upload->b->timers, &upload->timer);
	for (int i = 0; i < upload->count; i++)
		json_free(upload->blobs[i]);
	arena_release(&upload->arena);
	free(upload);
}

static void end(struct bluesky_upload *upload, enum call_outcome outcome, int64_t retry_at, const char *reason)
{
	const char *name = upload->at < upload->count ? attachment_name(upload->files[upload->at].path) : "";
	struct bluesky_upload_result result = {.outcome = outcome,
	        .retry_at = retry_at,
	        .reason = *reason ? arena_printf(&upload->arena, "%s: %s", name, reason) : "",
	        .blobs = upload->blobs,
	        .count = upload->at};
	upload->done(upload->arg, &result);
	bluesky_upload_drop(upload);
}

static void sent(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_upload *upload = arg;
	const json *blob = json_get(answer->body, "blob");
	upload->ask = NULL;
	if (bluesky_answer_good(answer) && json_is_object(blob)) {
		upload->blobs[upload->at++] = json_copy(blob);
		upload_next(upload);
		return;
	}
	enum call_outcome outcome = bluesky_outcome(answer);
	bool final = outcome == CALL_REFUSED || outcome == CALL_NO_ACCESS;
	end(upload, final ? outcome : CALL_NOT_SENT, answer->retry_at,
	        str_or(answer->reason, "the server's answer makes no sense"));
}

/* The courier waits for the disk here: files of this size come from its cache as a rule. */
static int read_file(const char *path, struct str *bytes, struct err *err)
{
	struct stat st;
	if (stat(path, &st))
		return err_set(err, ERR_NOT_FOUND, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DATA, "it is no file");
	if (attachment_kind(path) != MEDIA_PHOTO)
		return err_set(err, ERR_DATA, "it is no picture by its name");
	if (st.st_size > IMAGE_MAX)
		return err_set(err, ERR_LIMIT, "it has %.1f MB, Bluesky takes %.1f", (double)st.st_size / 1e6,
		        (double)IMAGE_MAX / 1e6);
	str_init(bytes, IMAGE_MAX);
	return file_read(path, bytes, err);
}

static void upload_next(void *arg)
{
	struct bluesky_upload *upload = arg;
	struct err err = ERR_INIT;
	struct str bytes = STR_INIT;
	upload->timer = 0;
	if (upload->at == upload->count) {
		end(upload, CALL_OK, 0, "");
		return;
	}
	const char *path = upload->files[upload->at].path;
	if (read_file(path, &bytes, &err)) {
		end(upload, CALL_REFUSED, 0, err.text);
	} else {
		struct bluesky_ask_setup setup = {.call = "com.atproto.repo.uploadBlob",
		        .raw = &bytes,
		        .content_type = attachment_type(path),
		        .timeout_ms = HTTP_TIMEOUT_MS + (int64_t)bytes.len / UPLOAD_BYTES_PER_MS,
		        .urgent = true};
		upload->ask = bluesky_ask(upload->b, &setup, sent, upload);
	}
	str_release(&bytes);
}

struct bluesky_upload *bluesky_upload(
        struct bluesky *b, const struct attachment *files, int count, bluesky_upload_fn *done, void *arg)
{
	struct bluesky_upload *upload = mem_alloc(sizeof *upload);
	upload->b = b;
	upload->files = files;
	upload->count = count;
	upload->done = done;
	upload->arg = arg;
	arena_init(&upload->arena);
	upload->blobs = arena_array(&upload->arena, json *, (size_t)count + 1);
	/* Not from here: a file that is not there is told after the caller has the upload in hand. */
	upload->timer = timers_add(b->timers, clock_mono_ms(), upload_next, upload);
	return upload;
}
