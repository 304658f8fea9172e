/* Bluesky as a whole: sessions and their renewal, limits, errors by their names, and the way to the endpoints. */
#include "tests/fakenet/bsky.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <inttypes.h>
#include <stdio.h>

#define LIFE_MS ((int64_t)2 * 3600 * 1000)
#define REFRESH_LIFE_MS ((int64_t)90 * 24 * 3600 * 1000)
#define GRACE_MS ((int64_t)2 * 3600 * 1000) /* that a refresh token lives on once it was used */
#define WINDOW_MS (5 * 60 * 1000)
#define HOUR_MS (60 * 60 * 1000)
#define LIMIT 3000
#define LOGIN_LIMIT 30
#define POINTS 5000
#define XRPC "/xrpc/"

void bsky_init(struct bsky_site *bsky, struct site *site)
{
	*bsky = (struct bsky_site){.site = site, .life_ms = LIFE_MS, .limit = LIMIT, .points_most = POINTS};
}

void bsky_release(struct bsky_site *bsky)
{
	for (size_t i = 0; i < bsky->sessions.len; i++) {
		free(bsky->sessions.at[i].access);
		free(bsky->sessions.at[i].refresh);
	}
	for (size_t i = 0; i < bsky->records.len; i++) {
		free(bsky->records.at[i].collection);
		free(bsky->records.at[i].key);
		json_free(bsky->records.at[i].value);
	}
	for (size_t i = 0; i < bsky->blobs.len; i++)
		free(bsky->blobs.at[i].type);
	vec_release(&bsky->sessions);
	vec_release(&bsky->records);
	vec_release(&bsky->blobs);
}

/* --- errors */

void bsky_error(struct call *call, int status, const char *name, const char *message)
{
	json *body = json_object();
	json_set_str(body, "error", name);
	json_set_str(body, "message", message);
	call_json(call, status, body);
}

static void set_limits(struct call *call, int limit, int used, int64_t reset_ms)
{
	str_addf(&call->headers,
	        "RateLimit-Limit: %d\r\nRateLimit-Reset: %" PRId64
	        "\r\nRateLimit-Remaining: %d\r\nRateLimit-Policy: %d;w=300\r\n",
	        limit, reset_ms / 1000, used > limit ? 0 : limit - used, limit);
}

/* What has several forms is told by a word. */
static const struct refusal {
	int status;
	const char *word, *name, *message;
} refusals[] = {
        {400, "expired", "ExpiredToken", "Token has expired"},
        {400, "revoked", "ExpiredToken", "Token has been revoked"},
        {400, "token", "InvalidToken", "Token could not be verified"},
        {400, "swap", "InvalidSwap", "Record was at another place"},
        {401, "", "AuthMissing", "Authentication Required"},
        {401, "login", "AuthenticationRequired", "Invalid identifier or password"},
        {401, "factor", "AuthFactorTokenRequired", "A sign in code has been sent to your email address"},
        {401, "takedown", "AccountTakedown", "Account has been taken down"},
        {403, "", "Forbidden", "Forbidden"},
        {429, "", "RateLimitExceeded", "Rate Limit Exceeded"},
        {500, "", "InternalServerError", "Internal Server Error"},
        {502, "", "UpstreamFailure", "Upstream service unreachable"},
        {503, "", "NotEnoughResources", "Not Enough Resources"},
        {504, "", "UpstreamTimeout", "Upstream Timeout"},
};

void bsky_fault(struct call *call, const struct fault *fault)
{
	if (fault->status == 429)
		set_limits(call, LIMIT, LIMIT, clock_wall_ms() + (int64_t)fault->reset_s * 1000);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (refusals[i].status == fault->status && str_eq(refusals[i].word, fault->word)) {
			bsky_error(call, fault->status, refusals[i].name, refusals[i].message);
			return;
		}
	bsky_error(call, fault->status, "InvalidRequest", "There was a problem with the request");
}

/* --- tokens: JWTs (RFC 7519), whose payload says when they end and whose signature nobody looks at */

static void add_base64url(struct str *out, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i < 3 ? len - i : 3;
		uint32_t bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < left ? (unsigned char)bytes[i + k] : 0);
		for (size_t k = 0; k <= left; k++)
			str_addc(out, digits[bits >> (18 - 6 * k) & 63]);
	}
}

