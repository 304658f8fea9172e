#include "tui/view/theme.h"

#include "core/base/str.h"
#include "tui/term/colour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct theme theme;

/* All that is wrong with a text, a line each, goes to out. */
static int parse(const char *text, struct str *out)
{
	struct problems problems;
	struct err err = ERR_INIT;
	problems_init(&problems);
	int result = theme_parse(&theme, text, strlen(text), "t.theme", &problems, &err);
	for (size_t i = 0; i < problems.len; i++) {
		problem_format(&problems.at[i], out);
		str_addc(out, '\n');
	}
	problems_release(&problems);
	return result;
}

static void parse_well(const char *text)
{
	struct str said = STR_INIT;
	int result = parse(text, &said);
	assert_string_equal(said.p, "");
	assert_int_equal(result, 0);
	str_release(&said);
}

static void expect_problem(const char *text, int result, const char *expected)
{
	struct str said = STR_INIT;
	assert_int_equal(parse(text, &said), result);
	assert_string_equal(said.p, expected);
	str_release(&said);
}

static void expect_look(enum style style, int32_t fg, int32_t bg, unsigned attrs)
{
	assert_int_equal(theme.looks[style].fg, fg);
	assert_int_equal(theme.looks[style].bg, bg);
	assert_int_equal(theme.looks[style].attrs, attrs);
}

static void colours_have_names_numbers_and_hexadecimal_digits(void **state)
{
	(void)state;
	parse_well("late = bright-white on red bold\n"
	           "tag=  208\n"
	           "faint = #6c7a89 on 17 dim\n"
	           "  link = underline on #FFFFFF cyan  \r\n"
	           "bar = default on default reverse\n"
	           "hint =\n");
	expect_look(STYLE_LATE, 15, 1, LOOK_BOLD);
	expect_look(STYLE_TAG, 208, -1, 0);
	expect_look(STYLE_FAINT, LOOK_RGB | 0x6c7a89, 17, LOOK_DIM);
	expect_look(STYLE_LINK, 6, LOOK_RGB | 0xffffff, LOOK_UNDERLINE);
	expect_look(STYLE_BAR, -1, -1, LOOK_REVERSE);
	expect_look(STYLE_HINT, -1, -1, 0);
}

static void what_a_file_does_not_say_is_plain_or_included(void **state)
{
	(void)state;
	parse_well("tag = red\n");
	expect_look(STYLE_LATE, -1, -1, 0);
	parse_well("\xef\xbb\xbf# mine\n\ninclude default\ntag = red\n");
	const struct look *late = &theme_find("default")->looks[STYLE_LATE];
	expect_look(STYLE_LATE, late->fg, late->bg, late->attrs);
	expect_look(STYLE_TAG, 1, -1, 0);
}

static void errors_name_file_line_what_was_found_and_what_was_expected(void **state)
{
	(void)state;
	enum { BAD = -ERR_CONFIG };
	static const char expected[] =
	        ", expected [COLOUR] [on COLOUR] [bold] [dim] [reverse] [underline]; a COLOUR is "
	        "red, bright-red, default, 0 to 255 or #rrggbb\n";
	static const char *const looks[][2] = {{"tag = purple", "\"purple\""}, {"tag = red blue", "\"blue\""},
	        {"tag = red on", "\"the end of the line\""}, {"tag = 256", "\"256\""}, {"tag = #12345", "\"#12345\""},
	        {"tag = #12345g", "\"#12345g\""}, {"tag = -1", "\"-1\""}, {"tag = red on bold", "\"bold\""},
	        {"tag = bright-bold", "\"bright-bold\""}};
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		struct str said = STR_INIT;
		str_addf(&said, "t.theme:1: found %s%s", looks[i][1], expected);
		expect_problem(looks[i][0], BAD, said.p);
		str_release(&said);
	}
	expect_problem("\n\nlat = red", BAD, "t.theme:3: found \"lat\", expected a style; did you mean late?\n");
	expect_problem("tab on = red", BAD, "t.theme:1: found \"tab on\", expected a style; did you mean tab-on?\n");
	expect_problem("= red", BAD, "t.theme:1: found \"\", expected a style\n");
	expect_problem("late red", BAD, "t.theme:1: found \"late\", expected STYLE = LOOK, include or a comment\n");
	expect_problem("include dark", BAD,
	        "t.theme:1: found an include of \"dark\", expected default, mono or high-contrast\n");
	expect_problem(
	        "include", BAD, "t.theme:1: found an include of \"\", expected default, mono or high-contrast\n");
	expect_problem("late = red\ninclude default", BAD,
	        "t.theme:2: found an include after other lines, expected it first\n");
	expect_problem("late = \033[31m", BAD,
	        "t.theme:1: found control characters or bytes that are no UTF-8, expected text\n");
	expect_problem("late = red\nlate = blue\n", 0,
	        "t.theme:2: warning: found late again (first in line 1); this one counts\n");
}

