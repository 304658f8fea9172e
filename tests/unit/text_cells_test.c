#include "core/text/cells.h"
#include "core/text/grapheme.h"
#include "core/text/utf8.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#define MARK "\uFFFD"

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

static void check(const char *text, const char *wanted, int cells)
{
	struct str out = STR_INIT;
	text_clean(text, strlen(text), &out);
	assert_string_equal(out.p, wanted);
	assert_int_equal(cells_width(text, strlen(text)), cells);
	str_release(&out);
}

static void plain_text_of_any_script_stays(void **state)
{
	(void)state;
	check("Hello, you ~", "Hello, you ~", 12);
	check("caf\u00E9 cafe\u0301", "caf\u00E9 cafe\u0301", 9);
	check("\u7533\u3057\u8A33", "\u7533\u3057\u8A33", 6);
	check("\uD55C\uAE00", "\uD55C\uAE00", 4);
	check("\u0645\u064E\u0631\u062D\u0628\u0627", "\u0645\u064E\u0631\u062D\u0628\u0627", 5);
	check("\u05E9\u05DC\u05D5\u05DD", "\u05E9\u05DC\u05D5\u05DD", 4);
	check("\u0E01\u0E33\u0E25\u0E31\u0E07", "\u0E01\u0E33\u0E25\u0E31\u0E07", 4);
	check("\u0915\u094D\u0937\u093F", "\u0915\u094D\u0937\u093F", 3);
	check("\u041F\u0440\u0438\u0432\u0435\u0442", "\u041F\u0440\u0438\u0432\u0435\u0442", 6);
	check("\U0001F44B!", "\U0001F44B!", 3);
	check("\U0001F1E9\U0001F1EA", "\U0001F1E9\U0001F1EA", 2);
	check("", "", 0);
}

static void controls_become_pictures(void **state)
{
	(void)state;
	check("\x1b[31mred\x1b[0m", "\u241B[31mred\u241B[0m", 12);
	check("a\x07\x08\x7f\r", "a\u2407\u2408\u2421\u240D", 5);
	check("a\tb\nc\r\nd", "a b c d", 7);
	check("\xC2\x9B"
	      "31m\xC2\x85",
	        MARK "31m" MARK, 5);
}

static void what_hides_or_turns_text_becomes_a_mark(void **state)
{
	(void)state;
	check("\u202Etxt.exe\u202C", MARK "txt.exe" MARK, 9);
	check("a\u200Bb\u00AD\uFEFF", "a" MARK "b" MARK MARK, 5);
	check("\u2066x\u2069\u200F", MARK "x" MARK MARK, 4);
	check("a\U000E0041\U000E0001", "a" MARK MARK, 3);
	check("pay\u200Cpal", "pay" MARK "pal", 7);
	check("x\uFE0F\uFE0F\uFE01", "x" MARK MARK, 3);
	check("x\U000E0100", "x" MARK, 2);
	check("\u3164\u2028", MARK MARK, 2);
}

static void joiners_go_where_a_script_is_written_with_them(void **state)
{
	(void)state;
	check("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u0645\u06CC\u062E\u0648\u0627\u0647\u0645", 7);
	check("\u0915\u094D\u200D\u0937", "\u0915\u094D\u0937", 2);
}

static void an_emoji_sequence_becomes_its_first_emoji(void **state)
{
	(void)state;
	check("\U0001F468\u200D\U0001F469\u200D\U0001F467!", "\U0001F468!", 3);
	check("\U0001F44B\U0001F3FD", "\U0001F44B", 2);
	check("\U0001F9D1\U0001F3FD\u200D\U0001F4BB", "\U0001F9D1", 2);
	check("\u2764\uFE0F", "\u2764", 1);
	check("1\uFE0F\u20E3", "1\u20E3", 1);
	check("\U0001F3F4\U000E0067\U000E0062\U000E007F.", "\U0001F3F4.", 3);
}

static void a_pile_of_marks_is_cut_to_what_a_cell_holds(void **state)
{
	(void)state;
	struct str pile = STR_INIT;
	str_addc(&pile, 'Z');
	for (int i = 0; i < 5000; i++)
		str_adds(&pile, "\u0335");
	str_addc(&pile, '.');
	check(pile.p, "Z\u0335\u0335\u0335\u0335.", 2);
	str_release(&pile);
}

static void a_mark_without_base_cannot_touch_its_neighbour(void **state)
{
	(void)state;
	check("\u0301a", "\u25CC\u0301a", 2);
	check("\x1b\u0301", "\u241B\u25CC\u0301", 2);
	check("\u200B\u0336", MARK "\u25CC\u0336", 2);
}

static void conjoining_hangul_is_composed(void **state)
{
	(void)state;
	check("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00", 4);
	check("\u1100\u1161a", "\uAC00a", 3);
	check("\u1161", MARK, 1);
}

static void ill_formed_bytes_are_marks(void **state)
{
	(void)state;
	check("a\xFF\xED\xA0\x80z\xE2\x82", "a" MARK MARK MARK MARK "z" MARK, 7);
	check("\xC0\xAF", MARK MARK, 2);
}

