/* The courier as a desk sees it: is one running, start one when not, notice when it ends. Everything runs on the desk's
 * loop and never blocks. */
#ifndef TUI_COURIER_H
#define TUI_COURIER_H

#include "tui/spawner.h"

#include <stdbool.h>
#include <uv.h>

struct courier_watch;

struct courier_options {
	uv_loop_t *loop;
	const char *store_path;
	struct spawner *spawner; /* outlives it */
	bool may_start;          /* false on a shared store: its courier is somebody else's to start */
	bool asks;               /* a token_command may want the terminal while it starts */
	void *arg;
	void (*lend_terminal)(void *arg, bool lent); /* around a start that may ask */
	/* "" when a courier runs; else why none does, in words. Called on every difference. */
	void (*state)(void *arg, const char *why);
};

/* Looks whether a courier runs and starts one when it may. */
struct courier_watch *courier_watch_new(const struct courier_options *options);
void courier_watch_free(struct courier_watch *watch); /* the loop must run once more */
/* The bell rang: perhaps a courier has come. */
void courier_watch_look(struct courier_watch *watch);

#endif
