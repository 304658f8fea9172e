/* `curlew login` on X. OAuth 2.0 with PKCE (RFC 6749, 7636): the browser ends at an address of this machine where
 * nobody listens, and the person pastes that address; or OAuth 1.0a (RFC 5849) by PIN, whose tokens do not end. */
#include "core/network/x_parts.h"

#include "core/base/clock.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/net/signature.h"
#include "core/net/url_escape.h"

#include <stdio.h>
#include <string.h>

#define CALLBACK "http://127.0.0.1:8739/callback" /* registered with the application; nobody listens there */
#define SCOPES "tweet.read tweet.write users.read tweet.moderate.write mute.write media.write offline.access"
#define FORM_ROOM 8192 /* bytes; growing into more would leave a copy of its secrets behind */

struct x_talk {
	struct login *login;
	struct login_answer answer;
	struct str server, web, id, secret, verifier, state;
};

static int refused(struct x_talk *talk, const char *what, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const char *words = x_decode_error(talk->answer.body, &arena);
	int rc = err_set(err, ERR_PERMISSION, "X: %s (status %d): %s", what, talk->answer.status,
	        words ? words : "it gives no reason");
	arena_release(&arena);
	return rc;
}

static int read_secret(
        struct x_talk *talk, const char *what, enum credential known, bool hidden, struct str *out, struct err *err)
{
	const char *have = talk->login->known->value[known];
	if (have) {
		str_adds(out, have);
		return 0;
	}
	talk->login->say(talk->login, "%s: ", what);
	int rc = talk->login->read(talk->login, hidden, out, err);
	if (rc == 0 && strpbrk(out->p, " \t"))
		rc = err_set(err, ERR_USAGE, "there is a space in it: nothing was changed");
	return rc;
}

/* --- who the token is for */

static int greet(struct x_talk *talk, struct err *err)
{
	if (talk->answer.status == 402 || x_decode_fault(talk->answer.status, talk->answer.body) == X_FAULT_SETUP)
		return refused(talk, "logged in, but the application may not be used: see the developer console", err);
	const char *name = json_str(json_get(talk->answer.body, "data"), "username");
	if (talk->answer.status != 200 || !name)
		return refused(talk, "the new token was not accepted", err);
	const char *wanted = talk->login->handle + (*talk->login->handle == '@');
	if (*wanted && !str_ieq(wanted, name))
		talk->login->say(
		        talk->login, "Careful: this login is for @%s, the configuration says @%s.\n", name, wanted);
	talk->login->say(talk->login, "Logged in as @%s.\n", name);
	return 0;
}

/* --- OAuth 2.0 */

static void print_address(struct x_talk *talk)
{
	struct str query = STR_INIT, challenge = STR_INIT;
	char random[33];
	str_clear(&talk->verifier);
	str_clear(&talk->state);
	for (int i = 0; i < 2; i++) {
		random_id(random);
		str_adds(&talk->verifier, random);
	}
	random_id(random);
	str_adds(&talk->state, random);
	signature_pkce(talk->verifier.p, &challenge);
	form_add(&query, "response_type", "code");
	form_add(&query, "client_id", talk->id.p);
	form_add(&query, "redirect_uri", CALLBACK);
	form_add(&query, "scope", SCOPES);
	form_add(&query, "state", talk->state.p);
	form_add(&query, "code_challenge", challenge.p);
	form_add(&query, "code_challenge_method", "S256");
	talk->login->say(talk->login,
	        "Open this address in any browser, logged in as %s, and allow it:\n\n  %s/i/oauth2/authorize?%s\n\n"
	        "The browser then fails to open a page of 127.0.0.1: that is as it should be. Copy the whole address\n"
	        "from its address bar to here WITHIN 30 SECONDS: X takes it no later.\nAddress: ",
	        *talk->login->handle ? talk->login->handle : talk->login->account, talk->web.p, query.p);
	str_release(&query);
	str_release(&challenge);
}

/* The value of a parameter of an address, as it stands there. */
static bool parameter(const char *address, const char *key, struct str *out)
{
	const char *at = strchr(address, '?');
	size_t len = strlen(key);
	while (at) {
		at++;
		if (strncmp(at, key, len) == 0 && at[len] == '=') {
			str_add(out, at + len + 1, strcspn(at + len + 1, "&#"));
			return true;
		}
		at = strchr(at, '&');
	}
	return false;
}

