/* What differs among the servers of the Mastodon family: how they tell what happens, and what that takes of requests.
 */
#include "tests/network/mastodon_family_world.h"

/* --- over a WebSocket */

static void gotosocial_is_heard_over_its_websocket_and_asked_for_nothing_else(void **state)
{
	(void)state;
	struct family *f = family_new();
	struct str lines = family_data("net/gotosocial-websocket.txt");
	set_place(f->w, "notifications", "01M80G2S8JHBT44GM6AJ7AM4ZA");
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS "types%5B%5D=mention&limit=80&min_id=01M80G2S8JHBT44GM6AJ7AM4ZA ", 200, "[]");
	become_live(f);
	assert_string_equal(f->w->reason, "");
	assert_true(f->w->caps & CAP_STREAM);
	assert_false(f->w->caps & CAP_IDEMPOTENT);
	for (char *line = lines.p; str_starts(line, "text "); line += strcspn(line, "\n") + 1) {
		say_frame(f, WS_FIN | WS_TEXT, line + 5, strcspn(line + 5, "\n"));
	}
	wait_until(f->w, find_seen(f->w, "01M80G2S87JRH8RSSH5TRVNFXR", ITEM_DELETE));
	const struct seen *post = find_seen(f->w, "01M80G2S87JRH8RSSH5TRVNFXR", ITEM_POST);
	assert_non_null(post);
	assert_true(post->mention);
	assert_string_equal(post->text, "@brand live mention via ws");
	assert_int_equal(times_asked(f, "GET "), 4); /* instance, who we are, the socket, what was missed */
	assert_false(was_said(f, "access_token"));
	assert_true(was_said(f, "\r\nAuthorization: Bearer t0ken-of-the-brand\r\n"));
	assert_int_equal(times_asked(f, "User-Agent: curlew/"), 4); /* without one it answers 418 */
	str_release(&lines);
	family_free(f);
}

/* The same server never tells of hashtags: those are asked for. */
static void hashtags_on_gotosocial_are_asked_for(void **state)
{
	(void)state;
	static const char *const listen[] = {"#acmefail"};
	struct family *f = family_new();
	f->w->listen = listen;
	f->w->listen_count = 1;
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	say_always(f, "GET /api/v1/timelines/tag/acmefail?", 200, "[]");
	become_live(f);
	assert_string_equal(f->w->reason, "");
	int asked = times_asked(f, "GET /api/v1/timelines/tag/acmefail");
	advance(f->w, 60000);
	wait_until(f->w, times_asked(f, "GET /api/v1/timelines/tag/acmefail") == asked + 1);
	assert_int_equal(times_asked(f, "GET /api/v1/streaming"), 1);
	family_free(f);
}

static void akkoma_is_given_the_token_in_the_query_and_it_stands_in_no_reason(void **state)
{
	(void)state;
	struct family *f = family_new();
	say_akkoma(f);
	say_socket(f, GET_SOCKET "&access_token=t0ken-of-the-brand ");
	say_always(f, GET_MENTIONS, 200, "[]");
	become_live(f);
	say_text(f, "pong");
	say_text(f, "{\"event\":\"pleroma:respond\",\"payload\":\"{\\\"result\\\":\\\"success\\\"}\"}");
	say_text(f, "{\"event\":\"delete\",\"payload\":\"B9aojFvNV8nYoM6Yy0\"}"); /* without a stream's name */
	wait_until(f->w, find_seen(f->w, "B9aojFvNV8nYoM6Yy0", ITEM_DELETE));
	say_frame(f, WS_FIN | WS_CLOSE, "", 0);
	wait_until(f->w, f->w->state == ACCOUNT_RETRYING);
	assert_true(*f->w->reason);
	assert_null(strstr(f->w->reason, "t0ken"));
	assert_true(was_said(f, "GET /api/v1/notifications?types%5B%5D=mention&include_types%5B%5D=mention&"));
	family_free(f);
}

static void a_refused_handshake_needs_a_person_though_it_says_nothing(void **state)
{
	(void)state;
	struct family *f = family_new();
	say_akkoma(f);
	say_always(f, GET_SOCKET, 401, "");
	connect_network(f->w);
	wait_until(f->w, f->w->state == ACCOUNT_NEEDS_LOGIN);
	assert_null(strstr(f->w->reason, "t0ken"));
	family_free(f);
}

/* Mastodon opens the socket, and says on it what is missing. */
static void a_scope_that_is_missing_is_told_on_the_socket(void **state)
{
	(void)state;
	struct family *f = family_new();
	say_always(f, "GET /api/v2/instance", 200, MASTODON);
	say_always(f, "GET /api/v1/accounts/verify_credentials", 200, US);
	say_always(f, GET_EVENTS, 404, "{\"error\":\"Not Found\"}");
	say_socket(f, GET_SOCKET);
	connect_network(f->w);
	wait_until(f->w, times_asked(f, GET_MENTIONS) == 1); /* the socket is open */
	say_text(f, "{\"error\":\"Access token does not have the required scopes\",\"status\":401}");
	wait_until(f->w, f->w->state == ACCOUNT_NEEDS_LOGIN);
	assert_non_null(strstr(f->w->reason, "does not have the required scopes"));
	family_free(f);
}

