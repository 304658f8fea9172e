/* The brand's repository: records that are put, read and taken back, blobs, and what else an account does. */
#include "tests/fakenet/bsky.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"
#include "tests/fakenet/text.h"

#include <stdio.h>

#define TEXT_CLUSTERS 300
#define TEXT_BYTES 3000
#define BLOB_MOST 2000000
#define LIKE "app.bsky.feed.like"
#define REPOST "app.bsky.feed.repost"
#define GATE "app.bsky.feed.threadgate"

struct bsky_record *bsky_record_find(const struct bsky_site *bsky, const char *collection, const char *key)
{
	for (size_t i = bsky->records.len; i-- > 0;)
		if (str_eq(bsky->records.at[i].key, key) && str_eq(bsky->records.at[i].collection, collection))
			return &bsky->records.at[i];
	return NULL;
}

const struct bsky_record *bsky_record_about(
        const struct bsky_site *bsky, const char *collection, const struct status *status)
{
	for (size_t i = bsky->records.len; i-- > 0;)
		if (bsky->records.at[i].status == status && str_eq(bsky->records.at[i].collection, collection))
			return &bsky->records.at[i];
	return NULL;
}

/* --- is it a record? */

static bool cid_good(const char *cid)
{
	return cid && str_starts(cid, "bafy") && strlen(cid) == BSKY_CID_SIZE - 1;
}

/* Null, or what a server says of it. */
static const char *reply_wrong(const json *reply, struct arena *arena)
{
	static const char *const parts[] = {"root", "parent"};
	for (size_t i = 0; json_is_object(reply) && i < 2; i++) {
		const json *part = json_get(reply, parts[i]);
		if (!json_str(part, "uri"))
			return arena_printf(arena, "Missing required key \"uri\" at $.record.reply.%s", parts[i]);
		if (!cid_good(json_str(part, "cid")))
			return arena_printf(arena, "Invalid CID string (got \"%s\") at $.record.reply.%s.cid",
			        json_str_or(part, "cid", ""), parts[i]);
	}
	return NULL;
}

static const char *facets_wrong(const json *record, struct arena *arena)
{
	int64_t len = (int64_t)strlen(json_str_or(record, "text", ""));
	for (const json *facet = json_first(json_get(record, "facets")); facet; facet = json_next(facet)) {
		int64_t begin = json_int(json_get(facet, "index"), "byteStart", -1);
		int64_t end = json_int(json_get(facet, "index"), "byteEnd", -1);
		if (begin < 0 || end <= begin || end > len)
			return arena_printf(arena, "Invalid facet index at $.record.facets");
	}
	return NULL;
}

static bool blobs_there(const struct bsky_site *bsky, const json *record)
{
	const json *images = json_path(record, "embed.images");
	for (const json *image = json_first(images); image; image = json_next(image)) {
		const char *cid = json_str(json_path(image, "image.ref"), "$link");
		bool there = false;
		for (size_t i = 0; i < bsky->blobs.len && !there; i++)
			there = str_eq(bsky->blobs.at[i].cid, cid);
		if (!there)
			return false;
	}
	return true;
}

static const char *post_wrong(const json *record, struct arena *arena)
{
	const char *text = json_str(record, "text");
	if (!text)
		return "Missing required key \"text\" at $.record";
	size_t clusters = text_clusters(text, strlen(text));
	if (clusters > TEXT_CLUSTERS)
		return arena_printf(
		        arena, "grapheme too big (maximum %d, got %zu) at $.record.text", TEXT_CLUSTERS, clusters);
	if (strlen(text) > TEXT_BYTES)
		return arena_printf(
		        arena, "string too big (maximum %d, got %zu) at $.record.text", TEXT_BYTES, strlen(text));
	const char *wrong = reply_wrong(json_get(record, "reply"), arena);
	return wrong ? wrong : facets_wrong(record, arena);
}

static bool refuse(struct call *call, const char *collection, const char *wrong)
{
	bsky_error(call, 400, "InvalidRequest", arena_printf(call->arena, "Invalid %s record: %s", collection, wrong));
	return false;
}

static bool record_good(struct call *call, const char *collection, const json *record)
{
	if (!json_is_object(record)) {
		bsky_error(call, 400, "InvalidRequest", "Missing required key \"record\" at $");
		return false;
	}
	if (!json_str(record, "createdAt"))
		return refuse(call, collection, "Missing required key \"createdAt\" at $.record");
	const char *wrong = str_eq(collection, BSKY_POST) ? post_wrong(record, call->arena) : NULL;
	if (wrong)
		return refuse(call, collection, wrong);
	if (!blobs_there(&call->site->bsky, record)) {
		bsky_error(call, 400, "BlobNotFound", "Could not find blob");
		return false;
	}
	return true;
}

