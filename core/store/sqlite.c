#include "core/store/db.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/place.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#define BUSY_WAIT_MS 5000
#define CACHE_SLOTS 256 /* a power of two, well over the number of statements in this directory */
#define LOG_PAGES 2000  /* of 4 KB: with a longer log the courier's commit ends with folding it in */
#define RECENT_MAX 24   /* texts that were put together, a view's for example: those asked last */

struct cached {
	uint64_t hash; /* of the text; of the cache's, which mostly are literals, of where they stand */
	sqlite3_stmt *statement;
};

struct db {
	sqlite3 *handle;
	char *path;
	struct err failure;
	bool writes; /* the transaction that is open writes */
	unsigned flags;
	struct stat as_opened; /* of what is immutable to us: others may see it otherwise */
	struct cached cache[CACHE_SLOTS];
	struct cached recent[RECENT_MAX]; /* the newest first */
};

/* What SQLite says, in our codes. */
static enum err_code code_of(int sqlite_code)
{
	switch (sqlite_code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH: return ERR_PERMISSION;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN: return ERR_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return ERR_DATA;
	case SQLITE_TOOBIG: return ERR_LIMIT;
	default: return ERR_INTERNAL;
	}
}

static void explain(struct err *err, const char *path, sqlite3 *handle, int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL: err_set(err, ERR_IO, "the store %s cannot grow: the disk or the quota is full", path); break;
	case SQLITE_BUSY: err_set(err, ERR_BUSY, "the store %s is locked by another program for too long", path); break;
	case SQLITE_READONLY: err_set(err, ERR_PERMISSION, "the store %s is read-only", path); break;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		err_set(err, ERR_DATA, "the store %s is damaged%s: curlew check --repair saves what can be read", path,
		        (code & 0xff) == SQLITE_NOTADB ? " or no store of curlew" : "");
		break;
	case SQLITE_IOERR: {
		int os = handle ? sqlite3_system_errno(handle) : 0;
		if (os == EROFS)
			err_set(err, ERR_PERMISSION, "the store %s is read-only now: %s", path, strerror(os));
		else
			err_set(err, ERR_IO, "the store %s cannot be read or written: %s", path,
			        os ? strerror(os) : "input/output error");
		break;
	}
	default:
		err_set(err, code_of(code), "the store %s: %s", path,
		        handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
	}
}

static int fail(struct db *db, int sqlite_code)
{
	if (!db->failure.code)
		explain(&db->failure, db->path, db->handle, sqlite_code);
	return -(int)db->failure.code;
}

int db_fail(struct db *db, enum err_code code, const char *fmt, ...)
{
	if (!db->failure.code) {
		va_list ap;
		va_start(ap, fmt);
		char text[sizeof db->failure.text];
		vsnprintf(text, sizeof text, fmt, ap);
		va_end(ap);
		err_set(&db->failure, code, "%s", text);
	}
	return -(int)db->failure.code;
}

int db_failed(const struct db *db)
{
	return -(int)db->failure.code;
}

int db_take_failure(struct db *db, struct err *err)
{
	int result = db_failed(db);
	if (result && err)
		*err = db->failure;
	err_clear(&db->failure);
	return result;
}

/* --- opening */

static int configure(struct db *db, unsigned flags)
{
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !(flags & DB_CHECKPOINT), NULL);
	sqlite3_wal_autocheckpoint(db->handle, flags & DB_CHECKPOINT ? LOG_PAGES : 0);
	/* In KiB. Who takes in mentions writes the same pages of the indices again and again; a desk reads a page of
	 * rows, and the system keeps the file in memory for all of them. */
	int result = db_script(db, flags & DB_CHECKPOINT ? "PRAGMA cache_size=-2048" : "PRAGMA cache_size=-256");
	return result ? result
	              : db_script(db, "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
	                              "PRAGMA secure_delete=ON; PRAGMA journal_size_limit=67108864;");
}

