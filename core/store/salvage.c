/* A table is copied a stretch of keys at a time. Where a stretch cannot be read, it is halved, down to the single rows
 * that are lost: pages that are whole are reached around the one that is not, as long as the pages above them hold. */
#include "core/store/salvage.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STRETCH 4096      /* keys copied by one statement */
#define ROWS_A_PAGE 64    /* more than any page holds on average: how far keys can reach when no index tells */
#define KEYS_MAX 50000000 /* and a bound for that */

static const struct table {
	const char *name, *key, *what; /* key: an integer, the first of its primary key */
} tables[] = {
        {"draft", "rowid", "drafts"},
        {"reply", "rowid", "replies"},
        {"account", "rowid", "accounts"},
        {"customer", "rowid", "customers"},
        {"thread", "rowid", "threads"},
        {"kase", "rowid", "cases"},
        {"post", "rowid", "posts"},
        {"journal", "rowid", "journal entries"},
        {"journal_text", "rowid", "notes and reasons"},
        {"escalation", "rowid", "escalations"},
        {"kase_thread", "case_id", "threads of cases"},
        {"case_tag", "case_id", "tags"},
        {"position", "account_id", "stream positions"},
        {"not_us", "customer_id", "authors who speak of others"},
        {"joined", "customer_id", "customers who are one person"},
        {"desk_state", "rowid", "desks' layouts"},
};
enum { TABLES = sizeof tables / sizeof *tables };
_Static_assert((int)TABLES <= (int)REPAIR_COUNTS_MAX, "a count for each table");

#define SQL_MAX 256

/* --- how far a table's keys reach, and how many rows it had */

/* Asks the table, and where that cannot be read each of its indexes: an index has every row that it speaks of. */
static bool ask(struct db *db, const struct table *table, const char *what, int64_t *number)
{
	char sql[SQL_MAX];
	struct arena arena = ARENA_INIT;
	snprintf(sql, sizeof sql, "SELECT %s FROM old.%s", what, table->name);
	bool found = db_try_number(db, number, sql);
	const char *index = "";
	while (!found && index) {
		index = db_word(db, &arena,
		        "SELECT name FROM main.sqlite_schema WHERE type='index' AND tbl_name=?1 AND name>?2"
		        " AND ifnull(sql,'') NOT LIKE '% WHERE %' ORDER BY name LIMIT 1",
		        "tt", table->name, index);
		if (!index)
			break;
		snprintf(sql, sizeof sql, "SELECT %s FROM old.%s INDEXED BY %s", what, table->name, index);
		found = db_try_number(db, number, sql);
	}
	arena_release(&arena);
	return found;
}

static int64_t last_key(struct db *db, const struct table *table)
{
	char what[64];
	int64_t last = 0, pages = 0;
	snprintf(what, sizeof what, "ifnull(max(%s),0)", table->key);
	if (ask(db, table, what, &last))
		return last;
	db_try_number(db, &pages, "PRAGMA old.page_count");
	return pages * ROWS_A_PAGE < KEYS_MAX ? pages * ROWS_A_PAGE : KEYS_MAX;
}

/* --- copying */

struct copy {
	struct db *db;
	char sql[SQL_MAX];
	int64_t saved;
	bool lost; /* a stretch could not be read */
};

static void copy_stretch(struct copy *copy, int64_t from, int64_t to)
{
	if (from > to || db_failed(copy->db))
		return;
	if (!db_try(copy->db, copy->sql, "ii", from, to)) {
		copy->saved += db_changed(copy->db);
		return;
	}
	copy->lost = true;
	if (from == to)
		return;
	int64_t middle = from + (to - from) / 2;
	copy_stretch(copy, from, middle);
	copy_stretch(copy, middle + 1, to);
}

