/* X's filtered stream: rules, who may listen, one JSON object a line ended by CR LF, blank lines as a sign of life, and
 * the words before it hangs up. */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define QUEUE_MAX (64U * 1024U * 1024U)
#define RULES_MAX 1000
#define RULE_MAX 1024

/* --- rules */

static json *render_rule(const struct x_rule *rule)
{
	json *out = json_object();
	json_set_id(out, "id", rule->id);
	json_set_str(out, "value", rule->value);
	if (rule->tag)
		json_set_str(out, "tag", rule->tag);
	return out;
}

static json *begin_meta(void)
{
	char now[32];
	json *meta = json_object();
	time_format_rfc3339(clock_wall_ms(), now, sizeof now);
	json_set_str(meta, "sent", now);
	return meta;
}

static void get_rules(struct call *call)
{
	const struct x_site *x = &call->site->x;
	json *body = json_object(), *data = json_array(), *meta = begin_meta();
	for (size_t i = 0; i < x->rules.len; i++)
		json_push(data, render_rule(&x->rules.at[i]));
	json_set_int(meta, "result_count", (int64_t)x->rules.len);
	if (x->rules.len)
		json_set(body, "data", data);
	else
		json_free(data);
	json_set(body, "meta", meta);
	call_json(call, 200, body);
}

static const struct x_rule *same_rule(const struct x_site *x, const char *value)
{
	for (size_t i = 0; i < x->rules.len; i++)
		if (str_eq(x->rules.at[i].value, value))
			return &x->rules.at[i];
	return NULL;
}

static json *rule_error(const char *title, const char *type, const char *value, int64_t id)
{
	struct str whole = STR_INIT;
	json *error = json_object();
	json_set_str(error, "value", value);
	if (id)
		json_set_id(error, "id", id);
	json_set_str(error, "title", title);
	str_addf(&whole, "https://api.x.com/2/problems/%s", type);
	json_set_str(error, "type", whole.p);
	str_release(&whole);
	return error;
}

/* One to add: into `data`, or why it is none into `errors`. */
static void add_rule(struct x_site *x, const json *one, bool dry_run, json *data, json *errors)
{
	const char *value = json_str_or(one, "value", ""), *tag = json_str(one, "tag");
	const struct x_rule *same = same_rule(x, value);
	if (same) {
		json_push(errors, rule_error("DuplicateRule", "duplicate-rules", value, same->id));
		return;
	}
	if (!*value || strlen(value) > RULE_MAX || x->rules.len >= RULES_MAX || !x_query_good(value)) {
		json_push(errors, rule_error("UnprocessableEntity", "invalid-rules", value, 0));
		return;
	}
	struct x_rule rule = {x->next_id++, mem_strdup(value), mem_strdup(tag)};
	json_push(data, render_rule(&rule));
	if (dry_run) {
		free(rule.value);
		free(rule.tag);
	} else {
		vec_push(&x->rules, rule);
	}
}

static void add_rules(struct call *call, const json *list)
{
	struct x_site *x = &call->site->x;
	bool dry_run = param_bool(&call->params, "dry_run");
	json *body = json_object(), *data = json_array(), *errors = json_array(), *meta = begin_meta(),
	     *summary = json_object();
	for (const json *one = json_first(list); one; one = json_next(one))
		add_rule(x, one, dry_run, data, errors);
	json_set_int(summary, "created", (int64_t)json_count(data));
	json_set_int(summary, "not_created", (int64_t)json_count(errors));
	json_set_int(summary, "valid", (int64_t)json_count(data));
	json_set_int(summary, "invalid", (int64_t)json_count(errors));
	json_set(meta, "summary", summary);
	json_set(body, "data", data);
	json_set(body, "meta", meta);
	if (json_count(errors))
		json_set(body, "errors", errors);
	else
		json_free(errors);
	call_json(call, 201, body);
}

static bool delete_rule(struct x_site *x, int64_t id, bool dry_run)
{
	for (size_t i = 0; i < x->rules.len; i++) {
		if (x->rules.at[i].id != id)
			continue;
		if (!dry_run) {
			free(x->rules.at[i].value);
			free(x->rules.at[i].tag);
			vec_remove(&x->rules, i);
		}
		return true;
	}
	return false;
}

static void delete_rules(struct call *call, const json *ids)
{
	struct x_site *x = &call->site->x;
	int64_t deleted = 0, id;
	for (const json *one = json_first(ids); one; one = json_next(one))
		deleted += parse_i64(str_or(json_text(one), ""), &id) &&
		           delete_rule(x, id, param_bool(&call->params, "dry_run"));
	json *body = json_object(), *meta = begin_meta(), *summary = json_object();
	json_set_int(summary, "deleted", deleted);
	json_set_int(summary, "not_deleted", (int64_t)json_count(ids) - deleted);
	json_set(meta, "summary", summary);
	json_set(body, "meta", meta);
	call_json(call, 200, body);
}

