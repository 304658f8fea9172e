/* Decoding, the store and requests when memory is gone. A library that tells of it makes an error of ours. */
#include "core/base/json.h"
#include "core/net/http.h"
#include "core/network/mastodon_decode.h"
#include "tests/fault/failing_heap.h"
#include "tests/lib/store_fixture.h"

#include <stdio.h>
#include <uv.h>

/* --- the paths */

static bool decode(void)
{
	static const char text[] =
	        "{\"id\":\"7\",\"created_at\":\"2026-08-21T10:02:33.417Z\",\"visibility\":\"public\",\"uri\":\"u\","
	        "\"content\":\"<p><a href=\\\"https://x.example/@acme\\\" class=\\\"u-url mention\\\">@acme</a> my "
	        "parcel &amp; I</p>\",\"mentions\":[{\"id\":\"1\",\"acct\":\"acme\"}],\"account\":{\"id\":\"2\","
	        "\"acct\":\"sam\",\"display_name\":\"Sam\",\"url\":\"https://x.example/@sam\"}}";
	struct mastodon_decoder decoder = {.self_id = "1", .domain = "x.example"};
	struct arena arena = ARENA_INIT;
	struct item item;
	struct err err = ERR_INIT;
	json *value = json_parse(text, sizeof text - 1, &err);
	bool well = value && mastodon_decode_status(&decoder, value, &arena, &item, &err) == 0;
	json_free(value);
	arena_release(&arena);
	return well;
}

static struct fixture *place;
static int next_post;

static bool use_store(struct store *store, struct arena *arena, struct err *err)
{
	char id[32];
	int fresh, count;
	bool more;
	const struct kase *cases;
	const struct query *query;
	size_t at;
	snprintf(id, sizeof id, "%d-%ld", (int)getpid(), (long)++next_post);
	struct incoming item = post_in("@sam", id, "", NOON, "my parcel fell off the ferry");
	if (store_ingest(store, place->account, &item, 1, "mentions", id, &fresh, err))
		return false;
	if (query_parse("is:unresolved parcel", "alice", arena, &query, &at, err) ||
	        store_cases(store, query, "alice", NULL, false, 20, arena, &cases, &count, &more, err))
		return false;
	struct action_result result;
	struct action tag = {.kind = ACTION_TAG, .case_id = 1, .agent = "alice", .arg = id, .text = ""};
	return store_act(store, &tag, NOON, arena, &result, err) == 0;
}

static bool store(void)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct store *store = NULL;
	bool well = store_open(place->uri, STORE_DESK, &store, &err) == 0 && use_store(store, &arena, &err);
	store_close(store);
	arena_release(&arena);
	return well;
}

static void on_done(void *arg, struct http_response *response)
{
	*(int *)arg = 1 + (int)response->outcome;
}

static void on_closed(uv_handle_t *handle)
{
	(void)handle;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* A server that refuses: what is looked at is the way there and back. */
static bool ask_server(void)
{
	static const struct http_handlers handlers = {.on_done = on_done};
	struct err err = ERR_INIT;
	struct timers timers;
	uv_loop_t loop;
	int outcome = 0;
	bool sent = false;
	if (uv_loop_init(&loop))
		return false;
	timers_init(&timers);
	struct http *http = http_new(&loop, &timers, &err);
	struct http_request request = {.method = "POST", .url = "http://127.0.0.1:1/api", .bearer = "s3cret"};
	if (http)
		sent = http_send(http, &request, &handlers, &outcome, &err) != NULL;
	for (int i = 0; sent && !outcome && i < 1000; i++) {
		fixture_mono_ms += 100;
		timers_run(&timers, fixture_mono_ms);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	http_free(http);
	uv_walk(&loop, close_handle, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	timers_release(&timers);
	return outcome != 0;
}

/* --- the tests */

static void decoding_without_memory_stops_cleanly(void **state)
{
	(void)state;
	sweep(decode);
}

static void a_store_without_memory_tells_an_error_or_stops_cleanly_and_stays_whole(void **state)
{
	place = *state;
	take_one(place, post_in("@sam", "first", "", NOON, "my parcel fell off the ferry"));
	store_close(place->store);
	sweep(store);
	place->store = fixture_open(place, STORE_DESK);
	assert_true(count_of(place, "") >= 1);
}

static void a_request_without_memory_tells_an_error_or_stops_cleanly(void **state)
{
	(void)state;
	uv_replace_allocator(mem_for_library, mem_again_for_library, mem_array_for_library, free); /* as the programs */
	spare = 16; /* libcurl 7.88 forgets the names of a connection that cannot be made */
	sweep(ask_server);
	spare = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(decoding_without_memory_stops_cleanly),
	        cmocka_unit_test_setup_teardown(a_store_without_memory_tells_an_error_or_stops_cleanly_and_stays_whole,
	                fixture_setup, fixture_teardown),
	        cmocka_unit_test(a_request_without_memory_tells_an_error_or_stops_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
