#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/timefmt.h"
#include "core/net/sse.h"
#include "core/network/mastodon_decode.h"
#include "core/text/length.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct mastodon_decoder decoder;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	decoder = (struct mastodon_decoder){.self_id = "100000000000000001", .domain = "mastodon.example"};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void read_data(const char *name, struct str *out)
{
	const char *dir = getenv("CURLEW_TEST_DATA");
	char *path = NULL;
	struct str full = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&full, "%s/mastodon/%s", dir ? dir : "tests/data", name);
	path = str_detach(&full);
	str_init(out, SIZE_MAX);
	if (file_read(path, out, &err))
		fail_msg("%s", err.text);
	free(path);
}

static json *load(const char *name)
{
	struct str bytes;
	struct err err = ERR_INIT;
	read_data(name, &bytes);
	json *value = json_parse(bytes.p, bytes.len, &err);
	if (!value)
		fail_msg("%s: %s", name, err.text);
	str_release(&bytes);
	return value;
}

static int64_t at(const char *time)
{
	int64_t ms = 0;
	assert_true(time_parse_rfc3339(time, &ms));
	return ms;
}

static void a_mention_becomes_a_post_with_its_author(void **state)
{
	(void)state;
	json *file = load("mention_page.json");
	const json *page = json_path(file, "response.body"), *want = json_path(file, "expect.neutral_first");
	struct mastodon_notification n;
	assert_int_equal(mastodon_decode_notification(&decoder, json_first(page), &arena, &n, NULL), 0);
	assert_string_equal(n.id, json_str(json_get(file, "expect"), "next_min_id"));
	assert_true(n.has_item);
	assert_true(n.item.mention);
	const struct post *post = &n.item.post;
	assert_int_equal(post->direction, DIR_IN);
	assert_string_equal(post->remote_id, json_str(want, "id"));
	assert_string_equal(post->uri, json_str(want, "uri"));
	assert_string_equal(post->url, json_str(want, "url"));
	assert_string_equal(post->text, json_str(want, "text"));
	assert_string_equal(post->language, "en");
	assert_int_equal(post->created_at, at(json_str(want, "created_at")));
	assert_int_equal(post->edited_at, 0);
	assert_string_equal(post->parent_remote_id, "");
	assert_string_equal(n.item.root_remote_id, json_str(want, "thread_root"));
	assert_int_equal(post->visibility, VIS_PUBLIC);
	assert_string_equal(post->mentions, "@brandcare@mastodon.example");
	assert_true(post->addressed);
	assert_int_equal(post->replies, 1);
	const struct customer *author = &n.item.customer;
	assert_string_equal(author->handle, "@alex@social.example");
	assert_string_equal(author->remote_key, "https://social.example/users/alex");
	assert_string_equal(author->name, "Alex :blobcat:");
	assert_int_equal(author->followers, 312);
	assert_int_equal(author->created_at, at("2018-11-05"));
	json_free(file);
}

static void markup_links_media_and_warning_of_a_status_are_read(void **state)
{
	(void)state;
	json *file = load("status_html.json");
	struct item item;
	assert_int_equal(mastodon_decode_status(&decoder, json_get(file, "body"), &arena, &item, NULL), 0);
	assert_non_null(strstr(item.post.text, "https://help.example.com/articles/42?ref=abcdefghijklmnop"));
	assert_string_equal(item.post.links, "https://help.example.com/articles/42?ref=abcdefghijklmnop");
	assert_string_equal(item.post.mentions, "@brandcare@mastodon.example");
	assert_string_equal(item.post.warning, "billing, long");
	assert_true(item.post.sensitive);
	assert_int_equal(item.post.edited_at, at("2026-08-21T10:05:00.000Z"));
	assert_int_equal(item.post.media_count, 2);
	assert_int_equal(item.post.media[0].kind, MEDIA_PHOTO);
	assert_string_equal(item.post.media[0].alt, "Screenshot of an error dialog");
	assert_int_equal(item.post.media[1].kind, MEDIA_OTHER);
	assert_string_equal(item.post.media[1].alt, "");
	assert_string_equal(item.post.media[1].url, "https://social.example/m/2.xyz");
	json_free(file);
}

static void a_thread_has_its_focus_in_the_middle_and_one_root(void **state)
{
	(void)state;
	json *file = load("context.json"), *focus = load("gts_post_mention.json");
	const struct item *items;
	int count = mastodon_decode_context(&decoder, json_path(file, "response.body"), focus, &arena, &items);
	assert_int_equal(count, (int)json_count(json_path(file, "expect.tree")) - 1 - 1 + 1);
	for (int i = 0; i < count; i++)
		assert_string_equal(items[i].root_remote_id, json_str(json_get(file, "expect"), "root"));
	assert_string_equal(items[2].post.remote_id, json_str(focus, "id"));
	json_free(file);
	json_free(focus);
}

