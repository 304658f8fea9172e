/* What delivery asks of Bluesky. A record is put under a key that was fixed when the reply was accepted: putting it
 * twice changes nothing, and whether it is there can be looked up. */
#include "core/network/bluesky_parts.h"

#include "core/base/mem.h"
#include "core/base/timefmt.h"
#include "core/net/url_escape.h"

#include <string.h>

#define POSTS "app.bsky.feed.post"
#define THREADGATES "app.bsky.feed.threadgate"
#define THREAD_DEPTH 10
#define THREAD_PARENTS 80
#define THREAD_MOST 500
#define HIDDEN_MOST 300 /* of one conversation; the lexicon allows no more */

/* --- a call's life */

struct bluesky_call *bluesky_call_new(struct network *network, call_fn *done, void *arg)
{
	struct bluesky_call *call = mem_alloc(sizeof *call);
	call->b = (struct bluesky *)network;
	call->done = done;
	call->arg = arg;
	arena_init(&call->arena);
	str_init(&call->warning, SIZE_MAX);
	call->next = call->b->calls;
	call->b->calls = call;
	return call;
}

static void call_free(struct bluesky_call *call)
{
	for (struct bluesky_call **p = &call->b->calls; *p; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
			break;
		}
	}
	bluesky_ask_drop(call->ask);
	upload_drop(call->upload);
	timers_cancel(call->b->timers, &call->timer);
	json_free(call->record);
	json_free(call->thread);
	str_release(&call->warning);
	arena_release(&call->arena);
	free(call);
}

void bluesky_calls_drop(struct bluesky *b)
{
	while (b->calls)
		call_free(b->calls);
}

void bluesky_call_end(struct bluesky_call *call, const struct call_result *result)
{
	struct call_result told = *result;
	told.reason = str_or(result->reason, "");
	call->done(call->arg, &told);
	call_free(call);
}

static void answer_now(void *arg)
{
	struct bluesky_call *call = arg;
	call->timer = 0;
	bluesky_call_end(call, &(struct call_result){.outcome = call->later, .reason = call->later_reason});
}

void bluesky_call_end_later(struct bluesky_call *call, enum call_outcome outcome, const char *reason)
{
	call->later = outcome;
	call->later_reason = reason;
	call->timer = timers_add(call->b->timers, clock_mono_ms(), answer_now, call);
}

static bool goes_on(struct bluesky_call *call, const struct bluesky_answer *answer, enum call_outcome outcome)
{
	if (outcome != CALL_OK)
		bluesky_call_end(
		        call, &(struct call_result){
		                      .outcome = outcome, .retry_at = answer->retry_at, .reason = answer->reason});
	return outcome == CALL_OK;
}

bool bluesky_call_goes_on(struct bluesky_call *call, const struct bluesky_answer *answer)
{
	return goes_on(call, answer, bluesky_outcome(answer));
}

bool bluesky_call_reads_on(struct bluesky_call *call, const struct bluesky_answer *answer)
{
	enum call_outcome outcome = bluesky_outcome(answer);
	return goes_on(call, answer, outcome == CALL_UNKNOWN ? CALL_NOT_SENT : outcome);
}

static void ask_answered(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	call->ask = NULL; /* gone when this returns */
	call->answered(call, answer);
}

void bluesky_call_ask(struct bluesky_call *call, const char *name, const json *body, bluesky_answer_fn *answered)
{
	struct bluesky_ask_setup setup = {.call = name, .body = body, .chat = call->chat, .urgent = true};
	call->answered = answered;
	call->ask = bluesky_ask(call->b, &setup, ask_answered, call);
}

void bluesky_call_ask_post(struct bluesky_call *call, const char *uri, bluesky_answer_fn *answered)
{
	struct str name = STR_INIT;
	str_adds(&name, "app.bsky.feed.getPosts?uris=");
	url_escape(&name, uri);
	bluesky_call_ask(call, name.p, NULL, answered);
	str_release(&name);
}

void bluesky_call_ask_record(
        struct bluesky_call *call, const char *collection, const char *rkey, bluesky_answer_fn *answered)
{
	struct str name = STR_INIT;
	str_adds(&name, "com.atproto.repo.getRecord?repo=");
	url_escape(&name, call->b->self.remote_key);
	str_addf(&name, "&collection=%s&rkey=", collection);
	url_escape(&name, rkey);
	bluesky_call_ask(call, name.p, NULL, answered);
	str_release(&name);
}

