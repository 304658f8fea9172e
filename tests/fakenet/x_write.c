/* What X lets an application do: post and answer within its rules, delete, repost, like, hide, mute, write in private.
 */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"
#include "tests/fakenet/text.h"

#include <inttypes.h>
#include <stdio.h>

#define SAME_TEXT_MS (60LL * 60 * 1000) /* X does not say for how long; long enough for a test */
#define MESSAGES_DAYS 30

/* --- posting */

static bool said_before(const struct world *world, const char *text)
{
	int64_t now = clock_wall_ms();
	for (size_t i = world->statuses.len; i-- > 0;) {
		const struct status *status = world->statuses.at[i];
		if (status->by == world->brand && !status->deleted && str_eq(status->text, text) &&
		        now - status->created_ms < SAME_TEXT_MS)
			return true;
	}
	return false;
}

static bool has_link(const char *text)
{
	struct text_token token;
	for (size_t at = 0; text_next(text, &at, &token);)
		if (token.kind == TEXT_LINK)
			return true;
	return false;
}

static bool quotes(const struct status *status, const struct person *person)
{
	return status->quote && status->quote->by == person;
}

/* Self-serve applications answer those who named or quoted the account, or who answer it. */
static bool summoned(const struct world *world, const struct status *parent)
{
	return parent->by == world->brand || x_mentions(parent, world->brand) || quotes(parent, world->brand);
}

/* Null when it may be answered. */
static const char *reply_refused(const struct call *call, const struct status *parent)
{
	const struct world *world = &call->site->world;
	bool named = x_mentions(parent, world->brand);
	if (!x_shows(parent))
		return "You attempted to reply to a Tweet that is deleted or not visible to you.";
	if (parent->reply_settings && !named && parent->by != world->brand)
		return "You can't reply to this conversation.";
	if (!call->site->x.enterprise && !summoned(world, parent))
		return "Reply to this conversation is not allowed because you have not been mentioned or otherwise "
		       "engaged "
		       "by the author of the post you are replying to.";
	return NULL;
}

/* X takes no field that it does not know. */
static const char *unknown_field(const json *body)
{
	static const char known[] = "text,reply,media,reply_settings,quote_tweet_id,made_with_ai,paid_partnership,"
	                            "community_id,share_with_followers,poll,card_uri,nullcast,"
	                            "for_super_followers_only,edit_options";
	for (const json *i = json_first(body); i; i = json_next(i))
		if (!x_listed(known, json_key(i)))
			return json_key(i);
	return NULL;
}

static bool read_parent(struct call *call, const json *body, struct draft *draft)
{
	const char *text = json_str(json_get(body, "reply"), "in_reply_to_tweet_id");
	int64_t id = 0;
	if (!text)
		return true;
	draft->parent = parse_i64(text, &id) ? x_post(&call->site->world, id) : NULL;
	const char *why = draft->parent ? reply_refused(call, draft->parent)
	                                : "You attempted to reply to a Tweet that is deleted or not visible to you.";
	if (why)
		x_problem(call, 403, "Forbidden", why, NULL);
	return !why;
}

static bool take_media(struct call *call, const json *body, struct draft *draft)
{
	const char *why = NULL;
	for (const json *i = json_first(json_path(body, "media.media_ids")); i && !why; i = json_next(i)) {
		int64_t id = 0;
		struct upload *upload = parse_i64(str_or(json_text(i), ""), &id) ? media_find(call->site, id) : NULL;
		if (!upload || upload->used || upload->polls || draft->media_count == MEDIA_MAX)
			why = "Your media IDs are invalid.";
		else
			draft->media[draft->media_count++] = upload->media;
		if (upload)
			upload->used = true;
	}
	if (why)
		x_invalid(call, "media.media_ids", "", why);
	return !why;
}

static int64_t price_of(const struct draft *draft, const struct person *brand)
{
	if (has_link(draft->text))
		return X_COST_LINK;
	return draft->parent && x_mentions(draft->parent, brand) ? X_COST_SUMMONED : X_COST_CREATE;
}

