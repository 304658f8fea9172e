/* The same world as X's API v2 shows it: whatever is public, under ids that hold their time, in whichever of the two
 * sets of names the request asks for; tokens that are renewed once, rules about who may be answered, limits of 15
 * minutes and of a day, and a price for each thing that is read or written. After docs.x.com and its OpenAPI document;
 * the bytes of what goes wrong follow tests/data/x. */
#ifndef TESTS_FAKENET_X_H
#define TESTS_FAKENET_X_H

#include "core/base/json.h"
#include "core/base/vec.h"
#include "tests/fakenet/faults.h"
#include "tests/fakenet/http.h"
#include "tests/fakenet/world.h"

struct site;
struct token;
struct call;

/* --- what X keeps */

struct x_rule {
	int64_t id;
	char *value, *tag;
};

struct x_stream {
	struct x_site *x;
	struct http_conn *conn;
	const struct token *token;
	char *query; /* of its request, for the fields it wants */
	char *path;  /* for faults */
	int64_t id, since_ms;
	bool stalled;
	struct str held; /* what would have been written while stalled */
};

/* Requests of one kind by one token in the present 15 minutes, or of posts in the present day. */
struct x_budget {
	const struct token *token;
	int kind;
	int64_t window;
	int used;
};

struct x_message { /* private */
	int64_t id;
	const struct person *from, *to;
	char *text;
	int64_t at_ms;
};

struct x_site {
	struct site *site;
	VEC(struct x_rule) rules;
	VEC(struct x_stream *) streams;
	VEC(struct x_budget) budgets;
	VEC(struct x_message) messages;
	char *refresh; /* the one refresh token that is good */
	int renewals;  /* tokens given for it */
	int64_t next_id;
	uint64_t beat_ms;  /* 20,000 */
	int streams_max;   /* at a time: 1 */
	int limit;         /* of each kind in 15 minutes, for a test; 0: X's own; -1: none */
	int day_limit;     /* posts a day; 0: 10,000 */
	int64_t charged;   /* millionths of a dollar */
	int64_t credits;   /* the same, from the start; -1: no end */
	bool forgets_old;  /* the names tweet.* are dropped in silence */
	bool forgets_new;  /* the names post.* are */
	bool enterprise;   /* likes are taken, and anybody may be answered */
	bool no_streaming; /* the plan has no stream */
};

void x_init(struct x_site *x, struct site *site);
void x_release(struct x_site *x);
void x_changed(void *arg, const struct change *change); /* a change_fn; arg is the struct x_site */
void x_control(struct call *call, const json *body);    /* POST /control/x */
json *x_state(const struct x_site *x);                  /* what it has charged, its rules, its streams */

bool x_is(const struct call *call); /* the path is one of X's */
/* "status 402" and the like, as X says it. */
void x_fault(struct call *call, const struct fault *fault);

/* --- ids: the time of the post or of its newest edit, and its place in the world */

int64_t x_post_id(const struct world *world, const struct status *status);
int64_t x_version_id(const struct world *world, const struct status *status); /* the same without an edit */
/* By any of its ids; NULL for what never was. It may be deleted. */
struct status *x_post(const struct world *world, int64_t id);
/* To everybody: what is not deleted, and public. */
bool x_shows(const struct status *status);

/* --- errors and money (x_api.c) */

/* A problem: title, detail, and the last segment of its type ("about:blank" for NULL). */
void x_problem(struct call *call, int status, const char *title, const char *detail, const char *type);
void x_invalid(struct call *call, const char *parameter, const char *value, const char *message);
bool x_need_person(struct call *call); /* a token that speaks for a person; else answered */
bool x_need_app(struct call *call);    /* one that speaks for an application */
/* Counts against the credits; false, and answered with 402, when they do not suffice. */
bool x_pay(struct call *call, int64_t micros);

#define X_COST_POST 5000
#define X_COST_USER 10000
#define X_COST_OWNED 1000 /* a post of the application's owner, or one that names them */
#define X_COST_CREATE 15000
#define X_COST_LINK 200000
#define X_COST_SUMMONED 10000
#define X_COST_DELETE 10000
#define X_COST_ACTION 15000
#define X_COST_MESSAGE 15000
#define X_COST_MESSAGE_READ 10000
#define X_COST_METADATA 5000

/* --- rendering (x_render.c) */

/* What the request wants to see. */
struct x_wish {
	const char *fields, *expansions;
	bool fresh; /* the names post.* */
};
struct x_wish x_wish_read(const struct x_site *x, const struct params *params);

/* An answer in the making; the values go to x_answer_whole. */
struct x_answer {
	struct x_wish wish;
	const struct world *world;
	json *data, *users, *posts, *media, *errors;
	VEC(int64_t) seen; /* ids of what is included already */
};
void x_answer_begin(struct x_answer *answer, const struct world *world, const struct x_wish *wish);
void x_answer_add(struct x_answer *answer, const struct status *status);
void x_answer_missing(struct x_answer *answer, const char *parameter, const char *value);
/* {"data":[…],"includes":…,"errors":…}, `data` the one post when `single`; *cost is what it is charged with. */
json *x_answer_whole(struct x_answer *answer, bool single, int64_t *cost);
json *x_render_user(const struct person *person, bool fresh);
bool x_listed(const char *list, const char *word);                         /* "a,b,c" */
bool x_mentions(const struct status *status, const struct person *person); /* by text, or by answering them */

/* --- queries (x_match.c) */

/* True when the query is one: words, "phrases", #tags, @names, from: to: conversation_id: in_reply_to_tweet_id: url:
 * lang: is: has:, in any order; OR, brackets, and - before any of them but brackets. */
bool x_query_good(const char *query);
bool x_query_matches(const char *query, const struct world *world, const struct status *status);

/* --- the endpoints, by file; each is true when the request was its own and has been answered */

bool x_read(struct call *call);
bool x_write(struct call *call);
bool x_media(struct call *call);
bool x_streaming(struct call *call);

void x_streams_close(struct x_site *x, const struct token *token); /* of that token, or all for NULL; orderly */
void x_streams_stall(struct x_site *x, bool on);
void x_streams_disconnect(struct x_site *x, const char *reason); /* with the words for it */
void x_streams_set_beat(struct x_site *x, uint64_t ms);

#endif
