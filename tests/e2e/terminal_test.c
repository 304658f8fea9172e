/* The terminal is lent: it comes back as it was on every way out, takes no paste for commands, and may stop reading. */
#include "tests/e2e/e2e.h"

static void assert_restored(const struct screen *desk, const struct termios *before)
{
	struct termios after;
	screen_modes(desk, &after);
	screen_expect_that(desk, screen_modes_equal(before, &after));
	screen_expect_that(desk, !screen_alternate(desk));
	screen_expect_that(desk, screen_cursor_visible(desk));
	screen_expect_that(desk, !screen_bracketed_paste(desk));
}

/* A terminal's modes before any program ran in it. */
static void fresh_modes(struct world *world, struct termios *modes)
{
	const char *argv[] = {"/bin/true", NULL};
	struct screen *screen =
	        screen_start(&(struct screen_options){.argv = argv, .env = (const char *const *)world->env});
	assert_non_null(screen);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	screen_modes(screen, modes);
	screen_free(screen);
}

static struct screen *open_desk(struct world *world)
{
	struct screen *desk = world_desk(world, "alice");
	screen_expect_that(desk, screen_alternate(desk));
	screen_expect_that(desk, screen_bracketed_paste(desk));
	return desk;
}

static void leaving_restores_the_terminal(void **state)
{
	struct termios before;
	struct world *world = world_new(state, &(struct world_options){0});
	fresh_modes(world, &before);
	struct screen *desk = open_desk(world);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "Q");
	screen_expect_gone(desk, SAYS_DESK_KEYS);
	screen_send(desk, "Q");
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	assert_int_equal(screen_status(desk), 0);
	assert_restored(desk, &before);
	assert_true(world_courier(world) > 0);
}

static void a_signal_that_ends_the_desk_restores_the_terminal(void **state)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGINT};
	struct termios before;
	struct world *world = world_new(state, &(struct world_options){0});
	fresh_modes(world, &before);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct screen *desk = open_desk(world);
		kill(screen_pid(desk), numbers[i]);
		assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
		assert_true(WIFEXITED(screen_status(desk)));
		assert_restored(desk, &before);
		world_desk_close(world, desk);
	}
}

static void a_crash_restores_the_terminal(void **state)
{
	static const int numbers[] = {SIGSEGV, SIGABRT};
	struct termios before;
	struct world *world = world_new(state, &(struct world_options){0});
	fresh_modes(world, &before);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct screen *desk = open_desk(world);
		kill(screen_pid(desk), numbers[i]);
		assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
		assert_true(WIFSIGNALED(screen_status(desk)));
		assert_int_equal(WTERMSIG(screen_status(desk)), numbers[i]);
		assert_restored(desk, &before);
		world_desk_close(world, desk);
	}
}

static void suspending_gives_the_terminal_back_and_fg_takes_it_again(void **state)
{
	struct termios before;
	struct world *world = world_new(state, &(struct world_options){0});
	fresh_modes(world, &before);
	struct screen *desk = open_desk(world);
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_send(desk, CTRL_Z);
	assert_true(screen_wait_stopped(desk, SCREEN_PATIENCE_MS));
	assert_restored(desk, &before);
	screen_expect_that(desk, !screen_contains(desk, "fell off the ferry"));
	world_post(world, "plover", "@acme meanwhile", NULL, NULL);
	kill(screen_pid(desk), SIGCONT);
	screen_expect(desk, "fell off the ferry");
	screen_expect(desk, "meanwhile");
	screen_expect_that(desk, screen_alternate(desk));
	screen_expect_that(desk, screen_bracketed_paste(desk));
}

/* --- what is typed */

static void a_paste_without_brackets_is_not_taken_for_commands(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "dear customer, we are DDDD sorry");
	screen_expect(desk, "looks like text; `r` replies");
	world_expect_case(world, kase, "status", "new");
	world_expect_case(world, kase, "assignee", "null");
}

