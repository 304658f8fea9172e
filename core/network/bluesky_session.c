/* The session (com.atproto.server.*): a token for two hours, one that renews it for 90 days, and the app password, by
 * which a new session is made where renewing fails. What is new is durable before it is used; a renewal that was lost
 * with the process can be made again, for the old token works for two more hours and gives the same successor. Sessions
 * are made by password as seldom as can be: 30 in five minutes and 300 a day are all that an account has. */
#include "core/network/bluesky_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/url_escape.h"

#include <stdio.h>
#include <string.h>

#define EARLY_S 300 /* before the token ends */
#define LIFE_S 7200 /* of a token */
#define KEEP_AGAIN_MS 5000

static void renew(void *arg);
static void find_server(void *arg);

static int64_t seconds_left(const struct bluesky *b)
{
	int64_t end;
	const char *text = b->secrets.value[CREDENTIAL_TOKEN_EXPIRES];
	if (text && parse_i64(text, &end))
		return end - clock_wall_ms() / 1000;
	end = bluesky_token_ends(str_or(b->secrets.value[CREDENTIAL_TOKEN], ""));
	return end ? end - clock_wall_ms() / 1000 : INT64_MAX;
}

bool bluesky_session_ready(struct bluesky *b)
{
	bool busy = b->session_call || b->session_timer || b->renewal_kept_back || !b->service;
	if (!busy && b->secrets.value[CREDENTIAL_TOKEN] && seconds_left(b) > EARLY_S)
		return true;
	if (!busy && !b->stopped)
		b->session_timer = timers_add(b->timers, clock_mono_ms(), renew, b);
	return false;
}

bool bluesky_session_refused(struct bluesky *b, unsigned long generation)
{
	if (generation != b->generation)
		return true; /* there is another one already */
	if (b->unproven)
		return false;
	credentials_set(&b->secrets, CREDENTIAL_TOKEN_EXPIRES, "0");
	return true;
}

void bluesky_session_proven(struct bluesky *b)
{
	b->unproven = false;
}

static void again_in(struct bluesky *b, timer_fn *what, int64_t wait_ms, enum account_state state, const char *reason)
{
	b->session_timer = timers_add(b->timers, clock_mono_ms() + wait_ms, what, b);
	bluesky_trouble(b, &b->renewed, state, clock_wall_ms() + wait_ms, reason);
}

static struct http_call *call(
        struct bluesky *b, const struct http_request *request, void (*done)(void *arg, struct http_response *response))
{
	struct err err = ERR_INIT;
	struct http_call *sent = http_send(b->http, request, &(struct http_handlers){.on_done = done}, b, &err);
	if (!sent)
		bluesky_stop(b, ACCOUNT_FAILED, err.text);
	return sent;
}

static json *body_of(const struct http_response *response)
{
	return response->outcome == HTTP_DONE ? json_parse(response->body.p, response->body.len, NULL) : NULL;
}

/* --- the answer: a new session, or why there is none */

/* Sets b->self and b->pds; false when the account is no longer what it was. */
static bool learn(struct bluesky *b, const json *body)
{
	const char *did = json_str(body, "did"), *pds = bluesky_decode_pds(json_get(body, "didDoc"), &b->arena);
	struct err err = ERR_INIT;
	if (*str_or(b->self.remote_key, "") && !str_eq(b->self.remote_key, did)) {
		bluesky_stop(b, ACCOUNT_FAILED, "the login is for another account than before: log in again");
		return false;
	}
	if (bluesky_decode_profile(body, &b->arena, &b->self, &err)) {
		bluesky_stop(b, ACCOUNT_FAILED, "the server does not say whose login this is");
		return false;
	}
	b->decoder.self_did = b->self.remote_key;
	/* Plain http is for a server on this machine, which then says so of itself. */
	if (pds && (str_starts(pds, "https://") || str_starts(b->service, "http://"))) {
		free(b->pds);
		b->pds = mem_strdup(pds);
	}
	if (json_bool(body, "active", true))
		return true;
	bluesky_stop(b, ACCOUNT_FAILED,
	        arena_printf(
	                &b->arena, "the account is not active there: %s", json_str_or(body, "status", "deactivated")));
	return false;
}