/* Two programs that turn a new file into WAL at once: SQLite tells one of them BUSY without waiting. */
static int become_wal(struct db *db)
{
	for (int tries = 0;; tries++) {
		int code = sqlite3_exec(db->handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
		if (code == SQLITE_OK)
			return 0;
		if ((code & 0xff) != SQLITE_BUSY || tries == BUSY_WAIT_MS / 10)
			return fail(db, code);
		sqlite3_sleep(10);
	}
}

/* Nobody asks how much memory SQLite holds: to count it would take a lock at each allocation. */
static void count_no_memory(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* An absolute path as it is, or as the URI that says it is immutable (sqlite.org/uri.html). */
static char *file_name(const char *path, unsigned flags)
{
	struct str uri = STR_INIT;
	if (!(flags & DB_IMMUTABLE))
		return mem_strdup(path);
	str_adds(&uri, "file://");
	for (const char *p = path; *p; p++)
		str_addf(&uri, strchr("?#%", *p) ? "%%%02X" : "%c", (unsigned char)*p);
	str_adds(&uri, "?immutable=1");
	return str_detach(&uri);
}

static void open_handle(struct db *db, unsigned flags)
{
	int how = flags & DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	char *name = file_name(db->path, flags);
	db->flags = flags;
	if (flags & DB_IMMUTABLE && stat(db->path, &db->as_opened))
		memset(&db->as_opened, 0, sizeof db->as_opened);
	int code = sqlite3_open_v2(name, &db->handle, how | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	free(name);
	if (code != SQLITE_OK)
		fail(db, code);
	else
		configure(db, flags);
}

int db_open(const char *path, unsigned flags, struct db **out, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, count_no_memory);
	struct db *db = mem_alloc(sizeof *db);
	db->path = mem_strdup(path);
	open_handle(db, flags);
	if (!db->failure.code && flags & DB_WRITE)
		become_wal(db);
	if (db->failure.code) {
		int result = db_failed(db);
		if (err)
			*err = db->failure;
		db_close(db);
		return result;
	}
	*out = db;
	return 0;
}

static void forget_statements(struct db *db)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		sqlite3_finalize(db->cache[i].statement);
		db->cache[i].statement = NULL;
	}
	for (size_t i = 0; i < RECENT_MAX; i++) {
		sqlite3_finalize(db->recent[i].statement);
		db->recent[i].statement = NULL;
	}
}

void db_close(struct db *db)
{
	if (!db)
		return;
	forget_statements(db);
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

/* --- statements */

static sqlite3_stmt *prepare(struct db *db, const char *sql, unsigned flags)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v3(db->handle, sql, -1, flags, &statement, NULL);
	if (code != SQLITE_OK)
		fail(db, code);
	return statement;
}

static bool is_of(const struct cached *slot, uint64_t hash, const char *sql)
{
	return slot->statement && slot->hash == hash && str_eq(sqlite3_sql(slot->statement), sql);
}

/* The statement of this text, ready to be bound; found by where the text stands, since to hash it whole takes as long
 * as many a statement. *once: the caller finalizes it, because the cached one is being walked further out. */
static sqlite3_stmt *statement_of(struct db *db, const char *sql, bool *once)
{
	uint64_t hash = ((uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15)) >> 32;
	*once = false;
	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		struct cached *slot = &db->cache[(hash + i) & (CACHE_SLOTS - 1)];
		if (!slot->statement) {
			slot->hash = hash;
			slot->statement = prepare(db, sql, SQLITE_PREPARE_PERSISTENT);
			return slot->statement;
		}
		if (is_of(slot, hash, sql)) {
			if (!sqlite3_stmt_busy(slot->statement))
				return slot->statement;
			break;
		}
	}
	*once = true;
	return prepare(db, sql, 0);
}

/* The same for a text that was put together: a desk asks the same few again at each change. What is walked is not let
 * go of. */
static sqlite3_stmt *recent_statement(struct db *db, const char *sql, bool *once)
{
	uint64_t hash = hash_bytes(sql, strlen(sql));
	struct cached found = {.hash = hash};
	size_t at = 0;
	while (at < RECENT_MAX - 1 && db->recent[at].statement && !is_of(&db->recent[at], hash, sql))
		at++;
	struct cached *last = &db->recent[at];
	*once = last->statement && sqlite3_stmt_busy(last->statement);
	if (*once)
		return prepare(db, sql, 0);
	if (is_of(last, hash, sql))
		found.statement = last->statement;
	else
		sqlite3_finalize(last->statement);
	last->statement = NULL;
	if (!found.statement)
		found.statement = prepare(db, sql, SQLITE_PREPARE_PERSISTENT);
	memmove(db->recent + 1, db->recent, at * sizeof *db->recent);
	db->recent[0] = found;
	return found.statement;
}

