#include "core/base/str.h"
#include "core/model/action.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1790000000000
#define HOUR 3600000

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct kase new_case(void)
{
	return (struct kase){.id = 42,
	        .handle = "@sam@mas.example",
	        .status = STATUS_NEW,
	        .assignee = "",
	        .writer = "",
	        .escalated_to = "",
	        .escalation_why = "",
	        .done_reason = ""};
}

static struct action act(enum action_kind kind, const char *arg)
{
	return (struct action){.kind = kind, .case_id = 42, .agent = "alice", .arg = arg, .text = ""};
}

/* Plans and applies; the entry is what the journal would hold. */
static int perform(struct kase *kase, const struct action *action, struct journal_entry *entry, struct err *err)
{
	const struct change *changes;
	int count;
	int rc = action_plan(kase, action, NOW, &arena, &changes, &count, err);
	if (rc < 0)
		return rc;
	changes_apply(kase, changes, count, &arena);
	*entry = (struct journal_entry){.id = 7,
	        .case_id = kase->id,
	        .by = "alice",
	        .action = action_name(action->kind),
	        .changes = changes,
	        .change_count = count,
	        .text = ""};
	return 0;
}

static void must(struct kase *kase, struct action action, struct journal_entry *entry)
{
	struct err err = ERR_INIT;
	struct journal_entry ignored;
	if (perform(kase, &action, entry ? entry : &ignored, &err) < 0)
		fail_msg("%s: %s", action_name(action.kind), err.text);
}

static void must_not(struct kase *kase, struct action action, enum err_code code, const char *words)
{
	struct err err = ERR_INIT;
	struct journal_entry entry;
	assert_int_equal(perform(kase, &action, &entry, &err), -(int)code);
	assert_string_equal(err.text, words);
}

static int undo(struct kase *kase, const struct journal_entry *entry, struct err *err)
{
	const struct change *changes;
	int count;
	int rc = action_plan_undo(kase, entry, &arena, &changes, &count, err);
	if (rc == 0)
		changes_apply(kase, changes, count, &arena);
	return rc;
}

static void undo_must_not(struct kase *kase, const struct journal_entry *entry, const char *words)
{
	struct err err = ERR_INIT;
	assert_int_equal(undo(kase, entry, &err), -ERR_STATE);
	assert_string_equal(err.text, words);
}

static void assert_same_case(const struct kase *a, const struct kase *b)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		assert_string_equal(case_field_value(a, (enum case_field)f, &arena),
		        case_field_value(b, (enum case_field)f, &arena));
	assert_int_equal(a->tag_count, b->tag_count);
	for (int i = 0; i < a->tag_count; i++)
		assert_string_equal(a->tags[i], b->tags[i]);
}

static void a_claim_makes_a_new_case_open_and_ones_own(void **state)
{
	(void)state;
	struct kase kase = new_case();
	must(&kase, act(ACTION_CLAIM, ""), NULL);
	assert_string_equal(kase.assignee, "alice");
	assert_int_equal(kase.status, STATUS_OPEN);
}

static void a_claim_of_what_a_colleague_has_or_writes_is_refused(void **state)
{
	(void)state;
	struct kase kase = new_case();
	kase.assignee = "bob";
	must_not(&kase, act(ACTION_CLAIM, ""), ERR_STATE, "claimed by bob already");
	must_not(&kase, act(ACTION_RELEASE, ""), ERR_STATE, "claimed by bob, not by you; unassign takes it away");
	must(&kase, act(ACTION_UNASSIGN, ""), NULL);
	kase.writer = "bob";
	kase.writer_until = NOW + 1000;
	must_not(&kase, act(ACTION_CLAIM, ""), ERR_STATE, "bob is writing an answer");
	kase.writer_until = NOW;
	must(&kase, act(ACTION_CLAIM, ""), NULL);
}