/* --- what a record does in the world */

/* As the other networks see it: people by the names that they have there. */
static void world_text(const struct world *world, const json *record, struct str *out)
{
	const char *text = json_str_or(record, "text", "");
	size_t at = 0;
	for (const json *facet = json_first(json_get(record, "facets")); facet; facet = json_next(facet)) {
		const json *index = json_get(facet, "index"), *feature = json_first(json_get(facet, "features"));
		size_t begin = (size_t)json_int(index, "byteStart", 0), end = (size_t)json_int(index, "byteEnd", 0);
		const char *did = json_str(feature, "did"), *uri = json_str(feature, "uri");
		const struct person *person = did ? bsky_person(world, did) : NULL;
		if (begin < at || (!person && !uri))
			continue;
		str_add(out, text + at, begin - at);
		if (person)
			str_addf(out, "@%s", person->acct);
		else
			str_adds(out, uri);
		at = end;
	}
	str_adds(out, text + at);
}

static void read_images(const struct bsky_site *bsky, const json *record, struct draft *draft)
{
	const json *images = json_path(record, "embed.images");
	for (const json *image = json_first(images); image && draft->media_count < MEDIA_MAX; image = json_next(image))
		for (size_t i = 0; i < bsky->blobs.len; i++)
			if (str_eq(bsky->blobs.at[i].cid, json_str(json_path(image, "image.ref"), "$link")))
				draft->media[draft->media_count++] =
				        (struct media){"image", bsky->blobs.at[i].cid, json_str(image, "alt")};
}

/* A post that the conversation's rule forbids is kept, and nobody is shown it. */
static struct status *post_it(struct bsky_site *bsky, const json *record)
{
	struct world *world = &bsky->site->world;
	struct str text = STR_INIT;
	const char *to = json_str(json_path(record, "reply.parent"), "uri");
	struct draft draft = {.by = world->brand,
	        .lang = str_or(json_text(json_first(json_get(record, "langs"))), "en"),
	        .parent = bsky_post(bsky, to)};
	if (draft.parent) {
		json *view = bsky_render_post(bsky, draft.parent);
		bool disabled = json_bool(json_get(view, "viewer"), "replyDisabled", false);
		json_free(view);
		if (disabled)
			return NULL;
	}
	world_text(world, record, &text);
	draft.text = text.p;
	read_images(bsky, record, &draft);
	struct status *status = world_post(world, &draft);
	str_release(&text);
	return status;
}

static struct status *subject_of(const struct bsky_site *bsky, const json *record)
{
	return bsky_post(bsky, json_str(json_get(record, "subject"), "uri"));
}

static void like(struct status *status, bool on)
{
	if (!status || status->favourited == on)
		return;
	status->favourites += on ? 1 : -1;
	status->favourited = on;
}

static void repost(struct status *status, bool on)
{
	if (!status || status->boosted == on)
		return;
	status->boosts += on ? 1 : -1;
	status->boosted = on;
}

static void hide(const struct bsky_site *bsky, const json *gate)
{
	const json *list = json_get(gate, "hiddenReplies");
	for (const json *one = json_first(list); one; one = json_next(one)) {
		struct status *status = bsky_post(bsky, json_text(one));
		if (status)
			status->hidden = true;
	}
}

static struct status *take_effect(struct bsky_site *bsky, const char *collection, const json *record)
{
	struct status *status = str_eq(collection, BSKY_POST) ? post_it(bsky, record) : subject_of(bsky, record);
	if (str_eq(collection, LIKE))
		like(status, true);
	else if (str_eq(collection, REPOST))
		repost(status, true);
	else if (str_eq(collection, GATE))
		hide(bsky, record);
	return status;
}

/* --- putting, reading, taking back */

static void set_commit(struct bsky_site *bsky, json *out)
{
	json *commit = json_object();
	char key[BSKY_KEY_SIZE], cid[BSKY_CID_SIZE];
	bsky_new_key(bsky, key);
	bsky_cid_of_bytes(key, strlen(key), cid);
	json_set_str(commit, "cid", cid);
	json_set_str(commit, "rev", key);
	json_set(out, "commit", commit);
}

static void set_uri(const struct bsky_site *bsky, const char *collection, const char *key, json *out)
{
	struct str uri = STR_INIT;
	str_adds(&uri, "at://");
	bsky_did(bsky->site->world.brand, &uri);
	str_addf(&uri, "/%s/%s", collection, key);
	json_set_str(out, "uri", uri.p);
	str_release(&uri);
}

