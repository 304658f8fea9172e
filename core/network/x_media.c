/* How X takes a file (docs.x.com, "Media upload v2"): a picture in one request, a video in pieces; then it may be
 * worked on; then it is described in words. */
#include "core/network/x_parts.h"

#include <stdio.h>
#include <string.h>

#define UPLOAD "/2/media/upload"
#define PIECE_BYTES (2 * 1024 * 1024) /* X takes 5 MB */

static enum media_kind kind_of(const struct upload *upload)
{
	return attachment_kind(upload_file(upload)->path);
}

static const char *category(const struct upload *upload)
{
	enum media_kind kind = kind_of(upload);
	return kind == MEDIA_VIDEO ? "tweet_video" : kind == MEDIA_GIF ? "tweet_gif" : "tweet_image";
}

static int64_t limit(const struct upload *upload)
{
	enum media_kind kind = kind_of(upload);
	return kind == MEDIA_VIDEO ? X_VIDEO_BYTES : kind == MEDIA_GIF ? X_GIF_BYTES : X_IMAGE_BYTES;
}

static const char *refuses(const struct upload *upload)
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

/* Some of the answers have no body. */
static bool goes_on(struct upload *upload, const struct x_answer *answer)
{
	return upload_goes_on(upload, &(struct upload_answer){.good = answer->outcome == HTTP_DONE &&
	                                                              answer->status >= 200 && answer->status < 300,
	                                      .no_access = answer->status == 401,
	                                      .outcome = answer->outcome,
	                                      .status = answer->status,
	                                      .retry_at = answer->retry_at,
	                                      .reason = answer->reason});
}

/* The id that X gave it, which becomes part of addresses. */
static bool named(struct upload *upload, const struct x_answer *answer)
{
	const char *id = json_str_or(json_get(answer->body, "data"), "id", "");
	return upload_named(upload, strspn(id, "0123456789") == strlen(id) ? id : "");
}

static void ask(struct upload *upload, const struct x_ask_setup *setup, x_answer_fn *answered)
{
	upload->ask = x_ask(upload->network, setup, answered, upload);
}

/* Takes the form over. */
static void post_form(struct upload *upload, const char *path, struct upload_form *form, x_answer_fn *answered)
{
	ask(upload,
	        &(struct x_ask_setup){.method = "POST",
	                .path = path,
	                .content_type = form->type.p,
	                .raw = &form->body,
	                .timeout_ms = upload_timeout_ms(form->body.len),
	                .bucket = X_BUCKET_MEDIA},
	        answered);
	str_release(&form->type);
}

/* --- described: the last step of a file */

static void described(void *arg, const struct x_answer *answer)
{
	struct upload *upload = arg;
	if (goes_on(upload, answer))
		upload_file_done(upload);
}

static void describe(struct upload *upload)
{
	const struct x *x = upload->network;
	const char *alt = str_or(upload_file(upload)->alt, "");
	if (!*alt) {
		upload_file_done(upload);
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
	                .price = x->purse.price[X_PRICE_ALT]},
	        described);
	json_free(body);
}

/* --- worked on */

/* Without processing_info it is ready. */
static void ready_or_wait(struct upload *upload, const json *body)
{
	const json *info = json_path(body, "data.processing_info");
	const char *state = json_str_or(info, "state", "succeeded");
	if (str_eq(state, "failed"))
		upload_refuse(upload, json_str_or(json_get(info, "error"), "message", "X cannot work with this file"));
	else if (str_eq(state, "succeeded"))
		describe(upload);
	else
		upload_wait(upload, json_int(info, "check_after_secs", 1) * 1000);
}

static void looked(void *arg, const struct x_answer *answer)
{
	struct upload *upload = arg;
	if (goes_on(upload, answer))
		ready_or_wait(upload, answer->body);
}

static void look(struct upload *upload)
{
	struct str path = STR_INIT;
	str_addf(&path, UPLOAD "?command=STATUS&media_id=%s", upload->ids[upload->at]);
	ask(upload, &(struct x_ask_setup){.path = path.p, .bucket = X_BUCKET_MEDIA, .unpaid = true}, looked);
	str_release(&path);
}

/* --- sent: whole, or in pieces */

static void whole_sent(void *arg, const struct x_answer *answer)
{
	struct upload *upload = arg;
	if (goes_on(upload, answer) && named(upload, answer))
		ready_or_wait(upload, answer->body);
}

static void send_whole(struct upload *upload)
{
	struct upload_form form;
	if (upload_form(upload, "media_category", category(upload), "media", upload->size, &form))
		post_form(upload, UPLOAD, &form, whole_sent);
}

static void piece_sent(void *arg, const struct x_answer *answer);

static void send_piece(struct upload *upload)
{
	struct upload_form form;
	struct str path = STR_INIT;
	char number[16];
	int64_t left = upload->size - upload->sent;
	snprintf(number, sizeof number, "%d", upload->piece++);
	if (!upload_form(upload, "segment_index", number, "media", left < PIECE_BYTES ? left : PIECE_BYTES, &form))
		return;
	str_addf(&path, UPLOAD "/%s/append", upload->ids[upload->at]);
	post_form(upload, path.p, &form, piece_sent);
	str_release(&path);
}

static void send_next_piece(struct upload *upload)
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
	struct upload *upload = arg;
	if (goes_on(upload, answer))
		send_next_piece(upload);
}

static void begun(void *arg, const struct x_answer *answer)
{
	struct upload *upload = arg;
	if (goes_on(upload, answer) && named(upload, answer))
		send_next_piece(upload);
}

static void begin_pieces(struct upload *upload)
{
	json *body = json_object();
	json_set_str(body, "media_type", attachment_type(upload_file(upload)->path));
	json_set_int(body, "total_bytes", upload->size);
	json_set_str(body, "media_category", category(upload));
	ask(upload,
	        &(struct x_ask_setup){
	                .method = "POST", .path = UPLOAD "/initialize", .body = body, .bucket = X_BUCKET_MEDIA},
	        begun);
	json_free(body);
}

static void send_file(struct upload *upload)
{
	if (kind_of(upload) == MEDIA_VIDEO)
		begin_pieces(upload);
	else
		send_whole(upload);
}

static void drop(void *ask)
{
	x_ask_drop(ask);
}

const struct upload_room x_uploads = {
        .limit = limit, .refuses = refuses, .send = send_file, .look = look, .drop = drop};
