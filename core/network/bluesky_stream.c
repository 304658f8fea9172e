/* Every post of the network, as it is said, from a server of the kind Jetstream (its /subscribe, version 1): one JSON
 * value a message, without signatures. Some hundred come in a second, of which few are kept: those with a word that is
 * listened for, read once more from our own server, which says who wrote them. A mention makes the notifications be
 * asked for at once; a deletion is told on. Nothing rests on it: what is missed between two connections, notifications
 * and searches bring, later. */
#include "core/network/bluesky_parts.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/url_escape.h"
#include "core/net/websocket.h"
#include "core/text/utf8.h"

#include <string.h>

#define SETTLES_MS 1500 /* until our own server knows of a post */
#define AGAIN_MS 5000
#define TRIES 3
#define FOUND_MOST 1000 /* waiting; more are left to the searches */

struct found {
	char *uri;
	int tries;
};

struct bluesky_stream {
	struct bluesky *b;
	struct websocket *socket;
	VEC(char *) words; /* folded */
	VEC(struct found) found;
	int asked; /* of them, the first ones */
	struct bluesky_ask *ask;
	timer_id timer;
	struct bluesky_feed feed; /* hands over what was read */
};

/* --- what is found is read and handed over */

static void read_found(void *arg);

static void read_later(struct bluesky_stream *s, int64_t wait_ms)
{
	if (!s->timer && !s->ask && s->found.len)
		s->timer = timers_add(s->b->timers, clock_mono_ms() + wait_ms, read_found, s);
}

static bool came(const json *posts, const char *uri)
{
	for (const json *post = json_first(posts); post; post = json_next(post))
		if (str_eq(json_str(post, "uri"), uri))
			return true;
	return false;
}

/* Those that came, and those that were asked for often enough, leave. */
static void strike(struct bluesky_stream *s, const json *posts)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->found.len; i++) {
		struct found found = s->found.at[i];
		if ((int)i < s->asked && (came(posts, found.uri) || ++found.tries == TRIES))
			free(found.uri);
		else
			s->found.at[kept++] = found;
	}
	s->found.len = kept;
	s->asked = 0;
}

static void found_read(void *arg, const struct bluesky_answer *answer)
{
	struct bluesky_stream *s = arg;
	const json *posts = json_get(answer->body, "posts");
	s->ask = NULL;
	strike(s, posts);
	if (bluesky_answer_good(answer) && json_count(posts))
		bluesky_feed_take(&s->feed, json_copy(answer->body));
	read_later(s, AGAIN_MS);
}

static void read_found(void *arg)
{
	struct bluesky_stream *s = arg;
	struct str call = STR_INIT;
	s->timer = 0;
	str_adds(&call, "app.bsky.feed.getPosts");
	for (s->asked = 0; s->asked < BLUESKY_AT_ONCE && (size_t)s->asked < s->found.len; s->asked++) {
		str_addf(&call, "%curis=", s->asked ? '&' : '?');
		url_escape(&call, s->found.at[s->asked].uri);
	}
	s->ask = bluesky_ask(s->b, &(struct bluesky_ask_setup){.call = call.p}, found_read, s);
	str_release(&call);
}

/* --- what is said */

static bool names(const struct bluesky_stream *s, const char *text, struct str *folded)
{
	str_clear(folded);
	utf8_fold(text, folded);
	for (size_t i = 0; i < s->words.len; i++)
		if (utf8_contains_folded(folded->p, s->words.at[i]))
			return true;
	return false;
}

/* In the text, in where its links lead, or in what its pictures show. */
static bool is_listened_for(const struct bluesky_stream *s, const struct post *post)
{
	struct str folded = STR_INIT;
	bool found = s->words.len && (names(s, post->text, &folded) || names(s, post->links, &folded));
	for (int i = 0; s->words.len && !found && i < post->media_count; i++)
		found = names(s, post->media[i].alt, &folded);
	str_release(&folded);
	return found;
}

