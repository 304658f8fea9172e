#include "tests/network/world.h"

#include "core/net/backoff.h"
#include "core/net/ratelimit.h"
#include "core/net/stream.h"

#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

/* What was called back, and where to free the stream from inside. */
enum place { NOWHERE, AT_CONNECTING, AT_OPEN, AT_EVENT, AT_HEARTBEAT, AT_CLOSED, AT_STOPPED };

struct heard {
	struct stream *stream;
	int connecting, opens, events, heartbeats, closed, stopped;
	int64_t retry_at;
	struct err reason;
	int stop_status;
	char location[64];
	struct str data;
	enum place free_at;
};

static uint64_t random_number;

static uint64_t not_random(void)
{
	return random_number;
}

static void free_if(struct heard *heard, enum place place)
{
	if (heard->free_at == place)
		stream_free(heard->stream);
}

static void on_connecting(void *arg)
{
	struct heard *heard = arg;
	heard->connecting++;
	free_if(heard, AT_CONNECTING);
}

static void on_open(void *arg)
{
	struct heard *heard = arg;
	heard->opens++;
	free_if(heard, AT_OPEN);
}

static void on_event(void *arg, const struct sse_event *event)
{
	struct heard *heard = arg;
	heard->events++;
	if (event->data_len < 100)
		str_addf(&heard->data, "[%s:%s]", event->type, event->data);
	free_if(heard, AT_EVENT);
}

static void on_heartbeat(void *arg)
{
	struct heard *heard = arg;
	heard->heartbeats++;
	free_if(heard, AT_HEARTBEAT);
}

static void on_closed(void *arg, const struct err *reason, int64_t retry_mono_ms)
{
	struct heard *heard = arg;
	heard->closed++;
	heard->reason = *reason;
	heard->retry_at = retry_mono_ms;
	free_if(heard, AT_CLOSED);
}

static void on_stopped(void *arg, const struct stream_stop *stop)
{
	struct heard *heard = arg;
	heard->stopped++;
	heard->reason = *stop->reason;
	heard->stop_status = stop->status;
	str_copy(heard->location, sizeof heard->location, str_or(stop->location, ""));
	free_if(heard, AT_STOPPED);
}

static void start(struct world *world, struct heard *heard, enum place free_at)
{
	struct err err = ERR_INIT;
	struct stream_options options = {.http = world->http,
	        .timers = &world->timers,
	        .url = world->url,
	        .bearer = "s3cret",
	        .random = not_random,
	        .handlers = {on_connecting, on_open, on_event, on_heartbeat, on_closed, on_stopped},
	        .arg = heard};
	*heard = (struct heard){.data = STR_INIT, .free_at = free_at};
	heard->stream = stream_new(&options, &err);
	if (!heard->stream)
		fail_msg("%s", err.text);
}

static void finish(struct heard *heard)
{
	if (heard->free_at == NOWHERE)
		stream_free(heard->stream);
	str_release(&heard->data);
}

static void script(struct world *world, const char *answer, enum script_end end)
{
	script_server_next(world->server, (struct script){.answer = answer, .end = end});
}

/* As one chunk of the open answer. */
static void say(struct world *world, const char *bytes)
{
	struct str chunk = STR_INIT;
	str_addf(&chunk, "%zx\r\n%s\r\n", strlen(bytes), bytes);
	script_server_send(world->server, chunk.p, chunk.len);
	str_release(&chunk);
}

static void open_stream(struct world *world, struct heard *heard, enum place free_at)
{
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	start(world, heard, free_at);
	run_until(world, &heard->opens, 1);
}

static void expect_reason(const struct heard *heard, enum err_code code, const char *text)
{
	assert_int_equal(heard->reason.code, code);
	if (!strstr(heard->reason.text, text))
		fail_msg("%s", heard->reason.text);
	assert_null(strstr(heard->reason.text, "s3cret"));
}

/* --- what comes */

static void what_mastodon_sent_opens_brings_its_events_and_ends(void **state)
{
	struct world *world = *state;
	struct heard heard;
	struct str answer = read_data("net/mastodon-stream.http");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	random_number = 700;
	start(world, &heard, NOWHERE);
	assert_int_equal(stream_state(heard.stream), STREAM_CONNECTING);
	run_until(world, &heard.closed, 1);
	assert_int_equal(heard.opens, 1);
	assert_int_equal(heard.events, 4);
	assert_int_equal(heard.heartbeats, 3);
	assert_string_equal(heard.data.p, "[delete:115500000000000001]");
	expect_reason(&heard, ERR_UNAVAILABLE, "the server ended the event stream");
	assert_int_equal(heard.retry_at, mono_now + 700);
	assert_int_equal(stream_state(heard.stream), STREAM_WAITING);
	assert_non_null(strstr(script_server_read(world->server), "\r\nAccept: text/event-stream\r\n"));
	assert_non_null(strstr(script_server_read(world->server), "\r\nAuthorization: Bearer s3cret\r\n"));
	finish(&heard);
	str_release(&answer);
}

