/* Confirmed replies: handed to the store, recalled, come back. Nothing is published but by FX_HOLD, and that is given
 * by the send bar and by the second stroke of a like alone. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"

#include <assert.h>

/* --- holding */

/* The parts are alike but for their texts. */
static void hold(struct state *state, struct effects *fx, struct reply *parts, int count, int draft_kind)
{
	for (int i = 0; i < count; i++) {
		struct reply *reply = &parts[i];
		reply->agent = state->setup.agent;
		reply->state = REPLY_HELD;
		reply->created_at = state->wall;
		reply->hold_until = state->wall + state->setup.undo_window_ms;
		reply->seen_post_id = thread_newest(state);
		reply->idempotency_key = reply->remote_id = reply->url = reply->error = "";
		reply->part = count > 1 ? i + 1 : 0;
		reply->parts = count > 1 ? count : 0;
	}
	struct effect *effect = effects_add(fx, FX_HOLD);
	effect->request = next_request(state);
	effect->hold.parts = copy_replies(&fx->arena, parts, count);
	effect->hold.part_count = count;
	effect->hold.reply = effect->hold.parts[0];
	effect->hold.draft_kind = draft_kind;
	const struct local_draft *local =
	        draft_kind < 0 ? NULL : draft_find(state, parts->case_id, (enum draft_kind)draft_kind);
	struct holding holding = {.request = effect->request,
	        .draft_kind = draft_kind,
	        .draft = mem_strdup(draft_kind < 0 ? "" : state->composer.compose.text.p),
	        .revision = local ? local->revision : 0};
	holding.reply = copy_replies(&holding.arena, parts, 1);
	vec_push(&state->holding, holding);
}

static const char *follow_text(const struct state *state, struct arena *arena)
{
	switch (state->sendbar.follow) {
	case FOLLOW_STAY: return "stay";
	case FOLLOW_DONE: return "done";
	case FOLLOW_SNOOZE: return arena_printf(arena, "snooze %lld", (long long)state->sendbar.snooze_until);
	default: return "next";
	}
}

static void note_why_private(struct state *state, struct effects *fx)
{
	if (state->composer.kind != DRAFT_PRIVATE || !*state->composer.why_private)
		return;
	struct action action = {.kind = ACTION_NOTE, .agent = state->setup.agent, .arg = ""};
	action.text = arena_printf(&fx->arena, "answered in private: %s", state->composer.why_private);
	act(state, fx, action, false);
	state->composer.why_private[0] = '\0';
}

static void note_why_unsent(struct state *state, struct effects *fx)
{
	struct action action = {.kind = ACTION_NOTE, .agent = state->setup.agent, .arg = ""};
	action.text = arena_printf(&fx->arena, "takes a post of ours back: %s", state->composer.why_unsend);
	act(state, fx, action, false);
}

static enum reply_kind kind_of(const struct composer *composer)
{
	if (composer->unsend)
		return REPLY_KIND_DELETE;
	return composer->kind == DRAFT_CORRECTION ? REPLY_KIND_EDIT : REPLY_KIND_POST;
}

static void go_on(struct state *state, struct effects *fx, int64_t from_case)
{
	if (state->sendbar.follow == FOLLOW_STAY)
		return;
	struct effect *effect = effects_add(fx, FX_NEXT);
	effect->request = state->next_request = next_request(state);
	effect->kase.case_id = from_case;
}

/* One reply a post; the files go with the first. */
static int make_parts(struct state *state, struct reply *whole, struct arena *arena, struct reply *out)
{
	const struct split_part *parts;
	int count = state->composer.split ? composer_parts(state, arena, &parts) : 1;
	for (int i = 0; i < count; i++) {
		out[i] = *whole;
		if (count > 1) {
			out[i].text = parts[i].published;
			out[i].typed = parts[i].typed;
		}
		if (i)
			out[i].file_count = 0;
	}
	return count;
}

