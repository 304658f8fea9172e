/* The endpoints that change something: posting, editing, deleting, favouring, the notification policy. */
#include "core/base/clock.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"
#include "tests/fakenet/text.h"

#include <stdio.h>

#define KEY_LIFE_MS (60 * 60 * 1000)

static struct idempotency *find_key(struct site *site, const char *key)
{
	for (size_t i = 0; i < site->keys.len; i++)
		if (str_eq(site->keys.at[i].key, key))
			return &site->keys.at[i];
	return NULL;
}

/* A repeat within the hour is answered with the first status, or 404 when that has been deleted since. */
static bool repeated(struct call *call, const char *key)
{
	struct idempotency *known = key ? find_key(call->site, key) : NULL;
	if (!known)
		return false;
	known->uses++;
	if (!known->status_id || clock_wall_ms() - known->at_ms >= KEY_LIFE_MS)
		return false;
	const struct status *status = world_status(&call->site->world, known->status_id);
	if (status)
		call_json(call, 200, render_status(status));
	else
		call_error(call, 404, "Record not found");
	return true;
}

/* Errors are not remembered: only a status that was saved. */
static void remember(struct site *site, const char *key, int64_t status_id)
{
	if (!key)
		return;
	struct idempotency *known = find_key(site, key);
	if (!known) {
		vec_push(&site->keys, (struct idempotency){.key = mem_strdup(key), .uses = 1});
		known = &site->keys.at[site->keys.len - 1];
	}
	if (status_id) {
		known->status_id = status_id;
		known->at_ms = clock_wall_ms();
	}
}

/* Null when the text may be said, else why not. */
static const char *text_refused(struct call *call, const char *text, const char *cw, bool media)
{
	size_t length = text_length(text, cw);
	if (!length && !media)
		return "Validation failed: Text can't be blank";
	if (length > LENGTH_MAX)
		return arena_printf(call->arena, "Validation failed: Text character limit of %d exceeded", LENGTH_MAX);
	return NULL;
}

/* allowed_mentions[]: nobody else may be notified. */
static bool unexpected_mentions(struct call *call, const char *text)
{
	if (!param_get(&call->params, "allowed_mentions[]"))
		return false;
	size_t count, unexpected = 0;
	struct person **people = text_mentions(&call->site->world, text, &count);
	json *list = json_array();
	for (size_t i = 0; i < count; i++) {
		bool allowed = false;
		int64_t id;
		for (const struct param *p = NULL; (p = param_next(&call->params, p, "allowed_mentions[]"));)
			allowed = allowed || (parse_i64(p->value, &id) && id == people[i]->id);
		if (allowed)
			continue;
		unexpected++;
		json_push(list, render_person(people[i]));
	}
	json *body = json_object();
	json_set_str(body, "error", "Post would be sent to unexpected accounts");
	json_set(body, "unexpected_accounts", list);
	if (unexpected)
		call_json(call, 422, body);
	else
		json_free(body);
	return unexpected > 0;
}

/* Fills the draft from the parameters; false when the call has been answered with an error. */
static bool read_draft(struct call *call, struct draft *draft)
{
	const struct params *params = &call->params;
	const char *text = str_or(param_get(params, "status"), "");
	const char *cw = str_or(param_get(params, "spoiler_text"), "");
	const char *visibility = str_or(param_get(params, "visibility"), "public");
	const char *parent = str_or(param_get(params, "in_reply_to_id"), NULL);
	if (!*text && *cw) { /* a warning without a text becomes the text */
		text = cw;
		cw = "";
	}
	*draft = (struct draft){.by = call->site->world.brand,
	        .text = text,
	        .cw = cw,
	        .lang = str_or(param_get(params, "language"), "en"),
	        .sensitive = param_bool(params, "sensitive")};
	if (parent) {
		draft->parent = world_status(&call->site->world, param_int(params, "in_reply_to_id", 0));
		if (!draft->parent || !world_brand_sees(&call->site->world, draft->parent)) {
			call_error(call, 404, "The post you are trying to reply to does not appear to exist.");
			return false;
		}
	}
	const char *refused = media_take(call, draft);
	if (!refused)
		refused = text_refused(call, text, cw, draft->media_count > 0);
	if (!refused && !visibility_parse(visibility, &draft->visibility))
		refused = "Validation failed: Visibility is not included in the list";
	if (refused)
		call_error(call, 422, refused);
	return !refused && !unexpected_mentions(call, text);
}

