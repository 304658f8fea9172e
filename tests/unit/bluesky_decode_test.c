/* What is read of Bluesky: bytes that servers sent, and those that the lexicons allow. */
#include "core/base/paths.h"
#include "core/network/bluesky_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BRAND "did:plc:brandcare22abcdefghijklm"
#define ALEX "at://did:plc:alex33abcdefghijklmnopqr/app.bsky.feed.post/"

static struct arena arena;
static struct bluesky_decoder decoder;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	decoder = (struct bluesky_decoder){.self_did = BRAND};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* A file of tests/data/bluesky; of an answer its body. */
static json *load(const char *name)
{
	struct str bytes = STR_INIT, path = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "%s/bluesky/%s", str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), name);
	if (file_read(path.p, &bytes, &err))
		fail_msg("%s", err.text);
	const char *body = strstr(bytes.p, "\r\n\r\n");
	body = body ? body + 4 : bytes.p;
	json *whole = json_parse(body, strlen(body), &err);
	assert_non_null(whole);
	str_release(&bytes);
	str_release(&path);
	return whole;
}

static json *parsed(const char *text)
{
	json *value = json_parse(text, strlen(text), NULL);
	assert_non_null(value);
	return value;
}

/* --- notifications */

static void a_page_of_notifications_is_read_as_documented(void **state)
{
	(void)state;
	json *whole = load("notifications.json");
	struct item items[8];
	int count = 0, others = 0;
	for (const json *n = json_first(json_path(whole, "response.body.notifications")); n; n = json_next(n)) {
		struct err err = ERR_INIT;
		if (bluesky_decode_notification(&decoder, n, &arena, &items[count], &err) == 0)
			count++;
		else
			others++;
	}
	assert_int_equal(count, 4);
	assert_int_equal(others, 1); /* the like */
	assert_string_equal(items[0].post.text, "hey @care.example.com 🙏 refund?");
	assert_string_equal(items[0].post.mentions, "@care.example.com");
	assert_true(items[0].mention);
	assert_string_equal(items[0].root_remote_id, items[0].post.remote_id);
	assert_string_equal(
	        items[0].post.url, "https://bsky.app/profile/did:plc:alex33abcdefghijklmnopqr/post/3mtlh5wnpk227");
	assert_string_equal(items[1].customer.handle, "@did:plc:mika44abcdefghijklmnopqr");
	assert_string_equal(items[1].customer.name, "Mika");
	assert_true(items[1].customer.bot);
	assert_true(items[1].mention);
	assert_string_equal(items[2].post.language, "de");
	assert_string_equal(items[2].post.parent_remote_id, "at://" BRAND "/app.bsky.feed.post/3mtlfic232225");
	/* 08:55+02:00 */
	assert_int_equal(items[3].post.created_at, items[2].post.created_at - 5 * 60000);
	assert_true(items[3].mention); /* quotes us */
	assert_string_equal(items[3].post.links, "https://bsky.app/profile/" BRAND "/post/3mtlfic232225");
	json_free(whole);
}

static void what_a_server_notified_of_is_read(void **state)
{
	(void)state;
	json *whole = load("listNotifications.http");
	struct item items[8];
	int count = 0;
	decoder.self_did = "did:plc:xklowbn3qudvi5neclqpkx5t";
	for (const json *n = json_first(json_get(whole, "notifications")); n; n = json_next(n)) {
		struct err err = ERR_INIT;
		count += bluesky_decode_notification(&decoder, n, &arena, &items[count], &err) == 0;
	}
	assert_int_equal(count, 3);
	for (int i = 0; i < count; i++) {
		assert_true(items[i].mention);
		assert_string_equal(items[i].customer.handle, "@customer.test");
		assert_int_equal(items[i].customer.followers, -1);
	}
	assert_string_equal(items[0].post.text, "look at this");
	assert_string_equal(items[2].post.text, "Grüße 👋 @brand.test my order never arrived");
	assert_string_equal(items[2].post.mentions, "@brand.test");
	json_free(whole);
}

