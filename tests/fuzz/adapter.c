/* A line from an adapter: what can be stored or told to an agent, or words that say what is wrong with it. */
#include "tests/fuzz/fuzz.h"

#include "core/network/adapter_decode.h"

static void storable(const char *text)
{
	must(text && utf8_valid(text, strlen(text)));
}

static void check_item(const struct item *item)
{
	storable(item->root_remote_id);
	if (item->kind == ITEM_CUSTOMER) {
		must(*item->customer.handle);
		storable(item->customer.name);
		return;
	}
	storable(item->post.remote_id);
	must(*item->post.remote_id);
	if (item->kind == ITEM_DELETE)
		return;
	must(item->post.created_at);
	must(item->post.direction == DIR_OUT || (*item->customer.handle && *item->customer.remote_key));
	const char *const texts[] = {item->post.parent_remote_id, item->post.uri, item->post.url,
	        item->post.author_handle, item->post.author_name, item->post.language, item->post.warning,
	        item->post.text, item->post.mentions, item->post.links, item->post.sent_by, item->post.reply_refusal,
	        item->customer.remote_key, item->customer.remote_id, item->customer.url};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		storable(texts[i]);
	for (int i = 0; i < item->post.media_count; i++)
		storable(item->post.media[i].alt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct adapter_line line;
	struct err err = ERR_INIT;
	int rc = adapter_decode((const char *)data, size, "forum", &arena, &line, &err);
	must(rc ? err.code && *err.text : !err.code);
	if (rc == 0) {
		if (line.type == ADAPTER_POST || line.type == ADAPTER_DELETE || line.type == ADAPTER_CUSTOMER)
			check_item(&line.item);
		for (int i = 0; i < line.result.count; i++)
			check_item(&line.result.items[i]);
		storable(line.name);
		storable(line.network);
		storable(line.reason);
		storable(line.result.reason);
		storable(line.facts.handle);
		must(line.type != ADAPTER_GAP || line.from < line.to);
		must(line.cost >= 0);
		must(line.type != ADAPTER_SECRETS || line.secret_count > 0);
		for (int i = 0; i < line.secret_count; i++)
			must(!strpbrk(line.secrets[i].value, " \n\r\t"));
		must(line.type != ADAPTER_ANSWER || line.id > 0);
	}
	arena_release(&arena);
	return 0;
}
