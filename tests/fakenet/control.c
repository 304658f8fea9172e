/* What tests say to the server: everything under /control/, JSON in and out, no token. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <stdlib.h>
#include <string.h>

static struct person *person_named(struct world *world, const char *acct)
{
	struct person *person = world_find_person(world, acct, strlen(acct));
	if (person)
		return person;
	struct str full = STR_INIT;
	str_addf(&full, strchr(acct + (acct[0] == '@'), '@') ? "%s" : "%s@ferry.example", acct);
	person = world_add_person(
	        world, &(struct person){.acct = full.p, .lang = "en", .followers = 12, .indexable = true});
	str_release(&full);
	return person;
}

static size_t read_media(const json *list, struct media *out)
{
	size_t n = 0;
	for (const json *i = json_first(list); i && n < MEDIA_MAX; i = json_next(i))
		out[n++] = (struct media){
		        json_str_or(i, "type", "image"), json_str_or(i, "file", "photo.jpg"), json_str(i, "alt")};
	return n;
}

/* Sets *found to NULL when `key` is missing; false (and answered) when it names what is not there. */
static bool read_status(struct call *call, const json *body, const char *key, struct status **found)
{
	int64_t id = json_int(body, key, 0);
	*found = id ? world_status(&call->site->world, id) : NULL;
	if (id && !*found)
		call_error(call, 404, "no such status");
	return !id || *found;
}

/* Under which names the other networks have it. */
static void name_elsewhere(struct site *site, const struct status *status, json *out)
{
	struct str uri = STR_INIT;
	json_set_id(out, "x_id", x_post_id(&site->world, status));
	bsky_uri(&site->bsky, status, &uri);
	json_set_str(out, "bluesky_uri", uri.p);
	str_release(&uri);
}

/* What the control endpoints answer: the status, and those. */
static void answer_status(struct call *call, const struct status *status)
{
	json *out = render_status(status);
	name_elsewhere(call->site, status, out);
	call_json(call, 200, out);
}

static void control_post(struct call *call, const json *body)
{
	struct world *world = &call->site->world;
	struct draft draft = {.by = person_named(world, json_str_or(body, "from", "sam")),
	        .text = json_str_or(body, "text", ""),
	        .cw = json_str(body, "cw"),
	        .lang = json_str_or(body, "language", "en"),
	        .reply_settings = json_str(body, "reply_settings"),
	        .created_ms = json_int(body, "at", 0),
	        .sensitive = json_bool(body, "sensitive", false)};
	draft.media_count = read_media(json_get(body, "media"), draft.media);
	if (json_get(body, "network") && !face_parse(json_str_or(body, "network", ""), &draft.by->face)) {
		call_error(call, 422, "network is mastodon, bluesky or x");
		return;
	}
	if (json_get(body, "followers"))
		draft.by->followers = json_int(body, "followers", 0);
	if (json_str(body, "name"))
		draft.by->display = arena_strdup(&world->arena, json_str(body, "name"));
	if (!visibility_parse(json_str_or(body, "visibility", "public"), &draft.visibility))
		call_error(call, 422, "visibility is public, unlisted, private or direct");
	else if (read_status(call, body, "reply_to", &draft.parent) && read_status(call, body, "quote", &draft.quote))
		answer_status(call, world_post(world, &draft));
}

static void control_edit(struct call *call, const json *body)
{
	struct status *status;
	if (!read_status(call, body, "id", &status))
		return;
	if (!status) {
		call_error(call, 422, "id is missing");
		return;
	}
	if (json_str(body, "reply_settings"))
		status->reply_settings = arena_strdup(&call->site->world.arena, json_str(body, "reply_settings"));
	world_edit(&call->site->world, status, json_str(body, "text"), json_str(body, "cw"));
	answer_status(call, status);
}

static void control_delete(struct call *call, const json *body)
{
	struct status *status;
	if (!read_status(call, body, "id", &status))
		return;
	if (!status) {
		call_error(call, 422, "id is missing");
		return;
	}
	world_delete(&call->site->world, status);
	call_json(call, 200, json_object());
}

