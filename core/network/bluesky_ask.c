/* One request to the account's server: the session is good and the rate limit kept before it goes, and what another try
 * would mend is tried again. */
#include "core/network/bluesky_parts.h"

#include "core/base/mem.h"
#include "core/base/secret.h"

#include <string.h>

#define READS_LEAVE 50 /* requests of the limit, for replies */

struct bluesky_ask {
	struct bluesky *b;
	char *call, *content_type;
	struct str body;
	bool has_body, keep_trying, urgent, chat, renewed, for_session;
	int64_t timeout_ms;
	unsigned long generation; /* of the token that it went with */
	bluesky_answer_fn *answered;
	void *arg;
	struct http_call *http;
	timer_id timer;
	struct backoff backoff;
	struct bluesky_ask *next;
};

static void ask_send(void *arg);

bool bluesky_answer_good(const struct bluesky_answer *answer)
{
	return answer->outcome == HTTP_DONE && answer->status >= 200 && answer->status < 300 && answer->body;
}

bool bluesky_answer_no_access(const struct bluesky_answer *answer)
{
	return answer->fault == BLUESKY_FAULT_EXPIRED || answer->fault == BLUESKY_FAULT_TOKEN ||
	       answer->fault == BLUESKY_FAULT_LOGIN;
}

enum call_outcome bluesky_outcome(const struct bluesky_answer *answer)
{
	if (answer->outcome == HTTP_NOT_SENT || answer->status == 429)
		return CALL_NOT_SENT;
	if (answer->outcome == HTTP_UNKNOWN || http_status_leaves_doubt(answer->status))
		return CALL_UNKNOWN;
	if (answer->status >= 200 && answer->status < 300)
		return answer->body ? CALL_OK : CALL_UNKNOWN;
	if (bluesky_answer_no_access(answer))
		return CALL_NO_ACCESS;
	return answer->fault == BLUESKY_FAULT_NOT_FOUND ? CALL_GONE : CALL_REFUSED;
}

void bluesky_ask_drop(struct bluesky_ask *ask)
{
	if (!ask)
		return;
	for (struct bluesky_ask **p = &ask->b->asks; *p; p = &(*p)->next) {
		if (*p == ask) {
			*p = ask->next;
			break;
		}
	}
	bluesky_trouble_over(ask->b, ask);
	http_cancel(ask->http);
	timers_cancel(ask->b->timers, &ask->timer);
	free(ask->call);
	free(ask->content_type);
	str_release(&ask->body);
	free(ask);
}

static void ask_answer(struct bluesky_ask *ask, const struct bluesky_answer *answer)
{
	bluesky_answer_fn *answered = ask->answered;
	void *arg = ask->arg;
	bluesky_ask_drop(ask);
	answered(arg, answer);
}

static void ask_wait(struct bluesky_ask *ask, int64_t wait_ms, enum account_state state, const char *reason)
{
	ask->timer = timers_add(ask->b->timers, clock_mono_ms() + wait_ms, ask_send, ask);
	bluesky_trouble(ask->b, ask, state, clock_wall_ms() + wait_ms, reason);
}

static bool ask_passes(const struct bluesky_answer *answer)
{
	bool success = answer->status >= 200 && answer->status < 300;
	return answer->outcome != HTTP_DONE || answer->status == 429 || http_status_leaves_doubt(answer->status) ||
	       (success && !answer->body);
}

static void ask_again(struct bluesky_ask *ask, const struct bluesky_answer *answer)
{
	int64_t wait = backoff_next(&ask->backoff, ask->b->random());
	if (answer->retry_at)
		wait = answer->retry_at - clock_wall_ms() + ratelimit_jitter_ms(ask->b->random());
	ask_wait(ask, wait < 0 ? 0 : wait, answer->status == 429 ? ACCOUNT_RATE_LIMITED : ACCOUNT_RETRYING,
	        answer->reason);
}

const char *bluesky_reason(int status, const json *body, struct arena *arena)
{
	if (status >= 200 && status < 300)
		return body ? "" : "the server's answer is not JSON";
	const char *words = bluesky_decode_error(body, arena);
	if (!words)
		return arena_printf(arena, "the server answers with status %d", status);
	char *reason = arena_printf(arena, "the server says: %s (%d)", words, status);
	secret_hide(reason, strlen(reason));
	return reason;
}

/* The token that it went with may have ended on the way: once more, with another one. */
static bool ask_renews(struct bluesky_ask *ask, const struct bluesky_answer *answer)
{
	if (ask->chat && answer->fault != BLUESKY_FAULT_EXPIRED)
		return false; /* it may be for this alone that the password lacks the right */
	if (!bluesky_answer_no_access(answer) || ask->renewed || !bluesky_session_refused(ask->b, ask->generation))
		return false;
	ask->renewed = true;
	ask->timer = timers_add(ask->b->timers, clock_mono_ms(), ask_send, ask);
	return true;
}

static struct rate_gate *gate_of(struct bluesky_ask *ask)
{
	return ask->has_body ? &ask->b->writes : &ask->b->reads;
}

