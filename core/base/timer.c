#include "core/base/clock.h"
#include "core/base/mem.h"

#include <stdlib.h>

struct timer {
	int64_t due;
	timer_id id; /* rises, so equal times run in the order in which they were asked for */
	timer_fn *fn;
	void *arg;
};

static bool earlier(const struct timer *a, const struct timer *b)
{
	return a->due != b->due ? a->due < b->due : a->id < b->id;
}

static void swap(struct timer *a, struct timer *b)
{
	struct timer t = *a;
	*a = *b;
	*b = t;
}

static void sift_up(struct timers *timers, int i)
{
	while (i > 0 && earlier(&timers->at[i], &timers->at[(i - 1) / 2])) {
		swap(&timers->at[i], &timers->at[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void sift_down(struct timers *timers, int i)
{
	for (;;) {
		int least = i;
		for (int child = 2 * i + 1; child <= 2 * i + 2 && child < timers->len; child++)
			if (earlier(&timers->at[child], &timers->at[least]))
				least = child;
		if (least == i)
			return;
		swap(&timers->at[i], &timers->at[least]);
		i = least;
	}
}

void timers_init(struct timers *timers)
{
	*timers = (struct timers){0};
}

void timers_release(struct timers *timers)
{
	free(timers->at);
	timers_init(timers);
}

timer_id timers_add(struct timers *timers, int64_t due_mono_ms, timer_fn *fn, void *arg)
{
	if (timers->len == timers->cap) {
		timers->cap = timers->cap ? timers->cap * 2 : 16;
		timers->at = mem_realloc(timers->at, (size_t)timers->cap, sizeof *timers->at);
	}
	timer_id id = ++timers->last;
	timers->at[timers->len] = (struct timer){due_mono_ms, id, fn, arg};
	sift_up(timers, timers->len++);
	if (timers->changed && timers->at[0].id == id)
		timers->changed(timers->changed_arg);
	return id;
}

static struct timer take(struct timers *timers, int i)
{
	struct timer taken = timers->at[i];
	timers->at[i] = timers->at[--timers->len];
	if (i < timers->len) {
		sift_up(timers, i);
		sift_down(timers, i);
	}
	return taken;
}

/* A walk, not an index: a process has tens of timers. */
void timers_cancel(struct timers *timers, timer_id *id)
{
	for (int i = 0; *id && i < timers->len; i++)
		if (timers->at[i].id == *id) {
			take(timers, i);
			break;
		}
	*id = 0;
}

int64_t timers_next(const struct timers *timers)
{
	return timers->len ? timers->at[0].due : INT64_MAX;
}

/* A timer that a callback adds waits for the next call, so that one which asks for "now" cannot keep us here. */
int timers_run(struct timers *timers, int64_t now_mono_ms)
{
	timer_id newest = timers->last;
	int ran = 0;
	while (timers->len && timers->at[0].due <= now_mono_ms && timers->at[0].id <= newest) {
		struct timer due = take(timers, 0);
		due.fn(due.arg);
		ran++;
	}
	return ran;
}
