/* The account on X against scripted answers, which are those of its documentation. */
#include "tests/network/x_world.h"

/* --- coming in */

static void mentions_come_oldest_first_and_the_position_moves_with_the_last(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	says(&d, "200 OK", ME);
	says(&d, "200 OK",
	        "{\"data\":[" POST("205", "@acme c") "," POST("203", "@acme b") "]," SAM
	                                                                        ",\"meta\":{\"next_token\":\"n1\"}}");
	says(&d, "200 OK", "{\"data\":[" POST("202", "@acme a") "]," SAM ",\"meta\":{}}");
	open_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.ids.len, 3);
	assert_string_equal(d.ids.at[0], "202");
	assert_string_equal(d.ids.at[1], "203");
	assert_string_equal(d.ids.at[2], "205");
	assert_string_equal(d.position, "205");
	assert_non_null(strstr(script_server_read(d.world->server), "since_id=100"));
	assert_non_null(strstr(script_server_read(d.world->server), "pagination_token=n1"));
	assert_int_equal(d.gaps, 0);
	/* users/me, three posts, two users */
	assert_int_equal(d.spending.month, 10000 + 3 * 5000 + 2 * 10000);
	assert_int_equal(d.facts.prices.reply_link, 200000);
	close_desk(&d);
}

static void a_list_that_never_ends_is_left_after_two_pages_without_a_new_id(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	says(&d, "200 OK", ME);
	for (int i = 0; i < 3; i++)
		says(&d, "200 OK",
		        "{\"data\":[" POST("205", "@acme c") "]," SAM ",\"meta\":{\"next_token\":\"same\"}}");
	open_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_string_equal(d.position, "205");
	assert_int_equal(d.gaps, 0);
	close_desk(&d);
}

static void names_that_x_has_forgotten_are_noticed_and_the_others_used(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	says(&d, "200 OK", ME);
	says(&d, "200 OK", "{\"data\":[{\"id\":\"205\",\"text\":\"@acme c\"}]}");
	says(&d, "200 OK", "{\"data\":[" POST("205", "@acme c") "]," SAM "}");
	open_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.ids.len, 1);
	assert_non_null(strstr(script_server_read(d.world->server), "post.fields="));
	close_desk(&d);
}

static void a_search_that_was_away_for_longer_than_it_sees_leaves_a_gap(void **state)
{
	static const char *const listen[] = {"acme kettle", "#acmefail"};
	char old[24];
	x_id_of_time(WALL_START - INT64_C(8) * 24 * 3600 * 1000, old);
	struct desk d = {.world = *state, .saved = "100", .saved_search = old, .listen = listen, .listen_count = 2};
	says(&d, "200 OK", ME);
	says(&d, "200 OK", EMPTY);
	says(&d, "200 OK", EMPTY);
	open_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.gaps, 1);
	assert_non_null(strstr(d.gap, "(\"acme kettle\" OR #acmefail) -is:retweet -from:acme"));
	assert_non_null(strstr(d.gap, "seven days"));
	close_desk(&d);
}

static void a_budget_stops_reading_before_it_is_exceeded(void **state)
{
	struct desk d = {.world = *state, .saved = "100", .budget = 100000};
	says(&d, "200 OK", ME);
	open_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_RATE_LIMITED);
	assert_non_null(strstr(d.reason, "budget of 0.10 USD is used up"));
	says(&d, "201 Created", "{\"data\":{\"id\":\"300\",\"text\":\"Sorry\"}}");
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	close_desk(&d);
}

static void credits_that_are_used_up_stop_everything(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	says(&d, "200 OK", ME);
	says(&d, "402 Payment Required", "{\"title\":\"CreditsDepleted\",\"detail\":\"no credits\"}");
	open_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_FAILED);
	/* Sends, too: with the reason, and without a request. */
	int asked = script_server_requests(d.world->server);
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	assert_non_null(strstr(d.why, "wants to be paid"));
	assert_int_equal(script_server_requests(d.world->server), asked);
	/* Somebody may have paid after an hour. */
	says(&d, "200 OK", EMPTY);
	advance(d.world, 3600 * 1000);
	run_in_step_until(d.world, &d.live, 1);
	says(&d, "201 Created", "{\"data\":{\"id\":\"300\",\"text\":\"Sorry\"}}");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	close_desk(&d);
}

