/* Bluesky: a PDS with its AppView, in the bytes that they were recorded to answer. Lists are sorted and cut by the time
 * of their entries; records stand under keys of their own; sessions last two hours. */
#include "tests/network/conformance/room_bluesky.h"
#include "tests/network/conformance/instead.h"
#include "tests/network/conformance/sentence.h"
#include "tests/network/conformance/web.h"

#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"

#include <stdio.h>

#define POSTS "app.bsky.feed.post"
#define LIKES "app.bsky.feed.like"
#define REPOSTS "app.bsky.feed.repost"
#define LIFE_MS ((int64_t)2 * 3600 * 1000)
#define TID_LEN 13

/* A record of our repository. */
struct kept {
	char *collection, *key;
	json *value;
	struct said *said; /* the post, or what is liked or passed on; NULL */
};

struct played {
	struct web *web;
	json *session, *notification, *view, *profile; /* templates */
	char us[64], them[64];                         /* DIDs */
	VEC(struct kept) records;
	int sessions;         /* made so far: the number in the newest token */
	int64_t session_ends; /* by the server's clock */
};

/* --- names */

static void add_base32(char *out, uint64_t bits, int len, const char *letters)
{
	for (int i = len - 1; i >= 0; i--, bits >>= 5)
		out[i] = letters[bits & 31];
	out[len] = '\0';
}

static void name_post(struct stage *stage, struct said *said)
{
	const struct played *played = stage->played;
	char tid[TID_LEN + 1], mark[53];
	if (said->edited_at)
		return; /* readers are shown the first version */
	add_base32(tid, (uint64_t)said->at * 1000 << 10 | ((unsigned)said->number & 1023), TID_LEN,
	        "234567abcdefghijklmnopqrstuvwxyz");
	add_base32(mark, hash_bytes(said->text, strlen(said->text)) + (uint64_t)said->number, 52,
	        "abcdefghijklmnopqrstuvwxyz234567");
	snprintf(said->id, sizeof said->id, "at://%s/" POSTS "/%s", said->ours ? played->us : played->them,
	        said->key ? said->key : tid);
	snprintf(said->version, sizeof said->version, "bafyrei%s", mark);
}

static const struct said *root_of(const struct said *said)
{
	while (said->parent)
		said = said->parent;
	return said;
}

/* --- records and views */

static json *reference(const struct said *said)
{
	json *out = json_object();
	json_set_str(out, "uri", said->id);
	json_set_str(out, "cid", said->version);
	return out;
}

static json *facets_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	const char *at = strstr(said->first_text, OUR_HANDLE);
	json *facets = json_copy(json_path(played->notification, "record.facets"));
	if (!at || said->ours) {
		json_free(facets);
		return json_array();
	}
	/* As recorded, with other numbers. */
	json *index = json_object(), *facet = json_copy(json_first(facets)), *list = json_array();
	json_set_int(index, "byteStart", at - said->first_text);
	json_set_int(index, "byteEnd", at - said->first_text + (int)strlen(OUR_HANDLE));
	json_set(facet, "index", index);
	json_push(list, facet);
	json_free(facets);
	return list;
}

static json *record_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	for (size_t i = 0; i < played->records.len; i++)
		if (played->records.at[i].said == said && str_eq(played->records.at[i].collection, POSTS))
			return json_copy(played->records.at[i].value);
	json *record = json_copy(json_get(played->notification, "record"));
	char at[40];
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(record, "text", said->unreadable ? NULL : said->first_text);
	json_set_str(record, "createdAt", said->unreadable ? NULL : at);
	json_set(record, "facets", facets_of(stage, said));
	if (said->parent) {
		json *reply = json_object();
		json_set(reply, "root", reference(root_of(said)));
		json_set(reply, "parent", reference(said->parent));
		json_set(record, "reply", reply);
	}
	return record;
}

static json *author_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	json *author = json_copy(json_get(played->view, "author"));
	json_set_str(author, "did", said->ours ? played->us : played->them);
	json_set_str(author, "handle", said->ours ? "brand.test" : "customer.test");
	json_set_str(author, "displayName", said->name);
	return author;
}

