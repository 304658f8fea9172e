/* The schema and its migrations. Its number is SQLite's user_version. Internal to core/store. */
#ifndef CORE_STORE_SCHEMA_H
#define CORE_STORE_SCHEMA_H

#include "core/store/db.h"

#define SCHEMA_VERSION 1

/* step[i], a list of statements that ends with NULL, brings a store of version i to version i + 1. The tables `draft`
 * and `control` never change shape: desks of every version write them. */
extern const char *const *const schema_steps[SCHEMA_VERSION];

int64_t schema_version(struct db *db); /* as the file has it; negative on failure */

/* Brings the store to version `count`. An existing store is copied to PATH-backup-vN first, and the courier's lock is
 * held meanwhile, unless `holds_lock`: a courier that is running is asked to stop and waited for. ERR_TOO_NEW names
 * both versions; ERR_BUSY when the courier does not stop. */
int schema_bring_to(struct db *db, const char *store_path, const char *const *const *steps, int count, bool holds_lock,
        struct err *err);

/* ERR_TOO_NEW or, for one that is older or empty, ERR_STATE. */
int schema_check(struct db *db, const char *store_path, struct err *err);

#endif