static bool is_connected(const struct bluesky *b)
{
	return *str_or(b->self.remote_key, "");
}

/* --- putting a record */

/* The post as it stands in our repository: `answer` has uri and, as `value`, the record. */
static void end_with_post(struct bluesky_call *call, const json *answer)
{
	struct item item;
	struct err err = ERR_INIT;
	struct call_result result = {.outcome = CALL_OK, .reason = call->warning.p};
	if (call->kind == REPLY_KIND_POST) {
		if (bluesky_decode_record(&call->b->decoder, answer, &call->b->self, &call->arena, &item, &err)) {
			result = (struct call_result){.outcome = CALL_UNKNOWN, .reason = err.text};
		} else {
			result.items = &item;
			result.count = 1;
		}
	}
	bluesky_call_end(call, &result);
}

static bool is_same(const json *a, const json *b)
{
	return str_eq(json_str(a, "text"), json_str(b, "text")) &&
	       str_eq(json_str(a, "createdAt"), json_str(b, "createdAt"));
}

/* Something stands under our key: ours, with other references or facets than this time, or by an unheard-of chance
 * another record of the same moment. */
static void looked_at_key(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!bluesky_call_goes_on(call, answer))
		return;
	if (is_same(json_get(answer->body, "value"), call->record))
		end_with_post(call, answer->body);
	else
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_REFUSED,
		                               .reason = "there is another record under its key: send it again"});
}

static void put(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (answer->fault == BLUESKY_FAULT_SWAP) {
		bluesky_call_ask_record(call, call->collection, call->rkey, looked_at_key);
		return;
	}
	if (!bluesky_call_goes_on(call, answer))
		return;
	json *whole = json_object();
	json_set_str(whole, "uri", json_str_or(answer->body, "uri", ""));
	json_set(whole, "value", call->record);
	call->record = NULL;
	end_with_post(call, whole);
	json_free(whole);
}

static void put_over(struct bluesky_call *call, const char *rkey, const char *swap, bluesky_answer_fn *answered)
{
	json *body = json_object();
	json_set_str(body, "repo", call->b->self.remote_key);
	json_set_str(body, "collection", call->collection);
	json_set_str(body, "rkey", rkey);
	json_set_str(body, "swapRecord", swap); /* null: there must be none yet */
	json_set(body, "record", json_copy(call->record));
	bluesky_call_ask(call, "com.atproto.repo.putRecord", body, answered);
	json_free(body);
}

void bluesky_put(struct bluesky_call *call)
{
	put_over(call, call->rkey, NULL, put);
}

static void acknowledged(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (bluesky_call_goes_on(call, answer))
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_OK});
}

/* What does not say anything in its answer: 200 and no body is a success. */
static void accepted(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (answer->outcome == HTTP_DONE && answer->status >= 200 && answer->status < 300)
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_OK});
	else
		acknowledged(arg, answer);
}

/* --- find */

static void looked_for(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (answer->fault == BLUESKY_FAULT_NOT_FOUND)
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_OK});
	else if (bluesky_call_goes_on(call, answer))
		end_with_post(call, answer->body);
}

static void take_reply(struct bluesky_call *call, const struct reply *reply)
{
	call->kind = reply->kind;
	call->remote_id = arena_strdup(&call->arena, str_or(reply->to_remote_id, ""));
	call->collection = POSTS;
	bluesky_tid(reply->created_at, str_or(reply->idempotency_key, ""), call->rkey);
}

static bool is_private(const struct reply *reply)
{
	return reply->visibility == VIS_DIRECT || str_starts(str_or(reply->to_remote_id, ""), BLUESKY_MESSAGE);
}

void bluesky_find(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct bluesky_call *call = bluesky_call_new(network, done, arg);
	take_reply(call, reply);
	if (reply->kind != REPLY_KIND_POST) /* may be repeated */
		bluesky_call_end_later(call, CALL_OK, "");
	else if (!is_connected(call->b))
		bluesky_call_end_later(call, CALL_UNKNOWN, "not connected yet");
	else if (is_private(reply))
		bluesky_chat_find(call, reply);
	else
		bluesky_call_ask_record(call, POSTS, call->rkey, looked_for);
}

