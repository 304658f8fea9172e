/* Where a benchmark runs: a home of its own with a configuration and a store of a given size, a network (tests/fakenet,
 * or the server that floods: load.h), a courier, and desks in pseudo-terminals; the real programs of the build, in real
 * time. Whatever fails here says so and ends the benchmark. */
#ifndef TESTS_BENCH_PLACE_H
#define TESTS_BENCH_PLACE_H

#include "tests/bench/load.h"
#include "tests/lib/fakenet.h"
#include "tests/lib/pty_screen.h"

#define PLACE_VARIABLES 16

struct place {
	char *build, *home, *config, *store; /* directories and files */
	struct fakenet net;                  /* unless the load server is there */
	struct load load;                    /* pid 0: it is not */
	const char *const *line;             /* what desks are run by, ended by NULL; NULL: nothing. The caller's */
	pid_t courier;                       /* 0: none was started here */
	int agents;                          /* so many desks were opened */
	char *env[PLACE_VARIABLES];
};

/* With a copy of the store of `cases` cases that is kept in BUILD/bench; without cases it begins empty. load: on the
 * load server. */
void place_init(struct place *place, const char *build, int64_t cases, bool load);
void place_release(struct place *place); /* ends what runs there */

void place_courier(struct place *place);            /* starts one and waits until its account is live */
pid_t place_courier_pid(const struct place *place); /* of whoever holds the lock; 0: nobody */
void place_end_courier(struct place *place);        /* whoever started it */
struct screen *place_desk(struct place *place, int rows, int cols,
        const char *view); /* not waited for; its agent is new, so that it opens as a first one does */
void place_run(struct place *place, const char *command, const char *argument); /* curlew COMMAND ARGUMENT */
/* What a program writes to stdout; the caller frees. argv is ended by NULL. */
char *place_output(const char *const *argv);
void place_control(struct place *place, const char *name, const char *json_text);
/* @bench writes; the status id. */
void place_post(struct place *place, const char *text, char id[32]);
bool place_knows(struct place *place, const char *status_id); /* it is in the store */

_Noreturn void place_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
