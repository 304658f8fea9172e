#include "tests/lib/pty_screen.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

static const char *const environment[] = {"TERM=xterm-256color", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", NULL};

static struct screen *run_shell(void **state, const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct screen *screen =
	        screen_start(&(struct screen_options){.argv = argv, .env = environment, .rows = 10, .cols = 40});
	assert_non_null(screen);
	*state = screen;
	return screen;
}

static int teardown(void **state)
{
	screen_free(*state);
	return 0;
}

static void what_a_program_draws_is_seen_where_it_stands(void **state)
{
	struct screen *screen = run_shell(state, "tput cup 3 5; printf 'h\303\251llo \346\274\242x'; read x");
	screen_expect(screen, "x");
	assert_int_equal(screen_row_of(screen, "h\303\251llo"), 3);
	char *row = screen_row_text(screen, 3);
	assert_string_equal(row, "     h\303\251llo \346\274\242x");
	free(row);
	int at_row, at_col;
	screen_cursor(screen, &at_row, &at_col);
	assert_int_equal(at_row, 3);
	assert_int_equal(at_col, 14);
	assert_true(screen_bytes(screen) > 0);
}

static void keys_reach_the_program_and_its_end_is_told(void **state)
{
	struct screen *screen = run_shell(state, "read word; echo \"got $word\"; exit 7");
	screen_send(screen, "swift\n");
	screen_expect(screen, "got swift");
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_int_equal(WEXITSTATUS(screen_status(screen)), 7);
}

static void the_alternate_screen_the_cursor_and_bracketed_paste_are_known(void **state)
{
	struct screen *screen = run_shell(state,
	        "printf 'shell'; tput smcup; tput civis; printf '\\033[?2004h\\033[2JON'; read x;"
	        "printf '\\033[?20'; read x; printf '04l'; tput rmcup; tput cnorm; printf OFF; read x");
	screen_expect(screen, "ON");
	assert_true(screen_alternate(screen));
	assert_false(screen_cursor_visible(screen));
	assert_true(screen_bracketed_paste(screen));
	screen_send(screen, "\n\n");
	screen_expect(screen, "OFF");
	assert_false(screen_alternate(screen));
	assert_true(screen_cursor_visible(screen));
	assert_false(screen_bracketed_paste(screen));
	screen_expect_that(screen, screen_contains(screen, "shell"));
}

static void a_new_size_reaches_the_program(void **state)
{
	struct screen *screen = run_shell(state, "trap 'stty size' WINCH; echo up; while :; do read x; done");
	screen_expect(screen, "up");
	screen_resize(screen, 12, 50);
	screen_send(screen, "\n");
	screen_expect(screen, "12 50");
}

static void a_program_stops_and_goes_on_as_a_job_of_a_shell(void **state)
{
	struct screen *screen = run_shell(state, "stty -echo; kill -TSTP $$; echo back; read x");
	assert_true(screen_wait_stopped(screen, SCREEN_PATIENCE_MS));
	struct termios modes;
	screen_modes(screen, &modes);
	assert_false(modes.c_lflag & ECHO);
	kill(screen_pid(screen), SIGCONT);
	screen_expect(screen, "back");
}

static void a_lost_connection_hangs_the_program_up(void **state)
{
	struct screen *screen = run_shell(state, "echo here; exec cat");
	screen_expect(screen, "here");
	screen_hang_up(screen);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
}

/* Its end and the hangup come at the same time, in either order. */
static void a_program_that_ends_with_its_connection_is_heard_of_each_time(void **state)
{
	for (int i = 0; i < 50; i++) {
		a_lost_connection_hangs_the_program_up(state);
		screen_free(*state);
		*state = NULL;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(what_a_program_draws_is_seen_where_it_stands, teardown),
	        cmocka_unit_test_teardown(keys_reach_the_program_and_its_end_is_told, teardown),
	        cmocka_unit_test_teardown(the_alternate_screen_the_cursor_and_bracketed_paste_are_known, teardown),
	        cmocka_unit_test_teardown(a_new_size_reaches_the_program, teardown),
	        cmocka_unit_test_teardown(a_program_stops_and_goes_on_as_a_job_of_a_shell, teardown),
	        cmocka_unit_test_teardown(a_lost_connection_hangs_the_program_up, teardown),
	        cmocka_unit_test_teardown(a_program_that_ends_with_its_connection_is_heard_of_each_time, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
