/* The life of a reply on the desk's side: confirmed, recalled, read. */
#include "core/base/clock.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/store/internal.h"

void reply_read(const struct rows *r, struct arena *arena, struct reply *reply)
{
	*reply = (struct reply){
	        .id = rows_int(r, 0),
	        .case_id = rows_int(r, 1),
	        .account_id = rows_int(r, 2),
	        .kind = (enum reply_kind)rows_int(r, 3),
	        .state = (enum reply_state)rows_int(r, 4),
	        .agent = rows_text(r, 5, arena),
	        .to_remote_id = rows_text(r, 6, arena),
	        .to_handle = rows_text(r, 7, arena),
	        .text = rows_text(r, 8, arena),
	        .visibility = (enum visibility)rows_int(r, 9),
	        .language = rows_text(r, 10, arena),
	        .warning = rows_text(r, 11, arena),
	        .idempotency_key = rows_text(r, 12, arena),
	        .follow = rows_text(r, 13, arena),
	        .anyway = rows_bool(r, 14),
	        .seen_post_id = rows_int(r, 15),
	        .created_at = rows_int(r, 16),
	        .hold_until = rows_int(r, 17),
	        .next_try_at = rows_int(r, 18),
	        .attempts = (int)rows_int(r, 19),
	        .sent_at = rows_int(r, 20),
	        .remote_id = rows_text(r, 21, arena),
	        .url = rows_text(r, 22, arena),
	        .error = rows_text(r, 23, arena),
	        .typed = rows_text(r, 25, arena),
	        .part = (int)rows_int(r, 27),
	        .parts = (int)rows_int(r, 28),
	        .series = rows_int(r, 29),
	};
	files_read(rows_text(r, 26, arena), arena, &reply->files, &reply->file_count);
}

bool reply_load(struct store *store, int64_t id, struct arena *arena, struct reply *reply, int *draft_kind)
{
	struct rows r;
	rows_begin(&r, store->db, REPLY_SELECT "WHERE r.id=?", "i", id);
	bool found = rows_next(&r);
	if (found) {
		reply_read(&r, arena, reply);
		*draft_kind = (int)rows_int(&r, REPLY_DRAFT_COLUMN);
	}
	rows_end(&r);
	if (!found)
		db_fail(store->db, ERR_NOT_FOUND, "there is no reply %lld", (long long)id);
	return found;
}

void reply_changed(struct store *store, const struct reply *reply)
{
	store_changed(store, CHANGE_REPLY, reply->id);
	store_changed(store, CHANGE_CASE, reply->case_id);
}

/* --- confirmed */

static int64_t insert_reply(
        struct store *store, const struct reply *reply, int64_t account_id, int draft_kind, struct arena *arena)
{
	char key[33];
	random_id(key);
	int64_t now = clock_wall_ms();
	db_run(store->db,
	        "INSERT INTO reply(case_id,account_id,kind,state,agent,to_remote_id,to_handle,text,visibility,language,"
	        "warning,idempotency_key,follow,anyway,seen_post_id,draft_kind,created_at,hold_until,next_try_at,"
	        "updated_at,typed,files,part,parts,series) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	        "iiddttttdttttbidiiiittddi", reply->case_id, account_id, (int)reply->kind, (int)REPLY_HELD,
	        reply->agent, str_or(reply->to_remote_id, ""), str_or(reply->to_handle, ""), str_or(reply->text, ""),
	        (int)reply->visibility, str_or(reply->language, ""), str_or(reply->warning, ""), key,
	        str_or(reply->follow, "stay"), (int)reply->anyway, reply->seen_post_id, draft_kind,
	        reply->created_at ? reply->created_at : now, reply->hold_until, reply->hold_until, now,
	        str_or(reply->typed, ""), files_json(reply->files, reply->file_count, arena), reply->part, reply->parts,
	        reply->series);
	return db_last_id(store->db);
}

/* The first part's id, which names the series. What follows the reply follows its last part. */
static int64_t insert_parts(struct store *store, const struct reply *parts, int count, int64_t account_id,
        int draft_kind, struct arena *arena)
{
	int64_t first = 0;
	for (int i = 0; i < count; i++) {
		struct reply part = parts[i];
		part.part = count > 1 ? i + 1 : 0;
		part.parts = count > 1 ? count : 0;
		part.series = first;
		part.follow = i + 1 < count ? "stay" : part.follow;
		part.id = insert_reply(store, &part, account_id, draft_kind, arena);
		reply_changed(store, &part);
		first = first ? first : part.id;
	}
	if (count > 1)
		db_run(store->db, "UPDATE reply SET series=id WHERE id=?", "i", first);
	return first;
}

