/* One request to X: the token is fresh and the rate limit kept before it goes, what another try would mend is tried
 * again, and what it brought is counted. */
#include "core/network/x_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/base/timefmt.h"

#include <stdio.h>
#include <string.h>

#define LIMITED_MOST_MS ((int64_t)16 * 60000)

struct x_ask {
	struct x *x;
	char *method, *url, *type;
	struct str body;
	int64_t timeout_ms;
	enum x_bucket bucket;
	int64_t price;
	bool has_body, keep_trying, owned, unpaid, as_app, renewed, for_token;
	x_answer_fn *answered;
	void *arg;
	struct http_call *call;
	timer_id timer;
	struct backoff backoff;
	struct x_ask *next;
};

static void ask_send(void *arg);

bool x_answer_good(const struct x_answer *answer)
{
	return answer->outcome == HTTP_DONE && answer->status >= 200 && answer->status < 300 && answer->body;
}

void x_ask_drop(struct x_ask *ask)
{
	if (!ask)
		return;
	for (struct x_ask **p = &ask->x->asks; *p; p = &(*p)->next) {
		if (*p == ask) {
			*p = ask->next;
			break;
		}
	}
	x_trouble_over(ask->x, ask);
	http_cancel(ask->call);
	timers_cancel(ask->x->timers, &ask->timer);
	free(ask->method);
	free(ask->url);
	free(ask->type);
	str_release(&ask->body);
	free(ask);
}

static void ask_answer(struct x_ask *ask, const struct x_answer *answer)
{
	x_answer_fn *answered = ask->answered;
	void *arg = ask->arg;
	x_ask_drop(ask);
	answered(arg, answer);
}

static void ask_wait(struct x_ask *ask, int64_t wait_ms, enum account_state state, const char *reason)
{
	ask->timer = timers_add(ask->x->timers, clock_mono_ms() + wait_ms, ask_send, ask);
	x_trouble(ask->x, ask, state, clock_wall_ms() + wait_ms, reason);
}

static bool ask_passes(const struct x_answer *answer)
{
	bool success = answer->status >= 200 && answer->status < 300;
	return answer->outcome != HTTP_DONE || (answer->status == 429 && answer->fault == X_FAULT_OTHER) ||
	       http_status_leaves_doubt(answer->status) || (success && !answer->body);
}

static void ask_again(struct x_ask *ask, const struct x_answer *answer)
{
	int64_t wait = backoff_next(&ask->backoff, ask->x->random());
	if (answer->retry_at)
		wait = answer->retry_at - clock_wall_ms() + ratelimit_jitter_ms(ask->x->random());
	ask_wait(ask, wait < 0 ? 0 : wait, answer->status == 429 ? ACCOUNT_RATE_LIMITED : ACCOUNT_RETRYING,
	        answer->reason);
}

const char *x_ask_reason(int status, const json *body, struct arena *arena)
{
	const char *words = x_decode_error(body, arena);
	if (!words)
		return arena_printf(arena, "X answers with status %d", status);
	char *reason = arena_printf(arena, "X says: %s (%d)", words, status);
	secret_hide(reason, strlen(reason));
	return reason;
}

static const char *ask_reason(const struct http_response *response, const json *body, struct arena *arena)
{
	if (response->outcome != HTTP_DONE)
		return arena_strdup(arena, response->err.text);
	if (response->status >= 200 && response->status < 300)
		return body ? "" : "the server's answer is not JSON";
	return x_ask_reason(response->status, body, arena);
}

void x_stop_if_final(struct x *x, const struct x_answer *answer, bool as_app)
{
	if (answer->fault == X_FAULT_CREDITS)
		x_stop_unpaid(x, "X wants to be paid: the credits of the developer account are used up");
	else if (answer->fault == X_FAULT_CAPPED)
		x_stop_unpaid(x, "X has reached the month's cap of posts for this application");
	else if (answer->fault == X_FAULT_SETUP && !as_app)
		x_stop(x, ACCOUNT_FAILED, answer->reason);
}

static void count_cost(struct x_ask *ask, const struct x_answer *answer)
{
	if (!x_answer_good(answer))
		return;
	struct x_count count = x_decode_count(answer->body);
	bool read = str_eq(ask->method, "GET") && !ask->as_app && !ask->unpaid; /* rules are no posts */
	int64_t brought = read ? x_purse_cost(&ask->x->purse, &count, ask->owned) : 0;
	x_paid(ask->x, ask->price + brought);
}

