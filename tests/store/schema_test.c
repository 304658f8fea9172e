/* Opening, modes, versions, migration, and what happens when the disk does not do as told. */
#include "core/base/str.h"
#include "core/store/db.h"
#include "core/store/lock.h"
#include "core/store/schema.h"
#include "tests/lib/store_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned mode_of(const char *path, const char *suffix)
{
	char name[256];
	struct stat st;
	snprintf(name, sizeof name, "%s%s", path, suffix);
	return stat(name, &st) ? 0 : st.st_mode & 07777;
}

static void reopen_is(struct fixture *f, int expected, const char *said)
{
	struct store *store = NULL;
	err_clear(&f->err);
	int result = store_open(f->uri, STORE_DESK, &store, &f->err);
	store_close(store);
	if (result != expected)
		fail_msg("%d, not %d: %s", result, expected, f->err.text);
	if (said && !strstr(f->err.text, said))
		fail_msg("\"%s\" does not say \"%s\"", f->err.text, said);
}

static void a_new_store_is_private_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(mode_of(f->dir, ""), 0700);
	assert_int_equal(mode_of(f->path, ""), 0600);
	assert_int_equal(mode_of(f->path, "-wal"), 0600);
	assert_int_equal(mode_of(f->path, "-bell"), 0600);
	assert_int_equal(store_schema_version(f->store), SCHEMA_VERSION);
}

static void a_shared_directory_makes_shared_files(void **state)
{
	struct fixture *f = *state;
	mode_t before = umask(077);
	char dir[160], uri[256], path[200];
	snprintf(dir, sizeof dir, "%s/shared", f->dir);
	snprintf(path, sizeof path, "%s/desk.db", dir);
	snprintf(uri, sizeof uri, "sqlite:%s", path);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chmod(dir, 02770), 0);
	struct store *store = NULL;
	assert_int_equal(store_open(uri, STORE_DESK, &store, &f->err), 0);
	assert_int_equal(mode_of(path, ""), 0660);
	assert_int_equal(mode_of(path, "-wal"), 0660);
	assert_int_equal(mode_of(path, "-bell"), 0660);
	store_close(store);
	umask(before);
	const char *const left[] = {"", "-wal", "-shm", "-bell"};
	for (size_t i = 0; i < 4; i++) {
		char name[256];
		snprintf(name, sizeof name, "%s%s", path, left[i]);
		unlink(name);
	}
	rmdir(dir);
}

static void loose_modes_are_refused_with_the_command_that_mends_them(void **state)
{
	struct fixture *f = *state;
	chmod(f->dir, 0755);
	reopen_is(f, -ERR_PERMISSION, "chmod 700");
	chmod(f->dir, 0700);
	chmod(f->path, 0640);
	reopen_is(f, -ERR_PERMISSION, "chmod 600");
	chmod(f->path, 0600);
	reopen_is(f, 0, NULL);
}

static void a_relative_path_and_another_kind_of_store_are_refused(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	assert_int_equal(store_open("sqlite:desk.db", STORE_DESK, &store, &f->err), -ERR_CONFIG);
	assert_int_equal(store_open("mysql:/x", STORE_DESK, &store, &f->err), -ERR_CONFIG);
	assert_null(store);
}

static void a_reader_refuses_a_missing_store_and_makes_none(void **state)
{
	struct fixture *f = *state;
	char uri[256];
	struct store *store = NULL;
	snprintf(uri, sizeof uri, "sqlite:%s/other.db", f->dir);
	assert_int_equal(store_open(uri, STORE_READ, &store, &f->err), -ERR_NOT_FOUND);
	assert_int_not_equal(access(uri + strlen("sqlite:"), F_OK), 0);
}

static void a_reader_reads_and_cannot_write(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	struct store *reader = fixture_open(f, STORE_READ);
	const struct kase *kase;
	assert_int_equal(store_case(reader, 1, "", &f->arena, &kase, &f->err), 0);
	assert_int_equal(store_desk_state_save(reader, "alice", "{}", &f->err), -ERR_PERMISSION);
	store_close(reader);
}