static char *token_of(const struct bsky_site *bsky, const char *scope, int64_t ends_ms)
{
	struct str token = STR_INIT, payload = STR_INIT, did = STR_INIT;
	static const char head[] = "{\"typ\":\"at+jwt\",\"alg\":\"HS256\"}";
	bsky_did(bsky->site->world.brand, &did);
	str_addf(&payload,
	        "{\"scope\":\"com.atproto.%s\",\"aud\":\"did:web:localhost\",\"sub\":\"%s\",\"iat\":%" PRId64
	        ",\"exp\":%" PRId64 ",\"jti\":\"%zu\"}",
	        scope, did.p, clock_wall_ms() / 1000, ends_ms / 1000, bsky->sessions.len);
	add_base64url(&token, head, strlen(head));
	str_addc(&token, '.');
	add_base64url(&token, payload.p, payload.len);
	str_adds(&token, ".c2lnbmVkLWJ5LW5vYm9keQ");
	str_release(&payload);
	str_release(&did);
	return str_detach(&token);
}

static size_t new_session(struct bsky_site *bsky)
{
	int64_t now = clock_wall_ms();
	struct bsky_session session = {
	        .access_ends = now + bsky->life_ms, .refresh_ends = now + REFRESH_LIFE_MS, .successor = -1};
	session.access = token_of(bsky, "appPass", session.access_ends);
	session.refresh = token_of(bsky, "refresh", session.refresh_ends);
	vec_push(&bsky->sessions, session);
	return bsky->sessions.len - 1;
}

static const char *bearer_of(const struct call *call)
{
	const char *authorization = http_header_get(call->request, "Authorization");
	return authorization && !str_icmp_n(authorization, "Bearer ", 7) ? authorization + 7 : NULL;
}

static struct bsky_session *session_by(struct bsky_site *bsky, const char *token, bool refresh)
{
	for (size_t i = 0; token && i < bsky->sessions.len; i++)
		if (str_eq(refresh ? bsky->sessions.at[i].refresh : bsky->sessions.at[i].access, token))
			return &bsky->sessions.at[i];
	return NULL;
}

/* A plain token of the site is as good. */
static bool authorized(struct call *call)
{
	struct bsky_site *bsky = &call->site->bsky;
	const char *token = bearer_of(call);
	const struct bsky_session *session = session_by(bsky, token, false);
	if (call->token)
		return true;
	if (!token)
		bsky_error(call, 401, "AuthMissing", "Authentication Required");
	else if (session_by(bsky, token, true))
		bsky_error(call, 400, "InvalidToken", "Invalid token type");
	else if (!session)
		bsky_error(call, 400, "InvalidToken", "Token could not be verified");
	else if (session->revoked)
		bsky_error(call, 400, "ExpiredToken", "Token has been revoked");
	else if (clock_wall_ms() >= session->access_ends)
		bsky_error(call, 400, "ExpiredToken", "Token has expired");
	else
		return true;
	return false;
}

/* --- sessions */

static json *who_we_are(const struct site *site)
{
	json *out = json_object();
	struct str text = STR_INIT;
	bsky_did(site->world.brand, &text);
	json_set_str(out, "did", text.p);
	json_set(out, "didDoc", bsky_render_document(site, site->world.brand));
	str_clear(&text);
	bsky_handle(site->world.brand, &text);
	json_set_str(out, "handle", text.p);
	json_set_str(out, "email", "brand@example.com");
	json_set_bool(out, "emailConfirmed", false);
	json_set_bool(out, "active", true);
	str_release(&text);
	return out;
}

static void answer_session(struct call *call, size_t index)
{
	const struct bsky_session *session = &call->site->bsky.sessions.at[index];
	json *out = who_we_are(call->site);
	json_set_str(out, "accessJwt", session->access);
	json_set_str(out, "refreshJwt", session->refresh);
	call_json(call, 200, out);
}

static void create_session(struct call *call, const json *body)
{
	struct bsky_site *bsky = &call->site->bsky;
	const char *identifier = json_str_or(body, "identifier", "");
	bool us = bsky_person(&call->site->world, identifier) == call->site->world.brand;
	set_limits(call, LOGIN_LIMIT, ++bsky->logins, (bsky->window + 1) * WINDOW_MS);
	if (bsky->limit && bsky->logins > LOGIN_LIMIT)
		bsky_error(call, 429, "RateLimitExceeded", "Rate Limit Exceeded");
	else if (!us || !str_eq(json_str(body, "password"), BSKY_APP_PASSWORD))
		bsky_error(call, 401, "AuthenticationRequired", "Invalid identifier or password");
	else
		answer_session(call, new_session(bsky));
}

