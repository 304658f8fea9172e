#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct driver *d;

static int setup(void **state)
{
	(void)state;
	d = driver_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	driver_free(d);
	return 0;
}

static const struct draft *stored(int64_t id)
{
	const struct draft *draft = &driver_case(d, id)->drafts[DRAFT_REPLY];
	return draft->revision ? draft : NULL;
}

static const char *text(void)
{
	return d->state->composer.compose.text.p;
}

static void what_is_typed_is_stored_within_300_ms_and_not_more_often(void **state)
{
	(void)state;
	driver_keys(d, "r");
	for (int i = 0; i < 10; i++) {
		driver_type(d, "x");
		driver_pass(d, 30);
	}
	assert_int_equal(driver_count(d, FX_DRAFT_SAVE), 1);
	driver_pass(d, 300);
	assert_int_equal(driver_count(d, FX_DRAFT_SAVE), 1); /* nothing new */
	driver_type(d, "y");
	driver_pass(d, 300);
	assert_int_equal(driver_count(d, FX_DRAFT_SAVE), 2);
	assert_string_equal(stored(1)->text, "xxxxxxxxxxy");
}

static void leaving_the_composer_keeps_the_draft_and_coming_back_has_it(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "half a sent");
	driver_keys(d, "<Esc>");
	assert_string_equal(stored(1)->text, "half a sent");
	driver_keys(d, "jkr");
	assert_string_equal(text(), "half a sent");
	driver_type(d, "ence");
	driver_keys(d, "<Esc>");
	assert_string_equal(stored(1)->text, "half a sentence");
	assert_true(state_draft_at(d->state, state_selected(d->state)) > 0);
}

static void an_emptied_draft_is_deleted(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "no");
	driver_keys(d, "<Esc>r^U<Esc>");
	assert_int_equal(driver_count(d, FX_DRAFT_DELETE), 1);
	assert_null(stored(1));
}

static void opening_and_leaving_stores_nothing(void **state)
{
	(void)state;
	driver_keys(d, "r<Esc>");
	assert_int_equal(driver_count(d, FX_DRAFT_SAVE) + driver_count(d, FX_PRESENCE), 0);
}

static void the_first_character_claims_and_typing_renews_once_a_minute(void **state)
{
	(void)state;
	driver_keys(d, "r");
	assert_int_equal(driver_count(d, FX_PRESENCE), 0);
	driver_type(d, "ab");
	assert_int_equal(driver_count(d, FX_PRESENCE), 1);
	assert_int_equal(driver_last(d, FX_PRESENCE)->presence.case_id, 1);
	driver_pass(d, 59000);
	driver_type(d, "c");
	assert_int_equal(driver_count(d, FX_PRESENCE), 1);
	driver_pass(d, 1000);
	driver_type(d, "d");
	assert_int_equal(driver_count(d, FX_PRESENCE), 2);
	driver_keys(d, "<Esc>");
	assert_int_equal(driver_last(d, FX_PRESENCE)->presence.for_ms, 0);
}

static void a_note_claims_nothing(void **state)
{
	(void)state;
	driver_keys(d, "i");
	driver_type(d, "ask");
	assert_int_equal(driver_count(d, FX_PRESENCE), 0);
}

static void a_full_disk_loses_no_text(void **state)
{
	(void)state;
	err_set(&d->refuse[FX_DRAFT_SAVE], ERR_IO, "disk full");
	driver_keys(d, "r");
	driver_type(d, "precious");
	driver_keys(d, "<Esc>");
	assert_true(state_draft_unsafe(d->state));
	assert_non_null(strstr(d->state->message.text, "it is kept here"));
	driver_keys(d, "jkr");
	assert_string_equal(text(), "precious");
	driver_keys(d, "<Esc>");
	err_clear(&d->refuse[FX_DRAFT_SAVE]);
	driver_pass(d, 6000);
	assert_false(state_draft_unsafe(d->state));
	assert_string_equal(stored(1)->text, "precious");
}