static void a_file_that_is_no_store_is_called_that(void **state)
{
	struct fixture *f = *state;
	store_close(f->store);
	f->store = NULL;
	int fd = open(f->path, O_WRONLY | O_TRUNC);
	static const char junk[] = "this is a shopping list and surely not a database, however long it may be ....... "
	                           "............................................................................";
	assert_true(write(fd, junk, sizeof junk) == sizeof junk);
	close(fd);
	char name[256];
	snprintf(name, sizeof name, "%s-wal", f->path);
	unlink(name);
	reopen_is(f, -ERR_DATA, "damaged or no store");
}

/* --- versions */

static struct db *raw(struct fixture *f)
{
	struct db *db = NULL;
	assert_int_equal(db_open(f->path, DB_WRITE, &db, &f->err), 0);
	return db;
}

static void a_newer_store_is_refused_and_both_versions_are_named(void **state)
{
	struct fixture *f = *state;
	struct db *db = raw(f);
	db_begin(db);
	db_script(db, "PRAGMA user_version=97");
	assert_int_equal(db_commit(db, &f->err), 0);
	db_close(db);
	reopen_is(f, -ERR_TOO_NEW, "97");
	assert_non_null(strstr(f->err.text, "version 1"));
}

static void a_desk_that_outlived_an_upgrade_still_saves_drafts_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	struct db *db = raw(f);
	db_begin(db);
	db_script(db, "PRAGMA user_version=2");
	assert_int_equal(db_commit(db, &f->err), 0);
	db_close(db);
	assert_int_equal(store_schema_version(f->store), 2);
	struct draft draft = {.case_id = 1, .text = "half a senten"};
	const char *conflict;
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
	struct action tag = {.kind = ACTION_TAG, .case_id = 1, .agent = "alice", .arg = "late", .text = ""};
	struct action_result result;
	assert_int_equal(store_act(f->store, &tag, NOON, &f->arena, &result, &f->err), -ERR_TOO_NEW);
	assert_non_null(strstr(f->err.text, "restart"));
}

static const char *const add_table[] = {"CREATE TABLE extra(id INTEGER PRIMARY KEY)", NULL};
static const char *const broken[] = {"CREATE TABLE half(id INTEGER)", "CREATE TABLE half(id INTEGER)", NULL};

static void a_migration_backs_up_first_and_keeps_everything(void **state)
{
	struct fixture *f = *state;
	const char *const *const steps[] = {schema_steps[0], add_table};
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	struct db *db = raw(f);
	assert_int_equal(schema_bring_to(db, f->path, steps, 2, false, &f->err), 0);
	db_begin_read(db);
	assert_int_equal(schema_version(db), 2);
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM extra", ""), 0);
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM post", ""), 1);
	assert_int_equal(db_end_read(db, &f->err), 0);
	db_close(db);
	assert_int_equal(mode_of(f->path, "-backup-v1"), 0600);
	char backup[256];
	snprintf(backup, sizeof backup, "%s-backup-v1", f->path);
	assert_int_equal(db_open(backup, DB_WRITE, &db, &f->err), 0);
	db_begin_read(db);
	assert_int_equal(schema_version(db), 1);
	assert_int_equal(db_number(db, -1, "SELECT count(*) FROM post", ""), 1);
	assert_int_equal(db_end_read(db, &f->err), 0);
	db_close(db);
}

static void a_migration_that_fails_leaves_the_store_as_it_was(void **state)
{
	struct fixture *f = *state;
	const char *const *const steps[] = {schema_steps[0], broken};
	struct db *db = raw(f);
	assert_int_not_equal(schema_bring_to(db, f->path, steps, 2, false, &f->err), 0);
	db_close(db);
	reopen_is(f, 0, NULL);
	assert_int_equal(store_schema_version(f->store), 1);
}

