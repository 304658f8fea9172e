/* How a store stays whole: is it damaged, a copy of it, what can be saved of it. Everything here blocks and reads the
 * whole file. */
#ifndef CORE_STORE_HEALTH_H
#define CORE_STORE_HEALTH_H

#include "core/store/store.h"

/* Looks for damage (SQLite's quick_check). ERR_DATA says what was found first. */
int store_health(struct store *store, struct err *err);

/* Copies the store, as it is at one moment while others go on writing, into a new file of mode 0600, and checks the
 * copy. ERR_STATE when the file exists; after an error there is none. */
int store_backup(struct store *store, const char *path, struct err *err);

#endif