static void post_rules(struct call *call)
{
	json *body = json_parse(call->request->body, call->request->body_len, NULL);
	const json *add = json_get(body, "add"), *ids = json_path(body, "delete.ids");
	if (!add == !ids)
		x_invalid(call, "add", "", "either add or delete is required");
	else if (add)
		add_rules(call, add);
	else
		delete_rules(call, ids);
	json_free(body);
}

/* --- streams */

static void write_bytes(struct x_stream *stream, const char *bytes, size_t len)
{
	if (stream->stalled) {
		if (str_add(&stream->held, bytes, len))
			http_drop(stream->conn);
	} else if (http_queued(stream->conn) > QUEUE_MAX) {
		http_drop(stream->conn);
	} else {
		http_send(stream->conn, bytes, len);
	}
}

static void add_chunk(struct str *out, const char *text, size_t len)
{
	str_addf(out, "%zx\r\n", len);
	str_add(out, text, len);
	str_adds(out, "\r\n");
}

static void beat(void *arg, struct http_conn *conn)
{
	(void)conn;
	write_bytes(arg, "2\r\n\r\n\r\n", 7);
}

static void stream_closed(void *arg, struct http_conn *conn)
{
	(void)conn;
	struct x_stream *stream = arg;
	struct x_site *x = stream->x;
	for (size_t i = 0; i < x->streams.len; i++)
		if (x->streams.at[i] == stream) {
			vec_remove(&x->streams, i);
			break;
		}
	str_release(&stream->held);
	free(stream->query);
	free(stream->path);
	free(stream);
}

static void open_stream(struct call *call)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
	                           "Cache-Control: no-cache, no-store, max-age=0\r\nTransfer-Encoding: chunked\r\n";
	struct x_site *x = &call->site->x;
	struct x_stream *stream = mem_alloc(sizeof *stream);
	*stream = (struct x_stream){.x = x,
	        .conn = call->conn,
	        .token = call->token,
	        .query = mem_strdup(call->request->query),
	        .path = mem_strdup(call->request->path),
	        .id = x->next_id++,
	        .since_ms = clock_wall_ms()};
	str_init(&stream->held, QUEUE_MAX);
	vec_push(&x->streams, stream);
	call->streaming = true;
	call->status = 200;
	http_on_close(call->conn, stream_closed, stream);
	http_timer(call->conn, x->beat_ms, x->beat_ms, beat, stream);
	http_send(call->conn, head, sizeof head - 1);
	http_send(call->conn, call->headers.p, call->headers.len);
	http_send(call->conn, "\r\n2\r\n\r\n\r\n", 9);
}

static void refuse_connection(struct call *call, int status, const char *issue, const char *detail)
{
	json *body = json_object();
	json_set_str(body, "title", "ConnectionException");
	json_set_str(body, "detail", detail);
	json_set_str(body, "connection_issue", issue);
	json_set_str(body, "type", "https://api.x.com/2/problems/streaming-connection");
	call_json(call, status, body);
}

static void connect_stream(struct call *call)
{
	const struct x_site *x = &call->site->x;
	if (!x_need_app(call))
		return;
	if (x->no_streaming)
		x_problem(call, 403, "Client Forbidden", "Your access level does not allow this endpoint.",
		        "client-forbidden");
	else if (!x->rules.len)
		refuse_connection(call, 409, "RuleConfigurationIssue", "No rules are configured.");
	else if (x->streams.len >= (size_t)x->streams_max)
		refuse_connection(call, 429, "TooManyConnections",
		        "This stream is currently at the maximum allowed connection limit.");
	else
		open_stream(call);
}

static void get_connections(struct call *call)
{
	const struct x_site *x = &call->site->x;
	json *body = json_object(), *data = json_array();
	for (size_t i = 0; i < x->streams.len; i++) {
		json *one = json_object();
		json_set_id(one, "id", x->streams.at[i]->id);
		json_set_str(one, "endpoint_name", "filtered_stream");
		json_set_time(one, "connected_at", x->streams.at[i]->since_ms);
		json_push(data, one);
	}
	json_set(body, "data", data);
	call_json(call, 200, body);
}

static void delete_connections(struct call *call)
{
	struct x_site *x = &call->site->x;
	json *body = json_object(), *data = json_object();
	json_set_int(data, "successful_kills", (int64_t)x->streams.len);
	json_set_int(data, "failed_kills", 0);
	while (x->streams.len)
		http_drop(x->streams.at[x->streams.len - 1]->conn);
	json_set(body, "data", data);
	call_json(call, 200, body);
}

bool x_streaming(struct call *call)
{
	static const char rules[] = "/2/tweets/search/stream/rules";
	if (call_is(call, "GET", "/2/tweets/search/stream"))
		connect_stream(call);
	else if (call_is(call, "GET", rules)) {
		if (x_need_app(call))
			get_rules(call);
	} else if (call_is(call, "POST", rules)) {
		if (x_need_app(call))
			post_rules(call);
	} else if (call_is(call, "GET", "/2/connections")) {
		if (x_need_app(call))
			get_connections(call);
	} else if (call_is(call, "DELETE", "/2/connections/all")) {
		if (x_need_app(call))
			delete_connections(call);
	} else
		return false;
	return true;
}