/* What ncurses would advance by must be what we say, for every code point there is, alone and after a letter. */
static void assert_unit_is_sound(const struct cluster *unit)
{
	wchar_t wide[8];
	size_t n = mbstowcs(wide, unit->bytes, 8);
	if (n < 1 || n > 5 || strlen(unit->bytes) != unit->len)
		fail_msg("%zu code points in '%s'", n, unit->bytes);
	if (wcwidth(wide[0]) != unit->cells || wcswidth(wide, n) != unit->cells)
		fail_msg("'%s' is not %d cells", unit->bytes, unit->cells);
	for (size_t i = 0; i < n; i++)
		if (utf8_is_hidden((uint32_t)wide[i]) || (i && wcwidth(wide[i]) != 0))
			fail_msg("U+%04X in a unit", (unsigned)wide[i]);
}

static void no_code_point_yields_what_a_cell_cannot_hold(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char text[8] = "x";
		size_t len = 1 + utf8_encode(cp, text + 1);
		struct cluster unit;
		for (size_t from = 0; from < 2; from++)
			for (size_t at = from; at < len;) {
				size_t next = cells_next(text, len, at, &unit);
				assert_true(next > at && next <= len);
				assert_unit_is_sound(&unit);
				at = next;
			}
	}
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void no_bytes_yield_what_a_cell_cannot_hold(void **state)
{
	(void)state;
	uint32_t seed = 7;
	static const uint32_t spice[] = {
	        0x200D, 0x1F468, 0x1F3FD, 0xFE0F, 0x301, 0x94D, 0x937, 0x1F1E9, 0xE33, 0x1161, 0x1100};
	for (int round = 0; round < 3000; round++) {
		char text[96];
		size_t len = 0;
		while (len < 80) {
			uint32_t r = next_random(&seed);
			if (r % 3)
				len += utf8_encode(spice[r / 3 % 11], text + len);
			else
				text[len++] = (char)(r / 3);
		}
		struct cluster unit;
		int sum = 0;
		for (size_t at = 0; at < len;) {
			at = cells_next(text, len, at, &unit);
			assert_unit_is_sound(&unit);
			sum += unit.cells;
		}
		assert_int_equal(cells_width(text, len), sum);
		int all;
		assert_int_equal(cells_fit(text, len, 1000, &all), len);
		assert_int_equal(all, sum);
	}
}

static void a_cut_falls_between_clusters(void **state)
{
	(void)state;
	int cells;
	static const char flags[] = "a\U0001F1E9\U0001F1EA\u7533z";
	assert_int_equal(cells_fit(flags, strlen(flags), 2, &cells), 1);
	assert_int_equal(cells, 1);
	assert_int_equal(cells_fit(flags, strlen(flags), 3, &cells), 9);
	assert_int_equal(cells_fit(flags, strlen(flags), 4, &cells), 9);
	assert_int_equal(cells, 3);
	assert_int_equal(cells_fit(flags, strlen(flags), 0, &cells), 0);
	assert_int_equal(cells_fit(flags, strlen(flags), -1, NULL), 0);
}

static void what_is_cleaned_is_one_line(void **state)
{
	(void)state;
	struct str out = STR_INIT;
	assert_int_equal(text_clean("a\r\nb\n\x1b\rc", 8, &out), 0);
	assert_string_equal(out.p, "a b \u241B\u240Dc");
	str_clear(&out);
	out.max = 4;
	assert_int_equal(text_clean("ab\u7533", 5, &out), -1);
	assert_string_equal(out.p, "ab");
	str_release(&out);
}

static void without_utf8_only_ascii_is_emitted(void **state)
{
	(void)state;
	assert_true(cells_utf8());
	assert_non_null(setlocale(LC_ALL, "C"));
	assert_false(cells_utf8());
	check("caf\u00E9 \u201Chi\u201D \u2013 \u2026 \u7533 \U0001F468\u200D\U0001F469 \x1b\u202E\xFF",
	        "cafe \"hi\" - . ? ? ???", 21);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(plain_text_of_any_script_stays),
	        cmocka_unit_test(controls_become_pictures),
	        cmocka_unit_test(what_hides_or_turns_text_becomes_a_mark),
	        cmocka_unit_test(joiners_go_where_a_script_is_written_with_them),
	        cmocka_unit_test(an_emoji_sequence_becomes_its_first_emoji),
	        cmocka_unit_test(a_pile_of_marks_is_cut_to_what_a_cell_holds),
	        cmocka_unit_test(a_mark_without_base_cannot_touch_its_neighbour),
	        cmocka_unit_test(conjoining_hangul_is_composed),
	        cmocka_unit_test(ill_formed_bytes_are_marks),
	        cmocka_unit_test(no_code_point_yields_what_a_cell_cannot_hold),
	        cmocka_unit_test(no_bytes_yield_what_a_cell_cannot_hold),
	        cmocka_unit_test(a_cut_falls_between_clusters),
	        cmocka_unit_test(what_is_cleaned_is_one_line),
	        cmocka_unit_test(without_utf8_only_ascii_is_emitted),
	};
	return cmocka_run_group_tests(tests, utf8_locale, NULL);
}