static void an_input_method_left_on_runs_no_commands(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "dたd");
	screen_expect(desk, "looks like text; `r` replies");
	world_expect_case(world, kase, "status", "new");
}

/* Each letter in a read of its own, as a person types: what the team cannot take back takes the same key twice. */
static void caps_lock_says_nothing_in_public(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	screen_expect(desk, SAYS_DESK_KEYS);
	for (const char *p = "LXMWL"; *p; p++) {
		screen_send(desk, (char[2]){*p, '\0'});
		screen_pump(desk, 20);
	}
	screen_expect(desk, "L again");
	screen_send(desk, CTRL_C);
	screen_expect(desk, SAYS_DESK_KEYS);
	world_expect_case(world, kase, "status", "new");
	screen_expect_that(desk, !screen_contains(desk, SAYS_SEND_BAR));
	world_expect_sent(world, "", 0);
}

static void a_bracketed_paste_is_text_in_the_composer_and_nothing_outside(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "\033[200~dd\033[201~");
	screen_expect(desk, "looks like text");
	world_expect_case(world, kase, "status", "new");
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "\033[200~first line\rsecond \030 line\033[201~");
	screen_expect(desk, "first line");
	screen_expect(desk, "second");
	screen_expect_that(desk, !screen_contains(desk, SAYS_SEND_BAR));
	screen_expect_that(desk, screen_row_of(desk, "second") == screen_row_of(desk, "first line") + 1);
}

static void an_arrow_key_that_comes_in_pieces_is_still_an_arrow(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme one", (char[32]){0}, NULL);
	mention(world, desk, "plover", "@acme two", (char[32]){0}, NULL);
	screen_expect(desk, "swift  @swift@ferry.example");
	static const char *const pieces[] = {"\033", "[", "B", "\033O", "A", "\033[", "B"};
	static const char *const shows[] = {
	        NULL, NULL, "plover  @plover", NULL, "swift  @swift", NULL, "plover  @plover"};
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		screen_send(desk, pieces[i]);
		screen_pump(desk, 20);
		if (shows[i])
			screen_expect(desk, shows[i]);
	}
	/* An Esc that the line delayed: what belongs to it comes after the wait for it has ended. */
	screen_send(desk, "\033");
	screen_pump(desk, 20);
	world_advance(world, 60);
	screen_send(desk, "[A");
	screen_expect(desk, "swift  @swift");
	screen_expect_that(desk, !screen_contains(desk, SAYS_COMPOSER));
}

/* --- a terminal that does not read */

static void a_terminal_that_stops_reading_stops_nothing_else(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	char text[64];
	for (int i = 0; i < 400; i++) {
		snprintf(text, sizeof text, "@acme nobody reads number %d.", i);
		world_post(world, "swift", text, NULL, NULL);
		/* Each redraw is a whole screen: soon the terminal takes no more. */
		screen_send(desk, "\014");
		world_advance(world, 100);
	}
	struct run_result result;
	uint64_t before = screen_bytes(desk);
	do
		world_run(world, &result, "show", "1", "--json", NULL);
	while (!strstr(result.out.p, "number 399.") && (run_result_release(&result), true));
	run_result_release(&result);
	assert_true(screen_bytes(desk) == before);
	screen_send(desk, "l");
	screen_expect(desk, "number 399.");
	screen_expect(desk, "● acme");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(leaving_restores_the_terminal),
	        E2E(a_signal_that_ends_the_desk_restores_the_terminal),
	        E2E(a_crash_restores_the_terminal),
	        E2E(suspending_gives_the_terminal_back_and_fg_takes_it_again),
	        E2E(a_paste_without_brackets_is_not_taken_for_commands),
	        E2E(an_input_method_left_on_runs_no_commands),
	        E2E(caps_lock_says_nothing_in_public),
	        E2E(a_bracketed_paste_is_text_in_the_composer_and_nothing_outside),
	        E2E(an_arrow_key_that_comes_in_pieces_is_still_an_arrow),
	        E2E(a_terminal_that_stops_reading_stops_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
