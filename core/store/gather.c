/* Which thread a post belongs to, and which case of its author it counts for (design: "The model"). */
#include "core/base/str.h"
#include "core/store/internal.h"

#define PERSON_TOLD_MAX 500 /* newest cases of a person whose panels are to change */
#define CASES_TOLD_MAX 200  /* of a thread with more cases than this, the newest hear that it grew */

/* --- threads */

static void merge_into(struct ingest *ingest, int64_t keep, int64_t gone)
{
	struct store *store = ingest->store;
	struct db *db = store->db;
	ingest->merged = true;
	thread_changed(store, gone);
	db_run(db, "UPDATE post SET thread_id=? WHERE thread_id=?", "ii", keep, gone);
	db_run(db,
	        "INSERT OR IGNORE INTO kase_thread(case_id,thread_id) SELECT case_id,? FROM kase_thread WHERE "
	        "thread_id=?",
	        "ii", keep, gone);
	db_run(db, "DELETE FROM kase_thread WHERE thread_id=?", "i", gone);
	db_run(db, "DELETE FROM request WHERE thread_id=?", "i", gone);
	db_run(db,
	        "UPDATE thread SET root_remote_id=(SELECT root_remote_id FROM thread WHERE id=?2)"
	        " WHERE id=?1 AND root_remote_id=''",
	        "ii", keep, gone);
	db_run(db, "DELETE FROM thread WHERE id=?", "i", gone);
}

static void consider(struct ingest *ingest, int64_t found, int64_t *thread_id)
{
	if (!found || found == *thread_id)
		return;
	if (!*thread_id) {
		*thread_id = found;
		return;
	}
	int64_t keep = found < *thread_id ? found : *thread_id;
	merge_into(ingest, keep, found + *thread_id - keep);
	*thread_id = keep;
}

static int64_t thread_of_post(struct ingest *ingest, const char *remote_id)
{
	return db_number(ingest->store->db, 0, "SELECT thread_id FROM post WHERE account_id=? AND remote_id=?", "it",
	        ingest->account.id, remote_id);
}

/* The threads of posts that answer remote_id. Two of them may have been apart while it was missing. */
static void consider_answers(struct ingest *ingest, const char *remote_id, int64_t *thread_id)
{
	int64_t other;
	do {
		other = db_number(ingest->store->db, 0,
		        "SELECT thread_id FROM post WHERE account_id=? AND parent_remote_id=? AND parent_remote_id<>''"
		        " AND thread_id<>? LIMIT 1",
		        "iti", ingest->account.id, remote_id, *thread_id);
		consider(ingest, other, thread_id);
	} while (other && !db_failed(ingest->store->db));
}

void gather_thread(struct ingest *ingest, const struct incoming *item, struct place_of_post *place)
{
	struct db *db = ingest->store->db;
	const char *parent = str_or(item->post.parent_remote_id, "");
	const char *root = str_or(item->root_remote_id, *parent ? "" : item->post.remote_id);
	int64_t id = 0;
	if (*parent) {
		consider(ingest, thread_of_post(ingest, parent), &id);
		if (!id) /* its brothers wait for the same parent */
			consider_answers(ingest, parent, &id);
	}
	if (*root) {
		consider(ingest,
		        db_number(db, 0,
		                "SELECT id FROM thread WHERE account_id=? AND root_remote_id=? AND root_remote_id<>''",
		                "it", ingest->account.id, root),
		        &id);
		if (!str_eq(root, item->post.remote_id))
			consider(ingest, thread_of_post(ingest, root), &id);
	}
	consider_answers(ingest, item->post.remote_id, &id);
	place->thread_id = id;
	place->thread_is_new = !id;
	if (place->thread_is_new) {
		db_run(db, "INSERT INTO thread(account_id,root_remote_id) VALUES(?,?)", "it", ingest->account.id, root);
		place->thread_id = db_last_id(db);
	} else if (*root) {
		db_run(db, "UPDATE thread SET root_remote_id=? WHERE id=? AND root_remote_id=''", "ti", root, id);
	}
}

