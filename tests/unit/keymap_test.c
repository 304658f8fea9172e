#include "core/base/mem.h"
#include "core/base/paths.h"
#include "keymaps/keymap.h"
#include "tui/desk/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The desk's own table, as the desk hands it to a keymap. */
static const struct keymap_mode modes[] = {
        {"inbox", IN_INBOX},
        {"thread", IN_THREAD},
        {"composer", IN_COMPOSER},
        {"sendbar", IN_SENDBAR},
        {"prompt", IN_PROMPT},
        {"picker", IN_PICKER},
        {"help", IN_HELP},
        {"handover", IN_HANDOVER},
        {"desk", IN_DESK},
        {"text", IN_TEXT},
        {"lists", IN_LISTS},
        {"any", IN_ALL},
};

static const struct keymap_command commands[] = {
#define X(id, word, fn, modes, arg, usage, flags, group, help) {word, modes},
#include "tui/desk/command.def"
#undef X
};

static const struct keymap_names names = {modes, sizeof modes / sizeof *modes, commands,
        sizeof commands / sizeof *commands, IN_TEXT | IN_PICKER | IN_SENDBAR, CMD_BACK};

struct fixture {
	struct keymap keymap;
	struct problems problems;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	keymap_init(&f->keymap, &names);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	keymap_release(&f->keymap);
	problems_release(&f->problems);
	free(f);
	return 0;
}

static int parse(struct fixture *f, const char *text)
{
	keymap_release(&f->keymap);
	problems_release(&f->problems);
	err_clear(&f->err);
	return keymap_parse(&f->keymap, text, strlen(text), "t.keys", &f->problems, &f->err);
}

static void parse_well(struct fixture *f, const char *text)
{
	if (parse(f, text) < 0)
		fail_msg("%s", f->err.text);
}

/* "" for none, "…" for more keys needed, else the command and its arguments. */
static const char *meaning(const struct fixture *f, int mode, const char *keys)
{
	static char text[128];
	struct chord chord = {.len = 0};
	const struct binding *binding = NULL;
	struct err err = ERR_INIT;
	assert_int_equal(chord_parse(keys, &chord, &err), 0);
	switch (keymap_lookup(&f->keymap, mode, chord.at, chord.len, &binding)) {
	case KEYMAP_NONE: return "";
	case KEYMAP_PREFIX: return "…";
	case KEYMAP_EXACT: break;
	}
	snprintf(
	        text, sizeof text, "%s%s%s", commands[binding->command].name, *binding->args ? " " : "", binding->args);
	return text;
}

static void expect_problem(const struct fixture *f, size_t i, const char *expected)
{
	struct str text = STR_INIT;
	assert_true(i < f->problems.len);
	problem_format(&f->problems.at[i], &text);
	assert_string_equal(text.p, expected);
	str_release(&text);
}

static void the_built_in_keys_are_right_and_worth_no_warning(void **state)
{
	struct fixture *f = *state;
	if (keymap_load(&f->keymap, NULL, "default", &f->problems, &f->err) < 0)
		fail_msg("%s", f->err.text);
	if (f->problems.len)
		fail_msg("line %d: %s", f->problems.at[0].line, f->problems.at[0].text);
	assert_string_equal(meaning(f, MODE_INBOX, "j"), "down");
	assert_string_equal(meaning(f, MODE_THREAD, "gi"), "view i");
	assert_string_equal(meaning(f, MODE_INBOX, "g"), "…");
	assert_string_equal(meaning(f, MODE_INBOX, "gx"), "");
	assert_string_equal(meaning(f, MODE_INBOX, "zm"), "snooze mon 9:00");
	assert_string_equal(meaning(f, MODE_COMPOSER, "j"), "");
	assert_string_equal(meaning(f, MODE_COMPOSER, "^G"), "recall");
	assert_string_equal(meaning(f, MODE_SENDBAR, "^Y"), "send-anyway");
	assert_string_equal(meaning(f, MODE_COMPOSER, "^Y"), "yank");
}

