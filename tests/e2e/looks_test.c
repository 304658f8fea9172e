/* The desk on terminals of several kinds: each is sent what it knows. The title, the mouse, key files and themes, from
 * the configuration to the screen. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"
#include "tests/lib/repertoire.h"

#include <stdio.h>

/* --- what is sent */

#define MODES "\033[?2004h", "\033[?2004l"
#define TITLE "\033[22;2t", "\033[23;2t", "\033]2;%s\a"

static const struct kind {
	const char *type;
	const char *extras[8]; /* beyond terminfo */
} kinds[] = {
        {"vt100", {NULL}},
        {"linux", {NULL}},
        {"xterm", {MODES, TITLE, "\033]9;%s\a"}},
        {"xterm-256color", {MODES, TITLE, "\033]9;%s\a"}},
        {"tmux-256color", {MODES, TITLE, "\033Ptmux;\033\033]9;%s\a\033\\"}},
        {"screen-256color", {MODES, "\033P\033[22;2t\033\\", "\033P\033[23;2t\033\\", "\033P\033]2;%s\a\033\\",
                                    "\033P\033]9;%s\a\033\\"}},
};

static void assert_known(const struct kind *kind, const struct str *bytes)
{
	struct str why = STR_INIT;
	struct repertoire *repertoire = repertoire_new(kind->type, true);
	assert_non_null(repertoire);
	for (int i = 0; i < 8 && kind->extras[i]; i++)
		repertoire_allow(repertoire, kind->extras[i]);
	if (!repertoire_holds(repertoire, bytes->p, bytes->len, &why))
		fail_msg("%s is sent %s", kind->type, why.p);
	repertoire_free(repertoire);
	str_release(&why);
}

static void leave(struct screen *desk)
{
	/* It may ask once more; on a terminal without an alternate screen what it showed last stays. */
	screen_send(desk, "Q");
	if (!screen_wait_end(desk, 1000))
		screen_send(desk, "Q");
	screen_expect_that(desk, screen_wait_end(desk, SCREEN_PATIENCE_MS));
	screen_expect_that(desk, WIFEXITED(screen_status(desk)) && !WEXITSTATUS(screen_status(desk)));
}

/* A shift in small: a mention, a bell, a reply begun and left, a resize, to the shell and back, and out. */
static void work(void **state, const struct kind *kind)
{
	struct str bytes = STR_INIT;
	struct world *world = world_new(state, &(struct world_options){.term = kind->type});
	struct screen *desk = world_desk_start(world, "alice", 24, 80, NULL);
	screen_record(desk, &bytes);
	screen_expect(desk, SAYS_LIVE);
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "Sorry! ");
	screen_expect(desk, "Sorry!");
	screen_send(desk, CTRL_C);
	screen_expect(desk, "draft kept");
	world_advance(world, 6000);
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_resize(desk, 30, 100);
	screen_expect(desk, "fell off the ferry");
	screen_send(desk, CTRL_Z);
	assert_true(screen_wait_stopped(desk, SCREEN_PATIENCE_MS));
	kill(screen_pid(desk), SIGCONT);
	screen_expect(desk, SAYS_DESK_KEYS);
	world_advance(world, (int64_t)30 * 60 * 1000); /* the case is late: the bell, a notification */
	screen_expect(desk, "1 late");
	screen_expect(desk, SAYS_DESK_KEYS);
	leave(desk);
	assert_known(kind, &bytes);
	screen_record(desk, NULL);
	str_release(&bytes);
	world_teardown(state);
}

static void every_terminal_is_sent_only_what_it_knows(void **state)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		work(state, &kinds[i]);
}

