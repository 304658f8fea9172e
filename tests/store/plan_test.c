/* How SQLite goes about what desk and courier ask of a store all day: through an index, and without sorting what grows
 * with the store. Looked at in the plan, so that a small store shows it. */
#include "core/base/str.h"
#include "core/store/erase.h"
#include "core/store/internal.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY_MS (24 * 60 * MINUTE)
#define T(minutes) (NOON + (minutes)*MINUTE)

/* What may be gone through or sorted, and why it stays small. */
static const struct {
	const char *step; /* of the plan, by its beginning */
	const char *sql;  /* a part of it; "" is any */
	const char *why;
} allowed[] = {
        {"SCAN account", "", "there are few accounts"},
        {"SCAN desk", "", "desks that run, and agents"},
        {"SCAN draft USING COVERING INDEX",
                "FROM draft WHERE agent=", "what is being written; its table never changes"},
        {"SCAN CONSTANT ROW", "", "is no table"},
        {"SCAN (subquery", " LIMIT ", "a count ends at its limit"},
        {"SCAN t", "WITH RECURSIVE t(", "words in use, a step in an index for each"},
        {"USE TEMP B-TREE", "WITH RECURSIVE t(", "words in use"},
        {"SCAN hit", "_words MATCH", "the newest hits of a search, up to a limit"},
        {"SCAN post_words VIRTUAL TABLE", "", "a search in its index"},
        {"SCAN note_words VIRTUAL TABLE", "", "a search in its index"},
        {"USE TEMP B-TREE", "_words MATCH", "the newest hits of a search, up to a limit"},
        {"USE TEMP B-TREE", "FROM kase_thread WHERE case_id=", "one case's"},
        {"USE TEMP B-TREE", "kt.case_id=?1", "one case's"},
        {"USE TEMP B-TREE", "r.case_id=?", "one case's"},
        {"USE TEMP B-TREE", "r.series=?", "one reply's parts"},
        {"SCAN person", "WITH RECURSIVE person(", "the customers of one person"},
        {"SCAN p", "WITH RECURSIVE person(", "the customers of one person"},
        {"USE TEMP B-TREE", "WITH RECURSIVE person(", "one person's"},
        {"USE TEMP B-TREE", "handle_key>=? AND handle_key<?", "those of the customers of a name"},
        {"USE TEMP B-TREE", "p.thread_id=q.thread_id", "one thread's"},
        {"USE TEMP B-TREE", "FROM (SELECT id,simhash", "the newest, up to a limit"},
        {"USE TEMP B-TREE", "r.state IN (-1", "replies that are under way"},
        {"USE TEMP B-TREE", "FROM reply WHERE state IN (0,1,4,5,6)", "replies that are under way"},
        {"UNION USING TEMP B-TREE", "FROM draft WHERE agent=?2", "what an agent holds"},
        {"USE TEMP B-TREE", "FROM draft WHERE agent=?2", "what an agent holds"},
};

static bool is_allowed(const char *sql, const char *step)
{
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (str_starts(step, allowed[i].step) && strstr(sql, allowed[i].sql))
			return true;
	return false;
}

/* A list that walks an index up to a limit, in the order of the list, is as quick in a store of any size. */
static bool is_page(const char *sql, const char *step)
{
	return str_starts(step, "SCAN ") && strstr(step, " INDEX ") && strstr(sql, " LIMIT ");
}

struct found {
	struct str text;
	int statements, steps;
};

static void look(void *arg, const char *sql, const char *step)
{
	struct found *found = arg;
	found->steps++;
	bool costly = str_starts(step, "SCAN ") || strstr(step, "TEMP B-TREE") || strstr(step, "AUTOMATIC");
	if (costly && !is_page(sql, step) && !is_allowed(sql, step))
		str_addf(&found->text, "%s: …%s\n", step, strlen(sql) > 240 ? sql + strlen(sql) - 240 : sql);
}

static void expect_no_scan(struct fixture *f)
{
	struct found found = {.text = STR_INIT};
	db_each_plan(f->store->db, look, &found);
	assert_true(found.steps > 0);
	if (found.text.len)
		fail_msg("goes through or sorts what grows with the store:\n%s", found.text.p);
	str_release(&found.text);
}

