/* The channels' streams: what events mean, what is kept back while the gap is filled, and what happens when a stream
 * is lost, moved or not there at all. */
#include "core/network/mastodon_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/text/utf8.h"

#include <string.h>

#define BUFFER_EVENTS 5000
#define BUFFER_BYTES ((size_t)8 * 1024 * 1024)
#define POLL_MENTIONS_MS 15000
#define POLL_LISTEN_MS 60000

/* --- a channel's life */

void channel_init(struct channel *ch, struct mastodon *m, enum channel_kind kind, const char *topic)
{
	static const char *const prefix[] = {"notifications", "tag:", "search:"};
	*ch = (struct channel){.m = m, .kind = kind, .phase = CHANNEL_CLOSED};
	ch->topic = mem_strdup(topic);
	struct str source = STR_INIT;
	str_addf(&source, "%s%s", prefix[kind], topic);
	ch->source = str_detach(&source);
	ch->polled = kind == CHANNEL_PHRASE;
	ch->poll_every = kind == CHANNEL_MENTIONS ? POLL_MENTIONS_MS : POLL_LISTEN_MS;
}

static void forget_events(struct channel *ch)
{
	for (size_t i = 0; i < ch->buffer.len; i++) {
		free(ch->buffer.at[i].type);
		free(ch->buffer.at[i].data);
	}
	vec_clear(&ch->buffer);
	ch->buffered = 0;
	for (int i = 0; i < ch->trail_len; i++)
		free(ch->trail[i]);
	ch->trail_len = ch->trail_at = 0;
}

void channel_close(struct channel *ch)
{
	channel_fill_stop(ch);
	stream_free(ch->stream);
	ch->stream = NULL;
	timers_cancel(ch->m->timers, &ch->poll);
	forget_events(ch);
	ch->overflowed = false;
	ch->phase = CHANNEL_CLOSED;
}

void channel_release(struct channel *ch)
{
	channel_close(ch);
	vec_release(&ch->buffer);
	vec_release(&ch->seen);
	vec_release(&ch->pages);
	free(ch->position);
	free(ch->cursor);
	free(ch->next_max);
	free(ch->topic);
	free(ch->source);
}

/* --- handing over */

