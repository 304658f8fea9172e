/* The row of a case: read, recomputed from its posts, written. */
#include "core/base/str.h"
#include "core/store/internal.h"
#include "core/text/similar.h"

#define SIMILAR_WINDOW 500 /* the newest unresolved cases that a row is compared with */
#define SIMILAR_DISTANCE 8 /* differing bits of a simhash up to which two posts say nearly the same */

static const char *const *split_tags(const char *joined, struct arena *arena, int *count)
{
	*count = 0;
	if (!*joined)
		return NULL;
	size_t most = 1;
	for (const char *p = joined; *p; p++)
		most += *p == ' ';
	const char **tags = arena_array(arena, const char *, most);
	char *rest = arena_strdup(arena, joined);
	for (char *tag; (tag = strtok_r(rest, " ", &rest));)
		tags[(*count)++] = tag;
	return tags;
}

void kase_read(const struct rows *r, struct arena *arena, struct kase_row *row)
{
	int c = 0;
	*row = (struct kase_row){0};
	struct kase *kase = &row->kase;
	kase->id = rows_int(r, c++);
	kase->account_id = rows_int(r, c++);
	kase->account = rows_text(r, c++, arena);
	kase->network = rows_text(r, c++, arena);
	kase->customer_id = rows_int(r, c++);
	kase->handle = rows_text(r, c++, arena);
	kase->customer_name = rows_text(r, c++, arena);
	kase->followers = rows_int(r, c++);
	kase->muted_until = rows_int(r, c++);
	kase->status = (enum case_status)rows_int(r, c++);
	kase->assignee = rows_text(r, c++, arena);
	kase->writer = rows_text(r, c++, arena);
	kase->writer_until = rows_int(r, c++);
	kase->priority = (int)rows_int(r, c++);
	kase->escalated_to = rows_text(r, c++, arena);
	kase->escalation_why = rows_text(r, c++, arena);
	kase->escalated_by = rows_text(r, c++, arena);
	kase->escalated_at = rows_int(r, c++);
	kase->escalation = (enum escalation_state)rows_int(r, c++);
	kase->escalation_error = rows_text(r, c++, arena);
	kase->snoozed_until = rows_int(r, c++);
	kase->done_reason = rows_text(r, c++, arena);
	kase->created_at = rows_int(r, c++);
	kase->updated_at = rows_int(r, c++);
	kase->first_post_at = rows_int(r, c++);
	kase->last_in_at = rows_int(r, c++);
	kase->last_out_at = rows_int(r, c++);
	kase->first_reply_at = rows_int(r, c++);
	kase->due = rows_int(r, c++);
	kase->rank = rows_int(r, c++);
	kase->revision = rows_int(r, c++);
	kase->linked_to = rows_int(r, c++);
	kase->summary = rows_text(r, c++, arena);
	kase->language = rows_text(r, c++, arena);
	kase->boosts = (int)rows_int(r, c++);
	kase->media_count = (int)rows_int(r, c++);
	kase->praise = rows_bool(r, c++);
	kase->question = rows_bool(r, c++);
	kase->personal_data = rows_bool(r, c++);
	row->has_link = rows_bool(r, c++);
	row->visibility = (int)rows_int(r, c++);
	row->simhash = rows_int(r, c++);
	kase->tags = split_tags(rows_text(r, c++, arena), arena, &kase->tag_count);
	kase->draft_at = rows_int(r, c++);
	kase->similar = 1;
}

bool kase_load(struct store *store, int64_t id, const char *agent, struct arena *arena, struct kase_row *row)
{
	struct rows r;
	rows_begin(&r, store->db, KASE_SELECT "WHERE k.id=?2", "ti", agent, id);
	bool found = rows_next(&r);
	if (found)
		kase_read(&r, arena, row);
	rows_end(&r);
	return found;
}

bool kase_need(struct store *store, int64_t id, const char *agent, struct arena *arena, struct kase_row *row)
{
	bool found = kase_load(store, id, agent, arena, row);
	if (!found)
		db_fail(store->db, ERR_NOT_FOUND, "there is no case %lld", (long long)id);
	return found;
}

/* --- what depends on other rows */

/* How many of the newest unresolved cases say nearly what the row says. */
static int count_similar(const int64_t *hashes, size_t count, const struct kase_row *row)
{
	int similar = 0;
	for (size_t i = 0; i < count; i++)
		similar += similar_distance((uint64_t)hashes[i], (uint64_t)row->simhash) <= SIMILAR_DISTANCE;
	return similar > 0 ? similar : 1;
}

