/* What an adapter in C says, line by line as it goes out. */
#include "core/network/adapters/speak.h"
#include "core/network/adapter_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *said(void (*what)(void))
{
	static char line[400];
	int ends[2], out = dup(STDOUT_FILENO);
	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	what();
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(ends[1]);
	ssize_t len = read(ends[0], line, sizeof line - 1);
	close(ends[0]);
	assert_true(len > 0);
	line[len] = '\0';
	return line;
}

static void decode(const char *text, struct arena *arena, struct adapter_line *line)
{
	struct err err = ERR_INIT;
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_int_equal(adapter_decode(text, strlen(text) - 1, "", arena, line, &err), 0);
}

static void say_cost(void)
{
	speak_cost(0.0125);
}

static void a_cost_arrives_to_the_millionth(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	struct adapter_line line;
	decode(said(say_cost), &arena, &line);
	assert_int_equal(line.type, ADAPTER_CHARGE);
	assert_int_equal(line.cost, 12500);
	arena_release(&arena);
}

static void say_secrets(void)
{
	speak_secrets((const struct speak_secret[]){{"token", "t-\"1\""}, {"refresh_token", NULL}}, 2);
}

static void secrets_arrive_together_and_one_that_is_gone_is_taken_away(void **state)
{
	(void)state;
	struct arena arena = ARENA_INIT;
	struct adapter_line line;
	decode(said(say_secrets), &arena, &line);
	assert_int_equal(line.type, ADAPTER_SECRETS);
	assert_int_equal(line.secret_count, 2);
	assert_int_equal(line.secrets[0].credential, CREDENTIAL_TOKEN);
	assert_string_equal(line.secrets[0].value, "t-\"1\"");
	assert_int_equal(line.secrets[1].credential, CREDENTIAL_REFRESH_TOKEN);
	assert_string_equal(line.secrets[1].value, "");
	arena_wipe(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_cost_arrives_to_the_millionth),
	        cmocka_unit_test(secrets_arrive_together_and_one_that_is_gone_is_taken_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
