/* Backups, and what can be saved of a store whose pages were spoilt. */
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/store/db.h"
#include "core/store/health.h"
#include "core/store/lock.h"
#include "core/store/repair.h"
#include "core/store/worker.h"
#include "tests/lib/store_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE 4096
#define CUSTOMERS 400

static const struct account_setup acme = {"acme", "mastodon", "https://mas.example", "@acme"};

static const char *words_number(struct fixture *f, int i)
{
	return arena_printf(
	        &f->arena, "post number %d about parcels that came late and hats that do not fit, w%d", i, i);
}

/* Many cases, each with a note; a draft in every tenth, a reply that is held in every twentieth. */
static void stock(struct fixture *f)
{
	for (int i = 1; i <= CUSTOMERS; i++) {
		const char *id = arena_printf(&f->arena, "%d", i), *who = arena_printf(&f->arena, "@c%d", i);
		take_one(f, post_in(who, id, "", NOON + i, words_number(f, i)));
		struct action note = {
		        .kind = ACTION_NOTE, .case_id = i, .agent = "bob", .arg = "", .text = "called the shop"};
		struct action_result done;
		assert_int_equal(store_act(f->store, &note, NOON + i, &f->arena, &done, &f->err), 0);
		struct draft draft = {.case_id = i, .text = arena_printf(&f->arena, "draft %d", i)};
		const char *conflict;
		if (i % 10 == 0)
			assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
		struct reply reply = {.case_id = i,
		        .agent = "alice",
		        .text = arena_printf(&f->arena, "sorry %d", i),
		        .to_remote_id = id,
		        .hold_until = NOON + 20000};
		int64_t reply_id;
		if (i % 20 == 0)
			assert_int_equal(store_reply_hold(f->store, &reply, -1, &reply_id, &f->err), 0);
	}
	int fresh;
	assert_int_equal(store_ingest(f->store, f->account, NULL, 0, "mentions", "400", &fresh, &f->err), 0);
}

/* The log is folded in, and nobody has the file open. */
static void close_store(struct fixture *f)
{
	assert_int_equal(store_checkpoint(f->store, true, &f->err), 0);
	store_close(f->store);
	f->store = NULL;
}

static void spoil(struct fixture *f, off_t at, size_t len)
{
	char junk[PAGE];
	memset(junk, 0xA5, sizeof junk);
	int fd = open(f->path, O_WRONLY);
	for (; len; at += PAGE, len -= len < PAGE ? len : PAGE)
		assert_true(pwrite(fd, junk, len < PAGE ? len : PAGE, at) > 0);
	close(fd);
}

/* The pages of a table or an index, by SQLite's own account: its root first. count: how many there are. */
static int64_t page_of(struct fixture *f, const char *name, int which, int *count)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	int64_t page = 0;
	int at = 0;
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT pageno FROM dbstat WHERE name=? ORDER BY path", -1, &s, NULL),
	        SQLITE_OK);
	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	for (; sqlite3_step(s) == SQLITE_ROW; at++)
		if (at == which)
			page = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	if (count)
		*count = at;
	return page;
}

static void spoil_page(struct fixture *f, const char *name, int which)
{
	int64_t page = page_of(f, name, which, NULL);
	assert_true(page > 0);
	spoil(f, (page - 1) * PAGE, PAGE);
}

static struct repair_report repair(struct fixture *f)
{
	struct repair_report report;
	if (store_repair(f->uri, &acme, 1, &f->arena, &report, &f->err))
		fail_msg("%s", f->err.text);
	f->store = fixture_open(f, STORE_COURIER);
	assert_int_equal(store_accounts_sync(f->store, &acme, 1, &f->err), 0);
	assert_int_equal(store_health(f->store, &f->err), 0);
	return report;
}

static const struct repair_count *count_in(const struct repair_report *report, const char *what)
{
	for (int i = 0; i < report->count; i++)
		if (str_eq(report->counts[i].what, what))
			return &report->counts[i];
	fail_msg("no count of %s", what);
	return NULL;
}

static int replies_in_outbox(struct fixture *f)
{
	const struct reply *replies;
	int count;
	assert_int_equal(store_replies(f->store, 1u << REPLY_STOPPED, NULL, &f->arena, &replies, &count, &f->err), 0);
	return count;
}

