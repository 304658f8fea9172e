/* What stands in the row of a case is what its posts say, however they came: a new case is written once, with what is
 * known of its first post, and only what more is said of it in the same batch has its row computed anew. */
#include "core/base/str.h"
#include "core/store/internal.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

enum { SEEDS = 15, BATCHES = 25, BATCH_MAX = 12, AUTHORS = 7, POSTS = 60 };

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	return *seed ^= *seed << 17;
}

static int below(uint64_t *seed, int limit)
{
	return (int)(next_random(seed) % (uint64_t)limit);
}

/* One of a few posts, known or not, which answers another, known or not, or nobody. */
static struct incoming random_item(struct fixture *f, uint64_t *seed)
{
	static const char *const authors[AUTHORS] = {"@ann", "@ben", "@cat", "@dan", "@eve", "@fay", "@gus"};
	int number = below(seed, POSTS);
	const char *id = arena_printf(&f->arena, "%d", number);
	const char *parent = below(seed, 2) ? "" : arena_printf(&f->arena, "%d", below(seed, POSTS));
	const char *text = arena_printf(&f->arena, "words %d of parcel %d", below(seed, 9), number);
	int64_t at = T(number);
	int kind = below(seed, 10);
	if (kind == 0)
		return post_deleted(id, at + 1);
	struct incoming item = post_in(authors[number % AUTHORS], id, parent, at, text);
	item.mention = kind < 8;
	item.post.addressed = kind < 5;
	item.post.links = below(seed, 3) ? "" : "https://x.example";
	item.post.boosts = below(seed, 4);
	item.post.edited_at = below(seed, 3) ? 0 : at + below(seed, 9);
	item.post.visibility = (enum visibility)below(seed, VIS_COUNT);
	item.marks.priority = below(seed, 4) - 1;
	item.marks.praise = below(seed, 2);
	item.root_remote_id = *parent || below(seed, 2) ? "" : id;
	return item;
}

static void take_random(struct fixture *f, uint64_t *seed)
{
	struct incoming items[BATCH_MAX];
	int count = 1 + below(seed, BATCH_MAX);
	for (int i = 0; i < count; i++)
		items[i] = random_item(f, seed);
	take(f, items, count);
}

/* What agents did with them has to be looked at again, too; some of it does not fit the case. */
static void act_randomly(struct fixture *f, uint64_t *seed)
{
	static const enum action_kind kinds[] = {ACTION_DONE, ACTION_IGNORE, ACTION_MUTE};
	int64_t cases = count_of(f, "");
	int kind = below(seed, 5);
	if (!cases || kind > 2)
		return;
	struct action action = {.kind = kinds[kind],
	        .case_id = 1 + below(seed, (int)cases),
	        .agent = "alice",
	        .arg = kind == 1 ? NOT_ABOUT_US : "",
	        .text = "",
	        .until = T(9999)};
	struct action_result result;
	store_act(f->store, &action, NOON, &f->arena, &result, &f->err);
}

static void add_rows(struct fixture *f, struct str *out)
{
	struct rows r;
	rows_begin(&r, f->store->db,
	        "SELECT json_array(id,status,done_reason,priority,updated_at,first_post_at,last_in_at,"
	        "last_out_at,first_reply_at,due,rank,needs,linked_to,summary,language,"
	        "boosts,media_count,has_link,visibility,"
	        "simhash,praise,question,personal_data) FROM kase ORDER BY id",
	        "");
	while (rows_next(&r))
		str_addf(out, "%s\n", rows_text(&r, 0, &f->arena));
	rows_end(&r);
}

static void derive_all(struct fixture *f)
{
	struct kase_row row;
	for (int64_t id = 1; kase_load(f->store, id, "", &f->arena, &row); id++) {
		kase_derive(f->store, &row, &f->arena);
		kase_save(f->store, &row);
	}
}