static void the_title_tells_the_queue_and_the_one_before_comes_back(void **state)
{
	struct str bytes = STR_INIT;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk_start(world, "alice", 24, 80, NULL);
	screen_record(desk, &bytes);
	screen_expect(desk, SAYS_LIVE);
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, "1 waiting");
	screen_expect(desk, SAYS_DESK_KEYS);
	leave(desk);
	const char *save = strstr(bytes.p, "\033[22;2t"),
	           *shown = strstr(bytes.p, "\033]2;curlew: 0 late, 1 waiting\a");
	assert_non_null(save);
	assert_non_null(shown);
	assert_true(save < shown);
	assert_null(strstr(save + 1, "\033[22;2t"));
	assert_non_null(strstr(shown, "\033[23;2t"));
	screen_record(desk, NULL);
	str_release(&bytes);
}

/* --- the mouse */

/* A click that comes while a frame is under way goes by, as it was meant for the one before. */
static void click_until(struct screen *desk, int row, int col, screen_condition *condition)
{
	char report[64];
	snprintf(report, sizeof report, "\033[<0;%d;%dM\033[<0;%d;%dm", col + 1, row + 1, col + 1, row + 1);
	for (int i = 0; i < 20; i++) {
		screen_send(desk, report);
		if (screen_wait_until(desk, condition, desk, 500))
			return;
	}
	screen_expect_that(desk, condition(desk));
}

static bool plover_is_selected(void *arg)
{
	return screen_contains(arg, "plover  @plover@ferry.example");
}

static bool cursor_is_in_the_conversation(void *arg)
{
	int row, col;
	screen_cursor(arg, &row, &col);
	return col > 60;
}

static void the_mouse_is_off_unless_it_is_wanted(void **state)
{
	struct str bytes = STR_INIT;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk_start(world, "alice", 24, 80, NULL);
	screen_record(desk, &bytes);
	screen_expect(desk, SAYS_LIVE);
	assert_null(strstr(bytes.p, "\033[?1000h"));
	screen_record(desk, NULL);
	str_release(&bytes);
}

static void a_wanted_mouse_selects_and_opens_and_is_given_back(void **state)
{
	struct str bytes = STR_INIT;
	struct world *world = world_new(state, &(struct world_options){.desk = "mouse = on\n"});
	struct screen *desk = world_desk_start(world, "alice", 30, 120, NULL);
	screen_record(desk, &bytes);
	screen_expect(desk, SAYS_LIVE);
	mention(world, desk, "swift", "@acme one", (char[32]){0}, NULL);
	mention(world, desk, "plover", "@acme two", (char[32]){0}, NULL);
	screen_expect(desk, "swift  @swift@ferry.example");
	screen_expect(desk, SAYS_DESK_KEYS);
	int row = screen_row_of(desk, "@plover");
	click_until(desk, row, 20, plover_is_selected);
	screen_expect(desk, SAYS_DESK_KEYS);
	click_until(desk, row, 20, cursor_is_in_the_conversation);
	leave(desk);
	const char *on = strstr(bytes.p, "\033[?1000h\033[?1006h");
	assert_non_null(on);
	assert_non_null(strstr(on, "\033[?1006l\033[?1000l"));
	screen_record(desk, NULL);
	str_release(&bytes);
}

/* --- key files and themes */

static void emacs_keys_work_with_esc_and_with_alt(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk_start(world, "alice", 30, 120, (const char *const[]){"-k", "emacs", NULL});
	screen_expect(desk, SAYS_LIVE);
	mention(world, desk, "swift", "@acme one", (char[32]){0}, NULL);
	mention(world, desk, "plover", "@acme two", (char[32]){0}, NULL);
	screen_expect(desk, "swift  @swift@ferry.example");
	screen_send(desk, "\016");
	screen_expect(desk, "plover  @plover@ferry.example");
	screen_send(desk, "\033x");
	screen_expect_gone(desk, "Space next");
	screen_send(desk, "top" ENTER);
	screen_expect(desk, "swift  @swift@ferry.example");
	screen_send(desk, ESC);
	world_advance(world, 60);
	screen_send(desk, ">");
	screen_expect(desk, "plover  @plover@ferry.example");
}

