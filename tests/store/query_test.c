/* Lists: pages by keyset, every term of the query language, full text, and the indexes that make them quick. */
#include "core/base/str.h"
#include "core/store/internal.h"
#include "tests/lib/store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

#define T(minutes) (NOON + (minutes)*MINUTE)

static const struct query *parse(struct fixture *f, const char *text)
{
	const struct query *query;
	size_t at;
	if (query_parse(text, "alice", &f->arena, &query, &at, &f->err))
		fail_msg("%s", f->err.text);
	return query;
}

/* --- pages */

static const struct kase *page(struct fixture *f, const char *query, const struct page_key *key, bool backwards,
        int max, int *count, bool *more)
{
	const struct kase *cases;
	if (store_cases(
	            f->store, parse(f, query), "alice", key, backwards, max, &f->arena, &cases, count, more, &f->err))
		fail_msg("%s", f->err.text);
	return cases;
}

static void fill(struct fixture *f, int from, int to)
{
	for (int i = from; i < to; i++) {
		char *id = arena_printf(&f->arena, "%d", i), *author = arena_printf(&f->arena, "@c%d", i);
		take_one(f, post_in(author, id, "", T(-i), id));
	}
}

static struct page_key key_of(const struct kase *kase)
{
	return (struct page_key){kase->rank, kase->id};
}

static void pages_forward_show_each_case_once_in_order(void **state)
{
	struct fixture *f = *state;
	fill(f, 0, 25);
	struct page_key key, *from = NULL;
	int seen = 0, count;
	bool more = true;
	int64_t last = INT64_MIN;
	while (more) {
		const struct kase *cases = page(f, "", from, false, 10, &count, &more);
		for (int i = 0; i < count; i++, seen++) {
			assert_true(cases[i].rank >= last);
			last = cases[i].rank;
		}
		key = key_of(&cases[count - 1]);
		from = &key;
	}
	assert_int_equal(seen, 25);
}

static void pages_backward_come_in_list_order_too(void **state)
{
	struct fixture *f = *state;
	fill(f, 0, 12);
	int count;
	bool more;
	const struct kase *cases = page(f, "", NULL, true, 5, &count, &more);
	assert_int_equal(count, 5);
	assert_true(more);
	assert_int_equal(cases[4].id, 1); /* the newest is due last */
	assert_int_equal(cases[0].id, 5);
	struct page_key key = key_of(&cases[0]);
	cases = page(f, "", &key, true, 50, &count, &more);
	assert_int_equal(count, 7);
	assert_false(more);
	assert_int_equal(cases[0].id, 12);
	assert_int_equal(cases[6].id, 6);
}

static void what_arrives_between_two_pages_moves_nothing(void **state)
{
	struct fixture *f = *state;
	fill(f, 0, 10);
	int count;
	bool more;
	const struct kase *first = page(f, "", NULL, false, 5, &count, &more);
	struct page_key key = key_of(&first[4]);
	int64_t next = page(f, "", &key, false, 5, &count, &more)[0].id;
	fill(f, 50, 60); /* all before the key */
	const struct kase *second = page(f, "", &key, false, 5, &count, &more);
	assert_int_equal(count, 5);
	assert_int_equal(second[0].id, next);
	act(f, ACTION_DONE, first[4].id, "alice", ""); /* the key's own case leaves */
	assert_int_equal(page(f, "is:unresolved", &key, false, 5, &count, &more)[0].id, next);
}

static void the_end_of_a_list_says_so(void **state)
{
	struct fixture *f = *state;
	int count;
	bool more;
	page(f, "", NULL, false, 5, &count, &more);
	assert_int_equal(count, 0);
	assert_false(more);
	fill(f, 0, 5);
	page(f, "", NULL, false, 5, &count, &more);
	assert_int_equal(count, 5);
	assert_false(more);
}

/* --- terms */