static bool is_known(const struct bluesky_stream *s, const char *uri)
{
	bool known = bluesky_feed_knows(&s->feed, uri);
	for (int i = 0; i < s->b->feed_count && !known; i++)
		known = bluesky_feed_knows(&s->b->feeds[i], uri);
	return known;
}

static void hear(struct bluesky_stream *s, const struct item *item)
{
	struct bluesky *b = s->b;
	const char *uri = item->post.remote_id;
	if (item->kind == ITEM_DELETE && is_known(s, uri)) {
		bluesky_hand_over(b, item, 1, NULL, NULL);
	} else if (item->kind == ITEM_DELETE || item->post.direction == DIR_OUT) {
		return;
	} else if (item->post.addressed) {
		bluesky_feed_hurry(&b->feeds[0]);
	} else if (is_listened_for(s, &item->post) && s->found.len < FOUND_MOST) {
		vec_push(&s->found, (struct found){mem_strdup(uri), 0});
		read_later(s, SETTLES_MS);
	}
}

static void on_message(void *arg, const char *text, size_t len)
{
	struct bluesky_stream *s = arg;
	struct arena arena = ARENA_INIT;
	struct item item;
	json *frame = json_parse(text, len, NULL);
	if (bluesky_decode_frame(&s->b->decoder, frame, &arena, &item))
		hear(s, &item);
	json_free(frame);
	arena_release(&arena);
}

static void on_open(void *arg)
{
	struct bluesky_stream *s = arg;
	for (int i = 0; i < s->b->feed_count; i++)
		bluesky_feed_hurry(&s->b->feeds[i]);
}

static void on_closed(void *arg, const struct err *reason, int64_t retry_mono_ms)
{
	(void)arg, (void)retry_mono_ms;
	log_line(LOG_INFO, "bluesky: the stream of all posts is away, searching goes on: %s", reason->text);
}

static void on_stopped(void *arg, const struct stream_stop *stop)
{
	(void)arg;
	log_line(LOG_WARN, "bluesky: there is no stream of all posts at the firehose that is configured: %s",
	        stop->reason->text);
}

/* --- its life */

struct bluesky_stream *bluesky_stream_open(struct bluesky *b, struct err *err)
{
	struct bluesky_stream *s = mem_alloc(sizeof *s);
	struct str url = STR_INIT;
	s->b = b;
	bluesky_feed_init(&s->feed, b, "");
	for (int i = 1; i < b->feed_count; i++) {
		struct str folded = STR_INIT;
		utf8_fold(b->feeds[i].word, &folded);
		vec_push(&s->words, str_detach(&folded));
	}
	str_addf(&url, "%s/subscribe?wantedCollections=app.bsky.feed.post", b->firehose);
	struct websocket_options options = {.http = b->http,
	        .timers = b->timers,
	        .url = url.p,
	        .random = b->random,
	        .handlers = {.on_open = on_open,
	                .on_message = on_message,
	                .on_closed = on_closed,
	                .on_stopped = on_stopped},
	        .arg = s};
	s->socket = websocket_new(&options, err);
	str_release(&url);
	if (s->socket)
		return s;
	bluesky_stream_close(s);
	return NULL;
}

void bluesky_stream_close(struct bluesky_stream *s)
{
	if (!s)
		return;
	websocket_free(s->socket);
	bluesky_ask_drop(s->ask);
	timers_cancel(s->b->timers, &s->timer);
	bluesky_feed_release(&s->feed);
	for (size_t i = 0; i < s->found.len; i++)
		free(s->found.at[i].uri);
	for (size_t i = 0; i < s->words.len; i++)
		free(s->words.at[i]);
	vec_release(&s->found);
	vec_release(&s->words);
	free(s);
}

void bluesky_stream_stored(struct bluesky_stream *s)
{
	if (s)
		bluesky_feed_stored(&s->feed);
}
