/* What the x*.c files share, and nobody else includes: the account on X, requests with their retries, money, the feeds
 * (mentions, and searches for what is listened for) that bring posts in, and the stream that brings them sooner.
 *
 * A feed asks again and again for what is newer than its position. Pages come newest first: they are kept until the
 * position is reached, then handed over oldest first, and the position moves with the last of them, so that a crash in
 * between loses nothing.
 *
 * With a token of the application's own there is the filtered stream, one connection with a rule for each feed. It is
 * opened first; what it says is kept back while each feed asks once more for what came before; after that they are
 * silent. While the stream is away they ask as if there were none. */
#ifndef CORE_NETWORK_X_PARTS_H
#define CORE_NETWORK_X_PARTS_H

#include "core/base/vec.h"
#include "core/net/backoff.h"
#include "core/net/line_reader.h"
#include "core/net/ratelimit.h"
#include "core/network/spent.h"
#include "core/network/upload.h"
#include "core/network/x_decode.h"

#define X_SERVER "https://api.x.com"
#define X_CURRENCY "USD"
#define X_PAGE 100 /* the most that X gives */

struct x;

/* --- money: an estimate, in millionths of a US dollar */

#define X_PRICE_TABLE(X)                                                                                               \
	X(POST, "post", 5000)    /* read */                                                                            \
	X(OWNED, "owned", 5000)  /* read from the account's own lists: 0.001 where the application is the account's */ \
	X(USER, "user", 10000)   /* read */                                                                            \
	X(REPLY, "reply", 15000) /* or another post */                                                                 \
	X(LINK, "link", 200000)  /* the same with a link in it */                                                      \
	X(DELETE, "delete", 10000)                                                                                     \
	X(ACTION, "action", 15000) /* repost, mute, hide */                                                            \
	X(ALT, "alt", 5000)        /* a description of a file */
#define X_PRICE_MEMBER(n, key, micros) X_PRICE_##n,
enum x_price { X_PRICE_TABLE(X_PRICE_MEMBER) X_PRICE_COUNT };

struct x_purse {
	int64_t price[X_PRICE_COUNT];
	int64_t budget; /* a month; 0: none */
	struct spent spent;
};
/* words: "post=0.005"; what is not named has its default. -ERR_CONFIG names the word that is none. */
int x_purse_init(struct x_purse *purse, const char *const *words, int count, int64_t budget, struct err *err);
int64_t x_purse_cost(const struct x_purse *purse, const struct x_count *count, bool owned);
/* How many posts, each with its author and with what it answers, may yet be read this month; INT_MAX without a budget.
 */
int x_purse_posts_left(struct x_purse *purse, int64_t now_ms, bool owned);
int64_t x_purse_next_month(int64_t now_ms); /* UTC ms */

/* --- requests */

/* X counts requests of each kind apart. */
enum x_bucket {
	X_BUCKET_MENTIONS,
	X_BUCKET_SEARCH,
	X_BUCKET_READ,
	X_BUCKET_POST,
	X_BUCKET_MEDIA,
	X_BUCKET_RULES,
	X_BUCKET_OTHER,
	X_BUCKET_COUNT
};

/* Lives until answered() returns. body is NULL when the answer's is no JSON. */
struct x_answer {
	enum http_outcome outcome;
	int status;
	const json *body;
	const char *bytes;
	size_t len;
	enum x_fault fault;
	int64_t retry_at;   /* wall ms; 0 */
	const char *reason; /* in words, when it is no success */
};
typedef void x_answer_fn(void *arg, const struct x_answer *answer);

