/* The small network's third face speaks as a PDS and its AppView do: sessions that end with a 400, lists sorted and cut
 * by time, records under keys of their own, conversations with holes. What is asked here is what was asked when the
 * answers of tests/data/bluesky were recorded. */
#include "core/base/mem.h"
#include "tests/lib/fakenet.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define JSON "Content-Type: application/json\r\n"
#define AUTH "Authorization: Bearer " FAKENET_TOKEN "\r\n"
#define KEY "3mzzzzzzzzzz2"
#define AT "2026-11-22T02:29:00.074Z"

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

/* Where it stands on Bluesky, and its id for control. */
struct place {
	char uri[128], id[32];
};

static struct place say(const struct fakenet *net, const char *json_text)
{
	struct place place;
	json *status = control(net, "post", json_text);
	str_copy(place.uri, sizeof place.uri, json_str(status, "bluesky_uri"));
	str_copy(place.id, sizeof place.id, json_str(status, "id"));
	json_free(status);
	return place;
}

/* One request; its status, and its body into `body`, which the caller frees (NULL: not wanted). */
static int ask(const struct fakenet *net, const char *headers, const char *method, const char *call, const char *text,
        json **body)
{
	struct fakenet_answer answer;
	struct str target = STR_INIT;
	str_addf(&target, "/xrpc/%s", call);
	fakenet_ask(net, method, target.p, headers, text, &answer);
	int status = answer.status;
	if (body)
		*body = json_parse(answer.body.p, answer.body.len, NULL);
	fakenet_answer_release(&answer);
	str_release(&target);
	return status;
}

static json *get(const struct fakenet *net, const char *call)
{
	json *body;
	assert_int_equal(ask(net, AUTH, "GET", call, NULL, &body), 200);
	return body;
}

static void refused(const struct fakenet *net, const char *headers, const char *method, const char *call,
        const char *text, int status, const char *error)
{
	json *body;
	assert_int_equal(ask(net, headers, method, call, text, &body), status);
	assert_string_equal(json_str(body, "error"), error);
	assert_true(*json_str(body, "message"));
	json_free(body);
}

static char *own_did(const struct fakenet *net)
{
	json *session = get(net, "com.atproto.server.getSession");
	char *did = mem_strdup(json_str(session, "did"));
	json_free(session);
	return did;
}

/* --- sessions */

static char *bearer(const char *token)
{
	struct str header = STR_INIT;
	str_addf(&header, "Authorization: Bearer %s\r\n", token);
	return str_detach(&header);
}

static json *login(const struct fakenet *net)
{
	json *session;
	assert_int_equal(
	        ask(net, JSON, "POST", "com.atproto.server.createSession",
	                "{\"identifier\":\"acme.birds.example\",\"password\":\"demo-demo-demo-demo\"}", &session),
	        200);
	return session;
}

static void a_session_is_renewed_once_and_its_tokens_end_with_a_400(void **state)
{
	const struct fakenet *net = *state;
	json *session = login(net), *next, *again;
	char *access = bearer(json_str(session, "accessJwt")), *refresh = bearer(json_str(session, "refreshJwt"));
	assert_string_equal(json_str(session, "handle"), "acme.birds.example");
	assert_string_equal(json_str(json_first(json_path(session, "didDoc.service")), "serviceEndpoint"), net->url);
	assert_int_equal(ask(net, access, "GET", "com.atproto.server.getSession", NULL, NULL), 200);
	refused(net, refresh, "GET", "com.atproto.server.getSession", NULL, 400, "InvalidToken");
	json_free(control(net, "bluesky", "{\"expire\":true}"));
	refused(net, access, "GET", "com.atproto.server.getSession", NULL, 400, "ExpiredToken");
	assert_int_equal(ask(net, refresh, "POST", "com.atproto.server.refreshSession", NULL, &next), 200);
	assert_int_equal(ask(net, refresh, "POST", "com.atproto.server.refreshSession", NULL, &again), 200);
	assert_string_equal(json_str(next, "accessJwt"), json_str(again, "accessJwt"));
	assert_string_not_equal(json_str(next, "accessJwt"), json_str(session, "accessJwt"));
	json_free(control(net, "bluesky", "{\"revoke\":true}"));
	refused(net, refresh, "POST", "com.atproto.server.refreshSession", NULL, 400, "ExpiredToken");
	free(access);
	free(refresh);
	json_free(session);
	json_free(next);
	json_free(again);
}