static int setup_cases(void **state)
{
	if (fixture_setup(state))
		return -1;
	struct fixture *f = *state;
	struct incoming sam = post_in("@sam@social.example", "1", "", T(-30), "my refund never came");
	sam.customer.followers = 5000;
	sam.marks.question = true;
	struct incoming kim = post_in("@kim", "2", "", T(-10), "lovely shop, thank you");
	kim.post.language = "pt-BR";
	kim.marks.praise = true;
	struct incoming lee = post_in("@lee", "3", "", T(-5), "call me at 555 0100");
	lee.post.visibility = VIS_DIRECT;
	lee.marks.personal_data = true;
	lee.marks.priority = 2;
	take_one(f, sam);
	take_one(f, kim);
	take_one(f, lee);
	act(f, ACTION_TAG, 1, "alice", "refund");
	act(f, ACTION_CLAIM, 1, "alice", "");
	act(f, ACTION_DONE, 2, "bob", "thanked");
	struct action escalate = {
	        .kind = ACTION_ESCALATE, .case_id = 3, .agent = "bob", .arg = "billing", .text = "hm"};
	struct action_result result;
	return store_act(f->store, &escalate, NOON, &f->arena, &result, &f->err);
}

static void each_term_finds_what_it_says(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *query, *ids;
	} cases[] = {
	        {"", "1 3 2"},
	        {"is:new", ""},
	        {"is:open", "1 3"},
	        {"is:done", "2"},
	        {"is:ignored", ""},
	        {"is:waiting", ""},
	        {"is:snoozed", ""},
	        {"is:needs-reply", "1 3"},
	        {"is:unresolved", "1 3"},
	        {"is:escalated", "3"},
	        {"is:late", "1"},
	        {"late", "1"},
	        {"-late", "3 2"},
	        {"is:praise", "2"},
	        {"is:question", "1"},
	        {"is:private", "3"},
	        {"is:outbox", ""},
	        {"tag:refund", "1"},
	        {"tag:nothing", ""},
	        {"from:@sam", "1"},
	        {"from:SA", "1"},
	        {"from:am", ""},
	        {"from:k", "2"},
	        {"assignee:me", "1"},
	        {"assignee:none", "3 2"},
	        {"assignee:bob", ""},
	        {"account:acme", "1 3 2"},
	        {"account:other", ""},
	        {"network:mastodon", "1 3 2"},
	        {"network:x", ""},
	        {"team:billing", "3"},
	        {"team:sales", ""},
	        {"lang:pt", "2"},
	        {"lang:pt-br", "2"},
	        {"lang:p", ""},
	        {"priority:urgent", "3"},
	        {"priority:<high", "1 2"},
	        {"age:>20m", "1"},
	        {"age:<20m", "3 2"},
	        {"due:<1m", "1"},
	        {"due:>1m", "3"},
	        {"followers:>1000", "1"},
	        {"followers:<1000", ""},
	        {"has:media", ""},
	        {"has:draft", ""},
	        {"has:personal-data", "3"},
	        {"has:link", ""},
	        {"case:2", "2"},
	        {"refund", "1"},
	        {"\"thank you\"", "2"},
	        {"tag:refund OR team:billing", "1 3"},
	        {"is:unresolved -tag:refund", "3"},
	        {"-(tag:refund OR is:done)", "3"},
	        {"from:sam refund is:open", "1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *ids = ids_of(f, cases[i].query);
		if (!str_eq(ids, cases[i].ids))
			fail_msg("%s: found \"%s\", not \"%s\"", cases[i].query, ids, cases[i].ids);
		int64_t expected = *cases[i].ids ? ((int64_t)strlen(cases[i].ids) + 1) / 2 : 0;
		assert_int_equal(count_of(f, cases[i].query), expected);
	}
}

/* The desk judges changed cases by query_matches(): it must agree with the SQL. */
static void the_desk_and_the_store_agree_on_what_matches(void **state)
{
	struct fixture *f = *state;
	static const char *const queries[] = {"is:open", "is:needs-reply", "is:escalated", "late", "tag:refund",
	        "from:sam", "assignee:me", "assignee:none", "network:mastodon", "team:billing", "lang:pt",
	        "priority:>low", "age:>20m", "due:<1m", "followers:>1000", "has:personal-data", "is:praise -late"};
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		const struct query *query = parse(f, queries[i]);
		int64_t matching = 0;
		for (int64_t id = 1; id <= 3; id++)
			matching += query_matches(query, get_case(f, id), fixture_wall_ms);
		if (count_of(f, queries[i]) != matching)
			fail_msg("%s: %lld in memory", queries[i], (long long)matching);
	}
}