static int drafts_of_alice(struct fixture *f)
{
	int drafts = 0;
	for (int i = 1; i <= CUSTOMERS; i++)
		drafts += get_view(f, i)->draft_count;
	return drafts;
}

/* All that people typed and every case are there; of posts at most `posts` are lost. */
static void nearly_all_is_there(struct fixture *f, const struct repair_report *report, int posts)
{
	assert_false(report->sound);
	assert_true(path_exists(report->aside));
	assert_int_equal(count_of(f, ""), CUSTOMERS);
	assert_int_equal(drafts_of_alice(f), CUSTOMERS / 10);
	assert_int_equal(replies_in_outbox(f), CUSTOMERS / 20);
	assert_int_equal(report->stopped, CUSTOMERS / 20);
	int64_t lost = count_in(report, "posts")->lost;
	if (lost < 0 || lost > posts)
		fail_msg("%lld posts lost", (long long)lost);
}

/* --- backups */

static void a_backup_is_a_store_of_mode_0600_in_one_file(void **state)
{
	struct fixture *f = *state;
	stock(f);
	char copy[200];
	struct stat st;
	snprintf(copy, sizeof copy, "%s/copy.db", f->dir);
	assert_int_equal(store_backup(f->store, copy, &f->err), 0);
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(path_exists(arena_printf(&f->arena, "%s-wal", copy)));
	struct store *other = NULL;
	assert_int_equal(store_open(arena_printf(&f->arena, "sqlite:%s", copy), STORE_DESK, &other, &f->err), 0);
	const struct kase *kase;
	assert_int_equal(store_case(other, CUSTOMERS, "", &f->arena, &kase, &f->err), 0);
	store_close(other);
}

static void a_backup_overwrites_nothing(void **state)
{
	struct fixture *f = *state;
	struct str bytes = STR_INIT;
	char copy[200];
	snprintf(copy, sizeof copy, "%s/copy.db", f->dir);
	assert_int_equal(file_write_atomic(copy, "mine", 4, 0600, &f->err), 0);
	assert_int_equal(store_backup(f->store, copy, &f->err), -ERR_STATE);
	assert_non_null(strstr(f->err.text, "exists already"));
	assert_int_equal(file_read(copy, &bytes, &f->err), 0);
	assert_string_equal(bytes.p, "mine");
	str_release(&bytes);
}

static void a_backup_is_of_one_moment_while_others_write(void **state)
{
	struct fixture *f = *state;
	stock(f);
	int ready[2];
	char one;
	assert_int_equal(pipe(ready), 0);
	pid_t writer = fork();
	if (!writer) {
		struct store *store = NULL;
		struct err err = ERR_INIT;
		if (store_open(f->uri, STORE_DESK, &store, &err))
			_exit(1);
		for (int i = 0;; i++) {
			int fresh;
			char id[32];
			snprintf(id, sizeof id, "w%d", i);
			struct incoming item = post_in("@writer", id, "", NOON + i, "again");
			if (store_ingest(store, f->account, &item, 1, "mentions", id, &fresh, &err))
				_exit(1);
			if (write(ready[1], "x", 1) != 1)
				_exit(1);
		}
	}
	assert_int_equal(read(ready[0], &one, 1), 1);
	char copy[200];
	snprintf(copy, sizeof copy, "%s/copy.db", f->dir);
	assert_int_equal(store_backup(f->store, copy, &f->err), 0);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	struct store *other = NULL;
	const char *position;
	assert_int_equal(store_open(arena_printf(&f->arena, "sqlite:%s", copy), STORE_DESK, &other, &f->err), 0);
	assert_int_equal(store_position(other, 1, "mentions", &f->arena, &position, &f->err), 0);
	assert_true(store_knows_post(other, 1, position));
	store_close(other);
}

/* --- damage */

static void a_sound_store_is_left_alone(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	struct repair_report report = repair(f);
	assert_true(report.sound);
	assert_int_equal(count_of(f, ""), CUSTOMERS);
}

static void damage_is_called_that_and_names_the_file_and_the_remedy(void **state)
{
	struct fixture *f = *state;
	const struct case_view *view;
	stock(f);
	int64_t page = page_of(f, "post", 0, NULL);
	close_store(f);
	spoil(f, (page - 1) * PAGE, PAGE);
	f->store = fixture_open(f, STORE_DESK);
	assert_int_equal(store_case_view(f->store, 1, "alice", 0, &f->arena, &view, &f->err), -ERR_DATA);
	assert_non_null(strstr(f->err.text, f->path));
	assert_non_null(strstr(f->err.text, "curlew check --repair"));
	assert_int_equal(store_health(f->store, &f->err), -ERR_DATA);
}

