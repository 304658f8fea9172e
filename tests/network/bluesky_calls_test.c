/* The account on Bluesky: what goes out, exactly once, and what is read when somebody asks for it. */
#include "tests/network/bluesky_world.h"

#include <unistd.h>

#define KEY "00112233445566778899aabbccddeeff"
#define ROOT_CID "bafyreib4ezllv4thuoen2olpyadv2fpb67g4umz5jfdv7bnw4h6k7lyzh4"
#define VIEW(more, record)                                                                                             \
	"{\"posts\":[{\"uri\":\"" MENTION "\",\"cid\":\"" ROOT_CID "\",\"author\":{\"did\":\"" CUSTOMER                \
	"\",\"handle\":\"customer.test\"},\"indexedAt\":\"2026-11-22T02:00:00.000Z\",\"record\":{\"text\":"            \
	"\"hi\"" record "}" more "}]}"
#define PUT_OK "{\"uri\":\"at://" BRAND POSTS "3n2vczxtzc\",\"cid\":\"c2\",\"validationStatus\":\"valid\"}"
#define ABSENT "{\"error\":\"RecordNotFound\",\"message\":\"Could not locate record\"}"

static struct reply a_reply(const char *text)
{
	return (struct reply){.kind = REPLY_KIND_POST,
	        .to_remote_id = MENTION,
	        .to_handle = "@customer.test",
	        .text = text,
	        .language = "en",
	        .idempotency_key = KEY,
	        .created_at = WALL_START};
}

static struct reply an_action(enum reply_kind kind)
{
	struct reply reply = a_reply("");
	reply.kind = kind;
	return reply;
}

/* What getRecord answers of the reply. */
static const char *its_record(const struct reply *reply, const char *text)
{
	static char record[600];
	char rkey[BLUESKY_TID_SIZE];
	bluesky_tid(reply->created_at, reply->idempotency_key, rkey);
	snprintf(record, sizeof record,
	        "{\"uri\":\"at://" BRAND POSTS "%s\",\"cid\":\"c2\",\"value\":{\"$type\":\"app.bsky.feed.post\","
	        "\"text\":\"%s\",\"createdAt\":\"2026-11-22T02:13:50.000Z\"}}",
	        rkey, text);
	return record;
}

/* --- a reply */

static void a_reply_is_put_under_a_key_of_its_own_with_root_and_parent(void **state)
{
	struct desk d = {.world = *state};
	char rkey[BLUESKY_TID_SIZE], expected[200];
	go_live(&d);
	says(&d, "200 OK",
	        VIEW("", ",\"reply\":{\"root\":{\"uri\":\"at://" BRAND POSTS
	                 "root\",\"cid\":\"rootcid\"},\"parent\":{\"uri\":\"at://" BRAND POSTS
	                 "middle\",\"cid\":\"middlecid\"}}"));
	plays(&d, "resolveHandle");
	says(&d, "200 OK", PUT_OK);
	struct reply reply = a_reply("✨ so sorry @customer.test, see https://help.example.com/42 #BrandHelp");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "at://" BRAND POSTS "3n2vczxtzc");
	assert_string_equal(d.why, "");
	bluesky_tid(reply.created_at, KEY, rkey);
	snprintf(expected, sizeof expected,
	        "{\"repo\":\"" BRAND "\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"%s\",\"swapRecord\":null,",
	        rkey);
	assert_true(was_sent(&d, expected));
	assert_true(was_sent(&d, "\"createdAt\":\"2026-11-22T02:13:50.000Z\",\"langs\":[\"en\"]"));
	assert_true(was_sent(&d,
	        "\"reply\":{\"root\":{\"uri\":\"at://" BRAND POSTS "root\",\"cid\":\"rootcid\"},\"parent\":{\"uri\":"
	        "\"" MENTION "\",\"cid\":\"" ROOT_CID "\"}}"));
	assert_true(was_sent(&d, "\"index\":{\"byteStart\":13,\"byteEnd\":27},\"features\":[{\"$type\":"
	                         "\"app.bsky.richtext.facet#mention\",\"did\":\"" CUSTOMER "\"}]"));
	assert_true(was_sent(&d, "\"index\":{\"byteStart\":33,\"byteEnd\":60},\"features\":[{\"$type\":"
	                         "\"app.bsky.richtext.facet#link\",\"uri\":\"https://help.example.com/42\"}]"));
	assert_true(was_sent(&d, "\"app.bsky.richtext.facet#tag\",\"tag\":\"BrandHelp\""));
	assert_false(was_sent(&d, "createRecord"));
	close_desk(&d);
}

