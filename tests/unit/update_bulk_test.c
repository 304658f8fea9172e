/* One action on many cases: marked, asked for, confirmed, taken back at once. */
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int marked(const struct driver *d)
{
	return state_marked_count(d->state);
}

static void a_case_is_marked_and_unmarked_by_the_same_key(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "xjjx");
	assert_int_equal(marked(d), 2);
	assert_true(state_marked(d->state, 1) && state_marked(d->state, 3));
	assert_false(state_marked(d->state, 2));
	driver_keys(d, "x");
	assert_int_equal(marked(d), 1);
	driver_keys(d, "<Esc>");
	assert_int_equal(marked(d), 0);
	driver_free(d);
}

static void a_range_goes_from_where_it_was_begun_to_the_selection(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "jvjjj");
	assert_int_equal(marked(d), 4);
	driver_keys(d, "kk");
	assert_int_equal(marked(d), 2);
	driver_keys(d, "vjjjj");
	assert_int_equal(marked(d), 2);
	driver_keys(d, "x");
	assert_int_equal(marked(d), 3);
	driver_free(d);
}

static void a_range_whose_first_row_goes_out_of_reach_is_kept(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	for (int i = 13; i <= 200; i++)
		driver_add_case(d, i, "one more");
	driver_changed(d, 13);
	driver_keys(d, "v");
	for (int i = 0; i < 90; i++)
		driver_keys(d, "j");
	assert_true(state_marked(d->state, 1));
	assert_true(marked(d) > 20);
	driver_free(d);
}

static void all_that_is_loaded_is_marked_and_once_more_nothing(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "*");
	assert_int_equal(marked(d), 12);
	driver_keys(d, "*");
	assert_int_equal(marked(d), 0);
	driver_free(d);
}

static void an_action_takes_a_second_stroke_and_goes_to_the_store_as_one(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "xjxc");
	assert_int_equal(driver_count(d, FX_ACT) + driver_count(d, FX_ACT_MANY), 0);
	assert_int_equal(state_mode(d->state), MODE_CONFIRM);
	assert_non_null(strstr(d->state->confirm.text, "2 cases: claimed? c again"));
	driver_keys(d, "c");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	const struct effect *many = driver_last(d, FX_ACT_MANY);
	assert_int_equal(many->many.count, 2);
	assert_int_equal(many->many.actions[0].kind, ACTION_CLAIM);
	assert_string_equal(driver_case(d, 1)->kase.assignee, "alice");
	assert_string_equal(driver_case(d, 2)->kase.assignee, "alice");
	assert_int_equal(marked(d), 0);
	assert_int_equal(d->state->pending.len, 0);
	driver_free(d);
}

static void any_other_key_leaves_it_and_the_marks_stay(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "xjxcj");
	assert_int_equal(driver_count(d, FX_ACT_MANY), 0);
	assert_int_equal(marked(d), 2);
	driver_burst(d, "cc");
	assert_int_equal(driver_count(d, FX_ACT_MANY), 0);
	driver_free(d);
}

static void what_asks_for_words_asks_once_and_then_for_the_second_stroke(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "xjxt");
	driver_type(d, "refund");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_CONFIRM);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_case(d, 1)->kase.tag_count, 1);
	assert_int_equal(driver_case(d, 2)->kase.tag_count, 1);
	driver_keys(d, "*dpd");
	assert_int_equal(driver_count(d, FX_ACT_MANY), 1);
	driver_keys(d, "<Esc>dpp");
	assert_int_equal(driver_case(d, 12)->kase.status, STATUS_DONE);
	assert_string_equal(driver_case(d, 12)->kase.done_reason, "praise");
	driver_free(d);
}

static void every_bulk_action_works_in_inbox_and_thread(void **state)
{
	(void)state;
	static const char *const keys[] = {"cc",
	        "C"
	        "C",
	        "-"
	        "-",
	        "z1"
	        "1",
	        "Z"
	        "Z",
	        "T"
	        "T",
	        "ph"
	        "h",
	        "!"
	        "!",
	        "M"
	        "M",
	        "X"
	        "X",
	        "."
	        "."};
	for (int thread = 0; thread < 2; thread++)
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
			struct driver *d = driver_new();
			driver_keys(d, "trefund<Enter>z4");
			for (int n = 0; n < 2; n++) {
				struct kase *kase = &driver_case(d, 1 + n)->kase;
				kase->assignee = "alice";
				kase->status = STATUS_OPEN;
				driver_changed(d, 1 + n);
			}
			driver_keys(d, thread ? "*l" : "*");
			driver_forget(d);
			driver_keys(d, keys[i]);
			if (driver_count(d, FX_ACT_MANY) != 1 || driver_count(d, FX_ACT) != 0)
				fail_msg("%s: %s", keys[i], d->state->message.text);
			driver_free(d);
		}
}