/* The new tokens are in hand: they may be used once they are on disk. */
static bool keep_renewed(struct bluesky *b)
{
	static const enum credential all[] = {CREDENTIAL_TOKEN, CREDENTIAL_REFRESH_TOKEN, CREDENTIAL_TOKEN_EXPIRES};
	struct credential_value values[3];
	struct err err = ERR_INIT;
	for (int i = 0; i < 3; i++)
		values[i] = (struct credential_value){all[i], b->renewed.value[all[i]]};
	b->renewal_kept_back = b->events.keep && b->events.keep(b->events.arg, values, 3, &err) != 0;
	if (b->renewal_kept_back) {
		again_in(b, renew, KEEP_AGAIN_MS, ACCOUNT_RETRYING, err.text);
		return false;
	}
	for (int i = 0; i < 3; i++)
		credentials_set(&b->secrets, all[i], values[i].value);
	credentials_release(&b->renewed);
	b->generation++;
	b->unproven = b->by_password;
	backoff_reset(&b->session_backoff);
	return true;
}

static void use_renewed(struct bluesky *b)
{
	if (!keep_renewed(b))
		return;
	bluesky_trouble_over(b, &b->renewed);
	bluesky_session_known(b);
	bluesky_settle(b);
	bluesky_asks_go_on(b);
}

static void take(struct bluesky *b, const json *body)
{
	char expires[24];
	const char *token = json_str(body, "accessJwt"), *refresh = json_str(body, "refreshJwt");
	secret_know(token);
	secret_know(refresh);
	snprintf(expires, sizeof expires, "%lld", (long long)(clock_wall_ms() / 1000 + LIFE_S));
	/* By our clock, from now on: what the token says of its end is by the server's. Where it ends earlier, that is
	 * told, and it is renewed then. */
	credentials_set(&b->renewed, CREDENTIAL_TOKEN, token);
	credentials_set(&b->renewed, CREDENTIAL_REFRESH_TOKEN, refresh);
	credentials_set(&b->renewed, CREDENTIAL_TOKEN_EXPIRES, expires);
	if (learn(b, body))
		use_renewed(b);
	else
		credentials_release(&b->renewed);
}

static void no_login(struct bluesky *b, int status, const json *body, struct arena *arena)
{
	enum bluesky_fault fault = bluesky_decode_fault(status, body);
	if (fault == BLUESKY_FAULT_FACTOR)
		bluesky_stop(b, ACCOUNT_NEEDS_LOGIN,
		        "the server wants a second factor: log in with an app password, not with the account's own");
	else if (fault == BLUESKY_FAULT_CLOSED)
		bluesky_stop(b, ACCOUNT_FAILED, bluesky_reason(status, body, arena));
	else
		bluesky_stop(b, ACCOUNT_NEEDS_LOGIN,
		        arena_printf(arena, "the app password is not accepted (%s): log in again",
		                bluesky_reason(status, body, arena)));
}

/* False when it is a matter of waiting. */
static bool is_final(const struct http_response *response, const json *body)
{
	int status = response->status;
	return response->outcome == HTTP_DONE && status != 429 && !http_status_leaves_doubt(status) &&
	       !(status < 300 && !body);
}

static void not_now(struct bluesky *b, timer_fn *what, const struct http_response *response, const json *body)
{
	struct arena arena = ARENA_INIT;
	bool done = response->outcome == HTTP_DONE;
	int64_t wait = backoff_next(&b->session_backoff, b->random());
	int64_t at = done ? ratelimit_retry_at(response->status, &response->headers, clock_wall_ms()) : 0;
	if (at > clock_wall_ms())
		wait = at - clock_wall_ms() + ratelimit_jitter_ms(b->random());
	again_in(b, what, wait, done && response->status == 429 ? ACCOUNT_RATE_LIMITED : ACCOUNT_RETRYING,
	        done ? bluesky_reason(response->status, body, &arena) : response->err.text);
	arena_release(&arena);
}

