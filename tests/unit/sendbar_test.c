#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define SEND_KEY "^X"

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

static void write_reply(const char *text)
{
	driver_keys(d, "r");
	driver_type(d, text);
}

static void open_bar(void)
{
	driver_keys(d, SEND_KEY);
	driver_painted(d);
	driver_pass(d, SENDBAR_DEAF_MS);
}

static bool objects(const char *words)
{
	struct objection objections[OBJECTIONS_MAX];
	int n = sendbar_objections(d->state, objections);
	for (int i = 0; i < n; i++)
		if (strstr(objections[i].text, words))
			return true;
	return false;
}

static void two_deliberate_strokes_hold_a_reply(void **state)
{
	(void)state;
	write_reply("We look into it.");
	open_bar();
	assert_int_equal(state_mode(d->state), MODE_SENDBAR);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_keys(d, "<Enter>");
	const struct effect *hold = driver_last(d, FX_HOLD);
	assert_non_null(hold);
	assert_string_equal(hold->hold.reply.text, "@c1@mas.example We look into it.");
	assert_string_equal(hold->hold.reply.to_remote_id, "r100");
	assert_string_equal(hold->hold.reply.follow, "next");
	assert_int_equal(hold->hold.reply.visibility, VIS_PUBLIC);
	assert_int_equal(hold->hold.reply.hold_until, d->wall + 20000);
	assert_int_equal(hold->hold.reply.seen_post_id, 100);
	assert_false(hold->hold.reply.anyway);
	assert_false(d->state->composer.open);
	assert_int_equal(d->state->inbox.selected, 2);
}

static void one_burst_of_both_strokes_sends_nothing(void **state)
{
	(void)state;
	write_reply("Hello");
	driver_burst(d, "^X<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_int_equal(state_mode(d->state), MODE_SENDBAR);
}

static void a_burst_of_prose_after_the_first_stroke_sends_nothing(void **state)
{
	(void)state;
	write_reply("Hello");
	driver_burst(d, "^Xand some more<Enter>of it<Enter>");
	driver_painted(d);
	driver_pass(d, 1000);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->composer.compose.text.p, "Hello");
}

static void enter_before_the_bar_was_painted_is_dropped(void **state)
{
	(void)state;
	write_reply("Hello");
	driver_keys(d, SEND_KEY);
	driver_pass(d, 60000);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_painted(d);
	driver_pass(d, SENDBAR_DEAF_MS - 1);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_pass(d, 1);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
}

static void a_frame_from_before_the_bar_is_no_paint_of_it(void **state)
{
	(void)state;
	write_reply("Hello");
	uint64_t before = d->state->version;
	driver_keys(d, SEND_KEY);
	struct event old = {.kind = EV_PAINTED};
	old.painted.version = before;
	driver_event(d, old);
	driver_pass(d, 1000);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void an_enter_that_comes_with_text_sends_nothing(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_burst(d, "<Enter>so");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->composer.compose.text.p, "Helloso");
}

static void a_printable_key_closes_the_bar_and_is_text(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "!");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_string_equal(d->state->composer.compose.text.p, "Hello!");
}

