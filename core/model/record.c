#include "core/model/record.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"

#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024) /* bytes */
#define LIST_MAX ((size_t)16 * 1024)  /* bytes of handles or links of one post */
#define MEDIA_MAX 16
#define NO_TIME "no time like 2026-08-21T09:14:05Z"

static const char *keep(const char *text, struct arena *arena)
{
	return utf8_keep(arena, text, TEXT_MAX);
}

const char *record_text(const json *object, const char *key, struct arena *arena)
{
	return keep(json_str(object, key), arena);
}

int record_id(const json *object, const char *key, struct arena *arena, const char **out, struct err *err)
{
	const char *id = json_str_or(object, key, "");
	*out = "";
	if (strlen(id) > RECORD_ID_MAX)
		return err_set(err, ERR_DATA, "\"%s\" has more than %d bytes", key, RECORD_ID_MAX);
	*out = keep(id, arena);
	return 0;
}

bool record_time(const json *object, const char *key, int64_t *at)
{
	const char *text = json_str_or(object, key, "");
	*at = 0;
	return !*text || time_parse_rfc3339(text, at);
}

/* Texts without blanks, with blanks between them. */
static const char *words_of(const json *list, struct arena *arena)
{
	struct str words;
	str_init(&words, LIST_MAX);
	for (const json *item = json_is_array(list) ? json_first(list) : NULL; item; item = json_next(item))
		if (json_text(item) && *json_text(item) && !strpbrk(json_text(item), " \t\r\n"))
			str_addf(&words, "%s%s", words.len ? " " : "", json_text(item));
	const char *kept = keep(words.p, arena);
	str_release(&words);
	return kept;
}

static void read_media(const json *list, struct arena *arena, struct post *post)
{
	struct media *media = arena_array(arena, struct media, MEDIA_MAX);
	const json *item = json_is_array(list) ? json_first(list) : NULL;
	for (; item && post->media_count < MEDIA_MAX; item = json_next(item)) {
		struct media *m = &media[post->media_count++];
		m->kind = MEDIA_OTHER;
		media_kind_parse(json_str_or(item, "kind", ""), &m->kind);
		m->alt = record_text(item, "alt", arena);
		m->url = record_text(item, "url", arena);
	}
	post->media = media;
}

static int read_times(const json *object, struct post *post, struct err *err)
{
	if (!record_time(object, "created_at", &post->created_at) || !post->created_at)
		return err_set(err, ERR_DATA, "\"created_at\" is \"%.40s\", expected a time like 2026-08-21T09:14:05Z",
		        json_str_or(object, "created_at", ""));
	if (!record_time(object, "edited_at", &post->edited_at) ||
	        !record_time(object, "deleted_at", &post->deleted_at))
		return err_set(err, ERR_DATA, "\"edited_at\" or \"deleted_at\" is " NO_TIME);
	return 0;
}

static int read_words(const json *object, struct post *post, struct err *err)
{
	const char *direction = json_str_or(object, "direction", "in");
	const char *visibility = json_str_or(object, "visibility", "public");
	if (!direction_parse(direction, &post->direction))
		return err_set(err, ERR_DATA, "\"direction\" is \"%.20s\", expected in or out", direction);
	if (!visibility_parse(visibility, &post->visibility))
		return err_set(err, ERR_DATA,
		        "\"visibility\" is \"%.20s\", expected public, unlisted, private or direct", visibility);
	return 0;
}

static int read_names(const json *object, struct arena *arena, struct record *out, struct err *err)
{
	const char *const keys[] = {"remote_id", "parent", "root", "uri", "url"};
	const char **const places[] = {&out->post.remote_id, &out->post.parent_remote_id, &out->root_remote_id,
	        &out->post.uri, &out->post.url};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		int rc = record_id(object, keys[i], arena, places[i], err);
		if (rc)
			return rc;
	}
	return *out->post.remote_id ? 0 : err_set(err, ERR_DATA, "\"remote_id\" is missing");
}

static int count_of(const json *object, const char *key)
{
	int64_t n = json_int(object, key, 0);
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int)n;
}

static int read_post(const json *object, struct arena *arena, struct record *out, struct err *err)
{
	struct post *post = &out->post;
	int rc = read_times(object, post, err);
	if (!rc)
		rc = read_words(object, post, err);
	if (!rc)
		rc = read_names(object, arena, out, err);
	if (rc)
		return rc;
	if (!json_str(object, "text"))
		return err_set(err, ERR_DATA, "\"text\" is missing");
	post->language = record_text(object, "language", arena);
	post->warning = record_text(object, "warning", arena);
	post->text = record_text(object, "text", arena);
	post->sent_by = record_text(object, "sent_by", arena);
	post->reply_refusal = record_text(object, "reply_refusal", arena);
	post->sensitive = json_bool(object, "sensitive", false);
	post->liked_by_us = json_get(object, "liked") ? json_bool(object, "liked", false) : -1;
	post->boosted_by_us = json_get(object, "boosted") ? json_bool(object, "boosted", false) : -1;
	post->addressed = json_bool(object, "addressed", true);
	post->mentions = words_of(json_get(object, "mentions"), arena);
	post->links = words_of(json_get(object, "links"), arena);
	post->boosts = count_of(object, "boosts");
	post->likes = count_of(object, "likes");
	post->replies = count_of(object, "replies");
	post->source = "";
	read_media(json_get(object, "media"), arena, post);
	return 0;
}

int record_read_author(const json *author, struct arena *arena, struct customer *out, struct err *err)
{
	const char *const keys[] = {"handle", "key", "id", "url"};
	const char **const places[] = {&out->handle, &out->remote_key, &out->remote_id, &out->url};
	*out = (struct customer){
	        .network = "", .remote_key = "", .remote_id = "", .handle = "", .url = "", .followers = -1};
	out->name = record_text(author, "name", arena);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		int rc = record_id(author, keys[i], arena, places[i], err);
		if (rc)
			return rc;
	}
	if (!*out->handle)
		return err_set(err, ERR_DATA, "\"author\" has no \"handle\"");
	if (!record_time(author, "created_at", &out->created_at))
		return err_set(err, ERR_DATA, "\"created_at\" of the author is " NO_TIME);
	out->followers = json_int(author, "followers", -1);
	out->bot = json_bool(author, "bot", false);
	return 0;
}

int record_read(const json *object, bool mention, struct arena *arena, struct record *out, struct err *err)
{
	const json *author = json_get(object, "author");
	struct err no_author = ERR_INIT;
	*out = (struct record){.root_remote_id = ""};
	if (!json_is_object(object))
		return err_set(err, ERR_DATA, "found no JSON object");
	int rc = read_post(object, arena, out, err);
	if (rc)
		return rc;
	rc = record_read_author(author, arena, &out->customer, &no_author);
	if (rc && out->post.direction == DIR_IN)
		return err_set(err, ERR_DATA, "%s", no_author.text);
	out->post.author_handle = out->customer.handle;
	out->post.author_name = out->customer.name;
	out->mention = out->post.direction == DIR_IN && json_bool(object, "mention", mention);
	return 0;
}