static void check_rows(struct fixture *f, uint64_t seed)
{
	struct str stored = STR_INIT, derived = STR_INIT;
	assert_int_equal(store_begin(f->store), 0);
	add_rows(f, &stored);
	derive_all(f);
	add_rows(f, &derived);
	db_fail(f->store->db, ERR_STATE, "is taken back");
	assert_int_equal(store_commit(f->store, &f->err), -ERR_STATE);
	size_t at = 0;
	for (size_t i = 0; stored.p[i] && stored.p[i] == derived.p[i]; i++)
		at = stored.p[i] == '\n' ? i + 1 : at;
	if (!str_eq(stored.p, derived.p))
		fail_msg("seed %llu stored\n%.*s\nbut its posts say\n%.*s", (unsigned long long)seed,
		        (int)strcspn(stored.p + at, "\n"), stored.p + at, (int)strcspn(derived.p + at, "\n"),
		        derived.p + at);
	str_release(&stored);
	str_release(&derived);
}

/* A case begins in its journal, once. */
static void check_beginnings(struct fixture *f, uint64_t seed)
{
	db_begin_read(f->store->db);
	int64_t wrong = db_number(f->store->db, -1,
	        "SELECT count(*) FROM kase k WHERE (SELECT action FROM journal j WHERE j.case_id=k.id ORDER BY j.id"
	        " LIMIT 1) NOT IN ('opened','replied') OR (SELECT count(*) FROM journal j WHERE j.case_id=k.id AND"
	        " action='opened')<>1",
	        "");
	db_end_read(f->store->db, &f->err);
	if (wrong)
		fail_msg("seed %llu: %lld cases do not begin in their journal", (unsigned long long)seed,
		        (long long)wrong);
}

static void a_row_is_what_its_posts_say_in_whatever_batches_they_came(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct fixture *f;
		uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15);
		assert_int_equal(fixture_setup((void **)&f), 0);
		for (int i = 0; i < BATCHES; i++) {
			take_random(f, &random);
			check_rows(f, seed);
			act_randomly(f, &random);
			arena_reset(&f->arena);
		}
		check_beginnings(f, seed);
		fixture_teardown((void **)&f);
	}
}

/* Sam's post comes with one that leads from it to an answer of ours, which nobody could place before. */
static void what_joins_a_new_case_in_its_batch_counts(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_out("9", "5", T(3), "we look into it"));
	struct incoming items[] = {
	        post_in("@sam", "1", "", T(1), "it broke"), post_context("@kim", "5", "1", T(2), "and nobody answers")};
	assert_int_equal(take(f, items, 2), 2);
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(kase->status, STATUS_WAITING);
	assert_true(kase->last_out_at == T(3) && kase->due == 0);
	check_rows(f, 0);
}

static void what_was_said_by_us_is_no_mention_of_another_account_later(void **state)
{
	struct fixture *f = *state;
	take_one(f, post_out("1", "", T(0), "a new shop"));
	assert_int_equal(take_one(f, post_in("@acme_old", "1", "", T(0), "a new shop")), 0);
	assert_int_equal(count_of(f, ""), 0);
}

static void a_new_case_is_written_once(void **state)
{
	struct fixture *f = *state;
	struct incoming item = post_in("@sam", "1", "", T(0), "where is it?");
	item.marks.priority = 2;
	take_one(f, item);
	const struct kase *kase = get_case(f, 1);
	assert_int_equal(kase->revision, 1);
	assert_int_equal(kase->priority, 2);
	assert_true(kase->due == T(20) && kase->rank == T(20));
	const struct journal_entry *opened = get_view(f, 1)->items[1].entry;
	assert_string_equal(opened->action, "opened");
	assert_int_equal(opened->change_count, 1);
	assert_string_equal(opened->changes[0].from, "0");
	assert_string_equal(opened->changes[0].to, "2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_row_is_what_its_posts_say_in_whatever_batches_they_came),
	        TEST(what_joins_a_new_case_in_its_batch_counts),
	        TEST(what_was_said_by_us_is_no_mention_of_another_account_later),
	        TEST(a_new_case_is_written_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
