/* What the mastodon_*.c files share, and nobody else includes: the connection to one server, requests with their
 * retries, and the channels (mentions, hashtags, phrases) that bring posts in.
 *
 * A channel lives in a circle: its stream opens, what the stream says is buffered, the gap since the saved position is
 * filled by paging, the buffer is drained through the same path, and then events pass straight on. A lost connection
 * begins the circle again. A channel of which nothing tells is filled on a timer instead; so is one whose stream cannot
 * be had for the moment. */
#ifndef CORE_NETWORK_MASTODON_PARTS_H
#define CORE_NETWORK_MASTODON_PARTS_H

#include "core/base/json.h"
#include "core/base/vec.h"
#include "core/net/backoff.h"
#include "core/net/ratelimit.h"
#include "core/net/stream.h"
#include "core/net/url_escape.h"
#include "core/net/websocket.h"
#include "core/network/mastodon_decode.h"
#include "core/network/upload.h"

#define MENTIONS_PAGE 80 /* the most that Mastodon gives, notifications */
#define POSTS_PAGE 40    /* the same of timelines and searches */
#define READS_LEAVE 20   /* requests of a rate limit's window that reads leave to replies */

struct mastodon;

/* --- one request */

/* Lives until answered() returns. json is NULL when the body is none. */
struct answer {
	enum http_outcome outcome;
	int status;
	const json *body;
	const char *bytes; /* the body as it came */
	size_t len;
	bool replayed;      /* it is the answer to an earlier request with the same key */
	int64_t retry_at;   /* wall ms at which the server wants to be asked again; 0 */
	const char *reason; /* in words, when it is no success */
};
typedef void answer_fn(void *arg, const struct answer *answer);

struct ask; /* a request and its retries; gone once answered or dropped */

struct ask_setup {
	const char *method;       /* NULL is GET */
	const char *path;         /* with its query; "/api/v1/…" */
	const json *body;         /* sent as JSON; NULL for none */
	struct str *raw;          /* a body of another kind, taken over; NULL for none */
	const char *content_type; /* of raw */
	int64_t timeout_ms;       /* 0: as usual */
	const char *idempotency_key;
	bool keep_trying; /* until there is an answer that another try would not change */
	bool urgent;      /* does not leave the rate limit's rest to others: what people wait for */
};
/* NULL never comes back: what cannot be sent is answered as a refusal (400) with words. */
struct ask *mastodon_ask(struct mastodon *m, const struct ask_setup *setup, answer_fn *answered, void *arg);
void mastodon_ask_drop(struct ask *ask);                     /* no answer comes; NULL is fine */
bool mastodon_answer_good(const struct answer *answer);      /* 2xx with JSON */
bool mastodon_answer_no_access(const struct answer *answer); /* the token is refused */

/* --- channels */

enum channel_kind { CHANNEL_MENTIONS, CHANNEL_TAG, CHANNEL_PHRASE };
enum channel_phase {
	CHANNEL_CLOSED,  /* no stream yet, or it was lost */
	CHANNEL_FILLING, /* events are buffered while the gap is filled */
	CHANNEL_LIVE
};

struct event {
	char *type;
	char *data;
	size_t len;
};

/* The ids of the newest events. A stream gives no order: the position that is saved trails by as many events as stand
 * here, so that what was overtaken is asked for again after a crash. */
#define TRAIL 8

struct channel {
	struct mastodon *m;
	enum channel_kind kind;
	char *topic;  /* tag without '#', or phrase; "" */
	char *source; /* the name of its position in the store */
	enum channel_phase phase;
	/* What brings its events: one of them, or none. */
	struct stream *stream;
	struct websocket *socket;
	int feed_at; /* in the order in which they are tried */
	bool moved;  /* it was redirected once; a second time is a loop */
	int lost;    /* attempts that failed since it was open */
	/* Asked for on a timer, for the lack of it. */
	bool polled;
	timer_id poll;
	int64_t poll_every;      /* ms, growing while nothing comes */
	int64_t look_again_mono; /* when a stream is asked for once more; 0 when it is being had or tried */
	bool brought;            /* the poll that goes on has */

	char *position; /* the id up to which everything was handed over; NULL before the first fill */
	char *cursor;   /* the id after which the next page is asked for */
	/* Up to when all was heard, UTC ms by the server's clock; 0: not known, the position alone tells. Of a phrase:
	 * its last search. */
	int64_t heard_until;
	int64_t fills_from;   /* the gap that is being filled begins here; 0 not known */
	bool paged;           /* its first page has come */
	int64_t first_begins; /* of the first page of a fill, when it is full: its oldest entry */
	char *trail[TRAIL];
	int trail_len, trail_at;

