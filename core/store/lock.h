/* The courier's lease: a lock of the system (os_lock) on STORE-courier, freed by the kernel when its holder
 * dies. In the file stand pid, program version and schema version of the holder, for people and for `curlew check`. */
#ifndef CORE_STORE_LOCK_H
#define CORE_STORE_LOCK_H

#include "core/base/err.h"

#include <stdbool.h>

struct courier_lock {
	int fd; /* -1: not held */
};
#define COURIER_LOCK_INIT                                                                                              \
	{                                                                                                              \
		-1                                                                                                     \
	}

struct courier_holder {
	long pid; /* 0: nobody holds it */
	char version[32];
	int schema;
};

/* ERR_BUSY when another holds it; never waits. Rings the bell once taken. */
int courier_lock_take(const char *store_path, struct courier_lock *lock, struct err *err);
void courier_lock_release(struct courier_lock *lock);
bool courier_lock_holder(const char *store_path, struct courier_holder *out); /* false: nobody holds it */

#endif
