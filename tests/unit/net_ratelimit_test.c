#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/net/ratelimit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static int64_t at(const char *rfc3339)
{
	int64_t ms = 0;
	assert_true(time_parse_rfc3339(rfc3339, &ms));
	return ms;
}

/* Lines as in an answer's head, each ended by LF. */
static struct headers parse(const char *lines)
{
	struct headers headers = {0};
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		assert_int_equal(headers_add_line(&headers, lines, len), 0);
		lines += len + (lines[len] == '\n');
	}
	return headers;
}

static struct headers recorded_head(const char *file)
{
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	char *path = path_join(str_or(getenv("CURLEW_TEST_DATA"), "tests/data"), file);
	assert_int_equal(file_read(path, &bytes, &err), 0);
	char *end = strstr(bytes.p, "\r\n\r\n");
	assert_non_null(end);
	*end = '\0';
	struct headers headers = parse(bytes.p);
	str_release(&bytes);
	free(path);
	return headers;
}

static void expect(const char *lines, int64_t limit, int64_t remaining, int64_t reset)
{
	struct ratelimit told;
	struct headers headers = parse(lines);
	assert_true(ratelimit_parse(&headers, &told));
	assert_int_equal(told.limit, limit);
	assert_int_equal(told.remaining, remaining);
	assert_int_equal(told.reset_wall_ms, reset);
	headers_release(&headers);
}

static int64_t retry_at(int status, const char *lines, int64_t now)
{
	struct headers headers = parse(lines);
	int64_t when = ratelimit_retry_at(status, &headers, now);
	headers_release(&headers);
	return when;
}

static void each_networks_dialect_is_read(void **state)
{
	(void)state;
	expect("X-RateLimit-Limit: 300\nX-RateLimit-Remaining: 297\nX-RateLimit-Reset: 2026-01-02T03:05:00.000000Z\n",
	        300, 297, at("2026-01-02T03:05:00Z"));
	expect("X-Ratelimit-Limit: 5\nX-Ratelimit-Remaining: 0\nX-Ratelimit-Reset: 2026-11-22T02:18:50.000Z\n", 5, 0,
	        at("2026-11-22T02:18:50Z"));
	expect("RateLimit-Limit: 30\nRateLimit-Reset: 1795313935\nRateLimit-Remaining: 29\nRateLimit-Policy: "
	       "30;w=300\n",
	        30, 29, INT64_C(1795313935000));
	expect("x-rate-limit-limit: 300\nx-rate-limit-remaining: 299\nx-rate-limit-reset: 1787318100\n", 300, 299,
	        INT64_C(1787318100000));
}

static void what_is_malformed_is_as_if_not_told(void **state)
{
	(void)state;
	expect("X-RateLimit-Limit: many\nX-RateLimit-Remaining: -3\nX-RateLimit-Reset: 2026-01-02T03:05:00Z\n", -1, -1,
	        at("2026-01-02T03:05:00Z"));
	expect("RateLimit-Limit: 10\nRateLimit-Reset: 9223372036854775807\n", 10, -1, -1);
	struct ratelimit told;
	struct headers none = parse("Content-Type: text/html\nX-RateLimit-Reset: soon\n");
	assert_false(ratelimit_parse(&none, &told));
	assert_int_equal(told.reset_wall_ms, -1);
	headers_release(&none);
}

static void the_recorded_429_waits_for_its_reset(void **state)
{
	(void)state;
	struct headers headers = recorded_head("net/gotosocial-429.http");
	int64_t now = at("2026-11-22T02:13:50Z");
	assert_int_equal(ratelimit_retry_at(429, &headers, now), at("2026-11-22T02:18:50Z"));
	headers_release(&headers);
}

static void of_two_retry_after_fields_the_later_counts(void **state)
{
	(void)state;
	struct headers headers = recorded_head("net/gotosocial-503.http");
	assert_non_null(headers_nth(&headers, "retry-after", 1));
	assert_null(headers_nth(&headers, "retry-after", 2));
	assert_int_equal(ratelimit_retry_at(503, &headers, at("2026-11-22T02:13:20Z")), at("2026-11-22T02:15:20Z"));
	assert_int_equal(ratelimit_retry_at(503, &headers, at("2026-11-22T02:13:00Z")), at("2026-11-22T02:15:10Z"));
	headers_release(&headers);
}

static void a_429_that_says_nothing_usable_waits_a_minute(void **state)
{
	(void)state;
	int64_t now = at("2026-11-22T02:13:50Z");
	assert_int_equal(retry_at(429, "", now), now + 60000);
	assert_int_equal(retry_at(429, "Retry-After: soon\n", now), now + 60000);
	assert_int_equal(retry_at(429, "Retry-After: -5\n", now), now + 60000);
	assert_int_equal(retry_at(429, "X-RateLimit-Reset: 2026-11-22T02:13:49Z\n", now), now + 60000);
	assert_int_equal(retry_at(429, "Retry-After: Sun, 22 Nov 2026 02:00:00 GMT\n", now), now + 60000);
}

