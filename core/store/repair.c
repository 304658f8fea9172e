/* A damaged store makes room for a new one. The old files are only read, and renamed at the very end. */
#include "core/store/repair.h"
#include "core/base/clock.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/store/bell.h"
#include "core/store/health.h"
#include "core/store/internal.h"
#include "core/store/place.h"
#include "core/store/salvage.h"
#include "core/store/schema.h"
#include "core/store/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* SQLite's file format: the bytes of a database file on which every connection in WAL mode keeps a read lock for as
 * long as it lives (https://www.sqlite.org/src/file/src/os.h, SHARED_FIRST and SHARED_SIZE). */
#define SHARED_FIRST 0x40000002
#define SHARED_SIZE 510

/* https://www.sqlite.org/fileformat2.html, 1.3 */
#define MAGIC "SQLite format 3"
#define HEADER_SIZE 100
#define PAGE_SIZE 4096 /* of every store that curlew makes */
#define AT_PAGES 28
#define AT_FREE_PAGE 32
#define AT_FREE_COUNT 36

struct repair {
	const char *path;
	const char *fresh;   /* where the new store is made */
	const char *patched; /* a copy of the damaged file with another beginning, where that was needed */
	const char *aside;
	struct store *store; /* the new one */
	struct courier_lock lock;
	struct arena *arena;
};

static const char *beside(const struct repair *repair, const char *path, const char *suffix)
{
	return arena_printf(repair->arena, "%s%s", path, suffix);
}

static void name_files(struct repair *repair)
{
	char when[32];
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm utc;
	gmtime_r(&now, &utc);
	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &utc);
	repair->aside = arena_printf(repair->arena, "%s.damaged-%s", repair->path, when);
	for (int i = 2; path_exists(repair->aside); i++)
		repair->aside = arena_printf(repair->arena, "%s.damaged-%s-%d", repair->path, when, i);
	repair->fresh = beside(repair, repair->path, ".repair");
	repair->patched = beside(repair, repair->path, ".repair-read");
}

static void remove_with_log(const struct repair *repair, const char *path)
{
	static const char *const parts[] = {"", "-wal", "-shm", "-journal", "-bell"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		unlink(beside(repair, path, parts[i]));
}

/* --- who else is there */

static int nobody_has_it_open(const char *path, struct err *err)
{
	struct flock held = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHARED_FIRST, .l_len = SHARED_SIZE};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot open %s: %s", path, strerror(errno));
	int failed = fcntl(fd, F_GETLK, &held);
	close(fd);
	if (failed)
		return err_set(err, ERR_OS, "cannot see who uses %s: %s", path, strerror(errno));
	if (held.l_type != F_UNLCK)
		return err_set(err, ERR_BUSY, "process %ld has the store %s open: close every desk first",
		        (long)held.l_pid, path);
	return 0;
}

/* --- is anything wrong? */

/* More than store_health() looks at: what each index says of its table, and the full text. */
static bool is_sound(const char *path)
{
	struct err ignored = ERR_INIT;
	struct arena arena = ARENA_INIT;
	struct db *db = NULL;
	bool sound = false;
	if (!db_open(path, DB_WRITE, &db, &ignored)) {
		db_begin(db);
		const char *said = db_word(db, &arena, "PRAGMA integrity_check(1)", "");
		db_run(db, "INSERT INTO post_words(post_words) VALUES('integrity-check')", "");
		db_run(db, "INSERT INTO note_words(note_words) VALUES('integrity-check')", "");
		sound = !db_commit(db, &ignored) && str_eq(said, "ok");
	}
	db_close(db);
	arena_release(&arena);
	return sound;
}

/* --- a beginning that can be read: the first page says where everything else is */

static int copy_file(const char *from, const char *to, struct err *err)
{
	char block[65536];
	ssize_t got = -1;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while (out >= 0 && (got = read(in, block, sizeof block)) > 0)
		if (write(out, block, (size_t)got) != got) {
			got = -1;
			break;
		}
	int result = got ? err_set(err, ERR_IO, "cannot copy %s to %s: %s", from, to, strerror(errno)) : 0;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return result;
}

static void put_u32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* The new store was made by the same statements, so that its first page, or only the header of it, fits the old one:
 * its tables begin on the same pages, unless the file was written anew since. */
