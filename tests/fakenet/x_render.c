/* The world as X's JSON: posts in the names that were asked for, texts with their short links and escapes, and what
 * they speak of beside them. */
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"
#include "tests/fakenet/text.h"

#include <inttypes.h>
#include <stdio.h>

/* --- what is asked for */

bool x_listed(const char *list, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = list; p && *p;) {
		size_t n = strcspn(p, ",");
		if (n == len && strncmp(p, word, len) == 0)
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

/* Names that are not known are dropped without a word. */
struct x_wish x_wish_read(const struct x_site *x, const struct params *params)
{
	const char *fresh = x->forgets_new ? NULL : param_get(params, "post.fields");
	const char *old = x->forgets_old ? NULL : param_get(params, "tweet.fields");
	return (struct x_wish){
	        .fields = str_or(fresh ? fresh : old, ""),
	        .expansions = str_or(param_get(params, "expansions"), ""),
	        .fresh = fresh != NULL,
	};
}

/* In the old names a field, in the new ones an expansion. */
static bool wants(const struct x_wish *wish, const char *old, const char *fresh)
{
	return wish->fresh ? x_listed(wish->expansions, fresh) : x_listed(wish->fields, old);
}

static bool wants_field(const struct x_wish *wish, const char *name)
{
	return x_listed(wish->fields, name);
}

/* --- users */

json *x_render_user(const struct person *person, bool fresh)
{
	char text[64];
	json *out = json_object(), *metrics = json_object();
	json_set_id(out, "id", person->id);
	json_set_str(out, "username", person->username);
	json_set_str(out, "name", person->display);
	snprintf(text, sizeof text, "%sT00:00:00.000Z", person->since);
	json_set_str(out, "created_at", text);
	json_set_str(out, "description", person->note);
	json_set_bool(out, "protected", person->locked);
	json_set_bool(out, "verified", false);
	json_set_str(out, "verified_type", "none");
	json_set_int(metrics, "followers_count", person->followers);
	json_set_int(metrics, "following_count", person->following);
	json_set_int(metrics, fresh ? "post_count" : "tweet_count", person->statuses);
	json_set(out, "public_metrics", metrics);
	if (person->bot) {
		json *affiliation = json_object();
		json_set_str(affiliation, "description", "Automated");
		json_set(out, "affiliation", affiliation);
	}
	return out;
}

bool x_mentions(const struct status *status, const struct person *person)
{
	for (size_t i = 0; i < status->mention_count; i++)
		if (status->mentions[i] == person)
			return true;
	return status->parent && status->parent->by == person && status->by != person;
}

/* --- texts */

struct text_maker {
	struct str text;
	int64_t at; /* code points so far */
	json *mentions, *tags, *urls;
	int links;
};

static void add_piece(struct text_maker *maker, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		static const struct {
			char is;
			const char *escape;
		} escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}};
		const char *escape = NULL;
		for (size_t e = 0; e < 3; e++)
			if (bytes[i] == escapes[e].is)
				escape = escapes[e].escape;
		if (escape)
			str_adds(&maker->text, escape);
		else
			str_addc(&maker->text, bytes[i]);
		maker->at += escape ? (int64_t)strlen(escape) : ((unsigned char)bytes[i] & 0xC0) != 0x80;
	}
}

static json *entity(struct text_maker *maker, int64_t length)
{
	json *out = json_object();
	json_set_int(out, "start", maker->at);
	json_set_int(out, "end", maker->at + length);
	return out;
}

static void add_mention(struct text_maker *maker, const struct person *person, const char *name, size_t len)
{
	json *out = entity(maker, (int64_t)len);
	json_set_str(out, "username", person->username);
	json_set_id(out, "id", person->id);
	json_push(maker->mentions, out);
	add_piece(maker, name, len);
}