static void control_notify(struct call *call, const json *body)
{
	struct status *status;
	const char *type = json_str_or(body, "type", "favourite");
	if (!read_status(call, body, "id", &status))
		return;
	if (status && str_eq(type, "reblog"))
		status->boosts++;
	if (status && str_eq(type, "favourite"))
		status->favourites++;
	world_notify(
	        &call->site->world, type, person_named(&call->site->world, json_str_or(body, "from", "sam")), status);
	call_json(call, 200, json_object());
}

static void control_fault(struct call *call, const json *body)
{
	struct fault fault;
	const char *kind = json_str_or(body, "kind", "");
	if (json_bool(body, "clear", false)) {
		faults_clear(&call->site->faults);
	} else if (!fault_parse(kind, &fault)) {
		call_error(call, 422, "no such kind of fault");
		return;
	} else {
		str_copy(fault.location, sizeof fault.location, json_str_or(body, "location", fault.location));
		faults_add(
		        &call->site->faults, json_str_or(body, "match", "*"), (int)json_int(body, "times", 1), &fault);
	}
	call_json(call, 200, json_object());
}

static void control_stream(struct call *call, const json *body)
{
	struct streams *streams = &call->site->streams;
	struct x_site *x = &call->site->x;
	const char *kind = json_str_or(body, "kind", "");
	if (str_eq(kind, "close")) {
		streams_close(streams, NULL);
		x_streams_close(x, NULL);
	} else if (str_eq(kind, "stall")) {
		streams_stall(streams);
		x_streams_stall(x, true);
	} else if (str_eq(kind, "resume")) {
		streams_resume(streams);
		x_streams_stall(x, false);
	} else if (str_eq(kind, "disconnect")) {
		x_streams_disconnect(x, json_str_or(body, "reason", "UpstreamOperationalDisconnect"));
	} else if (str_eq(kind, "beat")) {
		int64_t ms = json_int(body, "ms", 15000);
		streams_set_beat(streams, ms < 1 ? 1 : (uint64_t)ms, json_bool(body, "blank_line", true));
		x_streams_set_beat(x, ms < 1 ? 1 : (uint64_t)ms);
	} else {
		call_error(call, 422, "kind is close, stall, resume, disconnect or beat");
		return;
	}
	call_json(call, 200, json_object());
}

static void control_rate(struct call *call, const json *body)
{
	crowd_set_rate(&call->site->crowd, json_num(body, "per_minute", call->site->crowd.per_minute));
	call->site->crowd.answers = json_bool(body, "answers", call->site->crowd.answers);
	call_json(call, 200, json_object());
}

static void control_token(struct call *call, const json *body)
{
	const char *add = json_str(body, "add"), *revoke = json_str(body, "revoke");
	struct token *token = revoke ? site_find_token(call->site, revoke) : NULL;
	if (add)
		site_add_token(call->site, add)->expires_ms =
		        json_get(body, "expires_in") ? clock_wall_ms() + json_int(body, "expires_in", 0) * 1000 : 0;
	if (token)
		site_revoke_token(call->site, token);
	if (revoke && !token)
		call_error(call, 404, "no such token");
	else
		call_json(call, 200, json_object());
}

static void control_burst(struct call *call, const json *body)
{
	int64_t count = json_int(body, "count", 0);
	if (count < 1 || count > 1000000) {
		call_error(call, 422, "count is 1 to 1000000");
		return;
	}
	crowd_burst(&call->site->crowd, (int)count);
	call_json(call, 200, json_object());
}

static json *render_own(struct site *site)
{
	const struct world *world = &site->world;
	json *list = json_array();
	for (size_t i = 0; i < world->statuses.len; i++) {
		const struct status *status = world->statuses.at[i];
		if (status->by != world->brand)
			continue;
		json *item = render_status(status);
		json_set_str(item, "text", status->text);
		json_set_bool(item, "deleted", status->deleted);
		name_elsewhere(site, status, item);
		json_push(list, item);
	}
	return list;
}

static json *render_keys(const struct site *site)
{
	json *list = json_array();
	for (size_t i = 0; i < site->keys.len; i++) {
		json *item = json_object();
		json_set_str(item, "key", site->keys.at[i].key);
		json_set_int(item, "uses", site->keys.at[i].uses);
		json_set_id(item, "status_id", site->keys.at[i].status_id);
		json_push(list, item);
	}
	return list;
}

