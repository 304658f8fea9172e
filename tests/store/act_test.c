/* Actions, undo, journal, presence, escalations, and what wakes by itself. */
#include "core/text/length.h"
#include "core/base/str.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

static int setup_case(void **state)
{
	if (fixture_setup(state))
		return -1;
	take_one(*state, post_in("@sam", "1", "", T(0), "hello"));
	return 0;
}

static int try_act(struct fixture *f, struct action action)
{
	struct action_result result;
	action.case_id = action.case_id ? action.case_id : 1;
	action.arg = str_or(action.arg, "");
	action.text = str_or(action.text, "");
	return store_act(f->store, &action, fixture_wall_ms, &f->arena, &result, &f->err);
}

static int undo(struct fixture *f, const char *agent, bool redo)
{
	const struct journal_entry *entry;
	int result = store_undo_target(f->store, agent, redo, &f->arena, &entry, &f->err);
	return result ? result : try_act(f, (struct action){.kind = ACTION_UNDO, .agent = agent, .undoes = entry->id});
}

static void an_action_is_applied_journaled_and_told(void **state)
{
	struct fixture *f = *state;
	int64_t seq = store_change_last(f->store, &f->err);
	struct action_result result = act(f, ACTION_TAG, 1, "alice", "#Late Delivery");
	assert_true(result.journal_id > 0);
	assert_int_equal(result.kase->tag_count, 1);
	assert_string_equal(result.kase->tags[0], "late-delivery");
	assert_string_equal(get_case(f, 1)->tags[0], "late-delivery");
	assert_string_equal(journal_of(f, 1), "opened tag");
	struct change_row rows[8];
	assert_int_equal(store_changes(f->store, &seq, rows, 8, &f->err), 1);
	assert_int_equal(rows[0].kind, CHANGE_CASE);
	assert_int_equal(rows[0].id, 1);
	assert_true(seq == rows[0].seq);
	assert_int_equal(store_changes(f->store, &seq, rows, 8, &f->err), 0);
}

static void an_action_that_changes_nothing_writes_nothing(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_TAG, 1, "alice", "x");
	int64_t revision = get_case(f, 1)->revision;
	assert_int_equal(act(f, ACTION_TAG, 1, "bob", "x").journal_id, 0);
	assert_int_equal(get_case(f, 1)->revision, revision);
	assert_string_equal(journal_of(f, 1), "opened tag");
}

static void an_action_that_does_not_fit_changes_nothing_and_says_why(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_DONE, 1, "alice", "");
	assert_int_equal(try_act(f, (struct action){.kind = ACTION_DONE, .agent = "bob"}), -ERR_STATE);
	assert_string_equal(f->err.text, "already done");
	assert_int_equal(try_act(f, (struct action){.kind = ACTION_TAG, .case_id = 77, .agent = "bob", .arg = "x"}),
	        -ERR_NOT_FOUND);
	assert_int_equal(try_act(f, (struct action){.kind = ACTION_CLAIM, .agent = ""}), -ERR_USAGE);
	assert_string_equal(journal_of(f, 1), "opened done");
}

static void done_stops_the_clock_and_reopen_starts_it_again(void **state)
{
	struct fixture *f = *state;
	int64_t due = get_case(f, 1)->due;
	act(f, ACTION_DONE, 1, "alice", "");
	assert_int_equal(get_case(f, 1)->due, 0);
	act(f, ACTION_REOPEN, 1, "alice", "");
	assert_true(get_case(f, 1)->due == due);
}

static void undo_takes_back_the_agents_newest_and_redo_does_it_again(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_TAG, 1, "alice", "one");
	act(f, ACTION_TAG, 1, "bob", "his");
	act(f, ACTION_DONE, 1, "alice", "solved");
	assert_int_equal(undo(f, "alice", false), 0);
	assert_int_equal(get_case(f, 1)->status, STATUS_NEW);
	assert_string_equal(get_case(f, 1)->done_reason, "");
	assert_true(get_case(f, 1)->due > 0);
	assert_int_equal(undo(f, "alice", false), 0);
	assert_int_equal(get_case(f, 1)->tag_count, 1);
	assert_string_equal(get_case(f, 1)->tags[0], "his");
	assert_int_equal(undo(f, "alice", false), -ERR_NOT_FOUND);
	assert_string_equal(f->err.text, "there is nothing to undo");
	assert_int_equal(undo(f, "alice", true), 0);
	assert_int_equal(get_case(f, 1)->tag_count, 2);
	assert_int_equal(undo(f, "alice", true), 0);
	assert_int_equal(get_case(f, 1)->status, STATUS_DONE);
	assert_int_equal(undo(f, "alice", true), -ERR_NOT_FOUND);
	assert_int_equal(undo(f, "alice", false), 0); /* and back once more */
	assert_int_equal(get_case(f, 1)->status, STATUS_NEW);
}