static void a_new_day_begins_at_zero_though_nothing_is_paid(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	assert_int_equal(d.spending.day, 10000);
	says(&d, "200 OK", EMPTY);
	advance(d.world, 24 * 3600 * 1000);
	for (int i = 0; i < 10000 && d.spending.day; i++) {
		uv_run(&d.world->loop, UV_RUN_NOWAIT);
		advance(d.world, 1);
		uv_sleep(1);
	}
	assert_int_equal(d.spending.day, 0);
	assert_int_equal(d.spending.month, 10000);
	close_desk(&d);
}

static void a_send_that_finds_no_credits_stops_everything(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	says(&d, "402 Payment Required",
	        "{\"detail\":\"credits depleted\",\"status\":402,\"title\":\"Payment "
	        "Required\",\"type\":\"https://api.x.com/2/problems/credits-depleted\"}");
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	assert_non_null(strstr(d.why, "credits depleted"));
	assert_int_equal(d.state, ACCOUNT_FAILED);
	close_desk(&d);
}

static void the_posts_of_a_day_are_used_up_until_they_are_not(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	char headers[160];
	live(&d);
	snprintf(headers, sizeof headers,
	        "x-rate-limit-limit: 100\r\nx-rate-limit-remaining: 99\r\nx-user-limit-24hour-remaining: "
	        "0\r\nx-user-limit-24hour-reset: %lld\r\n",
	        (long long)(wall_now / 1000 + 7200));
	says_with(&d, "201 Created", headers, "{\"data\":{\"id\":\"300\",\"text\":\"One\"}}");
	struct reply one = a_reply("One"), two = a_reply("Two");
	perform(&d, &one);
	assert_int_equal(d.outcome, CALL_OK);
	int64_t full = wall_now;
	perform(&d, &two);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	assert_non_null(strstr(d.why, "no more posts from you in these 24 hours"));
	assert_true(d.retry_at > full + 7100 * 1000 && d.retry_at <= full + 7200 * 1000);
	wall_now += 7200 * 1000;
	mono_now += 7200 * 1000;
	says_to(&d, "POST /2/tweets", "201 Created", "{\"data\":{\"id\":\"301\",\"text\":\"Two\"}}");
	perform(&d, &two);
	assert_int_equal(d.outcome, CALL_OK);
	close_desk(&d);
}

static void a_limit_that_names_no_time_is_waited_for_a_minute_then_two(void **state)
{
	static const int waits_s[] = {60, 120, 240};
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	struct reply reply = a_reply("Sorry");
	for (size_t i = 0; i < sizeof waits_s / sizeof *waits_s; i++) {
		says_to(&d, "POST /2/tweets", "429 Too Many Requests",
		        "{\"errors\":[{\"code\":88,\"message\":\"Rate limit exceeded\"}]}");
		perform(&d, &reply);
		assert_int_equal(d.outcome, CALL_NOT_SENT);
		int64_t wait = d.retry_at - wall_now;
		assert_true(wait > waits_s[i] * 1000 - 1000 && wait <= waits_s[i] * 1000);
		wall_now += wait;
		mono_now += wait;
	}
	close_desk(&d);
}

