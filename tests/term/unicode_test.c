/* Every code point and every emoji sequence on a terminal: what leaves is nothing but text and what our painter may
 * send, and each cell stands where we say, on a libvterm whose tables are older than ours. */
#include "core/base/paths.h"
#include "core/base/utf8.h"
#include "core/text/cells.h"
#include "core/text/grapheme.h"
#include "tests/lib/glass.h"
#include "tests/term/shown.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 48, COLS = 240, ROOM = 6 /* a letter, what is looked at, a letter */ };

struct sheet {
	struct shown shown;
	struct frame frame;
	int row, col;
};

static void sheet_init(struct sheet *sheet, const char *type)
{
	shown_init(&sheet->shown, type, ROWS, COLS, false);
	frame_init(&sheet->frame, ROWS, COLS, false);
	sheet->row = sheet->col = 0;
}

static void sheet_paint(struct sheet *sheet)
{
	struct str why = STR_INIT;
	size_t before = sheet->shown.bytes.len;
	frame_set_cursor(&sheet->frame, ROWS - 1, 0);
	shown_paint(&sheet->shown, &sheet->frame, theme_find("default"));
	const struct str *bytes = &sheet->shown.bytes;
	if (!glass_may_be_sent(bytes->p + before, bytes->len - before, false, &why))
		fail_msg("%s", why.p);
	if (!glass_shows(sheet->shown.vterm, &sheet->frame, &why))
		fail_msg("%s", why.p);
	str_release(&why);
	str_clear(&sheet->shown.bytes);
	frame_clear(&sheet->frame);
	sheet->row = sheet->col = 0;
}

static void sheet_put(struct sheet *sheet, const char *text, size_t len)
{
	int used = frame_put_text(&sheet->frame, sheet->row, sheet->col, COLS, "x", 1, STYLE_TEXT);
	used += frame_put_text(&sheet->frame, sheet->row, sheet->col + used, COLS, text, len, STYLE_TEXT);
	frame_put_text(&sheet->frame, sheet->row, sheet->col + used, COLS, "y", 1, STYLE_TEXT);
	sheet->col += used + 1 > ROOM ? used + 1 : ROOM;
	if (sheet->col + 4 * ROOM <= COLS)
		return;
	sheet->col = 0;
	if (++sheet->row == ROWS - 1)
		sheet_paint(sheet);
}

static void sheet_release(struct sheet *sheet)
{
	sheet_paint(sheet);
	frame_release(&sheet->frame);
	shown_release(&sheet->shown);
}

static void every_code_point_stands_where_it_is_drawn(void **state)
{
	(void)state;
	struct sheet sheet;
	sheet_init(&sheet, "xterm-256color");
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char text[4];
		bool nothing =
		        cp > 0x32000 && (cp & 0xFFFF) > 0x1FF && (cp & 0xFFFF) < 0xFFF0; /* unassigned, private */
		if (!nothing)
			sheet_put(&sheet, text, utf8_encode(cp, text));
	}
	sheet_release(&sheet);
}

/* The text of a line of hexadecimal code points. */
static void sequence_text(const char *line, struct str *out)
{
	str_clear(out);
	for (char *end; *line && *line != '\n'; line = end) {
		char bytes[4];
		str_add(out, bytes, utf8_encode((uint32_t)strtoul(line, &end, 16), bytes));
		if (end == line)
			fail_msg("no code point: %.20s", line);
	}
}

static void every_emoji_sequence_stands_where_it_is_drawn(void **state)
{
	(void)state;
	static const char *const types[] = {"xterm-256color", "linux", "vt100", "tmux-256color", "screen-256color"};
	struct err err = ERR_INIT;
	struct str file = STR_INIT, text = STR_INIT;
	const char *folder = getenv("CURLEW_TEST_DATA");
	char *path = path_join(folder ? folder : "tests/data", "text/emoji_sequences.txt");
	assert_int_equal(file_read(path, &file, &err), 0);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct sheet sheet;
		int count = 0;
		sheet_init(&sheet, types[i]);
		for (const char *line = file.p; *line; line += strcspn(line, "\n") + 1, count++) {
			sequence_text(line, &text);
			assert_int_equal(grapheme_next(text.p, text.len, 0), text.len);
			sheet_put(&sheet, text.p, text.len);
		}
		assert_int_equal(count, 4733);
		sheet_release(&sheet);
	}
	str_release(&file);
	str_release(&text);
	free(path);
}

