/* X as a whole: what it keeps, ids, tokens and their renewal, limits, prices, and errors in X's own shapes. */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <inttypes.h>
#include <stdio.h>

#define EPOCH_MS INT64_C(1288834974657) /* of ids */
#define ID_SHIFT 22
#define ID_PLACES ((INT64_C(1) << ID_SHIFT) - 1)
#define WINDOW_MS (15 * 60 * 1000)
#define DAY_MS (24 * 60 * 60 * 1000)
#define DAY_LIMIT 10000
#define LIFE_S 7200
#define CLIENT_ID "fakenet-client"
#define CODE "DEMO-CODE"

void x_init(struct x_site *x, struct site *site)
{
	*x = (struct x_site){
	        .site = site, .beat_ms = 20000, .streams_max = 1, .credits = -1, .next_id = 1700000000000001};
	x->refresh = mem_strdup("demo-refresh");
}

void x_release(struct x_site *x)
{
	for (size_t i = 0; i < x->rules.len; i++) {
		free(x->rules.at[i].value);
		free(x->rules.at[i].tag);
	}
	for (size_t i = 0; i < x->messages.len; i++)
		free(x->messages.at[i].text);
	vec_release(&x->rules);
	vec_release(&x->streams);
	vec_release(&x->budgets);
	vec_release(&x->messages);
	free(x->refresh);
}

/* --- ids */

static int64_t id_of(const struct world *world, const struct status *status, int64_t at_ms)
{
	return ((at_ms - EPOCH_MS) << ID_SHIFT) | (int64_t)(world_status_after(world, status->id) - 1);
}

int64_t x_post_id(const struct world *world, const struct status *status)
{
	return id_of(world, status, status->created_ms);
}

int64_t x_version_id(const struct world *world, const struct status *status)
{
	return id_of(world, status, status->edited_ms ? status->edited_ms : status->created_ms);
}

struct status *x_post(const struct world *world, int64_t id)
{
	size_t place = (size_t)(id & ID_PLACES);
	struct status *status = id > 0 && place < world->statuses.len ? world->statuses.at[place] : NULL;
	bool it = status && (x_post_id(world, status) == id || x_version_id(world, status) == id);
	return it ? status : NULL;
}

bool x_shows(const struct status *status)
{
	return !status->deleted && status->visibility == VIS_PUBLIC && world_on(status, FACE_X);
}

/* --- errors */

static json *problem(int status, const char *title, const char *detail, const char *type)
{
	json *body = json_object();
	struct str whole = STR_INIT;
	json_set_str(body, "title", title);
	json_set_str(body, "detail", detail);
	json_set_int(body, "status", status);
	str_addf(&whole, type ? "https://api.x.com/2/problems/%s" : "about:blank", type);
	json_set_str(body, "type", whole.p);
	str_release(&whole);
	return body;
}

static void answer_problem(struct call *call, int status, json *body)
{
	call_json(call, status, body);
	call->type = "application/problem+json";
}

void x_problem(struct call *call, int status, const char *title, const char *detail, const char *type)
{
	answer_problem(call, status, problem(status, title, detail, type));
}

