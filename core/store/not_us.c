/* Authors who speak of somebody else of our name. It is learnt from what agents do, case by case: by the change of the
 * reason, so that an undo and a reopening forget it. */
#include "core/base/str.h"
#include "core/store/internal.h"

void not_us_learn(struct store *store, const struct kase *kase, const struct change *changes, int count, const char *by,
        int64_t now)
{
	for (int i = 0; i < count; i++) {
		if (changes[i].field != FIELD_DONE_REASON)
			continue;
		if (str_eq(changes[i].to, NOT_ABOUT_US))
			db_run(store->db,
			        "INSERT OR REPLACE INTO not_us(customer_id,account_id,by,at,case_id) VALUES(?,?,?,?,?)",
			        "iitii", kase->customer_id, kase->account_id, by, now, kase->id);
		else if (str_eq(changes[i].from, NOT_ABOUT_US))
			db_run(store->db, "DELETE FROM not_us WHERE customer_id=? AND account_id=?", "ii",
			        kase->customer_id, kase->account_id);
	}
}

const char *not_us_says(struct store *store, int64_t customer_id, int64_t account_id, struct arena *arena)
{
	return str_or(db_word(store->db, arena, "SELECT by FROM not_us WHERE customer_id=? AND account_id=?", "ii",
	                      customer_id, account_id),
	        "");
}
