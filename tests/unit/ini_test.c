#include "core/config/ini.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct arena arena;
	struct ini ini;
	struct problems problems;
};

static int set_up(void **state)
{
	*state = mem_alloc(sizeof(struct fixture));
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	ini_release(&f->ini);
	arena_release(&f->arena);
	problems_release(&f->problems);
	free(f);
	return 0;
}

static void parse(struct fixture *f, const char *text)
{
	ini_parse(text, strlen(text), "t.conf", &f->arena, &f->ini, &f->problems);
}

static void wants_value(const struct fixture *f, size_t section, size_t entry, const char *key, const char *value)
{
	assert_true(section < f->ini.sections.len);
	assert_true(entry < f->ini.sections.at[section].entries.len);
	assert_string_equal(f->ini.sections.at[section].entries.at[entry].key, key);
	assert_string_equal(f->ini.sections.at[section].entries.at[entry].value, value);
}

static void expect_problem(const struct fixture *f, size_t i, const char *expected)
{
	struct str text = STR_INIT;
	assert_true(i < f->problems.len);
	problem_format(&f->problems.at[i], &text);
	assert_string_equal(text.p, expected);
	str_release(&text);
}

static void sections_and_settings_keep_their_lines(void **state)
{
	struct fixture *f = *state;
	parse(f, "# head\n\n[desk]\n  agent = alice  \nstore=sqlite:a=b.db\n[ account   acme  corp ]\n\tempty =\n");
	assert_int_equal(f->problems.len, 0);
	assert_int_equal(f->ini.sections.len, 2);
	assert_string_equal(f->ini.sections.at[0].kind, "desk");
	assert_string_equal(f->ini.sections.at[0].name, "");
	assert_int_equal(f->ini.sections.at[0].line, 3);
	wants_value(f, 0, 0, "agent", "alice");
	assert_int_equal(f->ini.sections.at[0].entries.at[0].line, 4);
	wants_value(f, 0, 1, "store", "sqlite:a=b.db");
	assert_string_equal(f->ini.sections.at[1].kind, "account");
	assert_string_equal(f->ini.sections.at[1].name, "acme corp");
	wants_value(f, 1, 0, "empty", "");
	assert_int_equal(f->ini.sections.at[1].entries.at[0].line, 7);
}

static void comment_signs_inside_a_value_are_the_value(void **state)
{
	struct fixture *f = *state;
	parse(f, "[account a]\nlisten = \"acme corp\", #acme ; and more\n; a comment\n # another\n");
	assert_int_equal(f->problems.len, 0);
	wants_value(f, 0, 0, "listen", "\"acme corp\", #acme ; and more");
	assert_int_equal(f->ini.sections.at[0].entries.len, 1);
}

static void a_backslash_at_the_end_goes_on_in_the_next_line(void **state)
{
	struct fixture *f = *state;
	parse(f, "[canned a]\ntext = one \\\n    two \\  \n# three\nother = 1\n");
	assert_int_equal(f->problems.len, 0);
	wants_value(f, 0, 0, "text", "one two # three");
	wants_value(f, 0, 1, "other", "1");
	assert_int_equal(f->ini.sections.at[0].entries.at[0].line, 2);
	assert_int_equal(f->ini.sections.at[0].entries.at[0].last_line, 4);
	assert_int_equal(f->ini.sections.at[0].entries.at[1].line, 5);
}

static void two_backslashes_at_the_end_do_not_go_on(void **state)
{
	struct fixture *f = *state;
	parse(f, "[canned a]\ntext = one\\\\\nother = 1\n");
	assert_int_equal(f->problems.len, 0);
	wants_value(f, 0, 0, "text", "one\\\\");
	wants_value(f, 0, 1, "other", "1");
}

static void a_value_that_goes_on_at_the_end_of_the_file_is_an_error(void **state)
{
	struct fixture *f = *state;
	parse(f, "[canned a]\ntext = one \\");
	expect_problem(f, 0,
	        "t.conf:2: found a value that goes on (its last line ends in a backslash), expected another line");
}

static void crlf_a_byte_order_mark_and_a_missing_last_newline_are_fine(void **state)
{
	struct fixture *f = *state;
	parse(f, "\xef\xbb\xbf[desk]\r\nagent = alice\\\r\n bob\r\nlayout = rows");
	assert_int_equal(f->problems.len, 0);
	wants_value(f, 0, 0, "agent", "alicebob");
	wants_value(f, 0, 1, "layout", "rows");
}

static void a_value_of_100_kb_is_kept_whole(void **state)
{
	struct fixture *f = *state;
	struct str text = STR_INIT;
	str_adds(&text, "[canned long]\ntext = ");
	for (int i = 0; i < 100 * 1024; i++)
		str_addc(&text, (char)('a' + i % 26));
	str_adds(&text, "\nafter = 1\n");
	parse(f, text.p);
	str_release(&text);
	assert_int_equal(f->problems.len, 0);
	assert_int_equal(strlen(f->ini.sections.at[0].entries.at[0].value), 100 * 1024);
	wants_value(f, 0, 1, "after", "1");
}

