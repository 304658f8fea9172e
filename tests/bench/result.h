/* Numbers that were measured: series and what is said of them, tables for people and one line of JSON a number. */
#ifndef TESTS_BENCH_RESULT_H
#define TESTS_BENCH_RESULT_H

#include "core/base/json.h"
#include "core/base/vec.h"
#include "tests/bench/limits.h"

#include <sys/types.h>

typedef VEC(double) series;

double series_share(series *all, double share); /* 0.5: the median. Sorts. NaN of an empty one */

int64_t now_us(void); /* monotonic */

struct memory {
	double rss, pss, own; /* kB; own: private to the process */
};
struct memory memory_of(pid_t pid);
double work_of(pid_t pid);      /* ms that its threads have spent on a processor: what load beside it does not change */
int64_t faults_of(pid_t pid);   /* pages that it has touched without one being there, so far */
int64_t switches_of(pid_t pid); /* context switches of all threads so far: each wakeup is at least one */

/* Prints the row and keeps it for results_write. */
void result(const char *what, double value, const char *unit);
/* The same of a row of limits.def, with what it must be, what is aimed at, and whether that holds. */
void figure(const char *name, double value);
/* "2026-11-27, `COMMAND`, processor and kernel", and an empty line. */
void results_header(struct str *out, const char *command);
/* A row of such a table: "| what | value unit | must | aim | verdict |". */
void results_row(struct str *table, const struct limit *limit, double value);
/* Prints the figures once more, together; all results go to STEM.json, and as a table, with the date and the machine,
 * to STEM.md. How many COUNT figures are more than they must be. */
int results_write(const char *stem);

#endif