static void an_event_cut_over_reads_is_one_event(void **state)
{
	struct world *world = *state;
	struct heard heard;
	open_stream(world, &heard, NOWHERE);
	say(world, "event: del");
	say(world, "ete\nda");
	say(world, "ta: 7\n");
	say(world, "\n");
	run_until(world, &heard.events, 1);
	assert_string_equal(heard.data.p, "[delete:7]");
	finish(&heard);
}

/* --- silence */

static void silence_of_45_seconds_is_death(void **state)
{
	struct world *world = *state;
	struct heard heard;
	open_stream(world, &heard, NOWHERE);
	advance(world, STREAM_DEAD_MS - 1);
	assert_int_equal(heard.closed, 0);
	advance(world, 1);
	assert_int_equal(heard.closed, 1);
	expect_reason(&heard, ERR_UNAVAILABLE, "silent for 45 s");
	run_until_server(world, script_server_open, 0);
	finish(&heard);
}

static void any_byte_is_a_sign_of_life(void **state)
{
	struct world *world = *state;
	struct heard heard;
	open_stream(world, &heard, NOWHERE);
	for (int i = 1; i <= 10; i++) {
		advance(world, 44000);
		say(world, ":thump\n");
		run_until(world, &heard.heartbeats, i);
	}
	advance(world, 44000);
	assert_int_equal(heard.closed, 0);
	advance(world, 1000);
	assert_int_equal(heard.closed, 1);
	finish(&heard);
}

static void a_suspended_machine_finds_its_stream_dead_at_once(void **state)
{
	struct world *world = *state;
	struct heard heard;
	open_stream(world, &heard, NOWHERE);
	advance(world, 8 * INT64_C(3600000));
	assert_int_equal(heard.closed, 1);
	finish(&heard);
}

/* --- again and again */

static void each_failure_doubles_the_wait_and_the_stream_comes_back(void **state)
{
	struct world *world = *state;
	struct heard heard;
	static const int64_t limits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	int n = (int)(sizeof limits / sizeof *limits);
	random_number = 123456789;
	for (int i = 0; i < n; i++)
		script(world, NULL, SCRIPT_CLOSE);
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	for (int i = 0; i < n; i++) {
		run_until(world, &heard.closed, i + 1);
		assert_int_equal(heard.connecting, i);
		assert_int_equal(heard.retry_at - mono_now, random_number % ((uint64_t)limits[i] + 1));
		advance(world, heard.retry_at - mono_now);
	}
	run_until(world, &heard.opens, 1);
	assert_int_equal(heard.connecting, n);
	finish(&heard);
}

static void a_minute_of_health_starts_the_waits_anew(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 1500;
	script(world, NULL, SCRIPT_CLOSE);
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	assert_int_equal(heard.retry_at - mono_now, 1500 % 1001);
	advance(world, 1000);
	run_until(world, &heard.opens, 1);
	advance(world, 30000);
	say(world, ":\n");
	run_until(world, &heard.heartbeats, 1);
	advance(world, 30000);
	script_server_hang_up(world->server);
	run_until(world, &heard.closed, 2);
	assert_int_equal(heard.retry_at - mono_now, 1500 % 1001);
	finish(&heard);
}

static void a_server_that_drops_at_once_is_not_healthy(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 1500;
	script(world, STREAM_HEAD "0\r\n\r\n", SCRIPT_CLOSE);
	script(world, STREAM_HEAD "0\r\n\r\n", SCRIPT_CLOSE);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	advance(world, 1000);
	run_until(world, &heard.closed, 2);
	assert_int_equal(heard.retry_at - mono_now, 1500);
	finish(&heard);
}

static void a_person_may_ask_for_the_next_attempt_now(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 900;
	script(world, NULL, SCRIPT_CLOSE);
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	stream_retry_now(heard.stream);
	run_until(world, &heard.opens, 1);
	stream_retry_now(heard.stream);
	assert_int_equal(heard.connecting, 1);
	finish(&heard);
}