static void add_link(struct text_maker *maker, const struct status *status, const char *url, const char *media_key)
{
	char shortened[40];
	uint64_t hash = hash_bytes(url, strlen(url)) ^ (uint64_t)status->id;
	snprintf(shortened, sizeof shortened, "https://t.co/%010" PRIx64, hash & 0xFFFFFFFFFF);
	json *out = entity(maker, (int64_t)strlen(shortened));
	json_set_str(out, "url", shortened);
	json_set_str(out, "expanded_url", url);
	json_set_str(out, "display_url", strstr(url, "//") ? strstr(url, "//") + 2 : url);
	if (media_key)
		json_set_str(out, "media_key", media_key);
	json_push(maker->urls, out);
	add_piece(maker, shortened, strlen(shortened));
	maker->links++;
}

static void add_tag(struct text_maker *maker, const struct text_token *token)
{
	struct str name = STR_INIT;
	str_add(&name, token->at + 1, token->len - 1);
	int64_t length = 1;
	for (size_t i = 0; i < name.len; i++)
		length += ((unsigned char)name.p[i] & 0xC0) != 0x80;
	json *out = entity(maker, length);
	json_set_str(out, "tag", name.p);
	json_push(maker->tags, out);
	add_piece(maker, token->at, token->len);
	str_release(&name);
}

static void media_key(const struct status *status, size_t i, char out[40])
{
	snprintf(out, 40, "%s_%" PRId64 "%zu", str_eq(status->media[i].type, "video") ? "7" : "3", status->id, i);
}

static void add_media_link(struct text_maker *maker, const struct status *status)
{
	char key[40];
	struct str url = STR_INIT;
	if (!status->media_count)
		return;
	media_key(status, 0, key);
	str_addf(&url, "https://x.com/%s/status/%" PRId64 "/photo/1", status->by->username, status->id);
	if (maker->text.len)
		add_piece(maker, " ", 1);
	add_link(maker, status, url.p, key);
	str_release(&url);
}

/* Whoever is answered is named before the text, unless the author did it. */
static int64_t add_implicit_name(struct text_maker *maker, const struct status *status)
{
	const struct person *to = status->parent ? status->parent->by : NULL;
	if (!to || to == status->by)
		return 0;
	for (size_t i = 0; i < status->mention_count; i++)
		if (status->mentions[i] == to)
			return 0;
	struct str name = STR_INIT;
	str_addf(&name, "@%s", to->username);
	add_mention(maker, to, name.p, name.len);
	add_piece(maker, " ", 1);
	str_release(&name);
	return maker->at;
}

static void add_token(struct text_maker *maker, const struct world *world, const struct status *status,
        const struct text_token *token)
{
	struct str url = STR_INIT;
	const struct person *person =
	        token->kind == TEXT_MENTION ? world_find_person(world, token->at, token->len) : NULL;
	if (person) {
		add_mention(maker, person, token->at, token->len);
	} else if (token->kind == TEXT_TAG) {
		add_tag(maker, token);
	} else if (token->kind == TEXT_LINK) {
		str_add(&url, token->at, token->len);
		add_link(maker, status, url.p, NULL);
	} else {
		add_piece(maker, token->at, token->len);
	}
	str_release(&url);
}

static json *render_text(const struct world *world, const struct status *status, json *entities)
{
	struct text_maker maker = {
	        .text = STR_INIT, .mentions = json_array(), .tags = json_array(), .urls = json_array()};
	struct text_token token;
	json *range = json_array();
	char number[24];
	int64_t visible_from = add_implicit_name(&maker, status);
	for (size_t at = 0; text_next(status->text, &at, &token);)
		add_token(&maker, world, status, &token);
	add_media_link(&maker, status);
	json *out = json_object();
	json_set_str(out, "text", maker.text.p);
	json_set(entities, "mentions", maker.mentions);
	json_set(entities, "hashtags", maker.tags);
	json_set(entities, "urls", maker.urls);
	const int64_t ends[2] = {visible_from, maker.at};
	for (int i = 0; i < 2; i++) {
		snprintf(number, sizeof number, "%" PRId64, ends[i]);
		json_push(range, json_parse(number, strlen(number), NULL));
	}
	json_set(out, "display_text_range", range);
	str_release(&maker.text);
	return out;
}