static void mark_similar(struct store *store, struct kase_row *rows, int count)
{
	VEC(int64_t) hashes = {0};
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT simhash FROM kase WHERE status<4 AND simhash<>0 ORDER BY last_in_at DESC LIMIT ?", "d",
	        SIMILAR_WINDOW);
	while (rows_next(&r))
		vec_push(&hashes, rows_int(&r, 0));
	rows_end(&r);
	for (int i = 0; i < count; i++)
		if (rows[i].simhash && rows[i].kase.status < STATUS_DONE)
			rows[i].kase.similar = count_similar(hashes.at, hashes.len, &rows[i]);
	vec_release(&hashes);
}

void kase_finish(struct store *store, struct kase_row *rows, int count)
{
	mark_similar(store, rows, count);
	for (int i = 0; i < count; i++)
		if (rows[i].kase.draft_at)
			rows[i].kase.newer_than_draft = (int)db_number(store->db, 0,
			        "SELECT count(*) FROM post WHERE case_id=? AND received_at>?", "ii", rows[i].kase.id,
			        rows[i].kase.draft_at);
}

/* --- from its posts */

static void derive_customer_side(struct store *store, struct kase_row *row)
{
	struct kase *kase = &row->kase;
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT min(created_at), max(iif(deleted_at=0,created_at,0)), max(links<>'') FROM post"
	        " WHERE case_id=?",
	        "i", kase->id);
	if (rows_next(&r)) {
		kase->first_post_at = rows_int(&r, 0);
		kase->last_in_at = rows_int(&r, 1);
		row->has_link = rows_bool(&r, 2);
	}
	rows_end(&r);
}

/* Ours count when they answer this customer, or nobody who has a case in the thread. */
static void derive_our_side(struct store *store, struct kase *kase)
{
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT min(p.created_at), max(p.created_at) FROM kase_thread kt"
	        " CROSS JOIN post p ON p.thread_id=kt.thread_id"
	        " WHERE kt.case_id=?1 AND p.direction=1 AND p.created_at>=?3 AND (p.answers IN (0,?2) OR NOT EXISTS("
	        "SELECT 1 FROM kase_thread o CROSS JOIN kase ok ON ok.id=o.case_id"
	        " WHERE o.thread_id=p.thread_id AND ok.customer_id=p.answers))",
	        "iii", kase->id, kase->customer_id, kase->first_post_at);
	if (rows_next(&r)) {
		kase->first_reply_at = rows_int(&r, 0);
		kase->last_out_at = rows_int(&r, 1);
	}
	rows_end(&r);
}

static void derive_words(struct store *store, struct kase_row *row, struct arena *arena)
{
	struct kase *kase = &row->kase;
	struct rows r;
	kase->summary = "";
	rows_begin(&r, store->db,
	        "SELECT summary,language,boosts,json_array_length(media),visibility,simhash,praise,question,"
	        "personal_data FROM post WHERE case_id=? AND deleted_at=0 ORDER BY created_at DESC, id DESC LIMIT 1",
	        "i", kase->id);
	if (rows_next(&r)) {
		kase->summary = rows_text(&r, 0, arena);
		kase->language = rows_text(&r, 1, arena);
		kase->boosts = (int)rows_int(&r, 2);
		kase->media_count = (int)rows_int(&r, 3);
		row->visibility = (int)rows_int(&r, 4);
		row->simhash = rows_int(&r, 5);
		kase->praise = rows_bool(&r, 6);
		kase->question = rows_bool(&r, 7);
		kase->personal_data = rows_bool(&r, 8);
	}
	rows_end(&r);
}

void kase_derive(struct store *store, struct kase_row *row, struct arena *arena)
{
	derive_customer_side(store, row);
	derive_our_side(store, &row->kase);
	derive_words(store, row, arena);
}

/* --- writing */

static int64_t first_unanswered(struct store *store, const struct kase *kase)
{
	return db_number(store->db, 0,
	        "SELECT ifnull(min(created_at),0) FROM post WHERE case_id=? AND deleted_at=0 AND created_at>?", "ii",
	        kase->id, kase->last_out_at);
}

static bool awaits_us(const struct kase *kase)
{
	return (kase->status == STATUS_NEW || kase->status == STATUS_OPEN) && kase->last_in_at > kase->last_out_at;
}

