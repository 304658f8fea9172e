/* The small network's other face speaks as X does: ids that hold their time, two sets of names, rules about who may be
 * answered, limits, prices, and a stream by rules. */
#include "core/base/mem.h"
#include "tests/lib/fakenet.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define AUTH "Authorization: Bearer " FAKENET_TOKEN "\r\n"
#define APP "Authorization: Bearer demo-app-token\r\n"
#define JSON "Content-Type: application/json\r\n"
#define OLD                                                                                                            \
	"tweet.fields=author_id,conversation_id,created_at,entities,referenced_tweets&expansions=author_id,"           \
	"referenced_tweets.id"

static int start(void **state)
{
	struct fakenet *net = mem_alloc(sizeof *net);
	*state = net;
	return fakenet_start(net, NULL);
}

static int stop(void **state)
{
	int status = fakenet_stop(*state);
	free(*state);
	return status;
}

static json *control(const struct fakenet *net, const char *name, const char *text)
{
	json *answer = fakenet_control(net, name, text);
	assert_non_null(answer);
	return answer;
}

/* What somebody says; its id on X. */
static void say(const struct fakenet *net, const char *json_text, char id[32])
{
	json *status = control(net, "post", json_text);
	str_copy(id, 32, json_str(status, "x_id"));
	json_free(status);
}

static int64_t charged(const struct fakenet *net)
{
	json *x = control(net, "x", "{}");
	int64_t micros = json_int(x, "charged", -1);
	json_free(x);
	return micros;
}

/* One request; its status, and its body into `body`, which the caller frees (NULL: not wanted). */
static int ask(const struct fakenet *net, const char *headers, const char *method, const char *target, const char *text,
        json **body)
{
	struct fakenet_answer answer;
	fakenet_ask(net, method, target, headers, text, &answer);
	int status = answer.status;
	if (body)
		*body = json_parse(answer.body.p, answer.body.len, NULL);
	fakenet_answer_release(&answer);
	return status;
}

static int create(const struct fakenet *net, const char *text, const char *parent, json **body)
{
	struct str request = STR_INIT;
	json *whole = json_object(), *reply = json_object();
	json_set_str(whole, "text", text);
	json_set_str(reply, "in_reply_to_tweet_id", parent);
	if (parent)
		json_set(whole, "reply", reply);
	else
		json_free(reply);
	json_print(whole, &request);
	int status = ask(net, AUTH JSON, "POST", "/2/tweets", request.p, body);
	json_free(whole);
	str_release(&request);
	return status;
}

static json *mentions(const struct fakenet *net, const char *query)
{
	json *me, *page;
	char target[400];
	assert_int_equal(ask(net, AUTH, "GET", "/2/users/me", NULL, &me), 200);
	snprintf(target, sizeof target, "/2/users/%s/mentions?%s", json_str(json_get(me, "data"), "id"), query);
	assert_int_equal(ask(net, AUTH, "GET", target, NULL, &page), 200);
	json_free(me);
	return page;
}

static void mentions_are_newest_first_in_the_names_that_are_asked_for(void **state)
{
	const struct fakenet *net = *state;
	char first[32], second[32], query[300];
	say(net, "{\"from\":\"sam\",\"text\":\"@acme fees > value? see https://help.example/42 #Help\"}", first);
	say(net, "{\"from\":\"sam\",\"text\":\"@acme and again\"}", second);
	json *page = mentions(net, OLD);
	const json *newest = json_first(json_get(page, "data")), *oldest = json_next(newest);
	assert_string_equal(json_str(newest, "id"), second);
	assert_string_equal(json_str(oldest, "id"), first);
	assert_string_equal(json_text(json_first(json_get(oldest, "edit_history_tweet_ids"))), first);
	assert_non_null(strstr(json_str(oldest, "text"), "@acme fees &gt; value? see https://t.co/"));
	const json *url = json_first(json_path(oldest, "entities.urls"));
	assert_string_equal(json_str(url, "expanded_url"), "https://help.example/42");
	assert_int_equal(json_int(url, "start", 0), 27);
	assert_string_equal(json_str(json_first(json_path(page, "includes.users")), "username"), "sam");
	json_free(page);
	snprintf(query, sizeof query, "since_id=%s&post.fields=entities&expansions=author_id", first);
	page = mentions(net, query);
	assert_int_equal(json_count(json_get(page, "data")), 1);
	assert_non_null(json_get(json_first(json_get(page, "data")), "edit_history_post_ids"));
	assert_non_null(json_str(json_first(json_get(page, "data")), "author_id"));
	json_free(page);
	json_free(control(net, "x", "{\"forgets_old_names\":true}"));
	page = mentions(net, OLD);
	assert_null(json_str(json_first(json_get(page, "data")), "author_id"));
	assert_null(json_get(page, "errors"));
	json_free(page);
}