static void two_desks_of_one_agent_lose_neither_text(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "mine");
	driver_pass(d, 300);
	driver_case(d, 1)->drafts[DRAFT_REPLY].text = "theirs";
	driver_case(d, 1)->drafts[DRAFT_REPLY].revision = 7;
	driver_type(d, "!");
	driver_pass(d, 1000);
	assert_non_null(strstr(text(), "mine!"));
	assert_non_null(strstr(text(), "theirs"));
	assert_non_null(strstr(stored(1)->text, "theirs"));
	struct objection objections[OBJECTIONS_MAX];
	assert_true(sendbar_objections(d->state, objections) > 0);
	assert_true(objections[0].refuses); /* never sent by accident */
}

static void the_other_desk_stores(const char *theirs)
{
	struct draft *draft = &driver_case(d, 1)->drafts[DRAFT_REPLY];
	draft->text = theirs;
	draft->revision++;
}

static void two_desks_that_both_type_on_do_not_pile_up_each_others_texts(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "mine");
	driver_pass(d, 300);
	the_other_desk_stores("theirs");
	driver_type(d, "!");
	driver_pass(d, 1000);
	for (int i = 0; i < 20; i++) {
		the_other_desk_stores(i % 2 ? "theirs, and on\n{your other desk?}\nmine"
		                            : "theirs, and on and on\n{your other desk?}\nmine!");
		driver_type(d, "!");
		driver_pass(d, 1000);
	}
	assert_true(strlen(text()) < 120);
	assert_non_null(strstr(text(), "theirs, and on and on"));
}

static void a_recalled_text_is_taken_up_by_the_composer_that_was_opened_too_soon(void **state)
{
	(void)state;
	driver_keys(d, "r");
	assert_string_equal(text(), "");
	driver_case(d, 1)->drafts[DRAFT_REPLY] = (struct draft){
	        .case_id = 1, .text = "recalled", .revision = 1, .to_remote_id = "", .warning = "", .language = ""};
	driver_changed(d, 1);
	assert_string_equal(text(), "recalled");
}

static void a_text_that_comes_into_the_store_while_the_composer_is_open_is_not_typed_over(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_case(d, 1)->drafts[DRAFT_REPLY] = (struct draft){
	        .case_id = 1, .text = "recalled", .revision = 1, .to_remote_id = "", .warning = "", .language = ""};
	driver_changed(d, 1);
	driver_type(d, "fresh");
	driver_pass(d, 1000);
	assert_non_null(strstr(text(), "fresh"));
	assert_non_null(strstr(text(), "recalled"));
}

static void a_conflict_that_is_told_after_the_reply_was_sent_is_a_draft_again(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "mine");
	driver_pass(d, 300);
	the_other_desk_stores("theirs");
	d->deaf[FX_DRAFT_SAVE] = true;
	driver_type(d, "!");
	driver_keys(d, "^X");
	uint64_t request = driver_last(d, FX_DRAFT_SAVE)->request;
	d->deaf[FX_DRAFT_SAVE] = false;
	driver_painted(d);
	driver_pass(d, 500);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
	struct event event = {.kind = EV_DRAFT_SAVED, .request = request};
	event.saved.case_id = 1;
	event.saved.revision = 9;
	event.saved.conflict = "theirs";
	driver_event(d, event);
	driver_pass(d, 1000);
	assert_string_equal(stored(1)->text, "theirs");
}

static void a_note_that_could_not_be_stored_stands_beside_what_was_written_since(void **state)
{
	(void)state;
	driver_keys(d, "i");
	driver_type(d, "first");
	d->deaf[FX_ACT] = true;
	driver_keys(d, "^X");
	uint64_t request = driver_last(d, FX_ACT)->request;
	driver_keys(d, "i");
	driver_type(d, "second");
	struct err err = ERR_INIT;
	err_set(&err, ERR_IO, "disk full");
	driver_event(d, (struct event){.kind = EV_ACTED, .request = request, .err = &err});
	driver_type(d, "!");
	driver_pass(d, 1000);
	assert_non_null(strstr(text(), "second!"));
	assert_non_null(strstr(text(), "first"));
}

