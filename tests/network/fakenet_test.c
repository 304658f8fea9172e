/* The small network speaks as real servers do: pages, keys, streams, and the faults that tests ask it for. */
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
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define JSON "Content-Type: application/json\r\n"

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

static void control(const struct fakenet *net, const char *name, const char *text)
{
	json *answer = fakenet_control(net, name, text);
	assert_non_null(answer);
	json_free(answer);
}

/* What the customer says; the status's id into `id`. */
static void say(const struct fakenet *net, const char *json_text, char id[32])
{
	json *status = fakenet_control(net, "post", json_text);
	assert_non_null(status);
	str_copy(id, 32, json_str(status, "id"));
	json_free(status);
}

static void say_mentions(const struct fakenet *net, int count)
{
	for (int i = 0; i < count; i++) {
		char text[80], id[32];
		snprintf(text, sizeof text, "{\"from\":\"sam\",\"text\":\"@acme number %d\"}", i);
		say(net, text, id);
	}
}

/* The numbers that say_mentions gave, in the order of the page: "4 3 2". */
static void assert_page(const struct fakenet *net, const char *query, const char *expected)
{
	char target[200];
	struct str seen = STR_INIT;
	snprintf(target, sizeof target, "/api/v1/notifications?%s", query);
	json *page = fakenet_get(net, target);
	assert_non_null(page);
	for (const json *i = json_first(page); i; i = json_next(i)) {
		const char *number = strstr(json_str(json_get(i, "status"), "content"), "number ") + 7;
		str_addf(&seen, "%s%.*s", seen.len ? " " : "", (int)strspn(number, "0123456789"), number);
	}
	assert_string_equal(seen.p, expected);
	str_release(&seen);
	json_free(page);
}

static void notice_id(const struct fakenet *net, size_t nth, char id[32])
{
	json *page = fakenet_get(net, "/api/v1/notifications?limit=80");
	const json *item = json_first(page);
	for (size_t i = 0; i < nth && item; i++)
		item = json_next(item);
	str_copy(id, 32, json_str(item, "id"));
	json_free(page);
}

static void pages_are_newest_first_and_min_id_takes_the_next_one(void **state)
{
	const struct fakenet *net = *state;
	char id[32], query[80];
	say_mentions(net, 8);
	assert_page(net, "limit=3", "7 6 5");
	notice_id(net, 5, id); /* number 2 */
	snprintf(query, sizeof query, "limit=3&min_id=%s", id);
	assert_page(net, query, "5 4 3");
	snprintf(query, sizeof query, "limit=3&since_id=%s", id);
	assert_page(net, query, "7 6 5");
	snprintf(query, sizeof query, "limit=3&max_id=%s", id);
	assert_page(net, query, "1 0");
	assert_page(net, "types[]=favourite", "");
	assert_page(net, "limit=2&types%5B%5D=mention", "7 6");
	assert_page(net, "exclude_types[]=mention", "");
}

static void a_page_links_to_its_neighbours_and_an_empty_one_does_not(void **state)
{
	const struct fakenet *net = *state;
	struct fakenet_answer answer;
	fakenet_ask(net, "GET", "/api/v1/notifications", AUTH, NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body.p, "[]");
	assert_null(strstr(answer.head.p, "\r\nLink:"));
	assert_non_null(strstr(answer.head.p, "\r\nX-RateLimit-Remaining: 299\r\n"));
	assert_non_null(strstr(answer.head.p, ".000000Z\r\n"));
	fakenet_answer_release(&answer);
	say_mentions(net, 3);
	fakenet_ask(net, "GET", "/api/v1/notifications?types[]=mention&limit=2", AUTH, NULL, &answer);
	assert_non_null(strstr(answer.head.p, "\r\nLink: <http://127.0.0.1:"));
	assert_non_null(strstr(answer.head.p, "limit=2&types%5B%5D=mention&max_id="));
	assert_non_null(strstr(answer.head.p, ">; rel=\"next\", <http://"));
	fakenet_answer_release(&answer);
}

static void without_a_known_token_the_answer_is_401(void **state)
{
	struct fakenet_answer answer;
	fakenet_ask(*state, "GET", "/api/v1/notifications", NULL, NULL, &answer);
	assert_int_equal(answer.status, 401);
	assert_non_null(strstr(answer.body.p, "{\"error\":"));
	fakenet_answer_release(&answer);
	fakenet_ask(*state, "GET", "/api/v1/accounts/verify_credentials", "Authorization: Bearer nonsense\r\n", NULL,
	        &answer);
	assert_int_equal(answer.status, 401);
	assert_non_null(strstr(answer.head.p, "error=\"invalid_token\""));
	fakenet_answer_release(&answer);
}