/* The network's clock is an hour behind ours: what is said there in the next hour has ids from before our now. */
static void a_clock_that_is_ahead_of_the_networks_loses_nothing(void **state)
{
	struct desk d = {.world = *state};
	char now[24];
	says_with(&d, "200 OK", "Date: Sun, 22 Nov 2026 01:13:50 GMT\r\n", ME);
	says(&d, "200 OK", EMPTY);
	open_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	x_id_of_time(WALL_START - INT64_C(3600) * 1000, now);
	assert_true(*d.position && x_id_compare(d.position, now) <= 0);
	struct reply reply = a_reply("Sorry");
	says(&d, "200 OK", EMPTY);
	d.network->ops->find(d.network, &reply, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	const char *asked = strstr(script_server_read(d.world->server), "since_id=");
	assert_non_null(asked);
	char since[24] = "";
	str_copy(since, strspn(asked + 9, "0123456789") + 1, asked + 9);
	assert_true(x_id_compare(since, now) < 0);
	close_desk(&d);
}

/* --- the token */

static void a_new_token_is_durable_before_it_is_used(void **state)
{
	struct desk d = {.world = *state, .saved = "100", .refresh = "refresh-one", .expires = "1", .refuse_keep = 1};
	says(&d, "200 OK", "{\"access_token\":\"token-two\",\"refresh_token\":\"refresh-two\",\"expires_in\":7200}");
	says(&d, "200 OK", ME);
	says(&d, "200 OK", EMPTY);
	open_desk(&d);
	run_in_step_until(d.world, &d.keeps, 1);
	assert_null(strstr(script_server_read(d.world->server), "token-two"));
	advance(d.world, 5000);
	run_in_step_until(d.world, &d.live, 1);
	assert_string_equal(d.kept, "refresh-two");
	assert_non_null(strstr(script_server_read(d.world->server), "refresh_token=refresh-one"));
	assert_non_null(strstr(script_server_read(d.world->server), "Bearer token-two"));
	assert_null(strstr(script_server_read(d.world->server), "Bearer token-one"));
	close_desk(&d);
}

static void a_token_that_lives_for_a_minute_is_used_all_the_same(void **state)
{
	struct desk d = {.world = *state, .saved = "100", .refresh = "refresh-one", .expires = "1"};
	for (int i = 0; i < 5; i++)
		says_to(&d, "oauth2/token", "200 OK",
		        "{\"access_token\":\"token-two\",\"refresh_token\":\"refresh-two\",\"expires_in\":60}");
	says_to(&d, "users/me", "200 OK", ME);
	says_to(&d, "mentions", "200 OK", EMPTY);
	open_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.keeps, 1);
	close_desk(&d);
}

static void a_login_that_is_renewed_no_more_asks_for_a_person(void **state)
{
	struct desk d = {.world = *state, .refresh = "refresh-one", .expires = "1"};
	says(&d, "400 Bad Request", "{\"error\":\"invalid_request\"}");
	open_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_NEEDS_LOGIN);
	close_desk(&d);
}

/* --- going out */

static void a_reply_is_published_once_and_paid_for(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	int64_t before = d.spending.month;
	says(&d, "201 Created", "{\"data\":{\"id\":\"300\",\"text\":\"Sorry\"}}");
	says(&d, "201 Created", "{\"data\":{\"id\":\"301\",\"text\":\"See\"}}");
	struct reply reply = a_reply("Sorry"), link = a_reply("See example.com");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "300");
	assert_int_equal(d.spending.month - before, 15000);
	assert_non_null(strstr(script_server_read(d.world->server),
	        "{\"text\":\"Sorry\",\"reply\":{\"in_reply_to_tweet_id\":\"2090785991685046273\"}}"));
	perform(&d, &link);
	assert_int_equal(d.spending.month - before, 215000);
	close_desk(&d);
}

#define OWN(text)                                                                                                      \
	"{\"data\":[{\"id\":\"300\",\"author_id\":\"11\",\"created_at\":\"2026-11-22T02:13:51.000Z\",\"text\":\"" text \
	"\",\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":\"2090785991685046273\"}],\"entities\":{\"urls\":[" \
	"{"                                                                                                            \
	"\"start\":4,\"end\":18,\"url\":\"https://t.co/a\",\"expanded_url\":\"https://example.com/\"}]}}]}"

