/* The world in Bluesky's names and values: DIDs, handles, addresses, records with their facets, and views of them. */
#include "tests/fakenet/bsky.h"

#include "core/base/clock.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"
#include "tests/fakenet/text.h"

#include <stdio.h>

#define DID_LETTERS 24

/* --- people */

static void add_letters(struct str *out, uint64_t seed, int count)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct rng rng = {seed};
	for (int i = 0; i < count; i++)
		str_addc(out, letters[rng_below(&rng, 32)]);
}

void bsky_did(const struct person *person, struct str *out)
{
	str_adds(out, "did:plc:");
	add_letters(out, hash_bytes(person->acct, strlen(person->acct)), DID_LETTERS);
}

/* "sam.ferry.example": names there are domains. */
void bsky_handle(const struct person *person, struct str *out)
{
	for (const char *p = person->username; *p; p++)
		str_addc(out, (char)(*p == '_' ? '-' : *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p));
	str_addf(out, ".%s", person->domain ? person->domain : WORLD_DOMAIN);
}

struct person *bsky_person(const struct world *world, const char *did_or_handle)
{
	bool by_did = str_starts(did_or_handle, "did:");
	struct str name = STR_INIT;
	struct person *found = NULL;
	for (size_t i = 0; i < world->people.len && !found; i++) {
		str_clear(&name);
		if (by_did)
			bsky_did(world->people.at[i], &name);
		else
			bsky_handle(world->people.at[i], &name);
		if (str_ieq(name.p, did_or_handle))
			found = world->people.at[i];
	}
	str_release(&name);
	return found;
}

static void set_did(json *object, const char *key, const struct person *person)
{
	struct str did = STR_INIT;
	bsky_did(person, &did);
	json_set_str(object, key, did.p);
	str_release(&did);
}

static json *labels_of(const struct person *person)
{
	json *labels = json_array(), *label;
	if (!person->bot)
		return labels;
	label = json_object();
	set_did(label, "src", person);
	json_set_str(label, "val", "bot");
	json_push(labels, label);
	return labels;
}

json *bsky_render_person(const struct person *person, bool detailed)
{
	json *out = json_object(), *viewer = json_object(), *associated = json_object(), *activity = json_object();
	struct str handle = STR_INIT;
	char since[40];
	bsky_handle(person, &handle);
	set_did(out, "did", person);
	json_set_str(out, "handle", handle.p);
	json_set_str(out, "displayName", person->display);
	json_set_str(activity, "allowSubscriptions", "followers");
	json_set(associated, "activitySubscription", activity);
	json_set(out, "associated", associated);
	snprintf(since, sizeof since, "%sT00:00:00.000Z", person->since);
	json_set_str(out, "createdAt", since);
	json_set_bool(viewer, "muted", person->muted);
	json_set_bool(viewer, "blockedBy", false);
	json_set(out, "viewer", viewer);
	json_set(out, "labels", labels_of(person));
	if (detailed) {
		json_set_str(out, "description", person->note);
		json_set_int(out, "followersCount", person->followers);
		json_set_int(out, "followsCount", person->following);
		json_set_int(out, "postsCount", person->statuses);
	}
	str_release(&handle);
	return out;
}

json *bsky_render_document(const struct site *site, const struct person *person)
{
	json *out = json_object(), *names = json_array(), *services = json_array(), *service = json_object();
	struct str text = STR_INIT;
	set_did(out, "id", person);
	str_adds(&text, "at://");
	bsky_handle(person, &text);
	json_push_str(names, text.p);
	json_set(out, "alsoKnownAs", names);
	str_clear(&text);
	str_addf(&text, "http://127.0.0.1:%d", http_server_port(site->http));
	json_set_str(service, "id", "#atproto_pds");
	json_set_str(service, "type", "AtprotoPersonalDataServer");
	json_set_str(service, "serviceEndpoint", text.p);
	json_push(services, service);
	json_set(out, "service", services);
	str_release(&text);
	return out;
}

/* --- addresses: keys are TIDs (atproto.com/specs/tid), which hold a time and, here, the place in the world */