/* The same old token leads to the same successor, for a while. */
static void refresh_session(struct call *call)
{
	struct bsky_site *bsky = &call->site->bsky;
	const char *token = bearer_of(call);
	struct bsky_session *session = session_by(bsky, token, true);
	int64_t now = clock_wall_ms();
	if (!token) {
		bsky_error(call, 401, "AuthMissing", "Authentication Required");
	} else if (!session) {
		bool access = session_by(bsky, token, false) != NULL;
		bsky_error(call, 400, "InvalidToken", access ? "Invalid token type" : "Token could not be verified");
	} else if (session->revoked || now >= session->refresh_ends) {
		bsky_error(
		        call, 400, "ExpiredToken", session->revoked ? "Token has been revoked" : "Token has expired");
	} else {
		size_t index = (size_t)(session - bsky->sessions.at);
		if (session->successor < 0) {
			session->successor = (int64_t)bsky->sessions.len;
			if (session->refresh_ends > now + GRACE_MS)
				session->refresh_ends = now + GRACE_MS;
			new_session(bsky);
		}
		answer_session(call, (size_t)bsky->sessions.at[index].successor);
	}
}

static void delete_session(struct call *call)
{
	struct bsky_session *session = session_by(&call->site->bsky, bearer_of(call), true);
	if (!session) {
		bsky_error(call, 400, "InvalidToken", "Token could not be verified");
		return;
	}
	session->revoked = true;
	call_text(call, 200, "text/plain", "");
}

static void describe_server(struct call *call)
{
	json *out = json_object(), *domains = json_array();
	json_push_str(domains, "." WORLD_DOMAIN);
	json_set_str(out, "did", "did:web:localhost");
	json_set(out, "availableUserDomains", domains);
	json_set_bool(out, "inviteCodeRequired", false);
	json_set(out, "links", json_object());
	json_set(out, "contact", json_object());
	call_json(call, 200, out);
}

static void resolve_handle(struct call *call)
{
	const char *handle = str_or(param_get(&call->params, "handle"), "");
	const struct person *person = bsky_person(&call->site->world, handle);
	struct str did = STR_INIT;
	if (!person || str_starts(handle, "did:")) {
		bsky_error(call, 400, "InvalidRequest", "Unable to resolve handle");
	} else {
		json *out = json_object();
		bsky_did(person, &did);
		json_set_str(out, "did", did.p);
		call_json(call, 200, out);
	}
	str_release(&did);
}

/* What needs no session. */
bool bsky_sessions(struct call *call, const char *name, const json *body)
{
	if (str_eq(name, "com.atproto.server.createSession"))
		create_session(call, body);
	else if (str_eq(name, "com.atproto.server.refreshSession"))
		refresh_session(call);
	else if (str_eq(name, "com.atproto.server.deleteSession"))
		delete_session(call);
	else if (str_eq(name, "com.atproto.server.describeServer"))
		describe_server(call);
	else if (str_eq(name, "com.atproto.identity.resolveHandle"))
		resolve_handle(call);
	else
		return false;
	return true;
}

/* --- one request */

/* Each is asked for in one way. */
static const struct method {
	const char *name, *verb;
} methods[] = {
        {"com.atproto.server.describeServer", "GET"},
        {"com.atproto.server.createSession", "POST"},
        {"com.atproto.server.refreshSession", "POST"},
        {"com.atproto.server.deleteSession", "POST"},
        {"com.atproto.server.getSession", "GET"},
        {"com.atproto.identity.resolveHandle", "GET"},
        {"com.atproto.repo.createRecord", "POST"},
        {"com.atproto.repo.putRecord", "POST"},
        {"com.atproto.repo.getRecord", "GET"},
        {"com.atproto.repo.deleteRecord", "POST"},
        {"com.atproto.repo.uploadBlob", "POST"},
        {"com.atproto.moderation.createReport", "POST"},
        {"app.bsky.actor.getProfile", "GET"},
        {"app.bsky.actor.getProfiles", "GET"},
        {"app.bsky.feed.getPosts", "GET"},
        {"app.bsky.feed.getPostThread", "GET"},
        {"app.bsky.feed.searchPosts", "GET"},
        {"app.bsky.graph.muteActor", "POST"},
        {"app.bsky.graph.unmuteActor", "POST"},
        {"app.bsky.notification.getUnreadCount", "GET"},
        {"app.bsky.notification.listNotifications", "GET"},
        {"app.bsky.notification.updateSeen", "POST"},
};