static void note_clock(struct x *x, const struct headers *headers)
{
	int64_t there;
	const char *date = headers_get(headers, "date");
	if (date && time_parse_http(date, &there))
		x->ahead_ms = clock_wall_ms() - there;
}

/* What X counts in 24 hours, for a person and for the application, beside what it counts in 15 minutes; it says so with
 * posts alone. */
static void note_day(struct x *x, const struct headers *headers)
{
	static const char *const prefixes[] = {"x-user-limit-24hour-", "x-app-limit-24hour-"};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		char name[40];
		int64_t left, reset;
		snprintf(name, sizeof name, "%sremaining", prefixes[i]);
		const char *remaining = headers_get(headers, name);
		snprintf(name, sizeof name, "%sreset", prefixes[i]);
		const char *at = headers_get(headers, name);
		if (!remaining || !at || !parse_i64(remaining, &left) || !parse_i64(at, &reset) || left > 0)
			continue;
		int64_t wait = (reset < INT32_MAX * INT64_C(4) ? reset * 1000 : 0) - x_server_time(x, clock_wall_ms());
		wait = wait > RATELIMIT_MAX_WAIT_MS ? RATELIMIT_MAX_WAIT_MS : wait;
		if (clock_mono_ms() + wait > x->day_full_mono)
			x->day_full_mono = clock_mono_ms() + wait;
	}
}

/* Where a 429 names no time the wait is a minute, and doubles. */
static void note_limit(struct x *x, enum x_bucket bucket, const struct http_response *response, struct x_answer *answer)
{
	int64_t *wait_ms = &x->limited_wait_ms[bucket];
	struct ratelimit told;
	bool stated = ratelimit_parse(&response->headers, &told) || headers_get(&response->headers, "retry-after");
	if (response->status < 400)
		*wait_ms = 0;
	if (response->status != 429 || stated)
		return;
	int64_t wait = *wait_ms * 2;
	*wait_ms = !wait ? RATELIMIT_DEFAULT_WAIT_MS : wait > LIMITED_MOST_MS ? LIMITED_MOST_MS : wait;
	x->gates[bucket].shut_mono_ms = clock_mono_ms() + *wait_ms;
	answer->retry_at = clock_wall_ms() + *wait_ms;
}

static void ask_done(void *arg, struct http_response *response)
{
	struct x_ask *ask = arg;
	struct x *x = ask->x;
	bool done = response->outcome == HTTP_DONE;
	struct arena arena = ARENA_INIT;
	ask->call = NULL;
	json *body = done ? json_read(response->body.p, response->body.len, NULL) : NULL;
	struct x_answer answer = {
	        .outcome = response->outcome,
	        .status = done ? response->status : 0,
	        .body = body,
	        .bytes = response->body.p,
	        .len = response->body.len,
	        .reason = ask_reason(response, body, &arena),
	};
	if (done) {
		note_clock(x, &response->headers);
		rate_gate_note(
		        &x->gates[ask->bucket], response->status, &response->headers, clock_wall_ms(), clock_mono_ms());
		answer.retry_at = ratelimit_retry_at(response->status, &response->headers, clock_wall_ms());
		note_limit(x, ask->bucket, response, &answer);
		if (ask->bucket == X_BUCKET_POST)
			note_day(x, &response->headers);
		answer.fault = response->status >= 400 ? x_decode_fault(response->status, body) : X_FAULT_OTHER;
	}
	count_cost(ask, &answer);
	bool renewable = x->secrets.value[CREDENTIAL_REFRESH_TOKEN] != NULL && !ask->as_app, as_app = ask->as_app;
	if (answer.status == 401 && renewable && !ask->renewed) {
		ask->renewed = true;
		x_token_refused(x);
		ask->timer = timers_add(x->timers, clock_mono_ms(), ask_send, ask);
	} else if (ask->keep_trying && ask_passes(&answer)) {
		ask_again(ask, &answer);
	} else {
		ask_answer(ask, &answer);
		x_stop_if_final(x, &answer, as_app);
	}
	json_free(body);
	arena_release(&arena);
}

static void ask_refuse(struct x_ask *ask, int status, int64_t retry_at, const char *reason)
{
	struct x_answer answer = {.outcome = HTTP_DONE, .status = status, .bytes = "", .retry_at = retry_at};
	answer.reason = reason;
	ask_answer(ask, &answer);
}

