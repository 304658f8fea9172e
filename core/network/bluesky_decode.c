#include "core/network/bluesky_decode.h"

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"
#include "core/text/domain.h"

#include <limits.h>
#include <string.h>

#define TEXT_MAX ((size_t)64 * 1024) /* bytes; a post has 3,000, its links may be longer than what they show */
#define LIST_MAX ((size_t)16 * 1024) /* bytes of handles or links of one post */
#define FACETS_MAX 256
#define MEDIA_KEPT 10
#define DID_MAX 256
#define RKEY_MAX 512
#define POST_COLLECTION "app.bsky.feed.post"

/* --- small things */

static const char *keep(struct arena *arena, const char *text)
{
	return utf8_keep(arena, text, TEXT_MAX);
}

static const char *keep_field(struct arena *arena, const json *object, const char *key)
{
	return keep(arena, json_str(object, key));
}

static int count_field(const json *object, const char *key)
{
	int64_t n = json_int(object, key, 0);
	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

static int64_t time_field(const json *object, const char *key)
{
	const char *text = json_str(object, key);
	int64_t at = 0;
	return text && time_parse_rfc3339(text, &at) ? at : 0;
}

static bool is_of(const char *text, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!plain && !(c && strchr(more, c)))
			return false;
	}
	return len > 0;
}

static bool is_did(const char *text, size_t len)
{
	return len > 8 && len <= DID_MAX && strncmp(text, "did:", 4) == 0 && is_of(text, len, "._:%-");
}

bool bluesky_is_did(const char *text)
{
	return text && is_did(text, strlen(text));
}

bool bluesky_uri_parse(const char *uri, struct bluesky_uri *out)
{
	if (!uri || !str_starts(uri, "at://"))
		return false;
	out->did = uri + 5;
	size_t did_len = strcspn(out->did, "/");
	if (!is_did(out->did, did_len) || !out->did[did_len])
		return false;
	out->collection = out->did + did_len + 1;
	size_t collection_len = strcspn(out->collection, "/");
	if (!is_of(out->collection, collection_len, ".-") || collection_len > RKEY_MAX ||
	        !out->collection[collection_len])
		return false;
	out->rkey = out->collection + collection_len + 1;
	out->did_len = (int)did_len;
	out->collection_len = (int)collection_len;
	size_t rkey_len = strlen(out->rkey);
	return rkey_len <= RKEY_MAX && is_of(out->rkey, rkey_len, "._:~-");
}

bool bluesky_uri_is_of(const char *uri, const char *did)
{
	struct bluesky_uri parts;
	return *did && bluesky_uri_parse(uri, &parts) && (size_t)parts.did_len == strlen(did) &&
	       strncmp(parts.did, did, strlen(did)) == 0;
}

static bool is_post(const struct bluesky_uri *uri)
{
	return uri->collection_len == (int)strlen(POST_COLLECTION) &&
	       strncmp(uri->collection, POST_COLLECTION, strlen(POST_COLLECTION)) == 0;
}

/* --- people */

static bool has_label(const json *labels, const char *value, const char *from)
{
	for (const json *label = json_first(labels); label; label = json_next(label))
		if (str_eq(json_str(label, "val"), value) && (!from || str_eq(json_str(label, "src"), from)))
			return true;
	return false;
}

int bluesky_decode_profile(const json *profile, struct arena *arena, struct customer *customer, struct err *err)
{
	*customer = (struct customer){.network = "bluesky", .followers = -1};
	const char *did = json_str(profile, "did"), *handle = json_str_or(profile, "handle", "handle.invalid");
	if (!bluesky_is_did(did))
		return err_set(err, ERR_DATA, "a profile without a DID");
	/* Many may have the handle handle.invalid: theirs does not lead back to them at the moment. */
	bool named = !str_eq(handle, "handle.invalid") && is_of(handle, strlen(handle), ".-");
	customer->remote_id = customer->remote_key = keep(arena, did);
	customer->handle = arena_printf(arena, "@%s", named ? handle : did);
	customer->url = arena_printf(arena, "https://bsky.app/profile/%s", did);
	customer->name = keep(arena, str_or(json_str(profile, "displayName"), customer->handle + 1));
	customer->followers = json_int(profile, "followersCount", -1);
	customer->created_at = time_field(profile, "createdAt");
	customer->bot = has_label(json_get(profile, "labels"), "bot", did);
	return 0;
}