/* An answer to somebody else in a conversation that we began is notified, too, up to five levels down. */
static void an_answer_to_somebody_else_is_not_to_us(void **state)
{
	(void)state;
	json *one =
	        parsed("{\"uri\":\"" ALEX "3mtlh5wnpk227\",\"author\":{\"did\":\"did:plc:alex33abcdefghijklmnopqr\"},"
	               "\"reason\":\"reply\",\"indexedAt\":\"2026-08-21T09:30:00Z\",\"record\":{\"text\":\"yes\","
	               "\"reply\":{\"root\":{\"uri\":\"at://" BRAND "/app.bsky.feed.post/3mtlfic232225\"},"
	               "\"parent\":{\"uri\":\"" ALEX "3mtlfic232226\"}}}}");
	struct item item;
	struct err err = ERR_INIT;
	assert_int_equal(bluesky_decode_notification(&decoder, one, &arena, &item, &err), 0);
	assert_false(item.mention);
	assert_string_equal(item.root_remote_id, "at://" BRAND "/app.bsky.feed.post/3mtlfic232225");
	json_free(one);
}

/* --- threads */

static void a_thread_is_flat_with_its_parents_first_and_its_holes_known(void **state)
{
	(void)state;
	json *whole = load("thread.json");
	struct item *items;
	int count = bluesky_decode_thread(&decoder, json_path(whole, "response.body.thread"), &arena, &items, 100);
	assert_int_equal(count, 5);
	assert_int_equal(items[0].kind, ITEM_DELETE);
	assert_string_equal(items[0].post.remote_id, json_str(json_get(whole, "expect"), "root"));
	assert_string_equal(items[1].post.text, "so @care.example.com what now?");
	assert_string_equal(items[1].root_remote_id, items[0].post.remote_id);
	assert_int_equal(items[1].post.likes, 4);
	assert_int_equal(items[1].post.replies, 4);
	assert_string_equal(items[1].post.reply_refusal, "");
	assert_string_equal(items[2].post.text, "me too");
	assert_int_equal(items[3].post.direction, DIR_OUT);
	assert_string_equal(items[4].post.text, "thanks!");
	assert_string_equal(items[4].post.parent_remote_id, items[3].post.remote_id);
	assert_true(items[4].mention);
	assert_int_equal(
	        bluesky_decode_thread(&decoder, json_path(whole, "response.body.thread"), &arena, &items, 3), 3);
	json_free(whole);
	whole = load("getPostThread.http");
	decoder.self_did = "did:plc:exqqa7fqclhoddarot5idea2";
	count = bluesky_decode_thread(&decoder, json_get(whole, "thread"), &arena, &items, 100);
	assert_int_equal(count, 2);
	assert_true(items[0].mention);
	assert_int_equal(items[1].post.direction, DIR_OUT);
	json_free(whole);
}

static void parents_of_any_number_are_read(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	struct item *items;
	for (int i = 0; i < 400; i++)
		str_addf(&text, "{\"uri\":\"" ALEX "%d\",\"notFound\":true,\"parent\":", i);
	str_adds(&text, "null");
	for (int i = 0; i < 400; i++)
		str_addc(&text, '}');
	json *whole = parsed(text.p);
	int count = bluesky_decode_thread(&decoder, whole, &arena, &items, 1000);
	assert_int_equal(count, 257);
	assert_string_equal(items[256].post.remote_id, ALEX "0");
	json_free(whole);
	str_release(&text);
}

/* --- who may answer */

static const char *refusal(const char *viewer, const char *more, const char *author)
{
	struct str text = STR_INIT;
	struct item item;
	struct err err = ERR_INIT;
	str_addf(&text,
	        "{\"uri\":\"" ALEX "3mtlh5wnpk227\",\"author\":{\"did\":\"did:plc:alex33abcdefghijklmnopqr\","
	        "\"handle\":\"alex.example.org\",\"viewer\":{%s}},\"indexedAt\":\"2026-08-21T09:30:00Z\","
	        "\"record\":{\"text\":\"hi\"},\"viewer\":{%s}%s}",
	        author, viewer, more);
	json *view = parsed(text.p);
	assert_int_equal(bluesky_decode_post(&decoder, view, &arena, &item, &err), 0);
	json_free(view);
	str_release(&text);
	return item.post.reply_refusal;
}