static int keep_tokens(struct x_talk *talk, struct err *err)
{
	char expires[24];
	const json *body = talk->answer.body;
	const char *token = json_str(body, "access_token"), *refresh = json_str(body, "refresh_token");
	secret_know(token);
	secret_know(refresh);
	snprintf(expires, sizeof expires, "%lld",
	        (long long)(clock_wall_ms() / 1000 + json_int(body, "expires_in", 7200)));
	const struct credential_value values[] = {{CREDENTIAL_TOKEN, token}, {CREDENTIAL_REFRESH_TOKEN, refresh},
	        {CREDENTIAL_TOKEN_EXPIRES, refresh ? expires : ""}, {CREDENTIAL_TOKEN_SECRET, ""},
	        {CREDENTIAL_CLIENT_ID, talk->id.p}, {CREDENTIAL_CLIENT_SECRET, talk->secret.p}};
	int rc = talk->login->keep(talk->login, values, 6, err);
	if (rc)
		return rc;
	struct str url = STR_INIT, bearer = STR_INIT;
	str_reserve(&bearer, FORM_ROOM);
	str_adds(&bearer, token); /* the answer that it stands in is gone with the next */
	str_addf(&url, "%s/2/users/me", talk->server.p);
	rc = talk->login->ask(
	        talk->login, &(struct http_request){.url = url.p, .bearer = bearer.p}, &talk->answer, err);
	str_release(&url);
	secret_release(&bearer);
	return rc ? rc : greet(talk, err);
}

/* -ERR_PERMISSION when X does not take the code: it may be tried anew. */
static int trade_code(struct x_talk *talk, const char *code, struct err *err)
{
	struct str form = STR_INIT, url = STR_INIT, basic = STR_INIT;
	str_reserve(&form, FORM_ROOM);
	str_reserve(&basic, FORM_ROOM);
	form_add(&form, "grant_type", "authorization_code");
	str_addf(&form, "&code=%s", code); /* still encoded */
	form_add(&form, "redirect_uri", CALLBACK);
	form_add(&form, "code_verifier", talk->verifier.p);
	form_add(&form, "client_id", talk->id.p);
	if (talk->secret.len)
		x_basic(talk->id.p, talk->secret.p, &basic);
	str_addf(&url, "%s/2/oauth2/token", talk->server.p);
	struct http_field authorization = {"Authorization", basic.p};
	struct http_request request = {.method = "POST",
	        .url = url.p,
	        .headers = &authorization,
	        .headers_len = basic.len ? 1 : 0,
	        .content_type = "application/x-www-form-urlencoded",
	        .body = form.p,
	        .body_len = form.len};
	int rc = talk->login->ask(talk->login, &request, &talk->answer, err);
	secret_release(&form);
	secret_release(&basic);
	str_release(&url);
	if (rc)
		return rc;
	const char *token = json_str(talk->answer.body, "access_token");
	if (talk->answer.status != 200 || !token || !*token)
		return refused(talk, "the code was not taken", err);
	return 0;
}

/* One approval: 1 when another may succeed, with words said. */
static int approve(struct x_talk *talk, struct err *err)
{
	struct str address = STR_INIT, code = STR_INIT, state = STR_INIT;
	print_address(talk);
	int rc = talk->login->read(talk->login, false, &address, err);
	if (rc == 0 && !parameter(address.p, "code", &code)) {
		talk->login->say(talk->login, "There is no code in this address. Once more:\n\n");
		rc = 1;
	} else if (rc == 0 && (!parameter(address.p, "state", &state) || !str_eq(state.p, talk->state.p))) {
		rc = err_set(err, ERR_PERMISSION, "this address does not belong to this login: nothing was changed");
	} else if (rc == 0) {
		rc = trade_code(talk, code.p, err);
		if (rc == -ERR_PERMISSION && (talk->answer.status == 400 || talk->answer.status == 401)) {
			talk->login->say(talk->login,
			        "X did not take the code: %s. After 30 s it takes none. Once more, or an empty line to "
			        "end:\n\n",
			        err->text);
			rc = 1;
		}
	}
	secret_release(&address);
	secret_release(&code);
	str_release(&state);
	return rc;
}

