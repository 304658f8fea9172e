/* JSON from a server of the AT Protocol, through every decoder, and texts on their way there: what comes out can be
 * stored (valid UTF-8, no NULL), and facets stand within their text, in order. */
#include "tests/fuzz/fuzz.h"

#include "core/base/json.h"
#include "core/network/bluesky_decode.h"
#include "core/text/facet.h"

#define SELF "did:plc:brandcare22abcdefghijklm"

static void storable(const char *text)
{
	must(text && utf8_valid(text, strlen(text)));
}

static void check_item(const struct item *item)
{
	const struct post *post = &item->post;
	struct bluesky_uri parts;
	must(bluesky_uri_parse(post->remote_id, &parts));
	if (item->kind == ITEM_DELETE)
		return;
	storable(post->text);
	storable(post->url);
	storable(post->author_handle);
	storable(post->author_name);
	storable(post->language);
	storable(post->mentions);
	storable(post->links);
	storable(post->parent_remote_id);
	storable(post->reply_refusal);
	storable(item->root_remote_id);
	storable(item->customer.remote_key);
	storable(item->customer.handle);
	storable(item->customer.name);
	for (int i = 0; i < post->media_count; i++)
		storable(post->media[i].alt);
}

static void decode(const json *value)
{
	struct arena arena = ARENA_INIT;
	struct bluesky_decoder decoder = {.self_did = SELF};
	struct customer self = {.remote_key = SELF, .handle = "@care.example.com", .name = "Care"}, customer;
	struct item item, *items;
	if (bluesky_decode_post(&decoder, value, &arena, &item, NULL) == 0)
		check_item(&item);
	if (bluesky_decode_notification(&decoder, value, &arena, &item, NULL) == 0)
		check_item(&item);
	if (bluesky_decode_record(&decoder, value, &self, &arena, &item, NULL) == 0)
		check_item(&item);
	if (bluesky_decode_frame(&decoder, value, &arena, &item))
		check_item(&item);
	if (bluesky_decode_message(&decoder, value, "convo1", json_get(value, "profile"), &arena, &item, NULL) == 0)
		must(str_starts(item.post.remote_id, BLUESKY_MESSAGE) && (item.kind == ITEM_DELETE || item.post.text));
	for (int i = bluesky_decode_posts(&decoder, json_get(value, "posts"), &arena, &items); i-- > 0;)
		check_item(&items[i]);
	for (int i = bluesky_decode_thread(&decoder, json_get(value, "thread"), &arena, &items, 50); i-- > 0;)
		check_item(&items[i]);
	if (bluesky_decode_profile(value, &arena, &customer, NULL) == 0)
		storable(customer.handle);
	const char *pds = bluesky_decode_pds(json_get(value, "didDoc"), &arena);
	const char *words = bluesky_decode_error(value, &arena);
	must(!pds || *pds);
	if (words)
		storable(words);
	bluesky_decode_fault(400, value);
	bluesky_token_ends(json_str_or(value, "accessJwt", ""));
	arena_release(&arena);
}

static void find_facets(const char *typed)
{
	struct arena arena = ARENA_INIT;
	struct facet_text out;
	size_t last = 0;
	facet_text_of(typed, &arena, &out);
	for (int i = 0; i < out.count; i++) {
		must(out.facets[i].begin >= last && out.facets[i].begin < out.facets[i].end);
		must(*out.facets[i].target);
		last = out.facets[i].end;
	}
	must(last <= strlen(out.text));
	must(!utf8_valid(typed, strlen(typed)) || utf8_valid(out.text, strlen(out.text)));
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	json *value = json_parse((const char *)data, size, NULL);
	find_facets(text);
	if (value)
		decode(value);
	json_free(value);
	free(text);
	return 0;
}
