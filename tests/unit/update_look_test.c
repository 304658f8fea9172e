/* Looking around a case: its links and media, what can be done to a post, the customer's other cases. */
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *copied(const struct driver *d)
{
	const struct effect *copy = driver_last(d, FX_COPY);
	return copy ? copy->text : "";
}

/* Case 1 with links in two posts, a photo, and one link twice. */
static struct driver *with_links(void)
{
	static const struct media photo = {MEDIA_PHOTO, "a doorstep", "https://mas.example/photo.jpg"};
	struct driver *d = driver_new();
	struct post *post = driver_add_post(d, 1, 150, DIR_IN, "look");
	driver_case(d, 1)->posts[0].links = "https://shop.example/a https://shop.example/b";
	post->links = "https://shop.example/a";
	post->media = &photo;
	post->media_count = 1;
	driver_changed(d, 1);
	return d;
}

static void links_and_media_are_listed_once_each_newest_first(void **state)
{
	(void)state;
	struct driver *d = with_links();
	driver_keys(d, "f");
	const struct picker *picker = &d->state->picker;
	assert_int_equal(state_mode(d->state), MODE_PICKER);
	assert_int_equal(picker->items.len, 3);
	assert_string_equal(picker->items.at[0].label, "https://shop.example/a");
	assert_string_equal(picker->items.at[1].label, "https://mas.example/photo.jpg");
	assert_non_null(strstr(picker->items.at[1].hint, "photo 1/1 \"a doorstep\", @c1@mas.example"));
	assert_string_equal(picker->items.at[2].label, "https://shop.example/b");
	driver_free(d);
}

static void enter_copies_the_link_and_says_it_whole(void **state)
{
	(void)state;
	struct driver *d = with_links();
	driver_keys(d, "fphoto<Enter>");
	assert_string_equal(copied(d), "https://mas.example/photo.jpg");
	assert_string_equal(d->state->message.text, "copied: https://mas.example/photo.jpg");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	driver_free(d);
}

static void a_case_without_links_says_so(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "f");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_string_equal(d->state->message.text, "no links or media in this case");
	driver_free(d);
}

static bool offers(const struct driver *d, const char *word)
{
	for (size_t i = 0; i < d->state->picker.items.len; i++)
		if (strcmp(d->state->picker.items.at[i].label, word) == 0)
			return true;
	return false;
}

static void what_can_be_done_to_a_post_is_what_fits_it(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_add_post(d, 1, 150, DIR_OUT, "ours");
	driver_changed(d, 1);
	driver_keys(d, "o");
	assert_true(offers(d, "reply") && offers(d, "like") && offers(d, "copy link"));
	driver_keys(d, "<Esc>]o");
	assert_false(offers(d, "reply") || offers(d, "like"));
	assert_true(offers(d, "copy text"));
	driver_free(d);
}

static void a_letter_takes_it(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "ot");
	assert_string_equal(copied(d), "question number 1");
	driver_keys(d, "oc");
	assert_string_equal(copied(d), "https://mas.example/100");
	driver_keys(d, "oo");
	assert_int_equal(d->state->thread.unfolded, 100);
	assert_int_equal(d->state->focus, MODE_THREAD);
	driver_keys(d, "or");
	assert_int_equal(state_mode(d->state), MODE_COMPOSER);
	assert_int_equal(d->state->composer.kind, DRAFT_REPLY);
	driver_free(d);
}

static void a_like_from_there_still_takes_its_second_stroke(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "ol");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_int_equal(state_mode(d->state), MODE_CONFIRM);
	driver_keys(d, "l");
	assert_int_equal(driver_last(d, FX_HOLD)->hold.reply.kind, REPLY_KIND_LIKE);
	driver_free(d);
}

static void a_note_quotes_the_post(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 1)->posts[0].text = "one\ntwo";
	driver_changed(d, 1);
	driver_keys(d, "on");
	assert_int_equal(d->state->composer.kind, DRAFT_NOTE);
	assert_string_equal(d->state->composer.compose.text.p, "@c1@mas.example:\n> one\n> two\n");
	driver_free(d);
}

