/* `curlew login` on X: a person and a server, both played here. */
#include "core/base/str.h"
#include "core/network/x_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct answer {
	int status;
	const char *text;
};

struct talk {
	struct login login;
	const char *const *lines;  /* what the person types; STATE stands for the state */
	const struct answer *says; /* what the server answers, in order */
	struct credentials known, kept;
	struct str said, asked;
	json *body;
	int line, answer;
};

static int ask(struct login *login, const struct http_request *request, struct login_answer *answer, struct err *err)
{
	struct talk *t = (struct talk *)login;
	(void)err;
	str_addf(&t->asked, "%s %s %s\n", str_or(request->method, "GET"), request->url, str_or(request->bearer, "-"));
	for (size_t i = 0; i < request->headers_len; i++)
		str_addf(&t->asked, "%s: %s\n", request->headers[i].name, request->headers[i].value);
	if (request->body)
		str_addf(&t->asked, "%.*s\n", (int)request->body_len, request->body);
	json_free(t->body);
	const char *text = t->says[t->answer].text;
	t->body = json_parse(text, strlen(text), NULL);
	*answer = (struct login_answer){t->says[t->answer].status, t->body, text};
	t->answer++;
	return 0;
}

static void say(struct login *login, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct login *login, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&((struct talk *)login)->said, fmt, ap);
	va_end(ap);
}

static int read_line(struct login *login, bool hidden, struct str *line, struct err *err)
{
	struct talk *t = (struct talk *)login;
	const char *text = t->lines[t->line];
	(void)hidden;
	if (!text)
		return err_set(err, ERR_USAGE, "nothing was said");
	t->line++;
	const char *mark = strstr(text, "STATE"), *last = NULL;
	for (const char *p = t->said.p; (p = strstr(p, "&state=")); p++)
		last = p + strlen("&state=");
	str_clear(line);
	if (mark && !last)
		return err_set(err, ERR_USAGE, "no address with a state was shown");
	if (mark)
		str_addf(line, "%.*s%.*s%s", (int)(mark - text), text, (int)strcspn(last, "&"), last, mark + 5);
	else
		str_adds(line, text);
	return 0;
}

static int keep(struct login *login, const struct credential_value *values, int count, struct err *err)
{
	struct talk *t = (struct talk *)login;
	(void)err;
	for (int i = 0; i < count; i++)
		credentials_set(&t->kept, values[i].credential, values[i].value);
	return 0;
}

static int log_in(struct talk *t, struct err *err)
{
	t->login = (struct login){"acme", "", "@acme", &t->known, ask, say, read_line, keep};
	str_init(&t->said, SIZE_MAX);
	str_init(&t->asked, SIZE_MAX);
	return x_login(&t->login, err);
}

static void release(struct talk *t)
{
	credentials_release(&t->known);
	credentials_release(&t->kept);
	str_release(&t->said);
	str_release(&t->asked);
	json_free(t->body);
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
