/* An account of X at the desk: mentions are polled, who cannot be answered is known before anybody types, and a reply
 * is said once whatever happens to its answer. */
#include "core/courier/deliver.h"
#include "tests/e2e/e2e.h"

#define ON_X                                                                                                           \
	&(struct world_options)                                                                                        \
	{                                                                                                              \
		.network = "x", .account = "listen = \"acme kettle\"\n"                                                \
	}

#define BY_STREAM                                                                                                      \
	&(struct world_options)                                                                                        \
	{                                                                                                              \
		.network = "x", .account = "listen = \"acme kettle\"\n", .secrets = "app_token = demo-app-token\n"     \
	}

static void comes_in(struct world *world, struct screen *desk, const char *from, const char *text, char status[32])
{
	world_post(world, from, text, NULL, status);
	world_expect_text_soon(world, desk, text + (*text == '@' ? strcspn(text, " ") + 1 : 0));
}

static int asked(struct world *world, const char *route)
{
	json *answer = fakenet_control(&world->net, "state", NULL);
	int count = (int)json_int(json_get(answer, "requests"), route, 0);
	json_free(answer);
	return count;
}

static bool posted(void *arg)
{
	return asked(arg, "POST /2/tweets") > 0;
}

static void a_mention_on_x_is_answered_once(void **state)
{
	char status[32], kase[32];
	struct world *world = world_new(state, ON_X);
	struct screen *desk = world_desk(world, "alice");
	comes_in(world, desk, "swift", "@acme my parcel fell off the ferry", status);
	world_case_of(world, "@swift", kase);
	send_reply(world, desk, "It floats and comes back.");
	world_expect_sent(world, "It floats and comes back.", 1);
	json *sent = world_sent_status(world, "It floats");
	assert_string_equal(json_str_or(sent, "in_reply_to_id", ""), status);
	json_free(sent);
	world_expect_case(world, kase, "status", "waiting");
	world_expect_text_soon(world, desk, "sent, public");
	comes_in(world, desk, "plover", "@acme is anybody there", status);
	assert_int_equal(asked(world, "POST /2/tweets"), 1);
	assert_int_equal(world_shown(world, kase, "post", "It floats"), 1);
}

/* The courier dies while X, which honours no key of ours, has taken the reply: the next one looks, and finds it. */
static void a_courier_killed_before_the_answer_came_looks_and_does_not_say_it_twice(void **state)
{
	char status[32], kase[32];
	struct world *world = world_new(state, ON_X);
	struct screen *desk = world_desk(world, "alice");
	comes_in(world, desk, "swift", "@acme my parcel fell off the ferry", status);
	world_case_of(world, "@swift", kase);
	world_control(world, "fault", "{\"match\":\"POST /2/tweets\",\"times\":1,\"kind\":\"stall_after\"}");
	send_reply(world, desk, "It floats & see https://a.example/");
	world_expect_soon(world, posted, world);
	pid_t first = world_courier(world);
	kill(first, SIGKILL);
	screen_expect(desk, "the courier has ended; it is being started again");
	world_expect_text_soon(world, desk, "it is looked for");
	world_advance(world, DELIVER_DOUBT_MS);
	world_expect_text_soon(world, desk, "sent, public");
	world_expect_case(world, kase, "status", "waiting");
	assert_int_not_equal(world_courier(world), first);
	assert_int_equal(world_sent(world, "It floats"), 1);
	assert_int_equal(asked(world, "POST /2/tweets"), 1);
	assert_true(asked(world, "GET /2/users/:id/tweets") > 0);
	assert_int_equal(world_shown(world, kase, "post", "It floats"), 1);
}

static void whoever_has_not_named_us_cannot_be_answered_and_the_desk_says_so_first(void **state)
{
	char status[32];
	struct world *world = world_new(state, ON_X);
	struct screen *desk = world_desk(world, "alice");
	comes_in(world, desk, "plover", "This acme kettle leaks", status);
	screen_send(desk, "r");
	screen_expect(desk, "@plover has not named you in this post");
	assert_int_equal(asked(world, "POST /2/tweets"), 0);
}

/* Ours is an estimate, and no lower than what the network took. */
static void what_an_account_costs_is_told_by_check(void **state)
{
	char status[32], kase[32];
	double told = 0;
	struct run_result result;
	struct world *world = world_new(state, &(struct world_options){.network = "x", .account = "budget = 1\n"});
	struct screen *desk = world_desk(world, "alice");
	comes_in(world, desk, "swift", "@acme my parcel fell off the ferry", status);
	world_case_of(world, "@swift", kase);
	send_reply(world, desk, "It floats: https://a.example/");
	world_expect_sent(world, "It floats", 1);
	world_expect_case(world, kase, "status", "waiting");
	json *state_of_net = fakenet_control(&world->net, "state", NULL);
	int64_t charged = json_int(json_path(state_of_net, "x"), "charged", 0);
	json_free(state_of_net);
	world_run(world, &result, "check", NULL);
	const char *line = strstr(result.out.p, "acme: about ");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "acme: about %lf USD today", &told), 1);
	assert_non_null(strstr(line, " of 1.00 USD this month"));
	assert_true(charged > 200000 && (int64_t)(told * 1e6 + 0.5) >= charged);
	run_result_release(&result);
}

/* Time stands still: nothing is polled. */
static void with_the_applications_token_a_mention_comes_by_the_stream(void **state)
{
	char status[32], kase[32];
	struct world *world = world_new(state, BY_STREAM);
	struct screen *desk = world_desk(world, "alice");
	screen_expect_gone(desk, "polling");
	world_post(world, "swift", "@acme my parcel fell off the ferry", NULL, status);
	screen_expect(desk, "my parcel fell");
	world_case_of(world, "@swift", kase);
	send_reply(world, desk, "It floats.");
	world_expect_sent(world, "It floats.", 1);
	world_expect_case(world, kase, "status", "waiting");
	world_post(world, "plover", "This acme kettle leaks", NULL, NULL);
	screen_expect(desk, "kettle leaks");
}

static bool polls_no_more(void *arg)
{
	return !screen_contains(arg, "polling");
}

static void what_was_said_while_the_stream_was_away_arrives_once(void **state)
{
	char kase[32];
	struct world *world = world_new(state, BY_STREAM);
	struct screen *desk = world_desk(world, "alice");
	screen_expect_gone(desk, "polling");
	world_post(world, "swift", "@acme before the cut", NULL, NULL);
	screen_expect(desk, "before the cut");
	world_control(
	        world, "fault", "{\"match\":\"GET /2/tweets/search/stream*\",\"times\":2,\"kind\":\"status 503\"}");
	world_control(world, "stream", "{\"kind\":\"disconnect\"}");
	screen_expect(desk, "polling");
	world_post(world, "plover", "@acme during the cut", NULL, NULL);
	world_expect_text_soon(world, desk, "during the cut");
	world_expect_soon(world, polls_no_more, desk);
	world_post(world, "tern", "@acme after the cut", NULL, NULL);
	screen_expect(desk, "after the cut");
	world_case_of(world, "@plover", kase);
	assert_int_equal(world_shown(world, kase, "post", "during the cut"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_mention_on_x_is_answered_once),
	        E2E(a_courier_killed_before_the_answer_came_looks_and_does_not_say_it_twice),
	        E2E(what_an_account_costs_is_told_by_check),
	        E2E(with_the_applications_token_a_mention_comes_by_the_stream),
	        E2E(what_was_said_while_the_stream_was_away_arrives_once),
	        E2E(whoever_has_not_named_us_cannot_be_answered_and_the_desk_says_so_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
