#include "core/base/str.h"
#include "core/model/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1790000000000
#define MINUTE 60000

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* The tree as text: (and a b), (not a), term compare "text" number. */
static void show(const struct query *query, struct str *out)
{
	static const char *const ops[] = {[Q_AND] = "and", [Q_OR] = "or", [Q_NOT] = "not"};
	static const char compares[] = {[CMP_EQ] = '=', [CMP_LT] = '<', [CMP_GT] = '>'};
	if (query->op == Q_ALL) {
		str_adds(out, "all");
	} else if (query->op == Q_TERM) {
		str_adds(out, query_term_word(query->term));
		if (query->term != QT_LATE)
			str_addc(out, compares[query->compare]);
		if (query_term_value(query->term) == V_IS || query_term_value(query->term) == V_HAS || !query->number)
			str_addf(out, query->phrase ? "\"%s\"" : "%s", query->text);
		else
			str_addf(out, "%lld", (long long)query->number);
	} else {
		str_addf(out, "(%s ", ops[query->op]);
		show(query->left, out);
		if (query->right) {
			str_addc(out, ' ');
			show(query->right, out);
		}
		str_addc(out, ')');
	}
}

static const struct query *parsed(const char *text)
{
	const struct query *query;
	size_t at;
	struct err err = ERR_INIT;
	if (query_parse(text, "Alice", &arena, &query, &at, &err) < 0)
		fail_msg("%s: at %zu: %s", text, at, err.text);
	return query;
}