static int log_in_by_address(struct x_talk *talk, struct err *err)
{
	int rc = read_secret(talk, "Client ID of the application (OAuth 2.0, in the developer console)",
	        CREDENTIAL_CLIENT_ID, false, &talk->id, err);
	const char *secret = talk->login->known->value[CREDENTIAL_CLIENT_SECRET];
	if (rc == 0 && secret) {
		str_adds(&talk->secret, secret);
	} else if (rc == 0) {
		talk->login->say(talk->login, "Client secret, or - for an application that has none: ");
		rc = talk->login->read(talk->login, true, &talk->secret, err);
		if (rc == 0 && str_eq(talk->secret.p, "-"))
			str_clear(&talk->secret);
	}
	if (rc)
		return rc;
	talk->login->say(talk->login, "The application must have this callback address: %s\n", CALLBACK);
	do {
		*err = (struct err)ERR_INIT;
		rc = approve(talk, err);
	} while (rc == 1);
	return rc ? rc : keep_tokens(talk, err);
}

/* --- OAuth 1.0a */

/* The value of a field of a form that came as the answer; X answers these with no JSON. */
static bool form_field(const char *form, const char *key, struct str *out)
{
	struct str address = STR_INIT;
	str_addf(&address, "?%s", form);
	bool found = parameter(address.p, key, out);
	str_release(&address);
	return found;
}

static int ask_signed(struct x_talk *talk, const char *method, const char *path, const char *token,
        const char *token_secret, const char *extra, struct err *err)
{
	struct str url = STR_INIT, header = STR_INIT;
	char nonce[33];
	random_id(nonce);
	str_reserve(&header, FORM_ROOM);
	str_addf(&url, "%s%s", talk->server.p, path);
	struct x_oauth1 keys = {talk->id.p, talk->secret.p, token, token_secret, nonce, clock_wall_ms() / 1000};
	x_oauth1_header(&keys, method, url.p, extra, &header);
	struct http_field authorization = {"Authorization", header.p};
	struct http_request request = {
	        .method = method, .url = url.p, .headers = &authorization, .headers_len = 1, .accept = "*/*"};
	int rc = talk->login->ask(talk->login, &request, &talk->answer, err);
	str_release(&url);
	secret_release(&header);
	return rc;
}

static int keep_pair(struct x_talk *talk, struct err *err)
{
	struct str token = STR_INIT, secret = STR_INIT;
	str_reserve(&token, FORM_ROOM);
	str_reserve(&secret, FORM_ROOM);
	int rc = 0;
	if (talk->answer.status != 200 || !form_field(str_or(talk->answer.text, ""), "oauth_token", &token) ||
	        !form_field(talk->answer.text, "oauth_token_secret", &secret))
		rc = refused(talk, "the PIN was not taken (it works once, for some minutes)", err);
	secret_know(token.p);
	secret_know(secret.p);
	const struct credential_value values[] = {{CREDENTIAL_TOKEN, token.p}, {CREDENTIAL_TOKEN_SECRET, secret.p},
	        {CREDENTIAL_REFRESH_TOKEN, ""}, {CREDENTIAL_TOKEN_EXPIRES, ""}, {CREDENTIAL_CLIENT_ID, talk->id.p},
	        {CREDENTIAL_CLIENT_SECRET, talk->secret.p}};
	if (rc == 0)
		rc = talk->login->keep(talk->login, values, 6, err);
	if (rc == 0)
		rc = ask_signed(talk, "GET", "/2/users/me", token.p, secret.p, "", err);
	if (rc == 0)
		rc = greet(talk, err);
	secret_release(&token);
	secret_release(&secret);
	return rc;
}

