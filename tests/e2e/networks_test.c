/* Three accounts on three networks in one inbox: each row says where it is from, an answer goes to the network that was
 * asked on, and what a network's rules forbid is told before anybody types. */
#include "tests/e2e/e2e.h"

#define THREE                                                                                                          \
	&(struct world_options)                                                                                        \
	{                                                                                                              \
		.three_networks = true                                                                                 \
	}

static struct screen *three_accounts(struct world *world)
{
	struct screen *desk = world_desk(world, "alice");
	world_expect_text_soon(world, desk, "● acme-sky");
	world_expect_text_soon(world, desk, "● acme-x");
	return desk;
}

/* A divided world has them on that network. */
static void says_on(struct world *world, const char *network, const char *from, const char *text)
{
	struct str body = STR_INIT;
	json *post = json_object();
	json_set_str(post, "network", network);
	json_set_str(post, "from", from);
	json_set_str(post, "text", text);
	json_print(post, &body);
	world_control(world, "post", body.p);
	json_free(post);
	str_release(&body);
}

struct said {
	struct world *world;
	struct screen *desk;
	const char *kase, *text;
};

static bool is_kept_as_sent(void *arg)
{
	struct said *said = arg;
	return world_shown(said->world, said->kase, "post", said->text) == 1;
}

/* The desk hears of it a little later: until then it says that it is too late. */
static bool is_known_as_sent(void *arg)
{
	enum { LOOK_MS = 300 };
	struct said *said = arg;
	screen_send(said->desk, CTRL_G);
	return screen_wait(said->desk, "nothing is held", LOOK_MS);
}

/* The one who is selected; the next one is, after that. */
static void answer(struct world *world, struct screen *desk, const char *who, const char *account, const char *text)
{
	char kase[32];
	struct str composer = STR_INIT;
	str_addf(&composer, "PUBLIC as %s →", account);
	screen_send(desk, "r");
	screen_expect(desk, composer.p);
	screen_send(desk, text);
	screen_expect(desk, text);
	screen_send(desk, CTRL_X);
	at_the_bar(world, desk, ENTER);
	screen_expect(desk, "held 20s");
	world_expect_sent(world, text, 1);
	world_case_of(world, who, kase);
	struct said said = {world, desk, kase, text};
	world_expect_soon(world, is_kept_as_sent, &said);
	world_expect_soon(world, is_known_as_sent, &said);
	screen_send(desk, "w"); /* the answer of the next ^G is another one */
	screen_expect_gone(desk, "nothing is held");
	world_expect_case(world, kase, "status", "waiting");
	str_release(&composer);
}

static void comes_in(struct world *world, struct screen *desk, const char *network, const char *from, const char *text,
        const char *row)
{
	says_on(world, network, from, text);
	world_expect_text_soon(world, desk, row);
}

static int asked(struct world *world, const char *route)
{
	json *state = fakenet_control(&world->net, "state", NULL);
	int count = (int)json_int(json_get(state, "requests"), route, 0);
	json_free(state);
	return count;
}

static void each_row_says_where_it_is_from_and_its_answer_goes_there(void **state)
{
	struct world *world = world_new(state, THREE);
	struct screen *desk = three_accounts(world);
	comes_in(world, desk, "mastodon", "swift", "@acme my parcel fell off the ferry", "m @swift");
	comes_in(world, desk, "bluesky", "plover", "@acme the kettle leaks", "b @plover");
	comes_in(world, desk, "x", "heron", "@acme I was charged twice", "x @heron");
	int before = asked(world, "POST /api/v1/statuses");
	answer(world, desk, "@swift@ferry.example", "acme", "It floats and comes back.");
	assert_int_equal(asked(world, "POST /api/v1/statuses"), before + 1);
	answer(world, desk, "@plover.ferry.example", "acme-sky", "A new lid is on its way.");
	assert_int_equal(asked(world, "POST /xrpc/com.atproto.repo.putRecord"), 1);
	answer(world, desk, "@heron", "acme-x", "You have it back by Friday.");
	assert_int_equal(asked(world, "POST /2/tweets"), 1);
	assert_int_equal(asked(world, "POST /api/v1/statuses"), before + 1);
	json *sent = world_sent_status(world, "A new lid");
	assert_true(*json_str_or(sent, "in_reply_to_id", ""));
	json_free(sent);
}

static void what_a_networks_rule_forbids_is_told_before_anybody_types(void **state)
{
	struct world *world = world_new(state, THREE);
	struct screen *desk = three_accounts(world);
	comes_in(world, desk, "x", "heron", "This acme kettle leaks", "x @heron");
	screen_send(desk, "r");
	screen_expect(desk, "@heron has not named you in this post");
	comes_in(world, desk, "bluesky", "plover", "@acme the kettle leaks", "b @plover");
	assert_int_equal(asked(world, "POST /2/tweets") + asked(world, "POST /xrpc/com.atproto.repo.putRecord"), 0);
}

/* The accounts are apart: one that is down holds up neither the others nor what is said to them. */
static void one_network_that_is_down_holds_up_no_other(void **state)
{
	struct world *world = world_new(state, THREE);
	struct screen *desk = three_accounts(world);
	world_control(world, "fault", "{\"match\":\"GET /xrpc/*\",\"times\":-1,\"kind\":\"status 502\"}");
	comes_in(world, desk, "mastodon", "swift", "@acme my parcel fell off the ferry", "m @swift");
	comes_in(world, desk, "x", "heron", "@acme I was charged twice", "x @heron");
	answer(world, desk, "@swift@ferry.example", "acme", "It floats and comes back.");
	answer(world, desk, "@heron", "acme-x", "You have it back by Friday.");
	says_on(world, "bluesky", "plover", "@acme the kettle leaks");
	world_control(world, "fault", "{\"clear\":true}");
	world_expect_text_soon(world, desk, "b @plover");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(each_row_says_where_it_is_from_and_its_answer_goes_there),
	        E2E(what_a_networks_rule_forbids_is_told_before_anybody_types),
	        E2E(one_network_that_is_down_holds_up_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