static int bind_one(sqlite3_stmt *statement, int at, struct db_value value)
{
	if (value.text)
		return sqlite3_bind_text(statement, at, value.text, -1, SQLITE_STATIC);
	return sqlite3_bind_int64(statement, at, value.number);
}

static void bind_format(struct db *db, sqlite3_stmt *statement, const char *format, va_list ap)
{
	int code = SQLITE_OK;
	for (int at = 1; *format && code == SQLITE_OK; format++, at++) {
		const char *text;
		switch (*format) {
		case 'i': code = sqlite3_bind_int64(statement, at, va_arg(ap, int64_t)); break;
		case 'd':
		case 'b': code = sqlite3_bind_int(statement, at, va_arg(ap, int)); break;
		case 't':
			text = va_arg(ap, const char *);
			code = text ? bind_one(statement, at, (struct db_value){.text = text})
			            : sqlite3_bind_null(statement, at);
			break;
		default: abort(); /* our own format is wrong */
		}
	}
	if (code != SQLITE_OK)
		fail(db, code);
}

static void rows_begin_va(struct rows *rows, struct db *db, const char *sql, const char *format, va_list ap)
{
	*rows = (struct rows){.db = db};
	if (db->failure.code)
		return;
	rows->statement = statement_of(db, sql, &rows->once);
	if (rows->statement)
		bind_format(db, rows->statement, format, ap);
}

void rows_begin(struct rows *rows, struct db *db, const char *sql, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	rows_begin_va(rows, db, sql, format, ap);
	va_end(ap);
}

void rows_begin_values(struct rows *rows, struct db *db, const char *sql, const struct db_value *values, int count)
{
	*rows = (struct rows){.db = db};
	if (db->failure.code)
		return;
	rows->statement = recent_statement(db, sql, &rows->once);
	for (int i = 0; i < count && rows->statement; i++) {
		int code = bind_one(rows->statement, i + 1, values[i]);
		if (code != SQLITE_OK)
			fail(db, code);
	}
}

bool rows_next(struct rows *rows)
{
	if (!rows->statement || rows->db->failure.code)
		return false;
	int code = sqlite3_step(rows->statement);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		fail(rows->db, code);
	return false;
}

void rows_end(struct rows *rows)
{
	if (!rows->statement)
		return;
	if (rows->once) {
		sqlite3_finalize(rows->statement);
	} else {
		sqlite3_reset(rows->statement);
		sqlite3_clear_bindings(rows->statement);
	}
	rows->statement = NULL;
}

