/* What is asked of readers' servers: notifications, posts, conversations with their holes, searches, people. */
#include "tests/fakenet/bsky.h"

#include "core/base/clock.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <inttypes.h>
#include <stdio.h>

#define PAGE 50
#define SEARCH_PAGE 25
#define PAGE_MOST 100
#define AT_ONCE 25
#define ANCESTORS 5 /* whose authors are told of a reply */
#define DEPTH 6
#define PARENTS 80

bool bsky_shows(const struct status *status)
{
	return !status->deleted && status->visibility == VIS_PUBLIC && world_on(status, FACE_BLUESKY);
}

/* The limit of a page, or 0 when it is none and has been refused. */
static int limit_of(struct call *call, int otherwise)
{
	int64_t limit = param_int(&call->params, "limit", otherwise);
	if (limit > PAGE_MOST)
		bsky_error(call, 400, "InvalidRequest", "Error: limit can not be greater than 100");
	else if (limit < 1)
		bsky_error(call, 400, "InvalidRequest", "Error: limit can not be less than 1");
	return limit < 1 || limit > PAGE_MOST ? 0 : (int)limit;
}

/* "2026-11-22T01:59:06.047Z" in milliseconds; of a date its beginning. False when it is neither. */
static bool read_time(const char *text, int64_t *ms)
{
	int64_t part[7] = {0};
	static const struct {
		size_t at, len;
	} fields[7] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}, {20, 3}};
	size_t len = strlen(text);
	for (size_t i = 0; i < 7 && fields[i].at + fields[i].len <= len; i++) {
		char digits[8] = "";
		memcpy(digits, text + fields[i].at, fields[i].len);
		if (!parse_i64(digits, &part[i]))
			return false;
	}
	/* Days since 1970 of a date in the Gregorian calendar. */
	int64_t year = part[0] - (part[1] <= 2), era = year / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (part[1] + (part[1] > 2 ? -3 : 9)) + 2) / 5 + part[2] - 1;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
	*ms = (((days * 24 + part[3]) * 60 + part[4]) * 60 + part[5]) * 1000 + part[6];
	return len >= 10;
}

static void set_cursor(json *out, int64_t ms)
{
	json_set_time(out, "cursor", ms);
}

/* --- notifications: one a post and person; a mention before a quote before a reply */

struct told {
	int64_t at;
	size_t place; /* among those of one moment */
	const char *reason;
	const struct status *status; /* what it is about: theirs, or ours when somebody likes it */
	const struct notice *notice; /* NULL for posts */
};

static bool is_below(const struct status *status, const struct person *person)
{
	const struct status *above = status->parent;
	for (int i = 0; i < ANCESTORS && above; i++, above = above->parent)
		if (above->by == person)
			return true;
	return false;
}

static bool names(const struct status *status, const struct person *person)
{
	for (size_t i = 0; i < status->mention_count; i++)
		if (status->mentions[i] == person)
			return true;
	return false;
}

static const char *reason_of(const struct world *world, const struct status *status)
{
	if (status->by == world->brand || !bsky_shows(status) || status->hidden || status->by->muted)
		return NULL;
	if (names(status, world->brand))
		return "mention";
	if (status->quote && status->quote->by == world->brand)
		return "quote";
	return is_below(status, world->brand) ? "reply" : NULL;
}

static const char *reason_of_notice(const struct notice *notice)
{
	return str_eq(notice->type, "favourite") ? "like"
	       : str_eq(notice->type, "reblog")  ? "repost"
	       : str_eq(notice->type, "follow")  ? "follow"
	                                         : NULL;
}

static int later_first(const void *a, const void *b)
{
	const struct told *first = a, *second = b;
	if (first->at != second->at)
		return first->at > second->at ? -1 : 1;
	return first->place < second->place ? -1 : 1;
}

static size_t all_told(struct call *call, struct told **out)
{
	const struct world *world = &call->site->world;
	struct told *all = arena_array(call->arena, struct told, world->statuses.len + world->notices.len + 1);
	size_t count = 0;
	for (size_t i = world->statuses.len; i-- > 0;) {
		const struct status *status = world->statuses.at[i];
		const char *reason = reason_of(world, status);
		if (reason)
			all[count] = (struct told){status->created_ms, count, reason, status, NULL}, count++;
	}
	for (size_t i = world->notices.len; i-- > 0;) {
		const struct notice *notice = world->notices.at[i];
		const char *reason = reason_of_notice(notice);
		if (reason && !(notice->status && !bsky_shows(notice->status)) && !notice->by->muted)
			all[count] = (struct told){notice->created_ms, count, reason, notice->status, notice}, count++;
	}
	qsort(all, count, sizeof *all, later_first);
	*out = all;
	return count;
}

