/* Actions on many cases at once and their undo, what is learnt of authors, and cases looked at from elsewhere. */
#include "core/base/str.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

enum { CASES = 5 };

/* Cases 1 to 5, of @c1 to @c5. */
static int setup_cases(void **state)
{
	if (fixture_setup(state))
		return -1;
	for (int i = 1; i <= CASES; i++) {
		char author[16], id[16];
		snprintf(author, sizeof author, "@c%d", i);
		snprintf(id, sizeof id, "%d", i);
		take_one(*state, post_in(author, id, "", T(i), "hello"));
	}
	return 0;
}

static int tag_all(struct fixture *f, struct acts_result *result)
{
	struct action actions[CASES];
	for (int i = 0; i < CASES; i++)
		actions[i] = (struct action){
		        .kind = ACTION_TAG, .case_id = i + 1, .agent = "alice", .arg = "refund", .text = ""};
	return store_act_many(f->store, actions, CASES, fixture_wall_ms, &f->arena, result, &f->err);
}

static int undo(struct fixture *f, bool redo, struct acts_result *result)
{
	return store_undo(f->store, "alice", redo, fixture_wall_ms, &f->arena, result, &f->err);
}

static void one_undo_takes_all_of_them_back_and_one_redo_does_them_again(void **state)
{
	struct fixture *f = *state;
	struct acts_result result;
	act(f, ACTION_TAG, 3, "alice", "before");
	assert_int_equal(tag_all(f, &result), 0);
	assert_int_equal(result.done, CASES);
	assert_int_equal(result.refused, 0);
	assert_int_equal(count_of(f, "tag:refund"), CASES);
	assert_int_equal(undo(f, false, &result), 0);
	assert_int_equal(result.done, CASES);
	assert_string_equal(result.undone->action, "tag");
	assert_int_equal(count_of(f, "tag:refund"), 0);
	assert_int_equal(count_of(f, "tag:before"), 1);
	assert_int_equal(undo(f, true, &result), 0);
	assert_int_equal(count_of(f, "tag:refund"), CASES);
	assert_int_equal(undo(f, false, &result), 0);
	assert_int_equal(count_of(f, "tag:refund"), 0);
	assert_int_equal(undo(f, false, &result), 0);
	assert_int_equal(result.done, 1);
	assert_int_equal(count_of(f, "tag:before"), 0);
	assert_int_equal(undo(f, false, &result), -ERR_NOT_FOUND);
}

static void what_does_not_fit_is_left_out_and_counted_with_its_reason(void **state)
{
	struct fixture *f = *state;
	struct acts_result result;
	struct action done[CASES + 1];
	act(f, ACTION_DONE, 2, "bob", "");
	for (int i = 0; i <= CASES; i++) /* the last one is no case */
		done[i] = (struct action){
		        .kind = ACTION_DONE, .case_id = i + 1, .agent = "alice", .arg = "other", .text = ""};
	assert_int_equal(store_act_many(f->store, done, CASES + 1, fixture_wall_ms, &f->arena, &result, &f->err), 0);
	assert_int_equal(result.done, CASES - 1);
	assert_int_equal(result.refused, 2);
	assert_int_equal(result.why_case, 2);
	assert_string_equal(result.why.text, "already done");
	assert_int_equal(count_of(f, "is:done"), CASES);
}

static void when_nothing_fits_it_fails_and_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct acts_result result;
	for (int i = 1; i <= 2; i++)
		act(f, ACTION_DONE, i, "bob", "");
	int64_t seq = store_change_last(f->store, &f->err);
	struct action done[2] = {{.kind = ACTION_DONE, .case_id = 1, .agent = "alice", .arg = "", .text = ""},
	        {.kind = ACTION_DONE, .case_id = 2, .agent = "alice", .arg = "", .text = ""}};
	assert_int_equal(store_act_many(f->store, done, 2, fixture_wall_ms, &f->arena, &result, &f->err), -ERR_STATE);
	assert_string_equal(f->err.text, "already done");
	assert_true(store_change_last(f->store, &f->err) == seq);
}

static void of_what_was_done_together_that_is_undone_which_still_fits(void **state)
{
	struct fixture *f = *state;
	struct acts_result result;
	assert_int_equal(tag_all(f, &result), 0);
	act(f, ACTION_UNTAG, 4, "bob", "refund");
	assert_int_equal(undo(f, false, &result), 0);
	assert_int_equal(result.done, CASES - 1);
	assert_int_equal(result.refused, 1);
	assert_int_equal(result.why_case, 4);
	assert_string_equal(result.why.text, "tag refund was removed since");
	assert_int_equal(count_of(f, "tag:refund"), 0);
}