	/* while filling */
	struct ask *ask;
	bool newest_only;       /* looks again at the newest page and moves no position */
	bool again;             /* fill once more when done */
	VEC(struct str) pages;  /* of a first fetch: bodies, newest first */
	int fetched;            /* posts in them */
	bool waiting;           /* for the store */
	unsigned long wait_for; /* the batch that must be stored before the next page */
	char *next_max;         /* the oldest id of the newest page */
	int search_offset;

	VEC(struct event) buffer;
	size_t buffered; /* bytes */
	bool overflowed;
	VEC(uint64_t) seen; /* of a phrase: hashes of the ids handed over, newest last */
};

void channel_init(struct channel *ch, struct mastodon *m, enum channel_kind kind, const char *topic);
void channel_release(struct channel *ch);
void channel_open(struct channel *ch);  /* opens the stream, or polls */
void channel_close(struct channel *ch); /* stops all that it does; may be opened again */
void channel_fill(struct channel *ch);  /* begins to fill; ends in channel_filled */
void channel_fill_stop(struct channel *ch);
/* Tells that what was said between ch->fills_from and `to` is out of reach. */
void channel_gap(struct channel *ch, int64_t to, const char *reason);
/* What mastodon_feed.c tells: it is open; an event; it is lost and tried again at that time; it is not to be had. */
void channel_opened(struct channel *ch);
void channel_told(struct channel *ch, const char *type, const char *data, size_t len);
void channel_lost(struct channel *ch, const struct err *reason, int64_t retry_mono_ms);
void channel_refused(struct channel *ch, const struct stream_stop *stop);
void channel_look_again(struct channel *ch); /* for a stream, while polled */
void channel_filled(struct channel *ch);     /* the gap is closed: drains the buffer, then it is live */
void channel_stored(struct channel *ch);     /* a batch of this network is durable */
/* Hands posts over, marked as this channel marks them. position NULL: none moves. */
void channel_hand_over(struct channel *ch, struct item *items, int count, const char *position);
void channel_search(struct channel *ch);                                /* one search for the phrase */
bool mastodon_text_matches(const struct mastodon *m, const char *text); /* a phrase we listen for is in it */

/* --- what brings a channel's events */

enum feed_kind { FEED_EVENTS, FEED_SOCKET, FEED_NONE };

bool feed_possible(const struct channel *ch); /* there is one to try */
bool feed_open(
        struct channel *ch, struct err *err); /* the one at ch->feed_at; false with err set: refused as it stands */
bool feed_next(struct channel *ch);           /* goes on to the next; false when there is none */
void feed_close(struct channel *ch);

/* --- asking on a timer */

void poll_init(struct channel *ch);
void poll_later(struct channel *ch); /* sets the timer, when it is not set */

/* --- the connection */

struct mastodon {
	struct network base;
	struct http *http;
	struct timers *timers;
	uint64_t (*random)(void);
	char *server, *handle, *token;
	char *streaming; /* the origin that streams come from, https:// or http:// */
	int first_fetch;
	const char *(*saved_position)(void *arg, const char *source, struct arena *arena);
	struct network_events events;

	struct arena arena; /* what was learnt of server and account */
	struct mastodon_decoder decoder;
	struct mastodon_instance instance;
	bool verified;
	unsigned caps;

	struct channel *channels; /* the first one is that of mentions */
	int channel_count;

	int64_t ahead_ms; /* of our wall clock before the server's, by the Date of its newest answer */
	struct rate_gate gate;
	struct ask *asks; /* in flight or waiting */
	struct call *calls;
	unsigned long handed, stored; /* batches */

	/* What stands in the way now, and of whom; the account's state follows from it. */
	const void *troubled;
	enum account_state trouble;
	int64_t trouble_until;
	char *trouble_reason;
	bool stopped; /* NEEDS_LOGIN or FAILED: nothing goes on by itself */
	enum account_state told;
	int64_t told_until;
	char *told_reason;
};

void mastodon_trouble(
        struct mastodon *m, const void *who, enum account_state state, int64_t until_wall, const char *reason);
void mastodon_trouble_over(struct mastodon *m, const void *who);
void mastodon_settle(struct mastodon *m); /* tells the account's state when it changed */
void mastodon_stop(struct mastodon *m, enum account_state state, const char *reason);
int64_t mastodon_server_now(const struct mastodon *m); /* UTC ms by the server's clock, as far as it is known */
void mastodon_tell_facts(struct mastodon *m);

/* --- files */

extern const struct upload_room mastodon_uploads; /* whose network is struct mastodon */

/* --- calls: struct network_ops */

void mastodon_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void mastodon_find(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void mastodon_thread(struct network *network, const char *remote_id, call_fn *done, void *arg);
void mastodon_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg);
void mastodon_calls_drop(struct mastodon *m);

int mastodon_login(struct login *login, struct err *err);

extern const struct network_ops mastodon_ops;

#endif