static void a_spoilt_header_costs_nothing(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil(f, 0, 100);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_int_equal(count_of(f, "w77"), 1);
}

static void a_spoilt_first_page_costs_nothing(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil(f, 0, PAGE);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
}

static void a_page_of_posts_costs_the_posts_on_it(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil_page(f, "post", 3);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 40);
	assert_true(count_in(&report, "posts")->lost > 0);
	/* The courier reads again what the network still has. */
	const char *position;
	assert_int_equal(store_position(f->store, 1, "mentions", &f->arena, &position, &f->err), 0);
	assert_null(position);
	assert_int_equal(count_of(f, "w399"), 1);
}

static void the_last_page_of_posts_costs_the_posts_on_it(void **state)
{
	struct fixture *f = *state;
	int count;
	stock(f);
	page_of(f, "post", 0, &count);
	close_store(f);
	spoil_page(f, "post", count - 1);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 40);
}

static void a_page_of_the_journal_costs_its_lines(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil_page(f, "journal", 2);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_true(count_in(&report, "journal entries")->lost > 0);
	assert_true(count_in(&report, "journal entries")->saved > CUSTOMERS);
}

static void an_index_costs_nothing(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil_page(f, "post_case", 0);
	spoil_page(f, "kase_rank", 0);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_int_equal(count_in(&report, "cases")->lost, 0);
}

static void the_full_text_is_made_anew(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil_page(f, "post_words_data", 1);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_int_equal(count_of(f, "w123"), 1);
	assert_int_equal(count_of(f, "shop"), CUSTOMERS);
}

static void free_pages_that_are_spoilt_cost_nothing(void **state)
{
	struct fixture *f = *state;
	stock(f);
	struct db *db;
	assert_int_equal(db_open(f->path, DB_WRITE, &db, &f->err), 0);
	db_begin(db);
	db_run(db, "CREATE TABLE pad(x)", "");
	db_run(db, "INSERT INTO pad SELECT zeroblob(3000) FROM post", "");
	db_commit(db, &f->err);
	int64_t page = page_of(f, "pad", 5, NULL);
	db_begin(db);
	db_run(db, "DROP TABLE pad", "");
	assert_int_equal(db_commit(db, &f->err), 0);
	db_close(db);
	close_store(f);
	spoil(f, (page - 1) * PAGE, PAGE * 3);
	spoil(f, 32, 4); /* where the list of free pages begins */
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
}

static void cases_and_customers_that_are_lost_are_made_again_from_their_posts(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil_page(f, "kase", 2);
	spoil_page(f, "customer", 2);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_true(report.cases_made_up > 0);
	for (int i = 1; i <= CUSTOMERS; i++) {
		const struct case_view *view = get_view(f, i);
		assert_string_equal(view->kase.handle, arena_printf(&f->arena, "@c%d", i));
		assert_int_equal(view->kase.account_id, 1);
		assert_true(view->kase.last_in_at == NOON + i);
	}
}

static void a_lost_account_gets_its_name_back_when_there_is_but_one(void **state)
{
	struct fixture *f = *state;
	stock(f);
	close_store(f);
	spoil_page(f, "account", 0);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_string_equal(get_case(f, 5)->account, "acme");
}

static void a_file_that_was_cut_short_keeps_what_is_left(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	stock(f);
	close_store(f);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(truncate(f->path, st.st_size * 3 / 4), 0);
	struct repair_report report = repair(f);
	assert_true(count_in(&report, "posts")->saved > CUSTOMERS / 3);
	assert_true(count_in(&report, "posts")->lost != 0);
}

static void the_log_beside_a_damaged_store_is_read_and_kept(void **state)
{
	struct fixture *f = *state;
	stock(f);
	assert_int_equal(store_checkpoint(f->store, true, &f->err), 0);
	take_one(f, post_in("@late", "9001", "", NOON + 9001, "only in the log"));
	store_close(f->store); /* as couriers do not: the log stays */
	f->store = NULL;
	assert_true(path_exists(arena_printf(&f->arena, "%s", f->path)));
	spoil_page(f, "journal", 1);
	struct repair_report report = repair(f);
	assert_int_equal(count_of(f, "log"), 1);
	assert_true(path_exists(report.aside));
}

