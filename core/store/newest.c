#include "core/store/internal.h"

int store_newest_post(
        struct store *store, int64_t case_id, struct arena *arena, const struct post **out, struct err *err)
{
	struct rows r;
	*out = NULL;
	db_begin_read(store->db);
	rows_begin(&r, store->db,
	        POST_SELECT "WHERE p.case_id=? AND p.case_id>0 AND p.deleted_at=0"
	                    " ORDER BY p.created_at DESC, p.id DESC LIMIT 1",
	        "i", case_id);
	if (rows_next(&r)) {
		struct post *post = arena_new(arena, struct post);
		post_read(&r, arena, post);
		*out = post;
	}
	rows_end(&r);
	return db_end_read(store->db, err);
}
