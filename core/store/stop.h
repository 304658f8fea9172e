/* Taking the courier's lock from a courier that runs: it is asked to stop, and waited for. Internal to core/store. */
#ifndef CORE_STORE_STOP_H
#define CORE_STORE_STOP_H

#include "core/store/db.h"
#include "core/store/lock.h"

/* Asks through the table `control`; where that cannot be written, or db is NULL, with SIGTERM. Waits up to 15 s.
 * ERR_BUSY when the courier does not stop. Whoever comes through clears the request again (stop_clear). */
int stop_courier(struct db *db, const char *store_path, const char *why, struct courier_lock *lock, struct err *err);
int stop_clear(struct db *db, struct err *err);

#endif
