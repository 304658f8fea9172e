/* A store that is read where it cannot be written. The mount itself is in tests/e2e/read_only_test.c. */
#include "core/store/db.h"
#include "core/store/place.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t cases_seen(struct db *db)
{
	struct err err = ERR_INIT;
	db_begin_read(db);
	int64_t count = db_number(db, -1, "SELECT count(*) FROM kase", "");
	if (db_end_read(db, &err))
		fail_msg("%s", err.text);
	return count;
}

static void what_others_write_is_seen_by_who_took_it_for_unchanging(void **state)
{
	struct fixture *f = *state;
	struct db *db;
	take_one(f, post_in("@sam", "1", "", NOON, "where is it?"));
	store_checkpoint(f->store, true, &f->err);
	assert_int_equal(db_open(f->path, DB_IMMUTABLE, &db, &f->err), 0);
	assert_int_equal(cases_seen(db), 1);
	take_one(f, post_in("@pat", "2", "", NOON, "and mine?"));
	assert_int_equal(cases_seen(db), 2);
	store_checkpoint(f->store, true, &f->err);
	take_one(f, post_in("@kim", "3", "", NOON, "mine, too"));
	assert_int_equal(cases_seen(db), 3);
	db_close(db);
}

static void a_log_is_readable_with_its_index_alone(void **state)
{
	struct fixture *f = *state;
	char *index = malloc(sizeof f->path + 8);
	assert_non_null(index);
	take_one(f, post_in("@sam", "1", "", NOON, "where is it?"));
	assert_int_equal(place_log(f->path), LOG_READABLE);
	snprintf(index, sizeof f->path + 8, "%s-shm", f->path);
	unlink(index);
	assert_int_equal(place_log(f->path), LOG_UNREADABLE);
	free(index);
}

#define ON_A_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_A_STORE(what_others_write_is_seen_by_who_took_it_for_unchanging),
	        ON_A_STORE(a_log_is_readable_with_its_index_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
