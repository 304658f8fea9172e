/* Folding goes through a text in pieces; what comes out is what Unicode says of the whole. */
#include "core/text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include <cmocka.h>

static void check_fold(const char *text)
{
	struct str clean = STR_INIT, folded = STR_INIT;
	utf8_repair(text, strlen(text), &clean);
	utf8proc_uint8_t *whole = utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)clean.p);
	assert_int_equal(utf8_fold(text, &folded), 0);
	assert_string_equal(folded.p, (const char *)whole);
	free(whole);
	str_release(&clean);
	str_release(&folded);
}

static void each_character_folds_between_letters_as_it_does_alone(void **state)
{
	(void)state;
	for (uint32_t cp = 1; cp < 0x1F000; cp++) {
		char text[8] = "E";
		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		size_t n = 1 + utf8_encode(cp, text + 1);
		text[n] = 'G';
		check_fold(text);
		memmove(text, text + 1, n);
		text[n - 1] = '\xC3';
		text[n] = '\x89'; /* É */
		check_fold(text);
	}
}

static void what_joins_or_is_broken_folds_anywhere(void **state)
{
	static const char *const pieces[] = {"e", "E", "É", "ß", "ÿ", "×", "\xCC\x81", "\xCC\xA7", "ﬃ", "İ", "ſ", "한",
	        "\xE1\x84\x92", "\xE1\x85\xA1", "Ω", "\xE2\x80\x8D", "\xC3", "\xE2\x9D", "\xFF", " ", "日本", "½", "."};
	enum { PIECES = sizeof pieces / sizeof *pieces };
	(void)state;
	for (int a = 0; a < PIECES; a++)
		for (int b = 0; b < PIECES; b++)
			for (int c = 0; c < PIECES; c++) {
				char text[32];
				snprintf(text, sizeof text, "%s%s%s", pieces[a], pieces[b], pieces[c]);
				check_fold(text);
			}
}

static void what_does_not_fit_adds_nothing(void **state)
{
	struct str out;
	(void)state;
	str_init(&out, 8);
	str_adds(&out, "ab");
	assert_int_equal(utf8_fold("Straßen", &out), -1);
	assert_string_equal(out.p, "ab");
	assert_int_equal(utf8_fold("Straße", &out), -1);
	assert_string_equal(out.p, "ab");
	assert_int_equal(utf8_fold("STRAS", &out), 0);
	assert_string_equal(out.p, "abstras");
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_character_folds_between_letters_as_it_does_alone),
	        cmocka_unit_test(what_joins_or_is_broken_folds_anywhere),
	        cmocka_unit_test(what_does_not_fit_adds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
