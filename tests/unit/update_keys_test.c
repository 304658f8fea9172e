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

static void a_read_of_twelve_printable_bytes_does_nothing_but_say_so(void **state)
{
	(void)state;
	driver_burst(d, "dcLMXtraDzz2Q");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_string_equal(d->state->message.text, "looks like text; `r` replies");
}

static void a_text_with_its_enter_does_nothing_either(void **state)
{
	(void)state;
	driver_burst(d, "<Enter>j c d M X ! c d");
	assert_int_equal(d->state->inbox.selected, 1);
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_int_equal(state_mode(d->state), MODE_INBOX);
}

static void any_script_beyond_ascii_does_nothing(void **state)
{
	(void)state;
	driver_burst(d, "c\u00e9");
	driver_keys(d, "\u65e5");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_non_null(strstr(d->state->message.text, "looks like text"));
}

static void a_short_burst_is_keys(void **state)
{
	(void)state;
	driver_burst(d, "jjj");
	assert_int_equal(d->state->inbox.selected, 4);
}

static void a_paste_outside_text_does_nothing(void **state)
{
	(void)state;
	driver_paste(d, "dd");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_non_null(strstr(d->state->message.text, "looks like text"));
	driver_keys(d, "c");
	assert_int_equal(driver_count(d, FX_ACT), 1);
}

static void text_typed_fast_after_r_goes_into_the_reply(void **state)
{
	(void)state;
	d->deaf[FX_CASE] = true;
	driver_keys(d, "j");
	driver_keys(d, "r");
	driver_type(d, "dd and more");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	d->deaf[FX_CASE] = false;
	d->served = 0;
	for (size_t i = 0; i < d->fx.list.len; i++)
		if (d->fx.list.at[i].kind != FX_CASE)
			d->fx.list.at[i].kind = FX_BELL;
	driver_serve(d);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_int_equal(d->state->composer.case_id, 2);
	assert_string_equal(d->state->composer.compose.text.p, "dd and more");
}

static void a_thread_that_cannot_be_loaded_holds_no_keys_back(void **state)
{
	(void)state;
	err_set(&d->refuse[FX_CASE], ERR_IO, "disk unreadable");
	driver_keys(d, "jrj");
	assert_int_equal(d->state->inbox.selected, 3);
	err_clear(&d->refuse[FX_CASE]);
	driver_keys(d, "rj");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_string_equal(d->state->composer.compose.text.p, "j");
}

static void a_sequence_waits_without_a_time_out_and_escape_leaves_it(void **state)
{
	(void)state;
	driver_keys(d, "z");
	driver_pass(d, 3600000);
	assert_int_equal(d->state->chord_len, 1);
	driver_keys(d, "<Esc>");
	assert_int_equal(d->state->chord_len, 0);
	driver_keys(d, "z^C");
	assert_int_equal(d->state->chord_len, 0);
	driver_keys(d, "z1");
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_SNOOZE);
	assert_int_equal(driver_last(d, FX_ACT)->action.until, d->wall + 3600000);
}

static void a_sequence_that_means_nothing_says_so_and_runs_nothing(void **state)
{
	(void)state;
	driver_keys(d, "zc");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_non_null(strstr(d->state->message.text, "zc"));
}

static void what_a_slip_of_the_shift_key_could_do_takes_a_second_stroke(void **state)
{
	(void)state;
	static const char *const keys[] = {"M", "!", "X"};
	for (size_t i = 0; i < 3; i++) {
		driver_keys(d, keys[i]);
		assert_int_equal(state_mode(d->state), MODE_CONFIRM);
		driver_keys(d, "<Esc>");
		assert_int_equal(state_mode(d->state), MODE_INBOX);
	}
	assert_int_equal(driver_count(d, FX_ACT), 0);
	driver_keys(d, "!!");
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_IGNORE);
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "spam");
	assert_int_equal(d->state->inbox.selected, 2);
}

static void another_key_leaves_the_second_stroke_and_counts(void **state)
{
	(void)state;
	driver_keys(d, "!j");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_int_equal(d->state->inbox.selected, 2);
}

