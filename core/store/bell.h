/* The bell: how processes on one host hear that the change feed grew. After COMMIT the writer overwrites one byte of
 * STORE-bell; watchers hear it through uv_fs_event and read the feed from the number they last saw. The file is never
 * deleted or replaced. Ringing never blocks and never fails the write that went before (a lost ring is made good by
 * whoever next opens the store or takes the courier's lock: bell_ring). */
#ifndef CORE_STORE_BELL_H
#define CORE_STORE_BELL_H

#include "core/base/err.h"

#include <uv.h>

void bell_ring(const char *store_path);

struct bell;
/* heard() is called on the loop's thread, once for any number of rings since the last call. */
int bell_watch(uv_loop_t *loop, const char *store_path, void (*heard)(void *arg), void *arg, struct bell **out,
        struct err *err);
/* Between the two rings are not listened for, and wake nobody: whoever listens again reads the feed after that. */
void bell_pause(struct bell *bell);
int bell_listen(struct bell *bell, struct err *err);
void bell_unwatch(struct bell *bell); /* frees it once the loop has closed the handle */

#endif
