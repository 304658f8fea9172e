/* Registration and the out-of-band code, in the smallest form that a client can walk through: one client, one person,
 * the code DEMO-CODE. */
#include "core/base/clock.h"
#include "tests/fakenet/site.h"

#include <stdio.h>

#define CLIENT_ID "fakenet-client"
#define CLIENT_SECRET "fakenet-secret"
#define CODE "DEMO-CODE"
#define OOB "urn:ietf:wg:oauth:2.0:oob"

static void oauth_error(struct call *call, int status, const char *error, const char *description)
{
	json *body = json_object();
	json_set_str(body, "error", error);
	json_set_str(body, "error_description", description);
	call_json(call, status, body);
}

static void register_app(struct call *call)
{
	const char *name = param_get(&call->params, "client_name");
	const char *redirect =
	        str_or(param_get(&call->params, "redirect_uris"), param_get(&call->params, "redirect_uris[]"));
	if (!name || !redirect) {
		call_error(
		        call, 422, "Validation failed: Application name can't be blank, Redirect URI can't be blank");
		return;
	}
	json *body = json_object(), *uris = json_array();
	json_set_str(body, "id", "1");
	json_set_str(body, "name", name);
	json_set_str(body, "website", param_get(&call->params, "website"));
	json_push_str(uris, redirect);
	json_set_str(body, "redirect_uri", redirect);
	json_set(body, "redirect_uris", uris);
	json_set_str(body, "client_id", CLIENT_ID);
	json_set_str(body, "client_secret", CLIENT_SECRET);
	json_set_int(body, "client_secret_expires_at", 0);
	call_json(call, 200, body);
}

static bool client_known(struct call *call)
{
	bool known = str_eq(param_get(&call->params, "client_id"), CLIENT_ID) &&
	             str_eq(param_get(&call->params, "client_secret"), CLIENT_SECRET);
	if (!known)
		oauth_error(call, 401, "invalid_client", "Client authentication failed");
	return known;
}

static void give_token(struct call *call)
{
	if (!client_known(call))
		return;
	if (!str_eq(param_get(&call->params, "grant_type"), "authorization_code")) {
		oauth_error(call, 400, "unsupported_grant_type", "The authorization grant type is not supported");
		return;
	}
	if (!str_eq(param_get(&call->params, "code"), CODE) || !str_eq(param_get(&call->params, "redirect_uri"), OOB)) {
		oauth_error(call, 400, "invalid_grant",
		        "The provided authorization grant is invalid, expired, revoked, does not match the redirection "
		        "URI "
		        "used in the authorization request, or was issued to another client.");
		return;
	}
	char text[32];
	snprintf(text, sizeof text, "DEMO-TOKEN-%d", ++call->site->issued);
	site_add_token(call->site, text);
	json *body = json_object();
	json_set_str(body, "access_token", text);
	json_set_str(body, "token_type", "Bearer");
	json_set_str(body, "scope", "read write");
	json_set_int(body, "created_at", clock_wall_ms() / 1000);
	call_json(call, 200, body);
}

static void revoke(struct call *call)
{
	if (!client_known(call))
		return;
	const char *text = param_get(&call->params, "token");
	struct token *token = text ? site_find_token(call->site, text) : NULL;
	if (token)
		site_revoke_token(call->site, token);
	call_json(call, 200, json_object());
}

static void authorize(struct call *call)
{
	const char *method = param_get(&call->params, "code_challenge_method");
	if (!str_eq(param_get(&call->params, "client_id"), CLIENT_ID) ||
	        !str_eq(param_get(&call->params, "response_type"), "code") || (method && !str_eq(method, "S256")))
		call_text(
		        call, 400, "text/html; charset=utf-8", "<p>The request is missing or has a bad parameter.</p>");
	else
		call_text(call, 200, "text/html; charset=utf-8",
		        "<!DOCTYPE html><title>Authorization code</title><p>Copy this code and paste it to the "
		        "application:</p>"
		        "<input class=\"oauth-code\" readonly value=\"" CODE "\">");
}

static void push_all(json *body, const char *key, const char *const *texts, size_t count)
{
	json *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_push_str(list, texts[i]);
	json_set(body, key, list);
}

/* RFC 8414, with Mastodon's own app_registration_endpoint. */
static void metadata(struct call *call)
{
	static const char *const names[][2] = {{"issuer", "/"}, {"authorization_endpoint", "/oauth/authorize"},
	        {"token_endpoint", "/oauth/token"}, {"revocation_endpoint", "/oauth/revoke"},
	        {"app_registration_endpoint", "/api/v1/apps"}};
	static const char *const scopes[] = {"read", "write", "profile"};
	static const char *const codes[] = {"code"}, *const grants[] = {"authorization_code", "client_credentials"};
	static const char *const methods[] = {"S256"}, *const auth[] = {"client_secret_basic", "client_secret_post"};
	json *body = json_object();
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char url[120];
		snprintf(url, sizeof url, "http://127.0.0.1:%d%s", http_server_port(call->site->http), names[i][1]);
		json_set_str(body, names[i][0], url);
	}
	push_all(body, "scopes_supported", scopes, 3);
	push_all(body, "response_types_supported", codes, 1);
	push_all(body, "grant_types_supported", grants, 2);
	push_all(body, "code_challenge_methods_supported", methods, 1);
	push_all(body, "token_endpoint_auth_methods_supported", auth, 2);
	call_json(call, 200, body);
}

bool api_oauth(struct call *call)
{
	if (call_is(call, "POST", "/api/v1/apps"))
		register_app(call);
	else if (call_is(call, "GET", "/oauth/authorize"))
		authorize(call);
	else if (call_is(call, "POST", "/oauth/token"))
		give_token(call);
	else if (call_is(call, "POST", "/oauth/revoke"))
		revoke(call);
	else if (call_is(call, "GET", "/.well-known/oauth-authorization-server"))
		metadata(call);
	else
		return false;
	return true;
}
