/* One case with all that its pane shows. */
#include "core/base/str.h"
#include "core/store/internal.h"

#include <limits.h>
#include <stdlib.h>

typedef VEC(struct thread_item) item_vec;

static void add_posts(struct store *store, int64_t case_id, int max, struct arena *arena, item_vec *items)
{
	struct rows r;
	rows_begin(&r, store->db,
	        POST_SELECT "WHERE p.thread_id IN (SELECT thread_id FROM kase_thread WHERE case_id=?)"
	                    " ORDER BY p.created_at DESC, p.id DESC LIMIT ?",
	        "id", case_id, max);
	while (rows_next(&r)) {
		struct post *post = arena_new(arena, struct post);
		post_read(&r, arena, post);
		vec_push(items, (struct thread_item){.at = post->created_at, .post = post});
	}
	rows_end(&r);
}

static void add_journal(struct store *store, int64_t case_id, int max, struct arena *arena, item_vec *items)
{
	struct rows r;
	rows_begin(&r, store->db, JOURNAL_SELECT "WHERE j.case_id=? ORDER BY j.id DESC LIMIT ?", "id", case_id, max);
	while (rows_next(&r)) {
		struct journal_entry *entry = arena_new(arena, struct journal_entry);
		journal_read(store, &r, arena, entry);
		vec_push(items, (struct thread_item){.at = entry->at, .entry = entry});
	}
	rows_end(&r);
}

/* Neither sent (that is a post now) nor recalled (a draft). */
static void add_replies(struct store *store, int64_t case_id, struct arena *arena, item_vec *items)
{
	struct rows r;
	rows_begin(
	        &r, store->db, REPLY_SELECT "WHERE r.case_id=? AND r.state NOT IN (3,7) ORDER BY r.id", "i", case_id);
	while (rows_next(&r)) {
		struct reply *reply = arena_new(arena, struct reply);
		reply_read(&r, arena, reply);
		vec_push(items, (struct thread_item){.at = reply->created_at, .reply = reply});
	}
	rows_end(&r);
}

static int kind_order(const struct thread_item *item)
{
	return item->post ? 0 : item->entry ? 1 : 2;
}

static int64_t id_of(const struct thread_item *item)
{
	return item->post ? item->post->id : item->entry ? item->entry->id : item->reply->id;
}

static int by_time(const void *a, const void *b)
{
	const struct thread_item *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (kind_order(x) != kind_order(y))
		return kind_order(x) - kind_order(y);
	return id_of(x) < id_of(y) ? -1 : id_of(x) > id_of(y);
}

static void view_items(struct store *store, struct case_view *view, int max_items, struct arena *arena)
{
	item_vec items = {0};
	int max = max_items > 0 ? max_items : INT_MAX;
	add_posts(store, view->kase.id, max, arena, &items);
	add_journal(store, view->kase.id, max, arena, &items);
	add_replies(store, view->kase.id, arena, &items);
	if (items.len)
		qsort(items.at, items.len, sizeof *items.at, by_time);
	size_t skip = items.len > (size_t)max ? items.len - (size_t)max : 0;
	view->item_count = (int)(items.len - skip);
	view->items = (struct thread_item *)array_to_arena(
	        arena, items.len ? items.at + skip : NULL, items.len - skip, sizeof *items.at);
	vec_release(&items);
}

static void view_drafts(struct store *store, const char *agent, struct case_view *view, struct arena *arena)
{
	VEC(struct draft) drafts = {0};
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT kind,text,cursor,revision,begun_at,updated_at,to_remote_id,warning,language,files"
	        " FROM draft"
	        " WHERE case_id=? AND agent=? ORDER BY kind",
	        "it", view->kase.id, agent);
	while (rows_next(&r)) {
		struct draft draft = {.case_id = view->kase.id,
		        .kind = (enum draft_kind)rows_int(&r, 0),
		        .text = rows_text(&r, 1, arena),
		        .cursor = (int)rows_int(&r, 2),
		        .revision = rows_int(&r, 3),
		        .begun_at = rows_int(&r, 4),
		        .updated_at = rows_int(&r, 5),
		        .to_remote_id = rows_text(&r, 6, arena),
		        .warning = rows_text(&r, 7, arena),
		        .language = rows_text(&r, 8, arena)};
		files_read(rows_text(&r, 9, arena), arena, &draft.files, &draft.file_count);
		vec_push(&drafts, draft);
	}
	rows_end(&r);
	view->drafts = ARRAY_TO_ARENA(arena, struct draft, &drafts);
	view->draft_count = (int)drafts.len;
	vec_release(&drafts);
}

/* Unhappy was who burned: urgent or high, or escalated. */
static void view_history(struct store *store, struct case_view *view)
{
	const struct kase *kase = &view->kase;
	view->earlier_cases = (int)db_number(store->db, 0,
	        "SELECT count(*) FROM kase WHERE customer_id IN " PERSON_OF("?1") " AND id<?2", "ii", kase->customer_id,
	        kase->id);
	view->earlier_unhappy = (int)db_number(store->db, 0,
	        "SELECT count(*) FROM kase WHERE customer_id IN " PERSON_OF(
	                "?1") " AND id<?2 AND (priority>0 OR escalated_to<>'')",
	        "ii", kase->customer_id, kase->id);
}

int store_case_view(struct store *store, int64_t case_id, const char *agent, int max_items, struct arena *arena,
        const struct case_view **out, struct err *err)
{
	struct case_view *view = arena_new(arena, struct case_view);
	struct kase_row row;
	agent = str_or(agent, "");
	db_begin_read(store->db);
	if (kase_need(store, case_id, agent, arena, &row)) {
		kase_finish(store, &row, 1);
		view->kase = row.kase;
		customer_load(store, row.kase.customer_id, arena, &view->customer);
		view_items(store, view, max_items, arena);
		view_drafts(store, agent, view, arena);
		view_history(store, view);
		view->joined = joined_read(store, view->kase.customer_id, arena, &view->joined_count);
	}
	*out = view;
	return db_end_read(store->db, err);
}
