/* SQLite behind a small door: the only users of its C API are sqlite.c and what is declared here. Internal to
 * core/store.
 *
 * Failures stick: after the first one every call does nothing and returns the same code until db_begin() clears it, so
 * that a transaction is written as a list of statements and checked once, by db_commit(). Statements are cached by
 * their text and are always reset before a call returns (rows_end() for those that are walked): an open SELECT would
 * keep the log from being checkpointed.
 *
 * Arguments are told by a format: i int64_t, d int, b bool, t text (const char *, NULL is stored as NULL; it must live
 * until the call returns, or until rows_end). */
#ifndef CORE_STORE_DB_H
#define CORE_STORE_DB_H

#include "core/base/arena.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;

enum db_flag {
	DB_WRITE = 1,      /* else read-only */
	DB_IMMUTABLE = 4,  /* nobody writes it and there is no log: read without a lock or an index of the log */
	DB_CHECKPOINT = 2, /* may move the log into the file: the courier, and whoever migrates */
};

/* The file must exist (empty is fine). WAL, synchronous=FULL, foreign keys, defensive, a busy wait of 5 s. */
int db_open(const char *path, unsigned flags, struct db **out, struct err *err);
void db_close(struct db *db); /* NULL is fine */

int db_begin(struct db *db);                   /* BEGIN IMMEDIATE */
int db_begin_read(struct db *db);              /* what is read until db_end_read() is of one moment */
int db_commit(struct db *db, struct err *err); /* rolls back and tells the first failure when there was one */
int db_end_read(struct db *db, struct err *err);
int db_failed(const struct db *db);                  /* 0, or the code that sticks */
int db_take_failure(struct db *db, struct err *err); /* tells it and forgets it: for what runs outside transactions */
int db_fail(struct db *db, enum err_code code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4))); /* makes the transaction fail with these words */

/* Runs one statement to its end; its rows, if any, are dropped. */
int db_run(struct db *db, const char *sql, const char *format, ...);
/* db_run for what may fail because rows cannot be read or do not fit: then it has done nothing, the result is negative,
 * and what follows is not kept from being done. Outside transactions: in one, SQLite writes no more after damage. */
int db_try(struct db *db, const char *sql, const char *format, ...);
bool db_try_number(struct db *db, int64_t *number, const char *sql); /* false: no row, or it cannot be read */
/* Runs many, separated by ';', without arguments. */
int db_script(struct db *db, const char *sql);
/* The first column of the first row; `otherwise` when there is none or it failed. */
int64_t db_number(struct db *db, int64_t otherwise, const char *sql, const char *format, ...);
const char *db_word(struct db *db, struct arena *arena, const char *sql, const char *format, ...); /* NULL: no row */
int64_t db_last_id(struct db *db);
int db_changed(struct db *db); /* rows that the last statement changed */

struct db_value {
	int64_t number;
	const char *text; /* NULL: it is the number */
};

struct rows {
	struct db *db;
	void *statement; /* NULL: failed, or ended */
	bool once;       /* not cached */
};
/* for (rows_begin(&r, …); rows_next(&r);) …; rows_end(&r); other statements may run in between. */
void rows_begin(struct rows *rows, struct db *db, const char *sql, const char *format, ...);
/* For SQL that was put together: of these the last few texts are cached. */
void rows_begin_values(struct rows *rows, struct db *db, const char *sql, const struct db_value *values, int count);
bool rows_next(struct rows *rows); /* false: the end, or a failure */
void rows_end(struct rows *rows);
int64_t rows_int(const struct rows *rows, int column);
bool rows_bool(const struct rows *rows, int column);
const char *rows_text(const struct rows *rows, int column, struct arena *arena); /* NULL in the store is "" */

int db_checkpoint(struct db *db, bool truncate, struct err *err); /* never waits; ERR_BUSY is no error here */
/* Folds the whole log in and cuts it to nothing; waits for writers. *emptied false: a reader stood in the way. */
int db_empty_log(struct db *db, bool *emptied, struct err *err);
/* How many rows all cached statements have gone through without an index, since the store was opened: what grows with
 * the store shows here long before it is felt. */
int64_t db_rows_scanned(struct db *db);
/* How many steps SQLite has taken in all cached statements, since the store was opened: what something costs, on any
 * machine. */
int64_t db_steps(struct db *db);
int64_t db_pages_looked_at(struct db *db); /* … and how many pages of the file it has looked at, in memory or not */
/* How SQLite goes about each statement that was used, in the words of EXPLAIN QUERY PLAN: what may become slow shows
 * here in an empty store. */
typedef void db_each_step(void *arg, const char *sql, const char *step);
void db_each_plan(struct db *db, db_each_step *each, void *arg);
/* The next three outside transactions. careless: foreign keys are not looked at, and commits are not waited for; for a
 * file that nobody else knows of yet. */
int db_careless(struct db *db, bool careless, struct err *err);
void db_detach(struct db *db, const char *name);
int db_vacuum(struct db *db, struct err *err); /* writes the file anew, without what was erased */
/* A whole copy, checked, in one file (its log folded in), into an existing, empty file. */
int db_copy_to(struct db *db, const char *path, struct err *err);

#endif
