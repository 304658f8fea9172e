/* A line of JSON Lines: a post that can be stored, or words that say what is wrong with the line. */
#include "tests/fuzz/fuzz.h"

#include "tui/import_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct account ours = {.name = "acme", .network = "mastodon", .handle = "@acme"};
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct incoming row;
	json *record = json_parse((const char *)data, size, &err);
	const struct account *account = record ? import_account(record, &ours, 1, &err) : NULL;
	if (account && import_record(record, account, INT64_C(1795313630000), &arena, &row, &err) == 0) {
		must(*row.post.remote_id && utf8_valid(row.post.text, strlen(row.post.text)));
		must(row.post.direction == DIR_OUT || *row.customer.handle);
	} else {
		must(err.code && *err.text);
	}
	json_free(record);
	arena_release(&arena);
	return 0;
}