static json *viewer_of(const struct stage *stage, const struct said *said)
{
	const struct played *played = stage->played;
	json *viewer = json_copy(json_get(played->view, "viewer"));
	if (root_of(said)->closed && !root_of(said)->ours)
		json_set_bool(viewer, "replyDisabled", true);
	for (size_t i = 0; i < played->records.len; i++) {
		const struct kept *kept = &played->records.at[i];
		struct str uri = STR_INIT;
		str_addf(&uri, "at://%s/%s/%s", played->us, kept->collection, kept->key);
		if (kept->said == said && str_eq(kept->collection, LIKES))
			json_set_str(viewer, "like", uri.p);
		if (kept->said == said && str_eq(kept->collection, REPOSTS))
			json_set_str(viewer, "repost", uri.p);
		str_release(&uri);
	}
	return viewer;
}

static json *view_of(const struct stage *stage, const struct said *said)
{
	json *view = json_copy(((const struct played *)stage->played)->view);
	char at[40];
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(view, "uri", said->id);
	json_set_str(view, "cid", said->version);
	json_set(view, "author", author_of(stage, said));
	json_set(view, "record", record_of(stage, said));
	json_set_str(view, "indexedAt", at);
	json_set(view, "viewer", viewer_of(stage, said));
	return view;
}

static json *notification_of(const struct stage *stage, const struct said *said)
{
	json *notification = json_copy(((const struct played *)stage->played)->notification);
	char at[40];
	time_format_rfc3339(said->at, at, sizeof at);
	json_set_str(notification, "uri", said->id);
	json_set_str(notification, "cid", said->version);
	json_set(notification, "author", author_of(stage, said));
	json_set(notification, "record", record_of(stage, said));
	json_set_str(notification, "reason", said->mentions_us ? "mention" : "reply");
	json_set_str(notification, "indexedAt", at);
	return notification;
}

/* --- answers */

static void fails(struct web_answer *answer, int status, const char *name, const char *message)
{
	json *body = json_object();
	json_set_str(body, "error", name);
	json_set_str(body, "message", message);
	web_json(answer, status, body);
}

static void list_notifications(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const char *cursor = web_parameter(request, "cursor");
	int64_t before = INT64_MAX;
	int limit = web_number(request, "limit", 50), count = 0;
	char at[40] = "";
	json *body = json_object(), *list = json_array();
	if (cursor)
		assert_true(time_parse_rfc3339(cursor, &before));
	for (size_t i = stage->said.len; i-- > 0 && count < limit;) {
		const struct said *said = stage->said.at[i];
		bool told = said->mentions_us || (!said->ours && said->parent && said->parent->ours);
		if (!told || said->deleted || said->at >= before)
			continue;
		json_push(list, notification_of(stage, said));
		time_format_rfc3339(said->at, at, sizeof at);
		count++;
	}
	json_set(body, "notifications", list);
	if (count)
		json_set_str(body, "cursor", at);
	json_set_bool(body, "priority", false);
	web_json(answer, 200, body);
}

/* Each value of a repeated parameter in turn; NULL at the end. */
static const char *parameter_at(struct web_request *request, const char *name, int number)
{
	char *whole = request->query;
	const char *found = NULL, *at = whole;
	for (int i = 0; at && *at; at = strchr(at, '&'), at = at ? at + 1 : NULL) {
		size_t len = strlen(name);
		if (strncmp(at, name, len) != 0 || at[len] != '=' || i++ != number)
			continue;
		request->query = arena_strdup(&request->arena, at);
		found = web_parameter(request, name);
		request->query = whole;
		break;
	}
	return found;
}

static void get_posts(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	json *body = json_object(), *list = json_array();
	const char *uri;
	for (int i = 0; (uri = parameter_at(request, "uris", i)); i++) {
		const struct said *said = stage_find(stage, uri);
		assert_true(i < 25); /* the server would refuse it */
		if (said && !said->deleted)
			json_push(list, view_of(stage, said));
	}
	json_set(body, "posts", list);
	web_json(answer, 200, body);
}

static void get_profiles(struct stage *stage, struct web_answer *answer)
{
	const struct played *played = stage->played;
	json *body = json_object(), *list = json_array(), *profile = json_copy(played->profile);
	json_set_str(profile, "did", played->them);
	json_push(list, profile);
	json_set(body, "profiles", list);
	web_json(answer, 200, body);
}

static json *node_of(struct stage *stage, const struct said *said)
{
	json *node = json_object();
	json_set_str(node, "$type", "app.bsky.feed.defs#threadViewPost");
	json_set(node, "post", view_of(stage, said));
	json_set(node, "threadContext", json_object());
	return node;
}