/* --- what a desk asks */

static void ask_views(struct fixture *f)
{
	static const char *const views[] = {"is:needs-reply", "assignee:me is:unresolved", "is:escalated", "is:snoozed",
	        "is:done", "is:outbox", "is:unresolved", "late", "parcel", "\"lost parcel\"", "from:sam", ""};
	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		const struct page_key key = {T(1), 1};
		const struct query *query;
		const struct kase *rows;
		int count;
		int64_t number;
		size_t at;
		bool more;
		assert_int_equal(query_parse(views[i], "alice", &f->arena, &query, &at, &f->err), 0);
		for (int way = 0; way < 4; way++)
			assert_int_equal(store_cases(f->store, query, "alice", way & 1 ? &key : NULL, way & 2, 20,
			                         &f->arena, &rows, &count, &more, &f->err),
			        0);
		assert_int_equal(store_count(f->store, query, "alice", &number, &f->err), 0);
	}
}

static void ask_numbers(struct fixture *f)
{
	struct queue_numbers numbers;
	struct spike spike;
	const char *const *words;
	const struct account *accounts;
	const struct kase *rows;
	const struct past_case *past;
	int count;
	int64_t id;
	assert_int_equal(store_queue_numbers(f->store, NOON, NOON - DAY_MS, &numbers, &f->err), 0);
	assert_int_equal(store_spike(f->store, T(0), &f->arena, &spike, &f->err), 0);
	assert_int_equal(store_tags(f->store, "alice", &f->arena, &words, &count, &f->err), 0);
	assert_int_equal(store_agents(f->store, &f->arena, &words, &count, &f->err), 0);
	assert_int_equal(store_accounts(f->store, &f->arena, &accounts, &count, &f->err), 0);
	assert_int_equal(store_holdings(f->store, "alice", 10, &f->arena, &rows, &count, &f->err), 0);
	assert_int_equal(store_customers_alike(f->store, 1, &f->arena, &words, &count, &f->err), 0);
	assert_int_equal(store_customer_cases(f->store, 1, 10, &f->arena, &past, &count, &f->err), 0);
	assert_int_equal(store_next_needed(f->store, "alice", 0, NOON, &id, &f->err), 0);
}

static void ask_replies(struct fixture *f)
{
	const struct reply *replies;
	int count;
	for (int state = 0; state < REPLY_STATE_COUNT; state++)
		assert_int_equal(
		        store_replies(f->store, 1u << state, "alice", &f->arena, &replies, &count, &f->err), 0);
	assert_int_equal(store_replies_since(f->store, "alice", NOON, &f->arena, &replies, &count, &f->err), 0);
}

static void read_feed(struct fixture *f)
{
	struct change_row rows[16];
	int64_t seq = store_change_last(f->store, &f->err) - 1;
	assert_true(store_changes(f->store, &seq, rows, 16, &f->err) >= 0);
}

static void what_a_desk_asks_goes_through_an_index(void **state)
{
	struct fixture *f = *state;
	const char *saved;
	int count;
	int64_t desk;
	take_one(f, post_in("@sam", "1", "", T(0), "where is my lost parcel"));
	ask_views(f);
	get_view(f, 1);
	ask_numbers(f);
	ask_replies(f);
	read_feed(f);
	assert_int_equal(store_desk_open(f->store, "alice", &desk, &f->err), 0);
	assert_int_equal(store_desks(f->store, &count, &f->err), 0);
	assert_int_equal(store_desk_state_save(f->store, "alice", "{}", &f->err), 0);
	assert_int_equal(store_desk_state(f->store, "alice", &f->arena, &saved, &f->err), 0);
	assert_int_equal(store_desk_close(f->store, desk, &f->err), 0);
	expect_no_scan(f);
}

/* --- what a desk does */