static void post_reply(const struct fakenet *net, const char *key, const char *body, struct fakenet_answer *out)
{
	char headers[200];
	snprintf(headers, sizeof headers, AUTH FORM "Idempotency-Key: %s\r\n", key);
	fakenet_ask(net, "POST", "/api/v1/statuses", headers, body, out);
}

static int64_t brand_count(const struct fakenet *net)
{
	json *state = fakenet_control(net, "state", NULL);
	int64_t count = json_int(state, "brand_count", -1);
	json_free(state);
	return count;
}

static void a_repeated_key_gives_the_first_status_and_posts_once(void **state)
{
	struct fakenet_answer first, second, third;
	post_reply(*state, "k1", "status=We+are+looking+%F0%9F%91%80", &first);
	post_reply(*state, "k1", "status=something+else", &second);
	post_reply(*state, "k2", "status=something+else", &third);
	assert_int_equal(first.status, 200);
	assert_string_equal(first.body.p, second.body.p);
	assert_string_not_equal(first.body.p, third.body.p);
	assert_int_equal(brand_count(*state), 2);
	fakenet_answer_release(&first);
	fakenet_answer_release(&second);
	fakenet_answer_release(&third);
}

static void a_refused_post_is_not_remembered(void **state)
{
	struct fakenet_answer answer;
	post_reply(*state, "k1", "status=hello&in_reply_to_id=99", &answer);
	assert_int_equal(answer.status, 404);
	fakenet_answer_release(&answer);
	post_reply(*state, "k1", "status=++", &answer);
	assert_int_equal(answer.status, 422);
	fakenet_answer_release(&answer);
	post_reply(*state, "k1", "status=hello", &answer);
	assert_int_equal(answer.status, 200);
	fakenet_answer_release(&answer);
	assert_int_equal(brand_count(*state), 1);
}

static void length_counts_clusters_links_and_handles_as_mastodon_does(void **state)
{
	struct str body = STR_INIT;
	struct fakenet_answer answer;
	/* 5 for @sam and a space, 23 and a space for the link, 471 families of one cluster each: 500. */
	str_adds(&body,
	        "{\"status\":\"@sam@ferry.example https://example.com/a/very/long/path/that/counts/as/twenty/three ");
	for (int i = 0; i < 471; i++)
		str_adds(&body, "👨‍👩‍👧");
	str_adds(&body, "\"}");
	fakenet_ask(*state, "POST", "/api/v1/statuses", AUTH JSON, body.p, &answer);
	assert_int_equal(answer.status, 200);
	fakenet_answer_release(&answer);
	str_insert(&body, body.len - 2, "x", 1);
	fakenet_ask(*state, "POST", "/api/v1/statuses", AUTH JSON, body.p, &answer);
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body.p, "character limit of 500 exceeded"));
	fakenet_answer_release(&answer);
	str_release(&body);
}

static void a_reply_carries_mention_link_and_tag_in_mastodons_markup(void **state)
{
	char id[32], body[300];
	say(*state, "{\"from\":\"sam\",\"text\":\"@acme help\"}", id);
	snprintf(body, sizeof body,
	        "{\"status\":\"@sam@ferry.example see https://www.help.example/articles/of/the/house/42 #Help & <3\","
	        "\"in_reply_to_id\":\"%s\",\"visibility\":\"unlisted\",\"spoiler_text\":\"parcels\"}",
	        id);
	struct fakenet_answer answer;
	fakenet_ask(*state, "POST", "/api/v1/statuses", AUTH JSON, body, &answer);
	assert_int_equal(answer.status, 200);
	json *status = json_parse(answer.body.p, answer.body.len, NULL);
	assert_string_equal(json_str(status, "in_reply_to_id"), id);
	assert_string_equal(json_str(status, "visibility"), "unlisted");
	assert_string_equal(json_str(status, "spoiler_text"), "parcels");
	assert_string_equal(json_str(json_first(json_get(status, "mentions")), "acct"), "sam@ferry.example");
	assert_string_equal(json_str(json_first(json_get(status, "tags")), "name"), "help");
	assert_string_equal(json_str(status, "content"),
	        "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://ferry.example/@sam\" class=\"u-url "
	        "mention\">"
	        "@<span>sam</span></a></span> see <a href=\"https://www.help.example/articles/of/the/house/42\" "
	        "target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\"><span "
	        "class=\"invisible\">https://www.</span>"
	        "<span class=\"ellipsis\">help.example/articles/of/the/h</span><span "
	        "class=\"invisible\">ouse/42</span></a> "
	        "<a href=\"https://birds.example/tags/Help\" class=\"mention hashtag\" "
	        "rel=\"tag\">#<span>Help</span></a> "
	        "&amp; &lt;3</p>");
	json_free(status);
	fakenet_answer_release(&answer);
}