void channel_hand_over(struct channel *ch, struct item *items, int count, const char *position)
{
	struct mastodon *m = ch->m;
	if (position && position != ch->position) {
		char *copy = mem_strdup(position);
		free(ch->position);
		ch->position = copy;
	}
	if (!count && !position)
		return;
	m->handed++;
	m->events.items(m->events.arg, items, count, position ? ch->source : NULL, position ? ch->position : NULL);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The phrase as a word of its own where its ends are letters; other scripts know no such ends. Both are folded. */
static bool stands_in(const char *text, const char *phrase)
{
	size_t len = strlen(phrase);
	for (const char *p = text; len && (p = strstr(p, phrase)); p++) {
		bool open = p == text || !is_word(p[0]) || !is_word(p[-1]);
		bool closed = !is_word(p[len - 1]) || !is_word(p[len]);
		if (open && closed)
			return true;
	}
	return false;
}

bool mastodon_text_matches(const struct mastodon *m, const char *text)
{
	struct str folded = STR_INIT;
	bool found = false;
	utf8_fold(text, &folded);
	for (int i = 0; i < m->channel_count && !found; i++) {
		struct str phrase = STR_INIT;
		if (m->channels[i].kind == CHANNEL_PHRASE && utf8_fold(m->channels[i].topic, &phrase) == 0)
			found = stands_in(folded.p, phrase.p);
		str_release(&phrase);
	}
	str_release(&folded);
	return found;
}

/* --- events */

/* The position that may be saved after this event: the lowest of the last TRAIL ids, once there are so many. */
static const char *trail_position(struct channel *ch, const char *id)
{
	if (ch->trail_len == TRAIL)
		free(ch->trail[ch->trail_at]);
	else
		ch->trail_len++;
	ch->trail[ch->trail_at] = mem_strdup(id);
	ch->trail_at = (ch->trail_at + 1) % TRAIL;
	if (ch->trail_len < TRAIL)
		return NULL;
	const char *least = ch->trail[0];
	for (int i = 1; i < TRAIL; i++)
		if (mastodon_id_compare(ch->trail[i], least) < 0)
			least = ch->trail[i];
	return ch->position && mastodon_id_compare(least, ch->position) <= 0 ? NULL : least;
}

static void status_event(struct channel *ch, const json *body, struct arena *arena, bool edited)
{
	struct item item;
	if (mastodon_decode_status(&ch->m->decoder, body, arena, &item, NULL))
		return;
	bool theirs = item.post.direction == DIR_IN;
	item.mention |= theirs && (ch->kind == CHANNEL_TAG || mastodon_text_matches(ch->m, item.post.text));
	bool moves = ch->kind == CHANNEL_TAG && !edited;
	channel_hand_over(ch, &item, 1, moves ? trail_position(ch, item.post.remote_id) : NULL);
}

static void notification_event(struct channel *ch, const json *body, struct arena *arena)
{
	struct mastodon_notification n;
	mastodon_decode_notification(&ch->m->decoder, body, arena, &n, NULL);
	if (*n.id)
		channel_hand_over(ch, &n.item, n.has_item ? 1 : 0, trail_position(ch, n.id));
}

/* The data is the bare id. */
static void delete_event(struct channel *ch, const char *data, size_t len, struct arena *arena)
{
	struct str id;
	str_init(&id, 64);
	str_add(&id, data, len);
	str_trim(&id);
	if (id.len && strspn(id.p, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == id.len) {
		struct item item = {.kind = ITEM_DELETE, .root_remote_id = ""};
		item.post.remote_id = arena_strndup(arena, id.p, id.len);
		channel_hand_over(ch, &item, 1, NULL);
	}
	str_release(&id);
}

static void channel_event(struct channel *ch, const char *type, const char *data, size_t len)
{
	struct arena arena = ARENA_INIT;
	bool update = str_eq(type, "update"), edit = str_eq(type, "status.update");
	bool notification = str_eq(type, "notification");
	if (update || edit || notification) {
		struct err err = ERR_INIT;
		json *body = json_parse(data, len, &err);
		if (!body)
			log_line(LOG_WARN, "mastodon: dropped one %s event: %s", type, err.text);
		else if (notification)
			notification_event(ch, body, &arena);
		else
			status_event(ch, body, &arena, edit);
		json_free(body);
	} else if (str_eq(type, "delete")) {
		delete_event(ch, data, len, &arena);
	} else if (str_eq(type, "notifications_merged")) {
		ch->newest_only = true;
		channel_fill(ch);
	}
	arena_release(&arena);
}

static void keep_back(struct channel *ch, const struct sse_event *event)
{
	if (ch->overflowed)
		return;
	if (ch->buffer.len >= BUFFER_EVENTS || ch->buffered + event->data_len > BUFFER_BYTES) {
		log_line(LOG_INFO, "mastodon: too much came in while the gap was filled; filling once more");
		forget_events(ch);
		ch->overflowed = true;
		return;
	}
	vec_push(&ch->buffer,
	        (struct event){mem_strdup(event->type), mem_strndup(event->data, event->data_len), event->data_len});
	ch->buffered += event->data_len;
}

static void polled_again(void *arg)
{
	struct channel *ch = arg;
	ch->poll = 0;
	if (ch->kind == CHANNEL_PHRASE)
		channel_search(ch);
	else
		channel_fill(ch);
}

void channel_filled(struct channel *ch)
{
	if (ch->overflowed) {
		ch->overflowed = false;
		channel_fill(ch);
		return;
	}
	for (size_t i = 0; i < ch->buffer.len; i++)
		channel_event(ch, ch->buffer.at[i].type, ch->buffer.at[i].data, ch->buffer.at[i].len);
	for (size_t i = 0; i < ch->buffer.len; i++) {
		free(ch->buffer.at[i].type);
		free(ch->buffer.at[i].data);
	}
	vec_clear(&ch->buffer);
	ch->buffered = 0;
	ch->phase = CHANNEL_LIVE;
	if (ch->polled && !ch->poll)
		ch->poll = timers_add(ch->m->timers, clock_mono_ms() + ch->poll_every, polled_again, ch);
	mastodon_settle(ch->m);
}

/* --- the stream */

static void on_open(void *arg)
{
	struct channel *ch = arg;
	ch->phase = CHANNEL_FILLING;
	mastodon_trouble_over(ch->m, ch);
	mastodon_settle(ch->m);
	channel_fill(ch);
}

static void on_event(void *arg, const struct sse_event *event)
{
	struct channel *ch = arg;
	if (ch->phase == CHANNEL_LIVE)
		channel_event(ch, event->type, event->data, event->data_len);
	else
		keep_back(ch, event);
}

static void on_closed(void *arg, const struct err *reason, int64_t retry_mono_ms)
{
	struct channel *ch = arg;
	if (ch->phase == CHANNEL_LIVE)
		ch->heard_until = mastodon_server_now(ch->m);
	channel_fill_stop(ch);
	forget_events(ch);
	ch->overflowed = false;
	ch->phase = CHANNEL_CLOSED;
	mastodon_trouble(ch->m, ch, ACCOUNT_RETRYING, clock_wall_ms() + retry_mono_ms - clock_mono_ms(), reason->text);
}

static void poll_instead(struct channel *ch)
{
	struct mastodon *m = ch->m;
	log_line(LOG_INFO, "mastodon: %s has no event stream for %s; asking every %d s", m->server, ch->source,
	        (int)(ch->poll_every / 1000));
	ch->polled = true;
	ch->phase = CHANNEL_FILLING;
	if (ch->kind == CHANNEL_MENTIONS) {
		m->caps &= ~(unsigned)CAP_STREAM;
		mastodon_tell_facts(m);
	}
	mastodon_settle(m);
	channel_fill(ch);
}

/* A redirect is followed by hand, with the token, to two places alone: where the server itself is, and where it says in
 * its own description that streams are. */
static bool stream_moved(struct channel *ch, const char *location)
{
	struct mastodon *m = ch->m;
	const char *const known[] = {m->server, m->streaming};
	for (size_t i = 0; location && i < sizeof known / sizeof *known; i++) {
		size_t len = strlen(known[i]);
		bool there = str_starts(location, known[i]) && (location[len] == '/' || location[len] == '\0');
		if (!there || (i == 1 && ch->moved))
			continue;
		char *origin = mem_strdup(known[i]);
		free(m->streaming);
		m->streaming = origin;
		return true;
	}
	return false;
}

static void on_stopped(void *arg, const struct stream_stop *stop)
{
	struct channel *ch = arg;
	stream_free(ch->stream);
	ch->stream = NULL;
	ch->phase = CHANNEL_CLOSED;
	mastodon_trouble_over(ch->m, ch);
	if (stop->status == 401 || stop->status == 403) {
		mastodon_stop(ch->m, ACCOUNT_NEEDS_LOGIN, stop->reason->text);
	} else if (stop->status >= 300 && stop->status < 400 && !ch->moved && stream_moved(ch, stop->location)) {
		ch->moved = true;
		channel_open(ch);
	} else {
		poll_instead(ch);
	}
}

static struct stream *open_stream(struct channel *ch, struct err *err)
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
	struct stream *stream = stream_new(&options, err);
	str_release(&url);
	return stream;
}

void channel_open(struct channel *ch)
{
	struct err err = ERR_INIT;
	if (ch->kind == CHANNEL_PHRASE) {
		ch->phase = CHANNEL_FILLING;
		channel_search(ch);
	} else if (ch->polled) {
		poll_instead(ch);
	} else {
		ch->stream = open_stream(ch, &err);
		if (!ch->stream)
			mastodon_stop(ch->m, ACCOUNT_FAILED, err.text);
	}
}