static void who_is_not_logged_in_is_told_so_as_recorded(void **state)
{
	const struct fakenet *net = *state;
	static const char list[] = "app.bsky.notification.listNotifications";
	refused(net, NULL, "GET", list, NULL, 401, "AuthMissing");
	refused(net, "Authorization: Bearer nonsense\r\n", "GET", list, NULL, 400, "InvalidToken");
	refused(net, JSON, "POST", "com.atproto.server.createSession",
	        "{\"identifier\":\"acme.birds.example\",\"password\":\"wrong\"}", 401, "AuthenticationRequired");
	refused(net, AUTH JSON, "POST", list, "{}", 400, "InvalidRequest");
	refused(net, AUTH, "GET", "app.bsky.notification.nope", NULL, 501, "MethodNotImplemented");
	refused(net, AUTH, "GET", "app.bsky.notification.listNotifications?limit=1000", NULL, 400, "InvalidRequest");
}

static void a_name_leads_to_a_did_and_that_to_the_server(void **state)
{
	const struct fakenet *net = *state;
	struct fakenet_answer answer;
	json *found = get(net, "com.atproto.identity.resolveHandle?handle=acme.birds.example");
	struct str path = STR_INIT;
	str_addf(&path, "/%s", json_str(found, "did"));
	fakenet_ask(net, "GET", path.p, NULL, NULL, &answer);
	json *document = json_parse(answer.body.p, answer.body.len, NULL);
	assert_string_equal(json_text(json_first(json_get(document, "alsoKnownAs"))), "at://acme.birds.example");
	assert_string_equal(json_str(json_first(json_get(document, "service")), "serviceEndpoint"), net->url);
	refused(net, NULL, "GET", "com.atproto.identity.resolveHandle?handle=nobody.example", NULL, 400,
	        "InvalidRequest");
	fakenet_answer_release(&answer);
	json_free(document);
	json_free(found);
	str_release(&path);
}

/* --- lists */

static void a_mention_has_its_facets_by_bytes_and_lists_are_newest_first(void **state)
{
	const struct fakenet *net = *state;
	struct place first =
	        say(net, "{\"from\":\"sam\",\"text\":\"Gr\\u00fc\\u00dfe \\ud83d\\udc4b @acme hello #Help\"}");
	struct place second = say(net, "{\"from\":\"sam\",\"text\":\"@acme again\"}");
	json *list = get(net, "app.bsky.notification.listNotifications?limit=10&reasons=mention&reasons=reply");
	const json *newest = json_first(json_get(list, "notifications")), *oldest = json_next(newest);
	char *did = own_did(net);
	assert_string_equal(json_str(newest, "uri"), second.uri);
	assert_string_equal(json_str(oldest, "uri"), first.uri);
	assert_string_equal(json_str(oldest, "reason"), "mention");
	assert_string_equal(json_str(json_get(oldest, "record"), "text"), "Grüße 👋 @acme.birds.example hello #Help");
	const json *facet = json_first(json_path(oldest, "record.facets"));
	assert_int_equal(json_int(json_get(facet, "index"), "byteStart", 0), 13);
	assert_int_equal(json_int(json_get(facet, "index"), "byteEnd", 0), 13 + strlen("@acme.birds.example"));
	assert_string_equal(json_str(json_first(json_get(facet, "features")), "did"), did);
	assert_string_equal(json_str(list, "cursor"), json_str(oldest, "indexedAt"));
	free(did);
	json_free(list);
}

static int64_t real_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void next_millisecond(void)
{
	for (int64_t then = real_ms(); real_ms() == then;)
		;
}

static void the_page_is_cut_before_it_is_picked_from(void **state)
{
	const struct fakenet *net = *state;
	struct place mention = say(net, "{\"from\":\"sam\",\"text\":\"@acme hello\"}");
	next_millisecond(); /* what is of one moment with a page's end is on no page */
	json_free(control(net, "notify", "{\"type\":\"follow\",\"from\":\"kim\"}"));
	json *page = get(net, "app.bsky.notification.listNotifications?limit=1&reasons=mention");
	assert_int_equal(json_count(json_get(page, "notifications")), 0);
	struct str next = STR_INIT;
	str_addf(&next, "app.bsky.notification.listNotifications?limit=1&reasons=mention&cursor=%s",
	        json_str(page, "cursor"));
	json *rest = get(net, next.p);
	assert_string_equal(json_str(json_first(json_get(rest, "notifications")), "uri"), mention.uri);
	str_release(&next);
	json_free(page);
	json_free(rest);
}

