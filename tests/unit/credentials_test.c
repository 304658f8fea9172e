#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/config/credentials.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64];
	char *file;
	struct config config;
	struct str value;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	str_copy(f->dir, sizeof f->dir, "/tmp/curlew-credentials.XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	static const char text[] = "[account acme]\nnetwork = x\n"
	                           "[account cmd]\nnetwork = x\ntoken_command = printf 'tok-en \\nmore\\n'\n"
	                           "[team billing]\nescalate = mail a@b\n"
	                           "[team ops]\nescalate = mail a@b\nsecret_command = echo whsec_abc\n";
	char *conf = path_join(f->dir, "curlew.conf");
	f->file = path_join(f->dir, "credentials.conf");
	str_init(&f->value, SIZE_MAX);
	int rc = config_parse(text, sizeof text - 1, conf, &f->config, NULL, &f->err);
	free(conf);
	*state = f;
	return rc;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	unlink(f->file);
	rmdir(f->dir);
	config_release(&f->config);
	str_release(&f->value);
	free(f->file);
	free(f);
	return 0;
}

static void write_file(const struct fixture *f, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;
	assert_int_equal(file_write_atomic(f->file, text, strlen(text), mode, &err), 0);
}

static void expect_file(const struct fixture *f, const char *expected)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	struct stat st;
	assert_int_equal(file_read(f->file, &text, &err), 0);
	assert_string_equal(text.p, expected);
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	str_release(&text);
}

static int token_of(struct fixture *f, const char *account)
{
	struct credentials secrets;
	int rc = credentials_load(&f->config, config_account(&f->config, account), CREDENTIAL_TOKEN, &secrets, &f->err);
	str_clear(&f->value);
	str_adds(&f->value, str_or(secrets.value[CREDENTIAL_TOKEN], ""));
	credentials_release(&secrets);
	return rc;
}

static void a_token_stands_in_its_file(void **state)
{
	struct fixture *f = *state;
	write_file(f,
	        "[account other]\ntoken = no\n[account acme]\ntoken = s3=cret#1\n[team billing]\nsecret = whsec_x\n",
	        0600);
	assert_int_equal(token_of(f, "acme"), 0);
	assert_string_equal(f->value.p, "s3=cret#1");
	assert_int_equal(
	        credentials_team_secret(&f->config, config_team(&f->config, "billing"), &f->value, &f->err), 0);
	assert_string_equal(f->value.p, "whsec_x");
}

static void a_command_comes_before_the_file(void **state)
{
	struct fixture *f = *state;
	write_file(f, "[account cmd]\ntoken = file\n", 0600);
	assert_int_equal(token_of(f, "cmd"), 0);
	assert_string_equal(f->value.p, "tok-en ");
	assert_int_equal(credentials_team_secret(&f->config, config_team(&f->config, "ops"), &f->value, &f->err), 0);
	assert_string_equal(f->value.p, "whsec_abc");
}

static void without_a_token_the_way_to_one_is_named(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(token_of(f, "acme"), -ERR_NOT_FOUND);
	assert_string_equal(f->err.text, "no token: run curlew login acme");
	assert_int_equal(
	        credentials_team_secret(&f->config, config_team(&f->config, "billing"), &f->value, &f->err), 0);
	assert_int_equal(f->value.len, 0);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
	struct fixture *f = *state;
	write_file(f, "[account acme]\ntoken = x\n", 0640);
	assert_int_equal(token_of(f, "acme"), -ERR_PERMISSION);
	assert_non_null(strstr(f->err.text, "0640"));
	assert_non_null(strstr(f->err.text, "chmod 600"));
	assert_int_equal(credentials_save(&f->config, "account", "acme", "token", "y", &f->err), -ERR_PERMISSION);
}

static void a_wrong_file_is_told_by_its_line_and_never_quoted(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text;
		int line;
	} cases[] = {
	        {"hunter2\n", 1},
	        {"[account acme]\nhunter2\n", 2},
	        {"[account acme]\nhunter2=abc\n", 2},
	        {"[account acme]\ntoken = hunter2\ntoken = hunter2\n", 3},
	        {"[account acme]\ntoken = hunter2\n\n[account acme]\n", 4},
	        {"[desk]\ntoken = hunter2\n", 1},
	        {"[account acme]\ntoken = hunter2\\\n", 2},
	        {"[account acme]\ntoken = hunter2\001\n", 2},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char place[32];
		write_file(f, cases[i].text, 0600);
		assert_int_equal(token_of(f, "acme"), -ERR_CONFIG);
		snprintf(place, sizeof place, "credentials.conf:%d: found", cases[i].line);
		if (!strstr(f->err.text, place) || strstr(f->err.text, "hunter2"))
			fail_msg("%s gives: %s", cases[i].text, f->err.text);
	}
}

