/* The account on Bluesky: private messages, as the lexicons chat.bsky.convo.* have them. */
#include "tests/network/bluesky_world.h"

#define MESSAGE(id, did, text)                                                                                         \
	"{\"$type\":\"chat.bsky.convo.defs#messageView\",\"id\":\"" id "\",\"rev\":\"r\",\"text\":\"" text             \
	"\",\"sender\":{\"did\":\"" did "\"},\"sentAt\":\"2026-11-22T02:13:50.000Z\"}"
#define CONVO                                                                                                          \
	"{\"convo\":{\"id\":\"convo1\",\"rev\":\"r\",\"members\":[{\"did\":\"" BRAND                                   \
	"\",\"handle\":\"brand.test\"},{\"did\":\"" CUSTOMER "\",\"handle\":\"customer.test\"}]}}"
#define PROFILE "{\"profiles\":[{\"did\":\"" CUSTOMER "\",\"handle\":\"customer.test\",\"followersCount\":7}]}"
#define PROXY "atproto-proxy: did:web:api.bsky.chat#bsky_chat\r\n"

/* Live, with the log read up to a cursor. */
static void go_live_with_messages(struct desk *d)
{
	static const char first[] = "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n{\"cursor\":\"rev1\",\"logs\":[]}";
	d->chat = true;
	script_server_next_for(
	        d->world->server, "GET /xrpc/chat.bsky.convo.getLog ", 0, (struct script){.answer = first});
	go_live(d);
	wait_for_request(d, "getLog", 1);
	says_to(d, "getLog?cursor=rev1", "200 OK",
	        "{\"cursor\":\"rev1\",\"logs\":[]}"); /* at once again: there may be more */
	wait_for_request(d, "getLog?cursor=rev1", 1);
}

static struct reply a_message(const char *to, const char *text)
{
	return (struct reply){.kind = REPLY_KIND_POST,
	        .to_remote_id = to,
	        .text = text,
	        .visibility = VIS_DIRECT,
	        .idempotency_key = "00112233445566778899aabbccddeeff",
	        .created_at = clock_wall_ms()};
}

static void a_password_without_the_right_to_messages_does_everything_else(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	wait_for_request(&d, "getLog", 1);
	assert_true(was_sent(&d, PROXY));
	assert_false(d.facts.caps & CAP_DIRECT);
	assert_int_equal(d.state, ACCOUNT_LIVE);
	plays(&d, "badtoken");
	struct reply message = a_message(MENTION, "the number?");
	perform(&d, &message);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "does not open private messages"));
	assert_int_equal(d.state, ACCOUNT_LIVE);
	close_desk(&d);
}

static void messages_come_in_with_whom_they_are_from(void **state)
{
	struct desk d = {.world = *state};
	go_live_with_messages(&d);
	assert_true(d.facts.caps & CAP_DIRECT);
	assert_string_equal(d.position_of, "messages");
	assert_string_equal(d.position, "rev1");
	says_to(&d, "listNotifications", "200 OK", NONE);
	says_to(&d, "getLog?cursor=rev1", "200 OK",
	        "{\"cursor\":\"rev2\",\"logs\":[{\"$type\":\"chat.bsky.convo.defs#logReadMessage\",\"convoId\":"
	        "\"convo1\"},"
	        "{\"$type\":\"chat.bsky.convo.defs#logCreateMessage\",\"convoId\":\"convo1\",\"message\":" MESSAGE("m1",
	                CUSTOMER, "it is 4711") "},"
	                                        "{\"$type\":\"chat.bsky.convo.defs#logCreateMessage\",\"convoId\":"
	                                        "\"convo1\",\"message\":{\"id\":\"m2\"}},"
	                                        "{\"$type\":\"chat.bsky.convo.defs#logCreateMessage\",\"convoId\":"
	                                        "\"convo1\",\"message\":" MESSAGE("m3", BRAND, "thanks") "}]}");
	says_to(&d, "getProfiles", "200 OK", PROFILE);
	says_to(&d, "getLog?cursor=rev2", "200 OK", "{\"cursor\":\"rev2\",\"logs\":[]}");
	wait_for(&d, 3);
	assert_string_equal(d.told.at[0].remote_id, "chat:convo1/m1");
	assert_string_equal(d.told.at[0].text, "it is 4711");
	assert_true(d.told.at[0].mention);
	assert_int_equal(d.told.at[0].followers, 7);
	assert_true(d.told.at[1].gone); /* one without a text was taken back */
	assert_false(d.told.at[2].mention);
	assert_string_equal(d.position, "rev2");
	close_desk(&d);
}

