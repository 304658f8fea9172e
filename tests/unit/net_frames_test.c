#include "core/net/frames.h"
#include "core/base/paths.h"
#include "tests/lib/ws_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ANY -1     /* wslay gives 1002 for some of what is wrong, and no code for the rest */
#define SMALL 1000 /* bytes of a message */

struct heard {
	struct str texts; /* each in brackets */
	int controls;
};

static void on_text(void *arg, const char *text, size_t len)
{
	struct heard *heard = arg;
	assert_int_equal(text[len], '\0');
	str_addf(&heard->texts, "[%s]", text);
}

static void on_control(void *arg)
{
	((struct heard *)arg)->controls++;
}

static uint64_t not_random(void)
{
	return UINT64_C(0x1122334455667788);
}

static const struct frames_handlers handlers = {on_text, on_control};

/* Feeds all of it in pieces of so many bytes; what frames_feed said last. */
static int feed(struct frames *frames, const struct str *bytes, size_t piece, struct err *err)
{
	int rc = 0;
	for (size_t at = 0; at < bytes->len && !rc; at += piece)
		rc = frames_feed(frames, bytes->p + at, bytes->len - at < piece ? bytes->len - at : piece, err);
	return rc;
}

static void expect(const struct str *bytes, size_t piece, const char *texts)
{
	struct heard heard = {STR_INIT, 0};
	struct frames *frames = frames_new(&handlers, &heard, SMALL, not_random);
	struct err err = ERR_INIT;
	if (feed(frames, bytes, piece, &err))
		fail_msg("%s", err.text);
	assert_string_equal(heard.texts.p, texts);
	frames_free(frames);
	str_release(&heard.texts);
}

static void expect_end(const struct str *bytes, enum err_code code, const char *words, int close_code)
{
	for (size_t piece = 1; piece <= bytes->len; piece += bytes->len > 1 ? bytes->len - 1 : 1) {
		struct heard heard = {STR_INIT, 0};
		struct frames *frames = frames_new(&handlers, &heard, SMALL, not_random);
		struct err err = ERR_INIT;
		struct ws_sent sent;
		size_t at = 0;
		if (feed(frames, bytes, piece, &err) != -(int)code)
			fail_msg("%02x…: %s", (unsigned char)bytes->p[0], err.text);
		if (!strstr(err.text, words))
			fail_msg("%s", err.text);
		const struct str *out = frames_out(frames);
		assert_true(ws_frame_read(out->p, out->len, &at, &sent));
		assert_int_equal(sent.first, WS_FIN | WS_CLOSE);
		assert_true(sent.masked);
		if (close_code == ANY)
			assert_in_range(sent.len, 0, 2);
		else if (close_code)
			assert_int_equal(
			        (unsigned char)sent.payload[0] << 8 | (unsigned char)sent.payload[1], close_code);
		else
			assert_int_equal(sent.len, 0);
		frames_free(frames);
		str_release(&heard.texts);
	}
}

static void a_message_in_fragments_with_pings_between_is_one_however_it_is_cut(void **state)
{
	(void)state;
	struct str bytes = STR_INIT;
	ws_text_add(&bytes, "one");
	ws_frame_add(&bytes, WS_TEXT, "tw", 2);
	ws_frame_add(&bytes, WS_FIN | WS_PING, "!", 1);
	ws_frame_add(&bytes, WS_MORE, "", 0);
	ws_frame_add(&bytes, WS_FIN | WS_MORE, "o \xE2\x82\xAC", 5);
	ws_frame_add(&bytes, WS_FIN | WS_TEXT, "", 0);
	for (size_t piece = 1; piece <= bytes.len; piece++)
		expect(&bytes, piece, "[one][two \xE2\x82\xAC][]");
	str_release(&bytes);
}

static void lengths_of_each_form_are_read(void **state)
{
	(void)state;
	static const size_t lengths[] = {0, 1, 125, 126, 127, SMALL};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct str text = STR_INIT, bytes = STR_INIT, wanted = STR_INIT;
		while (text.len < lengths[i])
			str_addc(&text, 'x');
		ws_text_add(&bytes, text.p);
		str_addf(&wanted, "[%s]", text.p);
		expect(&bytes, 1, wanted.p);
		expect(&bytes, bytes.len, wanted.p);
		str_release(&text);
		str_release(&bytes);
		str_release(&wanted);
	}
}