/* An older terminal gives the mark a cell of its own: it must not go over into the next row. */
static void a_mark_at_the_right_edge_does_not_reach_the_next_row(void **state)
{
	(void)state;
	static const char *const texts[] = {"\u1019\u103E", "\u304B\u3099", "\U0001F93B", "a\u1AB0\u1AB0\u1AB0"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (int left = 1; left < 8; left++) {
			struct sheet sheet;
			size_t len = strlen(texts[i]);
			sheet_init(&sheet, "xterm-256color");
			for (int row = 0; row < ROWS; row++)
				frame_put_text(&sheet.frame, row, COLS - left, COLS, texts[i], len, STYLE_TEXT);
			sheet_paint(&sheet);
			sheet_release(&sheet);
		}
}

/* curses puts what stands in the last corner one column before it and pushes it there. */
static void a_wide_letter_before_the_last_corner_leaves_the_corner_whole(void **state)
{
	(void)state;
	static const char *const types[] = {"xterm-256color", "tmux-256color", "screen-256color", "linux", "vt100"};
	static const char *const ends[] = {"\u8A33\u2026", "\u8A33 ", "\u8A33x", "a\u8A33", "\U0001F600y"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
			struct sheet sheet;
			sheet_init(&sheet, types[i]);
			for (int turn = 0; turn < 3; turn++) {
				frame_put_text(&sheet.frame, ROWS - 1, COLS - 6, 6, "abcdef", 6, STYLE_TEXT);
				if (turn != 1)
					frame_put_text(&sheet.frame, ROWS - 1, COLS - 3, 3, ends[j], strlen(ends[j]),
					        STYLE_STRONG);
				sheet_paint(&sheet);
			}
			sheet_release(&sheet);
		}
}

/* An older terminal puts what follows the mark on the mark: it goes with it, and the letters beside it stay. */
static void a_mark_behind_a_doubtful_one_moves_nothing(void **state)
{
	(void)state;
	static const char *const texts[] = {
	        "\U0001110B\U00011134\u0301", "a\u1AB0\u0301\u0335\u0301", "a\u0301\u1AB0\u0301"};
	struct sheet sheet;
	sheet_init(&sheet, "xterm-256color");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		sheet_put(&sheet, texts[i], strlen(texts[i]));
	sheet_release(&sheet);
}

/* What stood behind it is not what changes: it must be there all the same. */
static void what_follows_a_doubtful_cell_is_still_there_when_the_cell_comes(void **state)
{
	(void)state;
	static const char *const texts[] = {"\u1019\u103E", "\U0001F970", "\U0001F93B", "\u304B\u3099", "a\u1AB0",
	        "\u06DE", "\u2764\uFE0F", "\U0001110B\U00011134\u0335"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct sheet sheet;
		struct str why = STR_INIT;
		size_t len = strlen(texts[i]);
		sheet_init(&sheet, "xterm-256color");
		for (int turn = 0; turn < 6; turn++) {
			frame_clear(&sheet.frame);
			frame_put_text(&sheet.frame, 3, 0, COLS, "abcdefghijklmnopqrstuvwxyz", 26, STYLE_TEXT);
			if (turn % 2)
				frame_put_text(&sheet.frame, 3, 2 + turn, COLS, texts[i], len, STYLE_STRONG);
			frame_set_cursor(&sheet.frame, 3, 5);
			shown_paint(&sheet.shown, &sheet.frame, theme_find("default"));
			if (!glass_shows(sheet.shown.vterm, &sheet.frame, &why))
				fail_msg("text %zu, turn %d: %s", i, turn, why.p);
		}
		str_release(&why);
		sheet_release(&sheet);
	}
}

/* Where rows go up, the terminal scrolls them: the one that the doubtful cell comes to in the same moment is not the
 * one that stood in its place before. */
static void what_follows_a_doubtful_cell_is_there_when_its_row_was_scrolled(void **state)
{
	(void)state;
	enum { TOP = 4, COUNT = 20, UP = 3, MET = 15 };
	struct sheet sheet;
	struct str why = STR_INIT;
	sheet_init(&sheet, "xterm-256color");
	for (int turn = 0; turn < 2; turn++) {
		frame_clear(&sheet.frame);
		for (int row = 0; row < COUNT; row++) {
			char text[64];
			int number = row + turn * UP;
			snprintf(text, sizeof text, "%d: the %d. line, unlike all the others", number, number * 77);
			frame_put_text(&sheet.frame, TOP + row, 0, COLS, text, SIZE_MAX, STYLE_TEXT);
			if (turn && row == MET)
				frame_put_text(&sheet.frame, TOP + row, 6, COLS, "\u304B\u3099", SIZE_MAX, STYLE_TEXT);
		}
		frame_set_cursor(&sheet.frame, 0, 0);
		shown_paint(&sheet.shown, &sheet.frame, theme_find("default"));
		if (!glass_shows(sheet.shown.vterm, &sheet.frame, &why))
			fail_msg("turn %d: %s", turn, why.p);
	}
	str_release(&why);
	sheet_release(&sheet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_code_point_stands_where_it_is_drawn),
	        cmocka_unit_test(every_emoji_sequence_stands_where_it_is_drawn),
	        cmocka_unit_test(a_mark_at_the_right_edge_does_not_reach_the_next_row),
	        cmocka_unit_test(a_wide_letter_before_the_last_corner_leaves_the_corner_whole),
	        cmocka_unit_test(a_mark_behind_a_doubtful_one_moves_nothing),
	        cmocka_unit_test(what_follows_a_doubtful_cell_is_still_there_when_the_cell_comes),
	        cmocka_unit_test(what_follows_a_doubtful_cell_is_there_when_its_row_was_scrolled),
	};
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