static void answer_put(struct call *call, const char *collection, const char *key, const char *cid, bool changed)
{
	json *out = json_object();
	set_uri(&call->site->bsky, collection, key, out);
	json_set_str(out, "cid", cid);
	if (changed)
		set_commit(&call->site->bsky, out);
	json_set_str(out, "validationStatus", "valid");
	call_json(call, 200, out);
}

static bool ours(struct call *call, const char *repo)
{
	bool us = repo && bsky_person(&call->site->world, repo) == call->site->world.brand;
	if (!us)
		bsky_error(call, 401, "AuthenticationRequired", "Authentication Required");
	return us;
}

/* The key and collection that a request names, or false and it is refused. */
static bool place_good(struct call *call, const char *collection, const char *key, bool posts_alone)
{
	if (!collection) {
		bsky_error(call, 400, "InvalidRequest", "Missing required key \"collection\" at $");
		return false;
	}
	if (!key || (str_eq(collection, BSKY_POST) && posts_alone && !bsky_key_good(key))) {
		bsky_error(call, 400, "InvalidRequest",
		        arena_printf(call->arena, "Invalid record key for %s: Invalid TID string (got \"%s\") at $",
		                collection, str_or(key, "")));
		return false;
	}
	return true;
}

static void keep_new(struct call *call, const char *collection, const char *key, const json *record)
{
	struct bsky_site *bsky = &call->site->bsky;
	struct bsky_record kept = {
	        .collection = mem_strdup(collection), .key = mem_strdup(key), .value = json_copy(record)};
	bsky_cid_of(record, kept.cid);
	kept.status = take_effect(bsky, collection, record);
	vec_push(&bsky->records, kept);
	answer_put(call, collection, key, kept.cid, true);
}

static void create_record(struct call *call, const json *body)
{
	struct bsky_site *bsky = &call->site->bsky;
	const char *collection = json_str(body, "collection");
	const json *record = json_get(body, "record");
	char made[BSKY_KEY_SIZE];
	bsky_new_key(bsky, made);
	const char *key = json_str_or(body, "rkey", made);
	if (!ours(call, json_str(body, "repo")) || !place_good(call, collection, key, true) ||
	        !record_good(call, collection, record))
		return;
	if (bsky_record_find(bsky, collection, key))
		bsky_error(call, 500, "InternalServerError", "Internal Server Error");
	else
		keep_new(call, collection, key, record);
}

/* swapRecord: null demands that there is none yet, a CID that it is this one; without it, either. */
static bool may_swap(const json *body, const struct bsky_record *there)
{
	const json *swap = json_get(body, "swapRecord");
	if (!swap)
		return true;
	return json_text(swap) ? there && str_eq(there->cid, json_text(swap)) : !there;
}

static void put_record(struct call *call, const json *body)
{
	struct bsky_site *bsky = &call->site->bsky;
	const char *collection = json_str(body, "collection"), *key = json_str(body, "rkey");
	const json *record = json_get(body, "record");
	char cid[BSKY_CID_SIZE];
	if (!ours(call, json_str(body, "repo")) || !place_good(call, collection, key, true) ||
	        !record_good(call, collection, record))
		return;
	struct bsky_record *there = bsky_record_find(bsky, collection, key);
	bsky_cid_of(record, cid);
	if (there && str_eq(there->cid, cid)) { /* before anything else: nothing would change */
		answer_put(call, collection, key, cid, false);
	} else if (!may_swap(body, there)) {
		bsky_error(call, 400, "InvalidSwap",
		        arena_printf(call->arena, "Record was at %s", there ? there->cid : "null"));
	} else if (!there) {
		keep_new(call, collection, key, record);
	} else {
		json_free(there->value);
		there->value = json_copy(record);
		memcpy(there->cid, cid, sizeof cid);
		if (str_eq(collection, GATE))
			hide(bsky, record);
		answer_put(call, collection, key, cid, true);
	}
}

static void get_record(struct call *call)
{
	const struct bsky_site *bsky = &call->site->bsky;
	const char *repo = str_or(param_get(&call->params, "repo"), "");
	const char *collection = str_or(param_get(&call->params, "collection"), "");
	const char *key = str_or(param_get(&call->params, "rkey"), "");
	bool us = bsky_person(&call->site->world, repo) == call->site->world.brand;
	const struct bsky_record *record = us ? bsky_record_find(bsky, collection, key) : NULL;
	struct str uri = STR_INIT;
	str_addf(&uri, "at://%s/%s/%s", repo, collection, key);
	/* What the brand said in the past is in its repository as well. */
	const struct status *status = !record && us ? bsky_post(bsky, uri.p) : NULL;
	if (!record && (!status || !bsky_shows(status))) {
		bsky_error(
		        call, 400, "RecordNotFound", arena_printf(call->arena, "Could not locate record: %s", uri.p));
	} else {
		json *out = json_object(),
		     *value = record ? json_copy(record->value) : bsky_render_record(bsky, status);
		char cid[BSKY_CID_SIZE];
		bsky_cid_of(value, cid);
		json_set_str(out, "uri", uri.p);
		json_set_str(out, "cid", cid);
		json_set(out, "value", value);
		call_json(call, 200, out);
	}
	str_release(&uri);
}

