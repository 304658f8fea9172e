/* Starts programs for the desk, which soon may start none: a process that is forked before the desk confines itself,
 * and does these two things alone. What it starts has a clean environment and no descriptor of the desk's. It ends with
 * the desk. A call waits for its answer, which is a fork away (a fraction of a millisecond). */
#ifndef TUI_SPAWNER_H
#define TUI_SPAWNER_H

#include "core/base/err.h"

#include <stdbool.h>

struct spawner;

/* Before there are threads, and before there is much memory to share. config_file is what a courier is given; it is
 * used as it is now. NULL with err set when there can be none. */
struct spawner *spawner_start(const char *config_file, struct err *err);
void spawner_stop(struct spawner *spawner); /* what it has started goes on; NULL is fine */

/* $VISUAL, $EDITOR or vi on a file, on the desk's terminal. A descriptor that is at its end when the editor has ended;
 * the caller closes it. Negative with err set when nothing was started. */
int spawner_editor(struct spawner *spawner, const char *path, struct err *err);

/* The curlewd beside this program, else the one in PATH. A descriptor from which comes what it says of its start (see
 * curlewd.c). `asks`: it keeps the terminal as its input and error output, for token commands. */
int spawner_courier(struct spawner *spawner, bool asks, struct err *err);

#endif