static void post_status(struct call *call)
{
	struct draft draft;
	bool heeded = call->site->kind != KIND_GOTOSOCIAL;
	const char *key = heeded ? http_header_get(call->request, "Idempotency-Key") : NULL;
	if (repeated(call, key))
		return;
	if (!read_draft(call, &draft)) {
		remember(call->site, key, 0);
		return;
	}
	struct status *status = world_post(&call->site->world, &draft);
	remember(call->site, key, status->id);
	call_json(call, 200, render_status(status));
}

static struct status *own_or_404(struct call *call, int64_t id)
{
	struct status *status = world_status(&call->site->world, id);
	if (status && status->by == call->site->world.brand)
		return status;
	call_error(call, 404, "Record not found");
	return NULL;
}

static void put_status(struct call *call, int64_t id)
{
	struct status *status = own_or_404(call, id);
	if (!status)
		return;
	const char *text = str_or(param_get(&call->params, "status"), "");
	const char *cw = str_or(param_get(&call->params, "spoiler_text"), "");
	const char *refused = text_refused(call, text, cw, status->media_count > 0);
	if (refused) {
		call_error(call, 422, refused);
		return;
	}
	world_edit(&call->site->world, status, text, cw);
	call_json(call, 200, render_status(status));
}

static void delete_status(struct call *call, int64_t id)
{
	struct status *status = own_or_404(call, id);
	if (!status)
		return;
	json *body = render_status(status);
	json_set_str(body, "text", status->text);
	world_delete(&call->site->world, status);
	call_json(call, 200, body);
}

static void favourite(struct call *call, int64_t id, bool on)
{
	struct status *status = world_status(&call->site->world, id);
	if (!status || !world_brand_sees(&call->site->world, status)) {
		call_error(call, 404, "Record not found");
		return;
	}
	status->favourites += (int)on - (int)status->favourited;
	status->favourited = on;
	call_json(call, 200, render_status(status));
}

static void reblog(struct call *call, int64_t id, bool on)
{
	struct status *status = world_status(&call->site->world, id);
	if (!status || !world_brand_sees(&call->site->world, status)) {
		call_error(call, 404, "Record not found");
		return;
	}
	status->boosts += (int)on - (int)status->boosted;
	status->boosted = on;
	/* A post of its own, around the one that was passed on. */
	json *around = render_status(status);
	json_set_str(around, "id", "1");
	json_set_str(around, "content", "");
	json_set(around, "reblog", render_status(status));
	call_json(call, 200, around);
}

/* A relationship, of which nobody here reads more. */
static void answer_relationship(struct call *call, const struct person *person)
{
	char id[24];
	json *out = json_object();
	snprintf(id, sizeof id, "%lld", (long long)person->id);
	json_set_str(out, "id", id);
	json_set_bool(out, "blocking", person->blocked);
	json_set_bool(out, "muting", person->muted);
	call_json(call, 200, out);
}

static void keep_off(struct call *call, int64_t block_id, int64_t mute_id)
{
	struct person *person = world_person(&call->site->world, block_id >= 0 ? block_id : mute_id);
	if (!person || person == call->site->world.brand) {
		call_error(call, 404, "Record not found");
		return;
	}
	person->blocked |= block_id >= 0;
	person->muted |= mute_id >= 0;
	answer_relationship(call, person);
}

