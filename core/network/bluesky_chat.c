/* Private messages (chat.bsky.convo.*). One server keeps those of everybody; our own passes requests on to it, when the
 * app password was made with access to them. What happens comes as a log behind a cursor. There is no key to do a thing
 * once: a message in doubt is looked for among the newest of its conversation. */
#include "core/network/bluesky_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/url_escape.h"

#include <string.h>

#define SOURCE "messages" /* of the position */
#define POLL_LEAST_MS 10000
#define POLL_MOST_MS 60000
#define NOT_NOW_MS 60000
#define READ_MOST 100                       /* messages; the most that is given */
#define FIND_SLACK_MS ((int64_t)10 * 60000) /* clocks apart */
#define SETTLES_MS 30000                    /* a message may appear so late */
#define LOOK_AGAIN_MS 5000

struct bluesky_chat {
	struct bluesky *b;
	bool open, closed;
	char *cursor;
	struct bluesky_ask *ask;
	timer_id timer;
	int64_t poll_ms;
	json *page;             /* of the log, until it is handed over */
	VEC(const char *) dids; /* who speaks in it */
	size_t asked;
	VEC(json *) profiles;
	bool waiting;
	unsigned long wait_for;
};

static void poll_log(void *arg);
static void ask_profiles(struct bluesky_chat *chat);

/* --- what comes in */

static void forget_page(struct bluesky_chat *chat)
{
	for (size_t i = 0; i < chat->profiles.len; i++)
		json_free(chat->profiles.at[i]);
	vec_clear(&chat->profiles);
	vec_clear(&chat->dids);
	chat->asked = 0;
	json_free(chat->page);
	chat->page = NULL;
}

static void poll_in(struct bluesky_chat *chat, int64_t wait_ms)
{
	chat->timer = timers_add(chat->b->timers, clock_mono_ms() + wait_ms, poll_log, chat);
}

static bool is_entry(const json *entry)
{
	const char *type = json_str_or(entry, "$type", "");
	return (str_ends(type, "#logCreateMessage") || str_ends(type, "#logDeleteMessage")) &&
	       json_str(entry, "convoId");
}

static const char *speaker(const json *message)
{
	return json_str(json_get(message, "sender"), "did");
}

static const json *profile_of(const struct bluesky_chat *chat, const char *did)
{
	for (size_t i = 0; i < chat->profiles.len; i++)
		for (const json *one = json_first(json_get(chat->profiles.at[i], "profiles")); one;
		        one = json_next(one))
			if (str_eq(json_str(one, "did"), did))
				return one;
	return NULL;
}

static void hand_over(struct bluesky_chat *chat)
{
	struct bluesky *b = chat->b;
	struct arena arena = ARENA_INIT;
	const json *logs = json_get(chat->page, "logs");
	const char *cursor = json_str(chat->page, "cursor");
	struct item *items = arena_array(&arena, struct item, json_count(logs) + 1);
	int count = 0;
	for (const json *entry = json_first(logs); entry; entry = json_next(entry)) {
		const json *message = json_get(entry, "message");
		struct err err = ERR_INIT;
		if (!is_entry(entry))
			continue;
		if (bluesky_decode_message(&b->decoder, message, json_str(entry, "convoId"),
		            profile_of(chat, speaker(message)), &arena, &items[count], &err) == 0)
			count++;
		else
			log_line(
			        LOG_WARN, "bluesky: dropped one item (%lu so far): %s", ++b->decoder.dropped, err.text);
	}
	free(chat->cursor);
	chat->cursor = mem_strdup(cursor);
	chat->poll_ms = count ? POLL_LEAST_MS : chat->poll_ms;
	forget_page(chat);
	chat->waiting = true;
	chat->wait_for = b->handed + 1;
	bluesky_hand_over(b, items, count, SOURCE, chat->cursor);
	arena_release(&arena);
	bluesky_chat_stored(chat);
}

