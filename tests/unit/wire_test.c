/* What goes over the wire shows the same as what curses said, in no more bytes. */
#include "tui/term/wire.h"

#include "core/base/mem.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <vterm.h>

#include <cmocka.h>

enum { ROWS = 8, COLS = 20 };

static void put(struct wire *wire, const char *bytes, struct str *out)
{
	str_clear(out);
	wire_put(wire, bytes, strlen(bytes), out);
}

static void looks_are_sent_when_something_is_written_in_them(void **state)
{
	(void)state;
	static const struct {
		const char *said, *sent;
	} rows[] = {
	        {"a", "\033[ma"}, /* nothing was known of the terminal */
	        {"\033(B\033[0;7mb", "\033(B\033[7mb"},
	        {"\b\033(B\033[m", "\b"},
	        {"\033[5;3H c", "\033[5;3H\033[m c"},
	        {"\033(B\033[0;1md\033[31me", "\033[1md\033[31me"},
	        {"\033[39m\033(B\033[m\033(B\033[0;1m\033[31mf", "f"},
	        {"\033[39mg", "\033[39mg"},
	        {"\033(B\033[m  \033[K\033[A\r", "  \033[K\033[A\r"},
	        {"\033(B\033[0;4m  ", "\033[0;4m  "},
	        {"\033(B\033[0;2mh", "\033[0;2mh"},
	        {"\033(B\033[m\033[38;5;208mi", "\033[0;38;5;208mi"},
	        {"\033[38;2;1;2;3mj\033[48:2::4:5:6mk", "\033[38;2;1;2;3mj\033[48:2::4:5:6mk"},
	        {"\033[39;49m\033[J", "\033[m\033[J"},
	        {"\033[?25l\033[?12l\033[?25h\033[1;4r\033[?0c", "\033[?25l\033[?12l\033[?25h\033[1;4r\033[?0c"},
	        {"\033[0;7m\033[?1l\033>\033[?1h\033=\033[m\a", "\033[?1l\033>\033[?1h\033=\a"},
	        {"\033[0;7mc\033[m\033[H\033[2J\033[2;1H\033[J", "\033[7mc\033[m\033[H\033[2J\033[2;1H\033[J"},
	        {"\033[0;7m\033[?1049l", "\033[7m\033[?1049l"},
	        {"x\033[3b", "xxxx"},
	};
	struct wire wire;
	struct str out = STR_INIT;
	wire_init(&wire, "\033(B\033[m", true);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put(&wire, rows[i].said, &out);
		if (!str_eq(out.p, rows[i].sent))
			fail_msg("row %zu: %s", i, out.p);
	}
	str_release(&out);
}

/* "ab" stands behind a new emoji, an old one, a new mark, and one at the end of what is said. */
static void where_a_terminal_may_differ_it_is_told_the_column(void **state)
{
	(void)state;
	static const struct {
		const char *said, *sent;
	} rows[] = {
	        {"\033[m\033[4;3H\U0001F970ab", "\033[4;3H\033[m  \r\033[2C\U0001F970\r\033[4Cab"},
	        {"\r\u7533\U0001F970\r\n", "\r\u7533  \r\033[2C\U0001F970\r\n"},
	        {"\r\u0E01\u0E34\u0E04a", "\r\u0E01\u0E34\u0E04a"},
	        {"\r\033[7m\u1019\u103Eab", "\r\033[7m\u1019\u103E\r\033[1C\033[m  \r\033[1C\033[7mab"},
	        {"\033[m\033[1;1H\u2705", "\033[1;1H\033[m  \r\u2705\r\033[2C"},
	};
	struct wire wire;
	struct str out = STR_INIT;
	setlocale(LC_ALL, "C.UTF-8");
	wire_init(&wire, "\033(B\033[m", true);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put(&wire, rows[i].said, &out);
		if (!str_eq(out.p, rows[i].sent))
			fail_msg("row %zu: %s", i, out.p);
	}
	str_release(&out);
}

/* curses writes it without its margins, and thinks that the cursor stays. */
static void behind_the_last_cell_of_a_row_there_is_no_column(void **state)
{
	(void)state;
	struct wire wire;
	struct str out = STR_INIT;
	setlocale(LC_ALL, "C.UTF-8");
	wire_init(&wire, "\033[m", true);
	wire_size(&wire, COLS, true);
	put(&wire, "\033[m\033[?7l\033[8;20Hx\033[?7h\033[5D", &out);
	put(&wire, "\U0001F970", &out);
	assert_string_equal(out.p, "  \r\033[14C\U0001F970\r\033[16C");
	wire_size(&wire, COLS, false);
	put(&wire, "\033[7;19H\u7533\033[5D\U0001F970", &out);
	assert_string_equal(out.p, "\033[7;19H\u7533\033[5D\U0001F970");
	str_release(&out);
}

static void what_is_not_known_passes_and_what_follows_is_set_whole(void **state)
{
	(void)state;
	struct wire wire;
	struct str out = STR_INIT;
	wire_init(&wire, "\033[m\017", true);
	put(&wire, "\033[1ma", &out);
	assert_string_equal(out.p, "\033[0;1ma");
	put(&wire, "\033[53mb", &out);
	assert_string_equal(out.p, "\033[53m\033[0;1mb");
	put(&wire, "\033]2;t\a\033M\033#8", &out);
	assert_string_equal(out.p, "\033]2;t\a\033M\033#8");
	wire_forget(&wire);
	put(&wire, "\017c\017d", &out);
	assert_string_equal(out.p, "\017\033[0;1mcd");
	put(&wire, "\033[m\033[7m", &out);
	assert_string_equal(out.p, "");
	wire_end(&wire, &out);
	assert_string_equal(out.p, "\033[0;7m");
	str_release(&out);
}

