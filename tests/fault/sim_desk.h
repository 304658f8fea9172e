/* A desk's process: update() with the real jobs on the real store, as tui/app.c joins them, and an agent at it who
 * answers, notes, tags, undoes and recalls, a key at a time. Every text that the agent writes has a word of its own, by
 * which the checks find it again. */
#ifndef TESTS_FAULT_SIM_DESK_H
#define TESTS_FAULT_SIM_DESK_H

#include "tests/fault/sim.h"

struct desk;

void desks_init(void); /* what all desks share: keys */
void desks_release(void);

struct desk *desk_new(enum sim_actor actor, const char *agent);
void desk_free(struct desk *desk); /* it must not run */

bool desk_start(struct desk *desk); /* false: the store cannot be opened */
bool desk_runs(const struct desk *desk);
void desk_kill(struct desk *desk);
void desk_end(struct desk *desk); /* SIGHUP: it stores what it has */

int64_t desk_next(const struct desk *desk); /* its timer, mono; INT64_MAX */
void desk_time(struct desk *desk);          /* the timer, when it is due */
void desk_resumed(struct desk *desk);       /* the clock was set, or the machine was suspended */
bool desk_work(struct desk *desk);          /* its worker does one thing, or it hears the bell; false: nothing to do */
void desk_paint(struct desk *desk);
void desk_key(struct desk *desk);                                /* the agent's next stroke */
bool desk_holds_text(const struct desk *desk, const char *word); /* in memory: typed, on its way to the store */
bool desk_idle(const struct desk *desk);                         /* nothing is asked, nothing waits to be stored */
int64_t desk_hands_free(const struct desk *desk);                /* when the agent strikes the next key, mono */
void desk_leave_alone(struct desk *desk, bool alone);            /* the agent types nothing more */

#endif
