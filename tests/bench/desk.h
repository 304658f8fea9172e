/* What the groups of benchmarks share: a desk that is waited for, and keys that are timed. */
#ifndef TESTS_BENCH_DESK_H
#define TESTS_BENCH_DESK_H

#include "tests/bench/place.h"
#include "tests/bench/result.h"

enum { ROWS = 24, COLS = 80, WIDE_ROWS = 40, WIDE_COLS = 120 };

/* A row of the list is there for each line that it has; without cases, that all is answered. */
void wait_full(struct screen *desk, int64_t cases);
/* Until nothing has come for a while; how many bytes came. */
uint64_t settle(struct screen *desk);
struct screen *settled_desk(struct place *place, int64_t cases, int rows, int cols);

/* Reads for so long. */
void watch_for(struct screen *screen, int64_t ms);

/* Empties the line that is typed into, by ^U, and says where it begins. While little is written: the cursor is at rest.
 */
void empty_line(struct screen *screen, int *row, int *col);
/* Types so many letters there, with `gap_ms` on the average between them, and adds to *times how many ms it took until
 * each stood on the screen. ^U deletes what was typed now and then. False: the keys show nowhere. */
bool type_letters(struct screen *screen, int row, int col, int letters, int gap_ms, series *times);

/* Until a minute has begun that leaves time to be idle in: what a clock on the screen does once a minute is not
 * idleness. */
void await_minute(void);

/* A terminal's modes before any program ran in it; and how many of modes, screen, cursor, paste and title are not as
 * they were. bytes: all that the program wrote. */
struct termios fresh_modes(void);
int broken_modes(const struct screen *screen, const struct termios *before, const struct str *bytes);

/* The arguments of slowline: 256 kbit/s, and what a socket of sshd holds back. */
extern const char *const slow_line[2];

/* result() of "what, N cases". */
void result_for(int64_t cases, const char *what, double value, const char *unit);
void figure_for(const char *stem, int64_t cases, double value); /* figure() of "stem-N" */

/* The groups. */
void bench_start(struct place *place, int64_t cases);
void bench_leave(struct place *place, int64_t cases);
void bench_memory(struct place *place, int64_t cases);
void bench_latency(struct place *place, int64_t cases);
void bench_bytes(struct place *place, int64_t cases);
void bench_idle(struct place *place, int64_t cases);
void bench_query(struct place *place, int64_t cases);
void bench_ingest(struct place *place, int64_t cases);
void bench_stream(struct place *place, int64_t cases);
void bench_crowd(struct place *place, int64_t cases);
void bench_courier(struct place *place, int64_t cases);
void bench_counts(struct place *place, int64_t cases);
void bench_installed(struct place *place, int64_t cases);

#endif
