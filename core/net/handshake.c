#include "core/net/handshake.h"

#include "core/net/signature.h"

#include <string.h>

void handshake_init(struct handshake *handshake, uint64_t random, uint64_t more_random)
{
	uint64_t nonce[2] = {random, more_random};
	*handshake = (struct handshake){.key = STR_INIT};
	base64_encode(nonce, sizeof nonce, &handshake->key);
	str_init(&handshake->line, HEADERS_MAX_BYTES);
	str_init(&handshake->body, HANDSHAKE_BODY_MAX);
}

void handshake_release(struct handshake *handshake)
{
	str_release(&handshake->key);
	str_release(&handshake->line);
	str_release(&handshake->body);
	headers_release(&handshake->headers);
}

/* Accept: GoToSocial answers people with a page of HTML. User-Agent: without one it answers 418. */
int handshake_request(const struct handshake *handshake, const char *host, const char *target, const char *user_agent,
        const char *bearer, struct str *out, struct err *err)
{
	for (const char *p = str_or(bearer, ""); *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			return err_set(err, ERR_USAGE, "%s: the token holds characters that it must not", host);
	str_addf(out, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: application/json\r\n", target, host,
	        user_agent);
	if (bearer)
		str_addf(out, "Authorization: Bearer %s\r\n", bearer);
	str_addf(out,
	        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
	        "%s\r\n\r\n",
	        handshake->key.p);
	return 0;
}

/* --- the answer */

/* "HTTP/1.1 101 Switching Protocols" */
static int status_of(const char *line)
{
	const char *digits = strchr(line, ' ');
	if (!str_starts(line, "HTTP/1.") || !digits)
		return 0;
	int status = 0;
	for (int i = 1; i <= 3; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		status = status * 10 + digits[i] - '0';
	}
	return status >= 100 ? status : 0;
}

/* A word of a list with commas, in any of the fields of that name. */
static bool lists(const struct headers *headers, const char *name, const char *word)
{
	const char *value;
	size_t len = strlen(word);
	for (size_t n = 0; (value = headers_nth(headers, name, n)); n++) {
		for (const char *p = value; *p; p += strcspn(p, ",")) {
			p += strspn(p, ", \t");
			if (str_icmp_n(p, word, len) == 0 && strchr(", \t", p[len]))
				return true;
		}
	}
	return false;
}

/* An answer that was kept by somebody in between, or is one to another question, has another Sec-WebSocket-Accept. A
 * sub-protocol that nobody asked for is let pass: GoToSocial repeats what it found there. */
static enum handshake_result check_upgrade(const struct handshake *handshake, struct err *err)
{
	struct str wanted = STR_INIT;
	const char *accept = str_or(headers_get(&handshake->headers, "sec-websocket-accept"), "");
	signature_websocket(handshake->key.p, &wanted);
	bool accepted = str_eq(accept, wanted.p);
	str_release(&wanted);
	if (!lists(&handshake->headers, "upgrade", "websocket") || !lists(&handshake->headers, "connection", "upgrade"))
		err_set(err, ERR_PROTOCOL, "the server changes to a protocol that is no WebSocket");
	else if (!accepted)
		err_set(err, ERR_PROTOCOL,
		        "the answer to the WebSocket's handshake is not to this one: something in between answers in "
		        "the server's place");
	else if (headers_get(&handshake->headers, "sec-websocket-extensions"))
		err_set(err, ERR_PROTOCOL, "the server uses an extension of WebSocket that was not offered");
	else
		return HANDSHAKE_UPGRADED;
	return HANDSHAKE_BROKEN;
}

static enum handshake_result end_of_head(struct handshake *handshake, struct err *err)
{
	int64_t length = 0;
	if (handshake->status == 101)
		return check_upgrade(handshake, err);
	if (handshake->status < 200) { /* an interim answer: the real head follows */
		handshake->status = 0;
		headers_clear(&handshake->headers);
		return HANDSHAKE_MORE;
	}
	handshake->head_done = true;
	const char *told = headers_get(&handshake->headers, "content-length");
	if (told && parse_i64(told, &length) && length > 0 && (uint64_t)length <= HANDSHAKE_BODY_MAX)
		handshake->body_len = (size_t)length;
	return handshake->body_len ? HANDSHAKE_MORE : HANDSHAKE_REFUSED;
}

static enum handshake_result end_of_line(struct handshake *handshake, struct err *err)
{
	struct str *line = &handshake->line;
	if (line->len && line->p[line->len - 1] == '\r')
		str_remove(line, line->len - 1, 1);
	if (!handshake->status) {
		handshake->status = status_of(line->p);
		if (!handshake->status) {
			err_set(err, ERR_PROTOCOL, "the answer to the WebSocket's handshake is not HTTP");
			return HANDSHAKE_BROKEN;
		}
	} else if (!line->len) {
		return end_of_head(handshake, err);
	} else if (headers_add_line(&handshake->headers, line->p, line->len)) {
		err_set(err, ERR_LIMIT, "the head of the answer is larger than %zu bytes", HEADERS_MAX_BYTES);
		return HANDSHAKE_BROKEN;
	}
	str_clear(line);
	return HANDSHAKE_MORE;
}

enum handshake_result handshake_feed(
        struct handshake *handshake, const char *bytes, size_t len, size_t *used, struct err *err)
{
	enum handshake_result result = HANDSHAKE_MORE;
	size_t at = 0;
	while (at < len && result == HANDSHAKE_MORE) {
		char c = bytes[at++];
		if (handshake->head_done) {
			str_addc(&handshake->body, c);
			result = handshake->body.len < handshake->body_len ? HANDSHAKE_MORE : HANDSHAKE_REFUSED;
		} else if (c == '\n') {
			result = end_of_line(handshake, err);
		} else if (str_addc(&handshake->line, c)) {
			err_set(err, ERR_LIMIT, "a line of the answer is longer than %zu bytes", HEADERS_MAX_BYTES);
			result = HANDSHAKE_BROKEN;
		}
	}
	*used = at;
	return result;
}
