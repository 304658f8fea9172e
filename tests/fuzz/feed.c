/* A feed: entries whose texts can be told to curlew, or words that say why it is none. */
#include "tests/fuzz/fuzz.h"

#include "core/network/adapters/feed.h"

static void sound(const char *text)
{
	must(text && utf8_valid(text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct feed feed;
	struct err err = ERR_INIT;
	int rc = feed_parse((const char *)data, size, "https://feed.example/a/b", &arena, &feed, &err);
	must(rc ? err.code && *err.text && !feed.count : !err.code);
	sound(feed.title);
	for (int i = 0; i < feed.count; i++) {
		const struct feed_entry *entry = &feed.entries[i];
		must(*entry->id);
		const char *const texts[] = {
		        entry->id, entry->title, entry->text, entry->url, entry->author, entry->image};
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			sound(texts[k]);
		must(!*entry->url || strstr(entry->url, "://"));
	}
	arena_release(&arena);
	return 0;
}
