#include "core/net/handshake.h"
#include "core/net/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The example of RFC 6455, 1.3: "dGhlIHNhbXBsZSBub25jZQ==". */
static void begin(struct handshake *handshake)
{
	uint64_t nonce[2];
	memcpy(nonce, "the sample nonce", sizeof nonce);
	handshake_init(handshake, nonce[0], nonce[1]);
	assert_string_equal(handshake->key.p, "dGhlIHNhbXBsZSBub25jZQ==");
}

#define GOOD_ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define SWITCHES "HTTP/1.1 101 Switching Protocols\r\n"
#define GOOD SWITCHES "Upgrade: websocket\r\nConnection: Upgrade\r\n" GOOD_ACCEPT

static enum handshake_result feed(
        struct handshake *handshake, const char *answer, size_t piece, size_t *used, struct err *err)
{
	size_t len = strlen(answer);
	enum handshake_result result = HANDSHAKE_MORE;
	*used = 0;
	for (size_t at = 0; at < len && result == HANDSHAKE_MORE; at += piece) {
		size_t taken = 0;
		result = handshake_feed(handshake, answer + at, len - at < piece ? len - at : piece, &taken, err);
		*used += taken;
	}
	return result;
}

/* However the answer is cut. */
static void expect(const char *answer, enum handshake_result result, size_t left, const char *words)
{
	size_t len = strlen(answer);
	for (size_t piece = 1; piece <= len; piece++) {
		struct handshake handshake;
		struct err err = ERR_INIT;
		size_t used;
		begin(&handshake);
		assert_int_equal(feed(&handshake, answer, piece, &used, &err), result);
		assert_int_equal(used, len - left);
		if (!strstr(err.text, words))
			fail_msg("%s", err.text);
		handshake_release(&handshake);
	}
}

