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
#include "core/base/json.h"
#include "core/model/credential.h"
#include "core/model/model.h"
#include "core/net/http.h"

struct network_ops;
struct uv_loop_s; /* uv_loop_t */

/* What every implementation begins with. */
struct network {
	const struct network_ops *ops;
};

/* One thing that came in; the courier turns these into struct incoming of the store one to one. */
enum item_kind { ITEM_POST, ITEM_DELETE, ITEM_CUSTOMER };
struct item {
	enum item_kind kind;
	/* Row ids 0; reply_refusal where answering is not allowed; ITEM_DELETE: remote_id and when; ITEM_CUSTOMER:
	 * none. */
	struct post post;
	struct customer customer;   /* the author; for our own posts, us; ITEM_CUSTOMER: as they are now */
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
	/* What the account can do there, and what that costs: whenever it is learnt or changes. */
	void (*facts)(void *arg, const struct account_facts *facts);
	/* What has been spent; a network that charges tells it after each answer that cost something, and keeps its own
	 * count as a position ("spent"), which survives a restart. NULL: nobody asks. */
	void (*spent)(void *arg, const struct spending *spending);
	/* New credentials, all of one answer together ("" or NULL takes one away). 0: they are on disk and may be used;
	 * before that the old ones are all that the next start knows, and a refresh token that can be used once is
	 * lost with the process. Negative: they are not, err says why; go on with them and try again. Blocks for the
	 * time of one small write. */
	int (*keep)(void *arg, const struct credential_value *values, int count, struct err *err);
};

struct network_setup {
	struct http *http; /* outlives the network, as do the timers and the loop */
	struct timers *timers;
	struct uv_loop_s *loop;   /* for programs that a network starts; NULL where none may be */
	uint64_t (*random)(void); /* for jitter: random_u64, or a test's own */
	const char *server, *handle;
	const char *command;               /* of the configuration: what to run (adapters); "" */
	const char *firehose;              /* of the configuration: a server that tells every post there is; "" */
	const struct credentials *secrets; /* copied by open() */
	int first_fetch;
	const char *const *listen; /* "#tag" or a phrase */
	int listen_count;
	const char *const *prices; /* "post=0.005": what differs from the network's own */
	int price_count;
	int64_t month_budget; /* millionths of its currency; 0: none */
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

/* A login: questions and answers with a person at a terminal, requests that are waited for. `talk` is the courier's. */
struct login_answer {
	int status;
	const json *body; /* NULL when it is none; lives until the next request, as does the text */
	const char *text; /* what came, of any kind */
};
struct login {
	const char *account; /* [account NAME] */
	const char *server, *handle;
	const struct credentials *known; /* what is there already, of whatever age */
	/* 0 and the answer, whatever it was; ERR_UNAVAILABLE when none came. */
	int (*ask)(
	        struct login *login, const struct http_request *request, struct login_answer *answer, struct err *err);
	/* By the door of core/text/plain.h: what a server said cannot act on a terminal, nor begin a line. */
	void (*say)(struct login *login, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
	/* A line from the person, trimmed, at most 4 KiB. `hidden`: not echoed, and known as a secret. ERR_IO at the
	 * end of the input, ERR_USAGE when it is empty. */
	int (*read)(struct login *login, bool hidden, struct str *line, struct err *err);
	/* Durable when it returns 0. */
	int (*keep)(struct login *login, const struct credential_value *values, int count, struct err *err);
};

struct network_ops {
	const char *name; /* "mastodon": the configuration's word */
	/* The credential that the first line of a token_command is, and without which open() is not called;
	 * CREDENTIAL_COUNT: it needs none. */
	enum credential credential;
	/* `curlew login`: gets what open() needs and keeps it. ERR_PERMISSION the server refused, ERR_UNAVAILABLE it
	 * cannot be reached. NULL: there is nothing to log in to. */
	int (*login)(struct login *login, struct err *err);
	int (*open)(const struct network_setup *setup, struct network **out,
	        struct err *err);               /* checks, copies, does not connect */
	void (*start)(struct network *network); /* begins: instance, stream, back-fill, live */
	void (*close)(struct network *network); /* no callback after; frees. Not from inside a callback */
	/* One items() batch is durable: called once for each, in their order; also from inside items(). */
	void (*stored)(struct network *network);
	/* Does what reply->kind says; only what the account's capabilities allow is asked for. What a network needs for
	 * doing it once was fixed when the reply was accepted, and is the same at each try, after a crash too:
	 * idempotency_key (32 hex digits; a new one only after CALL_REFUSED) and created_at. A record key can be made
	 * of the two. */
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