static void a_conversation_shows_both_sides_without_what_was_deleted(void **state)
{
	char root[32], middle[32], last[32], text[200];
	say(*state, "{\"from\":\"sam\",\"text\":\"@acme one\"}", root);
	snprintf(text, sizeof text, "{\"from\":\"mika\",\"text\":\"@sam two\",\"reply_to\":\"%s\"}", root);
	say(*state, text, middle);
	snprintf(text, sizeof text, "{\"from\":\"dee\",\"text\":\"@mika three\",\"reply_to\":\"%s\"}", middle);
	say(*state, text, last);
	snprintf(text, sizeof text, "{\"id\":\"%s\"}", middle);
	control(*state, "delete", text);
	snprintf(text, sizeof text, "/api/v1/statuses/%s/context", root);
	json *context = fakenet_get(*state, text);
	const json *below = json_first(json_get(context, "descendants"));
	assert_int_equal(json_count(json_get(context, "ancestors")), 0);
	assert_string_equal(json_str(below, "id"), last);
	assert_string_equal(json_str(below, "in_reply_to_id"), middle);
	assert_null(json_next(below));
	json_free(context);
	snprintf(text, sizeof text, "/api/v1/statuses?id[]=%s&id[]=%s&id[]=12", middle, last);
	json *many = fakenet_get(*state, text);
	assert_int_equal(json_count(many), 1);
	json_free(many);
}

static void search_finds_the_phrase_and_the_tag_page_the_tag(void **state)
{
	char id[32];
	say(*state, "{\"from\":\"sam\",\"text\":\"why does Acme Corp want my birthday\"}", id);
	say(*state, "{\"from\":\"sam\",\"text\":\"acme has a corp somewhere #Acme\"}", id);
	say(*state, "{\"from\":\"oldgreg\",\"text\":\"acme corp, not indexed\"}", id);
	json *found = fakenet_get(*state, "/api/v2/search?q=%22acme+corp%22&type=statuses");
	assert_int_equal(json_count(json_get(found, "statuses")), 1);
	json_free(found);
	json *tagged = fakenet_get(*state, "/api/v1/timelines/tag/acme?limit=40");
	assert_int_equal(json_count(tagged), 1);
	json_free(tagged);
}

static int open_stream(const struct fakenet *net, const char *path, struct str *bytes)
{
	char request[200];
	int fd = fakenet_connect(net);
	int n = snprintf(request, sizeof request, "GET /api/v1/streaming/%s HTTP/1.1\r\nHost: x\r\n" AUTH "\r\n", path);
	assert_true(fakenet_send(fd, request, (size_t)n));
	while (!strstr(bytes->p, "\r\n\r\n3\r\n:)\n\r\n"))
		assert_true(fakenet_receive(fd, bytes));
	assert_non_null(strstr(bytes->p, "\r\nContent-Type: text/event-stream\r\n"));
	assert_non_null(strstr(bytes->p, "\r\nTransfer-Encoding: chunked\r\n"));
	str_clear(bytes);
	return fd;
}

static void wait_for(int fd, struct str *bytes, const char *what)
{
	while (!strstr(bytes->p, what))
		assert_true(fakenet_receive(fd, bytes));
}

