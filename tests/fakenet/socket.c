#include "tests/fakenet/socket.h"

#include "core/net/signature.h"

#include <string.h>

enum { FIN = 0x80, MASKED = 0x80, SHORT_MAX = 125, MASK_LEN = 4 };

bool socket_asked(const struct http_request *request)
{
	const char *upgrade = http_header_get(request, "Upgrade"), *connection = http_header_get(request, "Connection");
	return upgrade && str_ieq(upgrade, "websocket") && connection && str_ieq(connection, "Upgrade") &&
	       http_header_get(request, "Sec-WebSocket-Key") &&
	       str_eq(http_header_get(request, "Sec-WebSocket-Version"), "13");
}

void socket_answer(const struct http_request *request, struct str *out)
{
	str_adds(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	              "Sec-WebSocket-Accept: ");
	signature_websocket(http_header_get(request, "Sec-WebSocket-Key"), out);
	const char *protocol = http_header_get(request, "Sec-WebSocket-Protocol");
	if (protocol)
		str_addf(out, "\r\nSec-WebSocket-Protocol: %s", protocol);
	str_adds(out, "\r\n\r\n");
}

void socket_frame(struct str *out, enum socket_opcode opcode, const char *bytes, size_t len)
{
	str_addc(out, (char)(FIN | opcode));
	int more = len <= SHORT_MAX ? 0 : len < 65536 ? 2 : 8;
	str_addc(out, (char)(more == 0 ? (int)len : more == 2 ? 126 : 127));
	while (more-- > 0)
		str_addc(out, (char)((uint64_t)len >> (8 * more)));
	str_add(out, bytes, len);
}

bool socket_take(struct str *from, struct str *out)
{
	while (from->len >= 2 + MASK_LEN) {
		const unsigned char *p = (const unsigned char *)from->p;
		size_t len = p[1] & ~(unsigned)MASKED;
		if (!(p[0] & FIN) || !(p[1] & MASKED) || len > SHORT_MAX)
			return false;
		if (from->len < 2 + MASK_LEN + len)
			break;
		char payload[SHORT_MAX];
		for (size_t i = 0; i < len; i++)
			payload[i] = (char)(p[2 + MASK_LEN + i] ^ p[2 + i % MASK_LEN]);
		int opcode = p[0] & ~FIN;
		str_remove(from, 0, 2 + MASK_LEN + len);
		if (opcode == SOCKET_CLOSE) {
			socket_frame(out, SOCKET_CLOSE, payload, len);
			return false;
		}
		if (opcode == SOCKET_PING)
			socket_frame(out, SOCKET_PONG, payload, len);
	}
	return true;
}
