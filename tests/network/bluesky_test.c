/* The account on Bluesky: its session, and what comes in. */
#include "tests/network/bluesky_world.h"

#define NOTIFICATION(id, reason, at, text)                                                                             \
	"{\"uri\":\"at://" CUSTOMER POSTS id "\",\"cid\":\"c\",\"author\":{\"did\":\"" CUSTOMER                        \
	"\",\"handle\":\"customer.test\"},\"reason\":\"" reason "\",\"indexedAt\":\"" at                               \
	"\",\"record\":{\"text\":\"" text "\",\"createdAt\":\"" at                                                     \
	"\",\"facets\":[{\"index\":{\"byteStart\":0,\"byteEnd\":1},\"features\":[{\"$type\":"                          \
	"\"app.bsky.richtext.facet#mention\",\"did\":\"" BRAND "\"}]}]}}"
#define POST(id, at, text, more)                                                                                       \
	"{\"uri\":\"at://" CUSTOMER POSTS id "\",\"cid\":\"c\",\"author\":{\"did\":\"" CUSTOMER                        \
	"\",\"handle\":\"customer.test\"},\"indexedAt\":\"" at "\",\"record\":{\"text\":\"" text                       \
	"\",\"createdAt\":\"" at "\"}" more "}"
#define PROFILE "{\"profiles\":[{\"did\":\"" CUSTOMER "\",\"handle\":\"customer.test\",\"followersCount\":4711}]}"
#define T0 "2026-11-22T02:00:00.000Z"
#define T1 "2026-11-22T02:01:00.000Z"
#define T2 "2026-11-22T02:02:00.000Z"
#define LONG_AGO "2026-11-21T09:00:00.000Z"

/* --- coming in */

static void what_a_server_notified_of_comes_oldest_first_with_who_may_answer(void **state)
{
	struct desk d = {.world = *state, .token = "token-one"};
	plays(&d, "getSession");
	plays(&d, "listNotifications");
	says(&d, "200 OK", NONE); /* the end of the list */
	says(&d, "200 OK",
	        "{\"posts\":[" POST("3n2ukvqgf222m", T2, "it broke everything",
	                ",\"viewer\":{\"replyDisabled\":true},\"threadgate\":{\"record\":{\"allow\":[]}}") "]}");
	says(&d, "200 OK", PROFILE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.told.len, 3);
	assert_string_equal(d.told.at[0].remote_id, MENTION);
	assert_string_equal(d.told.at[0].text, "Grüße 👋 @brand.test my order never arrived");
	assert_true(d.told.at[0].mention);
	assert_int_equal(d.told.at[0].followers, 4711);
	assert_string_equal(d.told.at[0].refusal, "");
	assert_string_equal(d.told.at[1].refusal, "whoever began this conversation lets nobody answer");
	assert_string_equal(d.told.at[2].text, "look at this");
	assert_string_equal(d.position_of, "notifications");
	assert_string_equal(d.position, "2026-11-22T02:27:19.110Z");
	assert_true(was_sent(
	        &d, "listNotifications?limit=100&priority=false&reasons=mention&reasons=reply&reasons=quote "));
	assert_true(was_sent(&d, "&cursor=2026-11-22T01%3A59%3A06.047Z"));
	assert_true(was_sent(&d, "getPosts?uris=at%3A%2F%2Fdid%3Aplc%3Asq3f"));
	assert_string_equal(d.facts.handle, "@brand.test");
	assert_int_equal(d.facts.limits.max, 300);
	assert_true(d.facts.caps & CAP_IDEMPOTENT && !(d.facts.caps & (CAP_EDIT | CAP_DIRECT)));
	assert_int_equal(d.gaps, 0);
	close_desk(&d);
}