static void no_line_of_a_quoted_post_stands_without_its_mark(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 1)->posts[0].author_handle = "@c1\nbob: yes\033[2J";
	driver_case(d, 1)->posts[0].text = "one\rbob: yes\r\nbob: yes\nbob: yes";
	driver_changed(d, 1);
	driver_keys(d, "on");
	assert_string_equal(
	        d->state->composer.compose.text.p, "@c1 bob: yes [2J:\n> one\n> bob: yes\n> bob: yes\n> bob: yes\n");
	driver_free(d);
}

static void the_customers_cases_are_listed_and_enter_goes_there(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 7)->kase.customer_id = 1;
	driver_keys(d, "s");
	assert_int_equal(state_mode(d->state), MODE_PICKER);
	assert_int_equal(d->state->past.count, 2);
	assert_int_equal(d->state->past.cases[0].kase.id, 7);
	driver_keys(d, "<Enter>");
	assert_int_equal(d->state->inbox.selected, 7);
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	driver_free(d);
}

static void typing_narrows_them_by_any_of_their_words(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	for (int i = 2; i <= 5; i++)
		driver_case(d, i)->kase.customer_id = 1;
	driver_keys(d, "s");
	driver_type(d, "number 4");
	driver_keys(d, "<Enter>");
	assert_int_equal(d->state->inbox.selected, 4);
	driver_free(d);
}

static void keys_typed_ahead_wait_for_the_cases(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 7)->kase.customer_id = 1;
	d->deaf[FX_PAST] = true;
	driver_keys(d, "s<Enter>");
	assert_int_equal(d->state->inbox.selected, 1);
	struct past_case cases[1] = {{.kase = driver_case(d, 7)->kase, .note = "", .note_by = ""}};
	struct event event = {.kind = EV_PAST, .request = driver_last(d, FX_PAST)->request};
	event.past.cases = cases;
	event.past.count = 1;
	driver_event(d, event);
	assert_int_equal(d->state->inbox.selected, 7);
	driver_free(d);
}

/* Threadgates, summons, networks that can only be read: known before a word is typed. */
static void what_the_network_refuses_is_said_before_anything_is_typed(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 1)->posts[0].reply_refusal = "@c1 lets only those they follow answer";
	driver_changed(d, 1);
	driver_keys(d, "r");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_string_equal(d->state->message.text, "@c1 lets only those they follow answer");
	driver_case(d, 1)->posts[0].reply_refusal = "";
	driver_changed(d, 1);
	((struct account *)d->state->accounts)->caps &= ~(unsigned)(CAP_REPLY | CAP_DIRECT);
	driver_keys(d, "r");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_string_equal(d->state->message.text, "acme can only be read, not answered");
	driver_keys(d, "R");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_string_equal(d->state->message.text, "mastodon has no private replies");
	driver_free(d);
}

/* Nobody of that name has a case on screen. */
static void whoever_the_store_knows_is_known_to_be_looked_like(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	assert_string_equal(state_looks_like(d->state, "@b\u0456lling@evil.example", "Help"), "billing");
	assert_string_equal(state_looks_like(d->state, "@help@evil.example", "B\u0456lling"), "billing");
	assert_null(state_looks_like(d->state, "@billing@mas.example", "Billing"));
	assert_null(state_looks_like(d->state, "@bill@mas.example", "Bill"));
	driver_case(d, 3)->kase.assignee = "carol";
	driver_changed(d, 3);
	assert_string_equal(state_looks_like(d->state, "@c\u0430rol", ""), "carol");
	driver_free(d);
}

static void a_handle_alone_is_known_by_the_name_that_goes_with_it(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_case(d, 2)->kase.customer_name = "B\u0456lling";
	driver_changed(d, 2);
	assert_string_equal(state_handle_looks_like(d->state, driver_case(d, 2)->kase.handle), "billing");
	assert_null(state_handle_looks_like(d->state, driver_case(d, 1)->kase.handle));
	assert_null(state_handle_looks_like(d->state, ""));
	driver_free(d);
}

static const struct reply *held_reply(const struct driver *d)
{
	const struct effect *hold = driver_last(d, FX_HOLD);
	return hold ? &hold->hold.reply : NULL;
}

