#include "tui/desk/compose.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static struct compose c;

static int setup(void **state)
{
	(void)state;
	compose_init(&c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	compose_release(&c);
	return 0;
}

static void type(const char *text)
{
	for (; *text; text++)
		compose_type(&c, text, 1);
}

static void what_is_typed_stands_at_the_cursor(void **state)
{
	(void)state;
	type("helo");
	compose_move(&c, MOVE_CHAR_LEFT, 40);
	type("l");
	assert_string_equal(c.text.p, "hello");
	assert_int_equal(c.cursor, 4);
}

static void a_cluster_is_moved_over_and_deleted_as_one(void **state)
{
	(void)state;
	compose_set(&c,
	        "a\U0001F469\u200D\U0001F4BB"
	        "e\u0301",
	        SIZE_MAX);
	compose_move(&c, MOVE_CHAR_LEFT, 40);
	assert_int_equal(c.cursor, c.text.len - strlen("e\u0301"));
	compose_backspace(&c);
	assert_string_equal(c.text.p, "ae\u0301");
	compose_delete(&c);
	assert_string_equal(c.text.p, "a");
}

static void the_cursor_never_stands_inside_a_cluster(void **state)
{
	(void)state;
	compose_set(&c, "e\u0301x", 1);
	assert_int_equal(c.cursor, 3);
	compose_set(&c, "\u00e9", 1);
	assert_int_equal(c.cursor, 2);
}

static void words_are_moved_over_like_in_readline(void **state)
{
	(void)state;
	compose_set(&c, "one, two  \u0434\u0432\u0430", 0);
	compose_move(&c, MOVE_WORD_RIGHT, 40);
	assert_int_equal(c.cursor, 3);
	compose_move(&c, MOVE_WORD_RIGHT, 40);
	assert_int_equal(c.cursor, 8);
	compose_move(&c, MOVE_WORD_RIGHT, 40);
	assert_int_equal(c.cursor, c.text.len);
	compose_move(&c, MOVE_WORD_LEFT, 40);
	assert_int_equal(c.cursor, 10);
}

static void lines_are_those_that_are_seen_and_the_column_is_kept(void **state)
{
	(void)state;
	compose_set(&c, "aaaa bbbb\nx\ncccc dddd", 3);
	compose_move(&c, MOVE_LINE_DOWN, 5);
	assert_int_equal(c.cursor, 8); /* wrapped: the second word */
	compose_move(&c, MOVE_LINE_DOWN, 5);
	assert_int_equal(c.cursor, 11); /* shorter */
	compose_move(&c, MOVE_LINE_DOWN, 5);
	assert_int_equal(c.cursor, 15);
	compose_move(&c, MOVE_LINE_UP, 5);
	compose_move(&c, MOVE_LINE_UP, 5);
	compose_move(&c, MOVE_LINE_UP, 5);
	assert_int_equal(c.cursor, 3);
}

static void cuts_in_a_row_are_one_and_come_back_at_once(void **state)
{
	(void)state;
	compose_set(&c, "one two three", SIZE_MAX);
	compose_kill(&c, MOVE_WORD_LEFT, 40);
	compose_kill(&c, MOVE_WORD_LEFT, 40);
	assert_string_equal(c.text.p, "one ");
	compose_yank(&c);
	assert_string_equal(c.text.p, "one two three");
}

static void an_earlier_cut_replaces_the_one_put_back(void **state)
{
	(void)state;
	compose_set(&c, "one two", SIZE_MAX);
	compose_kill(&c, MOVE_WORD_LEFT, 40);
	compose_move(&c, MOVE_TEXT_START, 40);
	compose_kill(&c, MOVE_LINE_END, 40);
	assert_string_equal(c.text.p, "");
	compose_yank(&c);
	assert_string_equal(c.text.p, "one ");
	compose_yank_pop(&c);
	assert_string_equal(c.text.p, "two");
	assert_true(compose_yank_pop(&c));
	assert_string_equal(c.text.p, "one ");
	type("x");
	assert_false(compose_yank_pop(&c));
}

static void a_cut_at_the_end_of_a_line_takes_the_line_feed(void **state)
{
	(void)state;
	compose_set(&c, "a\nb", 1);
	compose_kill(&c, MOVE_LINE_END, 40);
	assert_string_equal(c.text.p, "ab");
}

static void undo_takes_back_word_by_word_and_redo_puts_them_again(void **state)
{
	(void)state;
	type("one two");
	compose_undo(&c);
	assert_string_equal(c.text.p, "one ");
	compose_undo(&c);
	assert_string_equal(c.text.p, "");
	assert_false(compose_undo(&c));
	compose_redo(&c);
	compose_redo(&c);
	assert_string_equal(c.text.p, "one two");
	assert_false(compose_redo(&c));
}

static void typing_after_undo_forgets_what_could_be_redone(void **state)
{
	(void)state;
	type("one two");
	compose_undo(&c);
	type("x");
	assert_false(compose_redo(&c));
	assert_string_equal(c.text.p, "one x");
}

static void a_paste_is_one_step_with_plain_line_ends_and_no_controls(void **state)
{
	(void)state;
	type("a");
	compose_paste(&c, "x\r\ny\rz\x1b[31m\302\2332J", 15);
	assert_string_equal(c.text.p, "ax\ny\nz[31m2J");
	compose_undo(&c);
	assert_string_equal(c.text.p, "a");
}

static void ten_thousand_characters_are_pasted_and_edited(void **state)
{
	(void)state;
	char text[10001];
	memset(text, 'w', sizeof text - 1);
	for (size_t i = 7; i < sizeof text - 1; i += 8)
		text[i] = ' ';
	text[10000] = '\0';
	assert_true(compose_paste(&c, text, 10000));
	assert_int_equal(c.text.len, 10000);
	for (int i = 0; i < 200; i++)
		type("ab ");
	compose_move(&c, MOVE_LINE_UP, 80);
	while (compose_undo(&c))
		;
	assert_string_equal(c.text.p, "");
}

/* A text of 80,000 letters without a space: one step over it must cost its length, not its square (that would be
 * minutes). */
static void a_word_of_eighty_thousand_letters_is_moved_over_cut_and_put_back(void **state)
{
	(void)state;
	struct str long_word = STR_INIT;
	while (long_word.len < 240000)
		str_adds(&long_word, "\u6F22\u0E01\u0E31\u5B57");
	assert_true(compose_paste(&c, long_word.p, long_word.len));
	size_t len = c.text.len;
	compose_move(&c, MOVE_WORD_LEFT, 40);
	assert_int_equal(c.cursor, 0);
	compose_move(&c, MOVE_WORD_RIGHT, 40);
	assert_int_equal(c.cursor, len);
	compose_kill(&c, MOVE_WORD_LEFT, 40);
	assert_int_equal(c.text.len, 0);
	compose_yank(&c);
	assert_int_equal(c.text.len, len);
	for (int i = 0; i < 200; i++) {
		compose_move(&c, i % 2 ? MOVE_LINE_UP : MOVE_CHAR_LEFT, 40);
		compose_type(&c, "\u5B57", 3);
	}
	assert_int_equal(c.text.len, len + 600);
	str_release(&long_word);
}

static void wide_and_combining_characters_keep_their_column_at_the_wrap(void **state)
{
	(void)state;
	/* Five cells a line: two wide ones and no half; a mark adds no cell. */
	compose_set(&c, "\u6F22\u5B57\u6F22\u5B57 e\u0301e\u0301e\u0301e\u0301 ok", 0);
	compose_move(&c, MOVE_CHAR_RIGHT, 5);
	assert_int_equal(c.cursor, 3);
	compose_move(&c, MOVE_LINE_DOWN, 5);
	assert_int_equal(c.cursor, 9); /* under it, before the fourth */
	compose_move(&c, MOVE_LINE_DOWN, 5);
	assert_int_equal(c.cursor, 13 + 6); /* two cells in: behind two accented letters */
	compose_move(&c, MOVE_LINE_UP, 5);
	assert_int_equal(c.cursor, 9);
	compose_backspace(&c);
	compose_move(&c, MOVE_TEXT_END, 5);
	compose_kill(&c, MOVE_LINE_START, 5);
	assert_int_equal(c.text.len, 0);
	compose_undo(&c);
	compose_undo(&c);
	assert_string_equal(c.text.p, "\u6F22\u5B57\u6F22\u5B57 e\u0301e\u0301e\u0301e\u0301 ok");
}

static void right_to_left_and_joined_scripts_are_moved_over_by_what_is_read_as_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int steps;
	} cases[] = {
	        {"\u0645\u0631\u062D\u0628\u0627", 5},             /* Arabic: a letter each */
	        {"\u0643\u064F\u062A\u0650\u0628", 3},             /* with vowel signs */
	        {"\u0915\u094D\u0937\u093F", 1},                   /* one conjunct */
	        {"\u0E01\u0E33\u0E25\u0E31\u0E07", 3},             /* Thai */
	        {"\u1112\u1161\u11AB\uAE00", 2},                   /* a syllable of jamo, and one of one piece */
	        {"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 2},   /* flags */
	        {"\U0001F468\u200D\U0001F469\u200D\U0001F467", 1}, /* a family */
	        {"1\uFE0F\u20E3", 1},                              /* a keycap */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int left = 0, right = 0;
		compose_set(&c, cases[i].text, 0);
		while (compose_move(&c, MOVE_CHAR_RIGHT, 40))
			right++;
		while (compose_move(&c, MOVE_CHAR_LEFT, 40))
			left++;
		if (right != cases[i].steps || left != right)
			fail_msg("\"%s\": %d to the right, %d to the left", cases[i].text, right, left);
		compose_move(&c, MOVE_TEXT_END, 40);
		while (compose_backspace(&c))
			right--;
		assert_int_equal(right, 0);
	}
}