static void a_search_finds_a_phrase_and_a_tag(void **state)
{
	const struct fakenet *net = *state;
	struct place phrase = say(net, "{\"from\":\"sam\",\"text\":\"my acme kettle leaks\"}");
	struct place tag = say(net, "{\"from\":\"sam\",\"text\":\"it leaks #acmefail\"}");
	json *found = get(net, "app.bsky.feed.searchPosts?q=%22acme%20kettle%22&sort=latest");
	assert_int_equal(json_count(json_get(found, "posts")), 1);
	assert_string_equal(json_str(json_first(json_get(found, "posts")), "uri"), phrase.uri);
	json_free(found);
	found = get(net, "app.bsky.feed.searchPosts?q=%23acmefail");
	assert_string_equal(json_str(json_first(json_get(found, "posts")), "uri"), tag.uri);
	json_free(found);
}

static void a_conversation_has_holes_where_posts_are_gone(void **state)
{
	const struct fakenet *net = *state;
	struct str text = STR_INIT;
	struct place root = say(net, "{\"from\":\"sam\",\"text\":\"a kettle?\"}");
	str_addf(&text, "{\"from\":\"kim\",\"text\":\"yes\",\"reply_to\":\"%s\"}", root.id);
	struct place middle = say(net, text.p);
	str_clear(&text);
	str_addf(&text, "{\"from\":\"sam\",\"text\":\"@acme does it leak?\",\"reply_to\":\"%s\"}", middle.id);
	struct place leaf = say(net, text.p);
	str_clear(&text);
	str_addf(&text, "{\"id\":\"%s\"}", middle.id);
	json_free(control(net, "delete", text.p));
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPostThread?uri=%s", leaf.uri);
	json *thread = get(net, text.p);
	assert_string_equal(json_str(json_path(thread, "thread.parent"), "$type"), "app.bsky.feed.defs#notFoundPost");
	assert_string_equal(json_str(json_path(thread, "thread.post.record.reply.root"), "uri"), root.uri);
	json_free(thread);
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPostThread?uri=%s", root.uri);
	thread = get(net, text.p);
	assert_int_equal(json_count(json_path(thread, "thread.replies")), 0);
	json_free(thread);
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPostThread?uri=%s", middle.uri);
	refused(net, AUTH, "GET", text.p, NULL, 400, "NotFound");
	str_release(&text);
}

/* --- records */

static void put_body(
        const struct fakenet *net, const char *words, const char *parent, const char *swap, struct str *out)
{
	char *did = own_did(net);
	str_clear(out);
	str_addf(out,
	        "{\"repo\":\"%s\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"" KEY
	        "\",%s\"record\":{\"$type\":\"app.bsky.feed.post\",\"text\":\"%s\",\"createdAt\":\"" AT "\"",
	        did, swap, words);
	if (parent) {
		static const char cid[] = "bafyreidxbp4bhuoamo356sgfjtaumedym32gqtguapaoufxwd545owz5c4";
		str_addf(out,
		        ",\"reply\":{\"root\":{\"uri\":\"%s\",\"cid\":\"%s\"},\"parent\":{\"uri\":\"%s\",\"cid\":\"%"
		        "s\"}}",
		        parent, cid, parent, cid);
	}
	str_adds(out, "}}");
	free(did);
}

static int put(const struct fakenet *net, const char *words, const char *parent, const char *swap, json **body)
{
	struct str text = STR_INIT;
	put_body(net, words, parent, swap, &text);
	int status = ask(net, AUTH JSON, "POST", "com.atproto.repo.putRecord", text.p, body);
	str_release(&text);
	return status;
}