static void names_and_tags_are_folded_the_same_way(void **state)
{
	(void)state;
	char out[64];
	assert_true(tag_normalise("  #Late  Delivery\t", out));
	assert_string_equal(out, "late-delivery");
	assert_true(tag_normalise("##Größe", out));
	assert_string_equal(out, "grösse");
	assert_true(tag_normalise("c#", out));
	assert_string_equal(out, "c#");
	assert_true(name_normalise("@Bob", out));
	assert_string_equal(out, "bob");
	assert_false(tag_normalise(" # ", out));
	assert_string_equal(out, "");
	assert_false(tag_normalise(NULL, out));
	assert_true(tag_normalise("0123456789012345678901234567890123456789", out));
	assert_false(tag_normalise("01234567890123456789012345678901234567890", out));
	assert_false(tag_normalise("ééééééééééééééééééééé", out));
	char huge[4096];
	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	assert_false(tag_normalise(huge, out));
}

static void tags_stay_in_order_and_come_once(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct journal_entry entry = {0};
	must(&kase, act(ACTION_TAG, "refund"), NULL);
	must(&kase, act(ACTION_TAG, "#Billing"), NULL);
	must(&kase, act(ACTION_TAG, "vip"), NULL);
	must(&kase, act(ACTION_TAG, "VIP"), &entry);
	assert_int_equal(entry.change_count, 0);
	assert_int_equal(kase.tag_count, 3);
	assert_string_equal(kase.tags[0], "billing");
	assert_string_equal(kase.tags[2], "vip");
	must(&kase, act(ACTION_UNTAG, "refund"), NULL);
	assert_int_equal(kase.tag_count, 2);
	must(&kase, act(ACTION_UNTAG, "refund"), &entry);
	assert_int_equal(entry.change_count, 0);
	must_not(&kase, act(ACTION_TAG, " "), ERR_USAGE, "found \" \", expected a tag of 1 to 40 bytes");
}

static void a_case_has_no_more_than_thirty_two_tags(void **state)
{
	(void)state;
	struct kase kase = new_case();
	for (int i = 0; i < 32; i++)
		must(&kase, act(ACTION_TAG, arena_printf(&arena, "t%d", i)), NULL);
	must_not(&kase, act(ACTION_TAG, "one more"), ERR_LIMIT, "the case has 32 tags already");
}

static void a_note_needs_words_and_changes_no_field(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct journal_entry entry = {0};
	struct action note = act(ACTION_NOTE, "");
	must_not(&kase, note, ERR_USAGE, "found no words, expected the text of the note");
	note.text = " \n";
	must_not(&kase, note, ERR_USAGE, "found no words, expected the text of the note");
	note.text = "she called";
	must(&kase, note, &entry);
	assert_int_equal(entry.change_count, 0);
	undo_must_not(&kase, &entry, "\"note\" cannot be undone");
}

static void an_escalation_can_go_on_to_another_team_and_be_tried_again_when_it_failed(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct action escalate = act(ACTION_ESCALATE, "Billing");
	escalate.text = "stuck since the 2nd";
	must(&kase, escalate, NULL);
	assert_string_equal(kase.escalated_to, "billing");
	assert_string_equal(kase.escalation_why, "stuck since the 2nd");
	assert_int_equal(kase.escalation, ESCALATION_PENDING);
	must_not(&kase, escalate, ERR_STATE, "escalated to billing already");
	must(&kase, act(ACTION_ESCALATION_FAILED, ""), NULL);
	must(&kase, escalate, NULL);
	assert_int_equal(kase.escalation, ESCALATION_PENDING);
	must(&kase, act(ACTION_ESCALATION_DELIVERED, ""), NULL);
	struct journal_entry entry;
	must(&kase, act(ACTION_ESCALATE, "legal"), &entry);
	assert_string_equal(kase.escalated_to, "legal");
	assert_int_equal(kase.escalation, ESCALATION_PENDING);
	struct err err = ERR_INIT;
	assert_int_equal(undo(&kase, &entry, &err), 0);
	assert_string_equal(kase.escalated_to, "billing");
	assert_int_equal(kase.escalation, ESCALATION_DELIVERED);
	must(&kase, act(ACTION_DEESCALATE, ""), NULL);
	assert_int_equal(kase.escalation, ESCALATION_NONE);
	must_not(&kase, act(ACTION_DEESCALATE, ""), ERR_STATE, "not escalated");
	must_not(&kase, act(ACTION_ESCALATE, ""), ERR_USAGE, "found \"\", expected a team of 1 to 40 bytes");
}

