#include "core/text/length.h"
#include "core/base/json.h"
#include "core/base/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json *vectors_of(const char *file)
{
	struct str bytes;
	struct err err = ERR_INIT;
	str_init(&bytes, 1 << 20);
	const char *dir = getenv("CURLEW_TEST_DATA");
	char *path = path_join(dir ? dir : "tests/data", file);
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	json *value = json_parse(bytes.p, bytes.len, &err);
	assert_non_null(value);
	str_release(&bytes);
	free(path);
	return value;
}

static json *vectors(void)
{
	return vectors_of("text/length_vectors.json");
}

static void check(const struct length_rule *rule, const char *text, int wanted)
{
	int count = length_count(rule, text, strlen(text), NULL);
	if (count != wanted)
		fail_msg("'%s' is %d, wanted %d", text, count, wanted);
}

static void every_network_counts_as_its_vectors_say(void **state)
{
	(void)state;
	json *all = vectors();
	int seen = 0;
	for (const json *v = json_first(json_get(all, "vectors")); v; v = json_next(v), seen++) {
		const char *text = json_str(v, "text");
		assert_int_equal(strlen(text), json_int(v, "bytes", -1));
		check(&length_bluesky, text, (int)json_int(v, "bluesky_graphemes", -1));
		if (json_int(v, "mastodon", -1) >= 0)
			check(&length_mastodon, text, (int)json_int(v, "mastodon", -1));
		if (json_int(v, "gotosocial", -1) >= 0)
			check(&length_gotosocial, text, (int)json_int(v, "gotosocial", -1));
		if (json_int(v, "x_weighted", -1) >= 0)
			check(&length_x, text, (int)json_int(v, "x_weighted", -1));
	}
	assert_int_equal(seen, 15);
	json_free(all);
}

static void x_counts_as_its_own_library_does(void **state)
{
	(void)state;
	json *own = vectors(), *ours = vectors_of("text/length_weighted.json");
	const json *lists[] = {json_get(own, "x_conformance_v3"), json_get(ours, "vectors")};
	int seen = 0;
	for (size_t i = 0; i < 2; i++)
		for (const json *v = json_first(lists[i]); v; v = json_next(v), seen++)
			check(&length_x, json_str(v, "text"), (int)json_int(v, "weighted", -1));
	assert_int_equal(seen, 4 + 107);
	json_free(own);
	json_free(ours);
}

/* Each of these has a beginning of a URL at every other byte. Looked through from each of them, this takes minutes. */
static void a_text_that_is_all_dots_is_looked_through_once(void **state)
{
	(void)state;
	static const struct {
		const char *part, *end;
		int parts, wanted;
	} texts[] = {{"a.", "", 50000, 100000}, {"http://a.", "", 5000, 45000}, {"a.com/(", "", 5000, 120000},
	        {"((", "", 20000, 40000}, {"a.b@", "", 20000, 80000}, {"a.a.", "\u65E5.com", 1000, 4006}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct str text = STR_INIT;
		for (int n = 0; n < texts[i].parts; n++)
			str_adds(&text, texts[i].part);
		str_adds(&text, texts[i].end);
		assert_int_equal(length_count(&length_x, text.p, text.len, NULL), texts[i].wanted);
		str_release(&text);
	}
}

static void what_other_tables_count_otherwise_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool exact;
	} texts[] = {{"Sorry about that!", true}, {"\u0915\u094D\u0937", false}, {"\u0915\u093F", true},
	        {"\U0001FAE9", false} /* Unicode 16 */, {"\U0001F468\u200D\U0001F469\u200D\U0001F467", true}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *text = texts[i].text;
		assert_int_equal(length_is_exact(&length_mastodon, text, strlen(text)), texts[i].exact);
		assert_int_equal(length_is_exact(&length_pleroma, text, strlen(text)), texts[i].exact);
		assert_true(length_is_exact(&length_x, text, strlen(text)));
		assert_true(length_is_exact(&length_bluesky, text, strlen(text)));
		assert_true(length_is_exact(&length_gotosocial, text, strlen(text)));
	}
}

static void a_content_warning_counts(void **state)
{
	(void)state;
	json *all = vectors();
	const json *v = json_get(all, "with_cw");
	const char *body = json_str(v, "body"), *cw = json_str(v, "cw");
	assert_int_equal(length_count(&length_mastodon, body, strlen(body), cw), json_int(v, "mastodon", -1));
	assert_int_equal(length_count(&length_gotosocial, body, strlen(body), cw), json_int(v, "gotosocial", -1));
	assert_int_equal(length_count(&length_mastodon, "a", 1, "https://example.com/a"), 22);
	json_free(all);
}