/* --- the text: facets */

struct span {
	size_t begin, end;
	const json *feature;
};

static const char *feature_type(const json *feature)
{
	const char *type = json_str_or(feature, "$type", ""), *mark = strrchr(type, '#');
	return mark ? mark + 1 : "";
}

/* Facets in the order of their bytes; one that lies over another, or beyond the text, is ignored. */
static int spans_of(const json *record, size_t text_len, struct span *spans)
{
	int count = 0;
	for (const json *facet = json_first(json_get(record, "facets")); facet && count < FACETS_MAX;
	        facet = json_next(facet)) {
		const json *index = json_get(facet, "index");
		int64_t begin = json_int(index, "byteStart", -1), end = json_int(index, "byteEnd", -1);
		if (begin < 0 || end <= begin || end > (int64_t)text_len)
			continue;
		struct span span = {(size_t)begin, (size_t)end, json_first(json_get(facet, "features"))};
		int at = count;
		while (at && spans[at - 1].begin > span.begin)
			at--;
		if ((at && spans[at - 1].end > span.begin) || (at < count && spans[at].begin < span.end))
			continue;
		memmove(spans + at + 1, spans + at, (size_t)(count - at) * sizeof *spans);
		spans[at] = span;
		count++;
	}
	return count;
}

static void add_word(struct str *list, const char *word)
{
	if (*word && !strpbrk(word, " \t\r\n"))
		str_addf(list, "%s%s", list->len ? " " : "", word);
}

static bool is_web(const char *uri)
{
	return str_starts(uri, "https://") || str_starts(uri, "http://");
}

/* The whole address where the text shows a form of it, else both: what is shown need not be where it leads. */
static void add_link(const char *shown, const char *uri, struct str *text, struct str *links)
{
	struct str target;
	str_init(&target, LIST_MAX);
	str_adds(&target, uri);
	link_clean(&target);
	if (!is_web(target.p))
		str_adds(text, shown);
	else if (link_is_form_of(shown, target.p, false))
		str_adds(text, target.p);
	else
		str_addf(text, "%s <%s>", shown, target.p);
	if (is_web(target.p))
		add_word(links, target.p);
	str_release(&target);
}

struct reading {
	struct arena *arena;
	struct str text, mentions, links;
	bool names_us;
};

static void read_span(
        const struct bluesky_decoder *decoder, const struct span *span, const char *shown, struct reading *reading)
{
	const char *type = feature_type(span->feature), *did = json_str(span->feature, "did");
	if (str_eq(type, "link")) {
		add_link(shown, json_str_or(span->feature, "uri", ""), &reading->text, &reading->links);
		return;
	}
	str_adds(&reading->text, shown);
	if (str_eq(type, "mention") && bluesky_is_did(did)) {
		reading->names_us |= str_eq(did, decoder->self_did);
		add_word(&reading->mentions, *shown == '@' ? shown : arena_printf(reading->arena, "@%s", did));
	}
}

static void read_text(const struct bluesky_decoder *decoder, const json *record, struct reading *reading)
{
	struct span spans[FACETS_MAX];
	const char *text = json_str_or(record, "text", "");
	int count = spans_of(record, strlen(text), spans);
	size_t at = 0;
	for (int i = 0; i < count; i++) {
		const char *shown = arena_strndup(reading->arena, text + spans[i].begin, spans[i].end - spans[i].begin);
		str_add(&reading->text, text + at, spans[i].begin - at);
		read_span(decoder, &spans[i], shown, reading);
		at = spans[i].end;
	}
	str_adds(&reading->text, text + at);
}

/* --- what hangs on a post */

static const json *part(const json *embed, const char *with_media)
{
	const json *inner = json_get(embed, with_media);
	return inner ? inner : embed;
}

static void add_media(struct post *post, struct media *media, enum media_kind kind, const char *alt, const char *url)
{
	if (post->media_count < MEDIA_KEPT)
		media[post->media_count++] = (struct media){kind, alt, url};
}