static void a_query_is_read_as_it_is_meant(void **state)
{
	(void)state;
	static const struct {
		const char *text, *tree;
	} cases[] = {
	        {"", "all"},
	        {"  \t ", "all"},
	        {"is:new", "is=new"},
	        {"IS:New", "is=new"},
	        {"late", "late"},
	        {"is:late", "late"},
	        {"is:new tag:#Refund", "(and is=new tag=refund)"},
	        {"a b c", "(and (and text=a text=b) text=c)"},
	        {"a AND b", "(and text=a text=b)"},
	        {"a OR b c", "(or text=a (and text=b text=c))"},
	        {"(a OR b) c", "(and (or text=a text=b) text=c)"},
	        {"-a", "(not text=a)"},
	        {"not late", "(not late)"},
	        {"not not late", "(not (not late))"},
	        {"-(a b)", "(not (and text=a text=b))"},
	        {"-\"a b\"", "(not text=\"a b\")"},
	        {"a or b", "(and (and text=a text=or) text=b)"},
	        {"\"not a\"", "text=\"not a\""},
	        {"text:\"two words\"", "text=\"two words\""},
	        {"text:one", "text=one"},
	        {"is", "text=is"},
	        {"10:30", "text=10:30"},
	        {"-", "text=-"},
	        {"from:@Sam", "from=sam"},
	        {"from:ÄPFEL", "from=äpfel"},
	        {"assignee:me", "assignee=alice"},
	        {"assignee:none", "assignee="},
	        {"assignee:@Bob", "assignee=bob"},
	        {"tag:\"late delivery\"", "tag=late-delivery"},
	        {"account:Acme.Bsky network:Mastodon", "(and account=acme.bsky network=mastodon)"},
	        {"team:billing lang:DE", "(and team=billing lang=de)"},
	        {"age:>20m", "age>1200000"},
	        {"age:20m", "age>1200000"},
	        {"age:<1h30m", "age<5400000"},
	        {"due:<5m", "due<300000"},
	        {"due:5m", "due<300000"},
	        {"due:<-5m", "due<-300000"},
	        {"followers:>1000", "followers>1000"},
	        {"followers:>10k", "followers>10000"},
	        {"followers:2M", "followers=2000000"},
	        {"priority:high", "priority=1"},
	        {"priority:>low", "priority>-1"},
	        {"case:42", "case=42"},
	        {"case:#42", "case=42"},
	        {"has:media -has:draft", "(and has=media (not has=draft))"},
	        {"日本語 text:\"配送 遅い\"", "(and text=日本語 text=\"配送 遅い\")"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str tree = STR_INIT;
		show(parsed(cases[i].text), &tree);
		assert_string_equal(tree.p, cases[i].tree);
		str_release(&tree);
	}
}

static void an_error_says_where_what_was_found_and_what_was_meant(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t at;
		const char *words;
	} cases[] = {
	        {"is:nw", 3,
	                "found \"nw\" after \"is:\", expected new, open, waiting, snoozed, done, ignored, needs-reply, "
	                "unresolved, escalated, late, praise, question, private or outbox; did you mean is:new?"},
	        {"tag:x is:", 9, "found nothing after \"is:\", expected new, open, "},
	        {"has:drafts", 4, "did you mean has:draft?"},
	        {"tga:refund", 0, "found \"tga:\", which is no term; did you mean tag:? "},
	        {"colour:red", 0, "found \"colour:\", expected a term like is: tag: from:; text goes in \"quotation"},
	        {"see https://x.example", 4, "found an address, expected \"quotation marks\" around it"},
	        {"tag:", 4, "found nothing after \"tag:\", expected a tag of at most 40 bytes"},
	        {"late tag: x", 9, "found nothing after \"tag:\""},
	        {"late:", 4, "found \"late:\", expected the word late alone"},
	        {"age:>x", 5, "found \"x\" after \"age:\", expected a time like >20m or <4h"},
	        {"age:>=20m", 5, "found \">=\", expected < or > alone"},
	        {"age:>-5m", 5, "found \"-5m\" after \"age:\""},
	        {"age:20", 4, "found \"20\" after \"age:\""},
	        {"followers:>many", 11, "found \"many\" after \"followers:\", expected a number like >1000"},
	        {"followers:1kk", 10, "found \"1kk\""},
	        {"priority:5", 9, "expected low, normal, high or urgent"},
	        {"case:x", 5, "expected the number of a case"},
	        {"case:>4", 5, "found \">4\" after \"case:\""},
	        {"case:0", 5, "expected the number of a case"},
	        {"from:@", 5, "expected a handle like"},
	        {"a (b", 2, "found a ( that is not closed, expected a )"},
	        {"a b) c", 3, "found a ) without a ( before it"},
	        {"()", 1, "found a ), expected a term"},
	        {"a OR", 4, "found the end, expected a term"},
	        {"OR a", 0, "found OR, expected a term"},
	        {"a OR OR b", 5, "found OR, expected a term"},
	        {"a AND", 5, "found the end, expected a term"},
	        {"not", 3, "found the end, expected a term"},
	        {"a \"b c", 2, "found a quotation mark that is not closed, expected another \""},
	        {"tag:\"b", 4, "found a quotation mark that is not closed"},
	        {"\"\"", 1, "expected words to search for"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct query *query;
		size_t at = 999;
		struct err err = ERR_INIT;
		assert_int_equal(query_parse(cases[i].text, "alice", &arena, &query, &at, &err), -ERR_USAGE);
		assert_null(query);
		if (at != cases[i].at || !strstr(err.text, cases[i].words))
			fail_msg("%s: at %zu: %s", cases[i].text, at, err.text);
	}
}

static void me_needs_an_agent(void **state)
{
	(void)state;
	const struct query *query;
	struct err err = ERR_INIT;
	assert_int_equal(query_parse("assignee:me", NULL, &arena, &query, NULL, &err), -ERR_USAGE);
}

static void a_query_has_a_size_that_can_be_walked(void **state)
{
	(void)state;
	static const struct {
		const char *piece;
		int count;
	} cases[] = {{"x ", 65}, {"(", 17}, {"not ", 17}, {"-(", 9}, {"xxxxxxxxxxxxxxx ", 300}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str text = STR_INIT;
		const struct query *query;
		struct err err = ERR_INIT;
		for (int n = 0; n < cases[i].count; n++)
			str_adds(&text, cases[i].piece);
		assert_int_equal(query_parse(text.p, "alice", &arena, &query, NULL, &err), -ERR_LIMIT);
		str_release(&text);
	}
}

static const char *const tags[] = {"refund", "vip"};

static struct kase a_case(void)
{
	return (struct kase){.id = 42,
	        .account = "acme",
	        .network = "mastodon",
	        .handle = "@Sam@mas.example",
	        .followers = 1200,
	        .status = STATUS_OPEN,
	        .assignee = "alice",
	        .priority = 1,
	        .tags = tags,
	        .tag_count = 2,
	        .escalated_to = "billing",
	        .last_in_at = NOW - 30 * MINUTE,
	        .due = NOW - 10 * MINUTE,
	        .language = "de-AT",
	        .media_count = 1,
	        .question = true};
}

static void a_case_is_matched_in_memory(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool matches;
	} cases[] = {
	        {"", true},
	        {"is:open", true},
	        {"is:new", false},
	        {"is:needs-reply", true},
	        {"is:unresolved", true},
	        {"is:escalated team:Billing", true},
	        {"team:legal", false},
	        {"is:question -is:praise", true},
	        {"late", true},
	        {"-late", false},
	        {"tag:refund tag:vip", true},
	        {"tag:other", false},
	        {"from:@sam", true},
	        {"from:SAM@mas", true},
	        {"from:am", false},
	        {"assignee:me", true},
	        {"assignee:none", false},
	        {"account:ACME network:mastodon", true},
	        {"lang:de", true},
	        {"lang:d", false},
	        {"lang:de-at", true},
	        {"age:>20m", true},
	        {"age:>30m", false},
	        {"age:<31m", true},
	        {"due:<5m", true},
	        {"due:<-5m", true},
	        {"due:>5m", false},
	        {"followers:>1000 followers:<2k", true},
	        {"followers:1200", true},
	        {"priority:high priority:>normal", true},
	        {"priority:<high", false},
	        {"has:media", true},
	        {"has:draft", false},
	        {"has:personal-data", false},
	        {"case:42", true},
	        {"case:41 OR is:open", true},
	        {"case:41 OR is:new", false},
	        {"not (case:41 OR is:new)", true},
	};
	struct kase kase = a_case();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct query *query = parsed(cases[i].text);
		assert_true(query_is_local(query));
		if (query_matches(query, &kase, NOW) != cases[i].matches)
			fail_msg("%s", cases[i].text);
	}
}

