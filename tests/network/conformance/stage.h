/* The stage of the conformance tests. On one side stands a room of core/network, behind network.h; on the other its
 * server, as the room's world plays it: what was said there is kept here, in no network's words, and the world tells it
 * in the bytes of that network. The courier is played here, too: what is handed over is stored at once or when a
 * sentence says so, and positions move as in the store.
 *
 * Sentences (sentence.h) are written once and run in every world. They know posts, faults and the account; no network.
 * Time is the test's own: wait_until() lets it pass whenever nothing goes on between the two sides. */
#ifndef TESTS_NETWORK_CONFORMANCE_STAGE_H
#define TESTS_NETWORK_CONFORMANCE_STAGE_H

#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/network/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUR_NAME "brand"
#define OUR_HANDLE "@" OUR_NAME /* how customers call us in the texts of sentences */
#define STAGE_TOKEN "token-of-the-stage"
#define ID_SIZE 160 /* bytes, NUL included */

struct world;
struct script_server;
struct uv_loop_s;
struct stage;

/* --- what was said on the network */

enum happening { HAPPENED_POST, HAPPENED_EDIT, HAPPENED_DELETE };

struct said {
	char id[ID_SIZE];        /* as the room hands it over; made by the world when it is said */
	char version[ID_SIZE];   /* of its newest text, where an edit has a name of its own */
	int number;              /* from 0, in the order in which posts were said */
	char *text, *first_text; /* now, and before its first edit */
	char *name;              /* the author's display name */
	struct said *parent;     /* NULL for a root; may be deleted by now */
	bool ours, mentions_us, deleted;
	bool liked, boosted; /* by us */
	bool closed;         /* its author lets us not answer */
	bool unreadable;     /* told without what a post needs; nobody can read it */
	int64_t at, edited_at;
	char *key; /* of ours: what it was published under, where the network knows such a thing */
};

enum fault_kind {
	FAULT_NONE,
	FAULT_BUSY,        /* the limit of requests is used up until stage->busy_until */
	FAULT_DOWN,        /* a proxy's page, nothing done */
	FAULT_LOST_BEFORE, /* the connection ends, nothing done */
	FAULT_LOST_AFTER,  /* done, and the connection ends without an answer */
	FAULT_CUT,         /* done, and half an answer comes */
	FAULT_NONSENSE,    /* done, and the answer is none */
	FAULT_TOKEN,       /* the token is refused, and said back */
	FAULT_REFUSED,     /* for good, in words: stage_refusal */
};
extern const char stage_refusal[]; /* what a world's server says when it refuses for good */

/* What a request is for; a fault befalls one kind. Logins are told apart: no fault reaches them. */
enum request_kind { REQUEST_READ, REQUEST_PUBLISH, REQUEST_CHANGE, REQUEST_STREAM, REQUEST_LOGIN, REQUEST_KIND_COUNT };

struct fault {
	enum fault_kind kind;
	enum request_kind of;
	int times; /* left; -1 for ever */
};

/* --- a world: one network's server, as the suite plays it */

/* A sentence that the network cannot keep, why, and what holds in its place (instead.h has what several need). */
struct exception {
	const char *sentence, *reason;
	void (*instead)(void **state);
};

struct room {
	const char *name;    /* of the row: "gotosocial" */
	const char *network; /* the configuration's word */
	/* The one place where a network's limits are stated: ends with one without a sentence. NULL for none. */
	const struct exception *exceptions;
	/* Sets stage->server and whatever else opening needs, besides STAGE_TOKEN. */
	void (*begin)(struct stage *stage);
	void (*end)(struct stage *stage);
	/* Names what is being said, id and version, as this network would; also after an edit. */
	void (*name_post)(struct stage *stage, struct said *said);
	/* Tells those who listen. NULL where nobody can. */
	void (*happened)(struct stage *stage, enum happening what, const struct said *said);
	/* Ends the open streams. NULL where there are none. */
	void (*cut)(struct stage *stage);
	/* Says something to those who listen that no version of the room knows, and something broken. NULL: cannot. */
	void (*babble)(struct stage *stage);
	/* Its author lets nobody answer. NULL where no rule of that kind is told apart from the post. */
	void (*closed)(struct stage *stage, const struct said *said);
	/* Something goes on that no descriptor of the loop shows, so that time has to wait. NULL: nothing does. */
	bool (*is_under_way)(struct stage *stage);
	/* The servers are real ones: their clock is the machine's, and only our waits are passed by. */
	bool live;
};

/* --- what came to us */

struct seen {
	enum item_kind kind;
	char *id, *text, *parent, *root, *handle, *name, *mentions, *links, *refusal, *customer_key;
	bool mention;
	enum direction direction;
	int64_t created_at, edited_at;
};

/* What is handed over but not yet durable. */
struct batch {
	VEC(struct seen) items;
	char source[96], position[ID_SIZE];
	bool moves;
};

struct place {
	char source[96], position[ID_SIZE];
};

