#include "core/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static json *parse(const char *text)
{
	struct err err = ERR_INIT;
	return json_parse(text, strlen(text), &err);
}

static void a_missing_or_mistyped_field_is_the_default(void **state)
{
	(void)state;
	json *o = parse("{\"s\":\"x\",\"n\":7,\"b\":true,\"z\":null,\"a\":[1,2],\"o\":{\"p\":{\"q\":5}}}");
	assert_non_null(o);
	assert_string_equal(json_str(o, "s"), "x");
	assert_null(json_str(o, "n"));
	assert_null(json_str(o, "z"));
	assert_null(json_str(o, "S"));
	assert_string_equal(json_str_or(o, "z", "else"), "else");
	assert_int_equal(json_int(o, "n", 1), 7);
	assert_int_equal(json_int(o, "s", 1), 1);
	assert_true(json_bool(o, "b", false));
	assert_true(json_bool(o, "n", true));
	assert_int_equal(json_int(json_path(o, "o.p"), "q", 0), 5);
	assert_null(json_path(o, "o.x.q"));
	assert_null(json_path(o, "s.x"));
	assert_int_equal(json_count(json_get(o, "a")), 2);
	assert_int_equal(json_count(json_get(o, "o")), 0);
	assert_null(json_get(NULL, "a"));
	assert_null(json_get(json_get(o, "a"), "a"));
	json_free(o);
}

static void integers_come_from_numbers_and_strings_and_are_clamped(void **state)
{
	(void)state;
	json *o = parse("{\"id\":\"117132922284736521\",\"big\":1e300,\"small\":-1e300,\"f\":2.9,\"sf\":\"2.5\","
	                "\"bad\":\"12x\",\"empty\":\"\"}");
	assert_int_equal(json_int(o, "id", 0), 117132922284736521);
	assert_true(json_int(o, "big", 0) == INT64_MAX);
	assert_true(json_int(o, "small", 0) == INT64_MIN);
	assert_int_equal(json_int(o, "f", 0), 2);
	assert_int_equal(json_int(o, "sf", 0), 2);
	assert_int_equal(json_int(o, "bad", -3), -3);
	assert_int_equal(json_int(o, "empty", -3), -3);
	assert_true(json_num(o, "f", 0) > 2.8);
	json_free(o);
}

static void members_are_walked_with_their_keys(void **state)
{
	(void)state;
	json *o = parse("{\"a\":1,\"b\":\"two\"}");
	struct str keys = STR_INIT;
	for (const json *i = json_first(o); i; i = json_next(i))
		str_adds(&keys, json_key(i));
	assert_string_equal(keys.p, "ab");
	assert_string_equal(json_text(json_next(json_first(o))), "two");
	assert_null(json_first(json_get(o, "a")));
	str_release(&keys);
	json_free(o);
}

static void malformed_text_names_the_byte(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	assert_null(json_parse("{\"a\":}", 6, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "of 6"));
	assert_null(json_parse("", 0, &err));
	assert_null(json_parse("{} x", 4, &err));
	assert_non_null(strstr(err.text, "more than one"));
	json *o = json_parse("{}\r\n ", 5, &err);
	assert_non_null(o);
	json_free(o);
}

static void deep_nesting_is_an_error_not_a_crash(void **state)
{
	(void)state;
	struct str deep = STR_INIT;
	for (int i = 0; i < 100000; i++)
		str_addc(&deep, '[');
	assert_null(parse(deep.p));
	str_release(&deep);
}

static void half_a_surrogate_pair_and_nul_become_marks(void **state)
{
	(void)state;
	json *o = parse("{\"t\":\"a\\ud83db\\udc4bc\\u0000d\\ud83d\\udc4be\\\\u0000 \\uD83D\\uD83D\\uDC4B\"}");
	assert_non_null(o);
	assert_string_equal(json_str(o, "t"), "a\xEF\xBF\xBD"
	                                      "b\xEF\xBF\xBD"
	                                      "c\xEF\xBF\xBD"
	                                      "d\xF0\x9F\x91\x8B"
	                                      "e\\u0000 \xEF\xBF\xBD\xF0\x9F\x91\x8B");
	json_free(o);
}