/* It is new, and yet stands below what is known: its author chose its time. */
static void what_is_dated_back_is_found_below_what_is_known(void **state)
{
	struct desk d = {.world = *state, .saved = T1, .token = "token-one"};
	plays(&d, "getSession");
	/* The first look goes further back than the position. */
	says(&d, "200 OK", "{\"cursor\":\"c1\",\"notifications\":[" NOTIFICATION("a", "mention", T0, "@a") "]}");
	says(&d, "200 OK", NONE);
	says(&d, "200 OK", "{\"posts\":[" POST("a", T0, "@a", "") "]}");
	says(&d, "200 OK", PROFILE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.told.len, 1);
	assert_string_equal(d.position, ""); /* nothing newer came */
	says(&d, "200 OK",
	        "{\"cursor\":\"c1\",\"notifications\":[" NOTIFICATION("b", "mention", T2, "@b") "," NOTIFICATION(
	                "a", "mention", T0, "@a") "," NOTIFICATION("old", "reply", LONG_AGO, "@old") "]}");
	says(&d, "200 OK", "{\"posts\":[" POST("b", T2, "@b", "") "," POST("old", LONG_AGO, "@old", "") "]}");
	says(&d, "200 OK", PROFILE);
	advance(d.world, 60000);
	wait_for(&d, 3);
	assert_string_equal(d.told.at[1].remote_id, "at://" CUSTOMER POSTS "old");
	assert_string_equal(d.told.at[2].remote_id, "at://" CUSTOMER POSTS "b");
	assert_string_equal(d.position, T2);
	close_desk(&d);
}

static void a_page_without_entries_is_not_the_end_and_a_cursor_that_stands_still_is(void **state)
{
	struct desk d = {.world = *state, .saved = T1, .token = "token-one"};
	plays(&d, "getSession");
	says(&d, "200 OK", "{\"cursor\":\"c1\",\"notifications\":[]}");
	says(&d, "200 OK", "{\"cursor\":\"c2\",\"notifications\":[" NOTIFICATION("a", "mention", T2, "@a") "]}");
	says(&d, "200 OK", "{\"cursor\":\"c2\",\"notifications\":[]}");
	says(&d, "200 OK", "{\"posts\":[" POST("a", T2, "@a", "") "]}");
	says(&d, "200 OK", PROFILE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.count, 1);
	assert_true(was_sent(&d, "&cursor=c1 "));
	assert_int_equal(d.gaps, 0);
	close_desk(&d);
}

static void what_is_more_than_is_fetched_at_a_time_is_a_gap(void **state)
{
	struct desk d = {.world = *state, .saved = LONG_AGO, .token = "token-one"};
	char cursor[32], page[1024];
	plays(&d, "getSession");
	for (int i = 0; i < 20; i++) {
		snprintf(cursor, sizeof cursor, "c%02d", i);
		snprintf(page, sizeof page, "{\"cursor\":\"%s\",\"notifications\":[%s]}", cursor,
		        NOTIFICATION("a", "mention", T2, "@a"));
		says(&d, "200 OK", page);
	}
	for (int i = 0; i < 20; i++) {
		says(&d, "200 OK", "{\"posts\":[" POST("a", T2, "@a", "") "]}");
		if (!i)
			says(&d, "200 OK", PROFILE);
	}
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.gaps, 1);
	assert_string_equal(d.gap, "notifications: more was said than is fetched at a time");
	close_desk(&d);
}

