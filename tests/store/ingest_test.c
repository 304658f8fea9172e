/* How posts become threads and cases. */
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

static int posts_in(struct fixture *f, int64_t case_id)
{
	const struct case_view *view = get_view(f, case_id);
	int posts = 0;
	for (int i = 0; i < view->item_count; i++)
		posts += view->items[i].post != NULL;
	return posts;
}

static void a_mention_makes_a_case_with_a_clock(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(take_one(f, post_in("@sam", "1", "", T(0), "where is my order?")), 1);
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(kase->status, STATUS_NEW);
	assert_string_equal(kase->handle, "@sam");
	assert_string_equal(kase->account, "acme");
	assert_string_equal(kase->network, "mastodon");
	assert_string_equal(kase->summary, "where is my order?");
	assert_true(kase->due == T(20));
	assert_true(kase->rank == kase->due);
	assert_true(kase->first_post_at == T(0) && kase->last_in_at == T(0) && kase->last_out_at == 0);
	assert_string_equal(journal_of(f, 1), "opened");
	assert_int_equal(get_view(f, 1)->customer.cases, 1);
}

static void the_same_post_twice_is_one_post(void **state)
{
	struct fixture *f = *state;
	struct incoming both[] = {post_in("@sam", "1", "", T(0), "hello"), post_in("@sam", "1", "", T(0), "hello")};
	assert_int_equal(take(f, both, 2), 1);
	assert_int_equal(take(f, both, 2), 0);
	assert_int_equal(posts_in(f, 1), 1);
	assert_int_equal(count_of(f, ""), 1);
	assert_string_equal(journal_of(f, 1), "opened");
}

static void a_known_post_again_rings_nothing(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "hello"));
	int64_t last = store_change_last(f->store, &f->err);
	take_one(f, post_in("@sam", "1", "", T(0), "hello"));
	assert_true(store_change_last(f->store, &f->err) == last);
}

static void an_unresolved_case_gathers_the_customers_threads(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "hello?"));
	take_one(f, post_in("@sam", "2", "1", T(1), "anybody?"));
	take_one(f, post_in("@sam", "3", "", T(2), "and another thing"));
	assert_int_equal(count_of(f, ""), 1);
	assert_int_equal(posts_in(f, 1), 3);
	assert_string_equal(get_case(f, 1)->summary, "and another thing");
	assert_int_equal(get_case(f, 1)->status, STATUS_NEW);
	assert_true(get_case(f, 1)->due == T(20)); /* the oldest unanswered one runs the clock */
}

static void a_new_thread_after_the_case_was_done_makes_a_new_case_linked_to_it(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "hello"));
	act(f, ACTION_DONE, 1, "alice", "");
	take_one(f, post_in("@sam", "2", "", T(5), "something else"));
	assert_int_equal(count_of(f, ""), 2);
	assert_int_equal(get_case(f, 1)->status, STATUS_DONE);
	assert_int_equal(get_case(f, 2)->linked_to, 1);
	assert_int_equal(get_view(f, 2)->earlier_cases, 1);
}

static void a_post_in_the_thread_of_a_done_case_reopens_it(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "hello"));
	act(f, ACTION_DONE, 1, "alice", "solved");
	take_one(f, post_in("@sam", "2", "1", T(5), "no, it is not"));
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(kase->status, STATUS_OPEN);
	assert_string_equal(kase->done_reason, "");
	assert_true(kase->due > 0);
	assert_string_equal(journal_of(f, 1), "opened done reopened");
	assert_int_equal(count_of(f, ""), 1);
}

static void an_ignored_case_stays_ignored(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@spam", "1", "", T(0), "buy"));
	act(f, ACTION_IGNORE, 1, "alice", "");
	take_one(f, post_in("@spam", "2", "1", T(5), "buy more"));
	assert_int_equal(get_case(f, 1)->status, STATUS_IGNORED);
	assert_int_equal(get_case(f, 1)->due, 0);
	assert_int_equal(posts_in(f, 1), 2);
}