static void retry_after_comes_before_the_reset_time(void **state)
{
	(void)state;
	int64_t now = at("2026-11-22T02:13:50Z");
	assert_int_equal(retry_at(429, "Retry-After: 7\nX-RateLimit-Reset: 2026-11-22T02:18:50Z\n", now), now + 7000);
}

static void other_answers_ask_for_no_wait(void **state)
{
	(void)state;
	int64_t now = at("2026-11-22T02:13:50Z");
	assert_int_equal(retry_at(200, "X-RateLimit-Reset: 2026-11-22T02:18:50Z\n", now), 0);
	assert_int_equal(retry_at(503, "X-RateLimit-Reset: 2026-11-22T02:18:50Z\n", now), 0);
	assert_int_equal(retry_at(500, "Retry-After: 7\n", now), 0);
}

static void nobody_is_believed_beyond_a_day(void **state)
{
	(void)state;
	int64_t now = at("2026-11-22T02:13:50Z"), day = 24 * 3600 * INT64_C(1000);
	assert_int_equal(retry_at(429, "Retry-After: 9223372036854775807\n", now), now + day);
	assert_int_equal(retry_at(429, "x-rate-limit-reset: 99999999999\n", now), now + day);
}

static void note(struct rate_gate *gate, int status, const char *lines, int64_t wall, int64_t mono)
{
	struct headers headers = parse(lines);
	rate_gate_note(gate, status, &headers, wall, mono);
	headers_release(&headers);
}

static void the_gate_shuts_before_the_server_has_to(void **state)
{
	(void)state;
	struct rate_gate gate;
	int64_t wall = at("2026-11-22T02:13:50Z");
	rate_gate_init(&gate);
	assert_int_equal(rate_gate_when(&gate, 10, 500), 500);
	note(&gate, 200, "X-RateLimit-Remaining: 2\nX-RateLimit-Reset: 2026-11-22T02:14:00Z\n", wall, 1000);
	assert_int_equal(rate_gate_when(&gate, 0, 1000), 1000);
	rate_gate_spend(&gate);
	rate_gate_spend(&gate);
	assert_int_equal(rate_gate_when(&gate, 0, 1000), 11000);
	assert_int_equal(rate_gate_when(&gate, 0, 11000), 11000);
}

static void reads_leave_some_of_the_budget_to_replies(void **state)
{
	(void)state;
	struct rate_gate gate;
	rate_gate_init(&gate);
	note(&gate, 200, "RateLimit-Remaining: 10\nRateLimit-Reset: 1795313935\n", INT64_C(1795313930000), 0);
	assert_int_equal(rate_gate_when(&gate, 10, 1), 5000);
	assert_int_equal(rate_gate_when(&gate, 0, 1), 1);
}

static void a_429_shuts_the_gate_for_everybody(void **state)
{
	(void)state;
	struct rate_gate gate;
	rate_gate_init(&gate);
	note(&gate, 429, "x-rate-limit-remaining: 299\nRetry-After: 3\n", at("2026-11-22T02:13:50Z"), 1000);
	assert_int_equal(rate_gate_when(&gate, 0, 1000), 4000);
	note(&gate, 429, "Retry-After: 1\n", at("2026-11-22T02:13:50Z"), 1000);
	assert_int_equal(rate_gate_when(&gate, 0, 1000), 4000);
	assert_int_equal(rate_gate_when(&gate, 0, 4000), 4000);
}

static void jitter_is_one_to_five_seconds(void **state)
{
	(void)state;
	assert_int_equal(ratelimit_jitter_ms(0), 1000);
	assert_int_equal(ratelimit_jitter_ms(4000), 5000);
	assert_in_range(ratelimit_jitter_ms(UINT64_MAX), 1000, 5000);
}

static void header_names_compare_without_case_and_the_bytes_are_capped(void **state)
{
	(void)state;
	struct headers headers = parse("Content-Type:\t text/html \r\nnonsense\n: nothing\n");
	assert_string_equal(headers_get(&headers, "content-TYPE"), "text/html");
	assert_int_equal(headers.fields.len, 1);
	char *big = malloc(HEADERS_MAX_BYTES);
	memset(big, 'a', HEADERS_MAX_BYTES);
	assert_int_equal(headers_add_line(&headers, big, HEADERS_MAX_BYTES), -1);
	free(big);
	headers_release(&headers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_networks_dialect_is_read),
	        cmocka_unit_test(what_is_malformed_is_as_if_not_told),
	        cmocka_unit_test(the_recorded_429_waits_for_its_reset),
	        cmocka_unit_test(of_two_retry_after_fields_the_later_counts),
	        cmocka_unit_test(a_429_that_says_nothing_usable_waits_a_minute),
	        cmocka_unit_test(retry_after_comes_before_the_reset_time),
	        cmocka_unit_test(other_answers_ask_for_no_wait),
	        cmocka_unit_test(nobody_is_believed_beyond_a_day),
	        cmocka_unit_test(the_gate_shuts_before_the_server_has_to),
	        cmocka_unit_test(reads_leave_some_of_the_budget_to_replies),
	        cmocka_unit_test(a_429_shuts_the_gate_for_everybody),
	        cmocka_unit_test(jitter_is_one_to_five_seconds),
	        cmocka_unit_test(header_names_compare_without_case_and_the_bytes_are_capped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
