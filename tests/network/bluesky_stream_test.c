/* The account on Bluesky with a server that tells every post of the network. */
#include "tests/network/bluesky_world.h"

#include "core/net/handshake.h"
#include "tests/lib/ws_frame.h"

#define OTHER "did:plc:alex33abcdefghijklmnopqr"
#define FRAME(did, operation, rkey, record)                                                                            \
	"{\"did\":\"" did                                                                                              \
	"\",\"time_us\":1795313630000000,\"kind\":\"commit\",\"commit\":{\"rev\":\"r\",\"operation\":\"" operation     \
	"\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"" rkey "\"" record "}}"
#define RECORD(text) ",\"record\":{\"text\":\"" text "\",\"createdAt\":\"2026-11-22T02:13:50.000Z\"}"
#define VIEWS(rkey, text)                                                                                              \
	"{\"posts\":[{\"uri\":\"at://" OTHER POSTS rkey "\",\"author\":{\"did\":\"" OTHER                              \
	"\",\"handle\":\"alex.example.org\"},\"indexedAt\":\"2026-11-22T02:13:50.000Z\",\"record\":{\"text\":\"" text  \
	"\"}}]}"

static const char *const words[] = {"Acme Kettle", "#acmefail"};

/* The 101 for the key that a handshake without chance has. */
static char *handshake_answer(void)
{
	struct handshake handshake;
	struct str request = STR_INIT, answer = STR_INIT;
	handshake_init(&handshake, 0, 0);
	str_addf(&request, "Sec-WebSocket-Key: %s\r\n", handshake.key.p);
	ws_answer_add(&answer, request.p);
	str_release(&request);
	handshake_release(&handshake);
	return str_detach(&answer);
}

static void tell(struct desk *d, const char *text)
{
	struct str frame = STR_INIT;
	ws_text_add(&frame, text);
	script_server_send(d->world->server, frame.p, frame.len);
	str_release(&frame);
}

/* Live, with the stream open; both searches and the notifications have found nothing, twice. */
static void listen_in(struct desk *d)
{
	char *answer = handshake_answer();
	vec_push(&d->answers, answer);
	d->listen = words;
	d->listen_count = 2;
	d->token = "token-one";
	d->firehose = true;
	d->saved = d->saved_search = "2026-11-22T02:13:00.000Z";
	script_server_next_for(
	        d->world->server, "GET /subscribe", 1, (struct script){.answer = answer, .end = SCRIPT_KEEP});
	plays(d, "getSession");
	for (int i = 0; i < 6; i++)
		says(d, "200 OK", "{\"notifications\":[],\"posts\":[]}");
	start_desk(d);
	run_in_step_until(d->world, &d->live, 1);
	wait_for_request(d, "GET /xrpc/app.bsky.", 6);
}

static void what_is_listened_for_is_heard_as_it_is_said(void **state)
{
	struct desk d = {.world = *state};
	listen_in(&d);
	assert_true(was_sent(&d, "GET /subscribe?wantedCollections=app.bsky.feed.post "));
	assert_true(d.facts.caps & CAP_STREAM);
	tell(&d, FRAME(OTHER, "create", "no", RECORD("something else")));
	tell(&d, FRAME(BRAND, "create", "own", RECORD("our acme kettle")));
	tell(&d, "{\"did\":\"" OTHER "\",\"kind\":\"identity\",\"identity\":{}}");
	tell(&d, "no JSON");
	tell(&d, FRAME(OTHER, "update", "edit", RECORD("acme kettle")));
	tell(&d, FRAME(OTHER, "create", "a", RECORD("my ACME kettle leaks")));
	says(&d, "200 OK", "{\"posts\":[]}"); /* not known there yet */
	wait_for_request(
	        &d, "getPosts?uris=at%3A%2F%2Fdid%3Aplc%3Aalex33abcdefghijklmnopqr%2Fapp.bsky.feed.post%2Fa ", 1);
	says(&d, "200 OK", VIEWS("a", "my ACME kettle leaks"));
	says(&d, "200 OK", "{\"profiles\":[{\"did\":\"" OTHER "\",\"followersCount\":7}]}");
	wait_for(&d, 1);
	assert_string_equal(d.told.at[0].remote_id, "at://" OTHER POSTS "a");
	assert_true(d.told.at[0].mention);
	assert_int_equal(d.told.at[0].followers, 7);
	assert_false(was_sent(&d, "post%2Fno"));
	assert_false(was_sent(&d, "post%2Fedit"));
	assert_string_equal(d.position, "");
	/* Its author takes it back; what is not known here is nobody's affair. */
	tell(&d, FRAME(OTHER, "delete", "zzz", ""));
	tell(&d, FRAME(OTHER, "delete", "a", ""));
	wait_for(&d, 2);
	assert_true(d.told.at[1].gone);
	assert_string_equal(d.told.at[1].remote_id, "at://" OTHER POSTS "a");
	close_desk(&d);
}

static void a_mention_makes_the_notifications_be_asked_for_at_once(void **state)
{
	struct desk d = {.world = *state};
	listen_in(&d);
	int asked = times_sent(&d, "listNotifications");
	int64_t before = clock_mono_ms();
	says(&d, "200 OK", NONE);
	tell(&d, FRAME(OTHER, "create", "m",
	                 ",\"record\":{\"text\":\"@b\",\"createdAt\":\"2026-11-22T02:13:50Z\",\"facets\":[{\"index\":{"
	                 "\"byteStart\":0,\"byteEnd\":2},\"features\":[{\"$type\":\"app.bsky.richtext."
	                 "facet#mention\",\"did\":\"" BRAND "\"}]}]}"));
	wait_for_request(&d, "listNotifications", asked + 1);
	assert_true(clock_mono_ms() - before < 5000);
	close_desk(&d);
}

static void without_the_stream_searching_goes_on(void **state)
{
	struct desk d = {.world = *state, .listen = words, .listen_count = 1, .token = "token-one", .firehose = true};
	static const char nothing_here[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
	script_server_next_for(d.world->server, "GET /subscribe", 0, (struct script){.answer = nothing_here});
	plays(&d, "getSession");
	for (int i = 0; i < 2; i++)
		says(&d, "200 OK", "{\"notifications\":[],\"posts\":[]}");
	start_desk(&d);
	run_in_step_until(d.world, &d.live, 1);
	assert_int_equal(d.failures, 0);
	says(&d, "200 OK", "{\"notifications\":[],\"posts\":[]}");
	wait_for_request(&d, "listNotifications", 2);
	close_desk(&d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_listened_for_is_heard_as_it_is_said),
	        TEST(a_mention_makes_the_notifications_be_asked_for_at_once),
	        TEST(without_the_stream_searching_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
