/* Joins struct timers (core/base/clock.h) to a libuv loop: one uv_timer for the earliest deadline, recomputed when
 * timers change, when the wall clock is set, and after a suspend. With nothing due it never wakes the process. */
#ifndef CORE_NET_LOOP_H
#define CORE_NET_LOOP_H

#include "core/base/clock.h"

struct uv_loop_s; /* uv_loop_t */
struct loop_timers;

/* Takes the timers' `changed` hook. Both outlive the result. A pending deadline keeps the loop alive;
 * the watch over the wall clock does not. */
struct loop_timers *loop_timers_attach(struct uv_loop_s *loop, struct timers *timers);

/* `fn` is called when the wall clock was set or the machine came out of a suspend, after what had become due was run:
 * whoever derived a deadline from the wall clock computes it anew. fn NULL: nobody any more. */
void loop_timers_on_jump(struct loop_timers *glue, void (*fn)(void *arg), void *arg);

/* Gives the hook back. The loop must run once more, until libuv has closed the handles. NULL is fine. */
void loop_timers_detach(struct loop_timers *glue);

#endif
