/* The commands that look after a store: backup, repair, what is held on a person, forgetting them. */
#include "tests/e2e/e2e.h"

#include "core/base/paths.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char posts[] =
        "{\"type\":\"post\",\"account\":\"acme\",\"remote_id\":\"1\",\"author\":{\"handle\":\"@sam@far.example\","
        "\"name\":"
        "\"Sam Ortiz\",\"key\":\"sam\"},\"text\":\"my zibeline is ruined\",\"created_at\":\"2026-08-21T09:14:05Z\"}\n"
        "{\"account\":\"acme\",\"remote_id\":\"2\",\"author\":{\"handle\":\"@lea\"},\"text\":\"the app crashes\","
        "\"created_at\":\"2026-08-21T10:20:05Z\"}\n";

/* The text must be in what it wrote to either of its outputs. */
static void expect(struct world *world, const char *input, const char *const *words, int status, const char *said)
{
	struct run_result r;
	const char *argv[16] = {world_program("curlew"), "-c", world->config};
	for (size_t n = 3; *words && n < 15; n++)
		argv[n] = *words++;
	run_program(argv, (const char *const *)world->env, input, SCREEN_PATIENCE_MS, &r);
	free((char *)argv[0]);
	if (r.status != status || (!strstr(r.out.p, said) && !strstr(r.err.p, said)))
		fail_msg("status %d, \"%s\" expected\nstdout: %s\nstderr: %s", r.status, said, r.out.p, r.err.p);
	run_result_release(&r);
}

static struct world *stocked(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	expect(world, posts, WORDS("import"), 0, "2 of them new");
	return world;
}

static void a_backup_is_made_once(void **state)
{
	struct world *world = stocked(state);
	char *copy = path_join(world->dir, "copy.db");
	struct stat st;
	expect(world, NULL, WORDS("backup", copy), 0, "");
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	expect(world, NULL, WORDS("backup", copy), 65, "exists already");
	expect(world, NULL, WORDS("backup"), 64, "one new FILE");
	free(copy);
}

static void remove_store(struct world *world)
{
	static const char *const parts[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < 3; i++) {
		struct str name = STR_INIT;
		str_addf(&name, "%s%s", world->store, parts[i]);
		unlink(name.p);
		str_release(&name);
	}
}

static void a_damaged_store_is_told_and_repaired(void **state)
{
	struct world *world = stocked(state);
	expect(world, NULL, WORDS("check", "--repair"), 0, "there is nothing to repair");
	expect(world, NULL, WORDS("do", "2", "reply", "we look into it"), 0, "draft kept");
	/* All of it in one file, whose beginning is spoilt then. */
	char *copy = path_join(world->dir, "copy.db");
	expect(world, NULL, WORDS("backup", copy), 0, "");
	remove_store(world);
	assert_int_equal(rename(copy, world->store), 0);
	int fd = open(world->store, O_WRONLY);
	assert_true(pwrite(fd, "no database at all", 18, 0) == 18);
	close(fd);
	expect(world, NULL, WORDS("check"), 1, "curlew check --repair");
	expect(world, NULL, WORDS("query", "crashes"), 65, "is damaged");
	expect(world, NULL, WORDS("check", "--repair"), 0, "desk.db.damaged-");
	expect(world, NULL, WORDS("query", "crashes has:draft"), 0, "@lea");
	free(copy);
}

static void what_is_held_on_a_person_is_printed(void **state)
{
	struct world *world = stocked(state);
	expect(world, NULL, WORDS("do", "1", "note", "rang twice"), 0, "");
	expect(world, NULL, WORDS("export", "--customer", "@sam@far.example"), 0, "\"type\":\"customer\",\"number\":1");
	expect(world, NULL, WORDS("export", "--customer", "1"), 0, "rang twice");
	expect(world, NULL, WORDS("export", "--customer", "1"), 0, "zibeline");
	expect(world, NULL, WORDS("export", "--customer", "nobody"), 66, "no customer nobody");
}

static void forgetting_asks_for_the_handle_and_says_what_it_erased(void **state)
{
	struct world *world = stocked(state);
	expect(world, "@lea\n", WORDS("forget", "sam@far.example"), 1, "nothing was erased");
	expect(world, NULL, WORDS("query", "zibeline"), 0, "@sam");
	expect(world, "sam@far.example\n", WORDS("forget", "sam@far.example"), 0, "erased 1 post, 0 replies");
	expect(world, NULL, WORDS("show", "1"), 0, "the customer's words were erased");
	expect(world, NULL, WORDS("forget", "--yes", "@lea"), 0, "erased 1 post");
	expect(world, NULL, WORDS("forget", "@sam@far.example"), 66, "no customer");
}

static void who_is_joined_is_exported_and_forgotten_one_by_one(void **state)
{
	struct world *world = stocked(state);
	expect(world, NULL, WORDS("do", "1", "join", "@lea"), 0, "#1 joined with @lea (mastodon)");
	expect(world, NULL, WORDS("show", "1"), 0, "joined with @lea (mastodon)");
	expect(world, NULL, WORDS("export", "--customer", "1"), 0,
	        "\"joined\":[{\"number\":2,\"network\":\"mastodon\",\"handle\":\"@lea\"}]");
	expect(world, NULL, WORDS("forget", "--yes", "1"), 0,
	        "the same person is @lea on mastodon, customer #2, of whom nothing was erased");
	expect(world, NULL, WORDS("query", "from:@lea"), 0, "@lea");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_backup_is_made_once),
	        E2E(a_damaged_store_is_told_and_repaired),
	        E2E(what_is_held_on_a_person_is_printed),
	        E2E(who_is_joined_is_exported_and_forgotten_one_by_one),
	        E2E(forgetting_asks_for_the_handle_and_says_what_it_erased),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
