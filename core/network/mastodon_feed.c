/* The subscription that brings a channel's events: an event stream, or a WebSocket where a server has no other. Which
 * of them there is, is found out by asking, with what the kind of server most likely has first. Both bring the same
 * events.
 */
#include "core/network/mastodon_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/secret.h"

#include <string.h>

/* GoToSocial, Pleroma and Akkoma have WebSockets alone; their data behind Mastodon's streaming server has both. On
 * GoToSocial nothing is ever published to a hashtag's stream (internal/processing/workers/surfacetimeline.go). */
static enum feed_kind nth_feed(const struct channel *ch, int n)
{
	static const enum feed_kind order[][2] = {
	        [FAMILY_MASTODON] = {FEED_EVENTS, FEED_SOCKET},
	        [FAMILY_GOTOSOCIAL] = {FEED_SOCKET, FEED_EVENTS},
	        [FAMILY_PLEROMA] = {FEED_SOCKET, FEED_EVENTS},
	};
	enum mastodon_family family = ch->m->instance.family;
	if (n > 1 || ch->kind == CHANNEL_PHRASE || (family == FAMILY_GOTOSOCIAL && ch->kind == CHANNEL_TAG))
		return FEED_NONE;
	return order[family][n];
}

/* --- an event stream */

static void on_open(void *arg)
{
	channel_opened(arg);
}

static void on_event(void *arg, const struct sse_event *event)
{
	channel_told(arg, event->type, event->data, event->data_len);
}

static void on_closed(void *arg, const struct err *reason, int64_t retry_mono_ms)
{
	channel_lost(arg, reason, retry_mono_ms);
}

static void on_stopped(void *arg, const struct stream_stop *stop)
{
	struct channel *ch = arg;
	struct err reason = *stop->reason;
	char *location = mem_strdup(stop->location);
	struct stream_stop kept = {stop->status, location, &reason};
	feed_close(ch);
	channel_refused(ch, &kept);
	free(location);
}

static void open_events(struct channel *ch, struct err *err)
{
	struct mastodon *m = ch->m;
	struct str url = STR_INIT;
	str_addf(&url, "%s/api/v1/streaming/%s", m->streaming, ch->kind == CHANNEL_TAG ? "hashtag?tag=" : "user");
	url_escape(&url, ch->topic);
	struct stream_options options = {
	        .http = m->http,
	        .timers = m->timers,
	        .url = url.p,
	        .bearer = m->token,
	        .random = m->random,
	        .handlers = {.on_open = on_open,
	                .on_event = on_event,
	                .on_closed = on_closed,
	                .on_stopped = on_stopped},
	        .arg = ch,
	};
	ch->stream = stream_new(&options, err);
	str_release(&url);
}

/* --- a WebSocket */

/* Where a scope is missing, Mastodon opens the socket and then says so on it. */
static void told_error(struct channel *ch, const char *words, int64_t status)
{
	bool access = status == 401 || status == 403;
	struct err reason = ERR_INIT;
	err_set(&reason, access ? ERR_PERMISSION : ERR_NOT_FOUND, "the WebSocket brings nothing (%lld: %s)%s",
	        (long long)status, words, access ? "; log in again" : "");
	on_stopped(ch, &(struct stream_stop){.status = access ? (int)status : 404, .reason = &reason});
}

/* {"stream":[…],"event":"update","payload":"…"}, with the payload as text once more. Which stream it is of, each server
 * says differently, and Akkoma not at all for deletions; a socket of ours carries one. What is no JSON is Akkoma's
 * "pong". */
static void on_message(void *arg, const char *text, size_t len)
{
	struct channel *ch = arg;
	json *message = json_parse(text, len, NULL);
	const char *event = json_str(message, "event"), *payload = json_str(message, "payload");
	const char *error = json_str(message, "error");
	struct str nested = STR_INIT;
	if (event && !payload && json_is_object(json_get(message, "payload"))) {
		json_print(json_get(message, "payload"), &nested);
		payload = nested.p;
	}
	if (event)
		channel_told(ch, event, str_or(payload, ""), strlen(str_or(payload, "")));
	else if (error)
		told_error(ch, error, json_int(message, "status", 0));
	json_free(message);
	str_release(&nested);
}

/* Pleroma and Akkoma read the token in the query alone: there it ends in logs, ours left out. */
static void open_socket(struct channel *ch, struct err *err)
{
	struct mastodon *m = ch->m;
	bool in_query = m->instance.family == FAMILY_PLEROMA;
	struct str url = STR_INIT;
	str_addf(
	        &url, "%s/api/v1/streaming?stream=%s", m->streaming, ch->kind == CHANNEL_TAG ? "hashtag&tag=" : "user");
	url_escape(&url, ch->topic);
	if (in_query) {
		struct str token = STR_INIT;
		url_escape(&token, m->token);
		secret_know(token.p);
		str_addf(&url, "&access_token=%s", token.p);
		secret_release(&token);
	}
	struct websocket_options options = {
	        .http = m->http,
	        .timers = m->timers,
	        .url = url.p,
	        .bearer = in_query ? NULL : m->token,
	        .random = m->random,
	        .handlers = {.on_open = on_open,
	                .on_message = on_message,
	                .on_closed = on_closed,
	                .on_stopped = on_stopped},
	        .arg = ch,
	};
	ch->socket = websocket_new(&options, err);
	secret_release(&url);
}

/* --- one of them */

bool feed_open(struct channel *ch, struct err *err)
{
	switch (nth_feed(ch, ch->feed_at)) {
	case FEED_EVENTS: open_events(ch, err); break;
	case FEED_SOCKET: open_socket(ch, err); break;
	case FEED_NONE: return false;
	}
	return err->code == ERR_NONE;
}

void feed_close(struct channel *ch)
{
	stream_free(ch->stream);
	websocket_free(ch->socket);
	ch->stream = NULL;
	ch->socket = NULL;
}

bool feed_next(struct channel *ch)
{
	ch->feed_at++;
	return nth_feed(ch, ch->feed_at) != FEED_NONE;
}

bool feed_possible(const struct channel *ch)
{
	return nth_feed(ch, 0) != FEED_NONE;
}
