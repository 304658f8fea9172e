/* The desk on terminals of several kinds and in several locales: drawn in memory, painted by curses, and shown by
 * libvterm. What is shown is what was drawn; nothing is sent that the terminal does not know; and how it looks is a
 * capture under tests/golden/captures (UPDATE=1 rewrites them). */
#include "core/base/paths.h"
#include "tests/lib/repertoire.h"
#include "tests/term/shown.h"

#include "core/base/utf8.h"
#include "core/text/cells.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vterm.h>

#include <cmocka.h>

static const char *const types[] = {"linux", "vt100", "xterm", "xterm-256color", "tmux-256color", "screen-256color"};

static const struct {
	const char *name, *word;
	bool utf8;
} locales[] = {{"C.UTF-8", "utf-8", true}, {"C", "c", false}, {"en_US.ISO-8859-1", "iso-8859-1", false}};

static const struct {
	int cols, rows;
} sizes[] = {{120, 30}, {80, 24}, {40, 12}, {20, 6}};

enum { TYPES = sizeof types / sizeof *types, LOCALES = sizeof locales / sizeof *locales, SIZES = 4 };

/* --- captures: the rows, then where they look other than plain */

static void add_colour(struct str *out, const char *what, const VTermColor *colour, bool plain)
{
	if (!plain && VTERM_COLOR_IS_INDEXED(colour))
		str_addf(out, " %s%d", what, colour->indexed.idx);
	else if (!plain)
		str_addf(out, " %s#%02x%02x%02x", what, colour->rgb.red, colour->rgb.green, colour->rgb.blue);
}

static void look_words(const VTermScreenCell *cell, struct str *out)
{
	/* Of a blank nobody sees what colour and how bold it is. */
	bool blank = (!cell->chars[0] || cell->chars[0] == ' ') && !cell->attrs.reverse && !cell->attrs.underline;
	str_clear(out);
	add_colour(out, "", &cell->fg, blank || VTERM_COLOR_IS_DEFAULT_FG(&cell->fg));
	add_colour(out, "on ", &cell->bg, VTERM_COLOR_IS_DEFAULT_BG(&cell->bg));
	str_addf(out, "%s%s%s", cell->attrs.bold && !blank ? " bold" : "", cell->attrs.reverse ? " reverse" : "",
	        cell->attrs.underline ? " underline" : "");
}

static void add_looks(const struct shown *shown, int rows, int cols, struct str *out)
{
	struct str now = STR_INIT, last = STR_INIT;
	for (int row = 0; row < rows; row++) {
		int from = 0;
		str_clear(&last);
		for (int col = 0; col <= cols; col++) {
			VTermScreenCell cell = {0};
			str_clear(&now);
			if (col < cols) {
				shown_cell(shown, row, col, &cell);
				look_words(&cell, &now);
			}
			if (col < cols && str_eq(now.p, last.p))
				continue;
			if (last.len)
				str_addf(out, "  %d,%d-%d%s\n", row, from, col - 1, last.p);
			str_clear(&last);
			str_adds(&last, now.p);
			from = col;
		}
	}
	str_release(&now);
	str_release(&last);
}

static void add_capture(const struct shown *shown, int rows, int cols, struct str *out)
{
	VTermPos cursor;
	str_addf(out, "== %dx%d\n", cols, rows);
	for (int row = 0; row < rows; row++) {
		str_addc(out, '|');
		shown_row_text(shown, row, cols, out);
		str_addc(out, '\n');
	}
	vterm_state_get_cursorpos(vterm_obtain_state(shown->vterm), &cursor);
	str_addf(out, "cursor %d,%d\n", cursor.row, cursor.col);
	add_looks(shown, rows, cols, out);
}

static void compare(const char *name, const struct str *capture)
{
	struct err err = ERR_INIT;
	struct str expected = STR_INIT;
	const char *folder = getenv("CURLEW_GOLDEN");
	char *below = path_join(folder ? folder : "tests/golden", "captures"), *path = path_join(below, name);
	const char *update = getenv("UPDATE");
	if (update && *update) {
		assert_int_equal(file_write_atomic(path, capture->p, capture->len, 0644, &err), 0);
	} else {
		if (file_read(path, &expected, &err))
			fail_msg("%s", err.text);
		size_t same = 0;
		while (same < expected.len && expected.p[same] == capture->p[same])
			same++;
		while (same && expected.p[same - 1] != '\n')
			same--;
		if (!str_eq(expected.p, capture->p))
			fail_msg("%s differs\n  file  %.*s\n  came  %.*s", path, (int)strcspn(expected.p + same, "\n"),
			        expected.p + same, (int)strcspn(capture->p + same, "\n"), capture->p + same);
	}
	str_release(&expected);
	free(below);
	free(path);
}

/* --- the desk on it */

/* From the inbox into an answer with the send bar over it, each step painted over the one before. */
static void play(struct stage *stage, struct shown *shown, const struct theme *theme)
{
	static const char *const steps[] = {
	        "", "jj", "<Enter>", "r", "Dana,<Space>on<Space>Monday<Enter>at<Space>9.", "^X"};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		shown_keys(stage, steps[i]);
		shown_paint(shown, &stage->frame, theme);
		shown_expect_frame(shown, &stage->frame);
	}
}

