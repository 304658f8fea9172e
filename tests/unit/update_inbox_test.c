#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static int screen_row(const struct driver *d)
{
	return state_selected_index(d->state) - d->state->inbox.top;
}

static void the_first_row_is_selected_and_its_thread_loaded(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	assert_int_equal(d->state->inbox.count, 12);
	assert_int_equal(d->state->inbox.selected, 1);
	assert_non_null(state_view(d->state));
	assert_int_equal(state_view(d->state)->kase.id, 1);
	driver_free(d);
}

static void index_of_first(const struct driver *d, enum effect_kind kind, size_t *at)
{
	for (*at = 0; *at < d->fx.list.len && d->fx.list.at[*at].kind != kind; ++*at)
		;
	assert_true(*at < d->fx.list.len);
}

static void the_list_and_its_thread_are_asked_for_before_what_is_only_counted(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	size_t rows, kase, counts, numbers, accounts;
	index_of_first(d, FX_ROWS, &rows);
	index_of_first(d, FX_CASE, &kase);
	index_of_first(d, FX_COUNTS, &counts);
	index_of_first(d, FX_NUMBERS, &numbers);
	index_of_first(d, FX_ACCOUNTS, &accounts);
	assert_true(rows < kase && kase < counts && kase < numbers && kase < accounts);
	driver_free(d);
}

static void a_list_that_cannot_be_read_keeps_nothing_else_from_being_asked(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	err_set(&d->refuse[FX_ROWS], ERR_IO, "the disk is gone");
	driver_forget(d);
	driver_keys(d, "gd");
	assert_int_equal(driver_count(d, FX_ROWS), 1);
	driver_pass(d, 60000);
	assert_true(driver_count(d, FX_COUNTS) > 0);
	assert_true(driver_count(d, FX_NUMBERS) > 0);
	driver_free(d);
}

static void keys_move_the_selection_and_stop_at_the_ends(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "jj");
	assert_int_equal(d->state->inbox.selected, 3);
	driver_keys(d, "kkkk");
	assert_int_equal(d->state->inbox.selected, 1);
	driver_keys(d, "G");
	assert_int_equal(d->state->inbox.selected, 12);
	driver_keys(d, "gg");
	assert_int_equal(d->state->inbox.selected, 1);
	driver_free(d);
}

static void an_arrival_moves_neither_the_selection_nor_its_row_on_screen(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "jjj");
	int row = screen_row(d);
	driver_add_case(d, 50, "a late one")->kase.rank = 1;
	driver_changed(d, 50);
	assert_int_equal(d->state->inbox.count, 13);
	assert_int_equal(d->state->inbox.selected, 4);
	assert_int_equal(screen_row(d), row);
	driver_free(d);
}

static void a_list_that_is_still_filling_begins_at_its_top_until_a_key_is_pressed(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_add_case(d, 50, "came with the back-fill")->kase.rank = 1;
	driver_changed(d, 50);
	assert_int_equal(d->state->inbox.selected, 50);
	driver_pass(d, 300);
	driver_add_case(d, 51, "came later")->kase.rank = 0;
	driver_changed(d, 51);
	assert_int_equal(d->state->inbox.selected, 50);
	driver_free(d);
}

static void a_case_that_another_agent_closed_stays_while_it_is_selected(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "jj");
	driver_case(d, 3)->kase.status = STATUS_DONE;
	driver_changed(d, 3);
	assert_int_equal(d->state->inbox.selected, 3);
	assert_int_equal(d->state->inbox.ghost, 3);
	assert_int_equal(state_selected_index(d->state), 2);
	driver_keys(d, "j");
	assert_int_equal(d->state->inbox.selected, 4);
	assert_int_equal(d->state->inbox.ghost, 0);
	assert_int_equal(d->state->inbox.count, 11);
	driver_free(d);
}