static void every_hidden_command_has_a_key(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name;
		unsigned modes, flags;
	} rows[] = {
#define X(id, word, fn, modes, arg, usage, flags, group, help) {word, modes, flags},
#include "tui/desk/command.def"
#undef X
	};
	assert_int_equal(keymap_load(&f->keymap, NULL, "default", &f->problems, &f->err), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (int mode = 0; mode < MODE_CONFIRM; mode++) {
			if ((rows[i].flags & CMDF_HIDDEN) && (rows[i].modes >> mode & 1) &&
			        !keymap_keys_of(&f->keymap, mode, rows[i].name, NULL))
				fail_msg("%s has no key in mode %d", rows[i].name, mode);
		}
	}
}

static void a_name_for_several_modes_binds_in_each(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "bind desk x claim\nbind thread x release\n");
	assert_string_equal(meaning(f, MODE_INBOX, "x"), "claim");
	assert_string_equal(meaning(f, MODE_THREAD, "x"), "release");
	assert_string_equal(meaning(f, MODE_HELP, "x"), "");
}

static void a_later_line_overrides_and_unbind_removes(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "include default\nbind desk j claim\nunbind inbox k\nunbind desk gg\n");
	assert_int_equal(f->problems.len, 0);
	assert_string_equal(meaning(f, MODE_INBOX, "j"), "claim");
	assert_string_equal(meaning(f, MODE_INBOX, "k"), "");
	assert_string_equal(meaning(f, MODE_THREAD, "k"), "up");
	assert_string_equal(meaning(f, MODE_INBOX, "gg"), "");
	assert_string_equal(meaning(f, MODE_INBOX, "gi"), "view i");
	assert_string_equal(meaning(f, MODE_INBOX, "G"), "bottom");
}

static void arguments_are_the_rest_of_the_line(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "\xef\xbb\xbf# head\r\n\r\n  bind\tdesk  gx   view   needs # reply  \r\nbind desk # note");
	assert_string_equal(meaning(f, MODE_INBOX, "gx"), "view needs # reply");
	assert_string_equal(meaning(f, MODE_INBOX, "#"), "note");
	assert_int_equal(f->problems.len, 0);
}

static void the_same_keys_twice_in_a_file_are_worth_a_warning(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "bind desk x claim\nbind inbox x release\n");
	expect_problem(
	        f, 0, "t.keys:2: warning: found x in mode inbox again (first in line 1, for claim); this one counts");
	assert_int_equal(f->problems.len, 1);
	assert_string_equal(meaning(f, MODE_INBOX, "x"), "release");
}

static void keys_that_cannot_be_reached_are_worth_a_warning(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "bind desk xyz claim\nbind desk x release\n");
	expect_problem(f, 0,
	        "t.keys:1: warning: found xyz in mode inbox, which cannot be reached: x is bound to release "
	        "(t.keys:2)");
	assert_int_equal(f->problems.len, 1);
	assert_string_equal(meaning(f, MODE_INBOX, "x"), "release");
}