static void what_is_unknown_is_neither_more_nor_less(void **state)
{
	(void)state;
	struct kase kase = a_case();
	kase.followers = -1;
	kase.due = 0;
	kase.last_in_at = 0;
	static const char *const texts[] = {
	        "followers:<5", "followers:>5", "due:<5m", "due:>5m", "late", "age:>1m", "age:<1m", "is:needs-reply"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(query_matches(parsed(texts[i]), &kase, NOW));
}

static void what_only_the_store_knows_is_not_local(void **state)
{
	(void)state;
	static const char *const texts[] = {"hello", "-hello", "is:new OR hello", "is:outbox", "is:private", "has:link",
	        "late (is:new -is:outbox)"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(query_is_local(parsed(texts[i])));
}

static void collect(void *arg, const char *candidate, const char *help)
{
	assert_true(*help);
	str_addf(arg, " %s", candidate);
}

static void completion_offers_what_the_language_has(void **state)
{
	(void)state;
	static const struct {
		const char *text, *candidates;
	} cases[] = {
	        {"ta", " tag:"},
	        {"is:new l", " late lang:"},
	        {"-la", " -late -lang:"},
	        {"is:n", " is:new is:needs-reply"},
	        {"late (IS:Esc", " is:escalated"},
	        {"-has:p", " -has:personal-data"},
	        {"assignee:", " assignee:me assignee:none"},
	        {"priority:u", " priority:urgent"},
	        {"tag:re", ""},
	        {"is:new x:", ""},
	        {"a n", " network: not"},
	        {"zz", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str found = STR_INIT;
		query_complete(cases[i].text, collect, &found);
		assert_string_equal(found.p, cases[i].candidates);
		str_release(&found);
	}
	assert_int_equal(query_last_word("late (is:n"), 6);
	assert_int_equal(query_last_word("tag:\"late del"), 0);
	assert_int_equal(query_last_word("late "), 5);
}

static void nothing_that_is_typed_breaks_the_parser(void **state)
{
	(void)state;
	static const char *const pieces[] = {"is:", "new", "tag:", "(", ")", "\"", " ", "-", "not ", " OR ", " AND ",
	        "age:>", "20m", "from:@", ":", "<", "#", "\xC3", "\xF0\x9F\x98\x80", "case:", "99999999999999999999",
	        "@"};
	uint32_t seed = 20261122;
	struct kase kase = a_case();
	int good = 0;
	for (int round = 0; round < 20000; round++) {
		struct str text = STR_INIT;
		const struct query *query;
		size_t at = 0;
		struct err err = ERR_INIT;
		for (int n = (int)(seed >> 28); n >= 0; n--) {
			seed = seed * 1664525u + 1013904223u;
			if (seed & 0x400)
				str_adds(&text, pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)]);
			else
				str_addc(&text, (char)((seed >> 16 & 0xFF) ? seed >> 16 & 0xFF : 1));
		}
		if (query_parse(text.p, "alice", &arena, &query, &at, &err) == 0) {
			query_matches(query, &kase, NOW);
			good++;
		} else {
			assert_true(at <= text.len);
			assert_true(*err.text);
		}
		struct str offered = STR_INIT;
		query_complete(text.p, collect, &offered);
		str_release(&offered);
		str_release(&text);
		arena_reset(&arena);
	}
	assert_true(good > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_query_is_read_as_it_is_meant),
	        cmocka_unit_test(an_error_says_where_what_was_found_and_what_was_meant),
	        cmocka_unit_test(me_needs_an_agent),
	        cmocka_unit_test(a_query_has_a_size_that_can_be_walked),
	        cmocka_unit_test(a_case_is_matched_in_memory),
	        cmocka_unit_test(what_is_unknown_is_neither_more_nor_less),
	        cmocka_unit_test(what_only_the_store_knows_is_not_local),
	        cmocka_unit_test(completion_offers_what_the_language_has),
	        cmocka_unit_test(nothing_that_is_typed_breaks_the_parser),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
