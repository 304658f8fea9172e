#include "core/base/str.h"
#include "core/model/action.h"
#include "core/model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROUND_TRIP(type, count)                                                                                        \
	for (int i = 0; i < (count); i++) {                                                                            \
		enum type back;                                                                                        \
		assert_true(type##_parse(type##_name((enum type)i), &back));                                           \
		assert_int_equal(back, i);                                                                             \
	}

static void each_name_is_read_back_as_its_value(void **state)
{
	(void)state;
	ROUND_TRIP(case_status, STATUS_COUNT)
	ROUND_TRIP(visibility, VIS_COUNT)
	ROUND_TRIP(direction, DIR_COUNT)
	ROUND_TRIP(reply_kind, REPLY_KIND_COUNT)
	ROUND_TRIP(reply_state, REPLY_STATE_COUNT)
	ROUND_TRIP(account_state, ACCOUNT_STATE_COUNT)
	ROUND_TRIP(media_kind, MEDIA_COUNT)
	ROUND_TRIP(escalation_state, ESCALATION_STATE_COUNT)
	ROUND_TRIP(case_field, FIELD_COUNT)
}

static void each_action_is_read_back_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++) {
		enum action_kind kind;
		assert_true(action_parse(action_name((enum action_kind)i), &kind));
		assert_int_equal(kind, i);
		assert_true(*action_line(kind));
	}
}

static void an_unknown_word_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	enum case_status status = STATUS_DONE;
	assert_false(case_status_parse("Done", &status));
	assert_false(case_status_parse("", &status));
	assert_false(case_status_parse(NULL, &status));
	assert_int_equal(status, STATUS_DONE);
}

static void a_value_beyond_the_table_has_a_name_all_the_same(void **state)
{
	(void)state;
	assert_string_equal(case_status_name((enum case_status)99), "unknown");
	assert_string_equal(action_name((enum action_kind)999), "unknown");
	assert_string_equal(case_field_name((enum case_field)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_name_is_read_back_as_its_value),
	        cmocka_unit_test(each_action_is_read_back_by_its_name),
	        cmocka_unit_test(an_unknown_word_is_refused_and_changes_nothing),
	        cmocka_unit_test(a_value_beyond_the_table_has_a_name_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
