/* What customers say reaches the desk: at once, once, and as it is now. */
#include "tests/e2e/e2e.h"

static void a_streamed_mention_is_on_the_screen_within_a_second(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *desk = world_desk(world, "alice");
	int64_t sent = world_real_ms();
	world_post(world, "swift", "@acme my parcel fell off the ferry", NULL, NULL);
	screen_expect(desk, "fell off the ferry");
	int64_t took = world_real_ms() - sent;
	print_message("           on the screen after %lld ms\n", (long long)took);
	assert_in_range(took, 0, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_streamed_mention_is_on_the_screen_within_a_second),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