static void two_actions_of_a_case_count_once(void **state)
{
	struct fixture *f = *state;
	struct acts_result result;
	struct action actions[4];
	for (int i = 0; i < 4; i += 2) {
		actions[i] = (struct action){.kind = ACTION_MUTE,
		        .case_id = i / 2 + 1,
		        .agent = "alice",
		        .arg = "",
		        .text = "",
		        .until = T(600)};
		actions[i + 1] = (struct action){
		        .kind = ACTION_IGNORE, .case_id = i / 2 + 1, .agent = "alice", .arg = "muted", .text = ""};
	}
	assert_int_equal(store_act_many(f->store, actions, 4, fixture_wall_ms, &f->arena, &result, &f->err), 0);
	assert_int_equal(result.done, 2);
	assert_int_equal(undo(f, false, &result), 0);
	assert_int_equal(result.done, 2);
	assert_int_equal(get_case(f, 1)->status, STATUS_NEW);
	assert_true(get_case(f, 2)->muted_until == 0);
}

/* --- authors who speak of others */

static struct incoming found(const char *remote_id, int minute, bool addressed)
{
	struct incoming item = post_in("@c1", remote_id, "", T(minute), "acme the band is on tour");
	item.post.addressed = addressed;
	return item;
}

static void what_listening_finds_of_one_who_speaks_of_others_is_dismissed(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_IGNORE, 1, "alice", "not-about-us");
	take_one(f, found("11", 10, false));
	assert_int_equal(get_case(f, 6)->status, STATUS_IGNORED);
	assert_string_equal(get_case(f, 6)->done_reason, "not-about-us");
	assert_string_equal(journal_of(f, 6), "opened ignore");
	assert_int_equal(get_case(f, 6)->due, 0);
	take_one(f, post_in("@c2", "12", "", T(11), "acme the band"));
	assert_int_equal(get_case(f, 2)->status, STATUS_NEW);
}

static void who_addresses_us_is_heard_all_the_same(void **state)
{
	struct fixture *f = *state;
	act(f, ACTION_IGNORE, 1, "alice", "not-about-us");
	take_one(f, found("11", 10, true));
	assert_int_equal(get_case(f, 6)->status, STATUS_NEW);
}

static void an_undo_and_a_reopening_forget_it(void **state)
{
	struct fixture *f = *state;
	struct acts_result result;
	act(f, ACTION_IGNORE, 1, "alice", "not-about-us");
	assert_int_equal(undo(f, false, &result), 0);
	act(f, ACTION_DONE, 1, "alice", "");
	take_one(f, found("11", 10, false));
	assert_int_equal(get_case(f, 6)->status, STATUS_NEW);
	act(f, ACTION_IGNORE, 6, "alice", "not-about-us");
	take_one(f, found("12", 12, false));
	assert_int_equal(get_case(f, 7)->status, STATUS_IGNORED);
	act(f, ACTION_REOPEN, 7, "bob", "");
	act(f, ACTION_DONE, 7, "bob", "");
	take_one(f, found("13", 14, false));
	assert_int_equal(get_case(f, 8)->status, STATUS_NEW);
}

/* --- notes that may name somebody */

static void a_note_with_a_handle_is_told_in_the_feed(void **state)
{
	struct fixture *f = *state;
	struct change_row rows[8];
	int64_t seq = store_change_last(f->store, &f->err);
	struct action note = {
	        .kind = ACTION_NOTE, .case_id = 1, .agent = "alice", .arg = "", .text = "look at this, @bob"};
	struct action_result result;
	assert_int_equal(store_act(f->store, &note, fixture_wall_ms, &f->arena, &result, &f->err), 0);
	note.text = "nothing new";
	assert_int_equal(store_act(f->store, &note, fixture_wall_ms, &f->arena, &result, &f->err), 0);
	int64_t told = 0;
	int count = store_changes(f->store, &seq, rows, 8, &f->err);
	for (int i = 0; i < count; i++)
		if (rows[i].kind == CHANGE_NOTE) {
			assert_true(told == 0);
			told = rows[i].id;
		}
	const struct journal_entry *entry;
	assert_int_equal(store_journal_entry(f->store, told, &f->arena, &entry, &f->err), 0);
	assert_string_equal(entry->text, "look at this, @bob");
	assert_int_equal(store_journal_entry(f->store, 99, &f->arena, &entry, &f->err), -ERR_NOT_FOUND);
}

/* --- cases looked at from elsewhere */