/* Newest first; a reply that was taken back is left out with all that stands below it. */
static void set_replies(struct stage *stage, const struct said *said, json *node, int depth)
{
	json *replies = json_array();
	for (size_t i = stage->said.len; i-- > 0 && depth;) {
		const struct said *reply = stage->said.at[i];
		if (reply->parent != said || reply->deleted)
			continue;
		json *below = node_of(stage, reply);
		set_replies(stage, reply, below, depth - 1);
		json_push(replies, below);
	}
	json_set(node, "replies", replies);
}

static json *missing(const struct said *said)
{
	json *node = json_object();
	json_set_str(node, "$type", "app.bsky.feed.defs#notFoundPost");
	json_set_str(node, "uri", said->id);
	json_set_bool(node, "notFound", true);
	return node;
}

static void set_parents(struct stage *stage, const struct said *said, json *node, int height)
{
	if (!said->parent || !height)
		return;
	json *above = said->parent->deleted ? missing(said->parent) : node_of(stage, said->parent);
	if (!said->parent->deleted)
		set_parents(stage, said->parent, above, height - 1);
	json_set(node, "parent", above);
}

static void get_thread(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const char *uri = str_or(web_parameter(request, "uri"), "");
	const struct said *said = stage_find(stage, uri);
	if (!said || said->deleted) {
		fails(answer, 400, "NotFound", "Post not found");
		return;
	}
	json *body = json_object(), *node = node_of(stage, said);
	set_parents(stage, said, node, web_number(request, "parentHeight", 80));
	set_replies(stage, said, node, web_number(request, "depth", 6));
	json_set(body, "thread", node);
	web_json(answer, 200, body);
}

/* --- sessions */

static void session(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	const char *password = json_str(request->fields, "password");
	char expected[64], token[64];
	snprintf(expected, sizeof expected, "Bearer refresh-%d", played->sessions);
	bool by_password = str_ends(request->path, "createSession");
	if (by_password && !str_eq(password, STAGE_TOKEN)) {
		fails(answer, 401, "AuthenticationRequired", "Invalid identifier or password");
		return;
	}
	if (!by_password && !str_eq(web_header(request, "Authorization"), expected)) {
		fails(answer, 400, "ExpiredToken", "Token has been revoked");
		return;
	}
	json *body = json_copy(played->session);
	played->sessions++;
	played->session_ends = server_now(stage) + LIFE_MS;
	snprintf(token, sizeof token, "access-%d", played->sessions);
	json_set_str(body, "accessJwt", token);
	snprintf(token, sizeof token, "refresh-%d", played->sessions);
	json_set_str(body, "refreshJwt", token);
	web_json(answer, 200, body);
}

static bool authorized(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const struct played *played = stage->played;
	char expected[64];
	snprintf(expected, sizeof expected, "Bearer access-%d", played->sessions);
	bool good = str_eq(web_header(request, "Authorization"), expected);
	if (!good)
		fails(answer, 400, "InvalidToken", "Token could not be verified");
	else if (server_now(stage) >= played->session_ends)
		fails(answer, 400, "ExpiredToken", "Token has expired");
	return good && server_now(stage) < played->session_ends;
}

/* --- records */

static struct kept *kept_of(struct played *played, const char *collection, const char *key)
{
	for (size_t i = 0; i < played->records.len; i++)
		if (str_eq(played->records.at[i].collection, collection) && str_eq(played->records.at[i].key, key))
			return &played->records.at[i];
	return NULL;
}

static bool same(const json *a, const json *b)
{
	struct str left = STR_INIT, right = STR_INIT;
	json_print(a, &left);
	json_print(b, &right);
	bool equal = str_eq(left.p, right.p);
	str_release(&left);
	str_release(&right);
	return equal;
}

static void put_answer(const struct played *played, const struct kept *kept, bool changed, struct web_answer *answer)
{
	json *body = json_object();
	struct str uri = STR_INIT;
	str_addf(&uri, "at://%s/%s/%s", played->us, kept->collection, kept->key);
	json_set_str(body, "uri", uri.p);
	json_set_str(body, "cid", "bafyreidxbp4bhuoamo356sgfjtaumedym32gqtguapaoufxwd545owz5c4");
	if (changed)
		json_set(body, "commit", json_object());
	json_set_str(body, "validationStatus", "valid");
	web_json(answer, 200, body);
	str_release(&uri);
}

