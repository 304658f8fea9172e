/* Two agents on one queue: what one does, the other sees, with nothing typed there. How soon is printed, and no more:
 * that is the machine's. */
#include "tests/e2e/e2e.h"

/* From the stroke at one desk to the text on the other's screen. */
static int64_t delay(struct screen *from, const char *keys, struct screen *to, const char *text)
{
	int64_t start = world_real_ms();
	screen_send(from, keys);
	screen_expect(to, text);
	return world_real_ms() - start;
}

static void each_desk_sees_the_others_tag_and_claim_unasked(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *alice = world_desk(world, "alice"), *bob = world_desk(world, "bob");
	mention(world, alice, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(bob, "@swift@ferry.example");
	screen_expect(alice, SAYS_DESK_KEYS);
	screen_send(alice, "t");
	screen_expect_gone(alice, SAYS_DESK_KEYS);
	screen_send(alice, "lost-parcel");
	int64_t tag = delay(alice, ENTER, bob, "lost-parcel");
	int64_t claim = delay(bob, "c", alice, "bob claimed");
	print_message("           seen after %lld and %lld ms\n", (long long)tag, (long long)claim);
}

static void whoever_writes_is_seen_by_the_other_and_named_before_sending(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.real_time = true});
	struct screen *alice = world_desk(world, "alice"), *bob = world_desk(world, "bob");
	mention(world, alice, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	screen_expect(bob, "@swift@ferry.example");
	screen_send(bob, "r");
	screen_expect(bob, SAYS_COMPOSER);
	screen_send(bob, "I am on it");
	screen_expect(alice, "bob is writing");
	screen_send(alice, "r");
	screen_expect(alice, SAYS_COMPOSER);
	screen_send(alice, "Me too");
	screen_send(alice, CTRL_X);
	screen_expect(alice, SAYS_SEND_BAR);
	screen_expect(alice, "bob is writing here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(each_desk_sees_the_others_tag_and_claim_unasked),
	        E2E(whoever_writes_is_seen_by_the_other_and_named_before_sending),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