static void what_is_no_text_is_refused_with_its_line(void **state)
{
	struct fixture *f = *state;
	static const char nul[] = "[desk]\nagent = a\0b\n";
	static const char latin1[] = "[desk]\nagent = \xe9mile\n";
	static const char escape[] = "[desk]\n\nagent = \033[2J\n";
	ini_parse(nul, sizeof nul - 1, "t.conf", &f->arena, &f->ini, &f->problems);
	parse(f, latin1);
	parse(f, escape);
	expect_problem(f, 0, "t.conf:2: found a control character (0x00), expected text");
	expect_problem(f, 1, "t.conf:2: found bytes that are no UTF-8, expected text in UTF-8");
	expect_problem(f, 2, "t.conf:3: found a control character (0x1b), expected text");
	assert_int_equal(f->ini.sections.len, 0);
}

static void every_wrong_line_is_told(void **state)
{
	struct fixture *f = *state;
	parse(f, "early = 1\n[desk\n unheard = 1\n[]\n[desk] x\n[desk]\nno equals\n= 5\nagent = alice\n");
	expect_problem(f, 0, "t.conf:1: found \"early\" before any section, expected a section like [desk] first");
	expect_problem(f, 1, "t.conf:2: found \"[desk\", expected a section like [account acme]");
	expect_problem(f, 2, "t.conf:4: found a section name of 0 bytes, expected 1 to 64, like [account acme]");
	expect_problem(f, 3, "t.conf:5: found \"[desk] x\", expected a section like [account acme]");
	expect_problem(f, 4, "t.conf:7: found \"no equals\", expected key = value");
	expect_problem(f, 5, "t.conf:8: found \"=\" with no key before it, expected key = value");
	assert_int_equal(f->problems.len, 6);
	wants_value(f, 0, 0, "agent", "alice");
}

static void problems_beyond_the_cap_are_counted(void **state)
{
	struct fixture *f = *state;
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	for (int i = 0; i < 1000; i++)
		str_adds(&text, "nonsense\n");
	parse(f, text.p);
	str_release(&text);
	assert_int_equal(f->problems.len, PROBLEMS_MAX);
	assert_int_equal(f->problems.errors, 1000);
	assert_int_equal(problems_result(&f->problems, &err), -ERR_CONFIG);
	assert_string_equal(err.text, "t.conf:1: found \"nonsense\", expected key = value (and 999 more)");
}

static void sections_beyond_the_cap_are_refused(void **state)
{
	struct fixture *f = *state;
	struct str text = STR_INIT;
	for (int i = 0; i <= INI_SECTIONS_MAX; i++)
		str_addf(&text, "[view %d]\n", i);
	parse(f, text.p);
	str_release(&text);
	assert_int_equal(f->ini.sections.len, INI_SECTIONS_MAX);
	expect_problem(f, 0, "t.conf:10001: found more than 10000 sections, expected fewer");
}

static void a_directory_a_missing_and_a_huge_file_are_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	char path[] = "/tmp/curlew-ini.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)INI_FILE_MAX + 1), 0);
	close(fd);
	assert_int_equal(ini_read(path, &f->arena, &f->ini, &f->problems, &err), -ERR_LIMIT);
	assert_non_null(strstr(err.text, "found a file of 4194305 bytes, expected at most 4194304"));
	unlink(path);
	assert_int_equal(ini_read(path, &f->arena, &f->ini, &f->problems, &err), -ERR_NOT_FOUND);
	assert_int_equal(ini_read("/", &f->arena, &f->ini, &f->problems, &err), -ERR_CONFIG);
	assert_string_equal(err.text, "/: found a directory, expected a file");
}

static void a_file_that_may_not_be_read_is_said_to_be(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	char path[] = "/tmp/curlew-ini.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0), 0);
	close(fd);
	/* The superuser may read everything. */
	int rc = ini_read(path, &f->arena, &f->ini, &f->problems, &err);
	unlink(path);
	if (geteuid() == 0)
		assert_int_equal(rc, 0);
	else
		assert_int_equal(rc, -ERR_PERMISSION);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(sections_and_settings_keep_their_lines),
	        TEST(comment_signs_inside_a_value_are_the_value),
	        TEST(a_backslash_at_the_end_goes_on_in_the_next_line),
	        TEST(two_backslashes_at_the_end_do_not_go_on),
	        TEST(a_value_that_goes_on_at_the_end_of_the_file_is_an_error),
	        TEST(crlf_a_byte_order_mark_and_a_missing_last_newline_are_fine),
	        TEST(a_value_of_100_kb_is_kept_whole),
	        TEST(what_is_no_text_is_refused_with_its_line),
	        TEST(every_wrong_line_is_told),
	        TEST(problems_beyond_the_cap_are_counted),
	        TEST(sections_beyond_the_cap_are_refused),
	        TEST(a_directory_a_missing_and_a_huge_file_are_refused),
	        TEST(a_file_that_may_not_be_read_is_said_to_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