static struct said *take_effect(struct stage *stage, const char *collection, const char *key, const json *record)
{
	const char *subject = json_str(json_get(record, "subject"), "uri");
	struct said *said = stage_find(stage, str_or(subject, json_str(json_path(record, "reply.parent"), "uri")));
	if (str_eq(collection, LIKES) && said)
		said->liked = true;
	if (str_eq(collection, REPOSTS) && said)
		said->boosted = true;
	if (!str_eq(collection, POSTS))
		return said;
	/* The reference servers take it even where it answers what is gone. */
	return stage_publish(stage, json_str_or(record, "text", ""), said, key);
}

static void put_record(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	const char *collection = json_str_or(request->fields, "collection", "");
	const char *key = json_str_or(request->fields, "rkey", "");
	const json *record = json_get(request->fields, "record"), *swap = json_get(request->fields, "swapRecord");
	struct kept *there = kept_of(played, collection, key);
	assert_string_equal(json_str(request->fields, "repo"), played->us);
	assert_int_equal(strlen(key), TID_LEN);
	if (there && same(there->value, record)) {
		put_answer(played, there, false, answer);
	} else if (there && swap) {
		fails(answer, 400, "InvalidSwap", "Record was at another place");
	} else {
		struct said *said = take_effect(stage, collection, key, record);
		vec_push(&played->records,
		        (struct kept){mem_strdup(collection), mem_strdup(key), json_copy(record), said});
		put_answer(played, &played->records.at[played->records.len - 1], true, answer);
	}
}

static void get_record(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	const char *collection = web_parameter(request, "collection"), *key = web_parameter(request, "rkey");
	const struct kept *kept = kept_of(played, collection, key);
	struct str uri = STR_INIT;
	str_addf(&uri, "at://%s/%s/%s", played->us, collection, key);
	struct said *said = stage_find(stage, uri.p); /* also what we said elsewhere */
	if (kept || (said && !said->deleted)) {
		json *body = json_object();
		json_set_str(body, "uri", uri.p);
		json_set_str(body, "cid", said ? said->version : "bafyrei");
		json_set(body, "value", kept ? json_copy(kept->value) : record_of(stage, said));
		web_json(answer, 200, body);
	} else {
		fails(answer, 400, "RecordNotFound", "Could not locate record");
	}
	str_release(&uri);
}

static void forget(struct played *played, struct kept *kept)
{
	free(kept->collection);
	free(kept->key);
	json_free(kept->value);
	vec_remove(&played->records, (size_t)(kept - played->records.at));
}

static void delete_record(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	struct played *played = stage->played;
	const char *collection = json_str_or(request->fields, "collection", "");
	struct kept *kept = kept_of(played, collection, json_str_or(request->fields, "rkey", ""));
	json *body = json_object();
	if (kept) {
		json_set(body, "commit", json_object());
		if (str_eq(collection, LIKES) && kept->said)
			kept->said->liked = false;
		else if (str_eq(collection, REPOSTS) && kept->said)
			kept->said->boosted = false;
		else if (kept->said)
			author_deletes(stage, kept->said);
		forget(played, kept);
	}
	web_json(answer, 200, body);
}

/* --- one request */

static const char *name_of(const struct web_request *request)
{
	return str_starts(request->path, "/xrpc/") ? request->path + strlen("/xrpc/") : "";
}

static void answer_request(struct stage *stage, struct web_request *request, struct web_answer *answer)
{
	const char *name = name_of(request);
	if (str_eq(name, "com.atproto.server.createSession") || str_eq(name, "com.atproto.server.refreshSession"))
		session(stage, request, answer);
	else if (!authorized(stage, request, answer))
		return;
	else if (str_eq(name, "com.atproto.server.getSession"))
		web_json(answer, 200, json_copy(((const struct played *)stage->played)->session));
	else if (str_eq(name, "app.bsky.notification.listNotifications"))
		list_notifications(stage, request, answer);
	else if (str_eq(name, "app.bsky.feed.getPosts"))
		get_posts(stage, request, answer);
	else if (str_eq(name, "app.bsky.actor.getProfiles"))
		get_profiles(stage, answer);
	else if (str_eq(name, "app.bsky.feed.getPostThread"))
		get_thread(stage, request, answer);
	else if (str_eq(name, "com.atproto.repo.putRecord"))
		put_record(stage, request, answer);
	else if (str_eq(name, "com.atproto.repo.getRecord"))
		get_record(stage, request, answer);
	else if (str_eq(name, "com.atproto.repo.deleteRecord"))
		delete_record(stage, request, answer);
	else
		fails(answer, 501, "MethodNotImplemented", "Method Not Implemented");
}

