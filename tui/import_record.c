#include "tui/import_record.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/triage/triage.h"

#include <string.h>

static const char *copy(struct arena *arena, const json *object, const char *key)
{
	return arena_strdup(arena, json_str_or(object, key, ""));
}

/* 0 when it is missing; false when it is there and no time. */
static bool read_time(const json *object, const char *key, int64_t *at)
{
	const char *text = json_str_or(object, key, "");
	*at = 0;
	return !*text || time_parse_rfc3339(text, at);
}

static const char *words_of(struct arena *arena, const json *list)
{
	struct str words = STR_INIT;
	for (const json *item = json_first(list); item; item = json_next(item))
		if (json_text(item) && !strpbrk(json_text(item), " \t\n"))
			str_addf(&words, "%s%s", words.len ? " " : "", json_text(item));
	const char *kept = arena_strdup(arena, words.p);
	str_release(&words);
	return kept;
}

static void read_media(struct arena *arena, const json *list, struct post *post)
{
	struct media *media = arena_array(arena, struct media, json_count(list) + 1);
	for (const json *item = json_is_array(list) ? json_first(list) : NULL; item; item = json_next(item)) {
		struct media *m = &media[post->media_count++];
		m->kind = MEDIA_OTHER;
		media_kind_parse(json_str_or(item, "kind", ""), &m->kind);
		m->alt = copy(arena, item, "alt");
		m->url = copy(arena, item, "url");
	}
	post->media = media;
}

const struct account *import_account(const json *record, const struct account *accounts, int count, struct err *err)
{
	const char *type = json_str_or(record, "type", "post"), *name = json_str_or(record, "account", "");
	const char *network = json_str_or(record, "network", "");
	const struct account *account = NULL;
	for (int i = 0; i < count; i++)
		if (str_eq(accounts[i].name, name))
			account = &accounts[i];
	if (!json_is_object(record))
		err_set(err, ERR_DATA, "found no JSON object");
	else if (!str_eq(type, "post"))
		err_set(err, ERR_DATA, "\"type\" is \"%.40s\", expected \"post\"", type);
	else if (!account)
		err_set(err, ERR_DATA, "\"account\" is \"%.64s\", expected one of the configuration's", name);
	else if (*network && !str_eq(network, account->network))
		err_set(err, ERR_DATA, "\"network\" is \"%.64s\", but account %s is on %s", network, name,
		        account->network);
	return err->code ? NULL : account;
}

static int read_times(const json *record, struct post *post, struct err *err)
{
	if (!read_time(record, "created_at", &post->created_at) || !post->created_at)
		return err_set(err, ERR_DATA, "\"created_at\" is \"%.40s\", expected a time like 2026-08-21T09:14:05Z",
		        json_str_or(record, "created_at", ""));
	if (!read_time(record, "edited_at", &post->edited_at) || !read_time(record, "deleted_at", &post->deleted_at))
		return err_set(err, ERR_DATA, "\"edited_at\" or \"deleted_at\" is no time like 2026-08-21T09:14:05Z");
	return 0;
}

static int read_words(const json *record, struct post *post, struct err *err)
{
	const char *direction = json_str_or(record, "direction", "in");
	const char *visibility = json_str_or(record, "visibility", "public");
	if (!direction_parse(direction, &post->direction))
		return err_set(err, ERR_DATA, "\"direction\" is \"%.20s\", expected in or out", direction);
	if (!visibility_parse(visibility, &post->visibility))
		return err_set(err, ERR_DATA,
		        "\"visibility\" is \"%.20s\", expected public, unlisted, private or direct", visibility);
	return 0;
}

static int count_of(const json *record, const char *key)
{
	int64_t n = json_int(record, key, 0);
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int)n;
}

static int read_post(const json *record, struct arena *arena, struct post *post, struct err *err)
{
	const json *author = json_get(record, "author");
	int result = read_times(record, post, err);
	if (!result)
		result = read_words(record, post, err);
	if (result)
		return result;
	if (!*json_str_or(record, "remote_id", ""))
		return err_set(err, ERR_DATA, "\"remote_id\" is missing");
	if (!json_str(record, "text"))
		return err_set(err, ERR_DATA, "\"text\" is missing");
	post->remote_id = copy(arena, record, "remote_id");
	post->parent_remote_id = copy(arena, record, "parent");
	post->uri = copy(arena, record, "uri");
	post->url = copy(arena, record, "url");
	post->author_handle = copy(arena, author, "handle");
	post->author_name = copy(arena, author, "name");
	post->language = copy(arena, record, "language");
	post->warning = copy(arena, record, "warning");
	post->text = copy(arena, record, "text");
	post->sent_by = copy(arena, record, "sent_by");
	post->sensitive = json_bool(record, "sensitive", false);
	post->liked_by_us = json_bool(record, "liked", false);
	post->addressed = json_bool(record, "addressed", true);
	post->mentions = words_of(arena, json_get(record, "mentions"));
	post->links = words_of(arena, json_get(record, "links"));
	post->boosts = count_of(record, "boosts");
	post->likes = count_of(record, "likes");
	post->replies = count_of(record, "replies");
	read_media(arena, json_get(record, "media"), post);
	return 0;
}

static int read_customer(const json *record, const struct account *account, struct arena *arena,
        struct customer *customer, struct err *err)
{
	const json *author = json_get(record, "author");
	if (!*json_str_or(author, "handle", ""))
		return err_set(err, ERR_DATA, "\"author\" has no \"handle\"");
	customer->network = account->network;
	customer->remote_key = copy(arena, author, "key");
	customer->remote_id = copy(arena, author, "id");
	customer->handle = copy(arena, author, "handle");
	customer->name = copy(arena, author, "name");
	customer->url = copy(arena, author, "url");
	customer->followers = json_int(author, "followers", -1);
	customer->bot = json_bool(author, "bot", false);
	if (!read_time(author, "created_at", &customer->created_at))
		return err_set(err, ERR_DATA, "\"created_at\" of the author is no time like 2026-08-21T09:14:05Z");
	return 0;
}

static void mark(struct arena *arena, struct incoming *row)
{
	struct triage found;
	triage_post(&row->post, &row->customer, &found);
	row->marks = (struct triage_marks){.praise = found.praise,
	        .question = found.question,
	        .personal_data = found.personal_data,
	        .priority = found.priority,
	        .summary = arena_strdup(arena, found.summary),
	        .simhash = found.alike};
}

int import_record(const json *record, const struct account *account, int64_t now, struct arena *arena,
        struct incoming *row, struct err *err)
{
	*row = (struct incoming){.kind = INCOMING_POST, .root_remote_id = ""};
	int result = read_post(record, arena, &row->post, err);
	if (!result && row->post.direction == DIR_IN)
		result = read_customer(record, account, arena, &row->customer, err);
	if (result)
		return result;
	row->post.received_at = now;
	row->mention = row->post.direction == DIR_IN && json_bool(record, "mention", true);
	if (row->post.direction == DIR_IN)
		mark(arena, row);
	return 0;
}