static void a_snooze_ends_in_time_and_wakes_to_open(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct action snooze = act(ACTION_SNOOZE, "");
	must_not(&kase, snooze, ERR_USAGE, "found a time that is past, expected one to come");
	must_not(&kase, act(ACTION_WAKE, ""), ERR_STATE, "not snoozed");
	snooze.until = NOW + HOUR;
	must(&kase, snooze, NULL);
	assert_int_equal(kase.status, STATUS_SNOOZED);
	assert_int_equal(kase.snoozed_until, NOW + HOUR);
	must(&kase, act(ACTION_WAKE, ""), NULL);
	assert_int_equal(kase.status, STATUS_OPEN);
	assert_int_equal(kase.snoozed_until, 0);
	must(&kase, act(ACTION_DONE, ""), NULL);
	must_not(&kase, snooze, ERR_STATE, "already done; reopen it first");
}

static void done_and_ignored_keep_their_reason_until_reopened(void **state)
{
	(void)state;
	struct kase kase = new_case();
	must_not(&kase, act(ACTION_REOPEN, ""), ERR_STATE, "already open");
	must(&kase, act(ACTION_DONE, "Praise"), NULL);
	assert_string_equal(kase.done_reason, "praise");
	must_not(&kase, act(ACTION_DONE, ""), ERR_STATE, "already done");
	must(&kase, act(ACTION_REOPEN, ""), NULL);
	assert_string_equal(kase.done_reason, "");
	assert_int_equal(kase.status, STATUS_OPEN);
	must(&kase, act(ACTION_IGNORE, "spam"), NULL);
	assert_int_equal(kase.status, STATUS_IGNORED);
	must_not(&kase, act(ACTION_IGNORE, ""), ERR_STATE, "already ignored");
}

static void a_customer_who_writes_again_reopens_all_but_what_is_ignored(void **state)
{
	(void)state;
	static const enum case_status after[STATUS_COUNT] = {[STATUS_NEW] = STATUS_NEW,
	        [STATUS_OPEN] = STATUS_OPEN,
	        [STATUS_WAITING] = STATUS_OPEN,
	        [STATUS_SNOOZED] = STATUS_OPEN,
	        [STATUS_DONE] = STATUS_OPEN,
	        [STATUS_IGNORED] = STATUS_IGNORED};
	for (int i = 0; i < STATUS_COUNT; i++) {
		struct kase kase = new_case();
		kase.status = (enum case_status)i;
		must(&kase, act(ACTION_REOPENED, ""), NULL);
		assert_int_equal(kase.status, after[i]);
	}
}

static void priorities_have_names_and_numbers(void **state)
{
	(void)state;
	struct kase kase = new_case();
	must(&kase, act(ACTION_PRIORITY, "urgent"), NULL);
	assert_int_equal(kase.priority, 2);
	must(&kase, act(ACTION_PRIORITY, "-1"), NULL);
	assert_int_equal(kase.priority, -1);
	must_not(&kase, act(ACTION_PRIORITY, "3"), ERR_USAGE, "found \"3\", expected low, normal, high or urgent");
}

static void a_mute_of_no_time_ends_it(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct action mute = act(ACTION_MUTE, "");
	mute.until = NOW + HOUR;
	must(&kase, mute, NULL);
	assert_int_equal(kase.muted_until, NOW + HOUR);
	mute.until = NOW - 1;
	must_not(&kase, mute, ERR_USAGE, "found a time that is past, expected one to come");
	mute.until = 0;
	must(&kase, mute, NULL);
	assert_int_equal(kase.muted_until, 0);
}

