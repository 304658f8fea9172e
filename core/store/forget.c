/* Forgetting a person. In one transaction everything of theirs is overwritten with nothing; then full text, file and
 * log are written anew, because a database keeps what was deleted until its pages are used again. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/erase.h"
#include "core/store/internal.h"
#include "core/text/utf8.h"

#include <stdio.h>
#include <time.h>

#define LOG_TRIES 50 /* a reader of a moment keeps the log from being emptied */
#define LOG_WAIT_MS 100

/* The cases of a customer. */
#define THEIRS "(SELECT id FROM kase WHERE customer_id=?1)"
/* What we said to them, and what they said. */
#define THEIR_POSTS                                                                                                    \
	"(customer_id=?1 OR (direction=1 AND (answers=?1 OR reply_id IN (SELECT id FROM reply WHERE case_id "          \
	"IN " THEIRS "))))"

/* --- who is meant */

static void add_candidate(struct str *list, const struct rows *r, struct arena *arena)
{
	str_addf(list, "%s#%lld (%s)", list->len ? ", " : "", (long long)rows_int(r, 0), rows_text(r, 1, arena));
}

static int64_t find_by_handle(struct store *store, const char *who, struct arena *arena)
{
	struct str key = STR_INIT, list = STR_INIT;
	struct rows r;
	int64_t id = 0;
	int count = 0;
	utf8_fold(who + (*who == '@'), &key);
	rows_begin(
	        &r, store->db, "SELECT id,network FROM customer WHERE handle_key=? ORDER BY id LIMIT 20", "t", key.p);
	for (; rows_next(&r); count++) {
		id = rows_int(&r, 0);
		add_candidate(&list, &r, arena);
	}
	rows_end(&r);
	if (count > 1)
		db_fail(store->db, ERR_USAGE, "%d customers are called %.60s: give one's number: %.300s", count, who,
		        list.p);
	str_release(&key);
	str_release(&list);
	return id;
}

bool customer_find(struct store *store, const char *who, struct arena *arena, struct customer *customer)
{
	int64_t id;
	if (!parse_i64(who + (*who == '#'), &id))
		id = find_by_handle(store, who, arena);
	if (!db_failed(store->db) && !customer_load(store, id, arena, customer))
		db_fail(store->db, ERR_NOT_FOUND, "there is no customer %.80s", who);
	return !db_failed(store->db);
}

int store_customer_find(
        struct store *store, const char *who, struct arena *arena, struct customer *out, struct err *err)
{
	db_begin_read(store->db);
	customer_find(store, who, arena, out);
	return db_end_read(store->db, err);
}

/* --- what is held */

static void read_held(const struct rows *r, struct arena *arena, struct held_row *row)
{
	*row = (struct held_row){.type = rows_text(r, 0, arena),
	        .case_id = rows_int(r, 1),
	        .at = rows_int(r, 2),
	        .by = rows_text(r, 3, arena),
	        .what = rows_text(r, 4, arena),
	        .text = rows_text(r, 5, arena)};
	int64_t state;
	if (!parse_i64(row->what, &state))
		return;
	row->what = str_eq(row->type, "case") ? case_status_name((enum case_status)state)
	                                      : reply_state_name((enum reply_state)state);
}

int store_held(struct store *store, int64_t customer_id, store_each_held *each, void *arg, struct err *err)
{
	struct arena arena = ARENA_INIT;
	VEC(struct held_row) held = {0};
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db,
	        "SELECT 'case' AS type,id AS case_id,created_at AS at,assignee AS by,status AS what,"
	        "trim(summary||' '||escalation_why||' '||done_reason) AS words FROM kase WHERE customer_id=?1"
	        " UNION ALL SELECT 'reply',case_id,created_at,agent,state,text FROM reply WHERE case_id IN " THEIRS
	        " UNION ALL SELECT 'draft',case_id,updated_at,agent,'draft',text FROM draft WHERE case_id IN " THEIRS
	        " UNION ALL SELECT 'journal',j.case_id,j.at,j.by,j.action,ifnull(t.text,'') FROM journal j"
	        " LEFT JOIN journal_text t ON t.journal_id=j.id WHERE j.case_id IN " THEIRS " ORDER BY case_id,at",
	        "i", customer_id);
	while (rows_next(&r)) {
		struct held_row row;
		read_held(&r, &arena, &row);
		vec_push(&held, row);
	}
	rows_end(&r);
	int result = db_end_read(store->db, err);
	for (size_t i = 0; i < held.len && !result; i++)
		result = each(arg, &held.at[i]);
	vec_release(&held);
	arena_release(&arena);
	return result;
}