static void a_migration_asks_the_running_courier_to_stop(void **state)
{
	struct fixture *f = *state;
	const char *const *const steps[] = {schema_steps[0], add_table};
	struct courier_lock lock = COURIER_LOCK_INIT;
	int status;
	assert_int_equal(courier_lock_take(f->path, &lock, &f->err), 0);
	store_close(f->store); /* a handle that is open across a fork has locks in the parent alone, and believes
	                          otherwise */
	pid_t child = fork();
	if (!child) {
		courier_lock_release(&lock); /* the child's copy: the parent's description still holds the lock */
		struct db *db = NULL;
		struct err err = ERR_INIT;
		_exit(db_open(f->path, DB_WRITE, &db, &err) || schema_bring_to(db, f->path, steps, 2, false, &err));
	}
	f->store = fixture_open(f, STORE_COURIER);
	while (!store_stop_requested(f->store))
		if (waitpid(child, &status, WNOHANG))
			fail_msg("the migration ended (%d) without asking", status);
	courier_lock_release(&lock);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(store_stop_requested(f->store));
	assert_int_equal(store_schema_version(f->store), 2);
}

static void many_programs_create_one_store_at_once(void **state)
{
	struct fixture *f = *state;
	char uri[256];
	snprintf(uri, sizeof uri, "sqlite:%s/fresh.db", f->dir);
	pid_t children[6];
	for (int i = 0; i < 6; i++) {
		children[i] = fork();
		if (!children[i]) {
			struct store *store = NULL;
			struct err err = ERR_INIT;
			int result = store_open(uri, i % 2 ? STORE_DESK : STORE_COURIER, &store, &err);
			if (result)
				fprintf(stderr, "%s\n", err.text);
			_exit(result != 0);
		}
	}
	for (int i = 0; i < 6; i++) {
		int status;
		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
}

/* --- a disk that is full, a directory that cannot be made */

static void a_full_disk_is_told_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "hello"));
	char *big = malloc(4000000);
	memset(big, 'x', 3999999);
	big[3999999] = '\0';
	struct rlimit was, small;
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 1000000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	struct incoming item = post_in("@sam", "2", "1", NOON, big);
	int fresh;
	int result = store_ingest(f->store, f->account, &item, 1, "mentions", "2", &fresh, &f->err);
	setrlimit(RLIMIT_FSIZE, &was);
	free(big);
	assert_int_equal(result, -ERR_IO);
	assert_non_null(strstr(f->err.text, f->path));
	assert_false(store_knows_post(f->store, f->account, "2"));
	assert_int_equal(take_one(f, post_in("@sam", "3", "1", NOON, "and now?")), 1);
}

static void a_directory_that_cannot_be_made_is_told(void **state)
{
	struct fixture *f = *state;
	char uri[256];
	struct store *store = NULL;
	snprintf(uri, sizeof uri, "sqlite:%s/below/desk.db", f->path); /* below a file */
	assert_int_equal(store_open(uri, STORE_DESK, &store, &f->err), -ERR_IO);
	assert_non_null(strstr(f->err.text, "cannot make the directory"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_new_store_is_private_whatever_the_umask),
	        TEST(a_shared_directory_makes_shared_files),
	        TEST(loose_modes_are_refused_with_the_command_that_mends_them),
	        TEST(a_relative_path_and_another_kind_of_store_are_refused),
	        TEST(a_reader_refuses_a_missing_store_and_makes_none),
	        TEST(a_reader_reads_and_cannot_write),
	        TEST(a_file_that_is_no_store_is_called_that),
	        TEST(a_newer_store_is_refused_and_both_versions_are_named),
	        TEST(a_desk_that_outlived_an_upgrade_still_saves_drafts_and_nothing_else),
	        TEST(a_migration_backs_up_first_and_keeps_everything),
	        TEST(a_migration_that_fails_leaves_the_store_as_it_was),
	        TEST(a_migration_asks_the_running_courier_to_stop),
	        TEST(many_programs_create_one_store_at_once),
	        TEST(a_full_disk_is_told_and_changes_nothing),
	        TEST(a_directory_that_cannot_be_made_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