static void a_long_list_is_held_in_a_window(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	for (int i = 13; i <= 300; i++)
		driver_add_case(d, i, "more");
	driver_changed(d, 300);
	for (int i = 0; i < 150; i++)
		driver_keys(d, "j");
	assert_int_equal(d->state->inbox.selected, 151);
	assert_true(d->state->inbox.count <= 60);
	assert_true(d->state->inbox.more_before && d->state->inbox.more_after);
	driver_keys(d, "G");
	assert_int_equal(d->state->inbox.selected, 300);
	driver_keys(d, "gg");
	assert_int_equal(d->state->inbox.selected, 1);
	driver_free(d);
}

static void done_shows_at_once_and_goes_on_to_the_next(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 2)->kase.first_reply_at = 1;
	driver_changed(d, 2);
	d->deaf[FX_ACT] = true;
	driver_keys(d, "jd");
	assert_int_equal(driver_count(d, FX_ACT), 1);
	assert_int_equal(d->state->inbox.selected, 3);
	assert_int_equal(d->state->inbox.count, 11);
	assert_true(state_case_pending(d->state, 2));
	driver_changed(d, 5); /* the store has not done it yet: its rows still have the case */
	assert_int_equal(d->state->inbox.count, 11);
	assert_int_equal(d->state->inbox.selected, 3);
	driver_free(d);
}

static void what_the_store_refuses_comes_back_with_words(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 1)->kase.first_reply_at = 1;
	driver_changed(d, 1);
	err_set(&d->refuse[FX_ACT], ERR_STATE, "bob was faster");
	driver_keys(d, "d");
	assert_int_equal(d->state->inbox.count, 12);
	assert_false(state_case_pending(d->state, 1));
	assert_non_null(strstr(d->state->message.text, "bob was faster"));
	assert_true(d->state->message.error);
	driver_free(d);
}

static void done_without_an_answer_asks_why_by_letter(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "d");
	assert_int_equal(state_mode(d->state), MODE_PICKER);
	assert_int_equal(driver_count(d, FX_ACT), 0);
	driver_keys(d, "p");
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "praise");
	assert_int_equal(d->state->inbox.selected, 2);
	driver_free(d);
}

static void a_claim_stays_on_the_case(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "c");
	assert_int_equal(d->state->inbox.selected, 1);
	assert_string_equal(state_selected(d->state)->assignee, "alice");
	driver_free(d);
}

static void space_goes_to_the_case_that_needs_an_answer(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "<Space>");
	assert_int_equal(d->state->inbox.selected, 2);
	driver_free(d);
}

static void keys_after_space_are_meant_for_the_case_it_leads_to(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 1)->kase.first_reply_at = driver_case(d, 2)->kase.first_reply_at = 1;
	driver_changed(d, 1);
	d->deaf[FX_NEXT] = true;
	driver_keys(d, "<Space>d");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	struct event next = {.kind = EV_NEXT, .request = driver_last(d, FX_NEXT)->request};
	next.next.kase = &driver_case(d, 2)->kase;
	driver_event(d, next);
	assert_int_equal(driver_last(d, FX_ACT)->action.case_id, 2);
	driver_free(d);
}

static void escape_gives_up_waiting(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	d->deaf[FX_NEXT] = true;
	driver_keys(d, "<Space>c<Esc>");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	driver_keys(d, "c");
	assert_int_equal(driver_last(d, FX_ACT)->action.case_id, 1);
	driver_free(d);
}

static void a_view_is_chosen_by_its_letter_and_its_number(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "gd");
	assert_int_equal(d->state->view, 2);
	assert_int_equal(d->state->inbox.count, 0);
	assert_true(d->state->inbox.loaded);
	driver_keys(d, "1");
	assert_int_equal(d->state->view, 0);
	assert_int_equal(d->state->inbox.count, 12);
	driver_free(d);
}

static void answers_to_the_view_before_are_dropped(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	d->deaf[FX_ROWS] = true;
	driver_keys(d, "gd");
	uint64_t old = driver_last(d, FX_ROWS)->request;
	driver_keys(d, "gi");
	struct event rows = {.kind = EV_ROWS, .request = old};
	rows.rows.rows = &driver_case(d, 7)->kase;
	rows.rows.count = 1;
	driver_event(d, rows);
	assert_int_equal(d->state->inbox.count, 0);
	assert_false(d->state->inbox.loaded);
	driver_free(d);
}

