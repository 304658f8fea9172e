#include "core/base/err.h"
#include "core/base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0"

static void hidden(const char *text, const char *expected)
{
	char bytes[1024];
	snprintf(bytes, sizeof bytes, "%s", text);
	size_t len = secret_hide(bytes, strlen(bytes));
	assert_string_equal(bytes, expected);
	assert_int_equal(len, strlen(expected));
}

static int forget(void **state)
{
	(void)state;
	secret_forget_all();
	return 0;
}

static void without_secrets_nothing_changes(void **state)
{
	(void)state;
	secret_know(NULL);
	secret_know("");
	hidden(TOKEN, TOKEN);
	hidden("", "");
}

static void a_secret_is_hidden_wherever_it_stands(void **state)
{
	(void)state;
	secret_know(TOKEN);
	hidden(TOKEN, "[secret]");
	hidden("Bearer " TOKEN ", and again " TOKEN ".", "Bearer [secret], and again [secret].");
	hidden("x" TOKEN TOKEN "y", "x[secret][secret]y");
}

static void one_that_was_cut_is_hidden_as_well_and_a_word_is_left(void **state)
{
	(void)state;
	secret_know(TOKEN);
	hidden("the token ZA-Yj3aBD8U8Cm", "the token [secret]");
	hidden("\"ZA-Yj3aBD8U8Cm7lKUp\"", "\"[secret]\"");
	hidden("ZA is a country", "ZA is a country");
}

static void of_two_that_begin_alike_the_longer_one_is_hidden(void **state)
{
	(void)state;
	secret_know("tok");
	secret_know("token-123");
	hidden("tok token-123", "*** [secret]");
}

/* The text of an error is cut at 511 bytes: what is left of a token there is still most of it. */
static void an_error_that_is_cut_inside_a_secret_shows_none_of_it(void **state)
{
	(void)state;
	char words[500];
	struct err err = ERR_INIT;
	secret_know(TOKEN);
	memset(words, 'w', sizeof words);
	words[sizeof err.text - 25] = '\0';
	err_set(&err, ERR_PERMISSION, "%s" TOKEN, words);
	assert_null(strstr(err.text, "ZA-Y"));
	err_set(&err, ERR_PERMISSION, TOKEN);
	err_prefix(&err, "account %s", "acme");
	assert_string_equal(err.text, "account acme: [secret]");
}

static void what_held_a_secret_is_empty_before_it_is_freed(void **state)
{
	(void)state;
	char bytes[64] = TOKEN;
	struct str text = STR_INIT;
	secret_wipe(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		assert_int_equal(bytes[i], 0);
	secret_release(&text); /* the empty string is everybody's */
	str_adds(&text, TOKEN);
	secret_release(&text);
	assert_int_equal(text.len, 0);
	secret_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(without_secrets_nothing_changes, forget),
	        cmocka_unit_test_teardown(a_secret_is_hidden_wherever_it_stands, forget),
	        cmocka_unit_test_teardown(one_that_was_cut_is_hidden_as_well_and_a_word_is_left, forget),
	        cmocka_unit_test_teardown(of_two_that_begin_alike_the_longer_one_is_hidden, forget),
	        cmocka_unit_test_teardown(an_error_that_is_cut_inside_a_secret_shows_none_of_it, forget),
	        cmocka_unit_test_teardown(what_held_a_secret_is_empty_before_it_is_freed, forget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
