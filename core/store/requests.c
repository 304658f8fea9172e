/* What desks ask of the courier. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#define ASK_AGAIN_MS 60000 /* a thread is asked for at most once in this time */

static int64_t newest_thread(struct store *store, int64_t case_id)
{
	return db_number(store->db, 0,
	        "SELECT thread_id FROM post WHERE case_id=? ORDER BY created_at DESC, id DESC LIMIT 1", "i", case_id);
}

int store_request_thread(struct store *store, int64_t case_id, int64_t now, struct err *err)
{
	store_begin(store);
	int64_t thread_id = newest_thread(store, case_id);
	if (!thread_id)
		db_fail(store->db, ERR_NOT_FOUND, "case %lld has no post to ask for", (long long)case_id);
	db_run(store->db,
	        "INSERT INTO request(thread_id,case_id,at,open) VALUES(?1,?2,?3,1) ON CONFLICT(thread_id) DO UPDATE"
	        " SET case_id=?2,at=?3,open=1 WHERE at<=?3-?4",
	        "iiid", thread_id, case_id, now, ASK_AGAIN_MS);
	if (db_changed(store->db))
		store_changed(store, CHANGE_REQUEST, thread_id);
	return store_commit(store, err);
}

int store_thread_requests(
        struct store *store, struct arena *arena, const struct thread_request **out, int *count, struct err *err)
{
	VEC(struct thread_request) requests = {0};
	struct rows r;
	db_begin_read(store->db);
	/* Any post of the thread will do: the newest one is the least likely to be gone. */
	rows_begin(&r, store->db,
	        "SELECT t.account_id,q.case_id,q.thread_id,(SELECT remote_id FROM post p WHERE p.thread_id=q.thread_id"
	        " ORDER BY deleted_at=0 DESC, created_at DESC LIMIT 1) FROM request q JOIN thread t ON t.id=q.thread_id"
	        " WHERE q.open=1 ORDER BY q.at",
	        "");
	while (rows_next(&r)) {
		struct thread_request request = {.account_id = rows_int(&r, 0),
		        .case_id = rows_int(&r, 1),
		        .thread_id = rows_int(&r, 2),
		        .remote_id = rows_text(&r, 3, arena)};
		vec_push(&requests, request);
	}
	rows_end(&r);
	*out = ARRAY_TO_ARENA(arena, struct thread_request, &requests);
	*count = (int)requests.len;
	vec_release(&requests);
	return db_end_read(store->db, err);
}

int store_thread_request_done(struct store *store, int64_t thread_id, struct err *err)
{
	store_begin(store);
	db_run(store->db, "UPDATE request SET open=0 WHERE thread_id=?", "i", thread_id);
	return store_commit(store, err);
}

/* --- the courier is asked to stop: in a table that every version can write */

int store_request_stop(struct store *store, const char *why, struct err *err)
{
	store_begin_quiet(store);
	db_run(store->db, "INSERT OR REPLACE INTO control(name,value,at) VALUES('stop',?,?)", "ti", str_or(why, ""),
	        clock_wall_ms());
	store_changed(store, CHANGE_REQUEST, 0);
	return store_commit(store, err);
}

bool store_stop_requested(struct store *store)
{
	struct err ignored = ERR_INIT;
	db_begin_read(store->db);
	int64_t asked = db_number(store->db, 0, "SELECT count(*) FROM control WHERE name='stop'", "");
	return db_end_read(store->db, &ignored) == 0 && asked;
}

int store_stop_clear(struct store *store, struct err *err)
{
	store_begin_quiet(store);
	db_run(store->db, "DELETE FROM control WHERE name='stop'", "");
	return store_commit(store, err);
}
