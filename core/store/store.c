/* The handle: opening, transactions, and the change feed. */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/store/bell.h"
#include "core/store/internal.h"
#include "core/store/place.h"
#include "core/store/schema.h"

#include <unistd.h>

#define SCHEME "sqlite:"
#define FEED_KEPT 200000 /* rows of the change feed; who is further behind reads everything again */
#define DEFAULT_FIRST_REPLY_MS (20 * 60 * 1000)
#define DEFAULT_NEXT_REPLY_MS (4 * 60 * 60 * 1000)

int store_uri_path(const char *uri, const char **path, struct err *err)
{
	if (!str_starts(uri, SCHEME))
		return err_set(err, ERR_CONFIG, "the store \"%s\" is not of a known kind: expected sqlite:/PATH", uri);
	*path = uri + strlen(SCHEME);
	if (**path != '/')
		return err_set(err, ERR_CONFIG, "the store \"%s\" is not an absolute path", uri);
	return 0;
}

static int open_file(const char *path, bool make, const char *suffix, struct err *err)
{
	int fd = place_open(path, suffix, make, err);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* Where nothing can be written, SQLite makes no index of the log: then the store is read without one, if it is empty.
 */
static int open_for_reading(struct store *store, struct err *err)
{
	const char *why = "";
	bool read_only = place_is_read_only(store->path, &why);
	enum place_log log = place_log(store->path);
	if (read_only && log == LOG_UNREADABLE)
		return err_set(err, ERR_PERMISSION,
		        "the newest changes of %s are in its log, which can be read only where it can be written (%s): "
		        "make it writable, or copy it elsewhere with the -wal file beside it",
		        store->path, why);
	bool immutable = read_only && log == LOG_EMPTY;
	int result = place_check_dir(store->path, false, err);
	if (!result)
		result = open_file(store->path, false, "", err);
	if (!result)
		result = db_open(store->path, immutable ? DB_IMMUTABLE : 0, &store->db, err);
	return result ? result : schema_check(store->db, store->path, err);
}

static int open_for_writing(struct store *store, struct err *err)
{
	int result = place_check_dir(store->path, true, err);
	if (!result)
		result = open_file(store->path, true, "", err);
	if (!result)
		result = open_file(store->path, true, "-bell", err);
	unsigned flags = store->how == STORE_COURIER ? DB_WRITE | DB_CHECKPOINT : DB_WRITE;
	if (!result)
		result = db_open(store->path, flags, &store->db, err);
	if (!result)
		result = schema_bring_to(
		        store->db, store->path, schema_steps, SCHEMA_VERSION, store->how == STORE_COURIER, err);
	return result;
}

static int open_database(struct store *store, struct err *err)
{
	const char *why;
	store->reads_only = store->how == STORE_DESK && place_is_read_only(store->path, &why);
	return store->how == STORE_READ || store->reads_only ? open_for_reading(store, err)
	                                                     : open_for_writing(store, err);
}

int store_open(const char *uri, enum store_open_how how, struct store **out, struct err *err)
{
	const char *path = NULL;
	int result = store_uri_path(uri, &path, err);
	if (result)
		return result;
	struct store *store = mem_alloc(sizeof *store);
	store->path = mem_strdup(path);
	store->how = how;
	store->rules.first_reply_ms = DEFAULT_FIRST_REPLY_MS;
	store->rules.next_reply_ms = DEFAULT_NEXT_REPLY_MS;
	result = open_database(store, err);
	if (result) {
		store_close(store);
		return result;
	}
	if (how != STORE_READ && !store->reads_only)
		bell_ring(store->path); /* for a writer that died between its COMMIT and the bell */
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	db_close(store->db);
	vec_release(&store->changes);
	free(store->path);
	free(store);
}

const char *store_path(const struct store *store)
{
	return store->path;
}

int store_schema_version(struct store *store)
{
	struct err err = ERR_INIT;
	db_begin_read(store->db);
	int64_t version = schema_version(store->db);
	int result = db_end_read(store->db, &err);
	return result ? result : (int)version;
}

bool store_reads_only(const struct store *store, const char **why)
{
	if (store->reads_only && !place_is_read_only(store->path, why))
		*why = "";
	return store->reads_only;
}

void store_set_rules(struct store *store, const struct clock_rules *rules)
{
	store->rules = *rules;
}

/* --- transactions */

/* It may have become writable meanwhile; else err says why not. */
static void try_to_write(struct store *store, struct err *err)
{
	struct store again = {.path = store->path, .how = store->how};
	if (!open_database(&again, err) && !again.reads_only) {
		db_close(store->db);
		store->db = again.db;
		store->reads_only = false;
		bell_ring(store->path);
		return;
	}
	db_close(again.db);
	const char *why;
	if (place_is_read_only(store->path, &why))
		err_set(err, ERR_PERMISSION, "the store %s cannot be written: %s", store->path, why);
}

int store_begin_quiet(struct store *store)
{
	struct err err = ERR_INIT;
	if (store->reads_only)
		try_to_write(store, &err);
	vec_clear(&store->changes);
	store->batch = 0;
	int result = db_begin(store->db);
	return store->reads_only ? db_fail(store->db, err.code, "%s", err.text) : result;
}

/* A desk that outlived an upgrade may not write rows in a shape that is no longer right. */
int store_begin(struct store *store)
{
	store_begin_quiet(store);
	int64_t version = schema_version(store->db);
	if (!db_failed(store->db) && version != SCHEMA_VERSION)
		db_fail(store->db, ERR_TOO_NEW,
		        "the store was upgraded to schema version %d, this curlew knows version %d: restart it",
		        (int)version, SCHEMA_VERSION);
	return db_failed(store->db);
}

void store_changed(struct store *store, enum change_kind kind, int64_t id)
{
	for (size_t i = 0; i < store->changes.len; i++)
		if (store->changes.at[i].kind == kind && store->changes.at[i].id == id)
			return;
	vec_push(&store->changes, (struct change_row){.kind = kind, .id = id});
}

int store_commit(struct store *store, struct err *err)
{
	for (size_t i = 0; i < store->changes.len; i++)
		db_run(store->db, "INSERT INTO change(kind,id) VALUES(?,?)", "di", (int)store->changes.at[i].kind,
		        store->changes.at[i].id);
	int result = db_commit(store->db, err);
	if (!result && store->changes.len)
		bell_ring(store->path);
	return result;
}

/* --- the change feed */

int64_t store_change_last(struct store *store, struct err *err)
{
	db_begin_read(store->db);
	int64_t last = db_number(store->db, 0, "SELECT ifnull(max(seq),0) FROM change", "");
	int result = db_end_read(store->db, err);
	return result ? result : last;
}

int store_changes(struct store *store, int64_t *seq, struct change_row *rows, int max, struct err *err)
{
	db_begin_read(store->db);
	int64_t oldest = db_number(store->db, 0, "SELECT ifnull(min(seq),0) FROM change", "");
	if (oldest > *seq + 1)
		db_fail(store->db, ERR_LIMIT, "too much has changed since: read everything again");
	struct rows r;
	int count = 0;
	int64_t last = *seq;
	rows_begin(&r, store->db, "SELECT seq,kind,id FROM change WHERE seq>? ORDER BY seq LIMIT ?", "id", *seq, max);
	while (rows_next(&r)) {
		last = rows_int(&r, 0);
		rows[count++] = (struct change_row){last, (enum change_kind)rows_int(&r, 1), rows_int(&r, 2)};
	}
	rows_end(&r);
	int result = db_end_read(store->db, err);
	if (result)
		return result;
	*seq = last;
	return count;
}

/* --- upkeep */

int store_checkpoint(struct store *store, bool idle, struct err *err)
{
	if (idle) {
		store_begin(store);
		db_run(store->db, "DELETE FROM change WHERE seq<=(SELECT max(seq) FROM change)-?", "d", FEED_KEPT);
		int result = store_commit(store, err);
		if (result)
			return result;
	}
	return db_checkpoint(store->db, idle, err);
}

void *array_to_arena(struct arena *arena, const void *at, size_t len, size_t size)
{
	void *copy = arena_alloc(arena, len ? len * size : 1);
	if (len)
		memcpy(copy, at, len * size);
	return copy;
}
