/* A query: it is taken, or the place and the words of what is wrong are told. */
#include "tests/fuzz/fuzz.h"

#include "core/model/query.h"

static void note(void *arg, const char *candidate, const char *help)
{
	(void)arg;
	must(candidate && help);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	const struct query *query = NULL;
	char *text = fuzz_text(data, size);
	size_t at = 0;
	if (query_parse(text, "alice", &arena, &query, &at, &err))
		must((err.code == ERR_USAGE || err.code == ERR_LIMIT) && *err.text && at <= strlen(text));
	else
		must(query);
	must(query_last_word(text) <= strlen(text));
	query_complete(text, note, NULL);
	free(text);
	arena_release(&arena);
	return 0;
}
