/* Files: uploaded as a form, worked on for a while when they are videos, and named by the posts that take them. */
#include "tests/fakenet/site.h"

#include "core/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define POLLS_OF_VIDEO 2

static const char *find(const char *at, const char *end, const char *text)
{
	for (size_t len = strlen(text); at && at + len <= end; at++)
		if (memcmp(at, text, len) == 0)
			return at;
	return NULL;
}

bool form_part(const struct call *call, const char *name, struct form_part *out)
{
	const char *type = str_or(http_header_get(call->request, "Content-Type"), "");
	const char *boundary = strstr(type, "boundary=");
	const char *at = call->request->body, *end = at + call->request->body_len;
	if (!boundary || !str_starts(type, "multipart/form-data"))
		return false;
	const char *line = arena_printf(call->arena, "--%s", boundary + strlen("boundary="));
	const char *wanted = arena_printf(call->arena, "name=\"%s\"", name);
	while ((at = find(at, end, line))) {
		const char *head = at + strlen(line), *body = find(head, end, "\r\n\r\n");
		const char *next = body ? find(body, end, line) : NULL;
		if (!next)
			return false;
		if (find(head, body, wanted)) {
			*out = (struct form_part){
			        head, body + 4, (size_t)(body - head), (size_t)(next - 2 - (body + 4))};
			return true;
		}
		at = next;
	}
	return false;
}

const char *form_part_type(const struct call *call, const struct form_part *file)
{
	static const char field[] = "Content-Type: ";
	const char *at = find(file->head, file->head + file->head_len, field);
	if (!at)
		return "";
	at += strlen(field);
	return arena_strndup(call->arena, at, strcspn(at, "\r"));
}

static json *render_upload(const struct upload *upload)
{
	char id[32], url[64];
	bool ready = upload->polls == 0;
	json *out = json_object();
	snprintf(id, sizeof id, "%" PRId64, upload->id);
	snprintf(url, sizeof url, "https://files.%s/m/%s", WORLD_DOMAIN, upload->media.file);
	json_set_str(out, "id", id);
	json_set_str(out, "type", upload->media.type);
	json_set_str(out, "url", ready ? url : NULL);
	json_set_str(out, "description", upload->media.alt);
	return out;
}

/* Null when the server takes it. */
static const char *refused(const char *type, const struct form_part *file, size_t alt)
{
	bool image = str_starts(type, "image/"), video = str_starts(type, "video/") || str_starts(type, "audio/");
	if (!file->len)
		return "Validation failed: File can't be blank";
	if ((!image && !video) || str_eq(type, "image/heic"))
		return "Validation failed: File content type is invalid, File is invalid";
	if (file->len > (image ? (size_t)IMAGE_MAX : (size_t)VIDEO_MAX))
		return "Validation failed: File file size must be less than or equal to 1 MB";
	if (alt > ALT_MAX)
		return "Validation failed: Description is too long (maximum is 1500 characters)";
	return NULL;
}

static size_t characters(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void post_media(struct call *call)
{
	struct form_part file, description;
	if (!form_part(call, "file", &file)) {
		call_error(call, 422, "Validation failed: File can't be blank");
		return;
	}
	bool described = form_part(call, "description", &description);
	const char *alt = described ? arena_strndup(call->arena, description.bytes, description.len) : NULL;
	const char *type = form_part_type(call, &file), *why = refused(type, &file, characters(str_or(alt, "")));
	if (why) {
		call_error(call, 422, why);
		return;
	}
	bool video = str_starts(type, "video/");
	struct upload upload = {.id = 7000 + (int64_t)call->site->uploads.len,
	        .media = {video ? "video" : "image", mem_strdup(arena_printf(call->arena, "up-%zu", file.len)),
	                alt ? mem_strdup(alt) : NULL},
	        .polls = video ? POLLS_OF_VIDEO : 0};
	vec_push(&call->site->uploads, upload);
	call_json(call, video ? 202 : 200, render_upload(&upload));
}

struct upload *media_find(struct site *site, int64_t id)
{
	for (size_t i = 0; i < site->uploads.len; i++)
		if (site->uploads.at[i].id == id)
			return &site->uploads.at[i];
	return NULL;
}

static void get_media(struct call *call, int64_t id)
{
	struct upload *upload = media_find(call->site, id);
	if (!upload || upload->used) {
		call_error(call, 404, "Record not found");
		return;
	}
	upload->polls -= upload->polls > 0;
	call_json(call, upload->polls ? 206 : 200, render_upload(upload));
}

const char *media_take(struct call *call, struct draft *draft)
{
	for (const struct param *p = NULL; (p = param_next(&call->params, p, "media_ids[]"));) {
		int64_t id = 0;
		struct upload *upload = parse_i64(p->value, &id) ? media_find(call->site, id) : NULL;
		if (draft->media_count == MEDIA_MAX)
			return "Cannot attach more than 4 files";
		if (!upload || upload->used)
			return arena_printf(
			        call->arena, "Media %s not found or already attached to another post", p->value);
		if (upload->polls)
			return "Cannot attach files that have not finished processing. Try again in a moment!";
		draft->media[draft->media_count++] = upload->media;
		upload->used = true;
	}
	return NULL;
}

void media_release(struct site *site)
{
	for (size_t i = 0; i < site->uploads.len; i++) {
		free((char *)(uintptr_t)site->uploads.at[i].media.file);
		free((char *)(uintptr_t)site->uploads.at[i].media.alt);
	}
	vec_release(&site->uploads);
}

bool api_media(struct call *call)
{
	bool post = call_is(call, "POST", "/api/v2/media");
	int64_t id = call_id(call, "GET", "/api/v1/media/", "");
	if (!post && id < 0)
		return false;
	if (!call->token)
		call_error(call, 401, "This method requires an authenticated user");
	else if (post)
		post_media(call);
	else
		get_media(call, id);
	return true;
}
