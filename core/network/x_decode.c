#include "core/network/x_decode.h"

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"

#include <limits.h>
#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024) /* bytes; a long post has 25,000 characters at most */
#define LIST_MAX ((size_t)16 * 1024)  /* bytes of handles or links of one post */
#define ENTITIES_MAX 256
#define MEDIA_KEPT 4

/* --- small things */

static const char *keep(struct arena *arena, const char *text)
{
	return utf8_keep(arena, text, TEXT_MAX);
}

static const char *keep_field(struct arena *arena, const json *object, const char *key)
{
	return keep(arena, json_str(object, key));
}

/* The same under either of its two names. */
static const json *either(const json *object, const char *old, const char *new)
{
	const json *found = json_get(object, old);
	return found ? found : json_get(object, new);
}

static int count_of(const json *object, const char *old, const char *new)
{
	int64_t n = json_int(object, old, json_int(object, new, 0));
	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

static int64_t time_field(const json *object, const char *key)
{
	const char *text = json_str(object, key);
	int64_t at = 0;
	return text && time_parse_rfc3339(text, &at) ? at : 0;
}

static bool is_id(const char *text)
{
	return text && *text && strlen(text) <= 20 && strspn(text, "0123456789") == strlen(text);
}

int x_id_compare(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	return a_len != b_len ? (a_len < b_len ? -1 : 1) : strcmp(a, b);
}

static const json *by_key(const json *array, const char *key, const char *wanted)
{
	for (const json *one = json_first(array); one && wanted; one = json_next(one))
		if (str_eq(json_str(one, key), wanted))
			return one;
	return NULL;
}

static const char *referenced(const json *data, const char *type)
{
	const json *list = either(data, "referenced_tweets", "referenced_posts");
	return str_or(json_str(by_key(list, "type", type), "id"), "");
}

/* --- users */

int x_decode_user(const json *user, struct arena *arena, struct customer *customer, struct err *err)
{
	*customer = (struct customer){.network = "x", .followers = -1};
	const char *id = json_str(user, "id"), *name = json_str(user, "username");
	if (!is_id(id) || !name || !*name || strpbrk(name, " /@"))
		return err_set(err, ERR_DATA, "a user without id or name");
	customer->remote_id = customer->remote_key = keep(arena, id);
	customer->handle = keep(arena, arena_printf(arena, "@%s", name));
	customer->url = keep(arena, arena_printf(arena, "https://x.com/%s", name));
	customer->name = keep(arena, str_or(json_str(user, "name"), name));
	customer->followers = json_int(json_get(user, "public_metrics"), "followers_count", -1);
	customer->created_at = time_field(user, "created_at");
	customer->bot = strstr(json_str_or(json_get(user, "affiliation"), "description", ""), "Automated") != NULL;
	return 0;
}

/* A suspended author is missing from the answer: the post is there all the same, and somebody should see it. */
static void nameless(const char *id, struct arena *arena, struct customer *customer)
{
	*customer = (struct customer){.network = "x", .followers = -1};
	customer->remote_id = customer->remote_key = keep(arena, id);
	customer->handle = customer->name = arena_printf(arena, "@%s", id);
	customer->url = arena_printf(arena, "https://x.com/i/user/%s", id);
}

/* --- the text: links and escapes */

/* A place in the text, in bytes, where something else stands. */
struct place {
	size_t begin, end;
	const char *instead; /* "" takes it away */
};

static size_t byte_of(const char *text, int64_t code_points)
{
	size_t at = 0;
	for (; text[at] && code_points > 0; code_points--) {
		uint32_t cp;
		at += utf8_decode(text + at, strlen(text + at) < 4 ? strlen(text + at) : 4, &cp);
	}
	return at;
}

/* Offsets are code points of the text as it was sent, escapes and all. Where the link does not stand there, it is
 * looked for. */
static bool place_of(const char *text, const json *entity, struct place *place)
{
	const char *url = json_str(entity, "url");
	if (!url || !*url)
		return false;
	size_t at = byte_of(text, json_int(entity, "start", 0));
	const char *found = strncmp(text + at, url, strlen(url)) == 0 ? text + at : strstr(text, url);
	if (!found)
		return false;
	const char *target = json_str(entity, "unwound_url");
	place->begin = (size_t)(found - text);
	place->end = place->begin + strlen(url);
	place->instead = json_str(entity, "media_key") ? "" : str_or(target, json_str_or(entity, "expanded_url", url));
	return true;
}

static int places_of(const char *text, const json *urls, struct place *places)
{
	int count = 0;
	for (const json *url = json_first(urls); url && count < ENTITIES_MAX; url = json_next(url)) {
		struct place place;
		if (!place_of(text, url, &place))
			continue;
		int at = count;
		while (at && places[at - 1].begin > place.begin)
			at--;
		if (at && places[at - 1].end > place.begin)
			continue; /* the same again */
		memmove(places + at + 1, places + at, (size_t)(count - at) * sizeof *places);
		places[at] = place;
		count++;
	}
	return count;
}

/* X escapes these three, and no others. */
static void add_unescaped(struct str *out, const char *text, size_t len)
{
	static const struct {
		const char *escape;
		char is;
	} escapes[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		for (size_t e = 0; c == '&' && e < sizeof escapes / sizeof *escapes; e++) {
			size_t n = strlen(escapes[e].escape);
			if (len - i >= n && strncmp(text + i, escapes[e].escape, n) == 0) {
				c = escapes[e].is;
				i += n - 1;
				break;
			}
		}
		str_addc(out, c);
	}
}

/* The names at the beginning of a reply that its author did not write. display_text_range says that there are such, not
 * quite reliably how far they go: as far as they are mentions. */
static size_t implicit_names(const char *text, const json *data, const json *mentions)
{
	size_t at = 0;
	if (!json_first(json_get(data, "display_text_range")) || !*referenced(data, "replied_to"))
		return 0;
	while (text[at] == '@') {
		size_t len = strcspn(text + at + 1, " \n");
		bool named = false;
		for (const json *m = json_first(mentions); m && !named; m = json_next(m)) {
			const char *name = json_str_or(m, "username", "");
			named = strlen(name) == len && str_icmp_n(name, text + at + 1, len) == 0;
		}
		if (!named || text[at + 1 + len] != ' ')
			break;
		at += len + 2;
	}
	return at;
}

static void decode_text(const json *data, const json *whole, struct arena *arena, struct post *post)
{
	struct place places[ENTITIES_MAX];
	const char *text = keep_field(arena, whole, "text");
	const json *entities = json_get(whole, "entities");
	int count = places_of(text, json_get(entities, "urls"), places);
	struct str out, links;
	str_init(&out, TEXT_MAX);
	str_init(&links, LIST_MAX);
	size_t at = implicit_names(text, data, json_get(entities, "mentions"));
	for (int i = 0; i < count; i++) {
		if (places[i].begin < at)
			continue;
		add_unescaped(&out, text + at, places[i].begin - at);
		str_adds(&out, places[i].instead);
		at = places[i].end;
		bool web = str_starts(places[i].instead, "https://") || str_starts(places[i].instead, "http://");
		if (web && !strpbrk(places[i].instead, " \t\r\n"))
			str_addf(&links, "%s%s", links.len ? " " : "", places[i].instead);
	}
	add_unescaped(&out, text + at, strlen(text + at));
	str_trim(&out);
	post->text = keep(arena, out.p);
	post->links = keep(arena, links.p);
	str_release(&out);
	str_release(&links);
}

/* --- posts */

static void decode_mentions(
        const struct x_decoder *decoder, const json *entities, struct arena *arena, struct post *post)
{
	struct str handles;
	str_init(&handles, LIST_MAX);
	for (const json *m = json_first(json_get(entities, "mentions")); m; m = json_next(m)) {
		const char *name = json_str_or(m, "username", "");
		if (*name && !strpbrk(name, " @"))
			str_addf(&handles, "%s@%s", handles.len ? " " : "", name);
		post->addressed |= *decoder->self_id && str_eq(json_str(m, "id"), decoder->self_id);
	}
	post->mentions = keep(arena, handles.p);
	str_release(&handles);
}

static enum media_kind media_kind_of(const char *type)
{
	return str_eq(type, "photo")          ? MEDIA_PHOTO
	       : str_eq(type, "video")        ? MEDIA_VIDEO
	       : str_eq(type, "animated_gif") ? MEDIA_GIF
	                                      : MEDIA_OTHER;
}

static void decode_media(const json *data, const json *includes, struct arena *arena, struct post *post)
{
	struct media *media = arena_array(arena, struct media, MEDIA_KEPT);
	const json *keys = json_path(data, "attachments.media_keys");
	for (const json *key = json_first(keys); key && post->media_count < MEDIA_KEPT; key = json_next(key)) {
		const json *one = by_key(json_get(includes, "media"), "media_key", json_text(key));
		const char *url = json_str(one, "url");
		media[post->media_count++] = (struct media){
		        .kind = media_kind_of(json_str_or(one, "type", "")),
		        .alt = keep_field(arena, one, "alt_text"),
		        .url = keep(arena, url ? url : json_str(one, "preview_image_url")),
		};
	}
	post->media = media;
}

/* Self-serve applications may answer whoever named us or quoted a post of ours in the post itself; answers to posts of
 * ours are let through as well. Whom the author's own setting keeps out cannot answer either: those whom the post
 * names always can. */
static const char *reply_refusal(const struct x_decoder *decoder, const json *data, const json *includes,
        const struct item *item, struct arena *arena)
{
	static const char *const settings[][2] = {{"mentionedUsers", "those they name"},
	        {"following", "those they follow"}, {"subscribers", "their subscribers"},
	        {"verified", "verified accounts"}};
	if (item->post.direction == DIR_OUT || item->post.addressed || !*decoder->self_id)
		return "";
	const char *setting = json_str_or(data, "reply_settings", "everyone");
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (str_ieq(setting, settings[i][0]))
			return arena_printf(arena, "%s lets only %s answer", item->customer.handle, settings[i][1]);
	const json *posts = either(includes, "tweets", "posts");
	const char *quoted = json_str(by_key(posts, "id", referenced(data, "quoted")), "author_id");
	if (str_eq(json_str(data, "in_reply_to_user_id"), decoder->self_id) || str_eq(quoted, decoder->self_id))
		return "";
	return arena_printf(arena,
	        "%s has not named you in this post, and X lets applications answer only those who do",
	        item->customer.handle);
}

static void decode_author(
        const struct x_decoder *decoder, const json *data, const json *includes, struct arena *arena, struct item *item)
{
	struct err ignored = ERR_INIT;
	const char *id = json_str(data, "author_id");
	const json *user = by_key(json_get(includes, "users"), "id", id);
	if (!user)
		for (const json *u = json_first(json_get(includes, "users")); u && !user; u = json_next(u))
			if (str_eq(json_str(json_get(u, "data"), "id"), id)) /* some events wrap them */
				user = json_get(u, "data");
	if (!user || x_decode_user(user, arena, &item->customer, &ignored))
		nameless(id, arena, &item->customer);
	bool ours = *decoder->self_id && str_eq(id, decoder->self_id);
	item->post.direction = ours ? DIR_OUT : DIR_IN;
	item->post.author_handle = item->customer.handle;
	item->post.author_name = item->customer.name;
	item->post.visibility = json_bool(user, "protected", false) ? VIS_PRIVATE : VIS_PUBLIC;
}

/* An edit has an id of its own; what it is the newest version of stands first in its history, and is what we know the
 * post by. */
static int decode_identity(const json *data, struct arena *arena, struct post *post, struct err *err)
{
	const char *id = json_str(data, "id");
	const json *history = either(data, "edit_history_tweet_ids", "edit_history_post_ids");
	const char *first = json_text(json_first(history));
	if (!is_id(id))
		return err_set(err, ERR_DATA, "a post without id");
	if (!is_id(json_str(data, "author_id")))
		return err_set(err, ERR_DATA, "post %s without an author", id);
	int64_t at = time_field(data, "created_at");
	if (!at || !json_str(data, "text"))
		return err_set(err, ERR_DATA, "post %s without time or text", id);
	post->remote_id = keep(arena, is_id(first) ? first : id);
	post->created_at = at;
	post->edited_at = json_count(history) > 1 ? at : 0;
	post->uri = arena_printf(arena, "https://x.com/i/status/%s", post->remote_id);
	return 0;
}

static int decode_one(const struct x_decoder *decoder, const json *data, const json *includes, struct arena *arena,
        struct item *item, struct err *err)
{
	*item = (struct item){.kind = ITEM_POST, .root_remote_id = ""};
	struct post *post = &item->post;
	int rc = decode_identity(data, arena, post, err);
	if (rc)
		return rc;
	const json *note = either(data, "note_tweet", "note_post"), *metrics = json_get(data, "public_metrics");
	const json *whole = json_str(note, "text") ? note : data;
	decode_author(decoder, data, includes, arena, item);
	post->url = arena_printf(arena, "%s/status/%s", item->customer.url, post->remote_id);
	post->parent_remote_id = keep(arena, referenced(data, "replied_to"));
	const char *lang = json_str_or(data, "lang", "");
	/* und, qme, zxx and the like name no language. */
	post->language = strlen(lang) == 2 || strchr(lang, '-') ? keep(arena, lang) : "";
	post->warning = post->sent_by = "";
	post->sensitive = json_bool(data, "possibly_sensitive", false);
	post->boosts = count_of(metrics, "retweet_count", "repost_count");
	post->liked_by_us = post->boosted_by_us = -1;
	post->likes = count_of(metrics, "like_count", "like_count");
	post->replies = count_of(metrics, "reply_count", "reply_count");
	decode_text(data, whole, arena, post);
	decode_mentions(decoder, json_get(whole, "entities"), arena, post);
	decode_media(data, includes, arena, post);
	post->reply_refusal = reply_refusal(decoder, data, includes, item, arena);
	if (post->direction == DIR_IN && *decoder->self_id)
		post->addressed |= str_eq(json_str(data, "in_reply_to_user_id"), decoder->self_id);
	item->mention = post->addressed && post->direction == DIR_IN;
	item->root_remote_id = keep(arena, json_str(data, "conversation_id"));
	return 0;
}

static const json *data_of(const json *answer)
{
	const json *data = json_get(answer, "data");
	return json_is_array(data) ? json_first(data) : data;
}

int x_decode_posts(struct x_decoder *decoder, const json *answer, struct arena *arena, struct item **items)
{
	const json *data = json_get(answer, "data"), *includes = json_get(answer, "includes");
	bool many = json_is_array(data);
	*items = arena_array(arena, struct item, (many ? json_count(data) : 1) + 1);
	int count = 0;
	for (const json *one = data_of(answer); one; one = many ? json_next(one) : NULL) {
		struct err err = ERR_INIT;
		if (*referenced(one, "retweeted"))
			continue;
		if (decode_one(decoder, one, includes, arena, &(*items)[count], &err) == 0)
			count++;
		else
			log_line(LOG_WARN, "x: dropped one item (%lu so far): %s", ++decoder->dropped, err.text);
	}
	return count;
}

bool x_decode_has_authors(const json *answer)
{
	bool any = false, many = json_is_array(json_get(answer, "data"));
	for (const json *one = data_of(answer); one; one = many ? json_next(one) : NULL) {
		if (json_str(one, "author_id"))
			return true;
		any = true;
	}
	return !any;
}

struct x_count x_decode_count(const json *answer)
{
	const json *data = json_get(answer, "data"), *includes = json_get(answer, "includes");
	struct x_count count = {.included = (int)json_count(either(includes, "tweets", "posts")),
	        .users = (int)json_count(json_get(includes, "users"))};
	if (json_str(data, "username"))
		count.users++;
	else
		count.posts += json_is_array(data) ? (int)json_count(data) : json_is_object(data);
	return count;
}

/* --- errors */

/* The host in front of it is api.x.com or api.twitter.com. */
static bool is_problem(const json *body, const char *name)
{
	const char *type = json_str_or(body, "type", "");
	const char *slash = strrchr(type, '/');
	return slash && str_eq(slash + 1, name);
}

static bool says(const json *body, const char *words)
{
	struct str detail = STR_INIT;
	const json *first = json_first(json_get(body, "errors"));
	str_addf(&detail, "%s %s", json_str_or(body, "detail", ""), json_str_or(first, "message", ""));
	for (size_t i = 0; i < detail.len; i++)
		if (detail.p[i] >= 'A' && detail.p[i] <= 'Z')
			detail.p[i] = (char)(detail.p[i] - 'A' + 'a');
	bool found = strstr(detail.p, words) != NULL;
	str_release(&detail);
	return found;
}

enum x_fault x_decode_fault(int status, const json *body)
{
	const char *issue = json_str(body, "connection_issue");
	if (status == 402)
		return X_FAULT_CREDITS;
	if (is_problem(body, "usage-capped") || str_eq(json_str(body, "title"), "UsageCapExceeded"))
		return X_FAULT_CAPPED;
	if (str_eq(issue, "TooManyConnections"))
		return X_FAULT_CONNECTIONS;
	if (status == 409 || str_eq(issue, "RuleConfigurationIssue"))
		return X_FAULT_NO_RULES;
	if (status != 403)
		return X_FAULT_OTHER;
	if (says(body, "duplicate"))
		return X_FAULT_DUPLICATE;
	if (says(body, "deleted or not visible"))
		return X_FAULT_GONE;
	if (is_problem(body, "client-forbidden") || json_str(body, "reason"))
		return X_FAULT_SETUP;
	return says(body, "not been mentioned") || says(body, "reply to this conversation") ? X_FAULT_UNSUMMONED
	                                                                                    : X_FAULT_OTHER;
}

const char *x_decode_error(const json *body, struct arena *arena)
{
	const json *first = json_first(json_get(body, "errors"));
	const char *const found[] = {json_str(body, "error_description"), json_str(first, "message"),
	        json_str(body, "detail"), json_str(first, "detail"), json_str(body, "title"), json_str(body, "error")};
	for (size_t i = 0; i < sizeof found / sizeof *found; i++)
		if (found[i] && *found[i])
			return keep(arena, found[i]);
	return NULL;
}
