/* What the courier asks of an adapter, each with a number and a time by which it is answered. An answer that does not
 * come leaves open what was done, unless the question had not left us. */
#include "core/network/adapter_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/timefmt.h"

#include <stdio.h>
#include <string.h>

enum call_kind { ASK_PERFORM, ASK_FIND, ASK_READ, ASK_FILL };

struct adapter_call {
	struct adapter *a;
	int64_t id, given; /* bytes given to the process with it */
	enum call_kind kind;
	enum reply_kind does;
	char *type, *to; /* the post that a reply answers; "" */
	call_fn *done;
	void *arg;
	timer_id timer;
	struct call_result result; /* of one that was not asked */
	struct adapter_call *next;
};

/* --- a call's life */

static struct adapter_call *call_new(struct adapter *a, enum call_kind kind, const char *type, call_fn *done, void *arg)
{
	struct adapter_call *call = mem_alloc(sizeof *call);
	call->a = a;
	call->id = ++a->last_id;
	call->kind = kind;
	call->type = mem_strdup(type);
	call->to = mem_strdup("");
	call->done = done;
	call->arg = arg;
	call->next = a->calls;
	a->calls = call;
	return call;
}

static void call_release(struct adapter_call *call)
{
	timers_cancel(call->a->timers, &call->timer);
	free(call->type);
	free(call->to);
	free(call);
}

static void call_free(struct adapter_call *call)
{
	for (struct adapter_call **p = &call->a->calls; *p; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
			break;
		}
	}
	call_release(call);
}

static void call_end(struct adapter_call *call, const struct call_result *result)
{
	call_fn *done = call->done;
	void *arg = call->arg;
	call_free(call);
	done(arg, result);
}

static void end_now(void *arg)
{
	struct adapter_call *call = arg;
	struct call_result result = call->result;
	call->timer = 0;
	call_end(call, &result);
}

/* Not from here: whoever asks goes on first. reason: constant. */
static void call_end_later(struct adapter_call *call, enum call_outcome outcome, const char *reason)
{
	call->result = (struct call_result){.outcome = outcome, .retry_at = call->a->restart_at, .reason = reason};
	call->timer = timers_add(call->a->timers, clock_mono_ms(), end_now, call);
}

static void call_late(void *arg)
{
	struct adapter_call *call = arg;
	char words[120];
	call->timer = 0;
	if (call->a->behind || call->a->too_fast) { /* it may have: we do not read */
		call->timer = timers_add(call->a->timers, clock_mono_ms() + ADAPTER_ANSWER_MS, call_late, call);
		return;
	}
	snprintf(words, sizeof words, "the adapter hangs: it has not answered \"%s\" within %d s", call->type,
	        ADAPTER_ANSWER_MS / 1000);
	adapter_give_up(call->a, words);
}

static json *question(const struct adapter_call *call)
{
	json *line = json_object();
	json_set_str(line, "type", call->type);
	json_set_int(line, "id", call->id);
	return line;
}

/* Takes the line over. */
static void call_ask(struct adapter_call *call, json *line)
{
	struct adapter *a = call->a;
	if (a->phase == ADAPTER_AWAY || a->phase == ADAPTER_SILENT) {
		json_free(line);
		call_end_later(
		        call, call->kind == ASK_FIND ? CALL_UNKNOWN : CALL_NOT_SENT, "the adapter is not running");
		return;
	}
	call->given = adapter_say(a, line);
	if (call->given < 0)
		call_end_later(call, call->kind == ASK_FIND ? CALL_UNKNOWN : CALL_NOT_SENT,
		        "the adapter does not read, or the text is too long for a line");
	else if (call->kind != ASK_FILL)
		call->timer = timers_add(a->timers, clock_mono_ms() + ADAPTER_ANSWER_MS, call_late, call);
}

/* --- back-fill */

static void fill_again(void *arg)
{
	struct adapter *a = arg;
	a->fill_again = 0;
	adapter_back_fill(a);
}

