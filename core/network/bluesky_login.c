/* `curlew login` on Bluesky: an app password, which its owner makes for this program alone and can take back. The
 * server is found from the handle (atproto.com/specs/handle and /did), unless the configuration names it. */
#include "core/network/bluesky_parts.h"

#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/net/url_escape.h"

#include <stdio.h>
#include <string.h>

struct bluesky_talk {
	struct login *login;
	struct login_answer answer;
	struct str handle, server, password;
};

static int refused(struct bluesky_talk *talk, const char *what, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int rc = err_set(err, ERR_PERMISSION, "%s: %s", what,
	        str_or(bluesky_reason(talk->answer.status, talk->answer.body, &arena), "its answer makes no sense"));
	arena_release(&arena);
	return rc;
}

static int get(struct bluesky_talk *talk, const char *url, struct err *err)
{
	return talk->login->ask(talk->login, &(struct http_request){.url = url}, &talk->answer, err);
}

/* --- which server */

static int read_document(struct bluesky_talk *talk, const char *did, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct str url = STR_INIT;
	int rc = 0;
	if (!bluesky_document_address(did, BLUESKY_DIRECTORY, &url))
		rc = err_set(err, ERR_DATA, "%s is of a kind that is not known here", did);
	if (rc == 0)
		rc = get(talk, url.p, err);
	const char *pds = rc == 0 ? bluesky_decode_pds(talk->answer.body, &arena) : NULL;
	if (rc == 0 && talk->answer.status != 200)
		rc = refused(talk, did, err);
	else if (rc == 0 && !pds)
		rc = err_set(
		        err, ERR_DATA, "%s names no server: name it in the configuration (server = https://…)", did);
	else if (rc == 0 && !bluesky_document_names(talk->answer.body, did, talk->handle.p))
		rc = err_set(err, ERR_DATA,
		        "@%s leads to %s, which has another handle: look at the handle in the configuration",
		        talk->handle.p, did);
	if (rc == 0)
		str_adds(&talk->server, bluesky_session_server(pds));
	str_release(&url);
	arena_release(&arena);
	return rc;
}

static int find_server(struct bluesky_talk *talk, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct str url = STR_INIT;
	if (*str_or(talk->login->server, "")) {
		str_adds(&talk->server, talk->login->server);
		while (talk->server.len && talk->server.p[talk->server.len - 1] == '/')
			str_remove(&talk->server, talk->server.len - 1, 1);
		return 0;
	}
	str_addf(&url, "%s/xrpc/com.atproto.identity.resolveHandle?handle=", BLUESKY_SERVER);
	url_escape(&url, talk->handle.p);
	int rc = get(talk, url.p, err);
	const char *did = rc == 0 ? arena_strdup(&arena, json_str(talk->answer.body, "did")) : NULL;
	if (rc == 0 && !bluesky_is_did(did))
		rc = err_set(err, ERR_NOT_FOUND, "there is no account @%s: look at the handle in the configuration",
		        talk->handle.p);
	if (rc == 0)
		rc = read_document(talk, did, err);
	str_release(&url);
	arena_release(&arena);
	return rc;
}

/* --- the password */

/* Four groups of four, as servers make them. Another one would be the account's own. */
static bool is_app_password(const char *text)
{
	if (strlen(text) != 19)
		return false;
	for (int i = 0; i < 19; i++) {
		bool plain = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9');
		if (i % 5 == 4 ? text[i] != '-' : !plain)
			return false;
	}
	return true;
}