static void a_reply_to_a_root_has_it_as_root_and_a_long_link_is_shortened(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "200 OK", PUT_OK);
	struct reply reply = a_reply("See https://help.example.com/articles/42?ref=abcdefghijklmnop");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "\"text\":\"See help.example.com/articles/42?...\""));
	assert_true(was_sent(&d, "\"uri\":\"https://help.example.com/articles/42?ref=abcdefghijklmnop\""));
	assert_true(was_sent(&d, "\"root\":{\"uri\":\"" MENTION "\",\"cid\":\"" ROOT_CID "\"}"));
	close_desk(&d);
}

static void the_second_part_answers_the_first_which_readers_servers_do_not_know_yet(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	says(&d, "200 OK",
	        "{\"uri\":\"at://" BRAND POSTS
	        "one\",\"cid\":\"onecid\",\"value\":{\"text\":\"1/2\",\"reply\":{\"root\":{\"uri\":\"" MENTION
	        "\",\"cid\":\"" ROOT_CID "\"}}}}");
	says(&d, "200 OK", PUT_OK);
	struct reply reply = a_reply("2/2");
	reply.to_remote_id = "at://" BRAND POSTS "one";
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(
	        &d, "getRecord?repo=did%3Aplc%3Axklowbn3qudvi5neclqpkx5t&collection=app.bsky.feed.post&rkey=one "));
	assert_true(was_sent(&d, "\"root\":{\"uri\":\"" MENTION "\",\"cid\":\"" ROOT_CID
	                         "\"},\"parent\":{\"uri\":\"at://" BRAND POSTS "one\",\"cid\":\"onecid\"}"));
	close_desk(&d);
}

static void an_outcome_in_doubt_is_looked_up_under_its_key(void **state)
{
	struct desk d = {.world = *state};
	char expected[100], rkey[BLUESKY_TID_SIZE];
	go_live(&d);
	struct reply reply = a_reply("So sorry");
	bluesky_tid(reply.created_at, KEY, rkey);
	snprintf(expected, sizeof expected, "&collection=app.bsky.feed.post&rkey=%s ", rkey);
	says(&d, "200 OK", VIEW("", ""));
	plays(&d, "putRecord-500");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	says(&d, "200 OK", its_record(&reply, "So sorry"));
	find(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 1);
	assert_true(was_sent(&d, expected));
	says(&d, "400 Bad Request", ABSENT);
	find(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 0);
	says(&d, "502 Bad Gateway", "<html>");
	find(&d, &reply);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	close_desk(&d);
}

/* Handles lead elsewhere by now, or the parent was edited: the record would be another one. It is published all the
 * same. */
static void what_stands_under_the_key_already_is_ours(void **state)
{
	struct desk d = {.world = *state};
	static const char swap[] = "{\"error\":\"InvalidSwap\",\"message\":\"Record was at c2\"}";
	go_live(&d);
	struct reply reply = a_reply("So sorry");
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "400 Bad Request", swap);
	says(&d, "200 OK", its_record(&reply, "So sorry"));
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 1);
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "400 Bad Request", swap);
	says(&d, "200 OK", its_record(&reply, "Something else"));
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "another record"));
	close_desk(&d);
}

static void what_nobody_would_see_is_not_published(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	struct reply reply = a_reply("So sorry");
	says(&d, "200 OK", VIEW(",\"viewer\":{\"replyDisabled\":true}", ""));
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "lets nobody answer"));
	says(&d, "200 OK", "{\"posts\":[]}");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_GONE);
	assert_false(was_sent(&d, "putRecord"));
	close_desk(&d);
}