static void an_undo_says_what_changed_since(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct journal_entry tagged, untagged, claimed, snoozed;
	must(&kase, act(ACTION_TAG, "billing"), &tagged);
	must(&kase, act(ACTION_UNTAG, "billing"), &untagged);
	undo_must_not(&kase, &tagged, "tag billing was removed since");
	must(&kase, act(ACTION_TAG, "billing"), NULL);
	undo_must_not(&kase, &untagged, "tag billing was added since");
	must(&kase, act(ACTION_CLAIM, ""), &claimed);
	must(&kase, act(ACTION_DONE, ""), NULL);
	undo_must_not(&kase, &claimed, "status is done now, not open");
	must(&kase, act(ACTION_REOPEN, ""), NULL);
	must(&kase, act(ACTION_UNASSIGN, ""), NULL);
	undo_must_not(&kase, &claimed, "assignee is none now, not alice");
	struct action snooze = act(ACTION_SNOOZE, "");
	snooze.until = NOW + HOUR;
	must(&kase, snooze, &snoozed);
	snooze.until = NOW + 2 * HOUR;
	must(&kase, snooze, NULL);
	undo_must_not(&kase, &snoozed, "the end of the snooze was changed since");
	snoozed.undone = true;
	undo_must_not(&kase, &snoozed, "\"snooze\" is undone already");
}

static void an_undo_can_itself_be_undone(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct journal_entry entry;
	struct err err = ERR_INIT;
	must(&kase, act(ACTION_CLAIM, ""), &entry);
	struct journal_entry undone = {.id = 8, .case_id = 42, .action = "undo"};
	assert_int_equal(action_plan_undo(&kase, &entry, &arena, &undone.changes, &undone.change_count, &err), 0);
	changes_apply(&kase, undone.changes, undone.change_count, &arena);
	assert_int_equal(kase.status, STATUS_NEW);
	assert_int_equal(undo(&kase, &undone, &err), 0);
	assert_string_equal(kase.assignee, "alice");
}

static void an_entry_of_another_case_is_not_taken_back_here(void **state)
{
	(void)state;
	struct kase kase = new_case();
	struct journal_entry entry;
	struct err err = ERR_INIT;
	must(&kase, act(ACTION_CLAIM, ""), &entry);
	entry.case_id = 43;
	assert_int_equal(undo(&kase, &entry, &err), -ERR_USAGE);
}

static uint32_t seed = 20261122;

static int any(int below)
{
	seed = seed * 1664525u + 1013904223u;
	return (int)((seed >> 8) % (uint32_t)below);
}

static struct action any_action(void)
{
	static const char *const tags[] = {"refund", "billing", "vip", "zebra", "äpfel"};
	static const char *const teams[] = {"billing", "legal", "it"};
	static const char *const names[] = {"alice", "bob", "mina"};
	static const char *const priorities[] = {"low", "normal", "high", "urgent"};
	struct action action = act((enum action_kind)any(ACTION_COUNT), "");
	action.agent = names[any(3)];
	switch (action.kind) {
	case ACTION_TAG:
	case ACTION_UNTAG: action.arg = tags[any(5)]; break;
	case ACTION_ESCALATE:
		action.arg = teams[any(3)];
		action.text = tags[any(5)];
		break;
	case ACTION_ASSIGN: action.arg = names[any(3)]; break;
	case ACTION_PRIORITY: action.arg = priorities[any(4)]; break;
	case ACTION_DONE:
	case ACTION_IGNORE: action.arg = any(2) ? "other" : ""; break;
	case ACTION_NOTE: action.text = "note"; break;
	default: break;
	}
	action.until = NOW + (1 + any(5)) * HOUR;
	return action;
}

static void whatever_is_done_an_undo_brings_back_what_was(void **state)
{
	(void)state;
	int undone = 0;
	for (int round = 0; round < 300; round++) {
		struct kase kase = new_case();
		for (int step = 0; step < 40; step++) {
			struct kase before = kase, back;
			struct journal_entry entry;
			struct err err = ERR_INIT;
			struct action action = any_action();
			if (perform(&kase, &action, &entry, &err) < 0)
				continue;
			if (!(action_flags(action.kind) & A_UNDO))
				continue;
			back = kase;
			assert_int_equal(undo(&back, &entry, &err), 0);
			assert_same_case(&back, &before);
			undone++;
		}
		arena_reset(&arena);
	}
	assert_true(undone > 1000);
}