static void every_mistake_has_its_line_and_what_was_expected(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text, *problem;
	} cases[] = {
	        {"bnid desk x claim\n", "t.keys:1: found \"bnid\", expected bind, unbind, include or a comment"},
	        {"\nbind desk x clami\n", "t.keys:2: found \"clami\", expected a command; did you mean claim?"},
	        {"bind desk x zzzzzz\n", "t.keys:1: found \"zzzzzz\", expected a command"},
	        {"bind dekk x claim\n", "t.keys:1: found the mode \"dekk\", expected inbox, thread, composer, sendbar, "
	                                "prompt, picker, help, handover, "
	                                "desk, text, lists or any; did you mean desk?"},
	        {"bind desk <Entre> claim\n",
	                "t.keys:1: found \"<Entre>\", expected keys like j, gi, ^X, <Enter> or <C-Left>"},
	        {"bind desk x\n", "t.keys:1: found a bind that ends early, expected bind MODE KEYS COMMAND"},
	        {"bind\n", "t.keys:1: found a bind that ends early, expected bind MODE KEYS COMMAND"},
	        {"bind any x claim\n", "t.keys:1: found claim in mode any, expected a command that works in composer"},
	        {"bind sendbar x claim\n",
	                "t.keys:1: found claim in mode sendbar, expected a command that works in sendbar"},
	        {"unbind desk\n", "t.keys:1: found an unbind of another form, expected unbind MODE KEYS"},
	        {"unbind desk x claim\n", "t.keys:1: found an unbind of another form, expected unbind MODE KEYS"},
	        {"include\n", "t.keys:1: found an include of another form, expected include NAME"},
	        {"include ../x\n", "t.keys:1: found \"../x\", expected a keymap's name, without directories"},
	        {"include gmial\n", "t.keys:1: found no keymap gmial, expected the file keymaps/gmial.keys"},
	        {"bind desk x \033[2J\n",
	                "t.keys:1: found control characters or bytes that are no UTF-8, expected text"},
	        {"bind desk \xff claim\n",
	                "t.keys:1: found control characters or bytes that are no UTF-8, expected text"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(parse(f, cases[i].text), -ERR_CONFIG);
		expect_problem(f, 0, cases[i].problem);
		assert_int_equal(f->problems.len, 1);
		assert_int_equal(f->keymap.len, 0);
	}
	static const char nul[] = "bind desk x\0 claim\n";
	assert_int_equal(keymap_parse(&f->keymap, nul, sizeof nul - 1, "t.keys", &f->problems, &f->err), -ERR_CONFIG);
	parse_well(f, "unbind desk <F9>\n");
	expect_problem(f, 0, "t.keys:1: warning: found <F9> unbound in mode desk, where nothing is bound to it");
}

static void bindings_can_be_listed_for_help(void **state)
{
	struct fixture *f = *state;
	size_t i = 0, count = 0;
	const struct binding *binding;
	parse_well(f, "bind inbox gg top\nbind inbox <Home> top\nbind inbox z1 snooze 1h\nbind inbox z2 snooze 2h\n"
	              "bind help q back\n");
	while ((binding = keymap_next(&f->keymap, MODE_INBOX, &i))) {
		assert_int_equal(binding->mode, MODE_INBOX);
		count++;
	}
	assert_int_equal(count, 4);
	binding = keymap_keys_of(&f->keymap, MODE_INBOX, "top", NULL);
	assert_non_null(binding);
	assert_int_equal(binding->keys.len, 1);
	binding = keymap_keys_of(&f->keymap, MODE_INBOX, "snooze", "2h");
	assert_non_null(binding);
	assert_int_equal(binding->line, 4);
	assert_null(keymap_keys_of(&f->keymap, MODE_HELP, "top", NULL));
	assert_null(keymap_keys_of(&f->keymap, MODE_INBOX, "snooze", "9h"));
}

struct files {
	char dir[64];
	char *keymaps;
};

static void files_make(struct files *files)
{
	str_copy(files->dir, sizeof files->dir, "/tmp/curlew-keymap.XXXXXX");
	assert_non_null(mkdtemp(files->dir));
	files->keymaps = path_join(files->dir, "keymaps");
	assert_int_equal(mkdir(files->keymaps, 0700), 0);
}

static void files_write(const struct files *files, const char *name, const char *text)
{
	struct err err = ERR_INIT;
	char *path = path_join(files->keymaps, name);
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, &err), 0);
	free(path);
}

static void files_remove(struct files *files, const char *const *written, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *path = path_join(files->keymaps, written[i]);
		unlink(path);
		free(path);
	}
	rmdir(files->keymaps);
	rmdir(files->dir);
	free(files->keymaps);
}

static void a_file_may_include_others_and_the_built_in_one(void **state)
{
	struct fixture *f = *state;
	struct files files;
	files_make(&files);
	files_write(&files, "mine.keys", "include default\nbind desk j claim\n");
	files_write(&files, "default.keys", "include default\nbind desk k release\n");
	assert_int_equal(keymap_load(&f->keymap, files.dir, "mine", &f->problems, &f->err), 0);
	assert_int_equal(f->problems.len, 0);
	assert_string_equal(meaning(f, MODE_INBOX, "j"), "claim");
	assert_string_equal(meaning(f, MODE_INBOX, "k"), "release");
	assert_string_equal(meaning(f, MODE_INBOX, "G"), "bottom");
	files_remove(&files, (const char *const[]){"mine.keys", "default.keys"}, 2);
}

