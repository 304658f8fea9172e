#include "core/network/mastodon_decode.h"

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"
#include "core/text/html.h"
#include "core/text/length.h"

#include <limits.h>
#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024) /* bytes of one post's text; no server allows more than a fraction */
#define LIST_MAX ((size_t)16 * 1024)  /* bytes of handles or links of one post */
#define MEDIA_KEPT 16

/* --- small things */

static const char *keep(struct arena *arena, const char *text)
{
	return utf8_keep(arena, text, TEXT_MAX);
}

static const char *keep_field(struct arena *arena, const json *object, const char *key)
{
	return keep(arena, json_str(object, key));
}

/* Ids are strings, but for forks that write numbers. */
static const char *keep_id(struct arena *arena, const json *object, const char *key)
{
	const char *text = json_str(object, key);
	if (text)
		return keep(arena, text);
	int64_t number = json_int(object, key, -1);
	return number >= 0 ? arena_printf(arena, "%lld", (long long)number) : "";
}

static int64_t time_field(const json *object, const char *key)
{
	const char *text = json_str(object, key);
	int64_t at = 0;
	return text && time_parse_rfc3339(text, &at) ? at : 0;
}

static int count_field(const json *object, const char *key)
{
	int64_t n = json_int(object, key, 0);
	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

/* Ids of one kind have one length, but for numbers; their bytes are in the order of time. */
enum id_kind { KIND_NUMBER, KIND_ULID, KIND_FLAKE, KIND_OTHER };

static enum id_kind kind_of(const char *id)
{
	static const char digits[] = "0123456789", crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	enum { ULID_LEN = 26, FLAKE_LEN = 18 };
	size_t len = strlen(id);
	if (len && strspn(id, digits) == len)
		return KIND_NUMBER;
	if (len == ULID_LEN && strspn(id, crockford) == len)
		return KIND_ULID;
	return len == FLAKE_LEN && strspn(id, base62) == len ? KIND_FLAKE : KIND_OTHER;
}

enum id_order mastodon_id_order(const char *a, const char *b)
{
	if (str_eq(a, b))
		return ID_SAME;
	if (str_eq(a, "0") || str_eq(b, "0"))
		return str_eq(a, "0") ? ID_OLDER : ID_NEWER;
	enum id_kind kind = kind_of(a);
	if (kind == KIND_OTHER || kind != kind_of(b))
		return ID_UNORDERED;
	size_t a_len = strlen(a), b_len = strlen(b);
	bool older = a_len != b_len ? a_len < b_len : strcmp(a, b) < 0;
	return older ? ID_OLDER : ID_NEWER;
}

bool mastodon_id_not_newer(const char *a, const char *b)
{
	enum id_order order = mastodon_id_order(a, b);
	return order == ID_SAME || order == ID_OLDER;
}

const char *mastodon_decode_error(const json *body, struct arena *arena)
{
	const char *error = json_str(body, "error");
	const char *more = json_str(body, "error_description");
	if (!error || !*error)
		return NULL;
	return more && *more ? keep(arena, more) : keep(arena, error);
}

/* --- accounts */

/* "@user@domain": accounts of the server itself come without a domain. */
static const char *full_handle(const struct mastodon_decoder *decoder, const json *account, struct arena *arena)
{
	const char *acct = keep_field(arena, account, "acct");
	if (!*acct)
		acct = keep_field(arena, account, "username");
	if (!*acct)
		return "";
	if (strchr(acct, '@') || !*str_or(decoder->domain, ""))
		return arena_printf(arena, "@%s", acct);
	return arena_printf(arena, "@%s@%s", acct, decoder->domain);
}

/* A count of 0 that the account hides is no count (Pleroma says so; a locked profile with 0 is likely to). */
static int64_t followers_of(const json *account)
{
	int64_t followers = json_int(account, "followers_count", -1);
	if (json_bool(json_get(account, "pleroma"), "hide_followers_count", false))
		return -1;
	return followers == 0 && json_bool(account, "locked", false) ? -1 : followers;
}

int mastodon_decode_account(const struct mastodon_decoder *decoder, const json *account, struct arena *arena,
        struct customer *customer, struct err *err)
{
	*customer = (struct customer){.network = "mastodon"};
	customer->remote_id = keep_id(arena, account, "id");
	customer->handle = full_handle(decoder, account, arena);
	if (!*customer->remote_id || !*customer->handle)
		return err_set(err, ERR_DATA, "an account without id or handle");
	customer->url = keep_field(arena, account, "url");
	const char *key = keep_field(arena, account, "uri");
	if (!*key)
		key = keep_field(arena, json_get(account, "pleroma"), "ap_id");
	customer->remote_key = *key ? key : *customer->url ? customer->url : customer->handle;
	customer->name = keep_field(arena, account, "display_name");
	if (!*customer->name)
		customer->name = keep_field(arena, account, "username");
	customer->followers = followers_of(account);
	customer->created_at = time_field(account, "created_at");
	customer->bot = json_bool(account, "bot", false);
	return 0;
}

/* --- statuses */

static enum visibility visibility_of(const char *word)
{
	enum visibility visibility;
	/* What we do not know (local, list:ID, mutuals_only) is not for everybody: a reply inherits it. */
	return visibility_parse(word, &visibility) ? visibility : VIS_PRIVATE;
}

static bool is_web_link(const char *href)
{
	if (!str_starts(href, "https://") && !str_starts(href, "http://"))
		return false;
	for (const char *p = href; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7F)
			return false;
	return true;
}

static void add_word(struct str *words, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = words->p; len && (p = strstr(p, word)); p += len)
		if ((p == words->p || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return;
	size_t before = words->len;
	if ((words->len && str_addc(words, ' ')) || str_adds(words, word))
		str_remove(words, before, words->len - before);
}

static const char *take_words(struct str *words, struct arena *arena)
{
	struct str mended;
	str_init(&mended, LIST_MAX + LIST_MAX / 2);
	utf8_repair(words->p, words->len, &mended);
	const char *kept = arena_strndup(arena, mended.p, mended.len);
	str_release(&mended);
	str_release(words);
	return kept;
}

static void decode_text(const json *status, struct arena *arena, struct post *post)
{
	const char *plain = json_str(json_get(json_get(status, "pleroma"), "content"), "text/plain");
	const char *content = json_str_or(status, "content", "");
	struct str text, links;
	struct html_links found = {0};
	str_init(&text, TEXT_MAX);
	str_init(&links, LIST_MAX);
	html_to_text(content, strlen(content), NULL, &text, &found);
	for (size_t i = 0; i < found.len; i++)
		if (found.at[i].kind == LINK_PLAIN && is_web_link(found.at[i].href))
			add_word(&links, found.at[i].href);
	const char *card = json_str_or(json_get(status, "card"), "url", "");
	if (is_web_link(card))
		add_word(&links, card);
	post->text = plain ? keep(arena, plain) : arena_strndup(arena, text.p, text.len);
	post->links = take_words(&links, arena);
	html_links_release(&found);
	str_release(&text);
}

/* Some servers give "0" as the id of accounts that they had not looked up when the post came. */
static bool is_us(const struct mastodon_decoder *decoder, const char *id, const char *handle)
{
	if (*id && !str_eq(id, "0"))
		return *decoder->self_id && str_eq(id, decoder->self_id);
	return *str_or(decoder->self_handle, "") && str_ieq(handle, decoder->self_handle);
}

static void decode_mentions(
        const struct mastodon_decoder *decoder, const json *status, struct arena *arena, struct post *post)
{
	struct str handles;
	str_init(&handles, LIST_MAX);
	const json *mentions = json_get(status, "mentions");
	for (const json *m = json_first(mentions); m; m = json_next(m)) {
		const char *handle = full_handle(decoder, m, arena);
		if (*handle && !strchr(handle, ' '))
			add_word(&handles, handle);
		if (is_us(decoder, keep_id(arena, m, "id"), handle))
			post->addressed = true;
	}
	post->mentions = take_words(&handles, arena);
}

static enum media_kind media_kind_of(const char *type)
{
	return str_eq(type, "image")   ? MEDIA_PHOTO
	       : str_eq(type, "video") ? MEDIA_VIDEO
	       : str_eq(type, "gifv")  ? MEDIA_GIF
	       : str_eq(type, "audio") ? MEDIA_AUDIO
	                               : MEDIA_OTHER;
}

static const char *poll_options(const json *poll, struct arena *arena)
{
	struct str options;
	str_init(&options, LIST_MAX);
	for (const json *option = json_first(json_get(poll, "options")); option; option = json_next(option))
		if (str_addf(&options, "%s%s", options.len ? " / " : "", json_str_or(option, "title", "")))
			break;
	const char *kept = keep(arena, options.p);
	str_release(&options);
	return kept;
}

static void decode_media(const json *status, struct arena *arena, struct post *post)
{
	struct media *media = arena_array(arena, struct media, MEDIA_KEPT + 1);
	const json *attached = json_get(status, "media_attachments");
	for (const json *a = json_first(attached); a && post->media_count < MEDIA_KEPT; a = json_next(a)) {
		const char *url = json_str(a, "url");
		media[post->media_count++] = (struct media){
		        .kind = media_kind_of(json_str_or(a, "type", "")),
		        .alt = keep_field(arena, a, "description"),
		        .url = keep(arena, url ? url : json_str(a, "remote_url")),
		};
	}
	const json *poll = json_get(status, "poll");
	if (json_is_object(poll))
		media[post->media_count++] = (struct media){MEDIA_POLL, poll_options(poll, arena), ""};
	post->media = media;
}

static int decode_identity(const json *status, struct arena *arena, struct post *post, struct err *err)
{
	post->remote_id = keep_id(arena, status, "id");
	post->parent_remote_id = keep_id(arena, status, "in_reply_to_id");
	post->created_at = time_field(status, "created_at");
	if (!*post->remote_id)
		return err_set(err, ERR_DATA, "a status without id");
	if (!post->created_at)
		return err_set(err, ERR_DATA, "status %s without a time", post->remote_id);
	if (!json_str(status, "content"))
		return err_set(err, ERR_DATA, "status %s without content", post->remote_id);
	post->uri = keep_field(arena, status, "uri");
	post->url = keep_field(arena, status, "url");
	if (!*post->url && is_web_link(post->uri))
		post->url = post->uri;
	return 0;
}

static int decode_one(const struct mastodon_decoder *decoder, const json *status, struct arena *arena,
        struct item *item, struct err *err)
{
	const json *boosted = json_get(status, "reblog");
	if (json_is_object(boosted))
		status = boosted;
	*item = (struct item){.kind = ITEM_POST, .root_remote_id = ""};
	struct post *post = &item->post;
	int rc = decode_identity(status, arena, post, err);
	if (rc)
		return rc;
	rc = mastodon_decode_account(decoder, json_get(status, "account"), arena, &item->customer, err);
	if (rc) {
		err_prefix(err, "status %s", post->remote_id);
		return rc;
	}
	bool ours = *decoder->self_id && str_eq(item->customer.remote_id, decoder->self_id);
	post->direction = ours ? DIR_OUT : DIR_IN;
	post->author_handle = item->customer.handle;
	post->author_name = item->customer.name;
	post->edited_at = time_field(status, "edited_at");
	post->visibility = visibility_of(json_str_or(status, "visibility", "private"));
	post->language = keep_field(arena, status, "language");
	post->warning = keep_field(arena, status, "spoiler_text");
	post->sensitive = json_bool(status, "sensitive", false);
	/* A stream that is everybody's leaves both out. */
	post->liked_by_us = json_get(status, "favourited") ? json_bool(status, "favourited", false) : -1;
	post->boosted_by_us = json_get(status, "reblogged") ? json_bool(status, "reblogged", false) : -1;
	post->boosts = count_field(status, "reblogs_count");
	post->likes = count_field(status, "favourites_count");
	post->replies = count_field(status, "replies_count");
	post->sent_by = "";
	decode_text(status, arena, post);
	decode_mentions(decoder, status, arena, post);
	decode_media(status, arena, post);
	item->mention = post->addressed && !ours;
	if (!*post->parent_remote_id)
		item->root_remote_id = post->remote_id;
	return 0;
}

/* Counts and logs what could not be read. */
static int dropped(struct mastodon_decoder *decoder, int rc, const struct err *err)
{
	decoder->dropped++;
	log_line(LOG_WARN, "mastodon: dropped one item (%lu so far): %s", decoder->dropped, err->text);
	return rc;
}

int mastodon_decode_status(
        struct mastodon_decoder *decoder, const json *status, struct arena *arena, struct item *item, struct err *err)
{
	struct err own = ERR_INIT;
	if (!err)
		err = &own;
	int rc = decode_one(decoder, status, arena, item, err);
	return rc ? dropped(decoder, rc, err) : 0;
}

int mastodon_decode_statuses(
        struct mastodon_decoder *decoder, const json *array, struct arena *arena, const struct item **items)
{
	struct item *out = arena_array(arena, struct item, json_count(array) + 1);
	int count = 0;
	for (const json *status = json_first(array); status; status = json_next(status))
		if (mastodon_decode_status(decoder, status, arena, &out[count], NULL) == 0)
			count++;
	*items = out;
	return count;
}

int mastodon_decode_context(struct mastodon_decoder *decoder, const json *context, const json *focus,
        struct arena *arena, const struct item **items)
{
	const json *before = json_get(context, "ancestors"), *after = json_get(context, "descendants");
	struct item *out = arena_array(arena, struct item, json_count(before) + json_count(after) + 1);
	int count = 0;
	for (const json *status = json_first(before); status; status = json_next(status))
		count += mastodon_decode_status(decoder, status, arena, &out[count], NULL) == 0;
	count += mastodon_decode_status(decoder, focus, arena, &out[count], NULL) == 0;
	for (const json *status = json_first(after); status; status = json_next(status))
		count += mastodon_decode_status(decoder, status, arena, &out[count], NULL) == 0;
	for (int i = 0; i < count; i++)
		out[i].root_remote_id = out[0].post.remote_id;
	*items = out;
	return count;
}

/* --- notifications */

/* The account beside the status is whole where the one inside it may be a stub. */
static const json *author_beside(const json *notification, const json *status)
{
	const json *beside = json_get(notification, "account"), *inside = json_get(status, "account");
	const char *a = json_str(beside, "id"), *b = json_str(inside, "id");
	bool stub = !json_str(inside, "uri") && !json_str(inside, "url");
	return a && b && str_eq(a, b) && stub ? beside : NULL;
}

int mastodon_decode_notification(struct mastodon_decoder *decoder, const json *notification, struct arena *arena,
        struct mastodon_notification *out, struct err *err)
{
	struct err own = ERR_INIT;
	if (!err)
		err = &own;
	*out = (struct mastodon_notification){
	        .id = keep_id(arena, notification, "id"), .type = keep_field(arena, notification, "type")};
	if (!*out->id || !*out->type)
		return dropped(decoder, err_set(err, ERR_DATA, "a notification without id or type"), err);
	bool mention = str_eq(out->type, "mention"), quote = str_eq(out->type, "quote");
	/* update: a post we touched was edited; the others tell of our own posts, or of people. */
	if (!mention && !quote && !str_eq(out->type, "update"))
		return 0;
	const json *status = json_get(notification, "status");
	int rc = decode_one(decoder, status, arena, &out->item, err);
	if (rc) {
		err_prefix(err, "notification %s", out->id);
		return dropped(decoder, rc, err);
	}
	const json *author = author_beside(notification, status);
	if (author)
		mastodon_decode_account(decoder, author, arena, &out->item.customer, NULL);
	/* Pleroma notifies without listing us where we are addressed but not named. */
	out->item.post.addressed |= mention;
	out->item.mention = (mention || quote) && out->item.post.direction == DIR_IN;
	out->has_item = true;
	return 0;
}

/* --- instance */

static enum mastodon_family family_of(const json *instance)
{
	const char *version = json_str_or(instance, "version", "");
	if (strstr(version, "compatible; Pleroma") || strstr(version, "compatible; Akkoma") ||
	        json_is_object(json_get(instance, "pleroma")))
		return FAMILY_PLEROMA;
	/* GoToSocial writes a version of its own, 0.x so far; Mastodon passed that in 2017. */
	if (strstr(json_str_or(instance, "source_url", ""), "gotosocial") || str_starts(version, "0."))
		return FAMILY_GOTOSOCIAL;
	return FAMILY_MASTODON;
}

/* Where a server says nothing: docs.joinmastodon.org/entities/Instance. */
enum { FILES = 4, ALT = 1500 };

static int small(int64_t number)
{
	return number < 0 ? 0 : number > INT_MAX ? INT_MAX : (int)number;
}

static struct post_limits limits_of(const json *instance, enum mastodon_family family)
{
	enum length_name name = family == FAMILY_MASTODON     ? LENGTH_RULE_MASTODON
	                        : family == FAMILY_GOTOSOCIAL ? LENGTH_RULE_GOTOSOCIAL
	                                                      : LENGTH_RULE_PLEROMA;
	const struct length_rule *rule = length_rule(name);
	const json *statuses = json_path(instance, "configuration.statuses");
	int64_t max = json_int(statuses, "max_characters", json_int(instance, "max_toot_chars", 0));
	int64_t url = json_int(statuses, "characters_reserved_per_url", rule->url);
	const json *media = json_path(instance, "configuration.media_attachments");
	return (struct post_limits){
	        .files = small(json_int(statuses, "max_media_attachments", FILES)),
	        .alt = small(json_int(media, "description_limit", ALT)),
	        .image_bytes = json_int(media, "image_size_limit", 0),
	        .video_bytes = json_int(media, "video_size_limit", 0),
	        .max = max > 0 && max < INT_MAX ? (int)max : rule->max,
	        .rule = (int)name,
	        /* The others advertise a number and count URLs as they stand. */
	        .url = family == FAMILY_MASTODON && url >= 0 && url < 1000 ? (int)url : rule->url,
	};
}

/* v1 gives a host or a URL in `uri`. */
static const char *domain_of(const json *instance, struct arena *arena)
{
	static const char *const keys[] = {"account_domain", "domain", "uri"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = json_str(instance, keys[i]);
		if (!text || !*text)
			continue;
		const char *scheme = strstr(text, "://");
		const char *host = scheme ? scheme + 3 : text;
		return keep(arena, arena_strndup(arena, host, strcspn(host, "/")));
	}
	return "";
}

int mastodon_decode_instance(const json *instance, struct arena *arena, struct mastodon_instance *out, struct err *err)
{
	*out = (struct mastodon_instance){.domain = "", .streaming = ""};
	if (!json_is_object(instance) || !json_str(instance, "version"))
		return err_set(err, ERR_PROTOCOL, "the server says nothing of itself that a Mastodon server would say");
	out->family = family_of(instance);
	out->api_version = json_int(json_get(instance, "api_versions"), "mastodon", 0);
	out->domain = domain_of(instance, arena);
	const char *streaming = json_str(json_path(instance, "configuration.urls"), "streaming");
	if (!streaming)
		streaming = json_str(json_get(instance, "urls"), "streaming_api");
	out->streaming = keep(arena, streaming);
	out->limits = limits_of(instance, out->family);
	return 0;
}
