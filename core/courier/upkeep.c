#include "core/courier/upkeep.h"

#include "core/base/log.h"
#include "core/store/erase.h"

#define TEXTS_AT_ONCE 200
#define CASES_AT_ONCE 2000 /* numbers of cases looked through; few of them are due */
#define REST_MS (60 * 60 * 1000)

static void erase_deleted(struct upkeep *upkeep, size_t account, int64_t now)
{
	struct err err = ERR_INIT;
	int64_t keep = upkeep->config->accounts[account].deleted_posts;
	int erased = 0;
	if (keep == CONFIG_KEEP_FOR_EVER)
		return;
	if (store_erase_deleted(upkeep->store, upkeep->account_ids[account], now - keep, TEXTS_AT_ONCE, &erased, &err))
		log_line(LOG_ERROR, "deleted posts: %s", err.text);
	else if (erased)
		log_line(LOG_INFO, "account %s: %d texts that were deleted by their authors are erased",
		        upkeep->config->accounts[account].name, erased);
}

static void retire(struct upkeep *upkeep, int64_t now)
{
	struct err err = ERR_INIT;
	int64_t keep = upkeep->config->desk.retention;
	int removed = 0;
	if (!keep || now < upkeep->rest_until)
		return;
	if (store_retire(upkeep->store, now - keep, CASES_AT_ONCE, &upkeep->after, &removed, &err)) {
		log_line(LOG_ERROR, "retention: %s", err.text);
		return;
	}
	if (removed)
		log_line(LOG_INFO, "retention: %d posts removed", removed);
	if (!upkeep->after)
		upkeep->rest_until = now + REST_MS;
}

void upkeep_run(struct upkeep *upkeep, int64_t now)
{
	for (size_t i = 0; i < upkeep->config->accounts_len; i++)
		erase_deleted(upkeep, i, now);
	retire(upkeep, now);
}