static void a_stream_tells_of_posts_edits_and_deletions_in_chunks_of_their_own(void **state)
{
	struct str bytes = STR_INIT;
	char id[32], text[120];
	int fd = open_stream(*state, "user", &bytes);
	say(*state, "{\"from\":\"sam\",\"text\":\"@acme hello\"}", id);
	wait_for(fd, &bytes, "\n\n\r\n");
	assert_true(str_starts(bytes.p, "14\r\nevent: notification\n\r\n"));
	size_t size = strtoul(bytes.p + 26, NULL, 16);
	const char *data = strstr(bytes.p, "data: {\"id\":\"");
	assert_int_equal(strlen(data), size + 2);
	assert_non_null(strstr(data, "\"type\":\"mention\""));
	str_clear(&bytes);
	snprintf(text, sizeof text, "{\"id\":\"%s\",\"text\":\"@acme hello again\"}", id);
	control(*state, "edit", text);
	wait_for(fd, &bytes, "hello again");
	wait_for(fd, &bytes, "\n\n\r\n");
	assert_true(str_starts(bytes.p, "15\r\nevent: status.update\n\r\n"));
	str_clear(&bytes);
	snprintf(text, sizeof text, "{\"id\":\"%s\"}", id);
	control(*state, "delete", text);
	snprintf(text, sizeof text, "e\r\nevent: delete\n\r\n1a\r\ndata: %s\n\n\r\n", id);
	wait_for(fd, &bytes, text);
	close(fd);
	str_release(&bytes);
}

static void heartbeats_come_in_both_forms(void **state)
{
	struct str bytes = STR_INIT;
	int fd = open_stream(*state, "user/notification", &bytes);
	control(*state, "stream", "{\"kind\":\"beat\",\"ms\":5}");
	wait_for(fd, &bytes, "8\r\n:thump\n\n\r\n");
	control(*state, "stream", "{\"kind\":\"beat\",\"ms\":5,\"blank_line\":false}");
	wait_for(fd, &bytes, "7\r\n:thump\n\r\n");
	close(fd);
	str_release(&bytes);
}

static void a_stalled_stream_says_later_what_it_held(void **state)
{
	struct str bytes = STR_INIT;
	char id[32];
	int fd = open_stream(*state, "hashtag?tag=Acme", &bytes);
	control(*state, "stream", "{\"kind\":\"stall\"}");
	say(*state, "{\"from\":\"sam\",\"text\":\"held #acme\"}", id);
	control(*state, "stream", "{\"kind\":\"beat\",\"ms\":15000}");
	assert_int_equal(bytes.len, 0);
	control(*state, "stream", "{\"kind\":\"resume\"}");
	wait_for(fd, &bytes, id);
	assert_true(str_starts(bytes.p, "e\r\nevent: update\n\r\n"));
	control(*state, "stream", "{\"kind\":\"close\"}");
	wait_for(fd, &bytes, "0\r\n\r\n");
	assert_false(fakenet_receive(fd, &bytes));
	close(fd);
	str_release(&bytes);
}

static void a_cut_stream_ends_inside_an_event(void **state)
{
	struct str bytes = STR_INIT;
	char id[32];
	int fd = open_stream(*state, "user", &bytes);
	control(*state, "fault", "{\"match\":\"GET /api/v1/streaming/*\",\"kind\":\"cut_stream_mid_event\"}");
	say(*state, "{\"from\":\"sam\",\"text\":\"@acme hello\"}", id);
	while (fakenet_receive(fd, &bytes))
		;
	assert_non_null(strstr(bytes.p, "data: {\"id\""));
	assert_null(strstr(bytes.p, "\n\n\r\n"));
	close(fd);
	str_release(&bytes);
}

static void a_revoked_token_ends_its_streams_and_opens_none(void **state)
{
	struct str bytes = STR_INIT;
	struct fakenet_answer answer;
	int fd = open_stream(*state, "user", &bytes);
	control(*state, "token", "{\"revoke\":\"" FAKENET_TOKEN "\"}");
	while (fakenet_receive(fd, &bytes))
		;
	assert_string_equal(bytes.p, "0\r\n\r\n");
	fakenet_ask(*state, "GET", "/api/v1/streaming/user", AUTH, NULL, &answer);
	assert_int_equal(answer.status, 401);
	assert_string_equal(answer.body.p, "{\"error\":\"Invalid access token\"}");
	fakenet_answer_release(&answer);
	close(fd);
	str_release(&bytes);
}