static void capture_one(int type, int where, struct str *capture)
{
	for (int i = 0; i < SIZES; i++) {
		struct stage stage;
		struct shown shown;
		shown_open_stage(&stage, sizes[i].cols, sizes[i].rows);
		shown_init(&shown, types[type], sizes[i].rows, sizes[i].cols, false);
		shown_paint(&shown, &stage.frame, theme_find("default"));
		add_capture(&shown, sizes[i].rows, sizes[i].cols, capture);
		play(&stage, &shown, theme_find("default"));
		shown_expect_known(&shown, types[type], locales[where].utf8);
		shown_release(&shown);
		shown_close_stage(&stage);
	}
}

static void every_terminal_in_every_locale_shows_the_desk_and_is_sent_what_it_knows(void **state)
{
	(void)state;
	for (int where = 0; where < LOCALES; where++) {
		if (!setlocale(LC_ALL, locales[where].name)) {
			print_message("no locale %s here\n", locales[where].name);
			continue;
		}
		for (int type = 0; type < TYPES; type++) {
			struct str capture = STR_INIT, name = STR_INIT;
			str_addf(&name, "%s.%s.txt", types[type], locales[where].word);
			capture_one(type, where, &capture);
			compare(name.p, &capture);
			str_release(&capture);
			str_release(&name);
		}
	}
	setlocale(LC_ALL, "C.UTF-8");
}

/* --- colours */

static void paint_start(const char *type, bool no_colour, const struct theme *theme, struct str *looks)
{
	struct stage stage;
	struct shown shown;
	shown_open_stage(&stage, 120, 30);
	shown_init(&shown, type, 30, 120, no_colour);
	shown_paint(&shown, &stage.frame, theme);
	add_looks(&shown, 30, 120, looks);
	shown_release(&shown);
	shown_close_stage(&stage);
}

static bool has_colour(const struct str *looks)
{
	for (const char *line = looks->p; *line; line += strcspn(line, "\n") + 1) {
		const char *words = strchr(strchr(line, ','), ' ');
		if (words && (words[1] == '#' || words[1] == 'o' || (words[1] >= '0' && words[1] <= '9')))
			return true;
		if (!strchr(line, '\n'))
			break;
	}
	return false;
}

static void no_colour_leaves_colours_out_and_the_rest_in(void **state)
{
	(void)state;
	struct str looks = STR_INIT;
	paint_start("xterm-256color", true, theme_find("default"), &looks);
	assert_false(has_colour(&looks));
	assert_non_null(strstr(looks.p, " reverse"));
	assert_non_null(strstr(looks.p, " bold"));
	str_clear(&looks);
	paint_start("xterm-256color", false, theme_find("default"), &looks);
	assert_true(has_colour(&looks));
	str_clear(&looks);
	paint_start("xterm-256color", false, theme_find("mono"), &looks);
	assert_false(has_colour(&looks));
	str_clear(&looks);
	paint_start("vt100", false, theme_find("default"), &looks);
	assert_false(has_colour(&looks));
	str_release(&looks);
}

static void a_colour_of_a_theme_is_shown_as_near_as_the_terminal_can(void **state)
{
	(void)state;
	static const char text[] = "include default\nlate = #ff8700 bold\n";
	static const struct {
		const char *type, *look;
	} rows[] = {{"xterm-256color", " 208 bold\n"}, {"xterm", " 3 bold\n"}, {"linux", " 3 bold\n"}};
	struct theme theme;
	struct problems problems;
	struct err err = ERR_INIT;
	problems_init(&problems);
	assert_int_equal(theme_parse(&theme, text, strlen(text), "t.theme", &problems, &err), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str looks = STR_INIT;
		paint_start(rows[i].type, false, &theme, &looks);
		if (!strstr(looks.p, rows[i].look))
			fail_msg("%s shows\n%s", rows[i].type, looks.p);
		str_release(&looks);
	}
	problems_release(&problems);
}

static void what_a_terminal_does_not_know_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		bool utf8, holds;
		const char *bytes;
	} rows[] = {
	        {"vt100", false, true, "\033[H\033[J\033[12;40Hplain\r\n\b\033[1m\033[m\017"},
	        {"vt100", false, false, "\033[31m"},
	        {"vt100", false, false, "\033]2;title\a"},
	        {"vt100", false, false, "\033[?2004h"},
	        {"vt100", false, false, "\303\251"},
	        {"vt100", true, true, "\303\251"},
	        {"vt100", true, false, "\302\233"},
	        {"xterm-256color", true, true, "\033[38;5;208m\033[39;49m\033[?1049h\033[22;0;0t"},
	        {"xterm", true, false, "\033[38;5;208m"},
	        {"linux", true, false, "\033[?1006h"},
	        {"xterm", false, false, "\001"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str why = STR_INIT;
		struct repertoire *repertoire = repertoire_new(rows[i].type, rows[i].utf8);
		bool holds = repertoire_holds(repertoire, rows[i].bytes, strlen(rows[i].bytes), &why);
		if (holds != rows[i].holds)
			fail_msg("row %zu, %s", i, why.p);
		repertoire_free(repertoire);
		str_release(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_a_terminal_does_not_know_is_found),
	        cmocka_unit_test(every_terminal_in_every_locale_shows_the_desk_and_is_sent_what_it_knows),
	        cmocka_unit_test(no_colour_leaves_colours_out_and_the_rest_in),
	        cmocka_unit_test(a_colour_of_a_theme_is_shown_as_near_as_the_terminal_can),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
