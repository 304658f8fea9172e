/* A store in memory, for tests of the desk: it answers every effect that goes to the store with the event that the real
 * one would give, from a cast of customers on a fixed day. What happens in it is told in lines of words (world.c has
 * the table), the same in the cast's own story and in a test. Pure: its clock stands where the caller puts it.
 *
 * The agent at the desk is alice; bob is a colleague. Everything lives in the world's arena until world_free. */
#ifndef TESTS_GOLDEN_WORLD_H
#define TESTS_GOLDEN_WORLD_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/model/model.h"
#include "tui/desk/effect.h"
#include "tui/desk/event.h"
#include "tui/desk/state.h"

#define WORLD_AGENT "alice"

/* A case with its customer, under the short name that lines call it by. */
struct role {
	const char *name;
	struct kase kase;
	struct customer customer;
	int earlier_cases, earlier_unhappy;
	bool there; /* the customer has written: before that there is no case */
};

struct world {
	struct arena arena;
	struct desk_setup setup; /* what the desk is made with; without a keymap the stage loads the default one */
	int64_t wall;            /* UTC ms */
	int64_t last_id;
	int64_t batch, last_batch; /* of the journal entries that are written now; 0: each stands alone */
	VEC(struct account) accounts;
	VEC(struct gap) gaps; /* that nobody has taken note of */
	VEC(struct role) roles;
	VEC(struct post) posts; /* thread_id is the case's id */
	VEC(struct journal_entry) journal;
	VEC(struct reply) replies;
	VEC(struct draft) drafts; /* alice's */
	VEC(int64_t) changed;     /* cases changed since the caller last looked: EV_CHANGED is the caller's */
	bool accounts_changed, replies_changed;
	const char *full; /* why nothing can be written; NULL when it can */
};

/* Empty, but for the setup, at 14:02 UTC on Friday, 20 November 2026. TZ should be UTC. */
struct world *world_new(void);
void world_free(struct world *world);

/* The fixed cast: three accounts and some fifteen cases, up to 14:02. */
void world_cast(struct world *world);

/* One thing that happens, in words: "post sam Still nothing". ERR_USAGE with words for what is none. */
int world_tell(struct world *world, const char *line, struct err *err);

/* Answers an effect: calls tell (once; for FX_RECALL once a reply) unless it wants no answer. False when the effect is
 * not for the store. What the events point to lives in the world's arena. */
bool world_answer(
        struct world *world, const struct effect *effect, void (*tell)(void *arg, struct event *event), void *arg);

/* --- between the world's files */
struct role *world_role(struct world *world, const char *name);       /* NULL */
struct role *world_case(struct world *world, int64_t case_id);        /* NULL */
void world_mark_post(struct world *world, const struct reply *reply); /* a like that was given or taken back */
void world_touched(struct world *world, struct role *role);           /* clock, rank and row follow what changed */
int world_act(struct world *world, const struct action *action, int64_t *journal_id, struct err *err);
/* With all that was done together with it: the event says to how many cases. */
int world_undo(struct world *world, bool redo, struct event *event, struct err *err);
struct draft *world_draft(struct world *world, int64_t case_id, enum draft_kind kind); /* NULL */
void world_put_draft(struct world *world, const struct draft *draft);

#endif