static void a_page_ends_in_a_token_and_what_is_gone_is_an_error_beside_the_data(void **state)
{
	const struct fakenet *net = *state;
	char id[32], body[160];
	json *root = control(net, "post", "{\"from\":\"kim\",\"text\":\"who knows acme\"}");
	snprintf(body, sizeof body, "{\"from\":\"sam\",\"text\":\"@acme this\",\"reply_to\":\"%s\"}",
	        json_str(root, "id"));
	say(net, body, id);
	snprintf(body, sizeof body, "{\"id\":\"%s\"}", json_str(root, "id"));
	json_free(control(net, "delete", body));
	json_free(root);
	for (int i = 0; i < 6; i++) {
		snprintf(body, sizeof body, "{\"from\":\"sam\",\"text\":\"@acme number %d\"}", i);
		say(net, body, id);
	}
	json *page = mentions(net, "max_results=5&" OLD);
	assert_int_equal(json_count(json_get(page, "data")), 5);
	snprintf(body, sizeof body,
	        "max_results=5&pagination_token=%s&tweet.fields=author_id&expansions=referenced_tweets.id",
	        json_str(json_get(page, "meta"), "next_token"));
	json_free(page);
	page = mentions(net, body);
	assert_int_equal(json_count(json_get(page, "data")), 2);
	assert_null(json_str(json_get(page, "meta"), "next_token"));
	assert_non_null(strstr(json_str(json_first(json_get(page, "errors")), "type"), "/resource-not-found"));
	json_free(page);
}

static void who_has_not_named_us_is_not_answered_and_the_same_text_is_taken_once(void **state)
{
	const struct fakenet *net = *state;
	char named[32], talk[32], closed[32];
	json *body;
	say(net, "{\"from\":\"sam\",\"text\":\"@acme hello\"}", named);
	say(net, "{\"from\":\"kim\",\"text\":\"I talk about acme\"}", talk);
	say(net, "{\"from\":\"kim\",\"text\":\"and among friends\",\"reply_settings\":\"following\"}", closed);
	assert_int_equal(create(net, "Sorry!", named, &body), 201);
	assert_string_equal(json_str(json_get(body, "data"), "text"), "Sorry!");
	json_free(body);
	assert_int_equal(create(net, "Sorry!", named, &body), 403);
	assert_non_null(strstr(json_str(body, "detail"), "duplicate content"));
	json_free(body);
	assert_int_equal(create(net, "May we?", talk, &body), 403);
	assert_non_null(strstr(json_str(body, "detail"), "not been mentioned"));
	json_free(body);
	assert_int_equal(create(net, "May we still?", closed, NULL), 403);
	assert_int_equal(
	        ask(net, AUTH JSON, "POST", "/2/tweets", "{\"text\":\"x\",\"visibility\":\"public\"}", NULL), 400);
	assert_int_equal(ask(net, APP JSON, "POST", "/2/tweets", "{\"text\":\"x\"}", NULL), 403);
}

static void our_own_reply_begins_with_the_name_of_whom_it_answers(void **state)
{
	const struct fakenet *net = *state;
	char named[32], target[300];
	json *created, *read;
	say(net, "{\"from\":\"sam\",\"text\":\"@acme hello\"}", named);
	assert_int_equal(create(net, "Sorry & see", named, &created), 201);
	snprintf(target, sizeof target, "/2/tweets/%s?" OLD, json_str(json_get(created, "data"), "id"));
	assert_int_equal(ask(net, AUTH, "GET", target, NULL, &read), 200);
	assert_string_equal(json_str(json_get(read, "data"), "text"), "@sam Sorry &amp; see");
	assert_string_equal(json_str(json_first(json_path(read, "data.referenced_tweets")), "id"), named);
	assert_string_equal(json_str(json_get(read, "data"), "conversation_id"), named);
	json_free(read);
	*strchr(target, '?') = '\0';
	assert_int_equal(ask(net, AUTH, "DELETE", target, NULL, &read), 200);
	json_free(read);
	assert_int_equal(ask(net, AUTH, "GET", target, NULL, &read), 200);
	assert_null(json_get(read, "data"));
	assert_non_null(json_first(json_get(read, "errors")));
	json_free(read);
	json_free(created);
}

