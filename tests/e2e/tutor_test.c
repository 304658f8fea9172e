/* `curlew tutor`, all its lessons, by keys; and that nothing of the real desk is touched meanwhile. */
#include "tests/e2e/e2e.h"

#include "core/base/mem.h"
#include "core/base/paths.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A tutor in a terminal; its temporary directory lies in TMPDIR, which is "tmp" of the world. */
static struct screen *tutor(struct world *world, const char *option)
{
	char *program = world_program("curlew");
	char *tmp = path_join(world->dir, "tmp");
	struct str tmpdir = STR_INIT;
	const char *env[sizeof world->env / sizeof *world->env + 1];
	const char *argv[] = {program, "tutor", option, NULL};
	size_t n = 0;
	mkdir(tmp, 0700);
	str_addf(&tmpdir, "TMPDIR=%s", tmp);
	for (; world->env[n]; n++)
		env[n] = world->env[n];
	env[n++] = tmpdir.p;
	env[n] = NULL;
	struct screen *screen = screen_start(&(struct screen_options){.argv = argv, .env = env});
	assert_non_null(screen);
	str_release(&tmpdir);
	free(tmp);
	free(program);
	return screen;
}

static bool holds_text(struct world *world, const char *name, const char *text)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(world->dir, name);
	bool found = file_read(path, &bytes, &err) == 0 && strstr(bytes.p, text);
	str_release(&bytes);
	free(path);
	return found;
}

static bool is_empty_dir(struct world *world, const char *name)
{
	char *path = path_join(world->dir, name);
	DIR *dir = opendir(path);
	int entries = 0;
	assert_non_null(dir);
	while (readdir(dir))
		entries++;
	closedir(dir);
	free(path);
	return entries == 2;
}

/* A second at a time, as it passes: what is due comes, and then what hangs on it. */
static void let_pass(struct world *world, struct screen *screen, int seconds, const char *until)
{
	for (int i = 0; i < seconds && !screen_contains(screen, until); i++) {
		world_advance(world, 1000);
		screen_wait(screen, until, 500);
	}
	screen_expect(screen, until);
}

/* Presses, and waits for what the lesson says next. */
static void step(struct world *world, struct screen *screen, const char *keys, const char *then)
{
	screen_send(screen, keys);
	screen_pump(screen, 50);
	let_pass(world, screen, 20, then);
}

static void write_slowly(struct screen *screen, const char *text)
{
	char one[2] = "";
	for (const char *p = text; *p; p++) {
		one[0] = *p;
		screen_send(screen, one);
		screen_pump(screen, 5);
	}
}

/* The send bar takes no key before it can have been read, and when it was painted is the program's to say. */
static void insist(struct world *world, struct screen *screen, const char *key, const char *then)
{
	for (int i = 0; i < 10 && !screen_contains(screen, then); i++) {
		world_advance(world, 1000);
		screen_pump(screen, 20);
		screen_send(screen, key);
		screen_wait(screen, then, 1000);
	}
	screen_expect(screen, then);
}

static void one_key_after_the_other(struct world *world, struct screen *screen, const char *keys, const char *then)
{
	write_slowly(screen, keys);
	step(world, screen, "", then);
}

static void first_lessons(struct world *world, struct screen *screen)
{
	screen_expect(screen, "lesson 1 of 8");
	screen_expect(screen, "PRACTICE");
	one_key_after_the_other(world, screen, "jj", "The conversation stands");
	step(world, screen, ENTER, "goes back to the inbox. It never");
	step(world, screen, CTRL_C, "lesson 2 of 8");
	step(world, screen, " ", "lesson 3 of 8");
}

static void answering(struct world *world, struct screen *screen)
{
	one_key_after_the_other(world, screen, "gg", "Ida");
	step(world, screen, ENTER, "step through the posts");
	step(world, screen, "[", "Go back to the inbox");
	step(world, screen, CTRL_C, "lesson 4 of 8");
	step(world, screen, "r", "Write a sentence");
	one_key_after_the_other(world, screen, "Ida, we look for your parcel now.", "does not send yet");
	step(world, screen, CTRL_X, "then Enter confirms");
	insist(world, screen, ENTER, "The seconds run");
	step(world, screen, CTRL_G, "Your text is a draft again");
	step(world, screen, "r", "we look for your parcel now.");
	step(world, screen, CTRL_X, "Enter sends");
	insist(world, screen, ENTER, "held ");
	let_pass(world, screen, 40, "Now and then a customer answers");
	let_pass(world, screen, 20, "lesson 5 of 8");
}

static void the_rest(struct world *world, struct screen *screen)
{
	step(world, screen, "t", "tag");
	one_key_after_the_other(world, screen, "parcel\r", "which only the team sees");
	step(world, screen, "i", "note");
	one_key_after_the_other(world, screen, "Asked the carrier" CTRL_X, "hands the case over");
	step(world, screen, "e", "billing");
	one_key_after_the_other(world, screen, "bill\r", "why");
	one_key_after_the_other(world, screen, "two parcels on one invoice\r", "lesson 6 of 8");
	step(world, screen, "d", "takes back what you did last");
	step(world, screen, "u", "lesson 7 of 8");
	one_key_after_the_other(world, screen, "/parcel\r", "narrows the view");
	one_key_after_the_other(world, screen, "\\is:praise\r", "Esc shows all again.");
	step(world, screen, CTRL_C, "Open another one");
	step(world, screen, "2", "lesson 8 of 8");
	step(world, screen, "?", "leaves it");
	step(world, screen, CTRL_C, "all lessons are done");
}

static void leave(struct screen *screen)
{
	int tries = 0;
	/* Whoever still holds a case is asked once more. */
	do
		screen_send(screen, "Q");
	while (++tries < 5 && !screen_wait_end(screen, 2000));
	screen_expect_that(screen, screen_wait_end(screen, SCREEN_PATIENCE_MS));
	assert_true(WIFEXITED(screen_status(screen)) && WEXITSTATUS(screen_status(screen)) == 0);
	screen_free(screen);
}

static void all_lessons_can_be_done_and_it_is_kept_that_they_are(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *screen = tutor(world, NULL);
	first_lessons(world, screen);
	answering(world, screen);
	the_rest(world, screen);
	leave(screen);
	assert_true(holds_text(world, "state/curlew/tutor.json", "\"done\":true"));
	assert_true(is_empty_dir(world, "tmp"));
	screen = tutor(world, NULL);
	screen_expect(screen, "all lessons are done");
	leave(screen);
	screen = tutor(world, "--again");
	screen_expect(screen, "lesson 1 of 8");
	leave(screen);
}

static void it_goes_on_where_one_left(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *screen = tutor(world, NULL);
	first_lessons(world, screen);
	screen_hang_up(screen);
	assert_true(screen_wait_end(screen, SCREEN_PATIENCE_MS));
	screen_free(screen);
	screen = tutor(world, NULL);
	screen_expect(screen, "lesson 3 of 8");
	leave(screen);
}

static void the_real_desk_is_not_touched(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *screen = tutor(world, NULL);
	first_lessons(world, screen);
	leave(screen);
	assert_false(path_exists(world->store));
	assert_int_equal(world_courier(world), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(all_lessons_can_be_done_and_it_is_kept_that_they_are, world_teardown),
	        cmocka_unit_test_teardown(it_goes_on_where_one_left, world_teardown),
	        cmocka_unit_test_teardown(the_real_desk_is_not_touched, world_teardown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