static int patch_beginning(const struct repair *repair, size_t len, struct err *err)
{
	unsigned char page[PAGE_SIZE];
	int from = open(repair->fresh, O_RDONLY | O_CLOEXEC), to = open(repair->patched, O_RDWR | O_CLOEXEC);
	off_t size = to < 0 ? 0 : lseek(to, 0, SEEK_END);
	bool done = from >= 0 && to >= 0 && pread(from, page, sizeof page, 0) == (ssize_t)sizeof page;
	if (done) {
		put_u32(page + AT_PAGES, (uint32_t)(size / PAGE_SIZE));
		put_u32(page + AT_FREE_PAGE, 0);
		put_u32(page + AT_FREE_COUNT, 0);
		done = pwrite(to, page, len, 0) == (ssize_t)len;
	}
	int result = done ? 0 : err_set(err, ERR_IO, "cannot write %s: %s", repair->patched, strerror(errno));
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return result;
}

static int copy_and_patch(const struct repair *repair, size_t len, struct err *err)
{
	const char *log = beside(repair, repair->path, "-wal");
	int result = copy_file(repair->path, repair->patched, err);
	if (!result && path_exists(log))
		result = copy_file(log, beside(repair, repair->patched, "-wal"), err);
	return result ? result : patch_beginning(repair, len, err);
}

static bool attach(struct db *db, const char *path)
{
	struct err ignored = ERR_INIT;
	int64_t tables = 0;
	db_begin_read(db);
	db_end_read(db, &ignored); /* what failed before is forgotten */
	if (db_run(db, "ATTACH ? AS old", "t", path))
		return false;
	db_begin_read(db);
	/* Each must be there, and be prepared: a schema can be readable and wrong. */
	db_try_number(db, &tables,
	        "SELECT count(*) FROM old.sqlite_schema WHERE name IN ('draft','reply','kase','post','journal')");
	bool fits = tables == 5;
	fits = !db_end_read(db, &ignored) && fits;
	if (!fits)
		db_detach(db, "old");
	return fits;
}

static int version_fits(struct db *db, const char *path, struct err *err)
{
	db_begin_read(db);
	int64_t version = db_number(db, -1, "PRAGMA old.user_version", "");
	int result = db_end_read(db, err);
	if (!result && version != SCHEMA_VERSION)
		result = err_set(err, version > SCHEMA_VERSION ? ERR_TOO_NEW : ERR_STATE,
		        "the damaged store %s has schema version %d, this curlew repairs version %d", path,
		        (int)version, SCHEMA_VERSION);
	return result;
}

static int attach_what_can_be_read(const struct repair *repair, struct err *err)
{
	static const size_t patches[] = {HEADER_SIZE, PAGE_SIZE};
	struct db *db = repair->store->db;
	if (attach(db, repair->path))
		return version_fits(db, repair->path, err);
	for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
		remove_with_log(repair, repair->patched);
		int result = copy_and_patch(repair, patches[i], err);
		if (result)
			return result;
		if (attach(db, repair->patched))
			return version_fits(db, repair->path, err);
	}
	return err_set(err, ERR_DATA,
	        "nothing in %s can be read: put a backup in its place, or take the file away to begin anew",
	        repair->path);
}

/* --- the new store's rows */

static void index_words(struct db *db)
{
	struct arena arena = ARENA_INIT;
	struct rows r;
	rows_begin(&r, db, "SELECT id,warning,text FROM post", "");
	while (rows_next(&r)) {
		index_post(db, rows_int(&r, 0), rows_text(&r, 1, &arena), rows_text(&r, 2, &arena));
		arena_reset(&arena);
	}
	rows_end(&r);
	rows_begin(&r, db,
	        "SELECT t.journal_id,t.text FROM journal j JOIN journal_text t ON t.journal_id=j.id"
	        " WHERE j.action='note'",
	        "");
	while (rows_next(&r)) {
		index_note(db, rows_int(&r, 0), rows_text(&r, 1, &arena));
		arena_reset(&arena);
	}
	rows_end(&r);
	arena_release(&arena);
}

/* What was taken by a courier may have been said; what was still to go must be looked at again. */
static int stop_replies(struct db *db)
{
	db_run(db,
	        "UPDATE reply SET state=?1,error='the store was repaired: look again before it is sent' WHERE state IN "
	        "(?2,?3)",
	        "ddd", (int)REPLY_STOPPED, (int)REPLY_HELD, (int)REPLY_QUEUED);
	return db_changed(db);
}