static void a_stream_that_the_socket_does_not_know_is_polled(void **state)
{
	(void)state;
	struct family *f = family_new();
	say_always(f, "GET /api/v2/instance", 200, MASTODON);
	say_always(f, "GET /api/v1/accounts/verify_credentials", 200, US);
	say_always(f, GET_EVENTS, 404, "{\"error\":\"Not Found\"}");
	say_socket(f, GET_SOCKET);
	connect_network(f->w);
	wait_until(f->w, times_asked(f, GET_MENTIONS) == 1);
	say_always(f, GET_MENTIONS, 200, "[]");
	say_text(f, "{\"error\":\"Unknown stream type\",\"status\":400}");
	wait_until(f->w, f->w->state == ACCOUNT_LIVE);
	assert_string_equal(f->w->reason, "polling");
	family_free(f);
}

/* --- polled */

static void what_has_no_stream_is_asked_for_with_one_request_at_a_time(void **state)
{
	(void)state;
	char text[1024];
	struct str page = STR_INIT;
	struct family *f = family_new();
	set_place(f->w, "notifications", "100");
	say_without_streams(f);
	say_always(f, GET_MENTIONS "types%5B%5D=mention&limit=80&min_id=100 ", 200, "[]");
	become_live(f);
	assert_string_equal(f->w->reason, "polling");
	assert_false(f->w->caps & CAP_STREAM);
	assert_int_equal(times_asked(f, "GET /api/v1/streaming"), 2); /* each way once */
	assert_int_equal(times_asked(f, GET_MENTIONS), 1);
	/* Nothing comes: from 15 seconds the waits grow to a minute. */
	static const int64_t waits[] = {15000, 30000, 60000, 60000};
	for (int i = 0; i < 4; i++) {
		advance(f->w, waits[i] - 1);
		turn(f->w);
		assert_int_equal(times_asked(f, GET_MENTIONS), 1 + i);
		advance(f->w, 1);
		wait_until(f->w, times_asked(f, GET_MENTIONS) == 2 + i);
		for (int turns = 0; turns < 20; turns++)
			turn(f->w);
	}
	/* Something has: one request brings it, none asks for an empty page, and the next one comes soon. */
	forget(f, GET_MENTIONS);
	str_addf(&page, "[%s]", mention(text, sizeof text, "101", "7"));
	say_always(f, GET_MENTIONS "types%5B%5D=mention&limit=80&min_id=100 ", 200, page.p);
	say_always(f, GET_MENTIONS "types%5B%5D=mention&limit=80&min_id=101 ", 200, "[]");
	advance(f->w, 60000);
	wait_until(f->w, find_seen(f->w, "7", ITEM_POST));
	for (int turns = 0; turns < 20; turns++)
		turn(f->w);
	assert_int_equal(times_asked(f, GET_MENTIONS), 6);
	advance(f->w, 15000);
	wait_until(f->w, times_asked(f, GET_MENTIONS) == 7);
	str_release(&page);
	family_free(f);
}