static void undo(struct bsky_site *bsky, const char *collection, struct status *status)
{
	if (str_eq(collection, LIKE))
		like(status, false);
	else if (str_eq(collection, REPOST))
		repost(status, false);
	else if (str_eq(collection, BSKY_POST) && status && !status->deleted)
		world_delete(&bsky->site->world, status);
}

static void forget(struct bsky_site *bsky, struct bsky_record *record)
{
	free(record->collection);
	free(record->key);
	json_free(record->value);
	vec_remove(&bsky->records, (size_t)(record - bsky->records.at));
}

static void delete_record(struct call *call, const json *body)
{
	struct bsky_site *bsky = &call->site->bsky;
	const char *collection = json_str(body, "collection"), *key = json_str(body, "rkey");
	json *out = json_object();
	if (!ours(call, json_str(body, "repo")) || !place_good(call, collection, key, false)) {
		json_free(out);
		return;
	}
	struct bsky_record *record = bsky_record_find(bsky, collection, key);
	struct str uri = STR_INIT;
	str_adds(&uri, "at://");
	bsky_did(call->site->world.brand, &uri);
	str_addf(&uri, "/%s/%s", collection, key);
	struct status *status = record ? record->status : bsky_post(bsky, uri.p);
	bool there = record || (status && !status->deleted);
	undo(bsky, collection, status);
	if (record)
		forget(bsky, record);
	if (there)
		set_commit(bsky, out);
	call_json(call, 200, out);
	str_release(&uri);
}

/* --- blobs, mutes, reports */

static void upload_blob(struct call *call)
{
	struct bsky_site *bsky = &call->site->bsky;
	struct bsky_blob blob = {.size = (int64_t)call->request->body_len};
	if (blob.size > BLOB_MOST) {
		bsky_error(call, 400, "BlobTooLarge", "This file is too large");
		return;
	}
	bsky_cid_of_bytes(call->request->body, call->request->body_len, blob.cid);
	blob.cid[4] = 'k'; /* bafkrei…: raw bytes */
	blob.type = mem_strdup(str_or(http_header_get(call->request, "Content-Type"), "application/octet-stream"));
	vec_push(&bsky->blobs, blob);
	json *out = json_object(), *body = json_object(), *ref = json_object();
	json_set_str(ref, "$link", blob.cid);
	json_set_str(body, "$type", "blob");
	json_set(body, "ref", ref);
	json_set_str(body, "mimeType", blob.type);
	json_set_int(body, "size", blob.size);
	json_set(out, "blob", body);
	call_json(call, 200, out);
}

static void mute(struct call *call, const json *body, bool on)
{
	struct person *person = bsky_person(&call->site->world, json_str_or(body, "actor", ""));
	if (!person) {
		bsky_error(call, 400, "InvalidRequest", "Actor not found");
		return;
	}
	person->muted = on;
	call_text(call, 200, "text/plain", "");
}

static void report(struct call *call, const json *body)
{
	struct bsky_site *bsky = &call->site->bsky;
	json *out = json_object();
	json_set_int(out, "id", ++bsky->reports);
	json_set_str(out, "reasonType", json_str(body, "reasonType"));
	json_set_str(out, "reason", json_str(body, "reason"));
	json_set(out, "subject", json_copy(json_get(body, "subject")));
	json_set_time(out, "createdAt", clock_wall_ms());
	call_json(call, 200, out);
}

bool bsky_write(struct call *call, const char *name, const json *body)
{
	if (str_eq(name, "com.atproto.repo.createRecord"))
		create_record(call, body);
	else if (str_eq(name, "com.atproto.repo.putRecord"))
		put_record(call, body);
	else if (str_eq(name, "com.atproto.repo.getRecord"))
		get_record(call);
	else if (str_eq(name, "com.atproto.repo.deleteRecord"))
		delete_record(call, body);
	else if (str_eq(name, "com.atproto.repo.uploadBlob"))
		upload_blob(call);
	else if (str_eq(name, "com.atproto.moderation.createReport"))
		report(call, body);
	else if (str_eq(name, "app.bsky.notification.updateSeen"))
		call_text(call, 200, "text/plain", "");
	else
		mute(call, body, str_eq(name, "app.bsky.graph.muteActor"));
	return true;
}