static void everything_costs_until_the_credits_are_used_up(void **state)
{
	const struct fakenet *net = *state;
	char named[32];
	json *body;
	say(net, "{\"from\":\"sam\",\"text\":\"@acme hello\"}", named);
	json_free(mentions(net, OLD)); /* us, a mention of ours, its author */
	assert_int_equal(charged(net), 10000 + 1000 + 10000);
	assert_int_equal(create(net, "Sorry!", named, NULL), 201);
	assert_int_equal(charged(net), 21000 + 10000);
	assert_int_equal(create(net, "See https://help.example/1", named, NULL), 201);
	assert_int_equal(charged(net), 31000 + 200000);
	json_free(control(net, "x", "{\"credits\":231000}"));
	assert_int_equal(create(net, "More", named, &body), 402);
	assert_string_equal(json_str(body, "title"), "CreditsDepleted");
	json_free(body);
	assert_int_equal(charged(net), 231000);
}

static void limits_are_told_in_unix_seconds_and_those_of_a_day_with_posts(void **state)
{
	const struct fakenet *net = *state;
	struct fakenet_answer answer;
	json_free(control(net, "x", "{\"limit\":2,\"day_limit\":1}"));
	fakenet_ask(net, "POST", "/2/tweets", AUTH JSON, "{\"text\":\"one\"}", &answer);
	assert_int_equal(answer.status, 201);
	assert_non_null(strstr(answer.head.p, "x-rate-limit-remaining: 1\r\n"));
	assert_non_null(strstr(answer.head.p, "x-user-limit-24hour-remaining: 0\r\n"));
	assert_non_null(strstr(answer.head.p, "x-app-limit-24hour-reset: "));
	fakenet_answer_release(&answer);
	fakenet_ask(net, "POST", "/2/tweets", AUTH JSON, "{\"text\":\"two\"}", &answer);
	assert_int_equal(answer.status, 429);
	assert_non_null(strstr(answer.head.p, "x-rate-limit-remaining: 0\r\n"));
	fakenet_answer_release(&answer);
}

static void a_refresh_token_is_good_once_and_gives_one_that_ends(void **state)
{
	const struct fakenet *net = *state;
	static const char form[] = "grant_type=refresh_token&refresh_token=demo-refresh&client_id=fakenet-client";
	static const char type[] = "Content-Type: application/x-www-form-urlencoded\r\n";
	char headers[120];
	json *body;
	assert_int_equal(ask(net, type, "POST", "/2/oauth2/token", form, &body), 200);
	assert_int_equal(json_int(body, "expires_in", 0), 7200);
	assert_string_equal(json_str(body, "refresh_token"), "x-refresh-1");
	snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n", json_str(body, "access_token"));
	assert_int_equal(ask(net, headers, "GET", "/2/users/me", NULL, NULL), 200);
	json_free(body);
	assert_int_equal(ask(net, type, "POST", "/2/oauth2/token", form, &body), 400);
	assert_string_equal(json_str(body, "error"), "invalid_request");
	json_free(body);
	json_free(control(net, "token", "{\"add\":\"short\",\"expires_in\":0}"));
	assert_int_equal(ask(net, "Authorization: Bearer short\r\n", "GET", "/2/users/me", NULL, NULL), 401);
}

static void asks_nobody_but(const struct fakenet *net, const char *query, const char *expected)
{
	struct str target = STR_INIT, seen = STR_INIT;
	json *page;
	str_addf(&target, "/2/tweets/search/recent?tweet.fields=author_id&query=%s", query);
	assert_int_equal(ask(net, AUTH, "GET", target.p, NULL, &page), 200);
	for (const json *i = json_first(json_get(page, "data")); i; i = json_next(i))
		str_addf(&seen, "%s%s", seen.len ? "|" : "", json_str(i, "text"));
	assert_string_equal(seen.p, expected);
	json_free(page);
	str_release(&target);
	str_release(&seen);
}