static void a_paste_is_text_never_keys(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_paste(d, "one\r\ntwo\x18\rqQ");
	assert_string_equal(text(), "one\ntwo\nqQ");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
}

static void arrivals_leave_the_composer_the_keyboard(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "dear");
	driver_case(d, 1)->kase.status = STATUS_DONE;
	driver_add_post(d, 1, 190, DIR_IN, "hello?");
	driver_changed(d, 1);
	driver_type(d, " sam");
	assert_string_equal(text(), "dear sam");
	assert_int_equal(d->state->composer.newer, 1);
	assert_int_equal(d->state->inbox.selected, 1);
}

static void a_canned_reply_is_expanded_in_place(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "Hi. ::thanks");
	assert_string_equal(text(), "Hi. @c1@mas.example, thank you! {note?}");
	driver_keys(d, "<Tab>");
	driver_type(d, "Bye");
	assert_string_equal(text(), "Hi. @c1@mas.example, thank you! Bye");
}

static void a_name_that_begins_another_waits_for_its_end(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "::sorry");
	assert_string_equal(text(), "::sorry");
	driver_type(d, " ::sorry2 ");
	assert_string_equal(text(), "We are sorry. We are very sorry. ");
	assert_int_equal(d->state->composer.compose.cursor, strlen(text()));
}

static void an_unknown_name_in_a_canned_reply_is_asked_for(void **state)
{
	(void)state;
	driver_keys(d, ";odd<Enter>");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_string_equal(text(), "Hi {nobody?}");
	driver_type(d, "Sam");
	assert_string_equal(text(), "Hi Sam");
}

static void the_editor_gives_the_text_back(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "short");
	driver_keys(d, "^O");
	assert_string_equal(driver_last(d, FX_EDITOR)->text, "short");
	struct event event = {.kind = EV_EDITED, .request = driver_last(d, FX_EDITOR)->request};
	event.edited.text = "much longer";
	event.edited.changed = true;
	driver_event(d, event);
	assert_string_equal(text(), "much longer");
	driver_pass(d, 1000);
	assert_string_equal(stored(1)->text, "much longer");
}

static void a_hang_up_stores_the_draft_and_ends(void **state)
{
	(void)state;
	driver_keys(d, "r");
	driver_type(d, "unfini");
	driver_event(d, (struct event){.kind = EV_SIGNAL});
	assert_string_equal(stored(1)->text, "unfini");
	assert_int_equal(driver_last(d, FX_QUIT)->kind, FX_QUIT);
	assert_true(d->state->leaving);
}

static void the_desk_comes_back_to_the_same_place_with_the_same_draft(void **state)
{
	(void)state;
	driver_keys(d, "5jjj<Tab>:layout rows<Enter>r");
	driver_type(d, "kept");
	driver_pass(d, 1500);
	char *saved = mem_strdup(driver_last(d, FX_SAVE_STATE)->text);
	struct draft draft = *stored(4);
	struct driver *first = d;
	struct desk_setup mine = driver_setup();
	struct driver *second = driver_new_with(&mine, saved);
	assert_int_equal(second->state->view, 4);
	assert_int_equal(second->state->layout, LAYOUT_ROWS);
	assert_int_equal(second->state->inbox.selected, 4);
	assert_false(second->state->composer.open); /* this store has no draft */
	driver_case(second, 4)->drafts[DRAFT_REPLY] = draft;
	state_free(second->state);
	mine.keymap = &second->keymap;
	second->state = state_new(&mine);
	state_restore(second->state, saved);
	driver_event(second, (struct event){.kind = EV_RESIZE, .size = {120, 30}});
	assert_true(second->state->composer.open);
	assert_string_equal(second->state->composer.compose.text.p, "kept");
	d = first;
	driver_free(second);
	free(saved);
}

