#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/network/x_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct x_decoder decoder;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	decoder = (struct x_decoder){.self_id = "1111111111111111111"};
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static json *load(const char *name)
{
	struct str bytes = STR_INIT, path = STR_INIT;
	struct err err = ERR_INIT;
	str_addf(&path, "%s/x/%s", str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), name);
	if (file_read(path.p, &bytes, &err))
		fail_msg("%s", err.text);
	json *whole = json_parse(bytes.p, bytes.len, &err);
	assert_non_null(whole);
	str_release(&bytes);
	str_release(&path);
	return whole;
}

static int decode(const char *text, struct item **items)
{
	json *answer = json_parse(text, strlen(text), NULL);
	assert_non_null(answer);
	int count = x_decode_posts(&decoder, answer, &arena, items);
	json_free(answer);
	return count;
}

static void a_page_of_mentions_is_read_as_documented(void **state)
{
	(void)state;
	json *whole = load("mentions_page.json");
	struct item *items;
	const json *expect = json_get(whole, "expect");
	int count = x_decode_posts(&decoder, json_path(whole, "response.body"), &arena, &items);
	assert_int_equal(count, 3);
	assert_string_equal(
	        items[0].post.text, "👋🏽 @brandcare fees > value? see https://help.example.com/42?x=1 #BrandHelp");
	assert_string_equal(items[0].post.links, "https://help.example.com/42?x=1");
	assert_string_equal(items[0].root_remote_id, "2090770892190646277");
	assert_string_equal(items[0].customer.handle, "@alex_invented");
	assert_int_equal(items[0].customer.followers, 512);
	assert_true(items[0].mention);
	assert_string_equal(items[1].post.remote_id, json_str(expect, "item_key_of_second"));
	assert_string_equal(items[1].post.text, json_str(expect, "text_of_second"));
	assert_true(items[1].post.edited_at > 0);
	assert_string_equal(items[2].post.text, json_str(expect, "text_of_third"));
	assert_string_equal(items[2].post.language, "");
	assert_string_equal(items[2].post.parent_remote_id, "2090378305336246276");
	assert_int_equal(items[2].post.media_count, 1);
	assert_string_equal(items[2].post.media[0].alt, "Broken parcel");
	json_free(whole);
}

static void both_sets_of_names_say_the_same(void **state)
{
	(void)state;
	json *whole = load("filtered_stream.json");
	struct item *items[2];
	int found = 0;
	char *line = strdup(json_str(whole, "stream_utf8")), *rest = line;
	for (char *one; (one = strtok_r(rest, "\r\n", &rest)) && found < 2;) {
		json *message = json_parse(one, strlen(one), NULL);
		if (json_get(message, "data"))
			assert_int_equal(x_decode_posts(&decoder, message, &arena, &items[found++]), 1);
		json_free(message);
	}
	assert_int_equal(found, 2);
	assert_string_equal(items[0]->post.text, json_str(json_get(whole, "expect"), "text"));
	assert_string_equal(items[0]->post.text, items[1]->post.text);
	assert_string_equal(items[0]->post.parent_remote_id, items[1]->post.parent_remote_id);
	assert_string_equal(items[0]->post.remote_id, items[1]->post.remote_id);
	assert_int_equal(items[0]->post.boosts, 1);
	assert_int_equal(items[1]->post.boosts, 1);
	free(line);
	json_free(whole);
}

static void errors_are_told_apart_by_what_has_to_follow(void **state)
{
	(void)state;
	static const enum x_fault wanted[] = {X_FAULT_OTHER, X_FAULT_OTHER, X_FAULT_DUPLICATE, X_FAULT_UNSUMMONED,
	        X_FAULT_SETUP, X_FAULT_CREDITS, X_FAULT_CREDITS, X_FAULT_OTHER, X_FAULT_OTHER, X_FAULT_CAPPED,
	        X_FAULT_CONNECTIONS, X_FAULT_NO_RULES, X_FAULT_OTHER};
	json *whole = load("errors.json");
	const json *one = json_first(json_get(whole, "cases"));
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++, one = json_next(one)) {
		const json *body = json_get(one, "body");
		assert_int_equal(x_decode_fault((int)json_int(one, "status", 0), body), wanted[i]);
		assert_non_null(x_decode_error(body, &arena));
	}
	json_free(whole);
}

