/* A program that we start and speak with in lines: over pipes, its standard input and output; what it writes to stderr
 * comes apart. It runs under /bin/sh in a process group of its own, with the environment of named variables and without
 * any descriptor of ours (core/base/child.h). Nothing here blocks, and callbacks come from the loop alone.
 *
 * Whoever reads slowly pauses it: then its pipe is not read, and a program that goes on writing waits. */
#ifndef CORE_NET_COPROCESS_H
#define CORE_NET_COPROCESS_H

#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COPROCESS_LEAVE_MS 2000 /* from being told to end to being killed; by the loop's own clock */
#define COPROCESS_WAITING_MAX ((size_t)8 * 1024 * 1024) /* bytes that it has not read; more are refused */

struct uv_loop_s; /* uv_loop_t */

struct coprocess_end {
	int64_t status; /* of its exit; 0 with a signal */
	int signal;     /* 0: none */
};

struct coprocess_handlers {
	/* Without its end; a NUL follows that len does not count. whole: false when it was longer than max_line;
	 * what is beyond that is gone. */
	void (*line)(void *arg, const char *line, size_t len, bool whole);
	void (*complaint)(void *arg, const char *line); /* from its stderr; cut at 1 KiB */
	/* Once, after its last line, unless coprocess_stop came first; it is gone once this returns. `left` bytes were
	 * written behind the last line feed. */
	void (*ended)(void *arg, const struct coprocess_end *end, size_t left);
};

struct coprocess_setup {
	struct uv_loop_s *loop;
	const char *command;   /* for /bin/sh -c */
	const char *more_path; /* added to the end of its PATH; NULL: nothing */
	size_t max_line;       /* bytes, without the line feed */
	struct coprocess_handlers handlers;
	void *arg;
};

struct coprocess;
struct coprocess *coprocess_start(const struct coprocess_setup *setup, struct err *err); /* NULL with err */

/* Copies. Returns how many bytes have been given to it with these, or -1 when too many wait to be read. */
int64_t coprocess_write(struct coprocess *coprocess, const char *bytes, size_t len);
/* How many of them have left us. What has not will never reach it once it has ended. */
int64_t coprocess_written(const struct coprocess *coprocess);

void coprocess_end_input(struct coprocess *coprocess);         /* nothing may be written any more */
void coprocess_pause(struct coprocess *coprocess, bool pause); /* also from inside line() */
/* No callback after it. Its input ends, its group is told to end (SIGTERM), and after COPROCESS_LEAVE_MS killed; it
 * frees itself once it is gone. From inside line() and complaint() too; NULL is fine. */
void coprocess_stop(struct coprocess *coprocess);

#endif