void x_invalid(struct call *call, const char *parameter, const char *value, const char *message)
{
	json *body = problem(
	        400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request");
	json *errors = json_array(), *error = json_object(), *parameters = json_object(), *values = json_array();
	json_push_str(values, value);
	json_set(parameters, parameter, values);
	json_set(error, "parameters", parameters);
	json_set_str(error, "message", message);
	json_push(errors, error);
	json_set(body, "errors", errors);
	answer_problem(call, 400, body);
}

bool x_is(const struct call *call)
{
	return str_starts(call->request->path, "/2/");
}

static void set_limits(struct call *call, const char *prefix, int limit, int left, int64_t reset_ms)
{
	str_addf(&call->headers, "%s-limit: %d\r\n%s-remaining: %d\r\n%s-reset: %" PRId64 "\r\n", prefix, limit, prefix,
	        left < 0 ? 0 : left, prefix, reset_ms / 1000);
}

/* What has several forms is told by a word. */
static const struct refusal {
	int status;
	const char *word, *title, *detail, *type;
} refusals[] = {
        {402, "depleted", "Payment Required", "credits depleted", "credits-depleted"},
        {402, "", "CreditsDepleted", "Your enrolled account [1] does not have any credits to fulfill this request.",
                "credits"},
        {403, "duplicate", "Forbidden", "You are not allowed to create a Tweet with duplicate content.", NULL},
        {403, "unsummoned", "Forbidden",
                "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by "
                "the author of the post you are replying to.",
                NULL},
        {403, "setup", "Client Forbidden",
                "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a "
                "Twitter developer App that is attached to a Project.",
                "client-forbidden"},
        {429, "capped", "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", "usage-capped"},
        {401, "", "Unauthorized", "Unauthorized", NULL},
        {429, "", "Too Many Requests", "Too Many Requests", NULL},
};

static void refuse(struct call *call, int status, const char *word)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *r = &refusals[i];
		if (r->status == status && str_eq(r->word, word)) {
			x_problem(call, status, r->title, r->detail, r->type);
			return;
		}
	}
	x_problem(call, status, "Error", "There was a temporary problem", NULL);
}

void x_fault(struct call *call, const struct fault *fault)
{
	bool limited = fault->status == 429;
	set_limits(call, "x-rate-limit", 300, limited && !*fault->word ? 0 : 299,
	        clock_wall_ms() + (int64_t)fault->reset_s * 1000);
	refuse(call, fault->status, fault->word);
}

/* --- who asks */

static void not_for(struct call *call, const char *whose, const char *supported)
{
	x_problem(call, 403, "Unsupported Authentication",
	        arena_printf(call->arena,
	                "Authenticating with %s is forbidden for this endpoint. Supported authentication types are "
	                "[%s].",
	                whose, supported),
	        "unsupported-authentication");
}

bool x_need_person(struct call *call)
{
	if (call->token->app_only)
		not_for(call, "OAuth 2.0 Application-Only", "OAuth 1.0a User Context, OAuth 2.0 User Context");
	return !call->token->app_only;
}

bool x_need_app(struct call *call)
{
	if (!call->token->app_only)
		not_for(call, "OAuth 2.0 User Context", "OAuth 2.0 Application-Only");
	return call->token->app_only;
}

bool x_pay(struct call *call, int64_t micros)
{
	struct x_site *x = &call->site->x;
	if (x->credits >= 0 && x->charged + micros > x->credits) {
		refuse(call, 402, "");
		return false;
	}
	x->charged += micros;
	return true;
}

/* --- tokens that are renewed: the old pair dies at once */

static void oauth_error(struct call *call, const char *error, const char *description)
{
	json *body = json_object();
	json_set_str(body, "error", error);
	json_set_str(body, "error_description", description);
	call_json(call, 400, body);
}

static void give_tokens(struct call *call)
{
	struct x_site *x = &call->site->x;
	char text[40];
	json *body = json_object();
	x->renewals++;
	snprintf(text, sizeof text, "x-token-%d", x->renewals);
	site_add_token(call->site, text)->expires_ms = clock_wall_ms() + LIFE_S * 1000;
	json_set_str(body, "token_type", "bearer");
	json_set_int(body, "expires_in", LIFE_S);
	json_set_str(body, "access_token", text);
	json_set_str(body, "scope", "tweet.read tweet.write users.read offline.access");
	snprintf(text, sizeof text, "x-refresh-%d", x->renewals);
	json_set_str(body, "refresh_token", text);
	free(x->refresh);
	x->refresh = mem_strdup(text);
	call_json(call, 200, body);
}

static void post_token(struct call *call)
{
	const char *grant = str_or(param_get(&call->params, "grant_type"), "");
	if (!str_eq(param_get(&call->params, "client_id"), CLIENT_ID))
		oauth_error(call, "invalid_request", "Missing or unknown client_id.");
	else if (str_eq(grant, "refresh_token") &&
	         str_eq(param_get(&call->params, "refresh_token"), call->site->x.refresh))
		give_tokens(call);
	else if (str_eq(grant, "refresh_token"))
		oauth_error(call, "invalid_request", "Value passed for the token was invalid.");
	else if (str_eq(grant, "authorization_code") && str_eq(param_get(&call->params, "code"), CODE) &&
	         param_get(&call->params, "code_verifier"))
		give_tokens(call);
	else
		oauth_error(call, "invalid_request", "Value passed for the authorization code was invalid.");
}

