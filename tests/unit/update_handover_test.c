/* Leaving the desk: what is still held is shown, handed over or kept. */
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Cases 2 and 5 are alice's; in case 8 she has a draft. */
static struct driver *with_work(void)
{
	struct driver *d = driver_new();
	driver_case(d, 2)->kase.assignee = driver_case(d, 5)->kase.assignee = "alice";
	driver_case(d, 2)->kase.status = driver_case(d, 5)->kase.status = STATUS_OPEN;
	driver_case(d, 8)->drafts[DRAFT_REPLY] = (struct draft){
	        .case_id = 8, .text = "so", .revision = 1, .to_remote_id = "", .warning = "", .language = ""};
	return d;
}

static void who_holds_nothing_leaves_at_once(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "Q");
	assert_true(d->state->leaving);
	assert_int_equal(driver_count(d, FX_QUIT), 1);
	driver_free(d);
}

static void what_is_held_is_shown_and_a_second_stroke_leaves_with_it(void **state)
{
	(void)state;
	struct driver *d = with_work();
	driver_keys(d, "Q");
	assert_int_equal(state_mode(d->state), MODE_HANDOVER);
	assert_int_equal(d->state->handover.count, 3);
	assert_false(d->state->leaving);
	driver_keys(d, "Q");
	assert_true(d->state->leaving);
	assert_int_equal(driver_count(d, FX_ACT_MANY), 0);
	driver_free(d);
}

static void two_strokes_in_one_read_are_one(void **state)
{
	(void)state;
	struct driver *d = with_work();
	driver_burst(d, "QQ");
	assert_false(d->state->leaving);
	driver_free(d);
}

static void esc_stays(void **state)
{
	(void)state;
	struct driver *d = with_work();
	driver_keys(d, "Q<Esc>");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	driver_keys(d, "j");
	assert_int_equal(d->state->inbox.selected, 2);
	driver_free(d);
}

static void a_case_is_given_to_an_agent_with_a_note_and_then_the_desk_is_left(void **state)
{
	(void)state;
	struct driver *d = with_work();
	driver_keys(d, "Qa");
	driver_type(d, "bob");
	driver_keys(d, "<Enter>Q");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_type(d, "waits for the bank");
	d->deaf[FX_ACT_MANY] = true;
	driver_keys(d, "<Enter>");
	assert_false(d->state->leaving);
	const struct effect *many = driver_last(d, FX_ACT_MANY);
	assert_int_equal(many->many.count, 2);
	assert_int_equal(many->many.actions[0].kind, ACTION_ASSIGN);
	assert_int_equal(many->many.actions[0].case_id, 2);
	assert_string_equal(many->many.actions[0].arg, "bob");
	assert_int_equal(many->many.actions[1].kind, ACTION_NOTE);
	assert_string_equal(many->many.actions[1].text, "handed over by alice to @bob: waits for the bank");
	struct event event = {.kind = EV_ACTED, .request = many->request};
	event.acted.done = 1;
	driver_event(d, event);
	assert_true(d->state->leaving);
	driver_free(d);
}

static void all_can_go_the_same_way(void **state)
{
	(void)state;
	struct driver *d = with_work();
	driver_keys(d, "Q*");
	assert_null(d->state->handover.to[0]);
	driver_keys(d, "-*");
	for (int i = 0; i < 3; i++)
		assert_string_equal(d->state->handover.to[i], "");
	driver_keys(d, "c");
	assert_null(d->state->handover.to[1]);
	driver_keys(d, "Q<Enter>");
	const struct effect *many = driver_last(d, FX_ACT_MANY);
	assert_int_equal(many->many.count, 3);
	assert_int_equal(many->many.actions[0].kind, ACTION_UNASSIGN);
	assert_string_equal(many->many.actions[1].text, "handed over by alice to the queue");
	assert_int_equal(many->many.actions[2].case_id, 8);
	assert_string_equal(driver_case(d, 2)->kase.assignee, "");
	assert_string_equal(driver_case(d, 5)->kase.assignee, "alice");
	assert_true(d->state->leaving);
	driver_free(d);
}

static void what_could_not_be_sent_goes_along_in_the_note(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	d->replies[d->reply_count++] = (struct reply){.id = 1,
	        .case_id = 4,
	        .state = REPLY_FAILED,
	        .agent = "alice",
	        .to_handle = "@c4",
	        .text = "@c4 we are sorry"};
	struct event changed = {.kind = EV_CHANGED};
	changed.changed.replies = true;
	driver_event(d, changed);
	driver_keys(d, "Q");
	char words[80];
	handover_words(d->state, &d->state->handover.cases[0], words, sizeof words);
	assert_string_equal(words, "reply not sent");
	driver_keys(d, "-Q<Enter>");
	assert_non_null(strstr(driver_last(d, FX_ACT_MANY)->many.actions[0].text, "; not sent: \"@c4 we are sorry\""));
	driver_free(d);
}

static void what_could_not_be_handed_over_keeps_the_desk(void **state)
{
	(void)state;
	struct driver *d = with_work();
	struct err full = {ERR_IO, "the disk is full"};
	d->refuse[FX_ACT_MANY] = full;
	driver_keys(d, "Q-Q<Enter>");
	assert_false(d->state->leaving);
	assert_non_null(strstr(d->state->message.text, "nothing was handed over: the disk is full"));
	driver_keys(d, "<Esc>");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	driver_free(d);
}

static void a_silent_store_does_not_hold_who_wants_to_leave(void **state)
{
	(void)state;
	struct driver *d = with_work();
	d->deaf[FX_HOLDINGS] = true;
	driver_keys(d, "Q");
	assert_false(d->state->leaving);
	driver_keys(d, "Q");
	assert_true(d->state->leaving);
	driver_free(d);
}

static void esc_in_its_picker_and_its_prompt_comes_back_to_the_list(void **state)
{
	(void)state;
	struct driver *d = with_work();
	driver_keys(d, "Qa<Esc>");
	assert_int_equal(state_mode(d->state), MODE_HANDOVER);
	driver_keys(d, "-Q<Esc>");
	assert_int_equal(state_mode(d->state), MODE_HANDOVER);
	assert_string_equal(d->state->handover.to[0], "");
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(who_holds_nothing_leaves_at_once),
	        cmocka_unit_test(what_is_held_is_shown_and_a_second_stroke_leaves_with_it),
	        cmocka_unit_test(two_strokes_in_one_read_are_one),
	        cmocka_unit_test(esc_stays),
	        cmocka_unit_test(a_case_is_given_to_an_agent_with_a_note_and_then_the_desk_is_left),
	        cmocka_unit_test(all_can_go_the_same_way),
	        cmocka_unit_test(what_could_not_be_sent_goes_along_in_the_note),
	        cmocka_unit_test(what_could_not_be_handed_over_keeps_the_desk),
	        cmocka_unit_test(a_silent_store_does_not_hold_who_wants_to_leave),
	        cmocka_unit_test(esc_in_its_picker_and_its_prompt_comes_back_to_the_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
