/* Runs a command, gives it bytes on its standard input, and says how it ended. For escalations: by mail and by command.
 * Nothing blocks. */
#ifndef CORE_COURIER_HOOK_H
#define CORE_COURIER_HOOK_H

#include "core/base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct hook_result {
	bool ok;            /* ended by itself with status 0 */
	bool never;         /* could not be started at all */
	const char *reason; /* the first line it wrote to stderr, else how it ended; gone after the callback */
};
typedef void hook_fn(void *arg, const struct hook_result *result);

struct hook;

/* argv[0] is looked for in PATH; input is copied. Its process group is ended when it runs for longer than timeout_ms.
 * `done` comes once, never from inside this call. */
struct hook *hook_run(uv_loop_t *loop, struct timers *timers, const char *const *argv, const char *input, size_t len,
        int64_t timeout_ms, hook_fn *done, void *arg);
/* No callback; the command is ended. It frees itself once the loop has closed its handles. NULL is fine. */
void hook_drop(struct hook *hook);

#endif
