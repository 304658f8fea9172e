/* OAuth 2.0 tokens that end: renewed before they do. A refresh token can be used once, so the new pair is durable
 * before the new token is used, and nothing is sent meanwhile. */
#include "core/network/x_parts.h"

#include "core/base/log.h"
#include "core/base/secret.h"
#include "core/net/signature.h"
#include "core/net/url_escape.h"

#include <stdio.h>
#include <string.h>

#define EARLY_S 120 /* before the token ends; of one that lives no longer than that, half its life */
#define LIFE_S 7200 /* where X says nothing that can be believed */
#define KEEP_AGAIN_MS 5000
#define FORM_ROOM 8192 /* bytes; growing into more would leave a copy of its secrets behind */

static int64_t seconds_left(const struct x *x)
{
	int64_t end;
	const char *text = x->secrets.value[CREDENTIAL_TOKEN_EXPIRES];
	return text && parse_i64(text, &end) ? end - clock_wall_ms() / 1000 : INT64_MAX;
}

/* Else each new token of a short life would be renewed again before it was used once. */
static int64_t early(const struct x *x)
{
	return x->token_life_s && x->token_life_s / 2 < EARLY_S ? x->token_life_s / 2 : EARLY_S;
}

bool x_token_ready(struct x *x)
{
	if (!x->secrets.value[CREDENTIAL_REFRESH_TOKEN] || x->secrets.value[CREDENTIAL_TOKEN_SECRET])
		return true;
	if (!x->renewing && !x->renew_timer && !x->renewal_kept_back && seconds_left(x) > early(x))
		return true;
	if (!x->renewing && !x->renew_timer)
		x_token_renew(x);
	return false;
}

void x_token_refused(struct x *x)
{
	credentials_set(&x->secrets, CREDENTIAL_TOKEN_EXPIRES, "0");
}

static void renew_later(struct x *x, int64_t wait_ms, const char *reason)
{
	x->renew_timer = timers_add(x->timers, clock_mono_ms() + wait_ms, x_token_renew, x);
	x_trouble(x, &x->renewed, ACCOUNT_RETRYING, clock_wall_ms() + wait_ms, reason);
}

/* The new pair is in hand: it may be used once it is on disk. */
static void keep_renewed(struct x *x)
{
	static const enum credential all[] = {CREDENTIAL_TOKEN, CREDENTIAL_REFRESH_TOKEN, CREDENTIAL_TOKEN_EXPIRES};
	struct credential_value values[3];
	struct err err = ERR_INIT;
	for (int i = 0; i < 3; i++)
		values[i] = (struct credential_value){all[i], x->renewed.value[all[i]]};
	x->renewal_kept_back = x->events.keep && x->events.keep(x->events.arg, values, 3, &err) != 0;
	if (x->renewal_kept_back) {
		renew_later(x, KEEP_AGAIN_MS, err.text);
		return;
	}
	for (int i = 0; i < 3; i++)
		credentials_set(&x->secrets, all[i], values[i].value);
	credentials_release(&x->renewed);
	backoff_reset(&x->renew_backoff);
	x_trouble_over(x, &x->renewed);
	x_settle(x);
	x_asks_go_on(x);
}

static void renewed(void *arg, struct http_response *response)
{
	struct x *x = arg;
	char expires[24];
	x->renewing = NULL;
	json *body = response->outcome == HTTP_DONE ? json_parse(response->body.p, response->body.len, NULL) : NULL;
	const char *token = json_str(body, "access_token"), *next = json_str(body, "refresh_token");
	if (response->outcome == HTTP_DONE && response->status == 200 && token && *token) {
		secret_know(token);
		secret_know(next);
		int64_t life = json_int(body, "expires_in", LIFE_S);
		x->token_life_s = life > 0 && life <= INT32_MAX ? life : LIFE_S;
		snprintf(expires, sizeof expires, "%lld", (long long)(clock_wall_ms() / 1000 + x->token_life_s));
		credentials_set(&x->renewed, CREDENTIAL_TOKEN, token);
		credentials_set(&x->renewed, CREDENTIAL_REFRESH_TOKEN, next);
		credentials_set(&x->renewed, CREDENTIAL_TOKEN_EXPIRES, expires);
		keep_renewed(x);
	} else if (response->outcome == HTTP_DONE && (response->status == 400 || response->status == 401)) {
		/* The refresh token was used up, by a process that ended before it could keep the answer, or was taken
		 * back. The token itself may live on for a while. */
		if (seconds_left(x) > 0) {
			credentials_set(&x->secrets, CREDENTIAL_REFRESH_TOKEN, NULL);
			x_asks_go_on(x);
		} else {
			x_stop(x, ACCOUNT_NEEDS_LOGIN,
			        "X does not renew the login any more: somebody has to log in again");
		}
	} else {
		renew_later(x, backoff_next(&x->renew_backoff, x->random()),
		        response->outcome == HTTP_DONE ? "X does not renew the token now" : response->err.text);
	}
	json_free(body);
}

void x_token_renew(void *arg)
{
	struct x *x = arg;
	char *const *value = x->secrets.value;
	x->renew_timer = 0;
	if (x->renewal_kept_back) {
		keep_renewed(x);
		return;
	}
	struct str form = STR_INIT, url = STR_INIT, basic = STR_INIT;
	struct err err = ERR_INIT;
	str_reserve(&form, FORM_ROOM);
	str_reserve(&basic, FORM_ROOM);
	form_add(&form, "grant_type", "refresh_token");
	form_add(&form, "refresh_token", value[CREDENTIAL_REFRESH_TOKEN]);
	form_add(&form, "client_id", str_or(value[CREDENTIAL_CLIENT_ID], ""));
	if (value[CREDENTIAL_CLIENT_SECRET])
		x_basic(value[CREDENTIAL_CLIENT_ID], value[CREDENTIAL_CLIENT_SECRET], &basic);
	str_addf(&url, "%s/2/oauth2/token", x->server);
	struct http_field authorization = {"Authorization", basic.p};
	struct http_request request = {
	        .method = "POST",
	        .url = url.p,
	        .headers = &authorization,
	        .headers_len = basic.len ? 1 : 0,
	        .content_type = "application/x-www-form-urlencoded",
	        .body = form.p,
	        .body_len = form.len,
	};
	x->renewing = http_send(x->http, &request, &(struct http_handlers){.on_done = renewed}, x, &err);
	if (!x->renewing)
		x_stop(x, ACCOUNT_FAILED, err.text);
	secret_release(&form);
	secret_release(&basic);
	str_release(&url);
}

void x_basic(const char *id, const char *secret, struct str *out)
{
	struct str pair = STR_INIT;
	str_reserve(&pair, FORM_ROOM);
	url_escape(&pair, str_or(id, ""));
	str_addc(&pair, ':');
	url_escape(&pair, secret);
	str_adds(out, "Basic ");
	base64_encode(pair.p, pair.len, out);
	secret_release(&pair);
}
