#include "tests/fakenet/stream.h"

#include "core/base/json.h"
#include "core/base/mem.h"
#include "tests/fakenet/render.h"
#include "tests/fakenet/site.h"
#include "tests/fakenet/socket.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "/api/v1/streaming"
#define PING_MS 30000
#define QUEUE_MAX (256U * 1024U * 1024U) /* a peer that lags behind by so much is dropped */

void streams_init(struct streams *streams, struct site *site)
{
	*streams = (struct streams){.site = site, .beat_ms = 15000, .beat_blank_line = true};
}

void streams_release(struct streams *streams)
{
	vec_release(&streams->list);
}

static void write_bytes(struct stream *stream, const char *bytes, size_t len)
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

static bool is_gotosocial(const struct streams *streams)
{
	return streams->site->kind == KIND_GOTOSOCIAL;
}

static void write_frame(struct stream *stream, enum socket_opcode opcode, const char *text)
{
	struct str frame = STR_INIT;
	socket_frame(&frame, opcode, text, strlen(text));
	write_bytes(stream, frame.p, frame.len);
	str_release(&frame);
}

static void beat(void *arg, struct http_conn *conn)
{
	(void)conn;
	struct stream *stream = arg;
	if (stream->socket)
		write_frame(stream, SOCKET_PING, is_gotosocial(stream->owner) ? "ping!" : "");
	else if (stream->owner->beat_blank_line)
		write_bytes(stream, "8\r\n:thump\n\n\r\n", 13);
	else
		write_bytes(stream, "7\r\n:thump\n\r\n", 12);
}

static void stream_closed(void *arg, struct http_conn *conn)
{
	(void)conn;
	struct stream *stream = arg;
	struct streams *streams = stream->owner;
	for (size_t i = 0; i < streams->list.len; i++)
		if (streams->list.at[i] == stream) {
			vec_remove(&streams->list, i);
			break;
		}
	str_release(&stream->held);
	str_release(&stream->from_client);
	free(stream->tag);
	free(stream->path);
	free(stream);
}

static void refuse(struct call *call, int status, const char *text)
{
	call_error(call, status, text);
	str_clear(&call->headers);
	str_adds(&call->headers, "X-Powered-By: Express\r\nAccess-Control-Allow-Origin: *\r\n");
}

static bool find_channel(const char *name, struct stream *out)
{
	static const struct {
		const char *name;
		enum channel channel;
		enum origin origin;
	} channels[] = {
	        {"/user", CHANNEL_USER, FROM_ALL},
	        {"/user/notification", CHANNEL_NOTIFICATION, FROM_ALL},
	        {"/hashtag", CHANNEL_HASHTAG, FROM_ALL},
	        {"/hashtag/local", CHANNEL_HASHTAG, FROM_LOCAL},
	        {"/public", CHANNEL_PUBLIC, FROM_ALL},
	        {"/public/local", CHANNEL_PUBLIC, FROM_LOCAL},
	        {"/public/remote", CHANNEL_PUBLIC, FROM_REMOTE},
	};
	for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
		if (str_eq(channels[i].name, name)) {
			out->channel = channels[i].channel;
			out->origin = channels[i].origin;
			return true;
		}
	return false;
}