static void copy_table(struct db *db, const struct table *table, struct repair_count *count)
{
	struct copy copy = {.db = db};
	int64_t rows = -1, last = last_key(db, table);
	snprintf(copy.sql, sizeof copy.sql,
	        "INSERT OR IGNORE INTO main.%s SELECT * FROM old.%s WHERE %s BETWEEN ? AND ?", table->name, table->name,
	        table->key);
	for (int64_t from = 1; from <= last; from += STRETCH)
		copy_stretch(&copy, from, from + STRETCH - 1 < last ? from + STRETCH - 1 : last);
	bool known = ask(db, table, "count(*)", &rows);
	*count = (struct repair_count){table->what, copy.saved, known && rows >= copy.saved ? rows - copy.saved : -1};
	if (!known && !copy.lost)
		count->lost = 0;
}

/* Ids that were given are not given again. */
static void keep_sequences(struct db *db)
{
	db_try(db,
	        "UPDATE main.sqlite_sequence SET seq=max(seq,ifnull("
	        "(SELECT o.seq FROM old.sqlite_sequence o WHERE o.name=sqlite_sequence.name),0))",
	        "");
}

void salvage_tables(struct db *db, struct repair_report *report)
{
	for (int i = 0; i < TABLES; i++)
		copy_table(db, &tables[i], &report->counts[report->count++]);
	keep_sequences(db);
}

/* --- texts */

/* What a text column holds that is not UTF-8; found by row, since it is rare. */
struct spoilt {
	int64_t row;
	const char *text;
};

static void clean_column(struct db *db, const char *table, const char *column)
{
	char sql[SQL_MAX];
	struct arena arena = ARENA_INIT, row = ARENA_INIT;
	VEC(struct spoilt) spoilt = {0};
	struct rows r;
	snprintf(sql, sizeof sql, "SELECT rowid,%s FROM %s WHERE %s<>''", column, table, column);
	rows_begin(&r, db, sql, "");
	while (rows_next(&r)) {
		const char *text = rows_text(&r, 1, &row);
		if (!utf8_valid(text, strlen(text)))
			vec_push(&spoilt, (struct spoilt){rows_int(&r, 0), arena_strdup(&arena, text)});
		arena_reset(&row);
	}
	rows_end(&r);
	snprintf(sql, sizeof sql, "UPDATE %s SET %s=? WHERE rowid=?", table, column);
	for (size_t i = 0; i < spoilt.len; i++) {
		struct str clean = STR_INIT;
		utf8_repair(spoilt.at[i].text, strlen(spoilt.at[i].text), &clean);
		db_run(db, sql, "ti", clean.p, spoilt.at[i].row);
		str_release(&clean);
	}
	vec_release(&spoilt);
	arena_release(&row);
	arena_release(&arena);
}

void salvage_clean_texts(struct db *db)
{
	static const char *const columns[][2] = {{"draft", "text"}, {"reply", "text"}, {"reply", "typed"},
	        {"customer", "handle"}, {"customer", "name"}, {"kase", "summary"}, {"kase", "escalation_why"},
	        {"kase", "done_reason"}, {"post", "text"}, {"post", "warning"}, {"post", "summary"},
	        {"post", "author_handle"}, {"post", "author_name"}, {"journal_text", "text"}};
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		clean_column(db, columns[i][0], columns[i][1]);
}

/* --- making again what others point to */

/* Only where one account is missing on both sides can its name be told: a reply must never go out from another. */
static void mend_accounts(struct db *db, const struct account_setup *accounts, int count)
{
	static const char lost[] = "(SELECT account_id FROM post UNION SELECT account_id FROM reply"
	                           " UNION SELECT account_id FROM kase EXCEPT SELECT id FROM account)";
	char sql[512];
	int missing = 0, at = -1;
	for (int i = 0; i < count; i++)
		if (!db_number(db, 0, "SELECT 1 FROM account WHERE name=?", "t", accounts[i].name))
			missing++, at = i;
	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", lost);
	bool sure = missing == 1 && db_number(db, 0, sql, "") == 1;
	snprintf(sql, sizeof sql,
	        "INSERT INTO account(id,name,network,server,handle,configured)"
	        " SELECT account_id,ifnull(?1,'lost-'||account_id),?2,?3,?4,0 FROM %s",
	        lost);
	db_run(db, sql, "tttt", sure ? accounts[at].name : NULL, sure ? accounts[at].network : "",
	        sure ? accounts[at].server : "", sure ? accounts[at].handle : "");
}