static void count_theirs(struct store *store, int64_t id, struct forgotten *out)
{
	static const char *const sql[] = {
	        "SELECT count(*) FROM kase WHERE customer_id=?1",
	        "SELECT count(*) FROM post WHERE " THEIR_POSTS,
	        "SELECT count(*) FROM reply WHERE case_id IN " THEIRS,
	        "SELECT count(*) FROM draft WHERE case_id IN " THEIRS,
	        "SELECT count(*) FROM journal_text WHERE journal_id IN (SELECT id FROM journal WHERE case_id IN " THEIRS
	        ")",
	};
	int *const numbers[] = {&out->cases, &out->posts, &out->replies, &out->drafts, &out->notes};
	*out = (struct forgotten){0};
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		*numbers[i] = (int)db_number(store->db, 0, sql[i], "i", id);
}

int store_forget_count(struct store *store, int64_t customer_id, struct forgotten *out, struct err *err)
{
	db_begin_read(store->db);
	count_theirs(store, customer_id, out);
	return db_end_read(store->db, err);
}

/* --- erasing what is theirs */

struct forget {
	struct store *store;
	struct arena *arena;
	const struct customer *customer;
	char name[48]; /* "forgotten #12" */
	const char *agent;
	int64_t now;
	struct forgotten *counts;
};

static void forget_posts(struct forget *f)
{
	struct db *db = f->store->db;
	struct rows r;
	VEC(int64_t) posts = {0};
	rows_begin(&r, db, "SELECT id FROM post WHERE " THEIR_POSTS, "i", f->customer->id);
	while (rows_next(&r))
		vec_push(&posts, rows_int(&r, 0));
	rows_end(&r);
	for (size_t i = 0; i < posts.len; i++)
		post_erase(f->store, posts.at[i], f->arena);
	vec_release(&posts);
	/* remote_id stays: by it the post is known when the network shows it again, and left out. */
	db_run(db,
	        "UPDATE post SET author_handle=?2,author_name='',uri='',url='',deleted_at=iif(deleted_at=0,?3,"
	        "deleted_at) WHERE customer_id=?1",
	        "iti", f->customer->id, f->name, f->now);
}

static void forget_words_of_ours(struct forget *f, int64_t case_id)
{
	struct db *db = f->store->db;
	db_run(db, "DELETE FROM draft WHERE case_id=?", "i", case_id);
	db_run(db,
	        "UPDATE reply SET state=iif(state IN (3,7),state,7),text='',typed='',warning='',files='',error='',"
	        "to_handle='' WHERE case_id=?",
	        "i", case_id);
	db_run(db, "UPDATE escalation SET why='',error='',state=iif(state=1,?2,state) WHERE case_id=?1", "id", case_id,
	        (int)ESCALATION_WITHDRAWN);
	notes_erase(f->store, case_id, f->arena);
}

/* The journal's changes keep what became what; words that somebody typed leave it. */
static void forget_typed_changes(struct forget *f, int64_t case_id)
{
	struct rows r;
	rows_begin(&r, f->store->db, JOURNAL_SELECT "WHERE j.case_id=?", "i", case_id);
	while (rows_next(&r)) {
		struct journal_entry entry;
		bool typed = false;
		journal_read(f->store, &r, f->arena, &entry);
		struct change *changes = arena_array(f->arena, struct change, (size_t)entry.change_count + 1);
		for (int i = 0; i < entry.change_count; i++) {
			changes[i] = entry.changes[i];
			if (changes[i].field != FIELD_ESCALATION_WHY && changes[i].field != FIELD_DONE_REASON)
				continue;
			changes[i].from = changes[i].to = "";
			typed = true;
		}
		if (typed)
			db_run(f->store->db, "UPDATE journal SET changes=? WHERE id=?", "ti",
			        changes_to_json(changes, entry.change_count, f->arena), entry.id);
	}
	rows_end(&r);
}

static void forget_case(struct forget *f, int64_t case_id)
{
	struct kase_row row;
	forget_words_of_ours(f, case_id);
	forget_typed_changes(f, case_id);
	if (!kase_need(f->store, case_id, "", f->arena, &row))
		return;
	kase_derive(f->store, &row, f->arena);
	row.kase.status = STATUS_DONE;
	row.kase.done_reason = row.kase.escalation_why = row.kase.escalation_error = row.kase.summary = "";
	row.kase.escalation = ESCALATION_NONE;
	row.kase.escalated_to = "";
	row.kase.snoozed_until = 0;
	row.simhash = 0;
	kase_save(f->store, &row);
	journal_add(f->store, case_id, f->now, f->agent, ACTION_FORGOTTEN, NULL, 0, "", 0);
}

static void forget_cases(struct forget *f)
{
	int64_t id = 0;
	while ((id = db_number(f->store->db, 0, "SELECT ifnull(min(id),0) FROM kase WHERE customer_id=? AND id>?", "ii",
	                f->customer->id, id)))
		forget_case(f, id);
}

