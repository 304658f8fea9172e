/* Effects that are questions to the store, or changes of it, as jobs on the worker: copied, run on its thread, answered
 * with an event on the loop's. */
#ifndef TUI_JOB_H
#define TUI_JOB_H

#include "core/store/worker.h"
#include "tui/desk/event.h"
#include "tui/desk/effect.h"
#include "tui/desk/state.h"

/* What the jobs of one desk share; read by the worker's thread, so nothing of it changes while jobs run. */
struct job_desk {
	const struct desk_setup *setup;
	int schema; /* version of the store when it was opened */
	/* On the loop's thread; the event is valid during the call. */
	void (*answer)(void *arg, struct event *event);
	/* A look at the change feed has been answered, if with anything: found. NULL: nobody wants to know. */
	void (*looked)(void *arg, bool found);
	void *arg;
	int running; /* jobs not answered yet; the loop's thread alone */
};

/* True when the effect is one for the store: then it has been copied and submitted. */
bool job_submit(struct job_desk *desk, struct worker *worker, const struct effect *effect);

/* What became of the agent's replies since `since`: EV_RESTART. */
void job_submit_restart(struct job_desk *desk, struct worker *worker, int64_t since);

/* Reads the change feed from *seq on: EV_CHANGED when it moved, EV_STORE when the schema is another. *seq is touched by
 * the worker's thread alone until the answer. */
void job_submit_feed(struct job_desk *desk, struct worker *worker, int64_t *seq);

/* Says that a desk is (or is no longer) open, on the worker. */
void job_submit_presence(struct job_desk *desk, struct worker *worker, int64_t *desk_id, bool open);

#endif