static void a_post_that_is_there_no_more_is_deleted_and_an_index_that_is_lost_deletes_nothing(void **state)
{
	struct desk d = {.world = *state, .saved = T1, .token = "token-one"};
	static const char both[] = "{\"notifications\":[" NOTIFICATION("b", "mention", T2, "@b") "," NOTIFICATION(
	        "a", "mention", T1, "@a") "]}";
	plays(&d, "getSession");
	says(&d, "200 OK", both);
	says(&d, "200 OK", "{\"posts\":[" POST("b", T2, "@b", "") "," POST("a", T1, "@a", "") "]}");
	says(&d, "200 OK", PROFILE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	says(&d, "200 OK", both);
	says(&d, "200 OK", "{\"posts\":[]}");
	advance(d.world, 5 * 60000);
	wait_for(&d, 4);
	assert_false(d.told.at[2].gone || d.told.at[3].gone);
	says(&d, "200 OK", both);
	says(&d, "200 OK", "{\"posts\":[" POST("b", T2, "@b", "") "]}");
	advance(d.world, 5 * 60000);
	wait_for(&d, 6);
	assert_true(d.told.at[4].gone);
	assert_string_equal(d.told.at[4].remote_id, "at://" CUSTOMER POSTS "a");
	assert_false(d.told.at[5].gone);
	close_desk(&d);
}

static void words_that_nobody_addressed_to_us_are_searched_for(void **state)
{
	static const char *const listen[] = {"acme \"kettle\"", "#acmefail"};
	struct desk d = {.world = *state,
	        .token = "token-one",
	        .saved = T1,
	        .saved_search = T1,
	        .listen = listen,
	        .listen_count = 2};
	plays(&d, "getSession");
	says_to(&d, "listNotifications", "200 OK", NONE);
	says_to(&d, "q=%22acme", "200 OK",
	        "{\"posts\":[" POST("s", T2, "my acme kettle",
	                "") ",{\"uri\":\"at://" BRAND POSTS "own\",\"author\":{\"did\":\"" BRAND
	                    "\"},\"indexedAt\":\"" T2 "\",\"record\":{\"text\":\"acme kettle\"}}]}");
	says_to(&d, "q=%23acmefail", "400 Bad Request", "{\"error\":\"BadQueryString\",\"message\":\"no\"}");
	says_to(&d, "getProfiles", "200 OK", PROFILE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.count, 1);
	assert_true(d.told.at[0].mention);
	assert_string_equal(d.position_of, "search:acme \"kettle\"");
	assert_true(was_sent(&d, "searchPosts?sort=latest&limit=100&q=%22acme%20%20kettle%20%22&since=2026-11-22T00"));
	assert_true(was_sent(&d, "&q=%23acmefail&since="));
	close_desk(&d);
}

static void a_search_that_leads_on_to_what_is_known_is_left(void **state)
{
	static const char *const listen[] = {"kettle"};
	enum { PAGES = 60 };
	struct desk d = {.world = *state,
	        .token = "token-one",
	        .saved = T1,
	        .saved_search = T1,
	        .listen = listen,
	        .listen_count = 1};
	plays(&d, "getSession");
	says_to(&d, "listNotifications", "200 OK", NONE);
	says_to(&d, "searchPosts", "200 OK", "{\"posts\":[" POST("s", T2, "a kettle", "") "]}");
	says_to(&d, "getProfiles", "200 OK", PROFILE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	for (int i = 0; i < PAGES; i++) {
		char page[1024];
		snprintf(page, sizeof page, "{\"cursor\":\"c%02d\",\"posts\":[%s]}", i, POST("s", T2, "a kettle", ""));
		says_to(&d, "searchPosts", "200 OK", page);
	}
	for (int i = 0; i < 3; i++)
		says_to(&d, "listNotifications", "200 OK", NONE);
	wait_for_request(&d, "listNotifications", 4);
	assert_in_range(times_sent(&d, "searchPosts"), 2, PAGES / 2);
	assert_int_equal(d.count, 1);
	close_desk(&d);
}

static void a_server_that_cannot_reach_the_others_is_asked_again(void **state)
{
	struct desk d = {.world = *state, .token = "token-one"};
	plays(&d, "getSession");
	plays(&d, "listNotifications-502");
	says(&d, "200 OK", NONE);
	start_desk(&d);
	run_in_step_until(d.world, &d.retries, 1);
	assert_int_equal(d.state, ACCOUNT_RETRYING);
	assert_non_null(strstr(d.reason, "Upstream service unreachable"));
	advance(d.world, 1000);
	run_in_step_until(d.world, &d.live, 1);
	close_desk(&d);
}

/* --- the session */

static void a_token_that_ended_is_renewed_and_the_request_made_again(void **state)
{
	struct desk d = {.world = *state, .token = "token-one", .refresh = "refresh-one", .refuse_keep = 1};
	plays(&d, "getSession");
	plays(&d, "expired"); /* 400, not 401 */
	plays(&d, "refreshSession");
	start_desk(&d);
	run_in_step_until(d.world, &d.keeps, 1);
	/* Not on disk yet: not used. */
	assert_int_equal(times_sent(&d, "listNotifications"), 1);
	assert_non_null(strstr(d.reason, "no space left"));
	says(&d, "200 OK", NONE);
	advance(d.world, 5000);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(times_sent(&d, "refreshSession"), 1);
	assert_true(was_sent(&d, "Bearer refresh-one"));
	assert_int_equal(strncmp(d.kept, "eyJ0eXAiOiJhdCtqd3Qi", 20), 0);
	assert_true(was_sent(&d, d.kept));
	close_desk(&d);
}

static void a_token_is_renewed_before_it_ends(void **state)
{
	char soon[24];
	snprintf(soon, sizeof soon, "%lld", (long long)(WALL_START / 1000 + 200));
	struct desk d = {.world = *state, .token = "token-one", .refresh = "refresh-one", .expires = soon};
	plays(&d, "refreshSession");
	plays(&d, "getSession");
	says(&d, "200 OK", NONE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_false(was_sent(&d, "Bearer token-one"));
	assert_int_equal(d.keeps, 1);
	close_desk(&d);
}

static void a_session_that_was_revoked_is_made_anew_once_by_password(void **state)
{
	struct desk d = {.world = *state,
	        .token = "token-one",
	        .refresh = "refresh-one",
	        .expires = "1",
	        .password = "abcd-efgh-ijkl-\"n\\p"};
	plays(&d, "revoked");
	plays(&d, "createSession");
	plays(&d, "getSession");
	says(&d, "200 OK", NONE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_true(was_sent(&d, "{\"identifier\":\"brand.test\",\"password\":\"abcd-efgh-ijkl-\\u0022n\\u005cp\"}"));
	assert_int_equal(d.keeps, 1);
	close_desk(&d);
}

static void a_password_that_is_refused_asks_for_a_person(void **state)
{
	struct desk d = {.world = *state, .password = "abcd-efgh-ijkl-mnop"};
	plays(&d, "createSession-401");
	start_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_NEEDS_LOGIN);
	assert_non_null(strstr(d.reason, "Invalid identifier or password"));
	advance(d.world, 10 * 60000);
	assert_int_equal(times_sent(&d, "createSession"), 1);
	close_desk(&d);
}

static void a_session_without_a_password_behind_it_asks_for_a_person(void **state)
{
	struct desk d = {.world = *state, .token = "token-one", .refresh = "refresh-one", .expires = "1"};
	plays(&d, "revoked");
	start_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_NEEDS_LOGIN);
	close_desk(&d);
}

/* Else each refusal would make a session more, and 30 in five minutes are all that there are. */
static void a_new_session_that_is_refused_at_once_makes_no_other(void **state)
{
	struct desk d = {.world = *state, .password = "abcd-efgh-ijkl-mnop"};
	plays(&d, "createSession");
	plays(&d, "badtoken");
	plays(&d, "badtoken");
	start_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_NEEDS_LOGIN);
	advance(d.world, 10 * 60000);
	assert_int_equal(times_sent(&d, "createSession"), 1);
	close_desk(&d);
}

static void logins_beyond_the_limit_wait_for_as_long_as_the_server_says(void **state)
{
	struct desk d = {.world = *state, .password = "abcd-efgh-ijkl-mnop"};
	plays(&d, "createSession-429");
	start_desk(&d);
	run_in_step_until(d.world, &d.retries, 1);
	assert_int_equal(d.state, ACCOUNT_RATE_LIMITED);
	assert_true(d.until >= INT64_C(1795313935000)); /* RateLimit-Reset */
	plays(&d, "createSession");
	plays(&d, "getSession");
	says(&d, "200 OK", NONE);
	advance(d.world, d.until - clock_wall_ms());
	run_in_step_until(d.world, &d.live, 1);
	close_desk(&d);
}

static void a_call_that_waits_for_a_session_is_answered_when_none_comes(void **state)
{
	struct desk d = {.world = *state};
	go_live(&d);
	struct reply reply = {.kind = REPLY_KIND_MUTE, .to_remote_id = MENTION, .created_at = clock_wall_ms()};
	plays(&d, "badtoken");
	perform(&d, &reply);
	assert_int_equal(d.outcome, CALL_NO_ACCESS);
	assert_int_equal(d.state, ACCOUNT_NEEDS_LOGIN);
	close_desk(&d);
}

static void an_account_that_is_not_active_says_so(void **state)
{
	struct desk d = {.world = *state, .token = "token-one"};
	says(&d, "200 OK",
	        "{\"did\":\"" BRAND "\",\"handle\":\"brand.test\",\"active\":false,\"status\":\"suspended\"}");
	start_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_FAILED);
	assert_non_null(strstr(d.reason, "suspended"));
	close_desk(&d);
}