static void taking_over_assigns_what_a_claim_is_refused(void **state)
{
	(void)state;
	driver_case(d, 1)->kase.assignee = "bob";
	driver_changed(d, 1);
	driver_keys(d, "c");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	assert_non_null(strstr(d->state->message.text, "claimed by bob already"));
	driver_keys(d, "W");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	driver_keys(d, "W");
	assert_string_equal(driver_case(d, 1)->kase.assignee, "alice");
}

static void muting_ignores_the_case_too(void **state)
{
	(void)state;
	driver_keys(d, "MM");
	assert_int_equal(driver_count(d, FX_ACT), 2);
	assert_int_equal(driver_case(d, 1)->kase.status, STATUS_IGNORED);
	assert_int_equal(d->state->inbox.selected, 2);
}

static void control_c_goes_back_and_never_leaves(void **state)
{
	(void)state;
	driver_keys(d, "r^C^C^C^Cqqqhh<Esc><Esc>");
	assert_false(d->state->leaving);
	assert_int_equal(driver_count(d, FX_QUIT), 0);
	assert_int_equal(state_mode(d->state), MODE_INBOX);
}

static void capital_q_leaves_and_asks_first_when_something_is_held(void **state)
{
	(void)state;
	static struct reply held = {
	        .id = 1, .case_id = 3, .state = REPLY_HELD, .agent = "alice", .text = "x", .hold_until = INT64_MAX};
	d->replies[d->reply_count++] = held;
	struct event changed = {.kind = EV_CHANGED};
	changed.changed.replies = true;
	driver_event(d, changed);
	driver_keys(d, "Q");
	assert_int_equal(driver_count(d, FX_QUIT), 0);
	assert_int_equal(state_mode(d->state), MODE_HANDOVER);
	assert_int_equal(d->state->handover.count, 1);
	driver_keys(d, "Q");
	assert_int_equal(driver_count(d, FX_QUIT), 1);
}

static void the_command_line_runs_commands(void **state)
{
	(void)state;
	driver_keys(d, ":");
	driver_type(d, "tag Late Parcel");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_TAG);
	assert_string_equal(driver_case(d, 1)->kase.tags[0], "late-parcel");
	driver_keys(d, "jT");
	assert_int_equal(driver_last(d, FX_ACT)->action.case_id, 2);
}

static void the_command_line_cannot_publish(void **state)
{
	(void)state;
	static const char *const lines[] = {"send", "send-now", "send-anyway", "reply Hello there"};
	for (size_t i = 0; i < 4; i++) {
		driver_keys(d, ":");
		driver_type(d, lines[i]);
		driver_keys(d, "<Enter>");
	}
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->composer.compose.text.p, "Hello there");
}

static void a_wrong_command_says_what_was_meant(void **state)
{
	(void)state;
	driver_keys(d, ":");
	driver_type(d, "snoze 4h");
	driver_keys(d, "<Enter>");
	assert_string_equal(d->state->message.text, "no command \"snoze\"; did you mean snooze?");
}

static void tab_completes_commands_and_their_arguments(void **state)
{
	(void)state;
	driver_keys(d, ":esc<Tab>");
	assert_string_equal(d->state->prompt.text.text.p, "escalate ");
	driver_keys(d, "b<Tab>");
	assert_string_equal(d->state->prompt.text.text.p, "escalate billing ");
	driver_keys(d, "<Esc>:tag<Tab>");
	assert_string_equal(d->state->prompt.text.text.p, "tag");
	assert_int_equal(d->state->prompt.candidates.len, 2);
	driver_keys(d, "<Tab><Tab>");
	assert_string_equal(d->state->prompt.text.text.p, "tag-last");
}

