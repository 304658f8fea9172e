#include "core/courier/login.h"

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/config/credentials.h"
#include "core/courier/signature.h"
#include "core/net/http.h"
#include "core/net/loop.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define OUT_OF_BAND "urn:ietf:wg:oauth:2.0:oob" /* the server shows the code on a page of its own */
#define SCOPES "read write:statuses write:media write:favourites"
#define CODE_MAX 512
#define FORM_ROOM 8192 /* bytes; growing into more would leave a copy of its secrets behind */

struct login {
	const struct config *config;
	const struct config_account *account;
	FILE *in, *out;
	uv_loop_t loop;
	struct timers timers;
	struct loop_timers *glue;
	struct http *http;
	/* of the request under way */
	bool answered;
	enum http_outcome outcome;
	int status;
	json *body;
	struct err why;

	struct str client_id, client_secret, verifier, token;
	bool pkce;
};

/* --- one request, waited for */

static void on_done(void *arg, struct http_response *response)
{
	struct login *login = arg;
	login->answered = true;
	uv_stop(&login->loop); /* this may be the loop's timer phase, and what follows it would wait */
	login->outcome = response->outcome;
	login->status = response->status;
	login->why = response->err;
	json_free(login->body);
	login->body = response->outcome == HTTP_DONE ? json_parse(response->body.p, response->body.len, NULL) : NULL;
	secret_release(&response->body); /* tokens come in it */
}

/* ERR_UNAVAILABLE when no answer came; whatever the answer was is 0. */
static int ask(struct login *login, const char *method, const char *path, const struct str *form, const char *bearer,
        struct err *err)
{
	struct str url = STR_INIT;
	str_addf(&url, "%s%s", login->account->server, path);
	struct http_request request = {
	        .method = method,
	        .url = url.p,
	        .content_type = form ? "application/x-www-form-urlencoded" : NULL,
	        .body = form ? form->p : NULL,
	        .body_len = form ? form->len : 0,
	        .bearer = bearer,
	};
	int rc = 0;
	login->answered = false;
	if (!http_send(login->http, &request, &(struct http_handlers){.on_done = on_done}, login, err))
		rc = -(int)err->code;
	while (rc == 0 && !login->answered)
		uv_run(&login->loop, UV_RUN_DEFAULT);
	if (rc == 0 && login->outcome != HTTP_DONE)
		rc = err_set(err, ERR_UNAVAILABLE, "%s: %s", login->account->server, login->why.text);
	str_release(&url);
	return rc;
}

static void form_add(struct str *form, const char *key, const char *value)
{
	str_addf(form, "%s%s=", form->len ? "&" : "", key);
	for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		             strchr("-._~", *p);
		str_addf(form, plain ? "%c" : "%%%02X", *p);
	}
}

static int refused(struct login *login, const char *what, struct err *err)
{
	const char *words = json_str(login->body, "error_description");
	if (!words)
		words = json_str_or(login->body, "error", "it gives no reason");
	return err_set(
	        err, ERR_PERMISSION, "%s: %s (status %d): %s", login->account->server, what, login->status, words);
}

/* --- the steps */

/* Mastodon 4.3 and newer say what they can; others know no PKCE, or do without. */
static int discover(struct login *login, struct err *err)
{
	int rc = ask(login, "GET", "/.well-known/oauth-authorization-server", NULL, NULL, err);
	const json *methods = json_get(login->body, "code_challenge_methods_supported");
	for (const json *m = json_first(methods); rc == 0 && login->status == 200 && m; m = json_next(m))
		login->pkce |= str_eq(json_text(m), "S256");
	return rc;
}

/* An application is registered once for each server and account: servers allow few registrations. */
static int register_app(struct login *login, struct err *err)
{
	const char *name = login->account->name;
	int rc = credentials_get(login->config, "account", name, "client_id", &login->client_id, err);
	if (rc == 0)
		rc = credentials_get(login->config, "account", name, "client_secret", &login->client_secret, err);
	if (rc || (login->client_id.len && login->client_secret.len))
		return rc;
	struct str form = STR_INIT;
	form_add(&form, "client_name", "curlew");
	form_add(&form, "redirect_uris", OUT_OF_BAND);
	form_add(&form, "scopes", SCOPES);
	rc = ask(login, "POST", "/api/v1/apps", &form, NULL, err);
	str_release(&form);
	const char *id = json_str(login->body, "client_id"), *secret = json_str(login->body, "client_secret");
	if (rc)
		return rc;
	if (login->status != 200 || !id || !secret)
		return refused(login, "the application could not be registered", err);
	secret_know(secret);
	str_clear(&login->client_id);
	str_clear(&login->client_secret);
	str_adds(&login->client_id, id);
	str_adds(&login->client_secret, secret);
	rc = credentials_save(login->config, "account", name, "client_id", id, err);
	return rc ? rc : credentials_save(login->config, "account", name, "client_secret", secret, err);
}

static void print_address(struct login *login)
{
	struct str query = STR_INIT, challenge = STR_INIT;
	form_add(&query, "response_type", "code");
	form_add(&query, "client_id", login->client_id.p);
	form_add(&query, "redirect_uri", OUT_OF_BAND);
	form_add(&query, "scope", SCOPES);
	form_add(&query, "force_login", "true"); /* a browser may be logged in as somebody else */
	if (login->pkce) {
		char random[33];
		for (int i = 0; i < 2; i++) { /* RFC 7636, 4.1: 43 to 128 characters */
			random_id(random);
			str_adds(&login->verifier, random);
		}
		signature_pkce(login->verifier.p, &challenge);
		form_add(&query, "code_challenge", challenge.p);
		form_add(&query, "code_challenge_method", "S256");
	}
	fprintf(login->out,
	        "Open this address in any browser, logged in as %s, and allow curlew:\n\n  %s/oauth/authorize?%s\n\n"
	        "Then copy the code that the page shows to here.\nCode: ",
	        str_or(login->account->handle, login->account->name), login->account->server, query.p);
	fflush(login->out);
	str_release(&query);
	str_release(&challenge);
}