static void a_terminal_of_another_kind_gets_what_curses_says(void **state)
{
	(void)state;
	static const char said[] = "\033[0;1ma\033[m\033(B\017\033[0;1mz";
	struct wire wire;
	struct str out = STR_INIT;
	wire_init(&wire, "\033G0", true);
	put(&wire, said, &out);
	assert_string_equal(out.p, said);
	wire_init(&wire, "\033[m", false);
	put(&wire, said, &out);
	assert_string_equal(out.p, said);
	str_release(&out);
}

/* --- whatever is said */

static uint64_t roll(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void say_something(uint64_t *seed, struct str *out)
{
	static const char *const said[] = {"\033(B\033[m", "\033(B\033[0;1m", "\033(B\033[0;2m", "\033(B\033[0;7m",
	        "\033(B\033[0;1;4m", "\033[31m", "\033[39m", "\033[44m", "\033[49m", "\033[39;49m", "\033[38;5;208m",
	        "\033[1m", "\033[24m", "\033[27m", "\033[22m", "\033[K", "\033[J", "\033[3X", "\033[1K", "\033[2L",
	        "\033[M", "\033[2P", "\033[3@", "\033[A", "\033[2C", "\r", "\b", "\n", "\033M", "\033[?25l",
	        "\033[?25h", "\303\251", "\346\263\250", " ", "  ", "abc", "x", "\033[2;7r", "\033[r", "\033[H\033[2J"};
	uint64_t n = roll(seed) % (sizeof said / sizeof *said + 6);
	if (n < sizeof said / sizeof *said)
		str_adds(out, said[n]);
	else
		str_addf(out, "\033[%d;%dH", (int)(roll(seed) % ROWS) + 1, (int)(roll(seed) % COLS) + 1);
}

static VTerm *terminal(void)
{
	VTerm *vterm = vterm_new(ROWS, COLS);
	vterm_set_utf8(vterm, 1);
	vterm_screen_reset(vterm_obtain_screen(vterm), 1);
	return vterm;
}

static bool same_colour(VTerm *vterm, VTermColor a, VTermColor b)
{
	vterm_state_convert_color_to_rgb(vterm_obtain_state(vterm), &a);
	vterm_state_convert_color_to_rgb(vterm_obtain_state(vterm), &b);
	return a.rgb.red == b.rgb.red && a.rgb.green == b.rgb.green && a.rgb.blue == b.rgb.blue;
}

/* Or the right half of a wide one. */
static bool is_blank(uint32_t c)
{
	return !c || c == ' ' || c == (uint32_t)-1;
}

static bool same_cell(VTerm *a, VTerm *b, int row, int col)
{
	VTermScreenCell one, two;
	VTermPos at = {row, col};
	vterm_screen_get_cell(vterm_obtain_screen(a), at, &one);
	vterm_screen_get_cell(vterm_obtain_screen(b), at, &two);
	bool blank_one = is_blank(one.chars[0]), blank_two = is_blank(two.chars[0]);
	bool blank = blank_one && blank_two && !one.attrs.reverse && !one.attrs.underline;
	return (blank || (one.chars[0] == two.chars[0] && one.attrs.bold == two.attrs.bold)) &&
	       one.attrs.reverse == two.attrs.reverse && one.attrs.underline == two.attrs.underline &&
	       same_colour(a, one.bg, two.bg) && (blank || same_colour(a, one.fg, two.fg));
}

static void whatever_is_said_the_terminal_shows_the_same(void **state)
{
	(void)state;
	uint64_t seed = 0x9e3779b97f4a7c15;
	for (int round = 0; round < 300; round++) {
		VTerm *raw = terminal(), *wired = terminal();
		struct wire wire;
		struct str said = STR_INIT, sent = STR_INIT;
		size_t all_said = 0, all_sent = 0;
		wire_init(&wire, "\033(B\033[m", true);
		for (int refresh = 0; refresh < 20; refresh++) {
			str_clear(&said);
			str_clear(&sent);
			for (uint64_t n = roll(&seed) % 30; n; n--)
				say_something(&seed, &said);
			wire_put(&wire, said.p, said.len, &sent);
			vterm_input_write(raw, said.p, said.len);
			vterm_input_write(wired, sent.p, sent.len);
			all_said += said.len;
			all_sent += sent.len;
			for (int i = 0; i < ROWS * COLS; i++)
				if (!same_cell(raw, wired, i / COLS, i % COLS))
					fail_msg("round %d, refresh %d, cell %d", round, refresh, i);
		}
		assert_true(all_sent <= all_said);
		vterm_free(raw);
		vterm_free(wired);
		str_release(&said);
		str_release(&sent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(looks_are_sent_when_something_is_written_in_them),
	        cmocka_unit_test(where_a_terminal_may_differ_it_is_told_the_column),
	        cmocka_unit_test(behind_the_last_cell_of_a_row_there_is_no_column),
	        cmocka_unit_test(what_is_not_known_passes_and_what_follows_is_set_whole),
	        cmocka_unit_test(a_terminal_of_another_kind_gets_what_curses_says),
	        cmocka_unit_test(whatever_is_said_the_terminal_shows_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