static void renewed(void *arg, struct http_response *response)
{
	struct bluesky *b = arg;
	struct arena arena = ARENA_INIT;
	b->session_call = NULL;
	json *body = body_of(response);
	bool good = response->outcome == HTTP_DONE && response->status == 200 && json_str(body, "accessJwt") &&
	            json_str(body, "refreshJwt");
	if (good)
		take(b, body);
	else if (!is_final(response, body))
		not_now(b, renew, response, body);
	else if (b->by_password)
		no_login(b, response->status, body, &arena);
	else if (b->secrets.value[CREDENTIAL_APP_PASSWORD]) {
		/* Ended or revoked: both are told as 400 ExpiredToken. */
		log_line(LOG_INFO, "bluesky: the session cannot be renewed (%s); making a new one",
		        bluesky_reason(response->status, body, &arena));
		credentials_set(&b->secrets, CREDENTIAL_REFRESH_TOKEN, NULL);
		b->session_timer = timers_add(b->timers, clock_mono_ms(), renew, b);
	} else
		bluesky_stop(
		        b, ACCOUNT_NEEDS_LOGIN, "the session cannot be renewed any more: somebody has to log in again");
	json_free(body);
	arena_release(&arena);
}

/* Not by way of a JSON value: what is freed of that is not wiped. */
static void add_string(struct str *out, const char *text)
{
	str_addc(out, '"');
	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\')
			str_addf(out, "\\u%04x", (unsigned)*p);
		else
			str_addc(out, *p);
	}
	str_addc(out, '"');
}

void bluesky_session_body(const char *identifier, const char *password, struct str *out)
{
	str_adds(out, "{\"identifier\":");
	add_string(out, identifier);
	str_adds(out, ",\"password\":");
	add_string(out, password);
	str_addc(out, '}');
}

static void create(struct bluesky *b)
{
	struct str url = STR_INIT, text = STR_INIT;
	str_reserve(&text, BLUESKY_SESSION_ROOM);
	bluesky_session_body(b->handle, b->secrets.value[CREDENTIAL_APP_PASSWORD], &text);
	str_addf(&url, "%s/xrpc/com.atproto.server.createSession", b->service);
	struct http_request request = {.method = "POST",
	        .url = url.p,
	        .content_type = "application/json",
	        .body = text.p,
	        .body_len = text.len};
	b->session_call = call(b, &request, renewed);
	secret_release(&text);
	str_release(&url);
}

static void renew(void *arg)
{
	struct bluesky *b = arg;
	const char *refresh = b->secrets.value[CREDENTIAL_REFRESH_TOKEN];
	b->session_timer = 0;
	if (b->renewal_kept_back) {
		use_renewed(b);
		return;
	}
	b->by_password = !refresh;
	if (refresh) {
		struct str url = STR_INIT;
		str_addf(&url, "%s/xrpc/com.atproto.server.refreshSession", b->service);
		struct http_request request = {.method = "POST", .url = url.p, .bearer = refresh};
		b->session_call = call(b, &request, renewed);
		str_release(&url);
	} else if (b->secrets.value[CREDENTIAL_APP_PASSWORD]) {
		create(b);
	} else {
		bluesky_stop(b, ACCOUNT_NEEDS_LOGIN, "there is no app password: log in");
	}
}

/* --- a session that is there already */

static void verified(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky *b = arg;
	if (b->stopped)
		return;
	if (!bluesky_answer_good(answer))
		bluesky_stop(b, answer->status == 400 || answer->status == 401 ? ACCOUNT_NEEDS_LOGIN : ACCOUNT_FAILED,
		        answer->reason);
	else if (learn(b, answer->body)) {
		bluesky_session_known(b);
		bluesky_settle(b);
	}
}

