/* Drafts, and the whole life of a reply. */
#include "core/base/str.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)
#define OVERDUE (10 * MINUTE)

static int setup_case(void **state)
{
	if (fixture_setup(state))
		return -1;
	take_one(*state, post_in("@sam", "1", "", T(0), "where is it?"));
	return 0;
}

/* --- drafts */

static const struct draft *draft_of(struct fixture *f, int64_t case_id)
{
	const struct case_view *view = get_view(f, case_id);
	return view->draft_count ? &view->drafts[0] : NULL;
}

static void a_draft_is_kept_as_typed_and_rings_nothing(void **state)
{
	struct fixture *f = *state;
	struct draft draft = {.case_id = 1, .kind = DRAFT_REPLY, .text = "Hi S", .cursor = 4, .to_remote_id = "1"};
	const char *conflict;
	int64_t seq = store_change_last(f->store, &f->err);
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
	assert_null(conflict);
	assert_true(draft.revision > 0);
	assert_true(store_change_last(f->store, &f->err) == seq);
	assert_string_equal(draft_of(f, 1)->text, "Hi S");
	assert_int_equal(draft_of(f, 1)->cursor, 4);
	assert_true(get_case(f, 1)->draft_at == T(0));
	assert_string_equal(ids_of(f, "has:draft"), "1");
	fixture_wall_ms = T(3);
	take_one(f, post_in("@sam", "2", "1", T(3), "hello?"));
	assert_int_equal(get_case(f, 1)->newer_than_draft, 1);
	assert_int_equal(store_draft_delete(f->store, "alice", &draft, &f->err), 0);
	assert_null(draft_of(f, 1));
}

static void two_desks_of_one_agent_keep_both_texts(void **state)
{
	struct fixture *f = *state;
	struct draft here = {.case_id = 1, .text = "from here"}, there = {.case_id = 1, .text = "from there"};
	const char *conflict;
	store_draft_save(f->store, "alice", &here, &f->arena, &conflict, &f->err);
	assert_int_equal(store_draft_save(f->store, "alice", &there, &f->arena, &conflict, &f->err), 0);
	assert_string_equal(conflict, "from here");
	assert_non_null(strstr(draft_of(f, 1)->text, "from here")); /* although the desk may die before it saves both */
	assert_true(there.revision == here.revision + 1);
	there.text = "from there, on";
	store_draft_save(f->store, "alice", &there, &f->arena, &conflict, &f->err);
	assert_null(conflict);
	store_draft_save(f->store, "bob", &here, &f->arena, &conflict, &f->err);
	assert_null(conflict); /* another agent's is another draft */
}

static void a_new_draft_is_not_taken_for_the_one_before_it(void **state)
{
	struct fixture *f = *state;
	struct draft stale = {.case_id = 1, .text = "first"}, fresh = {.case_id = 1, .text = "second"};
	const char *conflict;
	store_draft_save(f->store, "alice", &stale, &f->arena, &conflict, &f->err);
	store_draft_delete(f->store, "alice", &stale, &f->err);
	fixture_wall_ms += 1000;
	store_draft_save(f->store, "alice", &fresh, &f->arena, &conflict, &f->err);
	stale.text = "first, on";
	assert_int_equal(store_draft_save(f->store, "alice", &stale, &f->arena, &conflict, &f->err), 0);
	assert_string_equal(conflict, "second");
}

static void only_the_draft_that_one_knows_is_thrown_away(void **state)
{
	struct fixture *f = *state;
	struct draft here = {.case_id = 1, .text = "from here"}, there = {.case_id = 1, .text = "from there"};
	const char *conflict;
	store_draft_save(f->store, "alice", &here, &f->arena, &conflict, &f->err);
	store_draft_save(f->store, "alice", &there, &f->arena, &conflict, &f->err);
	assert_int_equal(store_draft_delete(f->store, "alice", &here, &f->err), 0);
	assert_non_null(draft_of(f, 1));
	assert_int_equal(store_draft_delete(f->store, "alice", &there, &f->err), 0);
	assert_null(draft_of(f, 1));
}

/* --- replies */

static int64_t hold(struct fixture *f, struct reply reply)
{
	int64_t id = 0;
	reply.case_id = reply.case_id ? reply.case_id : 1;
	reply.agent = str_or(reply.agent, "alice");
	reply.to_remote_id = str_or(reply.to_remote_id, "1");
	reply.text = str_or(reply.text, "@sam on its way");
	reply.created_at = fixture_wall_ms;
	reply.hold_until = fixture_wall_ms + 20000;
	assert_int_equal(store_reply_hold(f->store, &reply, DRAFT_REPLY, &id, &f->err), 0);
	return id;
}