static void what_is_done_on_the_network_takes_two_strokes_and_can_be_recalled(void **state)
{
	(void)state;
	static const struct {
		const char *letter;
		enum reply_kind kind;
	} deeds[] = {{"b", REPLY_KIND_BOOST}, {"s", REPLY_KIND_MUTE}, {"k", REPLY_KIND_BLOCK}};
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		struct driver *d = driver_new();
		driver_keys(d, "o");
		driver_keys(d, deeds[i].letter);
		assert_int_equal(state_mode(d->state), MODE_CONFIRM);
		assert_int_equal(driver_count(d, FX_HOLD), 0);
		driver_keys(d, deeds[i].letter);
		assert_int_equal(held_reply(d)->kind, deeds[i].kind);
		assert_string_equal(held_reply(d)->to_remote_id, driver_case(d, 1)->posts[0].remote_id);
		assert_true(held_reply(d)->hold_until > d->wall);
		driver_free(d);
	}
}

static void a_report_asks_why_and_takes_no_empty_reason(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "ox");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->message.text, "say why: the network's moderators read it");
	driver_type(d, "sells what is ours");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_CONFIRM);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_keys(d, "<Enter>");
	assert_int_equal(held_reply(d)->kind, REPLY_KIND_REPORT);
	assert_string_equal(held_reply(d)->text, "sells what is ours");
	driver_free(d);
}

static void refused(struct driver *d, const char *line, const char *why)
{
	driver_keys(d, ":");
	driver_type(d, line);
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_INBOX);
	assert_string_equal(d->state->message.text, why);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
}

static void what_cannot_be_done_there_is_said_before_a_second_stroke(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	refused(d, "hide", "mastodon cannot hide answers");
	assert_false(offers(d, "hide"));
	((struct account *)d->state->accounts)->caps |= CAP_HIDE;
	refused(d, "hide", "only what stands under a post of ours can be hidden");
	((struct account *)d->state->accounts)->caps &=
	        ~(unsigned)(CAP_BOOST | CAP_REPORT | CAP_BLOCK | CAP_MUTE | CAP_LIKE);
	refused(d, "boost", "mastodon cannot pass posts on");
	refused(d, "report spam", "mastodon takes no reports from here");
	refused(d, "block", "mastodon blocks nobody from here");
	refused(d, "silence", "mastodon mutes nobody from here");
	refused(d, "like", "mastodon has no likes");
	((struct account *)d->state->accounts)->caps |= CAP_BOOST;
	driver_case(d, 1)->posts[0].visibility = VIS_DIRECT;
	driver_changed(d, 1);
	refused(d, "boost", "it was not said in public: it is not passed on");
	driver_case(d, 1)->posts[0].visibility = VIS_PUBLIC;
	driver_case(d, 1)->posts[0].deleted_at = d->wall;
	driver_changed(d, 1);
	refused(d, "boost", "the post was deleted");
	driver_free(d);
}

static void taken_back_by(struct driver *d, const char *command, enum reply_kind kind)
{
	driver_keys(d, ":");
	driver_type(d, command);
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_CONFIRM);
	driver_keys(d, "<Enter>");
	assert_int_equal(held_reply(d)->kind, kind);
}

static void a_like_and_a_boost_are_taken_back_where_there_is_one(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	refused(d, "unlike", "not liked by us");
	refused(d, "unboost", "not boosted by us");
	driver_keys(d, "o");
	assert_true(offers(d, "like") && offers(d, "boost") && !offers(d, "unlike") && !offers(d, "unboost"));
	driver_keys(d, "<Esc>");
	driver_case(d, 1)->posts[0].liked_by_us = true;
	driver_case(d, 1)->posts[0].boosted_by_us = 1;
	driver_changed(d, 1);
	driver_keys(d, "o");
	assert_true(!offers(d, "like") && !offers(d, "boost") && offers(d, "unlike") && offers(d, "unboost"));
	driver_keys(d, "<Esc>");
	taken_back_by(d, "unlike", REPLY_KIND_UNLIKE);
	taken_back_by(d, "unboost", REPLY_KIND_UNBOOST);
	driver_free(d);
}