static void commands_that_fail_say_how(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *command, *text;
	} cases[] = {
	        {"exit 3", "\"exit 3\" failed with status 3"},
	        {"echo hunter2; exit 1", "\"echo hunter2; exit 1\" failed with status 1"},
	        {"kill -9 $$", "\"kill -9 $$\" was ended by signal 9"},
	        {"true", "\"true\" printed nothing, expected the secret in its first line"},
	        {"echo; echo x", "\"echo; echo x\" printed nothing, expected the secret in its first line"},
	        {"printf 'a\\033[2J'", "\"printf 'a\\033[2J'\" printed control characters, expected the secret alone"},
	        {"yes", "\"yes\" printed more than 65536 bytes, expected a secret in its first line"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(credentials_run(cases[i].command, &f->value, &f->err) < 0);
		assert_string_equal(f->err.text, cases[i].text);
	}
	assert_int_equal(credentials_run("printf 'x\\r\\n'", &f->value, &f->err), 0);
	assert_string_equal(f->value.p, "x");
}

/* ls itself has a fourth descriptor, of the directory; 128 and a number is how a shell tells of a signal. */
static void a_command_has_nothing_of_us_but_what_is_named(void **state)
{
	struct fixture *f = *state;
	static const char command[] = "for s in TERM PIPE XFSZ; do sh -c \"kill -$s \\$\\$\"; ends=\"$ends $?\"; done;"
	                              "echo \"$KEPT_FROM_IT|$PASSWORD_STORE_DIR|$CURLEW_CONFIG|"
	                              "$(ls /proc/self/fd | tr '\\n' ' ')|$ends\"";
	int left_open = open("/dev/null", O_RDONLY);
	sigset_t blocked, before;
	assert_true(left_open > STDERR_FILENO);
	setenv("KEPT_FROM_IT", "canary", 1);
	setenv("PASSWORD_STORE_DIR", "/p", 1);
	setenv("CURLEW_CONFIG", "/c", 1);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	int rc = credentials_run(command, &f->value, &f->err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	unsetenv("KEPT_FROM_IT");
	close(left_open);
	assert_int_equal(rc, 0);
	assert_string_equal(f->value.p, "|/p|/c|0 1 2 3 | 143 141 153");
}

static void a_secret_is_in_no_error(void **state)
{
	struct fixture *f = *state;
	write_file(f, "[account acme]\ntoken = s3cret-token-of-acme\n", 0600);
	assert_int_equal(token_of(f, "acme"), 0);
	err_set(&f->err, ERR_PERMISSION, "401: %s is revoked", f->value.p);
	assert_string_equal(f->err.text, "401: [secret] is revoked");
}

static void saving_makes_a_private_file(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(credentials_save(&f->config, "account", "acme", "token", "one", &f->err), 0);
	expect_file(f, "[account acme]\ntoken = one\n");
	assert_int_equal(credentials_save(&f->config, "account", "new.one", "token", "two", &f->err), 0);
	expect_file(f, "[account acme]\ntoken = one\n\n[account new.one]\ntoken = two\n");
	assert_int_equal(token_of(f, "acme"), 0);
	assert_string_equal(f->value.p, "one");
}

static void saving_leaves_every_other_line_as_it_is(void **state)
{
	struct fixture *f = *state;
	write_file(f,
	        "# mine\n[account acme]\n  # note\ntoken = o\\\n  ld\nclient_id = 7\n\n[team billing]\nsecret = s",
	        0600);
	assert_int_equal(credentials_save(&f->config, "account", "acme", "token", "new", &f->err), 0);
	assert_int_equal(credentials_save(&f->config, "account", "acme", "refresh_token", "r", &f->err), 0);
	assert_int_equal(credentials_save(&f->config, "team", "billing", "secret", "whsec_n", &f->err), 0);
	expect_file(f,
	        "# mine\n[account acme]\nrefresh_token = r\n  # note\ntoken = new\nclient_id = 7\n\n[team billing]\n"
	        "secret = whsec_n\n");
	assert_int_equal(credentials_get(&f->config, "account", "acme", "client_id", &f->value, &f->err), 0);
	assert_string_equal(f->value.p, "7");
}

static void what_the_file_cannot_hold_is_not_saved(void **state)
{
	struct fixture *f = *state;
	static const char *const values[] = {"", "a\nb", " a", "a ", "a\\", "a\033"};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		assert_int_equal(
		        credentials_save(&f->config, "account", "acme", "token", values[i], &f->err), -ERR_DATA);
	assert_int_equal(credentials_save(&f->config, "account", "acme", "pin", "1", &f->err), -ERR_USAGE);
	assert_int_equal(credentials_save(&f->config, "account", "a]\nb", "token", "1", &f->err), -ERR_USAGE);
	assert_false(path_exists(f->file));
}

static void load(struct fixture *f, const char *account, struct credentials *out)
{
	int rc = credentials_load(&f->config, config_account(&f->config, account), CREDENTIAL_TOKEN, out, &f->err);
	if (rc)
		fail_msg("%s", f->err.text);
}

static void what_a_network_gave_anew_is_kept_whole_and_at_once(void **state)
{
	struct fixture *f = *state;
	struct credentials secrets;
	write_file(f, "[account acme]\ntoken = old\nrefresh_token = r1\n", 0600);
	const struct credential_value values[] = {
	        {CREDENTIAL_TOKEN, "new"}, {CREDENTIAL_REFRESH_TOKEN, ""}, {CREDENTIAL_TOKEN_EXPIRES, "1790000000"}};
	assert_int_equal(credentials_keep(&f->config, config_account(&f->config, "acme"), "", values, 3, &f->err), 0);
	expect_file(f, "[account acme]\ntoken_expires = 1790000000\ntoken = new\n");
	load(f, "acme", &secrets);
	assert_string_equal(secrets.value[CREDENTIAL_TOKEN], "new");
	assert_null(secrets.value[CREDENTIAL_REFRESH_TOKEN]);
	credentials_release(&secrets);
	/* one that cannot be kept keeps the others back */
	const struct credential_value half[] = {{CREDENTIAL_TOKEN, "newer"}, {CREDENTIAL_REFRESH_TOKEN, "a\nb"}};
	assert_int_equal(
	        credentials_keep(&f->config, config_account(&f->config, "acme"), "", half, 2, &f->err), -ERR_DATA);
	expect_file(f, "[account acme]\ntoken_expires = 1790000000\ntoken = new\n");
}

static void a_command_prints_more_than_one(void **state)
{
	struct fixture *f = *state;
	struct config_account account = *config_account(&f->config, "cmd");
	struct credentials secrets;
	account.token_command = "printf 'pass word\nclient_id: 7\nurl: https://x.example\nclient_secret = s=1 \r\n'";
	assert_int_equal(credentials_load(&f->config, &account, CREDENTIAL_APP_PASSWORD, &secrets, &f->err), 0);
	assert_string_equal(secrets.value[CREDENTIAL_APP_PASSWORD], "pass word");
	assert_string_equal(secrets.value[CREDENTIAL_CLIENT_ID], "7");
	assert_string_equal(secrets.value[CREDENTIAL_CLIENT_SECRET], "s=1");
	assert_null(secrets.value[CREDENTIAL_TOKEN]);
	credentials_release(&secrets);
	account.token_command = "echo; echo token = x";
	assert_true(credentials_load(&f->config, &account, CREDENTIAL_APP_PASSWORD, &secrets, &f->err) < 0);
}

/* The command's own store cannot be written by us: what was refreshed is kept beside it, until the command prints
 * something else. */
static void what_was_refreshed_holds_until_the_command_prints_another(void **state)
{
	struct fixture *f = *state;
	struct config_account account = *config_account(&f->config, "cmd");
	struct credentials secrets;
	setenv("XDG_STATE_HOME", f->dir, 1);
	load(f, "cmd", &secrets);
	const struct credential_value value = {CREDENTIAL_TOKEN, "fresh"};
	assert_int_equal(credentials_keep(&f->config, &account, secrets.origin, &value, 1, &f->err), 0);
	assert_false(path_exists(f->file));
	credentials_release(&secrets);
	load(f, "cmd", &secrets);
	assert_string_equal(secrets.value[CREDENTIAL_TOKEN], "fresh");
	credentials_release(&secrets);
	account.token_command = "echo another";
	assert_int_equal(credentials_load(&f->config, &account, CREDENTIAL_TOKEN, &secrets, &f->err), 0);
	assert_string_equal(secrets.value[CREDENTIAL_TOKEN], "another");
	credentials_release(&secrets);
	unsetenv("XDG_STATE_HOME");
	char command[256];
	snprintf(command, sizeof command, "stat -c %%a %s/curlew/*; rm -r %s/curlew", f->dir, f->dir);
	assert_int_equal(credentials_run(command, &f->value, &f->err), 0);
	assert_string_equal(f->value.p, "600");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(a_token_stands_in_its_file),
	        TEST(a_command_comes_before_the_file),
	        TEST(without_a_token_the_way_to_one_is_named),
	        TEST(a_file_that_others_may_read_is_refused),
	        TEST(a_wrong_file_is_told_by_its_line_and_never_quoted),
	        TEST(commands_that_fail_say_how),
	        TEST(a_command_has_nothing_of_us_but_what_is_named),
	        TEST(a_secret_is_in_no_error),
	        TEST(saving_makes_a_private_file),
	        TEST(saving_leaves_every_other_line_as_it_is),
	        TEST(what_the_file_cannot_hold_is_not_saved),
	        TEST(what_a_network_gave_anew_is_kept_whole_and_at_once),
	        TEST(a_command_prints_more_than_one),
	        TEST(what_was_refreshed_holds_until_the_command_prints_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