static const char tid_letters[] = "234567abcdefghijklmnopqrstuvwxyz";

static void write_tid(uint64_t us, unsigned clock, char out[BSKY_KEY_SIZE])
{
	uint64_t bits = us << 10 | clock;
	for (int i = BSKY_KEY_SIZE - 2; i >= 0; i--, bits >>= 5)
		out[i] = tid_letters[bits & 31];
	out[BSKY_KEY_SIZE - 1] = '\0';
}

bool bsky_key_good(const char *key)
{
	return strlen(key) == BSKY_KEY_SIZE - 1 && strspn(key, tid_letters) == BSKY_KEY_SIZE - 1 &&
	       strchr("234567abcdefghij", key[0]);
}

void bsky_new_key(struct bsky_site *bsky, char out[BSKY_KEY_SIZE])
{
	int64_t us = clock_wall_ms() * 1000;
	bsky->last_key_us = us > bsky->last_key_us ? us : bsky->last_key_us + 1;
	write_tid((uint64_t)bsky->last_key_us, 1023, out);
}

static void key_of(const struct world *world, const struct status *status, char out[BSKY_KEY_SIZE])
{
	size_t place = world_status_after(world, status->id) - 1;
	write_tid((uint64_t)status->created_ms * 1000 + place % 1000, (unsigned)(place / 1000 % 1023), out);
}

static struct status *status_by_key(const struct world *world, const char *key)
{
	uint64_t bits = 0;
	for (const char *p = key; *p; p++)
		bits = bits << 5 | (uint64_t)(strchr(tid_letters, *p) - tid_letters);
	size_t place = (size_t)(bits & 1023) * 1000 + (size_t)((bits >> 10) % 1000);
	char back[BSKY_KEY_SIZE];
	for (; place < world->statuses.len; place += (size_t)1023 * 1000) {
		key_of(world, world->statuses.at[place], back);
		if (str_eq(back, key))
			return world->statuses.at[place];
	}
	return NULL;
}

void bsky_uri(const struct bsky_site *bsky, const struct status *status, struct str *out)
{
	char key[BSKY_KEY_SIZE];
	const struct bsky_record *record = bsky_record_about(bsky, BSKY_POST, status);
	key_of(&bsky->site->world, status, key);
	str_adds(out, "at://");
	bsky_did(status->by, out);
	str_addf(out, "/" BSKY_POST "/%s", record ? record->key : key);
}

struct status *bsky_post(const struct bsky_site *bsky, const char *uri)
{
	static const char start[] = "at://", middle[] = "/" BSKY_POST "/";
	const char *slash = uri && str_starts(uri, start) ? strstr(uri, middle) : NULL;
	if (!slash)
		return NULL;
	const char *key = slash + strlen(middle);
	struct str did = STR_INIT;
	str_add(&did, uri + strlen(start), (size_t)(slash - uri) - strlen(start));
	struct person *person = bsky_person(&bsky->site->world, did.p);
	str_release(&did);
	const struct bsky_record *record =
	        person == bsky->site->world.brand ? bsky_record_find(bsky, BSKY_POST, key) : NULL;
	if (record)
		return record->status;
	struct status *status = bsky_key_good(key) ? status_by_key(&bsky->site->world, key) : NULL;
	return status && status->by == person && !bsky_record_about(bsky, BSKY_POST, status) ? status : NULL;
}

void bsky_cid_of_bytes(const char *bytes, size_t len, char out[BSKY_CID_SIZE])
{
	struct str cid = STR_INIT;
	str_adds(&cid, "bafyrei");
	add_letters(&cid, hash_bytes(bytes, len), 52);
	str_copy(out, BSKY_CID_SIZE, cid.p);
	str_release(&cid);
}

void bsky_cid_of(const json *value, char out[BSKY_CID_SIZE])
{
	struct str bytes = STR_INIT;
	json_print(value, &bytes);
	bsky_cid_of_bytes(bytes.p, bytes.len, out);
	str_release(&bytes);
}

/* --- records of posts */

