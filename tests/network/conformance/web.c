#include "tests/network/conformance/web.h"

#include "core/base/paths.h"
#include "core/base/str.h"
#include "tests/lib/script_server.h"
#include "tests/lib/ws_frame.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

struct web_stream {
	struct script_peer *peer;
	char *name;
	bool socket;
};

struct web {
	struct stage *stage;
	const struct web_rules *rules;
	struct script_server *server;
	VEC(struct web_stream) streams;
	struct str answer; /* the bytes of the newest */
};

/* --- requests */

static char *unescape(struct arena *arena, const char *text, size_t len)
{
	char *out = arena_strndup(arena, text, len), *to = out;
	for (const char *from = out; *from; from++) {
		char hex[3] = {from[0] == '%' ? from[1] : '\0', from[0] == '%' && from[1] ? from[2] : '\0', '\0'};
		if (hex[0] && hex[1]) {
			*to++ = (char)strtol(hex, NULL, 16);
			from += 2;
		} else {
			*to++ = (char)(*from == '+' ? ' ' : *from);
		}
	}
	*to = '\0';
	return out;
}

const char *web_parameter(struct web_request *request, const char *name)
{
	for (const char *at = request->query; *at; at += strcspn(at, "&"), at += *at == '&') {
		size_t len = strcspn(at, "&"), key = strcspn(at, "=&");
		if (strcmp(unescape(&request->arena, at, key), name) == 0)
			return key < len ? unescape(&request->arena, at + key + 1, len - key - 1) : "";
	}
	return NULL;
}

int web_number(struct web_request *request, const char *name, int otherwise)
{
	int64_t n;
	const char *text = web_parameter(request, name);
	return text && parse_i64(text, &n) ? (int)n : otherwise;
}

