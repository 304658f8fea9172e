/* The whole courier but for its main: a session, a login and a check against the small server of our own. Time stands
 * still, so only what is due now happens. */
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/courier/login.h"
#include "core/courier/session.h"
#include "tests/lib/fakenet.h"
#include "tests/lib/store_fixture.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fixture *f;
static struct fakenet net;
static struct config config;
static struct session_secrets secrets;

static int begin(void **state)
{
	static const char *const args[] = {"--backlog", "60", "--seed", "3", NULL};
	if (fixture_setup(state) || fakenet_start(&net, args))
		return -1;
	f = *state;
	return 0;
}

static int end(void **state)
{
	session_secrets_release(&secrets, &config);
	config_release(&config);
	secrets = (struct session_secrets){0};
	config = (struct config){0};
	fakenet_stop(&net);
	return fixture_teardown(state);
}

/* The configuration's text; its file is said to lie in the fixture's directory. */
static void configure(const char *text)
{
	struct err err = ERR_INIT;
	const char *file = arena_printf(&f->arena, "%s/curlew.conf", f->dir);
	if (config_parse(text, strlen(text), file, &config, NULL, &err))
		fail_msg("%s", err.text);
	if (session_secrets_read(&secrets, &config, &err))
		fail_msg("%s", err.text);
}

static const char *an_account(const char *more)
{
	return arena_printf(
	        &f->arena, "[account acme]\nnetwork = mastodon\nserver = %s\nhandle = @acme\n%s\n", net.url, more);
}

static int run_once(struct err *err)
{
	return session_run(
	        &(struct session_setup){.config = &config, .secrets = &secrets, .store = f->store, .once = true}, err);
}

static const struct account *account_named(const char *name)
{
	const struct account *accounts;
	int count;
	assert_int_equal(store_accounts(f->store, &f->arena, &accounts, &count, &f->err), 0);
	for (int i = 0; i < count; i++)
		if (strcmp(accounts[i].name, name) == 0)
			return &accounts[i];
	fail_msg("no account %s", name);
	return NULL;
}

static void once_reads_what_is_there_and_ends(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	configure(an_account("token_command = echo " FAKENET_TOKEN));
	if (run_once(&err))
		fail_msg("%s", err.text);
	assert_int_equal(account_named("acme")->state, ACCOUNT_LIVE);
	assert_string_equal(account_named("acme")->handle, "@acme@birds.example");
	assert_int_equal(account_named("acme")->limits.max, 500);
	int64_t cases = count_of(f, "");
	assert_true(cases > 0);
	assert_int_equal(run_once(&err), 0);
	assert_true(count_of(f, "") == cases);
}

static void once_sends_what_is_due(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int64_t id = 0;
	configure(an_account("token_command = echo " FAKENET_TOKEN));
	assert_int_equal(run_once(&err), 0);
	const struct case_view *view = get_view(f, 1);
	const struct post *newest = NULL;
	for (int i = 0; i < view->item_count; i++)
		if (view->items[i].post && view->items[i].post->direction == DIR_IN)
			newest = view->items[i].post;
	assert_non_null(newest);
	struct reply reply = {.case_id = 1,
	        .account_id = view->kase.account_id,
	        .agent = "alice",
	        .to_remote_id = newest->remote_id,
	        .to_handle = view->kase.handle,
	        .text = arena_printf(&f->arena, "%s thank you, we are on it", view->kase.handle),
	        .language = "en",
	        .warning = "",
	        .follow = "stay",
	        .anyway = true,
	        .seen_post_id = newest->id,
	        .created_at = fixture_wall_ms,
	        .hold_until = fixture_wall_ms};
	assert_int_equal(store_reply_hold(f->store, &reply, -1, &id, &f->err), 0);
	assert_int_equal(run_once(&err), 0);
	const struct reply *sent;
	assert_int_equal(store_reply(f->store, id, &f->arena, &sent, &f->err), 0);
	assert_int_equal(sent->state, REPLY_SENT);
	assert_true(*sent->remote_id);
}

static void what_is_wrong_with_an_account_stands_in_the_store_in_words(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	const char *text = arena_printf(&f->arena,
	        "%s\n[account lost]\nnetwork = mastodon\nserver = %s\n"
	        "[account wrong]\nnetwork = mastodon\nserver = %s\ntoken_command = echo not-the-token\n"
	        "[account away]\nnetwork = mastodon\nserver = http://127.0.0.1:1\ntoken_command = echo some-token\n",
	        an_account("token_command = echo " FAKENET_TOKEN), net.url, net.url);
	configure(text);
	assert_int_equal(run_once(&err), -ERR_UNAVAILABLE);
	assert_int_equal(account_named("acme")->state, ACCOUNT_LIVE);
	assert_int_equal(account_named("lost")->state, ACCOUNT_NEEDS_LOGIN);
	assert_non_null(strstr(account_named("lost")->state_reason, "curlew login lost"));
	assert_int_equal(account_named("wrong")->state, ACCOUNT_NEEDS_LOGIN);
	assert_int_equal(account_named("away")->state, ACCOUNT_RETRYING);
	assert_true(*account_named("away")->state_reason);
}

