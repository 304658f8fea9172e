/* What is erased is gone, to the byte; what is not meant stays. */
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/courier/upkeep.h"
#include "core/store/erase.h"
#include "core/store/health.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define SAM "@sam@far.example"

static struct incoming sams(const char *remote_id, const char *parent, int64_t at, const char *text)
{
	struct incoming item = post_in(SAM, remote_id, parent, at, text);
	item.customer.remote_key = "https://far.example/users/sam";
	item.customer.name = "Samantha Quillfeather";
	item.customer.url = "https://far.example/@sam";
	item.post.author_name = "Samantha Quillfeather";
	item.post.url = "https://far.example/@sam/77";
	return item;
}

static void note(struct fixture *f, int64_t case_id, const char *text)
{
	struct action action = {.kind = ACTION_NOTE, .case_id = case_id, .agent = "bob", .arg = "", .text = text};
	struct action_result result;
	assert_int_equal(store_act(f->store, &action, fixture_wall_ms, &f->arena, &result, &f->err), 0);
}

static void draft(struct fixture *f, int64_t case_id, const char *text)
{
	struct draft draft = {.case_id = case_id, .text = text};
	const char *conflict;
	assert_int_equal(store_draft_save(f->store, "alice", &draft, &f->arena, &conflict, &f->err), 0);
}

static int64_t hold(struct fixture *f, int64_t case_id, const char *to, const char *text)
{
	struct reply reply = {.case_id = case_id,
	        .agent = "alice",
	        .text = text,
	        .to_remote_id = to,
	        .to_handle = SAM,
	        .hold_until = fixture_wall_ms};
	int64_t id;
	assert_int_equal(store_reply_hold(f->store, &reply, -1, &id, &f->err), 0);
	return id;
}

/* Sam's case 1, with all that can hold words of theirs; lea's case 2, in which Sam is named. */
static void stock(struct fixture *f)
{
	take_one(f, sams("1", "", NOON, "my zibeline waistcoat was ruined"));
	take_one(f, sams("2", "1", NOON + 1, "zibeline! do you hear"));
	take_one(f, post_out("3", "2", NOON + 2, "@sam@far.example sorry about the zibeline"));
	note(f, 1, "Samantha rang about the zibeline");
	struct action escalate = {
	        .kind = ACTION_ESCALATE, .case_id = 1, .agent = "bob", .arg = "billing", .text = "zibeline refund"};
	struct action_result result;
	assert_int_equal(store_act(f->store, &escalate, NOON + 3, &f->arena, &result, &f->err), 0);
	draft(f, 1, "dear Samantha, your zibeline");
	hold(f, 1, "2", "@sam@far.example the zibeline is on its way");
	struct incoming lea = post_in("@lea", "10", "", NOON + 4, "like @sam I wait, says @SAM@far.example. Samovar!");
	lea.post.mentions = "@sam@far.example";
	take_one(f, lea);
	note(f, 2, "same as @sam@far.example");
	assert_int_equal(
	        store_desk_state_save(f->store, "alice", "{\"filter\":\"from:@sam@far.example\"}", &f->err), 0);
}

static struct customer sam(struct fixture *f)
{
	struct customer customer;
	assert_int_equal(store_customer_find(f->store, SAM, &f->arena, &customer, &f->err), 0);
	return customer;
}

static struct forgotten forget(struct fixture *f)
{
	struct forgotten count;
	if (store_forget(f->store, sam(f).id, "bob", NOON + HOUR, &count, &f->err))
		fail_msg("%s", f->err.text);
	return count;
}

static void holds_no(const char *path, const char *words)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	if (path_exists(path))
		assert_int_equal(file_read(path, &bytes, &err), 0);
	size_t len = strlen(words);
	for (size_t i = 0; i + len <= bytes.len; i++)
		if (str_icmp_n(bytes.p + i, words, len) == 0)
			fail_msg("%s holds \"%s\" at %zu", path, words, i);
	str_release(&bytes);
}