static void limits_are_those_that_each_server_really_applies(void **state)
{
	(void)state;
	json *file = load("instances.json");
	struct mastodon_instance in;
	assert_int_equal(mastodon_decode_instance(json_get(file, "mastodon_v2"), &arena, &in, NULL), 0);
	assert_int_equal(in.family, FAMILY_MASTODON);
	assert_int_equal(in.api_version, 7);
	assert_string_equal(in.streaming, "wss://streaming.mastodon.example");
	assert_string_equal(in.domain, "mastodon.example");
	assert_int_equal(in.limits.max, 500);
	assert_int_equal(in.limits.url, 23);
	assert_int_equal(in.limits.rule, LENGTH_RULE_MASTODON);
	assert_int_equal(mastodon_decode_instance(json_get(file, "gotosocial_v1"), &arena, &in, NULL), 0);
	assert_int_equal(in.family, FAMILY_GOTOSOCIAL);
	assert_string_equal(in.domain, "gts.example");
	assert_int_equal(in.limits.max, 5000);
	assert_int_equal(in.limits.url, 0);
	assert_int_equal(in.limits.rule, LENGTH_RULE_GOTOSOCIAL);
	assert_int_equal(mastodon_decode_instance(json_get(file, "akkoma_v1"), &arena, &in, NULL), 0);
	assert_int_equal(in.family, FAMILY_PLEROMA);
	assert_int_equal(in.limits.max, 5000);
	assert_int_equal(in.limits.url, 0);
	json_free(file);
	json *recorded = load("gts_instance_v2.json");
	assert_int_equal(mastodon_decode_instance(recorded, &arena, &in, NULL), 0);
	assert_int_equal(in.family, FAMILY_GOTOSOCIAL);
	assert_int_equal(in.limits.max, 500);
	json_free(recorded);
	json *nothing = json_object();
	assert_int_equal(mastodon_decode_instance(nothing, &arena, &in, NULL), -ERR_PROTOCOL);
	json_free(nothing);
}

static void the_servers_words_are_taken_from_every_error_shape(void **state)
{
	(void)state;
	json *file = load("errors.json");
	for (const json *c = json_first(json_get(file, "cases")); c; c = json_next(c)) {
		const json *body = json_get(c, "body");
		const char *words = mastodon_decode_error(body, &arena);
		if (body)
			assert_string_equal(words, json_str_or(body, "error_description", json_str(body, "error")));
		else
			assert_null(words);
	}
	json_free(file);
}

static void a_private_mention_with_a_stub_of_an_author_takes_the_one_beside_it(void **state)
{
	(void)state;
	json *file = load("gts_notification.json");
	decoder.self_id = "01FR9EZ7007RHYG5G075CMMCW9";
	decoder.domain = "gts.example";
	struct mastodon_notification n;
	assert_int_equal(mastodon_decode_notification(&decoder, json_get(file, "body"), &arena, &n, NULL), 0);
	assert_string_equal(n.item.customer.name, "jo");
	assert_string_equal(n.item.customer.remote_key, "https://gts2.example/@jo");
	assert_int_equal(n.item.customer.followers, -1);
	assert_int_equal(n.item.post.visibility, VIS_PRIVATE);
	assert_string_equal(n.item.post.mentions, "@brandcare@gts.example");
	assert_true(n.item.post.addressed);
	json_free(file);
}

static void plain_text_and_hidden_followers_of_akkoma_are_used(void **state)
{
	(void)state;
	json *file = load("akkoma_status.json");
	decoder.domain = "akko.example";
	struct item item;
	assert_int_equal(mastodon_decode_status(&decoder, json_get(file, "body"), &arena, &item, NULL), 0);
	assert_string_equal(item.post.text, json_str(json_get(file, "expect"), "text"));
	assert_int_equal(item.customer.followers, -1);
	assert_string_equal(item.customer.handle, "@lou@akko.example");
	assert_string_equal(item.customer.remote_key, "https://akko.example/users/lou");
	assert_int_equal(item.post.visibility, VIS_PRIVATE);
	assert_string_equal(item.post.parent_remote_id, "B9b2pVTtyNt89i7zXd");
	assert_string_equal(item.post.warning, "complaint");
	json_free(file);
}

