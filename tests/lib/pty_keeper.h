/* The keeper of a program in a pseudo-terminal (pty_screen.h): what a login shell is to a job. */
#ifndef TESTS_LIB_PTY_KEEPER_H
#define TESTS_LIB_PTY_KEEPER_H

#include "tests/lib/pty_screen.h"

enum keeper_kind { KEEPER_STARTED, KEEPER_CHANGED };

struct keeper_report {
	enum keeper_kind kind;
	pid_t pid;
	int status; /* KEEPER_CHANGED: as waitpid(2) gives it, stops and continuations included */
};

/* In the child of a fork: makes a session on the terminal `slave`, runs the program in its foreground, writes reports
 * until it has ended, and then waits to be killed. */
_Noreturn void keeper_run(const struct screen_options *options, int slave, int reports);

#endif
