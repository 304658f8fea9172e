/* What the bluesky*.c files share, and nobody else includes: an account on Bluesky or on another server of the AT
 * Protocol, its session, requests with their retries, and the feeds (notifications, and a search for each word that is
 * listened for) that bring posts in.
 *
 * Requests go to the account's own server (its PDS), which passes on what others answer. Nothing is pushed: a feed asks
 * again and again. Lists are sorted by a time that authors choose (the earlier one of createdAt and of when the post
 * was seen), so what is new may come in far below what is known: from time to time a feed looks further back than it
 * has to, and tells by their addresses what is new. Pages come newest first: they are kept until the position is
 * reached, then handed over oldest first, and the position moves with the last of them. */
#ifndef CORE_NETWORK_BLUESKY_PARTS_H
#define CORE_NETWORK_BLUESKY_PARTS_H

#include "core/base/vec.h"
#include "core/net/backoff.h"
#include "core/net/ratelimit.h"
#include "core/network/bluesky_decode.h"
#include "core/network/upload.h"
#include "core/text/facet.h"

#define BLUESKY_SERVER "https://bsky.social"
#define BLUESKY_DIRECTORY "https://plc.directory" /* of DIDs of the method plc */
#define BLUESKY_AT_ONCE 25                        /* posts or profiles that one request asks for */

struct bluesky;

/* --- requests */

/* Lives until answered() returns. body is NULL when the answer's is no JSON, as proxies have it. */
struct bluesky_answer {
	enum http_outcome outcome;
	int status;
	const json *body;
	const char *bytes;
	size_t len;
	enum bluesky_fault fault;
	int64_t retry_at;   /* wall ms; 0 */
	const char *reason; /* in words, when it is no success */
};
typedef void bluesky_answer_fn(void *arg, const struct bluesky_answer *answer);

struct bluesky_ask;
struct bluesky_ask_setup {
	const char *call;      /* "app.bsky.feed.getPosts?uris=…" */
	const json *body;      /* NULL: GET */
	const struct str *raw; /* instead of body: bytes, of `content_type` */
	const char *content_type;
	int64_t timeout_ms; /* 0: as usual */
	bool keep_trying;   /* until there is an answer that another try would not change */
	bool chat;          /* for the server of private messages; what it refuses says nothing of the session */
	bool urgent;        /* goes before what is read in the background */
};
struct bluesky_ask *bluesky_ask(
        struct bluesky *b, const struct bluesky_ask_setup *setup, bluesky_answer_fn *answered, void *arg);
void bluesky_ask_drop(struct bluesky_ask *ask); /* no answer comes; NULL is fine */
bool bluesky_answer_good(const struct bluesky_answer *answer);
bool bluesky_answer_no_access(const struct bluesky_answer *answer); /* the token is refused, also after its renewal */
/* What it means for a call that was to do something. */
enum call_outcome bluesky_outcome(const struct bluesky_answer *answer);
void bluesky_asks_go_on(struct bluesky *b); /* those that wait for the session */
/* In words; of the arena. body may be NULL. */
const char *bluesky_reason(int status, const json *body, struct arena *arena);

/* --- the session: a token for two hours, and another one that renews it; behind them the app password */

void bluesky_session_open(struct bluesky *b); /* finds the server, then says who we are: bluesky_session_known() */
void bluesky_session_close(struct bluesky *b);
bool bluesky_session_ready(struct bluesky *b); /* else it is renewed, and bluesky_asks_go_on() comes */
/* The server takes the token of that generation no more. False: it was new, there is no use in another one. */
bool bluesky_session_refused(struct bluesky *b, unsigned long generation);
void bluesky_session_proven(struct bluesky *b);
void bluesky_session_known(struct bluesky *b); /* of bluesky.c: b->self and b->pds are there */

/* Appends what createSession is asked with. Room for it is the caller's affair: growing would leave a copy behind. */
void bluesky_session_body(const char *identifier, const char *password, struct str *out);
#define BLUESKY_SESSION_ROOM 4096 /* bytes */
/* The address of a DID's document in out; false for a method that is not known. `directory`: BLUESKY_DIRECTORY. */
bool bluesky_document_address(const char *did, const char *directory, struct str *out);
/* Where sessions are made for an account whose repository is at `pds`. */
const char *bluesky_session_server(const char *pds);
/* Is the handle one that this DID document has, too? */
bool bluesky_document_names(const json *document, const char *did, const char *handle);

