#include "core/text/lookalike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *name, const char *wanted)
{
	char skeleton[SKELETON_MAX];
	assert_int_equal(lookalike_skeleton(name, strlen(name), skeleton), strlen(wanted));
	assert_string_equal(skeleton, wanted);
}

static void names_that_look_alike_have_one_skeleton(void **state)
{
	(void)state;
	static const char *const names[] = {"acme", "ACME", "a.c_m-e ", "acrne", "\u0430\u0441\u043C\u0435",
	        "\u00E1cm\u00E9", "ac\u200Bme", "\uFF21\uFF23\uFF2D\uFF25", "\U0001D41Acme", "\u03B1cme", "ac\u202Eme",
	        "a\u0335\u0336cme"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		expect(names[i], "acme");
	expect("BILL1", "bllll");
	expect("bIll|", "bllll");
	expect("vvren0", "wreno");
	expect("\u4F50\u85E4", "\u4F50\u85E4");
}

static void any_bytes_and_any_length_have_one(void **state)
{
	(void)state;
	char skeleton[SKELETON_MAX], name[4096];
	expect("", "");
	expect("\xFF\xC0\xAF \xED\xA0\x80", "");
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 3 ? 'x' : (char)0xE4;
	size_t len = lookalike_skeleton(name, sizeof name, skeleton);
	assert_true(len < SKELETON_MAX);
	assert_int_equal(strlen(skeleton), len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_that_look_alike_have_one_skeleton),
	        cmocka_unit_test(any_bytes_and_any_length_have_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