void bluesky_chat_stored(struct bluesky_chat *chat)
{
	if (!chat || !chat->waiting || chat->b->stored < chat->wait_for)
		return;
	chat->waiting = false;
	poll_in(chat, 0); /* there may be more */
}

static void profiles_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_chat *chat = arg;
	chat->ask = NULL;
	if (bluesky_answer_good(answer))
		vec_push(&chat->profiles, json_copy(answer->body));
	ask_profiles(chat);
}

static void ask_profiles(struct bluesky_chat *chat)
{
	struct str call = STR_INIT;
	if (chat->asked == chat->dids.len) {
		hand_over(chat);
		return;
	}
	str_adds(&call, "app.bsky.actor.getProfiles");
	for (int i = 0; i < BLUESKY_AT_ONCE && chat->asked < chat->dids.len; i++, chat->asked++) {
		str_addf(&call, "%cactors=", i ? '&' : '?');
		url_escape(&call, chat->dids.at[chat->asked]);
	}
	chat->ask = bluesky_ask(chat->b, &(struct bluesky_ask_setup){.call = call.p}, profiles_read, chat);
	str_release(&call);
}

static void note_speaker(struct bluesky_chat *chat, const char *did)
{
	for (size_t i = 0; i < chat->dids.len; i++)
		if (str_eq(chat->dids.at[i], did))
			return;
	if (bluesky_is_did(did) && !str_eq(did, chat->b->self.remote_key))
		vec_push(&chat->dids, did);
}

static void opened(struct bluesky_chat *chat)
{
	if (chat->open)
		return;
	chat->open = true;
	bluesky_tell_facts(chat->b);
}

/* Without them everything else goes on. */
static void not_read(struct bluesky_chat *chat, const struct bluesky_answer *answer)
{
	enum call_outcome outcome = bluesky_outcome(answer);
	chat->closed = outcome == CALL_REFUSED || outcome == CALL_NO_ACCESS || outcome == CALL_GONE;
	if (!chat->closed) {
		poll_in(chat, NOT_NOW_MS);
		return;
	}
	log_line(LOG_INFO, "bluesky: no private messages: %s", answer->reason);
	if (chat->open) {
		chat->open = false;
		bluesky_tell_facts(chat->b);
	}
}

static void log_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_chat *chat = arg;
	const char *cursor = json_str(answer->body, "cursor");
	chat->ask = NULL;
	if (!bluesky_answer_good(answer)) {
		not_read(chat, answer);
		return;
	}
	opened(chat);
	if (!cursor || !*cursor || str_eq(cursor, chat->cursor)) {
		chat->poll_ms = chat->poll_ms * 5 / 4 < POLL_MOST_MS ? chat->poll_ms * 5 / 4 : POLL_MOST_MS;
		poll_in(chat, chat->poll_ms);
		return;
	}
	chat->page = json_copy(answer->body);
	for (const json *entry = json_first(json_get(chat->page, "logs")); entry; entry = json_next(entry))
		if (is_entry(entry))
			note_speaker(chat, speaker(json_get(entry, "message")));
	ask_profiles(chat);
}

static void poll_log(void *arg)
{
	struct bluesky_chat *chat = arg;
	struct str call = STR_INIT;
	chat->timer = 0;
	str_adds(&call, "chat.bsky.convo.getLog");
	if (chat->cursor) {
		str_adds(&call, "?cursor=");
		url_escape(&call, chat->cursor);
	}
	chat->ask = bluesky_ask(chat->b, &(struct bluesky_ask_setup){.call = call.p, .chat = true}, log_read, chat);
	str_release(&call);
}

struct bluesky_chat *bluesky_chat_open(struct bluesky *b)
{
	struct bluesky_chat *chat = mem_alloc(sizeof *chat);
	struct arena arena = ARENA_INIT;
	chat->b = b;
	chat->poll_ms = POLL_LEAST_MS;
	chat->cursor = mem_strdup(b->saved_position(b->events.arg, SOURCE, &arena));
	arena_release(&arena);
	poll_in(chat, 0);
	return chat;
}