void thread_changed(struct store *store, int64_t thread_id)
{
	struct rows r;
	rows_begin(&r, store->db, "SELECT case_id FROM kase_thread WHERE thread_id=? ORDER BY case_id DESC LIMIT ?",
	        "id", thread_id, CASES_TOLD_MAX);
	while (rows_next(&r))
		store_changed(store, CHANGE_CASE, rows_int(&r, 0));
	rows_end(&r);
}

/* --- cases of a customer */

void customer_changed(struct store *store, int64_t customer_id)
{
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT id FROM kase WHERE customer_id IN " PERSON_OF("?1") " ORDER BY id DESC LIMIT ?2", "id",
	        customer_id, PERSON_TOLD_MAX);
	while (rows_next(&r))
		store_changed(store, CHANGE_CASE, rows_int(&r, 0));
	rows_end(&r);
}

struct found_case {
	int64_t id;
	int64_t first_post_at;
};

static struct found_case find_case(struct db *db, const char *sql, int64_t a, int64_t b)
{
	struct found_case found = {0};
	struct rows r;
	rows_begin(&r, db, sql, "ii", a, b);
	if (rows_next(&r))
		found = (struct found_case){rows_int(&r, 0), rows_int(&r, 1)};
	rows_end(&r);
	return found;
}

static struct found_case case_in_thread(struct ingest *ingest, int64_t customer_id, int64_t thread_id)
{
	return find_case(ingest->store->db,
	        "SELECT k.id,k.first_post_at FROM kase_thread kt CROSS JOIN kase k ON k.id=kt.case_id"
	        " WHERE kt.thread_id=? AND k.customer_id=? ORDER BY kt.case_id DESC LIMIT 1",
	        thread_id, customer_id);
}

static struct found_case unresolved_case(struct ingest *ingest, int64_t customer_id)
{
	return find_case(ingest->store->db,
	        "SELECT id,first_post_at FROM kase WHERE customer_id=? AND account_id=? AND status<4"
	        " ORDER BY id DESC LIMIT 1",
	        customer_id, ingest->account.id);
}

/* Until when nobody wants to hear of a customer; *earlier: their newest case, 0 for none. */
static int64_t customer_past(struct ingest *ingest, int64_t customer_id, int64_t *earlier)
{
	int64_t muted_until = 0;
	struct rows r;
	rows_begin(&r, ingest->store->db,
	        "SELECT muted_until,(SELECT ifnull(max(id),0) FROM kase WHERE customer_id=?1 AND account_id=?2)"
	        " FROM customer WHERE id=?1",
	        "ii", customer_id, ingest->account.id);
	if (rows_next(&r)) {
		muted_until = rows_int(&r, 0);
		*earlier = rows_int(&r, 1);
	}
	rows_end(&r);
	return muted_until;
}

/* The row as ingest_settle would leave it when nothing else is known of the case. */
static struct kase_row row_of(struct ingest *ingest, const struct incoming *item, const struct place_of_post *place)
{
	const struct post *post = &item->post;
	const struct triage_marks *marks = &item->marks;
	struct kase_row row = {
	        .kase = {.account_id = ingest->account.id,
	                .customer_id = place->customer_id,
	                .status = STATUS_NEW,
	                .done_reason = "",
	                .priority = marks->priority > 0 ? marks->priority : 0,
	                .created_at = ingest->now,
	                .updated_at = post->created_at,
	                .first_post_at = post->created_at,
	                .last_in_at = post->created_at,
	                .summary = str_or(marks->summary, ""),
	                .language = str_or(post->language, ""),
	                .boosts = post->boosts,
	                .media_count = post->media_count,
	                .praise = marks->praise,
	                .question = marks->question,
	                .personal_data = marks->personal_data},
	        .has_link = *str_or(post->links, "") != '\0',
	        .visibility = (int)post->visibility,
	        .simhash = (int64_t)marks->simhash,
	};
	bool muted =
	        !place->customer_is_new && customer_past(ingest, place->customer_id, &row.kase.linked_to) > ingest->now;
	if (muted) {
		row.kase.status = STATUS_IGNORED;
		row.kase.done_reason = "muted";
	}
	return row;
}