static void a_second_customer_in_a_thread_has_a_case_of_their_own_and_both_show_it_whole(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "it broke"));
	take_one(f, post_in("@kim", "2", "1", T(1), "mine too"));
	assert_int_equal(count_of(f, ""), 2);
	assert_string_equal(get_case(f, 2)->handle, "@kim");
	assert_int_equal(posts_in(f, 1), 2);
	assert_int_equal(posts_in(f, 2), 2);
	assert_true(get_case(f, 1)->last_in_at == T(0));
}

static void a_bystander_makes_no_case(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "it broke"));
	take_one(f, post_context("@kim", "2", "1", T(1), "oh no"));
	assert_int_equal(count_of(f, ""), 1);
	assert_int_equal(posts_in(f, 1), 2);
	assert_string_equal(get_case(f, 1)->summary, "it broke");
	take_one(f, post_in("@kim", "3", "1", T(2), "@acme and?"));
	assert_int_equal(count_of(f, ""), 2);
}

static void what_the_customer_says_in_their_thread_without_naming_us_counts_as_theirs(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "it broke"));
	take_one(f, post_out("2", "1", T(2), "sorry!"));
	assert_int_equal(get_case(f, 1)->status, STATUS_WAITING);
	take_one(f, post_context("@sam", "3", "2", T(3), "ok, and now?"));
	assert_int_equal(get_case(f, 1)->status, STATUS_OPEN);
	assert_true(get_case(f, 1)->last_in_at == T(3));
}

static void what_the_customer_said_to_others_before_does_not_start_the_clock(void **state)
{
	struct fixture *f = *state;
	struct incoming mention = post_in("@sam", "2", "1", T(60), "@acme what now?");
	take_one(f, mention);
	take_one(f, post_context("@sam", "1", "", T(0), "a bad day"));
	assert_int_equal(posts_in(f, 1), 2);
	assert_true(get_case(f, 1)->due == T(80));
}

static void context_that_turns_out_to_be_a_mention_makes_a_case(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_context("@sam", "1", "", T(0), "hm"));
	assert_int_equal(count_of(f, ""), 0);
	assert_int_equal(take_one(f, post_in("@sam", "1", "", T(0), "hm")), 0);
	assert_int_equal(count_of(f, ""), 1);
}

static void our_answer_stops_the_clock_and_the_case_waits(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "hello?"));
	take_one(f, post_out("2", "1", T(4), "hello!"));
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(kase->status, STATUS_WAITING);
	assert_int_equal(kase->due, 0);
	assert_true(kase->last_out_at == T(4) && kase->first_reply_at == T(4));
	assert_string_equal(journal_of(f, 1), "opened replied");
	assert_int_equal(count_of(f, "is:needs-reply"), 0);
	take_one(f, post_in("@sam", "3", "2", T(10), "thanks, but"));
	assert_int_equal(get_case(f, 1)->status, STATUS_OPEN);
	assert_true(get_case(f, 1)->due == T(10) + 240 * MINUTE);
	assert_true(get_case(f, 1)->first_reply_at == T(4));
}

static void an_answer_to_one_customer_leaves_the_others_case_alone(void **state)
{
	struct fixture *f = *state;
	struct incoming items[] = {post_in("@sam", "1", "", T(0), "it broke"),
	        post_in("@kim", "2", "1", T(1), "mine too"), post_out("3", "2", T(2), "@kim sorry")};
	take(f, items, 3);
	assert_int_equal(get_case(f, 1)->status, STATUS_NEW);
	assert_int_equal(get_case(f, 2)->status, STATUS_WAITING);
}

static void an_answer_to_nobody_in_particular_answers_all_in_the_thread(void **state)
{
	struct fixture *f = *state;
	struct incoming items[] = {post_out("1", "", T(-9), "new hours"), post_in("@sam", "2", "1", T(0), "why?"),
	        post_in("@kim", "3", "1", T(1), "yes, why?"), post_out("4", "1", T(2), "here is why")};
	take(f, items, 4);
	assert_int_equal(get_case(f, 1)->status, STATUS_WAITING);
	assert_int_equal(get_case(f, 2)->status, STATUS_WAITING);
	assert_true(get_case(f, 1)->first_reply_at == T(2));
}

