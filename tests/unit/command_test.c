#include "tui/desk/command.h"

#include "core/base/str.h"
#include "keymaps/keymap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define NOW 1790000000000

static struct arena arena;
static struct action action;
static struct err err;

static int words(enum command_id id, const char *args)
{
	err_clear(&err);
	return command_action(id, args, "alice", NOW, &arena, &action, &err);
}

static void every_row_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < CMD_COUNT; i++) {
		const struct command *command = command_get((enum command_id)i);
		assert_int_equal(command->id, i);
		assert_ptr_equal(command_find(command->name, strlen(command->name)), command);
		assert_true(*command->help && command->modes && command->run);
		assert_true(strlen(command->help) < 80);
		assert_true((command->arg == ARG_NONE) == !*command->usage);
		for (const char *p = command->name; *p; p++)
			assert_true((*p >= 'a' && *p <= 'z') || *p == '-');
	}
}

static void the_default_keys_are_free_of_problems(void **state)
{
	(void)state;
	struct keymap keymap;
	struct problems problems = {0};
	keymap_init(&keymap, desk_keymap_names());
	assert_int_equal(keymap_load(&keymap, NULL, "default", &problems, &err), 0);
	assert_int_equal(problems.warnings, 0);
	for (size_t i = 0; i < keymap.len; i++) {
		const struct command *command = command_get((enum command_id)keymap.at[i].command);
		assert_true(command->modes & 1u << keymap.at[i].mode);
	}
	problems_release(&problems);
	keymap_release(&keymap);
}

static void no_command_that_publishes_is_an_action_or_repeats(void **state)
{
	(void)state;
	for (int i = 0; i < CMD_COUNT; i++) {
		const struct command *command = command_get((enum command_id)i);
		if (command->flags & CMDF_PUBLIC) {
			assert_false(command->flags & CMDF_REPEAT);
			assert_true(words(command->id, "x") < 0);
		}
	}
}

static void done_and_escalations_never_repeat(void **state)
{
	(void)state;
	assert_false(command_get(CMD_DONE)->flags & CMDF_REPEAT);
	assert_false(command_get(CMD_ESCALATE)->flags & CMDF_REPEAT);
}

static void a_line_is_a_command_and_its_arguments(void **state)
{
	(void)state;
	const char *args;
	assert_int_equal(command_parse(":  tag   billing now ", &args, &err)->id, CMD_TAG);
	assert_string_equal(args, "billing now ");
	assert_int_equal(command_parse("undo", &args, &err)->id, CMD_UNDO);
	assert_string_equal(args, "");
	assert_null(command_parse("undo that", &args, &err));
	assert_non_null(strstr(err.text, "takes no arguments"));
	assert_null(command_parse("untag", &args, &err));
	assert_string_equal(err.text, "untag needs TAG");
	assert_null(command_parse("", &args, &err));
}

static void words_make_the_same_actions_everywhere(void **state)
{
	(void)state;
	assert_int_equal(words(CMD_CLAIM, ""), 0);
	assert_int_equal(action.kind, ACTION_CLAIM);
	assert_string_equal(action.agent, "alice");
	assert_int_equal(words(CMD_ESCALATE, " billing refund stuck "), 0);
	assert_string_equal(action.arg, "billing");
	assert_string_equal(action.text, "refund stuck ");
	assert_int_equal(words(CMD_NOTE, "ask @bob"), 0);
	assert_string_equal(action.text, "ask @bob");
	assert_int_equal(words(CMD_SNOOZE, "4h"), 0);
	assert_int_equal(action.until, NOW + 4 * 3600000);
	assert_int_equal(words(CMD_MUTE, ""), 0);
	assert_int_equal(action.until, NOW + 24 * 3600000);
	assert_int_equal(words(CMD_SPAM, ""), 0);
	assert_int_equal(action.kind, ACTION_IGNORE);
	assert_string_equal(action.arg, "spam");
	assert_int_equal(words(CMD_DONE, ""), 0);
	assert_int_equal(words(CMD_DONE, "praise"), 0);
	assert_string_equal(action.arg, "praise");
	assert_int_equal(words(CMD_JOIN, "#45 @sam.bsky.example  bluesky"), 0);
	assert_string_equal(action.arg, "45");
	assert_int_equal(words(CMD_PART, "@sam.bsky.example"), 0);
	assert_string_equal(action.arg, "@sam.bsky.example");
}

static void missing_and_wrong_words_are_told(void **state)
{
	(void)state;
	assert_int_equal(words(CMD_TAG, ""), -ERR_USAGE);
	assert_int_equal(words(CMD_NOTE, "  "), -ERR_USAGE);
	assert_int_equal(words(CMD_SNOOZE, ""), -ERR_USAGE);
	assert_int_equal(words(CMD_SNOOZE, "soonish"), -ERR_USAGE);
	assert_int_equal(words(CMD_SEARCH, "x"), -ERR_USAGE);
	assert_non_null(strstr(err.text, "search"));
}

static void every_command_for_scripts_makes_an_action(void **state)
{
	(void)state;
	for (int i = 0; i < CMD_COUNT; i++) {
		const struct command *command = command_get((enum command_id)i);
		if (command->flags & CMDF_DO && command->id != CMD_REPLY)
			assert_int_equal(words(command->id, command->arg == ARG_WHEN ? "1h" : "high"), 0);
	}
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_row_is_whole),
	        cmocka_unit_test(the_default_keys_are_free_of_problems),
	        cmocka_unit_test(no_command_that_publishes_is_an_action_or_repeats),
	        cmocka_unit_test(done_and_escalations_never_repeat),
	        cmocka_unit_test(a_line_is_a_command_and_its_arguments),
	        cmocka_unit_test(words_make_the_same_actions_everywhere),
	        cmocka_unit_test(missing_and_wrong_words_are_told),
	        cmocka_unit_test(every_command_for_scripts_makes_an_action),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