static struct stream *add_stream(
        struct streams *streams, struct call *call, const struct stream *like, const char *tag, int status)
{
	struct stream *stream = mem_alloc(sizeof *stream);
	*stream = *like;
	stream->owner = streams;
	stream->conn = call->conn;
	stream->token = call->token;
	stream->path = mem_strdup(call->request->path);
	stream->tag = tag ? mem_strdup(tag) : NULL;
	for (char *c = stream->tag; c && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	str_init(&stream->held, QUEUE_MAX);
	str_init(&stream->from_client, 65536);
	vec_push(&streams->list, stream);
	call->streaming = true;
	call->status = status;
	http_on_close(call->conn, stream_closed, stream);
	return stream;
}

static void open_stream(struct streams *streams, struct call *call, const struct stream *like, const char *tag)
{
	static const char head[] =
	        "HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nAccess-Control-Allow-Origin: *\r\n"
	        "Content-Type: text/event-stream\r\nCache-Control: private, no-store\r\n"
	        "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n"
	        "3\r\n:)\n\r\n";
	struct stream *stream = add_stream(streams, call, like, tag, 200);
	http_timer(call->conn, streams->beat_ms, streams->beat_ms, beat, stream);
	http_send(call->conn, head, sizeof head - 1);
}

static void from_client(void *arg, struct http_conn *conn, const char *bytes, size_t len)
{
	struct stream *stream = arg;
	struct str owed = STR_INIT;
	bool goes_on = str_add(&stream->from_client, bytes, len) == 0 && socket_take(&stream->from_client, &owed);
	http_send(conn, owed.p, owed.len);
	str_release(&owed);
	if (!goes_on)
		http_close(conn);
}

static void open_socket(struct streams *streams, struct call *call, const struct stream *like, const char *tag)
{
	struct str answer = STR_INIT;
	struct stream *stream = add_stream(streams, call, like, tag, 101);
	stream->socket = true;
	socket_answer(call->request, &answer);
	http_timer(call->conn, PING_MS, PING_MS, beat, stream);
	http_on_bytes(call->conn, from_client, stream);
	http_send(call->conn, answer.p, answer.len);
	str_release(&answer);
}

/* "hashtag:local" as "/hashtag/local". */
static const char *channel_path(const struct call *call)
{
	const char *name = str_or(param_get(&call->params, "stream"), "");
	char *path = arena_printf(call->arena, "/%s", name);
	for (char *c = path; *c; c++)
		if (*c == ':')
			*c = '/';
	return path;
}

/* A wrong stream is told on the socket that is open, a wrong token before. */
static void socket_request(struct streams *streams, struct call *call)
{
	struct stream like = {0};
	const char *tag = param_get(&call->params, "tag");
	if (!socket_asked(call->request)) {
		if (is_gotosocial(streams))
			call_text(call, 400, "text/plain; charset=utf-8", "Bad Request\n");
		else
			call_error(call, 404, "Not Found");
	} else if (!call->token) {
		str_adds(&call->headers, "X-Error-Message: Invalid access token\r\n");
		call_text(call, 401, "text/plain", "");
	} else if (!find_channel(channel_path(call), &like) || (like.channel == CHANNEL_HASHTAG && !tag)) {
		open_socket(streams, call, &(struct stream){.channel = CHANNEL_NONE}, NULL);
		write_frame(streams->list.at[streams->list.len - 1], SOCKET_TEXT,
		        "{\"error\":\"Unknown stream type\",\"status\":400}");
	} else {
		open_socket(streams, call, &like, like.channel == CHANNEL_HASHTAG ? tag : NULL);
	}
}

static void events_request(struct streams *streams, struct call *call)
{
	struct stream like = {0};
	const char *tag = param_get(&call->params, "tag");
	bool authorised = http_header_get(call->request, "Authorization") || param_get(&call->params, "access_token");
	if (!call->token)
		refuse(call, 401, authorised ? "Invalid access token" : "Missing access token");
	else if (!find_channel(call->request->path + sizeof PREFIX - 1, &like))
		refuse(call, 400, "Unknown channel requested");
	else if (like.channel == CHANNEL_HASHTAG && !(tag && *tag))
		refuse(call, 400, "Missing tag name parameter");
	else
		open_stream(streams, call, &like, like.channel == CHANNEL_HASHTAG ? tag : NULL);
}

bool streams_request(struct streams *streams, struct call *call)
{
	const char *path = call->request->path;
	enum site_kind kind = streams->site->kind;
	bool socket = str_eq(path, PREFIX);
	if ((!socket && !str_starts(path, PREFIX "/")) || !str_eq(call->request->method, "GET"))
		return false;
	if (kind == KIND_POLLED || (kind == KIND_GOTOSOCIAL && !socket))
		call_error(call, 404, "Not Found");
	else if (socket)
		socket_request(streams, call);
	else if (str_eq(path, PREFIX "/health"))
		call_text(call, 200, "text/plain", "OK");
	else
		events_request(streams, call);
	return true;
}

/* What is about to be said, rendered when the first stream of its form wants it. */
struct event {
	const struct change *change;
	struct str bytes;
	size_t cut; /* inside the data line, or the frame */
};

static const char *event_name(const struct change *change)
{
	static const char *const names[] = {"update", "status.update", "delete", "notification"};
	return names[change->kind];
}

static void event_data(const struct change *change, struct str *data)
{
	if (change->kind == CHANGE_DELETED) {
		str_addf(data, "%" PRId64, change->status->id);
		return;
	}
	json *value = change->kind == CHANGE_NOTICE ? render_notice(change->notice) : render_status(change->status);
	json_print(value, data);
	json_free(value);
}

static void render_event(struct event *event)
{
	char line[40];
	int n = snprintf(line, sizeof line, "event: %s\n", event_name(event->change));
	struct str data = STR_INIT;
	str_adds(&data, "data: ");
	event_data(event->change, &data);
	str_adds(&data, "\n\n");
	add_chunk(&event->bytes, line, (size_t)n);
	event->cut = event->bytes.len + data.len / 2;
	add_chunk(&event->bytes, data.p, data.len);
	str_release(&data);
}

static const char *stream_name(const struct stream *stream)
{
	static const char *const names[] = {"user", "user:notification", "hashtag", "public"};
	return names[stream->channel];
}

/* The stream's name is in it: one for each socket. */
static void render_message(const struct stream *stream, const struct change *change, struct event *event)
{
	json *message = json_object(), *names = json_array();
	struct str data = STR_INIT, text = STR_INIT;
	event_data(change, &data);
	json_push_str(names, stream_name(stream));
	if (stream->tag)
		json_push_str(names, stream->tag);
	json_set(message, "stream", names);
	json_set_str(message, "event", event_name(change));
	json_set_str(message, "payload", data.p);
	json_print(message, &text);
	if (is_gotosocial(stream->owner))
		str_addc(&text, '\n');
	socket_frame(&event->bytes, SOCKET_TEXT, text.p, text.len);
	event->cut = event->bytes.len / 2;
	json_free(message);
	str_release(&data);
	str_release(&text);
}

static bool has_tag(const struct status *status, const char *tag)
{
	for (size_t i = 0; i < status->tag_count; i++)
		if (str_eq(status->tags[i], tag))
			return true;
	return false;
}

/* Which stream hears of what: deletions reach the account's channel only, edits of mentions both. */
static bool wants(const struct stream *stream, const struct world *world, const struct change *change)
{
	const struct status *status = change->status;
	bool own = status && status->by == world->brand;
	if (stream->channel == CHANNEL_NONE || (status && !world_on(status, FACE_MASTODON)))
		return false;
	if (change->kind == CHANGE_NOTICE)
		return stream->channel <= CHANNEL_NOTIFICATION && !change->notice->filtered;
	assert(status);
	if (stream->channel == CHANNEL_USER)
		return own || (change->kind != CHANGE_POSTED && world_mentions_brand(world, status));
	if (stream->channel == CHANNEL_NOTIFICATION)
		return change->kind == CHANGE_EDITED && !own && world_mentions_brand(world, status);
	if (status->visibility != VIS_PUBLIC || (stream->origin == FROM_LOCAL && status->by->domain) ||
	        (stream->origin == FROM_REMOTE && !status->by->domain))
		return false;
	if (stream->channel == CHANNEL_HASHTAG)
		return !is_gotosocial(stream->owner) && has_tag(status, stream->tag);
	return !status->parent || status->parent->by == status->by;
}

static void send_event(struct streams *streams, struct stream *stream, struct event *event)
{
	struct event message = {.change = event->change};
	str_init(&message.bytes, SIZE_MAX);
	if (stream->socket)
		render_message(stream, event->change, &message);
	else if (!event->bytes.len)
		render_event(event);
	const struct event *said = stream->socket ? &message : event;
	streams->sent++;
	if (faults_take_cut(&streams->site->faults, stream->path)) {
		struct http_conn *conn = stream->conn; /* a failed write ends the stream's life */
		write_bytes(stream, said->bytes.p, said->cut);
		http_close(conn);
	} else {
		write_bytes(stream, said->bytes.p, said->bytes.len);
	}
	str_release(&message.bytes);
}

void streams_changed(void *arg, const struct change *change)
{
	struct streams *streams = arg;
	struct event event = {.change = change};
	str_init(&event.bytes, SIZE_MAX);
	/* Backwards, since a stream that cannot be written to leaves the list. */
	for (size_t i = streams->list.len; i-- > 0;)
		if (wants(streams->list.at[i], &streams->site->world, change))
			send_event(streams, streams->list.at[i], &event);
	str_release(&event.bytes);
}

void streams_close(struct streams *streams, const struct token *token)
{
	for (size_t i = streams->list.len; i-- > 0;) {
		struct stream *stream = streams->list.at[i];
		if (token && stream->token != token)
			continue;
		struct http_conn *conn = stream->conn;
		if (stream->socket)
			http_send(conn, "\x88\0", 2); /* a close without a code */
		else
			http_send(conn, "0\r\n\r\n", 5);
		http_close(conn);
	}
}

void streams_stall(struct streams *streams)
{
	for (size_t i = 0; i < streams->list.len; i++)
		streams->list.at[i]->stalled = true;
}

void streams_resume(struct streams *streams)
{
	for (size_t i = streams->list.len; i-- > 0;) {
		struct stream *stream = streams->list.at[i];
		stream->stalled = false;
		http_send(stream->conn, stream->held.p, stream->held.len);
		if (i < streams->list.len && streams->list.at[i] == stream)
			str_clear(&stream->held);
	}
}

void streams_set_beat(struct streams *streams, uint64_t ms, bool blank_line)
{
	streams->beat_ms = ms;
	streams->beat_blank_line = blank_line;
	for (size_t i = 0; i < streams->list.len; i++)
		http_timer(streams->list.at[i]->conn, ms, ms, beat, streams->list.at[i]);
}