/* --- posts */

static void set_history(json *out, const struct x_answer *answer, const struct status *status)
{
	char id[24];
	json *history = json_array();
	snprintf(id, sizeof id, "%" PRId64, x_post_id(answer->world, status));
	json_push_str(history, id);
	if (status->edited_ms) {
		snprintf(id, sizeof id, "%" PRId64, x_version_id(answer->world, status));
		json_push_str(history, id);
	}
	json_set(out, answer->wish.fresh ? "edit_history_post_ids" : "edit_history_tweet_ids", history);
}

static void push_reference(json *list, const char *type, const struct world *world, const struct status *status)
{
	if (!status)
		return;
	json *one = json_object();
	json_set_str(one, "type", type);
	json_set_id(one, "id", x_post_id(world, status));
	json_push(list, one);
}

static void set_references(json *out, const struct x_answer *answer, const struct status *status)
{
	const struct x_wish *wish = &answer->wish;
	json *list = json_array();
	push_reference(list, "replied_to", answer->world, status->parent);
	push_reference(list, "quoted", answer->world, status->quote);
	if (json_count(list) && wants(wish, "referenced_tweets", "referenced_posts"))
		json_set(out, wish->fresh ? "referenced_posts" : "referenced_tweets", list);
	else
		json_free(list);
	if (status->parent && wants(wish, "in_reply_to_user_id", "in_reply_to_user_id"))
		json_set_id(out, "in_reply_to_user_id", status->parent->by->id);
}

static json *render_metrics(const struct status *status, bool fresh)
{
	json *out = json_object();
	json_set_int(out, fresh ? "repost_count" : "retweet_count", status->boosts);
	json_set_int(out, "reply_count", status->replies);
	json_set_int(out, "like_count", status->favourites);
	json_set_int(out, "quote_count", 0);
	json_set_int(out, "impression_count", 0);
	return out;
}

static void set_attachments(json *out, const struct status *status)
{
	char key[40];
	json *attachments = json_object(), *keys = json_array();
	for (size_t i = 0; i < status->media_count; i++) {
		media_key(status, i, key);
		json_push_str(keys, key);
	}
	json_set(attachments, "media_keys", keys);
	json_set(out, "attachments", attachments);
}

static json *render_post(const struct x_answer *answer, const struct status *status)
{
	const struct x_wish *wish = &answer->wish;
	const struct status *root = status;
	while (root->parent)
		root = root->parent;
	json *entities = json_object(), *out = render_text(answer->world, status, entities);
	json_set_id(out, "id", x_version_id(answer->world, status));
	set_history(out, answer, status);
	if (wants(wish, "author_id", "author_id"))
		json_set_id(out, "author_id", status->by->id);
	set_references(out, answer, status);
	if (wants_field(wish, "conversation_id"))
		json_set_id(out, "conversation_id", x_post_id(answer->world, root));
	if (wants_field(wish, "created_at"))
		json_set_time(out, "created_at", status->edited_ms ? status->edited_ms : status->created_ms);
	if (wants_field(wish, "lang"))
		json_set_str(out, "lang", str_or(status->lang, "und"));
	if (wants_field(wish, "possibly_sensitive"))
		json_set_bool(out, "possibly_sensitive", status->sensitive);
	if (wants_field(wish, "reply_settings"))
		json_set_str(out, "reply_settings", str_or(status->reply_settings, "everyone"));
	if (wants_field(wish, "public_metrics"))
		json_set(out, "public_metrics", render_metrics(status, wish->fresh));
	if (wants_field(wish, "attachments") && status->media_count)
		set_attachments(out, status);
	if (wants_field(wish, "entities"))
		json_set(out, "entities", entities);
	else
		json_free(entities);
	return out;
}

/* --- answers */

void x_answer_begin(struct x_answer *answer, const struct world *world, const struct x_wish *wish)
{
	*answer = (struct x_answer){.wish = *wish,
	        .world = world,
	        .data = json_array(),
	        .users = json_array(),
	        .posts = json_array(),
	        .media = json_array(),
	        .errors = json_array()};
}

