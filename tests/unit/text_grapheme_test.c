#include "core/text/grapheme.h"
#include "core/base/paths.h"
#include "core/text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t count(const char *text)
{
	return grapheme_count(text, strlen(text));
}

static void a_cluster_is_what_a_reader_calls_a_character(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
	        {"", 0},
	        {"abc", 3},
	        {"a\r\nb", 3},
	        {"\r\r\n", 2},
	        {"e\u0301", 1},
	        {"ae\u0301", 2},
	        {"\u0915\u094D\u0937\u093F", 1},             /* Devanagari kṣi */
	        {"\u0928\u092E\u0938\u094D\u0924\u0947", 3}, /* namaste: na ma ste */
	        {"\u0995\u09CD\u09B7", 1},                   /* Bengali kṣa */
	        {"\u0915\u094D\u200C\u0937", 2},             /* parted by a non-joiner */
	        {"\u0E01\u0E33\u0E25\u0E31\u0E07", 3},       /* Thai */
	        {"\uD55C\uAE00", 2},
	        {"\u1112\u1161\u11AB", 1}, /* the same Hangul, conjoining */
	        {"\u0645\u064E\u0631", 2}, /* Arabic with a vowel sign */
	        {"\U0001F468\u200D\U0001F469\u200D\U0001F467", 1},
	        {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 2},
	        {"\U0001F1E9\U0001F1EA\U0001F1EB", 2},
	        {"\U0001F44B\U0001F3FD", 1},
	        {"1\uFE0F\u20E3", 1},
	        {"\U0001F3F4\U000E0067\U000E0062\U000E007F", 1},
	        {"o\u0308\u0323\u0304", 1},
	        {"\xFF\xC3", 2},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (count(cases[i].text) != cases[i].count)
			fail_msg("case %zu: %zu", i, count(cases[i].text));
}

static void one_pile_of_marks_is_one_cluster(void **state)
{
	(void)state;
	struct str pile = STR_INIT;
	str_addc(&pile, 'x');
	for (int i = 0; i < 20000; i++)
		str_adds(&pile, "\u0301");
	assert_int_equal(count(pile.p), 1);
	assert_int_equal(grapheme_prev(pile.p, pile.len, pile.len), 0);
	str_release(&pile);
}

static const char mixed[] = "ab \U0001F468\u200D\U0001F469 \r\n\u0915\u094D\u0937\u093F\xFF"
                            "e\u0301\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7 z";

static void backwards_gives_the_boundaries_of_forwards(void **state)
{
	(void)state;
	size_t len = sizeof mixed - 1, starts[64], n = 0;
	for (size_t at = 0; at < len; at = grapheme_next(mixed, len, at))
		starts[n++] = at;
	size_t at = len;
	while (n > 0) {
		at = grapheme_prev(mixed, len, at);
		assert_int_equal(at, starts[--n]);
	}
	assert_int_equal(at, 0);
	assert_int_equal(grapheme_prev(mixed, len, 0), 0);
}

static void any_offset_is_brought_to_the_boundary_before_it(void **state)
{
	(void)state;
	size_t len = sizeof mixed - 1, start = 0;
	for (size_t at = 0; at < len; at++) {
		while (grapheme_next(mixed, len, start) <= at)
			start = grapheme_next(mixed, len, start);
		assert_int_equal(grapheme_floor(mixed, len, at), start);
	}
	assert_int_equal(grapheme_floor(mixed, len, len), len);
	assert_int_equal(grapheme_floor(mixed, len, len + 9), len);
	assert_int_equal(grapheme_next(mixed, len, len), len);
}

/* Every order of things that join, and of bytes that are none. */
static void any_mixture_has_the_same_boundaries_from_both_ends(void **state)
{
	(void)state;
	static const char *const pieces[] = {"a", " ", "\r", "\n", "\u0301", "\u200D", "\U0001F469", "\U0001F1E9",
	        "\u0915", "\u094D", "\u0600", "\u1100", "\u1161", "\u11A8", "\uAC00", "\uAC01", "\u6F22", "\u0E01",
	        "\u0E31", "\u0E33", "\xFF", "\x80", "\xE6\xBC", "\uFE0F", "\U0001F3FD"};
	uint64_t seed = 7;
	for (int round = 0; round < 4000; round++) {
		struct str text = STR_INIT;
		for (int i = 0; i < 8; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			str_adds(&text, pieces[(seed >> 33) % (sizeof pieces / sizeof pieces[0])]);
		}
		for (size_t at = 0, start = 0; at < text.len; at++) {
			while (grapheme_next(text.p, text.len, start) <= at)
				start = grapheme_next(text.p, text.len, start);
			assert_int_equal(grapheme_floor(text.p, text.len, at), start);
		}
		str_release(&text);
	}
}

