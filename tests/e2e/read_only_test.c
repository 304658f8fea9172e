/* A store that cannot be written: what is there can be read, what would change it is refused with the reason, what is
 * typed waits, and all goes on when it can be written again. Each program of this test sees the mount; nobody else
 * does. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"
#include "core/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_MS 5000 /* a draft that could not be stored is tried again */
#define SAYS_READ_ONLY "the store is read-only: nothing can be changed"

static bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);
	bool written = fd >= 0 && write(fd, text, (size_t)len) == len;
	if (fd >= 0)
		close(fd);
	return written;
}

static bool map_to_root(const char *path, long id)
{
	char text[32];
	snprintf(text, sizeof text, "0 %ld 1", id);
	return write_to(path, text);
}

/* Mounts of our own: as root, or as root of a user namespace. unshare(2) is Linux's: the Makefile defines _GNU_SOURCE.
 * False with errno. */
static bool take_own_mounts(void)
{
	long uid = (long)getuid(), gid = (long)getgid();
	if (unshare(CLONE_NEWNS) &&
	        (unshare(CLONE_NEWUSER | CLONE_NEWNS) || !write_to("/proc/self/setgroups", "deny") ||
	                !map_to_root("/proc/self/uid_map", uid) || !map_to_root("/proc/self/gid_map", gid)))
		return false;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int own_mounts(void **state)
{
	(void)state;
	if (!take_own_mounts())
		fail_msg("no mounts of our own here: %s", strerror(errno));
	return 0;
}

/* Some systems give none to ordinary users: there, and where nobody has promised otherwise (CI), the whole is left out,
 * and said so. */
static bool may_mount(void)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(take_own_mounts() ? 0 : 1);
	waitpid(pid, &status, 0);
	return status == 0 || getenv("CI");
}

static void set_read_only(const char *dir, bool read_only)
{
	if (read_only && mount(dir, dir, NULL, MS_BIND, NULL))
		fail_msg("cannot mount %s: %s", dir, strerror(errno));
	if (mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | (read_only ? MS_RDONLY : 0), NULL))
		fail_msg("cannot mount %s: %s", dir, strerror(errno));
}

/* A world with one case, in which nothing runs, on a store that cannot be written. */
static struct world *read_only_world(void **state, char **dir, char kase[32])
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, kase);
	world_desk_close(world, desk);
	kill(world_courier(world), SIGTERM);
	assert_true(world_wait_courier(world, false));
	*dir = path_dirname(world->store);
	set_read_only(*dir, true);
	return world;
}

static void reading_goes_on_and_writing_comes_back(void **state)
{
	char *dir, kase[32];
	struct world *world = read_only_world(state, &dir, kase);
	struct screen *desk = world_desk_start(world, "alice", 30, 120, NULL);
	screen_expect(desk, "fell off the ferry");
	screen_expect(desk, SAYS_READ_ONLY);
	ask_and_type(desk, "t", "parcel");
	screen_expect(desk, "cannot be written: Read-only file system");
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "We look for it");
	world_expect_text_soon(world, desk, "draft kept here, not stored: the store is read-only");
	screen_expect(desk, "NOT STORED");
	set_read_only(dir, false);
	world_advance(world, RETRY_MS);
	world_expect_text_soon(world, desk, SAYS_LIVE);
	screen_expect_gone(desk, "NOT STORED");
	screen_expect(desk, "We look for it");
	screen_send(desk, ESC);
	world_expect_text_soon(world, desk, SAYS_DESK_KEYS);
	ask_and_type(desk, "t", "parcel");
	world_expect_case(world, kase, "tags", "[\"parcel\"]");
	free(dir);
}

static void commands_read_and_say_why_they_cannot_change(void **state)
{
	char *dir, kase[32];
	struct run_result result;
	struct world *world = read_only_world(state, &dir, kase);
	world_run(world, &result, "query", "", NULL);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out.p, "fell off the ferry"));
	run_result_release(&result);
	world_run(world, &result, "do", kase, "tag", "parcel", NULL);
	assert_int_equal(result.status, 77);
	assert_non_null(strstr(result.err.p, "cannot be written: Read-only file system"));
	run_result_release(&result);
	world_run(world, &result, "check", NULL);
	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.out.p, "cannot be written"));
	run_result_release(&result);
	set_read_only(dir, false);
	free(dir);
}

/* What stands in the log alone would be left out without a word. */
static void a_log_that_cannot_be_read_is_not_passed_over(void **state)
{
	struct run_result result;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str uri = STR_INIT, index = STR_INIT;
	struct store *store;
	struct action_result done;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	world_desk_close(world, desk);
	kill(world_courier(world), SIGTERM);
	assert_true(world_wait_courier(world, false));
	str_addf(&uri, "sqlite:%s", world->store);
	str_addf(&index, "%s-shm", world->store);
	assert_int_equal(store_open(uri.p, STORE_DESK, &store, &err), 0);
	struct action tag = {.kind = ACTION_TAG, .case_id = 1, .agent = "alice", .arg = "parcel"};
	assert_int_equal(store_act(store, &tag, world->wall, &arena, &done, &err), 0);
	store_close(store);
	assert_int_equal(unlink(index.p), 0);
	char *dir = path_dirname(world->store);
	set_read_only(dir, true);
	world_run(world, &result, "query", "", NULL);
	assert_int_equal(result.status, 77);
	assert_non_null(strstr(result.err.p, "in its log, which can be read only where it can be written"));
	run_result_release(&result);
	set_read_only(dir, false);
	world_run(world, &result, "query", "tag:parcel", NULL);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out.p, "fell off the ferry"));
	run_result_release(&result);
	free(dir);
	str_release(&uri);
	str_release(&index);
	arena_release(&arena);
}

static void a_courier_says_why_it_cannot_serve_it(void **state)
{
	char *dir, kase[32];
	struct run_result result;
	struct world *world = read_only_world(state, &dir, kase);
	char *program = world_program("curlewd");
	const char *const argv[] = {program, "-c", world->config, "--once", "--foreground", NULL};
	run_program(argv, (const char *const *)world->env, NULL, 20000, &result);
	assert_int_equal(result.status, 77);
	assert_non_null(strstr(result.err.p, "desk.db-courier: Read-only file system"));
	run_result_release(&result);
	set_read_only(dir, false);
	free(program);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(reading_goes_on_and_writing_comes_back),
	        E2E(commands_read_and_say_why_they_cannot_change),
	        E2E(a_log_that_cannot_be_read_is_not_passed_over),
	        E2E(a_courier_says_why_it_cannot_serve_it),
	};
	if (!may_mount()) {
		puts("left out: this system gives ordinary users no mounts of their own; root can run it");
		return 0;
	}
	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