static void mend_cases(struct db *db)
{
	/* What is known of a lost case's customer is who wrote its posts. */
	db_run(db,
	        "INSERT INTO kase(id,account_id,customer_id,status,created_at,updated_at,rank)"
	        " SELECT l.case_id,"
	        "ifnull((SELECT account_id FROM post WHERE case_id=l.case_id LIMIT 1),"
	        "ifnull((SELECT account_id FROM reply WHERE case_id=l.case_id LIMIT 1),"
	        "ifnull((SELECT min(id) FROM account),1))),"
	        "ifnull((SELECT customer_id FROM post WHERE case_id=l.case_id LIMIT 1),"
	        "(SELECT ifnull(max(id),0)+1000000+l.case_id FROM customer)),1,"
	        "ifnull((SELECT min(created_at) FROM post WHERE case_id=l.case_id),0),"
	        "ifnull((SELECT max(created_at) FROM post WHERE case_id=l.case_id),0),0"
	        " FROM (SELECT case_id FROM post WHERE case_id>0 UNION SELECT case_id FROM reply"
	        " UNION SELECT case_id FROM draft WHERE case_id>0 UNION SELECT case_id FROM journal"
	        " EXCEPT SELECT id FROM kase) l",
	        "");
	db_run(db,
	        "INSERT OR IGNORE INTO kase_thread(case_id,thread_id) SELECT DISTINCT case_id,thread_id FROM post"
	        " WHERE case_id>0",
	        "");
}

static void mend_customers(struct db *db)
{
	db_run(db,
	        "INSERT INTO customer(id,network,remote_key,remote_id,handle,handle_key,name,url,followers,created_at,"
	        "bot) SELECT l.id,ifnull((SELECT a.network FROM kase k JOIN account a ON a.id=k.account_id"
	        " WHERE k.customer_id=l.id LIMIT 1),''),'lost-'||l.id,'',"
	        "ifnull((SELECT author_handle FROM post WHERE customer_id=l.id LIMIT 1),'lost-'||l.id),"
	        "lower(ltrim(ifnull((SELECT author_handle FROM post WHERE customer_id=l.id LIMIT 1),'lost-'||l.id),"
	        "'@')),"
	        "ifnull((SELECT author_name FROM post WHERE customer_id=l.id LIMIT 1),''),'',-1,0,0"
	        " FROM (SELECT customer_id AS id FROM kase UNION SELECT customer_id FROM post WHERE customer_id>0"
	        " EXCEPT SELECT id FROM customer) l",
	        "");
}

static void mend_rest(struct db *db)
{
	static const char *const sql[] = {
	        "INSERT INTO thread(id,account_id,root_remote_id) SELECT thread_id,min(account_id),'' FROM post"
	        " WHERE thread_id NOT IN (SELECT id FROM thread) GROUP BY thread_id",
	        "DELETE FROM kase_thread WHERE case_id NOT IN (SELECT id FROM kase)"
	        " OR thread_id NOT IN (SELECT id FROM thread)",
	        "DELETE FROM case_tag WHERE case_id NOT IN (SELECT id FROM kase)",
	        "DELETE FROM escalation WHERE case_id NOT IN (SELECT id FROM kase)",
	        "DELETE FROM journal_text WHERE journal_id NOT IN (SELECT id FROM journal)",
	        "DELETE FROM position WHERE account_id NOT IN (SELECT id FROM account)",
	        "DELETE FROM not_us WHERE customer_id NOT IN (SELECT id FROM customer)"
	        " OR account_id NOT IN (SELECT id FROM account)",
	};
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++)
		db_run(db, sql[i], "");
}

int salvage_mend(struct db *db, const struct account_setup *accounts, int count)
{
	mend_accounts(db, accounts, count);
	int64_t before = db_number(db, 0, "SELECT count(*) FROM kase", "");
	mend_cases(db);
	mend_customers(db);
	mend_rest(db);
	return (int)(db_number(db, 0, "SELECT count(*) FROM kase", "") - before);
}