static void fill_done(void *arg, const struct call_result *result)
{
	struct adapter *a = arg;
	int64_t wait = 0;
	switch (result->outcome) {
	case CALL_OK: adapter_filled(a); return;
	case CALL_NO_ACCESS: adapter_stop(a, ACCOUNT_NEEDS_LOGIN, result->reason); return;
	case CALL_REFUSED:
	case CALL_GONE: adapter_stop(a, ACCOUNT_FAILED, result->reason); return;
	case CALL_NOT_SENT:
	case CALL_UNKNOWN: break;
	}
	wait = result->retry_at ? result->retry_at - clock_wall_ms() : backoff_next(&a->fills, a->random());
	if (a->phase == ADAPTER_FILLING && !a->fill_again)
		a->fill_again = timers_add(a->timers, clock_mono_ms() + (wait > 0 ? wait : 0), fill_again, a);
}

void adapter_back_fill(struct adapter *a)
{
	struct adapter_call *call = call_new(a, ASK_FILL, "back-fill", fill_done, a);
	json *line = question(call);
	json_set_str(line, "position", a->position);
	json_set_int(line, "at_most", a->first_fetch);
	call_ask(call, line);
}

/* --- answers */

/* What the brand said is ours, whatever the adapter calls it. to: the post that it answers. */
static void make_ours(struct call_result *result, const char *to, struct arena *arena)
{
	struct item *items = arena_array(arena, struct item, (size_t)result->count + 1);
	for (int i = 0; i < result->count; i++) {
		items[i] = result->items[i];
		items[i].mention = false;
		items[i].post.direction = DIR_OUT;
		if (!*items[i].post.parent_remote_id)
			items[i].post.parent_remote_id = to;
	}
	result->items = items;
}

static void check_answer(const struct adapter_call *call, const struct adapter_line *line, struct call_result *result)
{
	bool reply = call->kind == ASK_PERFORM && call->does == REPLY_KIND_POST;
	if (result->outcome != CALL_OK || result->count || (!reply && !(call->kind == ASK_FIND && line->dropped)))
		return;
	result->outcome = CALL_UNKNOWN;
	result->reason = reply ? "the adapter's answer names no post" : "what the adapter found lacks something";
}

void adapter_answered(struct adapter *a, struct adapter_line *line)
{
	struct adapter_call *call = a->calls;
	struct arena arena = ARENA_INIT;
	char words[100];
	while (call && (call->id != line->id || call->given <= 0))
		call = call->next;
	if (!call) {
		snprintf(words, sizeof words, "an answer to call %lld, which is not open", (long long)line->id);
		adapter_mistake(a, words);
		return;
	}
	if (line->dropped)
		log_line(LOG_WARN, "adapter %s: left out %d posts of an answer: %s", str_or(a->name, ""), line->dropped,
		        line->why.text);
	struct call_result result = line->result;
	char *reason = arena_strdup(&arena, result.reason);
	secret_hide(reason, strlen(reason));
	result.reason = reason;
	check_answer(call, line, &result);
	if (call->kind == ASK_PERFORM || call->kind == ASK_FIND) {
		bool reply = call->kind == ASK_FIND || call->does == REPLY_KIND_POST;
		result.count = result.count > 1 ? 1 : result.count;
		make_ours(&result, reply ? arena_strdup(&arena, call->to) : "", &arena);
	}
	call_end(call, &result);
	arena_release(&arena);
}

/* Out of the list; those that were never asked are answered by themselves. */
static struct adapter_call *take_asked(struct adapter *a)
{
	struct adapter_call **p = &a->calls;
	while (*p && (*p)->given <= 0)
		p = &(*p)->next;
	struct adapter_call *call = *p;
	if (call)
		*p = call->next;
	return call;
}

void adapter_calls_lost(struct adapter *a)
{
	int64_t written = a->child ? coprocess_written(a->child) : 0;
	struct adapter_call *call;
	while ((call = take_asked(a))) {
		struct call_result result = {
		        .retry_at = a->restart_at, .reason = "the adapter ended before it answered"};
		bool reached = call->given <= written;
		bool doubt = call->kind == ASK_FIND || (call->kind == ASK_PERFORM && reached);
		call_fn *done = call->kind == ASK_FILL ? NULL : call->done; /* the next process is asked anew */
		void *arg = call->arg;
		result.outcome = doubt ? CALL_UNKNOWN : CALL_NOT_SENT;
		call_release(call);
		if (done)
			done(arg, &result);
	}
}