static const struct reply *get(struct fixture *f, int64_t id)
{
	const struct reply *reply;
	assert_int_equal(store_reply(f->store, id, &f->arena, &reply, &f->err), 0);
	return reply;
}

static bool take_reply(struct fixture *f, int64_t id)
{
	bool moved;
	assert_int_equal(store_reply_take(f->store, id, &moved, &f->err), 0);
	return moved;
}

static bool recall(struct fixture *f, int64_t id)
{
	bool recalled;
	assert_int_equal(store_reply_recall(f->store, id, "alice", fixture_wall_ms, &recalled, &f->err), 0);
	return recalled;
}

static int queue_due(struct fixture *f)
{
	int moved;
	assert_int_equal(store_reply_queue_due(f->store, fixture_wall_ms, OVERDUE, &moved, &f->err), 0);
	return moved;
}

static int64_t hold_and_queue(struct fixture *f, struct reply reply)
{
	int64_t id = hold(f, reply);
	fixture_wall_ms += 20000;
	queue_due(f);
	return id;
}

static const char *objection(struct fixture *f, int64_t id)
{
	const char *reason;
	assert_int_equal(store_reply_objection(f->store, get(f, id), &f->arena, &reason, &f->err), 0);
	return reason;
}

static void a_reply_takes_only_the_draft_with_it_that_it_says(void **state)
{
	struct fixture *f = *state;
	struct draft draft = {.case_id = 1, .text = "on its  way"};
	const char *conflict;
	store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err);
	hold(f, (struct reply){0});
	assert_null(draft_of(f, 1));
	draft = (struct draft){.case_id = 1, .text = "on its way\nand what my other desk said"};
	store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err);
	hold(f, (struct reply){.typed = "on its way"});
	assert_string_equal(draft_of(f, 1)->text, draft.text);
}

static int posts_out(struct fixture *f)
{
	const struct case_view *view = get_view(f, 1);
	int count = 0;
	for (int i = 0; i < view->item_count; i++)
		count += view->items[i].post && view->items[i].post->direction == DIR_OUT;
	return count;
}

static void a_confirmed_reply_is_held_and_its_draft_is_gone(void **state)
{
	struct fixture *f = *state;
	struct draft draft = {.case_id = 1, .text = "@sam on its way"};
	const char *conflict;
	int64_t due;
	store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err);
	int64_t id = hold(f, (struct reply){0});
	assert_int_equal(get(f, id)->state, REPLY_HELD);
	assert_int_equal(strlen(get(f, id)->idempotency_key), 32);
	assert_null(draft_of(f, 1));
	assert_string_equal(journal_of(f, 1), "opened reply-held");
	assert_string_equal(ids_of(f, "is:outbox"), "1");
	assert_int_equal(store_replies_next(f->store, &due, &f->err), 0);
	assert_true(due == T(0) + 20000);
	int64_t none;
	assert_int_equal(
	        store_reply_hold(f->store, &(struct reply){.case_id = 9, .agent = "alice"}, -1, &none, &f->err),
	        -ERR_NOT_FOUND);
}

static void a_case_with_an_answer_on_its_way_is_not_the_next(void **state)
{
	struct fixture *f = *state;
	int64_t next, id = hold(f, (struct reply){0});
	assert_int_equal(store_next_needed(f->store, "alice", 0, T(1), &next, &f->err), 0);
	assert_int_equal(next, 0);
	assert_true(recall(f, id));
	assert_int_equal(store_next_needed(f->store, "alice", 0, T(1), &next, &f->err), 0);
	assert_int_equal(next, 1);
}