static void what_was_saved_wrongly_is_left_out(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{", "[]",
	        "{\"view\":7,\"case\":-3,\"layout\":\"x\",\"composer\":\"x\"}",
	        "{\"view\":\"none\",\"filter\":\"age:soon\",\"case\":4711,\"pane\":\"sendbar\",\"composer\":\"note\"}"};
	struct desk_setup mine = driver_setup();
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct driver *other = driver_new_with(&mine, texts[i]);
		assert_int_equal(other->state->inbox.selected, 1);
		assert_int_equal(state_mode(other->state), MODE_INBOX);
		driver_free(other);
	}
}

static void one_line_says_what_became_of_the_replies(void **state)
{
	(void)state;
	static const struct reply replies[] = {
	        {.state = REPLY_HELD, .to_handle = "@leo"},
	        {.state = REPLY_STOPPED, .to_handle = "@x"},
	};
	struct event event = {.kind = EV_RESTART};
	event.restart.replies = replies;
	event.restart.count = 2;
	driver_event(d, event);
	assert_string_equal(d->state->message.text, "since you left: held @leo; not sent, text kept: @x");
}

static void a_reply_in_the_outbox_comes_back_as_text_and_needs_the_bar_again(void **state)
{
	(void)state;
	d->replies[d->reply_count++] = (struct reply){.id = 1,
	        .case_id = 1,
	        .state = REPLY_STOPPED,
	        .agent = "alice",
	        .to_handle = "@c1",
	        .text = "old text",
	        .error = "edited"};
	driver_changed(d, 1);
	driver_keys(d, "]r");
	assert_int_equal(driver_count(d, FX_WITHDRAW), 1);
	d->reply_count = 0;
	driver_case(d, 1)->drafts[DRAFT_REPLY] = (struct draft){.case_id = 1,
	        .kind = DRAFT_REPLY,
	        .text = "old text",
	        .revision = 1,
	        .to_remote_id = "",
	        .warning = "",
	        .language = ""};
	struct event event = {.kind = EV_WITHDRAWN, .request = driver_last(d, FX_WITHDRAW)->request};
	driver_event(d, event);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_string_equal(text(), "old text");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        TEST(what_is_typed_is_stored_within_300_ms_and_not_more_often),
	        TEST(leaving_the_composer_keeps_the_draft_and_coming_back_has_it),
	        TEST(an_emptied_draft_is_deleted),
	        TEST(opening_and_leaving_stores_nothing),
	        TEST(the_first_character_claims_and_typing_renews_once_a_minute),
	        TEST(a_note_claims_nothing),
	        TEST(a_full_disk_loses_no_text),
	        TEST(two_desks_of_one_agent_lose_neither_text),
	        TEST(two_desks_that_both_type_on_do_not_pile_up_each_others_texts),
	        TEST(a_recalled_text_is_taken_up_by_the_composer_that_was_opened_too_soon),
	        TEST(a_text_that_comes_into_the_store_while_the_composer_is_open_is_not_typed_over),
	        TEST(a_conflict_that_is_told_after_the_reply_was_sent_is_a_draft_again),
	        TEST(a_note_that_could_not_be_stored_stands_beside_what_was_written_since),
	        TEST(a_paste_is_text_never_keys),
	        TEST(arrivals_leave_the_composer_the_keyboard),
	        TEST(a_canned_reply_is_expanded_in_place),
	        TEST(a_name_that_begins_another_waits_for_its_end),
	        TEST(an_unknown_name_in_a_canned_reply_is_asked_for),
	        TEST(the_editor_gives_the_text_back),
	        TEST(a_hang_up_stores_the_draft_and_ends),
	        TEST(the_desk_comes_back_to_the_same_place_with_the_same_draft),
	        TEST(what_was_saved_wrongly_is_left_out),
	        TEST(one_line_says_what_became_of_the_replies),
	        TEST(a_reply_in_the_outbox_comes_back_as_text_and_needs_the_bar_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
