/* Posts of ours that were a mistake: corrected, or taken back, both through the send bar. */
#include "tests/lib/desk_driver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Case 1 with an answer of ours, and another of ours after it. */
static struct driver *with_answers(void)
{
	struct driver *d = driver_new();
	struct post *first = driver_add_post(d, 1, 150, DIR_OUT, "it is thare");
	first->source = "@c1@mas.example it is thare";
	first->parent_remote_id = "r100";
	first->boosts = 3;
	first->likes = 5;
	first->replies = 2;
	driver_add_post(d, 1, 160, DIR_OUT, "or here");
	driver_changed(d, 1);
	return d;
}

static void open_bar(struct driver *d)
{
	driver_keys(d, "^X");
	driver_painted(d);
	driver_pass(d, SENDBAR_DEAF_MS + 1);
}

static void cannot_edit(struct driver *d)
{
	((struct account *)(uintptr_t)d->state->accounts)->caps &= ~(unsigned)CAP_EDIT;
}

static const char *text(const struct driver *d)
{
	return d->state->composer.compose.text.p;
}

static bool bar_says(const struct driver *d, const char *words)
{
	struct objection facts[OBJECTIONS_MAX];
	int count = sendbar_facts(d->state, facts);
	for (int i = 0; i < count; i++)
		if (strstr(facts[i].text, words))
			return true;
	return false;
}

static void the_selected_post_of_ours_opens_with_what_was_sent(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "]E");
	assert_int_equal(d->state->composer.kind, DRAFT_CORRECTION);
	assert_string_equal(d->state->composer.to_remote_id, "r150");
	assert_string_equal(d->state->composer.to_handle, "@c1@mas.example");
	assert_string_equal(text(d), "@c1@mas.example it is thare");
	driver_free(d);
}

static void else_our_newest_is_meant_and_what_was_sent_elsewhere_opens_as_it_reads(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "E");
	assert_string_equal(d->state->composer.to_remote_id, "r160");
	assert_string_equal(text(d), "or here");
	driver_free(d);
}

static void without_a_post_of_ours_it_says_so(void **state)
{
	(void)state;
	struct driver *d = driver_new();
	driver_keys(d, "E");
	assert_false(d->state->composer.open);
	assert_string_equal(d->state->message.text, "there is no post of ours in this conversation");
	driver_free(d);
}

static void a_correction_passes_the_send_bar_and_is_held_as_one(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "]E<Backspace><Backspace><Backspace>");
	driver_type(d, "ere");
	driver_keys(d, "^X<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	open_bar(d);
	assert_true(bar_says(d, "edited in place"));
	driver_keys(d, "<Enter>");
	const struct reply *reply = &driver_last(d, FX_HOLD)->hold.reply;
	assert_int_equal(reply->kind, REPLY_KIND_EDIT);
	assert_string_equal(reply->to_remote_id, "r150");
	assert_string_equal(reply->text, "@c1@mas.example it is there");
	assert_string_equal(reply->follow, "stay");
	assert_int_equal(driver_last(d, FX_HOLD)->hold.draft_kind, DRAFT_CORRECTION);
	driver_free(d);
}

static void a_correction_that_changes_nothing_is_refused(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "]E");
	open_bar(d);
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	assert_string_equal(d->state->message.text, "not sent: nothing of it is changed");
	driver_free(d);
}

static void where_the_network_cannot_edit_the_bar_says_what_is_lost(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	cannot_edit(d);
	driver_keys(d, "]E");
	driver_type(d, "!");
	open_bar(d);
	assert_true(bar_says(d, "mastodon cannot edit: deleted and posted again"));
	assert_true(bar_says(d, "lost: 3 boosts, 5 likes; 2 answers lose their parent"));
	driver_keys(d, "<Enter>");
	assert_int_equal(driver_last(d, FX_HOLD)->hold.reply.kind, REPLY_KIND_EDIT);
	driver_free(d);
}

