/* Files to X, one after the other, before the post that they go with (docs.x.com, "Media upload v2"): a picture in one
 * request, a video in pieces; then it may be worked on; then it is described in words. An upload is seen by nobody
 * until a post names it, so one whose outcome is unknown is simply made again. */
#include "core/network/x_parts.h"

#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/network/media_file.h"

#include <stdio.h>
#include <string.h>

#define UPLOAD "/2/media/upload"
#define PIECE_BYTES (2 * 1024 * 1024) /* X takes 5 MB */
#define POLL_LEAST_MS 1000
#define POLL_MOST_MS 60000
#define PATIENCE_MS (10 * 60000) /* while X works on one */

struct x_upload {
	struct x *x;
	const struct attachment *files; /* the caller's, until the answer */
	int count, at;
	x_upload_fn *done;
	void *arg;
	struct arena arena;
	const char **ids;
	struct x_ask *ask;
	timer_id timer;
	int64_t size, sent; /* bytes of the present one */
	int piece;
	int64_t give_up; /* monotonic */
};

static void next_file(void *arg);

void x_upload_drop(struct x_upload *upload)
{
	if (!upload)
		return;
	x_ask_drop(upload->ask);
	timers_cancel(upload->x->timers, &upload->timer);
	arena_release(&upload->arena);
	free(upload);
}

static const struct attachment *current(const struct x_upload *upload)
{
	return &upload->files[upload->at];
}

static bool is_video(const struct x_upload *upload)
{
	return attachment_kind(current(upload)->path) == MEDIA_VIDEO;
}

static const char *category(const struct x_upload *upload)
{
	enum media_kind kind = attachment_kind(current(upload)->path);
	return kind == MEDIA_VIDEO ? "tweet_video" : kind == MEDIA_GIF ? "tweet_gif" : "tweet_image";
}

static void end(struct x_upload *upload, enum call_outcome outcome, int64_t retry_at, const char *reason)
{
	struct x_upload_result result = {.outcome = outcome,
	        .retry_at = retry_at,
	        .reason =
	                *reason ? arena_printf(&upload->arena, "%s: %s", attachment_name(current(upload)->path), reason)
	                        : "",
	        .ids = upload->ids,
	        .count = upload->at};
	upload->done(upload->arg, &result);
	x_upload_drop(upload);
}

/* True when the answer is good; else the upload has ended. */
static bool goes_on(struct x_upload *upload, const struct x_answer *answer)
{
	upload->ask = NULL;
	bool done = answer->outcome == HTTP_DONE;
	if (done && answer->status >= 200 && answer->status < 300)
		return true;
	bool refused = done && answer->status >= 300 && answer->status < 500 && answer->status != 429 &&
	               answer->status != 402 && !http_status_leaves_doubt(answer->status);
	if (answer->status == 401)
		end(upload, CALL_NO_ACCESS, 0, answer->reason);
	else
		end(upload, refused ? CALL_REFUSED : CALL_NOT_SENT, answer->retry_at, answer->reason);
	return false;
}

static void ask(struct x_upload *upload, const struct x_ask_setup *setup, x_answer_fn *answered)
{
	upload->ask = x_ask(upload->x, setup, answered, upload);
}

static void post_form(
        struct x_upload *upload, const char *path, struct str *form, const char *boundary, x_answer_fn *answered)
{
	struct str type = STR_INIT;
	str_addf(&type, "multipart/form-data; boundary=%s", boundary);
	ask(upload,
	        &(struct x_ask_setup){.method = "POST",
	                .path = path,
	                .content_type = type.p,
	                .raw = form,
	                .timeout_ms = HTTP_TIMEOUT_MS + (int64_t)form->len / MEDIA_BYTES_PER_MS,
	                .bucket = X_BUCKET_MEDIA},
	        answered);
	str_release(&type);
}

/* --- described: the last step of a file */

static void file_done(struct x_upload *upload)
{
	upload->at++;
	next_file(upload);
}

static void described(void *arg, const struct x_answer *answer)
{
	struct x_upload *upload = arg;
	if (goes_on(upload, answer))
		file_done(upload);
}