/* --- login and check */

static const char *said(FILE *out)
{
	struct str text = STR_INIT;
	char line[512];
	rewind(out);
	while (fgets(line, sizeof line, out))
		str_adds(&text, line);
	const char *kept = arena_strndup(&f->arena, text.p, text.len);
	str_release(&text);
	return kept;
}

static FILE *typed(const char *text)
{
	FILE *in = tmpfile();
	assert_non_null(in);
	fputs(text, in);
	rewind(in);
	return in;
}

static void a_login_keeps_the_token_that_a_code_gave(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	FILE *in = typed(" DEMO-CODE \n"), *out = tmpfile();
	configure(an_account(""));
	assert_null(secrets.accounts[0].value[CREDENTIAL_TOKEN]);
	if (login_run(&config, "acme", in, out, &err))
		fail_msg("%s", err.text);
	const char *text = said(out);
	assert_non_null(strstr(text, "/oauth/authorize?response_type=code&client_id="));
	assert_non_null(strstr(text, "code_challenge_method=S256"));
	assert_non_null(strstr(text, "Logged in as @acme."));
	session_secrets_release(&secrets, &config);
	assert_int_equal(session_secrets_read(&secrets, &config, &err), 0);
	assert_non_null(secrets.accounts[0].value[CREDENTIAL_TOKEN]);
	assert_int_equal(run_once(&err), 0);
	fclose(in);
	fclose(out);
}

static void a_login_that_fails_changes_nothing_and_says_why(void **state)
{
	(void)state;
	static const struct {
		const char *account, *typed;
		enum err_code code;
	} cases[] = {{"acme", "WRONG\n", ERR_PERMISSION}, {"acme", "", ERR_IO}, {"acme", "\n", ERR_USAGE},
	        {"nobody", "DEMO-CODE\n", ERR_NOT_FOUND}};
	configure(an_account(""));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err = ERR_INIT;
		FILE *in = typed(cases[i].typed), *out = tmpfile();
		assert_int_equal(login_run(&config, cases[i].account, in, out, &err), -(int)cases[i].code);
		assert_true(*err.text);
		fclose(in);
		fclose(out);
	}
	session_secrets_release(&secrets, &config);
	assert_int_equal(session_secrets_read(&secrets, &config, &f->err), 0);
	assert_null(secrets.accounts[0].value[CREDENTIAL_TOKEN]);
}

static void a_check_has_a_line_for_each_account(void **state)
{
	(void)state;
	FILE *out = tmpfile();
	const char *text = arena_printf(&f->arena, "%s\n[account lost]\nnetwork = mastodon\nserver = %s\n",
	        an_account("token_command = echo " FAKENET_TOKEN), net.url);
	configure(text);
	assert_int_equal(check_run(&config, out), 1);
	const char *lines = said(out);
	assert_non_null(strstr(lines, "account acme: ok (@acme@birds.example on http://127.0.0.1:"));
	assert_non_null(strstr(lines, "account lost: "));
	fclose(out);
}

/* The reader of the configuration refuses C0 controls, and these it lets pass. */
static void what_a_check_says_cannot_act_on_a_terminal(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	FILE *out = tmpfile();
	const char *text = an_account("token_command = exit 3 # \302\2332J \u202eko \u200b");
	const char *file = arena_printf(&f->arena, "%s/curlew.conf", f->dir);
	if (config_parse(text, strlen(text), file, &config, NULL, &err))
		fail_msg("%s", err.text);
	setlocale(LC_CTYPE, "C.UTF-8");
	assert_int_equal(check_run(&config, out), 1);
	const char *lines = said(out);
	assert_non_null(strstr(lines, "exit 3 # \ufffd2J \ufffdko \ufffd"));
	fclose(out);
}

static void what_a_login_says_cannot_act_on_a_terminal_nor_begin_a_line(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	FILE *in = typed(" DEMO-CODE \n"), *out = tmpfile();
	configure(arena_printf(&f->arena,
	        "[account acme]\nnetwork = mastodon\nserver = %s\nhandle = @acme\302\205Code:\342\200\250\302\2332J\n",
	        net.url));
	setlocale(LC_CTYPE, "C.UTF-8");
	if (login_run(&config, "acme", in, out, &err))
		fail_msg("%s", err.text);
	const char *text = said(out);
	assert_non_null(strstr(text, "logged in as @acme\ufffdCode:\ufffd\ufffd2J, and allow"));
	assert_non_null(strstr(text, "the configuration says @acme\ufffdCode:\ufffd\ufffd2J.\n"));
	assert_null(strstr(text, "\302\205"));
	fclose(in);
	fclose(out);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(once_reads_what_is_there_and_ends),
	        test(once_sends_what_is_due),
	        test(what_is_wrong_with_an_account_stands_in_the_store_in_words),
	        test(a_login_keeps_the_token_that_a_code_gave),
	        test(a_login_that_fails_changes_nothing_and_says_why),
	        test(a_check_has_a_line_for_each_account),
	        test(what_a_check_says_cannot_act_on_a_terminal),
	        test(what_a_login_says_cannot_act_on_a_terminal_nor_begin_a_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
