/* Customers who are one person: joined, parted, taken back, and forgotten one at a time. */
#include "core/base/str.h"
#include "core/store/erase.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The same handle on three networks, cases 1, 2 and 3 of customers 1, 2 and 3. */
static void stock(struct fixture *f)
{
	static const char *const handles[] = {"@kim@mas.example", "@kim.bsky.example", "@kimono"};
	for (int i = 0; i < 3; i++) {
		char id[8] = {(char)('1' + i), '\0'};
		struct incoming item = post_in(handles[i], id, "", NOON + i, "where is it");
		item.customer.remote_key = handles[i];
		take_one(f, item);
	}
}

static int try_act(struct fixture *f, enum action_kind kind, int64_t case_id, const char *arg)
{
	struct action action = {.kind = kind, .case_id = case_id, .agent = "alice", .arg = arg, .text = ""};
	struct action_result result;
	err_clear(&f->err);
	return store_act(f->store, &action, NOON + MINUTE, &f->arena, &result, &f->err);
}

/* Who else the customer of the case is, and how many cases stand in the panel: "2 3, 3". */
static const char *person_of(struct fixture *f, int64_t case_id)
{
	const struct case_view *view = get_view(f, case_id);
	const struct past_case *cases;
	int count;
	struct str out = STR_INIT;
	for (int i = 0; i < view->joined_count; i++)
		str_addf(&out, "%s%lld", i ? " " : "", (long long)view->joined[i].id);
	assert_int_equal(store_customer_cases(f->store, view->customer.id, 100, &f->arena, &cases, &count, &f->err), 0);
	str_addf(&out, ", %d", count);
	const char *kept = arena_strdup(&f->arena, out.p);
	str_release(&out);
	return kept;
}

static void undo(struct fixture *f, int64_t case_id)
{
	assert_int_equal(try_act(f, ACTION_UNDO, case_id, ""), 0);
}

static void the_panel_and_the_history_follow_a_join(void **state)
{
	struct fixture *f = *state;
	stock(f);
	assert_string_equal(person_of(f, 1), ", 1");
	act(f, ACTION_JOIN, 1, "alice", "@kim.bsky.example");
	assert_string_equal(person_of(f, 1), "2, 2");
	assert_string_equal(person_of(f, 2), "1, 2");
	assert_int_equal(get_view(f, 2)->earlier_cases, 1);
	act(f, ACTION_JOIN, 2, "alice", "3");
	assert_string_equal(person_of(f, 3), "1 2, 3");
	assert_int_equal(get_view(f, 3)->earlier_cases, 2);
}

static void a_join_is_in_the_journal_by_handle_and_is_taken_back(void **state)
{
	struct fixture *f = *state;
	stock(f);
	act(f, ACTION_JOIN, 1, "alice", "kim.bsky.example");
	const struct case_view *view = get_view(f, 1);
	const struct journal_entry *entry = view->items[view->item_count - 1].entry;
	assert_string_equal(entry->action, "join");
	assert_string_equal(entry->text, "@kim.bsky.example (mastodon)");
	undo(f, 1);
	assert_string_equal(person_of(f, 1), ", 1");
	act(f, ACTION_JOIN, 1, "alice", "2");
	act(f, ACTION_PART, 2, "alice", "1");
	assert_string_equal(person_of(f, 1), ", 1");
	undo(f, 2);
	assert_string_equal(person_of(f, 1), "2, 2");
}

static void what_does_not_fit_is_said_in_words(void **state)
{
	struct fixture *f = *state;
	stock(f);
	assert_int_equal(try_act(f, ACTION_JOIN, 1, "1"), -ERR_STATE);
	assert_string_equal(f->err.text, "that is this customer");
	assert_int_equal(try_act(f, ACTION_JOIN, 1, "@nobody"), -ERR_NOT_FOUND);
	assert_string_equal(f->err.text, "there is no customer @nobody");
	assert_int_equal(try_act(f, ACTION_PART, 1, "2"), -ERR_STATE);
	assert_string_equal(f->err.text, "@kim@mas.example and @kim.bsky.example are not joined");
	act(f, ACTION_JOIN, 1, "alice", "2");
	act(f, ACTION_JOIN, 2, "alice", "3");
	assert_int_equal(try_act(f, ACTION_JOIN, 1, "3"), -ERR_STATE);
	assert_string_equal(f->err.text, "@kim@mas.example and @kimono are joined already");
	assert_int_equal(try_act(f, ACTION_PART, 1, "3"), -ERR_STATE);
	assert_string_equal(
	        f->err.text, "@kim@mas.example is joined with @kimono by way of another: part it from that one");
}

static void who_says_the_same_as_far_as_the_first_dot_is_offered(void **state)
{
	struct fixture *f = *state;
	const char *const *words;
	int count;
	stock(f);
	assert_int_equal(store_customers_alike(f->store, 1, &f->arena, &words, &count, &f->err), 0);
	assert_int_equal(count, 1);
	assert_true(str_starts(words[0], "#2 @kim.bsky.example  mastodon"));
	act(f, ACTION_JOIN, 1, "alice", "2");
	assert_int_equal(store_customers_alike(f->store, 1, &f->arena, &words, &count, &f->err), 0);
	assert_int_equal(count, 0);
}

static void desks_that_show_either_are_told(void **state)
{
	struct fixture *f = *state;
	struct change_row rows[16];
	stock(f);
	int64_t seq = store_change_last(f->store, &f->err);
	act(f, ACTION_JOIN, 1, "alice", "2");
	int count = store_changes(f->store, &seq, rows, 16, &f->err);
	bool told[4] = {false};
	for (int i = 0; i < count; i++)
		if (rows[i].kind == CHANGE_CASE)
			told[rows[i].id] = true;
	assert_true(told[1] && told[2] && !told[3]);
}

static void those_whom_a_forgotten_one_had_joined_stay_one_person(void **state)
{
	struct fixture *f = *state;
	struct forgotten count;
	stock(f);
	act(f, ACTION_JOIN, 1, "alice", "2");
	act(f, ACTION_JOIN, 2, "alice", "3");
	if (store_forget(f->store, 2, "alice", NOON + MINUTE, &count, &f->err))
		fail_msg("%s", f->err.text);
	assert_string_equal(person_of(f, 1), "3, 2");
	assert_string_equal(person_of(f, 2), ", 1");
	const struct case_view *view = get_view(f, 1);
	for (int i = 0; i < view->item_count; i++)
		if (view->items[i].entry)
			assert_null(strstr(view->items[i].entry->text, "kim.bsky"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
	        TEST(the_panel_and_the_history_follow_a_join),
	        TEST(a_join_is_in_the_journal_by_handle_and_is_taken_back),
	        TEST(what_does_not_fit_is_said_in_words),
	        TEST(who_says_the_same_as_far_as_the_first_dot_is_offered),
	        TEST(desks_that_show_either_are_told),
	        TEST(those_whom_a_forgotten_one_had_joined_stay_one_person),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
