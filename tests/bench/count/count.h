/* Counts that no machine changes: instructions (under callgrind), allocations, bytes for the terminal. One file a kind
 * of work; each does its work through the real code, on fixed input, with a clock that stands. count.c runs them. */
#ifndef TESTS_BENCH_COUNT_COUNT_H
#define TESTS_BENCH_COUNT_COUNT_H

#include <stdint.h>

/* Does run(arg) so that it counts: what stands outside of it is preparation. */
void counted(void (*run)(void *arg), void *arg);

/* A number found otherwise. Its name is a row of limits.def, or one that the baseline alone keeps. */
void count_tell(const char *name, int64_t value);

/* The wall clock's milliseconds; it moves by hand. */
extern int64_t count_wall_ms;

_Noreturn void count_fail(const char *why);

/* How many units of work it was, which instructions and allocations are divided by. */
typedef int64_t count_fn(void);
count_fn count_decode; /* event stream, JSON, model; a mention */
count_fn count_ingest; /* the same, with triage and a durable case */
count_fn count_update; /* update(); an event of a scripted session */
count_fn count_draw;   /* view and paint; a frame of that session */
count_fn count_long;   /* view; a frame of a conversation of 1,000 posts that is being answered */
count_fn count_bytes;  /* tells what frames cost the line */

#endif