/* Cases that were made again take times, words and state from their posts. */
static void derive_cases(struct store *store)
{
	struct arena arena = ARENA_INIT;
	int64_t id = 0;
	struct kase_row row;
	while ((id = db_number(store->db, 0, "SELECT min(id) FROM kase WHERE rank=0 AND id>?", "i", id)) &&
	        kase_load(store, id, "", &arena, &row)) {
		kase_derive(store, &row, &arena);
		if (row.kase.last_out_at > row.kase.last_in_at)
			row.kase.status = STATUS_WAITING;
		kase_save(store, &row);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static bool posts_were_lost(const struct repair_report *report)
{
	for (int i = 0; i < report->count; i++)
		if (str_eq(report->counts[i].what, "posts"))
			return report->counts[i].lost != 0;
	return false;
}

static int fill(const struct repair *repair, const struct account_setup *accounts, int count,
        struct repair_report *report, struct err *err)
{
	struct db *db = repair->store->db;
	int result = db_careless(db, true, err);
	if (result)
		return result;
	salvage_tables(db, report);
	result = db_take_failure(db, err);
	db_detach(db, "old");
	if (result)
		return result;
	store_begin(repair->store);
	salvage_clean_texts(db);
	report->cases_made_up = salvage_mend(db, accounts, count);
	report->stopped = stop_replies(db);
	if (posts_were_lost(report))
		db_run(db, "DELETE FROM position", "");
	derive_cases(repair->store);
	index_words(db);
	result = store_commit(repair->store, err);
	return result ? result : db_careless(db, false, err);
}

/* --- the exchange */

static int rename_part(
        const struct repair *repair, const char *from, const char *to, const char *suffix, struct err *err)
{
	const char *a = beside(repair, from, suffix), *b = beside(repair, to, suffix);
	if (rename(a, b) && (errno != ENOENT || !*suffix))
		return err_set(err, ERR_IO, "cannot rename %s to %s: %s", a, b, strerror(errno));
	return 0;
}

/* The log goes first: a database without its log is only older, a log beside another database would spoil that. */
static int exchange(const struct repair *repair, struct err *err)
{
	int result = nobody_has_it_open(repair->path, err);
	if (!result)
		result = rename_part(repair, repair->path, repair->aside, "-wal", err);
	if (!result)
		unlink(beside(repair, repair->path, "-shm"));
	if (!result)
		result = rename_part(repair, repair->path, repair->aside, "", err);
	if (!result)
		result = rename_part(repair, repair->fresh, repair->path, "", err);
	return result ? result : place_sync_dir(repair->path, err);
}

static int make_fresh(struct repair *repair, struct err *err)
{
	remove_with_log(repair, repair->fresh);
	char *uri = arena_printf(repair->arena, "sqlite:%s", repair->fresh);
	int result = store_open(
	        uri, STORE_DESK, &repair->store, err); /* no courier: closing it folds no log, the old one least */
	return result ? result : db_checkpoint(repair->store->db, true, err); /* patch_beginning() reads the file */
}

static int rebuild(struct repair *repair, const struct account_setup *accounts, int count, struct repair_report *report,
        struct err *err)
{
	int result = make_fresh(repair, err);
	if (!result)
		result = attach_what_can_be_read(repair, err);
	if (!result)
		result = fill(repair, accounts, count, report, err);
	if (!result)
		result = store_health(repair->store, err);
	if (!result)
		result = db_checkpoint(repair->store->db, true, err);
	store_close(repair->store);
	repair->store = NULL;
	if (!result)
		result = exchange(repair, err);
	remove_with_log(repair, repair->fresh);
	remove_with_log(repair, repair->patched);
	return result;
}

int store_repair(const char *uri, const struct account_setup *accounts, int count, struct arena *arena,
        struct repair_report *report, struct err *err)
{
	struct repair repair = {.arena = arena, .lock = COURIER_LOCK_INIT};
	*report = (struct repair_report){0};
	int result = store_uri_path(uri, &repair.path, err);
	if (!result && !path_exists(repair.path))
		result = err_set(err, ERR_NOT_FOUND, "there is no store at %s", repair.path);
	if (!result)
		result = stop_courier(NULL, repair.path, "", &repair.lock, err);
	if (!result)
		result = nobody_has_it_open(repair.path, err);
	if (!result && is_sound(repair.path)) {
		report->sound = true;
	} else if (!result) {
		name_files(&repair);
		result = rebuild(&repair, accounts, count, report, err);
		report->aside = repair.aside;
	}
	courier_lock_release(&repair.lock);
	if (!result)
		bell_ring(repair.path);
	return result;
}
