/* `curlew login` on a server of the Mastodon family: OAuth 2, authorization code by hand, RFC 6749 and 7636. */
#include "core/network/mastodon_parts.h"

#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/net/signature.h"
#include "core/net/url_escape.h"

#include <string.h>

#define OUT_OF_BAND "urn:ietf:wg:oauth:2.0:oob" /* the server shows the code on a page of its own */
#define SCOPES "read write:statuses write:media write:favourites write:reports write:blocks write:mutes"
#define FORM_ROOM 8192 /* bytes; growing into more would leave a copy of its secrets behind */

struct mastodon_talk {
	struct login *login;
	struct login_answer answer;
	struct str client_id, client_secret, verifier, token;
	bool pkce;
};

/* ERR_UNAVAILABLE when no answer came; whatever the answer was is 0. */
static int ask(struct mastodon_talk *talk, const char *method, const char *path, const struct str *form,
        const char *bearer, struct err *err)
{
	struct str url = STR_INIT;
	str_addf(&url, "%s%s", talk->login->server, path);
	struct http_request request = {
	        .method = method,
	        .url = url.p,
	        .content_type = form ? "application/x-www-form-urlencoded" : NULL,
	        .body = form ? form->p : NULL,
	        .body_len = form ? form->len : 0,
	        .bearer = bearer,
	};
	int rc = talk->login->ask(talk->login, &request, &talk->answer, err);
	str_release(&url);
	return rc;
}

static int refused(struct mastodon_talk *talk, const char *what, struct err *err)
{
	const char *words = json_str(talk->answer.body, "error_description");
	if (!words)
		words = json_str_or(talk->answer.body, "error", "it gives no reason");
	return err_set(
	        err, ERR_PERMISSION, "%s: %s (status %d): %s", talk->login->server, what, talk->answer.status, words);
}

/* --- the steps */

/* Mastodon 4.3 and newer say what they can; others know no PKCE, or do without. */
static int discover(struct mastodon_talk *talk, struct err *err)
{
	int rc = ask(talk, "GET", "/.well-known/oauth-authorization-server", NULL, NULL, err);
	const json *methods = json_get(talk->answer.body, "code_challenge_methods_supported");
	for (const json *m = json_first(methods); rc == 0 && talk->answer.status == 200 && m; m = json_next(m))
		talk->pkce |= str_eq(json_text(m), "S256");
	return rc;
}

/* An application is registered once for each server and account: servers allow few registrations. */
static int register_app(struct mastodon_talk *talk, struct err *err)
{
	const struct credentials *known = talk->login->known;
	str_adds(&talk->client_id, str_or(known->value[CREDENTIAL_CLIENT_ID], ""));
	str_adds(&talk->client_secret, str_or(known->value[CREDENTIAL_CLIENT_SECRET], ""));
	if (talk->client_id.len && talk->client_secret.len)
		return 0;
	struct str form = STR_INIT;
	form_add(&form, "client_name", "curlew");
	form_add(&form, "redirect_uris", OUT_OF_BAND);
	form_add(&form, "scopes", SCOPES);
	int rc = ask(talk, "POST", "/api/v1/apps", &form, NULL, err);
	str_release(&form);
	const char *id = json_str(talk->answer.body, "client_id"),
	           *secret = json_str(talk->answer.body, "client_secret");
	if (rc)
		return rc;
	if (talk->answer.status != 200 || !id || !secret)
		return refused(talk, "the application could not be registered", err);
	secret_know(secret);
	str_clear(&talk->client_id);
	str_clear(&talk->client_secret);
	str_adds(&talk->client_id, id);
	str_adds(&talk->client_secret, secret);
	const struct credential_value values[] = {{CREDENTIAL_CLIENT_ID, id}, {CREDENTIAL_CLIENT_SECRET, secret}};
	return talk->login->keep(talk->login, values, 2, err);
}

static void print_address(struct mastodon_talk *talk)
{
	struct str query = STR_INIT, challenge = STR_INIT;
	form_add(&query, "response_type", "code");
	form_add(&query, "client_id", talk->client_id.p);
	form_add(&query, "redirect_uri", OUT_OF_BAND);
	form_add(&query, "scope", SCOPES);
	form_add(&query, "force_login", "true"); /* a browser may be logged in as somebody else */
	if (talk->pkce) {
		char random[33];
		for (int i = 0; i < 2; i++) { /* RFC 7636, 4.1: 43 to 128 characters */
			random_id(random);
			str_adds(&talk->verifier, random);
		}
		signature_pkce(talk->verifier.p, &challenge);
		form_add(&query, "code_challenge", challenge.p);
		form_add(&query, "code_challenge_method", "S256");
	}
	talk->login->say(talk->login,
	        "Open this address in any browser, logged in as %s, and allow curlew:\n\n  %s/oauth/authorize?%s\n\n"
	        "Then copy the code that the page shows to here.\nCode: ",
	        *talk->login->handle ? talk->login->handle : talk->login->account, talk->login->server, query.p);
	str_release(&query);
	str_release(&challenge);
}