static void undo_is_refused_when_the_case_has_moved_on(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_CLAIM, 1, "alice", "");
	act(f, ACTION_ASSIGN, 1, "bob", "bob");
	assert_int_equal(undo(f, "alice", false), -ERR_STATE);
	assert_non_null(strstr(f->err.text, "bob"));
	assert_string_equal(get_case(f, 1)->assignee, "bob");
}

static void the_journal_marks_what_was_undone(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_TAG, 1, "alice", "x");
	undo(f, "alice", false);
	const struct case_view *view = get_view(f, 1);
	const struct journal_entry *tag = view->items[2].entry, *back = view->items[3].entry;
	assert_string_equal(tag->action, "tag");
	assert_true(tag->undone);
	assert_int_equal(tag->change_count, 1);
	assert_string_equal(tag->changes[0].to, "x");
	assert_string_equal(back->action, "undo");
	assert_int_equal(back->undoes, tag->id);
	assert_false(back->undone);
}

static void a_note_is_kept_beside_the_journal_and_found(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(
	        try_act(f, (struct action){.kind = ACTION_NOTE, .agent = "alice", .text = "asked the depot"}), 0);
	const struct case_view *view = get_view(f, 1);
	assert_string_equal(view->items[view->item_count - 1].entry->text, "asked the depot");
	assert_string_equal(ids_of(f, "depot"), "1");
}

static void writing_claims_what_nobody_owns_and_keeps_others_out(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_presence(f->store, 1, "alice", T(5), &f->err), 0);
	assert_string_equal(get_case(f, 1)->writer, "alice");
	assert_string_equal(get_case(f, 1)->assignee, "alice");
	assert_int_equal(store_presence(f->store, 1, "bob", T(5), &f->err), -ERR_STATE);
	assert_string_equal(f->err.text, "alice is writing in this case");
	int64_t seq = store_change_last(f->store, &f->err);
	assert_int_equal(store_presence(f->store, 1, "alice", T(5), &f->err), 0);
	assert_true(store_change_last(f->store, &f->err) == seq); /* nothing new, nothing written */
	assert_int_equal(store_presence(f->store, 1, "bob", 0, &f->err), 0);
	assert_string_equal(get_case(f, 1)->writer, "alice");
	fixture_wall_ms = T(6);
	assert_int_equal(store_presence(f->store, 1, "bob", T(9), &f->err), 0);
	assert_string_equal(get_case(f, 1)->writer, "bob");
	assert_string_equal(get_case(f, 1)->assignee, "alice");
	assert_int_equal(store_presence(f->store, 1, "bob", 0, &f->err), 0);
	assert_string_equal(get_case(f, 1)->writer, "");
}

static void who_snoozed_is_woken_when_it_is_time(void **state)
{
	struct fixture *f = *state;
	int64_t next;
	assert_int_equal(try_act(f, (struct action){.kind = ACTION_SNOOZE, .agent = "alice", .until = T(30)}), 0);
	assert_int_equal(store_wake_due(f->store, T(29), &next, &f->err), 0);
	assert_true(next == T(30));
	assert_int_equal(get_case(f, 1)->status, STATUS_SNOOZED);
	assert_int_equal(store_wake_due(f->store, T(30), &next, &f->err), 0);
	assert_true(next == INT64_MAX);
	assert_int_equal(get_case(f, 1)->status, STATUS_OPEN);
	assert_true(get_case(f, 1)->due == T(20));
	assert_string_equal(journal_of(f, 1), "opened snooze wake");
}

/* --- escalations */

static int due_escalations(struct fixture *f, const struct escalation **due, int64_t *next)
{
	int count = -1;
	assert_int_equal(store_escalations_due(f->store, fixture_wall_ms, &f->arena, due, &count, next, &f->err), 0);
	return count;
}

static void escalate(struct fixture *f)
{
	struct action action = {.kind = ACTION_ESCALATE, .agent = "alice", .arg = "billing", .text = "charged twice"};
	assert_int_equal(try_act(f, action), 0);
}

