#include "core/store/schema.h"
#include "core/base/str.h"
#include "core/store/place.h"
#include "core/store/stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* Version 1. Times are UTC ms, 0 for none; words are never NULL. Enumerations are numbers in the order of
 * core/model/model.h, which grows at the end only. */
static const char *const version_1[] = {
        "CREATE TABLE account("
        " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, network TEXT NOT NULL, server TEXT NOT NULL,"
        " handle TEXT NOT NULL, configured INTEGER NOT NULL, caps INTEGER NOT NULL DEFAULT 0,"
        " limit_max INTEGER NOT NULL DEFAULT 0, limit_rule INTEGER NOT NULL DEFAULT 0,"
        " limit_url INTEGER NOT NULL DEFAULT 0,"
        " limit_files INTEGER NOT NULL DEFAULT 0, limit_alt INTEGER NOT NULL DEFAULT 0,"
        " limit_image_bytes INTEGER NOT NULL DEFAULT 0, limit_video_bytes INTEGER NOT NULL DEFAULT 0,"
        " limit_kinds INTEGER NOT NULL DEFAULT 0, edit_ms INTEGER NOT NULL DEFAULT 0,"
        " currency TEXT NOT NULL DEFAULT '', price_reply INTEGER NOT NULL DEFAULT 0,"
        " price_reply_link INTEGER NOT NULL DEFAULT 0, spent_day INTEGER NOT NULL DEFAULT 0,"
        " spent_month INTEGER NOT NULL DEFAULT 0, budget_month INTEGER NOT NULL DEFAULT 0,"
        " state INTEGER NOT NULL DEFAULT 0, state_since INTEGER NOT NULL DEFAULT 0,"
        " state_until INTEGER NOT NULL DEFAULT 0, state_reason TEXT NOT NULL DEFAULT '',"
        " last_event_at INTEGER NOT NULL DEFAULT 0) STRICT",

        /* How far each source of an account (stream, mentions, a hashtag) was read. */
        "CREATE TABLE position("
        " account_id INTEGER NOT NULL REFERENCES account, source TEXT NOT NULL, value TEXT NOT NULL,"
        " PRIMARY KEY(account_id, source)) STRICT, WITHOUT ROWID",

        /* What a network does not tell any more. seen_at 0: nobody has taken note of it. */
        "CREATE TABLE gap("
        " id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, source TEXT NOT NULL,"
        " from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, reason TEXT NOT NULL, found_at INTEGER NOT NULL,"
        " seen_by TEXT NOT NULL DEFAULT '', seen_at INTEGER NOT NULL DEFAULT 0,"
        " UNIQUE(account_id, source, from_at)) STRICT",
        "CREATE INDEX gap_unseen ON gap(from_at) WHERE seen_at=0", "CREATE INDEX gap_found ON gap(found_at)",

        /* handle_key: the handle without @, folded, for from: */
        "CREATE TABLE customer("
        " id INTEGER PRIMARY KEY, network TEXT NOT NULL, remote_key TEXT NOT NULL, remote_id TEXT NOT NULL,"
        " handle TEXT NOT NULL, handle_key TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,"
        " followers INTEGER NOT NULL, created_at INTEGER NOT NULL, bot INTEGER NOT NULL,"
        " muted_until INTEGER NOT NULL DEFAULT 0, UNIQUE(network, remote_key)) STRICT",
        "CREATE INDEX customer_handle ON customer(handle_key)",

        "CREATE TABLE thread("
        " id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account,"
        " root_remote_id TEXT NOT NULL) STRICT",
        "CREATE INDEX thread_root ON thread(account_id, root_remote_id) WHERE root_remote_id<>''",

        "CREATE TABLE kase("
        " id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account,"
        " customer_id INTEGER NOT NULL REFERENCES customer, status INTEGER NOT NULL,"
        " assignee TEXT NOT NULL DEFAULT '', writer TEXT NOT NULL DEFAULT '',"
        " writer_until INTEGER NOT NULL DEFAULT 0, priority INTEGER NOT NULL DEFAULT 0,"
        " escalated_to TEXT NOT NULL DEFAULT '', escalation_why TEXT NOT NULL DEFAULT '',"
        " escalated_by TEXT NOT NULL DEFAULT '', escalated_at INTEGER NOT NULL DEFAULT 0,"
        " escalation INTEGER NOT NULL DEFAULT 0, escalation_error TEXT NOT NULL DEFAULT '',"
        " snoozed_until INTEGER NOT NULL DEFAULT 0, done_reason TEXT NOT NULL DEFAULT '',"
        " created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, first_post_at INTEGER NOT NULL DEFAULT 0,"
        " last_in_at INTEGER NOT NULL DEFAULT 0, last_out_at INTEGER NOT NULL DEFAULT 0,"
        " first_reply_at INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0, rank INTEGER NOT NULL,"
        " needs INTEGER NOT NULL DEFAULT 0," /* awaits an answer of ours: is:needs-reply */
        " revision INTEGER NOT NULL DEFAULT 1, linked_to INTEGER NOT NULL DEFAULT 0,"
        " summary TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '', boosts INTEGER NOT NULL DEFAULT 0,"
        " media_count INTEGER NOT NULL DEFAULT 0, has_link INTEGER NOT NULL DEFAULT 0,"
        " visibility INTEGER NOT NULL DEFAULT 0, simhash INTEGER NOT NULL DEFAULT 0,"
        " praise INTEGER NOT NULL DEFAULT 0, question INTEGER NOT NULL DEFAULT 0,"
        " personal_data INTEGER NOT NULL DEFAULT 0) STRICT",
        "CREATE INDEX kase_rank ON kase(rank, id)", "CREATE INDEX kase_needs ON kase(rank, id, due) WHERE needs=1",
        "CREATE INDEX kase_next ON kase(priority, rank, id) WHERE needs=1",
        "CREATE INDEX kase_unresolved ON kase(rank, id) WHERE status<4",
        "CREATE INDEX kase_status ON kase(status, rank, id)",
        "CREATE INDEX kase_customer ON kase(customer_id, account_id)",
        "CREATE INDEX kase_assignee ON kase(assignee, rank, id, status) WHERE assignee<>''",
        "CREATE INDEX kase_escalated ON kase(rank, id) WHERE escalated_to<>''",
        "CREATE INDEX kase_snoozed ON kase(snoozed_until) WHERE status=3",
        "CREATE INDEX kase_answered ON kase(first_reply_at, first_post_at) WHERE first_reply_at>0",
        "CREATE INDEX kase_similar ON kase(last_in_at, simhash) WHERE status<4 AND simhash<>0",

        "CREATE TABLE kase_thread("
        " case_id INTEGER NOT NULL REFERENCES kase, thread_id INTEGER NOT NULL REFERENCES thread,"
        " PRIMARY KEY(case_id, thread_id)) STRICT, WITHOUT ROWID",
        "CREATE INDEX kase_thread_thread ON kase_thread(thread_id, case_id)",

        "CREATE TABLE case_tag("
        " case_id INTEGER NOT NULL REFERENCES kase, tag TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,"
        " PRIMARY KEY(case_id, tag)) STRICT, WITHOUT ROWID",
        "CREATE INDEX case_tag_tag ON case_tag(tag, by, at)",

        /* case_id: the case of its author that a customer's post counts for; 0 for context and for ours.
           answers: of ours, the customer it answers; 0 when that is not known or nobody's.
           media: a JSON array of [kind, alt, url]. */
        "CREATE TABLE post("
        " id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, remote_id TEXT NOT NULL,"
        " thread_id INTEGER NOT NULL REFERENCES thread, customer_id INTEGER NOT NULL, case_id INTEGER NOT NULL,"
        " answers INTEGER NOT NULL DEFAULT 0, direction INTEGER NOT NULL, parent_remote_id TEXT NOT NULL,"
        " uri TEXT NOT NULL, url TEXT NOT NULL, author_handle TEXT NOT NULL, author_name TEXT NOT NULL,"
        " created_at INTEGER NOT NULL, received_at INTEGER NOT NULL, edited_at INTEGER NOT NULL,"
        " deleted_at INTEGER NOT NULL DEFAULT 0, visibility INTEGER NOT NULL, language TEXT NOT NULL,"
        " warning TEXT NOT NULL, sensitive INTEGER NOT NULL, liked_by_us INTEGER NOT NULL,"
        " boosted_by_us INTEGER NOT NULL,"
        " addressed INTEGER NOT NULL, text TEXT NOT NULL, media TEXT NOT NULL, mentions TEXT NOT NULL,"
        " links TEXT NOT NULL, boosts INTEGER NOT NULL, likes INTEGER NOT NULL, replies INTEGER NOT NULL,"
        " reply_id INTEGER NOT NULL DEFAULT 0, sent_by TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL,"
        " simhash INTEGER NOT NULL, praise INTEGER NOT NULL, question INTEGER NOT NULL,"
        " personal_data INTEGER NOT NULL, reply_refusal TEXT NOT NULL DEFAULT '',"
        " UNIQUE(account_id, remote_id)) STRICT",
        "CREATE INDEX post_thread ON post(thread_id, created_at)",
        "CREATE INDEX post_ours ON post(thread_id, created_at) WHERE direction=1",
        "CREATE INDEX post_parent ON post(account_id, parent_remote_id) WHERE parent_remote_id<>''",
        "CREATE INDEX post_case ON post(case_id, created_at)",
        "CREATE INDEX post_deleted ON post(account_id, deleted_at) WHERE deleted_at>0 AND (text<>'' OR media<>'[]')",

        /* Full text, without a copy of it; what goes in stands in words.c. */
        "CREATE VIRTUAL TABLE post_words USING fts5(body, content='',"
        " tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")",
        "CREATE VIRTUAL TABLE note_words USING fts5(body, content='',"
        " tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")",

        "CREATE TABLE journal("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL REFERENCES kase, at INTEGER NOT NULL,"
        " by TEXT NOT NULL, action TEXT NOT NULL, changes TEXT NOT NULL, undoes INTEGER NOT NULL,"
        " batch INTEGER NOT NULL) STRICT",
        "CREATE INDEX journal_case ON journal(case_id, id)", "CREATE INDEX journal_by ON journal(by, id)",
        "CREATE INDEX journal_undoes ON journal(undoes, id) WHERE undoes>0",
        "CREATE INDEX journal_batch ON journal(batch, id) WHERE batch>0",
        "CREATE TABLE journal_text("
        " journal_id INTEGER PRIMARY KEY REFERENCES journal, text TEXT NOT NULL) STRICT",

        /* files: a JSON array of [path, alt]. series: the first part's id, of a reply in several posts. */
        "CREATE TABLE reply("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL REFERENCES kase,"
        " account_id INTEGER NOT NULL REFERENCES account, kind INTEGER NOT NULL, state INTEGER NOT NULL,"
        " agent TEXT NOT NULL, to_remote_id TEXT NOT NULL, to_handle TEXT NOT NULL, text TEXT NOT NULL,"
        " visibility INTEGER NOT NULL, language TEXT NOT NULL, warning TEXT NOT NULL,"
        " idempotency_key TEXT NOT NULL UNIQUE, follow TEXT NOT NULL, anyway INTEGER NOT NULL,"
        " seen_post_id INTEGER NOT NULL, draft_kind INTEGER NOT NULL, created_at INTEGER NOT NULL,"
        " hold_until INTEGER NOT NULL, next_try_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
        " sent_at INTEGER NOT NULL DEFAULT 0, remote_id TEXT NOT NULL DEFAULT '', url TEXT NOT NULL DEFAULT '',"
        " error TEXT NOT NULL DEFAULT '', updated_at INTEGER NOT NULL, typed TEXT NOT NULL DEFAULT '',"
        " files TEXT NOT NULL DEFAULT '', part INTEGER NOT NULL DEFAULT 0, parts INTEGER NOT NULL DEFAULT 0,"
        " series INTEGER NOT NULL DEFAULT 0) STRICT",
        "CREATE INDEX reply_series ON reply(series) WHERE series>0", "CREATE INDEX reply_state ON reply(state, id)",
        "CREATE INDEX reply_case ON reply(case_id, id)", "CREATE INDEX reply_agent ON reply(agent, updated_at)",
        "CREATE INDEX reply_remote ON reply(remote_id, id) WHERE remote_id<>''",

        "CREATE TABLE escalation("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL REFERENCES kase, team TEXT NOT NULL,"
        " why TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL,"
        " attempts INTEGER NOT NULL DEFAULT 0, next_try_at INTEGER NOT NULL DEFAULT 0,"
        " error TEXT NOT NULL DEFAULT '') STRICT",
        "CREATE INDEX escalation_pending ON escalation(next_try_at) WHERE state=1",
        "CREATE INDEX escalation_case ON escalation(case_id)",

        "CREATE TABLE change("
        " seq INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, id INTEGER NOT NULL) STRICT",

        "CREATE TABLE request("
        " thread_id INTEGER PRIMARY KEY REFERENCES thread, case_id INTEGER NOT NULL REFERENCES kase,"
        " at INTEGER NOT NULL, open INTEGER NOT NULL) STRICT",
        "CREATE INDEX request_open ON request(at) WHERE open=1",

        /* Authors who were said to speak of somebody else of that name: what listening finds of theirs is ignored. */
        "CREATE TABLE not_us("
        " customer_id INTEGER NOT NULL REFERENCES customer, account_id INTEGER NOT NULL REFERENCES account,"
        " by TEXT NOT NULL, at INTEGER NOT NULL, case_id INTEGER NOT NULL,"
        " PRIMARY KEY(customer_id, account_id)) STRICT, WITHOUT ROWID",

        /* Customers who are one person, as it was said; each pair both ways. */
        "CREATE TABLE joined("
        " customer_id INTEGER NOT NULL REFERENCES customer, other_id INTEGER NOT NULL REFERENCES customer,"
        " by TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(customer_id, other_id)) STRICT, WITHOUT ROWID",
        "CREATE INDEX joined_other ON joined(other_id)",

        /* started: when the process began, in the kernel's ticks; tells it from another of the same number. */
        "CREATE TABLE desk("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, agent TEXT NOT NULL, pid INTEGER NOT NULL,"
        " since INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0) STRICT",
        "CREATE TABLE desk_state(agent TEXT PRIMARY KEY, json TEXT NOT NULL, at INTEGER NOT NULL) STRICT",

        /* These two never change shape. */
        "CREATE TABLE draft("
        " case_id INTEGER NOT NULL, agent TEXT NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL,"
        " cursor INTEGER NOT NULL, revision INTEGER NOT NULL, begun_at INTEGER NOT NULL,"
        " updated_at INTEGER NOT NULL, to_remote_id TEXT NOT NULL, warning TEXT NOT NULL, language TEXT NOT NULL,"
        " files TEXT NOT NULL DEFAULT '', PRIMARY KEY(case_id, agent, kind)) STRICT",
        "CREATE TABLE control(name TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) STRICT", NULL};

