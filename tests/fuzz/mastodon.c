/* JSON from a server, through every decoder: what comes out can be stored (valid UTF-8, no NULL), and JSON that we
 * print can be read again. */
#include "tests/fuzz/fuzz.h"

#include "core/base/json.h"
#include "core/network/mastodon_decode.h"

static void storable(const char *text)
{
	must(text && utf8_valid(text, strlen(text)));
}

static void check_item(const struct item *item)
{
	const struct post *post = &item->post;
	storable(post->remote_id);
	must(*post->remote_id);
	if (item->kind == ITEM_DELETE)
		return;
	storable(post->text);
	storable(post->url);
	storable(post->author_handle);
	storable(post->author_name);
	storable(post->warning);
	storable(post->language);
	storable(item->customer.handle);
	storable(item->customer.name);
	for (int i = 0; i < post->media_count; i++)
		storable(post->media[i].alt);
}

static void decode(const json *value)
{
	struct arena arena = ARENA_INIT;
	struct mastodon_decoder decoder = {.self_id = "1", .domain = "ferry.example"};
	struct item item;
	struct mastodon_notification notification;
	struct mastodon_instance instance;
	struct customer customer;
	const struct item *items;
	if (mastodon_decode_status(&decoder, value, &arena, &item, NULL) == 0)
		check_item(&item);
	if (mastodon_decode_notification(&decoder, value, &arena, &notification, NULL) == 0 && notification.has_item)
		check_item(&notification.item);
	for (int i = mastodon_decode_statuses(&decoder, value, &arena, &items); i-- > 0;)
		check_item(&items[i]);
	for (int i = mastodon_decode_context(&decoder, value, json_get(value, "focus"), &arena, &items); i-- > 0;)
		check_item(&items[i]);
	if (mastodon_decode_account(&decoder, value, &arena, &customer, NULL) == 0)
		storable(customer.handle);
	if (mastodon_decode_instance(value, &arena, &instance, NULL) == 0)
		storable(instance.domain);
	const char *words = mastodon_decode_error(value, &arena);
	if (words)
		storable(words);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str printed = STR_INIT;
	json *value = json_read((const char *)data, size, NULL);
	if (!value)
		return 0;
	decode(value);
	must(json_print(value, &printed) == 0);
	json *again = json_read(printed.p, printed.len, NULL);
	must(again);
	json_free(again);
	json_free(value);
	str_release(&printed);
	return 0;
}
