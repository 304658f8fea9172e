/* The desk's loop: joins terminal, state, view and store. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "core/base/err.h"
#include "core/config/config.h"

#include <stdbool.h>

struct tutor;

struct app_options {
	const struct config *config;
	const char *config_file; /* absolute; "" when there is none: then no courier is started */
	const char *agent;
	const char *keymap;  /* NULL: the configuration's */
	const char *view;    /* name of the view to open; NULL: where the agent left */
	const char *record;  /* a file to record to; NULL: none */
	bool record_plain;   /* what people wrote is recorded as it is */
	struct tutor *tutor; /* gives lessons at this desk; NULL: it is the real one */
};

/* Runs the desk until the agent leaves. 0, or what kept it from starting (the terminal is as it was). Blocks. */
int app_run(const struct app_options *options, struct err *err);

#endif