static void a_short_length_in_the_longest_form_is_refused(void **state)
{
	(void)state;
	struct str bytes = STR_INIT;
	str_add(&bytes, "\x81\x7F\0\0\0\0\0\0\0\1x", 11);
	expect_end(&bytes, ERR_PROTOCOL, "no frame of a WebSocket", ANY);
	str_release(&bytes);
}

static void a_ping_is_answered_with_its_own_bytes_under_a_mask(void **state)
{
	(void)state;
	struct heard heard = {STR_INIT, 0};
	struct frames *frames = frames_new(&handlers, &heard, SMALL, not_random);
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	struct ws_sent sent;
	size_t at = 0;
	ws_frame_add(&bytes, WS_FIN | WS_PING, "ping!", 5);
	ws_frame_add(&bytes, WS_FIN | WS_PING, "", 0);
	assert_int_equal(feed(frames, &bytes, bytes.len, &err), 0);
	assert_int_equal(heard.controls, 2);
	const struct str *out = frames_out(frames);
	assert_true(ws_frame_read(out->p, out->len, &at, &sent));
	assert_int_equal(sent.first, WS_FIN | WS_PONG);
	assert_true(sent.masked);
	assert_int_equal(sent.len, 5);
	assert_memory_equal(sent.payload, "ping!", 5);
	assert_true(ws_frame_read(out->p, out->len, &at, &sent));
	assert_int_equal(sent.len, 0);
	assert_int_equal(at, out->len);
	frames_free(frames);
	str_release(&bytes);
	str_release(&heard.texts);
}

static void binary_messages_are_passed_over(void **state)
{
	(void)state;
	struct str bytes = STR_INIT;
	ws_frame_add(&bytes, WS_FIN | WS_BINARY, "\0\1\2", 3);
	ws_text_add(&bytes, "after");
	expect(&bytes, bytes.len, "[after]");
	str_release(&bytes);
}