static void answer_created(struct call *call, const struct status *status)
{
	json *body = json_object(), *data = json_object(), *history = json_array();
	char id[24];
	snprintf(id, sizeof id, "%" PRId64, x_post_id(&call->site->world, status));
	json_set_str(data, "id", id);
	json_set_str(data, "text", status->text);
	json_push_str(history, id);
	json_set(data, "edit_history_tweet_ids", history);
	json_set(body, "data", data);
	call_json(call, 201, body);
}

static void create(struct call *call, const json *body)
{
	struct world *world = &call->site->world;
	const char *unknown = unknown_field(body);
	struct draft draft = {.by = world->brand,
	        .text = json_str_or(body, "text", ""),
	        .reply_settings = json_str(body, "reply_settings"),
	        .lang = "en"};
	if (unknown)
		x_invalid(call, unknown, "", arena_printf(call->arena, "The field [%s] is not allowed", unknown));
	else if (!*draft.text && !json_get(body, "media"))
		x_invalid(call, "text", "", "text or media is required");
	else if (!take_media(call, body, &draft) || !read_parent(call, body, &draft))
		return;
	else if (said_before(world, draft.text))
		x_problem(
		        call, 403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.", NULL);
	else if (x_pay(call, price_of(&draft, world->brand)))
		answer_created(call, world_post(world, &draft));
}

/* --- the rest */

static void answer_flag(struct call *call, const char *name, bool value)
{
	json *body = json_object(), *data = json_object();
	json_set_bool(data, name, value);
	json_set(body, "data", data);
	call_json(call, 200, body);
}

static struct status *shown_or_404(struct call *call, int64_t id)
{
	struct status *status = x_post(&call->site->world, id);
	if (status && x_shows(status))
		return status;
	x_problem(call, 404, "Not Found Error",
	        arena_printf(call->arena, "Could not find tweet with id: [%" PRId64 "].", id), "resource-not-found");
	return NULL;
}

static void delete_post(struct call *call, int64_t id)
{
	struct status *status = shown_or_404(call, id);
	if (!status)
		return;
	if (status->by != call->site->world.brand) {
		x_problem(call, 403, "Forbidden", "You are not authorized to delete this Tweet.", NULL);
	} else if (x_pay(call, X_COST_DELETE)) {
		world_delete(&call->site->world, status);
		answer_flag(call, "deleted", true);
	}
}

/* A reply in a conversation that the brand began. */
static void hide(struct call *call, int64_t id, const json *body)
{
	struct status *status = shown_or_404(call, id);
	if (!status)
		return;
	const struct status *root = status;
	while (root->parent)
		root = root->parent;
	if (root == status || root->by != call->site->world.brand) {
		x_problem(call, 403, "Forbidden", "You are not allowed to hide this Tweet.", NULL);
	} else if (x_pay(call, X_COST_ACTION)) {
		status->hidden = json_bool(body, "hidden", false);
		answer_flag(call, "hidden", status->hidden);
	}
}

static void repost(struct call *call, int64_t id, bool on)
{
	struct status *status = shown_or_404(call, id);
	if (!status || !x_pay(call, X_COST_ACTION))
		return;
	status->boosts += (int)on - (int)status->boosted;
	status->boosted = on;
	answer_flag(call, "retweeted", on);
}

/* Taken from all but the largest customers in 2026. */
static void like(struct call *call, int64_t id, bool on)
{
	struct status *status = shown_or_404(call, id);
	if (!status)
		return;
	if (!call->site->x.enterprise) {
		x_problem(call, 403, "Client Forbidden", "Your access level does not allow this endpoint.",
		        "client-forbidden");
	} else if (x_pay(call, X_COST_ACTION)) {
		status->favourites += (int)on - (int)status->favourited;
		status->favourited = on;
		answer_flag(call, "liked", on);
	}
}

static void mute(struct call *call, int64_t id, bool on)
{
	struct person *person = world_person(&call->site->world, id);
	if (!person) {
		x_problem(call, 404, "Not Found Error", "Could not find user with id.", "resource-not-found");
	} else if (x_pay(call, X_COST_ACTION)) {
		person->muted = on;
		answer_flag(call, "muting", on);
	}
}

/* --- private messages */

static void send_message(struct call *call, int64_t to, const json *body)
{
	struct x_site *x = &call->site->x;
	const struct world *world = &call->site->world;
	const struct person *person = world_person(world, to);
	const char *text = json_str_or(body, "text", "");
	if (!person) {
		x_problem(call, 404, "Not Found Error", "Could not find user with id.", "resource-not-found");
		return;
	}
	if (!*text) {
		x_invalid(call, "text", "", "text or attachments is required");
		return;
	}
	if (!x_pay(call, X_COST_MESSAGE))
		return;
	struct x_message message = {x->next_id++, world->brand, person, mem_strdup(text), clock_wall_ms()};
	vec_push(&x->messages, message);
	json *out = json_object(), *data = json_object();
	json_set_str(data, "dm_conversation_id",
	        arena_printf(call->arena, "%" PRId64 "-%" PRId64, world->brand->id, person->id));
	json_set_id(data, "dm_event_id", message.id);
	json_set(out, "data", data);
	call_json(call, 201, out);
}

static json *render_message(struct call *call, const struct x_message *message)
{
	json *out = json_object();
	json_set_id(out, "id", message->id);
	json_set_str(out, "event_type", "MessageCreate");
	json_set_str(out, "text", message->text);
	json_set_id(out, "sender_id", message->from->id);
	json_set_str(out, "dm_conversation_id",
	        arena_printf(call->arena, "%" PRId64 "-%" PRId64, message->from->id, message->to->id));
	json_set_time(out, "created_at", message->at_ms);
	return out;
}

static void get_messages(struct call *call)
{
	const struct x_site *x = &call->site->x;
	json *body = json_object(), *data = json_array(), *meta = json_object();
	int64_t oldest = clock_wall_ms() - (int64_t)MESSAGES_DAYS * 24 * 60 * 60 * 1000;
	for (size_t i = x->messages.len; i-- > 0;)
		if (x->messages.at[i].at_ms >= oldest)
			json_push(data, render_message(call, &x->messages.at[i]));
	int64_t count = (int64_t)json_count(data);
	json_set_int(meta, "result_count", count);
	json_set(body, "data", data);
	json_set(body, "meta", meta);
	if (x_pay(call, count * X_COST_MESSAGE_READ))
		call_json(call, 200, body);
	else
		json_free(body);
}

/* --- which is which */

static bool about_self(struct call *call, const json *body)
{
	const struct person *brand = call->site->world.brand;
	const char *prefix = arena_printf(call->arena, "/2/users/%" PRId64 "/", brand->id);
	const char *path = call->request->path;
	if (!str_starts(path, prefix))
		return false;
	bool post = str_eq(call->request->method, "POST"), del = str_eq(call->request->method, "DELETE");
	const char *what = path + strlen(prefix);
	size_t len = strcspn(what, "/");
	int64_t id = 0;
	const char *given = post ? str_or(json_str(body, "tweet_id"), json_str(body, "target_user_id"))
	                         : what + len + (what[len] == '/');
	if ((!post && !del) || !parse_i64(str_or(given, ""), &id))
		return false;
	const char *word = arena_strndup(call->arena, what, len);
	if (str_eq(word, "retweets"))
		repost(call, id, post);
	else if (str_eq(word, "likes"))
		like(call, id, post);
	else if (str_eq(word, "muting"))
		mute(call, id, post);
	else
		return false;
	return true;
}

static bool change(struct call *call, const json *body)
{
	int64_t del = call_id(call, "DELETE", "/2/tweets/", ""), hidden = call_id(call, "PUT", "/2/tweets/", "/hidden");
	int64_t to = call_id(call, "POST", "/2/dm_conversations/with/", "/messages");
	if (call_is(call, "POST", "/2/tweets"))
		create(call, body);
	else if (del >= 0)
		delete_post(call, del);
	else if (hidden >= 0)
		hide(call, hidden, body);
	else if (to >= 0)
		send_message(call, to, body);
	else if (call_is(call, "GET", "/2/dm_events"))
		get_messages(call);
	else
		return about_self(call, body);
	return true;
}

bool x_write(struct call *call)
{
	bool private = str_starts(call->request->path, "/2/dm_");
	if ((!str_eq(call->request->method, "GET") || private) && !x_need_person(call))
		return true;
	json *body = json_parse(call->request->body, call->request->body_len, NULL);
	bool done = change(call, body);
	json_free(body);
	return done;
}
