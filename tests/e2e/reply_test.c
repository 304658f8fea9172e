/* Answering in public: held, recalled, sent once, and never by accident. */
#include "tests/e2e/e2e.h"

/* What the courier would have to do has been done by now: a mention went all the way through it. A courier that has
 * seen an hour pass in silence connects anew, which takes seconds. */
static void courier_had_its_turn(struct world *world, struct screen *desk)
{
	world_post(world, "plover", "@acme is anybody there", NULL, NULL);
	world_expect_text_soon(world, desk, "is anybody there");
}

static void a_reply_is_held_then_sent_once_under_the_customers_post(void **state)
{
	char status[32], kase[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", status, kase);
	send_reply(world, desk, "It floats and comes back.");
	world_advance(world, UNDO_WINDOW_MS - 1000);
	screen_expect(desk, "held 1s");
	assert_int_equal(world_sent(world, "It floats"), 0);
	world_advance(world, 1000);
	world_expect_sent(world, "It floats and comes back.", 1);
	json *sent = world_sent_status(world, "It floats");
	assert_string_equal(json_str_or(sent, "in_reply_to_id", ""), status);
	assert_string_equal(json_str_or(sent, "text", ""), "@swift@ferry.example It floats and comes back.");
	json_free(sent);
	screen_expect(desk, "sent, public");
	world_expect_case(world, kase, "status", "waiting");
	world_advance(world, 120000);
	courier_had_its_turn(world, desk);
	world_expect_sent(world, "It floats", 1);
}

static void a_reply_recalled_in_time_is_a_draft_again(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	send_reply(world, desk, "It sinks.");
	world_advance(world, UNDO_WINDOW_MS - 1000);
	screen_expect(desk, "held 1s");
	screen_send(desk, CTRL_G);
	screen_expect(desk, "its text is a draft again");
	world_advance(world, 120000);
	courier_had_its_turn(world, desk);
	assert_int_equal(world_sent(world, "It sinks"), 0);
	screen_send(desk, "ggr");
	screen_expect(desk, SAYS_COMPOSER);
	screen_expect(desk, "It sinks.");
}

static bool being_sent(void *arg)
{
	json *answer = fakenet_control(&((struct world *)arg)->net, "state", NULL);
	bool asked = json_int(json_get(answer, "requests"), "POST /api/v1/statuses", 0) > 0;
	json_free(answer);
	return asked;
}

static void a_recall_that_comes_too_late_says_so(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	world_control(world, "fault", "{\"match\":\"POST /api/v1/statuses\",\"times\":1,\"kind\":\"slow 1500\"}");
	send_reply(world, desk, "It floats.");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_soon(world, being_sent, world);
	screen_send(desk, CTRL_G);
	screen_expect(desk, "too late: the reply to @swift@ferry.example is being sent");
	world_expect_sent(world, "It floats.", 1);
}

static void one_burst_of_send_and_enter_sends_nothing(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	type_reply(desk, "Half a thought");
	screen_send(desk, CTRL_X ENTER);
	screen_expect(desk, SAYS_SEND_BAR);
	screen_send(desk, ENTER);
	screen_send(desk, CTRL_Y);
	catch_up(desk);
	assert_false(screen_contains(desk, "held 20s"));
	world_advance(world, DEAF_MS);
	screen_send(desk, "\t");
	screen_expect(desk, "then stay");
	screen_send(desk, CTRL_C);
	screen_expect_gone(desk, SAYS_SEND_BAR);
	screen_expect_that(desk, screen_contains(desk, "Half a thought"));
	world_advance(world, 10 * UNDO_WINDOW_MS);
	courier_had_its_turn(world, desk);
	assert_int_equal(world_sent(world, "Half"), 0);
}

static void prose_after_the_send_key_goes_into_the_text(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", (char[32]){0}, NULL);
	type_reply(desk, "Half a thought");
	screen_send(desk, CTRL_X);
	at_the_bar(world, desk, "\t");
	screen_expect(desk, "then stay");
	screen_send(desk, ", the other half" ENTER "and a second line" ENTER);
	screen_expect(desk, "Half a thought, the other half");
	screen_expect(desk, "and a second line");
	screen_expect_that(desk, screen_contains(desk, SAYS_COMPOSER));
	world_advance(world, 10 * UNDO_WINDOW_MS);
	courier_had_its_turn(world, desk);
	assert_int_equal(world_sent(world, "Half"), 0);
}

static void a_held_reply_stops_when_the_customer_speaks_again(void **state)
{
	char status[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", status, NULL);
	send_reply(world, desk, "It floats.");
	world_post(world, "swift", "@acme forget it, it has come", status, NULL);
	screen_expect(desk, "it has come");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_text_soon(world, desk, "was stopped");
	screen_expect_that(desk, screen_bells(desk) > 0);
	world_advance(world, 120000);
	courier_had_its_turn(world, desk);
	assert_int_equal(world_sent(world, "It floats"), 0);
	screen_send(desk, "go");
	screen_expect(desk, "[outbox");
	screen_expect(desk, "It floats.");
}

static void the_customers_answer_opens_the_case_again(void **state)
{
	char status[32], kase[32], again[32];
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", status, kase);
	send_reply(world, desk, "It floats.");
	world_advance(world, UNDO_WINDOW_MS);
	world_expect_sent(world, "It floats", 1);
	world_expect_case(world, kase, "status", "waiting");
	json *sent = world_sent_status(world, "It floats");
	world_post(world, "swift", "@acme it does not", json_str_or(sent, "id", ""), NULL);
	json_free(sent);
	screen_expect(desk, "it does not");
	world_expect_case(world, kase, "status", "open");
	world_case_of(world, "@swift@ferry.example", again);
	assert_string_equal(again, kase);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_reply_is_held_then_sent_once_under_the_customers_post),
	        E2E(a_reply_recalled_in_time_is_a_draft_again),
	        E2E(a_recall_that_comes_too_late_says_so),
	        E2E(one_burst_of_send_and_enter_sends_nothing),
	        E2E(prose_after_the_send_key_goes_into_the_text),
	        E2E(a_held_reply_stops_when_the_customer_speaks_again),
	        E2E(the_customers_answer_opens_the_case_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
