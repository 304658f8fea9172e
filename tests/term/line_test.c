/* What the desk costs the line, in bytes: a move in the list, a typed character, a screen. Limits, not measurements:
 * they are the same on every machine, and what passes them is a mistake. The terminal shows each frame as it was drawn.
 */
#include "tests/term/shown.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char *const types[] = {"linux", "vt100", "xterm", "xterm-256color", "tmux-256color", "screen-256color"};
enum { TYPES = sizeof types / sizeof *types };

enum {
	MOVE_MOST = 35,     /* the mark of the selected row goes to the next one, and the cursor with it */
	CHARACTER_MOST = 4, /* UTF-8 of one, the cursor being there; the first ends what was reversed */
	COUNT_MOST = 45,    /* the number in the composer's frame */
	MINUTE_MOST = 160,  /* the clock of the top line, and of each row in sight */
	FIRST_MOST = 2200   /* 80x24 with the golden tests' cast */
};

/* The cast has spoken at full minutes: a second later each row's clock has ticked, and none does for the next fifty. */
static void open_on(struct stage *stage, struct shown *shown, const char *type, int cols, int rows)
{
	shown_open_stage(stage, cols, rows);
	stage_wait(stage, 1000);
	shown_init(shown, type, rows, cols, false);
	shown_paint(shown, &stage->frame, theme_find("default"));
}

static void close_both(struct stage *stage, struct shown *shown)
{
	shown_release(shown);
	shown_close_stage(stage);
}

static size_t press(struct stage *stage, struct shown *shown, const char *key)
{
	shown_keys(stage, key);
	size_t bytes = shown_paint(shown, &stage->frame, theme_find("default"));
	shown_expect_frame(shown, &stage->frame);
	return bytes;
}

static void expect_at_most(size_t bytes, size_t most, const char *type, const char *what)
{
	if (bytes > most)
		fail_msg("%s on %s takes %zu bytes, more than %zu", what, type, bytes, most);
}

/* Below sixty columns the list stands alone. */
static void a_move_in_the_list_alone_costs_a_mark_and_a_cursor(void **state)
{
	(void)state;
	for (int i = 0; i < TYPES; i++) {
		struct stage stage;
		struct shown shown;
		open_on(&stage, &shown, types[i], 58, 40);
		for (const char *key = "jjjjjkkkjj"; *key; key++)
			expect_at_most(press(&stage, &shown, (char[2]){*key, '\0'}), MOVE_MOST, types[i], "a move");
		close_both(&stage, &shown);
	}
}

static void a_typed_character_costs_itself(void **state)
{
	(void)state;
	static const char text[] = "Wir sehen nach, Dana.";
	for (int i = 0; i < TYPES; i++) {
		struct stage stage;
		struct shown shown;
		open_on(&stage, &shown, types[i], 80, 24);
		press(&stage, &shown, "r");
		for (const char *p = text; *p; p++) {
			char key[8] = {*p, '\0'};
			size_t bytes = press(&stage, &shown, *p == ' ' ? "<Space>" : key);
			bool counted =
			        (p - text) % 20 == 18; /* never further behind; with the blank before, the 20th */
			expect_at_most(bytes, CHARACTER_MOST + (counted ? COUNT_MOST : 0), types[i], "a character");
		}
		close_both(&stage, &shown);
	}
}

static void the_number_in_the_frame_follows_at_rest(void **state)
{
	(void)state;
	struct stage stage;
	struct shown shown;
	open_on(&stage, &shown, "xterm-256color", 80, 24);
	press(&stage, &shown, "r");
	press(&stage, &shown, "W"); /* … which claims the case */
	stage_wait(&stage, 1000);
	shown_paint(&shown, &stage.frame, theme_find("default"));
	press(&stage, &shown, "e");
	stage_wait(&stage, 1000);
	size_t bytes = shown_paint(&shown, &stage.frame, theme_find("default"));
	assert_true(bytes > 0);
	expect_at_most(bytes, COUNT_MOST, "xterm-256color", "the number");
	shown_expect_frame(&shown, &stage.frame);
	close_both(&stage, &shown);
}

static void a_frame_that_did_not_change_costs_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < TYPES; i++) {
		struct stage stage;
		struct shown shown;
		open_on(&stage, &shown, types[i], 120, 40);
		assert_int_equal(shown_paint(&shown, &stage.frame, theme_find("default")), 0);
		stage_wait(&stage, 20000);
		assert_int_equal(shown_paint(&shown, &stage.frame, theme_find("default")), 0);
		close_both(&stage, &shown);
	}
}

static void a_minute_costs_what_it_changes(void **state)
{
	(void)state;
	struct stage stage;
	struct shown shown;
	open_on(&stage, &shown, "xterm-256color", 80, 24);
	stage_wait(&stage, 60000);
	size_t bytes = shown_paint(&shown, &stage.frame, theme_find("default"));
	assert_true(bytes > 0);
	expect_at_most(bytes, MINUTE_MOST, "xterm-256color", "a minute");
	shown_expect_frame(&shown, &stage.frame);
	close_both(&stage, &shown);
}

static void a_whole_screen_costs_little_more_than_its_text(void **state)
{
	(void)state;
	for (int i = 0; i < TYPES; i++) {
		struct stage stage;
		struct shown shown;
		open_on(&stage, &shown, types[i], 80, 24);
		expect_at_most(shown.bytes.len, FIRST_MOST, types[i], "the first screen");
		close_both(&stage, &shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_move_in_the_list_alone_costs_a_mark_and_a_cursor),
	        cmocka_unit_test(a_typed_character_costs_itself),
	        cmocka_unit_test(the_number_in_the_frame_follows_at_rest),
	        cmocka_unit_test(a_frame_that_did_not_change_costs_nothing),
	        cmocka_unit_test(a_minute_costs_what_it_changes),
	        cmocka_unit_test(a_whole_screen_costs_little_more_than_its_text),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