static void what_would_be_too_long_is_refused_whole(void **state)
{
	(void)state;
	char *big = mem_alloc(COMPOSE_MAX + 1);
	memset(big, 'x', COMPOSE_MAX - 1);
	assert_true(compose_paste(&c, big, COMPOSE_MAX - 1));
	assert_false(compose_paste(&c, "yz", 2));
	assert_int_equal(c.text.len, COMPOSE_MAX - 1);
	assert_true(compose_type(&c, "y", 1));
	free(big);
}

static void bytes_that_are_no_text_become_marks(void **state)
{
	(void)state;
	compose_paste(&c, "a\xff\0b", 4);
	assert_string_equal(c.text.p, "a\ufffd\ufffd"
	                              "b");
}

static void what_an_editor_hands_back_is_repaired(void **state)
{
	(void)state;
	type("before");
	assert_true(compose_replace(&c, 0, 6,
	        "a\xFF\xE6\xBC"
	        "b\r\nc\x1b[31m"));
	assert_string_equal(c.text.p, "a\uFFFD\uFFFDb\nc[31m");
	assert_int_equal(c.cursor, c.text.len);
	assert_true(compose_undo(&c));
	assert_string_equal(c.text.p, "before");
}

static void a_placeholder_is_found_selected_and_typed_over(void **state)
{
	(void)state;
	compose_set(&c, "Order {order?} for {name?}.", SIZE_MAX);
	assert_true(compose_next_placeholder(&c));
	assert_int_equal(c.cursor, 6);
	assert_int_equal(c.selected, 8);
	type("17");
	assert_string_equal(c.text.p, "Order 17 for {name?}.");
	assert_true(compose_next_placeholder(&c));
	compose_backspace(&c);
	assert_string_equal(c.text.p, "Order 17 for .");
	assert_false(compose_next_placeholder(&c));
}

