/* One request to the server: the rate limit is kept before it goes, and what another try would mend is tried again. */
#include "core/network/mastodon_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/timefmt.h"

#include <string.h>

struct ask {
	struct mastodon *m;
	char *method, *url, *key, *type;
	int64_t timeout_ms;
	struct str body;
	bool has_body, keep_trying, urgent;
	answer_fn *answered;
	void *arg;
	struct http_call *call;
	timer_id timer;
	struct backoff backoff;
	struct ask *next;
};

static void ask_send(void *arg);

bool mastodon_answer_good(const struct answer *answer)
{
	return answer->outcome == HTTP_DONE && answer->status >= 200 && answer->status < 300 && answer->body;
}

bool mastodon_answer_no_access(const struct answer *answer)
{
	if (answer->outcome != HTTP_DONE)
		return false;
	/* Pleroma and Akkoma: EnsureAuthenticatedPlug */
	return answer->status == 401 ||
	       (answer->status == 403 && str_eq(json_str(answer->body, "error"), "Invalid credentials."));
}

static void ask_unlink(struct ask *ask)
{
	for (struct ask **p = &ask->m->asks; *p; p = &(*p)->next) {
		if (*p == ask) {
			*p = ask->next;
			break;
		}
	}
}

void mastodon_ask_drop(struct ask *ask)
{
	if (!ask)
		return;
	ask_unlink(ask);
	if (ask->m->troubled == ask)
		ask->m->troubled = NULL;
	http_cancel(ask->call);
	timers_cancel(ask->m->timers, &ask->timer);
	free(ask->method);
	free(ask->url);
	free(ask->key);
	free(ask->type);
	str_release(&ask->body);
	free(ask);
}

static void ask_answer(struct ask *ask, const struct answer *answer)
{
	answer_fn *answered = ask->answered;
	void *arg = ask->arg;
	mastodon_trouble_over(ask->m, ask);
	mastodon_ask_drop(ask);
	answered(arg, answer);
}

static void ask_wait(struct ask *ask, int64_t wait_ms, enum account_state state, const char *reason)
{
	ask->timer = timers_add(ask->m->timers, clock_mono_ms() + wait_ms, ask_send, ask);
	mastodon_trouble(ask->m, ask, state, clock_wall_ms() + wait_ms, reason);
}

/* Would asking again later give another answer? */
static bool ask_passes(const struct answer *answer)
{
	bool success = answer->status >= 200 && answer->status < 300;
	return answer->outcome != HTTP_DONE || answer->status == 429 || http_status_leaves_doubt(answer->status) ||
	       (success && !answer->body);
}

static void ask_again(struct ask *ask, const struct answer *answer)
{
	int64_t wait = backoff_next(&ask->backoff, ask->m->random());
	if (answer->retry_at)
		wait = answer->retry_at - clock_wall_ms() + ratelimit_jitter_ms(ask->m->random());
	ask_wait(ask, wait < 0 ? 0 : wait, answer->status == 429 ? ACCOUNT_RATE_LIMITED : ACCOUNT_RETRYING,
	        answer->reason);
}

static const char *ask_reason(const struct http_response *response, const json *body, struct arena *arena)
{
	if (response->outcome != HTTP_DONE)
		return arena_strdup(arena, response->err.text);
	const char *words = mastodon_decode_error(body, arena);
	if (words) {
		char *reason = arena_printf(arena, "the server says: %s (%d)", words, response->status);
		secret_hide(reason, strlen(reason)); /* some say the token back */
		return reason;
	}
	if (response->status >= 200 && response->status < 300)
		return body ? "" : "the server's answer is not JSON";
	return arena_printf(arena, "the server answers with status %d", response->status);
}

/* RFC 9110, 6.6.1. What we compare with the times of posts must not hang on how well our clock is set. */
static void note_clock(struct mastodon *m, const struct headers *headers)
{
	const char *date = headers_get(headers, "date");
	int64_t there;
	if (date && time_parse_http(date, &there))
		m->ahead_ms = clock_wall_ms() - there;
}

