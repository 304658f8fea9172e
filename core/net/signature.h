/* Signatures and digests, on OpenSSL's libcrypto: webhooks are signed by Standard Webhooks (standardwebhooks.com, spec
 * version 1), logins prove themselves by PKCE (RFC 7636),
 * WebSockets by their key (RFC 6455). Pure. */
#ifndef CORE_NET_SIGNATURE_H
#define CORE_NET_SIGNATURE_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". A secret that begins with whsec_ is base64
 * after it, any other is taken as it stands. False when the base64 is none. timestamp: Unix seconds. */
bool signature_webhook(
        const char *secret, const char *id, int64_t timestamp, const char *body, size_t len, struct str *out);

/* Appends base64url(SHA256(verifier)) without padding: code_challenge of method S256. */
void signature_pkce(const char *verifier, struct str *out);

/* Appends base64(HMAC-SHA1(key, text)): OAuth 1.0a (RFC 5849, 3.4.2), which knows nothing newer. */
void signature_hmac_sha1(const char *key, const char *text, size_t len, struct str *out);

/* Appends base64(SHA1(key + what RFC 6455, 1.3 adds to it)): Sec-WebSocket-Accept. */
void signature_websocket(const char *key, struct str *out);

void base64_encode(const void *bytes, size_t len, struct str *out);

#endif