static void drop_draft(struct store *store, const struct reply *parts, int count, int draft_kind, struct arena *arena)
{
	struct str said = STR_INIT;
	for (int i = 0; i < count; i++)
		str_adds(&said, str_or(parts[i].typed, str_or(parts[i].text, "")));
	struct draft draft = {.case_id = parts->case_id, .kind = (enum draft_kind)draft_kind, .text = said.p};
	stored_draft_drop(store, parts->agent, &draft, arena);
	str_release(&said);
}

int store_reply_hold_parts(
        struct store *store, const struct reply *parts, int count, int draft_kind, int64_t *reply_id, struct err *err)
{
	struct arena arena = ARENA_INIT;
	const struct reply *reply = &parts[0];
	*reply_id = 0;
	store_begin(store);
	int64_t first = 0;
	int64_t account_id = db_number(store->db, 0, "SELECT account_id FROM kase WHERE id=?", "i", reply->case_id);
	if (account_id) {
		first = insert_parts(store, parts, count, account_id, draft_kind, &arena);
		if (draft_kind >= 0)
			drop_draft(store, parts, count, draft_kind, &arena);
		journal_add(store, reply->case_id, clock_wall_ms(), reply->agent, ACTION_REPLY_HELD, NULL, 0, "", 0);
	} else {
		db_fail(store->db, ERR_NOT_FOUND, "there is no case %lld", (long long)reply->case_id);
	}
	int result = store_commit(store, err);
	if (!result)
		*reply_id = first;
	arena_release(&arena);
	return result;
}

int store_reply_hold(struct store *store, const struct reply *reply, int draft_kind, int64_t *reply_id, struct err *err)
{
	return store_reply_hold_parts(store, reply, 1, draft_kind, reply_id, err);
}

/* --- taken back */

/* What stands in a draft already is kept behind the text that comes back. */
static void draft_again(struct store *store, const struct reply *reply, const char *typed, const char *agent, int kind,
        int64_t now, struct arena *arena)
{
	if (kind < 0 || !*typed)
		return;
	const char *stands = db_word(store->db, arena, "SELECT text FROM draft WHERE case_id=? AND agent=? AND kind=?",
	        "itd", reply->case_id, agent, kind);
	const char *text = stands && *stands ? arena_printf(arena, "%s\n\n%s", typed, stands) : typed;
	db_run(store->db,
	        "INSERT INTO draft(case_id,agent,kind,text,cursor,revision,begun_at,updated_at,to_remote_id,warning,"
	        "language,files) VALUES(?1,?2,?3,?4,?5,?12,?6,?7,?8,?9,?10,?11) ON CONFLICT(case_id,agent,kind) DO"
	        " UPDATE SET text=?4,cursor=?5,revision=revision+1,updated_at=?7,files=iif(files='',?11,files)",
	        "itdtdiitttti", reply->case_id, agent, kind, text, (int)strlen(typed), reply->created_at, now,
	        reply->to_remote_id, reply->warning, reply->language,
	        files_json(reply->files, reply->file_count, arena), draft_first_revision(1, now));
}

/* The reply, or all parts of the text that it is one of, in their order. */
static int load_parts(struct store *store, const struct reply *reply, struct arena *arena, struct reply **out)
{
	VEC(struct reply) parts = {0};
	struct rows r;
	if (reply->series)
		rows_begin(&r, store->db, REPLY_SELECT "WHERE r.series=? AND r.series>0 ORDER BY r.part", "i",
		        reply->series);
	else
		rows_begin(&r, store->db, REPLY_SELECT "WHERE r.id=?", "i", reply->id);
	while (rows_next(&r)) {
		struct reply part;
		reply_read(&r, arena, &part);
		vec_push(&parts, part);
	}
	rows_end(&r);
	int count = (int)parts.len;
	*out = ARRAY_TO_ARENA(arena, struct reply, &parts);
	vec_release(&parts);
	return count;
}