void hold_composer(struct state *state, struct effects *fx, bool anyway)
{
	struct composer *composer = &state->composer;
	struct str text = STR_INIT;
	struct reply parts[SPLIT_MAX];
	composer_published(state, &text);
	struct reply reply = {.case_id = composer->case_id,
	        .account_id = composer->account_id,
	        .kind = kind_of(composer),
	        .to_remote_id = composer->to_remote_id,
	        .to_handle = composer->to_handle,
	        .text = text.p,
	        .typed = composer->compose.text.p,
	        .files = composer->files,
	        .file_count = composer->file_count,
	        .visibility = composer_visibility(state),
	        .language = composer->language,
	        .warning = composer->warning,
	        .follow = follow_text(state, &fx->arena),
	        .anyway = anyway};
	int count = make_parts(state, &reply, &fx->arena, parts);
	assert(count > 0); /* the bar refuses a text that cannot be split */
	hold(state, fx, parts, count, composer->unsend ? -1 : (int)composer->kind);
	note_why_private(state, fx);
	if (composer->unsend)
		note_why_unsent(state, fx);
	state->message.text[0] = '\0'; /* what is held stands on the bottom line already, with its seconds */
	if (!composer->unsend)
		draft_drop(state, composer->case_id, composer->kind);
	int64_t id = composer->case_id;
	composer_close(state, fx);
	go_on(state, fx, id);
	str_release(&text);
}

void hold_mark(struct state *state, struct effects *fx, const struct post *post, enum reply_kind kind, const char *text)
{
	const struct kase *kase = state_case(state);
	struct reply reply = {.case_id = kase->id,
	        .account_id = kase->account_id,
	        .kind = kind,
	        .to_remote_id = post->remote_id,
	        .to_handle = post->author_handle,
	        .text = text,
	        .typed = "",
	        .visibility = VIS_PUBLIC,
	        .language = "",
	        .warning = "",
	        .follow = "stay"};
	hold(state, fx, &reply, 1, -1);
	state->message.text[0] = '\0';
}

static void ask_recall(struct effects *fx, struct state *state, const int64_t *ids, int count)
{
	int64_t *copy = arena_array(&fx->arena, int64_t, (size_t)count + 1);
	for (int i = 0; i < count; i++)
		copy[i] = ids[i];
	struct effect *effect = effects_add(fx, FX_RECALL);
	effect->request = next_request(state);
	effect->ids.ids = copy;
	effect->ids.count = count;
}

static void drop_holding(struct state *state, size_t i)
{
	free(state->holding.at[i].draft);
	arena_release(&state->holding.at[i].arena);
	vec_remove(&state->holding, i);
}

static void not_held(struct state *state, struct holding *holding, const struct err *err)
{
	const struct reply *reply = holding->reply;
	if (holding->draft_kind < 0) {
		complain(state, "%s not done: %s", reply_kind_name(reply->kind), err->text);
		return;
	}
	struct local_draft *draft = draft_back(
	        state, reply->case_id, (enum draft_kind)holding->draft_kind, holding->draft, holding->revision);
	draft_marks(draft, reply->to_remote_id, reply->warning, reply->language, reply->files, reply->file_count);
	char to[384];
	complain(state, "not sent to %s: %s; the draft is kept", handle_said(state, reply->to_handle, to, sizeof to),
	        err->text);
}

void held(struct state *state, const struct event *event, struct effects *fx)
{
	size_t i = 0;
	while (i < state->holding.len && state->holding.at[i].request != event->request)
		i++;
	if (!event->request || i == state->holding.len)
		return;
	struct holding *holding = &state->holding.at[i];
	if (event->err) {
		not_held(state, holding, event->err);
		drop_holding(state, i);
		return;
	}
	holding->request = 0;
	holding->reply->id = event->held.reply_id;
	if (holding->recall)
		ask_recall(fx, state, &event->held.reply_id, 1);
	state->fetches.replies.dirty = state->inbox.fetch.dirty = true;
	if (state->thread.case_id == holding->reply->case_id)
		state->thread.fetch.dirty = true;
}

/* --- recalling */

/* A part that waits behind another one of the same text is recalled with it. */
static bool same_series(const struct state *state, int at)
{
	const struct reply *reply = &state->replies[at];
	for (int i = 0; i < at && reply->series; i++)
		if (state->replies[i].series == reply->series &&
		        (state->replies[i].state == REPLY_HELD || state->replies[i].state == REPLY_QUEUED))
			return true;
	return false;
}

void recall_all(struct state *state, struct effects *fx)
{
	VEC(int64_t) ids = {0};
	const struct reply *gone = NULL;
	char to[384];
	bool any = false;
	for (int i = 0; i < state->reply_count; i++) {
		bool waits_still = state->replies[i].state == REPLY_HELD || state->replies[i].state == REPLY_QUEUED;
		if (waits_still && !same_series(state, i))
			vec_push(&ids, state->replies[i].id);
		if (state->replies[i].state == REPLY_SENDING)
			gone = &state->replies[i];
	}
	for (size_t i = 0; i < state->holding.len; i++) {
		struct holding *holding = &state->holding.at[i];
		any = true;
		if (holding->request)
			holding->recall = true;
		else
			vec_push(&ids, holding->reply->id);
	}
	if (ids.len)
		ask_recall(fx, state, ids.at, (int)ids.len);
	if (ids.len || any)
		say(state, "recalling ...");
	else if (gone)
		complain(state, "too late: the reply to %s is being sent",
		        handle_said(state, gone->to_handle, to, sizeof to));
	else
		say(state, "nothing is held");
	vec_release(&ids);
}