static void each_argument_has_its_candidates(void **state)
{
	(void)state;
	static const char *const lines[][2] = {{"view min", "view mine "}, {"assign ali", "assign alice "},
	        {"priority ur", "priority urgent "}, {"layout ro", "layout rows "}, {"canned tha", "canned thanks "},
	        {"done prai", "done praise "}, {"snooze tom", "snooze tomorrow "}, {"untag refu", "untag refund "},
	        {"filter is:snoo", "filter is:snoozed "}, {"filter late tag:refu", "filter late tag:refund "},
	        {"filter -assignee:ali", "filter -assignee:alice "}, {"filter (team:bil", "filter (team:billing "},
	        {"filter account:ac", "filter account:acme "}, {"filter from:@c12", "filter from:@c12@mas.example "},
	        {"who x", "who x"}, {"nonsense x", "nonsense x"}};
	driver_keys(d, "tref<Enter>");
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		driver_keys(d, ":");
		driver_type(d, lines[i][0]);
		driver_keys(d, "<Tab>");
		assert_string_equal(d->state->prompt.text.text.p, lines[i][1]);
		driver_keys(d, "<Esc>");
	}
}

static void earlier_commands_come_back(void **state)
{
	(void)state;
	driver_keys(d, ":who<Enter>:why<Enter>:<Up><Up>");
	assert_string_equal(d->state->prompt.text.text.p, "who");
	driver_keys(d, "<Down><Down>");
	assert_string_equal(d->state->prompt.text.text.p, "");
}

static void escalation_takes_a_team_and_then_why(void **state)
{
	(void)state;
	driver_keys(d, "ebill<Enter>");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	driver_type(d, "refund stuck");
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_ESCALATE);
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "billing");
	assert_string_equal(driver_last(d, FX_ACT)->action.text, "refund stuck");
	assert_int_equal(d->state->inbox.selected, 1);
}

static void a_picker_narrows_and_takes_new_words_too(void **state)
{
	(void)state;
	driver_keys(d, "tref<Enter>");
	assert_string_equal(driver_case(d, 1)->kase.tags[0], "refund");
	driver_keys(d, "tnew-one<Enter>");
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "new-one");
	driver_keys(d, "tref<Up><Enter>");
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "ref");
}

static void keys_typed_before_a_picker_is_filled_wait_for_it(void **state)
{
	(void)state;
	d->deaf[FX_TAGS] = true;
	driver_keys(d, "tref<Enter>");
	assert_int_equal(driver_count(d, FX_ACT), 0);
	static const char *const words[] = {"refund"};
	struct event tags = {.kind = EV_TAGS, .request = driver_last(d, FX_TAGS)->request};
	tags.words.words = words;
	tags.words.count = 1;
	driver_event(d, tags);
	assert_string_equal(driver_last(d, FX_ACT)->action.arg, "refund");
}

static void repeat_does_the_last_action_again_but_never_done_or_an_escalation(void **state)
{
	(void)state;
	driver_keys(d, ":tag slow<Enter>j.");
	assert_int_equal(driver_count(d, FX_ACT), 2);
	assert_int_equal(driver_last(d, FX_ACT)->action.case_id, 2);
	driver_keys(d, "ebill<Enter>why<Enter>dp");
	driver_keys(d, ".");
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_TAG);
}

static void a_store_that_cannot_write_refuses_with_its_reason(void **state)
{
	(void)state;
	struct event event = {.kind = EV_STORE};
	event.store.read_only = true;
	event.store.why = "disk full";
	driver_event(d, event);
	driver_keys(d, "cu!!i");
	assert_int_equal(driver_count(d, FX_ACT) + driver_count(d, FX_UNDO), 0);
	assert_non_null(strstr(d->state->message.text, "disk full"));
	driver_keys(d, "r");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
}

static void a_message_goes_after_five_seconds_and_an_error_with_the_next_key(void **state)
{
	(void)state;
	driver_keys(d, "c");
	assert_true(*d->state->message.text);
	driver_pass(d, 5000);
	assert_string_equal(d->state->message.text, "");
	driver_keys(d, ":nothing<Enter>");
	driver_pass(d, 60000);
	assert_true(*d->state->message.text);
	driver_keys(d, "j");
	assert_string_equal(d->state->message.text, "");
}