static void polling_leaves_the_better_part_of_a_rate_limit(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", "100");
	say_without_streams(f);
	char limits[160], reset[40];
	time_t in_5_minutes = time(NULL) + 300;
	struct tm tm;
	gmtime_r(&in_5_minutes, &tm);
	strftime(reset, sizeof reset, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
	snprintf(limits, sizeof limits,
	        "X-RateLimit-Limit: 300\r\nX-RateLimit-Remaining: 26\r\nX-RateLimit-Reset: %s\r\n", reset);
	say_with(f, GET_MENTIONS, 200, limits, "[]", true);
	become_live(f);
	assert_int_equal(times_asked(f, GET_MENTIONS), 1);
	/* Twenty are for replies; of the six that are left, three: one in a hundred seconds. */
	advance(f->w, 90000);
	for (int turns = 0; turns < 20; turns++)
		turn(f->w);
	assert_int_equal(times_asked(f, GET_MENTIONS), 1);
	advance(f->w, 12000);
	wait_until(f->w, times_asked(f, GET_MENTIONS) == 2);
	family_free(f);
}

static void a_stream_that_is_put_in_order_is_found_within_an_hour_or_so(void **state)
{
	(void)state;
	struct family *f = family_new();
	set_place(f->w, "notifications", "100");
	say_without_streams(f);
	say_always(f, GET_MENTIONS, 200, "[]");
	become_live(f);
	forget(f, "GET /api/v1/streaming");
	say_always(f, GET_EVENTS, 404, "{\"error\":\"Not Found\"}");
	say_socket(f, GET_SOCKET);
	for (int minutes = 0; minutes < 70; minutes++) {
		advance(f->w, 60000);
		for (int turns = 0; turns < 20; turns++)
			turn(f->w);
	}
	wait_until(f->w, f->w->caps & CAP_STREAM);
	wait_until(f->w, f->w->state == ACCOUNT_LIVE);
	assert_string_equal(f->w->reason, "");
	int asked = times_asked(f, GET_MENTIONS);
	advance(f->w, 60000);
	for (int turns = 0; turns < 20; turns++)
		turn(f->w);
	assert_int_equal(times_asked(f, GET_MENTIONS), asked);
	family_free(f);
}

static void while_a_stream_cannot_be_had_mentions_are_asked_for(void **state)
{
	(void)state;
	char text[1024];
	struct str page = STR_INIT;
	struct family *f = family_new();
	set_place(f->w, "notifications", "100");
	say_always(f, "GET /api/v2/instance", 200, MASTODON);
	say_always(f, "GET /api/v1/accounts/verify_credentials", 200, US);
	say_always(f, GET_EVENTS, 502, "");
	str_addf(&page, "[%s]", mention(text, sizeof text, "101", "7"));
	say_once(f, GET_MENTIONS, 200, page.p);
	say_always(f, GET_MENTIONS, 200, "[]");
	connect_network(f->w);
	wait_until(f->w, f->w->state == ACCOUNT_RETRYING);
	while (f->w->state == ACCOUNT_RETRYING) {
		advance(f->w, 1000);
		turn(f->w);
		assert_true(times_asked(f, GET_EVENTS) < 20);
	}
	wait_until(f->w, f->w->state == ACCOUNT_LIVE);
	assert_string_equal(f->w->reason, "polling");
	assert_true(find_seen(f->w, "7", ITEM_POST)->mention);
	assert_true(times_asked(f, GET_EVENTS) >= 5);
	forget(f, GET_EVENTS);
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
	                           "chunked\r\n\r\n3\r\n:)\n\r\n";
	say_raw(f, GET_EVENTS, head, sizeof head - 1, true);
	advance(f->w, 60000);
	wait_until(f->w, f->w->state == ACCOUNT_LIVE && (f->w->caps & CAP_STREAM));
	assert_string_equal(f->w->reason, "");
	str_release(&page);
	family_free(f);
}

/* --- the start */

static void gotosocial_that_starts_is_waited_for(void **state)
{
	(void)state;
	struct family *f = family_new();
	struct str page = family_data("net/gotosocial-503.http");
	say_raw(f, "GET /api/v2/instance", page.p, page.len, false);
	say_gotosocial(f);
	say_socket(f, GET_SOCKET);
	say_always(f, GET_MENTIONS, 200, "[]");
	connect_network(f->w);
	wait_until(f->w, f->w->state == ACCOUNT_RETRYING);
	assert_non_null(strstr(f->w->reason, "503"));
	advance(f->w, 60000);
	for (int turns = 0; turns < 20; turns++)
		turn(f->w);
	assert_int_equal(times_asked(f, "GET /api/v2/instance"), 1); /* it asked for two minutes */
	advance(f->w, 66000);
	wait_until(f->w, f->w->state == ACCOUNT_LIVE);
	str_release(&page);
	family_free(f);
}

static void a_401_that_says_nothing_needs_a_person(void **state)
{
	(void)state;
	struct family *f = family_new();
	say_always(f, "GET /api/v2/instance", 200, MASTODON);
	say_always(f, "GET /api/v1/accounts/verify_credentials", 401, "");
	connect_network(f->w);
	wait_until(f->w, f->w->state == ACCOUNT_NEEDS_LOGIN);
	assert_true(*f->w->reason);
	assert_int_equal(times_asked(f, "GET "), 2);
	family_free(f);
}

#define test(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(gotosocial_is_heard_over_its_websocket_and_asked_for_nothing_else),
	        test(hashtags_on_gotosocial_are_asked_for),
	        test(akkoma_is_given_the_token_in_the_query_and_it_stands_in_no_reason),
	        test(a_refused_handshake_needs_a_person_though_it_says_nothing),
	        test(a_scope_that_is_missing_is_told_on_the_socket),
	        test(a_stream_that_the_socket_does_not_know_is_polled),
	        test(what_has_no_stream_is_asked_for_with_one_request_at_a_time),
	        test(polling_leaves_the_better_part_of_a_rate_limit),
	        test(a_stream_that_is_put_in_order_is_found_within_an_hour_or_so),
	        test(while_a_stream_cannot_be_had_mentions_are_asked_for),
	        test(gotosocial_that_starts_is_waited_for),
	        test(a_401_that_says_nothing_needs_a_person),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