/* X said that it wants no such request now. */
static bool ask_held_back(struct x_ask *ask)
{
	const char *words = "the limit of requests is used up";
	int64_t now = clock_mono_ms();
	int64_t wait = rate_gate_when(&ask->x->gates[ask->bucket], 0, now) - now;
	if (ask->bucket == X_BUCKET_POST && ask->x->day_full_mono - now > wait) {
		words = "X takes no more posts from you in these 24 hours";
		wait = ask->x->day_full_mono - now;
	}
	if (wait <= 0)
		return false;
	if (ask->keep_trying)
		ask_wait(ask, wait + ratelimit_jitter_ms(ask->x->random()), ACCOUNT_RATE_LIMITED, words);
	else
		ask_refuse(ask, 429, clock_wall_ms() + wait, words);
	return true;
}

static void sign(struct x_ask *ask, struct str *header)
{
	char *const *value = ask->x->secrets.value;
	char nonce[33];
	random_id(nonce);
	struct x_oauth1 keys = {str_or(value[CREDENTIAL_CLIENT_ID], ""), str_or(value[CREDENTIAL_CLIENT_SECRET], ""),
	        value[CREDENTIAL_TOKEN], value[CREDENTIAL_TOKEN_SECRET], nonce,
	        x_server_time(ask->x, clock_wall_ms()) / 1000};
	x_oauth1_header(&keys, ask->method, ask->url, "", header);
}

static void ask_send(void *arg)
{
	struct x_ask *ask = arg;
	struct x *x = ask->x;
	ask->timer = 0;
	ask->for_token = !ask->as_app && !x_token_ready(x);
	if (ask->for_token || ask_held_back(ask))
		return;
	struct str header = STR_INIT;
	bool signs = x->secrets.value[CREDENTIAL_TOKEN_SECRET] != NULL && !ask->as_app;
	if (signs)
		sign(ask, &header);
	struct http_field authorization = {"Authorization", header.p};
	struct http_request request = {
	        .method = ask->method,
	        .url = ask->url,
	        .headers = &authorization,
	        .headers_len = signs ? 1 : 0,
	        .content_type = ask->has_body ? str_or(ask->type, "application/json") : NULL,
	        .body = ask->has_body ? ask->body.p : NULL,
	        .body_len = ask->body.len,
	        .timeout_ms = ask->timeout_ms,
	        .bearer = signs         ? NULL
	                  : ask->as_app ? x->secrets.value[CREDENTIAL_APP_TOKEN]
	                                : x->secrets.value[CREDENTIAL_TOKEN],
	};
	struct err err = ERR_INIT;
	rate_gate_spend(&x->gates[ask->bucket]);
	ask->call = http_send(x->http, &request, &(struct http_handlers){.on_done = ask_done}, ask, &err);
	str_release(&header);
	if (!ask->call)
		ask_refuse(ask, 400, 0, err.text);
}

void x_asks_go_on(struct x *x)
{
	for (struct x_ask *ask = x->asks; ask; ask = ask->next) {
		if (!ask->for_token)
			continue;
		ask->for_token = false;
		ask->timer = timers_add(x->timers, clock_mono_ms(), ask_send, ask);
	}
}

struct x_ask *x_ask(struct x *x, const struct x_ask_setup *setup, x_answer_fn *answered, void *arg)
{
	struct x_ask *ask = mem_alloc(sizeof *ask);
	struct str url = STR_INIT;
	ask->x = x;
	ask->method = mem_strdup(setup->method ? setup->method : "GET");
	str_addf(&url, "%s%s", x->server, setup->path);
	ask->url = str_detach(&url);
	str_init(&ask->body, SIZE_MAX);
	ask->has_body = setup->body || setup->raw;
	if (setup->body)
		json_print(setup->body, &ask->body);
	if (setup->raw) {
		ask->body = *setup->raw;
		*setup->raw = (struct str)STR_INIT;
		ask->type = mem_strdup(setup->content_type);
	}
	ask->timeout_ms = setup->timeout_ms;
	ask->unpaid = setup->unpaid;
	ask->owned = setup->owned;
	ask->bucket = setup->bucket;
	ask->price = setup->price;
	ask->keep_trying = setup->keep_trying;
	ask->as_app = setup->as_app;
	ask->answered = answered;
	ask->arg = arg;
	backoff_init(&ask->backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
	ask->next = x->asks;
	x->asks = ask;
	/* Not from here: whoever asks has to have the result in hand before the answer comes. */
	ask->timer = timers_add(x->timers, clock_mono_ms(), ask_send, ask);
	return ask;
}
