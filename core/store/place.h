/* Where a store lies: its directory, and the files beside the database (STORE-bell, STORE-courier). Internal to
 * core/store. A store is private (files 0600 in a directory 0700, ours) or shared (0660 in a 2770 directory of one
 * group); SQLite gives -wal and -shm the mode of the database, so any other mix locks somebody out. */
#ifndef CORE_STORE_PLACE_H
#define CORE_STORE_PLACE_H

#include "core/base/err.h"

#include <stdbool.h>

/* The directory is made (0700) when it is missing and `make`; its mode and its file system are checked. */
int place_check_dir(const char *store_path, bool make, struct err *err);

/* Opens (makes, with the mode the directory asks for) the store itself, with suffix "", or a file beside it, and
 * checks its mode. A descriptor, or a negative code. */
int place_open(const char *store_path, const char *suffix, bool make, struct err *err);

/* The store is there and can be read, but neither it nor its directory can be written: a file system that is mounted
 * read-only, say. *why: the sentence's end, like "Read-only file system". */
bool place_is_read_only(const char *store_path, const char **why);
/* SQLite's log beside the store, for a reader who may not write: without the log's index it cannot be read. */
enum place_log { LOG_EMPTY, LOG_READABLE, LOG_UNREADABLE };
enum place_log place_log(const char *store_path);

/* The name of a new or renamed file lasts once its directory has been written. */
int place_sync_dir(const char *path, struct err *err);

#endif