/* One case of Unicode's file, "÷ 0020 × 0308 ÷ 0020 ÷": where clusters end is where ÷ stands. */
static void check_breaks(const char *line, size_t len)
{
	struct str text = STR_INIT;
	size_t wanted[64], count = 0;
	for (const char *p = line; p < line + len;) {
		uint32_t cp;
		char bytes[4], *after;
		p += utf8_decode(p, (size_t)(line + len - p), &cp);
		if (cp == 0xF7)
			wanted[count++] = text.len;
		else if (cp != 0xD7 && cp != ' ' && cp != '\t') {
			str_add(&text, bytes, utf8_encode((uint32_t)strtoul(p - 1, &after, 16), bytes));
			p = after;
		}
	}
	for (size_t i = 1, at = 0; i < count; i++) {
		at = grapheme_next(text.p, text.len, at);
		if (at != wanted[i])
			fail_msg("%.*s: a boundary at %zu", (int)len, line, at);
		assert_int_equal(grapheme_prev(text.p, text.len, at), wanted[i - 1]);
	}
	str_release(&text);
}

static void the_boundaries_are_those_of_unicodes_own_test(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct str file = STR_INIT;
	const char *folder = getenv("CURLEW_TEST_DATA");
	char *path = path_join(folder ? folder : "tests/data", "text/grapheme_breaks.txt");
	int count = 0;
	assert_int_equal(file_read(path, &file, &err), 0);
	for (const char *line = file.p; *line; line += strcspn(line, "\n") + 1, count++)
		check_breaks(line, strcspn(line, "\n"));
	assert_int_equal(count, 602);
	str_release(&file);
	free(path);
}

static void case_and_form_do_not_matter_when_folded(void **state)
{
	(void)state;
	static const struct {
		const char *text, *folded;
	} cases[] = {{"Hello, World!", "hello, world!"}, {"STRASSE", "strasse"}, {"stra\u00DFe", "strasse"},
	        {"Caf\u00C9", "caf\u00E9"}, {"CAFE\u0301", "caf\u00E9"}, {"\uFF21\uFB01", "afi"},
	        {"a\u200Bb\u00AD", "ab"}, {"\u0391\u03A3", "\u03B1\u03C3"}, {"a\xFF", "a\uFFFD"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str out = STR_INIT;
		assert_int_equal(utf8_fold(cases[i].text, &out), 0);
		assert_string_equal(out.p, cases[i].folded);
		str_release(&out);
	}
	assert_true(utf8_contains_folded("Die STRASSE ist lang", "stra\u00DFe"));
	assert_false(utf8_contains_folded("Die STRASSE", "gasse"));
	assert_true(utf8_contains_folded("", ""));
}

static void folding_respects_the_cap(void **state)
{
	(void)state;
	struct str out;
	str_init(&out, 3);
	assert_int_equal(utf8_fold("ABCD", &out), -1);
	assert_int_equal(utf8_fold("\u00C9\u00C9", &out), -1);
	assert_int_equal(out.len, 0);
	assert_int_equal(utf8_fold("ABC", &out), 0);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_cluster_is_what_a_reader_calls_a_character),
	        cmocka_unit_test(one_pile_of_marks_is_one_cluster),
	        cmocka_unit_test(backwards_gives_the_boundaries_of_forwards),
	        cmocka_unit_test(any_offset_is_brought_to_the_boundary_before_it),
	        cmocka_unit_test(any_mixture_has_the_same_boundaries_from_both_ends),
	        cmocka_unit_test(the_boundaries_are_those_of_unicodes_own_test),
	        cmocka_unit_test(case_and_form_do_not_matter_when_folded),
	        cmocka_unit_test(folding_respects_the_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
