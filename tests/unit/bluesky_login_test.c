/* `curlew login` on Bluesky: a person and the servers, all played here. */
#include "core/network/bluesky_parts.h"
#include "tests/lib/login_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DID "did:plc:xklowbn3qudvi5neclqpkx5t"
#define PASSWORD "abcd-efgh-1jkl-mn0p"
#define SESSION                                                                                                        \
	"{\"accessJwt\":\"h.eyJleHAiOjE3OTUzMTk4ODN9.s\",\"refreshJwt\":\"r1\",\"handle\":\"brand.test\",\"did\":"     \
	"\"" DID "\"}"
#define DOCUMENT(handle, pds)                                                                                          \
	"{\"id\":\"" DID "\",\"alsoKnownAs\":[\"at://" handle "\"],\"service\":[{\"id\":\"" DID                        \
	"#atproto_pds\",\"type\":\"AtprotoPersonalDataServer\",\"serviceEndpoint\":\"" pds "\"}]}"

static int log_in(struct talk *t, const char *server, struct err *err)
{
	talk_begin(t, server, "@brand.test");
	return bluesky_login(&t->login, err);
}

static void an_app_password_makes_a_session_on_the_server_that_the_handle_leads_to(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){PASSWORD, NULL}};
	t.says = (const struct answer[]){
	        {200, "{\"did\":\"" DID "\"}"}, {200, DOCUMENT("brand.test", "https://pds.example")}, {200, SESSION}};
	assert_int_equal(log_in(&t, "", &err), 0);
	assert_non_null(strstr(
	        t.asked.p, "GET https://bsky.social/xrpc/com.atproto.identity.resolveHandle?handle=brand.test -\n"));
	assert_non_null(strstr(t.asked.p, "GET https://plc.directory/" DID " -\n"));
	assert_non_null(strstr(t.asked.p, "POST https://pds.example/xrpc/com.atproto.server.createSession -\n"
	                                  "{\"identifier\":\"brand.test\",\"password\":\"" PASSWORD "\"}"));
	/* Before it is typed: what it may do, and who gets it. */
	assert_non_null(strstr(t.said.p, "It is sent to https://pds.example alone."));
	assert_non_null(strstr(t.said.p, "cannot change or delete the account"));
	assert_non_null(strstr(t.said.p, "Logged in as @brand.test."));
	assert_null(strstr(t.said.p, PASSWORD));
	assert_string_equal(t.kept.value[CREDENTIAL_APP_PASSWORD], PASSWORD);
	assert_string_equal(t.kept.value[CREDENTIAL_TOKEN], "h.eyJleHAiOjE3OTUzMTk4ODN9.s");
	assert_string_equal(t.kept.value[CREDENTIAL_REFRESH_TOKEN], "r1");
	assert_string_equal(t.kept.value[CREDENTIAL_TOKEN_EXPIRES], "1795319883");
	release(&t);
}

static void accounts_on_servers_of_bluesky_log_in_at_one_place(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){PASSWORD, NULL}};
	t.says = (const struct answer[]){{200, "{\"did\":\"" DID "\"}"},
	        {200, DOCUMENT("brand.test", "https://morel.us-east.host.bsky.network")}, {200, SESSION}};
	assert_int_equal(log_in(&t, "", &err), 0);
	assert_non_null(strstr(t.asked.p, "POST https://bsky.social/xrpc/com.atproto.server.createSession"));
	release(&t);
}

static void a_server_that_is_named_is_not_looked_for(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){PASSWORD, NULL}};
	t.says = (const struct answer[]){{200, SESSION}};
	assert_int_equal(log_in(&t, "https://pds.example/", &err), 0);
	assert_non_null(strstr(t.asked.p, "POST https://pds.example/xrpc/com.atproto.server.createSession"));
	assert_null(strstr(t.asked.p, "GET "));
	release(&t);
}

static void whoever_took_the_handle_over_gets_no_password(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){PASSWORD, NULL}};
	t.says = (const struct answer[]){
	        {200, "{\"did\":\"" DID "\"}"}, {200, DOCUMENT("other.test", "https://evil.example")}};
	assert_int_equal(log_in(&t, "", &err), -ERR_DATA);
	assert_int_equal(t.line, 0);
	assert_null(t.kept.value[CREDENTIAL_APP_PASSWORD]);
	release(&t);
}

static void a_handle_that_nobody_has_is_said_before_anything_is_typed(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){PASSWORD, NULL}};
	t.says = (const struct answer[]){
	        {400, "{\"error\":\"InvalidRequest\",\"message\":\"Unable to resolve handle\"}"}};
	assert_int_equal(log_in(&t, "", &err), -ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "@brand.test"));
	assert_int_equal(t.line, 0);
	release(&t);
}

static void the_password_of_the_account_itself_is_not_taken(void **state)
{
	(void)state;
	static const char *const passwords[] = {
	        "correct horse", "abcd-efgh-ijkl-mno", "ABCD-efgh-ijkl-mnop", "abcd-efgh-ijkl_mnop"};
	for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
		struct err err = ERR_INIT;
		struct talk t = {.lines = (const char *const[]){passwords[i], NULL}};
		assert_int_equal(log_in(&t, "https://pds.example", &err), -ERR_USAGE);
		assert_null(strstr(err.text, passwords[i]));
		assert_string_equal(t.asked.p, "");
		release(&t);
	}
}

static void a_login_that_is_refused_says_why_and_keeps_nothing(void **state)
{
	(void)state;
	static const struct {
		struct answer answer;
		const char *words;
	} answers[] = {{{401, "{\"error\":\"AuthenticationRequired\",\"message\":\"Invalid identifier or password\"}"},
	                       "Invalid identifier or password"},
	        {{401, "{\"error\":\"AuthFactorTokenRequired\",\"message\":\"A sign in code has been sent\"}"},
	                "make an app password"},
	        {{429, "{\"error\":\"RateLimitExceeded\",\"message\":\"Rate Limit Exceeded\"}"}, "Rate Limit Exceeded"},
	        {{200, "<html>"}, "is not JSON"}, {{200, "{}"}, "makes no sense"}};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct err err = ERR_INIT;
		struct talk t = {.lines = (const char *const[]){PASSWORD, NULL}, .says = &answers[i].answer};
		assert_int_equal(log_in(&t, "https://pds.example", &err), -ERR_PERMISSION);
		if (!strstr(err.text, answers[i].words))
			fail_msg("%s", err.text);
		assert_null(t.kept.value[CREDENTIAL_APP_PASSWORD]);
		release(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_app_password_makes_a_session_on_the_server_that_the_handle_leads_to),
	        cmocka_unit_test(accounts_on_servers_of_bluesky_log_in_at_one_place),
	        cmocka_unit_test(a_server_that_is_named_is_not_looked_for),
	        cmocka_unit_test(whoever_took_the_handle_over_gets_no_password),
	        cmocka_unit_test(a_handle_that_nobody_has_is_said_before_anything_is_typed),
	        cmocka_unit_test(the_password_of_the_account_itself_is_not_taken),
	        cmocka_unit_test(a_login_that_is_refused_says_why_and_keeps_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