static void a_reply_is_shown_without_the_names_that_its_author_did_not_write(void **state)
{
	(void)state;
	struct item *items;
	json *whole = load("activity_events.json");
	const json *second = json_next(json_first(json_get(whole, "lines")));
	struct str text = STR_INIT;
	str_adds(&text, "{\"data\":");
	json_print(json_path(second, "data.payload"), &text);
	str_addc(&text, '}');
	assert_int_equal(decode(text.p, &items), 1);
	assert_string_equal(items->post.text, "still not working");
	assert_string_equal(items->post.parent_remote_id, "2090778441937846280");
	assert_true(items->mention);
	str_release(&text);
	json_free(whole);
}

#define POST(more)                                                                                                     \
	"{\"data\":[{\"id\":\"20\",\"author_id\":\"7\",\"created_at\":\"2026-08-21T13:00:00.000Z\",\"text\":\"acme "   \
	"is "                                                                                                          \
	"slow\"" more "}],\"includes\":{\"users\":[{\"id\":\"7\",\"username\":\"sam\"}],\"tweets\":[{\"id\":\"9\","    \
	"\"author_id\":\"1111111111111111111\"}]}}"

static void who_has_not_called_us_cannot_be_answered(void **state)
{
	(void)state;
	struct item *items;
	assert_int_equal(decode(POST(""), &items), 1);
	assert_non_null(strstr(items->post.reply_refusal, "@sam has not named you"));
	decode(POST(",\"entities\":{\"mentions\":[{\"username\":\"acme\",\"id\":\"1111111111111111111\"}]},"
	            "\"reply_settings\":\"mentionedUsers\""),
	        &items);
	assert_string_equal(items->post.reply_refusal, "");
	decode(POST(",\"referenced_tweets\":[{\"type\":\"quoted\",\"id\":\"9\"}]"), &items);
	assert_string_equal(items->post.reply_refusal, "");
	decode(POST(",\"in_reply_to_user_id\":\"1111111111111111111\""), &items);
	assert_string_equal(items->post.reply_refusal, "");
	decode(POST(",\"in_reply_to_user_id\":\"1111111111111111111\",\"reply_settings\":\"following\""), &items);
	assert_string_equal(items->post.reply_refusal, "@sam lets only those they follow answer");
}

static void reposts_are_dropped_and_what_lacks_an_author_is_noticed(void **state)
{
	(void)state;
	struct item *items;
	assert_int_equal(decode(POST(",\"referenced_posts\":[{\"type\":\"retweeted\",\"id\":\"9\"}]"), &items), 0);
	assert_int_equal(decoder.dropped, 0);
	static const char without[] = "{\"data\":[{\"id\":\"1\",\"text\":\"a\"}]}";
	static const char nothing[] = "{\"meta\":{\"result_count\":0}}";
	json *bare = json_parse(without, strlen(without), NULL), *empty = json_parse(nothing, strlen(nothing), NULL);
	assert_non_null(bare);
	assert_false(x_decode_has_authors(bare));
	assert_true(x_decode_has_authors(empty));
	assert_int_equal(x_decode_posts(&decoder, bare, &arena, &items), 0);
	assert_int_equal(decoder.dropped, 1);
	json_free(bare);
	json_free(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_page_of_mentions_is_read_as_documented, begin, end),
	        cmocka_unit_test_setup_teardown(both_sets_of_names_say_the_same, begin, end),
	        cmocka_unit_test_setup_teardown(errors_are_told_apart_by_what_has_to_follow, begin, end),
	        cmocka_unit_test_setup_teardown(
	                a_reply_is_shown_without_the_names_that_its_author_did_not_write, begin, end),
	        cmocka_unit_test_setup_teardown(who_has_not_called_us_cannot_be_answered, begin, end),
	        cmocka_unit_test_setup_teardown(reposts_are_dropped_and_what_lacks_an_author_is_noticed, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