static void a_correction_is_a_draft_and_comes_back(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "]E");
	driver_type(d, "!");
	driver_pass(d, 1000);
	const struct effect *save = driver_last(d, FX_DRAFT_SAVE);
	assert_int_equal(save->draft.kind, DRAFT_CORRECTION);
	assert_string_equal(save->draft.to_remote_id, "r150");
	driver_case(d, 1)->drafts[DRAFT_CORRECTION].to_remote_id = "r150";
	driver_keys(d, "<Esc>]]");
	driver_changed(d, 1);
	/* Another post is selected: the one that was begun comes first. */
	driver_keys(d, "E");
	assert_string_equal(d->state->composer.to_remote_id, "r150");
	assert_string_equal(text(d), "@c1@mas.example it is thare!");
	assert_non_null(strstr(d->state->message.text, "was begun before"));
	driver_free(d);
}

static void taking_back_asks_why_and_passes_the_send_bar(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "]:");
	driver_type(d, "unsend");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_type(d, "wrong customer");
	driver_keys(d, "<Enter>");
	assert_int_equal(state_mode(d->state), MODE_SENDBAR);
	assert_true(bar_says(d, "deleted for everybody; lost: 3 boosts, 5 likes"));
	assert_true(bar_says(d, "because: wrong customer"));
	driver_painted(d);
	driver_pass(d, SENDBAR_DEAF_MS + 1);
	assert_int_equal(driver_count(d, FX_HOLD), 0);
	driver_keys(d, "<Enter>");
	const struct effect *hold = driver_last(d, FX_HOLD);
	assert_int_equal(hold->hold.reply.kind, REPLY_KIND_DELETE);
	assert_string_equal(hold->hold.reply.to_remote_id, "r150");
	assert_int_equal(hold->hold.draft_kind, -1);
	assert_string_equal(driver_last(d, FX_ACT)->action.text, "takes a post of ours back: wrong customer");
	assert_false(d->state->composer.open);
	driver_free(d);
}

static void whatever_is_typed_leaves_the_post_where_it_is(void **state)
{
	(void)state;
	static const char *const keys[] = {"x", "<Esc>"};
	for (size_t i = 0; i < 2; i++) {
		struct driver *d = with_answers();
		driver_keys(d, "]:");
		driver_type(d, "unsend a slip");
		driver_keys(d, "<Enter>");
		driver_painted(d);
		driver_pass(d, SENDBAR_DEAF_MS + 1);
		driver_keys(d, keys[i]);
		assert_false(d->state->composer.open);
		assert_int_equal(state_mode(d->state), MODE_INBOX);
		assert_int_equal(driver_count(d, FX_HOLD) + driver_count(d, FX_DRAFT_SAVE), 0);
		driver_free(d);
	}
}

static void what_is_taken_back_already_is_not_taken_back_twice(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_case(d, 1)->posts[1].deleted_at = d->wall;
	driver_changed(d, 1);
	driver_keys(d, "]E");
	assert_string_equal(d->state->message.text, "this post is taken back already");
	driver_free(d);
}

static void both_stand_among_what_can_be_done_to_our_post(void **state)
{
	(void)state;
	struct driver *d = with_answers();
	driver_keys(d, "]oe");
	assert_int_equal(d->state->composer.kind, DRAFT_CORRECTION);
	driver_keys(d, "<Esc>ou");
	assert_int_equal(state_mode(d->state), MODE_PROMPT);
	driver_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_selected_post_of_ours_opens_with_what_was_sent),
	        cmocka_unit_test(else_our_newest_is_meant_and_what_was_sent_elsewhere_opens_as_it_reads),
	        cmocka_unit_test(without_a_post_of_ours_it_says_so),
	        cmocka_unit_test(a_correction_passes_the_send_bar_and_is_held_as_one),
	        cmocka_unit_test(a_correction_that_changes_nothing_is_refused),
	        cmocka_unit_test(where_the_network_cannot_edit_the_bar_says_what_is_lost),
	        cmocka_unit_test(a_correction_is_a_draft_and_comes_back),
	        cmocka_unit_test(taking_back_asks_why_and_passes_the_send_bar),
	        cmocka_unit_test(whatever_is_typed_leaves_the_post_where_it_is),
	        cmocka_unit_test(what_is_taken_back_already_is_not_taken_back_twice),
	        cmocka_unit_test(both_stand_among_what_can_be_done_to_our_post),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