static void ask_done(void *arg, struct http_response *response)
{
	struct bluesky_ask *ask = arg;
	struct bluesky *b = ask->b;
	bool done = response->outcome == HTTP_DONE;
	struct arena arena = ARENA_INIT;
	ask->http = NULL;
	json *body = done ? json_read(response->body.p, response->body.len, NULL) : NULL;
	struct bluesky_answer answer = {
	        .outcome = response->outcome,
	        .status = done ? response->status : 0,
	        .body = body,
	        .bytes = response->body.p,
	        .len = response->body.len,
	        .reason = done ? bluesky_reason(response->status, body, &arena) : response->err.text,
	};
	if (done) {
		rate_gate_note(gate_of(ask), response->status, &response->headers, clock_wall_ms(), clock_mono_ms());
		answer.retry_at = ratelimit_retry_at(response->status, &response->headers, clock_wall_ms());
		answer.fault =
		        response->status >= 400 ? bluesky_decode_fault(response->status, body) : BLUESKY_FAULT_OTHER;
	}
	if (bluesky_answer_good(&answer))
		bluesky_session_proven(b);
	if (!ask_renews(ask, &answer)) {
		if (ask->keep_trying && ask_passes(&answer))
			ask_again(ask, &answer);
		else
			ask_answer(ask, &answer);
		if (answer.fault == BLUESKY_FAULT_CLOSED)
			bluesky_stop(b, ACCOUNT_FAILED, answer.reason);
	}
	json_free(body);
	arena_release(&arena);
}

static void ask_refuse(struct bluesky_ask *ask, int status, int64_t retry_at, const char *reason)
{
	struct bluesky_answer answer = {.outcome = HTTP_DONE,
	        .status = status,
	        .bytes = "",
	        .fault = bluesky_decode_fault(status, NULL),
	        .retry_at = retry_at,
	        .reason = reason};
	ask_answer(ask, &answer);
}

/* The server said that it wants no such request now. */
static bool ask_held_back(struct bluesky_ask *ask)
{
	static const char words[] = "the limit of requests is used up";
	int64_t now = clock_mono_ms();
	int64_t wait = rate_gate_when(gate_of(ask), ask->urgent || ask->has_body ? 0 : READS_LEAVE, now) - now;
	if (wait <= 0)
		return false;
	if (ask->keep_trying)
		ask_wait(ask, wait + ratelimit_jitter_ms(ask->b->random()), ACCOUNT_RATE_LIMITED, words);
	else
		ask_refuse(ask, 429, clock_wall_ms() + wait, words);
	return true;
}

static void ask_send(void *arg)
{
	struct bluesky_ask *ask = arg;
	struct bluesky *b = ask->b;
	ask->timer = 0;
	bool ready = bluesky_session_ready(b);
	if (!ready && b->stopped) {
		ask_refuse(ask, 401, 0, b->told_reason);
		return;
	}
	ask->for_session = !ready;
	if (!ready || ask_held_back(ask))
		return;
	struct str url = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&url, "%s/xrpc/%s", b->pds, ask->call);
	static const struct http_field proxy = {"atproto-proxy", "did:web:api.bsky.chat#bsky_chat"};
	struct http_request request = {
	        .method = ask->has_body ? "POST" : "GET",
	        .url = url.p,
	        .headers = &proxy,
	        .headers_len = ask->chat ? 1 : 0,
	        .content_type = ask->content_type,
	        .body = ask->has_body ? ask->body.p : NULL,
	        .body_len = ask->body.len,
	        .bearer = b->secrets.value[CREDENTIAL_TOKEN],
	        .timeout_ms = ask->timeout_ms,
	};
	ask->generation = b->generation;
	rate_gate_spend(gate_of(ask));
	ask->http = http_send(b->http, &request, &(struct http_handlers){.on_done = ask_done}, ask, &err);
	str_release(&url);
	if (!ask->http)
		ask_refuse(ask, 400, 0, err.text);
}

void bluesky_asks_go_on(struct bluesky *b)
{
	for (struct bluesky_ask *ask = b->asks; ask; ask = ask->next) {
		if (!ask->for_session)
			continue;
		ask->for_session = false;
		ask->timer = timers_add(b->timers, clock_mono_ms(), ask_send, ask);
	}
}

struct bluesky_ask *bluesky_ask(
        struct bluesky *b, const struct bluesky_ask_setup *setup, bluesky_answer_fn *answered, void *arg)
{
	struct bluesky_ask *ask = mem_alloc(sizeof *ask);
	ask->b = b;
	ask->call = mem_strdup(setup->call);
	str_init(&ask->body, SIZE_MAX);
	ask->has_body = setup->body || setup->raw;
	ask->content_type = mem_strdup(setup->body ? "application/json" : setup->content_type);
	if (setup->body)
		json_print(setup->body, &ask->body);
	else if (setup->raw)
		str_add(&ask->body, setup->raw->p, setup->raw->len);
	ask->timeout_ms = setup->timeout_ms;
	ask->keep_trying = setup->keep_trying;
	ask->urgent = setup->urgent;
	ask->chat = setup->chat;
	ask->answered = answered;
	ask->arg = arg;
	backoff_init(&ask->backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	ask->next = b->asks;
	b->asks = ask;
	/* Not from here: whoever asks has to have the result in hand before the answer comes. */
	ask->timer = timers_add(b->timers, clock_mono_ms(), ask_send, ask);
	return ask;
}
