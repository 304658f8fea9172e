/* What must hold, looked at after every step: by a connection of its own, on the rows themselves, against what servers
 * and desks know. The first thing that does not hold is the run's failure. */
#ifndef TESTS_FAULT_SIM_CHECK_H
#define TESTS_FAULT_SIM_CHECK_H

#include "tests/fault/sim.h"
#include "tests/fault/sim_desk.h"

void check_init(void);
void check_release(void);
void check_close(void); /* lets go of the store, as when every process is gone; opened again by itself */

void check_store(struct desk *const desks[SIM_DESKS]); /* after a step; cheap when the store has not changed */
void check_at_rest(void);                              /* everything was done that could be: nothing is missing */
int check_unsettled(void); /* replies that the courier has still to do with, as of the last look */

/* --- told by the others */
void check_text_begun(const char *word, enum sim_actor actor);        /* the agent has typed a text with this word */
void check_desk_killed(enum sim_actor actor, bool everything_stored); /* what only it had is gone with it */
void check_confirmed(const struct reply *reply); /* a person confirmed it by the strokes that it takes */
void check_recalled(int64_t reply_id);           /* the desk says that it was taken back */
struct server;
void check_sending(const struct server *server, const struct reply *reply); /* the courier gives it to the network */
void check_clock_was_set(void);
bool check_clock_set(void); /* it was, in this run: what is due by it may come early */

/* --- escalations (sim_check_teams.c) */
void check_sets_out(const char *why, const char *try_id); /* one try; "" try_id: it has none */
void check_told(const char *why);                         /* the team has it */
void check_told_no(const char *why);                      /* the team said that it takes nothing */
void teams_begin_look(void);                              /* a look at all rows of the store */
void teams_row(int64_t id, const char *why, enum escalation_state state);
int teams_waiting(void); /* as of the last look */
void teams_at_rest(void);
void teams_release(void);

#endif