static void report(struct call *call)
{
	struct world *world = &call->site->world;
	struct person *person = world_person(world, param_int(&call->params, "account_id", -1));
	struct status *status = world_status(world, param_int(&call->params, "status_ids[]", -1));
	const char *comment = str_or(param_get(&call->params, "comment"), "");
	if (!person || !status || status->by != person) {
		call_error(call, 404, "Record not found");
		return;
	}
	if (strlen(comment) > 1000) {
		call_error(call, 422, "Validation failed: Comment is too long (maximum is 1000 characters)");
		return;
	}
	status->report = arena_strdup(&world->arena, comment);
	json *out = json_object();
	json_set_str(out, "id", "48914");
	json_set_bool(out, "action_taken", false);
	json_set_str(out, "comment", comment);
	call_json(call, 200, out);
}

/* What the brand does to others' posts and to others. */
static bool deeds(struct call *call)
{
	static const char posts[] = "/api/v1/statuses/", people[] = "/api/v1/accounts/";
	int64_t like = call_id(call, "POST", posts, "/favourite"),
	        unlike = call_id(call, "POST", posts, "/unfavourite");
	int64_t boost = call_id(call, "POST", posts, "/reblog"), unboost = call_id(call, "POST", posts, "/unreblog");
	int64_t block = call_id(call, "POST", people, "/block"), mute = call_id(call, "POST", people, "/mute");
	bool reports = call_is(call, "POST", "/api/v1/reports");
	if (like < 0 && unlike < 0 && boost < 0 && unboost < 0 && block < 0 && mute < 0 && !reports)
		return false;
	if (!call->token)
		call_error(call, 401, "This method requires an authenticated user");
	else if (reports)
		report(call);
	else if (block >= 0 || mute >= 0)
		keep_off(call, block, mute);
	else if (boost >= 0 || unboost >= 0)
		reblog(call, boost >= 0 ? boost : unboost, boost >= 0);
	else
		favourite(call, like >= 0 ? like : unlike, like >= 0);
	return true;
}

static const char *const policy_names[] = {"accept", "filter", "drop"};

static void set_policy(const struct call *call, const char *name, enum policy *policy)
{
	const char *value = param_get(&call->params, name);
	for (int i = POLICY_ACCEPT; i <= POLICY_DROP; i++)
		if (str_eq(value, policy_names[i]))
			*policy = (enum policy)i;
}

static void answer_policy(struct call *call)
{
	struct world *world = &call->site->world;
	int64_t pending = 0;
	for (size_t i = 0; i < world->notices.len; i++)
		pending += world->notices.at[i]->filtered;
	json *summary = json_object();
	json_set_int(summary, "pending_requests_count", pending);
	json_set_int(summary, "pending_notifications_count", pending);
	json *out = json_object();
	json_set_str(out, "for_not_following", "accept");
	json_set_str(out, "for_not_followers", "accept");
	json_set_str(out, "for_new_accounts", "accept");
	json_set_str(out, "for_private_mentions", policy_names[world->private_mentions]);
	json_set_str(out, "for_limited_accounts", policy_names[world->limited_accounts]);
	json_set(out, "summary", summary);
	call_json(call, 200, out);
}

static bool policy(struct call *call)
{
	static const char path[] = "/api/v2/notifications/policy";
	bool patch = call_is(call, "PATCH", path);
	if (!patch && !call_is(call, "GET", path))
		return false;
	if (!call->token) {
		call_error(call, 401, "This method requires an authenticated user");
		return true;
	}
	if (patch) {
		set_policy(call, "for_private_mentions", &call->site->world.private_mentions);
		set_policy(call, "for_limited_accounts", &call->site->world.limited_accounts);
	}
	answer_policy(call);
	return true;
}

bool api_write(struct call *call)
{
	static const char at[] = "/api/v1/statuses/";
	if (policy(call) || deeds(call))
		return true;
	bool post = call_is(call, "POST", "/api/v1/statuses");
	int64_t put_id = call_id(call, "PUT", at, ""), delete_id = call_id(call, "DELETE", at, "");
	if (!post && put_id < 0 && delete_id < 0)
		return false;
	if (!call->token)
		call_error(call, 401, "This method requires an authenticated user");
	else if (post)
		post_status(call);
	else if (put_id >= 0)
		put_status(call, put_id);
	else
		delete_status(call, delete_id);
	return true;
}
