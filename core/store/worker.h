/* A thread that owns a store handle and runs jobs on it in order, so that a key never waits for a disk. Jobs of
 * WORK_URGENT (an agent's own write) pass those of WORK_NORMAL that have not begun. */
#ifndef CORE_STORE_WORKER_H
#define CORE_STORE_WORKER_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/store/store.h"

#include <uv.h>

enum work_class { WORK_URGENT, WORK_NORMAL };

struct work {
	struct arena arena; /* results live here until done() returns */
	struct err err;
	int result;
	/* On the worker's thread: use the store, fill arena, result, err. */
	void (*run)(struct work *work, struct store *store);
	/* On the loop's thread, in the order in which jobs ended. The worker frees the arena and the job after it. */
	void (*done)(struct work *work);
	void *owner;
	struct work *next;
};

struct worker;
/* Opens the store that the worker will own; on its thread. */
typedef int worker_open(void *arg, struct store **store, struct err *err);
/* The store is opened while the caller does other things. What is submitted meanwhile waits. */
int worker_start(uv_loop_t *loop, worker_open *open, void *arg, struct worker **out, struct err *err);
/* Waits until it is open; once, before anything else of the worker is used. After an error only worker_stop is left. */
int worker_opened(struct worker *worker, struct err *err);
/* work is on the heap (mem_alloc), may be embedded as the first member of a larger struct. */
void worker_submit(struct worker *worker, struct work *work, enum work_class class);
/* Runs what is queued to its end (done() is called for each), joins the thread, closes the store, frees. Blocks. */
void worker_stop(struct worker *worker);

#endif
