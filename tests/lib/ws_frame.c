#include "tests/lib/ws_frame.h"

#include "core/net/signature.h"

#include <string.h>

void ws_frame_add(struct str *out, int first, const char *payload, size_t len)
{
	str_addc(out, (char)first);
	if (len < 126) {
		str_addc(out, (char)len);
	} else {
		int bytes = len < 65536 ? 2 : 8;
		str_addc(out, (char)(bytes == 2 ? 126 : 127));
		for (int i = bytes; i-- > 0;)
			str_addc(out, (char)((uint64_t)len >> (8 * i)));
	}
	str_add(out, payload, len);
}

void ws_text_add(struct str *out, const char *text)
{
	ws_frame_add(out, WS_FIN | WS_TEXT, text, strlen(text));
}

bool ws_frame_read(const char *bytes, size_t len, size_t *at, struct ws_sent *sent)
{
	const unsigned char *p = (const unsigned char *)bytes + *at;
	size_t left = len - *at;
	if (left < 2 || (p[1] & 0x7F) > 125)
		return false;
	*sent = (struct ws_sent){.first = p[0], .masked = p[1] & 0x80, .len = p[1] & 0x7F};
	size_t head = sent->masked ? 6 : 2;
	if (left < head + sent->len)
		return false;
	for (size_t i = 0; i < sent->len; i++)
		sent->payload[i] = (char)(p[head + i] ^ (sent->masked ? p[2 + i % 4] : 0));
	*at += head + sent->len;
	return true;
}

void ws_answer_add(struct str *out, const char *request)
{
	const char *name = "Sec-WebSocket-Key: ", *key = strstr(request, name);
	if (!key)
		return;
	key += strlen(name);
	struct str copy = STR_INIT;
	str_add(&copy, key, strcspn(key, "\r\n"));
	str_adds(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	              "Sec-WebSocket-Accept: ");
	signature_websocket(copy.p, out);
	str_adds(out, "\r\nX-Request-Id: 67e7c21d-69cb-4f41-9428-9a1bb31d9669\r\n\r\n");
	str_release(&copy);
}