static void a_record_that_is_put_twice_is_one(void **state)
{
	const struct fakenet *net = *state;
	struct place to = say(net, "{\"from\":\"sam\",\"text\":\"@acme where is it?\"}");
	json *first, *second;
	struct str text = STR_INIT;
	assert_int_equal(put(net, "On its way.", to.uri, "\"swapRecord\":null,", &first), 200);
	assert_non_null(json_get(first, "commit"));
	assert_int_equal(put(net, "On its way.", to.uri, "\"swapRecord\":null,", &second), 200);
	assert_null(json_get(second, "commit"));
	assert_string_equal(json_str(first, "cid"), json_str(second, "cid"));
	json_free(second);
	assert_int_equal(put(net, "Other words.", to.uri, "\"swapRecord\":null,", &second), 400);
	assert_string_equal(json_str(second, "error"), "InvalidSwap");
	put_body(net, "On its way.", to.uri, "", &text);
	refused(net, AUTH JSON, "POST", "com.atproto.repo.createRecord", text.p, 500, "InternalServerError");
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPosts?uris=%s&uris=%s", to.uri, json_str(first, "uri"));
	json *posts = get(net, text.p);
	assert_int_equal(json_count(json_get(posts, "posts")), 2);
	assert_int_equal(json_int(json_first(json_get(posts, "posts")), "replyCount", 0), 1);
	json *state_now = fakenet_control(net, "state", NULL);
	assert_int_equal(json_int(state_now, "brand_count", -1), 1);
	json_free(state_now);
	json_free(posts);
	json_free(first);
	json_free(second);
	str_release(&text);
}

static void whom_a_facet_names_is_told_on_the_other_networks_too(void **state)
{
	const struct fakenet *net = *state;
	json_free(control(net, "post", "{\"from\":\"sam\",\"text\":\"@acme hello\"}"));
	json *sam = get(net, "com.atproto.identity.resolveHandle?handle=sam.ferry.example");
	char *did = own_did(net);
	struct str text = STR_INIT;
	str_addf(&text,
	        "{\"repo\":\"%s\",\"collection\":\"app.bsky.feed.post\",\"record\":{\"text\":\"@sam.ferry.example hi\","
	        "\"createdAt\":\"" AT
	        "\",\"facets\":[{\"index\":{\"byteStart\":0,\"byteEnd\":18},\"features\":[{\"$type\":"
	        "\"app.bsky.richtext.facet#mention\",\"did\":\"%s\"}]}]}}",
	        did, json_str(sam, "did"));
	assert_int_equal(ask(net, AUTH JSON, "POST", "com.atproto.repo.createRecord", text.p, NULL), 200);
	json *state_now = fakenet_control(net, "state", NULL);
	assert_non_null(state_now);
	str_clear(&text);
	json_print(json_get(state_now, "brand"), &text);
	assert_non_null(strstr(text.p, "@sam@ferry.example hi"));
	json_free(state_now);
	json_free(sam);
	free(did);
	str_release(&text);
}

static void what_is_no_record_is_refused_as_recorded(void **state)
{
	const struct fakenet *net = *state;
	struct str body = STR_INIT, words = STR_INIT;
	for (int i = 0; i < 301; i++)
		str_addc(&words, 'x');
	put_body(net, words.p, NULL, "", &body);
	refused(net, AUTH JSON, "POST", "com.atproto.repo.putRecord", body.p, 400, "InvalidRequest");
	refused(net, AUTH JSON, "POST", "com.atproto.repo.putRecord",
	        "{\"repo\":\"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa\",\"collection\":\"app.bsky.feed.post\"}", 401,
	        "AuthenticationRequired");
	str_release(&words);
	str_release(&body);
}

static void a_rule_of_who_may_answer_is_told_and_not_enforced(void **state)
{
	const struct fakenet *net = *state;
	struct place to = say(net, "{\"from\":\"sam\",\"text\":\"among us\",\"reply_settings\":\"following\"}");
	struct str text = STR_INIT;
	json *answer, *posts;
	str_addf(&text, "app.bsky.feed.getPosts?uris=%s", to.uri);
	posts = get(net, text.p);
	assert_true(json_bool(json_get(json_first(json_get(posts, "posts")), "viewer"), "replyDisabled", false));
	json_free(posts);
	assert_int_equal(put(net, "May I?", to.uri, "", &answer), 200);
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPosts?uris=%s", json_str(answer, "uri"));
	posts = get(net, text.p);
	assert_int_equal(json_count(json_get(posts, "posts")), 0);
	json_free(posts);
	json_free(answer);
	str_release(&text);
}

