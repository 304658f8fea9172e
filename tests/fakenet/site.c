#include "tests/fakenet/site.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/timefmt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_MAX 1000 /* told apart in the counts */
#define WINDOW_MS (5 * 60 * 1000)
#define PAGING_WINDOW_MS (15 * 60 * 1000)

struct token *site_find_token(struct site *site, const char *text)
{
	for (size_t i = 0; i < site->tokens.len; i++)
		if (str_eq(site->tokens.at[i]->text, text))
			return site->tokens.at[i];
	return NULL;
}

struct token *site_add_token(struct site *site, const char *text)
{
	struct token *token = site_find_token(site, text);
	if (token) {
		token->revoked = false;
		return token;
	}
	token = mem_alloc(sizeof *token);
	token->text = mem_strdup(text);
	vec_push(&site->tokens, token);
	return token;
}

void site_revoke_token(struct site *site, struct token *token)
{
	token->revoked = true;
	streams_close(&site->streams, token);
	x_streams_close(&site->x, token);
}

void call_text(struct call *call, int status, const char *type, const char *text)
{
	call->status = status;
	call->type = type;
	str_clear(&call->body);
	str_adds(&call->body, text);
}

void call_json(struct call *call, int status, json *value)
{
	call_text(call, status, "application/json; charset=utf-8", "");
	json_print(value, &call->body);
	json_free(value);
}

void call_error(struct call *call, int status, const char *text)
{
	json *body = json_object();
	json_set_str(body, "error", text);
	call_json(call, status, body);
}

bool call_is(const struct call *call, const char *method, const char *path)
{
	return str_eq(call->request->method, method) && str_eq(call->request->path, path);
}

