/* What `curlew check` says about the terminal, found out without touching it. */
#ifndef TUI_TERM_FACTS_H
#define TUI_TERM_FACTS_H

#include "core/base/err.h"

struct term_facts {
	const char *type; /* TERM; belongs to the environment */
	int rows, cols;
	int colours; /* 0: none */
};

/* Of the terminal on stdout. ERR_USAGE, with what to do, when a desk could not run there. */
int term_facts(struct term_facts *out, struct err *err);

#endif