static void a_reply_goes_out_when_its_hold_is_over(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold(f, (struct reply){.follow = "next"});
	assert_int_equal(queue_due(f), 0);
	assert_false(take_reply(f, id));
	fixture_wall_ms += 20000;
	assert_int_equal(queue_due(f), 1);
	assert_true(take_reply(f, id));
	assert_false(take_reply(f, id)); /* not twice */
	assert_int_equal(get(f, id)->attempts, 1);
	struct incoming published = post_out("100", "1", T(1), "@sam on its way");
	assert_int_equal(store_reply_sent(f->store, id, &published, T(1), &f->err), 0);
	assert_int_equal(get(f, id)->state, REPLY_SENT);
	assert_string_equal(get(f, id)->remote_id, "100");
	assert_int_equal(get_case(f, 1)->status, STATUS_WAITING);
	assert_true(get_case(f, 1)->first_reply_at == T(1));
	assert_string_equal(journal_of(f, 1), "opened reply-held replied");
	const struct case_view *view = get_view(f, 1);
	const struct post *post = view->items[view->item_count - 1].post;
	for (int i = 0; i < view->item_count; i++)
		if (view->items[i].post && view->items[i].post->direction == DIR_OUT)
			post = view->items[i].post;
	assert_int_equal(post->reply_id, id);
	assert_string_equal(post->sent_by, "alice");
	assert_int_equal(store_reply_sent(f->store, id, &published, T(1), &f->err), 0); /* said again: no matter */
	assert_int_equal(posts_out(f), 1);
}

static void our_post_is_one_row_whether_the_stream_or_the_answer_comes_first(void **state)
{
	struct fixture *f = *state;
	struct incoming published = post_out("100", "1", T(1), "@sam on its way");
	int64_t id = hold_and_queue(f, (struct reply){0});
	take_reply(f, id);
	take_one(f, published);
	assert_int_equal(store_reply_sent(f->store, id, &published, T(1), &f->err), 0);
	assert_int_equal(posts_out(f), 1);
	id = hold_and_queue(f, (struct reply){.text = "@sam and sorry"});
	take_reply(f, id);
	published = post_out("101", "1", T(2), "@sam and sorry");
	store_reply_sent(f->store, id, &published, T(2), &f->err);
	take_one(f, published);
	assert_int_equal(posts_out(f), 2);
	assert_int_equal(get_case(f, 1)->status, STATUS_WAITING);
}

static void recall_gives_the_text_back_until_the_courier_has_it(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold(f, (struct reply){.text = "@sam oops"});
	assert_true(recall(f, id));
	assert_int_equal(get(f, id)->state, REPLY_RECALLED);
	assert_string_equal(draft_of(f, 1)->text, "@sam oops");
	assert_false(recall(f, id));
	fixture_wall_ms += 20000;
	assert_int_equal(queue_due(f), 0);
	id = hold_and_queue(f, (struct reply){.text = "@sam better"});
	assert_true(recall(f, id));
	assert_false(take_reply(f, id));
	id = hold_and_queue(f, (struct reply){.text = "@sam best"});
	assert_true(take_reply(f, id));
	assert_false(recall(f, id)); /* too late */
	assert_int_equal(get(f, id)->state, REPLY_SENDING);
}

static void a_correction_that_may_have_been_made_is_no_longer_recalled(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_out("100", "1", T(1), "it is thare"));
	int64_t id = hold_and_queue(f, (struct reply){.kind = REPLY_KIND_EDIT, .to_remote_id = "100"});
	assert_true(take_reply(f, id));
	assert_int_equal(store_reply_fail(f->store, id, REPLY_IN_DOUBT, "timeout", T(2), &f->err), 0);
	assert_int_equal(store_reply_back(f->store, id, T(3), "again", false, &f->err), 0);
	assert_false(recall(f, id));
	assert_int_equal(get(f, id)->state, REPLY_QUEUED);
}

static void a_recalled_text_does_not_overwrite_what_was_typed_meanwhile(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold(f, (struct reply){.text = "first thought"});
	struct draft draft = {.case_id = 1, .text = "second thought"};
	const char *conflict;
	store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err);
	assert_true(recall(f, id));
	assert_string_equal(draft_of(f, 1)->text, "first thought\n\nsecond thought");
}

static void what_is_long_overdue_asks_instead_of_being_sent(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold(f, (struct reply){0});
	fixture_wall_ms += 20000 + OVERDUE + 1;
	assert_int_equal(queue_due(f), 1);
	assert_int_equal(get(f, id)->state, REPLY_STOPPED);
	assert_true(*get(f, id)->error);
	assert_int_equal(store_reply_withdraw(f->store, id, "alice", fixture_wall_ms, &f->err), 0);
	assert_string_equal(draft_of(f, 1)->text, "@sam on its way");
	assert_int_equal(store_reply_withdraw(f->store, id, "alice", fixture_wall_ms, &f->err), -ERR_STATE);
}

