/* Every post, in order, a batch at a time: nothing is being read while the caller's function runs, so that it may
 * take as long as it likes, and write. */
#include "core/store/internal.h"

#define BATCH 500

struct batch {
	VEC(struct post) posts;
	VEC(int64_t) cases;
};

/* The case of a post: the one it counts for, else the newest that shows its thread. */
static int read_batch(struct store *store, int64_t customer_id, int64_t after, struct arena *arena, struct batch *batch,
        struct err *err)
{
	struct rows r;
	vec_clear(&batch->posts);
	vec_clear(&batch->cases);
	db_begin_read(store->db);
	if (customer_id)
		rows_begin(&r, store->db,
		        POST_SELECT "WHERE p.id>? AND (p.customer_id=? OR p.answers=?) ORDER BY p.id LIMIT ?", "iiid",
		        after, customer_id, customer_id, BATCH);
	else
		rows_begin(&r, store->db, POST_SELECT "WHERE p.id>? ORDER BY p.id LIMIT ?", "id", after, BATCH);
	while (rows_next(&r)) {
		struct post post;
		post_read(&r, arena, &post);
		vec_push(&batch->posts, post);
		int64_t case_id = rows_int(&r, POST_CASE_COLUMN);
		if (!case_id)
			case_id = db_number(store->db, 0,
			        "SELECT ifnull(max(case_id),0) FROM kase_thread WHERE thread_id=?", "i",
			        post.thread_id);
		vec_push(&batch->cases, case_id);
	}
	rows_end(&r);
	return db_end_read(store->db, err);
}

static int each_in_batch(struct store *store, const struct batch *batch, struct arena *arena, store_each_post *each,
        void *arg, struct err *err)
{
	for (size_t i = 0; i < batch->posts.len; i++) {
		const struct post *post = &batch->posts.at[i];
		struct account account = {0};
		struct customer customer = {0};
		db_begin_read(store->db);
		account_load(store, post->account_id, arena, &account);
		bool known = customer_load(store, post->customer_id, arena, &customer);
		int result = db_end_read(store->db, err);
		if (!result)
			result = each(arg, &account, post, known ? &customer : NULL, batch->cases.at[i]);
		if (result)
			return result;
	}
	return 0;
}

/* customer_id 0: everybody's. */
static int export_posts(struct store *store, int64_t customer_id, store_each_post *each, void *arg, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct batch batch = {0};
	int64_t after = 0;
	int result;
	do {
		arena_reset(&arena);
		result = read_batch(store, customer_id, after, &arena, &batch, err);
		if (!result && batch.posts.len) {
			after = batch.posts.at[batch.posts.len - 1].id;
			result = each_in_batch(store, &batch, &arena, each, arg, err);
		}
	} while (!result && batch.posts.len);
	vec_release(&batch.posts);
	vec_release(&batch.cases);
	arena_release(&arena);
	return result;
}

int store_export(struct store *store, store_each_post *each, void *arg, struct err *err)
{
	return export_posts(store, 0, each, arg, err);
}

int store_export_customer(struct store *store, int64_t customer_id, store_each_post *each, void *arg, struct err *err)
{
	return export_posts(store, customer_id, each, arg, err);
}
