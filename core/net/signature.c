#include "core/net/signature.h"

#include "core/base/mem.h"
#include "core/base/secret.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

void base64_encode(const void *bytes, size_t len, struct str *out)
{
	unsigned char *text = mem_alloc(4 * ((len + 2) / 3) + 1);
	int written = EVP_EncodeBlock(text, bytes, (int)len);
	str_add(out, (char *)text, (size_t)written);
	free(text);
}

/* The key's bytes, on the heap; -1 when what follows whsec_ is no base64. */
static int decode_secret(const char *secret, unsigned char **key)
{
	if (!str_starts(secret, "whsec_")) {
		*key = (unsigned char *)mem_strdup(secret);
		return (int)strlen(secret);
	}
	const char *text = secret + strlen("whsec_");
	size_t len = strlen(text);
	*key = mem_alloc(len + 4);
	int written = len && len % 4 == 0 ? EVP_DecodeBlock(*key, (const unsigned char *)text, (int)len) : -1;
	/* EVP_DecodeBlock counts the padding as bytes. */
	for (size_t i = len; written > 0 && i > 0 && text[i - 1] == '='; i--)
		written--;
	return written;
}

bool signature_webhook(
        const char *secret, const char *id, int64_t timestamp, const char *body, size_t len, struct str *out)
{
	unsigned char *key = NULL, digest[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;
	int key_len = decode_secret(secret, &key);
	if (key_len >= 0) {
		struct str text = STR_INIT;
		str_addf(&text, "%s.%lld.", id, (long long)timestamp);
		str_add(&text, body, len);
		HMAC(EVP_sha256(), key, key_len, (const unsigned char *)text.p, text.len, digest, &digest_len);
		str_adds(out, "v1,");
		base64_encode(digest, digest_len, out);
		str_release(&text);
	}
	secret_wipe(key, key_len > 0 ? (size_t)key_len : 0);
	free(key);
	return key_len >= 0;
}

void signature_pkce(const char *verifier, struct str *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct str plain = STR_INIT;
	EVP_Digest(verifier, strlen(verifier), digest, &len, EVP_sha256(), NULL);
	base64_encode(digest, len, &plain);
	for (const char *p = plain.p; *p && *p != '='; p++)
		str_addc(out, *p == '+' ? '-' : *p == '/' ? '_' : *p);
	str_release(&plain);
}

void signature_hmac_sha1(const char *key, const char *text, size_t len, struct str *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;
	HMAC(EVP_sha1(), key, (int)strlen(key), (const unsigned char *)text, len, digest, &digest_len);
	base64_encode(digest, digest_len, out);
}

void signature_websocket(const char *key, struct str *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct str text = STR_INIT;
	str_addf(&text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	EVP_Digest(text.p, text.len, digest, &len, EVP_sha1(), NULL);
	base64_encode(digest, len, out);
	str_release(&text);
}