static void a_filter_narrows_the_view_and_back_opens_it(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "\\from:@c7<Enter>");
	assert_int_equal(d->state->inbox.count, 1);
	assert_int_equal(d->state->inbox.selected, 7);
	driver_keys(d, "<Esc>");
	assert_int_equal(d->state->inbox.count, 12);
	assert_int_equal(d->state->inbox.selected, 7);
	driver_free(d);
}

static void a_wrong_filter_says_so_and_stays_open(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "\\age:soon<Enter>");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	assert_true(d->state->message.error);
	driver_free(d);
}

static void search_goes_to_the_next_case_with_the_words(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "/number<Enter>");
	assert_int_equal(d->state->inbox.selected, 2);
	driver_keys(d, "n");
	assert_int_equal(d->state->inbox.selected, 3);
	driver_keys(d, "NNN");
	assert_int_equal(d->state->inbox.selected, 12);
	driver_free(d);
}

static void undo_selects_what_it_brought_back(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	d->deaf[FX_UNDO] = true;
	driver_keys(d, "gdu");
	struct event event = {.kind = EV_ACTED, .request = driver_last(d, FX_UNDO)->request};
	struct journal_entry entry = {.case_id = 4, .action = "done", .by = "alice", .text = ""};
	event.acted.kase = &driver_case(d, 4)->kase;
	event.acted.undone = &entry;
	driver_event(d, event);
	assert_int_equal(d->state->inbox.selected, 4);
	assert_int_equal(d->state->view, 0);
	assert_non_null(strstr(d->state->message.text, "taken back: done"));
	driver_free(d);
}

static void an_empty_list_is_no_trouble_for_any_key(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "gd");
	driver_keys(d, "jkGggdDctTrR;iezZLXM!p.u/x<Enter>nNyyytwP<Enter>l]h<Tab>q<Esc>");
	assert_int_equal(d->state->inbox.selected, 0);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_free(d);
}

static void a_selected_case_that_is_gone_leaves_the_list_usable(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "j");
	driver_case(d, 2)->kase.id = 999;
	driver_changed(d, 2);
	driver_keys(d, "jj");
	assert_true(d->state->inbox.selected > 2);
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_row_is_selected_and_its_thread_loaded),
	        cmocka_unit_test(the_list_and_its_thread_are_asked_for_before_what_is_only_counted),
	        cmocka_unit_test(a_list_that_cannot_be_read_keeps_nothing_else_from_being_asked),
	        cmocka_unit_test(keys_move_the_selection_and_stop_at_the_ends),
	        cmocka_unit_test(an_arrival_moves_neither_the_selection_nor_its_row_on_screen),
	        cmocka_unit_test(a_list_that_is_still_filling_begins_at_its_top_until_a_key_is_pressed),
	        cmocka_unit_test(a_case_that_another_agent_closed_stays_while_it_is_selected),
	        cmocka_unit_test(a_long_list_is_held_in_a_window),
	        cmocka_unit_test(done_shows_at_once_and_goes_on_to_the_next),
	        cmocka_unit_test(what_the_store_refuses_comes_back_with_words),
	        cmocka_unit_test(done_without_an_answer_asks_why_by_letter),
	        cmocka_unit_test(a_claim_stays_on_the_case),
	        cmocka_unit_test(space_goes_to_the_case_that_needs_an_answer),
	        cmocka_unit_test(keys_after_space_are_meant_for_the_case_it_leads_to),
	        cmocka_unit_test(escape_gives_up_waiting),
	        cmocka_unit_test(a_view_is_chosen_by_its_letter_and_its_number),
	        cmocka_unit_test(answers_to_the_view_before_are_dropped),
	        cmocka_unit_test(a_filter_narrows_the_view_and_back_opens_it),
	        cmocka_unit_test(a_wrong_filter_says_so_and_stays_open),
	        cmocka_unit_test(search_goes_to_the_next_case_with_the_words),
	        cmocka_unit_test(undo_selects_what_it_brought_back),
	        cmocka_unit_test(an_empty_list_is_no_trouble_for_any_key),
	        cmocka_unit_test(a_selected_case_that_is_gone_leaves_the_list_usable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