static void a_whole_shift_can_be_taken_back_step_by_step(void **state)
{
	(void)state;
	for (int round = 0; round < 100; round++) {
		struct kase first = new_case(), kase = first;
		struct journal_entry entries[60];
		int count = 0;
		struct err err = ERR_INIT;
		while (count < 60) {
			struct action action = any_action();
			if (action_flags(action.kind) & A_UNDO && perform(&kase, &action, &entries[count], &err) == 0)
				count++;
		}
		while (count-- > 0)
			assert_int_equal(undo(&kase, &entries[count], &err), 0);
		assert_same_case(&kase, &first);
		arena_reset(&arena);
	}
}

static void changes_survive_json(void **state)
{
	(void)state;
	static const struct change changes[] = {
	        {FIELD_STATUS, "new", "open"},
	        {FIELD_TAG, "", "größe \"1\"\n\xE2\x80\xAE"},
	        {FIELD_MUTED_UNTIL, "", "1790000000000"},
	};
	const struct change *back;
	int count;
	struct err err = ERR_INIT;
	char *text = changes_to_json(changes, 3, &arena);
	assert_int_equal(changes_from_json(text, &arena, &back, &count, &err), 0);
	assert_int_equal(count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(back[i].field, changes[i].field);
		assert_string_equal(back[i].from, changes[i].from);
		assert_string_equal(back[i].to, changes[i].to);
	}
	assert_string_equal(changes_to_json(NULL, 0, &arena), "[]");
	assert_int_equal(changes_from_json("[]", &arena, &back, &count, &err), 0);
	assert_int_equal(count, 0);
}

static void what_are_no_changes_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{}", "[1]", "[[]]", "[[\"status\",\"new\"]]",
	        "[[\"status\",\"new\",1]]", "[[\"colour\",\"\",\"red\"]]", "[[\"status\",\"new\",\"open\"]",
	        "[[\"tag\",\"\",\"a\",\"b\"]]"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct change *changes;
		int count;
		struct err err = ERR_INIT;
		assert_int_equal(changes_from_json(texts[i], &arena, &changes, &count, &err), -ERR_DATA);
		assert_int_equal(count, 0);
		assert_true(*err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_claim_makes_a_new_case_open_and_ones_own),
	        cmocka_unit_test(a_claim_of_what_a_colleague_has_or_writes_is_refused),
	        cmocka_unit_test(names_and_tags_are_folded_the_same_way),
	        cmocka_unit_test(tags_stay_in_order_and_come_once),
	        cmocka_unit_test(a_case_has_no_more_than_thirty_two_tags),
	        cmocka_unit_test(a_note_needs_words_and_changes_no_field),
	        cmocka_unit_test(an_escalation_can_go_on_to_another_team_and_be_tried_again_when_it_failed),
	        cmocka_unit_test(a_snooze_ends_in_time_and_wakes_to_open),
	        cmocka_unit_test(done_and_ignored_keep_their_reason_until_reopened),
	        cmocka_unit_test(a_customer_who_writes_again_reopens_all_but_what_is_ignored),
	        cmocka_unit_test(priorities_have_names_and_numbers),
	        cmocka_unit_test(a_mute_of_no_time_ends_it),
	        cmocka_unit_test(an_undo_says_what_changed_since),
	        cmocka_unit_test(an_undo_can_itself_be_undone),
	        cmocka_unit_test(an_entry_of_another_case_is_not_taken_back_here),
	        cmocka_unit_test(whatever_is_done_an_undo_brings_back_what_was),
	        cmocka_unit_test(a_whole_shift_can_be_taken_back_step_by_step),
	        cmocka_unit_test(changes_survive_json),
	        cmocka_unit_test(what_are_no_changes_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
