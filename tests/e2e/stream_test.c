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

static void what_the_customer_edits_or_deletes_is_marked(void **state)
{
	char status[32];
	struct str body = STR_INIT;
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", status, NULL);
	str_addf(&body, "{\"id\":\"%s\",\"text\":\"@acme my parcel fell off the bus\"}", status);
	world_control(world, "edit", body.p);
	screen_expect(desk, "edited");
	screen_expect(desk, "off the bus");
	screen_expect_gone(desk, "off the ferry");
	str_clear(&body);
	str_addf(&body, "{\"id\":\"%s\"}", status);
	world_control(world, "delete", body.p);
	screen_expect(desk, "deleted");
	str_release(&body);
}

static void what_was_said_while_the_stream_was_cut_arrives_once(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme before the gap", (char[32]){0}, NULL);
	world_control(world, "fault", "{\"match\":\"GET /api/v1/streaming/*\",\"times\":3,\"kind\":\"status 503\"}");
	world_control(world, "stream", "{\"kind\":\"close\"}");
	screen_expect_gone(desk, SAYS_LIVE);
	world_post(world, "plover", "@acme within the gap", NULL, NULL);
	world_expect_text_soon(world, desk, "within the gap");
	world_expect_text_soon(world, desk, SAYS_LIVE);
	world_post(world, "dunlin", "@acme after the gap", NULL, NULL);
	screen_expect(desk, "after the gap");
	struct run_result result;
	world_run(world, &result, "query", "", "--json", NULL);
	int rows = 0;
	for (const char *p = result.out.p; (p = strchr(p, '\n')); p++)
		rows++;
	assert_int_equal(rows, 3);
	run_result_release(&result);
}

static void an_event_that_breaks_off_is_read_again(void **state)
{
	struct world *world = world_new(state, &(struct world_options){0});
	struct screen *desk = world_desk(world, "alice");
	world_control(world, "fault",
	        "{\"match\":\"GET /api/v1/streaming/*\",\"times\":1,\"kind\":\"cut_stream_mid_event\"}");
	world_post(world, "swift", "@acme half an event", NULL, NULL);
	world_expect_text_soon(world, desk, "half an event");
	world_expect_text_soon(world, desk, SAYS_LIVE);
	world_post(world, "plover", "@acme a whole one", NULL, NULL);
	screen_expect(desk, "a whole one");
}

/* A server that has no event stream, and heeds no key. */
static void over_a_websocket_mentions_come_at_once_and_a_reply_goes_out_once(void **state)
{
	char status[32], kase[32];
	struct world *world = world_new(state, &(struct world_options){.kind = "gotosocial"});
	struct screen *desk = world_desk(world, "alice");
	mention(world, desk, "swift", "@acme my parcel fell off the ferry", status, kase);
	world_control(world, "fault", "{\"match\":\"POST /api/v1/statuses\",\"times\":1,\"kind\":\"close_after\"}");
	struct run_result result;
	world_run(world, &result, "do", kase, "reply", "--send", "We are diving for it", NULL);
	assert_int_equal(result.status, 0);
	run_result_release(&result);
	/* Held, sent into nothing, in doubt for a minute, looked for, and found. */
	for (int i = 0; i < 200; i++) {
		world_advance(world, 1000);
		screen_pump(desk, 10);
	}
	world_run(world, &result, "show", kase, "--json", NULL);
	assert_non_null(strstr(result.out.p, "We are diving for it"));
	run_result_release(&result);
	json *told = fakenet_control(&world->net, "state", NULL);
	assert_int_equal(json_int(told, "brand_count", -1), 1);
	json_free(told);
	world_control(world, "stream", "{\"kind\":\"close\"}");
	screen_expect_gone(desk, SAYS_LIVE);
	world_post(world, "plover", "@acme within the gap", NULL, NULL);
	world_expect_text_soon(world, desk, "within the gap");
}

static void where_nothing_is_told_mentions_are_asked_for(void **state)
{
	struct world *world = world_new(state, &(struct world_options){.kind = "polled"});
	struct screen *desk = world_desk(world, "alice");
	world_post(world, "swift", "@acme my parcel fell off the ferry", NULL, NULL);
	world_advance(world, 60000);
	world_expect_text_soon(world, desk, "fell off the ferry");
	world_post(world, "plover", "@acme mine, too", NULL, NULL);
	world_advance(world, 15000);
	world_expect_text_soon(world, desk, "mine, too");
}

/* The line leaves the desk before the store has been told. */
static bool is_noted(void *arg)
{
	struct run_result result;
	world_run(arg, &result, "report", NULL);
	bool noted = strstr(result.out.p, "Not read       acme \"acme kettle\", ") &&
	             strstr(result.out.p, ": a search goes back no further than 200 posts; noted by alice\n");
	run_result_release(&result);
	return noted;
}

static void what_no_search_shows_any_more_stands_over_the_inbox_until_it_is_noted(void **state)
{
	enum { SHOWN = 200, SAID = SHOWN + 20, SEARCHED_EVERY_MS = 121000 };
	struct run_result result;
	struct world *world = world_new(state, &(struct world_options){.account = "listen = \"acme kettle\"\n"});
	struct screen *desk = world_desk(world, "alice");
	for (int i = 0; i < SAID; i++)
		world_post(world, "swift", "my acme kettle leaks again", NULL, NULL);
	world_advance(world, SEARCHED_EVERY_MS);
	world_expect_text_soon(world, desk, "not read: ");
	screen_expect(desk, "acme \"acme kettle\"");
	world_run(world, &result, "check", NULL);
	assert_non_null(strstr(result.out.p, "warning  gap            acme: \"acme kettle\" from "));
	run_result_release(&result);
	screen_send(desk, ":seen\r");
	screen_expect_gone(desk, "not read: ");
	world_expect(world, is_noted, world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        E2E(a_streamed_mention_is_on_the_screen_within_a_second),
	        E2E(what_the_customer_edits_or_deletes_is_marked),
	        E2E(what_was_said_while_the_stream_was_cut_arrives_once),
	        E2E(an_event_that_breaks_off_is_read_again),
	        E2E(over_a_websocket_mentions_come_at_once_and_a_reply_goes_out_once),
	        E2E(where_nothing_is_told_mentions_are_asked_for),
	        E2E(what_no_search_shows_any_more_stands_over_the_inbox_until_it_is_noted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