static void what_gotosocial_recorded_decodes_whole(void **state)
{
	(void)state;
	json *page = load("gts_notifications.json"), *self = load("gts_verify_credentials.json");
	struct customer us;
	assert_int_equal(mastodon_decode_account(&decoder, self, &arena, &us, NULL), 0);
	decoder.self_id = us.remote_id;
	for (const json *entry = json_first(page); entry; entry = json_next(entry)) {
		struct mastodon_notification n;
		assert_int_equal(mastodon_decode_notification(&decoder, entry, &arena, &n, NULL), 0);
	}
	assert_int_equal(decoder.dropped, 0);
	json *context = load("gts_context.json");
	const struct item *items;
	assert_true(mastodon_decode_statuses(&decoder, json_get(context, "descendants"), &arena, &items) > 0);
	assert_int_equal(items[0].post.direction, DIR_OUT);
	assert_false(items[0].mention);
	json_free(page);
	json_free(self);
	json_free(context);
}

static void a_status_that_lacks_what_matters_is_dropped_and_counted_alone(void **state)
{
	(void)state;
	static const char text[] = "[{\"id\":\"1\",\"content\":\"x\",\"created_at\":\"2026-08-21T09:14:05Z\","
	                           "\"account\":{\"id\":\"2\",\"acct\":\"a\"}},"
	                           "{\"content\":\"no id\"},{\"id\":\"3\",\"content\":\"no time\"},7,null,"
	                           "{\"id\":\"4\",\"content\":\"no author\",\"created_at\":\"2026-08-21T09:14:05Z\"},"
	                           "{\"id\":5,\"content\":\"\",\"created_at\":\"2026-08-21T09:14:05Z\",\"account\":{"
	                           "\"id\":2,\"acct\":\"a\"}}]";
	json *array = json_parse(text, sizeof text - 1, NULL);
	const struct item *items;
	assert_int_equal(mastodon_decode_statuses(&decoder, array, &arena, &items), 2);
	assert_string_equal(items[0].customer.handle, "@a@mastodon.example");
	assert_string_equal(items[1].post.remote_id, "5");
	assert_int_equal(decoder.dropped, 5);
	json_free(array);
}

static void a_boost_gives_the_post_that_was_boosted(void **state)
{
	(void)state;
	json *inner = load("gts_post_mention.json"), *wrapper = json_object();
	json_set_str(wrapper, "id", "wrapper");
	json_set(wrapper, "reblog", inner);
	struct item item;
	assert_int_equal(mastodon_decode_status(&decoder, wrapper, &arena, &item, NULL), 0);
	assert_string_equal(item.post.remote_id, json_str(inner, "id"));
	json_free(wrapper);
}

/* A stream that is everybody's leaves both out, which is no "no". */
static void what_we_did_to_a_post_is_read_where_it_is_said(void **state)
{
	(void)state;
	json *said = load("gts_post_mention.json"), *unsaid = json_object();
	static const char *const keys[] = {"id", "created_at", "content", "account"};
	struct item item;
	json_set_bool(said, "reblogged", true);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		json_set(unsaid, keys[i], json_copy(json_get(said, keys[i])));
	assert_int_equal(mastodon_decode_status(&decoder, said, &arena, &item, NULL), 0);
	assert_int_equal(item.post.boosted_by_us, 1);
	assert_int_equal(item.post.liked_by_us, 0);
	assert_int_equal(mastodon_decode_status(&decoder, unsaid, &arena, &item, NULL), 0);
	assert_int_equal(item.post.boosted_by_us, -1);
	assert_int_equal(item.post.liked_by_us, -1);
	json_free(said);
	json_free(unsaid);
}

/* Some servers name accounts that they had not looked up yet by the id "0". */
static void a_mention_with_the_id_0_is_told_by_its_handle(void **state)
{
	(void)state;
	static const struct {
		const char *id, *acct;
		bool us;
	} cases[] = {{"0", "acme", true}, {"0", "Acme@Birds.example", true}, {"0", "sam", false}, {"", "acme", true},
	        {"7", "other", true}, {"8", "acme", false}};
	struct mastodon_decoder with = {
	        .self_id = "7", .self_handle = "@acme@birds.example", .domain = "birds.example"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str text = STR_INIT;
		struct item item;
		str_addf(&text,
		        "{\"id\":\"1\",\"created_at\":\"2026-11-22T02:06:38Z\",\"content\":\"x\",\"account\":{\"id\":"
		        "\"9\","
		        "\"acct\":\"sam\"},\"mentions\":[{\"id\":\"%s\",\"acct\":\"%s\"}]}",
		        cases[i].id, cases[i].acct);
		json *status = json_parse(text.p, text.len, NULL);
		assert_int_equal(mastodon_decode_status(&with, status, &arena, &item, NULL), 0);
		assert_int_equal(item.mention, cases[i].us);
		json_free(status);
		str_release(&text);
	}
}