static void no_byte_is_left(struct fixture *f, const char *const *words, size_t count)
{
	static const char *const files[] = {"", "-wal", "-shm"};
	char copy[200];
	snprintf(copy, sizeof copy, "%s/copy.db", f->dir);
	assert_int_equal(store_backup(f->store, copy, &f->err), 0);
	for (size_t w = 0; w < count; w++) {
		for (size_t i = 0; i < 3; i++)
			holds_no(arena_printf(&f->arena, "%s%s", f->path, files[i]), words[w]);
		holds_no(copy, words[w]);
	}
}

static void a_person_who_is_forgotten_is_in_no_byte_of_the_files(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = {"zibeline", "quillfeather", "samantha", "sam@far", "@sam", "/users/sam"};
	stock(f);
	struct forgotten count = forget(f);
	assert_int_equal(count.cases, 1);
	assert_int_equal(count.posts, 3);
	assert_int_equal(count.replies, 1);
	assert_int_equal(count.drafts, 1);
	assert_true(count.notes >= 2);
	no_byte_is_left(f, words, sizeof words / sizeof *words);
	assert_int_equal(store_health(f->store, &f->err), 0);
}

static void words_that_were_deleted_earlier_are_in_no_byte_either(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = {"xylotomous", "zibeline"};
	stock(f);
	for (int i = 0; i < 30; i++)
		draft(f, 1, arena_printf(&f->arena, "xylotomous %d %0*d", i, i * 40, 7));
	draft(f, 1, "");
	struct incoming edited = sams("1", "", NOON, "nothing to see");
	edited.post.edited_at = NOON + MINUTE;
	take_one(f, edited);
	forget(f);
	no_byte_is_left(f, words, 2);
}

static void the_journal_keeps_who_did_what_and_who_had_it_erased(void **state)
{
	struct fixture *f = *state;
	stock(f);
	forget(f);
	assert_string_equal(journal_of(f, 1), "opened replied note reply-held escalate forgotten");
	const struct case_view *view = get_view(f, 1);
	assert_string_equal(view->kase.handle, "forgotten #1");
	assert_string_equal(view->items[view->item_count - 1].entry->by, "bob");
	assert_int_equal(view->kase.status, STATUS_DONE);
	assert_int_equal(count_of(f, "is:needs-reply from:lea"), 1);
}

static void what_others_said_stays_without_the_name(void **state)
{
	struct fixture *f = *state;
	stock(f);
	forget(f);
	const struct post *post;
	assert_int_equal(store_post(f->store, 1, "10", &f->arena, &post, &f->err), 0);
	assert_string_equal(post->text, "like forgotten #1 I wait, says forgotten #1. Samovar!");
	assert_int_equal(count_of(f, "samovar"), 1);
	assert_int_equal(count_of(f, "\"same as\""), 1);
}

static void who_is_forgotten_is_not_read_again_from_the_network(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = {"zibeline", "quillfeather"};
	stock(f);
	forget(f);
	assert_int_equal(take_one(f, sams("1", "", NOON, "my zibeline waistcoat was ruined")), 0);
	no_byte_is_left(f, words, 2);
	assert_int_equal(take_one(f, sams("90", "", NOON + DAY, "hello again")), 1);
	assert_int_equal(count_of(f, "from:sam@far.example"), 1);
}

static void nobody_is_forgotten_while_a_reply_to_them_is_being_sent(void **state)
{
	struct fixture *f = *state;
	struct forgotten count;
	bool moved;
	int queued;
	stock(f);
	assert_int_equal(store_reply_queue_due(f->store, NOON, HOUR, &queued, &f->err), 0);
	assert_int_equal(store_reply_take(f->store, 1, &moved, &f->err), 0);
	assert_true(moved);
	assert_int_equal(store_forget(f->store, sam(f).id, "bob", NOON, &count, &f->err), -ERR_STATE);
	assert_int_equal(count_of(f, "zibeline"), 1);
}

static void a_customer_is_found_by_handle_or_number(void **state)
{
	struct fixture *f = *state;
	struct customer customer;
	stock(f);
	assert_int_equal(store_customer_find(f->store, "Sam@Far.example", &f->arena, &customer, &f->err), 0);
	assert_int_equal(store_customer_find(f->store, "#2", &f->arena, &customer, &f->err), 0);
	assert_string_equal(customer.handle, "@lea");
	assert_int_equal(store_customer_find(f->store, "@nobody", &f->arena, &customer, &f->err), -ERR_NOT_FOUND);
	assert_int_equal(store_customer_find(f->store, "99", &f->arena, &customer, &f->err), -ERR_NOT_FOUND);
}

