/* A disk that is full: what was read can be read, what cannot be stored says so, and what was typed waits. A limit on
 * the size of files stands for the disk; the desk's own screen is smaller than it, the store's log larger. */
#include "tests/e2e/e2e.h"

#include "core/store/store.h"

#include <sys/resource.h>

#define LIMIT 65536
#define RETRY_MS 5000 /* a draft that could not be stored is tried again */

/* prlimit(2) is Linux's: the Makefile defines _GNU_SOURCE for this file. */
static void limit_files(struct screen *desk, rlim_t size)
{
	struct rlimit limit;
	assert_int_equal(prlimit(screen_pid(desk), RLIMIT_FSIZE, NULL, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(prlimit(screen_pid(desk), RLIMIT_FSIZE, &limit, NULL), 0);
}

static bool draft_is_stored(void *arg)
{
	const struct world *world = arg;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str uri = STR_INIT;
	struct store *store = NULL;
	const struct case_view *view;
	str_addf(&uri, "sqlite:%s", world->store);
	bool stored = store_open(uri.p, STORE_READ, &store, &err) == 0 &&
	              store_case_view(store, 1, "alice", 0, &arena, &view, &err) == 0 && view->draft_count == 1 &&
	              str_eq(view->drafts[0].text, "We look for it");
	store_close(store);
	str_release(&uri);
	arena_release(&arena);
	return stored;
}

static void a_full_disk_refuses_with_words_and_keeps_what_is_typed(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	mention(world, desk, "plover", "@acme mine too", (char[32]){0}, NULL);
	limit_files(desk, LIMIT);
	/* Other cases can be read. */
	screen_send(desk, "j");
	screen_expect(desk, "plover  @plover@ferry.example");
	screen_send(desk, "k");
	screen_expect(desk, "swift  @swift@ferry.example");
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "We look for it");
	world_expect_text_soon(world, desk, "draft kept here, not stored: is the disk full?");
	screen_expect(desk, "NOT STORED");
	screen_expect(desk, "We look for it");
	assert_false(draft_is_stored(world));
	limit_files(desk, RLIM_INFINITY);
	world_advance(world, RETRY_MS);
	world_expect_soon(world, draft_is_stored, world);
	screen_expect_gone(desk, "is the disk full?");
	screen_expect_gone(desk, "NOT STORED");
	screen_expect(desk, SAYS_LIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_full_disk_refuses_with_words_and_keeps_what_is_typed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