static void our_own_announcement_is_no_answer_to_what_came_after(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "2", "1", T(0), "why?"));
	take_one(f, post_out("1", "", T(-9), "new hours"));
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(kase->status, STATUS_NEW);
	assert_int_equal(kase->first_reply_at, 0);
	assert_string_equal(journal_of(f, 1), "opened");
	assert_int_equal(posts_in(f, 1), 2);
}

static void a_gap_filled_newest_first_ends_in_the_same_case(void **state)
{
	struct fixture *f = *state;
	struct incoming items[] = {post_in("@sam", "4", "3", T(9), "still waiting"),
	        post_out("3", "2", T(5), "we look"), post_in("@sam", "2", "1", T(1), "hello?"),
	        post_in("@sam", "1", "", T(0), "it broke")};
	for (int i = 0; i < 4; i++)
		take_one(f, items[i]);
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(count_of(f, ""), 1);
	assert_int_equal(posts_in(f, 1), 4);
	assert_true(kase->first_post_at == T(0) && kase->last_in_at == T(9) && kase->first_reply_at == T(5));
	assert_true(kase->due == T(9) + 240 * MINUTE);
	assert_string_equal(kase->summary, "still waiting");
}

static void an_answer_that_came_before_its_question_still_answers_it(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_out("2", "1", T(5), "we look"));
	take_one(f, post_in("@sam", "1", "", T(0), "it broke"));
	assert_int_equal(get_case(f, 1)->status, STATUS_WAITING);
	assert_int_equal(get_case(f, 1)->due, 0);
	assert_true(get_case(f, 1)->first_reply_at == T(5));
}

static void threads_join_when_the_missing_parent_arrives(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "2", "1", T(2), "mine broke"));
	take_one(f, post_in("@kim", "5", "4", T(3), "mine as well"));
	assert_int_equal(posts_in(f, 1), 1);
	take_one(f, post_context("@lee", "4", "1", T(1), "who else?"));
	take_one(f, post_context("@lee", "1", "", T(0), "it breaks"));
	assert_int_equal(posts_in(f, 1), 4);
	assert_int_equal(posts_in(f, 2), 4);
	assert_int_equal(count_of(f, ""), 2);
}

static void a_root_that_is_named_joins_what_parents_do_not(void **state)
{
	struct fixture *f = *state;
	struct incoming a = post_in("@sam", "8", "7", T(2), "one"), b = post_in("@kim", "6", "5", T(3), "two");
	a.root_remote_id = b.root_remote_id = "1";
	take_one(f, a);
	take_one(f, b);
	assert_int_equal(posts_in(f, 1), 2);
}

static void an_edit_changes_the_text_and_an_older_version_does_not(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "where is my oder"));
	struct incoming edited = post_in("@sam", "1", "", T(0), "where is my order");
	edited.post.edited_at = T(3);
	assert_int_equal(take_one(f, edited), 0);
	take_one(f, post_in("@sam", "1", "", T(0), "where is my oder"));
	assert_string_equal(get_case(f, 1)->summary, "where is my order");
	const struct post *post = get_view(f, 1)->items[0].post;
	assert_string_equal(post->text, "where is my order");
	assert_true(post->edited_at == T(3));
	assert_string_equal(ids_of(f, "order"), "1");
	assert_string_equal(ids_of(f, "\"oder\""), "");
}

static void what_a_customer_is_called_now_is_known_without_a_word_of_theirs(void **state)
{
	struct fixture *f = *state;
	struct incoming seen = post_in("@sam", "1", "", T(0), "where is my order");
	take_one(f, seen);
	struct incoming now = {.kind = INCOMING_CUSTOMER, .customer = seen.customer, .root_remote_id = ""};
	now.customer.handle = "@samantha";
	now.customer.followers = 12000;
	assert_int_equal(take_one(f, now), 0);
	assert_string_equal(get_view(f, 1)->customer.handle, "@samantha");
	assert_int_equal(get_view(f, 1)->customer.followers, 12000);
	now.customer.remote_key = "somebody-who-never-spoke";
	take_one(f, now);
	assert_int_equal(count_of(f, "from:samantha"), 1);
}

