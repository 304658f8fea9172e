/* What `curlew check` wants to know of a store. Blocks; reads the whole file. */
#ifndef CORE_STORE_HEALTH_H
#define CORE_STORE_HEALTH_H

#include "core/store/store.h"

/* Looks for damage (SQLite's quick_check). ERR_DATA says what was found first. */
int store_health(struct store *store, struct err *err);

#endif