struct x_ask;
struct x_ask_setup {
	const char *method; /* NULL is GET */
	const char *path;
	const json *body;
	const char *content_type; /* of raw */
	struct str *raw;          /* instead of body: taken over */
	int64_t timeout_ms;       /* 0: the usual */
	enum x_bucket bucket;
	int64_t price;    /* of the request when it succeeds; posts and users that it brings are counted beside it */
	bool keep_trying; /* until there is an answer that another try would not change */
	bool owned;       /* asks for one of the account's own lists */
	bool unpaid;      /* what it brings is no post */
	bool as_app;      /* with the application's own token: what it may not do concerns the stream alone */
};
struct x_ask *x_ask(struct x *x, const struct x_ask_setup *setup, x_answer_fn *answered, void *arg);
void x_ask_drop(struct x_ask *ask); /* no answer comes; NULL is fine */
bool x_answer_good(const struct x_answer *answer);
const char *x_ask_reason(int status, const json *body, struct arena *arena); /* of an answer that is no success */
/* Stops the account after an answer with which neither waiting nor asking again helps. */
void x_stop_if_final(struct x *x, const struct x_answer *answer, bool as_app);

/* Tokens that end are renewed before they do; requests wait meanwhile. */
bool x_token_ready(struct x *x);
void x_token_refused(struct x *x); /* by the server, before its time */
void x_token_renew(void *arg);
void x_basic(const char *id, const char *secret, struct str *out); /* RFC 6749, 2.3.1 */
void x_asks_go_on(struct x *x);                                    /* those that wait for the token */

/* --- feeds */

struct x_feed {
	struct x *x;
	char *query;  /* of a search; NULL for mentions */
	char *source; /* the name of its position */
	char *words;  /* for a person */
	char *position, *next_token;
	struct x_ask *ask;
	timer_id poll;
	VEC(struct str) pages; /* bodies, newest first */
	int fetched;
	int64_t gap_from;
	char *newest, *oldest; /* ids of this fill */
	int stale;             /* pages in a row that brought no new id */
	bool filled, waiting, once_more;
	unsigned long wait_for;
	char *rule; /* the id of its rule on the stream; NULL: it has none, and is polled */
};
void x_feeds_open(struct x *x, const char *const *listen, int count);
void x_feed_begin(void *feed);           /* a fill; then again and again, unless the stream brings what it is for */
void x_feed_refill(struct x_feed *feed); /* a fill from now on, after the present one if there is one */
void x_feed_poll(struct x_feed *feed);   /* the stream is gone: as if there were none */
bool x_feed_move(struct x_feed *feed, const char *position); /* forward only; true when it did */
void x_feed_stop(struct x_feed *feed);
void x_feed_release(struct x_feed *feed);
void x_feed_stored(struct x_feed *feed);
/* The fields and expansions to ask for, in the new names or in the old. */
const char *x_fields_in(bool new_names);
const char *x_fields(const struct x *x); /* in those that X understands now */

/* --- files */

#define X_FILES 4 /* pictures, or one GIF or video */
#define X_ALT 1000
#define X_IMAGE_BYTES (INT64_C(5) * 1024 * 1024)
#define X_GIF_BYTES (INT64_C(15) * 1024 * 1024)
#define X_VIDEO_BYTES (INT64_C(512) * 1024 * 1024)

extern const struct upload_room x_uploads; /* whose network is struct x */

/* --- the stream */

enum x_stream_phase {
	X_STREAM_NONE, /* no token for it, or it was refused for good: the feeds poll */
	X_STREAM_WAITING,
	X_STREAM_RULES,
	X_STREAM_CONNECTING,
	X_STREAM_FILLING,
	X_STREAM_LIVE
};

struct x_stream {
	enum x_stream_phase phase;
	struct x_ask *ask; /* about the rules */
	struct http_call *call;
	struct line_reader reader;
	timer_id retry, watchdog, move, settle;
	int64_t last_byte_ms, opened_ms; /* monotonic */
	int64_t lost_wait_ms, refused_wait_ms, limited_wait_ms;
	/* Of the present attempt. */
	int status;
	bool is_json;
	int64_t retry_at; /* wall ms; 0 */
	struct str refusal;
	VEC(struct str) kept_back; /* lines, while the feeds fill */
	size_t kept_back_bytes;
	bool overflowed;
	bool new_rules; /* some were added: they are not heard at once */
	char *why;      /* it is not used, in words; NULL */
};
void x_stream_init(struct x *x);
void x_stream_begin(struct x *x); /* when there is a token for it */
void x_stream_stop(struct x *x);
void x_stream_release(struct x *x);
void x_stream_filled(struct x *x);                                  /* a feed has */
bool x_stream_brings(const struct x *x, const struct x_feed *feed); /* while it is open */

