/* WebSocket frames by hand (RFC 6455, 5.2): what a server sends, right or wrong, and what a client sent. */
#ifndef TESTS_LIB_WS_FRAME_H
#define TESTS_LIB_WS_FRAME_H

#include "core/base/str.h"

#define WS_FIN 0x80
enum ws_opcode { WS_MORE = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

/* Appends a frame without a mask. first: its first byte, WS_FIN | opcode. */
void ws_frame_add(struct str *out, int first, const char *payload, size_t len);
void ws_text_add(struct str *out, const char *text); /* a whole message */

struct ws_sent {
	int first;
	bool masked;
	char payload[256];
	size_t len;
};
/* The frame at *at of what a client sent, short ones alone; moves *at behind it. False when none is whole. */
bool ws_frame_read(const char *bytes, size_t len, size_t *at, struct ws_sent *sent);

/* Appends the 101 that Mastodon's streaming server gives, for the key in the request's head; "" when there is none. */
void ws_answer_add(struct str *out, const char *request);

#endif