/* --- likes and reposts */

static void delete_record(struct bluesky_call *call, const char *uri)
{
	struct bluesky_uri parts;
	json *body = json_object();
	bluesky_uri_parse(uri, &parts);
	json_set_str(body, "repo", call->b->self.remote_key);
	json_set_str(body, "collection", arena_strndup(&call->arena, parts.collection, (size_t)parts.collection_len));
	json_set_str(body, "rkey", parts.rkey);
	bluesky_call_ask(call, "com.atproto.repo.deleteRecord", body, accepted);
	json_free(body);
}

static json *record_of(struct bluesky_call *call, const char *type, int64_t created_at)
{
	char at[32];
	json *record = json_object();
	time_format_rfc3339(created_at, at, sizeof at);
	call->collection = type;
	json_set_str(record, "$type", type);
	json_set_str(record, "createdAt", at);
	return record;
}

static bool is_undoing(const struct bluesky_call *call)
{
	return call->kind == REPLY_KIND_UNLIKE || call->kind == REPLY_KIND_UNBOOST;
}

static void subject_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!bluesky_call_reads_on(call, answer))
		return;
	const json *view = json_first(json_get(answer->body, "posts"));
	bool likes = call->kind == REPLY_KIND_LIKE || call->kind == REPLY_KIND_UNLIKE;
	const char *uri = json_str(json_get(view, "viewer"), likes ? "like" : "repost");
	bool there = bluesky_uri_is_of(uri, call->b->self.remote_key);
	if (!view) {
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_GONE, .reason = "the post is not there any more"});
	} else if (there == !is_undoing(call)) { /* it is as it should be */
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_OK});
	} else if (there) {
		delete_record(call, uri);
	} else {
		json *subject = json_object();
		json_set_str(subject, "uri", json_str_or(view, "uri", ""));
		json_set_str(subject, "cid", json_str_or(view, "cid", ""));
		json_set(call->record, "subject", subject);
		bluesky_put(call);
	}
}

/* --- hiding: the conversation's threadgate, which belongs to whoever began it, lists what is hidden */

static void gate_read(void *arg, const struct bluesky_answer *answer);

static void gate_put(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (answer->fault == BLUESKY_FAULT_SWAP) { /* somebody changed it meanwhile */
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_NOT_SENT,
		                               .reason = "the conversation's rules are being changed elsewhere"});
		return;
	}
	acknowledged(arg, answer);
}

static bool is_hidden(const json *list, const char *uri)
{
	for (const json *one = json_first(list); one; one = json_next(one))
		if (str_eq(json_text(one), uri))
			return true;
	return false;
}

/* The record names the conversation already, by whose key the gate is found: whatever stands in the gate for that. The
 * rest of it stays as it is. */
static void hide_in(struct bluesky_call *call, const json *gate, const char *cid)
{
	json *hidden = json_array();
	const json *before = json_get(gate, "hiddenReplies");
	for (const json *field = json_first(gate); field; field = json_next(field))
		if (!str_eq(json_key(field), "hiddenReplies") && !str_eq(json_key(field), "post"))
			json_set(call->record, json_key(field), json_copy(field));
	for (const json *one = json_first(before); one; one = json_next(one))
		json_push_str(hidden, str_or(json_text(one), ""));
	json_push_str(hidden, call->remote_id);
	json_set(call->record, "hiddenReplies", hidden);
	put_over(call, strrchr(json_str(call->record, "post"), '/') + 1, cid, gate_put);
}

static void gate_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	const json *hidden = json_path(answer->body, "value.hiddenReplies");
	if (answer->fault == BLUESKY_FAULT_NOT_FOUND) {
		hide_in(call, NULL, NULL);
	} else if (!bluesky_call_reads_on(call, answer)) {
		return;
	} else if (is_hidden(hidden, call->remote_id)) {
		bluesky_call_end(call, &(struct call_result){.outcome = CALL_OK});
	} else if (json_count(hidden) >= HIDDEN_MOST) {
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_REFUSED,
		                      .reason = "300 replies are hidden in this conversation: there can be no more"});
	} else {
		hide_in(call, json_get(answer->body, "value"), json_str(answer->body, "cid"));
	}
}