/* --- which server */

static void set(char **place, int port, const char *path)
{
	char text[64];
	snprintf(text, sizeof text, "http://127.0.0.1:%d%s", port, path);
	free(*place);
	*place = mem_strdup(text);
}

static void unnamed(struct desk *d, const char *also_known_as)
{
	char document[600];
	int port = script_server_port(d->world->server);
	d->unnamed = true;
	d->password = "abcd-efgh-ijkl-mnop";
	open_desk(d);
	set(&((struct bluesky *)d->network)->resolver, port, "");
	set(&((struct bluesky *)d->network)->directory, port, "/directory");
	says(d, "200 OK", "{\"did\":\"" BRAND "\"}");
	snprintf(document, sizeof document,
	        "{\"id\":\"" BRAND "\",\"alsoKnownAs\":[\"at://other.test\",\"at://%s\"],\"service\":[{\"id\":"
	        "\"#atproto_pds\",\"type\":\"AtprotoPersonalDataServer\",\"serviceEndpoint\":"
	        "\"http://127.0.0.1:%d/\"}]}",
	        also_known_as, port);
	says(d, "200 OK", document);
}

static void the_server_is_found_from_the_handle(void **state)
{
	struct desk d = {.world = *state};
	unnamed(&d, "Brand.test");
	plays(&d, "createSession");
	plays(&d, "getSession");
	says(&d, "200 OK", NONE);
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_true(was_sent(&d, "GET /xrpc/com.atproto.identity.resolveHandle?handle=brand.test "));
	assert_true(was_sent(&d, "GET /directory/" BRAND " "));
	close_desk(&d);
}