/* The record of somebody's like, repost or follow: nobody reads it twice. */
static void set_deed(const struct bsky_site *bsky, const struct told *told, json *out)
{
	json *record = json_object();
	struct str uri = STR_INIT, type = STR_INIT;
	char cid[BSKY_CID_SIZE];
	bool follow = str_eq(told->reason, "follow");
	str_addf(&type, "app.bsky.%s.%s", follow ? "graph" : "feed", told->reason);
	json_set_str(record, "$type", type.p);
	if (follow) {
		bsky_did(bsky->site->world.brand, &uri);
		json_set_str(record, "subject", uri.p);
	} else if (told->status) {
		json *view = bsky_render_post(bsky, told->status), *subject = json_object();
		json_set_str(subject, "uri", json_str(view, "uri"));
		json_set_str(subject, "cid", json_str(view, "cid"));
		json_set_str(out, "reasonSubject", json_str(view, "uri"));
		json_set(record, "subject", subject);
		json_free(view);
	}
	json_set_time(record, "createdAt", told->at);
	str_clear(&uri);
	str_adds(&uri, "at://");
	bsky_did(told->notice->by, &uri);
	str_addf(&uri, "/%s/n%" PRId64, type.p, told->notice->id);
	bsky_cid_of_bytes(uri.p, uri.len, cid);
	json_set_str(out, "uri", uri.p);
	json_set_str(out, "cid", cid);
	json_set(out, "author", bsky_render_person(told->notice->by, false));
	json_set(out, "record", record);
	str_release(&uri);
	str_release(&type);
}

static json *notification_of(const struct bsky_site *bsky, const struct told *told)
{
	json *out = json_object();
	if (told->notice) {
		set_deed(bsky, told, out);
	} else {
		json *view = bsky_render_post(bsky, told->status);
		json_set_str(out, "uri", json_str(view, "uri"));
		json_set_str(out, "cid", json_str(view, "cid"));
		json_set(out, "author", bsky_render_person(told->status->by, false));
		json_set(out, "record", bsky_render_record(bsky, told->status));
		json_free(view);
	}
	json_set_str(out, "reason", told->reason);
	json_set_bool(out, "isRead", false);
	json_set_time(out, "indexedAt", told->at);
	json_set(out, "labels", json_array());
	return out;
}

static bool is_wanted(const struct params *params, const char *reason)
{
	const struct param *one = param_next(params, NULL, "reasons");
	bool any = !one;
	for (; one && !any; one = param_next(params, one, "reasons"))
		any = str_eq(one->value, reason);
	return any;
}

/* The page is cut first, then picked from; what is of one moment with its last entry is on no page. */
static void list_notifications(struct call *call)
{
	const char *cursor = param_get(&call->params, "cursor");
	int64_t before = INT64_MAX, last = 0;
	int limit = limit_of(call, PAGE), shown = 0;
	struct told *all;
	if (!limit)
		return;
	if (param_get(&call->params, "seenAt") || (cursor && !read_time(cursor, &before))) {
		bsky_error(call, 400, "InvalidRequest",
		        cursor ? "Malformed cursor" : "The seenAt parameter is unsupported");
		return;
	}
	size_t count = all_told(call, &all);
	json *out = json_object(), *list = json_array();
	for (size_t i = 0; i < count && shown < limit; i++) {
		if (all[i].at >= before)
			continue;
		shown++;
		last = all[i].at;
		if (is_wanted(&call->params, all[i].reason))
			json_push(list, notification_of(&call->site->bsky, &all[i]));
	}
	json_set(out, "notifications", list);
	if (shown)
		set_cursor(out, last);
	json_set_bool(out, "priority", false);
	call_json(call, 200, out);
}

static void unread_count(struct call *call)
{
	struct told *all;
	json *out = json_object();
	json_set_int(out, "count", (int64_t)all_told(call, &all));
	call_json(call, 200, out);
}

/* --- posts and people by name */

static void get_posts(struct call *call)
{
	json *out = json_object(), *list = json_array();
	int asked = 0;
	const struct param *one = param_next(&call->params, NULL, "uris");
	for (; one; one = param_next(&call->params, one, "uris"), asked++) {
		const struct status *status = bsky_post(&call->site->bsky, one->value);
		if (status && bsky_shows(status))
			json_push(list, bsky_render_post(&call->site->bsky, status));
	}
	json_set(out, "posts", list);
	if (asked <= AT_ONCE) {
		call_json(call, 200, out);
		return;
	}
	json_free(out);
	bsky_error(call, 400, "InvalidRequest", "Error: uris must not have more than 25 elements");
}

static void get_profiles(struct call *call)
{
	json *out = json_object(), *list = json_array();
	int asked = 0;
	const struct param *one = param_next(&call->params, NULL, "actors");
	for (; one; one = param_next(&call->params, one, "actors"), asked++) {
		const struct person *person = bsky_person(&call->site->world, one->value);
		if (person)
			json_push(list, bsky_render_person(person, true));
	}
	json_set(out, "profiles", list);
	if (asked <= AT_ONCE) {
		call_json(call, 200, out);
		return;
	}
	json_free(out);
	bsky_error(call, 400, "InvalidRequest", "Error: actors must not have more than 25 elements");
}

static void get_profile(struct call *call)
{
	const struct person *person = bsky_person(&call->site->world, str_or(param_get(&call->params, "actor"), ""));
	if (person)
		call_json(call, 200, bsky_render_person(person, true));
	else
		bsky_error(call, 400, "InvalidRequest", "Profile not found");
}

