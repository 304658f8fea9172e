/* `curlew --record` and `curlew --replay`, on the real programs. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"

#include <sys/stat.h>
#include <sys/wait.h>

static const char customer_says[] = "@acme Whereabouts unknown: my zeppelin tickets";

/* A desk that is recorded: it sees a post, writes and leaves. */
static void record(struct world *world, const char *file, const char *plain)
{
	const char *args[] = {"--record", file, plain, NULL};
	world_post(world, "plover", customer_says, NULL, NULL);
	struct screen *desk = world_desk_start(world, "alice", 30, 120, args);
	screen_expect(desk, "zeppelin");
	screen_send(desk, "r");
	screen_expect(desk, "keep draft");
	screen_send(desk, "quagmire");
	screen_expect(desk, "quagmire");
	screen_send(desk, CTRL_C);
	screen_expect_gone(desk, "keep draft");
	screen_send(desk, "?");
	screen_expect(desk, "previous row, or one line up");
	world_desk_close(world, desk);
}

static char *file_in(struct world *world)
{
	return path_join(world->dir, "bug.jsonl");
}

static void read_all(const char *path, struct str *out)
{
	struct err err = ERR_INIT;
	assert_int_equal(file_read(path, out, &err), 0);
}

static void a_plain_recording_shows_the_same_screens_again(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	char *file = file_in(world);
	struct run_result result;
	record(world, file, "--record-plain");
	world_run(world, &result, "--replay", file, "--frames", "all", NULL);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out.p, "zeppelin"));
	assert_non_null(strstr(result.out.p, "quagmire"));
	assert_non_null(strstr(result.out.p, "--- frame 2, "));
	assert_string_equal(result.err.p, "");
	run_result_release(&result);
	world_run(world, &result, "--replay", file, NULL);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out.p, "previous row, or one line up"));
	run_result_release(&result);
	free(file);
}

static void a_recording_holds_nothing_that_was_written(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	char *file = file_in(world);
	struct run_result result;
	struct stat facts;
	struct str text = STR_INIT;
	record(world, file, NULL);
	read_all(file, &text);
	assert_null(strstr(text.p, "zeppelin"));
	assert_null(strstr(text.p, "quagmire"));
	assert_null(strstr(text.p, "alice"));
	assert_null(strstr(text.p, "plover"));
	assert_non_null(strstr(text.p, "Xxxxxxxxxxx xxxxxxx: xx xxxxxxxx xxxxxxx"));
	assert_int_equal(stat(file, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
	world_run(world, &result, "--replay", file, "--frames", "changes", NULL);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out.p, "xxxxxxxx"));
	run_result_release(&result);
	str_release(&text);
	free(file);
}

static void what_cannot_be_recorded_or_shown_says_so(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct run_result result;
	world_run(world, &result, "--replay", world->config, NULL);
	assert_int_equal(result.status, 65);
	assert_non_null(strstr(result.err.p, "no recording"));
	run_result_release(&result);
	world_run(world, &result, "--record", "/dev/null", NULL);
	assert_int_equal(result.status, 64);
	run_result_release(&result);
	world_run(world, &result, "--record-plain", NULL);
	assert_int_equal(result.status, 64);
	run_result_release(&result);
	world_run(world, &result, "--replay", world->config, "--frames", "some", NULL);
	assert_int_equal(result.status, 64);
	run_result_release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(a_plain_recording_shows_the_same_screens_again, world_teardown),
	        cmocka_unit_test_teardown(a_recording_holds_nothing_that_was_written, world_teardown),
	        cmocka_unit_test_teardown(what_cannot_be_recorded_or_shown_says_so, world_teardown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
