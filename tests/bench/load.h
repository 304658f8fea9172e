/* A server that speaks as fast as it is told to: just enough of Mastodon for a courier to sign in, find nothing to fill
 * in, and listen, and on the same port, of IRC for its clients to join #load (irc.h). Its mentions (mention.h) are each
 * by somebody new unless it is told otherwise. A process of its own, on 127.0.0.1; what the peer does not take waits
 * there. Whatever fails ends the benchmark. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdint.h>
#include <sys/types.h>

struct load {
	pid_t pid;
	int control; /* a socket */
	char url[40];
};

struct load_state {
	int64_t said;    /* mentions handed to the kernel, or about to be */
	int64_t owed;    /* … that were asked for and not said yet */
	int64_t bytes;   /* of the stream, written so far */
	int64_t last_id; /* the status that was said last; 0: none */
	int64_t streams; /* that are open */
};

void load_start(struct load *load);
void load_stop(struct load *load);
void load_rate(struct load *load, int64_t per_second); /* from now on; 0: silence. What is owed is forgiven */
void load_burst(struct load *load, int64_t count);     /* so many more, as fast as they are read */
void load_authors(struct load *load, int64_t count);   /* from now on so many people take turns; 0: all are new */
struct load_state load_state(struct load *load);

#endif