static void ask_done(void *arg, struct http_response *response)
{
	struct ask *ask = arg;
	struct mastodon *m = ask->m;
	ask->call = NULL;
	struct arena arena = ARENA_INIT;
	json *body = response->outcome == HTTP_DONE ? json_read(response->body.p, response->body.len, NULL) : NULL;
	struct answer answer = {
	        .outcome = response->outcome,
	        .status = response->outcome == HTTP_DONE ? response->status : 0,
	        .body = body,
	        .bytes = response->body.p,
	        .len = response->body.len,
	        .reason = ask_reason(response, body, &arena),
	};
	if (response->outcome == HTTP_DONE) {
		answer.replayed = str_eq(headers_get(&response->headers, "idempotent-replayed"), "true");
		note_clock(m, &response->headers);
		rate_gate_note(&m->gate, response->status, &response->headers, clock_wall_ms(), clock_mono_ms());
		answer.retry_at = ratelimit_retry_at(response->status, &response->headers, clock_wall_ms());
	}
	if (ask->keep_trying && ask_passes(&answer))
		ask_again(ask, &answer);
	else
		ask_answer(ask, &answer);
	json_free(body);
	arena_release(&arena);
}

static void ask_refuse(struct ask *ask, int status, int64_t retry_at, const char *reason)
{
	struct answer answer = {.outcome = HTTP_DONE, .status = status, .bytes = "", .retry_at = retry_at};
	answer.reason = reason;
	ask_answer(ask, &answer);
}

/* The server said that it wants no request now: what keeps trying waits, the rest is told so as the server would. */
static bool ask_held_back(struct ask *ask)
{
	int64_t now = clock_mono_ms();
	int64_t wait = rate_gate_when(&ask->m->gate, ask->urgent ? 0 : READS_LEAVE, now) - now;
	if (wait <= 0)
		return false;
	if (ask->keep_trying)
		ask_wait(ask, wait + ratelimit_jitter_ms(ask->m->random()), ACCOUNT_RATE_LIMITED,
		        "the server's limit of requests is used up");
	else
		ask_refuse(ask, 429, clock_wall_ms() + wait, "the server's limit of requests is used up");
	return true;
}

static void ask_send(void *arg)
{
	struct ask *ask = arg;
	ask->timer = 0;
	if (ask_held_back(ask))
		return;
	struct http_field key = {"Idempotency-Key", ask->key};
	struct http_request request = {
	        .method = ask->method,
	        .url = ask->url,
	        .headers = &key,
	        .headers_len = ask->key ? 1 : 0,
	        .content_type = ask->has_body ? str_or(ask->type, "application/json") : NULL,
	        .body = ask->has_body ? ask->body.p : NULL,
	        .body_len = ask->body.len,
	        .bearer = ask->m->token,
	        .timeout_ms = ask->timeout_ms,
	};
	struct err err = ERR_INIT;
	rate_gate_spend(&ask->m->gate);
	ask->call = http_send(ask->m->http, &request, &(struct http_handlers){.on_done = ask_done}, ask, &err);
	if (!ask->call)
		ask_refuse(ask, 400, 0, err.text);
}

struct ask *mastodon_ask(struct mastodon *m, const struct ask_setup *setup, answer_fn *answered, void *arg)
{
	struct ask *ask = mem_alloc(sizeof *ask);
	ask->m = m;
	ask->method = mem_strdup(setup->method ? setup->method : "GET");
	struct str url = STR_INIT;
	str_addf(&url, "%s%s", m->server, setup->path);
	ask->url = str_detach(&url);
	ask->key = mem_strdup(setup->idempotency_key);
	str_init(&ask->body, SIZE_MAX);
	ask->has_body = setup->body || setup->raw;
	if (setup->body)
		json_print(setup->body, &ask->body);
	if (setup->raw) {
		str_release(&ask->body);
		ask->body = *setup->raw;
		*setup->raw = (struct str)STR_INIT;
		ask->type = mem_strdup(setup->content_type);
	}
	ask->timeout_ms = setup->timeout_ms;
	ask->keep_trying = setup->keep_trying;
	ask->urgent = setup->urgent;
	ask->answered = answered;
	ask->arg = arg;
	backoff_init(&ask->backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	ask->next = m->asks;
	m->asks = ask;
	/* Not from here: whoever asks has to have the result in hand before the answer comes. */
	ask->timer = timers_add(m->timers, clock_mono_ms(), ask_send, ask);
	return ask;
}