static void a_duplicate_is_the_proof_that_the_first_try_arrived(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	says(&d, "503 Over Capacity", "");
	says(&d, "403 Forbidden",
	        "{\"detail\":\"You are not allowed to create a Tweet with duplicate "
	        "content.\",\"title\":\"Forbidden\"}");
	says(&d, "200 OK", OWN("@sam See https://t.co/a &amp; more"));
	struct reply reply = a_reply("See example.com & more");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "300");
	close_desk(&d);
}

static void a_duplicate_of_another_post_is_refused_with_words(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	says(&d, "403 Forbidden", "{\"detail\":\"... duplicate content.\",\"title\":\"Forbidden\"}");
	says(&d, "200 OK", EMPTY);
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "in other words"));
	close_desk(&d);
}

static void what_is_not_among_our_posts_yet_stays_in_doubt_for_half_a_minute(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	struct reply reply = a_reply("Sorry");
	says(&d, "200 OK", EMPTY);
	d.network->ops->find(d.network, &reply, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	reply.created_at -= 60000;
	says(&d, "200 OK", EMPTY);
	d.network->ops->find(d.network, &reply, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "");
	close_desk(&d);
}

static void who_has_not_called_us_is_answered_in_the_browser(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	says(&d, "403 Forbidden",
	        "{\"detail\":\"Reply to this conversation is not allowed because you have not been mentioned\"}");
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "in the browser"));
	close_desk(&d);
}

static void what_is_deleted_before_it_is_answered_is_gone(void **state)
{
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	says(&d, "403 Forbidden",
	        "{\"detail\":\"You attempted to reply to a Tweet that is deleted or not visible to "
	        "you.\",\"title\":\"Forbidden\",\"status\":403}");
	struct reply reply = a_reply("Sorry");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_GONE);
	close_desk(&d);
}

static void a_proxys_page_deletes_nothing(void **state)
{
	static const char page[] = "<html><h1>404 Not Found</h1></html>";
	struct desk d = {.world = *state, .saved = "100"};
	live(&d);
	struct reply reply = a_reply("Sorry");
	says(&d, "404 Not Found", page);
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	says(&d, "404 Not Found", page);
	d.network->ops->fetch(d.network, reply.to_remote_id, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	says(&d, "404 Not Found", "{\"title\":\"Not Found Error\",\"detail\":\"Could not find tweet\"}");
	d.network->ops->fetch(d.network, reply.to_remote_id, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 3);
	assert_int_equal(d.outcome, CALL_GONE);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                mentions_come_oldest_first_and_the_position_moves_with_the_last, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_list_that_never_ends_is_left_after_two_pages_without_a_new_id, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                names_that_x_has_forgotten_are_noticed_and_the_others_used, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_search_that_was_away_for_longer_than_it_sees_leaves_a_gap, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(a_budget_stops_reading_before_it_is_exceeded, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_new_day_begins_at_zero_though_nothing_is_paid, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(a_send_that_finds_no_credits_stops_everything, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                the_posts_of_a_day_are_used_up_until_they_are_not, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_limit_that_names_no_time_is_waited_for_a_minute_then_two, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(credits_that_are_used_up_stop_everything, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_clock_that_is_ahead_of_the_networks_loses_nothing, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(a_new_token_is_durable_before_it_is_used, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(a_proxys_page_deletes_nothing, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_token_that_lives_for_a_minute_is_used_all_the_same, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_login_that_is_renewed_no_more_asks_for_a_person, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(a_reply_is_published_once_and_paid_for, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_duplicate_is_the_proof_that_the_first_try_arrived, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                a_duplicate_of_another_post_is_refused_with_words, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                what_is_not_among_our_posts_yet_stays_in_doubt_for_half_a_minute, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(what_is_deleted_before_it_is_answered_is_gone, world_start, world_stop),
	        cmocka_unit_test_setup_teardown(
	                who_has_not_called_us_is_answered_in_the_browser, world_start, world_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