/* --- conversations */

static json *not_found(const struct bsky_site *bsky, const struct status *status)
{
	json *out = json_object();
	struct str uri = STR_INIT;
	bsky_uri(bsky, status, &uri);
	json_set_str(out, "$type", "app.bsky.feed.defs#notFoundPost");
	json_set_str(out, "uri", uri.p);
	json_set_bool(out, "notFound", true);
	str_release(&uri);
	return out;
}

static json *node_of(const struct bsky_site *bsky, const struct status *status)
{
	json *out = json_object();
	json_set_str(out, "$type", "app.bsky.feed.defs#threadViewPost");
	json_set(out, "post", bsky_render_post(bsky, status));
	json_set(out, "threadContext", json_object());
	return out;
}

/* Newest first. A reply that was taken back has no place of its own, nor has what stands below it. */
static void set_replies(const struct bsky_site *bsky, const struct status *status, json *node, int64_t depth)
{
	const struct world *world = &bsky->site->world;
	json *replies = json_array();
	for (size_t i = world->statuses.len; i-- > 0 && depth > 0;) {
		const struct status *reply = world->statuses.at[i];
		if (reply->parent != status || !bsky_shows(reply))
			continue;
		json *below = node_of(bsky, reply);
		set_replies(bsky, reply, below, depth - 1);
		json_push(replies, below);
	}
	if (depth > 0)
		json_set(node, "replies", replies);
	else
		json_free(replies);
}

static void set_parent(const struct bsky_site *bsky, const struct status *status, json *node, int64_t height)
{
	if (!status->parent || height <= 0)
		return;
	if (!bsky_shows(status->parent)) {
		json_set(node, "parent", not_found(bsky, status->parent));
		return;
	}
	json *above = node_of(bsky, status->parent);
	set_parent(bsky, status->parent, above, height - 1);
	json_set(node, "parent", above);
}

static void get_thread(struct call *call)
{
	const struct bsky_site *bsky = &call->site->bsky;
	const char *uri = str_or(param_get(&call->params, "uri"), "");
	const struct status *status = bsky_post(bsky, uri);
	if (!status || !bsky_shows(status)) {
		bsky_error(call, 400, "NotFound", arena_printf(call->arena, "Post not found: %s", uri));
		return;
	}
	json *out = json_object(), *node = node_of(bsky, status);
	set_parent(bsky, status, node, param_int(&call->params, "parentHeight", PARENTS));
	set_replies(bsky, status, node, param_int(&call->params, "depth", DEPTH));
	json_set(out, "thread", node);
	call_json(call, 200, out);
}

/* --- searches: the words are matched as on X, which knows phrases and tags likewise */

static void search(struct call *call)
{
	const struct world *world = &call->site->world;
	const char *query = str_or(param_get(&call->params, "q"), "");
	const char *since_text = param_get(&call->params, "since"), *cursor = param_get(&call->params, "cursor");
	int64_t since = 0, before = INT64_MAX;
	int limit = limit_of(call, SEARCH_PAGE), shown = 0;
	if (!limit)
		return;
	if (!*query || !x_query_good(query) || (since_text && !read_time(since_text, &since))) {
		bsky_error(call, 400, "BadQueryString", "Invalid query");
		return;
	}
	if (cursor)
		before = strtoll(cursor, NULL, 10);
	json *out = json_object(), *list = json_array();
	const struct status *last = NULL;
	bool more = false;
	for (size_t i = world->statuses.len; i-- > 0 && !more;) {
		const struct status *status = world->statuses.at[i];
		bool found = bsky_shows(status) && status->created_ms < before && status->created_ms >= since &&
		             x_query_matches(query, world, status);
		more = found && shown == limit;
		if (!found || more)
			continue;
		shown++;
		last = status;
		json_push(list, bsky_render_post(&call->site->bsky, status));
	}
	if (more) {
		char text[96];
		const json *newest = NULL;
		for (const json *one = json_first(list); one; one = json_next(one))
			newest = one;
		snprintf(text, sizeof text, "%" PRId64 "__%s", last->created_ms, json_str_or(newest, "cid", ""));
		json_set_str(out, "cursor", text);
	}
	json_set(out, "posts", list);
	call_json(call, 200, out);
}

bool bsky_read(struct call *call, const char *name)
{
	static const struct {
		const char *name;
		void (*answer)(struct call *call);
	} endpoints[] = {
	        {"app.bsky.notification.listNotifications", list_notifications},
	        {"app.bsky.notification.getUnreadCount", unread_count},
	        {"app.bsky.feed.getPosts", get_posts},
	        {"app.bsky.feed.getPostThread", get_thread},
	        {"app.bsky.feed.searchPosts", search},
	        {"app.bsky.actor.getProfile", get_profile},
	        {"app.bsky.actor.getProfiles", get_profiles},
	};
	for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++)
		if (str_eq(endpoints[i].name, name)) {
			endpoints[i].answer(call);
			return true;
		}
	return false;
}
