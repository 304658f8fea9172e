#include "core/text/plain.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int utf8_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

#define check(wanted, ...)                                                                                             \
	do {                                                                                                           \
		struct str out = STR_INIT;                                                                             \
		plain_addf(&out, __VA_ARGS__);                                                                         \
		assert_string_equal(out.p, wanted);                                                                    \
		str_release(&out);                                                                                     \
	} while (0)

static void line_feeds_of_the_format_stand_and_those_of_values_do_not(void **state)
{
	(void)state;
	check("one\ntwo\n", "one\n%s\n", "two");
	check("from a b c d\n", "from %s\n", "a\nb\r\nc\td");
	check("a\uFFFDb\uFFFDc\u240Dd\u240Be", "%s", "a\u2028b\302\205c\rd\ve");
}

static void no_value_acts_on_a_terminal(void **state)
{
	(void)state;
	check("\u241B[2J\u241B]52;c;eA==\u2407", "%s", "\033[2J\033]52;c;eA==\a");
	check("\uFFFD2J\uFFFDko\uFFFD", "%s", "\302\2332J\u202eko\u200b");
	check("\uFFFD\uFFFD", "%s", "\x9b\xff");
	check("\u241B", "%c", '\033');
}

static void a_width_is_counted_in_cells(void **state)
{
	(void)state;
	check("[\u7533\u3057 ]", "[%-5s]", "\u7533\u3057");
	check("[ \u7533\u3057]", "[%5s]", "\u7533\u3057");
	check("[caf\u00E9   ]", "[%-7s]", "caf\u00E9");
	check("[    ^]", "[%*s^]", 4, "");
	check("[ab]", "[%1s]", "ab");
	check("[abc]", "[%.3s]", "abcdef");
	check("[abc]", "[%.*s]", 3, "abcdef");
	check("[\u241B  ]", "[%-3.1s]", "\033[0m");
}

static void numbers_are_those_of_printf(void **state)
{
	(void)state;
	check("-7 7 100%", "%d %i %d%%", -7, 7, 100);
	check("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	check("[  -42][-0042]", "[%5d][%05d]", -42, -42);
	check("-9223372036854775808 18446744073709551615", "%lld %llu", (long long)INT64_MIN, ~0ULL);
	check("-1 4294967295 3 5", "%ld %u %zu %lu", -1L, UINT32_MAX, (size_t)3, 5UL);
}

static void without_utf8_only_ascii_is_printed(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C");
	check("[cafe ? ?[2J]", "[%s]", "caf\u00E9 \u7533 \033[2J");
	utf8_locale(NULL);
}

static void a_value_for_a_mail_is_one_line_without_controls(void **state)
{
	(void)state;
	static const char name[] = "Sam\r\nBcc: all\u202e\033[2J \U0001F469\u200D\U0001F4BB\uFE0F\xff";
	struct str out = STR_INIT;
	plain_add_value(&out, name, strlen(name));
	assert_string_equal(out.p, "Sam  Bcc: all  [2J \U0001F469\u200D\U0001F4BB\uFE0F\uFFFD");
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(line_feeds_of_the_format_stand_and_those_of_values_do_not),
	        cmocka_unit_test(no_value_acts_on_a_terminal),
	        cmocka_unit_test(a_width_is_counted_in_cells),
	        cmocka_unit_test(numbers_are_those_of_printf),
	        cmocka_unit_test(without_utf8_only_ascii_is_printed),
	        cmocka_unit_test(a_value_for_a_mail_is_one_line_without_controls),
	};
	return cmocka_run_group_tests(tests, utf8_locale, NULL);
}