static bool right_method(struct call *call, const char *name)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		const struct method *method = &methods[i];
		if (!str_eq(method->name, name))
			continue;
		if (str_eq(method->verb, call->request->method))
			return true;
		bsky_error(call, 400, "InvalidRequest",
		        arena_printf(call->arena, "Incorrect HTTP method (%s) expected %s", call->request->method,
		                method->verb));
		return false;
	}
	bsky_error(call, 501, "MethodNotImplemented", "Method Not Implemented");
	return false;
}

static int points_of(const char *name)
{
	return str_eq(name, "com.atproto.repo.createRecord")   ? 3
	       : str_eq(name, "com.atproto.repo.putRecord")    ? 2
	       : str_eq(name, "com.atproto.repo.deleteRecord") ? 1
	                                                       : 0;
}

static bool within_limits(struct call *call, const char *name)
{
	struct bsky_site *bsky = &call->site->bsky;
	int64_t now = clock_wall_ms();
	if (bsky->window != now / WINDOW_MS)
		bsky->used = bsky->logins = 0;
	if (bsky->hour != now / HOUR_MS)
		bsky->points = 0;
	bsky->window = now / WINDOW_MS;
	bsky->hour = now / HOUR_MS;
	bool over = bsky->limit && ++bsky->used > bsky->limit;
	int points = points_of(name);
	bool spent = points && bsky->limit && (bsky->points += points) > bsky->points_most;
	if (points && bsky->limit)
		set_limits(call, spent ? bsky->points_most : bsky->limit, spent ? bsky->points : bsky->used,
		        spent ? (bsky->hour + 1) * HOUR_MS : (bsky->window + 1) * WINDOW_MS);
	else if (over)
		set_limits(call, bsky->limit, bsky->used, (bsky->window + 1) * WINDOW_MS);
	if (over || spent)
		bsky_error(call, 429, "RateLimitExceeded", "Rate Limit Exceeded");
	return !over && !spent;
}

bool bsky_is(const struct call *call)
{
	const char *path = call->request->path;
	return str_starts(path, XRPC) || str_starts(path, "/did:plc:");
}

/* What the directory of DIDs says of one. */
static void document(struct call *call)
{
	const struct person *person = bsky_person(&call->site->world, call->request->path + 1);
	if (person)
		call_json(call, 200, bsky_render_document(call->site, person));
	else
		bsky_error(call, 404, "NotFound", "DID not registered");
}

bool api_bsky(struct call *call)
{
	if (!bsky_is(call))
		return false;
	if (!str_starts(call->request->path, XRPC)) {
		document(call);
		return true;
	}
	const char *name = call->request->path + strlen(XRPC);
	json *body = json_parse(call->request->body, call->request->body_len, NULL);
	if (right_method(call, name) && within_limits(call, name) && !bsky_sessions(call, name, body) &&
	        authorized(call)) {
		if (str_eq(name, "com.atproto.server.getSession"))
			call_json(call, 200, who_we_are(call->site));
		else if (!bsky_read(call, name))
			bsky_write(call, name, body);
	}
	json_free(body);
	return true;
}

/* --- what tests say and ask */

void bsky_control(struct call *call, const json *body)
{
	struct bsky_site *bsky = &call->site->bsky;
	bsky->limit = (int)json_int(body, "limit", bsky->limit);
	bsky->points_most = (int)json_int(body, "points", bsky->points_most);
	bsky->life_ms = json_int(body, "life_s", bsky->life_ms / 1000) * 1000;
	for (size_t i = 0; i < bsky->sessions.len; i++) {
		if (json_bool(body, "expire", false))
			bsky->sessions.at[i].access_ends = 0;
		bsky->sessions.at[i].revoked |= json_bool(body, "revoke", false);
	}
	call_json(call, 200, bsky_state(bsky));
}

json *bsky_state(const struct bsky_site *bsky)
{
	json *out = json_object();
	json_set_int(out, "sessions", (int64_t)bsky->sessions.len);
	json_set_int(out, "records", (int64_t)bsky->records.len);
	json_set_int(out, "reports", bsky->reports);
	json_set_int(out, "points", bsky->points);
	return out;
}