static const struct reply *reply_of(const struct state *state, int64_t id)
{
	for (int i = 0; i < state->reply_count; i++)
		if (state->replies[i].id == id)
			return &state->replies[i];
	for (size_t i = 0; i < state->holding.len; i++)
		if (state->holding.at[i].reply->id == id)
			return state->holding.at[i].reply;
	return NULL;
}

static void refresh(struct state *state)
{
	state->fetches.replies.dirty = state->inbox.fetch.dirty = state->thread.fetch.dirty = true;
	state->fetches.counts.dirty = state->fetches.numbers.dirty = true;
}

void recalled(struct state *state, const struct event *event)
{
	const struct reply *reply = event->err ? NULL : reply_of(state, event->recalled.reply_id);
	char said[384];
	const char *to = reply ? handle_said(state, reply->to_handle, said, sizeof said) : "the reply";
	refresh(state);
	if (event->err)
		complain(state, "not recalled: %s", event->err->text);
	else if (!event->recalled.recalled)
		complain(state, "too late: the reply to %s is being sent", to);
	else
		say(state, "recalled: %s; its text is a draft again, #%lld", to, (long long)event->recalled.case_id);
}

void withdrawn(struct state *state, const struct event *event)
{
	refresh(state);
	bool asked = event->request == state->withdraw_request;
	state->withdraw_request = asked ? 0 : state->withdraw_request;
	if (event->err) {
		complain(state, "%s", event->err->text);
		return;
	}
	say(state, "out of the outbox: its text is a draft of the case");
	/* The composer opens with it once the thread has it; a load asked for before has not. */
	bool has_text = state->withdrawn_kind == REPLY_KIND_POST || state->withdrawn_kind == REPLY_KIND_EDIT;
	if (asked && has_text) {
		state->thread.fetch = (struct fetch){.dirty = true};
		state->reply_after_load = true;
	}
}

void settled(struct state *state, const struct event *event)
{
	refresh(state);
	if (event->err)
		complain(state, "%s", event->err->text);
}

/* --- how they fare */

static bool waits(enum reply_state state)
{
	return state == REPLY_FAILED || state == REPLY_STOPPED;
}

/* It rings and waits; it opens nothing and moves no focus. */
static void tell_stopped(struct state *state, struct effects *fx, const struct reply *reply)
{
	const struct reply *before = reply_of(state, reply->id);
	if (!state->replies_known || !waits(reply->state) || (before && before->state == reply->state))
		return;
	char to[384];
	complain(state, "the reply to %s was %s: %s", handle_said(state, reply->to_handle, to, sizeof to),
	        reply->state == REPLY_STOPPED ? "stopped" : "refused", reply->error);
	alarm_ring(state, fx, true, "curlew: a reply was not sent");
}

void replies_answer(struct state *state, const struct event *event, struct effects *fx)
{
	for (int i = 0; i < event->replies.count; i++)
		tell_stopped(state, fx, &event->replies.replies[i]);
	struct arena fresh = ARENA_INIT;
	struct reply *replies = copy_replies(&fresh, event->replies.replies, event->replies.count);
	arena_release(&state->replies_arena);
	state->replies_arena = fresh;
	state->replies = replies;
	state->reply_count = event->replies.count;
	state->replies_known = true;
	for (size_t i = state->holding.len; i-- > 0;)
		if (!state->holding.at[i].request)
			drop_holding(state, i);
}

void restarted(struct state *state, const struct event *event)
{
	struct str line = STR_INIT;
	for (int i = 0; i < event->restart.count; i++) {
		const struct reply *reply = &event->restart.replies[i];
		char at[32] = "", to[384];
		if (reply->state == REPLY_SENT)
			time_format_local(reply->sent_at, " %H:%M:%S", at, sizeof at);
		str_addf(&line, "%s%s%s %s", line.len ? "; " : "",
		        waits(reply->state)              ? "not sent, text kept:"
		        : reply->state == REPLY_RECALLED ? "recalled, draft kept:"
		                                         : reply_state_name(reply->state),
		        at, handle_said(state, reply->to_handle, to, sizeof to));
	}
	if (line.len)
		complain(state, "since you left: %s", line.p);
	str_release(&line);
}
