/* What the courier does to the store by the clock, a little at a time: texts that their authors deleted are erased
 * (deleted_posts), and posts of cases that are long over are removed (retention). */
#ifndef CORE_COURIER_UPKEEP_H
#define CORE_COURIER_UPKEEP_H

#include "core/config/config.h"
#include "core/store/store.h"

struct upkeep {
	struct store *store;
	const struct config *config;
	const int64_t *account_ids; /* of config->accounts, in their order */
	int64_t after;              /* the last case that was looked at */
	int64_t rest_until;         /* wall clock: all cases were looked at */
};

/* One step; once a minute is often enough. Errors are logged. */
void upkeep_run(struct upkeep *upkeep, int64_t now);

#endif