static void a_server_that_fails_before_anything_was_said_leaves_no_doubt(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	struct reply reply = a_reply("So sorry @customer.test");
	says(&d, "502 Bad Gateway", "");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "500 Internal Server Error", "");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_NOT_SENT);
	assert_false(was_sent(&d, "putRecord"));
	close_desk(&d);
}

static void a_handle_that_nobody_has_stays_text_and_is_told(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	says(&d, "200 OK", VIEW("", ""));
	plays(&d, "resolveHandle-400");
	says(&d, "200 OK", PUT_OK);
	struct reply reply = a_reply("ask @nobody.test");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.why, "nobody has the handle @nobody.test");
	assert_false(was_sent(&d, "facets"));
	close_desk(&d);
}

static void what_a_server_refuses_comes_back_with_its_words(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	says(&d, "200 OK", VIEW("", ""));
	plays(&d, "putRecord-400");
	struct reply reply = a_reply("much too long");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "grapheme too big (maximum 300, got 301)"));
	close_desk(&d);
}

static void a_picture_goes_before_its_post_with_its_words(void **state)
{
	struct desk d = {.world = *state};
	char dir[] = "/tmp/curlew-bluesky-XXXXXX";
	struct err err = ERR_INIT;
	assert_non_null(mkdtemp(dir));
	char *path = path_join(dir, "where.png");
	assert_int_equal(file_write_atomic(path, "png-bytes", 9, 0600, &err), 0);
	go_live(&d);
	says(&d, "200 OK",
	        "{\"blob\":{\"$type\":\"blob\",\"ref\":{\"$link\":\"bafkrei\"},\"mimeType\":\"image/"
	        "png\",\"size\":9}}");
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "200 OK", PUT_OK);
	struct reply reply = a_reply("here");
	reply.files = &(struct attachment){path, "Where the number is"};
	reply.file_count = 1;
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "POST /xrpc/com.atproto.repo.uploadBlob"));
	assert_true(was_sent(&d, "Content-Type: image/png"));
	assert_true(was_sent(&d, "\r\n\r\npng-bytes"));
	assert_true(was_sent(&d,
	        "\"embed\":{\"$type\":\"app.bsky.embed.images\",\"images\":[{\"image\":{\"$type\":\"blob\","
	        "\"ref\":{\"$link\":\"bafkrei\"},\"mimeType\":\"image/png\",\"size\":9},\"alt\":\"Where the "
	        "number is\"}]}"));
	unlink(path);
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "where.png: No such file"));
	rmdir(dir);
	free(path);
	close_desk(&d);
}

/* --- the other things */

static void a_like_is_put_once_and_taken_back_by_its_own_address(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	struct reply like = an_action(REPLY_KIND_LIKE), unlike = an_action(REPLY_KIND_UNLIKE);
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "200 OK", PUT_OK);
	perform(&d, &like);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "\"collection\":\"app.bsky.feed.like\""));
	assert_true(was_sent(&d, "\"subject\":{\"uri\":\"" MENTION "\",\"cid\":\"" ROOT_CID "\"}"));
	says(&d, "200 OK", VIEW(",\"viewer\":{\"like\":\"at://" BRAND "/app.bsky.feed.like/ours\"}", ""));
	perform(&d, &like); /* it is there: nothing is put */
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(times_sent(&d, "putRecord"), 1);
	says(&d, "200 OK", VIEW(",\"viewer\":{\"like\":\"at://" BRAND "/app.bsky.feed.like/ours\"}", ""));
	says(&d, "200 OK", "{}");
	perform(&d, &unlike);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "{\"repo\":\"" BRAND "\",\"collection\":\"app.bsky.feed.like\",\"rkey\":\"ours\"}"));
	struct reply boost = an_action(REPLY_KIND_BOOST);
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "200 OK", PUT_OK);
	perform(&d, &boost);
	assert_true(was_sent(&d, "\"collection\":\"app.bsky.feed.repost\""));
	close_desk(&d);
}

static void a_post_of_ours_is_deleted_and_nobody_elses(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	struct reply reply = an_action(REPLY_KIND_DELETE);
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_REFUSED);
	reply.to_remote_id = "at://" BRAND POSTS "one";
	says(&d, "200 OK", "{}");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "{\"repo\":\"" BRAND "\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"one\"}"));
	close_desk(&d);
}