static void a_customers_cases_come_newest_first_with_their_newest_note(void **state)
{
	struct fixture *f = *state;
	const struct past_case *cases;
	int count;
	struct action note = {.kind = ACTION_NOTE, .case_id = 1, .agent = "bob", .arg = "", .text = "called them"};
	struct action_result result;
	store_act(f->store, &note, fixture_wall_ms, &f->arena, &result, &f->err);
	act(f, ACTION_DONE, 1, "alice", "praise");
	take_one(f, post_in("@c1", "21", "", T(30), "again"));
	int64_t customer = get_case(f, 1)->customer_id;
	assert_int_equal(store_customer_cases(f->store, customer, 10, &f->arena, &cases, &count, &f->err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(cases[0].kase.id, 6);
	assert_string_equal(cases[0].note, "");
	assert_int_equal(cases[1].kase.id, 1);
	assert_string_equal(cases[1].kase.done_reason, "praise");
	assert_string_equal(cases[1].note, "called them");
	assert_string_equal(cases[1].note_by, "bob");
	assert_int_equal(store_customer_cases(f->store, customer, 1, &f->arena, &cases, &count, &f->err), 0);
	assert_int_equal(count, 1);
}

static void what_an_agent_holds_is_claimed_drafted_in_the_outbox_or_snoozed(void **state)
{
	struct fixture *f = *state;
	const struct kase *cases;
	const char *conflict;
	int64_t id;
	int count;
	act(f, ACTION_CLAIM, 1, "alice", "");
	act(f, ACTION_CLAIM, 5, "bob", "");
	struct draft draft = {.case_id = 2, .kind = DRAFT_REPLY, .text = "so"};
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
	struct reply reply = {.case_id = 3, .agent = "alice", .text = "hi", .hold_until = T(60)};
	assert_int_equal(store_reply_hold(f->store, &reply, -1, &id, &f->err), 0);
	struct action snooze = {
	        .kind = ACTION_SNOOZE, .case_id = 4, .agent = "alice", .arg = "", .text = "", .until = T(90)};
	struct action_result result;
	assert_int_equal(store_act(f->store, &snooze, fixture_wall_ms, &f->arena, &result, &f->err), 0);
	assert_int_equal(store_holdings(f->store, "alice", 50, &f->arena, &cases, &count, &f->err), 0);
	assert_int_equal(count, 4);
	for (int i = 0; i < count; i++)
		assert_true(cases[i].id >= 1 && cases[i].id <= 4);
	assert_int_equal(store_holdings(f->store, "bob", 50, &f->arena, &cases, &count, &f->err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(cases[0].id, 5);
}

static void a_spike_is_the_largest_group_that_says_the_same(void **state)
{
	struct fixture *f = *state;
	struct spike spike;
	for (int i = 0; i < 4; i++) {
		char author[16], id[16];
		snprintf(author, sizeof author, "@s%d", i);
		snprintf(id, sizeof id, "s%d", i);
		struct incoming item = post_in(author, id, "", T(40 + i), "the app is down");
		item.marks.simhash = UINT64_C(0xff00ff00ff00ff00) + (uint64_t)(i % 2);
		item.marks.summary = "the app is down";
		take_one(f, item);
	}
	struct incoming other = post_in("@t", "t", "", T(45), "where is my order");
	other.marks.simhash = UINT64_C(0x0123456789abcdef);
	take_one(f, other);
	assert_int_equal(store_spike(f->store, T(30), &f->arena, &spike, &f->err), 0);
	assert_int_equal(spike.count, 4);
	assert_int_equal(spike.case_id, 6);
	assert_string_equal(spike.words, "the app is down");
	assert_int_equal(store_spike(f->store, T(42), &f->arena, &spike, &f->err), 0);
	assert_int_equal(spike.count, 2);
	assert_int_equal(store_spike(f->store, T(50), &f->arena, &spike, &f->err), 0);
	assert_int_equal(spike.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_cases, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(one_undo_takes_all_of_them_back_and_one_redo_does_them_again),
	        TEST(what_does_not_fit_is_left_out_and_counted_with_its_reason),
	        TEST(when_nothing_fits_it_fails_and_writes_nothing),
	        TEST(of_what_was_done_together_that_is_undone_which_still_fits),
	        TEST(two_actions_of_a_case_count_once),
	        TEST(what_listening_finds_of_one_who_speaks_of_others_is_dismissed),
	        TEST(who_addresses_us_is_heard_all_the_same),
	        TEST(an_undo_and_a_reopening_forget_it),
	        TEST(a_note_with_a_handle_is_told_in_the_feed),
	        TEST(a_customers_cases_come_newest_first_with_their_newest_note),
	        TEST(what_an_agent_holds_is_claimed_drafted_in_the_outbox_or_snoozed),
	        TEST(a_spike_is_the_largest_group_that_says_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