static int add_type(void *arg, const struct held_row *row)
{
	str_addf(arg, "%s:%s ", row->type, row->what);
	return 0;
}

static void all_that_is_held_on_a_person_can_be_told(void **state)
{
	struct fixture *f = *state;
	struct str types = STR_INIT;
	stock(f);
	assert_int_equal(store_held(f->store, sam(f).id, add_type, &types, &f->err), 0);
	static const char *const expected[] = {
	        "case:", "journal:note", "journal:escalate", "draft:draft", "reply:held"};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		if (!strstr(types.p, expected[i]))
			fail_msg("%s is not in %s", expected[i], types.p);
	str_release(&types);
}

/* --- deleted by their authors */

static void what_its_author_deleted_is_erased_after_its_time_and_leaves_a_marker(void **state)
{
	struct fixture *f = *state;
	int erased;
	take_one(f, sams("1", "", NOON, "my zibeline waistcoat"));
	take_one(f, sams("2", "1", NOON + 1, "it was ruined"));
	take_one(f, post_deleted("1", NOON + HOUR));
	assert_int_equal(store_erase_deleted(f->store, 1, NOON + HOUR - 1, 100, &erased, &f->err), 0);
	assert_int_equal(erased, 0);
	assert_int_equal(store_erase_deleted(f->store, 2, NOON + HOUR, 100, &erased, &f->err), 0);
	assert_int_equal(erased, 0);
	assert_int_equal(store_erase_deleted(f->store, 1, NOON + HOUR, 100, &erased, &f->err), 0);
	assert_int_equal(erased, 1);
	const struct post *post;
	assert_int_equal(store_post(f->store, 1, "1", &f->arena, &post, &f->err), 0);
	assert_string_equal(post->text, "");
	assert_true(post->deleted_at == NOON + HOUR);
	assert_int_equal(count_of(f, "zibeline"), 0);
	assert_int_equal(count_of(f, "ruined"), 1);
	assert_int_equal(store_erase_deleted(f->store, 1, NOON + DAY, 100, &erased, &f->err), 0);
	assert_int_equal(erased, 0);
	assert_int_equal(take_one(f, sams("1", "", NOON, "my zibeline waistcoat")), 0);
	assert_int_equal(count_of(f, "zibeline"), 0);
}

static void what_its_author_deleted_is_in_no_byte_once_the_log_is_folded(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = {"zibeline"};
	int erased;
	take_one(f, sams("1", "", NOON, "my zibeline waistcoat"));
	for (int i = 2; i < 40; i++)
		take_one(f, sams(arena_printf(&f->arena, "%d", i), "", NOON + i, "it was ruined"));
	take_one(f, post_deleted("1", NOON + HOUR));
	assert_int_equal(store_erase_deleted(f->store, 1, NOON + HOUR, 100, &erased, &f->err), 0);
	assert_int_equal(store_checkpoint(f->store, true, &f->err), 0);
	no_byte_is_left(f, words, 1);
}

static void run_upkeep(struct fixture *f, const char *settings, int64_t now)
{
	struct config config;
	int64_t ids[] = {1};
	const char *text = arena_printf(&f->arena,
	        "[desk]\nretention = 4w\n[account acme]\nnetwork = mastodon\nserver = https://mas.example\n%s",
	        settings);
	if (config_parse(text, strlen(text), "/x/curlew.conf", &config, NULL, &f->err))
		fail_msg("%s", f->err.text);
	struct upkeep upkeep = {.store = f->store, .config = &config, .account_ids = ids};
	upkeep_run(&upkeep, now);
	config_release(&config);
}

static void the_courier_erases_as_the_account_is_set_up(void **state)
{
	struct fixture *f = *state;
	take_one(f, sams("1", "", NOON, "my zibeline waistcoat"));
	take_one(f, post_deleted("1", NOON));
	run_upkeep(f, "deleted_posts = keep\n", NOON + 100 * DAY);
	assert_int_equal(count_of(f, "zibeline"), 1);
	run_upkeep(f, "", NOON + DAY - 1);
	assert_int_equal(count_of(f, "zibeline"), 1);
	run_upkeep(f, "", NOON + DAY);
	assert_int_equal(count_of(f, "zibeline"), 0);
	take_one(f, sams("2", "", NOON, "my zibeline cap"));
	take_one(f, post_deleted("2", NOON));
	run_upkeep(f, "deleted_posts = drop\n", NOON);
	assert_int_equal(count_of(f, "zibeline"), 0);
}

