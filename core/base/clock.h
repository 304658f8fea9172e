/* Time. Everything that wants to know the time or to be woken asks here; the tests link another clock.c (under
 * tests/lib) in its place, which reads a file that the test moves, so that the real programs run on injected time.
 * Stored times are UTC milliseconds since 1970; waits are monotonic milliseconds. Nothing here blocks. */
#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void); /* goes on while the machine is suspended, where that can be had (os.h) */

/* A descriptor that becomes readable when the wall clock was set or the machine came out of suspend, or -1 where
 * there is none. After it: clock_change_clear(), then recompute all deadlines. */
int clock_change_fd(void);
void clock_change_clear(void);

/* Deadlines on the monotonic clock, in a heap. Whoever owns the loop asks timers_next() before it waits and calls
 * timers_run() after. A callback may add and cancel timers. */
typedef uint64_t timer_id; /* 0 is no timer */
typedef void timer_fn(void *arg);

struct timer;
struct timers {
	struct timer *at;
	int len, cap;
	timer_id last;
	void (*changed)(void *arg); /* called when timers_next() may have become earlier; NULL for nobody */
	void *changed_arg;
};

void timers_init(struct timers *timers);
void timers_release(struct timers *timers);
timer_id timers_add(struct timers *timers, int64_t due_mono_ms, timer_fn *fn, void *arg);
void timers_cancel(struct timers *timers, timer_id *id);    /* 0 and spent ids are fine; sets *id to 0 */
int64_t timers_next(const struct timers *timers);           /* the earliest due time, INT64_MAX for none */
int timers_run(struct timers *timers, int64_t now_mono_ms); /* runs what is due; how many ran */

#endif