/* The view has addresses, the record of a notification has not. */
static void decode_media(const json *record, const json *view, struct arena *arena, struct post *post)
{
	struct media *media = arena_array(arena, struct media, MEDIA_KEPT);
	const json *embed = json_get(view, "embed");
	embed = part(embed ? embed : json_get(record, "embed"), "media");
	for (const json *one = json_first(json_get(embed, "images")); one; one = json_next(one))
		add_media(post, media, MEDIA_PHOTO, keep_field(arena, one, "alt"), keep_field(arena, one, "fullsize"));
	if (json_get(embed, "playlist") || json_get(embed, "video"))
		add_media(post, media, MEDIA_VIDEO, keep_field(arena, embed, "alt"),
		        keep_field(arena, embed, "playlist"));
	post->media = media;
}

/* The at:// address of the post that is quoted; NULL when none is. */
static const char *quoted(const json *record)
{
	const json *inner = part(json_get(json_get(record, "embed"), "record"), "record");
	return json_str(inner, "uri");
}

static const char *web_address(struct arena *arena, const struct bluesky_uri *uri)
{
	return arena_printf(arena, "https://bsky.app/profile/%.*s/post/%s", uri->did_len, uri->did, uri->rkey);
}

static void add_embedded_links(const json *record, struct reading *reading)
{
	const json *external = json_get(part(json_get(record, "embed"), "media"), "external");
	const char *uri = json_str_or(external, "uri", "");
	struct bluesky_uri quote;
	if (is_web(uri) && !strstr(reading->links.p, uri))
		add_word(&reading->links, keep(reading->arena, uri));
	if (bluesky_uri_parse(quoted(record), &quote) && is_post(&quote))
		add_word(&reading->links, web_address(reading->arena, &quote));
}