static json *render_requests(const struct site *site)
{
	json *counts = json_object();
	for (size_t i = 0; i < site->routes.len; i++)
		json_set_int(counts, site->routes.at[i].route, site->routes.at[i].count);
	return counts;
}

/* What the brand did to others: {"boosted":[ID],"liked":[ID],"reported":[COMMENT],"muted":[HANDLE],"blocked":[HANDLE]}.
 */
static json *render_deeds(const struct world *world)
{
	json *out = json_object(), *boosted = json_array(), *liked = json_array(), *reported = json_array(),
	     *muted = json_array(), *blocked = json_array();
	for (size_t i = 0; i < world->statuses.len; i++) {
		const struct status *status = world->statuses.at[i];
		char id[24];
		snprintf(id, sizeof id, "%lld", (long long)status->id);
		if (status->boosted)
			json_push_str(boosted, id);
		if (status->favourited)
			json_push_str(liked, id);
		if (status->report)
			json_push_str(reported, status->report);
	}
	for (size_t i = 0; i < world->people.len; i++) {
		if (world->people.at[i]->muted)
			json_push_str(muted, world->people.at[i]->acct);
		if (world->people.at[i]->blocked)
			json_push_str(blocked, world->people.at[i]->acct);
	}
	json_set(out, "boosted", boosted);
	json_set(out, "liked", liked);
	json_set(out, "reported", reported);
	json_set(out, "muted", muted);
	json_set(out, "blocked", blocked);
	return out;
}

static void control_state(struct call *call)
{
	struct site *site = call->site;
	const struct world *world = &site->world;
	int64_t mentions = 0;
	for (size_t i = 0; i < world->notices.len; i++)
		mentions += str_eq(world->notices.at[i]->type, "mention");
	json *own = render_own(site);
	json *out = json_object();
	json_set_int(out, "brand_count", (int64_t)json_count(own));
	json_set(out, "brand", own);
	json_set_int(out, "statuses", (int64_t)world->statuses.len);
	json_set_int(out, "mentions", mentions);
	json_set_int(out, "streams", (int64_t)site->streams.list.len);
	json_set(out, "x", x_state(&site->x));
	json_set(out, "bluesky", bsky_state(&site->bsky));
	json_set_int(out, "events_sent", site->streams.sent);
	json_set_int(out, "burst_left", site->crowd.burst);
	json_set_int(out, "faults_left", (int64_t)site->faults.rules.len);
	json_set(out, "deeds", render_deeds(world));
	json_set(out, "requests", render_requests(site));
	json_set(out, "idempotency_keys", render_keys(site));
	call_json(call, 200, out);
}

static void control_log(struct call *call)
{
	json *list = json_array();
	for (size_t i = 0; i < call->site->log.len; i++) {
		const struct log_entry *entry = &call->site->log.at[i];
		json *item = json_object();
		json_set_time(item, "at", entry->at_ms);
		json_set_str(item, "method", entry->method);
		json_set_str(item, "target", entry->target);
		json_set_int(item, "status", entry->status);
		if (entry->key)
			json_set_str(item, "idempotency_key", entry->key);
		json_push(list, item);
	}
	call_json(call, 200, list);
}

bool api_control(struct call *call)
{
	static const struct {
		const char *path;
		void (*fn)(struct call *call, const json *body);
	} controls[] = {
	        {"/control/post", control_post},
	        {"/control/edit", control_edit},
	        {"/control/delete", control_delete},
	        {"/control/notify", control_notify},
	        {"/control/fault", control_fault},
	        {"/control/stream", control_stream},
	        {"/control/rate", control_rate},
	        {"/control/token", control_token},
	        {"/control/burst", control_burst},
	        {"/control/x", x_control},
	        {"/control/bluesky", bsky_control},
	};
	if (call_is(call, "GET", "/control/state"))
		return control_state(call), true;
	if (call_is(call, "GET", "/control/log"))
		return control_log(call), true;
	for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
		if (!call_is(call, "POST", controls[i].path))
			continue;
		json *body = json_parse(call->request->body, call->request->body_len, NULL);
		if (json_is_object(body))
			controls[i].fn(call, body);
		else
			call_error(call, 400, "the body is no JSON object");
		json_free(body);
		return true;
	}
	return false;
}