static int read_code(struct mastodon_talk *talk, struct str *code, struct err *err)
{
	int rc = talk->login->read(talk->login, false, code, err);
	if (rc == 0 && strpbrk(code->p, " \t"))
		return err_set(err, ERR_USAGE, "that is no code: nothing was changed");
	return rc;
}

static int trade_code(struct mastodon_talk *talk, const char *code, struct err *err)
{
	struct str form = STR_INIT;
	str_reserve(&form, FORM_ROOM);
	form_add(&form, "grant_type", "authorization_code");
	form_add(&form, "code", code);
	form_add(&form, "client_id", talk->client_id.p);
	form_add(&form, "client_secret", talk->client_secret.p);
	form_add(&form, "redirect_uri", OUT_OF_BAND);
	form_add(&form, "scope", SCOPES);
	if (talk->pkce)
		form_add(&form, "code_verifier", talk->verifier.p);
	int rc = ask(talk, "POST", "/oauth/token", &form, NULL, err);
	secret_release(&form);
	const char *token = json_str(talk->answer.body, "access_token");
	if (rc)
		return rc;
	if (talk->answer.status != 200 || !token || !*token)
		return refused(talk, "the code was not taken (codes work once, for some minutes)", err);
	secret_know(token);
	str_adds(&talk->token, token);
	return 0;
}

/* The token is kept whoever it is for, but a person should know when it is for somebody else. */
static int verify_and_save(struct mastodon_talk *talk, struct err *err)
{
	int rc = ask(talk, "GET", "/api/v1/accounts/verify_credentials", NULL, talk->token.p, err);
	if (rc)
		return rc;
	const char *acct = json_str(talk->answer.body, "acct"), *user = json_str_or(talk->answer.body, "username", "");
	if (talk->answer.status != 200 || !acct)
		return refused(talk, "the new token was not accepted", err);
	rc = talk->login->keep(talk->login, &(struct credential_value){CREDENTIAL_TOKEN, talk->token.p}, 1, err);
	if (rc)
		return rc;
	const char *wanted = talk->login->handle + (*talk->login->handle == '@');
	size_t len = strcspn(wanted, "@");
	if (*wanted && (strlen(user) != len || str_icmp_n(wanted, user, len) != 0))
		talk->login->say(
		        talk->login, "Careful: this login is for @%s, the configuration says @%s.\n", acct, wanted);
	talk->login->say(talk->login, "Logged in as @%s.\n", acct);
	return 0;
}

/* Mastodon 4.3 keeps some mentions from whoever they are for, private ones of strangers by default: neither list nor
 * stream shows them. Servers without such a policy answer 404. */
static void warn_of_policy(struct mastodon_talk *talk)
{
	static const struct {
		const char *key, *whose;
	} parts[] = {
	        {"for_not_following", "people the account does not follow"},
	        {"for_not_followers", "people who do not follow the account"},
	        {"for_new_accounts", "new accounts"},
	        {"for_private_mentions", "strangers who write in private"},
	        {"for_limited_accounts", "accounts that moderators limited"},
	};
	struct err err = ERR_INIT;
	if (ask(talk, "GET", "/api/v2/notifications/policy", NULL, talk->token.p, &err) || talk->answer.status != 200)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *does = json_str_or(talk->answer.body, parts[i].key, "accept");
		if (!str_eq(does, "accept"))
			talk->login->say(talk->login,
			        "Careful: the server hides mentions by %s (%s = %s). Curlew cannot see them either:\n"
			        "  to change that, look for \"filter notifications\" in the account's preferences.\n",
			        parts[i].whose, parts[i].key, does);
	}
}

static int log_in(struct mastodon_talk *talk, struct err *err)
{
	struct str code = STR_INIT;
	int rc = discover(talk, err);
	if (rc == 0)
		rc = register_app(talk, err);
	if (rc == 0) {
		print_address(talk);
		rc = read_code(talk, &code, err);
	}
	if (rc == 0)
		rc = trade_code(talk, code.p, err);
	if (rc == 0)
		rc = verify_and_save(talk, err);
	if (rc == 0)
		warn_of_policy(talk);
	str_release(&code);
	return rc;
}

int mastodon_login(struct login *login, struct err *err)
{
	struct mastodon_talk talk = {.login = login};
	struct str *strings[] = {&talk.client_id, &talk.client_secret, &talk.verifier, &talk.token};
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		str_init(strings[i], SIZE_MAX);
	int rc = log_in(&talk, err);
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		secret_release(strings[i]);
	return rc;
}