enum request_kind bluesky_request_kind(struct web_request *request)
{
	const char *name = name_of(request);
	if (str_ends(name, "createSession") || str_ends(name, "refreshSession"))
		return REQUEST_LOGIN;
	if (str_eq(name, "com.atproto.repo.putRecord") && str_eq(json_str(request->fields, "collection"), POSTS))
		return REQUEST_PUBLISH;
	return str_eq(request->method, "GET") ? REQUEST_READ : REQUEST_CHANGE;
}

void bluesky_refuse(struct stage *stage, enum fault_kind fault, struct web_answer *answer)
{
	char words[160];
	switch (fault) {
	case FAULT_BUSY:
		str_addf(&answer->headers,
		        "RateLimit-Limit: 3000\r\nRateLimit-Reset: %lld\r\nRateLimit-Remaining: "
		        "0\r\nRateLimit-Policy: 3000;w=300\r\n",
		        (long long)(stage->busy_until / 1000));
		fails(answer, 429, "RateLimitExceeded", "Rate Limit Exceeded");
		break;
	case FAULT_TOKEN: fails(answer, 400, "InvalidToken", "Token could not be verified: " STAGE_TOKEN); break;
	case FAULT_REFUSED:
		snprintf(words, sizeof words, "%s (%s)", stage_refusal, STAGE_TOKEN);
		fails(answer, 400, "InvalidRequest", words);
		break;
	default: fails(answer, 502, "UpstreamFailure", "Upstream service unreachable");
	}
}

/* --- the world's life */

static const struct web_rules rules = {bluesky_request_kind, answer_request, bluesky_refuse};

static void begin(struct stage *stage)
{
	struct played *played = mem_alloc(sizeof *played);
	stage->played = played;
	played->web = web_new(stage, &rules);
	json *list = web_recorded("bluesky/listNotifications.http", "notifications");
	for (const json *one = json_first(list); one; one = json_next(one))
		if (str_eq(json_str(one, "reason"), "mention"))
			played->notification = json_copy(one);
	json_free(list);
	assert_non_null(played->notification);
	json *posts = web_recorded("bluesky/getPosts.http", "posts");
	played->view = json_copy(json_first(posts));
	json_free(posts);
	played->profile = web_recorded("bluesky/getProfile.http", "");
	played->session = web_recorded("bluesky/createSession.http", "");
	/* The recorded document leads to the server that was recorded. */
	json *document = json_object();
	json_set_str(document, "id", json_str(played->session, "did"));
	json_set(played->session, "didDoc", document);
	const json *feature =
	        json_first(json_get(json_first(json_path(played->notification, "record.facets")), "features"));
	str_copy(played->us, sizeof played->us, json_str(feature, "did"));
	str_copy(played->them, sizeof played->them, json_str(json_get(played->notification, "author"), "did"));
	json_set_str(played->session, "did", played->us);
}

static void end(struct stage *stage)
{
	struct played *played = stage->played;
	web_free(played->web);
	while (played->records.len)
		forget(played, &played->records.at[0]);
	vec_release(&played->records);
	json_free(played->session);
	json_free(played->notification);
	json_free(played->view);
	json_free(played->profile);
	free(played);
}

static const struct exception exceptions[] = {
        {"an_edit_comes_unasked_under_the_same_id", "readers of Bluesky go on seeing the first version of a post",
                the_first_version_of_a_post_stays},
        {"a_deletion_comes_unasked", "a notification goes with its post, and nobody is told",
                a_deletion_is_seen_when_the_post_is_read},
        {"a_post_of_ours_is_corrected_under_the_same_id", "readers would go on seeing the first version",
                no_correction_is_offered},
        {NULL, NULL, NULL},
};

const struct room room_bluesky = {
        .name = "bluesky",
        .network = "bluesky",
        .exceptions = exceptions,
        .begin = begin,
        .end = end,
        .name_post = name_post,
};