/* Makes the rules those of the feeds, and sets each feed's own; what others have there stays. Answered on the way with
 * NULL, or with what went wrong. */
void x_rules_sync(struct x *x, void (*done)(struct x *x, const struct x_answer *refused));

/* --- the account */

struct x {
	struct network base;
	struct http *http;
	struct timers *timers;
	uint64_t (*random)(void);
	char *server, *handle, *self_id;
	struct credentials secrets;
	int first_fetch;
	const char *(*saved_position)(void *arg, const char *source, struct arena *arena);
	struct network_events events;
	struct x_decoder decoder;
	struct x_purse purse;
	char spent_told[sizeof((struct spent *)0)->today]; /* the day of what was told last */
	bool new_names, dialect_known;
	int64_t ahead_ms; /* of our wall clock before the server's, by the Date of its newest answer */

	struct http_call *renewing;
	timer_id renew_timer;
	struct backoff renew_backoff;
	struct credentials renewed; /* not yet durable */
	bool renewal_kept_back;
	int64_t token_life_s; /* of the newest token, when it was made; 0: made before this process */

	struct x_stream stream;
	void (*rules_done)(struct x *x, const struct x_answer *refused);
	struct x_feed *feeds; /* the first one is that of mentions */
	int feed_count;
	struct x_ask *asks;
	struct x_call *calls;
	struct rate_gate gates[X_BUCKET_COUNT];
	int64_t limited_wait_ms[X_BUCKET_COUNT]; /* of the last refusal as too many that named no time */
	int64_t day_full_mono;                   /* no post before this: those of 24 hours are used up */
	unsigned long handed, stored;            /* batches */

	const void *troubled;
	enum account_state trouble;
	int64_t trouble_until;
	char *trouble_reason;
	bool stopped, verified;
	timer_id resume;   /* after a stop that money ends */
	int64_t resume_at; /* wall ms; 0 */
	enum account_state told;
	int64_t told_until;
	char *told_reason;
};

void x_tell_facts(struct x *x);
void x_trouble(struct x *x, const void *who, enum account_state state, int64_t until_wall, const char *reason);
void x_trouble_over(struct x *x, const void *who);
void x_settle(struct x *x);
/* Stops, and looks again after a while: only somebody who pays ends it. */
void x_stop_unpaid(struct x *x, const char *reason);
void x_stop(struct x *x, enum account_state state, const char *reason);
void x_hand_over(struct x *x, const struct item *items, int count, const char *source, const char *position);
void x_day_passes(struct x *x); /* tells that a new one began at zero, when it did */
void x_paid(struct x *x, int64_t micros);

void x_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void x_find(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void x_thread(struct network *network, const char *remote_id, call_fn *done, void *arg);
void x_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg);
void x_calls_drop(struct x *x);
int x_login(struct login *login, struct err *err);

/* The Authorization of a request by OAuth 1.0a (RFC 5849, 3.4 and 3.5.1). form: parameters of the body, already
 * "key=value&…"; extra: one oauth_ parameter more, as "oauth_callback=oob", or "". */
struct x_oauth1 {
	const char *key, *key_secret, *token, *token_secret; /* the last two "" before there are some */
	const char *nonce;
	int64_t timestamp; /* Unix seconds */
};
void x_oauth1_header(
        const struct x_oauth1 *keys, const char *method, const char *url, const char *extra, struct str *out);

int64_t x_server_time(const struct x *x, int64_t ours_ms); /* UTC ms by X's clock, as far as it is known */
/* The id that a post of that time would have had: ids hold their time, by X's clock. */
void x_id_of_time(int64_t utc_ms, char out[24]);
int64_t x_time_of_id(const char *id); /* UTC ms */

extern const struct network_ops x_ops;

#endif