static void the_streams_own_id_and_reconnection_time_are_honoured(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 0;
	open_stream(world, &heard, NOWHERE);
	assert_null(strstr(script_server_read(world->server), "Last-Event-ID"));
	say(world, "id: 5\nretry: 3000\ndata: x\n\n");
	run_until(world, &heard.events, 1);
	script_server_hang_up(world->server);
	run_until(world, &heard.closed, 1);
	assert_int_equal(heard.retry_at - mono_now, 3000);
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	advance(world, 3000);
	run_until(world, &heard.opens, 2);
	assert_non_null(strstr(script_server_read(world->server), "\r\nLast-Event-ID: 5\r\n"));
	finish(&heard);
}

static void an_id_that_no_field_can_hold_is_forgotten(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 0;
	open_stream(world, &heard, NOWHERE);
	say(world, "id: \x01\ndata: x\n\n");
	run_until(world, &heard.events, 1);
	script_server_hang_up(world->server);
	run_until(world, &heard.closed, 1);
	script(world, STREAM_HEAD, SCRIPT_KEEP);
	advance(world, 0);
	assert_int_equal(heard.closed, 2);
	advance(world, 0);
	run_until(world, &heard.opens, 2);
	finish(&heard);
}

static void an_event_without_end_closes_the_stream(void **state)
{
	struct world *world = *state;
	struct heard heard;
	struct str much = STR_INIT;
	for (int i = 0; i < 65536; i++)
		str_adds(&much, "0123456789abcdef");
	open_stream(world, &heard, NOWHERE);
	for (int i = 0; i < 5; i++)
		say(world, much.p);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_LIMIT, "4 MB");
	assert_int_equal(heard.events, 0);
	finish(&heard);
	str_release(&much);
}

/* --- what the server answers instead */

static void expect_stop(struct world *world, struct heard *heard, enum err_code code, const char *text)
{
	start(world, heard, NOWHERE);
	run_until(world, &heard->stopped, 1);
	assert_int_equal(stream_state(heard->stream), STREAM_STOPPED);
	expect_reason(heard, code, text);
	advance(world, INT64_C(86400000));
	assert_int_equal(heard->connecting + heard->closed + heard->opens, 0);
	finish(heard);
}

static void a_token_without_the_scope_stops_and_says_what_the_server_said(void **state)
{
	struct world *world = *state;
	struct heard heard;
	struct str answer = read_data("net/mastodon-noscope.http");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	expect_stop(world, &heard, ERR_PERMISSION, "401: Access token does not have the required scopes");
	assert_int_equal(heard.stop_status, 401);
	str_release(&answer);
}

static void a_403_stops_also_when_its_body_is_cut_or_no_json(void **state)
{
	struct heard heard;
	script(*state, "HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n{\"error\":", SCRIPT_CLOSE);
	expect_stop(*state, &heard, ERR_PERMISSION, "403: no reason given");
	script(*state, "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n<html>", SCRIPT_CLOSE);
	expect_stop(*state, &heard, ERR_PERMISSION, "403: no reason given");
}

static void a_404_says_that_no_stream_is_here(void **state)
{
	struct heard heard;
	script(*state, "HTTP/1.1 404 Not Found\r\nContent-Length: 21\r\n\r\n{\"error\":\"Not Found\"}", SCRIPT_KEEP);
	expect_stop(*state, &heard, ERR_NOT_FOUND, "no event stream at this address");
}

static void a_redirect_is_the_callers_to_judge(void **state)
{
	struct heard heard;
	script(*state,
	        "HTTP/1.1 301 Moved\r\nLocation: https://streaming.example/api/v1/streaming\r\nContent-Length: "
	        "0\r\n\r\n",
	        SCRIPT_KEEP);
	expect_stop(*state, &heard, ERR_PROTOCOL, "moved (301) to https://streaming.example/");
	assert_string_equal(heard.location, "https://streaming.example/api/v1/streaming");
}

static void a_429_waits_for_the_reset_and_some_more(void **state)
{
	struct world *world = *state;
	struct heard heard;
	wall_now = WALL_START;
	random_number = 500;
	struct str answer = read_data("net/gotosocial-429.http");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_BUSY, "429: rate limit reached");
	assert_int_equal(heard.retry_at - mono_now, 300000 + ratelimit_jitter_ms(500));
	finish(&heard);
	str_release(&answer);
}

