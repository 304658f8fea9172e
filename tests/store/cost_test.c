/* What the lists of a desk cost, in steps of SQLite's machine: the same on every machine, and in a store of any size.
 */
#include "core/store/internal.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { FEW = 500, MANY = 4000, BATCH = 100, PAGE = 20 };

/* The views that come with the desk, and what is counted in their tabs. */
static const char *const views[] = {
        "is:needs-reply", "assignee:me is:unresolved", "is:escalated", "is:snoozed", "is:done", "is:unresolved", ""};
enum { VIEWS = sizeof views / sizeof *views };

/* Customers with a case each, from the first number on; every view of the above has some, and grows with them. */
static void take_cases(struct fixture *f, int first, int count)
{
	struct incoming items[BATCH];
	for (int at = 0; at < count; at += BATCH) {
		for (int i = 0; i < BATCH; i++) {
			int n = first + at + i;
			char *author = arena_printf(&f->arena, "@c%d", n), *id = arena_printf(&f->arena, "%d", n);
			items[i] = post_in(author, id, "", NOON + n, "where is my parcel");
		}
		assert_int_equal(take(f, items, BATCH), BATCH);
	}
	struct action_result done;
	for (int64_t id = first + 1; id <= first + count; id++) {
		struct action action = {.case_id = id, .agent = "alice", .arg = "", .text = ""};
		switch (id % 5) {
		case 0: action.kind = ACTION_CLAIM; break;
		case 1:
			action.kind = ACTION_ESCALATE;
			action.arg = "billing";
			break;
		case 2:
			action.kind = ACTION_SNOOZE;
			action.until = NOON + 600 * MINUTE;
			break;
		case 3: action.kind = ACTION_DONE; break;
		default: continue;
		}
		assert_int_equal(store_act(f->store, &action, NOON + MINUTE + id, &f->arena, &done, &f->err), 0);
		arena_reset(&f->arena);
	}
}

/* Reads a page and returns the steps it took; *key becomes the place behind it. */
static int64_t page_cost(struct fixture *f, const char *view, struct page_key *key, bool from_key)
{
	const struct query *query;
	const struct kase *rows;
	int count;
	size_t at;
	bool more;
	assert_int_equal(query_parse(view, "alice", &f->arena, &query, &at, &f->err), 0);
	int64_t before = db_steps(f->store->db);
	assert_int_equal(store_cases(f->store, query, "alice", from_key ? key : NULL, false, PAGE, &f->arena, &rows,
	                         &count, &more, &f->err),
	        0);
	int64_t steps = db_steps(f->store->db) - before;
	if (count)
		*key = (struct page_key){rows[count - 1].rank, rows[count - 1].id};
	assert_int_equal(count, PAGE);
	arena_reset(&f->arena);
	return steps;
}

static int64_t first_page_cost(struct fixture *f, const char *view)
{
	struct page_key key;
	page_cost(f, view, &key, false); /* prepares */
	return page_cost(f, view, &key, false);
}

/* Two costs are the same when what differs is what one case has and another has not. */
static void expect_no_more(const char *view, int64_t is, int64_t was)
{
	assert_true(was > 0);
	if (is > was + was / 4)
		fail_msg("\"%s\": %lld steps instead of %lld", view, (long long)is, (long long)was);
}

static void a_page_costs_the_same_in_a_larger_store(void **state)
{
	struct fixture *f = *state;
	int64_t few[VIEWS];
	take_cases(f, 0, FEW);
	for (int i = 0; i < VIEWS; i++)
		few[i] = first_page_cost(f, views[i]);
	take_cases(f, FEW, MANY - FEW);
	for (int i = 0; i < VIEWS; i++)
		expect_no_more(views[i], first_page_cost(f, views[i]), few[i]);
}

static void a_page_deep_in_a_list_costs_what_the_first_one_does(void **state)
{
	struct fixture *f = *state;
	take_cases(f, 0, MANY);
	for (int i = 0; i < VIEWS; i++) {
		struct page_key key;
		int64_t first = first_page_cost(f, views[i]), deep = 0;
		page_cost(f, views[i], &key, false);
		for (int page = 0; page < MANY / 5 / PAGE - 2; page++)
			deep = page_cost(f, views[i], &key, true);
		expect_no_more(views[i], deep, first);
	}
}

/* --- counting */

/* A row of the table is a page of its own, or nearly; an index has more than a hundred rows a page. */
static void what_is_counted_is_counted_in_an_index_alone(void **state)
{
	struct fixture *f = *state;
	take_cases(f, 0, MANY);
	for (int i = 0; i < VIEWS; i++) {
		count_of(f, views[i]); /* prepares */
		int64_t before = db_pages_looked_at(f->store->db), count = count_of(f, views[i]);
		int64_t pages = db_pages_looked_at(f->store->db) - before;
		assert_true(count >= MANY / 5);
		if (pages > 20 + count / 20)
			fail_msg(
			        "\"%s\": %lld pages to count %lld cases", views[i], (long long)pages, (long long)count);
	}
}

/* A queue that nobody works through does not make the desk slow: COUNTED_MAX is where counting ends. */
static void counting_ends_where_nobody_looks_any_more(void **state)
{
	struct fixture *f = *state;
	struct queue_numbers numbers;
	enum { MOST_STEPS = 10 * COUNTED_MAX };
	for (int at = 0; at < 2 * COUNTED_MAX; at += BATCH) {
		struct incoming items[BATCH];
		for (int i = 0; i < BATCH; i++) {
			char *author = arena_printf(&f->arena, "@c%d", at + i);
			char *id = arena_printf(&f->arena, "%d", at + i);
			items[i] = post_in(author, id, "", NOON + at + i, "?");
		}
		assert_int_equal(take(f, items, BATCH), BATCH);
		arena_reset(&f->arena);
	}
	int64_t before = db_steps(f->store->db);
	assert_int_equal(count_of(f, "is:needs-reply"), COUNTED_MAX + 1);
	assert_true(db_steps(f->store->db) - before < MOST_STEPS);
	before = db_steps(f->store->db);
	assert_int_equal(store_queue_numbers(f->store, NOON, NOON - MINUTE, &numbers, &f->err), 0);
	assert_int_equal(numbers.needing, COUNTED_MAX + 1);
	assert_true(db_steps(f->store->db) - before < MOST_STEPS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_page_costs_the_same_in_a_larger_store),
	        TEST(a_page_deep_in_a_list_costs_what_the_first_one_does),
	        TEST(what_is_counted_is_counted_in_an_index_alone),
	        TEST(counting_ends_where_nobody_looks_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