static void white_space_around_is_counted_where_it_is_sent(void **state)
{
	(void)state;
	check(&length_mastodon, "  hi \n", 2);
	check(&length_pleroma, "\n\nhi", 2);
	check(&length_bluesky, " hi ", 4);
	check(&length_mastodon, "   ", 0);
	assert_int_equal(length_count(&length_mastodon, " a ", 3, " b "), 2);
}

static void a_url_ends_where_the_sentence_goes_on(void **state)
{
	(void)state;
	check(&length_mastodon, "https://example.com.", 24);
	check(&length_mastodon, "(https://example.com/a)", 25);
	check(&length_mastodon, "https://example.com/a_(b), x", 23 + 3);
	check(&length_mastodon, "https://example.com/?q=1&r=2!", 24);
	check(&length_mastodon, "https://example.com:8080/a", 23);
	check(&length_mastodon, "https://example.com/a\nhttps://example.com/b", 47);
	check(&length_mastodon, "\u3053\u308C https://example.com/\u3042 \u3053\u308C", 29);
	check(&length_mastodon, "gemini://example.com/x", 23);
	check(&length_mastodon, "https://b\u00FCcher.example/", 23);
}

static void what_is_not_linked_counts_as_it_stands(void **state)
{
	(void)state;
	check(&length_mastodon, "example.com", 11);
	check(&length_mastodon, "https://", 8);
	check(&length_mastodon, "https://localhost", 17);
	check(&length_mastodon, "xhttps://example.com", 20);
	check(&length_mastodon, "ftp://example.com", 17);
	check(&length_mastodon, "https://.", 9);
}

static void a_mention_counts_without_its_server(void **state)
{
	(void)state;
	check(&length_mastodon, "@a@b.example @c@d.example.", 6);
	check(&length_mastodon, "@alex.b@social.example", 7);
	check(&length_mastodon, "@alex", 5);
	check(&length_mastodon, "me@example.com", 14);
	check(&length_mastodon, "x/@a@b.example", 14);
	check(&length_mastodon, "@a@ b", 5);
	check(&length_mastodon, "https://example.com/@a@b.example", 23);
}

static void what_is_left_falls_below_nothing(void **state)
{
	(void)state;
	struct length_rule rule = length_mastodon;
	rule.max = 5;
	rule.url = 3;
	assert_int_equal(length_left(&rule, "hello", 5, NULL), 0);
	assert_int_equal(length_left(&rule, "hello!", 6, NULL), -1);
	assert_int_equal(length_left(&rule, "https://example.com/long", 24, NULL), 2);
	struct str family = STR_INIT;
	for (int i = 0; i < 200; i++)
		str_adds(&family, "\U0001F468\u200D\U0001F469\u200D\U0001F467");
	assert_int_equal(length_count(&length_bluesky, family.p, family.len, NULL), 200);
	assert_int_equal(length_left(&length_bluesky, family.p, family.len, NULL), -1);
	str_release(&family);
}

static void a_link_is_what_the_network_takes_for_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool x, bluesky;
	} texts[] = {{"", false, false}, {"no link. Really", false, false}, {"see https://a.example/b", true, true},
	        {"see acme.com, there", true, true}, {"v1.2.3 of it", false, false}, {"(acme.com)", true, true}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (length_has_link(&length_x, texts[i].text) != texts[i].x ||
		        length_has_link(&length_bluesky, texts[i].text) != texts[i].bluesky)
			fail_msg("%s", texts[i].text);
}

static void ill_formed_text_is_counted_without_harm(void **state)
{
	(void)state;
	check(&length_mastodon, "\xFF\xC3", 2);
	check(&length_mastodon, "https://\xFF.example/\xFF @\xFF@\xFF", 24);
	check(&length_gotosocial, "\xE2\x82", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_network_counts_as_its_vectors_say),
	        cmocka_unit_test(x_counts_as_its_own_library_does),
	        cmocka_unit_test(a_text_that_is_all_dots_is_looked_through_once),
	        cmocka_unit_test(what_other_tables_count_otherwise_is_known),
	        cmocka_unit_test(a_content_warning_counts),
	        cmocka_unit_test(white_space_around_is_counted_where_it_is_sent),
	        cmocka_unit_test(a_url_ends_where_the_sentence_goes_on),
	        cmocka_unit_test(what_is_not_linked_counts_as_it_stands),
	        cmocka_unit_test(a_mention_counts_without_its_server),
	        cmocka_unit_test(what_is_left_falls_below_nothing),
	        cmocka_unit_test(a_link_is_what_the_network_takes_for_one),
	        cmocka_unit_test(ill_formed_text_is_counted_without_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