static int log_in_by_pin(struct x_talk *talk, struct err *err)
{
	struct str token = STR_INIT, secret = STR_INIT, pin = STR_INIT, extra = STR_INIT;
	int rc = read_secret(talk, "API key of the application (OAuth 1.0a, in the developer console)",
	        CREDENTIAL_CLIENT_ID, false, &talk->id, err);
	if (rc == 0)
		rc = read_secret(talk, "API key secret", CREDENTIAL_CLIENT_SECRET, true, &talk->secret, err);
	if (rc == 0)
		rc = ask_signed(talk, "POST", "/oauth/request_token", "", "", "oauth_callback=oob", err);
	if (rc == 0 &&
	        (talk->answer.status != 200 || !form_field(str_or(talk->answer.text, ""), "oauth_token", &token) ||
	                !form_field(talk->answer.text, "oauth_token_secret", &secret)))
		rc = refused(talk, "the application was not accepted", err);
	if (rc == 0) {
		talk->login->say(talk->login,
		        "Open this address in any browser, logged in as %s, and allow it:\n\n"
		        "  %s/oauth/authorize?oauth_token=%s\n\nThen copy the PIN that the page shows to here.\nPIN: ",
		        *talk->login->handle ? talk->login->handle : talk->login->account, talk->server.p, token.p);
		rc = talk->login->read(talk->login, false, &pin, err);
	}
	if (rc == 0 && strspn(pin.p, "0123456789") != pin.len)
		rc = err_set(err, ERR_USAGE, "that is no PIN: nothing was changed");
	if (rc == 0) {
		str_addf(&extra, "oauth_verifier=%s", pin.p);
		rc = ask_signed(talk, "POST", "/oauth/access_token", token.p, secret.p, extra.p, err);
	}
	if (rc == 0)
		rc = keep_pair(talk, err);
	secret_release(&token);
	secret_release(&secret);
	str_release(&pin);
	str_release(&extra);
	return rc;
}

/* --- the application's own token: asked for once, and tried */

static int keep_app_token(struct x_talk *talk, const char *token, struct err *err)
{
	struct str url = STR_INIT;
	str_addf(&url, "%s/2/tweets/search/stream/rules", talk->server.p);
	int rc = talk->login->ask(
	        talk->login, &(struct http_request){.url = url.p, .bearer = token}, &talk->answer, err);
	str_release(&url);
	if (rc)
		return rc;
	if (talk->answer.status != 200)
		return refused(talk, "logged in, but there is no stream with this token, which is not kept", err);
	return talk->login->keep(talk->login, &(struct credential_value){CREDENTIAL_APP_TOKEN, token}, 1, err);
}

static int ask_app_token(struct x_talk *talk, struct err *err)
{
	struct str token = STR_INIT;
	if (talk->login->known->value[CREDENTIAL_APP_TOKEN])
		return 0;
	talk->login->say(talk->login,
	        "With the application's own token (\"Bearer Token\" in the developer console) posts come by a stream,\n"
	        "within seconds; without it they are polled, which may cost less.\nBearer token, or - for none: ");
	str_reserve(&token, FORM_ROOM);
	int rc = talk->login->read(talk->login, true, &token, err);
	if (rc == -ERR_USAGE) { /* an empty line is an answer, too: the login stands */
		*err = (struct err)ERR_INIT;
		rc = 0;
	} else if (rc == 0 && !str_eq(token.p, "-")) {
		rc = keep_app_token(talk, token.p, err);
	}
	secret_release(&token);
	return rc;
}

int x_login(struct login *login, struct err *err)
{
	struct x_talk talk = {.login = login};
	struct str *strings[] = {&talk.server, &talk.web, &talk.id, &talk.secret, &talk.verifier, &talk.state}, way;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		str_init(strings[i], SIZE_MAX);
	str_init(&way, SIZE_MAX);
	str_adds(&talk.server, str_or(login->server, X_SERVER));
	str_adds(&talk.web, login->server && *login->server ? login->server : "https://x.com");
	login->say(login,
	        "X knows two ways:\n  1  by an address to paste, within 30 s (OAuth 2.0; is renewed by itself)\n"
	        "  2  by a PIN (OAuth 1.0a; does not end)\nWhich one (1 or 2): ");
	int rc = login->read(login, false, &way, err);
	if (rc == 0 && str_eq(way.p, "1"))
		rc = log_in_by_address(&talk, err);
	else if (rc == 0 && str_eq(way.p, "2"))
		rc = log_in_by_pin(&talk, err);
	else if (rc == 0)
		rc = err_set(err, ERR_USAGE, "1 or 2 was asked for: nothing was changed");
	if (rc == 0)
		rc = ask_app_token(&talk, err);
	str_release(&way);
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		secret_release(strings[i]);
	return rc;
}