static void a_threadgate_refuses_before_anything_is_typed(void **state)
{
	(void)state;
	assert_string_equal(refusal("", "", ""), "");
	assert_string_equal(refusal("\"replyDisabled\":false", ",\"threadgate\":{\"record\":{\"allow\":[]}}", ""), "");
	assert_string_equal(refusal("\"replyDisabled\":true", ",\"threadgate\":{\"record\":{\"allow\":[]}}", ""),
	        "whoever began this conversation lets nobody answer");
	assert_string_equal(
	        refusal("\"replyDisabled\":true",
	                ",\"threadgate\":{\"record\":{\"allow\":[{\"$type\":\"app.bsky.feed.threadgate#mentionRule\"},"
	                "{\"$type\":\"app.bsky.feed.threadgate#followerRule\"}]}}",
	                ""),
	        "whoever began this conversation lets only those it names and their followers answer");
	assert_string_equal(refusal("", "", "\"blockedBy\":true"), "@alex.example.org has blocked you");
	assert_string_equal(refusal("", "", "\"blocking\":\"at://x\""), "you have blocked @alex.example.org");
}

/* --- text */

static const char *read_record(const char *record, struct item *item)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&text,
	        "{\"uri\":\"" ALEX "3mtlh5wnpk227\",\"author\":{\"did\":\"did:plc:alex33abcdefghijklmnopqr\"},"
	        "\"indexedAt\":\"2026-08-21T09:30:00Z\",\"record\":{%s}}",
	        record);
	json *view = parsed(text.p);
	assert_int_equal(bluesky_decode_post(&decoder, view, &arena, item, &err), 0);
	json_free(view);
	str_release(&text);
	return item->post.text;
}

#define LINK(from, to, uri)                                                                                            \
	"{\"index\":{\"byteStart\":" from ",\"byteEnd\":" to                                                           \
	"},\"features\":[{\"$type\":\"app.bsky.richtext.facet#link\",\"uri\":\"" uri "\"}]}"

static void a_link_shows_where_it_leads(void **state)
{
	(void)state;
	struct item item;
	assert_string_equal(read_record("\"text\":\"✨ bank.example\",\"facets\":[" LINK(
	                                        "4", "16", "https://evil.example/bank.example") "]",
	                            &item),
	        "✨ bank.example <https://evil.example/bank.example>");
	assert_string_equal(item.post.links, "https://evil.example/bank.example");
	assert_string_equal(read_record("\"text\":\"see help.example.com/articles/42?...\",\"facets\":[" LINK(
	                                        "4", "36", "https://help.example.com/articles/42?ref=abc") "]",
	                            &item),
	        "see https://help.example.com/articles/42?ref=abc");
	assert_string_equal(
	        read_record("\"text\":\"abcd\",\"facets\":[" LINK("2", "4", "javascript:x") "]", &item), "abcd");
	assert_string_equal(item.post.links, "");
}

static void facets_that_lie_make_no_harm(void **state)
{
	(void)state;
	struct item item;
	assert_string_equal(
	        read_record("\"text\":\"äb\",\"facets\":[" LINK("0", "900", "https://a.example") "," LINK(
	                            "2", "1", "https://a.example") "," LINK("-1", "1", "https://a.example") "]",
	                &item),
	        "äb");
	/* In the middle of a letter: its halves come together again. */
	assert_string_equal(read_record("\"text\":\"äb\",\"facets\":[" LINK("1", "2", "https://a.example") "]", &item),
	        "ä <https://a.example>b");
	assert_string_equal(
	        read_record("\"text\":\"a b c\",\"facets\":[" LINK("4", "5", "https://c.example") "," LINK(
	                            "0", "3", "https://a.example") "," LINK("2", "3", "https://b.example") "]",
	                &item),
	        "a b <https://a.example> c <https://c.example>");
}

static void pictures_labels_and_cards_are_read(void **state)
{
	(void)state;
	struct item item;
	read_record("\"text\":\"\",\"labels\":{\"values\":[{\"val\":\"graphic-media\"}]},\"embed\":{\"$type\":"
	            "\"app.bsky.embed.recordWithMedia\",\"record\":{\"record\":{\"uri\":\"at://" BRAND
	            "/app.bsky.feed.post/3mtlfic232225\"}},\"media\":{\"images\":[{\"alt\":\"Broken "
	            "parcel\"},{\"alt\":\"\"}]}}",
	        &item);
	assert_int_equal(item.post.media_count, 2);
	assert_string_equal(item.post.media[0].alt, "Broken parcel");
	assert_string_equal(item.post.warning, "graphic-media");
	assert_true(item.post.sensitive);
	assert_true(item.mention);
	read_record("\"text\":\"x\",\"embed\":{\"external\":{\"uri\":\"https://shop.example/a\"}}", &item);
	assert_string_equal(item.post.links, "https://shop.example/a");
	assert_false(item.mention);
}