static void a_reply_is_hidden_beside_those_that_are_already(void **state)
{
	struct desk d = {.world = *state};
	static const char below[] = ",\"reply\":{\"root\":{\"uri\":\"at://" BRAND POSTS "root\",\"cid\":\"r\"}}";
	char view[900];
	snprintf(view, sizeof view, "%s",
	        VIEW("", ",\"reply\":{\"root\":{\"uri\":\"at://" BRAND POSTS "root\",\"cid\":\"r\"}}"));
	assert_non_null(strstr(view, below));
	go_live(&d);
	struct reply hide = an_action(REPLY_KIND_HIDE);
	says(&d, "200 OK", view);
	says(&d, "200 OK",
	        "{\"uri\":\"at://" BRAND "/app.bsky.feed.threadgate/root\",\"cid\":\"gatecid\",\"value\":{\"$type\":"
	        "\"app.bsky.feed.threadgate\",\"post\":\"at://" BRAND POSTS
	        "root\",\"allow\":[{\"$type\":\"app.bsky.feed.threadgate#mentionRule\"}],\"createdAt\":\"x\","
	        "\"hiddenReplies\":[\"at://other\"]}}");
	says(&d, "200 OK", PUT_OK);
	perform(&d, &hide);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(
	        &d, "\"collection\":\"app.bsky.feed.threadgate\",\"rkey\":\"root\",\"swapRecord\":\"gatecid\""));
	assert_true(was_sent(&d, "\"allow\":[{\"$type\":\"app.bsky.feed.threadgate#mentionRule\"}]"));
	assert_true(was_sent(&d, "\"hiddenReplies\":[\"at://other\",\"" MENTION "\"]"));
	/* the first one */
	says(&d, "200 OK", view);
	says(&d, "400 Bad Request", ABSENT);
	says(&d, "200 OK", PUT_OK);
	perform(&d, &hide);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "\"rkey\":\"root\",\"swapRecord\":null"));
	/* the conversation of somebody else */
	says(&d, "200 OK", VIEW("", ""));
	perform(&d, &hide);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "that you began"));
	close_desk(&d);
}

static void rules_that_name_another_post_are_still_those_of_their_conversation(void **state)
{
	static const char *const posts[] = {"\"root\"", "\"\"", "5", "null"};
	struct desk d = {.world = *state};
	struct reply hide = an_action(REPLY_KIND_HIDE);
	go_live(&d);
	for (size_t i = 0; i < sizeof posts / sizeof *posts; i++) {
		char gate[300];
		snprintf(gate, sizeof gate, "{\"cid\":\"gate%zu\",\"value\":{\"post\":%s,\"hiddenReplies\":[]}}", i,
		        posts[i]);
		says(&d, "200 OK",
		        VIEW("", ",\"reply\":{\"root\":{\"uri\":\"at://" BRAND POSTS "root\",\"cid\":\"r\"}}"));
		says(&d, "200 OK", gate);
		says(&d, "200 OK", PUT_OK);
		perform(&d, &hide);
		assert_int_equal(d.outcome, CALL_OK);
		assert_int_equal(times_sent(&d, "\"rkey\":\"root\",\"swapRecord\":\"gate"), i + 1);
		assert_int_equal(times_sent(&d, "\"post\":\"at://" BRAND POSTS "root\""), i + 1);
	}
	close_desk(&d);
}

