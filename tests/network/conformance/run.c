/* Each sentence of the suite in each world: one test a pair. Where a world states an exception, what holds in its place
 * is tested instead, and the reason stands in the test's name. */
#include "tests/network/conformance/sentence.h"

#include "core/base/str.h"

#include <signal.h>

/* _cmocka_run_group_tests keeps what it is given. */
static VEC(struct CMUnitTest) tests;
static VEC(struct row *) rows;

static const struct exception *exception_of(const struct room *room, const char *sentence)
{
	for (const struct exception *e = room->exceptions; e && e->sentence; e++)
		if (strcmp(e->sentence, sentence) == 0)
			return e;
	return NULL;
}

static void add(const struct room *room, const struct sentence *sentence)
{
	const struct exception *exception = exception_of(room, sentence->name);
	struct row *row = mem_alloc(sizeof *row);
	struct str name = STR_INIT;
	*row = (struct row){room, sentence};
	str_addf(&name, "%s: %s", room->name, sentence->name);
	if (exception)
		str_addf(&name, " (but %s)", exception->reason);
	vec_push(&rows, row);
	vec_push(&tests, (struct CMUnitTest){str_detach(&name), exception ? exception->instead : sentence->holds,
	                         stage_begin, stage_end, row});
}

static bool is_sentence(const char *name)
{
	const struct sentence *const all[] = {sentences_in, sentences_out};
	for (size_t i = 0; i < 2; i++)
		for (const struct sentence *s = all[i]; s->name; s++)
			if (strcmp(s->name, name) == 0)
				return true;
	return false;
}

/* An exception from what no sentence says any more would hide nothing and mislead everybody. */
static void every_exception_is_from_a_sentence_and_has_a_reason(void **state)
{
	const struct room *room = *state;
	for (const struct exception *e = room->exceptions; e && e->sentence; e++)
		if (!is_sentence(e->sentence) || !*e->reason || !e->instead)
			fail_msg("%s: %s", room->name, e->sentence);
}

static void add_check(const struct room *room)
{
	struct str name = STR_INIT;
	str_addf(&name, "%s: every exception is from a sentence and has a reason", room->name);
	vec_push(&tests, (struct CMUnitTest){str_detach(&name), every_exception_is_from_a_sentence_and_has_a_reason,
	                         NULL, NULL, (void *)(uintptr_t)room});
}

int conformance_run(const struct room *const *rooms, size_t count, const char *pattern)
{
	signal(SIGPIPE, SIG_IGN); /* a stream whose other end is gone */
	if (pattern)
		cmocka_set_test_filter(pattern);
	for (size_t i = 0; i < count; i++) {
		add_check(rooms[i]);
		for (const struct sentence *s = sentences_in; s->name; s++)
			add(rooms[i], s);
		for (const struct sentence *s = sentences_out; s->name; s++)
			add(rooms[i], s);
	}
	int failed = _cmocka_run_group_tests("conformance", tests.at, tests.len, NULL, NULL);
	for (size_t i = 0; i < rows.len; i++)
		free(rows.at[i]);
	for (size_t i = 0; i < tests.len; i++)
		free((char *)(uintptr_t)tests.at[i].name);
	vec_release(&rows);
	vec_release(&tests);
	return failed;
}