static void a_like_is_a_record_and_taking_it_back_succeeds_twice(void **state)
{
	const struct fakenet *net = *state;
	struct place to = say(net, "{\"from\":\"sam\",\"text\":\"@acme thanks\"}");
	char *did = own_did(net);
	struct str text = STR_INIT;
	str_addf(&text,
	        "{\"repo\":\"%s\",\"collection\":\"app.bsky.feed.like\",\"rkey\":\"" KEY
	        "\",\"record\":{\"subject\":{\"uri\":\"%s\",\"cid\":\"x\"},\"createdAt\":\"" AT "\"}}",
	        did, to.uri);
	assert_int_equal(ask(net, AUTH JSON, "POST", "com.atproto.repo.putRecord", text.p, NULL), 200);
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPosts?uris=%s", to.uri);
	json *posts = get(net, text.p);
	const json *post = json_first(json_get(posts, "posts"));
	assert_int_equal(json_int(post, "likeCount", 0), 1);
	assert_non_null(strstr(json_str(json_get(post, "viewer"), "like"), "/app.bsky.feed.like/" KEY));
	json_free(posts);
	str_clear(&text);
	str_addf(&text, "{\"repo\":\"%s\",\"collection\":\"app.bsky.feed.like\",\"rkey\":\"" KEY "\"}", did);
	json *first, *second;
	assert_int_equal(ask(net, AUTH JSON, "POST", "com.atproto.repo.deleteRecord", text.p, &first), 200);
	assert_int_equal(ask(net, AUTH JSON, "POST", "com.atproto.repo.deleteRecord", text.p, &second), 200);
	assert_non_null(json_get(first, "commit"));
	assert_null(json_get(second, "commit"));
	json_free(first);
	json_free(second);
	free(did);
	str_release(&text);
}

static void writes_have_a_budget_of_points_and_its_end_is_told_in_seconds(void **state)
{
	const struct fakenet *net = *state;
	struct fakenet_answer answer;
	struct str body = STR_INIT;
	json_free(control(net, "bluesky", "{\"points\":3}"));
	assert_int_equal(put(net, "one", NULL, "", NULL), 200);
	put_body(net, "two", NULL, "", &body);
	fakenet_ask(net, "POST", "/xrpc/com.atproto.repo.putRecord", AUTH JSON, body.p, &answer);
	assert_int_equal(answer.status, 429);
	assert_non_null(strstr(answer.head.p, "RateLimit-Remaining: 0\r\n"));
	assert_non_null(strstr(answer.head.p, "RateLimit-Reset: 1"));
	assert_non_null(strstr(answer.body.p, "RateLimitExceeded"));
	fakenet_answer_release(&answer);
	str_release(&body);
}

static void an_edit_is_not_shown(void **state)
{
	const struct fakenet *net = *state;
	struct place post = say(net, "{\"from\":\"sam\",\"text\":\"@acme teh kettle\"}");
	struct str text = STR_INIT;
	str_addf(&text, "{\"id\":\"%s\",\"text\":\"@acme the kettle\"}", post.id);
	json_free(control(net, "edit", text.p));
	str_clear(&text);
	str_addf(&text, "app.bsky.feed.getPosts?uris=%s", post.uri);
	json *posts = get(net, text.p);
	assert_string_equal(json_str(json_get(json_first(json_get(posts, "posts")), "record"), "text"),
	        "@acme.birds.example teh kettle");
	json_free(posts);
	str_release(&text);
}

#define test(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_session_is_renewed_once_and_its_tokens_end_with_a_400),
	        test(who_is_not_logged_in_is_told_so_as_recorded),
	        test(a_name_leads_to_a_did_and_that_to_the_server),
	        test(a_mention_has_its_facets_by_bytes_and_lists_are_newest_first),
	        test(the_page_is_cut_before_it_is_picked_from),
	        test(a_search_finds_a_phrase_and_a_tag),
	        test(a_conversation_has_holes_where_posts_are_gone),
	        test(a_record_that_is_put_twice_is_one),
	        test(whom_a_facet_names_is_told_on_the_other_networks_too),
	        test(what_is_no_record_is_refused_as_recorded),
	        test(a_rule_of_who_may_answer_is_told_and_not_enforced),
	        test(a_like_is_a_record_and_taking_it_back_succeeds_twice),
	        test(writes_have_a_budget_of_points_and_its_end_is_told_in_seconds),
	        test(an_edit_is_not_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