static void desks_hear_at_once_what_a_customer_is_called_now(void **state)
{
	struct fixture *f = *state;
	struct change_row rows[8];
	struct incoming seen = post_in("@sam", "1", "", T(0), "where is my order");
	take_one(f, seen);
	take_one(f, post_in("@kim", "2", "", T(0), "and mine"));
	struct incoming now = {.kind = INCOMING_CUSTOMER, .customer = seen.customer, .root_remote_id = ""};
	int64_t seq = store_change_last(f->store, &f->err);
	take_one(f, now);
	assert_int_equal(store_changes(f->store, &seq, rows, 8, &f->err), 0);
	now.customer.name = "Samantha";
	take_one(f, now);
	assert_int_equal(store_changes(f->store, &seq, rows, 8, &f->err), 1);
	assert_int_equal(rows[0].kind, CHANGE_CASE);
	assert_int_equal(rows[0].id, 1);
}

static void a_deleted_post_stays_marked_and_no_longer_speaks(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "first"));
	take_one(f, post_in("@sam", "2", "1", T(1), "second"));
	take_one(f, post_deleted("2", T(4)));
	assert_string_equal(get_case(f, 1)->summary, "first");
	assert_true(get_case(f, 1)->last_in_at == T(0));
	take_one(f, post_deleted("1", T(5)));
	assert_int_equal(count_of(f, "is:needs-reply"), 0);
	assert_int_equal(posts_in(f, 1), 2);
	assert_true(get_view(f, 1)->items[0].post->deleted_at == T(5));
	take_one(f, post_deleted("nobody-knows-this", T(5)));
}

static void a_muted_customers_case_is_ignored_from_the_start(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@troll", "1", "", T(0), "bad"));
	struct action mute = {.kind = ACTION_MUTE, .case_id = 1, .agent = "alice", .until = T(999)};
	struct action_result result;
	assert_int_equal(store_act(f->store, &mute, T(1), &f->arena, &result, &f->err), 0);
	act(f, ACTION_DONE, 1, "alice", "");
	take_one(f, post_in("@troll", "2", "", T(2), "worse"));
	assert_int_equal(get_case(f, 2)->status, STATUS_IGNORED);
	take_one(f, post_in("@troll", "3", "1", T(3), "and again"));
	assert_int_equal(get_case(f, 1)->status, STATUS_DONE);
}

static void a_customers_post_wakes_a_snoozed_case(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", T(0), "hello"));
	struct action snooze = {.kind = ACTION_SNOOZE, .case_id = 1, .agent = "alice", .until = T(999)};
	struct action_result result;
	assert_int_equal(store_act(f->store, &snooze, T(1), &f->arena, &result, &f->err), 0);
	assert_int_equal(get_case(f, 1)->due, 0);
	take_one(f, post_in("@sam", "2", "1", T(2), "hello?"));
	assert_int_equal(get_case(f, 1)->status, STATUS_OPEN);
	assert_int_equal(get_case(f, 1)->snoozed_until, 0);
}

static void urgency_raises_the_priority_and_calm_does_not_lower_it(void **state)
{
	struct fixture *f = *state;
	struct incoming urgent = post_in("@sam", "2", "1", T(1), "my house burns");
	urgent.marks.priority = 2;
	take_one(f, post_in("@sam", "1", "", T(0), "hello"));
	take_one(f, urgent);
	take_one(f, post_in("@sam", "3", "1", T(2), "thanks"));
	assert_int_equal(get_case(f, 1)->priority, 2);
	assert_string_equal(journal_of(f, 1), "opened posted");
}

