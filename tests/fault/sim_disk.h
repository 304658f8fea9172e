/* The files under the simulation's store: in memory (sim_memory.c), behind a VFS that makes the faults (sim_disk.c). */
#ifndef TESTS_FAULT_SIM_DISK_H
#define TESTS_FAULT_SIM_DISK_H

#include "tests/fault/sim.h"

#include <sqlite3.h>

/* --- files in memory; a name is a path, and no file of the system's is touched */
sqlite3_vfs *memory_vfs(void);
void memory_put(const char *name, const void *bytes, size_t len); /* nobody has it open; len 0: it is not there */
const void *memory_get(const char *name, size_t *len);            /* until it is written */
void memory_release(void);                                        /* all of them */

/* --- the VFS with the faults: SQLite's default one once it is there */
void disk_install(void);
#define DISK_WITHOUT_FAULTS "memory" /* the name of the one behind it */

#endif
