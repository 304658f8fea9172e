/* Files to X: whole, or in pieces; worked on for a while when they are videos; described afterwards. */
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <inttypes.h>
#include <stdlib.h>

#define POLLS_OF_VIDEO 2
#define ALT_MOST 1000 /* characters */
#define FIRST_ID INT64_C(1880000000000000000)

static struct upload *add_upload(struct call *call, const char *type, int64_t bytes)
{
	bool video = str_starts(type, "video/");
	struct upload upload = {.id = FIRST_ID + (int64_t)call->site->uploads.len,
	        .media = {video ? "video" : "image", mem_strdup(arena_printf(call->arena, "up-%" PRId64, bytes)), NULL},
	        .promised = bytes,
	        .polls = video ? POLLS_OF_VIDEO : 0};
	vec_push(&call->site->uploads, upload);
	return &call->site->uploads.at[call->site->uploads.len - 1];
}

static void answer_upload(struct call *call, const struct upload *upload, bool with_state)
{
	json *body = json_object(), *data = json_object(), *info = json_object();
	json_set_id(data, "id", upload->id);
	json_set_str(data, "media_key", arena_printf(call->arena, "3_%" PRId64, upload->id));
	json_set_int(data, "expires_after_secs", 86400);
	json_set_str(info, "state", upload->polls ? "in_progress" : "succeeded");
	json_set_int(info, "check_after_secs", 1);
	if (with_state)
		json_set(data, "processing_info", info);
	else
		json_free(info);
	json_set(body, "data", data);
	call_json(call, 200, body);
}

static void post_whole(struct call *call)
{
	struct form_part file, category;
	if (!form_part(call, "media", &file) || !form_part(call, "media_category", &category)) {
		x_invalid(call, "media", "", "media and media_category are required");
		return;
	}
	const char *type = form_part_type(call, &file);
	if (str_eq(type, "image/jpeg") || str_eq(type, "image/png") || str_eq(type, "image/gif") ||
	        str_eq(type, "image/webp"))
		answer_upload(call, add_upload(call, type, (int64_t)file.len), false);
	else
		x_invalid(call, "media", type, "Unsupported media type");
}

static void initialize(struct call *call, const json *body)
{
	int64_t bytes = json_int(body, "total_bytes", 0);
	if (bytes <= 0 || !str_eq(json_str(body, "media_category"), "tweet_video"))
		x_invalid(call, "total_bytes", "", "total_bytes and media_category are required");
	else
		answer_upload(call, add_upload(call, json_str_or(body, "media_type", ""), bytes), false);
}

static void append(struct call *call, struct upload *upload)
{
	struct form_part file, number;
	if (!form_part(call, "media", &file) || !form_part(call, "segment_index", &number) ||
	        strtol(number.bytes, NULL, 10) != upload->pieces) {
		x_invalid(call, "segment_index", "", "the pieces come in their order");
		return;
	}
	upload->pieces++;
	upload->came += (int64_t)file.len;
	call_text(call, 204, "text/plain", "");
}

static void finalize(struct call *call, const struct upload *upload)
{
	if (upload->came != upload->promised)
		x_invalid(call, "id", "", "the file is not whole");
	else
		answer_upload(call, upload, true);
}

static void status(struct call *call)
{
	struct upload *upload = media_find(call->site, param_int(&call->params, "media_id", 0));
	if (!upload) {
		x_problem(call, 404, "Not Found Error", "Could not find media.", "resource-not-found");
		return;
	}
	upload->polls -= upload->polls > 0;
	answer_upload(call, upload, true);
}

static void describe(struct call *call, const json *body)
{
	struct upload *upload = media_find(call->site, json_int(body, "id", 0));
	const char *text = json_str_or(json_path(body, "metadata.alt_text"), "text", "");
	size_t characters = 0;
	for (const char *p = text; *p; p++)
		characters += ((unsigned char)*p & 0xC0) != 0x80;
	if (!upload || !characters || characters > ALT_MOST) {
		x_invalid(call, "metadata", "", "no such media, or the text is too long");
	} else if (x_pay(call, X_COST_METADATA)) {
		free((char *)(uintptr_t)upload->media.alt);
		upload->media.alt = mem_strdup(text);
		answer_upload(call, upload, false);
	}
}

static bool pieces(struct call *call)
{
	int64_t append_id = call_id(call, "POST", "/2/media/upload/", "/append");
	int64_t final_id = call_id(call, "POST", "/2/media/upload/", "/finalize");
	struct upload *upload = media_find(call->site, append_id > 0 ? append_id : final_id);
	if (append_id < 0 && final_id < 0)
		return false;
	if (!upload)
		x_problem(call, 404, "Not Found Error", "Could not find media.", "resource-not-found");
	else if (append_id > 0)
		append(call, upload);
	else
		finalize(call, upload);
	return true;
}

bool x_media(struct call *call)
{
	if (!str_starts(call->request->path, "/2/media/"))
		return false;
	if (!x_need_person(call))
		return true;
	json *body = json_parse(call->request->body, call->request->body_len, NULL);
	bool known = true;
	if (call_is(call, "POST", "/2/media/upload"))
		post_whole(call);
	else if (call_is(call, "GET", "/2/media/upload"))
		status(call);
	else if (call_is(call, "POST", "/2/media/upload/initialize"))
		initialize(call, body);
	else if (call_is(call, "POST", "/2/media/metadata"))
		describe(call, body);
	else
		known = pieces(call);
	json_free(body);
	return known;
}