struct stage {
	const struct room *room;
	struct world *world;

	/* the network's side */
	void *played; /* the world's own */
	char server[128];
	char command[512];     /* "" but for adapters */
	const char *app_token; /* of our application; NULL: it has none */
	VEC(struct said *) said;
	struct fault fault;
	int64_t busy_until, behind_ms;    /* of the server's wall clock behind ours */
	int requests[REQUEST_KIND_COUNT]; /* that reached the server */
	int streams;                      /* open now */

	/* ours */
	struct network *network;
	int first_fetch;
	bool hold; /* nothing is durable before store() */
	VEC(struct batch) held;
	VEC(struct seen) seen;
	VEC(struct place) places;
	enum account_state state;
	int64_t until;
	char reason[512];
	struct account_facts facts;
	bool facts_told;
	int gaps, told; /* callbacks of any kind */

	/* of the last call */
	bool answered;
	enum call_outcome outcome;
	int64_t retry_at;
	char why[512];
	VEC(struct seen) items;
};

/* cmocka's setup and teardown: the initial state is a struct row, *state becomes the stage. */
struct row {
	const struct room *room;
	const struct sentence *sentence;
};
int stage_begin(void **state);
int stage_end(void **state);

/* --- on the network */

/* A customer's post; the parent may be NULL. What has our handle in it mentions us. */
struct said *customer_says(struct stage *stage, const char *text, struct said *parent);
struct said *customer_says_as(struct stage *stage, const char *text, const char *name);
struct said *we_said(struct stage *stage, const char *text, struct said *parent); /* from elsewhere, not from here */
/* It lacks what a post needs. */
struct said *customer_says_unreadably(struct stage *stage, const char *text);
void author_closes(struct stage *stage, struct said *said);
void author_edits(struct stage *stage, struct said *said, const char *text);
void author_deletes(struct stage *stage, struct said *said);
void fault_befalls(struct stage *stage, enum request_kind of, enum fault_kind kind, int times);
/* For worlds: the fault that befalls this request; what it was to befall once is over with it. */
enum fault_kind fault_meets(struct stage *stage, enum request_kind kind);
struct uv_loop_s *stage_loop(struct stage *stage);
struct said *stage_find(struct stage *stage, const char *id); /* NULL; also by its version */
struct timers *stage_timers(struct stage *stage);             /* for what a server does by itself */
struct script_server *stage_server(struct stage *stage);      /* on loopback, in the test's own loop */
/* For worlds: one that is being published by us. */
struct said *stage_publish(struct stage *stage, const char *text, struct said *parent, const char *key);
/* How many posts of ours are there with that text. */
int published(struct stage *stage, const char *text);

/* --- on our side */

void connect_desk(struct stage *stage);
void disconnect_desk(struct stage *stage);
void connect_live(struct stage *stage); /* and waits until the account is, by its stream where it has one */
void store(struct stage *stage);        /* what is held is durable */
void crash(struct stage *stage);        /* what is held is gone, and so are we */
const struct seen *seen_of(const struct stage *stage, const struct said *said); /* the newest; NULL */
bool holds_posts(const struct stage *stage); /* some are handed over and not yet durable */
int posts_seen(const struct stage *stage);   /* different ones */

struct reply reply_to(const struct said *to, const char *text);
struct reply act_on(const struct said *said, enum reply_kind kind);
void perform(struct stage *stage, const struct reply *reply);
void perform_when_possible(struct stage *stage, const struct reply *reply); /* again, as long as it is not sent */
/* Looks until it is certain. */
void find(struct stage *stage, const struct reply *reply);
void look(struct stage *stage, const struct reply *reply); /* once */
void fetch(struct stage *stage, const struct said *said);
void thread(struct stage *stage, const struct said *said);
bool can(const struct stage *stage, enum capability cap);

/* --- time */

int64_t server_now(const struct stage *stage);          /* UTC ms by the server's clock */
void our_clock_is_set(struct stage *stage, int64_t ms); /* so much later; the server's is not */

void turn(struct stage *stage);
/* Time goes on to the next deadline of ours when nothing is under way. */
void let_time_pass(struct stage *stage);
void pass(struct stage *stage, int64_t ms);
void pass_by_deadlines(struct stage *stage, int64_t ms); /* … and at each of ours both sides have time to act */
int64_t real_ms(void);
#define PATIENCE_MS 20000 /* real ones, before a test is stuck */
#define wait_until(stage, condition)                                                                                   \
	do {                                                                                                           \
		int64_t give_up_ = real_ms() + PATIENCE_MS;                                                            \
		while (!(condition)) {                                                                                 \
			if (real_ms() > give_up_)                                                                      \
				fail_msg("waited in vain for " #condition " (%s: %s)",                                 \
				        account_state_name((stage)->state), (stage)->reason);                          \
			let_time_pass(stage);                                                                          \
		}                                                                                                      \
	} while (0)

#endif