static void add_facet(json *facets, size_t begin, size_t end, const char *type, const char *key, const char *value)
{
	json *facet = json_object(), *index = json_object(), *features = json_array(), *feature = json_object();
	struct str name = STR_INIT;
	str_addf(&name, "app.bsky.richtext.facet#%s", type);
	json_set_str(feature, "$type", name.p);
	json_set_str(feature, key, value);
	json_push(features, feature);
	json_set_int(index, "byteStart", (int64_t)begin);
	json_set_int(index, "byteEnd", (int64_t)end);
	json_set(facet, "index", index);
	json_set(facet, "features", features);
	json_push(facets, facet);
	str_release(&name);
}

/* People are named by what they are called here, and who they are stands beside the text, by bytes. */
static void add_piece(const struct world *world, const struct text_token *token, struct str *text, json *facets)
{
	size_t begin = text->len;
	struct str value = STR_INIT;
	const struct person *person =
	        token->kind == TEXT_MENTION ? world_find_person(world, token->at, token->len) : NULL;
	if (person) {
		str_addc(text, '@');
		bsky_handle(person, text);
		bsky_did(person, &value);
		add_facet(facets, begin, text->len, "mention", "did", value.p);
	} else {
		str_add(text, token->at, token->len);
	}
	if (token->kind == TEXT_TAG || token->kind == TEXT_LINK) {
		bool tag = token->kind == TEXT_TAG;
		str_add(&value, token->at + tag, token->len - tag);
		add_facet(facets, begin, text->len, tag ? "tag" : "link", tag ? "tag" : "uri", value.p);
	}
	str_release(&value);
}

static void set_text(const struct world *world, const char *said, json *record)
{
	json *facets = json_array();
	struct str text = STR_INIT;
	struct text_token token;
	for (size_t at = 0; text_next(said, &at, &token);)
		add_piece(world, &token, &text, facets);
	json_set_str(record, "text", text.p);
	if (json_count(facets))
		json_set(record, "facets", facets);
	else
		json_free(facets);
	str_release(&text);
}

static json *reference_to(const struct bsky_site *bsky, const struct status *status)
{
	json *out = json_object(), *record = bsky_render_record(bsky, status);
	struct str uri = STR_INIT;
	char cid[BSKY_CID_SIZE];
	bsky_cid_of(record, cid);
	bsky_uri(bsky, status, &uri);
	json_set_str(out, "uri", uri.p);
	json_set_str(out, "cid", cid);
	json_free(record);
	str_release(&uri);
	return out;
}

static const struct status *root_of(const struct status *status)
{
	while (status->parent)
		status = status->parent;
	return status;
}

static void set_images(const struct status *status, json *record)
{
	json *images = json_array(), *embed = json_object();
	for (size_t i = 0; i < status->media_count; i++) {
		json *image = json_object(), *blob = json_object(), *ref = json_object();
		char cid[BSKY_CID_SIZE];
		bsky_cid_of_bytes(status->media[i].file, strlen(status->media[i].file), cid);
		json_set_str(ref, "$link", cid);
		json_set_str(blob, "$type", "blob");
		json_set(blob, "ref", ref);
		json_set_str(blob, "mimeType", "image/jpeg");
		json_set_int(blob, "size", 20480);
		json_set_str(image, "alt", str_or(status->media[i].alt, ""));
		json_set(image, "image", blob);
		json_push(images, image);
	}
	json_set_str(embed, "$type", "app.bsky.embed.images");
	json_set(embed, "images", images);
	json_set(record, "embed", embed);
}

json *bsky_render_record(const struct bsky_site *bsky, const struct status *status)
{
	const struct bsky_record *kept = bsky_record_about(bsky, BSKY_POST, status);
	if (kept)
		return json_copy(kept->value);
	json *record = json_object(), *langs = json_array();
	json_set_str(record, "$type", BSKY_POST);
	/* Readers go on seeing the first version of a post. */
	set_text(&bsky->site->world, status->first_text ? status->first_text : status->text, record);
	json_push_str(langs, str_or(status->lang, "en"));
	json_set(record, "langs", langs);
	json_set_time(record, "createdAt", status->created_ms);
	if (status->parent) {
		json *reply = json_object();
		json_set(reply, "root", reference_to(bsky, root_of(status)));
		json_set(reply, "parent", reference_to(bsky, status->parent));
		json_set(record, "reply", reply);
	}
	if (status->media_count)
		set_images(status, record);
	return record;
}

