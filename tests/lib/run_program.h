/* Runs a program to its end and keeps what it wrote. For tests of the command line. */
#ifndef TESTS_LIB_RUN_PROGRAM_H
#define TESTS_LIB_RUN_PROGRAM_H

#include "core/base/str.h"

struct run_result {
	int status;          /* the exit status; 128 + N when signal N ended it; -1 when it could not be waited for */
	struct str out, err; /* what it wrote to stdout and stderr */
};

/* argv[0] is the path; input (NULL for none) is its stdin; env is the whole environment. Both lists end with NULL. It
 * is killed when it takes longer than timeout_ms. The caller releases the result. */
void run_program(
        const char *const *argv, const char *const *env, const char *input, int timeout_ms, struct run_result *result);
void run_result_release(struct run_result *result);

#endif
