/* Texts that are kept no longer: those that their authors deleted, and those of cases that are long over. */
#include "core/store/erase.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#define MERGED_PAGES 200

void post_erase(struct store *store, int64_t id, struct arena *arena)
{
	struct rows r;
	const char *warning = "", *text = "";
	rows_begin(&r, store->db, "SELECT warning,text FROM post WHERE id=?", "i", id);
	if (rows_next(&r)) {
		warning = rows_text(&r, 0, arena);
		text = rows_text(&r, 1, arena);
	}
	rows_end(&r);
	unindex_post(store->db, id, warning, text);
	db_run(store->db,
	        "UPDATE post SET text='',warning='',media='[]',mentions='',links='',summary='',simhash=0,praise=0,"
	        "question=0,personal_data=0 WHERE id=?",
	        "i", id);
	index_post(store->db, id, "", "");
}

void notes_erase(struct store *store, int64_t case_id, struct arena *arena)
{
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT t.journal_id,t.text FROM journal j JOIN journal_text t ON t.journal_id=j.id"
	        " WHERE j.case_id=? AND j.action='note'",
	        "i", case_id);
	while (rows_next(&r))
		unindex_note(store->db, rows_int(&r, 0), rows_text(&r, 1, arena));
	rows_end(&r);
	db_run(store->db, "DELETE FROM journal_text WHERE journal_id IN (SELECT id FROM journal WHERE case_id=?)", "i",
	        case_id);
}

/* --- deleted by their authors */

/* The index only marks what was taken out, until its parts are merged: a stretch of that each time. */
static int merge_index(struct store *store, struct err *err)
{
	store_begin(store);
	db_run(store->db, "INSERT INTO post_words(post_words,rank) VALUES('merge',?)", "d", -MERGED_PAGES);
	return store_commit(store, err);
}

int store_erase_deleted(struct store *store, int64_t account_id, int64_t before, int max, int *erased, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct rows r;
	VEC(int64_t) threads = {0};
	*erased = 0;
	store_begin(store);
	rows_begin(&r, store->db,
	        "SELECT id,thread_id FROM post WHERE account_id=? AND deleted_at<=? AND deleted_at>0"
	        " AND (text<>'' OR media<>'[]') AND direction=0 LIMIT ?",
	        "iid", account_id, before, max);
	VEC(int64_t) posts = {0};
	while (rows_next(&r)) {
		vec_push(&posts, rows_int(&r, 0));
		vec_push(&threads, rows_int(&r, 1));
	}
	rows_end(&r);
	for (size_t i = 0; i < posts.len; i++) {
		post_erase(store, posts.at[i], &arena);
		thread_changed(store, threads.at[i]);
	}
	int result = store_commit(store, err);
	if (!result && posts.len)
		result = merge_index(store, err);
	*erased = result ? 0 : (int)posts.len;
	vec_release(&posts);
	vec_release(&threads);
	arena_release(&arena);
	return result;
}

/* --- kept long enough */

static bool is_over(struct store *store, int64_t case_id)
{
	return !db_number(store->db, 0,
	        "SELECT EXISTS(SELECT 1 FROM draft WHERE case_id=?1)"
	        " OR EXISTS(SELECT 1 FROM reply WHERE case_id=?1 AND state NOT IN (?2,?3))",
	        "idd", case_id, (int)REPLY_SENT, (int)REPLY_RECALLED);
}

static int remove_post(struct store *store, int64_t id, struct arena *arena)
{
	struct rows r;
	rows_begin(&r, store->db, "SELECT warning,text FROM post WHERE id=?", "i", id);
	if (rows_next(&r))
		unindex_post(store->db, id, rows_text(&r, 0, arena), rows_text(&r, 1, arena));
	rows_end(&r);
	db_run(store->db, "DELETE FROM post WHERE id=?", "i", id);
	return 1;
}

/* The posts of its threads that no unresolved case shows. */
static int retire_posts(struct store *store, int64_t case_id, int64_t before, struct arena *arena)
{
	struct rows r;
	VEC(int64_t) posts = {0};
	int removed = 0;
	rows_begin(&r, store->db,
	        "SELECT p.id FROM kase_thread kt CROSS JOIN post p ON p.thread_id=kt.thread_id WHERE kt.case_id=?1"
	        " AND p.created_at<?2 AND NOT EXISTS(SELECT 1 FROM kase_thread o CROSS JOIN kase k ON k.id=o.case_id"
	        " WHERE o.thread_id=kt.thread_id AND (k.status<4 OR k.updated_at>=?2"
	        " OR EXISTS(SELECT 1 FROM draft d WHERE d.case_id=k.id)"
	        " OR EXISTS(SELECT 1 FROM reply r WHERE r.case_id=k.id AND r.state NOT IN (?3,?4))))",
	        "iidd", case_id, before, (int)REPLY_SENT, (int)REPLY_RECALLED);
	while (rows_next(&r))
		vec_push(&posts, rows_int(&r, 0));
	rows_end(&r);
	for (size_t i = 0; i < posts.len; i++)
		removed += remove_post(store, posts.at[i], arena);
	vec_release(&posts);
	return removed;
}

static void retire_words(struct store *store, int64_t case_id, struct arena *arena)
{
	notes_erase(store, case_id, arena);
	db_run(store->db, "UPDATE reply SET text='',typed='',warning='',files='' WHERE case_id=?", "i", case_id);
	db_run(store->db, "UPDATE kase SET summary='',simhash=0 WHERE id=?", "i", case_id);
	store_changed(store, CHANGE_CASE, case_id);
}

int store_retire(struct store *store, int64_t before, int max, int64_t *after, int *removed, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct rows r;
	VEC(int64_t) cases = {0};
	int64_t last = *after + max;
	*removed = 0;
	store_begin(store);
	rows_begin(&r, store->db,
	        "SELECT k.id FROM kase k WHERE k.id>?1 AND k.id<=?2 AND k.status>=4 AND k.updated_at<?3"
	        " AND EXISTS(SELECT 1 FROM post p WHERE p.case_id=k.id AND p.created_at<?3)",
	        "iii", *after, last, before);
	while (rows_next(&r))
		vec_push(&cases, rows_int(&r, 0));
	rows_end(&r);
	for (size_t i = 0; i < cases.len; i++) {
		int posts = is_over(store, cases.at[i]) ? retire_posts(store, cases.at[i], before, &arena) : 0;
		if (posts)
			retire_words(store, cases.at[i], &arena);
		*removed += posts;
	}
	bool more = db_number(store->db, 0, "SELECT max(id) FROM kase", "") > last;
	int result = store_commit(store, err);
	if (result)
		*removed = 0;
	else
		*after = more ? last : 0;
	vec_release(&cases);
	arena_release(&arena);
	return result;
}
