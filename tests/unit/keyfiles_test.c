/* The key files that are built in: each is right, loses no command, and keeps the rules of keys that come through any
 * terminal and any SSH connection. Data-driven: a key file or a command that is added is tested with the others. */
#include "keymaps/keymap.h"
#include "tui/desk/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void load(struct keymap *keymap, const char *name)
{
	struct problems problems;
	struct err err = ERR_INIT;
	problems_init(&problems);
	keymap_init(keymap, desk_keymap_names());
	if (keymap_load(keymap, NULL, name, &problems, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	for (size_t i = 0; i < problems.len; i++)
		fail_msg("%s:%d: %s", problems.at[i].file, problems.at[i].line, problems.at[i].text);
	problems_release(&problems);
}

typedef void check_binding(const char *file, const struct binding *binding, const char *keys);

/* Every binding of every built-in file. */
static void check_all(check_binding *check)
{
	const char *name;
	for (size_t i = 0; (name = keymap_builtin_name(i)); i++) {
		struct keymap keymap;
		load(&keymap, name);
		for (size_t j = 0; j < keymap.len; j++) {
			char keys[CHORD_TEXT_MAX];
			chord_format(keymap.at[j].keys.at, keymap.at[j].keys.len, keys, sizeof keys);
			check(name, &keymap.at[j], keys);
		}
		keymap_release(&keymap);
	}
}

static void each_is_there_and_worth_no_warning(void **state)
{
	(void)state;
	static const char *const expected[] = {"altgr", "azerty", "default", "emacs", "gmail"};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		struct keymap keymap;
		assert_non_null(keymap_builtin(expected[i]));
		load(&keymap, expected[i]);
		keymap_release(&keymap);
	}
	assert_null(keymap_builtin("vi"));
}

static void what_default_reaches_each_of_them_reaches_in_the_same_mode(void **state)
{
	(void)state;
	struct keymap normal, other;
	const char *name;
	load(&normal, "default");
	for (size_t i = 0; (name = keymap_builtin_name(i)); i++) {
		load(&other, name);
		for (size_t j = 0; j < normal.len; j++) {
			const char *command = command_get((enum command_id)normal.at[j].command)->name;
			if (!keymap_keys_of(&other, normal.at[j].mode, command, NULL))
				fail_msg("%s.keys has no key for %s in mode %s", name, command,
				        mode_name((enum mode)normal.at[j].mode));
		}
		keymap_release(&other);
	}
	keymap_release(&normal);
}

static bool has_ctrl(const struct binding *binding, const char *letters)
{
	for (size_t i = 0; i < binding->keys.len; i++)
		for (const char *p = letters; *p; p++)
			if (key_eq(binding->keys.at[i], key_ctrl(*p)))
				return true;
	return false;
}

/* Flow control, and what cannot be told from Backspace, Enter and a signal. */
static void check_through(const char *file, const struct binding *binding, const char *keys)
{
	enum command_id command = (enum command_id)binding->command;
	for (size_t i = 0; i < binding->keys.len; i++)
		if (binding->keys.at[i].mods & KEY_MOD_ALT)
			fail_msg("%s.keys binds %s: Alt is Esc and a key over SSH", file, keys);
	if (has_ctrl(binding, "sqhj\\"))
		fail_msg("%s.keys binds %s, which does not come through", file, keys);
	if (has_ctrl(binding, "ab") && !(1u << binding->mode & IN_TEXT))
		fail_msg("%s.keys binds %s outside a text: screen and tmux take it", file, keys);
	if (has_ctrl(binding, "z") && command != CMD_SUSPEND)
		fail_msg("%s.keys binds %s to something else than suspend", file, keys);
	if (has_ctrl(binding, "c") && (command != CMD_BACK || binding->keys.len != 1))
		fail_msg("%s.keys binds %s to something else than back", file, keys);
	if (has_ctrl(binding, "g") && (command != CMD_RECALL || binding->keys.len != 1))
		fail_msg("%s.keys binds %s to something else than recall", file, keys);
}

static void no_key_is_one_that_terminals_or_signals_take(void **state)
{
	(void)state;
	check_all(check_through);
}

/* They read as another key, which the file should name. */
static void no_file_writes_a_key_by_its_alias(void **state)
{
	(void)state;
	static const char *const aliases[] = {"^I", "^M", "^[", "^i", "^m", "<A-", "<C-i>", "<C-m>"};
	const char *name;
	for (size_t i = 0; (name = keymap_builtin_name(i)); i++)
		for (size_t j = 0; j < sizeof aliases / sizeof *aliases; j++)
			for (const char *p = keymap_builtin(name); (p = strstr(p, "\nbind ")); p++) {
				char line[200];
				snprintf(line, sizeof line, "%.*s", (int)strcspn(p + 1, "\n"), p + 1);
				if (strstr(line, aliases[j]))
					fail_msg("%s.keys: %s", name, line);
			}
}

static void leaving_recalling_and_stopping_work_from_every_mode(void **state)
{
	(void)state;
	const char *name;
	for (size_t i = 0; (name = keymap_builtin_name(i)); i++) {
		struct keymap keymap;
		load(&keymap, name);
		for (int mode = 0; mode < MODE_CONFIRM; mode++) {
			const struct key ctrl_c = key_ctrl('c'), ctrl_g = key_ctrl('g'), ctrl_z = key_ctrl('z');
			const struct binding *binding = NULL;
			assert_int_equal(keymap_lookup(&keymap, mode, &ctrl_c, 1, &binding), KEYMAP_EXACT);
			assert_int_equal(binding->command, CMD_BACK);
			assert_int_equal(keymap_lookup(&keymap, mode, &ctrl_g, 1, &binding), KEYMAP_EXACT);
			assert_int_equal(binding->command, CMD_RECALL);
			assert_int_equal(keymap_lookup(&keymap, mode, &ctrl_z, 1, &binding), KEYMAP_EXACT);
			assert_int_equal(binding->command, CMD_SUSPEND);
		}
		keymap_release(&keymap);
	}
}

/* Where text goes out, one key may not be more than one stroke away from another that is meant. */
static void nothing_but_the_send_bar_sends(void **state)
{
	(void)state;
	const char *name;
	for (size_t i = 0; (name = keymap_builtin_name(i)); i++) {
		struct keymap keymap;
		const struct binding *binding;
		size_t at = 0;
		load(&keymap, name);
		while ((binding = keymap_next(&keymap, MODE_SENDBAR, &at))) {
			bool sends = binding->command == CMD_SEND_NOW || binding->command == CMD_SEND_ANYWAY;
			if (sends && key_text(binding->keys.at[0]))
				fail_msg("%s.keys sends by a character", name);
		}
		keymap_release(&keymap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_is_there_and_worth_no_warning),
	        cmocka_unit_test(what_default_reaches_each_of_them_reaches_in_the_same_mode),
	        cmocka_unit_test(no_key_is_one_that_terminals_or_signals_take),
	        cmocka_unit_test(no_file_writes_a_key_by_its_alias),
	        cmocka_unit_test(leaving_recalling_and_stopping_work_from_every_mode),
	        cmocka_unit_test(nothing_but_the_send_bar_sends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
