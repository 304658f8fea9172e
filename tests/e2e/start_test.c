/* The first screen waits for nobody; and what a desk cannot start with: each has its sentence, its exit status, and a
 * terminal that is left as it was. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 64, EXIT_NOT_FOUND = 66, EXIT_NO_PERMISSION = 77, EXIT_CONFIG = 78 };

static void write_beside_config(struct world *world, const char *name, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;
	char *path = path_join(world->dir, name);
	char *dir = path_dirname(path);
	path_make_dirs(dir, 0700, &err);
	assert_int_equal(file_write_atomic(path, text, strlen(text), mode, &err), 0);
	free(dir);
	free(path);
}

/* The desk ends with this status, says this, and has not touched the terminal. */
static void expect_refused(struct world *world, const char *const *args, int status, const char *words)
{
	struct screen *desk = world_desk_start(world, "alice", 0, 0, args);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	screen_expect(desk, words);
	screen_expect_that(desk, WIFEXITED(screen_status(desk)));
	screen_expect_that(desk, WEXITSTATUS(screen_status(desk)) == status);
	screen_expect_that(desk, !screen_alternate(desk));
	screen_expect_that(desk, !screen_bracketed_paste(desk));
}

static void expect_command(struct run_result *result, int status, const char *words)
{
	if (result->status != status || !strstr(result->err.p, words))
		fail_msg("status %d, said: %s", result->status, result->err.p);
	run_result_release(result);
}

static void without_a_terminal_the_desk_names_the_commands_for_scripts(void **state)
{
	struct run_result result;
	struct world *world = world_new(state, &(struct world_options){0});
	world_run(world, &result, NULL);
	expect_command(&result, EXIT_USAGE, "the desk needs a terminal on its input and output");
}

static void an_unknown_terminal_is_named(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.term = "teletype-9000"});
	expect_refused(world, NULL, EXIT_USAGE, "TERM is teletype-9000");
}

static void a_terminal_that_cannot_move_its_cursor_is_refused(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.term = "dumb"});
	expect_refused(world, NULL, EXIT_USAGE, "TERM is dumb");
}

static void a_wrong_setting_is_told_with_file_and_line(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.desk = "undo_windw = 5s"});
	expect_refused(world, NULL, EXIT_CONFIG, "curlew.conf:5:");
}

static void a_wrong_key_file_is_told_with_file_and_line(void **state)
{
	static const char *const args[] = {"-k", "mine", NULL};
	struct world *world = world_new(state, &(struct world_options){0});
	write_beside_config(world, "keymaps/mine.keys", "include default\nbind desk q explode\n", 0600);
	expect_refused(world, args, EXIT_CONFIG, "mine.keys:2");
}

static void a_keymap_that_is_not_there_is_named(void **state)
{
	static const char *const args[] = {"-k", "nobodys", NULL};
	struct world *world = world_new(state, &(struct world_options){0});
	expect_refused(world, args, EXIT_NOT_FOUND, "nobodys");
}

static void an_unknown_command_or_view_is_named(void **state)
{
	static const char *const args[] = {"frobnicate", NULL};
	struct world *world = world_new(state, &(struct world_options){0});
	expect_refused(world, args, EXIT_USAGE, "no view or command \"frobnicate\"");
}

static void an_unknown_account_is_named(void **state)
{
	struct run_result result;
	struct world *world = world_new(state, &(struct world_options){0});
	world_run(world, &result, "login", "acne", NULL);
	expect_command(&result, EXIT_NOT_FOUND, "acne");
}

static void an_unknown_desk_command_is_named(void **state)
{
	struct run_result result;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme hello", (char[32]){0}, NULL);
	world_run(world, &result, "do", "1", "tug", "billing", NULL);
	expect_command(&result, EXIT_USAGE, "tug");
	screen_expect(desk, SAYS_DESK_KEYS);
	screen_send(desk, ":");
	screen_expect_gone(desk, SAYS_DESK_KEYS);
	screen_send(desk, "tug" ENTER);
	screen_expect(desk, "\"tug\"");
}