/* How many parts were taken back; what they said stands in typed, and in *first the one that comes first. */
static int take_parts(struct store *store, const struct reply *parts, int count, const char *sql, int64_t now,
        struct str *typed, struct reply *first)
{
	int taken = 0;
	for (int i = 0; i < count; i++) {
		db_run(store->db, sql, "ii", parts[i].id, now);
		if (db_changed(store->db) <= 0)
			continue;
		str_adds(typed, *parts[i].typed ? parts[i].typed : parts[i].text);
		reply_changed(store, &parts[i]);
		if (!taken++)
			*first = parts[i];
	}
	return taken;
}

static int take_back(struct store *store, int64_t reply_id, const char *sql, const char *agent, int64_t now,
        bool *taken, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct str typed = STR_INIT;
	struct reply reply, first = {0}, *parts;
	int draft_kind;
	*taken = false;
	store_begin(store);
	bool moved = false;
	if (reply_load(store, reply_id, &arena, &reply, &draft_kind)) {
		int count = load_parts(store, &reply, &arena, &parts);
		moved = take_parts(store, parts, count, sql, now, &typed, &first) > 0;
	}
	if (moved) {
		draft_again(store, &first, typed.p, agent, draft_kind, now, &arena);
		journal_add(store, first.case_id, now, agent, ACTION_REPLY_RECALLED, NULL, 0, "", 0);
	}
	int result = store_commit(store, err);
	*taken = !result && moved;
	str_release(&typed);
	arena_release(&arena);
	return result;
}

/* A correction, a deletion or a like that was tried may have been made: unlike a post, it is not looked for. */
int store_reply_recall(
        struct store *store, int64_t reply_id, const char *agent, int64_t now, bool *recalled, struct err *err)
{
	return take_back(store, reply_id,
	        "UPDATE reply SET state=7,updated_at=?2 WHERE id=?1 AND state IN (0,1) AND (kind=0 OR attempts=0)",
	        agent, now, recalled, err);
}

int store_reply_withdraw(struct store *store, int64_t reply_id, const char *agent, int64_t now, struct err *err)
{
	bool taken;
	int result = take_back(store, reply_id, "UPDATE reply SET state=7,updated_at=?2 WHERE id=?1 AND state IN (4,6)",
	        agent, now, &taken, err);
	if (!result && !taken)
		return err_set(err, ERR_STATE, "the reply is no longer in the outbox");
	return result;
}

/* --- read */

static int read_replies(
        struct store *store, struct rows *r, struct arena *arena, const struct reply **out, int *count, struct err *err)
{
	VEC(struct reply) replies = {0};
	while (rows_next(r)) {
		struct reply reply;
		reply_read(r, arena, &reply);
		vec_push(&replies, reply);
	}
	rows_end(r);
	*out = ARRAY_TO_ARENA(arena, struct reply, &replies);
	*count = (int)replies.len;
	vec_release(&replies);
	return db_end_read(store->db, err);
}

/* One state at a time, each by its index, put in order after: the union is small but for "sent". */
int store_replies(struct store *store, unsigned states, const char *agent, struct arena *arena,
        const struct reply **out, int *count, struct err *err)
{
	struct sql sql;
	struct rows r;
	sql_init(&sql);
	str_adds(&sql.text, REPLY_SELECT "WHERE r.state IN (-1");
	for (int state = 0; state < REPLY_STATE_COUNT; state++)
		if (states & (1u << state))
			str_addf(&sql.text, ",%d", state);
	str_addc(&sql.text, ')');
	if (agent) {
		str_adds(&sql.text, " AND r.agent=");
		sql_bind_text(&sql, agent);
	}
	str_adds(&sql.text, " ORDER BY r.id");
	db_begin_read(store->db);
	rows_begin_values(&r, store->db, sql.text.p, sql.values.at, (int)sql.values.len);
	int result = read_replies(store, &r, arena, out, count, err);
	sql_release(&sql);
	return result;
}

int store_replies_since(struct store *store, const char *agent, int64_t since, struct arena *arena,
        const struct reply **out, int *count, struct err *err)
{
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db, REPLY_SELECT "WHERE r.agent=? AND r.updated_at>? ORDER BY r.updated_at,r.id", "ti",
	        agent, since);
	return read_replies(store, &r, arena, out, count, err);
}

int store_reply(struct store *store, int64_t reply_id, struct arena *arena, const struct reply **out, struct err *err)
{
	struct reply *reply = arena_new(arena, struct reply);
	int draft_kind;
	db_begin_read(store->db);
	reply_load(store, reply_id, arena, reply, &draft_kind);
	*out = reply;
	return db_end_read(store->db, err);
}