static void what_is_right_counts_beside_what_is_wrong(void **state)
{
	(void)state;
	struct str said = STR_INIT;
	assert_int_equal(parse("tag = purple\nlate = red\nlatte = red\n", &said), -ERR_CONFIG);
	expect_look(STYLE_LATE, 1, -1, 0);
	str_release(&said);
}

static void a_colour_becomes_the_nearest_that_the_terminal_has(void **state)
{
	(void)state;
	static const struct {
		int32_t colour;
		int colours, fit;
	} rows[] = {
	        {-1, 8, -1},
	        {1, 8, 1},
	        {9, 8, 1},
	        {9, 16, 9},
	        {208, 256, 208},
	        {208, 16, 3},
	        {196, 8, 1},
	        {LOOK_RGB | 0xff0000, 256, 196},
	        {LOOK_RGB | 0x808080, 256, 244},
	        {LOOK_RGB | 0x5f87af, 256, 67},
	        {LOOK_RGB | 0xfefefe, 16, 15},
	        {LOOK_RGB | 0xfefefe, 8, 7},
	        {LOOK_RGB | 0x101010, 8, 0},
	        {LOOK_RGB | 0x6c7a89, COLOURS_TRUE, 0x6c7a89},
	        {LOOK_RGB | 0x000005, COLOURS_TRUE, 0},
	        {9, COLOURS_TRUE, 0xff0000},
	        {2, COLOURS_TRUE, 2},
	        {-1, COLOURS_TRUE, -1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(colour_fit(rows[i].colour, rows[i].colours), rows[i].fit);
}

/* Whoever sees no colours still sees the selection, the open view and what a search found. */
static void every_built_in_theme_sets_apart_without_colour_what_one_looks_for(void **state)
{
	(void)state;
	static const char *const names[] = {"default", "mono", "high-contrast"};
	static const enum style apart[] = {STYLE_SELECTED, STYLE_TAB_ON, STYLE_MATCH, STYLE_OVER, STYLE_LATE,
	        STYLE_ERROR, STYLE_PUBLIC, STYLE_STRONG};
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < sizeof apart / sizeof *apart; j++)
			assert_int_not_equal(theme_find(names[i])->looks[apart[j]].attrs, 0);
	assert_null(theme_find("neon"));
	const struct look *mono = theme_find("mono")->looks;
	for (int i = 0; i < (int)STYLE_COUNT; i++)
		assert_true(mono[i].fg == -1 && mono[i].bg == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(colours_have_names_numbers_and_hexadecimal_digits),
	        cmocka_unit_test(what_a_file_does_not_say_is_plain_or_included),
	        cmocka_unit_test(errors_name_file_line_what_was_found_and_what_was_expected),
	        cmocka_unit_test(what_is_right_counts_beside_what_is_wrong),
	        cmocka_unit_test(a_colour_becomes_the_nearest_that_the_terminal_has),
	        cmocka_unit_test(every_built_in_theme_sets_apart_without_colour_what_one_looks_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