static void an_escalation_waits_for_the_courier_and_comes_back_delivered(void **state)
{
	struct fixture *f = *state;
	const struct escalation *due;
	int64_t next;
	escalate(f);
	assert_int_equal(due_escalations(f, &due, &next), 1);
	assert_string_equal(due[0].team, "billing");
	assert_string_equal(due[0].why, "charged twice");
	assert_string_equal(due[0].by, "alice");
	assert_string_equal(get_case(f, 1)->escalated_by, "alice");
	int64_t id = due[0].id;
	assert_int_equal(store_escalation_result(f->store, id, ESCALATION_PENDING, "503", T(3), &f->err), 0);
	assert_int_equal(due_escalations(f, &due, &next), 0);
	assert_true(next == T(3));
	assert_int_equal(store_escalation_result(f->store, id, ESCALATION_DELIVERED, "", 0, &f->err), 0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_DELIVERED);
	assert_string_equal(journal_of(f, 1), "opened escalate escalation-delivered");
	assert_int_equal(undo(f, "alice", false), -ERR_STATE); /* they know already */
	assert_int_equal(due_escalations(f, &due, &next), 0);
	assert_true(next == INT64_MAX);
}

static void an_escalation_that_failed_says_why_and_can_be_tried_again(void **state)
{
	struct fixture *f = *state;
	const struct escalation *due;
	int64_t next;
	escalate(f);
	due_escalations(f, &due, &next);
	assert_int_equal(
	        store_escalation_result(f->store, due[0].id, ESCALATION_FAILED, "404 Not Found", 0, &f->err), 0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_FAILED);
	assert_string_equal(get_case(f, 1)->escalation_error, "404 Not Found");
	escalate(f);
	assert_int_equal(due_escalations(f, &due, &next), 1);
	assert_string_equal(get_case(f, 1)->escalation_error, "");
}

static void an_escalation_undone_before_it_left_is_withdrawn(void **state)
{
	struct fixture *f = *state;
	const struct escalation *due;
	int64_t next;
	escalate(f);
	due_escalations(f, &due, &next);
	int64_t id = due[0].id;
	assert_int_equal(undo(f, "alice", false), 0);
	assert_int_equal(due_escalations(f, &due, &next), 0);
	assert_string_equal(get_case(f, 1)->escalated_to, "");
	assert_int_equal(store_escalation_result(f->store, id, ESCALATION_DELIVERED, "", 0, &f->err), 0);
	assert_int_equal(get_case(f, 1)->escalation, ESCALATION_NONE);
}

/* --- small tables */

