#include "core/text/wrap.h"
#include "core/base/utf8.h"
#include "core/text/cells.h"
#include "core/text/grapheme.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

/* The lines as one string, with | between soft breaks and / between hard ones. */
static void check(const char *text, int width, const char *wanted)
{
	struct lines lines = {0};
	struct str shown = STR_INIT;
	wrap_text(&lines, text, strlen(text), width);
	for (size_t i = 0; i < lines.len; i++) {
		const struct line *line = &lines.at[i];
		str_add(&shown, text + line->start, line->end - line->start);
		if (i + 1 < lines.len)
			str_addc(&shown, line->soft ? '|' : '/');
		assert_int_equal(line->cells, cells_width(text + line->start, line->end - line->start));
	}
	assert_string_equal(shown.p, wanted);
	str_release(&shown);
	lines_release(&lines);
}

static void lines_break_at_words(void **state)
{
	(void)state;
	check("the quick brown fox", 9, "the quick|brown fox");
	check("the quick brown fox", 10, "the quick |brown fox");
	check("the quick brown fox", 100, "the quick brown fox");
	check("the quick", 3, "the|qui|ck");
	check("a b", 2, "a |b");
}

static void a_word_too_long_is_broken_only_then(void **state)
{
	(void)state;
	check("see https://example.com/a/b ok", 10, "see |https://ex|ample.com/|a/b ok");
	check("aaaaaaaaaa", 4, "aaaa|aaaa|aa");
}

static void spaces_hang_over_the_edge(void **state)
{
	(void)state;
	check("hello    you", 5, "hello|you");
	check("hello    ", 5, "hello");
	check("hello    \nx", 5, "hello/x");
	check("  a", 5, "  a");
}

static void newlines_force_lines(void **state)
{
	(void)state;
	check("", 10, "");
	check("a\n", 10, "a/");
	check("a\r\nb\n\nc", 10, "a/b//c");
	check("\n", 10, "/");
}

static void wide_text_needs_no_spaces(void **state)
{
	(void)state;
	check("\u7533\u3057\u8A33\u3042\u308A", 4, "\u7533\u3057|\u8A33\u3042|\u308A");
	check("\u7533\u3057\u8A33\u3042\u308A", 5, "\u7533\u3057|\u8A33\u3042|\u308A");
	check("\u7533\u3057\u3002\u8A33", 4, "\u7533|\u3057\u3002|\u8A33");
	check("abc\u7533\u3057", 5, "abc\u7533|\u3057");
	check("hello\U0001F44B\U0001F44B", 7, "hello\U0001F44B|\U0001F44B");
}

static void scripts_without_spaces_break_by_cluster(void **state)
{
	(void)state;
	check("\u0E01\u0E33\u0E25\u0E31\u0E07\u0E17\u0E33", 4, "\u0E01\u0E33\u0E25\u0E31\u0E07|\u0E17\u0E33");
	check("ok \u0E01\u0E33\u0E25\u0E31\u0E07", 6, "ok \u0E01\u0E33\u0E25\u0E31|\u0E07");
}

static void a_cluster_is_not_broken(void **state)
{
	(void)state;
	check("abc\U0001F1E9\U0001F1EA", 4, "abc|\U0001F1E9\U0001F1EA");
	check("abc\U0001F468\u200D\U0001F469\u200D\U0001F467", 4, "abc|\U0001F468\u200D\U0001F469\u200D\U0001F467");
	check("abce\u0301e\u0301", 4, "abce\u0301|e\u0301");
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void check_lines(const char *text, size_t len, int width)
{
	struct lines lines = {0};
	wrap_text(&lines, text, len, width);
	assert_true(lines.len > 0);
	assert_int_equal(lines.at[0].start, 0);
	for (size_t i = 0; i < lines.len; i++) {
		const struct line *line = &lines.at[i];
		assert_true(line->cells <= width && line->start <= line->end && line->end <= len);
		assert_int_equal(line->cells, cells_width(text + line->start, line->end - line->start));
		size_t next = i + 1 < lines.len ? lines.at[i + 1].start : len;
		assert_true(next >= line->end && (next > line->start || i + 1 == lines.len));
		for (size_t k = line->end; k < next; k++)
			assert_non_null(strchr(" \t\r\n", text[k]));
	}
	lines_release(&lines);
}

static void no_text_makes_a_line_wider_than_asked(void **state)
{
	(void)state;
	static const char *const bits[] = {"a", "word", " ", "  ", "\n", "\t", "\u7533", "\u3002", "\U0001F44B",
	        "e\u0301", "\u0E01\u0E33\u0E33\u0E33\u0E33", "\u0915\u094D\u0937\u093F", "\U0001F1E9", "\xFF", "\x1b",
	        "\u202E", "\u0301", "\r\n", "https://example.com/"};
	uint32_t seed = 3;
	for (int round = 0; round < 4000; round++) {
		struct str text = STR_INIT;
		for (uint32_t n = next_random(&seed) % 30; n > 0; n--)
			str_adds(&text, bits[next_random(&seed) % (sizeof bits / sizeof bits[0])]);
		check_lines(text.p, text.len, 2 + (int)(next_random(&seed) % 12));
		str_release(&text);
	}
}

static void a_caret_finds_its_line_and_column(void **state)
{
	(void)state;
	static const char text[] = "the quick  \u7533\u3057 x\n\nend";
	struct lines lines = {0};
	wrap_text(&lines, text, strlen(text), 9);
	assert_int_equal(lines.len, 4);
	assert_int_equal(wrap_line_of(&lines, 0), 0);
	assert_int_equal(wrap_line_of(&lines, 9), 0);
	assert_int_equal(wrap_column_of(&lines.at[0], text, 9), 9);
	assert_int_equal(wrap_line_of(&lines, 10), 0); /* among the spaces that hang */
	assert_int_equal(wrap_column_of(&lines.at[0], text, 10), 9);
	assert_int_equal(wrap_line_of(&lines, 11), 1);
	assert_int_equal(wrap_column_of(&lines.at[1], text, 14), 2);
	assert_int_equal(wrap_line_of(&lines, strlen(text)), 3);
	assert_int_equal(wrap_column_of(&lines.at[3], text, strlen(text)), 3);
	assert_int_equal(wrap_line_of(&lines, 20), 2);
	lines_release(&lines);
}

static void a_place_finds_its_offset(void **state)
{
	(void)state;
	static const char text[] = "a\u7533e\u0301z";
	struct line line = {0, strlen(text), 5, false};
	static const size_t offsets[] = {0, 1, 1, 4, 7, 8, 8};
	for (int column = 0; column < 7; column++)
		assert_int_equal(wrap_offset_at(&line, text, column), offsets[column]);
	assert_int_equal(wrap_offset_at(&line, text, -1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines_break_at_words),
	        cmocka_unit_test(a_word_too_long_is_broken_only_then),
	        cmocka_unit_test(spaces_hang_over_the_edge),
	        cmocka_unit_test(newlines_force_lines),
	        cmocka_unit_test(wide_text_needs_no_spaces),
	        cmocka_unit_test(scripts_without_spaces_break_by_cluster),
	        cmocka_unit_test(a_cluster_is_not_broken),
	        cmocka_unit_test(no_text_makes_a_line_wider_than_asked),
	        cmocka_unit_test(a_caret_finds_its_line_and_column),
	        cmocka_unit_test(a_place_finds_its_offset),
	};
	return cmocka_run_group_tests(tests, utf8_locale, NULL);
}