static void braces_that_are_no_placeholder_are_text(void **state)
{
	(void)state;
	size_t at, len;
	compose_set(&c, "{a} {?} { {b", 0);
	assert_false(compose_placeholder(&c, 0, &at, &len));
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8"); /* how wide a character is, libc knows by it */
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        TEST(what_is_typed_stands_at_the_cursor),
	        TEST(a_cluster_is_moved_over_and_deleted_as_one),
	        TEST(the_cursor_never_stands_inside_a_cluster),
	        TEST(words_are_moved_over_like_in_readline),
	        TEST(lines_are_those_that_are_seen_and_the_column_is_kept),
	        TEST(cuts_in_a_row_are_one_and_come_back_at_once),
	        TEST(an_earlier_cut_replaces_the_one_put_back),
	        TEST(a_cut_at_the_end_of_a_line_takes_the_line_feed),
	        TEST(undo_takes_back_word_by_word_and_redo_puts_them_again),
	        TEST(typing_after_undo_forgets_what_could_be_redone),
	        TEST(a_paste_is_one_step_with_plain_line_ends_and_no_controls),
	        TEST(ten_thousand_characters_are_pasted_and_edited),
	        TEST(a_word_of_eighty_thousand_letters_is_moved_over_cut_and_put_back),

	        TEST(wide_and_combining_characters_keep_their_column_at_the_wrap),

	        TEST(right_to_left_and_joined_scripts_are_moved_over_by_what_is_read_as_one),

	        TEST(what_would_be_too_long_is_refused_whole),
	        TEST(bytes_that_are_no_text_become_marks),
	        TEST(what_an_editor_hands_back_is_repaired),
	        TEST(a_placeholder_is_found_selected_and_typed_over),
	        TEST(braces_that_are_no_placeholder_are_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