static void ids_are_compared_where_they_have_an_order(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		enum id_order order;
	} pairs[] = {
	        {"99", "100", ID_OLDER}, {"7", "7", ID_SAME}, {"0", "01M0HZMFXG0GX731VMRNSBV2H5", ID_OLDER},
	        {"117132731678720011", "117132731678720012", ID_OLDER},
	        {"18446744073709551616", "18446744073709551615", ID_NEWER}, /* more than 64 bits hold */
	        {"01M0HZMHW03CBB3QTKHEGJVGZS", "01M0HZMFXG0GX731VMRNSBV2H5", ID_NEWER},
	        {"B9aojFvNV8nYoM6Yy0", "B9b30ZbOzXUs7cufTN", ID_OLDER},
	        {"0198c5a0-7b1e-4c44-9d5e-3f6a2b1c0d9e", "0f0f0f0f-1111-4222-8333-444444444444", ID_UNORDERED},
	        {"1760000000.1234567890abcdef0123456789abcde0", "1760000000.1234567890abcdef0123456789abcde1",
	                ID_UNORDERED},
	        {"117132731678720011", "01M0HZMFXG0GX731VMRNSBV2H5", ID_UNORDERED}, /* a server that was replaced */
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_int_equal(mastodon_id_order(pairs[i].a, pairs[i].b), pairs[i].order);
}

/* --- through the event stream */

static void count_event(void *arg, const struct sse_event *event)
{
	struct str *seen = arg;
	json *body = json_parse(event->data, event->data_len, NULL);
	struct item item;
	struct mastodon_notification n;
	const char *text = "";
	if (strcmp(event->type, "notification") == 0 &&
	        mastodon_decode_notification(&decoder, body, &arena, &n, NULL) == 0 && n.has_item)
		text = n.item.post.text;
	else if (strcmp(event->type, "update") == 0 && mastodon_decode_status(&decoder, body, &arena, &item, NULL) == 0)
		text = item.post.text;
	str_addf(seen, "%s:%s\n", event->type, text);
	json_free(body);
}

static void feed(const char *name, size_t step, struct str *seen)
{
	static const struct sse_handlers handlers = {.on_event = count_event};
	struct str bytes;
	struct sse sse;
	read_data(name, &bytes);
	sse_init(&sse, &handlers, seen);
	for (size_t i = 0; i < bytes.len; i += step)
		assert_int_equal(sse_feed(&sse, bytes.p + i, step < bytes.len - i ? step : bytes.len - i, NULL), 0);
	sse_release(&sse);
	str_release(&bytes);
}

static void recorded_streams_give_the_same_posts_whole_and_byte_by_byte(void **state)
{
	(void)state;
	static const char *const names[] = {"stream_mastodon.sse", "stream_gotosocial.sse"};
	static const char *const want[] = {"notification:@brand help\nupdate:@brand help\ndelete:\n"
	                                   "notification:@brand help\n",
	        "notification:@brand SSE end to end via hybrid\n"};
	for (size_t i = 0; i < 2; i++) {
		struct str whole = STR_INIT, bytewise = STR_INIT;
		feed(names[i], SIZE_MAX, &whole);
		feed(names[i], 1, &bytewise);
		assert_string_equal(whole.p, want[i]);
		assert_string_equal(bytewise.p, whole.p);
		str_release(&whole);
		str_release(&bytewise);
	}
	/* Times are whole there, but for the older form of the recorded stub without a uri. */
	assert_int_equal(decoder.dropped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_mention_becomes_a_post_with_its_author, begin, end),
	        cmocka_unit_test_setup_teardown(markup_links_media_and_warning_of_a_status_are_read, begin, end),
	        cmocka_unit_test_setup_teardown(a_thread_has_its_focus_in_the_middle_and_one_root, begin, end),
	        cmocka_unit_test_setup_teardown(limits_are_those_that_each_server_really_applies, begin, end),
	        cmocka_unit_test_setup_teardown(the_servers_words_are_taken_from_every_error_shape, begin, end),
	        cmocka_unit_test_setup_teardown(
	                a_private_mention_with_a_stub_of_an_author_takes_the_one_beside_it, begin, end),
	        cmocka_unit_test_setup_teardown(plain_text_and_hidden_followers_of_akkoma_are_used, begin, end),
	        cmocka_unit_test_setup_teardown(what_gotosocial_recorded_decodes_whole, begin, end),
	        cmocka_unit_test_setup_teardown(
	                a_status_that_lacks_what_matters_is_dropped_and_counted_alone, begin, end),
	        cmocka_unit_test_setup_teardown(a_boost_gives_the_post_that_was_boosted, begin, end),
	        cmocka_unit_test_setup_teardown(what_we_did_to_a_post_is_read_where_it_is_said, begin, end),
	        cmocka_unit_test_setup_teardown(a_mention_with_the_id_0_is_told_by_its_handle, begin, end),
	        cmocka_unit_test_setup_teardown(ids_are_compared_where_they_have_an_order, begin, end),
	        cmocka_unit_test_setup_teardown(
	                recorded_streams_give_the_same_posts_whole_and_byte_by_byte, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