static void the_next_to_answer_is_late_then_urgent_and_nobody_elses(void **state)
{
	struct fixture *f = *state;
	int64_t id;
	assert_int_equal(store_next_needed(f->store, "alice", 0, NOON, &id, &f->err), 0);
	assert_int_equal(id, 1);
	store_next_needed(f->store, "alice", 1, NOON, &id, &f->err);
	assert_int_equal(id, 3);
	store_next_needed(f->store, "bob", 0, NOON, &id, &f->err);
	assert_int_equal(id, 3); /* 1 is alice's */
	assert_int_equal(store_presence(f->store, 3, "alice", T(5), &f->err), 0);
	store_next_needed(f->store, "bob", 0, NOON, &id, &f->err);
	assert_int_equal(id, 0);
}

static void the_numbers_of_the_queue_count_what_they_name(void **state)
{
	struct fixture *f = *state;
	struct queue_numbers numbers;
	assert_int_equal(store_queue_numbers(f->store, NOON, T(-600), &numbers, &f->err), 0);
	assert_int_equal(numbers.late, 1);
	assert_int_equal(numbers.needing, 2);
	assert_true(numbers.median_first_reply_ms == -1);
	take_one(f, post_out("10", "1", T(-20), "sorry"));
	take_one(f, post_out("11", "3", T(0), "we call"));
	store_queue_numbers(f->store, NOON, T(-600), &numbers, &f->err);
	assert_int_equal(numbers.late + numbers.needing, 0);
	assert_true(numbers.median_first_reply_ms == (10 * MINUTE + 5 * MINUTE) / 2);
}

/* --- full text */

static void words_are_found_in_any_script(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text, *query;
	} texts[] = {
	        {"荷物がまだ届きません", "届きません"},
	        {"配送状況を教えてください", "状況"},
	        {"สินค้ายังไม่มาถึง", "ยังไม่"},
	        {"أين طلبي؟ مَتَى يَصِلُ", "متى"},
	        {"Où est mon café ?", "cafe"},
	        {"Die Straße ist gesperrt", "strasse OR straße"},
	        {"주문이 아직 안 왔어요", "주문이"},
	        {"मेरा ऑर्डर कहाँ है", "ऑर्डर"},
	        {"Где мой заказ", "ЗАКАЗ"},
	        {"decomposed re\xCC\x81sume\xCC\x81", "résumé"},
	};
	size_t count = sizeof texts / sizeof *texts;
	for (size_t i = 0; i < count; i++)
		take_one(f, post_in(arena_printf(&f->arena, "@t%zu", i), arena_printf(&f->arena, "t%zu", i), "",
		                    T((int)i), texts[i].text));
	for (size_t i = 0; i < count; i++) {
		const char *expected = arena_printf(&f->arena, "%zu", i + 4);
		const char *found = ids_of(f, texts[i].query);
		if (!str_eq(found, expected))
			fail_msg("%s: found \"%s\", not \"%s\"", texts[i].query, found, expected);
	}
	assert_string_equal(ids_of(f, "況状"), ""); /* the order of characters matters */
}

static void the_last_bare_word_is_a_beginning_and_a_phrase_is_not(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(ids_of(f, "refu"), "1");
	assert_string_equal(ids_of(f, "\"refu\""), "");
	assert_string_equal(ids_of(f, "refu never"), "");
	assert_string_equal(ids_of(f, "never refu"), "1");
}

static void hostile_words_find_nothing_and_break_nothing(void **state)
{
	struct fixture *f = *state;
	static const char *const hostile[] = {"\"", "*", "NEAR(", "a\" OR \"b", "body:x", "^refund\"",
	        "'; DROP TABLE kase; --", "x\" * \"", "{a b}", "-", "+", "\xF0\x9F\x98\x80", "%", "_", "NOT", "AND",
	        "\\", "?1", ":a", "@b", "$c"};
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct query text = {.op = Q_TERM, .term = QT_TEXT, .text = hostile[i]};
		struct query terms[] = {text, text, text, text, text};
		terms[1].phrase = true;
		terms[2].term = QT_FROM;
		terms[3].term = QT_TAG;
		terms[4].term = QT_LANG;
		for (size_t t = 0; t < 5; t++) {
			int64_t count = -1;
			if (store_count(f->store, &terms[t], "alice", &count, &f->err))
				fail_msg("%s: %s", hostile[i], f->err.text);
			assert_true(count >= 0);
		}
	}
	assert_int_equal(count_of(f, ""), 3);
}