/* --- views */

/* A rule of who may answer binds everybody in the conversation but whoever began it. */
static bool reply_disabled(const struct world *world, const struct status *status)
{
	const struct status *root = root_of(status);
	if (!root->reply_settings || root->by == world->brand)
		return false;
	return !str_eq(root->reply_settings, "mentionedUsers") || !world_mentions_brand(world, root);
}

static void set_own_uri(json *viewer, const char *key, const struct bsky_site *bsky, const char *collection,
        const struct status *status)
{
	const struct bsky_record *record = bsky_record_about(bsky, collection, status);
	struct str uri = STR_INIT;
	if (!record)
		return;
	str_adds(&uri, "at://");
	bsky_did(bsky->site->world.brand, &uri);
	str_addf(&uri, "/%s/%s", collection, record->key);
	json_set_str(viewer, key, uri.p);
	str_release(&uri);
}

static json *viewer_of(const struct bsky_site *bsky, const struct status *status)
{
	json *viewer = json_object();
	set_own_uri(viewer, "like", bsky, "app.bsky.feed.like", status);
	set_own_uri(viewer, "repost", bsky, "app.bsky.feed.repost", status);
	json_set_bool(viewer, "bookmarked", false);
	json_set_bool(viewer, "threadMuted", false);
	if (reply_disabled(&bsky->site->world, status))
		json_set_bool(viewer, "replyDisabled", true);
	json_set_bool(viewer, "embeddingDisabled", false);
	return viewer;
}

static void set_images_view(const struct status *status, json *view)
{
	json *images = json_array(), *embed = json_object();
	struct str url = STR_INIT;
	for (size_t i = 0; i < status->media_count; i++) {
		json *image = json_object();
		str_clear(&url);
		str_addf(&url, "https://files." WORLD_DOMAIN "/%s", status->media[i].file);
		json_set_str(image, "thumb", url.p);
		json_set_str(image, "fullsize", url.p);
		json_set_str(image, "alt", str_or(status->media[i].alt, ""));
		json_push(images, image);
	}
	json_set_str(embed, "$type", "app.bsky.embed.images#view");
	json_set(embed, "images", images);
	json_set(view, "embed", embed);
	str_release(&url);
}

static json *post_labels(const struct status *status)
{
	json *labels = json_array();
	if (status->sensitive) {
		json *label = json_object();
		set_did(label, "src", status->by);
		json_set_str(label, "val", "graphic-media");
		json_push(labels, label);
	}
	return labels;
}

static int quotes_of(const struct world *world, const struct status *status)
{
	int count = 0;
	for (size_t i = 0; i < world->statuses.len; i++)
		count += world->statuses.at[i]->quote == status && !world->statuses.at[i]->deleted;
	return count;
}

json *bsky_render_post(const struct bsky_site *bsky, const struct status *status)
{
	json *out = json_object(), *record = bsky_render_record(bsky, status);
	struct str uri = STR_INIT;
	char cid[BSKY_CID_SIZE];
	bsky_uri(bsky, status, &uri);
	bsky_cid_of(record, cid);
	json_set_str(out, "uri", uri.p);
	json_set_str(out, "cid", cid);
	json_set(out, "author", bsky_render_person(status->by, false));
	json_set(out, "record", record);
	if (status->media_count)
		set_images_view(status, out);
	json_set_int(out, "bookmarkCount", 0);
	json_set_int(out, "replyCount", status->replies);
	json_set_int(out, "repostCount", status->boosts);
	json_set_int(out, "likeCount", status->favourites);
	json_set_int(out, "quoteCount", quotes_of(&bsky->site->world, status));
	json_set_time(out, "indexedAt", status->created_ms);
	json_set(out, "viewer", viewer_of(bsky, status));
	json_set(out, "labels", post_labels(status));
	str_release(&uri);
	return out;
}