int64_t rows_int(const struct rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

bool rows_bool(const struct rows *rows, int column)
{
	return sqlite3_column_int(rows->statement, column) != 0;
}

const char *rows_text(const struct rows *rows, int column, struct arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(rows->statement, column);
	return text && *text ? arena_strdup(arena, text) : "";
}

static int run_rows(struct rows *rows)
{
	while (rows_next(rows))
		;
	rows_end(rows);
	return db_failed(rows->db);
}

int db_run(struct db *db, const char *sql, const char *format, ...)
{
	struct rows rows;
	va_list ap;
	va_start(ap, format);
	rows_begin_va(&rows, db, sql, format, ap);
	va_end(ap);
	return run_rows(&rows);
}

int db_script(struct db *db, const char *sql)
{
	if (db->failure.code)
		return db_failed(db);
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : fail(db, code);
}

/* Forgets a failure that is of the rows and not of the disk; the statement has undone itself. */
static void forgive(struct db *db)
{
	int code = sqlite3_errcode(db->handle) & 0xff;
	bool passing = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_CONSTRAINT ||
	               code == SQLITE_MISMATCH || code == SQLITE_ERROR;
	if (db->failure.code && passing)
		err_clear(&db->failure);
}

int db_try(struct db *db, const char *sql, const char *format, ...)
{
	struct rows rows;
	va_list ap;
	if (db->failure.code)
		return db_failed(db);
	va_start(ap, format);
	rows_begin_va(&rows, db, sql, format, ap);
	va_end(ap);
	int result = run_rows(&rows);
	forgive(db);
	return result;
}

bool db_try_number(struct db *db, int64_t *number, const char *sql)
{
	struct rows rows;
	if (db->failure.code)
		return false;
	rows_begin(&rows, db, sql, "");
	bool found = rows_next(&rows);
	if (found)
		*number = rows_int(&rows, 0);
	rows_end(&rows);
	forgive(db);
	return found;
}

int64_t db_number(struct db *db, int64_t otherwise, const char *sql, const char *format, ...)
{
	struct rows rows;
	va_list ap;
	va_start(ap, format);
	rows_begin_va(&rows, db, sql, format, ap);
	va_end(ap);
	int64_t number = rows_next(&rows) ? rows_int(&rows, 0) : otherwise;
	rows_end(&rows);
	return number;
}

const char *db_word(struct db *db, struct arena *arena, const char *sql, const char *format, ...)
{
	struct rows rows;
	va_list ap;
	va_start(ap, format);
	rows_begin_va(&rows, db, sql, format, ap);
	va_end(ap);
	const char *word = rows_next(&rows) ? rows_text(&rows, 0, arena) : NULL;
	rows_end(&rows);
	return word;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int db_changed(struct db *db)
{
	return sqlite3_changes(db->handle);
}

/* --- transactions */

static int begin(struct db *db, const char *sql)
{
	err_clear(&db->failure);
	return db_run(db, sql, "");
}

int db_begin(struct db *db)
{
	db->writes = true;
	return begin(db, "BEGIN IMMEDIATE");
}

/* What we cannot write and took for unchanging was written by others, who see it through another mount. */
static void look_again(struct db *db)
{
	struct stat now;
	enum place_log log = place_log(db->path);
	bool same = !stat(db->path, &now) && now.st_size == db->as_opened.st_size &&
	            now.st_mtim.tv_sec == db->as_opened.st_mtim.tv_sec &&
	            now.st_mtim.tv_nsec == db->as_opened.st_mtim.tv_nsec;
	if (log == LOG_EMPTY && same)
		return;
	forget_statements(db);
	sqlite3_close(db->handle);
	db->handle = NULL;
	open_handle(db, log == LOG_EMPTY ? DB_IMMUTABLE : 0);
}

int db_begin_read(struct db *db)
{
	if (db->flags & DB_IMMUTABLE)
		look_again(db);
	db->writes = false;
	return begin(db, "BEGIN");
}

static int end(struct db *db, struct err *err)
{
	if (!db->failure.code)
		db_run(db, "COMMIT", "");
	if (!db->failure.code)
		return 0;
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	if (err)
		*err = db->failure;
	return db_failed(db);
}

int db_commit(struct db *db, struct err *err)
{
	assert(db->writes);
	return end(db, err);
}

int db_end_read(struct db *db, struct err *err)
{
	return end(db, err);
}

/* --- upkeep */

int db_checkpoint(struct db *db, bool truncate, struct err *err)
{
	err_clear(&db->failure);
	sqlite3_busy_timeout(db->handle, 0);
	int code = sqlite3_wal_checkpoint_v2(
	        db->handle, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
	if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
		return 0;
	explain(err, db->path, db->handle, code);
	return -(int)code_of(code);
}

int db_empty_log(struct db *db, bool *emptied, struct err *err)
{
	err_clear(&db->failure);
	int frames = -1;
	int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, &frames, NULL);
	*emptied = code == SQLITE_OK && frames == 0;
	if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
		return 0;
	explain(err, db->path, db->handle, code);
	return -(int)code_of(code);
}

static int64_t sum_of(struct db *db, int counter)
{
	int64_t sum = 0;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		if (db->cache[i].statement)
			sum += sqlite3_stmt_status(db->cache[i].statement, counter, 0);
	for (size_t i = 0; i < RECENT_MAX; i++)
		if (db->recent[i].statement)
			sum += sqlite3_stmt_status(db->recent[i].statement, counter, 0);
	return sum;
}

int64_t db_rows_scanned(struct db *db)
{
	return sum_of(db, SQLITE_STMTSTATUS_FULLSCAN_STEP);
}

int64_t db_steps(struct db *db)
{
	return sum_of(db, SQLITE_STMTSTATUS_VM_STEP);
}

int64_t db_pages_looked_at(struct db *db)
{
	int hits = 0, misses = 0, peak;
	sqlite3_db_status(db->handle, SQLITE_DBSTATUS_CACHE_HIT, &hits, &peak, 0);
	sqlite3_db_status(db->handle, SQLITE_DBSTATUS_CACHE_MISS, &misses, &peak, 0);
	return (int64_t)hits + misses;
}

static void tell_plan(struct db *db, const char *sql, db_each_step *each, void *arg)
{
	struct str explain = STR_INIT;
	str_addf(&explain, "EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *plan = prepare(db, explain.p, 0);
	while (plan && sqlite3_step(plan) == SQLITE_ROW)
		each(arg, sql, (const char *)sqlite3_column_text(plan, 3));
	sqlite3_finalize(plan);
	str_release(&explain);
}

void db_each_plan(struct db *db, db_each_step *each, void *arg)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		if (db->cache[i].statement)
			tell_plan(db, sqlite3_sql(db->cache[i].statement), each, arg);
	for (size_t i = 0; i < RECENT_MAX; i++)
		if (db->recent[i].statement)
			tell_plan(db, sqlite3_sql(db->recent[i].statement), each, arg);
}

static int alone(struct db *db, struct err *err, const char *sql)
{
	err_clear(&db->failure);
	db_script(db, sql);
	return db_take_failure(db, err);
}

int db_careless(struct db *db, bool careless, struct err *err)
{
	return alone(db, err,
	        careless ? "PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF"
	                 : "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL");
}

int db_vacuum(struct db *db, struct err *err)
{
	/* It makes a copy first: on the disk, which may have room that memory has not. */
	return alone(db, err, "PRAGMA temp_store=FILE; VACUUM; PRAGMA temp_store=MEMORY");
}

/* Statements that name the other database hold on to it. */
void db_detach(struct db *db, const char *name)
{
	struct err ignored = ERR_INIT;
	char sql[64];
	forget_statements(db);
	snprintf(sql, sizeof sql, "DETACH %.40s", name);
	alone(db, &ignored, sql);
}

/* The copy is one file: not in WAL mode, which whoever opens it for writing brings back. */
static int check_copy(sqlite3 *copy, const char *path, struct err *err)
{
	sqlite3_stmt *look = NULL;
	int result = 0;
	int code = sqlite3_exec(copy, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(copy, "PRAGMA quick_check(1)", -1, &look, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(look);
	const char *found = code == SQLITE_ROW ? (const char *)sqlite3_column_text(look, 0) : NULL;
	if (code != SQLITE_ROW) {
		explain(err, path, copy, code);
		result = -(int)code_of(code);
	} else if (!str_eq(found, "ok")) {
		result = err_set(err, ERR_DATA,
		        "the copy %s is damaged, as the store may be: curlew check says more (%s)", path,
		        str_or(found, "unreadable"));
	}
	sqlite3_finalize(look);
	return result;
}

int db_copy_to(struct db *db, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	sqlite3_backup *copy = code == SQLITE_OK ? sqlite3_backup_init(to, "main", db->handle, "main") : NULL;
	if (copy) {
		code = sqlite3_backup_step(copy, -1);
		int ended = sqlite3_backup_finish(copy);
		code = code == SQLITE_DONE ? ended : code;
	} else if (code == SQLITE_OK) {
		code = sqlite3_errcode(to);
	}
	int result = 0;
	if (code != SQLITE_OK) {
		explain(err, path, to, code);
		result = -(int)code_of(code);
	} else {
		result = check_copy(to, path, err);
	}
	sqlite3_close(to);
	return result;
}
