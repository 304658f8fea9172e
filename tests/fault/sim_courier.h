/* The courier's process: what core/courier/session.c does with a loop, on the simulation's time. Its connections,
 * ingest, delivery, lock and store are the real ones. */
#ifndef TESTS_FAULT_SIM_COURIER_H
#define TESTS_FAULT_SIM_COURIER_H

#include "tests/fault/sim.h"

struct courier;

/* actor: ACTOR_COURIER or ACTOR_SECOND. */
struct courier *courier_new(enum sim_actor actor);
void courier_free(struct courier *courier); /* it must not run */

/* False: it did not come to run, since another holds the lock or the store cannot be opened. */
bool courier_start(struct courier *courier);
bool courier_runs(const struct courier *courier);
void courier_end(struct courier *courier, bool killed);          /* killed: its disk takes nothing any more */
void courier_set_stopped(struct courier *courier, bool stopped); /* SIGSTOP, SIGCONT */
bool courier_is_stopped(const struct courier *courier);

int64_t courier_next(const struct courier *courier);      /* when it wakes by itself, mono; INT64_MAX */
void courier_turn(struct courier *courier);               /* one turn of its loop: the bell, and what is due */
void courier_log_in(struct courier *courier, int server); /* a new token: the connection is opened anew */
void courier_clock_jumped(struct courier *courier);       /* as it is told by the system */
bool courier_idle(const struct courier *courier);         /* nothing to store, to read, to deliver or to tell */
long courier_wakes(const struct courier *courier);        /* callbacks since it was made */

#endif
