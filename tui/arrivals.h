/* What others put into the store, as a desk comes to know of it: the bell rings, the change feed is read. How often is
 * tui/term/pace.h's; between two looks the bell is not listened to, so that a flood does not even wake the desk, and
 * each look begins with listening again, so that nothing is missed. On the desk's loop; never blocks. */
#ifndef TUI_ARRIVALS_H
#define TUI_ARRIVALS_H

#include "core/store/bell.h"
#include "tui/job.h"
#include "tui/term/pace.h"

struct arrivals {
	struct job_desk *jobs;
	struct worker *worker;
	int64_t feed_seq; /* of the last change that was read */
	struct bell *bell;
	struct pace pace;
	uv_timer_t turn;
	bool looking;              /* the feed is being read */
	bool again;                /* the bell rang meanwhile */
	void (*begins)(void *arg); /* … a look */
	void *arg;
};

/* jobs, worker (which may come later), feed_seq, begins and arg are the caller's to set. The struct stays where it is
 * until the loop has closed its handles. */
int arrivals_start(struct arrivals *arrivals, uv_loop_t *loop, const char *store_path, struct err *err);
void arrivals_stop(struct arrivals *arrivals); /* also when it was never started */

/* The look that was begun has ended; found: something had changed. */
void arrivals_looked(struct arrivals *arrivals, bool found);
/* A frame with what arrived took this much of the terminal: as pace_painted(). */
void arrivals_painted(struct arrivals *arrivals, size_t bytes, int64_t line_ms);

#endif