/* --- what is said on them */

static json *matching_rules(const struct x_site *x, const struct status *status)
{
	json *list = json_array();
	for (size_t i = 0; i < x->rules.len; i++) {
		const struct x_rule *rule = &x->rules.at[i];
		if (!x_query_matches(rule->value, &x->site->world, status))
			continue;
		json *one = json_object();
		json_set_id(one, "id", rule->id);
		json_set_str(one, "tag", str_or(rule->tag, ""));
		json_push(list, one);
	}
	return list;
}

/* False when the credits do not suffice: then it hangs up. */
static bool make_line(struct x_stream *stream, const struct status *status, struct str *out)
{
	struct x_site *x = stream->x;
	struct arena arena = ARENA_INIT;
	struct params params;
	struct http_request request = {.query = stream->query, .body = ""};
	struct x_answer answer;
	int64_t cost;
	params_read(&params, &arena, &request);
	struct x_wish wish = x_wish_read(x, &params);
	x_answer_begin(&answer, &x->site->world, &wish);
	x_answer_add(&answer, status);
	json *body = x_answer_whole(&answer, true, &cost);
	json_set(body, "matching_rules", matching_rules(x, status));
	json_print(body, out);
	str_adds(out, "\r\n");
	json_free(body);
	arena_release(&arena);
	bool paid = x->credits < 0 || x->charged + cost <= x->credits;
	x->charged += paid ? cost : 0;
	return paid;
}

static void say(struct x_stream *stream, const struct status *status)
{
	struct str line = STR_INIT, chunk = STR_INIT;
	struct http_conn *conn = stream->conn; /* a failed write ends the stream's life */
	if (!make_line(stream, status, &line)) {
		http_close(conn);
	} else if (faults_take_cut(&stream->x->site->faults, stream->path)) {
		add_chunk(&chunk, line.p, line.len / 2);
		write_bytes(stream, chunk.p, chunk.len);
		http_close(conn);
	} else {
		add_chunk(&chunk, line.p, line.len);
		write_bytes(stream, chunk.p, chunk.len);
	}
	str_release(&line);
	str_release(&chunk);
}

/* An edit is a post of its own; of deletions the stream says nothing. */
void x_changed(void *arg, const struct change *change)
{
	struct x_site *x = arg;
	bool told = change->kind == CHANGE_POSTED || change->kind == CHANGE_EDITED;
	if (!told || !x->streams.len || !x_shows(change->status))
		return;
	json *rules = matching_rules(x, change->status);
	/* Backwards, since a stream that cannot be written to leaves the list. */
	for (size_t i = x->streams.len; json_count(rules) && i-- > 0;)
		say(x->streams.at[i], change->status);
	json_free(rules);
}

void x_streams_close(struct x_site *x, const struct token *token)
{
	for (size_t i = x->streams.len; i-- > 0;) {
		struct http_conn *conn = x->streams.at[i]->conn;
		if (token && x->streams.at[i]->token != token)
			continue;
		http_send(conn, "0\r\n\r\n", 5);
		http_close(conn);
	}
}

void x_streams_stall(struct x_site *x, bool on)
{
	for (size_t i = x->streams.len; i-- > 0;) {
		struct x_stream *stream = x->streams.at[i];
		stream->stalled = on;
		if (on)
			continue;
		http_send(stream->conn, stream->held.p, stream->held.len);
		if (i < x->streams.len && x->streams.at[i] == stream)
			str_clear(&stream->held);
	}
}

void x_streams_disconnect(struct x_site *x, const char *reason)
{
	struct str line = STR_INIT, chunk = STR_INIT;
	str_addf(&line,
	        "{\"errors\":[{\"title\":\"operational-disconnect\",\"disconnect_type\":\"%s\",\"detail\":\"This "
	        "stream has "
	        "been disconnected for operational reasons.\",\"type\":\"https://api.x.com/2/problems/"
	        "operational-disconnect\"}]}\r\n",
	        reason);
	add_chunk(&chunk, line.p, line.len);
	for (size_t i = x->streams.len; i-- > 0;) {
		struct http_conn *conn = x->streams.at[i]->conn;
		http_send(conn, chunk.p, chunk.len);
		http_send(conn, "0\r\n\r\n", 5);
		http_close(conn);
	}
	str_release(&line);
	str_release(&chunk);
}

void x_streams_set_beat(struct x_site *x, uint64_t ms)
{
	x->beat_ms = ms;
	for (size_t i = 0; i < x->streams.len; i++)
		http_timer(x->streams.at[i]->conn, ms, ms, beat, x->streams.at[i]);
}