static void put_file(struct world *world, const char *folder, const char *name, const char *text)
{
	struct err err = ERR_INIT;
	char *dir = path_join(world->dir, folder), *path = path_join(dir, name);
	if (path_make_dirs(dir, 0700, &err) || file_write_atomic(path, text, strlen(text), 0600, &err))
		fail_msg("%s", err.text);
	free(dir);
	free(path);
}

/* A line of `curlew check` must hold both, and the exit status be this. */
static void expect_line(struct world *world, int status, const char *begins, const char *holds)
{
	struct run_result r;
	world_run(world, &r, "check", NULL);
	for (const char *line = r.out.p; *line; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		char one[1024];
		snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
		if (str_starts(one, begins) && strstr(one, holds)) {
			assert_int_equal(r.status, status);
			run_result_release(&r);
			return;
		}
	}
	fail_msg("no line \"%s… %s\" in\n%s", begins, holds, r.out.p);
}

static void a_check_finds_conflicts_and_unreachable_keys_by_file_and_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.desk = "keymap = mine\n"});
	put_file(world, "keymaps", "mine.keys",
	        "include gmail\nbind desk ZZ quit\nbind desk b snooze\nbind desk ZZ done\nunbind thread gz\n"
	        "bind composer y send\n");
	expect_line(world, 0, "warning  keys",
	        "keymaps/mine.keys:4: warning: found ZZ in mode inbox again (first in line 2");
	expect_line(world, 0, "warning  keys", "found b1 in mode inbox, which cannot be reached: b is bound to snooze");
	expect_line(world, 0, "warning  keys",
	        "keymaps/mine.keys:6: warning: found y in mode composer, which cannot be reached: characters are text "
	        "there");
	expect_line(world, 0, "ok       keys", "mine: ");
	put_file(world, "keymaps", "mine.keys", "include default\nbind desk ^X sendd\n\nbind inbx j down\n");
	expect_line(world, 1, "error    keys",
	        "keymaps/mine.keys:2: found \"sendd\", expected a command; did you mean send?");
	expect_line(world, 1, "error    keys", "keymaps/mine.keys:4: found the mode \"inbx\"");
}

static void a_check_tells_the_theme_and_what_is_wrong_with_it(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.desk = "theme = mine\n"});
	expect_line(
	        world, 1, "error    theme", "found no theme mine, expected default, mono, high-contrast or the file");
	put_file(world, "themes", "mine.theme", "include default\nlate = reddish\n");
	expect_line(world, 1, "error    theme", "themes/mine.theme:2: found \"reddish\", expected [COLOUR]");
	put_file(world, "themes", "mine.theme", "include default\nlate = #ff0000 bold\n");
	expect_line(world, 0, "ok       theme", "mine: ");
}

static void a_theme_of_ones_own_is_what_the_desk_looks_like(void **state)
{
	struct str bytes = STR_INIT;
	struct world *world = world_new(state, &(struct world_options){.desk = "theme = mine\n"});
	put_file(world, "themes", "mine.theme", "include mono\ngood = 208\n");
	struct screen *desk = world_desk_start(world, "alice", 24, 80, NULL);
	screen_record(desk, &bytes);
	screen_expect(desk, SAYS_LIVE);
	assert_non_null(strstr(bytes.p, "\033[38;5;208m"));
	screen_record(desk, NULL);
	str_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(every_terminal_is_sent_only_what_it_knows),
	        E2E(the_title_tells_the_queue_and_the_one_before_comes_back),
	        E2E(the_mouse_is_off_unless_it_is_wanted),
	        E2E(a_wanted_mouse_selects_and_opens_and_is_given_back),
	        E2E(emacs_keys_work_with_esc_and_with_alt),
	        E2E(a_check_finds_conflicts_and_unreachable_keys_by_file_and_line),
	        E2E(a_check_tells_the_theme_and_what_is_wrong_with_it),
	        E2E(a_theme_of_ones_own_is_what_the_desk_looks_like),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
