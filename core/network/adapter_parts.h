/* What the adapter*.c files share, and nobody else includes: an account on a network that a program connects
 * (curlew-adapter(7)). The program is trusted with the account alone: it is started without anything of ours, what it
 * sends is counted and capped, and when it hangs it is ended and started again. */
#ifndef CORE_NETWORK_ADAPTER_PARTS_H
#define CORE_NETWORK_ADAPTER_PARTS_H

#include "core/base/vec.h"
#include "core/net/backoff.h"
#include "core/net/coprocess.h"
#include "core/network/adapter_decode.h"
#include "core/network/spent.h"

#define ADAPTER_SOURCE "adapter" /* the name of its position in the store */
#define ADAPTER_HELLO_MS 10000
#define ADAPTER_ALIVE_S 60
#define ADAPTER_SILENT_MS (ADAPTER_ALIVE_S * 1500)
#define ADAPTER_ANSWER_MS 60000
#define ADAPTER_AHEAD 500    /* lines that may wait to be stored */
#define ADAPTER_RATE 1000    /* lines a second */
#define ADAPTER_COST 20      /* what a line counts that is no post */
#define ADAPTER_MISTAKES 100 /* lines that are wrong, of one process */
#define ADAPTER_COMPLAINTS 100
#define ADAPTER_COMPLAINTS_MS 60000

enum adapter_phase {
	ADAPTER_AWAY,   /* no process */
	ADAPTER_SILENT, /* it has not said hello */
	ADAPTER_FILLING,
	ADAPTER_LIVE
};

/* One items() that waits for its stored(). */
struct adapter_batch {
	char *position; /* NULL: it moved none */
	int run;        /* of the process that sent it */
};

struct adapter_call;

struct adapter {
	struct network base;
	struct uv_loop_s *loop;
	struct timers *timers;
	uint64_t (*random)(void);
	char *command, *server, *handle, *more_path;
	VEC(char *) listen;
	struct credentials secrets;
	int first_fetch;
	const char *(*saved_position)(void *arg, const char *source, struct arena *arena);
	struct network_events events;

	struct coprocess *child;
	enum adapter_phase phase;
	int run;              /* counts processes */
	char *name, *network; /* as hello said */
	unsigned caps;
	int64_t started_at, heard_at; /* monotonic ms */
	timer_id watch, restart, fill_again;
	int64_t restart_at; /* wall ms; 0: it is not started again */
	struct backoff restarts, fills;
	bool stopped; /* for good */

	bool charges; /* its facts name a currency */
	struct spent spent;
	char spent_told[sizeof((struct spent *)0)->today]; /* the day of what was told last; "" none */
	int64_t budget;                                    /* a month, in millionths; 0: none */

	unsigned unkept; /* of secrets: those that are not on disk, as 1 << enum credential */
	int unkept_run;  /* that handed them over */
	timer_id keep_again;
	char keep_problem[200]; /* "" none */

	char *position; /* the newest that was handed over */
	VEC(struct adapter_batch) handed;
	timer_id tell_stored;
	char *stored; /* to be told */

	int64_t allowance, refilled_at; /* lines; monotonic ms */
	timer_id refill;
	bool behind, too_fast;

	int mistakes, complaints, unheard;
	int64_t complaints_since;
	char last_words[256];

	struct adapter_call *calls;
	int64_t last_id;

	bool said; /* it spoke of its state */
	enum account_state said_state;
	int64_t said_until;
	char *said_reason;
	enum account_state told;
	int64_t told_until;
	char *told_reason;
};

/* Where the adapters are that come with curlew, for a PATH: beside an installed one, and in a build. On the heap; NULL.
 */
char *adapter_path(void);

/* What it says of its calls, and what becomes of them without it. */
void adapter_back_fill(struct adapter *a);
void adapter_answered(struct adapter *a, struct adapter_line *line);
void adapter_calls_lost(struct adapter *a); /* while the child can still be asked what reached it */
void adapter_calls_drop(struct adapter *a);

/* Items, or a position alone, on their way to the store. */
void adapter_hand_over(
        struct adapter *a, const struct item *items, int count, const char *source, const char *position);
void adapter_settle(struct adapter *a); /* tells the account's state, if it is another now */

/* What it is charged, and new secrets: counted and kept. */
void adapter_spent_load(struct adapter *a);
void adapter_day_passes(struct adapter *a);
void adapter_take_cost(struct adapter *a, const struct adapter_line *line);
void adapter_take_secrets(struct adapter *a, const struct adapter_line *line);

/* A line down, which is taken over. Returns the number of bytes given so far; -1 when the line is too long, or too many
 * have not been read. */
int64_t adapter_say(struct adapter *a, json *line);
void adapter_filled(struct adapter *a);
/* The process is ended, and started again later. */
void adapter_give_up(struct adapter *a, const char *reason);
/* For good, or until a login. */
void adapter_stop(struct adapter *a, enum account_state state, const char *reason);
void adapter_mistake(struct adapter *a, const char *what);

void adapter_perform(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void adapter_find(struct network *network, const struct reply *reply, call_fn *done, void *arg);
void adapter_thread(struct network *network, const char *remote_id, call_fn *done, void *arg);
void adapter_fetch(struct network *network, const char *remote_id, call_fn *done, void *arg);

extern const struct network_ops adapter_ops;

#endif