static void replies_of_a_case_leave_in_order(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@kim", "9", "", T(0), "hi"));
	int64_t first = hold(f, (struct reply){.text = "1/2"});
	int64_t second = hold(f, (struct reply){.text = "2/2"});
	int64_t other = hold_and_queue(f, (struct reply){.case_id = 2, .to_remote_id = "9"});
	assert_false(take_reply(f, second));
	assert_true(take_reply(f, first));
	assert_false(take_reply(f, second));
	assert_true(take_reply(f, other));
	assert_int_equal(store_reply_fail(f->store, first, REPLY_IN_DOUBT, "timeout", T(2), &f->err), 0);
	assert_false(take_reply(f, second));
	struct incoming published = post_out("100", "1", T(1), "1/2");
	assert_int_equal(store_reply_sent(f->store, first, &published, T(1), &f->err), 0);
	assert_true(take_reply(f, second));
}

static void what_may_be_the_post_of_a_reply_in_doubt_is_not_changed_before_it_is_known(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@kim", "9", "1", T(0), "hi"));
	int64_t first = hold_and_queue(f, (struct reply){.text = "there"});
	assert_true(take_reply(f, first));
	take_one(f, post_out("100", "1", T(1), "there")); /* the stream has it, the answer is still out */
	int64_t edit = hold(f, (struct reply){.case_id = 2, .kind = REPLY_KIND_EDIT, .to_remote_id = "100"});
	queue_due(f);
	fixture_wall_ms += 20000;
	queue_due(f);
	assert_false(take_reply(f, edit));
	assert_int_equal(store_reply_fail(f->store, first, REPLY_IN_DOUBT, "timeout", T(2), &f->err), 0);
	assert_false(take_reply(f, edit));
	struct incoming published = post_out("100", "1", T(1), "there");
	assert_int_equal(store_reply_sent(f->store, first, &published, T(2), &f->err), 0);
	assert_true(take_reply(f, edit));
}

static void nor_what_may_be_a_correction_in_doubt_that_was_said_again(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@kim", "9", "1", T(0), "hi"));
	take_one(f, post_out("100", "1", T(1), "ther"));
	int64_t first =
	        hold_and_queue(f, (struct reply){.kind = REPLY_KIND_EDIT, .to_remote_id = "100", .text = "there"});
	assert_true(take_reply(f, first));
	assert_int_equal(store_reply_fail(f->store, first, REPLY_IN_DOUBT, "timeout", T(2), &f->err), 0);
	take_one(f, post_out("101", "1", T(2), "there"));
	int64_t away = hold(f, (struct reply){.case_id = 2, .kind = REPLY_KIND_DELETE, .to_remote_id = "101"});
	fixture_wall_ms += 20000;
	queue_due(f);
	assert_false(take_reply(f, away));
	struct incoming published = post_out("101", "1", T(2), "there");
	assert_int_equal(store_reply_sent(f->store, first, &published, T(3), &f->err), 0);
	assert_true(take_reply(f, away));
}

static void corrections_of_one_post_are_made_in_order_whatever_case_they_come_from(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@kim", "9", "1", T(0), "hi"));
	take_one(f, post_out("100", "1", T(1), "ther"));
	struct reply edit = {.kind = REPLY_KIND_EDIT, .to_remote_id = "100", .text = "there"};
	int64_t first = hold_and_queue(f, edit);
	edit.case_id = 2;
	edit.text = "there, there";
	int64_t second = hold_and_queue(f, edit);
	assert_false(take_reply(f, second));
	assert_true(take_reply(f, first));
	assert_int_equal(store_reply_fail(f->store, first, REPLY_IN_DOUBT, "timeout", T(2), &f->err), 0);
	assert_false(take_reply(f, second));
	struct incoming published = post_out("100", "1", T(1), "there");
	assert_int_equal(store_reply_sent(f->store, first, &published, T(3), &f->err), 0);
	assert_true(take_reply(f, second));
}

static void a_reply_waits_also_for_an_earlier_one_that_is_held_longer(void **state)
{
	struct fixture *f = *state;
	int64_t first = hold(f, (struct reply){.text = "1/2"});
	fixture_wall_ms -= 15000; /* the clock is set, or another desk holds for less */
	int64_t second = hold_and_queue(f, (struct reply){.text = "2/2"});
	assert_int_equal(get(f, first)->state, REPLY_HELD);
	assert_false(take_reply(f, second));
	fixture_wall_ms += 15000;
	queue_due(f);
	assert_true(take_reply(f, first));
}

