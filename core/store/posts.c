/* Rows of posts and customers. */
#include "core/base/json.h"
#include "core/base/str.h"
#include "core/store/internal.h"

char *post_media_json(const struct post *post, struct arena *arena)
{
	if (!post->media_count)
		return arena_strdup(arena, "[]");
	json *list = json_array();
	for (int i = 0; i < post->media_count; i++) {
		json *row = json_array();
		json_push_str(row, media_kind_name(post->media[i].kind));
		json_push_str(row, str_or(post->media[i].alt, ""));
		json_push_str(row, str_or(post->media[i].url, ""));
		json_push(list, row);
	}
	struct str text = STR_INIT;
	json_print(list, &text);
	json_free(list);
	char *out = arena_strdup(arena, text.p);
	str_release(&text);
	return out;
}

static const char *text_at(const json *row, int place, struct arena *arena)
{
	const json *item = json_first(row);
	while (item && place--)
		item = json_next(item);
	return arena_strdup(arena, str_or(json_text(item), ""));
}

static void media_from_json(const char *text, struct arena *arena, struct post *post)
{
	if (str_eq(text, "[]"))
		return;
	struct err ignored = ERR_INIT; /* we wrote it; a post without its media is better than none */
	json *list = json_read(text, strlen(text), &ignored);
	struct media *media = arena_array(arena, struct media, json_count(list) + 1);
	for (const json *row = json_first(list); row; row = json_next(row)) {
		struct media *m = &media[post->media_count++];
		m->kind = MEDIA_OTHER;
		media_kind_parse(text_at(row, 0, arena), &m->kind);
		m->alt = text_at(row, 1, arena);
		m->url = text_at(row, 2, arena);
	}
	post->media = media;
	json_free(list);
}

void post_read(const struct rows *r, struct arena *arena, struct post *post)
{
	*post = (struct post){
	        .id = rows_int(r, 0),
	        .account_id = rows_int(r, 1),
	        .thread_id = rows_int(r, 2),
	        .customer_id = rows_int(r, 3),
	        .direction = (enum direction)rows_int(r, 4),
	        .remote_id = rows_text(r, 5, arena),
	        .parent_remote_id = rows_text(r, 6, arena),
	        .uri = rows_text(r, 7, arena),
	        .url = rows_text(r, 8, arena),
	        .author_handle = rows_text(r, 9, arena),
	        .author_name = rows_text(r, 10, arena),
	        .created_at = rows_int(r, 11),
	        .received_at = rows_int(r, 12),
	        .edited_at = rows_int(r, 13),
	        .deleted_at = rows_int(r, 14),
	        .visibility = (enum visibility)rows_int(r, 15),
	        .language = rows_text(r, 16, arena),
	        .warning = rows_text(r, 17, arena),
	        .sensitive = rows_bool(r, 18),
	        .liked_by_us = (int)rows_int(r, 19),
	        .addressed = rows_bool(r, 20),
	        .text = rows_text(r, 21, arena),
	        .mentions = rows_text(r, 23, arena),
	        .links = rows_text(r, 24, arena),
	        .boosts = (int)rows_int(r, 25),
	        .likes = (int)rows_int(r, 26),
	        .replies = (int)rows_int(r, 27),
	        .reply_id = rows_int(r, 28),
	        .sent_by = rows_text(r, 29, arena),
	        .source = rows_text(r, 31, arena),
	        .reply_refusal = rows_text(r, 32, arena),
	        .boosted_by_us = (int)rows_int(r, 33),
	};
	media_from_json(rows_text(r, 22, arena), arena, post);
}

void customer_read(const struct rows *r, struct arena *arena, struct customer *customer)
{
	*customer = (struct customer){
	        .id = rows_int(r, 0),
	        .network = rows_text(r, 1, arena),
	        .remote_key = rows_text(r, 2, arena),
	        .remote_id = rows_text(r, 3, arena),
	        .handle = rows_text(r, 4, arena),
	        .name = rows_text(r, 5, arena),
	        .url = rows_text(r, 6, arena),
	        .followers = rows_int(r, 7),
	        .created_at = rows_int(r, 8),
	        .bot = rows_bool(r, 9),
	        .muted_until = rows_int(r, 10),
	        .cases = (int)rows_int(r, 11),
	};
}

bool customer_load(struct store *store, int64_t id, struct arena *arena, struct customer *customer)
{
	struct rows r;
	rows_begin(&r, store->db, CUSTOMER_SELECT "WHERE id=?", "i", id);
	bool found = rows_next(&r);
	if (found)
		customer_read(&r, arena, customer);
	rows_end(&r);
	return found;
}