void bluesky_chat_close(struct bluesky_chat *chat)
{
	if (!chat)
		return;
	bluesky_ask_drop(chat->ask);
	timers_cancel(chat->b->timers, &chat->timer);
	forget_page(chat);
	vec_release(&chat->profiles);
	vec_release(&chat->dids);
	free(chat->cursor);
	free(chat);
}

bool bluesky_chat_is_open(const struct bluesky_chat *chat)
{
	return chat && chat->open;
}

/* --- calls */

bool bluesky_message_parse(const char *remote_id, struct arena *arena, const char **convo, const char **id)
{
	static const char prefix[] = BLUESKY_MESSAGE;
	const char *slash = remote_id && str_starts(remote_id, prefix) ? strchr(remote_id, '/') : NULL;
	if (!slash)
		return false;
	*convo = arena_strndup(arena, remote_id + strlen(prefix), (size_t)(slash - remote_id) - strlen(prefix));
	*id = slash + 1;
	return **convo && **id;
}

static void ask_messages(struct bluesky_call *call, bluesky_answer_fn *answered)
{
	struct str name = STR_INIT;
	str_addf(&name, "chat.bsky.convo.getMessages?limit=%d&convoId=", READ_MOST);
	url_escape(&name, call->convo);
	bluesky_call_ask(call, name.p, NULL, answered);
	str_release(&name);
}

/* False, and the call has ended, when the server does not let us. */
static bool goes_on(struct bluesky_call *call, const struct bluesky_answer *answer, bool doing)
{
	if (answer->fault == BLUESKY_FAULT_TOKEN) {
		bluesky_call_end(
		        call, &(struct call_result){.outcome = CALL_REFUSED,
		                      .reason = "the app password does not open private messages: make one that "
		                                "does, and log in again"});
		return false;
	}
	return doing ? bluesky_call_goes_on(call, answer) : bluesky_call_reads_on(call, answer);
}

/* As what answers: the post or message that the reply was to. */
static void end_with_message(struct bluesky_call *call, const json *message)
{
	struct item item;
	struct err err = ERR_INIT;
	struct call_result result = {.outcome = CALL_OK, .items = &item, .count = 1};
	if (bluesky_decode_message(&call->b->decoder, message, call->convo, NULL, &call->arena, &item, &err)) {
		result = (struct call_result){.outcome = CALL_UNKNOWN, .reason = err.text};
	} else {
		struct bluesky_uri public;
		item.customer = call->b->self;
		item.post.author_handle = call->b->self.handle;
		item.post.author_name = call->b->self.name;
		item.post.parent_remote_id = call->remote_id;
		if (bluesky_uri_parse(call->remote_id, &public)) /* it stands in the conversation that it answers */
			item.root_remote_id = "";
	}
	bluesky_call_end(call, &result);
}

static void sent(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (goes_on(call, answer, true))
		end_with_message(call, answer->body);
}

static void send_message(struct bluesky_call *call)
{
	json *body = json_object(), *message = json_object(), *facets = json_array();
	const struct facet_text *text = call->text;
	/* A name tells nobody here. */
	for (int i = 0; i < text->count; i++)
		if (text->facets[i].kind != FACET_MENTION)
			bluesky_add_facet(facets, &text->facets[i], "");
	json_set_str(message, "text", text->text);
	if (json_count(facets))
		json_set(message, "facets", facets);
	else
		json_free(facets);
	json_set_str(body, "convoId", call->convo);
	json_set(body, "message", message);
	bluesky_call_ask(call, "chat.bsky.convo.sendMessage", body, sent);
	json_free(body);
}

static void looked(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!goes_on(call, answer, true))
		return;
	for (const json *one = json_first(json_get(answer->body, "messages")); one; one = json_next(one)) {
		int64_t at = bluesky_message_time(one);
		if (at > call->created_at - FIND_SLACK_MS && str_eq(speaker(one), call->b->self.remote_key) &&
		        str_eq(json_str(one, "text"), call->text->text)) {
			end_with_message(call, one);
			return;
		}
	}
	bool settled = clock_wall_ms() - call->created_at >= SETTLES_MS;
	bluesky_call_end(call, &(struct call_result){.outcome = settled ? CALL_OK : CALL_UNKNOWN,
	                               .retry_at = settled ? 0 : clock_wall_ms() + LOOK_AGAIN_MS,
	                               .reason = settled ? "" : "it is not in the conversation yet"});
}