static void what_the_public_sees_is_refused_with_words(void **state)
{
	(void)state;
	static const char *const keys[] = {"r", "R", "L", "e", "i", "W", ";"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct driver *d = driver_new();
		driver_keys(d, "xjx");
		driver_keys(d, keys[i]);
		assert_non_null(strstr(d->state->message.text, "is for one case, and 2 are marked"));
		assert_int_equal(state_mode(d->state), MODE_INBOX);
		assert_false(d->state->composer.open);
		driver_free(d);
	}
}

static void over_twenty_the_number_is_typed(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	for (int i = 13; i <= 30; i++)
		driver_add_case(d, i, "one more");
	driver_changed(d, 13);
	driver_keys(d, "jjjjjjjjjjjjjjj");
	driver_keys(d, "*c");
	int count = marked(d);
	assert_true(count > 20);
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_type(d, "7");
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_ACT_MANY), 0);
	assert_int_equal(marked(d), count);
	driver_keys(d, "c");
	char number[16];
	snprintf(number, sizeof number, "%d", count);
	driver_type(d, number);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_last(d, FX_ACT_MANY)->many.count, count);
	driver_free(d);
}

static void what_did_not_fit_is_told_with_its_reason(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 2)->kase.assignee = "bob";
	driver_changed(d, 2);
	driver_keys(d, "xjxjxcc");
	assert_non_null(strstr(d->state->message.text, "2 of 3 cases claimed; #2 not: "));
	assert_true(d->state->message.error);
	driver_free(d);
}

static void while_the_store_is_silent_all_of_them_are_pending(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	d->deaf[FX_ACT_MANY] = true;
	driver_keys(d, "xjxcc");
	assert_true(state_case_pending(d->state, 1) && state_case_pending(d->state, 2));
	assert_string_equal(d->state->inbox.rows[0].assignee, "alice");
	struct err err = {ERR_IO, "the disk is full"};
	struct event event = {.kind = EV_ACTED, .request = driver_last(d, FX_ACT_MANY)->request, .err = &err};
	driver_event(d, event);
	assert_false(state_case_pending(d->state, 1) || state_case_pending(d->state, 2));
	assert_non_null(strstr(d->state->message.text, "the disk is full"));
	assert_string_equal(d->state->inbox.rows[0].assignee, "");
	driver_free(d);
}

static void another_view_takes_the_marks_off(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "*gm");
	assert_int_equal(marked(d), 0);
	driver_free(d);
}

static void an_undo_of_many_says_what_it_could_not_take_back(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	d->deaf[FX_UNDO] = true;
	driver_keys(d, "u");
	struct journal_entry entry = {.case_id = 3, .action = "tag", .batch = 4};
	struct event event = {.kind = EV_ACTED, .request = driver_last(d, FX_UNDO)->request};
	event.acted.undone = &entry;
	event.acted.done = 6;
	event.acted.refused = 2;
	event.acted.why = "tag refund was removed since";
	event.acted.why_case = 9;
	driver_event(d, event);
	assert_string_equal(d->state->message.text,
	        "6 of 8 cases taken back: tagged; #9 not: tag refund was removed since (and 1 more)");
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_case_is_marked_and_unmarked_by_the_same_key),
	        cmocka_unit_test(a_range_goes_from_where_it_was_begun_to_the_selection),
	        cmocka_unit_test(a_range_whose_first_row_goes_out_of_reach_is_kept),
	        cmocka_unit_test(all_that_is_loaded_is_marked_and_once_more_nothing),
	        cmocka_unit_test(an_action_takes_a_second_stroke_and_goes_to_the_store_as_one),
	        cmocka_unit_test(any_other_key_leaves_it_and_the_marks_stay),
	        cmocka_unit_test(what_asks_for_words_asks_once_and_then_for_the_second_stroke),
	        cmocka_unit_test(every_bulk_action_works_in_inbox_and_thread),
	        cmocka_unit_test(what_the_public_sees_is_refused_with_words),
	        cmocka_unit_test(over_twenty_the_number_is_typed),
	        cmocka_unit_test(what_did_not_fit_is_told_with_its_reason),
	        cmocka_unit_test(while_the_store_is_silent_all_of_them_are_pending),
	        cmocka_unit_test(another_view_takes_the_marks_off),
	        cmocka_unit_test(an_undo_of_many_says_what_it_could_not_take_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