static void close_after_posts_and_says_nothing_close_before_does_not_post(void **state)
{
	struct fakenet_answer answer;
	control(*state, "fault", "{\"match\":\"POST /api/v1/statuses\",\"kind\":\"close_after\"}");
	post_reply(*state, "k1", "status=hello", &answer);
	assert_int_equal(answer.status, 0);
	fakenet_answer_release(&answer);
	assert_int_equal(brand_count(*state), 1);
	control(*state, "fault", "{\"match\":\"POST /api/v1/statuses\",\"kind\":\"close_before\"}");
	post_reply(*state, "k2", "status=hello", &answer);
	assert_int_equal(answer.status, 0);
	fakenet_answer_release(&answer);
	assert_int_equal(brand_count(*state), 1);
	post_reply(*state, "k1", "status=hello", &answer);
	assert_int_equal(answer.status, 200);
	fakenet_answer_release(&answer);
	assert_int_equal(brand_count(*state), 1);
}

static void every_other_fault_shows_once_and_is_over(void **state)
{
	static const struct {
		const char *kind;
		int status;
		bool whole;
		const char *in_head, *in_body;
	} cases[] = {
	        {"status 503 html", 503, true, "\r\nContent-Type: text/html\r\n", "<html>"},
	        {"status 500", 500, true, "json", "{\"error\":"},
	        {"status 429 reset 30", 429, true, "\r\nX-RateLimit-Remaining: 0\r\n", "Too many"},
	        {"truncate", 200, false, "json", "{"},
	        {"malformed", 200, true, "json", "broken"},
	        {"empty", 200, true, "\r\nContent-Length: 0\r\n", ""},
	        {"redirect", 302, true, "\r\nLocation: http://elsewhere", ""},
	        {"slow 20", 200, true, "json", "\"domain\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char rule[120];
		struct fakenet_answer answer;
		snprintf(rule, sizeof rule, "{\"match\":\"GET /api/v2/instance\",\"kind\":\"%s\"}", cases[i].kind);
		control(*state, "fault", rule);
		fakenet_ask(*state, "GET", "/api/v2/instance", NULL, NULL, &answer);
		assert_int_equal(answer.status, cases[i].status);
		assert_int_equal(answer.whole, cases[i].whole);
		assert_non_null(strstr(answer.head.p, cases[i].in_head));
		assert_non_null(strstr(answer.body.p, cases[i].in_body));
		fakenet_answer_release(&answer);
		json *after = fakenet_get(*state, "/api/v2/instance");
		assert_non_null(after);
		json_free(after);
	}
}

static void pipelined_requests_are_answered_in_order_even_in_single_bytes(void **state)
{
	static const char requests[] = "GET /api/v1/streaming/health HTTP/1.1\r\nHost: x\r\n\r\n"
	                               "POST /api/v1/statuses HTTP/1.1\r\nHost: x\r\n" AUTH FORM
	                               "Transfer-Encoding: chunked\r\n\r\n7\r\nstatus=\r\n5\r\nhello\r\n0\r\n\r\n"
	                               "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct str rest = STR_INIT;
	struct fakenet_answer health, post, nowhere;
	int fd = fakenet_connect(*state);
	for (size_t i = 0; i < sizeof requests - 1; i++)
		assert_true(fakenet_send(fd, requests + i, 1));
	fakenet_read_answer(fd, &rest, &health);
	fakenet_read_answer(fd, &rest, &post);
	fakenet_read_answer(fd, &rest, &nowhere);
	assert_string_equal(health.body.p, "OK");
	assert_non_null(strstr(post.body.p, "\"content\":\"<p>hello</p>\""));
	assert_int_equal(nowhere.status, 404);
	assert_false(fakenet_receive(fd, &rest));
	close(fd);
	fakenet_answer_release(&health);
	fakenet_answer_release(&post);
	fakenet_answer_release(&nowhere);
	str_release(&rest);
}

static void garbage_is_refused_and_hurts_nobody(void **state)
{
	static const char *const garbage[] = {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9\r\n\r\n", "A B HTTP/1.1\r\n\r\n",
	        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
	        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
	        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"};
	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		struct str rest = STR_INIT;
		struct fakenet_answer answer;
		int fd = fakenet_connect(*state);
		assert_true(fakenet_send(fd, garbage[i], strlen(garbage[i])));
		fakenet_read_answer(fd, &rest, &answer);
		assert_in_range(answer.status, 400, 501);
		close(fd);
		fakenet_answer_release(&answer);
		str_release(&rest);
	}
	json *instance = fakenet_get(*state, "/api/v2/instance");
	assert_non_null(instance);
	json_free(instance);
}

static void ten_thousand_mentions_reach_a_stream_each_once(void **state)
{
	struct str bytes = STR_INIT;
	int seen = 0;
	int fd = open_stream(*state, "user/notification", &bytes);
	control(*state, "burst", "{\"count\":10000}");
	while (seen < 10000) {
		assert_true(fakenet_receive(fd, &bytes));
		const char *at = bytes.p, *end;
		for (; (end = strstr(at, "\n\n\r\n")); at = end + 4)
			seen++;
		str_remove(&bytes, 0, (size_t)(at - bytes.p));
	}
	close(fd);
	str_release(&bytes);
	json *now = fakenet_control(*state, "state", NULL);
	assert_int_equal(json_int(now, "mentions", 0), 10000);
	assert_int_equal(json_int(now, "burst_left", -1), 0);
	json_free(now);
}

static void the_same_seed_gives_the_same_people_texts_and_ids(void **state)
{
	(void)state;
	static const char *const args[] = {"--seed", "7", "--backlog", "60", NULL};
	char *pages[2];
	for (int i = 0; i < 2; i++) {
		struct fakenet net;
		struct str page = STR_INIT;
		assert_int_equal(fakenet_start(&net, args), 0);
		json *list = fakenet_get(&net, "/api/v1/notifications?limit=80");
		assert_true(json_count(list) > 30);
		for (const json *n = json_first(list); n; n = json_next(n))
			str_addf(&page, "%s %s %s\n", json_str(n, "id"), json_str(json_get(n, "account"), "acct"),
			        str_or(json_str(json_get(n, "status"), "content"), ""));
		json_free(list);
		assert_int_equal(fakenet_stop(&net), 0);
		pages[i] = str_detach(&page);
	}
	assert_string_equal(pages[0], pages[1]);
	free(pages[0]);
	free(pages[1]);
}

static void a_spent_budget_is_429_and_says_when_it_is_back(void **state)
{
	(void)state;
	static const char *const args[] = {"--limit", "2", NULL};
	static const int expected[] = {200, 200, 429};
	struct fakenet net;
	assert_int_equal(fakenet_start(&net, args), 0);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		struct fakenet_answer answer;
		fakenet_ask(&net, "GET", "/api/v1/notifications", AUTH, NULL, &answer);
		assert_int_equal(answer.status, expected[i]);
		assert_non_null(strstr(answer.head.p, "\r\nX-RateLimit-Limit: 2\r\n"));
		assert_non_null(strstr(answer.head.p, ":00.000000Z\r\n"));
		fakenet_answer_release(&answer);
	}
	assert_int_equal(fakenet_stop(&net), 0);
}