static void describe(struct x_upload *upload)
{
	const char *alt = str_or(current(upload)->alt, "");
	if (!*alt) {
		file_done(upload);
		return;
	}
	json *body = json_object(), *metadata = json_object(), *text = json_object();
	json_set_str(text, "text", alt);
	json_set(metadata, "alt_text", text);
	json_set_str(body, "id", upload->ids[upload->at]);
	json_set(body, "metadata", metadata);
	ask(upload,
	        &(struct x_ask_setup){.method = "POST",
	                .path = "/2/media/metadata",
	                .body = body,
	                .bucket = X_BUCKET_MEDIA,
	                .price = upload->x->purse.price[X_PRICE_ALT]},
	        described);
	json_free(body);
}

/* --- worked on */

static void looked(void *arg, const struct x_answer *answer);

static void look(void *arg)
{
	struct x_upload *upload = arg;
	struct str path = STR_INIT;
	upload->timer = 0;
	str_addf(&path, UPLOAD "?command=STATUS&media_id=%s", upload->ids[upload->at]);
	ask(upload, &(struct x_ask_setup){.path = path.p, .bucket = X_BUCKET_MEDIA, .unpaid = true}, looked);
	str_release(&path);
}

/* Without processing_info it is ready. */
static void ready_or_wait(struct x_upload *upload, const json *body)
{
	const json *info = json_path(body, "data.processing_info");
	const char *state = json_str_or(info, "state", "succeeded");
	int64_t wait = json_int(info, "check_after_secs", 1) * 1000, now = clock_mono_ms();
	if (str_eq(state, "failed")) {
		end(upload, CALL_REFUSED, 0,
		        json_str_or(json_get(info, "error"), "message", "X cannot work with this file"));
	} else if (str_eq(state, "succeeded")) {
		describe(upload);
	} else if (now >= upload->give_up) {
		end(upload, CALL_NOT_SENT, 0, "X is still working on it");
	} else {
		wait = wait < POLL_LEAST_MS ? POLL_LEAST_MS : wait > POLL_MOST_MS ? POLL_MOST_MS : wait;
		upload->timer = timers_add(upload->x->timers, now + wait, look, upload);
	}
}

static void looked(void *arg, const struct x_answer *answer)
{
	struct x_upload *upload = arg;
	if (goes_on(upload, answer))
		ready_or_wait(upload, answer->body);
}

/* --- sent: whole, or in pieces */

/* The id that X gave it; false when it gave none, and the upload has ended. */
static bool named(struct x_upload *upload, const struct x_answer *answer)
{
	const char *id = json_str_or(json_get(answer->body, "data"), "id", "");
	bool good = *id && strspn(id, "0123456789") == strlen(id);
	upload->ids[upload->at] = arena_strdup(&upload->arena, id);
	upload->give_up = clock_mono_ms() + PATIENCE_MS;
	if (!good)
		end(upload, CALL_NOT_SENT, 0, "X's answer names no file");
	return good;
}

static void whole_sent(void *arg, const struct x_answer *answer)
{
	struct x_upload *upload = arg;
	if (goes_on(upload, answer) && named(upload, answer))
		ready_or_wait(upload, answer->body);
}

static bool read_piece(struct x_upload *upload, size_t len, struct str *bytes)
{
	struct err err = ERR_INIT;
	if (media_file_read(current(upload), upload->sent, len, bytes, &err) == 0)
		return true;
	str_release(bytes);
	end(upload, CALL_REFUSED, 0, err.text);
	return false;
}

static void send_whole(struct x_upload *upload)
{
	struct str bytes = STR_INIT, form = STR_INIT;
	char boundary[33];
	if (!read_piece(upload, (size_t)upload->size, &bytes))
		return;
	random_id(boundary);
	form_field(&form, boundary, "media_category", category(upload));
	form_file(&form, boundary, "media", current(upload), &bytes);
	form_end(&form, boundary);
	str_release(&bytes);
	post_form(upload, UPLOAD, &form, boundary, whole_sent);
}

static void piece_sent(void *arg, const struct x_answer *answer);