static void files_that_include_each_other_are_told(void **state)
{
	struct fixture *f = *state;
	struct files files;
	files_make(&files);
	files_write(&files, "a.keys", "include b\n");
	files_write(&files, "b.keys", "bind desk x claim\ninclude a\n");
	assert_int_equal(keymap_load(&f->keymap, files.dir, "a", &f->problems, &f->err), -ERR_CONFIG);
	assert_non_null(strstr(f->err.text, "b.keys:2: found an include of a inside itself, expected another keymap"));
	assert_string_equal(meaning(f, MODE_INBOX, "x"), "claim");
	files_remove(&files, (const char *const[]){"a.keys", "b.keys"}, 2);
	assert_int_equal(keymap_load(&f->keymap, files.dir, "a", &f->problems, &f->err), -ERR_NOT_FOUND);
}

static void unbinding_a_beginning_unbinds_all_that_begins_with_it(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "bind inbox z1 snooze 1h\nbind inbox z2 snooze 2h\nbind inbox y who\nbind thread z1 snooze 1h\n"
	              "unbind inbox z\nbind inbox z undo\n");
	assert_int_equal(f->problems.len, 0);
	assert_string_equal(meaning(f, MODE_INBOX, "z1"), "");
	assert_string_equal(meaning(f, MODE_INBOX, "z"), "undo");
	assert_string_equal(meaning(f, MODE_INBOX, "y"), "who");
	assert_string_equal(meaning(f, MODE_THREAD, "z1"), "snooze 1h");
}

static void keys_that_never_come_are_worth_a_warning(void **state)
{
	struct fixture *f = *state;
	parse_well(f, "bind desk ^C back\nbind desk ^S search\nbind desk ^J down\nbind composer x send\n"
	              "bind desk ^X^C quit\nbind desk ^X^H help\n");
	assert_int_equal(f->problems.len, 5);
	expect_problem(f, 0,
	        "t.keys:3: warning: found ^J in mode inbox, which cannot be reached: terminals send ^J for <Enter>");
	expect_problem(f, 1,
	        "t.keys:2: warning: found ^S in mode inbox, which cannot be reached: terminals keep ^S to stop their "
	        "output");
	expect_problem(f, 2,
	        "t.keys:5: warning: found ^X^C in mode inbox, which cannot be reached: its last keys end a sequence");
}

static void built_in_keymaps_are_found_by_name_and_include_their_kind(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(keymap_load(&f->keymap, NULL, "gmail", &f->problems, &f->err), 0);
	assert_string_equal(meaning(f, MODE_INBOX, "z"), "undo");
	assert_string_equal(meaning(f, MODE_INBOX, "j"), "down");
	parse_well(f, "include azerty\nunbind desk A\n");
	assert_string_equal(meaning(f, MODE_THREAD, "\xc3\xa9"), "view 2");
	assert_string_equal(meaning(f, MODE_THREAD, "A"), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(the_built_in_keys_are_right_and_worth_no_warning),
	        TEST(every_hidden_command_has_a_key),
	        TEST(a_name_for_several_modes_binds_in_each),
	        TEST(a_later_line_overrides_and_unbind_removes),
	        TEST(arguments_are_the_rest_of_the_line),
	        TEST(the_same_keys_twice_in_a_file_are_worth_a_warning),
	        TEST(keys_that_cannot_be_reached_are_worth_a_warning),
	        TEST(every_mistake_has_its_line_and_what_was_expected),
	        TEST(bindings_can_be_listed_for_help),
	        TEST(a_file_may_include_others_and_the_built_in_one),
	        TEST(files_that_include_each_other_are_told),
	        TEST(unbinding_a_beginning_unbinds_all_that_begins_with_it),
	        TEST(keys_that_never_come_are_worth_a_warning),
	        TEST(built_in_keymaps_are_found_by_name_and_include_their_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