static void a_private_mention_is_held_back_when_the_policy_filters(void **state)
{
	struct fakenet_answer answer;
	char id[32];
	fakenet_ask(*state, "PATCH", "/api/v2/notifications/policy", AUTH FORM, "for_private_mentions=filter", &answer);
	assert_non_null(strstr(answer.body.p, "\"for_private_mentions\":\"filter\""));
	fakenet_answer_release(&answer);
	say(*state, "{\"from\":\"sam\",\"text\":\"@acme psst\",\"visibility\":\"direct\"}", id);
	json *shown = fakenet_get(*state, "/api/v1/notifications");
	json *all = fakenet_get(*state, "/api/v1/notifications?include_filtered=true");
	assert_int_equal(json_count(shown), 0);
	assert_int_equal(json_count(all), 1);
	json_free(shown);
	json_free(all);
}

static void the_code_from_the_page_becomes_a_token_that_works(void **state)
{
	struct fakenet_answer answer;
	fakenet_ask(*state, "POST", "/oauth/token", FORM,
	        "grant_type=authorization_code&code=DEMO-CODE&client_id=fakenet-client&client_secret=fakenet-secret"
	        "&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob",
	        &answer);
	assert_non_null(strstr(answer.body.p, "\"access_token\":\"DEMO-TOKEN-1\""));
	fakenet_answer_release(&answer);
	fakenet_ask(*state, "GET", "/api/v1/accounts/verify_credentials", "Authorization: Bearer DEMO-TOKEN-1\r\n",
	        NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body.p, "\"acct\":\"acme\""));
	fakenet_answer_release(&answer);
}

#define ON_A_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)