static void a_search_understands_what_rules_are_made_of(void **state)
{
	const struct fakenet *net = *state;
	char id[32];
	say(net, "{\"from\":\"sam\",\"text\":\"Acme Kettle is hot\"}", id);
	say(net, "{\"from\":\"kim\",\"text\":\"an acmeist wrote #acmefail\"}", id);
	asks_nobody_but(net, "%22acme%20kettle%22", "Acme Kettle is hot");
	asks_nobody_but(net, "acme", "Acme Kettle is hot");
	asks_nobody_but(net, "(%22acme%20kettle%22%20OR%20%23acmefail)%20-is:retweet%20-from:sam",
	        "an acmeist wrote #acmefail");
	assert_int_equal(ask(net, AUTH, "GET", "/2/tweets/search/recent?query=(acme", NULL, NULL), 400);
	assert_int_equal(ask(net, AUTH, "GET", "/2/tweets/search/recent?query=-(acme)", NULL, NULL), 400);
}

static int listen_to(const struct fakenet *net, const char *headers)
{
	struct str request = STR_INIT;
	int fd = fakenet_connect(net);
	str_addf(&request, "GET /2/tweets/search/stream?" OLD " HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
	fakenet_send(fd, request.p, request.len);
	str_release(&request);
	return fd;
}

static void expect_bytes(int fd, struct str *seen, const char *bytes)
{
	while (!strstr(seen->p, bytes))
		if (!fakenet_receive(fd, seen))
			fail_msg("%s never came, but %s", bytes, seen->p);
}

static void the_stream_says_what_rules_select_and_goodbye(void **state)
{
	const struct fakenet *net = *state;
	static const char rules[] = "/2/tweets/search/stream/rules";
	struct str seen = STR_INIT;
	char id[32];
	json *body;
	assert_int_equal(ask(net, AUTH, "GET", "/2/tweets/search/stream", NULL, NULL), 403);
	assert_int_equal(ask(net, APP, "GET", "/2/tweets/search/stream", NULL, &body), 409);
	assert_string_equal(json_str(body, "connection_issue"), "RuleConfigurationIssue");
	json_free(body);
	assert_int_equal(
	        ask(net, APP JSON, "POST", rules,
	                "{\"add\":[{\"value\":\"@acme\",\"tag\":\"us\"},{\"value\":\"@acme\"},{\"value\":\"(\"}]}",
	                &body),
	        201);
	assert_int_equal(json_int(json_path(body, "meta.summary"), "created", 0), 1);
	assert_int_equal(json_int(json_path(body, "meta.summary"), "not_created", 0), 2);
	json_free(body);
	int fd = listen_to(net, APP);
	expect_bytes(fd, &seen, "\r\n\r\n2\r\n\r\n\r\n");
	assert_int_equal(ask(net, APP, "GET", "/2/tweets/search/stream", NULL, &body), 429);
	assert_string_equal(json_str(body, "connection_issue"), "TooManyConnections");
	json_free(body);
	say(net, "{\"from\":\"kim\",\"text\":\"nothing for you\"}", id);
	say(net, "{\"from\":\"sam\",\"text\":\"@acme hello\"}", id);
	expect_bytes(fd, &seen, "\"tag\":\"us\"}]}\r\n");
	assert_null(strstr(seen.p, "nothing for you"));
	json_free(control(net, "stream", "{\"kind\":\"beat\",\"ms\":20}"));
	str_clear(&seen);
	expect_bytes(fd, &seen, "2\r\n\r\n\r\n");
	json_free(control(net, "stream", "{\"kind\":\"disconnect\"}"));
	expect_bytes(fd, &seen, "UpstreamOperationalDisconnect");
	expect_bytes(fd, &seen, "0\r\n\r\n");
	close(fd);
	str_release(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(mentions_are_newest_first_in_the_names_that_are_asked_for, start, stop),
	        cmocka_unit_test_setup_teardown(
	                a_page_ends_in_a_token_and_what_is_gone_is_an_error_beside_the_data, start, stop),
	        cmocka_unit_test_setup_teardown(
	                who_has_not_named_us_is_not_answered_and_the_same_text_is_taken_once, start, stop),
	        cmocka_unit_test_setup_teardown(our_own_reply_begins_with_the_name_of_whom_it_answers, start, stop),
	        cmocka_unit_test_setup_teardown(everything_costs_until_the_credits_are_used_up, start, stop),
	        cmocka_unit_test_setup_teardown(
	                limits_are_told_in_unix_seconds_and_those_of_a_day_with_posts, start, stop),
	        cmocka_unit_test_setup_teardown(a_refresh_token_is_good_once_and_gives_one_that_ends, start, stop),
	        cmocka_unit_test_setup_teardown(a_search_understands_what_rules_are_made_of, start, stop),
	        cmocka_unit_test_setup_teardown(the_stream_says_what_rules_select_and_goodbye, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