static void write_row(struct store *store, const struct kase_row *row)
{
	const struct kase *kase = &row->kase;
	db_run(store->db,
	        "UPDATE kase SET status=?2,assignee=?3,priority=?4,escalated_to=?5,escalation_why=?6,escalated_by=?7,"
	        "escalated_at=?8,escalation=?9,escalation_error=?10,snoozed_until=?11,done_reason=?12,updated_at=?13,"
	        "first_post_at=?14,last_in_at=?15,last_out_at=?16,first_reply_at=?17,due=?18,rank=?19,needs=?20,"
	        "revision=?21,summary=?22,language=?23,boosts=?24,media_count=?25,has_link=?26,visibility=?27,"
	        "simhash=?28,praise=?29,question=?30,personal_data=?31 WHERE id=?1",
	        "idtdtttidtitiiiiiiibittddbdibbb", kase->id, (int)kase->status, kase->assignee, kase->priority,
	        kase->escalated_to, kase->escalation_why, kase->escalated_by, kase->escalated_at, (int)kase->escalation,
	        kase->escalation_error, kase->snoozed_until, kase->done_reason, kase->updated_at, kase->first_post_at,
	        kase->last_in_at, kase->last_out_at, kase->first_reply_at, kase->due, kase->rank, (int)awaits_us(kase),
	        kase->revision, kase->summary, kase->language, kase->boosts, kase->media_count, (int)row->has_link,
	        row->visibility, row->simhash, (int)kase->praise, (int)kase->question, (int)kase->personal_data);
}

static void set_clock(struct store *store, struct kase *kase, int64_t first_unanswered_at)
{
	kase->due = clocks_due(kase, first_unanswered_at, &store->rules);
	kase->rank = clocks_rank(kase->due, kase->updated_at);
}

void kase_insert(struct store *store, struct kase_row *row)
{
	struct kase *kase = &row->kase;
	set_clock(store, kase, kase->last_in_at);
	kase->revision = 1;
	db_run(store->db,
	        "INSERT INTO kase(account_id,customer_id,status,done_reason,priority,created_at,updated_at,"
	        "first_post_at,last_in_at,due,rank,needs,revision,linked_to,summary,language,boosts,media_count,"
	        "has_link,visibility,simhash,praise,question,personal_data)"
	        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	        "iidtdiiiiiidiittddbdibbb", kase->account_id, kase->customer_id, (int)kase->status, kase->done_reason,
	        kase->priority, kase->created_at, kase->updated_at, kase->first_post_at, kase->last_in_at, kase->due,
	        kase->rank, (int)awaits_us(kase), kase->revision, kase->linked_to, kase->summary, kase->language,
	        kase->boosts, kase->media_count, (int)row->has_link, row->visibility, row->simhash, (int)kase->praise,
	        (int)kase->question, (int)kase->personal_data);
	kase->id = db_last_id(store->db);
	store_changed(store, CHANGE_CASE, kase->id);
}

void kase_save(struct store *store, struct kase_row *row)
{
	struct kase *kase = &row->kase;
	set_clock(store, kase, awaits_us(kase) ? first_unanswered(store, kase) : 0);
	kase->revision++;
	write_row(store, row);
	store_changed(store, CHANGE_CASE, kase->id);
}

static void apply_tag(
        struct store *store, const struct kase *kase, const struct change *change, const char *by, int64_t now)
{
	if (*change->to)
		db_run(store->db, "INSERT OR IGNORE INTO case_tag(case_id,tag,by,at) VALUES(?,?,?,?)", "itti", kase->id,
		        change->to, by, now);
	else
		db_run(store->db, "DELETE FROM case_tag WHERE case_id=? AND tag=?", "it", kase->id, change->from);
}

/* What was asked for before and was not carried out yet is withdrawn; a team that is named now is told. */
static void apply_escalation(struct store *store, const struct kase *kase, const char *by, int64_t now)
{
	db_run(store->db, "UPDATE escalation SET state=?2 WHERE case_id=?1 AND state=1", "id", kase->id,
	        (int)ESCALATION_WITHDRAWN);
	if (kase->escalation == ESCALATION_PENDING)
		db_run(store->db, "INSERT INTO escalation(case_id,team,why,by,at,state) VALUES(?,?,?,?,?,1)", "ittti",
		        kase->id, kase->escalated_to, kase->escalation_why, by, now);
	store_changed(store, CHANGE_ESCALATION, kase->id);
}

void kase_apply_aside(struct store *store, const struct kase *kase, const struct change *changes, int count,
        const char *by, int64_t now)
{
	bool escalation = false;
	for (int i = 0; i < count; i++) {
		switch ((enum case_field)changes[i].field) {
		case FIELD_TAG: apply_tag(store, kase, &changes[i], by, now); break;
		case FIELD_MUTED_UNTIL:
			db_run(store->db, "UPDATE customer SET muted_until=? WHERE id=?", "ii", kase->muted_until,
			        kase->customer_id);
			break;
		case FIELD_JOINED: joined_apply(store, &changes[i], by, now); break;
		case FIELD_ESCALATED_TO: escalation = true; break;
		case FIELD_ESCALATION_STATE: escalation |= kase->escalation == ESCALATION_PENDING; break;
		default: break;
		}
	}
	if (escalation)
		apply_escalation(store, kase, by, now);
}