/* As far as the first text; *rest has what follows. False when the connection ends before. */
static bool read_message(int fd, struct str *rest, struct str *text)
{
	for (;;) {
		const unsigned char *p = (const unsigned char *)rest->p;
		size_t len = rest->len >= 4 ? (p[1] == 126 ? (size_t)p[2] << 8 | p[3] : p[1]) : 0;
		size_t head = rest->len >= 4 && p[1] == 126 ? 4 : 2;
		if (rest->len >= 4 && rest->len >= head + len) {
			assert_int_equal(p[0], 0x81);
			str_clear(text);
			str_add(text, rest->p + head, len);
			str_remove(rest, 0, head + len);
			return true;
		}
		if (!fakenet_receive(fd, rest))
			return false;
	}
}

static void a_websocket_tells_what_an_event_stream_does(void **state)
{
	static const char ask[] = "GET /api/v1/streaming?stream=user HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
	                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	                          "Authorization: Bearer " FAKENET_TOKEN "\r\n\r\n";
	struct str rest = STR_INIT, text = STR_INIT;
	int fd = fakenet_connect(*state);
	assert_true(fakenet_send(fd, ask, sizeof ask - 1));
	while (!strstr(rest.p, "\r\n\r\n"))
		assert_true(fakenet_receive(fd, &rest));
	assert_non_null(strstr(rest.p, "HTTP/1.1 101 "));
	assert_non_null(strstr(rest.p, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	str_clear(&rest);
	control(*state, "post", "{\"from\":\"sam\",\"text\":\"@acme hello\"}");
	assert_true(read_message(fd, &rest, &text));
	json *message = json_parse(text.p, text.len, NULL);
	assert_string_equal(json_str(message, "event"), "notification");
	assert_non_null(strstr(text.p, "\"stream\":[\"user\"]"));
	const char *payload = json_str(message, "payload");
	json *notification = json_parse(payload, strlen(payload), NULL);
	assert_string_equal(json_str(notification, "type"), "mention");
	json_free(notification);
	json_free(message);
	/* A frame without a mask ends it (RFC 6455, 5.1). */
	assert_true(fakenet_send(fd, "\x89\x00xxxxxx", 8));
	while (fakenet_receive(fd, &rest))
		;
	close(fd);
	str_release(&rest);
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_A_SERVER(pages_are_newest_first_and_min_id_takes_the_next_one),
	        ON_A_SERVER(a_page_links_to_its_neighbours_and_an_empty_one_does_not),
	        ON_A_SERVER(without_a_known_token_the_answer_is_401),
	        ON_A_SERVER(a_repeated_key_gives_the_first_status_and_posts_once),
	        ON_A_SERVER(a_refused_post_is_not_remembered),
	        ON_A_SERVER(length_counts_clusters_links_and_handles_as_mastodon_does),
	        ON_A_SERVER(a_reply_carries_mention_link_and_tag_in_mastodons_markup),
	        ON_A_SERVER(a_conversation_shows_both_sides_without_what_was_deleted),
	        ON_A_SERVER(search_finds_the_phrase_and_the_tag_page_the_tag),
	        ON_A_SERVER(a_stream_tells_of_posts_edits_and_deletions_in_chunks_of_their_own),
	        ON_A_SERVER(heartbeats_come_in_both_forms),
	        ON_A_SERVER(a_stalled_stream_says_later_what_it_held),
	        ON_A_SERVER(a_cut_stream_ends_inside_an_event),
	        ON_A_SERVER(a_revoked_token_ends_its_streams_and_opens_none),
	        ON_A_SERVER(close_after_posts_and_says_nothing_close_before_does_not_post),
	        ON_A_SERVER(every_other_fault_shows_once_and_is_over),
	        ON_A_SERVER(pipelined_requests_are_answered_in_order_even_in_single_bytes),
	        ON_A_SERVER(garbage_is_refused_and_hurts_nobody),
	        ON_A_SERVER(ten_thousand_mentions_reach_a_stream_each_once),
	        ON_A_SERVER(a_private_mention_is_held_back_when_the_policy_filters),
	        ON_A_SERVER(the_code_from_the_page_becomes_a_token_that_works),
	        ON_A_SERVER(a_websocket_tells_what_an_event_stream_does),
	        cmocka_unit_test(a_spent_budget_is_429_and_says_when_it_is_back),
	        cmocka_unit_test(the_same_seed_gives_the_same_people_texts_and_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
