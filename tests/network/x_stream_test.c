/* X's filtered stream: rules in step with what is listened for, nothing lost between two connections, the waits that X
 * states, and polling wherever there is no stream. */
#include "tests/network/x_world.h"

#define RULES "/2/tweets/search/stream/rules"
#define GET_RULES "GET " RULES
#define POST_RULES "POST " RULES
#define STREAM "GET /2/tweets/search/stream?"
#define MENTIONS "/mentions?"
#define SEARCH "/2/tweets/search/recent?"
#define MENTION_RULE "(@acme OR to:acme) -is:retweet -from:acme"
#define RULE_7 "{\"data\":[{\"id\":\"7\",\"value\":\"" MENTION_RULE "\",\"tag\":\"curlew @acme mentions\"}]}"
#define EVENT(id) "{\"data\":" POST(id, "@acme hello") "," SAM ",\"matching_rules\":[{\"id\":\"7\",\"tag\":\"x\"}]}\r\n"

static const char stream_head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";

static void say(struct desk *d, const char *bytes, size_t len)
{
	struct str chunk = STR_INIT;
	str_addf(&chunk, "%zx\r\n", len);
	str_add(&chunk, bytes, len);
	str_adds(&chunk, "\r\n");
	script_server_send(d->world->server, chunk.p, chunk.len);
	str_release(&chunk);
}

/* The next one who asks has the stream, which begins with these lines. */
static void opens(struct desk *d, const char *lines)
{
	struct str answer = STR_INIT;
	str_adds(&answer, stream_head);
	if (*lines)
		str_addf(&answer, "%zx\r\n%s\r\n", strlen(lines), lines);
	vec_push(&d->answers, str_detach(&answer));
	script_server_next_for(
	        d->world->server, STREAM, 1, (struct script){.answer = d->answers.at[d->answers.len - 1]});
}