static void what_lacks_what_matters_is_dropped_alone(void **state)
{
	(void)state;
	json *posts = parsed("[{\"uri\":\"at://x\"},{},null,{\"uri\":\"" ALEX
	                     "1\",\"author\":{\"did\":\"did:plc:a\"},\"record\":{\"text\":\"hi\"}},{\"uri\":\"" ALEX
	                     "2\",\"author\":{\"did\":\"did:plc:abc\"},\"indexedAt\":\"2026-08-21T09:30:00Z\","
	                     "\"record\":{\"text\":\"hi\"}}]");
	struct item *items;
	assert_int_equal(bluesky_decode_posts(&decoder, posts, &arena, &items), 1);
	assert_string_equal(items[0].post.remote_id, ALEX "2");
	assert_int_equal(decoder.dropped, 4);
	json_free(posts);
}

/* --- the stream of all posts */

static void of_all_that_is_said_posts_and_their_ends_are_read(void **state)
{
	(void)state;
	json *whole = load("jetstream.json");
	const char *uri = json_str(json_get(whole, "expect"), "post_uri");
	struct item items[8];
	int count = 0;
	for (const json *frame = json_first(json_get(whole, "v1")); frame; frame = json_next(frame))
		count += bluesky_decode_frame(&decoder, frame, &arena, &items[count]);
	assert_int_equal(count, 2); /* no edit, which nobody is shown; no change of an account; nothing unknown */
	assert_int_equal(items[0].kind, ITEM_POST);
	assert_string_equal(items[0].post.remote_id, uri);
	assert_true(items[0].post.addressed);
	assert_int_equal(items[1].kind, ITEM_DELETE);
	assert_string_equal(items[1].post.remote_id, uri);
	json_free(whole);
}

/* --- our own */

static void a_record_of_ours_reads_as_it_was_typed(void **state)
{
	(void)state;
	json *whole = load("reply.json");
	struct customer self = {.remote_key = BRAND, .handle = "@care.example.com", .name = "Brand Care"};
	struct item item;
	struct err err = ERR_INIT;
	assert_int_equal(
	        bluesky_decode_record(&decoder, json_path(whole, "reconcile.found.body"), &self, &arena, &item, &err),
	        0);
	assert_string_equal(item.post.text, json_str(json_path(whole, "request.body.record"), "text"));
	assert_string_equal(item.post.url, json_str(json_get(whole, "expect"), "web_url"));
	assert_int_equal(item.post.direction, DIR_OUT);
	assert_false(item.mention);
	json_free(whole);
}

static void a_key_is_the_same_at_each_try_and_another_for_another_reply(void **state)
{
	(void)state;
	char one[BLUESKY_TID_SIZE], again[BLUESKY_TID_SIZE], other[BLUESKY_TID_SIZE], later[BLUESKY_TID_SIZE];
	bluesky_tid(INT64_C(1787306400123), "00112233445566778899aabbccddeeff", one);
	bluesky_tid(INT64_C(1787306400123), "00112233445566778899aabbccddeeff", again);
	bluesky_tid(INT64_C(1787306400123), "00112233445566778899aabbccddeef0", other);
	bluesky_tid(INT64_C(1787306400124), "00112233445566778899aabbccddeeff", later);
	assert_int_equal(strlen(one), 13);
	assert_int_equal(strspn(one, "234567abcdefghijklmnopqrstuvwxyz"), 13);
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	assert_true(strcmp(one, later) < 0);
	/* The microseconds of the example stand in its first eleven digits. */
	assert_memory_equal(one, "3mtlitl", 7);
}

/* --- sessions and errors */

