/* The opening handshake of a WebSocket, the client's side (RFC 6455, 4.1), for any chunking of the answer. Pure. The
 * owner calls handshake_release. */
#ifndef CORE_NET_HANDSHAKE_H
#define CORE_NET_HANDSHAKE_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/net/headers.h"

#define HANDSHAKE_BODY_MAX ((size_t)16 * 1024) /* of the body that explains a refusal */

struct handshake {
	struct str key;  /* base64 of 16 bytes that nobody could foresee */
	struct str line; /* of the head, unfinished */
	struct headers headers;
	int status; /* 0 before its line has come */
	bool head_done;
	size_t body_len; /* bytes that are waited for */
	struct str body; /* of a refusal; empty when it is chunked or too long */
};

void handshake_init(struct handshake *handshake, uint64_t random, uint64_t more_random);
void handshake_release(struct handshake *handshake);

/* Appends the request. bearer may be NULL. No extension and no sub-protocol is offered. -ERR_USAGE when the token holds
 * what no header field can. */
int handshake_request(const struct handshake *handshake, const char *host, const char *target, const char *user_agent,
        const char *bearer, struct str *out, struct err *err);

enum handshake_result {
	HANDSHAKE_MORE,     /* bytes are missing */
	HANDSHAKE_UPGRADED, /* what follows the bytes used are frames */
	HANDSHAKE_REFUSED,  /* status, headers and body say why */
	HANDSHAKE_BROKEN    /* no answer to this request; err says what is wrong with it */
};
/* *used: bytes of these that belong to the answer. */
enum handshake_result handshake_feed(
        struct handshake *handshake, const char *bytes, size_t len, size_t *used, struct err *err);

#endif