/* --- kept long enough */

static void the_courier_removes_what_is_kept_long_enough(void **state)
{
	struct fixture *f = *state;
	take_one(f, sams("1", "", NOON, "my zibeline waistcoat"));
	act(f, ACTION_DONE, 1, "alice", "");
	run_upkeep(f, "", NOON + 27 * DAY);
	assert_int_equal(count_of(f, "zibeline"), 1);
	run_upkeep(f, "", NOON + 29 * DAY);
	assert_int_equal(count_of(f, "zibeline"), 0);
}

static int retire(struct fixture *f, int64_t before)
{
	int64_t after = 0;
	int all = 0, removed;
	do {
		assert_int_equal(store_retire(f->store, before, 2, &after, &removed, &f->err), 0);
		all += removed;
	} while (after);
	return all;
}

static void only_what_is_over_and_old_is_removed(void **state)
{
	struct fixture *f = *state;
	for (int i = 1; i <= 6; i++)
		take_one(f, post_in(arena_printf(&f->arena, "@c%d", i), arena_printf(&f->arena, "%d", i), "", NOON + i,
		                    arena_printf(&f->arena, "words%d", i)));
	note(f, 1, "a word between us");
	fixture_wall_ms = NOON + MINUTE;
	for (int i = 1; i <= 4; i++)
		act(f, ACTION_DONE, i, "alice", "");
	draft(f, 2, "not yet said");
	hold(f, 3, "3", "on its way");
	fixture_wall_ms = NOON + 2 * DAY;
	act(f, ACTION_REOPEN, 4, "alice", "");
	act(f, ACTION_DONE, 4, "alice", ""); /* lately */
	assert_int_equal(retire(f, NOON + MINUTE), 0);
	assert_int_equal(retire(f, NOON + DAY), 1);
	assert_int_equal(count_of(f, "words1"), 0);
	assert_int_equal(count_of(f, "between"), 0);
	for (int i = 2; i <= 6; i++)
		assert_int_equal(count_of(f, arena_printf(&f->arena, "words%d", i)), 1);
	assert_int_equal(count_of(f, ""), 6);
	assert_string_equal(journal_of(f, 1), "opened note done");
	assert_int_equal(retire(f, NOON + DAY), 0);
	assert_int_equal(store_health(f->store, &f->err), 0);
}

static void a_thread_that_open_work_shows_is_left_alone(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_in("@sam", "1", "", NOON, "first"));
	take_one(f, post_in("@lea", "2", "1", NOON + 1, "me too"));
	fixture_wall_ms = NOON + MINUTE;
	act(f, ACTION_DONE, 1, "alice", "");
	assert_int_equal(retire(f, NOON + DAY), 0);
	act(f, ACTION_DONE, 2, "alice", "");
	assert_int_equal(retire(f, NOON + DAY), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_person_who_is_forgotten_is_in_no_byte_of_the_files),
	        TEST(words_that_were_deleted_earlier_are_in_no_byte_either),
	        TEST(the_journal_keeps_who_did_what_and_who_had_it_erased),
	        TEST(what_others_said_stays_without_the_name),
	        TEST(who_is_forgotten_is_not_read_again_from_the_network),
	        TEST(nobody_is_forgotten_while_a_reply_to_them_is_being_sent),
	        TEST(a_customer_is_found_by_handle_or_number),
	        TEST(all_that_is_held_on_a_person_can_be_told),
	        TEST(what_its_author_deleted_is_erased_after_its_time_and_leaves_a_marker),
	        TEST(what_its_author_deleted_is_in_no_byte_once_the_log_is_folded),
	        TEST(the_courier_erases_as_the_account_is_set_up),
	        TEST(the_courier_removes_what_is_kept_long_enough),
	        TEST(only_what_is_over_and_old_is_removed),
	        TEST(a_thread_that_open_work_shows_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
