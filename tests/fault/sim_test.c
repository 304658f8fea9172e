/* The simulation with a fixed set of seeds, and proof that it can fail: each lie that its network can tell is found
 * out.
 */
#include "core/base/mem.h"
#include "tests/fault/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SEEDS 300
#define TRIES 600 /* seeds in which a lie has to come out */
#define TAIL 4000 /* bytes of the trace of a seed that failed */

static struct sim_counts counts;

static void nothing_is_lost_and_nothing_said_twice(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		if (sim_run(seed, LIE_NONE, &counts))
			continue;
		size_t from = sim.trace.len > TAIL ? sim.trace.len - TAIL : 0;
		fail_msg("%s\nseed %d: %s\nall of it: build/sim --seed %d --trace", sim.trace.p + from, (int)seed,
		        sim.failure, (int)seed);
	}
	assert_true(counts.mentions > 0 && counts.replies > 0 && counts.recalled > 0);
	assert_true(counts.edits > 0 && counts.deletions > 0 && counts.likes > 0 && counts.escalations > 0);
}

static void every_fault_was_made(void **state)
{
	(void)state;
	for (int i = 0; i < FAULT_COUNT; i++)
		assert_true(counts.faults[i] > 0);
}

static void a_seed_is_the_same_run_each_time(void **state)
{
	(void)state;
	sim_run(7, LIE_NONE, &counts);
	char *first = mem_strdup(sim.trace.p);
	sim_run(8, LIE_NONE, &counts);
	sim_run(7, LIE_NONE, &counts);
	assert_string_equal(sim.trace.p, first);
	free(first);
}

static void check_found_out(enum sim_lie lie, const char *words)
{
	for (uint64_t seed = 1; seed <= TRIES; seed++)
		if (!sim_run(seed, lie, &counts) && strstr(sim.failure, words))
			return;
	fail_msg("nobody noticed; the last failure: %s", sim.failure);
}

static void a_reply_that_is_not_found_although_it_is_there_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_BLIND_FIND, "published");
}

static void a_position_ahead_of_the_store_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_FAR_POSITION, "position");
}

static void a_retry_without_a_look_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_FORGOTTEN_KEY, "published");
}

static void a_look_that_shows_an_older_state_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_STALE_LOOK, "what it answers was");
}

static void a_retry_without_a_pause_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_HURRY, "is tried again after");
}

static void an_older_version_over_a_newer_one_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_OLD_VERSION, "goes back to an older version");
}

static void an_escalation_that_reached_nobody_would_be_noticed(void **state)
{
	(void)state;
	check_found_out(LIE_LOST_ERRAND, "the team was told nothing");
}

static int forget(void **state)
{
	(void)state;
	sim_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_lost_and_nothing_said_twice),
	        cmocka_unit_test(every_fault_was_made),
	        cmocka_unit_test(a_seed_is_the_same_run_each_time),
	        cmocka_unit_test(a_reply_that_is_not_found_although_it_is_there_would_be_noticed),
	        cmocka_unit_test(a_position_ahead_of_the_store_would_be_noticed),
	        cmocka_unit_test(a_retry_without_a_look_would_be_noticed),
	        cmocka_unit_test(a_look_that_shows_an_older_state_would_be_noticed),
	        cmocka_unit_test(a_retry_without_a_pause_would_be_noticed),
	        cmocka_unit_test(an_older_version_over_a_newer_one_would_be_noticed),
	        cmocka_unit_test(an_escalation_that_reached_nobody_would_be_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, forget);
}
