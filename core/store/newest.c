/* One post: the newest of a case, or by the network's id. */
#include "core/store/internal.h"

static const struct post *first_post(struct rows *r, struct arena *arena)
{
	struct post *post = NULL;
	if (rows_next(r)) {
		post = arena_new(arena, struct post);
		post_read(r, arena, post);
	}
	rows_end(r);
	return post;
}

int store_newest_post(
        struct store *store, int64_t case_id, struct arena *arena, const struct post **out, struct err *err)
{
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db,
	        POST_SELECT "WHERE p.case_id=? AND p.case_id>0 AND p.deleted_at=0"
	                    " ORDER BY p.created_at DESC, p.id DESC LIMIT 1",
	        "i", case_id);
	*out = first_post(&r, arena);
	return db_end_read(store->db, err);
}

int store_post(struct store *store, int64_t account_id, const char *remote_id, struct arena *arena,
        const struct post **out, struct err *err)
{
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db, POST_SELECT "WHERE p.account_id=? AND p.remote_id=?", "it", account_id, remote_id);
	*out = first_post(&r, arena);
	return db_end_read(store->db, err);
}