int64_t call_id(const struct call *call, const char *method, const char *prefix, const char *suffix)
{
	const char *path = call->request->path;
	if (!str_eq(call->request->method, method) || !str_starts(path, prefix))
		return -1;
	const char *id = path + strlen(prefix);
	size_t len = strcspn(id, "/");
	if (!len || !str_eq(id + len, suffix))
		return -1;
	int64_t n = 0;
	return parse_i64(arena_strndup(call->arena, id, len), &n) && n > 0 ? n : 0;
}

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {{200, "OK"}, {301, "Moved Permanently"}, {302, "Found"}, {400, "Bad Request"},
	        {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {422, "Unprocessable Content"},
	        {429, "Too Many Requests"}, {500, "Internal Server Error"}, {502, "Bad Gateway"},
	        {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Status";
}

static void add_date(struct str *out)
{
	char text[64];
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	str_addf(out, "Date: %s\r\n", text);
}

/* Head and body, the body cut to `len` bytes; Content-Length tells of the whole. */
static void make_answer(const struct call *call, size_t len, struct str *out)
{
	str_addf(out, "HTTP/1.1 %d %s\r\n", call->status, reason(call->status));
	add_date(out);
	str_addf(out,
	        "Server: Mastodon\r\nContent-Type: %s\r\nContent-Length: %zu\r\nX-Request-Id: fakenet-%" PRId64 "\r\n",
	        call->type, call->body.len, call->site->request_count);
	str_adds(out, "Cache-Control: private, no-store\r\nVary: Authorization, Origin\r\n");
	str_add(out, call->headers.p, call->headers.len);
	str_adds(out, call->request->keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
	if (!str_eq(call->request->method, "HEAD"))
		str_add(out, call->body.p, len);
}

/* An answer that FAULT_SLOW holds back; the connection's timer or its end frees it. */
static void late_free(void *arg, struct http_conn *conn)
{
	(void)conn;
	struct str *late = arg;
	str_release(late);
	free(late);
}

static void late_send(void *arg, struct http_conn *conn)
{
	struct str *late = arg;
	http_on_close(conn, NULL, NULL);
	http_send(conn, late->p, late->len);
	late_free(late, conn);
	http_finish(conn);
}

static void send_late(struct call *call, int ms)
{
	struct str *late = mem_alloc(sizeof *late);
	str_init(late, SIZE_MAX);
	make_answer(call, call->body.len, late);
	http_on_close(call->conn, late_free, late);
	http_timer(call->conn, (uint64_t)ms, 0, late_send, late);
}

static void send_now(struct call *call, size_t len)
{
	struct str out = STR_INIT;
	make_answer(call, len, &out);
	http_send(call->conn, out.p, out.len);
	str_release(&out);
}

/* "/api/v1/statuses/123/context" counts as "/api/v1/statuses/:id/context", "/2/tweets" as itself; what no path of ours
 * has becomes '?'. */
static void count_route(struct site *site, const struct http_request *request)
{
	struct str route = STR_INIT;
	str_addf(&route, "%s ", request->method);
	for (const char *p = request->path; *p;) {
		size_t len = *p == '/' ? 1 : strcspn(p, "/");
		if (p > request->path + 1 && strspn(p, "0123456789") == len)
			str_adds(&route, ":id");
		else
			str_add(&route, p, len);
		p += len;
	}
	for (size_t i = 0; i < route.len; i++)
		if (route.p[i] != ' ' && !isgraph((unsigned char)route.p[i]))
			route.p[i] = '?';
	for (size_t i = 0; i < site->routes.len; i++)
		if (str_eq(site->routes.at[i].route, route.p)) {
			site->routes.at[i].count++;
			str_release(&route);
			return;
		}
	if (site->routes.len < ROUTES_MAX)
		vec_push(&site->routes, (struct route_count){str_detach(&route), 1});
	str_release(&route);
}

static void release_entry(struct log_entry *entry)
{
	free(entry->method);
	free(entry->target);
	free(entry->key);
}

static void log_call(const struct call *call, int status)
{
	struct site *site = call->site;
	if (site->log.len == (size_t)2 * LOG_KEPT) {
		for (size_t i = 0; i < LOG_KEPT; i++)
			release_entry(&site->log.at[i]);
		memmove(site->log.at, site->log.at + LOG_KEPT, LOG_KEPT * sizeof *site->log.at);
		site->log.len = LOG_KEPT;
	}
	vec_push(&site->log,
	        (struct log_entry){mem_strdup(call->request->method), mem_strdup(call->request->target),
	                mem_strdup(http_header_get(call->request, "Idempotency-Key")), status, clock_wall_ms()});
	if (!site->quiet)
		log_line(LOG_INFO, "%s %s -> %d", call->request->method, call->request->target, status);
}

static void set_limit_headers(struct call *call, int limit, int left, int64_t reset_ms)
{
	char text[32];
	time_format_rfc3339(reset_ms, text, sizeof text);
	text[19] = '\0'; /* Mastodon writes microseconds */
	str_addf(&call->headers,
	        "X-RateLimit-Limit: %d\r\nX-RateLimit-Remaining: %d\r\nX-RateLimit-Reset: %s.000000Z\r\n", limit, left,
	        text);
}

/* Fixed windows, aligned to the epoch: 300 requests in 5 minutes, 300 paged ones in 15. False when spent. */
static bool within_budget(struct call *call)
{
	struct token *token = call->token;
	int limit = call->site->limit;
	if (!token || !limit)
		return true;
	int64_t now = clock_wall_ms();
	bool paged = param_get(&call->params, "min_id") || param_get(&call->params, "max_id") ||
	             param_get(&call->params, "since_id") || param_get(&call->params, "page");
	if (token->window != now / WINDOW_MS)
		token->used = 0;
	if (token->paging_window != now / PAGING_WINDOW_MS)
		token->paging_used = 0;
	token->window = now / WINDOW_MS;
	token->paging_window = now / PAGING_WINDOW_MS;
	int left = limit - ++token->used;
	int64_t reset = (token->window + 1) * WINDOW_MS;
	if (paged && limit - ++token->paging_used < left) {
		left = limit - token->paging_used;
		reset = (token->paging_window + 1) * PAGING_WINDOW_MS;
	}
	set_limit_headers(call, limit, left < 0 ? 0 : left, reset);
	if (left >= 0)
		return true;
	call_error(call, 429, "Too many requests");
	return false;
}

static void find_token(struct call *call)
{
	const char *authorization = http_header_get(call->request, "Authorization");
	const char *text = authorization && !str_icmp_n(authorization, "Bearer ", 7)
	                           ? authorization + 7
	                           : param_get(&call->params, "access_token");
	struct token *token = text ? site_find_token(call->site, text) : NULL;
	bool over = token && token->expires_ms && clock_wall_ms() >= token->expires_ms;
	call->token = token && !token->revoked && !over ? token : NULL;
}

static void route(struct call *call)
{
	const char *path = call->request->path;
	if (str_starts(path, "/control/")) {
		if (!api_control(call))
			call_error(call, 404, "no such control");
		return;
	}
	if (api_x(call) || api_bsky(call) || streams_request(&call->site->streams, call) || api_oauth(call))
		return;
	const char *authorization = http_header_get(call->request, "Authorization");
	if (authorization && !call->token) {
		str_adds(&call->headers, "WWW-Authenticate: Bearer realm=\"Doorkeeper\", error=\"invalid_token\", "
		                         "error_description=\"The access token is invalid\"\r\n");
		call_error(call, 401, "The access token is invalid");
		return;
	}
	if (within_budget(call) && !api_read(call) && !api_write(call) && !api_media(call))
		call_error(call, 404, "Not Found");
}

/* What happens instead of the request; false when it is to be acted on. */
static bool fault_before(struct call *call, const struct fault *fault)
{
	switch (fault->kind) {
	case FAULT_STATUS:
		if (x_is(call) && !fault->html) {
			x_fault(call, fault);
			return true;
		}
		if (bsky_is(call) && !fault->html) {
			bsky_fault(call, fault);
			return true;
		}
		if (fault->status == 429)
			set_limit_headers(call, 300, 0, clock_wall_ms() + (int64_t)fault->reset_s * 1000);
		if (fault->html)
			call_text(call, fault->status, "text/html",
			        "<html><head><title>Sorry</title></head><body>The proxy has a headache.</body></html>");
		else
			call_error(call, fault->status,
			        fault->status == 429 ? "Too many requests" : "There was a temporary problem");
		return true;
	case FAULT_ECHO:
		call_error(call, 401,
		        arena_printf(call->arena, "not accepted: %s",
		                str_or(http_header_get(call->request, "Authorization"), "nothing")));
		return true;
	case FAULT_REDIRECT:
		str_addf(&call->headers, "Location: %s\r\n", fault->location);
		call_text(call, 302, "text/html", "<html><body>You are being redirected.</body></html>");
		return true;
	case FAULT_CLOSE_BEFORE:
	case FAULT_STALL: return true;
	case FAULT_NO_MIN_ID: call->no_min_id = true; return false;
	default: return false;
	}
}

static void finish(struct call *call, const struct fault *fault)
{
	switch (fault->kind) {
	case FAULT_CLOSE_BEFORE:
	case FAULT_CLOSE_AFTER: http_drop(call->conn); return;
	case FAULT_STALL:
	case FAULT_STALL_AFTER: return;
	case FAULT_TRUNCATE:
		send_now(call, call->body.len / 2);
		http_close(call->conn);
		return;
	case FAULT_SLOW: send_late(call, fault->ms); return;
	case FAULT_MALFORMED: call_text(call, 200, call->type, "{\"id\":\"1\",\"content\":\"<p>broken"); break;
	case FAULT_EMPTY: call_text(call, 200, call->type, ""); break;
	default: break;
	}
	send_now(call, call->body.len);
	http_finish(call->conn);
}

#define NO_USER_AGENT "{\"error\":\"I'm a teapot: no user-agent sent with request\"}"

static void handle(void *arg, struct http_conn *conn, const struct http_request *request)
{
	struct site *site = arg;
	struct arena arena = ARENA_INIT;
	struct call call = {.site = site, .conn = conn, .request = request, .arena = &arena, .type = "text/plain"};
	str_init(&call.headers, SIZE_MAX);
	str_init(&call.body, SIZE_MAX);
	site->request_count++;
	bool control = str_starts(request->path, "/control/");
	struct fault fault = {0};
	if (!control) {
		count_route(site, request);
		fault = faults_take(&site->faults, request->method, request->path);
	}
	if (!control && site->kind == KIND_GOTOSOCIAL && !http_header_get(request, "User-Agent")) {
		call_json(&call, 418, json_parse(NO_USER_AGENT, sizeof NO_USER_AGENT - 1, NULL));
	} else if (!params_read(&call.params, &arena, request)) {
		call_error(&call, 400, "The body is no JSON object");
	} else if (!fault_before(&call, &fault)) {
		find_token(&call);
		route(&call);
	}
	bool silent = fault.kind == FAULT_CLOSE_BEFORE || fault.kind == FAULT_CLOSE_AFTER ||
	              fault.kind == FAULT_STALL || fault.kind == FAULT_STALL_AFTER;
	if (!control)
		log_call(&call, silent ? 0 : call.status);
	if (!call.streaming)
		finish(&call, &fault);
	str_release(&call.headers);
	str_release(&call.body);
	arena_release(&arena);
}

int site_start(struct site *site, uv_loop_t *loop, const struct site_options *options, struct err *err)
{
	*site = (struct site){.loop = loop, .kind = options->kind, .limit = options->limit, .quiet = options->quiet};
	world_init(&site->world, options->seed, options->handle);
	site->world.divided = options->divided;
	streams_init(&site->streams, site);
	x_init(&site->x, site);
	site->x.limit = options->limit ? 0 : -1;
	bsky_init(&site->bsky, site);
	if (!options->limit)
		site->bsky.limit = 0;
	crowd_start(&site->crowd, &site->world, loop);
	for (size_t i = 0; i < options->token_count; i++)
		site_add_token(site, options->tokens[i]);
	if (options->app_token)
		site_add_token(site, options->app_token)->app_only = true;
	crowd_backlog(&site->crowd, options->backlog);
	world_listen(&site->world, streams_changed, &site->streams);
	world_listen(&site->world, x_changed, &site->x);
	world_listen(&site->world, crowd_changed, &site->crowd);
	crowd_set_rate(&site->crowd, options->per_minute);
	return http_server_start(&site->http, loop, options->port, handle, site, err);
}

void site_stop(struct site *site)
{
	http_server_stop(site->http);
	crowd_stop(&site->crowd);
}

void site_release(struct site *site)
{
	http_server_free(site->http);
	streams_release(&site->streams);
	x_release(&site->x);
	bsky_release(&site->bsky);
	faults_release(&site->faults);
	crowd_release(&site->crowd);
	world_release(&site->world);
	for (size_t i = 0; i < site->tokens.len; i++) {
		free(site->tokens.at[i]->text);
		free(site->tokens.at[i]);
	}
	for (size_t i = 0; i < site->keys.len; i++)
		free(site->keys.at[i].key);
	for (size_t i = 0; i < site->log.len; i++)
		release_entry(&site->log.at[i]);
	for (size_t i = 0; i < site->routes.len; i++)
		free(site->routes.at[i].route);
	vec_release(&site->tokens);
	vec_release(&site->keys);
	media_release(site);
	vec_release(&site->log);
	vec_release(&site->routes);
}
