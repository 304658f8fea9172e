/* Texts in several posts, what a recall gives back, files, and what a person settles. */
#include "core/base/str.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define OVERDUE (10 * MINUTE)

static int setup_case(void **state)
{
	if (fixture_setup(state))
		return -1;
	take_one(*state, post_in("@sam", "1", "", NOON, "where is it?"));
	return 0;
}

static struct reply part(const char *text, const char *typed)
{
	return (struct reply){.case_id = 1,
	        .agent = "alice",
	        .to_remote_id = "1",
	        .to_handle = "@sam",
	        .text = text,
	        .typed = typed,
	        .follow = "done",
	        .created_at = fixture_wall_ms,
	        .hold_until = fixture_wall_ms + 20000};
}

/* Ids 1, 2 and 3. */
static void hold_three(struct fixture *f)
{
	static const struct attachment photo = {"/home/alice/label.png", "the label"};
	struct reply parts[] = {
	        part("@sam 1/3 One.", "One. "), part("@sam 2/3 Two.", "Two.\n"), part("@sam 3/3 Three.", "Three.")};
	int64_t id;
	parts[0].files = &photo;
	parts[0].file_count = 1;
	assert_int_equal(store_reply_hold_parts(f->store, parts, 3, DRAFT_REPLY, &id, &f->err), 0);
	assert_int_equal(id, 1);
}

static void let_go(struct fixture *f)
{
	int moved;
	fixture_wall_ms += 20000;
	assert_int_equal(store_reply_queue_due(f->store, fixture_wall_ms, OVERDUE, &moved, &f->err), 0);
}

static const struct reply *get(struct fixture *f, int64_t id)
{
	const struct reply *reply;
	assert_int_equal(store_reply(f->store, id, &f->arena, &reply, &f->err), 0);
	return reply;
}

static bool starts(struct fixture *f, int64_t id)
{
	bool moved;
	assert_int_equal(store_reply_take(f->store, id, &moved, &f->err), 0);
	return moved;
}

static void arrives(struct fixture *f, int64_t id, const char *remote_id)
{
	struct incoming post = post_out(remote_id, get(f, id)->to_remote_id, fixture_wall_ms, get(f, id)->text);
	assert_int_equal(store_reply_sent(f->store, id, &post, fixture_wall_ms, &f->err), 0);
}

static bool recall(struct fixture *f, int64_t id)
{
	bool recalled;
	assert_int_equal(store_reply_recall(f->store, id, "alice", fixture_wall_ms, &recalled, &f->err), 0);
	return recalled;
}

static const struct draft *draft_now(struct fixture *f)
{
	const struct case_view *view = get_view(f, 1);
	assert_int_equal(view->draft_count, 1);
	return &view->drafts[0];
}

static void each_part_answers_the_one_before_and_the_last_is_followed(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	let_go(f);
	assert_false(starts(f, 2));
	assert_true(starts(f, 1));
	assert_false(starts(f, 2));
	arrives(f, 1, "r1");
	assert_int_not_equal(get_case(f, 1)->status, STATUS_DONE);
	assert_false(starts(f, 3));
	assert_true(starts(f, 2));
	assert_string_equal(get(f, 2)->to_remote_id, "r1");
	arrives(f, 2, "r2");
	assert_true(starts(f, 3));
	assert_string_equal(get(f, 3)->to_remote_id, "r2");
	arrives(f, 3, "r3");
	assert_int_equal(get_case(f, 1)->status, STATUS_DONE);
}

static void a_recall_gives_back_what_was_typed_in_all_parts(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	assert_true(recall(f, 1));
	assert_string_equal(draft_now(f)->text, "One. Two.\nThree.");
	assert_int_equal(draft_now(f)->file_count, 1);
	assert_string_equal(draft_now(f)->files[0].path, "/home/alice/label.png");
	assert_string_equal(draft_now(f)->files[0].alt, "the label");
	assert_int_equal(get(f, 3)->state, REPLY_RECALLED);
	assert_false(recall(f, 2));
}

static void a_recall_after_the_first_part_gives_back_the_rest(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	let_go(f);
	starts(f, 1);
	arrives(f, 1, "r1");
	assert_true(recall(f, 2));
	assert_string_equal(draft_now(f)->text, "Two.\nThree.");
	assert_int_equal(get(f, 1)->state, REPLY_SENT);
}

static void a_part_that_is_refused_stops_those_after_it(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	let_go(f);
	starts(f, 1);
	arrives(f, 1, "r1");
	starts(f, 2);
	assert_int_equal(store_reply_fail(f->store, 2, REPLY_FAILED, "too rude", 0, &f->err), 0);
	assert_int_equal(get(f, 3)->state, REPLY_STOPPED);
	assert_string_equal(get(f, 3)->error, "part 2 of 3 was not sent");
	assert_int_equal(store_reply_withdraw(f->store, 3, "alice", fixture_wall_ms, &f->err), 0);
	assert_string_equal(draft_now(f)->text, "Two.\nThree.");
	assert_int_equal(get(f, 2)->state, REPLY_RECALLED);
}