static void tags_in_use_come_with_the_agents_newest_first(void **state)
{
	struct fixture *f = *state;
	const char *const *tags;
	int count;
	act(f, ACTION_TAG, 1, "bob", "aaa");
	act(f, ACTION_TAG, 1, "alice", "old");
	fixture_wall_ms = T(1);
	act(f, ACTION_TAG, 1, "alice", "recent");
	assert_int_equal(store_tags(f->store, "alice", &f->arena, &tags, &count, &f->err), 0);
	assert_int_equal(count, 3);
	assert_string_equal(tags[0], "recent");
	assert_string_equal(tags[1], "old");
	assert_string_equal(tags[2], "aaa");
	assert_int_equal(store_agents(f->store, &f->arena, &tags, &count, &f->err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(tags[0], "alice");
}

static void a_thread_is_asked_for_once_a_minute(void **state)
{
	struct fixture *f = *state;
	const struct thread_request *requests;
	int count;
	assert_int_equal(store_request_thread(f->store, 1, T(0), &f->err), 0);
	assert_int_equal(store_thread_requests(f->store, &f->arena, &requests, &count, &f->err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(requests[0].remote_id, "1");
	assert_int_equal(store_thread_request_done(f->store, requests[0].thread_id, &f->err), 0);
	assert_int_equal(store_request_thread(f->store, 1, T(0) + 59999, &f->err), 0);
	store_thread_requests(f->store, &f->arena, &requests, &count, &f->err);
	assert_int_equal(count, 0);
	assert_int_equal(store_request_thread(f->store, 1, T(1), &f->err), 0);
	store_thread_requests(f->store, &f->arena, &requests, &count, &f->err);
	assert_int_equal(count, 1);
	assert_int_equal(store_request_thread(f->store, 9, T(1), &f->err), -ERR_NOT_FOUND);
}

static void a_request_to_stop_stands_until_it_is_cleared(void **state)
{
	struct fixture *f = *state;
	assert_false(store_stop_requested(f->store));
	assert_int_equal(store_request_stop(f->store, "upgrade", &f->err), 0);
	assert_true(store_stop_requested(f->store));
	assert_int_equal(store_stop_clear(f->store, &f->err), 0);
	assert_false(store_stop_requested(f->store));
}

static void desks_are_counted_while_they_run_and_remembered_by_agent(void **state)
{
	struct fixture *f = *state;
	int64_t id;
	int count;
	const char *text;
	assert_int_equal(store_desk_open(f->store, "alice", &id, &f->err), 0);
	assert_int_equal(store_desks(f->store, &count, &f->err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_desk_close(f->store, id, &f->err), 0);
	store_desks(f->store, &count, &f->err);
	assert_int_equal(count, 0);
	int64_t seq = store_change_last(f->store, &f->err);
	assert_int_equal(store_desk_state_save(f->store, "alice", "{\"view\":1}", &f->err), 0);
	assert_true(store_change_last(f->store, &f->err) == seq);
	assert_int_equal(store_desk_state(f->store, "alice", &f->arena, &text, &f->err), 0);
	assert_string_equal(text, "{\"view\":1}");
	store_desk_state(f->store, "bob", &f->arena, &text, &f->err);
	assert_null(text);
}

static void an_account_rings_only_on_a_difference(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(store_account_state(f->store, 1, ACCOUNT_RETRYING, T(1), "no route", &f->err), 0);
	int64_t seq = store_change_last(f->store, &f->err);
	assert_int_equal(store_account_state(f->store, 1, ACCOUNT_RETRYING, T(1), "no route", &f->err), 0);
	struct account_facts facts = {.caps = CAP_STREAM | CAP_EDIT,
	        .limits = {.max = 500, .rule = LENGTH_RULE_PLEROMA, .url = 23},
	        .edit_ms = 3600000,
	        .prices = {.currency = "USD", .reply = 15000, .reply_link = 200000},
	        .handle = ""};
	assert_true(store_change_last(f->store, &f->err) == seq);
	assert_int_equal(store_account_facts(f->store, 1, &facts, &f->err), 0);
	const struct account *accounts;
	int count;
	assert_int_equal(store_accounts(f->store, &f->arena, &accounts, &count, &f->err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(accounts[0].state, ACCOUNT_RETRYING);
	assert_string_equal(accounts[0].state_reason, "no route");
	assert_int_equal(accounts[0].limits.max, 500);
	assert_int_equal(accounts[0].limits.rule, LENGTH_RULE_PLEROMA);
	assert_int_equal(accounts[0].edit_ms, 3600000);
	assert_string_equal(accounts[0].prices.currency, "USD");
	assert_int_equal(accounts[0].prices.reply_link, 200000);
	assert_string_equal(accounts[0].handle, "@acme");
	struct account_setup other = {"second", "mastodon", "https://b.example", "@b"};
	assert_int_equal(store_accounts_sync(f->store, &other, 1, &f->err), 0);
	store_accounts(f->store, &f->arena, &accounts, &count, &f->err);
	assert_int_equal(count, 1);
	assert_string_equal(accounts[0].name, "second");
	assert_string_equal(get_case(f, 1)->account, "acme"); /* its cases stay */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_case, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_action_is_applied_journaled_and_told),
	        TEST(an_action_that_changes_nothing_writes_nothing),
	        TEST(an_action_that_does_not_fit_changes_nothing_and_says_why),
	        TEST(done_stops_the_clock_and_reopen_starts_it_again),
	        TEST(undo_takes_back_the_agents_newest_and_redo_does_it_again),
	        TEST(undo_is_refused_when_the_case_has_moved_on),
	        TEST(the_journal_marks_what_was_undone),
	        TEST(a_note_is_kept_beside_the_journal_and_found),
	        TEST(writing_claims_what_nobody_owns_and_keeps_others_out),
	        TEST(who_snoozed_is_woken_when_it_is_time),
	        TEST(an_escalation_waits_for_the_courier_and_comes_back_delivered),
	        TEST(an_escalation_that_failed_says_why_and_can_be_tried_again),
	        TEST(an_escalation_undone_before_it_left_is_withdrawn),
	        TEST(tags_in_use_come_with_the_agents_newest_first),
	        TEST(a_thread_is_asked_for_once_a_minute),
	        TEST(a_request_to_stop_stands_until_it_is_cleared),
	        TEST(desks_are_counted_while_they_run_and_remembered_by_agent),
	        TEST(an_account_rings_only_on_a_difference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