static void go_on_in_convo(struct bluesky_call *call)
{
	if (call->finding)
		ask_messages(call, looked);
	else
		send_message(call);
}

static void convo_known(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!goes_on(call, answer, false))
		return;
	call->convo = arena_strdup(&call->arena, json_str_or(json_get(answer->body, "convo"), "id", ""));
	go_on_in_convo(call);
}

static void to_convo(struct bluesky_call *call, const struct reply *reply)
{
	const char *id;
	struct bluesky_uri to;
	call->chat = true;
	call->created_at = reply->created_at;
	call->text = arena_new(&call->arena, struct facet_text);
	facet_text_of(str_or(reply->text, ""), &call->arena, call->text);
	if (bluesky_message_parse(call->remote_id, &call->arena, &call->convo, &id)) {
		go_on_in_convo(call);
	} else if (bluesky_uri_parse(call->remote_id, &to)) {
		struct str name = STR_INIT;
		str_adds(&name, "chat.bsky.convo.getConvoForMembers?members=");
		url_escape(&name, arena_strndup(&call->arena, to.did, (size_t)to.did_len));
		bluesky_call_ask(call, name.p, NULL, convo_known);
		str_release(&name);
	} else {
		bluesky_call_end_later(call, CALL_REFUSED, "a private message needs somebody whom it is for");
	}
}

void bluesky_chat_send(struct bluesky_call *call, const struct reply *reply)
{
	if (reply->file_count)
		bluesky_call_end_later(call, CALL_REFUSED, "private messages take no pictures");
	else
		to_convo(call, reply);
}

void bluesky_chat_find(struct bluesky_call *call, const struct reply *reply)
{
	call->finding = true;
	to_convo(call, reply);
}

static const json *member(const json *convo, const char *did)
{
	for (const json *one = json_first(json_path(convo, "convo.members")); one; one = json_next(one))
		if (str_eq(json_str(one, "did"), did))
			return one;
	return NULL;
}

/* Newest first. */
static void messages_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!goes_on(call, answer, true))
		return;
	const json *messages = json_get(answer->body, "messages");
	int at = (int)json_count(messages), most = at;
	struct item *items = arena_array(&call->arena, struct item, (size_t)most + 1);
	for (const json *one = json_first(messages); one; one = json_next(one)) {
		struct err err = ERR_INIT;
		struct item item;
		if (bluesky_decode_message(&call->b->decoder, one, call->convo, member(call->thread, speaker(one)),
		            &call->arena, &item, &err))
			continue;
		if (!call->message || str_ends(item.post.remote_id, call->message))
			items[--at] = item;
	}
	bool gone = call->message && at < most && items[at].kind == ITEM_DELETE;
	bluesky_call_end(call,
	        &(struct call_result){
	                .outcome = gone ? CALL_GONE : CALL_OK, .items = items + at, .count = gone ? 0 : most - at});
}

static void convo_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_call *call = arg;
	if (!goes_on(call, answer, true))
		return;
	call->thread = json_copy(answer->body);
	ask_messages(call, messages_read);
}

void bluesky_chat_read(struct bluesky_call *call, bool whole)
{
	const char *id = "";
	struct str name = STR_INIT;
	call->chat = true;
	bluesky_message_parse(call->remote_id, &call->arena, &call->convo, &id);
	call->message = whole ? NULL : arena_printf(&call->arena, "/%s", id);
	str_adds(&name, "chat.bsky.convo.getConvo?convoId=");
	url_escape(&name, call->convo);
	bluesky_call_ask(call, name.p, NULL, convo_read);
	str_release(&name);
}