static void a_part_in_doubt_holds_the_next_ones_back(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	let_go(f);
	starts(f, 1);
	assert_int_equal(store_reply_fail(f->store, 1, REPLY_IN_DOUBT, "who knows", 0, &f->err), 0);
	assert_false(starts(f, 2));
	assert_int_equal(get(f, 2)->state, REPLY_QUEUED);
	arrives(f, 1, "r1");
	assert_true(starts(f, 2));
}

static void what_was_typed_comes_back_without_handle_and_signature(void **state)
{
	struct fixture *f = *state;
	struct reply reply = part("@sam It is on its way. ^AL", "It is on its way.");
	int64_t id;
	assert_int_equal(store_reply_hold(f->store, &reply, DRAFT_REPLY, &id, &f->err), 0);
	assert_int_equal(get(f, id)->parts, 0);
	assert_true(recall(f, id));
	assert_string_equal(draft_now(f)->text, "It is on its way.");
}

static void a_draft_keeps_its_files(void **state)
{
	struct fixture *f = *state;
	static const struct attachment files[] = {{"/tmp/a \"b\".png", ""}, {"/tmp/c.mp4", "a door, \\ and \n bell"}};
	struct draft draft = {.case_id = 1, .kind = DRAFT_REPLY, .text = "Hi", .files = files, .file_count = 2};
	const char *conflict;
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
	const struct draft *kept = draft_now(f);
	assert_int_equal(kept->file_count, 2);
	assert_string_equal(kept->files[0].path, "/tmp/a \"b\".png");
	assert_string_equal(kept->files[0].alt, "");
	assert_string_equal(kept->files[1].alt, "a door, \\ and \n bell");
}

static void doubt(struct fixture *f, int64_t id)
{
	starts(f, id);
	assert_int_equal(store_reply_fail(f->store, id, REPLY_IN_DOUBT, "who knows", 0, &f->err), 0);
}

static void a_person_says_that_it_was_sent(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	let_go(f);
	doubt(f, 1);
	assert_int_equal(store_reply_settle(f->store, 1, true, "bob", fixture_wall_ms, &f->err), 0);
	assert_int_equal(get(f, 1)->state, REPLY_SENT);
	assert_int_equal(get(f, 2)->state, REPLY_STOPPED);
	assert_string_equal(get(f, 2)->error, "part 1 of 3 is not known here");
	assert_int_equal(store_reply_settle(f->store, 1, true, "bob", fixture_wall_ms, &f->err), -ERR_STATE);
}

static void a_person_says_that_it_was_not_sent(void **state)
{
	struct fixture *f = *state;
	struct reply reply = part("@sam hello", "hello");
	int64_t id;
	store_reply_hold(f->store, &reply, DRAFT_REPLY, &id, &f->err);
	let_go(f);
	doubt(f, id);
	assert_int_equal(store_reply_settle(f->store, id, false, "bob", fixture_wall_ms, &f->err), 0);
	assert_int_equal(get(f, id)->state, REPLY_STOPPED);
	assert_string_equal(get(f, id)->error, "bob looked: it was not sent");
	assert_int_equal(store_reply_withdraw(f->store, id, "alice", fixture_wall_ms, &f->err), 0);
	assert_string_equal(draft_now(f)->text, "hello");
}

static const struct kase *first_of(struct fixture *f, const char *text)
{
	const struct query *query;
	const struct kase *rows;
	int count;
	bool more;
	assert_int_equal(query_parse(text, "alice", &f->arena, &query, NULL, &f->err), 0);
	assert_int_equal(
	        store_cases(f->store, query, "alice", NULL, false, 10, &f->arena, &rows, &count, &more, &f->err), 0);
	assert_int_equal(count, 1);
	return rows;
}

static void rows_of_the_outbox_tell_their_replies(void **state)
{
	struct fixture *f = *state;
	hold_three(f);
	const struct kase *row = first_of(f, "is:outbox assignee:none");
	assert_int_equal(row->outgoing_count, 3);
	assert_string_equal(row->outgoing->typed, "One. ");
	let_go(f);
	starts(f, 1);
	arrives(f, 1, "r1");
	starts(f, 2);
	store_reply_fail(f->store, 2, REPLY_FAILED, "too rude", 0, &f->err);
	row = first_of(f, "is:outbox");
	assert_int_equal(row->outgoing->state, REPLY_FAILED);
	assert_string_equal(row->outgoing->error, "too rude");
	assert_null(first_of(f, "")->outgoing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_case, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(each_part_answers_the_one_before_and_the_last_is_followed),
	        TEST(a_recall_gives_back_what_was_typed_in_all_parts),
	        TEST(a_recall_after_the_first_part_gives_back_the_rest),
	        TEST(a_part_that_is_refused_stops_those_after_it),
	        TEST(a_part_in_doubt_holds_the_next_ones_back),
	        TEST(what_was_typed_comes_back_without_handle_and_signature),
	        TEST(a_draft_keeps_its_files),
	        TEST(a_person_says_that_it_was_sent),
	        TEST(a_person_says_that_it_was_not_sent),
	        TEST(rows_of_the_outbox_tell_their_replies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
