/* `curlew login` on X: a person and a server, both played here. */
#include "core/network/x_parts.h"
#include "tests/lib/login_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int log_in(struct talk *t, struct err *err)
{
	talk_begin(t, "", "@acme");
	return x_login(&t->login, err);
}

#define ME "{\"data\":{\"id\":\"11\",\"username\":\"acme\"}}"
#define TOKENS "{\"access_token\":\"a1\",\"refresh_token\":\"r1\",\"expires_in\":7200}"

static void a_code_that_is_too_old_is_asked_for_again(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){"1", "client", "-", "http://127.0.0.1:8739/callback",
	                         "http://127.0.0.1:8739/callback?state=STATE&code=old",
	                         "http://127.0.0.1:8739/callback?state=STATE&code=new%3D", "-", NULL}};
	t.says = (const struct answer[]){{400, "{\"error\":\"invalid_request\",\"error_description\":\"Value passed "
	                                       "for the authorization code was "
	                                       "invalid.\"}"},
	        {200, TOKENS}, {200, ME}};
	assert_int_equal(log_in(&t, &err), 0);
	assert_non_null(strstr(t.said.p, "no code in this address"));
	assert_non_null(strstr(t.said.p, "Value passed for the authorization code was invalid"));
	assert_non_null(strstr(t.said.p, "Logged in as @acme."));
	assert_non_null(strstr(t.said.p, "https://x.com/i/oauth2/authorize?response_type=code&client_id=client&"));
	assert_non_null(strstr(t.asked.p, "POST https://api.x.com/2/oauth2/token"));
	assert_non_null(strstr(t.asked.p, "&code=new%3D&"));
	assert_non_null(strstr(t.asked.p, "code_verifier="));
	assert_string_equal(t.kept.value[CREDENTIAL_TOKEN], "a1");
	assert_string_equal(t.kept.value[CREDENTIAL_REFRESH_TOKEN], "r1");
	assert_non_null(t.kept.value[CREDENTIAL_TOKEN_EXPIRES]);
	assert_null(t.kept.value[CREDENTIAL_CLIENT_SECRET]);
	assert_null(t.kept.value[CREDENTIAL_APP_TOKEN]);
	release(&t);
}

static void the_applications_own_token_is_tried_before_it_is_kept(void **state)
{
	(void)state;
	static const char *const lines[] = {"2", "key", "keysecret", "1234567", "app-token", NULL};
	for (int good = 0; good < 2; good++) {
		struct err err = ERR_INIT;
		struct talk t = {.lines = lines};
		t.says = (const struct answer[]){{200, "oauth_token=t0&oauth_token_secret=s0"},
		        {200, "oauth_token=11-t1&oauth_token_secret=s1"}, {200, ME},
		        {good ? 200 : 403, good ? "{\"meta\":{}}" : "{\"detail\":\"not in your plan\"}"}};
		assert_int_equal(log_in(&t, &err), good ? 0 : -ERR_PERMISSION);
		assert_non_null(strstr(t.asked.p, "GET https://api.x.com/2/tweets/search/stream/rules app-token"));
		assert_string_equal(t.kept.value[CREDENTIAL_TOKEN], "11-t1"); /* the login stands */
		assert_string_equal(str_or(t.kept.value[CREDENTIAL_APP_TOKEN], ""), good ? "app-token" : "");
		if (!good)
			assert_non_null(strstr(err.text, "not in your plan"));
		release(&t);
	}
}

static void an_address_of_another_login_is_refused(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){
	                         "1", "client", "secret", "http://127.0.0.1:8739/callback?state=other&code=c", NULL}};
	assert_int_equal(log_in(&t, &err), -ERR_PERMISSION);
	assert_non_null(strstr(err.text, "does not belong to this login"));
	assert_string_equal(t.asked.p, "");
	assert_null(t.kept.value[CREDENTIAL_TOKEN]);
	release(&t);
}

static void a_pin_gives_a_pair_that_does_not_end(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct talk t = {.lines = (const char *const[]){"2", "key", "keysecret", "1234567", NULL}};
	t.says = (const struct answer[]){{200, "oauth_token=t0&oauth_token_secret=s0&oauth_callback_confirmed=true"},
	        {200, "oauth_token=11-t1&oauth_token_secret=s1&user_id=11&screen_name=acme"}, {200, ME}};
	assert_int_equal(log_in(&t, &err), 0);
	assert_non_null(strstr(t.said.p, "/oauth/authorize?oauth_token=t0"));
	assert_non_null(strstr(t.asked.p, "oauth_callback=\"oob\""));
	assert_non_null(strstr(t.asked.p, "oauth_verifier=\"1234567\""));
	assert_non_null(strstr(t.asked.p, "oauth_token=\"11-t1\""));
	assert_null(strstr(t.asked.p, "keysecret"));
	assert_string_equal(t.kept.value[CREDENTIAL_TOKEN], "11-t1");
	assert_string_equal(t.kept.value[CREDENTIAL_TOKEN_SECRET], "s1");
	assert_null(t.kept.value[CREDENTIAL_TOKEN_EXPIRES]);
	release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_code_that_is_too_old_is_asked_for_again),
	        cmocka_unit_test(the_applications_own_token_is_tried_before_it_is_kept),
	        cmocka_unit_test(an_address_of_another_login_is_refused),
	        cmocka_unit_test(a_pin_gives_a_pair_that_does_not_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