static void server_known(struct bluesky *b)
{
	free(b->pds);
	b->pds = mem_strdup(b->service);
	bluesky_ask(b, &(struct bluesky_ask_setup){.call = "com.atproto.server.getSession", .keep_trying = true},
	        verified, b);
}

/* --- which server: the handle leads to a DID, the DID to its document, the document to the repository */

bool bluesky_document_address(const char *did, const char *directory, struct str *out)
{
	static const char plc[] = "did:plc:", web[] = "did:web:";
	if (str_starts(did, plc)) {
		str_addf(out, "%s/%s", directory, did);
		return true;
	}
	if (!str_starts(did, web) || strchr(did + strlen(web), ':'))
		return false;
	str_addf(out, "https://%s/.well-known/did.json", did + strlen(web));
	return true;
}

const char *bluesky_session_server(const char *pds)
{
	/* Bluesky's own servers leave logins to one place. */
	return str_ends(pds, ".host.bsky.network") ? BLUESKY_SERVER : pds;
}

bool bluesky_document_names(const json *document, const char *did, const char *handle)
{
	if (!str_eq(json_str(document, "id"), did))
		return false;
	for (const json *name = json_first(json_get(document, "alsoKnownAs")); name; name = json_next(name))
		if (str_starts(str_or(json_text(name), ""), "at://") && str_ieq(json_text(name) + 5, handle))
			return true;
	return false;
}

static void lookup(struct bluesky *b, const char *url, void (*done)(void *arg, struct http_response *response))
{
	struct http_request request = {.url = url};
	b->session_call = call(b, &request, done);
}

static void document_read(void *arg, struct http_response *response)
{
	struct bluesky *b = arg;
	struct arena arena = ARENA_INIT;
	b->session_call = NULL;
	json *body = body_of(response);
	const char *pds = bluesky_decode_pds(body, &arena);
	if (!is_final(response, body))
		not_now(b, find_server, response, body);
	else if (response->status != 200 || !pds || !bluesky_document_names(body, b->did, b->handle))
		bluesky_stop(b, ACCOUNT_FAILED,
		        arena_printf(&arena, "@%s leads to %s, whose document %s: name the server in the configuration",
		                b->handle, b->did, pds ? "does not lead back" : "names no server"));
	else {
		b->service = mem_strdup(bluesky_session_server(pds));
		bluesky_trouble_over(b, &b->renewed);
		server_known(b);
	}
	json_free(body);
	arena_release(&arena);
}

static void handle_resolved(void *arg, struct http_response *response)
{
	struct bluesky *b = arg;
	struct arena arena = ARENA_INIT;
	struct str url = STR_INIT;
	b->session_call = NULL;
	json *body = body_of(response);
	const char *did = json_str(body, "did");
	if (!is_final(response, body))
		not_now(b, find_server, response, body);
	else if (response->status != 200 || !bluesky_is_did(did) || !bluesky_document_address(did, b->directory, &url))
		bluesky_stop(b, ACCOUNT_FAILED,
		        arena_printf(&arena, "there is no account @%s (%s): look at the handle in the configuration",
		                b->handle, bluesky_reason(response->status, body, &arena)));
	else {
		free(b->did);
		b->did = mem_strdup(did);
		lookup(b, url.p, document_read);
	}
	json_free(body);
	str_release(&url);
	arena_release(&arena);
}

static void find_server(void *arg)
{
	struct bluesky *b = arg;
	struct str url = STR_INIT;
	b->session_timer = 0;
	str_addf(&url, "%s/xrpc/com.atproto.identity.resolveHandle?handle=", b->resolver);
	url_escape(&url, b->handle);
	lookup(b, url.p, handle_resolved);
	str_release(&url);
}

void bluesky_session_open(struct bluesky *b)
{
	if (b->service)
		server_known(b);
	else
		find_server(b);
}

void bluesky_session_close(struct bluesky *b)
{
	http_cancel(b->session_call);
	timers_cancel(b->timers, &b->session_timer);
	credentials_release(&b->secrets);
	credentials_release(&b->renewed);
	free(b->did);
}