static void forget_customer(struct forget *f)
{
	struct db *db = f->store->db;
	char key[48];
	snprintf(key, sizeof key, "forgotten-%lld", (long long)f->customer->id);
	db_run(db, "DELETE FROM not_us WHERE customer_id=?", "i", f->customer->id);
	joined_forget(f->store, f->customer->id);
	db_run(db,
	        "UPDATE customer SET remote_key=?2,remote_id='',handle=?3,handle_key=?2,name='',url='',followers=-1,"
	        "created_at=0,bot=0,muted_until=0 WHERE id=?1",
	        "itt", f->customer->id, key, f->name);
}

/* --- the handle, where others wrote it */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What stands behind a name when it is the beginning of a longer one. */
static bool goes_on(const char *p)
{
	return is_word(*p) || *p == '_' || *p == '@' || ((*p == '.' || *p == '-') && is_word(p[1]));
}

/* Each place where the name stands whole. */
static bool replace_name(const char *text, const char *name, const char *with, struct str *out)
{
	size_t len = strlen(name);
	bool found = false;
	for (const char *p = text; *p;) {
		if (str_icmp_n(p, name, len) == 0 && !goes_on(p + len)) {
			str_adds(out, with);
			p += len;
			found = true;
		} else {
			str_addc(out, *p++);
		}
	}
	return found;
}

/* "@sam@social.example", what stands in a text for it ("@sam"), and the address of their page. */
struct names {
	const char *at[3];
	int count;
};

static void add_name(struct names *names, const char *name)
{
	if (name && strlen(name) > 1)
		names->at[names->count++] = name;
}

static bool replace_names(const char *text, const struct names *names, const char *with, struct str *out)
{
	bool found = false;
	str_adds(out, text);
	for (int i = 0; i < names->count; i++) {
		struct str next = STR_INIT;
		if (replace_name(out->p, names->at[i], with, &next)) {
			found = true;
			str_clear(out);
			str_add(out, next.p, next.len);
		}
		str_release(&next);
	}
	return found;
}

/* What is indexed of a table's texts. */
enum indexed { INDEX_NONE, INDEX_POST, INDEX_NOTE };

static const struct place {
	const char *table, *key, *column;
	enum indexed indexed;
} places[] = {
        {"post", "id", "text", INDEX_POST},
        {"post", "id", "mentions", INDEX_NONE},
        {"post", "id", "links", INDEX_NONE},
        {"post", "id", "summary", INDEX_NONE},
        {"post", "id", "author_handle", INDEX_NONE},
        {"post", "id", "media", INDEX_NONE},
        {"kase", "id", "summary", INDEX_NONE},
        {"kase", "id", "escalation_why", INDEX_NONE},
        {"kase", "id", "done_reason", INDEX_NONE},
        {"escalation", "id", "why", INDEX_NONE},
        {"journal_text", "journal_id", "text", INDEX_NOTE},
        {"journal", "id", "changes", INDEX_NONE},
        {"reply", "id", "text", INDEX_NONE},
        {"reply", "id", "typed", INDEX_NONE},
        {"reply", "id", "to_handle", INDEX_NONE},
        {"reply", "id", "error", INDEX_NONE},
        {"draft", "rowid", "text", INDEX_NONE},
        {"desk_state", "rowid", "json", INDEX_NONE},
};

static void index_again(struct forget *f, const struct place *place, int64_t id, const char *before, const char *after)
{
	struct db *db = f->store->db;
	if (place->indexed == INDEX_POST) {
		const char *warning = db_word(db, f->arena, "SELECT warning FROM post WHERE id=?", "i", id);
		unindex_post(db, id, str_or(warning, ""), before);
		index_post(db, id, str_or(warning, ""), after);
	} else if (place->indexed == INDEX_NOTE &&
	           db_number(db, 0, "SELECT action='note' FROM journal WHERE id=?", "i", id)) {
		unindex_note(db, id, before);
		index_note(db, id, after);
	}
}

struct naming { /* a row in which they are named */
	int64_t id, case_id;
	const char *text, *summary;
};

/* instr() finds a little more than is meant; replace_names() looks closely. */
static void forget_in_place(struct forget *f, const struct place *place, const struct names *names, const char *needle)
{
	struct db *db = f->store->db;
	struct str sql = STR_INIT, update = STR_INIT;
	struct rows r;
	str_addf(&sql, "SELECT %s,%s FROM %s WHERE instr(lower(%s),lower(?))>0", place->key, place->column,
	        place->table, place->column);
	str_addf(&update, "UPDATE %s SET %s=? WHERE %s=?", place->table, place->column, place->key);
	VEC(struct naming) found = {0};
	rows_begin(&r, db, sql.p, "t", needle);
	while (rows_next(&r))
		vec_push(&found, (struct naming){.id = rows_int(&r, 0), .text = rows_text(&r, 1, f->arena)});
	rows_end(&r);
	for (size_t i = 0; i < found.len; i++) {
		struct str after = STR_INIT;
		int64_t id = found.at[i].id;
		const char *before = found.at[i].text;
		if (replace_names(before, names, f->name, &after)) {
			index_again(f, place, id, before, after.p);
			db_run(db, update.p, "ti", after.p, id);
			f->counts->mentions++;
		}
		str_release(&after);
	}
	vec_release(&found);
	str_release(&sql);
	str_release(&update);
}