static void a_server_that_starts_is_waited_for_as_long_as_it_says(void **state)
{
	struct world *world = *state;
	struct heard heard;
	wall_now = WALL_START;
	random_number = 0;
	struct str answer = read_data("net/gotosocial-503.http");
	script_server_next(world->server, (struct script){answer.p, answer.len, SCRIPT_KEEP, 0});
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_UNAVAILABLE, "503");
	assert_int_equal(heard.retry_at - mono_now, 120000 + 1000);
	finish(&heard);
	str_release(&answer);
}

static void a_sign_in_page_is_not_taken_for_a_stream(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 1;
	script(world, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\ndata: x\n\n",
	        SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_PROTOCOL, "expected an event stream, found text/html");
	assert_int_equal(heard.opens + heard.events, 0);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(heard.closed, 1);
	finish(&heard);
}

static void the_content_type_may_carry_a_charset_in_any_case(void **state)
{
	struct world *world = *state;
	struct heard heard;
	script(world, "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=UTF-8\r\n\r\ndata: x\n\n",
	        SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.events, 1);
	finish(&heard);
}

static void an_unusable_address_is_refused_at_once(void **state)
{
	struct world *world = *state;
	struct err err = ERR_INIT;
	struct stream_options options = {
	        .http = world->http, .timers = &world->timers, .url = "http://mastodon.example/", .random = not_random};
	assert_null(stream_new(&options, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

/* --- freeing */

static void freeing_from_inside_any_callback_is_the_end(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 0;

	open_stream(world, &heard, AT_OPEN);
	run_until_server(world, script_server_open, 0);
	finish(&heard);

	open_stream(world, &heard, AT_EVENT);
	say(world, "data: 1\n\ndata: 2\n\n:\n");
	run_until(world, &heard.events, 1);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(heard.events, 1);
	assert_int_equal(heard.heartbeats + heard.closed, 0);
	finish(&heard);

	open_stream(world, &heard, AT_HEARTBEAT);
	say(world, ":\n:\ndata: 1\n\n");
	run_until(world, &heard.heartbeats, 1);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(heard.heartbeats, 1);
	assert_int_equal(heard.events, 0);
	finish(&heard);

	open_stream(world, &heard, AT_CLOSED);
	advance(world, STREAM_DEAD_MS);
	assert_int_equal(heard.closed, 1);
	finish(&heard);

	script(world, NULL, SCRIPT_CLOSE);
	start(world, &heard, AT_CONNECTING);
	run_until(world, &heard.closed, 1);
	advance(world, 0);
	assert_int_equal(heard.connecting, 1);
	finish(&heard);

	script(world, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", SCRIPT_KEEP);
	start(world, &heard, AT_STOPPED);
	run_until(world, &heard.stopped, 1);
	finish(&heard);
}

static void a_freed_stream_is_silent(void **state)
{
	struct world *world = *state;
	struct heard heard;
	open_stream(world, &heard, NOWHERE);
	finish(&heard);
	run_until_server(world, script_server_open, 0);
	advance(world, INT64_C(86400000));
	assert_int_equal(heard.closed + heard.connecting, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(what_mastodon_sent_opens_brings_its_events_and_ends),
	        test(an_event_cut_over_reads_is_one_event),
	        test(silence_of_45_seconds_is_death),
	        test(any_byte_is_a_sign_of_life),
	        test(a_suspended_machine_finds_its_stream_dead_at_once),
	        test(each_failure_doubles_the_wait_and_the_stream_comes_back),
	        test(a_minute_of_health_starts_the_waits_anew),
	        test(a_server_that_drops_at_once_is_not_healthy),
	        test(a_person_may_ask_for_the_next_attempt_now),
	        test(the_streams_own_id_and_reconnection_time_are_honoured),
	        test(an_id_that_no_field_can_hold_is_forgotten),
	        test(an_event_without_end_closes_the_stream),
	        test(a_token_without_the_scope_stops_and_says_what_the_server_said),
	        test(a_403_stops_also_when_its_body_is_cut_or_no_json),
	        test(a_404_says_that_no_stream_is_here),
	        test(a_redirect_is_the_callers_to_judge),
	        test(a_429_waits_for_the_reset_and_some_more),
	        test(a_server_that_starts_is_waited_for_as_long_as_it_says),
	        test(a_sign_in_page_is_not_taken_for_a_stream),
	        test(the_content_type_may_carry_a_charset_in_any_case),
	        test(an_unusable_address_is_refused_at_once),
	        test(freeing_from_inside_any_callback_is_the_end),
	        test(a_freed_stream_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