static void a_query_nested_without_end_is_refused(void **state)
{
	struct fixture *f = *state;
	struct query nodes[200];
	nodes[199] = (struct query){.op = Q_ALL};
	for (int i = 198; i >= 0; i--)
		nodes[i] = (struct query){.op = Q_NOT, .left = &nodes[i + 1]};
	int64_t count;
	assert_int_equal(store_count(f->store, nodes, "alice", &count, &f->err), -ERR_LIMIT);
}

/* --- indexes */

static const char *plan_of(struct fixture *f, const char *query, bool backwards)
{
	struct sql sql;
	struct rows r;
	struct str plan = STR_INIT;
	sql_init(&sql);
	str_adds(&sql.text, "EXPLAIN QUERY PLAN " KASE_SELECT "WHERE ");
	vec_push(&sql.values, (struct db_value){.text = "alice"});
	assert_int_equal(sql_add_query(&sql, parse(f, query), "alice", NOON, &f->arena, &f->err), 0);
	str_addf(&sql.text, " AND (k.rank,k.id)>(1,1) ORDER BY k.rank%s,k.id%s LIMIT 51", backwards ? " DESC" : "",
	        backwards ? " DESC" : "");
	db_begin_read(f->store->db);
	rows_begin_values(&r, f->store->db, sql.text.p, sql.values.at, (int)sql.values.len);
	while (rows_next(&r))
		str_addf(&plan, "%s\n", rows_text(&r, 3, &f->arena));
	rows_end(&r);
	assert_int_equal(db_end_read(f->store->db, &f->err), 0);
	sql_release(&sql);
	const char *text = arena_strdup(&f->arena, plan.p);
	str_release(&plan);
	return text;
}

static void the_main_views_walk_an_index_and_sort_nothing(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *query, *index;
	} views[] = {
	        {"", "kase_rank"},
	        {"is:needs-reply", "kase_needs"},
	        {"late", "kase_needs"},
	        {"is:unresolved", "kase_unresolved"},
	        {"is:done", "kase_status"},
	        {"is:waiting", "kase_status"},
	        {"is:new", "kase_status"},
	        {"assignee:me", "kase_assignee"},
	        {"is:escalated", "kase_escalated"},
	};
	for (size_t i = 0; i < sizeof views / sizeof *views; i++)
		for (int backwards = 0; backwards < 2; backwards++) {
			const char *plan = plan_of(f, views[i].query, backwards);
			if (!strstr(plan, views[i].index) || strstr(plan, "TEMP B-TREE"))
				fail_msg("\"%s\" (expected %s):\n%s", views[i].query, views[i].index, plan);
		}
}

/* What is done for each post and each reply must not grow with the store. (Looking for similar cases walks an index,
 * up to a bound: the posts here say nothing that could be alike.) */
static void daily_work_scans_nothing(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 200; i++) {
		char *id = arena_printf(&f->arena, "%d", i), *ours = arena_printf(&f->arena, "a%d", i);
		char *author = arena_printf(&f->arena, "@c%d", i);
		struct incoming items[] = {post_in(author, id, "", T(i), "where is my order"),
		        post_out(ours, id, T(i), "there"),
		        post_in(author, arena_printf(&f->arena, "b%d", i), ours, T(i + 1), "no")};
		items[0].marks.simhash = items[2].marks.simhash = 0;
		take(f, items, 3);
		act(f, ACTION_TAG, i + 1, "alice", "x");
		act(f, ACTION_DONE, i + 1, "alice", "");
		act(f, ACTION_UNDO, 0, "alice", "");
		get_view(f, i + 1);
		struct reply reply = {
		        .case_id = i + 1, .agent = "alice", .to_remote_id = id, .text = "t", .hold_until = NOON};
		int64_t reply_id, next;
		const char *reason;
		bool moved;
		int count;
		assert_int_equal(store_reply_hold(f->store, &reply, -1, &reply_id, &f->err), 0);
		assert_int_equal(store_reply_queue_due(f->store, NOON, MINUTE, &count, &f->err), 0);
		assert_int_equal(store_reply_take(f->store, reply_id, &moved, &f->err), 0);
		assert_true(moved);
		const struct reply *taken;
		store_reply(f->store, reply_id, &f->arena, &taken, &f->err);
		assert_int_equal(store_reply_objection(f->store, taken, &f->arena, &reason, &f->err), 0);
		struct incoming sent = post_out(arena_printf(&f->arena, "s%d", i), id, T(i + 2), "t");
		assert_int_equal(store_reply_sent(f->store, reply_id, &sent, T(i + 2), &f->err), 0);
		assert_int_equal(store_wake_due(f->store, NOON, &next, &f->err), 0);
		assert_int_equal(store_replies_next(f->store, &next, &f->err), 0);
		const struct past_case *past;
		struct spike spike;
		struct acts_result done;
		struct action tag = {.kind = ACTION_TAG, .case_id = i + 1, .agent = "alice", .arg = "many", .text = ""};
		assert_int_equal(store_act_many(f->store, &tag, 1, NOON, &f->arena, &done, &f->err), 0);
		assert_int_equal(store_undo(f->store, "alice", false, NOON, &f->arena, &done, &f->err), 0);
		assert_int_equal(
		        store_customer_cases(f->store, done.kase->customer_id, 10, &f->arena, &past, &count, &f->err),
		        0);
		assert_int_equal(store_spike(f->store, T(i), &f->arena, &spike, &f->err), 0);
	}
	int64_t scanned = db_rows_scanned(f->store->db);
	if (scanned > 50)
		fail_msg("%lld rows were gone through without an index", (long long)scanned);
}

