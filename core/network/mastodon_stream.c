/* The channels: what events mean, what is kept back while the gap is filled, and what happens when what brings them is
 * lost, moved or not there at all. */
#include "core/network/mastodon_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/text/utf8.h"

#include <string.h>

#define ID_MAX 128
#define BUFFER_EVENTS 5000
#define BUFFER_BYTES ((size_t)8 * 1024 * 1024)
#define LOST_BEFORE_POLLING 5 /* attempts at a stream, one after the other, until we ask meanwhile: half a minute */

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
	poll_init(ch);
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
	feed_close(ch);
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

/* The position that may be saved after this event: the lowest of the last TRAIL ids, once there are so many. Where ids
 * have no order, the one that came first. */
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
	const char *least = ch->trail[ch->trail_at];
	for (int i = 0; i < TRAIL; i++)
		if (mastodon_id_order(ch->trail[i], least) == ID_OLDER)
			least = ch->trail[i];
	return ch->position && mastodon_id_not_newer(least, ch->position) ? NULL : least;
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

/* Numbers, ULIDs, UUIDs, and whatever comes next; no JSON, and nothing with spaces. */
static bool is_bare_id(const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p >= 0x7F || strchr("{}[]\"", *p))
			return false;
	return true;
}

/* The data is the bare id. */
static void delete_event(struct channel *ch, const char *data, size_t len, struct arena *arena)
{
	struct str id;
	str_init(&id, ID_MAX);
	str_add(&id, data, len);
	str_trim(&id);
	if (id.len && is_bare_id(id.p)) {
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
		json *body = json_read(data, len, &err);
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

static void keep_back(struct channel *ch, const char *type, const char *data, size_t len)
{
	if (ch->overflowed)
		return;
	if (ch->buffer.len >= BUFFER_EVENTS || ch->buffered + len > BUFFER_BYTES) {
		log_line(LOG_INFO, "mastodon: too much came in while the gap was filled; filling once more");
		forget_events(ch);
		ch->overflowed = true;
		return;
	}
	vec_push(&ch->buffer, (struct event){mem_strdup(type), mem_strndup(data, len), len});
	ch->buffered += len;
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
	mastodon_trouble_over(ch->m, ch);
	if (ch->polled)
		poll_later(ch);
	mastodon_settle(ch->m);
}

/* --- what brings the events: mastodon_feed.c */

static void note_streaming(struct channel *ch, bool streaming)
{
	struct mastodon *m = ch->m;
	unsigned caps = streaming ? m->caps | CAP_STREAM : m->caps & ~(unsigned)CAP_STREAM;
	if (ch->kind != CHANNEL_MENTIONS || caps == m->caps)
		return;
	m->caps = caps;
	mastodon_tell_facts(m);
}

void channel_opened(struct channel *ch)
{
	ch->phase = CHANNEL_FILLING;
	ch->polled = false;
	ch->lost = 0;
	ch->look_again_mono = 0;
	poll_init(ch);
	timers_cancel(ch->m->timers, &ch->poll);
	mastodon_trouble_over(ch->m, ch);
	note_streaming(ch, true);
	mastodon_settle(ch->m);
	channel_fill(ch);
}

void channel_told(struct channel *ch, const char *type, const char *data, size_t len)
{
	if (ch->phase == CHANNEL_LIVE)
		channel_event(ch, type, data, len);
	else
		keep_back(ch, type, data, len);
}

static void poll_instead(struct channel *ch)
{
	log_line(LOG_INFO, "mastodon: nothing is told of %s at %s; asking for it", ch->source, ch->m->server);
	ch->polled = true;
	ch->phase = CHANNEL_FILLING;
	note_streaming(ch, false);
	channel_fill(ch);
}

static void stop_filling(struct channel *ch)
{
	channel_fill_stop(ch);
	forget_events(ch);
	ch->overflowed = false;
	ch->phase = CHANNEL_CLOSED;
}

/* The next attempt comes by itself. Where one after the other fails, what a proxy may do to streams alone, nobody
 * should have to wait for it. */
void channel_lost(struct channel *ch, const struct err *reason, int64_t retry_mono_ms)
{
	if (ch->polled)
		return;
	if (ch->phase == CHANNEL_LIVE)
		ch->heard_until = mastodon_server_now(ch->m);
	stop_filling(ch);
	mastodon_trouble(ch->m, ch, ACCOUNT_RETRYING, clock_wall_ms() + retry_mono_ms - clock_mono_ms(), reason->text);
	if (++ch->lost >= LOST_BEFORE_POLLING)
		poll_instead(ch);
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

static void open_feed(struct channel *ch)
{
	struct err err = ERR_INIT;
	if (!feed_open(ch, &err))
		mastodon_stop(ch->m, ACCOUNT_FAILED, err.text);
}

/* It is over with what was tried, before it brought anything. */
void channel_refused(struct channel *ch, const struct stream_stop *stop)
{
	if (!ch->polled)
		stop_filling(ch);
	mastodon_trouble_over(ch->m, ch);
	if (stop->status == 401 || stop->status == 403) {
		mastodon_stop(ch->m, ACCOUNT_NEEDS_LOGIN, stop->reason->text);
	} else if (stop->status >= 300 && stop->status < 400 && !ch->moved && stream_moved(ch, stop->location)) {
		ch->moved = true;
		open_feed(ch);
	} else if (feed_next(ch)) {
		open_feed(ch);
	} else if (!ch->polled) {
		poll_instead(ch);
		mastodon_settle(ch->m);
	}
}

/* What was not there an hour ago may have been put in order. */
void channel_look_again(struct channel *ch)
{
	if (ch->stream || ch->socket || !feed_possible(ch))
		return;
	ch->feed_at = 0;
	ch->moved = false;
	open_feed(ch);
}

void channel_open(struct channel *ch)
{
	if (ch->kind == CHANNEL_PHRASE) {
		ch->phase = CHANNEL_FILLING;
		channel_search(ch);
	} else if (feed_possible(ch)) {
		open_feed(ch);
	} else {
		poll_instead(ch);
		mastodon_settle(ch->m);
	}
}
