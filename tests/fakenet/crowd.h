/* The customers' behaviour: they post at a rate, answer what the brand says to them, edit and delete, boost and praise.
 * Everything is drawn from the world's seed; only when things happen is real time. */
#ifndef TESTS_FAKENET_CROWD_H
#define TESTS_FAKENET_CROWD_H

#include "core/base/clock.h"
#include "tests/fakenet/world.h"

#include <uv.h>

struct crowd {
	struct world *world;
	struct rng rng;
	struct timers timers; /* posts, answers, edits: whatever somebody means to do */
	uv_timer_t wake;      /* fires when the first of them is due */
	timer_id next_post;
	double per_minute;
	bool answers; /* do customers react to what the brand says? */
	int wave;     /* posts left of a sudden problem that many have */
	int burst;    /* mentions still to be made at once */
	uv_idle_t bursting;
	int *used; /* per line of the cast: how often it was said */
};

void crowd_start(struct crowd *crowd, struct world *world, uv_loop_t *loop);
void crowd_stop(struct crowd *crowd); /* closes its handles; then run the loop, then crowd_release */
void crowd_release(struct crowd *crowd);

/* Adds `count` past posts, some answered, spread over the days before now. */
void crowd_backlog(struct crowd *crowd, int count);
void crowd_set_rate(struct crowd *crowd, double per_minute); /* 0: nobody speaks unasked */
void crowd_burst(struct crowd *crowd, int count); /* as fast as they can be written, a batch a turn of the loop */
void crowd_changed(void *arg, const struct change *change); /* a change_fn; arg is the struct crowd */

#endif