static void root_known(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!bluesky_call_reads_on(call, answer))
		return;
	const json *view = json_first(json_get(answer->body, "posts"));
	const char *root = json_str(json_path(view, "record.reply.root"), "uri");
	if (!view) {
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_GONE, .reason = "the post is not there any more"});
	} else if (!bluesky_uri_is_of(root, call->b->self.remote_key)) {
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_REFUSED,
		                      .reason = "only replies in a conversation that you began can be hidden"});
	} else {
		json_set_str(call->record, "post", root);
		bluesky_call_ask_record(call, THREADGATES, strrchr(root, '/') + 1, gate_read);
	}
}

/* --- the rest */

static void block(struct bluesky_call *call, const char *did, int64_t created_at)
{
	call->record = record_of(call, "app.bsky.graph.block", created_at);
	json_set_str(call->record, "subject", did);
	bluesky_put(call);
}

static void mute(struct bluesky_call *call, const char *did)
{
	json *body = json_object();
	json_set_str(body, "actor", did);
	bluesky_call_ask(call, "app.bsky.graph.muteActor", body, accepted);
	json_free(body);
}

static void reported(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!bluesky_call_reads_on(call, answer))
		return;
	const json *view = json_first(json_get(answer->body, "posts"));
	json *body = json_object(), *subject = json_object();
	json_set_str(subject, "$type", "com.atproto.repo.strongRef");
	json_set_str(subject, "uri", call->remote_id);
	json_set_str(subject, "cid", json_str_or(view, "cid", ""));
	json_set_str(body, "reasonType", "com.atproto.moderation.defs#reasonOther");
	json_set_str(body, "reason", call->words);
	json_set(body, "subject", subject);
	if (view)
		bluesky_call_ask(call, "com.atproto.moderation.createReport", body, acknowledged);
	else
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_GONE, .reason = "the post is not there any more"});
	json_free(body);
}

static void take_back(struct bluesky_call *call)
{
	if (bluesky_uri_is_of(call->remote_id, call->b->self.remote_key))
		delete_record(call, call->remote_id);
	else
		bluesky_call_end_later(call, CALL_REFUSED, "that is no post of this account");
}

void bluesky_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct bluesky_call *call = bluesky_call_new(network, done, arg);
	struct bluesky_uri to;
	take_reply(call, reply);
	if (!is_connected(call->b)) {
		bluesky_call_end_later(call, CALL_NOT_SENT, "not connected yet");
		return;
	}
	if (reply->kind == REPLY_KIND_POST && is_private(reply)) {
		bluesky_chat_send(call, reply);
		return;
	}
	bool has_post = bluesky_uri_parse(call->remote_id, &to);
	if (!has_post && (*call->remote_id || reply->kind != REPLY_KIND_POST)) {
		bluesky_call_end_later(call, CALL_REFUSED,
		        is_private(reply) ? "Bluesky lets nobody do that to a private message"
		                          : "that is no post on Bluesky");
		return;
	}
	const char *did = has_post ? arena_strndup(&call->arena, to.did, (size_t)to.did_len) : "";
	switch (reply->kind) {
	case REPLY_KIND_POST: bluesky_publish(call, reply); break;
	case REPLY_KIND_DELETE: take_back(call); break;
	case REPLY_KIND_LIKE:
	case REPLY_KIND_UNLIKE:
		call->record = record_of(call, "app.bsky.feed.like", reply->created_at);
		bluesky_call_ask_post(call, call->remote_id, subject_read);
		break;
	case REPLY_KIND_BOOST:
	case REPLY_KIND_UNBOOST:
		call->record = record_of(call, "app.bsky.feed.repost", reply->created_at);
		bluesky_call_ask_post(call, call->remote_id, subject_read);
		break;
	case REPLY_KIND_HIDE:
		call->record = record_of(call, THREADGATES, reply->created_at);
		bluesky_call_ask_post(call, call->remote_id, root_known);
		break;
	case REPLY_KIND_REPORT:
		call->words = arena_strdup(&call->arena, str_or(reply->text, ""));
		bluesky_call_ask_post(call, call->remote_id, reported);
		break;
	case REPLY_KIND_BLOCK: block(call, did, reply->created_at); break;
	case REPLY_KIND_MUTE: mute(call, did); break;
	default:
		bluesky_call_end_later(
		        call, CALL_REFUSED, "Bluesky's readers go on seeing the first version of a post");
	}
}