/* --- feeds */

struct bluesky_feed {
	struct bluesky *b;
	char *word;             /* what is searched for; NULL for notifications */
	char *source;           /* the name of its position */
	int64_t position;       /* up to when all was handed over, by the lists' time, UTC ms; 0: never yet */
	int64_t from;           /* nothing of before is wanted, by the same time; 0: all is */
	int64_t newest, oldest; /* times in this fill */
	char *cursor;
	struct bluesky_ask *ask;
	timer_id poll;
	int64_t poll_at;   /* mono ms */
	int64_t poll_ms;   /* the wait before the next poll; grows while nothing comes */
	int64_t deep_at;   /* when it looks further back again, mono ms */
	bool deep;         /* this fill does */
	VEC(json *) pages; /* newest first */
	int scanned, fetched;
	int stale; /* pages in a row that led no further back */
	bool filled, waiting, fresh, hurried;
	unsigned long wait_for;
	/* of the page that is being handed over */
	json *page;
	VEC(const char *) uris, dids; /* to be asked for; they belong to the page */
	size_t uris_asked, dids_asked;
	VEC(json *) views, profiles; /* answers */
	bool views_trusted;          /* what they do not have is gone */
	VEC(uint64_t) seen;          /* hashes of addresses handed over, newest last */
};
void bluesky_feed_init(struct bluesky_feed *feed, struct bluesky *b, const char *word);
void bluesky_feeds_open(struct bluesky *b, const char *const *listen, int count);
void bluesky_feed_begin(void *feed); /* a fill; then again and again */
void bluesky_feed_stop(struct bluesky_feed *feed);
void bluesky_feed_release(struct bluesky_feed *feed);
void bluesky_feed_stored(struct bluesky_feed *feed);
/* There is something new: asks again soon. */
void bluesky_feed_hurry(struct bluesky_feed *feed);
bool bluesky_feed_knows(const struct bluesky_feed *feed, const char *uri); /* handed over lately */
/* Of one that asks for nothing itself (its word is ""): hands over the posts of an answer, which it takes. */
void bluesky_feed_take(struct bluesky_feed *feed, json *page);

/* --- every post of the network as it is said, where the configuration names a server that tells */

struct bluesky_stream;
/* NULL with err set when the address is refused. */
struct bluesky_stream *bluesky_stream_open(struct bluesky *b, struct err *err);
void bluesky_stream_close(struct bluesky_stream *stream); /* NULL is fine, here and below */
void bluesky_stream_stored(struct bluesky_stream *stream);

/* --- private messages */

struct bluesky_chat;
struct bluesky_chat *bluesky_chat_open(struct bluesky *b);
void bluesky_chat_close(struct bluesky_chat *chat); /* NULL is fine, here and below */
void bluesky_chat_stored(struct bluesky_chat *chat);
bool bluesky_chat_is_open(const struct bluesky_chat *chat); /* the app password lets us */

/* --- the account */

struct bluesky_call;

struct bluesky {
	struct network base;
	struct http *http;
	struct timers *timers;
	uint64_t (*random)(void);
	char *handle;               /* without '@' */
	char *service;              /* where sessions are made; NULL before it is found */
	char *pds;                  /* where requests go; the same until it is known better */
	char *resolver, *directory; /* where handles and DIDs are looked up */
	char *firehose;             /* what tells every post; NULL for none */
	struct credentials secrets;
	int first_fetch;
	const char *(*saved_position)(void *arg, const char *source, struct arena *arena);
	struct network_events events;
	struct bluesky_decoder decoder;
	struct arena arena;   /* of self */
	struct customer self; /* remote_key "" before it is known */

	struct http_call *session_call;
	timer_id session_timer;
	struct backoff session_backoff;
	struct credentials renewed; /* not yet durable */
	bool renewal_kept_back, by_password, unproven, feeds_begun;
	unsigned long generation; /* of the token */
	char *did;                /* while the server is looked for */