static void people_are_blocked_muted_and_reported(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	struct reply block = an_action(REPLY_KIND_BLOCK), mute = an_action(REPLY_KIND_MUTE);
	struct reply report = an_action(REPLY_KIND_REPORT);
	report.text = "threats";
	says(&d, "200 OK", PUT_OK);
	perform(&d, &block);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "\"collection\":\"app.bsky.graph.block\""));
	assert_true(was_sent(&d, "\"subject\":\"" CUSTOMER "\""));
	says(&d, "200 OK", "");
	perform(&d, &mute);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d, "{\"actor\":\"" CUSTOMER "\"}"));
	says(&d, "200 OK", VIEW("", ""));
	says(&d, "200 OK", "{\"id\":1}");
	perform(&d, &report);
	assert_int_equal(d.outcome, CALL_OK);
	assert_true(was_sent(&d,
	        "\"reason\":\"threats\",\"subject\":{\"$type\":\"com.atproto.repo.strongRef\",\"uri\":\"" MENTION
	        "\",\"cid\":\"" ROOT_CID "\"}"));
	struct reply edit = an_action(REPLY_KIND_EDIT);
	perform(&d, &edit);
	assert_int_equal(d.outcome, CALL_REFUSED);
	close_desk(&d);
}

/* --- reading */

static void a_thread_is_read_from_its_root_as_well(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	says(&d, "200 OK",
	        "{\"thread\":{\"post\":{\"uri\":\"at://" CUSTOMER POSTS "b\",\"author\":{\"did\":\"" CUSTOMER
	        "\"},\"indexedAt\":\"2026-11-22T02:02:00Z\",\"record\":{\"text\":\"b\",\"reply\":{\"root\":{\"uri\":"
	        "\"at://" CUSTOMER POSTS "root\"}}}},\"parent\":{\"uri\":\"at://" CUSTOMER POSTS
	        "root\",\"blocked\":true}}}");
	says(&d, "200 OK",
	        "{\"thread\":{\"post\":{\"uri\":\"at://" CUSTOMER POSTS "root\",\"author\":{\"did\":\"" CUSTOMER
	        "\"},\"indexedAt\":\"2026-11-22T02:00:00Z\",\"record\":{\"text\":\"root\"}},\"replies\":[{\"post\":{"
	        "\"uri\":\"at://" CUSTOMER POSTS "a\",\"author\":{\"did\":\"" CUSTOMER
	        "\"},\"indexedAt\":\"2026-11-22T02:01:00Z\",\"record\":{\"text\":\"a\"}}}]}}");
	d.network->ops->thread(d.network, "at://" CUSTOMER POSTS "b", on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 3);
	assert_string_equal(d.published, "at://" CUSTOMER POSTS "root"); /* oldest first */
	plays(&d, "getPostThread-400");
	d.network->ops->thread(d.network, MENTION, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.outcome, CALL_GONE);
	close_desk(&d);
}

static void a_post_is_read_as_it_is_now(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	plays(&d, "getPosts");
	d.network->ops->fetch(d.network, MENTION, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 1);
	says(&d, "200 OK", "{\"posts\":[]}");
	d.network->ops->fetch(d.network, MENTION, on_answer, &d);
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.outcome, CALL_GONE);
	d.network->ops->fetch(d.network, "no address", on_answer, &d);
	run_in_step_until(d.world, &d.answered, 3);
	assert_int_equal(d.outcome, CALL_GONE);
	close_desk(&d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_reply_is_put_under_a_key_of_its_own_with_root_and_parent),
	        TEST(a_reply_to_a_root_has_it_as_root_and_a_long_link_is_shortened),
	        TEST(the_second_part_answers_the_first_which_readers_servers_do_not_know_yet),
	        TEST(an_outcome_in_doubt_is_looked_up_under_its_key),
	        TEST(what_stands_under_the_key_already_is_ours),
	        TEST(what_nobody_would_see_is_not_published),
	        TEST(a_server_that_fails_before_anything_was_said_leaves_no_doubt),
	        TEST(a_handle_that_nobody_has_stays_text_and_is_told),
	        TEST(what_a_server_refuses_comes_back_with_its_words),
	        TEST(a_picture_goes_before_its_post_with_its_words),
	        TEST(a_like_is_put_once_and_taken_back_by_its_own_address),
	        TEST(a_post_of_ours_is_deleted_and_nobody_elses),
	        TEST(a_reply_is_hidden_beside_those_that_are_already),
	        TEST(rules_that_name_another_post_are_still_those_of_their_conversation),
	        TEST(people_are_blocked_muted_and_reported),
	        TEST(a_thread_is_read_from_its_root_as_well),
	        TEST(a_post_is_read_as_it_is_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
