/* A network: what the courier needs of Mastodon, Bluesky and the rest, as capabilities and calls, never as names.
 * An implementation decodes its server's bytes into model records (struct incoming's shapes) and owns its streams,
 * paging, positions and limits. Everything runs on the courier's loop, calls never block, and every call is answered
 * exactly once through its callback unless network_close() comes first. Records handed to a callback live until it
 * returns. */
#ifndef CORE_NETWORK_NETWORK_H
#define CORE_NETWORK_NETWORK_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/model/model.h"
#include "core/net/http.h"

struct network_ops;

/* What every implementation begins with. */
struct network {
	const struct network_ops *ops;
};

/* One thing that came in; the courier turns these into struct incoming of the store one to one. */
enum item_kind { ITEM_POST, ITEM_DELETE };
struct item {
	enum item_kind kind;
	struct post post;           /* row ids 0; ITEM_DELETE: remote_id alone */
	struct customer customer;   /* the author; for our own posts, us */
	bool mention;               /* addresses us, or was found by listening: wants a case */
	const char *root_remote_id; /* "" unknown */
};

struct network_events {
	void *arg;
	/* A batch, oldest first; count may be 0 when only the position moves. source/position: store them in the same
	 * transaction as the items; NULL: no position moves. A network that pages waits for stored() before it asks for
	 * the page after. */
	void (*items)(void *arg, const struct item *items, int count, const char *source, const char *position);
	/* What was said between from and to (UTC ms; from 0: since the server was last heard) is out of reach: no
	 * request brings it any more. source and reason in words ("#acme"; "a search shows 200 posts"). Told before the
	 * position of that source moves past it. What was older than the first fetch is no gap. */
	void (*gap)(void *arg, const char *source, int64_t from, int64_t to, const char *reason);
	/* The account's state changed. until: wall ms for RETRYING and RATE_LIMITED, else 0. */
	void (*state)(void *arg, enum account_state state, int64_t until, const char *reason);
	/* What the server told of itself. */
	void (*facts)(void *arg, unsigned caps, const struct post_limits *limits, const char *handle);
};

struct network_setup {
	struct http *http; /* outlives the network, as do the timers */
	struct timers *timers;
	uint64_t (*random)(void); /* for jitter: random_u64, or a test's own */
	const char *server, *handle, *token;
	int first_fetch;
	const char *const *listen; /* "#tag" or a phrase */
	int listen_count;
	/* Saved positions: NULL when none. Answers from the store; may block for the time of one read. */
	const char *(*position)(void *arg, const char *source, struct arena *arena);
	struct network_events events;
};

/* How a call ended, as delivery needs to know it. */
enum call_outcome {
	CALL_OK,
	CALL_NOT_SENT, /* certainly did not reach the server, or the server certainly did not act: try again at retry_at
	                */
	CALL_UNKNOWN,  /* may have acted: look before trying again */
	CALL_REFUSED,  /* a permanent answer (4xx): reason is for a person; a further try needs a new idempotency key */
	CALL_GONE,     /* the post it speaks of does not exist (any more), or is hidden from us */
	CALL_NO_ACCESS, /* token refused: nothing will work until somebody logs in */
};
struct call_result {
	enum call_outcome outcome;
	int64_t retry_at;         /* wall ms; 0: by the caller's back-off */
	const char *reason;       /* words; with OK a warning for a person ("@sam was not notified") or "" */
	const struct item *items; /* publish, edit: the post as published (1); fetch: the post (1); thread: all posts;
	                           * find: what matched */
	int count;
};
typedef void call_fn(void *arg, const struct call_result *result);

struct network_ops {
	const char *name; /* "mastodon": the configuration's word */
	int (*open)(const struct network_setup *setup, struct network **out,
	        struct err *err);               /* checks, copies, does not connect */
	void (*start)(struct network *network); /* begins: instance, stream, back-fill, live */
	void (*close)(struct network *network); /* no callback after; frees. Not from inside a callback */
	/* One items() batch is durable: called once for each, in their order; also from inside items(). */
	void (*stored)(struct network *network);
	/* Publishes, edits, deletes, likes, by reply->kind. */
	void (*perform)(struct network *network, const struct reply *reply, call_fn *done, void *arg);
	/* Looks for a reply whose outcome is unknown among our own posts: count 1 with the post, or 0: certainly not
	 * there, or of a kind that may safely be repeated (edits, deletions, likes). */
	void (*find)(struct network *network, const struct reply *reply, call_fn *done, void *arg);
	/* The whole conversation around a post, itself included. */
	void (*thread)(struct network *network, const char *remote_id, call_fn *done, void *arg);
	/* One post as it is now (CALL_GONE: deleted or hidden). */
	void (*fetch)(struct network *network, const char *remote_id, call_fn *done, void *arg);
};

/* The networks built in; NULL for an unknown name. */
const struct network_ops *network_by_name(const char *name);

#endif