const char *const *const schema_steps[SCHEMA_VERSION] = {version_1};

int64_t schema_version(struct db *db)
{
	int64_t version = db_number(db, -1, "PRAGMA user_version", "");
	return db_failed(db) ? db_failed(db) : version;
}

static int too_new(int64_t found, int ours, const char *store_path, struct err *err)
{
	return err_set(err, ERR_TOO_NEW,
	        "the store %s has schema version %" PRId64 ", this curlew knows version %d: start the newer curlew",
	        store_path, found, ours);
}

int schema_check(struct db *db, const char *store_path, struct err *err)
{
	db_begin_read(db);
	int64_t found = schema_version(db);
	int result = db_end_read(db, err);
	if (result)
		return result;
	if (found > SCHEMA_VERSION)
		return too_new(found, SCHEMA_VERSION, store_path, err);
	if (found < SCHEMA_VERSION)
		return err_set(err, ERR_STATE,
		        "the store %s has schema version %" PRId64 ", version %d is needed: start a desk once",
		        store_path, found, SCHEMA_VERSION);
	return 0;
}

static int back_up(struct db *db, const char *store_path, int64_t version, struct err *err)
{
	char suffix[32];
	snprintf(suffix, sizeof suffix, "-backup-v%d", (int)version);
	int fd = place_open(store_path, suffix, true, err);
	if (fd < 0)
		return fd;
	int result = 0;
	if (ftruncate(fd, 0)) /* of an attempt that was interrupted */
		result = err_set(err, ERR_IO, "cannot empty %s%s", store_path, suffix);
	close(fd);
	struct str path = STR_INIT;
	str_addf(&path, "%s%s", store_path, suffix);
	if (!result)
		result = db_copy_to(db, path.p, err);
	str_release(&path);
	return result;
}

