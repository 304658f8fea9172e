#include "tui/arrivals.h"

static void look(struct arrivals *arrivals)
{
	if (arrivals->looking) {
		arrivals->again = true;
		return;
	}
	arrivals->looking = true;
	arrivals->again = false;
	job_submit_feed(arrivals->jobs, arrivals->worker, &arrivals->feed_seq);
	arrivals->begins(arrivals->arg);
}

static void heard(void *arg)
{
	look(arg);
}

/* Without the bell (the system has no more watches to give) the feed is still read, by the timer. */
static void turn_came(uv_timer_t *turn)
{
	struct arrivals *arrivals = turn->data;
	struct err ignored = ERR_INIT;
	if (bell_listen(arrivals->bell, &ignored))
		uv_timer_start(turn, turn_came, PACE_SLOWEST_MS, 0);
	look(arrivals);
}

void arrivals_looked(struct arrivals *arrivals, bool found)
{
	int64_t wait = pace_looked(&arrivals->pace, found);
	arrivals->looking = false;
	if (!arrivals->bell)
		return;
	if (wait) {
		bell_pause(arrivals->bell);
		uv_timer_start(&arrivals->turn, turn_came, (uint64_t)wait, 0);
	} else if (arrivals->again) {
		look(arrivals);
	}
}

void arrivals_painted(struct arrivals *arrivals, size_t bytes, int64_t line_ms)
{
	uv_update_time(arrivals->turn.loop);
	int64_t now = (int64_t)uv_now(arrivals->turn.loop);
	uint64_t wait = (uint64_t)pace_painted(&arrivals->pace, now, bytes, line_ms);
	if (uv_is_active((uv_handle_t *)&arrivals->turn) && uv_timer_get_due_in(&arrivals->turn) < wait)
		uv_timer_start(&arrivals->turn, turn_came, wait, 0);
}

int arrivals_start(struct arrivals *arrivals, uv_loop_t *loop, const char *store_path, struct err *err)
{
	uv_timer_init(loop, &arrivals->turn);
	arrivals->turn.data = arrivals;
	return bell_watch(loop, store_path, heard, arrivals, &arrivals->bell, err);
}

void arrivals_stop(struct arrivals *arrivals)
{
	if (!arrivals->bell)
		return;
	uv_timer_stop(&arrivals->turn);
	bell_unwatch(arrivals->bell);
	arrivals->bell = NULL;
}