static void a_session_says_where_its_repository_is_and_when_it_ends(void **state)
{
	(void)state;
	json *whole = load("createSession.http");
	assert_string_equal(bluesky_decode_pds(json_get(whole, "didDoc"), &arena), "http://localhost:12583");
	assert_int_equal(bluesky_token_ends(json_str(whole, "accessJwt")), 1795319883);
	assert_int_equal(bluesky_token_ends(json_str(whole, "refreshJwt")), 1803088683);
	json_free(whole);
	static const char *const none[] = {"", ".", "..", "a.b", "a.e30.c", "a.!!.c", "a.eyJleHAiOjE"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(bluesky_token_ends(none[i]), 0);
}

static void errors_are_known_by_their_names(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		int status;
		enum bluesky_fault fault;
	} answers[] = {{"expired.http", 400, BLUESKY_FAULT_EXPIRED}, {"revoked.http", 400, BLUESKY_FAULT_EXPIRED},
	        {"badtoken.http", 400, BLUESKY_FAULT_TOKEN}, {"createSession-401.http", 401, BLUESKY_FAULT_LOGIN},
	        {"getPostThread-400.http", 400, BLUESKY_FAULT_NOT_FOUND},
	        {"putRecord-400.http", 400, BLUESKY_FAULT_OTHER}, {"putRecord-500.http", 500, BLUESKY_FAULT_OTHER}};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		json *body = load(answers[i].file);
		assert_int_equal(bluesky_decode_fault(answers[i].status, body), answers[i].fault);
		assert_non_null(bluesky_decode_error(body, &arena));
		json_free(body);
	}
	json *whole = load("errors.json");
	int known = 0;
	for (const json *one = json_first(json_get(whole, "cases")); one; one = json_next(one))
		known += bluesky_decode_fault((int)json_int(one, "status", 0), json_get(one, "body")) !=
		         BLUESKY_FAULT_OTHER;
	assert_int_equal(known, 7);
	json_free(whole);
	assert_int_equal(bluesky_decode_fault(401, NULL), BLUESKY_FAULT_LOGIN);
	assert_null(bluesky_decode_error(NULL, &arena));
}

static void addresses_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "at://", "at://did:plc:abcde", "at://did:plc:abcde/app.bsky.feed.post",
	        "at://did:plc:abcde/app.bsky.feed.post/", "at://did:plc:abcde/app.bsky.feed.post/a/b",
	        "at://handle.example/app.bsky.feed.post/a", "https://did:plc:abcde/app.bsky.feed.post/a",
	        "at://did:plc:ab\"de/app.bsky.feed.post/a", "at://did:plc:abcde/app.bsky.feed.post/a\x1b[m"};
	struct bluesky_uri parts;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(bluesky_uri_parse(bad[i], &parts));
	assert_false(bluesky_uri_parse(NULL, &parts));
	assert_true(bluesky_uri_parse(ALEX "3mtlh5wnpk227", &parts));
	assert_string_equal(parts.rkey, "3mtlh5wnpk227");
	assert_true(bluesky_uri_is_of("at://" BRAND "/app.bsky.feed.post/a", BRAND));
	assert_false(bluesky_uri_is_of("at://" BRAND "x/app.bsky.feed.post/a", BRAND));
	assert_false(bluesky_uri_is_of("at://" BRAND "/app.bsky.feed.post/a", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_page_of_notifications_is_read_as_documented, begin, end),
	        cmocka_unit_test_setup_teardown(what_a_server_notified_of_is_read, begin, end),
	        cmocka_unit_test_setup_teardown(an_answer_to_somebody_else_is_not_to_us, begin, end),
	        cmocka_unit_test_setup_teardown(
	                a_thread_is_flat_with_its_parents_first_and_its_holes_known, begin, end),
	        cmocka_unit_test_setup_teardown(parents_of_any_number_are_read, begin, end),
	        cmocka_unit_test_setup_teardown(a_threadgate_refuses_before_anything_is_typed, begin, end),
	        cmocka_unit_test_setup_teardown(a_link_shows_where_it_leads, begin, end),
	        cmocka_unit_test_setup_teardown(facets_that_lie_make_no_harm, begin, end),
	        cmocka_unit_test_setup_teardown(pictures_labels_and_cards_are_read, begin, end),
	        cmocka_unit_test_setup_teardown(what_lacks_what_matters_is_dropped_alone, begin, end),
	        cmocka_unit_test_setup_teardown(of_all_that_is_said_posts_and_their_ends_are_read, begin, end),
	        cmocka_unit_test_setup_teardown(a_record_of_ours_reads_as_it_was_typed, begin, end),
	        cmocka_unit_test_setup_teardown(
	                a_key_is_the_same_at_each_try_and_another_for_another_reply, begin, end),
	        cmocka_unit_test_setup_teardown(a_session_says_where_its_repository_is_and_when_it_ends, begin, end),
	        cmocka_unit_test_setup_teardown(errors_are_known_by_their_names, begin, end),
	        cmocka_unit_test_setup_teardown(addresses_that_are_none_are_refused, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