const char *web_header(struct web_request *request, const char *name)
{
	size_t len = strlen(name);
	for (const char *line = strstr(request->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
		const char *at = line + 2;
		if (strncasecmp(at, name, len) == 0 && at[len] == ':') {
			at += len + 1;
			at += strspn(at, " ");
			return arena_strndup(&request->arena, at, strcspn(at, "\r\n"));
		}
	}
	return NULL;
}

bool web_is(const struct web_request *request, const char *method, const char *path)
{
	return str_eq(request->method, method) && str_eq(request->path, path);
}

const char *web_between(struct web_request *request, const char *prefix, const char *suffix)
{
	size_t len = strlen(request->path), before = strlen(prefix), after = strlen(suffix);
	if (!str_starts(request->path, prefix) || len <= before + after ||
	        strcmp(request->path + len - after, suffix) != 0)
		return NULL;
	const char *middle = request->path + before;
	if (memchr(middle, '/', len - before - after))
		return NULL;
	return unescape(&request->arena, middle, len - before - after);
}

static void request_read(struct web_request *request, const char *bytes, size_t len)
{
	struct arena *arena = &request->arena;
	arena_init(arena);
	char *copy = arena_strndup(arena, bytes, len), *end = strstr(copy, "\r\n\r\n");
	size_t method = strcspn(copy, " "), target = strcspn(copy + method + 1, " ");
	const char *at = copy + method + 1;
	size_t path = strcspn(at, "? ");
	request->method = arena_strndup(arena, copy, method);
	request->path = arena_strndup(arena, at, path);
	request->query = path < target ? arena_strndup(arena, at + path + 1, target - path - 1) : "";
	request->head = arena_strndup(arena, copy, (size_t)(end - copy));
	request->body = end + 4;
	request->fields = json_parse(request->body, strlen(request->body), NULL);
}

/* --- answers */

void web_json(struct web_answer *answer, int status, json *value)
{
	answer->status = status;
	answer->type = "application/json; charset=utf-8";
	str_clear(&answer->body);
	json_print(value, &answer->body);
	json_free(value);
}

void http_date(int64_t utc_ms, char out[40])
{
	time_t seconds = (time_t)(utc_ms / 1000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Head and body; what follows in a stream comes in chunks. */
static void write_answer(const struct stage *stage, const struct web_answer *answer, struct str *out)
{
	char date[40];
	http_date(server_now(stage), date);
	str_addf(out, "HTTP/1.1 %d Said\r\nDate: %s\r\n%s", answer->status, date, answer->headers.p);
	if (answer->type)
		str_addf(out, "Content-Type: %s\r\n", answer->type);
	if (!answer->stream)
		str_addf(out, "Content-Length: %zu\r\n\r\n", answer->body.len);
	else
		str_adds(out, "Transfer-Encoding: chunked\r\n\r\n");
	if (!answer->stream)
		str_add(out, answer->body.p, answer->body.len);
	else if (answer->body.len)
		str_addf(out, "%zx\r\n%s\r\n", answer->body.len, answer->body.p);
}

static void stream_closed(void *arg, struct script_peer *peer)
{
	struct web *web = arg;
	for (size_t i = 0; i < web->streams.len; i++)
		if (web->streams.at[i].peer == peer) {
			free(web->streams.at[i].name);
			vec_remove(&web->streams, i);
			web->stage->streams--;
			return;
		}
}

static void stream_opened(struct web *web, struct script_peer *peer, const struct web_answer *answer)
{
	vec_push(&web->streams, (struct web_stream){peer, mem_strdup(answer->stream), answer->socket});
	web->stage->streams++;
	script_peer_on_close(peer, stream_closed, web);
}

void web_push(struct web *web, const char *stream, const char *bytes, size_t len)
{
	struct str chunk = STR_INIT, message = STR_INIT;
	str_addf(&chunk, "%zx\r\n", len);
	str_add(&chunk, bytes, len);
	str_adds(&chunk, "\r\n");
	ws_frame_add(&message, WS_FIN | WS_TEXT, bytes, len);
	for (size_t i = 0; i < web->streams.len; i++) {
		const struct web_stream *one = &web->streams.at[i];
		const struct str *form = one->socket ? &message : &chunk;
		if (strcmp(one->name, stream) == 0)
			script_peer_send(one->peer, form->p, form->len);
	}
	str_release(&chunk);
	str_release(&message);
}

void web_cut(struct web *web)
{
	for (size_t i = 0; i < web->streams.len; i++)
		script_peer_hang_up(web->streams.at[i].peer);
}

/* --- one exchange */

static bool is_refusal(enum fault_kind fault)
{
	return fault == FAULT_BUSY || fault == FAULT_DOWN || fault == FAULT_TOKEN || fault == FAULT_REFUSED;
}

static struct script play(struct web *web, struct script_peer *peer, const struct web_request *request,
        const struct web_answer *answer, enum fault_kind fault)
{
	str_clear(&web->answer);
	if (answer->socket)
		ws_answer_add(&web->answer, request->head);
	else
		write_answer(web->stage, answer, &web->answer);
	size_t len = web->answer.len;
	switch (fault) {
	case FAULT_LOST_BEFORE:
	case FAULT_LOST_AFTER: return (struct script){.end = SCRIPT_CLOSE};
	case FAULT_CUT: return (struct script){web->answer.p, len - answer->body.len / 2, SCRIPT_CLOSE, 0};
	case FAULT_NONSENSE:
		return (struct script){"HTTP/1.1 200 Said\r\nContent-Type: application/json\r\nContent-Length: "
		                       "4\r\n\r\n{\"a\"",
		        0, SCRIPT_KEEP, 0};
	default:
		if (answer->stream)
			stream_opened(web, peer, answer);
		return (struct script){web->answer.p, len, SCRIPT_KEEP, 0};
	}
}

static struct script on_request(void *arg, struct script_peer *peer, const char *bytes, size_t len)
{
	struct web *web = arg;
	struct stage *stage = web->stage;
	struct web_request request;
	struct web_answer answer = {.status = 404, .headers = STR_INIT, .body = STR_INIT};
	request_read(&request, bytes, len);
	enum request_kind kind = web->rules->kind(&request);
	enum fault_kind fault = fault_meets(stage, kind);
	stage->requests[kind]++;
	if (is_refusal(fault))
		web->rules->refuse(stage, fault, &answer);
	else if (fault != FAULT_LOST_BEFORE)
		web->rules->answer(stage, &request, &answer);
	struct script script = play(web, peer, &request, &answer, fault);
	str_release(&answer.headers);
	str_release(&answer.body);
	json_free(request.fields);
	arena_release(&request.arena);
	return script;
}

struct web *web_new(struct stage *stage, const struct web_rules *rules)
{
	struct web *web = mem_alloc(sizeof *web);
	web->stage = stage;
	web->rules = rules;
	web->server = stage_server(stage);
	str_init(&web->answer, SIZE_MAX);
	script_server_answer_with(web->server, on_request, web);
	snprintf(stage->server, sizeof stage->server, "http://127.0.0.1:%d", script_server_port(web->server));
	return web;
}

void web_free(struct web *web)
{
	for (size_t i = 0; i < web->streams.len; i++) {
		script_peer_on_close(web->streams.at[i].peer, NULL, NULL);
		free(web->streams.at[i].name);
	}
	vec_release(&web->streams);
	str_release(&web->answer);
	free(web);
}

/* --- fixtures */

static json *read_json(const char *file, const char *place, bool has_head)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), file);
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	free(path);
	const char *body = has_head ? strstr(bytes.p, "\r\n\r\n") + 4 : bytes.p;
	json *whole = json_parse(body, bytes.len - (size_t)(body - bytes.p), &err);
	if (!whole)
		fail_msg("%s: %s", file, err.text);
	str_release(&bytes);
	if (!*place)
		return whole;
	json *part = json_copy(json_path(whole, place));
	if (!part)
		fail_msg("%s has no %s", file, place);
	json_free(whole);
	return part;
}

json *web_fixture(const char *file, const char *place)
{
	return read_json(file, place, false);
}

json *web_recorded(const char *file, const char *place)
{
	return read_json(file, place, true);
}