static void what_was_certainly_not_sent_is_queued_again_with_its_key_or_a_new_one(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){0}), due;
	const char *key = get(f, id)->idempotency_key;
	take_reply(f, id);
	assert_int_equal(store_reply_back(f->store, id, T(5), "no route", false, &f->err), 0);
	assert_int_equal(get(f, id)->state, REPLY_QUEUED);
	assert_string_equal(get(f, id)->idempotency_key, key);
	assert_string_equal(get(f, id)->error, "no route");
	store_replies_next(f->store, &due, &f->err);
	assert_true(due == T(5));
	take_reply(f, id);
	assert_int_equal(store_reply_back(f->store, id, T(9), "422", true, &f->err), 0);
	assert_string_not_equal(get(f, id)->idempotency_key, key);
	assert_int_equal(get(f, id)->attempts, 2);
}

static void a_failed_reply_waits_in_the_outbox_with_its_reason(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){0});
	struct queue_numbers numbers;
	const struct reply *replies;
	int count;
	take_reply(f, id);
	assert_int_equal(store_reply_fail(f->store, id, REPLY_FAILED, "text too long", 0, &f->err), 0);
	assert_string_equal(get(f, id)->error, "text too long");
	assert_string_equal(journal_of(f, 1), "opened reply-held reply-failed");
	assert_int_equal(store_queue_numbers(f->store, fixture_wall_ms, T(-60), &numbers, &f->err), 0);
	assert_int_equal(numbers.outbox, 1);
	assert_int_equal(store_replies(f->store, 1u << REPLY_FAILED, NULL, &f->arena, &replies, &count, &f->err), 0);
	assert_int_equal(count, 1);
	store_replies(f->store, 1u << REPLY_FAILED, "bob", &f->arena, &replies, &count, &f->err);
	assert_int_equal(count, 0);
	store_replies_since(f->store, "alice", T(0) - 1, &f->arena, &replies, &count, &f->err);
	assert_int_equal(count, 1);
	struct incoming published = post_out("100", "1", T(1), "x");
	assert_int_equal(store_reply_sent(f->store, id, &published, T(1), &f->err), -ERR_STATE);
}

static void what_follows_a_reply_follows_it(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){.follow = "done"});
	take_reply(f, id);
	struct incoming published = post_out("100", "1", T(1), "there");
	store_reply_sent(f->store, id, &published, T(1), &f->err);
	assert_int_equal(get_case(f, 1)->status, STATUS_DONE);
	take_one(f, post_in("@sam", "2", "100", T(2), "and?"));
	assert_int_equal(get_case(f, 1)->status, STATUS_OPEN);
	id = hold_and_queue(f, (struct reply){.follow = "snooze 1790009999999", .to_remote_id = "2"});
	take_reply(f, id);
	published = post_out("101", "2", T(3), "tomorrow");
	store_reply_sent(f->store, id, &published, T(3), &f->err);
	assert_int_equal(get_case(f, 1)->status, STATUS_SNOOZED);
	assert_true(get_case(f, 1)->snoozed_until == 1790009999999);
}

static void nothing_is_closed_over_what_the_customer_said_meanwhile(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){.follow = "done"});
	take_reply(f, id);
	take_one(f, post_in("@sam", "2", "1", T(5), "wait!"));
	struct incoming published = post_out("100", "1", T(4), "there");
	store_reply_sent(f->store, id, &published, T(4), &f->err);
	assert_int_equal(get_case(f, 1)->status, STATUS_OPEN);
	assert_string_equal(ids_of(f, "is:needs-reply"), "1");
}

static void a_like_acknowledges_and_stops_no_clock(void **state)
{
	struct fixture *f = *state;
	int64_t due = get_case(f, 1)->due;
	int64_t id = hold_and_queue(f, (struct reply){.kind = REPLY_KIND_LIKE});
	take_reply(f, id);
	assert_int_equal(store_reply_sent(f->store, id, NULL, T(1), &f->err), 0);
	assert_true(get_view(f, 1)->items[0].post->liked_by_us);
	assert_true(get_case(f, 1)->due == due);
	assert_string_equal(journal_of(f, 1), "opened reply-held liked");
	id = hold_and_queue(f, (struct reply){.kind = REPLY_KIND_LIKE, .follow = "done"});
	take_reply(f, id);
	assert_int_equal(store_reply_sent(f->store, id, NULL, T(2), &f->err), 0);
	assert_int_equal(get_case(f, 1)->status, STATUS_DONE);
}