static int read_code(struct login *login, struct str *code, struct err *err)
{
	char line[CODE_MAX];
	if (!fgets(line, sizeof line, login->in))
		return err_set(err, ERR_IO, "no code was given: nothing was changed");
	str_adds(code, line);
	str_trim(code);
	if (!code->len || strpbrk(code->p, " \t"))
		return err_set(err, ERR_USAGE, "that is no code: nothing was changed");
	return 0;
}

static int trade_code(struct login *login, const char *code, struct err *err)
{
	struct str form = STR_INIT;
	str_reserve(&form, FORM_ROOM);
	form_add(&form, "grant_type", "authorization_code");
	form_add(&form, "code", code);
	form_add(&form, "client_id", login->client_id.p);
	form_add(&form, "client_secret", login->client_secret.p);
	form_add(&form, "redirect_uri", OUT_OF_BAND);
	form_add(&form, "scope", SCOPES);
	if (login->pkce)
		form_add(&form, "code_verifier", login->verifier.p);
	int rc = ask(login, "POST", "/oauth/token", &form, NULL, err);
	secret_release(&form);
	const char *token = json_str(login->body, "access_token");
	if (rc)
		return rc;
	if (login->status != 200 || !token || !*token)
		return refused(login, "the code was not taken (codes work once, for some minutes)", err);
	secret_know(token);
	str_adds(&login->token, token);
	return 0;
}

/* The token is kept whoever it is for, but a person should know when it is for somebody else. */
static int verify_and_save(struct login *login, struct err *err)
{
	int rc = ask(login, "GET", "/api/v1/accounts/verify_credentials", NULL, login->token.p, err);
	if (rc)
		return rc;
	const char *acct = json_str(login->body, "acct"), *user = json_str_or(login->body, "username", "");
	if (login->status != 200 || !acct)
		return refused(login, "the new token was not accepted", err);
	rc = credentials_save(login->config, "account", login->account->name, "token", login->token.p, err);
	if (rc)
		return rc;
	const char *wanted = login->account->handle + (*login->account->handle == '@');
	size_t len = strcspn(wanted, "@");
	if (*wanted && (strlen(user) != len || str_icmp_n(wanted, user, len) != 0))
		fprintf(login->out, "Careful: this login is for @%s, the configuration says @%s.\n", acct, wanted);
	fprintf(login->out, "Logged in as @%s.\n", acct);
	return 0;
}

/* Mastodon 4.3 keeps some mentions from whoever they are for, private ones of strangers by default: neither list nor
 * stream shows them. Servers without such a policy answer 404. */
static void warn_of_policy(struct login *login)
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
	if (ask(login, "GET", "/api/v2/notifications/policy", NULL, login->token.p, &err) || login->status != 200)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *does = json_str_or(login->body, parts[i].key, "accept");
		if (!str_eq(does, "accept"))
			fprintf(login->out,
			        "Careful: the server hides mentions by %s (%s = %s). Curlew cannot see them either:\n"
			        "  to change that, look for \"filter notifications\" in the account's preferences.\n",
			        parts[i].whose, parts[i].key, does);
	}
}

static int log_in(struct login *login, struct err *err)
{
	struct str code = STR_INIT;
	int rc = discover(login, err);
	if (rc == 0)
		rc = register_app(login, err);
	if (rc == 0) {
		print_address(login);
		rc = read_code(login, &code, err);
	}
	if (rc == 0)
		rc = trade_code(login, code.p, err);
	if (rc == 0)
		rc = verify_and_save(login, err);
	if (rc == 0)
		warn_of_policy(login);
	str_release(&code);
	return rc;
}

static int check_account(
        const struct config *config, const char *name, const struct config_account **out, struct err *err)
{
	const struct config_account *account = config_account(config, name);
	*out = account;
	if (!account)
		return err_set(err, ERR_NOT_FOUND, "no account \"%s\" in %s", name, config->file);
	if (account->network != CONFIG_NETWORK_MASTODON)
		return err_set(err, ERR_CONFIG, "account %s: there is no login for network %s", name,
		        config_network_word(account->network));
	if (*account->token_command)
		return err_set(err, ERR_CONFIG,
		        "account %s: its token comes from token_command; remove that first, or put the token there",
		        name);
	return 0;
}

int login_run(const struct config *config, const char *name, FILE *in, FILE *out, struct err *err)
{
	struct login login = {.config = config, .in = in, .out = out};
	int rc = check_account(config, name, &login.account, err);
	if (rc)
		return rc;
	struct str *strings[] = {&login.client_id, &login.client_secret, &login.verifier, &login.token};
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		str_init(strings[i], SIZE_MAX);
	uv_loop_init(&login.loop);
	timers_init(&login.timers);
	login.glue = loop_timers_attach(&login.loop, &login.timers);
	login.http = http_new(&login.loop, &login.timers, err);
	rc = login.http ? log_in(&login, err) : -(int)err->code;
	http_free(login.http);
	loop_timers_detach(login.glue);
	uv_run(&login.loop, UV_RUN_DEFAULT);
	uv_loop_close(&login.loop);
	timers_release(&login.timers);
	json_free(login.body);
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		secret_release(strings[i]);
	return rc;
}