/* --- limits */

enum kind {
	KIND_OTHER,
	KIND_CREATE,
	KIND_DELETE,
	KIND_MENTIONS,
	KIND_OWN,
	KIND_SEARCH,
	KIND_LOOKUP,
	KIND_ME,
	KIND_CONNECT,
	KIND_RULES,
	KIND_ACTION,
	KIND_MEDIA,
	KIND_MESSAGE,
	KIND_DAY /* posts, in a day */
};

static int limit_of(enum kind kind, bool app)
{
	static const int limits[][2] = {[KIND_OTHER] = {900, 900},
	        [KIND_CREATE] = {100, 100},
	        [KIND_DELETE] = {50, 50},
	        [KIND_MENTIONS] = {300, 450},
	        [KIND_OWN] = {900, 10000},
	        [KIND_SEARCH] = {300, 450},
	        [KIND_LOOKUP] = {5000, 3500},
	        [KIND_ME] = {75, 75},
	        [KIND_CONNECT] = {50, 50},
	        [KIND_RULES] = {100, 100},
	        [KIND_ACTION] = {50, 50},
	        [KIND_MEDIA] = {500, 500},
	        [KIND_MESSAGE] = {15, 15}};
	return limits[kind][app];
}

static enum kind kind_of(const struct call *call)
{
	const char *path = call->request->path, *method = call->request->method;
	if (str_eq(path, "/2/tweets") && str_eq(method, "POST"))
		return KIND_CREATE;
	if (str_starts(path, "/2/tweets/search/stream/rules"))
		return KIND_RULES;
	if (str_eq(path, "/2/tweets/search/stream"))
		return KIND_CONNECT;
	if (str_starts(path, "/2/tweets/search/"))
		return KIND_SEARCH;
	if (str_starts(path, "/2/dm_"))
		return KIND_MESSAGE;
	if (str_starts(path, "/2/media/"))
		return KIND_MEDIA;
	if (str_eq(path, "/2/users/me"))
		return KIND_ME;
	if (str_ends(path, "/mentions"))
		return KIND_MENTIONS;
	if (str_ends(path, "/tweets") && str_starts(path, "/2/users/"))
		return KIND_OWN;
	if (str_starts(path, "/2/tweets"))
		return str_eq(method, "GET") ? KIND_LOOKUP : str_ends(path, "/hidden") ? KIND_ACTION : KIND_DELETE;
	return str_eq(method, "GET") ? KIND_OTHER : KIND_ACTION;
}

/* How many have been used in this window, this one included. */
static int use(struct x_site *x, const struct token *token, enum kind kind, int64_t window)
{
	for (size_t i = 0; i < x->budgets.len; i++) {
		struct x_budget *b = &x->budgets.at[i];
		if (b->token != token || b->kind != (int)kind)
			continue;
		b->used = b->window == window ? b->used + 1 : 1;
		b->window = window;
		return b->used;
	}
	vec_push(&x->budgets, (struct x_budget){token, (int)kind, window, 1});
	return 1;
}

static bool within_limits(struct call *call)
{
	struct x_site *x = &call->site->x;
	if (x->limit < 0)
		return true;
	enum kind kind = kind_of(call);
	int64_t now = clock_wall_ms(), window = now / WINDOW_MS, day = now / DAY_MS;
	int limit = x->limit ? x->limit : limit_of(kind, call->token->app_only);
	int left = limit - use(x, call->token, kind, window);
	set_limits(call, "x-rate-limit", limit, left, (window + 1) * WINDOW_MS);
	if (kind == KIND_CREATE) {
		int most = x->day_limit ? x->day_limit : DAY_LIMIT, of_day = most - use(x, call->token, KIND_DAY, day);
		set_limits(call, "x-app-limit-24hour", most, of_day, (day + 1) * DAY_MS);
		set_limits(call, "x-user-limit-24hour", most, of_day, (day + 1) * DAY_MS);
		left = of_day < left ? of_day : left;
	}
	if (left >= 0)
		return true;
	refuse(call, 429, "");
	return false;
}