static void escape_closes_the_bar_alone(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Esc>");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void other_keys_do_nothing_at_the_bar(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "^X^D<Up><Down><F1>^A");
	assert_int_equal(state_mode(d->state), MODE_SENDBAR);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void tab_goes_through_what_follows(void **state)
{
	(void)state;
	char words[64];
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Tab>");
	sendbar_follow_words(d->state, words, sizeof words);
	assert_string_equal(words, "stay");
	driver_keys(d, "<Tab>");
	sendbar_follow_words(d->state, words, sizeof words);
	assert_string_equal(words, "done and next");
	driver_keys(d, "<Tab>");
	sendbar_follow_words(d->state, words, sizeof words);
	assert_non_null(strstr(words, "snooze until"));
	driver_keys(d, "<Enter>");
	assert_non_null(strstr(driver_last(d, FX_HOLD)->hold.reply.follow, "snooze 17"));
}

static void an_answer_by_a_colleague_makes_enter_refuse_and_names_the_other_key(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_add_post(d, 1, 777, DIR_OUT, "I am on it");
	driver_changed(d, 1);
	assert_true(objects("bob answered"));
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_non_null(strstr(d->state->message.text, "^Y"));
	assert_true(d->state->sendbar.refused);
	driver_keys(d, "^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
	assert_true(driver_last(d, FX_HOLD)->hold.reply.anyway);
}

static void the_other_key_sends_nothing_when_nothing_stands_against_it(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void what_changed_under_the_reply_stands_against_it(void **state)
{
	(void)state;
	write_reply("Hello");
	driver_pass(d, 5000);
	driver_case(d, 1)->posts[0].edited_at = d->wall;
	driver_add_post(d, 1, 778, DIR_IN, "and another thing");
	driver_case(d, 1)->kase.writer = "bob";
	driver_case(d, 1)->kase.writer_until = d->wall + 60000;
	driver_changed(d, 1);
	assert_true(objects("edited"));
	assert_true(objects("1 newer post"));
	assert_true(objects("bob is writing"));
	driver_case(d, 1)->posts[0].deleted_at = d->wall;
	driver_changed(d, 1);
	assert_true(objects("the post was deleted"));
}

static void what_is_filled_in_from_before_is_no_news(void **state)
{
	(void)state;
	write_reply("Hello");
	driver_add_post(d, 1, 779, DIR_IN, "how it began")->created_at = d->wall - 86400000;
	driver_add_post(d, 1, 780, DIR_OUT, "what we said then")->created_at = d->wall - 80000000;
	driver_changed(d, 1);
	struct objection objections[OBJECTIONS_MAX];
	assert_int_equal(sendbar_objections(d->state, objections), 0);
	assert_int_equal(d->state->composer.newer, 0);
}

static void the_third_reply_alike_is_told(void **state)
{
	(void)state;
	const char *text = "We are sorry that your parcel has not come; please send us the number of your order.";
	for (int i = 0; i < 2; i++) {
		write_reply(text);
		open_bar();
		driver_keys(d, i ? "^Y" : "<Enter>");
	}
	assert_int_equal(driver_count(d, FX_HOLD), 2);
	write_reply(text);
	open_bar();
	assert_true(objects("3rd reply like this today"));
}

static void neither_key_sends_an_empty_placeholder(void **state)
{
	(void)state;
	write_reply("Order {order?} is on its way");
	open_bar();
	assert_true(objects("{order?} is not filled in"));
	driver_keys(d, "<Enter>^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void neither_key_sends_what_is_too_long(void **state)
{
	(void)state;
	char text[520];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	driver_keys(d, "r");
	driver_paste(d, text);
	int left;
	assert_true(composer_left(d->state, &left));
	assert_int_equal(left, 500 - 519 - 4);
	open_bar();
	driver_keys(d, "<Enter>^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_non_null(strstr(d->state->message.text, "over"));
}

static void who_else_would_read_a_private_reply_is_confirmed(void **state)
{
	(void)state;
	driver_keys(d, "Ro");
	driver_type(d, "We asked @bob@else.example and @acme");
	open_bar();
	assert_true(objects("@bob@else.example would read it, too"));
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_keys(d, "^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
}

static void what_a_reply_costs_is_shown(void **state)
{
	(void)state;
	struct objection facts[OBJECTIONS_MAX];
	write_reply("Hello");
	assert_int_equal(sendbar_facts(d->state, facts), 0);
	((struct account *)(uintptr_t)d->state->accounts)->prices = (struct prices){"USD", 15000, 200000};
	assert_int_equal(sendbar_facts(d->state, facts), 1);
	assert_string_equal(facts[0].text, "costs 0.015 USD");
	driver_type(d, " see https://acme.example/");
	sendbar_facts(d->state, facts);
	assert_string_equal(facts[0].text, "costs 0.20 USD: there is a link in it");
}

static void neither_key_sends_nothing(void **state)
{
	(void)state;
	driver_keys(d, "r");
	open_bar();
	driver_keys(d, "<Enter>^Y");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void a_reply_is_never_wider_than_the_post_it_answers(void **state)
{
	(void)state;
	driver_case(d, 1)->posts[0].visibility = VIS_DIRECT;
	driver_changed(d, 1);
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_last(d, FX_HOLD)->hold.reply.visibility, VIS_DIRECT);
}

static void a_private_reply_asks_why_and_is_direct(void **state)
{
	(void)state;
	driver_keys(d, "R");
	assert_int_equal(state_mode(d->state), MODE_PICKER);
	driver_keys(d, "p");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	driver_type(d, "Your order number, please?");
	open_bar();
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_last(d, FX_HOLD)->hold.reply.visibility, VIS_DIRECT);
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_NOTE);
	assert_non_null(strstr(driver_last(d, FX_ACT)->action.text, "personal data"));
}

static void a_note_is_stored_by_one_stroke(void **state)
{
	(void)state;
	driver_keys(d, "i");
	driver_type(d, "ask billing");
	driver_keys(d, SEND_KEY);
	assert_int_equal(driver_last(d, FX_ACT)->action.kind, ACTION_NOTE);
	assert_string_equal(driver_last(d, FX_ACT)->action.text, "ask billing");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_false(d->state->composer.open);
}

static void a_reply_that_the_store_did_not_take_is_a_draft_again(void **state)
{
	(void)state;
	err_set(&d->refuse[FX_HOLD], ERR_IO, "disk full");
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Enter>");
	driver_pass(d, 1000);
	assert_non_null(strstr(d->state->message.text, "disk full"));
	assert_string_equal(driver_case(d, 1)->drafts[DRAFT_REPLY].text, "Hello");
	assert_int_equal(driver_case(d, 1)->drafts[DRAFT_REPLY].revision > 0, true);
}

static void recall_works_in_every_mode(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Enter>");
	const struct reply *held;
	assert_int_equal(state_outgoing(d->state, 1u << REPLY_HELD, &held, 1), 1);
	driver_keys(d, "r^G");
	assert_int_equal(driver_count(d, FX_RECALL), 1);
	assert_int_equal(driver_last(d, FX_RECALL)->ids.count, 1);
	assert_int_equal(state_outgoing(d->state, 1u << REPLY_HELD, &held, 1), 0);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_non_null(strstr(d->state->message.text, "recalled"));
}

static void recall_reaches_a_reply_that_the_store_has_not_taken_yet(void **state)
{
	(void)state;
	d->deaf[FX_HOLD] = true;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Enter>^G");
	assert_int_equal(driver_count(d, FX_RECALL), 0);
	struct event held = {.kind = EV_HELD, .request = driver_last(d, FX_HOLD)->request};
	held.held.reply_id = 1;
	d->replies[d->reply_count++] = (struct reply){.id = 1, .state = REPLY_HELD, .agent = "alice", .text = "x"};
	driver_event(d, held);
	assert_int_equal(driver_count(d, FX_RECALL), 1);
}

static void a_like_takes_the_same_key_twice_in_two_reads(void **state)
{
	(void)state;
	driver_burst(d, "LL");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_keys(d, "L");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
	assert_int_equal(driver_last(d, FX_HOLD)->hold.reply.kind, REPLY_KIND_LIKE);
	driver_keys(d, "Lj");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
}

static void a_stopped_reply_rings_and_moves_nothing(void **state)
{
	(void)state;
	write_reply("Hello");
	open_bar();
	driver_keys(d, "<Enter>r");
	driver_type(d, "Another");
	driver_forget(d);
	d->replies[0].state = REPLY_STOPPED;
	d->replies[0].error = "bob answered";
	struct event changed = {.kind = EV_CHANGED};
	changed.changed.replies = true;
	driver_event(d, changed);
	assert_int_equal(driver_count(d, FX_BELL), 1);
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_string_equal(d->state->composer.compose.text.p, "Another");
	assert_non_null(strstr(d->state->message.text, "bob answered"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        TEST(two_deliberate_strokes_hold_a_reply),
	        TEST(one_burst_of_both_strokes_sends_nothing),
	        TEST(a_burst_of_prose_after_the_first_stroke_sends_nothing),
	        TEST(enter_before_the_bar_was_painted_is_dropped),
	        TEST(a_frame_from_before_the_bar_is_no_paint_of_it),
	        TEST(an_enter_that_comes_with_text_sends_nothing),
	        TEST(a_printable_key_closes_the_bar_and_is_text),
	        TEST(escape_closes_the_bar_alone),
	        TEST(other_keys_do_nothing_at_the_bar),
	        TEST(tab_goes_through_what_follows),
	        TEST(an_answer_by_a_colleague_makes_enter_refuse_and_names_the_other_key),
	        TEST(the_other_key_sends_nothing_when_nothing_stands_against_it),
	        TEST(what_changed_under_the_reply_stands_against_it),
	        TEST(what_is_filled_in_from_before_is_no_news),
	        TEST(the_third_reply_alike_is_told),
	        TEST(neither_key_sends_an_empty_placeholder),
	        TEST(neither_key_sends_what_is_too_long),
	        TEST(who_else_would_read_a_private_reply_is_confirmed),
	        TEST(what_a_reply_costs_is_shown),
	        TEST(neither_key_sends_nothing),
	        TEST(a_reply_is_never_wider_than_the_post_it_answers),
	        TEST(a_private_reply_asks_why_and_is_direct),
	        TEST(a_note_is_stored_by_one_stroke),
	        TEST(a_reply_that_the_store_did_not_take_is_a_draft_again),
	        TEST(recall_works_in_every_mode),
	        TEST(recall_reaches_a_reply_that_the_store_has_not_taken_yet),
	        TEST(a_like_takes_the_same_key_twice_in_two_reads),
	        TEST(a_stopped_reply_rings_and_moves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