static void done_there(struct fixture *f, enum reply_kind kind, int64_t at)
{
	int64_t id = hold_and_queue(f, (struct reply){.kind = kind});
	take_reply(f, id);
	assert_int_equal(store_reply_sent(f->store, id, NULL, at, &f->err), 0);
}

static void a_like_and_a_boost_are_ours_until_they_are_taken_back(void **state)
{
	struct fixture *f = *state;
	done_there(f, REPLY_KIND_LIKE, T(1));
	done_there(f, REPLY_KIND_BOOST, T(2));
	assert_true(get_view(f, 1)->items[0].post->liked_by_us);
	assert_int_equal(get_view(f, 1)->items[0].post->boosted_by_us, 1);
	done_there(f, REPLY_KIND_UNLIKE, T(3));
	done_there(f, REPLY_KIND_UNBOOST, T(4));
	assert_false(get_view(f, 1)->items[0].post->liked_by_us);
	assert_int_equal(get_view(f, 1)->items[0].post->boosted_by_us, 0);
	assert_non_null(strstr(journal_of(f, 1), " boosted unliked unboosted"));
}

/* X says neither whether we have passed a post on nor whether we like it; Mastodon's hashtags say neither, too. */
static void a_like_and_a_boost_of_ours_outlive_what_a_network_does_not_say(void **state)
{
	struct fixture *f = *state;
	struct incoming again = post_in("@sam", "1", "", T(0), "where is it");
	done_there(f, REPLY_KIND_BOOST, T(1));
	done_there(f, REPLY_KIND_LIKE, T(1));
	again.post.liked_by_us = again.post.boosted_by_us = -1;
	again.post.likes = 7;
	take_one(f, again);
	assert_int_equal(get_view(f, 1)->items[0].post->likes, 7);
	assert_int_equal(get_view(f, 1)->items[0].post->boosted_by_us, 1);
	assert_int_equal(get_view(f, 1)->items[0].post->liked_by_us, 1);
	again.post.liked_by_us = again.post.boosted_by_us = 0;
	take_one(f, again);
	assert_int_equal(get_view(f, 1)->items[0].post->liked_by_us, 0);
	assert_int_equal(get_view(f, 1)->items[0].post->boosted_by_us, 0);
}

static void our_post_can_be_corrected_and_taken_back(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_out("100", "1", T(1), "it is thare"));
	int64_t id = hold_and_queue(f, (struct reply){.kind = REPLY_KIND_EDIT, .to_remote_id = "100"});
	take_reply(f, id);
	struct incoming edited = post_out("100", "1", T(1), "it is there");
	edited.post.edited_at = T(2);
	assert_int_equal(store_reply_sent(f->store, id, &edited, T(2), &f->err), 0);
	assert_int_equal(posts_out(f), 1);
	assert_string_equal(ids_of(f, "\"it is there\""), "1");
	const struct post *post;
	assert_int_equal(store_post(f->store, f->account, "100", &f->arena, &post, &f->err), 0);
	assert_string_equal(post->text, "it is there");
	assert_true(post->edited_at == T(2));
	id = hold_and_queue(f, (struct reply){.kind = REPLY_KIND_DELETE, .to_remote_id = "100"});
	take_reply(f, id);
	assert_int_equal(store_reply_sent(f->store, id, NULL, T(3), &f->err), 0);
	assert_int_equal(get_case(f, 1)->status, STATUS_WAITING);
	assert_non_null(strstr(journal_of(f, 1), "corrected"));
	assert_non_null(strstr(journal_of(f, 1), "withdrawn"));
}

/* --- what stands against sending */

static int64_t newest_post(struct fixture *f)
{
	const struct case_view *view = get_view(f, 1);
	int64_t id = 0;
	for (int i = 0; i < view->item_count; i++)
		if (view->items[i].post && view->items[i].post->id > id)
			id = view->items[i].post->id;
	return id;
}

static void nothing_new_stands_against_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){.seen_post_id = newest_post(f)});
	assert_string_equal(objection(f, id), "");
	take_one(f, post_context("@lee", "7", "1", T(1), "I wonder too")); /* a bystander */
	assert_string_equal(objection(f, id), "");
}

