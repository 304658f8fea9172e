/* What agents do by hand with several cases, with posts of ours, and when they leave. */
#include "tests/e2e/e2e.h"

#define SAYS_CORRECT_BAR "CORRECT our public post"

/* The post may be on the screen, by the stream, before the courier has written down that it is sent. */
static bool recall_answered(void *arg)
{
	return screen_contains(arg, "nothing is held") || screen_contains(arg, "too late");
}

/* ^G is answered after all that was typed before it: the desk knows by then that its bar was painted. */
static void confirm(struct world *world, struct screen *desk, const char *bar)
{
	screen_expect(desk, bar);
	screen_send(desk, CTRL_G);
	screen_expect_that(desk, screen_wait_until(desk, recall_answered, desk, SCREEN_PATIENCE_MS));
	world_advance(world, DEAF_MS);
	screen_send(desk, ENTER);
	screen_expect(desk, "held 20s");
}

static struct world *with_two_mentions(void **state, struct screen **desk, char first[32], char second[32])
{
	struct world *world = world_new(state, &(struct world_options){0});
	*desk = world_desk(world, "alice");
	mention(world, *desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, first);
	mention(world, *desk, "plover", "@acme mine, too", (char[32]){0}, second);
	return world;
}

static void marked_cases_are_tagged_together_and_one_undo_takes_it_back(void **state)
{
	char first[32], second[32];
	struct screen *desk;
	struct world *world = with_two_mentions(state, &desk, first, second);
	screen_send(desk, "*");
	screen_expect(desk, "2 marked");
	screen_send(desk, "t");
	screen_expect_gone(desk, "2 marked");
	screen_send(desk, "ferry-loss");
	screen_send(desk, ENTER);
	screen_expect(desk, "2 cases: tagged ferry-loss?");
	screen_send(desk, ENTER);
	screen_expect(desk, "2 cases tagged ferry-loss");
	world_expect_case(world, first, "tags", "[\"ferry-loss\"]");
	world_expect_case(world, second, "tags", "[\"ferry-loss\"]");
	screen_send(desk, "u");
	screen_expect(desk, "2 cases taken back: tagged");
	world_expect_case(world, first, "tags", "[]");
	world_expect_case(world, second, "tags", "[]");
}

struct deed {
	struct world *world;
	const char *what;
};

static bool is_done(void *arg)
{
	const struct deed *deed = arg;
	json *server = fakenet_control(&deed->world->net, "state", NULL);
	size_t n = json_count(json_get(json_get(server, "deeds"), deed->what));
	json_free(server);
	return n == 1;
}

static void hold_is_over(struct world *world, struct screen *desk, const char *what)
{
	struct deed deed = {world, what};
	screen_expect(desk, "held 20s");
	assert_false(is_done(&deed));
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_soon(world, is_done, &deed);
}

static void a_post_is_passed_on_and_reported_and_its_author_blocked_on_the_network(void **state)
{
	char kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme buy our fake jackets", (char[32]){0}, kase);
	screen_send(desk, "o");
	screen_expect(desk, "k block");
	assert_false(screen_contains(desk, "h hide")); /* this network cannot */
	screen_send(desk, "b");
	screen_expect(desk, "b again: pass the customer's post on");
	screen_send(desk, "b");
	hold_is_over(world, desk, "boosted");
	screen_expect(desk, "alice boosted");
	screen_send(desk, "o");
	screen_expect(desk, "x report");
	screen_send(desk, "x");
	screen_expect(desk, "report @swift@ferry.example to the network, why:");
	screen_send(desk, "sells what is ours");
	screen_send(desk, ENTER);
	screen_expect(desk, "<Enter> again: report");
	screen_send(desk, ENTER);
	hold_is_over(world, desk, "reported");
	ask_and_type(desk, ":", "block");
	screen_expect(desk, "<Enter> again: block the author");
	screen_send(desk, ENTER);
	hold_is_over(world, desk, "blocked");
	screen_expect(desk, "author blocked on the network");
	assert_int_equal(world_shown(world, kase, "action", "\"reported\""), 1);
}

static void our_post_is_corrected_in_place_on_the_network(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_send(desk, "r");
	screen_expect(desk, SAYS_COMPOSER);
	screen_send(desk, "It floats.");
	screen_expect(desk, "It floats.");
	screen_send(desk, CTRL_X);
	confirm(world, desk, SAYS_SEND_BAR);
	screen_expect(desk, "nobody else waits");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "It floats.", 1);
	screen_expect(desk, "sent, public");
	screen_send(desk, "E");
	screen_expect(desk, "CORRECTION of our public post");
	screen_send(desk, " Come and see.");
	screen_expect(desk, "Come and see.");
	screen_send(desk, CTRL_X);
	confirm(world, desk, SAYS_CORRECT_BAR);
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "It floats. Come and see.", 1);
	world_expect_sent(world, "It floats", 1);
	screen_expect(desk, "our post corrected");
}

static void a_note_that_names_bob_rings_at_bobs_desk(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *alice = world_desk(world, "alice"), *bob = world_desk(world, "bob");
	mention(world, alice, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(bob, "@swift@ferry.example");
	int bells = screen_bells(bob);
	screen_send(alice, "i");
	screen_expect(alice, "note, team only");
	screen_send(alice, "yours, @bob?");
	screen_send(alice, CTRL_X);
	screen_expect(bob, "alice names you in #");
	assert_int_equal(screen_bells(bob), bells + 1);
	assert_false(screen_contains(alice, "names you"));
}

static void whoever_leaves_hands_their_case_to_a_colleague_with_a_note(void **state)
{
	char first[32], second[32];
	struct screen *desk;
	struct world *world = with_two_mentions(state, &desk, first, second);
	screen_send(desk, "c");
	screen_expect(desk, "claimed");
	screen_send(desk, "Q");
	screen_expect(desk, "What you still hold");
	screen_expect(desk, "yours");
	screen_send(desk, "a");
	screen_expect(desk, "hand over to");
	screen_send(desk, "bob");
	screen_send(desk, ENTER);
	screen_expect(desk, "→ bob");
	screen_send(desk, "Q");
	screen_expect(desk, "hand-over note");
	screen_send(desk, "calls back at four");
	screen_send(desk, ENTER);
	assert_true(screen_wait_end(desk, SCREEN_PATIENCE_MS));
	assert_int_equal(screen_status(desk), 0);
	int notes = 0;
	for (int i = 0; i < 2; i++)
		notes += world_shown(
		        world, i ? second : first, "note", "handed over by alice to @bob: calls back at four");
	assert_int_equal(notes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(marked_cases_are_tagged_together_and_one_undo_takes_it_back),
	        E2E(a_post_is_passed_on_and_reported_and_its_author_blocked_on_the_network),
	        E2E(our_post_is_corrected_in_place_on_the_network),
	        E2E(a_note_that_names_bob_rings_at_bobs_desk),
	        E2E(whoever_leaves_hands_their_case_to_a_colleague_with_a_note),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