/* --- the rest */

static void get_usage(struct call *call)
{
	const struct x_site *x = &call->site->x;
	json *body = json_object(), *data = json_object();
	char dollars[32];
	int64_t left = x->credits - x->charged;
	if (x->credits < 0) { /* as where the endpoint is not enabled */
		call_text(call, 404, "text/plain", "");
		json_free(body);
		json_free(data);
		return;
	}
	snprintf(dollars, sizeof dollars, "%" PRId64 ".%06" PRId64, left / 1000000, left % 1000000);
	json_set(data, "total_balance", json_parse(dollars, strlen(dollars), NULL));
	json_set(body, "data", data);
	call_json(call, 200, body);
}

static void get_user(struct call *call, const struct person *person, const char *value)
{
	if (!person) {
		x_problem(call, 404, "Not Found Error",
		        arena_printf(call->arena, "Could not find user with id: [%s].", value), "resource-not-found");
		return;
	}
	if (!x_pay(call, X_COST_USER))
		return;
	json *body = json_object();
	json_set(body, "data", x_render_user(person, false));
	call_json(call, 200, body);
}

static bool users(struct call *call)
{
	static const char by_name[] = "/2/users/by/username/";
	const struct world *world = &call->site->world;
	const char *path = call->request->path;
	int64_t id = call_id(call, "GET", "/2/users/", "");
	if (call_is(call, "GET", "/2/users/me")) {
		if (x_need_person(call))
			get_user(call, world->brand, "me");
	} else if (str_eq(call->request->method, "GET") && str_starts(path, by_name)) {
		const char *name = path + sizeof by_name - 1;
		get_user(call, world_find_person(world, name, strlen(name)), name);
	} else if (id >= 0) {
		get_user(call, world_person(world, id), path + strlen("/2/users/"));
	} else {
		return false;
	}
	return true;
}

bool api_x(struct call *call)
{
	if (!x_is(call))
		return false;
	if (call_is(call, "POST", "/2/oauth2/token"))
		post_token(call);
	else if (!call->token)
		refuse(call, 401, "");
	else if (within_limits(call)) {
		if (call_is(call, "GET", "/2/usage/credits"))
			get_usage(call);
		else if (!users(call) && !x_read(call) && !x_streaming(call) && !x_media(call) && !x_write(call))
			x_problem(call, 404, "Not Found", "Not Found", NULL);
	}
	return true;
}

/* --- what tests say and ask */

void x_control(struct call *call, const json *body)
{
	struct x_site *x = &call->site->x;
	x->limit = (int)json_int(body, "limit", x->limit);
	x->day_limit = (int)json_int(body, "day_limit", x->day_limit);
	x->streams_max = (int)json_int(body, "streams", x->streams_max);
	x->credits = json_int(body, "credits", x->credits);
	x->enterprise = json_bool(body, "enterprise", x->enterprise);
	x->no_streaming = json_bool(body, "no_streaming", x->no_streaming);
	x->forgets_old = json_bool(body, "forgets_old_names", x->forgets_old);
	x->forgets_new = json_bool(body, "forgets_new_names", x->forgets_new);
	const char *refresh = json_str(body, "refresh");
	if (refresh) {
		free(x->refresh);
		x->refresh = mem_strdup(refresh);
	}
	call_json(call, 200, x_state(x));
}

json *x_state(const struct x_site *x)
{
	json *out = json_object(), *rules = json_array();
	for (size_t i = 0; i < x->rules.len; i++) {
		json *rule = json_object();
		json_set_str(rule, "value", x->rules.at[i].value);
		json_set_str(rule, "tag", x->rules.at[i].tag);
		json_push(rules, rule);
	}
	json_set(out, "rules", rules);
	json_set_int(out, "streams", (int64_t)x->streams.len);
	json_set_int(out, "charged", x->charged);
	json_set_int(out, "renewals", x->renewals);
	return out;
}