	struct bluesky_feed *feeds; /* the first one is that of notifications */
	int feed_count;
	struct bluesky_stream *stream; /* NULL for none */
	struct bluesky_chat *chat;     /* NULL before the session is known */
	struct bluesky_ask *asks;
	struct bluesky_call *calls;
	struct rate_gate reads, writes;
	unsigned long handed, stored; /* batches */

	const void *troubled;
	enum account_state trouble;
	int64_t trouble_until;
	char *trouble_reason;
	bool stopped;
	enum account_state told;
	int64_t told_until;
	char *told_reason;
};

void bluesky_trouble(
        struct bluesky *b, const void *who, enum account_state state, int64_t until_wall, const char *reason);
void bluesky_trouble_over(struct bluesky *b, const void *who);
void bluesky_settle(struct bluesky *b); /* tells the account's state when it changed */
void bluesky_tell_facts(struct bluesky *b);
void bluesky_stop(struct bluesky *b, enum account_state state, const char *reason);
void bluesky_hand_over(
        struct bluesky *b, const struct item *items, int count, const char *source, const char *position);

/* --- files */

extern const struct upload_room bluesky_uploads; /* whose network is struct bluesky; an id is the blob as JSON */
extern const struct post_limits bluesky_limits;

/* --- calls: struct network_ops */

struct bluesky_call {
	struct bluesky *b;
	call_fn *done;
	void *arg;
	struct bluesky_ask *ask;
	bluesky_answer_fn *answered; /* to it */
	struct upload *upload;
	timer_id timer;
	enum call_outcome later; /* what the timer answers */
	const char *later_reason;
	struct arena arena;
	struct bluesky_call *next;
	enum reply_kind kind;
	const char *remote_id, *collection, *words;
	char rkey[BLUESKY_TID_SIZE];
	json *record;       /* to be put */
	struct str warning; /* what somebody should know of a call that went well */
	/* a reply */
	const struct attachment *files;
	int file_count;
	struct facet_text *text;
	int name; /* the facet whose handle is being looked up */
	const char **dids;
	/* a private message; `thread` is its conversation */
	bool chat, finding;
	const char *convo, *message;
	int64_t created_at;
	/* a thread */
	json *thread;
};

struct bluesky_call *bluesky_call_new(struct network *network, call_fn *done, void *arg);
void bluesky_call_end(struct bluesky_call *call, const struct call_result *result);
/* What needs no request is answered on the next turn: whoever calls has to have returned. */
void bluesky_call_end_later(struct bluesky_call *call, enum call_outcome outcome, const char *reason);
/* False, and the call has ended, when the answer is no success. */
bool bluesky_call_goes_on(struct bluesky_call *call, const struct bluesky_answer *answer);
/* The same for what only reads on the way to doing something: nothing has been done yet. */
bool bluesky_call_reads_on(struct bluesky_call *call, const struct bluesky_answer *answer);
void bluesky_call_ask(struct bluesky_call *call, const char *name, const json *body, bluesky_answer_fn *answered);
/* getPosts of one address. */
void bluesky_call_ask_post(struct bluesky_call *call, const char *uri, bluesky_answer_fn *answered);
/* getRecord of our own repository. */
void bluesky_call_ask_record(
        struct bluesky_call *call, const char *collection, const char *rkey, bluesky_answer_fn *answered);
void bluesky_calls_drop(struct bluesky *b);

void bluesky_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void bluesky_find(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void bluesky_thread(struct network *network, const char *remote_id, call_fn *done, void *arg);
void bluesky_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg);
/* Of bluesky_publish.c: a reply, until it is put. */
void bluesky_publish(struct bluesky_call *call, const struct reply *reply);
/* did: of a mention. */
void bluesky_add_facet(json *facets, const struct facet *facet, const char *did);
/* Of bluesky_chat.c, for replies that are private and for what is known by a message's id. */
void bluesky_chat_send(struct bluesky_call *call, const struct reply *reply);
void bluesky_chat_find(struct bluesky_call *call, const struct reply *reply);
void bluesky_chat_read(struct bluesky_call *call, bool whole); /* the conversation, or the one message */
bool bluesky_message_parse(const char *remote_id, struct arena *arena, const char **convo, const char **id);
/* Puts call->record under call->rkey, exactly once. */
void bluesky_put(struct bluesky_call *call);

int bluesky_login(struct login *login, struct err *err);

extern const struct network_ops bluesky_ops;

#endif