static int read_password(struct bluesky_talk *talk, struct err *err)
{
	talk->login->say(talk->login,
	        "An app password is needed for @%s, not the password of the account.\n"
	        "Make one in the app or on the web: Settings, Privacy and security, App passwords.\n"
	        "It lets curlew read and post as @%s; it cannot change or delete the account, and can be taken back\n"
	        "in the same place. Private replies need its access to direct messages. It is sent to %s alone.\n"
	        "App password (xxxx-xxxx-xxxx-xxxx): ",
	        talk->handle.p, talk->handle.p, talk->server.p);
	int rc = talk->login->read(talk->login, true, &talk->password, err);
	if (rc == 0 && !is_app_password(talk->password.p))
		rc = err_set(err, ERR_USAGE,
		        "that is no app password, which looks like xxxx-xxxx-xxxx-xxxx: nothing was changed");
	return rc;
}

/* --- the session */

static int make_session(struct bluesky_talk *talk, struct err *err)
{
	struct str url = STR_INIT, text = STR_INIT;
	str_reserve(&text, BLUESKY_SESSION_ROOM);
	bluesky_session_body(talk->handle.p, talk->password.p, &text);
	str_addf(&url, "%s/xrpc/com.atproto.server.createSession", talk->server.p);
	struct http_request request = {.method = "POST",
	        .url = url.p,
	        .content_type = "application/json",
	        .body = text.p,
	        .body_len = text.len};
	int rc = talk->login->ask(talk->login, &request, &talk->answer, err);
	secret_release(&text);
	str_release(&url);
	if (rc == 0 && bluesky_decode_fault(talk->answer.status, talk->answer.body) == BLUESKY_FAULT_FACTOR)
		return err_set(err, ERR_PERMISSION,
		        "the server wants a second factor: it takes that for the account's own password; make an app "
		        "password");
	if (rc == 0 && (talk->answer.status != 200 || !json_str(talk->answer.body, "accessJwt") ||
	                       !json_str(talk->answer.body, "refreshJwt")))
		return refused(talk, "the login was not accepted", err);
	return rc;
}

static int keep_session(struct bluesky_talk *talk, struct err *err)
{
	char expires[24];
	const json *body = talk->answer.body;
	const char *token = json_str(body, "accessJwt"), *refresh = json_str(body, "refreshJwt");
	int64_t ends = bluesky_token_ends(token);
	secret_know(token);
	secret_know(refresh);
	snprintf(expires, sizeof expires, "%lld", (long long)ends);
	const struct credential_value values[] = {{CREDENTIAL_APP_PASSWORD, talk->password.p},
	        {CREDENTIAL_TOKEN, token}, {CREDENTIAL_REFRESH_TOKEN, refresh},
	        {CREDENTIAL_TOKEN_EXPIRES, ends ? expires : ""}};
	int rc = talk->login->keep(talk->login, values, 4, err);
	if (rc)
		return rc;
	const char *handle = json_str_or(body, "handle", "?");
	if (!str_ieq(handle, talk->handle.p))
		talk->login->say(talk->login, "Careful: this login is for @%s, the configuration says @%s.\n", handle,
		        talk->handle.p);
	if (!json_bool(body, "active", true))
		talk->login->say(talk->login, "Careful: the account is not active (%s).\n",
		        json_str_or(body, "status", "deactivated"));
	talk->login->say(talk->login, "Logged in as @%s.\n", handle);
	return 0;
}

int bluesky_login(struct login *login, struct err *err)
{
	struct bluesky_talk talk = {.login = login};
	int rc = 0;
	str_init(&talk.handle, SIZE_MAX);
	str_init(&talk.server, SIZE_MAX);
	str_init(&talk.password, SIZE_MAX);
	str_adds(&talk.handle, str_or(login->handle, "") + (*str_or(login->handle, "") == '@'));
	if (!talk.handle.len)
		rc = err_set(err, ERR_CONFIG, "account %s has no handle: handle = @name.example", login->account);
	if (rc == 0)
		rc = find_server(&talk, err);
	if (rc == 0)
		rc = read_password(&talk, err);
	if (rc == 0)
		rc = make_session(&talk, err);
	if (rc == 0)
		rc = keep_session(&talk, err);
	str_release(&talk.handle);
	str_release(&talk.server);
	secret_release(&talk.password);
	return rc;
}