static void forget_in_post(struct forget *f, const struct naming *post, const struct names *names)
{
	struct db *db = f->store->db;
	struct str text = STR_INIT, summary = STR_INIT;
	bool found = replace_names(post->text, names, f->name, &text);
	found |= replace_names(post->summary, names, f->name, &summary);
	if (found) {
		index_again(f, &places[0], post->id, post->text, text.p);
		db_run(db, "UPDATE post SET text=?,summary=? WHERE id=?", "tti", text.p, summary.p, post->id);
		db_run(db, "UPDATE kase SET summary=? WHERE id=? AND summary=?", "tit", summary.p, post->case_id,
		        post->summary);
		f->counts->mentions++;
	}
	str_release(&text);
	str_release(&summary);
}

/* "@sam" alone can be anybody; in a post that names them it is they. */
static void forget_short_name(struct forget *f, const struct names *names)
{
	struct rows r;
	VEC(struct naming) posts = {0};
	rows_begin(&r, f->store->db,
	        "SELECT id,case_id,text,summary FROM post"
	        " WHERE instr(' '||lower(mentions)||' ',' '||lower(?)||' ')>0",
	        "t", f->customer->handle);
	while (rows_next(&r)) {
		struct naming post = {
		        rows_int(&r, 0), rows_int(&r, 1), rows_text(&r, 2, f->arena), rows_text(&r, 3, f->arena)};
		vec_push(&posts, post);
	}
	rows_end(&r);
	for (size_t i = 0; i < posts.len; i++)
		forget_in_post(f, &posts.at[i], names);
	vec_release(&posts);
}

static void forget_mentions(struct forget *f)
{
	const char *handle = f->customer->handle;
	const char *host = strchr(handle + (*handle == '@'), '@');
	struct names everywhere = {0};
	add_name(&everywhere, handle);
	add_name(&everywhere, f->customer->url);
	if (host) {
		struct names in_posts = everywhere;
		add_name(&in_posts, arena_strndup(f->arena, handle, (size_t)(host - handle)));
		forget_short_name(f, &in_posts);
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (int n = 0; n < everywhere.count; n++)
			forget_in_place(f, &places[i], &everywhere, everywhere.at[n]);
}

/* --- and of that no byte */

static int empty_log(struct store *store, struct err *err)
{
	for (int tries = 0; tries < LOG_TRIES; tries++) {
		bool emptied = false;
		int result = db_empty_log(store->db, &emptied, err);
		if (result || emptied)
			return result;
		nanosleep(&(struct timespec){.tv_nsec = LOG_WAIT_MS * 1000000L}, NULL);
	}
	return err_set(err, ERR_BUSY,
	        "all is erased, but something reads %s and keeps its log from being emptied: close the desks and do it "
	        "again",
	        store->path);
}

static int scrub(struct store *store, struct err *err)
{
	store_begin(store);
	db_run(store->db, "INSERT INTO post_words(post_words) VALUES('optimize')", "");
	db_run(store->db, "INSERT INTO note_words(note_words) VALUES('optimize')", "");
	int result = store_commit(store, err);
	if (!result)
		result = db_vacuum(store->db, err);
	return result ? result : empty_log(store, err);
}

int store_forget(struct store *store, int64_t customer_id, const char *agent, int64_t now, struct forgotten *out,
        struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct customer customer;
	struct forget forget = {
	        .store = store, .arena = &arena, .customer = &customer, .agent = agent, .now = now, .counts = out};
	snprintf(forget.name, sizeof forget.name, "forgotten #%lld", (long long)customer_id);
	*out = (struct forgotten){0};
	store_begin(store);
	if (!customer_load(store, customer_id, &arena, &customer))
		db_fail(store->db, ERR_NOT_FOUND, "there is no customer #%lld", (long long)customer_id);
	else if (db_number(store->db, 0, "SELECT 1 FROM reply WHERE state=2 AND case_id IN " THEIRS, "i", customer_id))
		db_fail(store->db, ERR_STATE, "a reply to %s is being sent right now: try again in a minute",
		        customer.handle);
	if (!db_failed(store->db)) {
		count_theirs(store, customer_id, out);
		forget_posts(&forget);
		forget_cases(&forget);
		forget_customer(&forget);
		forget_mentions(&forget);
	}
	int result = store_commit(store, err);
	arena_release(&arena);
	return result ? result : scrub(store, err);
}
