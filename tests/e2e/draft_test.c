/* What was typed is never lost, and the place is kept: through sizes, signals and a lost connection. */
#include "tests/e2e/e2e.h"

#include "core/store/store.h"

#define STORED_WITHIN_MS 1000 /* draft and place, after the last stroke */

static void write_draft(struct screen *desk, const char *text)
{
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, text);
	screen_expect(desk, text);
}

static void text_and_place_outlive_every_size(void **state)
{
	static const int sizes[][2] = {{60, 200}, {24, 80}, {12, 40}, {5, 19}, {30, 120}};
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	write_draft(desk, "one two");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int rows, cols;
		screen_resize(desk, sizes[i][0], sizes[i][1]);
		screen_size(desk, &rows, &cols);
		if (rows >= 6 && cols >= 20)
			screen_expect(desk, i ? "one tw0o" : "one two");
		/* In the smallest, too, what is typed goes where it belongs: before the last letter. */
		if (i == 0) {
			screen_send(desk, "\002"
			                  "0");
			screen_expect(desk, "one tw0o");
		}
	}
	screen_send(desk, "!");
	screen_expect(desk, "one tw0!o");
	screen_expect(desk, "PUBLIC as acme → @swift@ferry.example");
	screen_expect(desk, "swift  @swift@ferry.example");
}

static void too_small_a_screen_says_so_and_keeps_taking_text(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	write_draft(desk, "one");
	screen_resize(desk, 5, 19);
	screen_expect_gone(desk, "one");
	screen_send(desk, " two");
	screen_resize(desk, 24, 80);
	screen_expect(desk, "one two");
}

/* The desk comes back as it was left: the same case, and the text under the cursor. */
static void expect_resumed(struct world *world, const char *text)
{
	struct screen *desk = world_desk(world, "alice");
	screen_expect(desk, "plover  @plover@ferry.example");
	screen_expect(desk, "PUBLIC as acme → @plover@ferry.example");
	screen_expect(desk, text);
	screen_send(desk, "ght");
	struct str longer = STR_INIT;
	str_addf(&longer, "%sght", text);
	screen_expect(desk, longer.p);
	str_release(&longer);
}

/* A desk in which a reply to the second of two cases is being written. */
static struct screen *desk_with_draft(struct world *world, const char *text)
{
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	mention(world, desk, "plover", "@acme mine too", (char[32]){0}, NULL);
	screen_send(desk, "j");
	screen_expect(desk, "plover  @plover@ferry.example");
	write_draft(desk, text);
	return desk;
}

static void a_lost_connection_keeps_case_and_draft(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = desk_with_draft(world, "Half a thou");
	screen_hang_up(desk);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	world_desk_close(world, desk);
	assert_true(world_courier(world) > 0);
	expect_resumed(world, "Half a thou");
}

/* What a desk would find in the store if it began now. */
static bool place_and_draft_are_stored(void *arg)
{
	const struct world *world = arg;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str uri = STR_INIT;
	struct store *store;
	const struct case_view *view;
	const char *place = NULL;
	str_addf(&uri, "sqlite:%s", world->store);
	bool stored = store_open(uri.p, STORE_READ, &store, &err) == 0;
	str_release(&uri);
	if (!stored)
		return false;
	stored = store_desk_state(store, "alice", &arena, &place, &err) == 0 && place && strstr(place, "composer") &&
	         store_case_view(store, 2, "alice", 0, &arena, &view, &err) == 0 && view->draft_count == 1 &&
	         str_eq(view->drafts[0].text, "Half a thou");
	store_close(store);
	arena_release(&arena);
	return stored;
}

static void a_killed_desk_loses_nothing_that_is_a_second_old(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = desk_with_draft(world, "Half a thou");
	world_advance(world, STORED_WITHIN_MS);
	world_expect(world, place_and_draft_are_stored, world);
	kill(screen_pid(desk), SIGKILL);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	assert_int_equal(WTERMSIG(screen_status(desk)), SIGKILL);
	world_desk_close(world, desk);
	expect_resumed(world, "Half a thou");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(text_and_place_outlive_every_size),
	        E2E(too_small_a_screen_says_so_and_keeps_taking_text),
	        E2E(a_lost_connection_keeps_case_and_draft),
	        E2E(a_killed_desk_loses_nothing_that_is_a_second_old),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
