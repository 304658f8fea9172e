/* Escalations as the courier carries them out. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

int store_escalations_due(struct store *store, int64_t now, struct arena *arena, const struct escalation **out,
        int *count, int64_t *next, struct err *err)
{
	VEC(struct escalation) due = {0};
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db,
	        "SELECT id,case_id,team,why,by,at,attempts,next_try_at FROM escalation WHERE state=1 AND next_try_at<=?"
	        " ORDER BY next_try_at,id",
	        "i", now);
	while (rows_next(&r)) {
		struct escalation e = {.id = rows_int(&r, 0),
		        .case_id = rows_int(&r, 1),
		        .team = rows_text(&r, 2, arena),
		        .why = rows_text(&r, 3, arena),
		        .by = rows_text(&r, 4, arena),
		        .at = rows_int(&r, 5),
		        .attempts = (int)rows_int(&r, 6),
		        .next_try_at = rows_int(&r, 7)};
		vec_push(&due, e);
	}
	rows_end(&r);
	*next = db_number(store->db, INT64_MAX,
	        "SELECT next_try_at FROM escalation WHERE state=1 AND next_try_at>? ORDER BY next_try_at LIMIT 1", "i",
	        now);
	*out = ARRAY_TO_ARENA(arena, struct escalation, &due);
	*count = (int)due.len;
	vec_release(&due);
	return db_end_read(store->db, err);
}

/* The case hears of it only when this is still the escalation that it waits for. */
static void tell_case(struct store *store, int64_t id, int64_t case_id, enum escalation_state state, const char *reason,
        struct arena *arena)
{
	struct kase_row row;
	int64_t journal_id;
	int64_t newest = db_number(store->db, 0, "SELECT max(id) FROM escalation WHERE case_id=?", "i", case_id);
	if (newest != id || !kase_need(store, case_id, "", arena, &row))
		return;
	struct action action = {
	        .kind = state == ESCALATION_FAILED ? ACTION_ESCALATION_FAILED : ACTION_ESCALATION_DELIVERED,
	        .case_id = case_id,
	        .agent = "curlew",
	        .arg = "",
	        .text = state == ESCALATION_FAILED ? reason : ""};
	act_on(store, &row, &action, clock_wall_ms(), arena, &journal_id);
	db_run(store->db, "UPDATE kase SET escalation_error=? WHERE id=?", "ti",
	        state == ESCALATION_FAILED ? reason : "", case_id);
}

int store_escalation_result(struct store *store, int64_t id, enum escalation_state state, const char *reason,
        int64_t next_try_at, struct err *err)
{
	struct arena arena = ARENA_INIT;
	store_begin(store);
	int64_t case_id = db_number(store->db, 0, "SELECT case_id FROM escalation WHERE id=?", "i", id);
	db_run(store->db,
	        "UPDATE escalation SET state=?2,error=?3,next_try_at=?4,attempts=attempts+1 WHERE id=?1 AND state=1",
	        "idti", id, (int)state, str_or(reason, ""), next_try_at);
	bool moved = db_changed(store->db) > 0;
	if (moved && state != ESCALATION_PENDING)
		tell_case(store, id, case_id, state, str_or(reason, ""), &arena);
	if (moved)
		store_changed(store, CHANGE_ESCALATION, case_id);
	arena_release(&arena);
	return store_commit(store, err);
}
