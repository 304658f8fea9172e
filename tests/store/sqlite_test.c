/* How the store uses SQLite: what keeps it quick and its files small, whatever comes in. */
#include "core/store/internal.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { BATCH = 100, MB = 1024 * 1024 };

/* A batch of new customers, each with a post; the next one has others. */
static void take_batch(struct fixture *f, int number)
{
	struct incoming items[BATCH];
	for (int i = 0; i < BATCH; i++) {
		int n = number * BATCH + i;
		char *author = arena_printf(&f->arena, "@c%d", n), *id = arena_printf(&f->arena, "%d", n);
		items[i] = post_in(author, id, "", NOON + n, arena_printf(&f->arena, "parcel %d is lost", n));
	}
	assert_int_equal(take(f, items, BATCH), BATCH);
	arena_reset(&f->arena);
}

/* --- the log */

static int64_t log_size(const struct fixture *f)
{
	struct stat st;
	char path[192];
	snprintf(path, sizeof path, "%s-wal", f->path);
	return stat(path, &st) ? -1 : (int64_t)st.st_size;
}

static void the_log_stays_short_while_mentions_come_in_without_a_pause(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 100; i++) {
		take_batch(f, i);
		assert_in_range(log_size(f), 1, 10 * MB);
	}
}

static void only_the_courier_folds_the_log_in(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	store_close(f->store);
	f->store = fixture_open(f, STORE_DESK);
	assert_int_equal(stat(f->path, &before), 0);
	for (int i = 0; i < 40; i++)
		take_batch(f, i);
	assert_true(log_size(f) > 10 * MB);
	store_close(f->store); /* folds nothing in, either */
	assert_int_equal(stat(f->path, &after), 0);
	f->store = fixture_open(f, STORE_COURIER);
	assert_int_equal(before.st_size, after.st_size);
}

/* In KiB, below zero, as SQLite has it. */
static void a_desk_keeps_less_of_the_store_in_memory_than_the_courier(void **state)
{
	struct fixture *f = *state;
	struct store *desk = fixture_open(f, STORE_DESK);
	assert_int_equal(db_number(desk->db, -1, "PRAGMA cache_size", ""), -256);
	assert_int_equal(db_number(f->store->db, -1, "PRAGMA cache_size", ""), -2048);
	store_close(desk);
}

static void the_log_is_folded_in_as_far_as_it_may_be_and_cut_when_nothing_happens(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	take_batch(f, 0);
	int64_t log = log_size(f);
	assert_int_equal(stat(f->path, &before), 0);
	assert_int_equal(store_checkpoint(f->store, false, &f->err), 0);
	assert_int_equal(stat(f->path, &after), 0);
	assert_true(after.st_size > before.st_size);
	assert_true(log > 0 && log_size(f) == log);
	assert_int_equal(store_checkpoint(f->store, true, &f->err), 0);
	assert_int_equal(log_size(f), 0);
}

/* What is committed is on the disk, what is deleted is overwritten, and rows have those that they speak of. */
static void every_handle_is_opened_by_the_same_rules(void **state)
{
	struct fixture *f = *state;
	struct store *desk = fixture_open(f, STORE_DESK), *both[] = {f->store, desk};
	enum { FULL = 2, IN_MEMORY = 2 };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(db_begin_read(both[i]->db), 0);
		assert_string_equal(db_word(both[i]->db, &f->arena, "PRAGMA journal_mode", ""), "wal");
		assert_int_equal(db_number(both[i]->db, -1, "PRAGMA synchronous", ""), FULL);
		assert_int_equal(db_number(both[i]->db, -1, "PRAGMA foreign_keys", ""), 1);
		assert_int_equal(db_number(both[i]->db, -1, "PRAGMA secure_delete", ""), 1);
		assert_int_equal(db_number(both[i]->db, -1, "PRAGMA temp_store", ""), IN_MEMORY);
		assert_int_equal(db_end_read(both[i]->db, &f->err), 0);
	}
	store_close(desk);
}

/* One SELECT that is not stepped to its end, or not reset, would keep the log from being emptied. */
static void nothing_that_was_read_holds_the_log(void **state)
{
	struct fixture *f = *state;
	struct store *courier = f->store;
	bool emptied = false;
	take_batch(f, 0);
	f->store = fixture_open(f, STORE_DESK);
	assert_int_equal(count_of(f, "is:needs-reply"), BATCH);
	assert_string_not_equal(ids_of(f, "parcel"), "");
	assert_non_null(get_case(f, 1));
	assert_true(get_view(f, 2)->item_count > 0);
	assert_int_equal(db_empty_log(courier->db, &emptied, &f->err), 0);
	assert_true(emptied);
	store_close(f->store);
	f->store = courier;
}

/* --- statements */

static void count_step(void *arg, const char *sql, const char *step)
{
	(void)sql;
	(void)step;
	++*(int *)arg;
}

static int steps_prepared(struct fixture *f)
{
	int steps = 0;
	db_each_plan(f->store->db, count_step, &steps);
	return steps;
}

static void the_same_work_prepares_no_further_statement(void **state)
{
	struct fixture *f = *state;
	take_batch(f, 0);
	ids_of(f, "is:needs-reply");
	get_view(f, 1);
	int before = steps_prepared(f);
	for (int i = 1; i < 4; i++) {
		take_batch(f, i);
		ids_of(f, "is:needs-reply");
		get_view(f, 1 + i);
	}
	assert_true(before > 0);
	assert_int_equal(steps_prepared(f), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_log_stays_short_while_mentions_come_in_without_a_pause),
	        TEST(only_the_courier_folds_the_log_in),
	        TEST(a_desk_keeps_less_of_the_store_in_memory_than_the_courier),
	        TEST(the_log_is_folded_in_as_far_as_it_may_be_and_cut_when_nothing_happens),
	        TEST(every_handle_is_opened_by_the_same_rules),
	        TEST(nothing_that_was_read_holds_the_log),
	        TEST(the_same_work_prepares_no_further_statement),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