static void ill_formed_utf8_is_repaired_on_the_way_in(void **state)
{
	(void)state;
	json *o = parse("{\"t\":\"a\xFF\xC3\"}");
	assert_string_equal(json_str(o, "t"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
	json_free(o);
}

static void what_is_built_prints_on_one_line_and_exactly(void **state)
{
	(void)state;
	json *o = json_object(), *a = json_array();
	json_set_str(o, "text", "line\nnext \xFF");
	json_set_str(o, "none", NULL);
	json_set_int(o, "big", 9007199254740991);
	json_set_int(o, "small", -5);
	json_set_bool(o, "yes", true);
	json_set_int(o, "small", -6);
	json_push_str(a, "x");
	json_push(a, json_object());
	json_set(o, "list", a);
	struct str out = STR_INIT;
	assert_int_equal(json_print(o, &out), 0);
	assert_string_equal(out.p, "{\"text\":\"line\\nnext \xEF\xBF\xBD\",\"none\":null,\"big\":9007199254740991,"
	                           "\"yes\":true,\"small\":-6,\"list\":[\"x\",{}]}");
	assert_int_equal(json_int(o, "big", 0), 9007199254740991);
	str_release(&out);
	json_free(o);
}

static void a_copy_of_what_was_read_becomes_part_of_what_is_built(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":[1,{\"b\":\"c\"}],\"d\":\"e\"}";
	json *read = json_read(text, sizeof text - 1, NULL), *built = json_object(), *copy = json_copy(read);
	json_set_str(copy, "d", "changed");
	json_set(built, "whole", copy);
	json_set(built, "part", json_copy(json_get(read, "a")));
	json_free(read);
	struct str out = STR_INIT;
	assert_int_equal(json_print(built, &out), 0);
	assert_string_equal(
	        out.p, "{\"whole\":{\"a\":[1,{\"b\":\"c\"}],\"d\":\"changed\"},\"part\":[1,{\"b\":\"c\"}]}");
	str_release(&out);
	json_free(built);
}

static void what_is_read_says_the_same_as_what_is_parsed(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"a\":[1,-2.5e3,true,null,{\"b\":\"c\\u00e9\\ud800\"}],\"d\":{}}", "[]",
	        "\"x\"", "7", "{\"a\":}", "", "{} x", "[[[[", "{\"a\":\"b", "[1,2"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct err of_parsed = ERR_INIT, of_read = ERR_INIT;
		json *parsed = json_parse(texts[i], strlen(texts[i]), &of_parsed);
		json *read = json_read(texts[i], strlen(texts[i]), &of_read);
		struct str one = STR_INIT, other = STR_INIT;
		assert_true((parsed == NULL) == (read == NULL));
		assert_string_equal(of_parsed.text, of_read.text);
		if (parsed) {
			json_print(parsed, &one);
			json_print(read, &other);
		}
		assert_string_equal(one.p, other.p);
		str_release(&one);
		str_release(&other);
		json_free(parsed);
		json_free(read);
	}
}

static void what_a_terminal_acts_on_is_printed_as_an_escape(void **state)
{
	(void)state;
	static const char text[] = "\x1b[31m \x7f \xC2\x9B \xE2\x80\xAE \xE2\x80\x8B \xF3\xA0\x81\x81 \xC3\xA9";
	json *o = json_array();
	json_push_str(o, text);
	struct str out = STR_INIT;
	json_print(o, &out);
	assert_string_equal(out.p, "[\"\\u001b[31m \\u007f \\u009b \\u202e \\u200b \\udb40\\udc41 \xC3\xA9\"]");
	json *again = parse(out.p);
	assert_string_equal(json_text(json_first(again)), text);
	json_free(again);
	out.max = 10;
	str_clear(&out);
	str_adds(&out, "kept");
	assert_int_equal(json_print(o, &out), -1);
	assert_string_equal(out.p, "kept");
	str_release(&out);
	json_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_missing_or_mistyped_field_is_the_default),
	        cmocka_unit_test(integers_come_from_numbers_and_strings_and_are_clamped),
	        cmocka_unit_test(members_are_walked_with_their_keys),
	        cmocka_unit_test(malformed_text_names_the_byte),
	        cmocka_unit_test(deep_nesting_is_an_error_not_a_crash),
	        cmocka_unit_test(half_a_surrogate_pair_and_nul_become_marks),
	        cmocka_unit_test(ill_formed_utf8_is_repaired_on_the_way_in),
	        cmocka_unit_test(what_is_built_prints_on_one_line_and_exactly),
	        cmocka_unit_test(what_is_read_says_the_same_as_what_is_parsed),
	        cmocka_unit_test(a_copy_of_what_was_read_becomes_part_of_what_is_built),
	        cmocka_unit_test(what_a_terminal_acts_on_is_printed_as_an_escape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
