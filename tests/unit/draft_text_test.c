#include "core/model/draft_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BETWEEN "\n{your other desk?}\n"

static void check(const char *text, const char *other, const char *both)
{
	struct str out = STR_INIT;
	bool added = draft_text_merge(text, other, &out);
	assert_string_equal(out.p, both);
	assert_int_equal(added, !str_eq(text, both));
	str_release(&out);
}

static void the_other_text_stands_behind_a_placeholder(void **state)
{
	(void)state;
	check("mine", "theirs", "mine" BETWEEN "theirs");
	check("", "theirs", "theirs");
	check("mine", "", "mine");
}

static void what_is_said_already_is_not_said_again(void **state)
{
	(void)state;
	check("mine, and on", "mine", "mine, and on");
	check("mine" BETWEEN "theirs", "theirs" BETWEEN "mine", "mine" BETWEEN "theirs");
}

static void a_later_state_takes_the_place_of_an_earlier_one(void **state)
{
	(void)state;
	check("mine" BETWEEN "theirs", "theirs, and on" BETWEEN "mine", "mine" BETWEEN "theirs, and on");
	check("mine" BETWEEN "a" BETWEEN "b", "b2", "mine" BETWEEN "a" BETWEEN "b2");
}

static void what_a_third_desk_wrote_is_kept(void **state)
{
	(void)state;
	check("mine", "theirs" BETWEEN "third", "mine" BETWEEN "theirs" BETWEEN "third");
}

static void the_own_part_ends_at_the_placeholder(void **state)
{
	(void)state;
	assert_int_equal(draft_text_own("mine" BETWEEN "theirs"), 4);
	assert_int_equal(draft_text_own("mine"), 4);
}

static void a_draft_may_go_when_all_of_it_was_said(void **state)
{
	(void)state;
	assert_true(draft_text_says("@sam on its way", "on  its\nway"));
	assert_true(draft_text_says("anything", ""));
	assert_false(draft_text_says("on its way", "on its way" BETWEEN "theirs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_other_text_stands_behind_a_placeholder),
	        cmocka_unit_test(what_is_said_already_is_not_said_again),
	        cmocka_unit_test(a_later_state_takes_the_place_of_an_earlier_one),
	        cmocka_unit_test(what_a_third_desk_wrote_is_kept),
	        cmocka_unit_test(the_own_part_ends_at_the_placeholder),
	        cmocka_unit_test(a_draft_may_go_when_all_of_it_was_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