static void what_is_too_large_is_refused_before_it_has_come(void **state)
{
	(void)state;
	struct str bytes = STR_INIT;
	str_add(&bytes, "\x81\x7E\x03\xE9x", 5); /* 1001 bytes, one of them here */
	expect_end(&bytes, ERR_LIMIT, "larger than 1000 bytes", 1009);
	str_clear(&bytes);
	char part[400] = "";
	memset(part, 'x', sizeof part);
	ws_frame_add(&bytes, WS_TEXT, part, sizeof part);
	ws_frame_add(&bytes, WS_MORE, part, sizeof part);
	ws_frame_add(&bytes, WS_FIN | WS_MORE, part, sizeof part);
	expect_end(&bytes, ERR_LIMIT, "larger than 1000 bytes", 1009);
	str_clear(&bytes);
	str_add(&bytes, "\x81\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10);
	expect_end(&bytes, ERR_PROTOCOL, "no frame", ANY);
	str_release(&bytes);
}

static void what_is_no_frame_ends_it(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {
	        {"\xC1\x01x", 3},          /* a reserved bit, as of compression */
	        {"\x83\x01x", 3},          /* an opcode that nobody has defined */
	        {"\x81\x81\1\2\3\4x", 7},  /* a mask, from a server */
	        {"\x80\x01x", 3},          /* a continuation of nothing */
	        {"\x01\x01x\x81\x01y", 6}, /* a message inside another */
	        {"\x09\x00", 2},           /* a control frame in fragments */
	        {"\x89\x7E\x00\x7E", 4},   /* a control frame of more than 125 bytes */
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct str bytes = STR_INIT;
		str_add(&bytes, wrong[i].bytes, wrong[i].len);
		expect_end(&bytes, ERR_PROTOCOL, "no frame of a WebSocket", ANY);
		str_release(&bytes);
	}
}

static void a_text_that_is_not_utf8_ends_it(void **state)
{
	(void)state;
	struct str bytes = STR_INIT;
	ws_text_add(&bytes, "a\xFFz");
	expect_end(&bytes, ERR_PROTOCOL, "not UTF-8", 1007);
	str_clear(&bytes);
	ws_text_add(&bytes, "\xE2\x82"); /* cut */
	expect_end(&bytes, ERR_PROTOCOL, "not UTF-8", 1007);
	str_release(&bytes);
}

static void a_close_is_answered_and_told_with_its_words(void **state)
{
	(void)state;
	struct str bytes = STR_INIT;
	ws_frame_add(&bytes, WS_FIN | WS_CLOSE, "\x03\xE9going to bed", 14);
	expect_end(&bytes, ERR_UNAVAILABLE, "the server ended the WebSocket (1001: going to bed)", 1001);
	str_clear(&bytes);
	ws_frame_add(&bytes, WS_FIN | WS_CLOSE, "\x03\xE8", 2);
	expect_end(&bytes, ERR_UNAVAILABLE, "the server ended the WebSocket (1000)", 1000);
	str_clear(&bytes);
	ws_frame_add(&bytes, WS_FIN | WS_CLOSE, "", 0); /* as both servers that we have recorded do */
	expect_end(&bytes, ERR_UNAVAILABLE, "the server ended the WebSocket", 0);
	str_clear(&bytes);
	ws_frame_add(&bytes, WS_FIN | WS_CLOSE, "\x03", 1); /* half a code */
	expect_end(&bytes, ERR_UNAVAILABLE, "the server ended the WebSocket", ANY);
	str_clear(&bytes);
	ws_frame_add(&bytes, WS_FIN | WS_CLOSE, "\x03\xEE", 2); /* 1006, which is never sent */
	expect_end(&bytes, ERR_PROTOCOL, "no frame of a WebSocket", ANY);
	str_release(&bytes);
}

static void a_message_before_the_end_is_heard(void **state)
{
	(void)state;
	struct heard heard = {STR_INIT, 0};
	struct frames *frames = frames_new(&handlers, &heard, SMALL, not_random);
	struct str bytes = STR_INIT;
	struct err err = ERR_INIT;
	ws_text_add(&bytes, "last");
	ws_frame_add(&bytes, WS_FIN | WS_CLOSE, "", 0);
	ws_text_add(&bytes, "too late");
	assert_int_equal(feed(frames, &bytes, bytes.len, &err), -ERR_UNAVAILABLE);
	assert_string_equal(heard.texts.p, "[last]");
	frames_free(frames);
	str_release(&bytes);
	str_release(&heard.texts);
}

static void our_own_end_is_a_close_1000(void **state)
{
	(void)state;
	struct heard heard = {STR_INIT, 0};
	struct frames *frames = frames_new(&handlers, &heard, SMALL, not_random);
	struct ws_sent sent;
	size_t at = 0;
	frames_close(frames, FRAMES_CLOSE_NORMAL);
	const struct str *out = frames_out(frames);
	assert_true(ws_frame_read(out->p, out->len, &at, &sent));
	assert_int_equal(sent.first, WS_FIN | WS_CLOSE);
	assert_memory_equal(sent.payload, "\x03\xE8", 2);
	frames_free(frames);
	str_release(&heard.texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_message_in_fragments_with_pings_between_is_one_however_it_is_cut),
	        cmocka_unit_test(lengths_of_each_form_are_read),
	        cmocka_unit_test(a_short_length_in_the_longest_form_is_refused),
	        cmocka_unit_test(a_ping_is_answered_with_its_own_bytes_under_a_mask),
	        cmocka_unit_test(binary_messages_are_passed_over),
	        cmocka_unit_test(what_is_too_large_is_refused_before_it_has_come),
	        cmocka_unit_test(what_is_no_frame_ends_it),
	        cmocka_unit_test(a_text_that_is_not_utf8_ends_it),
	        cmocka_unit_test(a_close_is_answered_and_told_with_its_words),
	        cmocka_unit_test(a_message_before_the_end_is_heard),
	        cmocka_unit_test(our_own_end_is_a_close_1000),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
