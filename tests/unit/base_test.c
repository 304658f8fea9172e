#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/secret.h"
#include "core/base/str.h"

#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/curlew-base-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	static const char *const made[] = {"log", "log.1", "file", "a/b", "a", ""};
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		char *path = path_join(dir, made[i]);
		remove(path);
		free(path);
	}
	return 0;
}

static char *in_dir(const char *name)
{
	return path_join(dir, name);
}

static void adding_nothing_leaves_an_empty_string(void **state)
{
	(void)state;
	struct str s = STR_INIT;
	assert_int_equal(str_add(&s, "x", 0), 0);
	assert_int_equal(str_adds(&s, ""), 0);
	assert_int_equal(str_addf(&s, "%s", ""), 0);
	assert_string_equal(s.p, "");
	str_release(&s);
}

static void a_cap_refuses_the_whole_addition(void **state)
{
	(void)state;
	struct str s;
	str_init(&s, 4);
	assert_int_equal(str_adds(&s, "abc"), 0);
	assert_int_equal(str_adds(&s, "de"), -1);
	assert_int_equal(str_addf(&s, "%d", 10), -1);
	assert_int_equal(str_addc(&s, 'd'), 0);
	assert_string_equal(s.p, "abcd");
	str_release(&s);
}

static void a_copy_is_cut_between_code_points(void **state)
{
	(void)state;
	char out[5];
	assert_true(str_copy(out, sizeof out, "abc"));
	assert_false(str_copy(out, sizeof out, "abc\xC3\xA9"));
	assert_string_equal(out, "abc");
}