/* Opens the store as a desk, says so, and waits to be ended. */
static pid_t another_desk(struct fixture *f)
{
	int ready[2];
	char one;
	assert_int_equal(pipe(ready), 0);
	pid_t desk = fork();
	if (!desk) {
		struct store *store = NULL;
		struct err err = ERR_INIT;
		int64_t id;
		if (store_open(f->uri, STORE_DESK, &store, &err) || store_desk_open(store, "bob", &id, &err))
			_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &one, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return desk;
}

static void nothing_is_exchanged_under_a_desk_that_is_open(void **state)
{
	struct fixture *f = *state;
	struct repair_report report;
	stock(f);
	close_store(f);
	pid_t desk = another_desk(f);
	spoil_page(f, "journal", 2);
	assert_int_equal(store_repair(f->uri, &acme, 1, &f->arena, &report, &f->err), -ERR_BUSY);
	assert_non_null(strstr(f->err.text, arena_printf(&f->arena, "process %ld", (long)desk)));
	kill(desk, SIGKILL);
	waitpid(desk, NULL, 0);
	report = repair(f);
	nearly_all_is_there(f, &report, 0);
}

static void bytes_that_were_spoilt_within_a_text_become_marks(void **state)
{
	struct fixture *f = *state;
	struct str bytes = STR_INIT;
	const struct post *post;
	stock(f);
	close_store(f);
	spoil_page(f, "journal", 2);
	assert_int_equal(file_read(f->path, &bytes, &f->err), 0);
	int fd = open(f->path, O_WRONLY);
	const char *w77 = "do not fit, w77";
	for (size_t at = 0; at + strlen(w77) <= bytes.len; at++)
		if (memcmp(bytes.p + at, w77, strlen(w77)) == 0)
			assert_true(pwrite(fd, "\xff\xfe", 2, (off_t)at) == 2);
	close(fd);
	str_release(&bytes);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	assert_int_equal(store_post(f->store, 1, "77", &f->arena, &post, &f->err), 0);
	assert_non_null(strstr(post->text, "hats that \uFFFD"));
}

/* A courier holds the lock, and ends when it is told to. */
static void a_courier_that_runs_is_told_to_end(void **state)
{
	struct fixture *f = *state;
	int ready[2];
	char one;
	stock(f);
	close_store(f);
	spoil_page(f, "journal", 2);
	assert_int_equal(pipe(ready), 0);
	pid_t courier = fork();
	if (!courier) {
		struct courier_lock lock;
		struct err err = ERR_INIT;
		signal(SIGTERM, SIG_DFL);
		if (courier_lock_take(f->path, &lock, &err) || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &one, 1), 1);
	struct repair_report report = repair(f);
	nearly_all_is_there(f, &report, 0);
	int status;
	assert_int_equal(waitpid(courier, &status, 0), courier);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	close(ready[0]);
	close(ready[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_backup_is_a_store_of_mode_0600_in_one_file),
	        TEST(a_backup_overwrites_nothing),
	        TEST(a_backup_is_of_one_moment_while_others_write),
	        TEST(a_sound_store_is_left_alone),
	        TEST(damage_is_called_that_and_names_the_file_and_the_remedy),
	        TEST(a_spoilt_header_costs_nothing),
	        TEST(a_spoilt_first_page_costs_nothing),
	        TEST(a_page_of_posts_costs_the_posts_on_it),
	        TEST(the_last_page_of_posts_costs_the_posts_on_it),
	        TEST(a_page_of_the_journal_costs_its_lines),
	        TEST(an_index_costs_nothing),
	        TEST(the_full_text_is_made_anew),
	        TEST(free_pages_that_are_spoilt_cost_nothing),
	        TEST(cases_and_customers_that_are_lost_are_made_again_from_their_posts),
	        TEST(a_lost_account_gets_its_name_back_when_there_is_but_one),
	        TEST(a_file_that_was_cut_short_keeps_what_is_left),
	        TEST(the_log_beside_a_damaged_store_is_read_and_kept),
	        TEST(bytes_that_were_spoilt_within_a_text_become_marks),
	        TEST(a_courier_that_runs_is_told_to_end),
	        TEST(nothing_is_exchanged_under_a_desk_that_is_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