static struct touched *new_case(struct ingest *ingest, const struct incoming *item, const struct place_of_post *place)
{
	struct kase_row row = row_of(ingest, item, place);
	kase_insert(ingest->store, &row);
	struct touched *touched = ingest_touch(ingest, row.kase.id);
	touched->created = true;
	/* What listening found of somebody who is known is looked at once more: they may be known for it. */
	touched->whole = place->thread_is_new && (place->customer_is_new || item->post.addressed);
	return touched;
}

/* What is no mention counts only as an answer: in a thread of theirs, after what began the case. */
static struct touched *case_for(struct ingest *ingest, const struct incoming *item, const struct place_of_post *place)
{
	struct found_case own = {0}, unresolved = {0};
	if (!place->thread_is_new && !place->customer_is_new)
		own = case_in_thread(ingest, place->customer_id, place->thread_id);
	if (!item->mention && (!own.id || item->post.created_at <= own.first_post_at))
		return NULL;
	if (!place->customer_is_new)
		unresolved = unresolved_case(ingest, place->customer_id);
	if (unresolved.id)
		return ingest_touch(ingest, unresolved.id);
	return own.id ? ingest_touch(ingest, own.id) : new_case(ingest, item, place);
}

/* Ours that came before the post that they answer, and could not know whom. Row by row: an UPDATE of many rows opens a
 * savepoint, at which FTS5 writes out what it had gathered, and mostly there are none. */
static void claim_answers(struct ingest *ingest, const char *remote_id, int64_t customer_id)
{
	int64_t id;
	while (customer_id &&
	        (id = db_number(ingest->store->db, 0,
	                 "SELECT id FROM post WHERE account_id=? AND parent_remote_id=? AND parent_remote_id<>''"
	                 " AND direction=1 AND answers=0 LIMIT 1",
	                 "it", ingest->account.id, remote_id)))
		db_run(ingest->store->db, "UPDATE post SET answers=? WHERE id=?", "ii", customer_id, id);
}

int64_t gather_case(struct ingest *ingest, const struct incoming *item, const struct place_of_post *place)
{
	if (!place->thread_is_new)
		claim_answers(ingest, item->post.remote_id, place->customer_id);
	struct touched *touched = case_for(ingest, item, place);
	if (!touched)
		return 0;
	db_run(ingest->store->db, "INSERT OR IGNORE INTO kase_thread(case_id,thread_id) VALUES(?,?)", "ii",
	        touched->case_id, place->thread_id);
	touched->spoke_in = true;
	touched->addressed |= item->post.addressed;
	if (item->marks.priority > touched->priority)
		touched->priority = item->marks.priority;
	return touched->case_id;
}

/* --- what we said */

/* The parent's author, or whom the parent answers when that is ours too. */
int64_t gather_answered(struct ingest *ingest, const char *parent_remote_id)
{
	if (!*parent_remote_id)
		return 0;
	return db_number(ingest->store->db, 0,
	        "SELECT iif(direction=0,customer_id,answers) FROM post WHERE account_id=? AND remote_id=?", "it",
	        ingest->account.id, parent_remote_id);
}

static void touch_answered(struct ingest *ingest, int64_t case_id, const struct reply *reply)
{
	struct touched *touched = ingest_touch(ingest, case_id);
	touched->spoke_out = true;
	touched->by = reply ? reply->agent : "curlew";
	if (reply && reply->case_id == case_id)
		touched->follow = reply->follow;
}

void gather_our_post(struct ingest *ingest, int64_t thread_id, int64_t answers, const struct reply *reply)
{
	struct found_case own = answers ? case_in_thread(ingest, answers, thread_id) : (struct found_case){0};
	if (own.id) {
		touch_answered(ingest, own.id, reply);
		return;
	}
	VEC(int64_t) cases = {0};
	struct rows r;
	rows_begin(&r, ingest->store->db,
	        "SELECT k.id FROM kase_thread kt CROSS JOIN kase k ON k.id=kt.case_id"
	        " WHERE kt.thread_id=? AND k.status<4",
	        "i", thread_id);
	while (rows_next(&r))
		vec_push(&cases, rows_int(&r, 0));
	rows_end(&r);
	for (size_t i = 0; i < cases.len; i++)
		touch_answered(ingest, cases.at[i], reply);
	vec_release(&cases);
}