static void the_customers_newer_post_stands_against_it(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){.seen_post_id = newest_post(f)});
	take_one(f, post_in("@sam", "2", "1", T(1), "found it!"));
	assert_string_equal(objection(f, id), "the customer wrote again");
	int64_t anyway = hold(f, (struct reply){.seen_post_id = 1, .anyway = true});
	assert_string_equal(objection(f, anyway), "");
}

static void a_colleagues_answer_stands_against_it_and_ones_own_does_not(void **state)
{
	struct fixture *f = *state;
	int64_t seen = newest_post(f);
	int64_t bobs = hold(f, (struct reply){.agent = "bob", .seen_post_id = seen, .text = "b"});
	int64_t first = hold(f, (struct reply){.seen_post_id = seen, .text = "a 1/2"});
	int64_t second = hold_and_queue(f, (struct reply){.seen_post_id = seen, .text = "a 2/2"});
	take_reply(f, bobs);
	store_reply_fail(f->store, bobs, REPLY_STOPPED, "waits", 0, &f->err);
	assert_true(take_reply(f, first));
	struct incoming published = post_out("100", "1", T(1), "a 1/2");
	store_reply_sent(f->store, first, &published, T(1), &f->err);
	assert_string_equal(objection(f, second), "");
	assert_string_equal(objection(f, bobs), "alice answered");
	take_one(f, post_out("101", "1", T(2), "from the web"));
	assert_string_equal(objection(f, second), "it was answered elsewhere");
}

static void a_deleted_or_edited_parent_stands_against_it(void **state)
{
	struct fixture *f = *state;
	int64_t id = hold_and_queue(f, (struct reply){.seen_post_id = newest_post(f)});
	struct incoming edited = post_in("@sam", "1", "", T(0), "never mind");
	edited.post.edited_at = fixture_wall_ms;
	take_one(f, edited);
	assert_string_equal(objection(f, id), "the post was edited");
	take_one(f, post_deleted("1", T(1)));
	assert_string_equal(objection(f, id), "the post was deleted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_case, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_draft_is_kept_as_typed_and_rings_nothing),
	        TEST(two_desks_of_one_agent_keep_both_texts),
	        TEST(a_new_draft_is_not_taken_for_the_one_before_it),
	        TEST(only_the_draft_that_one_knows_is_thrown_away),
	        TEST(a_reply_takes_only_the_draft_with_it_that_it_says),
	        TEST(a_confirmed_reply_is_held_and_its_draft_is_gone),
	        TEST(a_case_with_an_answer_on_its_way_is_not_the_next),
	        TEST(a_reply_goes_out_when_its_hold_is_over),
	        TEST(our_post_is_one_row_whether_the_stream_or_the_answer_comes_first),
	        TEST(recall_gives_the_text_back_until_the_courier_has_it),
	        TEST(a_correction_that_may_have_been_made_is_no_longer_recalled),
	        TEST(a_recalled_text_does_not_overwrite_what_was_typed_meanwhile),
	        TEST(what_is_long_overdue_asks_instead_of_being_sent),
	        TEST(replies_of_a_case_leave_in_order),
	        TEST(what_may_be_the_post_of_a_reply_in_doubt_is_not_changed_before_it_is_known),
	        TEST(nor_what_may_be_a_correction_in_doubt_that_was_said_again),
	        TEST(corrections_of_one_post_are_made_in_order_whatever_case_they_come_from),
	        TEST(a_reply_waits_also_for_an_earlier_one_that_is_held_longer),
	        TEST(what_was_certainly_not_sent_is_queued_again_with_its_key_or_a_new_one),
	        TEST(a_failed_reply_waits_in_the_outbox_with_its_reason),
	        TEST(what_follows_a_reply_follows_it),
	        TEST(nothing_is_closed_over_what_the_customer_said_meanwhile),
	        TEST(a_like_acknowledges_and_stops_no_clock),
	        TEST(a_like_and_a_boost_are_ours_until_they_are_taken_back),
	        TEST(a_like_and_a_boost_of_ours_outlive_what_a_network_does_not_say),
	        TEST(our_post_can_be_corrected_and_taken_back),
	        TEST(nothing_new_stands_against_nothing),
	        TEST(the_customers_newer_post_stands_against_it),
	        TEST(a_colleagues_answer_stands_against_it_and_ones_own_does_not),
	        TEST(a_deleted_or_edited_parent_stands_against_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