/* A blank line, which has been read when this returns. */
static void heartbeat(struct desk *d)
{
	struct x *x = (struct x *)d->network;
	say(d, "\r\n", 2);
	for (int i = 0; i < 10000 && x->stream.last_byte_ms < mono_now; i++) {
		uv_run(&d->world->loop, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
	assert_int_equal(x->stream.last_byte_ms, mono_now);
}

/* The refusal has been read. */
static void until_waiting(struct desk *d)
{
	struct x *x = (struct x *)d->network;
	for (int i = 0; i < 10000 && x->stream.phase != X_STREAM_WAITING; i++) {
		uv_run(&d->world->loop, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
	assert_int_equal(x->stream.phase, X_STREAM_WAITING);
}

/* How often a request that holds this has come. */
static int asked(const struct desk *d, const char *match)
{
	int count = 0;
	for (const char *p = script_server_read(d->world->server); (p = strstr(p, match)); p++)
		count++;
	return count;
}

static void until_asked(struct desk *d, const char *match, int count)
{
	for (int i = 0; i < 10000 && asked(d, match) < count; i++) {
		uv_run(&d->world->loop, UV_RUN_NOWAIT);
		advance(d->world, 0);
		uv_sleep(1); /* of real time, which libcurl's resolver takes */
	}
	assert_int_equal(asked(d, match), count);
}

/* Until what was said has been read. */
static void until_paid(struct desk *d, int64_t month)
{
	for (int i = 0; i < 10000 && d->spending.month < month; i++) {
		uv_run(&d->world->loop, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
	assert_int_equal(d->spending.month, month);
}

static void until_live(struct desk *d, const char *reason)
{
	while (d->state != ACCOUNT_LIVE || strcmp(d->reason, reason) != 0)
		run_in_step_until(d->world, &d->live, d->live + 1);
}

/* Live by the stream, with the one rule there already. */
static void live_by_stream(struct desk *d)
{
	d->app_token = "app-token";
	d->saved = "100";
	says_to(d, "/2/users/me", "200 OK", ME);
	says_to(d, GET_RULES, "200 OK", RULE_7);
	for (int i = 0; i < 2; i++) /* at once, and when the stream is open */
		says_to(d, MENTIONS, "200 OK", EMPTY);
	opens(d, "");
	open_desk(d);
	until_live(d, "");
}

static void only_the_rules_that_differ_are_touched_and_those_of_others_stay(void **state)
{
	static const char *const listen[] = {"acme kettle"};
	char now[24];
	x_id_of_time(WALL_START, now);
	struct desk d = {.world = *state,
	        .saved = now,
	        .saved_search = now,
	        .listen = listen,
	        .listen_count = 1,
	        .app_token = "app-token"};
	says_to(&d, "/2/users/me", "200 OK", ME);
	says_to(&d, GET_RULES, "200 OK",
	        "{\"data\":[{\"id\":\"7\",\"value\":\"" MENTION_RULE "\",\"tag\":\"curlew @acme mentions\"},"
	        "{\"id\":\"8\",\"value\":\"\\\"acme teapot\\\"\",\"tag\":\"curlew @acme search:1\"},"
	        "{\"id\":\"9\",\"value\":\"cats\",\"tag\":\"of others\"},"
	        "{\"id\":\"10\",\"value\":\"dogs\",\"tag\":\"curlew @acmeuk search:1\"}]}");
	says_to(&d, "\"delete\"", "200 OK", "{\"meta\":{\"summary\":{\"deleted\":1,\"not_deleted\":0}}}");
	says_to(&d, "\"add\"", "201 Created",
	        "{\"data\":[{\"id\":\"11\",\"value\":\"(\\\"acme kettle\\\") -is:retweet -from:acme\"}]}");
	for (int i = 0; i < 3; i++) {
		says_to(&d, MENTIONS, "200 OK", EMPTY);
		says_to(&d, SEARCH, "200 OK", EMPTY);
	}
	opens(&d, "");
	open_desk(&d);
	until_live(&d, "");
	const char *read = script_server_read(d.world->server);
	assert_non_null(strstr(read, "{\"delete\":{\"ids\":[\"8\"]}}"));
	assert_non_null(strstr(read, "{\"add\":[{\"value\":\"(\\\"acme kettle\\\") -is:retweet -from:acme\","
	                             "\"tag\":\"curlew @acme search:1\"}]}"));
	assert_int_equal(asked(&d, POST_RULES), 2);
	assert_non_null(strstr(read, "Bearer app-token"));
	assert_true(d.facts.caps & CAP_STREAM);
	/* A new rule is not heard at once: what it may have missed is asked for. */
	int before = asked(&d, SEARCH);
	for (int i = 0; i < 3; i++) {
		advance(d.world, 10000);
		heartbeat(&d);
	}
	until_asked(&d, SEARCH, before + 1);
	close_desk(&d);
}

static void a_rule_that_is_refused_is_polled_and_the_others_are_heard(void **state)
{
	static const char *const listen[] = {"acme kettle"};
	char now[24];
	x_id_of_time(WALL_START, now);
	struct desk d = {.world = *state,
	        .saved = now,
	        .saved_search = now,
	        .listen = listen,
	        .listen_count = 1,
	        .app_token = "app-token"};
	says_to(&d, "/2/users/me", "200 OK", ME);
	says_to(&d, GET_RULES, "200 OK", RULE_7);
	says_to(&d, "\"add\"", "201 Created",
	        "{\"errors\":[{\"value\":\"(\\\"acme kettle\\\") -is:retweet "
	        "-from:acme\",\"title\":\"UnprocessableEntity\"}]}");
	for (int i = 0; i < 3; i++) {
		says_to(&d, MENTIONS, "200 OK", EMPTY);
		says_to(&d, SEARCH, "200 OK", EMPTY);
	}
	opens(&d, EVENT("205"));
	open_desk(&d);
	run_in_step_until(d.world, &d.came, 1);
	until_live(&d, "polling");
	close_desk(&d);
}

static void what_the_stream_says_while_the_gap_is_filled_is_handed_over_after_it(void **state)
{
	struct desk d = {.world = *state, .saved = "100", .app_token = "app-token"};
	says_to(&d, "/2/users/me", "200 OK", ME);
	says_to(&d, GET_RULES, "200 OK", RULE_7);
	says_to(&d, MENTIONS, "200 OK", EMPTY);
	says_to(&d, MENTIONS, "200 OK", "{\"data\":[" POST("203", "@acme a") "]," SAM "}");
	opens(&d, EVENT("205"));
	open_desk(&d);
	until_live(&d, "");
	assert_int_equal(d.came, 2);
	assert_string_equal(d.ids.at[0], "203");
	assert_string_equal(d.ids.at[1], "205");
	close_desk(&d);
}

static void the_documented_bytes_are_read_however_they_are_cut(void **state)
{
	static const char *const listen[] = {"brand"};
	char now[24];
	x_id_of_time(WALL_START, now);
	struct desk d = {.world = *state,
	        .saved = now,
	        .saved_search = now,
	        .listen = listen,
	        .listen_count = 1,
	        .app_token = "app-token"};
	struct str data = read_data("x/filtered_stream.json");
	json *whole = json_parse(data.p, data.len, NULL);
	const char *bytes = json_str(whole, "stream_utf8");
	says_to(&d, "/2/users/me", "200 OK",
	        "{\"data\":{\"id\":\"1111111111111111111\",\"username\":\"brandcare\",\"name\":\"Brand\"}}");
	says_to(&d, GET_RULES, "200 OK",
	        "{\"data\":[{\"id\":\"2083341940945846281\",\"value\":\"(\\\"brand\\\") -is:retweet -from:acme\"},"
	        "{\"id\":\"7\",\"value\":\"(@brandcare OR to:brandcare) -is:retweet -from:brandcare\"}]}");
	for (int i = 0; i < 2; i++) {
		says_to(&d, MENTIONS, "200 OK", EMPTY);
		says_to(&d, SEARCH, "200 OK", EMPTY);
	}
	opens(&d, "");
	open_desk(&d);
	until_live(&d, "");
	for (size_t at = 0, len = strlen(bytes); at < len; at += 7)
		say(&d, bytes + at, len - at < 7 ? len - at : 7);
	run_in_step_until(d.world, &d.came, 2);
	assert_string_equal(d.ids.at[0], "2090785991685046273");
	assert_string_equal(d.ids.at[1], "2090785991685046273");
	until_asked(&d, GET_RULES, 2); /* after the goodbye: at once */
	json_free(whole);
	str_release(&data);
	close_desk(&d);
}

static void a_stream_without_a_sign_of_life_is_left_after_25_seconds(void **state)
{
	struct desk d = {.world = *state};
	live_by_stream(&d);
	for (int i = 0; i < 3; i++) {
		advance(d.world, 20000);
		heartbeat(&d);
	}
	assert_int_equal(asked(&d, GET_RULES), 1);
	advance(d.world, 25000);
	until_asked(&d, GET_RULES, 2);
	close_desk(&d);
}

static void a_connection_that_breaks_again_and_again_is_waited_for_a_little_longer_each_time(void **state)
{
	struct desk d = {.world = *state};
	live_by_stream(&d);
	for (int i = 0; i < 3; i++) {
		says_to(&d, GET_RULES, "200 OK", RULE_7);
		says_to(&d, MENTIONS, "200 OK", EMPTY);
		opens(&d, "");
		script_server_hang_up(d.world->server);
		until_live(&d, "polling");
		if (i) {
			advance(d.world, i * 250 - 1);
			uv_run(&d.world->loop, UV_RUN_NOWAIT);
			assert_int_equal(asked(&d, GET_RULES), i + 1);
			advance(d.world, 1);
		}
		until_asked(&d, GET_RULES, i + 2);
		until_live(&d, "");
	}
	close_desk(&d);
}

static void the_waits_after_a_refusal_are_those_that_x_states_and_mentions_are_polled_meanwhile(void **state)
{
	static const struct {
		const char *status, *body;
		int wait_ms;
	} steps[] = {{"503 Service Unavailable", "{}", 5000}, {"503 Service Unavailable", "{}", 10000},
	        {"409 Conflict", "{\"connection_issue\":\"RuleConfigurationIssue\"}", 20000},
	        {"429 Too Many Requests",
	                "{\"title\":\"ConnectionException\",\"connection_issue\":\"TooManyConnections\"}", 60000}};
	struct desk d = {.world = *state, .saved = "100", .app_token = "app-token"};
	says_to(&d, "/2/users/me", "200 OK", ME);
	for (int i = 0; i < 40; i++)
		says_to(&d, MENTIONS, "200 OK", EMPTY);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		says_to(&d, GET_RULES, "200 OK", RULE_7);
		says_to(&d, STREAM, steps[i].status, steps[i].body);
	}
	open_desk(&d);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		until_asked(&d, STREAM, (int)i + 1);
		until_waiting(&d);
		advance(d.world, steps[i].wait_ms - 1);
		uv_run(&d.world->loop, UV_RUN_NOWAIT);
		assert_int_equal(asked(&d, GET_RULES), (int)i + 1);
		advance(d.world, 1);
		until_asked(&d, GET_RULES, (int)i + 2);
	}
	until_live(&d, "polling");
	assert_true(asked(&d, MENTIONS) >= 3);
	close_desk(&d);
}

static void an_application_without_a_stream_polls_and_says_so(void **state)
{
	struct desk d = {.world = *state, .saved = "100", .app_token = "app-token"};
	says_to(&d, "/2/users/me", "200 OK", ME);
	says_to(&d, GET_RULES, "200 OK", RULE_7);
	says_to(&d, MENTIONS, "200 OK", EMPTY);
	says_to(&d, STREAM, "403 Forbidden",
	        "{\"title\":\"Client Forbidden\",\"reason\":\"client-not-enrolled\",\"detail\":\"not in your plan\"}");
	open_desk(&d);
	until_live(&d, "polling: X has no stream for this application");
	assert_false(d.facts.caps & CAP_STREAM);
	advance(d.world, 15000);
	until_asked(&d, MENTIONS, 2);
	assert_int_equal(asked(&d, STREAM), 1);
	close_desk(&d);
}

static void what_the_stream_brings_is_paid_for_and_it_is_left_before_the_budget_is_exceeded(void **state)
{
	/* A page of 100 posts, with what they answer and their authors, is 3 dollars. */
	struct desk d = {.world = *state, .budget = 3040000};
	live_by_stream(&d);
	assert_int_equal(d.spending.month, 10000);
	heartbeat(&d);
	say(&d, EVENT("205"), strlen(EVENT("205")));
	until_paid(&d, 25000);
	assert_string_equal(d.reason, "");
	say(&d, EVENT("206"), strlen(EVENT("206")));
	until_paid(&d, 40000);
	say(&d, EVENT("207"), strlen(EVENT("207")));
	until_paid(&d, 55000);
	until_live(&d, "polling");
	assert_int_equal(d.came, 3);
	advance(d.world, 15000);
	until_asked(&d, MENTIONS, 3);
	assert_int_equal(asked(&d, STREAM), 1);
	close_desk(&d);
}

static void positions_move_while_nothing_is_said(void **state)
{
	struct desk d = {.world = *state};
	char most[24], least[24];
	live_by_stream(&d);
	for (int i = 0; i < 16; i++) {
		advance(d.world, 20000);
		heartbeat(&d);
	}
	x_id_of_time(wall_now - 60000, most);
	x_id_of_time(wall_now - 120000, least);
	assert_true(x_id_compare(d.position, most) <= 0 && x_id_compare(d.position, least) >= 0);
	close_desk(&d);
}

static void rules_of_others_bring_nothing(void **state)
{
	static const char foreign[] =
	        "{\"data\":" POST("205", "cats") "," SAM ",\"matching_rules\":[{\"id\":\"9\"}]}\r\n";
	struct desk d = {.world = *state};
	live_by_stream(&d);
	say(&d, foreign, sizeof foreign - 1);
	say(&d, EVENT("206"), strlen(EVENT("206")));
	run_in_step_until(d.world, &d.came, 1);
	assert_string_equal(d.ids.at[0], "206");
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                only_the_rules_that_differ_are_touched_and_those_of_others_stay, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_rule_that_is_refused_is_polled_and_the_others_are_heard, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                what_the_stream_says_while_the_gap_is_filled_is_handed_over_after_it, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                the_documented_bytes_are_read_however_they_are_cut, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_stream_without_a_sign_of_life_is_left_after_25_seconds, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_connection_that_breaks_again_and_again_is_waited_for_a_little_longer_each_time, world_start,
	                world_stop),
	        cmocka_unit_test_setup_teardown(
	                the_waits_after_a_refusal_are_those_that_x_states_and_mentions_are_polled_meanwhile,
	                world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                an_application_without_a_stream_polls_and_says_so, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                what_the_stream_brings_is_paid_for_and_it_is_left_before_the_budget_is_exceeded, world_start,
	                world_stop),
	        cmocka_unit_test_setup_teardown(positions_move_while_nothing_is_said, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(rules_of_others_bring_nothing, world_start, world_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
