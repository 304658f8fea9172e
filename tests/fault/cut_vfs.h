/* A file system for SQLite whose power can be cut. Everything lives in memory, in two states: what programs see, and
 * what the disk holds. A write reaches the disk at the latest when its file is synced; until then it may be there or
 * not, in another order than it was made in, and torn. One process, one connection at a time: locks are always granted.
 *
 * A workload is run once and recorded; then any moment of it can be made the end, again and again, in ascending order.
 */
#ifndef TESTS_FAULT_CUT_VFS_H
#define TESTS_FAULT_CUT_VFS_H

#include <stdint.h>

void cut_begin(void); /* becomes SQLite's default file system, without a file in it, and records */
void cut_end(void);   /* the one from before is the default again; everything is freed */

int64_t cut_now(void);                /* how many operations were recorded */
int64_t cut_next_sync(int64_t after); /* the next recorded sync behind that operation; -1 for none */

/* The power went while operation `at`, a sync, was under way, not earlier than in the call before. The files become
 * what the disk may hold then; luck decides about what was not synced. No connection may be open. Records no more. */
void cut_power(int64_t at, uint64_t luck);

#endif