/* --- what is compiled once */

static int selects; /* compiled */

static int count_select(void *arg, int what, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg, (void)a, (void)b, (void)c, (void)d;
	selects += what == SQLITE_SELECT;
	return SQLITE_OK;
}

static int watch_compiler(sqlite3 *db, const char **words, const struct sqlite3_api_routines *api)
{
	(void)words, (void)api;
	return sqlite3_set_authorizer(db, count_select, NULL);
}

static int setup_watched(void **state)
{
	sqlite3_auto_extension((void (*)(void))watch_compiler);
	int result = fixture_setup(state);
	sqlite3_reset_auto_extension();
	return result;
}

static void a_view_that_is_asked_again_is_not_compiled_again(void **state)
{
	static const char *const views[] = {"", "is:needs-reply", "assignee:me", "is:done", "delivery"};
	enum { VIEWS = sizeof views / sizeof *views };
	struct fixture *f = *state;
	int count, before = 0;
	bool more;
	fill(f, 0, 5);
	for (int i = 0; i < 20 * VIEWS; i++) {
		if (i == VIEWS)
			before = selects;
		page(f, views[i % VIEWS], NULL, false, 10, &count, &more);
	}
	assert_true(before > 0);
	assert_int_equal(selects, before);
}

static void more_texts_than_are_kept_compiled_each_find_what_they_ask_for(void **state)
{
	struct fixture *f = *state;
	struct str query = STR_INIT;
	int count;
	bool more;
	fill(f, 100, 140);
	for (int i = 0; i < 80; i++) {
		if (i % 40 == 0)
			str_clear(&query);
		str_adds(&query, " -is:done");
		char *words = arena_printf(&f->arena, "from:@c%d %s", 100 + i % 40, query.p);
		const struct kase *found = page(f, words, NULL, false, 10, &count, &more);
		assert_int_equal(count, 1);
		assert_string_equal(found->handle, arena_printf(&f->arena, "@c%d", 100 + i % 40));
	}
	str_release(&query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
#define TEST_CASES(name) cmocka_unit_test_setup_teardown(name, setup_cases, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(pages_forward_show_each_case_once_in_order),
	        TEST(pages_backward_come_in_list_order_too),
	        cmocka_unit_test_setup_teardown(
	                a_view_that_is_asked_again_is_not_compiled_again, setup_watched, fixture_teardown),
	        TEST(more_texts_than_are_kept_compiled_each_find_what_they_ask_for),
	        TEST(what_arrives_between_two_pages_moves_nothing),
	        TEST(the_end_of_a_list_says_so),
	        TEST_CASES(each_term_finds_what_it_says),
	        TEST_CASES(the_desk_and_the_store_agree_on_what_matches),
	        TEST_CASES(the_next_to_answer_is_late_then_urgent_and_nobody_elses),
	        TEST_CASES(the_numbers_of_the_queue_count_what_they_name),
	        TEST_CASES(words_are_found_in_any_script),
	        TEST_CASES(the_last_bare_word_is_a_beginning_and_a_phrase_is_not),
	        TEST_CASES(hostile_words_find_nothing_and_break_nothing),
	        TEST_CASES(a_query_nested_without_end_is_refused),
	        TEST_CASES(the_main_views_walk_an_index_and_sort_nothing),
	        TEST(daily_work_scans_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
