#include "core/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MARK "\xEF\xBF\xBD"

static void check_repair(const char *bytes, size_t len, const char *wanted)
{
	struct str out = STR_INIT;
	assert_int_equal(utf8_repair(bytes, len, &out), 0);
	assert_string_equal(out.p, wanted);
	assert_true(utf8_valid(out.p, out.len));
	str_release(&out);
}

static void every_code_point_is_written_and_read_back(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		char bytes[4];
		uint32_t back;
		size_t n = utf8_encode(cp, bytes);
		if (utf8_decode(bytes, n, &back) != n || back != cp || !utf8_valid(bytes, n))
			fail_msg("U+%04X", (unsigned)cp);
	}
}

static void what_cannot_be_encoded_becomes_a_mark(void **state)
{
	(void)state;
	char bytes[4];
	static const uint32_t bad[] = {0xD800, 0xDFFF, 0x110000, UINT32_MAX};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(utf8_encode(bad[i], bytes), 3);
		assert_memory_equal(bytes, MARK, 3);
	}
}

/* The Unicode standard, tables 3-8 to 3-11. */
static void an_ill_formed_maximal_subpart_becomes_one_mark(void **state)
{
	(void)state;
	check_repair("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 9, MARK MARK MARK MARK MARK MARK MARK MARK "A");
	check_repair("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", 9, MARK MARK MARK MARK MARK MARK MARK MARK "A");
	check_repair("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 9, MARK MARK MARK MARK MARK "A" MARK MARK "B");
	check_repair("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9, MARK MARK MARK MARK "A");
}

static void a_cut_code_point_becomes_one_mark(void **state)
{
	(void)state;
	static const char wave[] = "\xF0\x9F\x91\x8B";
	for (size_t n = 1; n < 4; n++)
		check_repair(wave, n, MARK);
	check_repair(wave, 4, wave);
}

static void nul_does_not_get_into_the_store(void **state)
{
	(void)state;
	check_repair("a\0b", 3, "a" MARK "b");
	check_repair("", 0, "");
}

static void a_mark_that_was_sent_is_valid(void **state)
{
	(void)state;
	assert_true(utf8_valid(MARK, 3));
	assert_false(utf8_valid(MARK, 2));
	assert_false(utf8_valid("\xC3", 1));
	assert_true(utf8_valid("a\0b", 3));
}

static void repair_stops_at_the_cap_between_code_points(void **state)
{
	(void)state;
	struct str out;
	str_init(&out, 4);
	assert_int_equal(utf8_repair("aa\xE2\x82\xAC", 5, &out), -1);
	assert_string_equal(out.p, "aa");
	str_release(&out);
}

static void what_a_screen_acts_on_or_hides_is_known(void **state)
{
	(void)state;
	static const uint32_t hidden[] = {0, 0x1B, '\n', 0x7F, 0x85, 0x9B, 0xAD, 0x034F, 0x061C, 0x200B, 0x200D, 0x200E,
	        0x2028, 0x202E, 0x2060, 0x2066, 0x2069, 0x3164, 0xFE0F, 0xFEFF, 0xFFF9, 0xFFFE, 0xE0001, 0xE0041,
	        0xE0100, 0x1FFFF, 0x10FFFF};
	static const uint32_t seen[] = {
	        ' ', 'a', '~', 0xA0, 0xE9, 0x0627, 0x200A, 0x2010, 0x202F, 0x4E00, 0xFFFD, 0x1F44B, 0xE000};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (!utf8_is_hidden(hidden[i]))
			fail_msg("U+%04X", (unsigned)hidden[i]);
	for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
		if (utf8_is_hidden(seen[i]))
			fail_msg("U+%04X", (unsigned)seen[i]);
}

static void what_is_kept_is_valid_and_ends_between_characters(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	assert_string_equal(utf8_keep(&arena, NULL, 10), "");
	assert_string_equal(utf8_keep(&arena, "zo\u00eb", 10), "zo\u00eb");
	assert_string_equal(utf8_keep(&arena, "a\xFFz", 10), "a\uFFFDz");
	assert_string_equal(utf8_keep(&arena, "zo\u00eb", 3), "zo");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_code_point_is_written_and_read_back),
	        cmocka_unit_test(what_cannot_be_encoded_becomes_a_mark),
	        cmocka_unit_test(an_ill_formed_maximal_subpart_becomes_one_mark),
	        cmocka_unit_test(a_cut_code_point_becomes_one_mark),
	        cmocka_unit_test(nul_does_not_get_into_the_store),
	        cmocka_unit_test(a_mark_that_was_sent_is_valid),
	        cmocka_unit_test(repair_stops_at_the_cap_between_code_points),
	        cmocka_unit_test(what_a_screen_acts_on_or_hides_is_known),
	        cmocka_unit_test(what_is_kept_is_valid_and_ends_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
