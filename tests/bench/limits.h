/* What the programs may cost: the table of limits.def, read by the benchmarks and by the counts. */
#ifndef TESTS_BENCH_LIMITS_H
#define TESTS_BENCH_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

struct limit {
	const char *name, *what, *unit;
	double must, aim; /* NAN: none; with at_least, the least */
	bool at_least;
	bool count; /* the machine does not change it */
};

const struct limit *limit_find(const char *name); /* NULL: it has none */
bool limit_holds(const struct limit *limit, double value);
bool limit_aimed(const struct limit *limit, double value);
const char *limit_verdict(const struct limit *limit, double value); /* in words; "" where nothing is asked for */
size_t limits_len(void);
const struct limit *limit_at(size_t i);

#endif
