/* WebSockets, the server's side (RFC 6455): the handshake's answer, frames as they are sent, and what a client sends,
 * which has to be whole, short and under a mask. */
#ifndef TESTS_FAKENET_SOCKET_H
#define TESTS_FAKENET_SOCKET_H

#include "core/base/str.h"
#include "tests/fakenet/parse.h"

enum socket_opcode { SOCKET_TEXT = 1, SOCKET_CLOSE = 8, SOCKET_PING = 9, SOCKET_PONG = 10 };

bool socket_asked(const struct http_request *request); /* for an upgrade, with all that belongs to it */
void socket_answer(const struct http_request *request, struct str *out);
void socket_frame(struct str *out, enum socket_opcode opcode, const char *bytes, size_t len);

/* Takes what has come from `from`, whole frames alone, and adds what is owed for them to `out`: pongs, a close for a
 * close. False when the connection has to end: it was closed, or what came breaks the rules. */
bool socket_take(struct str *from, struct str *out);

#endif