void adapter_calls_drop(struct adapter *a)
{
	for (struct adapter_call *call = a->calls, *next; call; call = next) {
		next = call->next;
		call_release(call);
	}
	a->calls = NULL;
}

/* --- the courier's questions */

static void set_time(json *line, const char *key, int64_t utc_ms)
{
	char text[32];
	time_format_rfc3339(utc_ms, text, sizeof text);
	json_set_str(line, key, text);
}

static void set_text(json *line, const char *key, const char *text)
{
	if (*str_or(text, ""))
		json_set_str(line, key, text);
}

static json *files_of(const struct reply *reply)
{
	json *files = json_array();
	for (int i = 0; i < reply->file_count; i++) {
		json *file = json_object();
		json_set_str(file, "path", reply->files[i].path);
		json_set_str(file, "alt", reply->files[i].alt);
		json_push(files, file);
	}
	return files;
}

static json *reply_line(struct adapter_call *call, const struct reply *reply)
{
	json *line = question(call);
	free(call->to);
	call->to = mem_strdup(str_or(reply->to_remote_id, ""));
	call->does = reply->kind;
	json_set_str(line, "key", reply->idempotency_key);
	set_time(line, "created_at", reply->created_at);
	set_text(line, "remote_id", reply->to_remote_id);
	set_text(line, "text", reply->text);
	return line;
}

static unsigned needed_for(enum reply_kind kind)
{
	switch (kind) {
	case REPLY_KIND_POST: return CAP_REPLY;
	case REPLY_KIND_EDIT: return CAP_EDIT;
	case REPLY_KIND_DELETE: return CAP_DELETE;
	case REPLY_KIND_LIKE:
	case REPLY_KIND_UNLIKE: return CAP_LIKE;
	case REPLY_KIND_BOOST:
	case REPLY_KIND_UNBOOST: return CAP_BOOST;
	case REPLY_KIND_HIDE: return CAP_HIDE;
	case REPLY_KIND_REPORT: return CAP_REPORT;
	case REPLY_KIND_BLOCK: return CAP_BLOCK;
	case REPLY_KIND_MUTE: return CAP_MUTE;
	case REPLY_KIND_COUNT: break;
	}
	return ~0u;
}

/* Only what hello said that the account can do is asked for. */
static bool can_do(const struct adapter *a, enum reply_kind kind)
{
	bool knows = a->phase == ADAPTER_FILLING || a->phase == ADAPTER_LIVE;
	unsigned needed = needed_for(kind);
	return !knows || (a->caps & needed) == needed;
}

void adapter_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct adapter *a = (struct adapter *)network;
	struct adapter_call *call = call_new(a, ASK_PERFORM, reply_kind_name(reply->kind), done, arg);
	if (!can_do(a, reply->kind)) {
		call_end_later(call, CALL_REFUSED, "the adapter of this account cannot do that");
		return;
	}
	json *line = reply_line(call, reply);
	set_text(line, "to_handle", reply->to_handle);
	if (reply->kind == REPLY_KIND_POST || reply->kind == REPLY_KIND_EDIT) {
		json_set_str(line, "visibility", visibility_name(reply->visibility));
		set_text(line, "language", reply->language);
		set_text(line, "warning", reply->warning);
		if (reply->file_count)
			json_set(line, "files", files_of(reply));
	}
	call_ask(call, line);
}

void adapter_find(struct network *network, const struct reply *reply, call_fn *done, void *arg)
{
	struct adapter_call *call = call_new((struct adapter *)network, ASK_FIND, "find", done, arg);
	json *line = reply_line(call, reply);
	if (reply->kind == REPLY_KIND_POST) {
		call_ask(call, line);
		return;
	}
	json_free(line); /* may be repeated */
	call_end_later(call, CALL_OK, "");
}

static void ask_about(struct network *network, const char *type, const char *remote_id, call_fn *done, void *arg)
{
	struct adapter_call *call = call_new((struct adapter *)network, ASK_READ, type, done, arg);
	json *line = question(call);
	json_set_str(line, "remote_id", remote_id);
	call_ask(call, line);
}

void adapter_thread(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	ask_about(network, "fetch-thread", remote_id, done, arg);
}

void adapter_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg)
{
	ask_about(network, "fetch", remote_id, done, arg);
}
