/* The clock, the log, the bell and the worker of the programs, as the simulation has them: linked in place of the real
 * ones. */
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/store/bell.h"
#include "core/store/worker.h"
#include "tests/fault/sim.h"

#include <stdarg.h>

struct sim sim;

/* --- choices: splitmix64 */

uint64_t sim_random(void)
{
	uint64_t z = sim.random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int sim_pick(int n)
{
	return (int)(sim_random() % (uint64_t)n);
}

bool sim_chance(int percent)
{
	return sim_pick(100) < percent && sim.faults;
}

int64_t sim_between(int64_t least, int64_t most)
{
	return least + (int64_t)(sim_random() % (uint64_t)(most - least + 1));
}

/* --- what is told */

static void note(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
static void note(const char *fmt, va_list ap)
{
	str_addf(&sim.trace, "%9.3f ", (double)(sim.mono % 100000000) / 1000);
	str_vaddf(&sim.trace, fmt, ap);
	str_addc(&sim.trace, '\n');
}

void sim_note(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	note(fmt, ap);
	va_end(ap);
}

void sim_fail(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (!sim.failure[0])
		vsnprintf(sim.failure, sizeof sim.failure, fmt, ap);
	va_end(ap);
	sim_note("FAILED: %s", sim.failure);
}

bool sim_failed(void)
{
	return sim.failure[0] != '\0';
}

void sim_fault(enum sim_fault fault)
{
	sim.counts->faults[fault]++;
}

/* --- core/base/clock.c */

int64_t clock_wall_ms(void)
{
	return sim.wall;
}

int64_t clock_mono_ms(void)
{
	return sim.mono;
}

int clock_change_fd(void)
{
	return -1;
}

void clock_change_clear(void)
{
}

/* --- core/base/log.c: into the trace */

int log_open(const char *file, const char *program, enum log_level least, struct err *err)
{
	(void)file, (void)program, (void)least, (void)err;
	return 0;
}

void log_close(void)
{
}

void log_line(enum log_level level, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct str line = STR_INIT;
	str_vaddf(&line, fmt, ap);
	sim_note("  log %d: %s", (int)level, line.p);
	str_release(&line);
	va_end(ap);
}

/* --- core/store/bell.c: a count; who listens compares */

void bell_ring(const char *store_path)
{
	(void)store_path;
	sim.rings++;
}

/* --- core/store/worker.c: jobs run when the simulation says so, in the same order */

struct queue {
	struct work *first, **last;
};

struct worker {
	struct store *store;
	struct queue waiting[2], ended;
};

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void queue_add(struct queue *queue, struct work *work)
{
	work->next = NULL;
	*queue->last = work;
	queue->last = &work->next;
}

static struct work *queue_take(struct queue *queue)
{
	struct work *work = queue->first;
	if (work && !(queue->first = work->next))
		queue->last = &queue->first;
	return work;
}

int worker_start(uv_loop_t *loop, worker_open *open, void *arg, struct worker **out, struct err *err)
{
	(void)loop;
	struct worker *worker = mem_alloc(sizeof *worker);
	int result = open(arg, &worker->store, err);
	if (result) {
		free(worker);
		return result;
	}
	queue_init(&worker->waiting[WORK_URGENT]);
	queue_init(&worker->waiting[WORK_NORMAL]);
	queue_init(&worker->ended);
	*out = worker;
	return 0;
}

void worker_submit(struct worker *worker, struct work *work, enum work_class class)
{
	queue_add(&worker->waiting[class], work);
}

bool sim_worker_run(struct worker *worker)
{
	struct work *work = queue_take(&worker->waiting[WORK_URGENT]);
	if (!work)
		work = queue_take(&worker->waiting[WORK_NORMAL]);
	if (!work)
		return false;
	work->run(work, worker->store);
	queue_add(&worker->ended, work);
	return true;
}

static void job_free(struct work *work)
{
	arena_release(&work->arena);
	free(work);
}

bool sim_worker_hand_back(struct worker *worker)
{
	struct work *work = queue_take(&worker->ended);
	if (!work)
		return false;
	work->done(work);
	job_free(work);
	return true;
}

void worker_stop(struct worker *worker)
{
	while (sim_worker_hand_back(worker) || sim_worker_run(worker))
		;
	store_close(worker->store);
	free(worker);
}

static void drop_all(struct queue *queue)
{
	for (struct work *work; (work = queue_take(queue));)
		job_free(work);
}

void sim_worker_kill(struct worker *worker)
{
	drop_all(&worker->waiting[WORK_URGENT]);
	drop_all(&worker->waiting[WORK_NORMAL]);
	drop_all(&worker->ended);
	store_close(worker->store);
	free(worker);
}