static const char *content_label(const json *record, const json *view)
{
	static const char *const words[] = {"porn", "sexual", "nudity", "graphic-media"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (has_label(json_get(view, "labels"), words[i], NULL) ||
		        has_label(json_path(record, "labels.values"), words[i], NULL))
			return words[i];
	return "";
}

/* --- may it be answered? */

static const char *allowed(const json *threadgate, struct arena *arena)
{
	static const char *const rules[][2] = {{"mentionRule", "those it names"},
	        {"followingRule", "those they follow"}, {"followerRule", "their followers"},
	        {"listRule", "those on a list of theirs"}};
	struct str words = STR_INIT;
	for (const json *rule = json_first(json_path(threadgate, "record.allow")); rule; rule = json_next(rule))
		for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
			if (str_eq(feature_type(rule), rules[i][0]))
				str_addf(&words, "%s%s", words.len ? " and " : "", rules[i][1]);
	const char *kept = arena_strdup(arena, words.len ? words.p : "");
	str_release(&words);
	return kept;
}

/* A server would take the answer all the same, and show it to nobody. */
static const char *reply_refusal(const json *view, const struct item *item, struct arena *arena)
{
	const json *author = json_path(view, "author.viewer");
	if (item->post.direction == DIR_OUT)
		return "";
	if (json_bool(author, "blockedBy", false))
		return arena_printf(arena, "%s has blocked you", item->customer.handle);
	if (json_str(author, "blocking") || json_get(author, "blockingByList"))
		return arena_printf(arena, "you have blocked %s", item->customer.handle);
	if (!json_bool(json_get(view, "viewer"), "replyDisabled", false))
		return "";
	const char *who = allowed(json_get(view, "threadgate"), arena);
	return *who ? arena_printf(arena, "whoever began this conversation lets only %s answer", who)
	            : "whoever began this conversation lets nobody answer";
}

/* --- a post */

static int decode_identity(
        const char *uri, const json *record, const json *outer, struct arena *arena, struct post *post, struct err *err)
{
	struct bluesky_uri parts;
	if (!bluesky_uri_parse(uri, &parts) || !is_post(&parts))
		return err_set(err, ERR_DATA, "a post without address");
	int64_t said = time_field(record, "createdAt"), seen = time_field(outer, "indexedAt");
	if ((!said && !seen) || !json_str(record, "text"))
		return err_set(err, ERR_DATA, "%s has no time or text", uri);
	/* Its author chose the first of the two. */
	post->created_at = said && seen ? (said < seen ? said : seen) : said ? said : seen;
	post->remote_id = post->uri = keep(arena, uri);
	post->url = web_address(arena, &parts);
	return 0;
}

static const char *reference(const json *record, const char *which)
{
	const char *uri = json_str(json_get(json_get(record, "reply"), which), "uri");
	struct bluesky_uri parts;
	return bluesky_uri_parse(uri, &parts) ? uri : "";
}

static void decode_content(const struct bluesky_decoder *decoder, const json *record, const json *view,
        struct arena *arena, struct post *post)
{
	struct reading reading = {.arena = arena};
	str_init(&reading.text, TEXT_MAX);
	str_init(&reading.mentions, LIST_MAX);
	str_init(&reading.links, LIST_MAX);
	read_text(decoder, record, &reading);
	add_embedded_links(record, &reading);
	post->text = keep(arena, reading.text.p);
	post->mentions = keep(arena, reading.mentions.p);
	post->links = keep(arena, reading.links.p);
	post->addressed = reading.names_us || bluesky_uri_is_of(reference(record, "parent"), decoder->self_did) ||
	                  bluesky_uri_is_of(quoted(record), decoder->self_did);
	decode_media(record, view, arena, post);
	str_release(&reading.text);
	str_release(&reading.mentions);
	str_release(&reading.links);
}

/* `outer` is what the record stands in; `view` the same when it is a postView, else NULL. item->customer is known. */
static int decode_into(struct bluesky_decoder *decoder, const char *uri, const json *record, const json *outer,
        const json *view, struct arena *arena, struct item *item, struct err *err)
{
	struct post *post = &item->post;
	int rc = decode_identity(uri, record, outer, arena, post, err);
	if (rc)
		return rc;
	bool ours = *decoder->self_did && str_eq(item->customer.remote_key, decoder->self_did);
	item->kind = ITEM_POST;
	post->direction = ours ? DIR_OUT : DIR_IN;
	post->author_handle = item->customer.handle;
	post->author_name = item->customer.name;
	post->visibility = VIS_PUBLIC;
	post->language = keep(arena, json_text(json_first(json_get(record, "langs"))));
	post->warning = content_label(record, view);
	post->sensitive = *post->warning;
	post->sent_by = "";
	post->boosts = count_field(view, "repostCount");
	post->likes = count_field(view, "likeCount");
	post->replies = count_field(view, "replyCount");
	const json *viewer = json_get(view, "viewer");
	post->liked_by_us = viewer ? json_str(viewer, "like") != NULL : -1;
	post->boosted_by_us = viewer ? json_str(viewer, "repost") != NULL : -1;
	decode_content(decoder, record, view, arena, post);
	post->addressed &= !ours;
	post->parent_remote_id = keep(arena, reference(record, "parent"));
	post->reply_refusal = reply_refusal(view, item, arena);
	item->mention = post->addressed;
	item->root_remote_id = str_or(keep(arena, reference(record, "root")), post->remote_id);
	return 0;
}

int bluesky_decode_post(
        struct bluesky_decoder *decoder, const json *view, struct arena *arena, struct item *item, struct err *err)
{
	*item = (struct item){.root_remote_id = ""};
	int rc = bluesky_decode_profile(json_get(view, "author"), arena, &item->customer, err);
	if (rc)
		return rc;
	return decode_into(decoder, json_str(view, "uri"), json_get(view, "record"), view, view, arena, item, err);
}

int bluesky_decode_notification(struct bluesky_decoder *decoder, const json *notification, struct arena *arena,
        struct item *item, struct err *err)
{
	*item = (struct item){.root_remote_id = ""};
	int rc = bluesky_decode_profile(json_get(notification, "author"), arena, &item->customer, err);
	if (rc)
		return rc;
	return decode_into(decoder, json_str(notification, "uri"), json_get(notification, "record"), notification, NULL,
	        arena, item, err);
}

int bluesky_decode_record(struct bluesky_decoder *decoder, const json *answer, const struct customer *self,
        struct arena *arena, struct item *item, struct err *err)
{
	*item = (struct item){.root_remote_id = "", .customer = *self};
	return decode_into(decoder, json_str(answer, "uri"), json_get(answer, "value"), answer, NULL, arena, item, err);
}

static void drop(struct bluesky_decoder *decoder, const struct err *err)
{
	log_line(LOG_WARN, "bluesky: dropped one item (%lu so far): %s", ++decoder->dropped, err->text);
}

int bluesky_decode_posts(struct bluesky_decoder *decoder, const json *posts, struct arena *arena, struct item **items)
{
	int count = 0;
	*items = arena_array(arena, struct item, json_count(posts) + 1);
	for (const json *one = json_first(posts); one; one = json_next(one)) {
		struct err err = ERR_INIT;
		if (bluesky_decode_post(decoder, one, arena, &(*items)[count], &err) == 0)
			count++;
		else
			drop(decoder, &err);
	}
	return count;
}

bool bluesky_decode_frame(struct bluesky_decoder *decoder, const json *frame, struct arena *arena, struct item *item)
{
	struct err ignored = ERR_INIT;
	const json *commit = json_get(frame, "commit");
	const char *what = json_str(commit, "operation");
	bool gone = str_eq(what, "delete");
	const char *uri = arena_printf(arena, "at://%s/%s/%s", json_str_or(frame, "did", ""),
	        json_str_or(commit, "collection", ""), json_str_or(commit, "rkey", ""));
	struct bluesky_uri parts;
	*item = (struct item){.kind = gone ? ITEM_DELETE : ITEM_POST, .root_remote_id = ""};
	if (!(gone || str_eq(what, "create")) || !bluesky_uri_parse(uri, &parts) || !is_post(&parts))
		return false;
	if (gone) {
		item->post.remote_id = uri;
		return true;
	}
	return bluesky_decode_profile(frame, arena, &item->customer, &ignored) == 0 &&
	       decode_into(decoder, uri, json_get(commit, "record"), frame, NULL, arena, item, &ignored) == 0;
}

int64_t bluesky_message_time(const json *message)
{
	return time_field(message, "sentAt");
}

int bluesky_decode_message(struct bluesky_decoder *decoder, const json *message, const char *convo, const json *profile,
        struct arena *arena, struct item *item, struct err *err)
{
	struct post *post = &item->post;
	const char *id = json_str_or(message, "id", "");
	*item = (struct item){.root_remote_id = ""};
	if (!is_of(convo, strlen(convo), "._:~-") || !is_of(id, strlen(id), "._:~-"))
		return err_set(err, ERR_DATA, "a message without id");
	post->remote_id = post->uri = arena_printf(arena, BLUESKY_MESSAGE "%s/%s", convo, id);
	if (!json_str(message, "text")) {
		item->kind = ITEM_DELETE;
		return 0;
	}
	int rc = bluesky_decode_profile(profile ? profile : json_get(message, "sender"), arena, &item->customer, err);
	if (rc)
		return rc;
	post->created_at = bluesky_message_time(message);
	if (!post->created_at)
		return err_set(err, ERR_DATA, "message %s has no time", id);
	bool ours = str_eq(item->customer.remote_key, decoder->self_did);
	post->direction = ours ? DIR_OUT : DIR_IN;
	post->visibility = VIS_DIRECT;
	post->author_handle = item->customer.handle;
	post->author_name = item->customer.name;
	post->url = arena_printf(arena, "https://bsky.app/messages/%s", convo);
	post->parent_remote_id = post->language = post->warning = post->sent_by = post->reply_refusal = "";
	decode_content(decoder, message, NULL, arena, post);
	post->addressed = item->mention = !ours;
	item->root_remote_id = arena_printf(arena, BLUESKY_MESSAGE "%s", convo);
	return 0;
}

/* --- threads */

struct gathering {
	struct bluesky_decoder *decoder;
	struct arena *arena;
	struct item *items;
	int count, most;
};

static void add_node(struct gathering *g, const json *node)
{
	struct err err = ERR_INIT;
	struct item *item = &g->items[g->count];
	const char *uri = json_str(node, "uri");
	struct bluesky_uri parts;
	if (g->count == g->most)
		return;
	if (json_get(node, "post")) {
		if (bluesky_decode_post(g->decoder, json_get(node, "post"), g->arena, item, &err) == 0)
			g->count++;
		else
			drop(g->decoder, &err);
	} else if (json_bool(node, "notFound", false) && bluesky_uri_parse(uri, &parts)) {
		*item = (struct item){.kind = ITEM_DELETE, .root_remote_id = ""};
		item->post.remote_id = keep(g->arena, uri);
		g->count++;
	}
}

/* As deep as JSON may be nested. */
static void add_branch(struct gathering *g, const json *node)
{
	add_node(g, node);
	for (const json *reply = json_first(json_get(node, "replies")); reply && g->count < g->most;
	        reply = json_next(reply))
		add_branch(g, reply);
}

int bluesky_decode_thread(
        struct bluesky_decoder *decoder, const json *thread, struct arena *arena, struct item **items, int most)
{
	struct gathering g = {decoder, arena, arena_array(arena, struct item, (size_t)most + 1), 0, most};
	const json *parents[256];
	int count = 0;
	for (const json *up = json_get(thread, "parent"); up && count < 256; up = json_get(up, "parent"))
		parents[count++] = up;
	while (count)
		add_node(&g, parents[--count]);
	add_branch(&g, thread);
	*items = g.items;
	return g.count;
}

/* --- sessions */

const char *bluesky_decode_pds(const json *did_document, struct arena *arena)
{
	for (const json *one = json_first(json_get(did_document, "service")); one; one = json_next(one)) {
		const char *end = json_str(one, "serviceEndpoint");
		if (!str_ends(json_str_or(one, "id", ""), "#atproto_pds") ||
		        !str_eq(json_str(one, "type"), "AtprotoPersonalDataServer") || !end || !is_web(end))
			continue;
		size_t len = strlen(end);
		while (len && end[len - 1] == '/')
			len--;
		return arena_strndup(arena, end, len);
	}
	return NULL;
}

static int sextet(char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

/* Its middle part is base64url (RFC 4648, 5) without padding, of a JSON object. */
int64_t bluesky_token_ends(const char *token)
{
	const char *at = strchr(token, '.');
	struct str text;
	unsigned bits = 0, held = 0;
	str_init(&text, LIST_MAX);
	for (at = at ? at + 1 : ""; sextet(*at) >= 0; at++) {
		held = (held << 6 | (unsigned)sextet(*at)) & 0xFFFFu;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			str_addc(&text, (char)(held >> bits & 0xFFu));
		}
	}
	json *body = *at == '.' ? json_parse(text.p, text.len, NULL) : NULL;
	int64_t ends = json_int(body, "exp", 0);
	json_free(body);
	str_release(&text);
	return ends;
}

/* 53 bits of microseconds and 10 of a clock's own number, the most significant digit first. The two parts that the time
 * leaves open come from the key. */
void bluesky_tid(int64_t created_at_ms, const char *idempotency_key, char out[BLUESKY_TID_SIZE])
{
	static const char digits[] = "234567abcdefghijklmnopqrstuvwxyz";
	uint64_t hash = hash_bytes(idempotency_key, strlen(idempotency_key));
	uint64_t micros = (uint64_t)created_at_ms * 1000 + hash % 1000;
	uint64_t tid = (micros & ((UINT64_C(1) << 53) - 1)) << 10 | (hash / 1000 & 0x3FF);
	for (int i = BLUESKY_TID_SIZE - 2; i >= 0; i--, tid >>= 5)
		out[i] = digits[tid & 31];
	out[BLUESKY_TID_SIZE - 1] = '\0';
}

/* --- errors */

enum bluesky_fault bluesky_decode_fault(int status, const json *body)
{
	static const struct {
		const char *name;
		enum bluesky_fault fault;
	} names[] = {{"ExpiredToken", BLUESKY_FAULT_EXPIRED}, {"InvalidToken", BLUESKY_FAULT_TOKEN},
	        {"AuthMissing", BLUESKY_FAULT_TOKEN}, {"AuthenticationRequired", BLUESKY_FAULT_LOGIN},
	        {"AuthFactorTokenRequired", BLUESKY_FAULT_FACTOR}, {"AccountTakedown", BLUESKY_FAULT_CLOSED},
	        {"AccountDeactivated", BLUESKY_FAULT_CLOSED}, {"AccountNotFound", BLUESKY_FAULT_CLOSED},
	        {"NotFound", BLUESKY_FAULT_NOT_FOUND}, {"RecordNotFound", BLUESKY_FAULT_NOT_FOUND},
	        {"InvalidSwap", BLUESKY_FAULT_SWAP}};
	const char *name = json_str_or(body, "error", "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i].name))
			return names[i].fault;
	return status == 401 ? BLUESKY_FAULT_LOGIN : BLUESKY_FAULT_OTHER;
}

const char *bluesky_decode_error(const json *body, struct arena *arena)
{
	const char *words = str_or(json_str(body, "message"), json_str(body, "error"));
	return words && *words ? keep(arena, words) : NULL;
}