static void a_message_goes_to_the_author_of_a_post(void **state)
{
	struct desk d = {.world = *state};
	go_live_with_messages(&d);
	struct reply message = a_message(MENTION, "see help.example.com, #1a");
	says(&d, "200 OK", CONVO);
	says(&d, "200 OK", MESSAGE("m9", BRAND, "see help.example.com, #1a"));
	perform(&d, &message);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "chat:convo1/m9");
	assert_true(was_sent(&d, "getConvoForMembers?members=did%3Aplc%3Asq3frda2dg74jfdivxl7pivl "));
	assert_true(was_sent(&d, "POST /xrpc/chat.bsky.convo.sendMessage"));
	assert_true(was_sent(
	        &d, "{\"convoId\":\"convo1\",\"message\":{\"text\":\"see help.example.com, #1a\",\"facets\":["));
	assert_false(was_sent(&d, "putRecord"));
	/* Within a conversation it is known already. */
	message = a_message("chat:convo1/m1", "thanks");
	says(&d, "200 OK", MESSAGE("m10", BRAND, "thanks"));
	perform(&d, &message);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "chat:convo1/m10");
	close_desk(&d);
}

static void who_takes_no_messages_is_answered_in_public(void **state)
{
	struct desk d = {.world = *state};
	go_live_with_messages(&d);
	says(&d, "400 Bad Request",
	        "{\"error\":\"MessagesDisabled\",\"message\":\"recipient has disabled incoming messages\"}");
	struct reply message = a_message(MENTION, "the number?");
	perform(&d, &message);
	assert_int_equal(d.outcome, CALL_REFUSED);
	assert_non_null(strstr(d.why, "recipient has disabled incoming messages"));
	struct reply like = a_message("chat:convo1/m1", "");
	like.kind = REPLY_KIND_LIKE;
	perform(&d, &like);
	assert_int_equal(d.outcome, CALL_REFUSED);
	struct reply picture = a_message(MENTION, "look");
	picture.files = &(struct attachment){"/tmp/a.png", ""};
	picture.file_count = 1;
	perform(&d, &picture);
	assert_int_equal(d.outcome, CALL_REFUSED);
	close_desk(&d);
}

static void a_message_in_doubt_is_looked_for_in_its_conversation(void **state)
{
	struct desk d = {.world = *state};
	go_live_with_messages(&d);
	struct reply message = a_message("chat:convo1/m1", "thanks");
	says(&d, "500 Internal Server Error", "");
	perform(&d, &message);
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	says(&d, "200 OK", "{\"messages\":[" MESSAGE("m1", CUSTOMER, "thanks") "]}");
	find(&d, &message); /* theirs, and too early to be certain */
	assert_int_equal(d.outcome, CALL_UNKNOWN);
	says(&d, "200 OK", "{\"messages\":[" MESSAGE("m2", BRAND, "thanks") "," MESSAGE("m1", CUSTOMER, "thanks") "]}");
	find(&d, &message);
	assert_int_equal(d.outcome, CALL_OK);
	assert_string_equal(d.published, "chat:convo1/m2");
	message.created_at -= 60000;
	says(&d, "200 OK", "{\"messages\":[]}");
	find(&d, &message);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 0);
	close_desk(&d);
}

static void a_conversation_is_read_whole_and_a_message_as_it_is_now(void **state)
{
	struct desk d = {.world = *state};
	static const char messages[] =
	        "{\"messages\":[" MESSAGE("m2", BRAND, "the number?") ",{\"id\":\"m0\",\"sender\":{"
	                                                              "\"did\":\"" CUSTOMER
	                                                              "\"}}," MESSAGE("m1", CUSTOMER, "help") "]}";
	go_live_with_messages(&d);
	says(&d, "200 OK", CONVO);
	says(&d, "200 OK", messages);
	d.network->ops->thread(d.network, "chat:convo1/m2", on_answer, &d);
	run_in_step_until(d.world, &d.answered, 1);
	assert_int_equal(d.outcome, CALL_OK);
	assert_int_equal(d.found, 3);
	assert_string_equal(d.published, "chat:convo1/m1"); /* oldest first */
	says(&d, "200 OK", CONVO);
	says(&d, "200 OK", messages);
	d.network->ops->fetch(d.network, "chat:convo1/m1", on_answer, &d);
	run_in_step_until(d.world, &d.answered, 2);
	assert_int_equal(d.found, 1);
	says(&d, "200 OK", CONVO);
	says(&d, "200 OK", messages);
	d.network->ops->fetch(d.network, "chat:convo1/m0", on_answer, &d);
	run_in_step_until(d.world, &d.answered, 3);
	assert_int_equal(d.outcome, CALL_GONE);
	close_desk(&d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_password_without_the_right_to_messages_does_everything_else),
	        TEST(messages_come_in_with_whom_they_are_from),
	        TEST(a_message_goes_to_the_author_of_a_post),
	        TEST(who_takes_no_messages_is_answered_in_public),
	        TEST(a_message_in_doubt_is_looked_for_in_its_conversation),
	        TEST(a_conversation_is_read_whole_and_a_message_as_it_is_now),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
