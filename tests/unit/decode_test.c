#include "tui/term/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* What came out, as key files would write it; pastes in braces. */
static struct str seen;
static int last_burst;

static void note(void *arg, const struct term_input *input)
{
	(void)arg;
	char name[CHORD_TEXT_MAX];
	if (input->kind == TERM_PASTE) {
		str_addc(&seen, '{');
		str_add(&seen, input->text, input->len);
		str_addc(&seen, '}');
		return;
	}
	if (input->kind == TERM_MOUSE) {
		static const char *const words[] = {"press", "up", "down"};
		str_addf(&seen, "(%s %d,%d)", words[input->mouse.what], input->mouse.row, input->mouse.col);
		return;
	}
	key_format(input->key, name, sizeof name);
	str_adds(&seen, name);
	last_burst = input->burst;
}

static struct decoder decoder;

static int setup(void **state)
{
	(void)state;
	decoder_init(&decoder);
	str_init(&seen, SIZE_MAX);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	decoder_release(&decoder);
	str_release(&seen);
	return 0;
}

static void feed(const char *bytes, int64_t now)
{
	decoder_feed(&decoder, bytes, strlen(bytes), now, note, NULL);
}

static void expect(const char *keys)
{
	assert_string_equal(seen.p, keys);
	str_clear(&seen);
}

static void letters_controls_and_named_keys_are_told_apart(void **state)
{
	(void)state;
	feed("jG \r\t\177\007\033[A\033OB\033[3~\033[15~\033[Z\033[1;5D\033[[A", 0);
	expect("jG<Space><Enter><Tab><Backspace>^G<Up><Down><Delete><F5><S-Tab><C-Left><F1>");
}

static void utf8_may_be_split_anywhere(void **state)
{
	(void)state;
	const char *text = "ü申👋";
	for (const char *p = text; *p; p++)
		decoder_feed(&decoder, p, 1, 0, note, NULL);
	expect("ü申👋");
	feed("\303(", 0);
	expect("\357\277\275(");
}

static void a_lone_esc_is_a_key_after_fifty_milliseconds(void **state)
{
	(void)state;
	feed("\033", 100);
	expect("");
	assert_int_equal(decoder_deadline(&decoder), 150);
	decoder_timeout(&decoder, 149, note, NULL);
	expect("");
	decoder_timeout(&decoder, 150, note, NULL);
	expect("<Esc>");
	assert_int_equal(decoder_deadline(&decoder), INT64_MAX);
}

static void an_arrow_split_by_a_slow_line_is_never_typed(void **state)
{
	(void)state;
	feed("\033", 0);
	decoder_timeout(&decoder, 50, note, NULL);
	expect("<Esc>");
	feed("[", 400);
	expect("");
	feed("A", 900);
	expect("<Up>");

	feed("\033[", 2000);
	decoder_timeout(&decoder, 2050, note, NULL);
	expect("<Esc>");
	feed("B", 2900);
	expect("<Down>");
}

static void a_bracket_typed_after_esc_arrives_late_but_arrives(void **state)
{
	(void)state;
	feed("\033", 0);
	decoder_timeout(&decoder, 50, note, NULL);
	feed("[", 300);
	expect("<Esc>");
	assert_int_equal(decoder_deadline(&decoder), 50 + LATE_ESC_MS);
	decoder_timeout(&decoder, 50 + LATE_ESC_MS, note, NULL);
	expect("[");
	feed("\033", 5000);
	decoder_timeout(&decoder, 5050, note, NULL);
	feed("[", 5100);
	feed("x", 5200);
	expect("<Esc>[x");
	feed("\033", 9000);
	decoder_timeout(&decoder, 9050, note, NULL);
	feed("[A", 10100);
	expect("<Esc>[A");
}

static void esc_esc_is_two_escapes(void **state)
{
	(void)state;
	feed("\033\033", 0);
	decoder_timeout(&decoder, 60, note, NULL);
	expect("<Esc><Esc>");
}

static void alt_and_a_letter_beyond_ascii_is_one_key_and_the_next_is_another(void **state)
{
	(void)state;
	feed("\033\303\251x", 0);
	expect("<A-é>x");
}

static void an_escape_and_half_a_letter_hold_nothing_up(void **state)
{
	(void)state;
	char junk[200];
	memset(junk, '\xb0', sizeof junk);
	feed("\033\320a\033\320\033[A", 0);
	expect("a<Up>");
	feed("\033\320", 0);
	decoder_feed(&decoder, junk, sizeof junk, 0, note, NULL);
	assert_true(decoder.pending_len <= 4);
}

static void an_unknown_sequence_is_dropped_and_not_typed(void **state)
{
	(void)state;
	feed("\033[?1;2c\033[99;99~\033[?0;10;10Mj", 0);
	expect("j");
	feed("\033[38;5", 0);
	decoder_timeout(&decoder, 60, note, NULL);
	expect("");
	feed("k", 100);
	expect("k");
}

static void bracketed_paste_is_text_without_controls(void **state)
{
	(void)state;
	const char *bytes = "a\033[200~q\r\nx\030\033[A\ty\xff\033[201~b";
	for (const char *p = bytes; *p; p++)
		decoder_feed(&decoder, p, 1, 0, note, NULL);
	expect("a{q\nx[A\ty\357\277\275}b");
}

static void a_paste_beyond_the_cap_ends_where_it_ends(void **state)
{
	(void)state;
	feed("\033[200~", 0);
	for (int i = 0; i < PASTE_MAX + 1000; i++)
		feed("z", 0);
	feed("\033[201~j", 0);
	assert_true(seen.len <= PASTE_MAX + 4);
	assert_int_equal(seen.p[seen.len - 1], 'j');
	assert_int_equal(seen.p[seen.len - 2], '}');
	assert_int_equal(seen.p[seen.len - 3], 'z');
	str_clear(&seen);
}

static void the_size_of_a_burst_is_told(void **state)
{
	(void)state;
	feed("hello world!", 0);
	assert_int_equal(last_burst, 12);
	str_clear(&seen);
}

static void the_mouse_tells_presses_and_the_wheel_and_nothing_else(void **state)
{
	(void)state;
	feed("\033[<0;1;1M\033[<0;1;1m\033[<64;80;24M\033[<65;200;100M", 0);
	expect("(press 0,0)(up 23,79)(down 99,199)");
	feed("\033[<2;5;5M\033[<4;5;5M\033[<32;5;5M\033[<0;0;5M\033[<0;5M\033[<M\033[<;;M\033[<0;1;1x", 0);
	expect("");
	feed("\033[<0;", 0);
	feed("7;3Mj", 10);
	expect("(press 2,6)j");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        T(letters_controls_and_named_keys_are_told_apart),
	        T(utf8_may_be_split_anywhere),
	        T(a_lone_esc_is_a_key_after_fifty_milliseconds),
	        T(an_arrow_split_by_a_slow_line_is_never_typed),
	        T(a_bracket_typed_after_esc_arrives_late_but_arrives),
	        T(esc_esc_is_two_escapes),
	        T(alt_and_a_letter_beyond_ascii_is_one_key_and_the_next_is_another),
	        T(an_escape_and_half_a_letter_hold_nothing_up),
	        T(an_unknown_sequence_is_dropped_and_not_typed),
	        T(bracketed_paste_is_text_without_controls),
	        T(a_paste_beyond_the_cap_ends_where_it_ends),
	        T(the_size_of_a_burst_is_told),
	        T(the_mouse_tells_presses_and_the_wheel_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
