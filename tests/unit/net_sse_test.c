#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/net/sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* What was parsed, a line each, so that two ways of cutting the bytes compare as text. */
struct seen {
	struct str log;
	int events, comments;
};

static void on_event(void *arg, const struct sse_event *event)
{
	struct seen *seen = arg;
	seen->events++;
	assert_int_equal(event->data[event->data_len], '\0');
	str_addf(&seen->log, "[%s|%s|%zu|", event->type, event->id, event->data_len);
	str_add(&seen->log, event->data, event->data_len);
	str_adds(&seen->log, "]");
}

static void on_comment(void *arg, const char *text, size_t len)
{
	struct seen *seen = arg;
	seen->comments++;
	str_adds(&seen->log, "(");
	str_add(&seen->log, text, len);
	str_adds(&seen->log, ")");
}

static const struct sse_handlers handlers = {on_event, on_comment};

static void feed(struct sse *sse, const char *bytes, size_t len)
{
	struct err err = ERR_INIT;
	/* A copy of just these bytes, so that a sanitizer sees a read beyond them. */
	char *copy = malloc(len ? len : 1);
	memcpy(copy, bytes, len);
	assert_int_equal(sse_feed(sse, copy, len, &err), 0);
	free(copy);
}

static struct seen parse_in_pieces_of(const char *bytes, size_t len, size_t piece)
{
	struct seen seen = {.log = STR_INIT};
	struct sse sse;
	sse_init(&sse, &handlers, &seen);
	for (size_t i = 0; i < len; i += piece)
		feed(&sse, bytes + i, len - i < piece ? len - i : piece);
	sse_release(&sse);
	return seen;
}

static void expect(const char *bytes, const char *log)
{
	for (size_t piece = 1; piece <= strlen(bytes); piece++) {
		struct seen seen = parse_in_pieces_of(bytes, strlen(bytes), piece);
		assert_string_equal(seen.log.p, log);
		str_release(&seen.log);
	}
}

static struct str read_data(const char *file)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), file);
	if (file_read(path, &bytes, &err))
		fail_msg("%s", err.text);
	free(path);
	return bytes;
}

static void heartbeats_of_both_forms_make_no_event(void **state)
{
	(void)state;
	expect(":)\n:thump\n:thump\n\n:\n", "())(thump)(thump)()");
}

static void an_event_ends_with_a_blank_line_and_its_type_with_it(void **state)
{
	(void)state;
	expect("event: delete\ndata: 7\n\ndata: 8\n\n", "[delete||1|7][message||1|8]");
}

static void lines_end_with_lf_crlf_or_cr_wherever_they_are_cut(void **state)
{
	(void)state;
	expect("data: a\ndata: b\n\n", "[message||3|a\nb]");
	expect("data: a\r\ndata: b\r\n\r\n", "[message||3|a\nb]");
	expect("data: a\rdata: b\r\r", "[message||3|a\nb]");
	expect("data: a\r\n\rdata: b\n\r\n", "[message||1|a][message||1|b]");
}

static void an_lf_after_a_cr_counts_once_also_when_it_comes_alone(void **state)
{
	(void)state;
	struct seen seen = {.log = STR_INIT};
	struct sse sse;
	sse_init(&sse, &handlers, &seen);
	feed(&sse, "data: a\r", 8);
	feed(&sse, "\n", 1);
	assert_int_equal(seen.events, 0);
	feed(&sse, "\r", 1);
	assert_int_equal(seen.events, 1);
	sse_release(&sse);
	str_release(&seen.log);
}

static void one_space_after_the_colon_goes_and_only_one(void **state)
{
	(void)state;
	expect("data:a\n\ndata:  b\n\ndata: c: d\n\n", "[message||1|a][message||2| b][message||4|c: d]");
}

static void a_field_without_colon_is_empty_and_unknown_ones_are_passed_over(void **state)
{
	(void)state;
	expect("data\n\ndata\ndata\n\n", "[message||0|][message||1|\n]");
	expect("dat: x\ndatax: y\n data: z\nfoo\n\n", "");
	expect("event: a\nevent\ndata: x\n\n", "[message||1|x]");
}

static void an_event_without_data_is_dropped_with_its_type(void **state)
{
	(void)state;
	expect("event: update\n\ndata: x\n\n", "[message||1|x]");
}

static void a_byte_order_mark_goes_from_the_first_line_alone(void **state)
{
	(void)state;
	expect("\xEF\xBB\xBF"
	       "data: a\n\n",
	        "[message||1|a]");
	expect("data: a\n\n\xEF\xBB\xBF"
	       "data: b\n\n",
	        "[message||1|a]");
	expect("\xEF\xBB\xBF:)\n", "())");
	expect("\xEF\xBB\xBF\xEF\xBB\xBF"
	       "data: a\n\n",
	        "");
}