/* All steps in one transaction; the version is looked at again inside it, because another may have been faster. */
static int run_steps(struct db *db, const char *const *const *steps, int count, struct err *err)
{
	db_begin(db);
	int64_t from = schema_version(db);
	for (int64_t i = from < 0 ? count : from; i < count; i++)
		for (const char *const *sql = steps[i]; *sql; sql++)
			db_script(db, *sql);
	if (from < count) {
		char pragma[48];
		snprintf(pragma, sizeof pragma, "PRAGMA user_version=%d", count);
		db_script(db, pragma);
	}
	return db_commit(db, err);
}

static int migrate(struct db *db, const char *store_path, const char *const *const *steps, int count, bool holds_lock,
        int64_t from, struct err *err)
{
	struct courier_lock lock = COURIER_LOCK_INIT;
	int result = holds_lock ? 0 : stop_courier(db, store_path, "the store is being upgraded", &lock, err);
	if (!result)
		result = back_up(db, store_path, from, err);
	if (!result)
		result = run_steps(db, steps, count, err);
	if (!result)
		result = stop_clear(db, err);
	courier_lock_release(&lock);
	return result;
}

int schema_bring_to(struct db *db, const char *store_path, const char *const *const *steps, int count, bool holds_lock,
        struct err *err)
{
	db_begin_read(db);
	int64_t found = schema_version(db);
	int result = db_end_read(db, err);
	if (result || found == count)
		return result;
	if (found > count)
		return too_new(found, count, store_path, err);
	if (found == 0) /* nobody can be using what is not there yet */
		return run_steps(db, steps, count, err);
	return migrate(db, store_path, steps, count, holds_lock, found, err);
}