static void help_explains_the_place_it_was_called_from(void **state)
{
	(void)state;
	driver_keys(d, "<Tab>?");
	assert_int_equal(state_mode(d->state), MODE_HELP);
	assert_int_equal(d->state->help.of, MODE_THREAD);
	driver_keys(d, "q");
	assert_int_equal(state_mode(d->state), MODE_THREAD);
}

static void links_and_texts_are_copied(void **state)
{
	(void)state;
	driver_keys(d, "yy");
	assert_string_equal(driver_last(d, FX_COPY)->text, "https://mas.example/100");
	driver_keys(d, "yt");
	assert_string_equal(driver_last(d, FX_COPY)->text, "question number 1");
}

static void posts_are_gone_through_from_both_panes(void **state)
{
	(void)state;
	driver_add_post(d, 1, 150, DIR_OUT, "ours");
	driver_add_post(d, 1, 160, DIR_IN, "theirs again");
	driver_changed(d, 1);
	assert_int_equal(d->state->thread.item_id, 100); /* what arrives moves nothing */
	driver_keys(d, "]]");
	assert_int_equal(d->state->thread.item_id, 160);
	driver_keys(d, "<Enter>[");
	assert_int_equal(d->state->thread.item_id, 150);
	driver_keys(d, "r");
	assert_string_equal(d->state->composer.to_remote_id, "r160");
}

static void late_cases_ring_at_most_once_a_minute_with_a_count(void **state)
{
	(void)state;
	for (int late = 1; late <= 4; late++) {
		struct event event = {.kind = EV_NUMBERS};
		d->deaf[FX_NUMBERS] = true;
		driver_changed(d, 1);
		event.request = driver_last(d, FX_NUMBERS)->request;
		event.numbers.late = late;
		driver_event(d, event);
		if (late == 3)
			driver_pass(d, 61000);
	}
	/* That of the fourth waits for the next minute. */
	assert_int_equal(driver_count(d, FX_BELL), 2);
	assert_string_equal(driver_last(d, FX_NOTIFY)->text, "curlew: 3 late (and 1 more)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        TEST(a_read_of_twelve_printable_bytes_does_nothing_but_say_so),
	        TEST(a_text_with_its_enter_does_nothing_either),
	        TEST(any_script_beyond_ascii_does_nothing),
	        TEST(a_short_burst_is_keys),
	        TEST(a_paste_outside_text_does_nothing),
	        TEST(text_typed_fast_after_r_goes_into_the_reply),
	        TEST(a_thread_that_cannot_be_loaded_holds_no_keys_back),
	        TEST(a_sequence_waits_without_a_time_out_and_escape_leaves_it),
	        TEST(a_sequence_that_means_nothing_says_so_and_runs_nothing),
	        TEST(what_a_slip_of_the_shift_key_could_do_takes_a_second_stroke),
	        TEST(another_key_leaves_the_second_stroke_and_counts),
	        TEST(taking_over_assigns_what_a_claim_is_refused),
	        TEST(muting_ignores_the_case_too),
	        TEST(control_c_goes_back_and_never_leaves),
	        TEST(capital_q_leaves_and_asks_first_when_something_is_held),
	        TEST(the_command_line_runs_commands),
	        TEST(the_command_line_cannot_publish),
	        TEST(a_wrong_command_says_what_was_meant),
	        TEST(tab_completes_commands_and_their_arguments),
	        TEST(each_argument_has_its_candidates),
	        TEST(earlier_commands_come_back),
	        TEST(escalation_takes_a_team_and_then_why),
	        TEST(a_picker_narrows_and_takes_new_words_too),
	        TEST(keys_typed_before_a_picker_is_filled_wait_for_it),
	        TEST(repeat_does_the_last_action_again_but_never_done_or_an_escalation),
	        TEST(a_store_that_cannot_write_refuses_with_its_reason),
	        TEST(a_message_goes_after_five_seconds_and_an_error_with_the_next_key),
	        TEST(help_explains_the_place_it_was_called_from),
	        TEST(links_and_texts_are_copied),
	        TEST(posts_are_gone_through_from_both_panes),
	        TEST(late_cases_ring_at_most_once_a_minute_with_a_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
