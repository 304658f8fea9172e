#include "keymaps/chord.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct chord chord_of(const char *text)
{
	struct chord chord = {.len = 0};
	struct err err = ERR_INIT;
	if (chord_parse(text, &chord, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return chord;
}

static void characters_are_themselves(void **state)
{
	(void)state;
	struct chord chord = chord_of("gé;");
	assert_int_equal(chord.len, 3);
	assert_true(key_eq(chord.at[0], key_char('g')));
	assert_true(key_eq(chord.at[1], key_char(0xe9)));
	assert_true(key_eq(chord.at[2], key_char(';')));
	assert_int_equal(key_text(chord.at[1]), 0xe9);
}

static void control_is_a_caret_and_has_no_case(void **state)
{
	(void)state;
	assert_true(key_eq(chord_of("^g").at[0], key_ctrl('G')));
	assert_true(key_eq(chord_of("^G").at[0], key_ctrl('g')));
	assert_true(key_eq(chord_of("<C-g>").at[0], key_ctrl('g')));
	assert_true(key_eq(chord_of("^_").at[0], key_ctrl('_')));
	assert_int_equal(key_text(key_ctrl('g')), 0);
}

static void control_keys_that_a_terminal_cannot_tell_apart_are_one_key(void **state)
{
	(void)state;
	assert_true(key_eq(chord_of("^I").at[0], key_named(KEYNAME_TAB, 0)));
	assert_true(key_eq(chord_of("^M").at[0], key_named(KEYNAME_ENTER, 0)));
	assert_true(key_eq(chord_of("^[").at[0], key_named(KEYNAME_ESC, 0)));
	assert_true(key_eq(chord_of("^?").at[0], key_named(KEYNAME_BACKSPACE, 0)));
}

static void names_stand_in_angle_brackets(void **state)
{
	(void)state;
	assert_true(key_eq(chord_of("<enter>").at[0], key_named(KEYNAME_ENTER, 0)));
	assert_true(key_eq(chord_of("<S-Tab>").at[0], key_named(KEYNAME_TAB, KEY_MOD_SHIFT)));
	assert_true(key_eq(chord_of("<C-A-Left>").at[0], key_named(KEYNAME_LEFT, KEY_MOD_CTRL | KEY_MOD_ALT)));
	assert_true(key_eq(chord_of("<F12>").at[0], key_named(KEYNAME_F12, 0)));
	assert_true(key_eq(chord_of("<lt>").at[0], key_char('<')));
	assert_true(key_eq(chord_of("<Caret>").at[0], key_char('^')));
	assert_true(key_eq(chord_of("<Space>").at[0], key_char(' ')));
	assert_true(key_eq(chord_of(">").at[0], key_char('>')));
	assert_int_equal(chord_of("g<Enter>^Xx").len, 4);
}

static void what_is_printed_is_read_back(void **state)
{
	(void)state;
	static const char *const texts[] = {"j", "gi", "^X", "^_", "<Enter>", "<Esc>", "<S-Tab>", "<Space>", "<C-Left>",
	        "<C-A-S-F5>", "<lt>", "<Caret>", "<A-b>", "<C-A-b>", "<A->>", "<A-^>", ">", "-", "é", "z1", "]", "\\",
	        "<A-C>", "<PgDn>", "^X^S", "<Backspace>"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char printed[CHORD_TEXT_MAX];
		struct chord chord = chord_of(texts[i]);
		chord_format(chord.at, chord.len, printed, sizeof printed);
		struct chord again = chord_of(printed);
		assert_int_equal(again.len, chord.len);
		for (size_t k = 0; k < chord.len; k++) {
			if (!key_eq(again.at[k], chord.at[k]))
				fail_msg("%s is printed as %s", texts[i], printed);
		}
	}
}

static void what_is_no_key_is_quoted(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} cases[] = {
	        {"", "found no keys, expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<Entre>", "found \"<Entre>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"g<", "found \"<\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<>", "found \"<>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<C-é>", "found \"<C-é>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<C-C-x>", "found \"<C-C-x>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<S-x>", "found \"<S-x>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<F13>", "found \"<F13>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"<F01>", "found \"<F01>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"a^", "found \"^\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"^1", "found \"^1\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"a b", "found \" b\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"a\xe2\x80\xae", "found \"\xe2\x80\xae\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"\xff", "found \"\xff\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"abcde", "found more than 4 keys in \"abcde\", expected 1 to 4"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct chord chord = {.len = 0};
		struct err err = ERR_INIT;
		if (chord_parse(cases[i].text, &chord, &err) == 0)
			fail_msg("%s was taken", cases[i].text);
		assert_string_equal(err.text, cases[i].error);
		assert_int_equal(chord.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(characters_are_themselves),
	        cmocka_unit_test(control_is_a_caret_and_has_no_case),
	        cmocka_unit_test(control_keys_that_a_terminal_cannot_tell_apart_are_one_key),
	        cmocka_unit_test(names_stand_in_angle_brackets),
	        cmocka_unit_test(what_is_printed_is_read_back),
	        cmocka_unit_test(what_is_no_key_is_quoted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
