/* Gaps: what a network does not tell any more. They stand until an agent has taken note of them; who and when is kept.
 */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#include <inttypes.h>

#define GAP_SELECT                                                                                                     \
	"SELECT g.id,a.name,g.source,g.from_at,g.to_at,g.reason,g.found_at,g.seen_by,g.seen_at FROM gap g"             \
	" JOIN account a ON a.id=g.account_id "

int store_gap_add(struct store *store, int64_t account_id, const struct gap_found *gap, struct err *err)
{
	store_begin(store);
	int64_t from = gap->from;
	if (!from)
		from = db_number(store->db, 0, "SELECT last_event_at FROM account WHERE id=?", "i", account_id);
	if (from < gap->to) {
		db_run(store->db,
		        "INSERT INTO gap(account_id,source,from_at,to_at,reason,found_at) VALUES(?,?,?,?,?,?)"
		        " ON CONFLICT DO UPDATE SET to_at=excluded.to_at,reason=excluded.reason,seen_by='',seen_at=0"
		        " WHERE to_at<excluded.to_at",
		        "itiiti", account_id, gap->source, from, gap->to, gap->reason, clock_wall_ms());
		if (db_changed(store->db))
			store_changed(store, CHANGE_ACCOUNT, account_id);
	}
	return store_commit(store, err);
}

static int read_gaps(struct store *store, struct rows *rows, struct arena *arena, const struct gap **out, int *count,
        struct err *err)
{
	VEC(struct gap) gaps = {0};
	while (gaps.len < GAPS_MAX && rows_next(rows))
		vec_push(&gaps, (struct gap){.id = rows_int(rows, 0),
		                        .account = rows_text(rows, 1, arena),
		                        .source = rows_text(rows, 2, arena),
		                        .from = rows_int(rows, 3),
		                        .to = rows_int(rows, 4),
		                        .reason = rows_text(rows, 5, arena),
		                        .found_at = rows_int(rows, 6),
		                        .seen_by = rows_text(rows, 7, arena),
		                        .seen_at = rows_int(rows, 8)});
	rows_end(rows);
	*out = ARRAY_TO_ARENA(arena, struct gap, &gaps);
	*count = (int)gaps.len;
	vec_release(&gaps);
	return db_end_read(store->db, err);
}

int store_gaps(struct store *store, struct arena *arena, const struct gap **out, int *count, struct err *err)
{
	struct rows rows;
	db_begin_read(store->db);
	rows_begin(&rows, store->db, GAP_SELECT "WHERE g.seen_at=0 ORDER BY g.from_at", "");
	return read_gaps(store, &rows, arena, out, count, err);
}

int store_gaps_since(
        struct store *store, int64_t since, struct arena *arena, const struct gap **out, int *count, struct err *err)
{
	struct rows rows;
	db_begin_read(store->db);
	rows_begin(&rows, store->db, GAP_SELECT "WHERE g.found_at>=? ORDER BY g.found_at", "i", since);
	return read_gaps(store, &rows, arena, out, count, err);
}

int store_gap_seen(struct store *store, int64_t gap_id, const char *agent, int64_t now, struct err *err)
{
	struct arena arena = ARENA_INIT;
	store_begin(store);
	db_run(store->db, "UPDATE gap SET seen_by=?2,seen_at=?3 WHERE id=?1 AND seen_at=0", "iti", gap_id, agent, now);
	if (db_changed(store->db)) {
		store_changed(store, CHANGE_ACCOUNT,
		        db_number(store->db, 0, "SELECT account_id FROM gap WHERE id=?", "i", gap_id));
	} else {
		const char *by = db_word(store->db, &arena, "SELECT seen_by FROM gap WHERE id=?", "i", gap_id);
		if (by)
			db_fail(store->db, ERR_STATE, "%s has taken note of it already", by);
		else
			db_fail(store->db, ERR_NOT_FOUND, "there is no gap of number %" PRId64, gap_id);
	}
	arena_release(&arena);
	return store_commit(store, err);
}