static void a_position_moves_with_its_posts_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct incoming item = post_in("@sam", "1", "", T(0), "hello");
	const char *position;
	int fresh;
	assert_int_equal(store_ingest(f->store, f->account, &item, 1, "mentions", "77", &fresh, &f->err), 0);
	assert_int_equal(store_position(f->store, f->account, "mentions", &f->arena, &position, &f->err), 0);
	assert_string_equal(position, "77");
	assert_int_equal(store_ingest(f->store, 99, &item, 1, "mentions", "78", &fresh, &f->err), -ERR_NOT_FOUND);
	store_position(f->store, f->account, "mentions", &f->arena, &position, &f->err);
	assert_string_equal(position, "77");
	store_position(f->store, f->account, "stream", &f->arena, &position, &f->err);
	assert_null(position);
}

static void nearly_the_same_words_of_several_are_counted(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@a", "1", "", T(0), "the app crashes when I open the basket page"));
	take_one(f, post_in("@b", "2", "", T(1), "the app crashes when I open the basket page"));
	take_one(f, post_in("@c", "3", "", T(2), "do you ship to Norway and how long does it take"));
	assert_int_equal(get_case(f, 1)->similar, 2);
	assert_int_equal(get_case(f, 3)->similar, 1);
}

static void media_come_back_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct media media[] = {{MEDIA_PHOTO, "a \"cracked\" cup", "https://x.example/1"}, {MEDIA_VIDEO, "", ""}};
	struct incoming item = post_in("@sam", "1", "", T(0), "look");
	item.post.media = media;
	item.post.media_count = 2;
	item.post.links = "https://y.example";
	take_one(f, item);
	const struct post *post = get_view(f, 1)->items[0].post;
	assert_int_equal(post->media_count, 2);
	assert_string_equal(post->media[0].alt, "a \"cracked\" cup");
	assert_int_equal(post->media[1].kind, MEDIA_VIDEO);
	assert_int_equal(get_case(f, 1)->media_count, 2);
	assert_string_equal(ids_of(f, "has:media has:link"), "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_mention_makes_a_case_with_a_clock),
	        TEST(the_same_post_twice_is_one_post),
	        TEST(a_known_post_again_rings_nothing),
	        TEST(an_unresolved_case_gathers_the_customers_threads),
	        TEST(a_new_thread_after_the_case_was_done_makes_a_new_case_linked_to_it),
	        TEST(a_post_in_the_thread_of_a_done_case_reopens_it),
	        TEST(an_ignored_case_stays_ignored),
	        TEST(a_second_customer_in_a_thread_has_a_case_of_their_own_and_both_show_it_whole),
	        TEST(a_bystander_makes_no_case),
	        TEST(what_the_customer_says_in_their_thread_without_naming_us_counts_as_theirs),
	        TEST(what_the_customer_said_to_others_before_does_not_start_the_clock),
	        TEST(context_that_turns_out_to_be_a_mention_makes_a_case),
	        TEST(our_answer_stops_the_clock_and_the_case_waits),
	        TEST(an_answer_to_one_customer_leaves_the_others_case_alone),
	        TEST(an_answer_to_nobody_in_particular_answers_all_in_the_thread),
	        TEST(our_own_announcement_is_no_answer_to_what_came_after),
	        TEST(a_gap_filled_newest_first_ends_in_the_same_case),
	        TEST(an_answer_that_came_before_its_question_still_answers_it),
	        TEST(threads_join_when_the_missing_parent_arrives),
	        TEST(a_root_that_is_named_joins_what_parents_do_not),
	        TEST(an_edit_changes_the_text_and_an_older_version_does_not),
	        TEST(desks_hear_at_once_what_a_customer_is_called_now),
	        TEST(what_a_customer_is_called_now_is_known_without_a_word_of_theirs),
	        TEST(a_deleted_post_stays_marked_and_no_longer_speaks),
	        TEST(a_muted_customers_case_is_ignored_from_the_start),
	        TEST(a_customers_post_wakes_a_snoozed_case),
	        TEST(urgency_raises_the_priority_and_calm_does_not_lower_it),
	        TEST(a_position_moves_with_its_posts_or_not_at_all),
	        TEST(nearly_the_same_words_of_several_are_counted),
	        TEST(media_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
