#include "core/store/worker.h"
#include "core/base/mem.h"

#include <pthread.h>
#include <stdlib.h>

struct work_queue {
	struct work *first, **last;
};

struct worker {
	uv_async_t wake; /* the loop's side: jobs have ended */
	pthread_t thread;
	pthread_mutex_t mutex; /* guards all below but store */
	pthread_cond_t filled, opened;
	struct work_queue waiting[2]; /* by enum work_class */
	struct work_queue ended;
	bool stopping, is_open;
	int open_result;
	struct err open_err;
	worker_open *open;
	void *open_arg;
	struct store *store; /* the thread's own */
};

static void queue_init(struct work_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void queue_add(struct work_queue *queue, struct work *work)
{
	work->next = NULL;
	*queue->last = work;
	queue->last = &work->next;
}

static struct work *queue_take(struct work_queue *queue)
{
	struct work *work = queue->first;
	if (work && !(queue->first = work->next))
		queue->last = &queue->first;
	return work;
}

/* The next job, or NULL when the worker stops and nothing is left. Called and returns with the mutex held. */
static struct work *next_job(struct worker *worker)
{
	for (;;) {
		struct work *work = queue_take(&worker->waiting[WORK_URGENT]);
		if (!work)
			work = queue_take(&worker->waiting[WORK_NORMAL]);
		if (work || worker->stopping)
			return work;
		pthread_cond_wait(&worker->filled, &worker->mutex);
	}
}

static void run_jobs(struct worker *worker)
{
	struct work *work;
	pthread_mutex_lock(&worker->mutex);
	while ((work = next_job(worker))) {
		pthread_mutex_unlock(&worker->mutex);
		work->run(work, worker->store);
		pthread_mutex_lock(&worker->mutex);
		queue_add(&worker->ended, work);
		uv_async_send(&worker->wake);
	}
	pthread_mutex_unlock(&worker->mutex);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct store *store = NULL;
	int result = worker->open(worker->open_arg, &store, &worker->open_err);
	pthread_mutex_lock(&worker->mutex);
	worker->store = result ? NULL : store;
	worker->open_result = result;
	worker->is_open = true;
	pthread_cond_signal(&worker->opened);
	pthread_mutex_unlock(&worker->mutex);
	if (!result)
		run_jobs(worker);
	return NULL;
}

int worker_opened(struct worker *worker, struct err *err)
{
	pthread_mutex_lock(&worker->mutex);
	while (!worker->is_open)
		pthread_cond_wait(&worker->opened, &worker->mutex);
	pthread_mutex_unlock(&worker->mutex);
	if (worker->open_result && err)
		*err = worker->open_err;
	return worker->open_result;
}

/* done() may submit more, so the list is taken first and walked without the mutex. */
static void hand_back(struct worker *worker)
{
	pthread_mutex_lock(&worker->mutex);
	struct work *work = worker->ended.first;
	queue_init(&worker->ended);
	pthread_mutex_unlock(&worker->mutex);
	while (work) {
		struct work *next = work->next;
		work->done(work);
		arena_release(&work->arena);
		free(work);
		work = next;
	}
}

static void on_wake(uv_async_t *wake)
{
	hand_back(wake->data);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int worker_start(uv_loop_t *loop, worker_open *open, void *arg, struct worker **out, struct err *err)
{
	struct worker *worker = mem_alloc(sizeof *worker);
	worker->open = open;
	worker->open_arg = arg;
	worker->wake.data = worker;
	queue_init(&worker->waiting[WORK_URGENT]);
	queue_init(&worker->waiting[WORK_NORMAL]);
	queue_init(&worker->ended);
	int failed = uv_async_init(loop, &worker->wake, on_wake);
	if (failed) {
		free(worker);
		return err_set(err, ERR_OS, "cannot start the store's worker: %s", uv_strerror(failed));
	}
	pthread_mutex_init(&worker->mutex, NULL);
	pthread_cond_init(&worker->filled, NULL);
	pthread_cond_init(&worker->opened, NULL);
	failed = pthread_create(&worker->thread, NULL, worker_main, worker);
	if (failed) {
		uv_close((uv_handle_t *)&worker->wake, on_closed);
		return err_set(err, ERR_OS, "cannot start the store's worker: %s", strerror(failed));
	}
	*out = worker;
	return 0;
}

void worker_submit(struct worker *worker, struct work *work, enum work_class class)
{
	pthread_mutex_lock(&worker->mutex);
	queue_add(&worker->waiting[class], work);
	pthread_cond_signal(&worker->filled);
	pthread_mutex_unlock(&worker->mutex);
}

void worker_stop(struct worker *worker)
{
	pthread_mutex_lock(&worker->mutex);
	worker->stopping = true;
	pthread_cond_signal(&worker->filled);
	pthread_mutex_unlock(&worker->mutex);
	pthread_join(worker->thread, NULL);
	while (worker->ended.first || worker->waiting[WORK_URGENT].first || worker->waiting[WORK_NORMAL].first) {
		hand_back(worker); /* whose done() may have submitted more: */
		run_jobs(worker);  /* run here now, the thread is gone */
	}
	store_close(worker->store);
	pthread_cond_destroy(&worker->filled);
	pthread_cond_destroy(&worker->opened);
	pthread_mutex_destroy(&worker->mutex);
	uv_close((uv_handle_t *)&worker->wake, on_closed);
}
