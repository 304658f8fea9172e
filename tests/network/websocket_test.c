/* The WebSocket against a scripted server: what real ones said, cut anywhere, late, wrong and not at all. */
#include "tests/network/world.h"

#include "core/net/backoff.h"
#include "core/net/handshake.h"
#include "core/net/ratelimit.h"
#include "core/net/websocket.h"
#include "tests/lib/ws_frame.h"

#include <stdio.h>

/* What was called back, and where to free the socket from inside. */
enum place { NOWHERE, AT_CONNECTING, AT_OPEN, AT_MESSAGE, AT_HEARTBEAT, AT_CLOSED, AT_STOPPED };

struct heard {
	struct websocket *socket;
	struct str answer; /* to its handshakes: the random number makes one key of all */
	int connecting, opens, messages, heartbeats, closed, stopped;
	int64_t retry_at;
	struct err reason;
	int stop_status;
	char location[64];
	struct str texts;
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
		websocket_free(heard->socket);
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

static void on_message(void *arg, const char *text, size_t len)
{
	struct heard *heard = arg;
	heard->messages++;
	str_addc(&heard->texts, '[');
	str_add(&heard->texts, text, len);
	str_addc(&heard->texts, ']');
	free_if(heard, AT_MESSAGE);
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

static void expect_answer(struct heard *heard)
{
	struct handshake handshake;
	struct str request = STR_INIT;
	handshake_init(&handshake, random_number, random_number);
	str_addf(&request, "Sec-WebSocket-Key: %s\r\n", handshake.key.p);
	ws_answer_add(&heard->answer, request.p);
	str_release(&request);
	handshake_release(&handshake);
}

static void start(struct world *world, struct heard *heard, enum place free_at)
{
	struct err err = ERR_INIT;
	struct websocket_options options = {.http = world->http,
	        .timers = &world->timers,
	        .url = world->url,
	        .bearer = "s3cret",
	        .random = not_random,
	        .handlers = {on_connecting, on_open, on_message, on_heartbeat, on_closed, on_stopped},
	        .arg = heard};
	heard->free_at = free_at;
	heard->socket = websocket_new(&options, &err);
	if (!heard->socket)
		fail_msg("%s", err.text);
}

static void begin(struct heard *heard)
{
	*heard = (struct heard){.texts = STR_INIT, .answer = STR_INIT};
	expect_answer(heard);
}

static void finish(struct heard *heard)
{
	if (heard->free_at == NOWHERE)
		websocket_free(heard->socket);
	str_release(&heard->texts);
	str_release(&heard->answer);
}

static void script(struct world *world, const char *answer, enum script_end end)
{
	script_server_next(world->server, (struct script){.answer = answer, .end = end});
}

static void say(struct world *world, int first, const char *payload)
{
	struct str frame = STR_INIT;
	ws_frame_add(&frame, first, payload, strlen(payload));
	script_server_send(world->server, frame.p, frame.len);
	str_release(&frame);
}

static void open_socket(struct world *world, struct heard *heard, enum place free_at)
{
	begin(heard);
	script(world, heard->answer.p, SCRIPT_KEEP);
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

/* The frame that the client sent after the last head, whole and under a mask. */
static bool sent_by_client(struct world *world, struct ws_sent *sent, int nth)
{
	const char *bytes = script_server_read(world->server);
	size_t len = script_server_read_len(world->server), at = 0;
	for (const char *head; (head = strstr(bytes + at, "\r\n\r\n"));)
		at = (size_t)(head - bytes) + 4;
	bool whole = true;
	for (int i = 0; whole && i <= nth; i++)
		whole = ws_frame_read(bytes, len, &at, sent);
	return whole && sent->masked;
}

static int client_frame(const struct script_server *server)
{
	const char *bytes = script_server_read(server), *head = strstr(bytes, "\r\n\r\n");
	size_t at = head ? (size_t)(head - bytes) + 4 : 0;
	struct ws_sent sent;
	return head && ws_frame_read(bytes, script_server_read_len(server), &at, &sent);
}

/* --- what comes */

/* Lines "text …" and "ping …" of a recording, as frames; `texts` is what is to be heard of it. */
static void recorded(const char *file, struct str *frames, struct str *texts)
{
	struct str lines = read_data(file);
	for (char *line = lines.p; *line;) {
		size_t len = strcspn(line, "\n");
		if (str_starts(line, "text ")) {
			ws_frame_add(frames, WS_FIN | WS_TEXT, line + 5, len - 5);
			str_addc(texts, '[');
			str_add(texts, line + 5, len - 5);
			str_addc(texts, ']');
		} else {
			assert_true(str_starts(line, "ping "));
			ws_frame_add(frames, WS_FIN | WS_PING, line + 5, len - 5);
		}
		line += len + (line[len] == '\n');
	}
	str_release(&lines);
}

static void hears_what_was_recorded(struct world *world, const char *file, const char *ping)
{
	struct heard heard;
	struct str frames = STR_INIT, texts = STR_INIT;
	struct ws_sent sent;
	random_number = 700;
	recorded(file, &frames, &texts);
	open_socket(world, &heard, NOWHERE);
	script_server_send(world->server, frames.p, frames.len);
	run_until(world, &heard.heartbeats, 1);
	assert_string_equal(heard.texts.p, texts.p);
	run_until_server(world, client_frame, 1);
	say(world, WS_FIN | WS_CLOSE, "");
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_UNAVAILABLE, "the server ended the WebSocket");
	assert_int_equal(heard.retry_at, mono_now + 700);
	run_until_server(world, script_server_open, 0);
	assert_true(sent_by_client(world, &sent, 0));
	assert_int_equal(sent.first, WS_FIN | WS_PONG);
	assert_int_equal(sent.len, strlen(ping));
	assert_memory_equal(sent.payload, ping, strlen(ping));
	assert_true(sent_by_client(world, &sent, 1));
	assert_int_equal(sent.first, WS_FIN | WS_CLOSE);
	finish(&heard);
	str_release(&frames);
	str_release(&texts);
}

static void what_mastodon_sent_is_heard_answered_and_ended(void **state)
{
	struct world *world = *state;
	hears_what_was_recorded(world, "net/mastodon-websocket.txt", "");
	assert_non_null(strstr(script_server_read(world->server), "GET /api/v1/it?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
	assert_non_null(strstr(script_server_read(world->server), "\r\nAuthorization: Bearer s3cret\r\n"));
	assert_non_null(strstr(script_server_read(world->server), "\r\nUser-Agent: curlew/"));
	assert_null(strstr(script_server_read(world->server), "Sec-WebSocket-Extensions"));
}

static void what_gotosocial_sent_is_heard_answered_and_ended(void **state)
{
	hears_what_was_recorded(*state, "net/gotosocial-websocket.txt", "ping!");
}

static void frames_right_behind_the_handshake_are_heard(void **state)
{
	struct world *world = *state;
	struct heard heard;
	begin(&heard);
	ws_text_add(&heard.answer, "first");
	ws_frame_add(&heard.answer, WS_TEXT, "sec", 3);
	script_server_next(world->server, (struct script){heard.answer.p, heard.answer.len, SCRIPT_KEEP, 0});
	start(world, &heard, NOWHERE);
	assert_int_equal(websocket_state(heard.socket), STREAM_CONNECTING);
	run_until(world, &heard.messages, 1);
	assert_int_equal(websocket_state(heard.socket), STREAM_OPEN);
	say(world, WS_FIN | WS_MORE, "ond");
	run_until(world, &heard.messages, 2);
	assert_string_equal(heard.texts.p, "[first][second]");
	finish(&heard);
}

/* Each byte in a read of its own. */
static void an_answer_and_its_frames_may_be_cut_anywhere(void **state)
{
	struct world *world = *state;
	struct heard heard;
	begin(&heard);
	ws_text_add(&heard.answer, "one");
	ws_frame_add(&heard.answer, WS_TEXT, "tw", 2);
	ws_frame_add(&heard.answer, WS_FIN | WS_PING, "p", 1);
	ws_frame_add(&heard.answer, WS_FIN | WS_MORE, "o", 1);
	script(world, "", SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until_server(world, script_server_requests, 1);
	for (size_t i = 0; i < heard.answer.len; i++) {
		script_server_send(world->server, heard.answer.p + i, 1);
		for (int turns = 0; turns < 3; turns++)
			uv_run(&world->loop, UV_RUN_NOWAIT);
	}
	run_until(world, &heard.messages, 2);
	assert_string_equal(heard.texts.p, "[one][two]");
	assert_int_equal(heard.heartbeats, 1);
	finish(&heard);
}

static void many_messages_at_once_all_come(void **state)
{
	struct world *world = *state;
	struct heard heard;
	struct str frames = STR_INIT;
	char text[1000] = "";
	memset(text, 'x', sizeof text - 1);
	for (int i = 0; i < 3000; i++)
		ws_text_add(&frames, text);
	open_socket(world, &heard, NOWHERE);
	script_server_send(world->server, frames.p, frames.len);
	run_until(world, &heard.messages, 3000);
	finish(&heard);
	str_release(&frames);
}

/* --- what must not be believed */

static void a_connection_that_is_cut_in_a_frame_brings_nothing_of_it(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 10;
	open_socket(world, &heard, NOWHERE);
	script_server_send(world->server, "\x81\x05he", 4);
	for (int i = 0; i < 5; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
	script_server_hang_up(world->server);
	run_until(world, &heard.closed, 1);
	assert_int_equal(heard.messages, 0);
	expect_reason(&heard, ERR_UNAVAILABLE, "the other side closed the connection");
	script(world, heard.answer.p, SCRIPT_KEEP);
	advance(world, 10);
	run_until(world, &heard.opens, 2);
	say(world, WS_FIN | WS_TEXT, "hello");
	run_until(world, &heard.messages, 1);
	assert_string_equal(heard.texts.p, "[hello]");
	finish(&heard);
}

static void a_message_of_more_than_a_megabyte_ends_it_and_the_server_hears_why(void **state)
{
	struct world *world = *state;
	struct heard heard;
	struct ws_sent sent;
	open_socket(world, &heard, NOWHERE);
	script_server_send(world->server, "\x81\x7F\0\0\0\0\0\x10\0\1x", 11);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_LIMIT, "larger than 1048576 bytes");
	run_until_server(world, script_server_open, 0);
	assert_true(sent_by_client(world, &sent, 0));
	assert_int_equal(sent.first, WS_FIN | WS_CLOSE);
	assert_memory_equal(sent.payload, "\x03\xF1", 2); /* 1009 */
	finish(&heard);
}

static void an_answer_with_another_key_is_not_believed(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 5;
	begin(&heard);
	random_number = 6;
	script(world, heard.answer.p, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_PROTOCOL, "not to this one");
	assert_int_equal(heard.opens, 0);
	assert_int_equal(heard.retry_at, mono_now + 6);
	run_until_server(world, script_server_open, 0);
	finish(&heard);
}

static void an_answer_that_never_comes_is_given_up_after_half_a_minute(void **state)
{
	struct world *world = *state;
	struct heard heard;
	begin(&heard);
	script(world, NULL, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until_server(world, script_server_requests, 1);
	advance(world, HTTP_TIMEOUT_MS - 1);
	assert_int_equal(heard.closed, 0);
	advance(world, 1);
	assert_int_equal(heard.closed, 1);
	expect_reason(&heard, ERR_UNAVAILABLE, "within 30 s");
	finish(&heard);
}

/* --- silence */

static void silence_of_75_seconds_is_death_and_a_ping_is_life(void **state)
{
	struct world *world = *state;
	struct heard heard;
	open_socket(world, &heard, NOWHERE);
	for (int i = 1; i <= 5; i++) {
		advance(world, WEBSOCKET_DEAD_MS - 1);
		say(world, WS_FIN | WS_PING, "");
		run_until(world, &heard.heartbeats, i);
	}
	advance(world, WEBSOCKET_DEAD_MS - 1);
	assert_int_equal(heard.closed, 0);
	advance(world, 1);
	assert_int_equal(heard.closed, 1);
	expect_reason(&heard, ERR_UNAVAILABLE, "the WebSocket was silent for 75 s");
	run_until_server(world, script_server_open, 0);
	finish(&heard);
}

/* --- again and again */

static void each_failure_doubles_the_wait_and_the_socket_comes_back(void **state)
{
	struct world *world = *state;
	struct heard heard;
	static const int64_t limits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	int n = (int)(sizeof limits / sizeof *limits);
	random_number = 123456789;
	begin(&heard);
	for (int i = 0; i < n; i++)
		script(world, NULL, SCRIPT_CLOSE);
	script(world, heard.answer.p, SCRIPT_KEEP);
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

static void a_server_that_is_not_there_is_tried_again(void **state)
{
	struct world *world = *state;
	struct heard heard;
	begin(&heard);
	snprintf(world->url, sizeof world->url, "http://127.0.0.1:1/");
	random_number = 400;
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, ERR_UNAVAILABLE, "127.0.0.1: cannot connect");
	assert_int_equal(heard.retry_at, mono_now + 400);
	finish(&heard);
}

static void a_person_may_ask_for_the_next_attempt_now(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 900;
	begin(&heard);
	script(world, NULL, SCRIPT_RESET);
	script(world, heard.answer.p, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	websocket_retry_now(heard.socket);
	run_until(world, &heard.opens, 1);
	websocket_retry_now(heard.socket);
	assert_int_equal(heard.connecting, 1);
	finish(&heard);
}

/* --- what the server answers instead */

static void expect_stop(struct world *world, const char *answer, enum err_code code, const char *text)
{
	struct heard heard;
	begin(&heard);
	script(world, answer, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	run_until(world, &heard.stopped, 1);
	assert_int_equal(websocket_state(heard.socket), STREAM_STOPPED);
	expect_reason(&heard, code, text);
	advance(world, INT64_C(86400000));
	assert_int_equal(heard.connecting + heard.closed + heard.opens, 0);
	run_until_server(world, script_server_open, 0);
	finish(&heard);
}

static void a_refused_token_stops_and_says_what_the_server_said(void **state)
{
	struct str gotosocial = read_data("net/gotosocial-websocket-401.http");
	struct str mastodon = read_data("net/mastodon-websocket-401.http");
	expect_stop(
	        *state, gotosocial.p, ERR_PERMISSION, "the WebSocket was refused (401: Unauthorized); log in again");
	expect_stop(*state, mastodon.p, ERR_PERMISSION, "(401: Invalid access token)");
	expect_stop(*state, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", ERR_PERMISSION,
	        "401: no reason given"); /* Akkoma */
	str_release(&gotosocial);
	str_release(&mastodon);
}

static void a_server_without_websockets_is_not_asked_again(void **state)
{
	static const char *const answers[] = {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
	        "HTTP/1.1 400 Bad Request\r\nContent-Length: 11\r\n\r\nBad Request",
	        "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n",
	        "HTTP/1.1 501 Not Implemented\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		expect_stop(*state, answers[i], ERR_NOT_FOUND, "there is no WebSocket at this address");
}

static void a_redirect_is_the_callers_to_judge(void **state)
{
	expect_stop(*state,
	        "HTTP/1.1 301 Moved\r\nLocation: https://streaming.example/api/v1/streaming\r\nContent-Length: "
	        "0\r\n\r\n",
	        ERR_PROTOCOL, "moved (301) to https://streaming.example/");
}

static void expect_wait(
        struct world *world, const struct str *answer, enum err_code code, const char *text, int64_t wait)
{
	struct heard heard;
	wall_now = WALL_START;
	begin(&heard);
	script_server_next(world->server, (struct script){answer->p, answer->len, SCRIPT_KEEP, 0});
	start(world, &heard, NOWHERE);
	run_until(world, &heard.closed, 1);
	expect_reason(&heard, code, text);
	assert_int_equal(heard.retry_at - mono_now, wait);
	finish(&heard);
}

static void a_server_that_asks_for_a_wait_gets_it(void **state)
{
	random_number = 500;
	struct str limited = read_data("net/gotosocial-429.http"), starting = read_data("net/gotosocial-503.http");
	expect_wait(*state, &limited, ERR_BUSY, "429: rate limit reached", 300000 + ratelimit_jitter_ms(500));
	expect_wait(*state, &starting, ERR_UNAVAILABLE, "no WebSocket now (503", 120000 + ratelimit_jitter_ms(500));
	str_release(&limited);
	str_release(&starting);
}

static void a_page_in_the_place_of_an_answer_is_tried_again(void **state)
{
	struct str page = STR_INIT;
	random_number = 3;
	str_adds(&page, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<html>\r\n\r");
	expect_wait(*state, &page, ERR_UNAVAILABLE, "no WebSocket now (200", 3);
	str_release(&page);
}

static void what_is_unusable_is_refused_at_once(void **state)
{
	struct world *world = *state;
	struct err err = ERR_INIT;
	struct websocket_options options = {
	        .http = world->http, .timers = &world->timers, .url = "http://mastodon.example/", .random = not_random};
	assert_null(websocket_new(&options, &err));
	assert_int_equal(err.code, ERR_USAGE);
	options.url = "https://mastodon.example/";
	options.bearer = "a\nb";
	err_clear(&err);
	assert_null(websocket_new(&options, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

/* --- freeing */

static void freeing_from_inside_any_callback_is_the_end(void **state)
{
	struct world *world = *state;
	struct heard heard;
	random_number = 0;

	open_socket(world, &heard, AT_OPEN);
	run_until_server(world, script_server_open, 0);
	finish(&heard);

	struct str two = STR_INIT;
	ws_text_add(&two, "1");
	ws_text_add(&two, "2");
	ws_frame_add(&two, WS_FIN | WS_PING, "", 0);
	open_socket(world, &heard, AT_MESSAGE);
	script_server_send(world->server, two.p, two.len);
	run_until(world, &heard.messages, 1);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(heard.messages, 1);
	assert_int_equal(heard.heartbeats + heard.closed, 0);
	finish(&heard);
	str_release(&two);

	open_socket(world, &heard, AT_HEARTBEAT);
	say(world, WS_FIN | WS_PING, "");
	run_until(world, &heard.heartbeats, 1);
	run_until_server(world, script_server_open, 0);
	finish(&heard);

	open_socket(world, &heard, AT_CLOSED);
	advance(world, WEBSOCKET_DEAD_MS);
	assert_int_equal(heard.closed, 1);
	finish(&heard);

	begin(&heard);
	script(world, NULL, SCRIPT_CLOSE);
	start(world, &heard, AT_CONNECTING);
	run_until(world, &heard.closed, 1);
	advance(world, 0);
	assert_int_equal(heard.connecting, 1);
	finish(&heard);

	begin(&heard);
	script(world, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", SCRIPT_KEEP);
	start(world, &heard, AT_STOPPED);
	run_until(world, &heard.stopped, 1);
	finish(&heard);
}

static void the_server_is_told_that_we_leave(void **state)
{
	struct world *world = *state;
	struct heard heard;
	struct ws_sent sent;
	open_socket(world, &heard, NOWHERE);
	finish(&heard);
	run_until_server(world, client_frame, 1);
	assert_true(sent_by_client(world, &sent, 0));
	assert_int_equal(sent.first, WS_FIN | WS_CLOSE);
	assert_memory_equal(sent.payload, "\x03\xE8", 2); /* 1000 */
	run_until_server(world, script_server_open, 0);
	advance(world, INT64_C(86400000));
	assert_int_equal(heard.closed + heard.connecting, 0);
}

static void one_that_is_freed_before_it_is_open_is_silent(void **state)
{
	struct world *world = *state;
	struct heard heard;
	begin(&heard);
	script(world, NULL, SCRIPT_KEEP);
	start(world, &heard, NOWHERE);
	finish(&heard);
	begin(&heard);
	start(world, &heard, NOWHERE);
	run_until_server(world, script_server_requests, 1);
	finish(&heard);
	run_until_server(world, script_server_open, 0);
	assert_int_equal(heard.closed + heard.opens, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(what_mastodon_sent_is_heard_answered_and_ended),
	        test(what_gotosocial_sent_is_heard_answered_and_ended),
	        test(frames_right_behind_the_handshake_are_heard),
	        test(an_answer_and_its_frames_may_be_cut_anywhere),
	        test(many_messages_at_once_all_come),
	        test(a_connection_that_is_cut_in_a_frame_brings_nothing_of_it),
	        test(a_message_of_more_than_a_megabyte_ends_it_and_the_server_hears_why),
	        test(an_answer_with_another_key_is_not_believed),
	        test(an_answer_that_never_comes_is_given_up_after_half_a_minute),
	        test(silence_of_75_seconds_is_death_and_a_ping_is_life),
	        test(each_failure_doubles_the_wait_and_the_socket_comes_back),
	        test(a_server_that_is_not_there_is_tried_again),
	        test(a_person_may_ask_for_the_next_attempt_now),
	        test(a_refused_token_stops_and_says_what_the_server_said),
	        test(a_server_without_websockets_is_not_asked_again),
	        test(a_redirect_is_the_callers_to_judge),
	        test(a_server_that_asks_for_a_wait_gets_it),
	        test(a_page_in_the_place_of_an_answer_is_tried_again),
	        test(what_is_unusable_is_refused_at_once),
	        test(freeing_from_inside_any_callback_is_the_end),
	        test(the_server_is_told_that_we_leave),
	        test(one_that_is_freed_before_it_is_open_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