/* Makes the store by running a command that needs one. */
static void make_store(struct world *world)
{
	struct screen *desk = world_desk(world, "alice");
	kill(screen_pid(desk), SIGTERM);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	world_desk_close(world, desk);
	kill(world_courier(world), SIGTERM);
	assert_true(world_wait_courier(world, false));
}

static bool bob_is_announced(void *db)
{
	sqlite3_stmt *look = NULL;
	sqlite3_prepare_v2(db, "SELECT 1 FROM desk WHERE agent='bob'", -1, &look, NULL);
	bool found = sqlite3_step(look) == SQLITE_ROW;
	sqlite3_finalize(look);
	return found;
}

/* A desk that wrote before its first frame would wait here, as it would for a slow disk, until it gives up. */
static void the_first_screen_is_full_while_nobody_may_write(void **state)
{
	sqlite3 *db;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(desk, "fell off the ferry");
	assert_int_equal(sqlite3_open(world->store, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	desk = world_desk_start(world, "bob", 0, 0, NULL);
	screen_expect(desk, "swift  @swift@ferry.example");
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	world_expect_soon(world, bob_is_announced, db);
	sqlite3_close(db);
}

static void a_store_of_a_newer_version_is_refused_naming_both(void **state)
{
	sqlite3 *db;
	struct world *world = world_new(state, &(struct world_options){0});
	make_store(world);
	assert_int_equal(sqlite3_open(world->store, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=4711", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	expect_refused(world, NULL, EXIT_CONFIG, "4711");
}

static void a_store_that_others_may_read_is_refused(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	make_store(world);
	assert_int_equal(chmod(world->store, 0644), 0);
	expect_refused(world, NULL, EXIT_NO_PERMISSION, "desk.db");
}

static void a_store_that_cannot_be_written_is_refused(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	char *data = path_join(world->dir, "data/curlew");
	struct err err = ERR_INIT;
	assert_int_equal(file_write_atomic(data, "in the way\n", 11, 0600, &err), 0);
	struct screen *desk = world_desk_start(world, "alice", 0, 0, NULL);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	screen_expect_that(desk, WIFEXITED(screen_status(desk)) && WEXITSTATUS(screen_status(desk)) != 0);
	screen_expect(desk, "data/curlew");
	screen_expect_that(desk, !screen_alternate(desk));
	free(data);
}

static void credentials_that_others_may_read_are_refused(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	char *path = path_join(world->dir, "credentials.conf");
	assert_int_equal(chmod(path, 0644), 0);
	struct screen *desk = world_desk_start(world, "alice", 0, 0, NULL);
	screen_expect(desk, "credentials.conf");
	screen_expect_that(desk, screen_row_of(desk, "credentials.conf") == 0);
	struct run_result result;
	world_run(world, &result, "check", NULL);
	assert_int_not_equal(result.status, 0);
	assert_non_null(strstr(result.out.len ? result.out.p : result.err.p, "credentials.conf"));
	run_result_release(&result);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(the_first_screen_is_full_while_nobody_may_write),
	        E2E(without_a_terminal_the_desk_names_the_commands_for_scripts),
	        E2E(an_unknown_terminal_is_named),
	        E2E(a_terminal_that_cannot_move_its_cursor_is_refused),
	        E2E(a_wrong_setting_is_told_with_file_and_line),
	        E2E(a_wrong_key_file_is_told_with_file_and_line),
	        E2E(a_keymap_that_is_not_there_is_named),
	        E2E(an_unknown_command_or_view_is_named),
	        E2E(an_unknown_account_is_named),
	        E2E(an_unknown_desk_command_is_named),
	        E2E(a_store_of_a_newer_version_is_refused_naming_both),
	        E2E(a_store_that_others_may_read_is_refused),
	        E2E(a_store_that_cannot_be_written_is_refused),
	        E2E(credentials_that_others_may_read_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