static void only_whole_decimal_numbers_are_parsed(void **state)
{
	(void)state;
	int64_t n;
	assert_true(parse_i64("-9223372036854775808", &n));
	assert_true(n == INT64_MIN);
	static const char *const bad[] = {"", " 1", "+1", "1 ", "0x1", "9223372036854775808", "one"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(parse_i64(bad[i], &n));
	assert_false(parse_i64(NULL, &n));
}

static void directories_follow_the_xdg_specification(void **state)
{
	(void)state;
	setenv("HOME", "/home/alice", 1);
	setenv("XDG_CONFIG_HOME", "/etc/alice", 1);
	setenv("XDG_DATA_HOME", "relative/is/ignored", 1);
	unsetenv("XDG_STATE_HOME");
	char *config = path_config_dir(), *data = path_data_dir(), *state_dir = path_state_dir();
	assert_string_equal(config, "/etc/alice/curlew");
	assert_string_equal(data, "/home/alice/.local/share/curlew");
	assert_string_equal(state_dir, "/home/alice/.local/state/curlew");
	free(config);
	free(data);
	free(state_dir);
}

static void check_join(const char *base, const char *name, const char *wanted)
{
	char *path = path_join(base, name);
	assert_string_equal(path, wanted);
	free(path);
}

static void paths_are_joined_and_parted(void **state)
{
	(void)state;
	setenv("HOME", "/home/alice", 1);
	check_join("/a", "b", "/a/b");
	check_join("/a/", "b", "/a/b");
	check_join("/a", "/b", "/b");
	check_join("/a", "~/b", "/home/alice/b");
	check_join("", "b", "b");
	char *parent = path_dirname("/a/b"), *root = path_dirname("/b"), *here = path_dirname("b");
	assert_string_equal(parent, "/a");
	assert_string_equal(root, "/");
	assert_string_equal(here, ".");
	free(parent);
	free(root);
	free(here);
}

static void directories_are_made_with_their_parents(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char *path = in_dir("a/b"), *under_file = in_dir("file/x");
	assert_int_equal(path_make_dirs(path, 0700, &err), 0);
	assert_int_equal(path_make_dirs(path, 0700, &err), 0);
	assert_true(path_exists(path));
	char *file = in_dir("file");
	assert_int_equal(file_write_atomic(file, "x", 1, 0600, &err), 0);
	assert_int_equal(path_make_dirs(under_file, 0700, &err), -ERR_OS);
	assert_non_null(strstr(err.text, file));
	free(path);
	free(under_file);
	free(file);
}

static void a_file_is_replaced_whole_and_read_up_to_a_cap(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct str out;
	char *path = in_dir("file");
	str_init(&out, 5);
	assert_int_equal(file_write_atomic(path, "one", 3, 0600, &err), 0);
	assert_int_equal(file_write_atomic(path, "three", 5, 0640, &err), 0);
	assert_int_equal(file_read(path, &out, &err), 0);
	assert_string_equal(out.p, "three");
	str_clear(&out);
	assert_int_equal(file_write_atomic(path, "larger", 6, 0600, &err), 0);
	assert_int_equal(file_read(path, &out, &err), -ERR_LIMIT);
	str_release(&out);
	free(path);
	assert_int_equal(file_read("/nonexistent/x", &out, &err), -ERR_NOT_FOUND);
	assert_int_equal(file_write_atomic("/nonexistent/x", "", 0, 0600, &err), -ERR_IO);
}

static void a_file_that_others_may_open_is_not_private(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char *path = in_dir("file");
	assert_int_equal(file_write_atomic(path, "x", 1, 0600, &err), 0);
	assert_int_equal(file_check_private(path, &err), 0);
	chmod(path, 0644);
	assert_int_equal(file_check_private(path, &err), -ERR_PERMISSION);
	assert_non_null(strstr(err.text, "0644"));
	assert_non_null(strstr(err.text, "chmod 600"));
	assert_int_equal(file_check_private(dir, &err), -ERR_PERMISSION);
	assert_int_equal(file_check_private("/nonexistent/x", &err), -ERR_NOT_FOUND);
	free(path);
}

static void random_ids_differ(void **state)
{
	(void)state;
	char a[33], b[33];
	random_id(a);
	random_id(b);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_string_not_equal(a, b);
	assert_true(random_u64() != random_u64());
}

static void read_log(struct str *out)
{
	char *path = in_dir("log");
	str_clear(out);
	assert_int_equal(file_read(path, out, NULL), 0);
	free(path);
}

static void the_log_shows_neither_secrets_nor_controls(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct str text = STR_INIT;
	struct stat st;
	char *path = in_dir("log");
	assert_int_equal(log_open(path, "test", LOG_INFO, &err), 0);
	secret_know("tok");
	secret_know("token-123");
	secret_know("");
	log_line(LOG_DEBUG, "not written");
	log_line(LOG_WARN, "a %s b\n\x1b[31m \xE2\x80\xAE \xFF caf\xC3\xA9", "token-123");
	read_log(&text);
	assert_null(strstr(text.p, "not written"));
	assert_null(strstr(text.p, "-123")); /* that of "token-123"; the process's number may have these digits */
	assert_non_null(strstr(text.p, "Z warn test["));
	assert_non_null(strstr(text.p, "]: a [secret] b\\x0a\\x1b[31m \\xe2\\x80\\xae \\xff caf\xC3\xA9\n"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	log_close();
	str_release(&text);
	free(path);
}

/* "ś" has in it the byte that begins a control sequence there. */
static void on_a_terminal_without_utf8_the_log_is_ascii(void **state)
{
	(void)state;
	int ends[2], before = dup(STDERR_FILENO);
	log_close();
	char line[256];
	struct termios raw;
	assert_int_equal(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
	tcgetattr(ends[1], &raw);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	tcsetattr(ends[1], TCSANOW, &raw);
	setlocale(LC_CTYPE, "C");
	dup2(ends[1], STDERR_FILENO);
	log_line(LOG_WARN, "\305\233[2J");
	dup2(before, STDERR_FILENO);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	ssize_t got = read(ends[0], line, sizeof line - 1);
	line[got > 0 ? got : 0] = '\0';
	assert_non_null(strstr(line, "]: \\xc5\\x9b[2J\n"));
	close(before);
	close(ends[0]);
	close(ends[1]);
}

static void a_log_that_has_grown_is_put_aside_at_open(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char *path = in_dir("log"), *old = in_dir("log.1");
	assert_int_equal(truncate(path, 9 * 1024 * 1024), 0);
	assert_int_equal(log_open(path, "test", LOG_INFO, &err), 0);
	log_close();
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_true(path_exists(old));
	assert_int_equal(log_open("/nonexistent/log", "test", LOG_INFO, &err), -ERR_IO);
	free(path);
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(adding_nothing_leaves_an_empty_string),
	        cmocka_unit_test(a_cap_refuses_the_whole_addition),
	        cmocka_unit_test(a_copy_is_cut_between_code_points),
	        cmocka_unit_test(only_whole_decimal_numbers_are_parsed),
	        cmocka_unit_test(directories_follow_the_xdg_specification),
	        cmocka_unit_test(paths_are_joined_and_parted),
	        cmocka_unit_test(directories_are_made_with_their_parents),
	        cmocka_unit_test(a_file_is_replaced_whole_and_read_up_to_a_cap),
	        cmocka_unit_test(a_file_that_others_may_open_is_not_private),
	        cmocka_unit_test(random_ids_differ),
	        cmocka_unit_test(the_log_shows_neither_secrets_nor_controls),
	        cmocka_unit_test(on_a_terminal_without_utf8_the_log_is_ascii),
	        cmocka_unit_test(a_log_that_has_grown_is_put_aside_at_open),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
