/* The simulation: one courier, several desks, their store and the network between them and the customers, all in one
 * process on simulated time, with every choice drawn from one seed. What it shares stands here.
 *
 * The programs' own code runs: the courier's ingest, delivery and connections, the desks' update() and jobs, and the
 * real store. Replaced are the clock, the log, the bell, the worker's thread (sim_platform.c), the disk under SQLite
 * (sim_disk.c, on files in memory), the network (sim_server.c, sim_link.c), and what session.c and app.c do with libuv
 * (sim_courier.c, sim_desk.c). After every step sim_check.c looks whether anything was lost, doubled or made up.
 *
 * There is one simulation at a time. Nothing blocks: a wait for a lock moves the simulated time. */
#ifndef TESTS_FAULT_SIM_H
#define TESTS_FAULT_SIM_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* What the run makes up of itself, to prove that the checks see it. */
enum sim_lie {
	LIE_NONE,
	LIE_BLIND_FIND,    /* the network never finds what it has */
	LIE_FAR_POSITION,  /* the network gives a position beyond what it handed over */
	LIE_FORGOTTEN_KEY, /* nobody looks and no key is honoured: "certainly not sent" where it was */
	LIE_STALE_LOOK,    /* a post that was edited or deleted is said to stand as it was */
	LIE_HURRY,         /* the server asks for no pause before the next try */
	LIE_OLD_VERSION,   /* an edit is told as if it came before what it changed */
	LIE_LOST_ERRAND,   /* a team's hook says that it took what it did not */
	LIE_COUNT
};

#define SIM_FAULT_TABLE(X)                                                                                             \
	X(CUT, "streams cut")                                                                                          \
	X(DUPLICATE, "events doubled")                                                                                 \
	X(REORDER, "events out of order")                                                                              \
	X(NOT_SENT, "requests that never arrived")                                                                     \
	X(LIMITED, "requests turned away (429)")                                                                       \
	X(LOST_ANSWER, "answers lost")                                                                                 \
	X(SERVER_ERROR, "server errors")                                                                               \
	X(LATE, "requests carried out after all")                                                                      \
	X(REFUSED, "requests refused")                                                                                 \
	X(HOOK_FAILED, "escalations that failed")                                                                      \
	X(HOOK_UNHEARD, "escalations without an answer")                                                               \
	X(DISK_FULL, "disk full")                                                                                      \
	X(DISK_ERROR, "errors at a write")                                                                             \
	X(DISK_BUSY, "store locked")                                                                                   \
	X(LOGIN, "logins while the courier runs")                                                                      \
	X(COURIER_CRASH, "courier killed")                                                                             \
	X(COURIER_END, "courier ended")                                                                                \
	X(SECOND_COURIER, "second courier")                                                                            \
	X(COURIER_STOP, "courier stopped and continued")                                                               \
	X(DESK_CRASH, "desk killed")                                                                                   \
	X(CLOCK_JUMP, "clock set")                                                                                     \
	X(SUSPEND, "machine suspended")                                                                                \
	X(POWER, "everything killed at once")

enum sim_fault {
#define X(name, words) FAULT_##name,
	SIM_FAULT_TABLE(X)
#undef X
	        FAULT_COUNT
};

struct sim_counts {
	long seeds, steps;
	long mentions; /* taken in */
	long replies;  /* published */
	long recalled, drafts;
	long edits, deletions, likes; /* of ours, carried out */
	long escalations;             /* told to a team */
	long faults[FAULT_COUNT];
};

#define SIM_WALL INT64_C(1790000000000) /* what the clocks of every run begin at */
#define SIM_MONO INT64_C(1000000)

enum { SIM_SERVERS = 2, SIM_DESKS = 3 };
/* Who owns an open file of the store. */
enum sim_actor { ACTOR_NOBODY, ACTOR_COURIER, ACTOR_SECOND, ACTOR_DESK, ACTOR_COUNT = ACTOR_DESK + SIM_DESKS };

struct sim {
	uint64_t seed, random;
	enum sim_lie lie;
	bool faults;       /* may be made; false while the run comes to rest */
	int fault_percent; /* how often, where one may come */
	int64_t wall, mono;
	unsigned long rings;   /* of the bell */
	struct timers world;   /* what servers and messages under way wait for */
	enum sim_actor acting; /* whose code runs */
	struct arena arena;    /* of the run */
	char dir[64], path[96], uri[112];
	int words;   /* texts that agents began */
	int whys;    /* reasons for which they escalated */
	int lives;   /* couriers that were started */
	int servers; /* of them SIM_SERVERS at most are used */
	struct str trace;
	char failure[1024]; /* "" none; the first one counts */
	struct sim_counts *counts;
};

extern struct sim sim;

/* --- choices */
uint64_t sim_random(void);
int sim_pick(int n);          /* 0 … n-1 */
bool sim_chance(int percent); /* of a fault: false while there are none */
int64_t sim_between(int64_t least, int64_t most);

/* --- what is told */
void sim_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void sim_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool sim_failed(void);
void sim_fault(enum sim_fault fault);

/* --- the disk: faults of its files */
void disk_heal(enum sim_actor actor);
void disk_full(enum sim_actor actor, int after, int writes); /* after so many writes that went well, so many fail */
void disk_error(enum sim_actor actor, int after);            /* one write fails */
void disk_die(enum sim_actor actor, int after);  /* that write is torn, and no other follows: a crash comes */
void disk_kill(enum sim_actor actor);            /* now */
bool disk_dead(enum sim_actor actor);            /* it has come to that */
bool disk_troubled(enum sim_actor actor);        /* something was asked for since it was healed */
void disk_busy(enum sim_actor actor, int tries); /* so many times somebody else holds the write lock */

/* --- worker (sim_platform.c): in place of the thread */
struct worker;
bool sim_worker_run(struct worker *worker);       /* the next job; false when there was none */
bool sim_worker_hand_back(struct worker *worker); /* calls done() of the oldest job that ended */
void sim_worker_kill(struct worker *worker);      /* drops everything, closes the store */

/* --- a run */
/* One seed, to the end. False when something was wrong: sim.failure says what, sim.trace how it came. */
bool sim_run(uint64_t seed, enum sim_lie lie, struct sim_counts *counts);
void sim_end(void); /* frees what the last run left to be read */

#endif