static bool seen(struct x_answer *answer, int64_t id)
{
	for (size_t i = 0; i < answer->seen.len; i++)
		if (answer->seen.at[i] == id)
			return true;
	vec_push(&answer->seen, id);
	return false;
}

static void include_author(struct x_answer *answer, const struct status *status)
{
	if (x_listed(answer->wish.expansions, "author_id") && !seen(answer, status->by->id))
		json_push(answer->users, x_render_user(status->by, answer->wish.fresh));
}

void x_answer_missing(struct x_answer *answer, const char *parameter, const char *value)
{
	struct str detail = STR_INIT;
	json *error = json_object();
	str_addf(&detail, "Could not find tweet with %s: [%s].", parameter, value);
	json_set_str(error, "value", value);
	json_set_str(error, "resource_id", value);
	json_set_str(error, "resource_type", "tweet");
	json_set_str(error, "parameter", parameter);
	json_set_str(error, "title", "Not Found Error");
	json_set_str(error, "detail", detail.p);
	json_set_str(error, "type", "https://api.twitter.com/2/problems/resource-not-found");
	json_push(answer->errors, error);
	str_release(&detail);
}

static void include_post(struct x_answer *answer, const struct status *status)
{
	const char *name = answer->wish.fresh ? "referenced_posts" : "referenced_tweets.id";
	char id[24];
	if (!status || !x_listed(answer->wish.expansions, name) || seen(answer, x_post_id(answer->world, status)))
		return;
	if (x_shows(status)) {
		json_push(answer->posts, render_post(answer, status));
		return;
	}
	snprintf(id, sizeof id, "%" PRId64, x_post_id(answer->world, status));
	x_answer_missing(answer, name, id);
}

static void include_media(struct x_answer *answer, const struct status *status)
{
	char key[40], url[256];
	for (size_t i = 0; i < status->media_count && x_listed(answer->wish.expansions, "attachments.media_keys");
	        i++) {
		json *one = json_object();
		media_key(status, i, key);
		snprintf(url, sizeof url, "https://files.example/m/%s", status->media[i].file);
		json_set_str(one, "media_key", key);
		json_set_str(one, "type", str_eq(status->media[i].type, "video") ? "video" : "photo");
		json_set_str(one, "url", url);
		if (status->media[i].alt)
			json_set_str(one, "alt_text", status->media[i].alt);
		json_push(answer->media, one);
	}
}

void x_answer_add(struct x_answer *answer, const struct status *status)
{
	json_push(answer->data, render_post(answer, status));
	include_author(answer, status);
	include_post(answer, status->parent);
	include_post(answer, status->quote);
	include_media(answer, status);
}

static void set_unless_empty(json *out, const char *key, json *list)
{
	if (json_count(list))
		json_set(out, key, list);
	else
		json_free(list);
}

json *x_answer_whole(struct x_answer *answer, bool single, int64_t *cost)
{
	json *out = json_object(), *includes = json_object();
	size_t posts = json_count(answer->data) + json_count(answer->posts), users = json_count(answer->users);
	*cost = (int64_t)posts * X_COST_POST + (int64_t)users * X_COST_USER;
	if (single && json_count(answer->data)) {
		struct str text = STR_INIT; /* out of its list */
		json_print(json_first(answer->data), &text);
		json_set(out, "data", json_parse(text.p, text.len, NULL));
		json_free(answer->data);
		str_release(&text);
	} else {
		set_unless_empty(out, "data", answer->data);
	}
	set_unless_empty(includes, "users", answer->users);
	set_unless_empty(includes, answer->wish.fresh ? "posts" : "tweets", answer->posts);
	set_unless_empty(includes, "media", answer->media);
	if (json_first(includes))
		json_set(out, "includes", includes);
	else
		json_free(includes);
	set_unless_empty(out, "errors", answer->errors);
	vec_release(&answer->seen);
	return out;
}