/* Whoever has taken the handle over does not get the password. */
static void a_document_that_does_not_lead_back_gets_no_password(void **state)
{
	struct desk d = {.world = *state};
	unnamed(&d, "another.test");
	start_desk(&d);
	run_in_step_until(d.world, &d.failures, 1);
	assert_int_equal(d.state, ACCOUNT_FAILED);
	assert_non_null(strstr(d.reason, "does not lead back"));
	assert_false(was_sent(&d, "abcd-efgh"));
	close_desk(&d);
}

static void addresses_of_documents_follow_from_the_did(void **state)
{
	(void)state;
	struct str url = STR_INIT;
	assert_true(bluesky_document_address("did:plc:abc", "https://plc.directory", &url));
	assert_string_equal(url.p, "https://plc.directory/did:plc:abc");
	str_clear(&url);
	assert_true(bluesky_document_address("did:web:brand.example", "", &url));
	assert_string_equal(url.p, "https://brand.example/.well-known/did.json");
	assert_false(bluesky_document_address("did:web:brand.example:path", "", &url));
	assert_false(bluesky_document_address("did:key:abc", "", &url));
	assert_string_equal(bluesky_session_server("https://morel.us-east.host.bsky.network"), BLUESKY_SERVER);
	assert_string_equal(bluesky_session_server("https://pds.example"), "https://pds.example");
	str_release(&url);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_a_server_notified_of_comes_oldest_first_with_who_may_answer),
	        TEST(what_is_dated_back_is_found_below_what_is_known),
	        TEST(a_page_without_entries_is_not_the_end_and_a_cursor_that_stands_still_is),
	        TEST(what_is_more_than_is_fetched_at_a_time_is_a_gap),
	        TEST(a_post_that_is_there_no_more_is_deleted_and_an_index_that_is_lost_deletes_nothing),
	        TEST(words_that_nobody_addressed_to_us_are_searched_for),
	        TEST(a_search_that_leads_on_to_what_is_known_is_left),
	        TEST(a_server_that_cannot_reach_the_others_is_asked_again),
	        TEST(a_token_that_ended_is_renewed_and_the_request_made_again),
	        TEST(a_token_is_renewed_before_it_ends),
	        TEST(a_session_that_was_revoked_is_made_anew_once_by_password),
	        TEST(a_password_that_is_refused_asks_for_a_person),
	        TEST(a_session_without_a_password_behind_it_asks_for_a_person),
	        TEST(a_new_session_that_is_refused_at_once_makes_no_other),
	        TEST(logins_beyond_the_limit_wait_for_as_long_as_the_server_says),
	        TEST(a_call_that_waits_for_a_session_is_answered_when_none_comes),
	        TEST(an_account_that_is_not_active_says_so),
	        TEST(the_server_is_found_from_the_handle),
	        TEST(a_document_that_does_not_lead_back_gets_no_password),
	        cmocka_unit_test(addresses_of_documents_follow_from_the_did),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