static void draft_and_hold(struct fixture *f)
{
	struct draft draft = {.case_id = 1, .kind = DRAFT_REPLY, .text = "we look", .to_remote_id = "1"};
	struct reply parts[2] = {
	        {.case_id = 1, .agent = "alice", .to_remote_id = "1", .text = "one", .hold_until = T(9)},
	        {.case_id = 1, .agent = "alice", .to_remote_id = "1", .text = "two", .hold_until = T(9)}};
	const char *conflict;
	int64_t reply;
	bool recalled;
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
	assert_int_equal(store_presence(f->store, 1, "alice", T(5), &f->err), 0);
	assert_int_equal(store_reply_hold_parts(f->store, parts, 2, DRAFT_REPLY, &reply, &f->err), 0);
	assert_int_equal(store_reply_recall(f->store, reply, "alice", T(1), &recalled, &f->err), 0);
	assert_true(recalled);
}

static void what_a_desk_does_goes_through_an_index(void **state)
{
	struct fixture *f = *state;
	const struct action snooze = {
	        .kind = ACTION_SNOOZE, .case_id = 1, .agent = "alice", .arg = "", .text = "", .until = T(60)};
	struct action_result one;
	struct acts_result done;
	take_one(f, post_in("@sam", "1", "", T(0), "where is my lost parcel"));
	draft_and_hold(f);
	act(f, ACTION_TAG, 1, "alice", "billing");
	assert_int_equal(store_act(f->store, &snooze, T(1), &f->arena, &one, &f->err), 0);
	assert_int_equal(store_undo(f->store, "alice", false, T(2), &f->arena, &done, &f->err), 0);
	assert_int_equal(store_undo(f->store, "alice", true, T(2), &f->arena, &done, &f->err), 0);
	assert_int_equal(store_request_thread(f->store, 1, T(3), &f->err), 0);
	expect_no_scan(f);
}

/* --- what a courier does */

static void deliver(struct fixture *f)
{
	struct reply parts[2] = {
	        {.case_id = 1, .agent = "alice", .to_remote_id = "1", .text = "one", .hold_until = T(1)},
	        {.case_id = 1, .agent = "alice", .to_remote_id = "1", .text = "two", .hold_until = T(1)}};
	int64_t reply, next;
	int moved;
	bool taken;
	assert_int_equal(store_reply_hold_parts(f->store, parts, 2, -1, &reply, &f->err), 0);
	assert_int_equal(store_reply_queue_due(f->store, T(2), DAY_MS, &moved, &f->err), 0);
	assert_int_equal(store_reply_take(f->store, reply, &taken, &f->err), 0);
	assert_true(taken);
	assert_int_equal(store_reply_back(f->store, reply, T(3), "later", false, &f->err), 0);
	assert_int_equal(store_reply_take(f->store, reply, &taken, &f->err), 0);
	assert_int_equal(store_reply_fail(f->store, reply, REPLY_STOPPED, "stopped", 0, &f->err), 0);
	assert_int_equal(store_replies_next(f->store, &next, &f->err), 0);
}

static void what_a_courier_does_goes_through_an_index(void **state)
{
	struct fixture *f = *state;
	struct incoming items[] = {post_in("@sam", "1", "", T(0), "where is my lost parcel"),
	        post_out("2", "1", T(1), "we look"), post_in("@sam", "3", "2", T(2), "thank you"),
	        post_deleted("3", T(3))};
	const struct thread_request *requests;
	const struct escalation *due;
	const struct post *newest;
	int count, erased;
	int64_t next;
	take(f, items, 4);
	deliver(f);
	assert_int_equal(store_wake_due(f->store, T(9), &next, &f->err), 0);
	assert_int_equal(store_thread_requests(f->store, &f->arena, &requests, &count, &f->err), 0);
	assert_int_equal(store_escalations_due(f->store, T(9), &f->arena, &due, &count, &next, &f->err), 0);
	assert_int_equal(store_newest_post(f->store, 1, &f->arena, &newest, &f->err), 0);
	assert_int_equal(store_erase_deleted(f->store, f->account, T(9), 10, &erased, &f->err), 0);
	assert_int_equal(store_checkpoint(f->store, true, &f->err), 0);
	expect_no_scan(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_a_desk_asks_goes_through_an_index),
	        TEST(what_a_desk_does_goes_through_an_index),
	        TEST(what_a_courier_does_goes_through_an_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