static void send_piece(struct x_upload *upload)
{
	struct str bytes = STR_INIT, form = STR_INIT, path = STR_INIT;
	char boundary[33], number[16];
	int64_t left = upload->size - upload->sent;
	if (!read_piece(upload, left < PIECE_BYTES ? (size_t)left : PIECE_BYTES, &bytes))
		return;
	upload->sent += (int64_t)bytes.len;
	random_id(boundary);
	snprintf(number, sizeof number, "%d", upload->piece++);
	form_field(&form, boundary, "segment_index", number);
	form_file(&form, boundary, "media", current(upload), &bytes);
	form_end(&form, boundary);
	str_release(&bytes);
	str_addf(&path, UPLOAD "/%s/append", upload->ids[upload->at]);
	post_form(upload, path.p, &form, boundary, piece_sent);
	str_release(&path);
}

static void send_next_piece(struct x_upload *upload)
{
	struct str path = STR_INIT;
	if (upload->sent < upload->size) {
		send_piece(upload);
		return;
	}
	str_addf(&path, UPLOAD "/%s/finalize", upload->ids[upload->at]);
	ask(upload, &(struct x_ask_setup){.method = "POST", .path = path.p, .bucket = X_BUCKET_MEDIA}, looked);
	str_release(&path);
}

static void piece_sent(void *arg, const struct x_answer *answer)
{
	struct x_upload *upload = arg;
	if (goes_on(upload, answer))
		send_next_piece(upload);
}

static void begun(void *arg, const struct x_answer *answer)
{
	struct x_upload *upload = arg;
	if (goes_on(upload, answer) && named(upload, answer))
		send_next_piece(upload);
}

static void begin_pieces(struct x_upload *upload)
{
	json *body = json_object();
	json_set_str(body, "media_type", attachment_type(current(upload)->path));
	json_set_int(body, "total_bytes", upload->size);
	json_set_str(body, "media_category", category(upload));
	ask(upload,
	        &(struct x_ask_setup){
	                .method = "POST", .path = UPLOAD "/initialize", .body = body, .bucket = X_BUCKET_MEDIA},
	        begun);
	json_free(body);
}

/* --- one after the other */

/* Why they cannot go together; NULL when they can. */
static const char *impossible(const struct x_upload *upload)
{
	for (int i = 0; i < upload->count; i++) {
		enum media_kind kind = attachment_kind(upload->files[i].path);
		if (kind == MEDIA_AUDIO)
			return "X takes no sound";
		if (upload->count > 1 && kind != MEDIA_PHOTO)
			return "X takes four pictures, or one GIF or video alone";
	}
	return NULL;
}

static void next_file(void *arg)
{
	struct x_upload *upload = arg;
	struct err err = ERR_INIT;
	upload->timer = 0;
	upload->sent = upload->piece = 0;
	if (upload->at == upload->count) {
		end(upload, CALL_OK, 0, "");
		return;
	}
	bool gif = attachment_kind(current(upload)->path) == MEDIA_GIF;
	int64_t limit = is_video(upload) ? X_VIDEO_BYTES : gif ? X_GIF_BYTES : X_IMAGE_BYTES;
	const char *why = impossible(upload);
	if (!why && media_file_size(current(upload), limit, &upload->size, &err))
		why = err.text;
	if (why)
		end(upload, CALL_REFUSED, 0, why);
	else if (is_video(upload))
		begin_pieces(upload);
	else
		send_whole(upload);
}

struct x_upload *x_upload(struct x *x, const struct attachment *files, int count, x_upload_fn *done, void *arg)
{
	struct x_upload *upload = mem_alloc(sizeof *upload);
	upload->x = x;
	upload->files = files;
	upload->count = count;
	upload->done = done;
	upload->arg = arg;
	arena_init(&upload->arena);
	upload->ids = arena_array(&upload->arena, const char *, (size_t)count + 1);
	/* Not from here: a file that is not there is told after the caller has the upload in hand. */
	upload->timer = timers_add(x->timers, clock_mono_ms(), next_file, upload);
	return upload;
}