static void the_request_is_whole_and_offers_nothing(void **state)
{
	(void)state;
	struct handshake handshake;
	struct str request = STR_INIT;
	struct err err = ERR_INIT;
	begin(&handshake);
	assert_int_equal(handshake_request(&handshake, "[::1]:8080", "/api/v1/streaming?stream=user", "curlew/1",
	                         "s3cret", &request, &err),
	        0);
	assert_string_equal(request.p, "GET /api/v1/streaming?stream=user HTTP/1.1\r\nHost: [::1]:8080\r\n"
	                               "User-Agent: curlew/1\r\nAccept: application/json\r\n"
	                               "Authorization: Bearer s3cret\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	                               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	                               "\r\n");
	str_clear(&request);
	assert_int_equal(handshake_request(&handshake, "h", "/", "curlew/1", "a\r\nb", &request, &err), -ERR_USAGE);
	assert_int_equal(request.len, 0);
	assert_null(strstr(err.text, "a\r\nb"));
	handshake_release(&handshake);
	str_release(&request);
}

static void what_follows_the_answer_belongs_to_the_frames(void **state)
{
	(void)state;
	expect(GOOD "\r\n", HANDSHAKE_UPGRADED, 0, "");
	struct handshake handshake;
	struct err err = ERR_INIT;
	size_t used;
	begin(&handshake);
	assert_int_equal(feed(&handshake, GOOD "\r\n\x81\x01x", 4096, &used, &err), HANDSHAKE_UPGRADED);
	assert_int_equal(used, strlen(GOOD "\r\n"));
	handshake_release(&handshake);
}

static void names_and_words_are_read_in_any_case_and_order(void **state)
{
	(void)state;
	expect("HTTP/1.1 101 \r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nCONNECTION: keep-alive, "
	       "upgrade\r\n"
	       "upgrade: WebSocket\r\n\r\n",
	        HANDSHAKE_UPGRADED, 0, "");
}

static void a_sub_protocol_that_comes_back_is_let_pass(void **state)
{
	(void)state;
	expect(GOOD "Sec-WebSocket-Protocol: whatever\r\n\r\n", HANDSHAKE_UPGRADED, 0, "");
}

static void an_interim_answer_is_not_the_answer(void **state)
{
	(void)state;
	expect("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" GOOD "\r\n", HANDSHAKE_UPGRADED, 0, "");
}

static void an_answer_that_is_not_to_us_is_refused(void **state)
{
	(void)state;
	expect(SWITCHES "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	                "Sec-WebSocket-Accept: rFZ8N0ZhtR7pMf089SFSsGajfkw=\r\n\r\n",
	        HANDSHAKE_BROKEN, 0, "not to this one");
	expect(SWITCHES "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", HANDSHAKE_BROKEN, 0, "not to this one");
	expect(SWITCHES "Connection: Upgrade\r\n" GOOD_ACCEPT "\r\n", HANDSHAKE_BROKEN, 0, "no WebSocket");
	expect(SWITCHES "Upgrade: h2c\r\nConnection: Upgrade\r\n" GOOD_ACCEPT "\r\n", HANDSHAKE_BROKEN, 0,
	        "no WebSocket");
	expect(SWITCHES "Upgrade: websocket\r\n" GOOD_ACCEPT "\r\n", HANDSHAKE_BROKEN, 0, "no WebSocket");
	expect(GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", HANDSHAKE_BROKEN, 0, "not offered");
	expect("SSH-2.0-OpenSSH_9.2\r\n", HANDSHAKE_BROKEN, 0, "not HTTP");
	expect("HTTP/1.1 x\r\n", HANDSHAKE_BROKEN, 0, "not HTTP");
}

static void a_refusal_comes_with_its_body_where_that_has_a_length(void **state)
{
	(void)state;
	static const char *const answers[][2] = {
	        {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 24\r\n\r\n{\"error\":\"Unauthorized\"}",
	                "{\"error\":\"Unauthorized\"}"},
	        {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nX-Error-Message: Invalid access token\r\n\r\n", ""},
	        {"HTTP/1.1 503 Starting\r\nTransfer-Encoding: chunked\r\n\r\n", ""},
	        {"HTTP/1.1 404 Not Found\r\nContent-Length: 99999999\r\n\r\n", ""},
	        {"HTTP/1.1 404 Not Found\r\nContent-Length: -5\r\n\r\n", ""},
	};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct handshake handshake;
		struct err err = ERR_INIT;
		size_t used;
		expect(answers[i][0], HANDSHAKE_REFUSED, 0, "");
		begin(&handshake);
		feed(&handshake, answers[i][0], 7, &used, &err);
		assert_string_equal(handshake.body.p, answers[i][1]);
		handshake_release(&handshake);
	}
}

static void a_head_without_end_is_given_up(void **state)
{
	(void)state;
	struct str answer = STR_INIT;
	str_adds(&answer, SWITCHES);
	while (answer.len < HEADERS_MAX_BYTES + 4096)
		str_adds(&answer, "X-Padding: 0123456789abcdef0123456789abcdef\r\n");
	struct handshake handshake;
	struct err err = ERR_INIT;
	size_t used;
	begin(&handshake);
	assert_int_equal(feed(&handshake, answer.p, 4096, &used, &err), HANDSHAKE_BROKEN);
	assert_int_equal(err.code, ERR_LIMIT);
	handshake_release(&handshake);
	str_clear(&answer);
	while (answer.len < HEADERS_MAX_BYTES + 4096)
		str_adds(&answer, "HTTP/1.1 101 ");
	begin(&handshake);
	assert_int_equal(feed(&handshake, answer.p, 4096, &used, &err), HANDSHAKE_BROKEN);
	assert_int_equal(err.code, ERR_LIMIT);
	handshake_release(&handshake);
	str_release(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_request_is_whole_and_offers_nothing),
	        cmocka_unit_test(what_follows_the_answer_belongs_to_the_frames),
	        cmocka_unit_test(names_and_words_are_read_in_any_case_and_order),
	        cmocka_unit_test(a_sub_protocol_that_comes_back_is_let_pass),
	        cmocka_unit_test(an_interim_answer_is_not_the_answer),
	        cmocka_unit_test(an_answer_that_is_not_to_us_is_refused),
	        cmocka_unit_test(a_refusal_comes_with_its_body_where_that_has_a_length),
	        cmocka_unit_test(a_head_without_end_is_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