/* --- reading */

static void fetched(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	struct item *items;
	if (!bluesky_call_goes_on(call, answer))
		return;
	int count = bluesky_decode_posts(&call->b->decoder, json_get(answer->body, "posts"), &call->arena, &items);
	bluesky_call_end(
	        call, &(struct call_result){.outcome = count ? CALL_OK : CALL_GONE, .items = items, .count = count});
}

void bluesky_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct bluesky_call *call = bluesky_call_new(network, done, arg);
	struct bluesky_uri parts;
	const char *convo, *id;
	call->remote_id = arena_strdup(&call->arena, remote_id);
	if (bluesky_uri_parse(remote_id, &parts))
		bluesky_call_ask_post(call, remote_id, fetched);
	else if (bluesky_message_parse(remote_id, &call->arena, &convo, &id))
		bluesky_chat_read(call, false);
	else
		bluesky_call_end_later(call, CALL_GONE, "");
}

static void ask_thread(struct bluesky_call *call, const char *uri, int parents, bluesky_answer_fn *answered)
{
	struct str name = STR_INIT;
	str_addf(&name, "app.bsky.feed.getPostThread?depth=%d&parentHeight=%d&uri=", THREAD_DEPTH, parents);
	url_escape(&name, uri);
	bluesky_call_ask(call, name.p, NULL, answered);
	str_release(&name);
}

static bool is_among(const struct item *items, int count, const char *remote_id)
{
	for (int i = 0; i < count; i++)
		if (str_eq(items[i].post.remote_id, remote_id))
			return true;
	return false;
}

/* Oldest first; what is gone before all others. */
static void add_in_order(struct item *items, int *count, const struct item *item)
{
	int at = *count;
	while (at && items[at - 1].post.created_at > item->post.created_at)
		at--;
	memmove(items + at + 1, items + at, (size_t)(*count - at) * sizeof *items);
	items[at] = *item;
	++*count;
}

/* What leads to the post and follows it, and what else was said below the root. */
static void thread_whole(struct bluesky_call *call, const json *from_root)
{
	const json *parts[] = {call->thread, from_root};
	struct item *all = arena_array(&call->arena, struct item, 2 * THREAD_MOST + 2), *items;
	int count = 0;
	for (size_t i = 0; i < 2; i++) {
		int n = bluesky_decode_thread(
		        &call->b->decoder, json_get(parts[i], "thread"), &call->arena, &items, THREAD_MOST);
		for (int k = 0; k < n; k++)
			if (!is_among(all, count, items[k].post.remote_id))
				add_in_order(all, &count, &items[k]);
	}
	bluesky_call_end(call, &(struct call_result){.outcome = CALL_OK, .items = all, .count = count});
}

static void root_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	/* Else the root is gone, or hidden from us: the rest is there all the same. */
	thread_whole(call, bluesky_answer_good(answer) ? answer->body : NULL);
}

static void focus_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!bluesky_call_goes_on(call, answer))
		return;
	const char *root = json_str(json_path(answer->body, "thread.post.record.reply.root"), "uri");
	struct bluesky_uri parts;
	call->thread = json_copy(answer->body);
	if (bluesky_uri_parse(root, &parts) && !str_eq(root, call->remote_id))
		ask_thread(call, root, 0, root_read);
	else
		thread_whole(call, NULL);
}

void bluesky_thread(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	struct bluesky_call *call = bluesky_call_new(network, done, arg);
	struct bluesky_uri parts;
	const char *convo, *id;
	call->remote_id = arena_strdup(&call->arena, remote_id);
	if (bluesky_uri_parse(remote_id, &parts))
		ask_thread(call, call->remote_id, THREAD_PARENTS, focus_read);
	else if (bluesky_message_parse(remote_id, &call->arena, &convo, &id))
		bluesky_chat_read(call, true);
	else
		bluesky_call_end_later(call, CALL_GONE, "");
}