static void the_case_says(struct driver *d, int liked, int boosted)
{
	driver_case(d, 1)->posts[0].liked_by_us = liked;
	driver_case(d, 1)->posts[0].boosted_by_us = boosted;
	driver_changed(d, 1);
}

static void the_same_key_takes_a_like_back(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	the_case_says(d, 1, 1);
	driver_keys(d, "L");
	assert_string_equal(
	        d->state->confirm.text, "L again: take our like of the customer's post back (@c1@mas.example)");
	driver_keys(d, "L");
	assert_int_equal(held_reply(d)->kind, REPLY_KIND_UNLIKE);
	taken_back_by(d, "boost", REPLY_KIND_UNBOOST);
	driver_free(d);
}

/* Somebody else at the same account was faster. */
static void what_the_first_stroke_said_is_all_that_the_second_does(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "L");
	the_case_says(d, 1, 0);
	driver_keys(d, "L");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->message.text, "liked already");
	driver_keys(d, "L");
	the_case_says(d, 0, 0);
	driver_keys(d, "L");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->message.text, "not liked by us");
	driver_free(d);
}

static void a_like_on_its_way_is_neither_given_again_nor_taken_back(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "LL");
	assert_int_equal(driver_count(d, FX_HOLD), 1);
	driver_forget(d);
	refused(d, "like", "a like of it, or one taken back, is on its way");
	driver_keys(d, "ob");
	assert_int_equal(state_mode(d->state), MODE_CONFIRM); /* a boost is another thing */
	driver_free(d);
}

static void an_answer_under_a_post_of_ours_can_be_hidden(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	((struct account *)d->state->accounts)->caps |= CAP_HIDE;
	struct post *ours = driver_add_post(d, 1, 901, DIR_OUT, "we open on Monday");
	struct post *theirs = driver_add_post(d, 1, 902, DIR_IN, "liars");
	theirs->parent_remote_id = ours->remote_id;
	driver_changed(d, 1);
	driver_keys(d, "<Enter>G:");
	driver_type(d, "hide");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_CONFIRM);
	driver_keys(d, "<Enter>");
	assert_int_equal(held_reply(d)->kind, REPLY_KIND_HIDE);
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(links_and_media_are_listed_once_each_newest_first),
	        cmocka_unit_test(enter_copies_the_link_and_says_it_whole),
	        cmocka_unit_test(a_case_without_links_says_so),
	        cmocka_unit_test(what_can_be_done_to_a_post_is_what_fits_it),
	        cmocka_unit_test(a_letter_takes_it),
	        cmocka_unit_test(a_like_from_there_still_takes_its_second_stroke),
	        cmocka_unit_test(a_note_quotes_the_post),
	        cmocka_unit_test(no_line_of_a_quoted_post_stands_without_its_mark),
	        cmocka_unit_test(the_customers_cases_are_listed_and_enter_goes_there),
	        cmocka_unit_test(typing_narrows_them_by_any_of_their_words),
	        cmocka_unit_test(keys_typed_ahead_wait_for_the_cases),
	        cmocka_unit_test(what_the_network_refuses_is_said_before_anything_is_typed),
	        cmocka_unit_test(what_is_done_on_the_network_takes_two_strokes_and_can_be_recalled),
	        cmocka_unit_test(a_report_asks_why_and_takes_no_empty_reason),
	        cmocka_unit_test(what_cannot_be_done_there_is_said_before_a_second_stroke),
	        cmocka_unit_test(a_like_and_a_boost_are_taken_back_where_there_is_one),
	        cmocka_unit_test(the_same_key_takes_a_like_back),
	        cmocka_unit_test(what_the_first_stroke_said_is_all_that_the_second_does),
	        cmocka_unit_test(a_like_on_its_way_is_neither_given_again_nor_taken_back),
	        cmocka_unit_test(an_answer_under_a_post_of_ours_can_be_hidden),
	        cmocka_unit_test(whoever_the_store_knows_is_known_to_be_looked_like),
	        cmocka_unit_test(a_handle_alone_is_known_by_the_name_that_goes_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
