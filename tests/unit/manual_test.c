/* What the pages of the manual show as examples is right: the programs' own readers take it without a word. */
#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/config/config.h"
#include "core/model/record.h"
#include "keymaps/keymap.h"
#include "tui/desk/command.h"
#include "tui/desk/macro.h"
#include "tui/view/theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Appends what stands between the page's .Bd and .Ed that begins so. */
static void example(const char *page, const char *begins, struct str *out)
{
	struct str path = STR_INIT, source = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "man/%s", page);
	assert_int_equal(file_read(path.p, &source, &err), 0);
	const char *at = source.p;
	while (at && !str_starts(at, begins)) {
		at = strstr(at, "\n.Bd -literal");
		at = at ? strchr(at + 1, '\n') : NULL;
		at = at ? at + 1 : NULL;
	}
	if (!at) {
		fail_msg("%s has no example that begins with \"%s\"", page, begins);
		return;
	}
	const char *end = strstr(at, "\n.Ed");
	assert_non_null(end);
	str_add(out, at, (size_t)(end + 1 - at));
	str_release(&path);
	str_release(&source);
}

static void expect_none(const char *page, const struct problems *problems)
{
	if (problems->len)
		fail_msg("%s: line %d of its example: %s", page, problems->at[0].line, problems->at[0].text);
}

static void write_file(const char *dir, const char *name, const struct str *text, struct str *path)
{
	struct err err = ERR_INIT;
	str_addf(path, "%s/%s", dir, name);
	assert_int_equal(file_write_atomic(path->p, text->p, text->len, 0600, &err), 0);
}

static void make_dir(char *dir)
{
	assert_non_null(mkdtemp(dir));
}

static void expect_config(const char *page, const char *const *begins)
{
	char dir[] = "/tmp/curlew-manual-XXXXXX";
	struct str text = STR_INIT, path = STR_INIT;
	struct config config;
	struct problems problems;
	struct err err = ERR_INIT;
	make_dir(dir);
	for (; *begins; begins++) {
		example(page, *begins, &text);
		str_addc(&text, '\n');
	}
	write_file(dir, "curlew.conf", &text, &path);
	problems_init(&problems);
	int result = config_load(path.p, &config, &problems, &err);
	expect_none(page, &problems);
	assert_int_equal(result, 0);
	for (size_t i = 0; i < config.macros_len; i++)
		if (macro_check(config.macros[i].commands, &err))
			fail_msg("%s: %s", page, err.text);
	unlink(path.p);
	rmdir(dir);
	config_release(&config);
	problems_release(&problems);
	str_release(&text);
	str_release(&path);
}

static void the_examples_of_configurations_are_right(void **state)
{
	(void)state;
	expect_config("curlew.conf.5", (const char *const[]){"[desk]\n", "[macro refund]\n", NULL});
	expect_config("curlew-rss.1", (const char *const[]){"[account ", NULL});
	expect_config("curlew-replay.1", (const char *const[]){"[account ", NULL});
}

static void the_example_of_a_key_file_is_right(void **state)
{
	(void)state;
	char dir[] = "/tmp/curlew-manual-XXXXXX";
	struct str text = STR_INIT, keys = STR_INIT, path = STR_INIT;
	struct keymap keymap;
	struct problems problems;
	struct err err = ERR_INIT;
	make_dir(dir);
	str_addf(&keys, "%s/keymaps", dir);
	assert_int_equal(mkdir(keys.p, 0700), 0);
	example("curlew-keys.5", "include default\n", &text);
	write_file(keys.p, "mine.keys", &text, &path);
	problems_init(&problems);
	keymap_init(&keymap, desk_keymap_names());
	int result = keymap_load(&keymap, dir, "mine", &problems, &err);
	expect_none("curlew-keys.5", &problems);
	assert_int_equal(result, 0);
	unlink(path.p);
	rmdir(keys.p);
	rmdir(dir);
	keymap_release(&keymap);
	problems_release(&problems);
	str_release(&text);
	str_release(&keys);
	str_release(&path);
}

static void the_example_of_a_theme_is_right(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	struct theme theme;
	struct problems problems;
	struct err err = ERR_INIT;
	example("curlew.conf.5", "include default\n", &text);
	problems_init(&problems);
	int result = theme_parse(&theme, text.p, text.len, "my.theme", &problems, &err);
	expect_none("curlew.conf.5", &problems);
	assert_int_equal(result, 0);
	problems_release(&problems);
	str_release(&text);
}

static void the_least_record_is_one(void **state)
{
	(void)state;
	struct str text = STR_INIT;
	struct arena arena = ARENA_INIT;
	struct record record;
	struct err err = ERR_INIT;
	example("curlew-adapter.7", "{\"account\":", &text);
	json *object = json_parse(text.p, text.len, &err);
	assert_non_null(object);
	if (record_read(object, true, &arena, &record, &err))
		fail_msg("%s", err.text);
	assert_string_equal(record.post.remote_id, "1001");
	json_free(object);
	arena_release(&arena);
	str_release(&text);
}

int main(void)
{
	unsetenv("CURLEW_CONFIG");
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_examples_of_configurations_are_right),
	        cmocka_unit_test(the_example_of_a_key_file_is_right),
	        cmocka_unit_test(the_example_of_a_theme_is_right),
	        cmocka_unit_test(the_least_record_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
