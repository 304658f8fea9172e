/* Numbers that were measured: series and what is said of them, a table for people and one line of JSON a number. */
#ifndef TESTS_BENCH_RESULT_H
#define TESTS_BENCH_RESULT_H

#include "core/base/json.h"
#include "core/base/vec.h"

#include <sys/types.h>

typedef VEC(double) series;

double series_share(series *all, double share); /* 0.5: the median. Sorts. NaN of an empty one */

int64_t now_us(void); /* monotonic */

struct memory {
	double rss, pss, own; /* kB; own: private to the process */
};
struct memory memory_of(pid_t pid);
double work_of(pid_t pid);      /* ms that its threads have spent on a processor: what load beside it does not change */
int64_t switches_of(pid_t pid); /* context switches of all threads so far: each wakeup is at least one */

/* Prints the row and keeps it for results_write. */
void result(const char *what, double value, const char *unit);
void results_write(const char *path);

#endif
