/* $VISUAL, $EDITOR or vi on a text, while the desk's screen is away. What the file holds at the end counts, not the
 * exit status. Runs on the loop; never blocks. */
#ifndef TUI_EDITOR_H
#define TUI_EDITOR_H

#include "core/base/err.h"
#include "tui/spawner.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct editor;
struct editor_result {
	uint64_t request;
	const char *text; /* UTF-8 as the file holds it; valid during the call; "" with err */
	bool changed;
	struct err err;
};

/* The text goes into a file that only we may read, in $XDG_RUNTIME_DIR or $TMPDIR. NULL with err when nothing was
 * started; then closed() is not called. */
struct editor *editor_open(uv_loop_t *loop, struct spawner *spawner, const char *text, uint64_t request,
        void (*closed)(void *arg, const struct editor_result *result), void *arg, struct err *err);
/* The desk ends: the editor goes on alone, and its file stays for whoever wrote in it. */
void editor_abandon(struct editor *editor);

#endif
