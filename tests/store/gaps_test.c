/* What the networks do not tell any more. */
#include "core/store/report.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

static void add(struct fixture *f, const char *source, int64_t from, int64_t to)
{
	struct gap_found gap = {source, "the list ends there", from, to};
	assert_int_equal(store_gap_add(f->store, f->account, &gap, &f->err), 0);
}

static const struct gap *gaps(struct fixture *f, int wanted)
{
	const struct gap *rows;
	int count;
	assert_int_equal(store_gaps(f->store, &f->arena, &rows, &count, &f->err), 0);
	assert_int_equal(count, wanted);
	return rows;
}

static void a_gap_stands_until_somebody_has_noted_it(void **state)
{
	struct fixture *f = *state;
	add(f, "#acme", T(5), T(9));
	add(f, "mentions", T(1), T(2));
	const struct gap *rows = gaps(f, 2);
	assert_string_equal(rows[0].source, "mentions");
	assert_string_equal(rows[0].account, "acme");
	assert_string_equal(rows[0].reason, "the list ends there");
	assert_true(rows[0].from == T(1) && rows[0].to == T(2));
	assert_int_equal(store_gap_seen(f->store, rows[0].id, "alice", T(20), &f->err), 0);
	assert_string_equal(gaps(f, 1)[0].source, "#acme");
}

static void a_gap_told_again_is_the_same_one(void **state)
{
	struct fixture *f = *state;
	add(f, "#acme", T(5), T(9));
	int64_t last = store_change_last(f->store, &f->err);
	add(f, "#acme", T(5), T(9));
	assert_true(store_change_last(f->store, &f->err) == last);
	gaps(f, 1);
}

static void a_gap_that_grew_is_to_be_noted_again(void **state)
{
	struct fixture *f = *state;
	add(f, "#acme", T(5), T(9));
	assert_int_equal(store_gap_seen(f->store, gaps(f, 1)[0].id, "alice", T(20), &f->err), 0);
	add(f, "#acme", T(5), T(9));
	gaps(f, 0);
	add(f, "#acme", T(5), T(11));
	assert_true(gaps(f, 1)[0].to == T(11));
}

static void a_gap_without_a_beginning_begins_when_the_server_was_last_heard(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_account_heard(f->store, f->account, T(3), &f->err), 0);
	add(f, "mentions", 0, T(8));
	assert_true(gaps(f, 1)[0].from == T(3));
	add(f, "#acme", 0, T(2)); /* heard since: nothing is missing */
	gaps(f, 1);
}

static void who_comes_second_is_told_who_noted_it(void **state)
{
	struct fixture *f = *state;
	add(f, "#acme", T(5), T(9));
	int64_t id = gaps(f, 1)[0].id;
	assert_int_equal(store_gap_seen(f->store, id, "bob", T(20), &f->err), 0);
	assert_int_equal(store_gap_seen(f->store, id, "alice", T(21), &f->err), -ERR_STATE);
	assert_string_equal(f->err.text, "bob has taken note of it already");
	f->err = (struct err)ERR_INIT;
	assert_int_equal(store_gap_seen(f->store, id + 1, "alice", T(21), &f->err), -ERR_NOT_FOUND);
}

static void the_report_keeps_it_with_who_noted_it(void **state)
{
	struct fixture *f = *state;
	struct report report;
	add(f, "#acme", T(5), T(9));
	assert_int_equal(store_gap_seen(f->store, gaps(f, 1)[0].id, "bob", T(20), &f->err), 0);
	assert_int_equal(store_report(f->store, T(-1), &f->arena, &report, &f->err), 0);
	assert_int_equal(report.gap_count, 1);
	assert_string_equal(report.gaps[0].seen_by, "bob");
	assert_int_equal(store_report(f->store, T(1), &f->arena, &report, &f->err), 0);
	assert_int_equal(report.gap_count, 0);
}

#define GAP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        GAP(a_gap_stands_until_somebody_has_noted_it),
	        GAP(a_gap_told_again_is_the_same_one),
	        GAP(a_gap_that_grew_is_to_be_noted_again),
	        GAP(a_gap_without_a_beginning_begins_when_the_server_was_last_heard),
	        GAP(who_comes_second_is_told_who_noted_it),
	        GAP(the_report_keeps_it_with_who_noted_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