static void an_id_stays_until_the_next_one_and_one_with_a_nul_is_ignored(void **state)
{
	(void)state;
	expect("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "[message|1|1|a][message|1|1|b][message||1|c]");
	static const char nul[] = "id: 1\nid: 2\0003\ndata: a\n\n";
	struct seen seen = parse_in_pieces_of(nul, sizeof nul - 1, 3);
	assert_string_equal(seen.log.p, "[message|1|1|a]");
	str_release(&seen.log);
}

static void the_id_of_an_event_that_was_cut_is_not_resumed_after(void **state)
{
	(void)state;
	struct sse sse;
	struct seen seen = {.log = STR_INIT};
	sse_init(&sse, &handlers, &seen);
	feed(&sse, "id: 1\ndata: a\n\nid: 2\ndata: b\n", 30);
	assert_string_equal(sse.id.p, "1");
	sse_restart(&sse);
	feed(&sse, "data: c\n\n", 9);
	assert_string_equal(seen.log.p, "[message|1|1|a][message|1|1|c]");
	sse_release(&sse);
	str_release(&seen.log);
}

static void retry_takes_digits_alone(void **state)
{
	(void)state;
	struct sse sse;
	struct seen seen = {.log = STR_INIT};
	sse_init(&sse, &handlers, &seen);
	feed(&sse, "retry: -5\nretry: 1s\nretry:\n", 27);
	assert_int_equal(sse.retry_ms, -1);
	feed(&sse, "retry: 3000\nretry: 99999999999999999999\n", 40);
	assert_int_equal(sse.retry_ms, 3000);
	sse_release(&sse);
	str_release(&seen.log);
}

static void an_unfinished_event_is_discarded_and_a_restart_forgets_it(void **state)
{
	(void)state;
	struct sse sse;
	struct seen seen = {.log = STR_INIT};
	expect("data: a\n", "");
	sse_init(&sse, &handlers, &seen);
	feed(&sse, "id: 4\n\nevent: x\ndata: a\nda", 26);
	sse_restart(&sse);
	feed(&sse, "data: b\n\n", 9);
	assert_string_equal(seen.log.p, "[message|4|1|b]");
	sse_release(&sse);
	str_release(&seen.log);
}

static void a_line_over_the_cap_is_an_error(void **state)
{
	(void)state;
	struct sse sse;
	struct seen seen = {.log = STR_INIT};
	struct err err = ERR_INIT;
	char *megabyte = malloc(1 << 20);
	memset(megabyte, 'x', 1 << 20);
	sse_init(&sse, &handlers, &seen);
	for (int i = 0; i < 4; i++)
		assert_int_equal(sse_feed(&sse, megabyte, 1 << 20, &err), 0);
	assert_int_equal(sse_feed(&sse, "x", 1, &err), -ERR_LIMIT);
	sse_restart(&sse);
	feed(&sse, "data: b\n\n", 9);
	assert_string_equal(seen.log.p, "[message||1|b]");
	sse_release(&sse);
	str_release(&seen.log);
	free(megabyte);
}

static void an_event_over_the_cap_is_an_error_however_short_its_lines(void **state)
{
	(void)state;
	struct sse sse;
	struct seen seen = {.log = STR_INIT};
	struct err err = ERR_INIT;
	char line[1031] = "data: ";
	memset(line + 6, 'x', 1024);
	line[1030] = '\n';
	sse_init(&sse, &handlers, &seen);
	int result = 0, lines = 0;
	while (!result && lines < 5000) {
		result = sse_feed(&sse, line, sizeof line, &err);
		lines++;
	}
	assert_int_equal(result, -ERR_LIMIT);
	assert_in_range(lines, 4090, 4097);
	sse_release(&sse);
	str_release(&seen.log);
}

static void compare(const struct seen *seen, const json *expected)
{
	struct str log = STR_INIT;
	int events = 0;
	for (const json *e = json_first(json_get(expected, "events")); e; e = json_next(e), events++) {
		const char *data = json_str(e, "data_if_short");
		str_clear(&log);
		str_addf(&log, "[%s|", json_str(e, "event"));
		assert_non_null(strstr(seen->log.p, log.p));
		str_clear(&log);
		str_addf(&log, "|%lld|%s", (long long)json_int(e, "data_length_bytes", -1), str_or(data, "{"));
		assert_non_null(strstr(seen->log.p, log.p));
	}
	assert_int_equal(seen->events, events);
	assert_int_equal(seen->comments, json_int(expected, "comments", -1));
	str_release(&log);
}

static void every_form_of_the_standard_comes_to_the_same_wherever_it_is_cut(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct str file = read_data("net/event-stream.json");
	json *sample = json_parse(file.p, file.len, &err);
	assert_non_null(sample);
	const char *bytes = json_str(sample, "stream_utf8");
	size_t len = strlen(bytes);
	assert_int_equal(len, json_int(sample, "byte_length", -1));
	const json *expected = json_get(sample, "expect");

	struct seen whole = parse_in_pieces_of(bytes, len, len);
	compare(&whole, expected);
	struct seen single = parse_in_pieces_of(bytes, len, 1);
	assert_string_equal(single.log.p, whole.log.p);

	struct seen cut = {.log = STR_INIT};
	struct sse sse;
	sse_init(&sse, &handlers, &cut);
	size_t from = 0;
	for (const json *p = json_first(json_get(sample, "cut_points")); p; p = json_next(p)) {
		struct str text = STR_INIT;
		int64_t to = 0;
		json_print(p, &text);
		assert_true(parse_i64(text.p, &to));
		feed(&sse, bytes + from, (size_t)to - from);
		from = (size_t)to;
		str_release(&text);
	}
	feed(&sse, bytes + from, len - from);
	assert_string_equal(cut.log.p, whole.log.p);
	assert_int_equal(sse.retry_ms, json_int(expected, "retry_ms", -1));
	assert_string_equal(sse.id.p, json_str(expected, "last_event_id"));

	sse_release(&sse);
	str_release(&cut.log);
	str_release(&single.log);
	str_release(&whole.log);
	json_free(sample);
	str_release(&file);
}

/* The recorded answer without its head and its chunk sizes; where the chunks ended it was also cut. */
static struct str unchunk(const struct str *answer)
{
	struct str body = STR_INIT;
	const char *p = strstr(answer->p, "\r\n\r\n") + 4;
	for (;;) {
		char *end;
		size_t len = strtoul(p, &end, 16);
		assert_memory_equal(end, "\r\n", 2);
		if (len == 0)
			return body;
		str_add(&body, end + 2, len);
		p = end + 2 + len + 2;
	}
}

static void what_mastodon_sent_is_four_events_and_three_comments_in_any_pieces(void **state)
{
	(void)state;
	struct str answer = read_data("net/mastodon-stream.http");
	struct str body = unchunk(&answer);
	struct seen whole = parse_in_pieces_of(body.p, body.len, body.len);
	assert_int_equal(whole.events, 4);
	assert_int_equal(whole.comments, 3);
	assert_non_null(strstr(whole.log.p, "[delete||18|115500000000000001]"));
	assert_non_null(strstr(whole.log.p, "[notification||602|{\"id\":\"34975861\""));
	for (size_t piece = 1; piece < 64; piece++) {
		struct seen seen = parse_in_pieces_of(body.p, body.len, piece);
		assert_string_equal(seen.log.p, whole.log.p);
		str_release(&seen.log);
	}
	str_release(&whole.log);
	str_release(&body);
	str_release(&answer);
}

static void the_stream_before_gotosocial_reads_the_same(void **state)
{
	(void)state;
	struct str body = read_data("net/hybrid-stream.txt");
	struct seen whole = parse_in_pieces_of(body.p, body.len, body.len);
	struct seen single = parse_in_pieces_of(body.p, body.len, 1);
	assert_int_equal(whole.events, 1);
	assert_int_equal(whole.comments, 2);
	assert_string_equal(single.log.p, whole.log.p);
	str_release(&single.log);
	str_release(&whole.log);
	str_release(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(heartbeats_of_both_forms_make_no_event),
	        cmocka_unit_test(an_event_ends_with_a_blank_line_and_its_type_with_it),
	        cmocka_unit_test(lines_end_with_lf_crlf_or_cr_wherever_they_are_cut),
	        cmocka_unit_test(an_lf_after_a_cr_counts_once_also_when_it_comes_alone),
	        cmocka_unit_test(one_space_after_the_colon_goes_and_only_one),
	        cmocka_unit_test(a_field_without_colon_is_empty_and_unknown_ones_are_passed_over),
	        cmocka_unit_test(an_event_without_data_is_dropped_with_its_type),
	        cmocka_unit_test(a_byte_order_mark_goes_from_the_first_line_alone),
	        cmocka_unit_test(an_id_stays_until_the_next_one_and_one_with_a_nul_is_ignored),
	        cmocka_unit_test(the_id_of_an_event_that_was_cut_is_not_resumed_after),
	        cmocka_unit_test(retry_takes_digits_alone),
	        cmocka_unit_test(an_unfinished_event_is_discarded_and_a_restart_forgets_it),
	        cmocka_unit_test(a_line_over_the_cap_is_an_error),
	        cmocka_unit_test(an_event_over_the_cap_is_an_error_however_short_its_lines),
	        cmocka_unit_test(every_form_of_the_standard_comes_to_the_same_wherever_it_is_cut),
	        cmocka_unit_test(what_mastodon_sent_is_four_events_and_three_comments_in_any_pieces),
	        cmocka_unit_test(the_stream_before_gotosocial_reads_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
