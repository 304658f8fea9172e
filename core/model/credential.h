/* The secrets of an account by name: as they stand in credentials.conf, as a token_command prints them behind its first
 * line, and as the room of a network asks for them. Values are never written to a log, and wiped before they are freed.
 */
#ifndef CORE_MODEL_CREDENTIAL_H
#define CORE_MODEL_CREDENTIAL_H

#include <stdbool.h>

/* X(NAME, "key", "for a person", is secret: what is not may be shown) */
#define CREDENTIAL_TABLE(X)                                                                                            \
	X(TOKEN, "token", "token", true) /* what requests carry */                                                     \
	X(REFRESH_TOKEN, "refresh_token", "refresh token", true)                                                       \
	X(TOKEN_EXPIRES, "token_expires", "token expires", false) /* Unix seconds in decimal */                        \
	X(TOKEN_SECRET, "token_secret", "token secret", true)     /* OAuth 1.0a */                                     \
	X(APP_PASSWORD, "app_password", "app password", true)                                                          \
	X(APP_TOKEN, "app_token", "application's own token", true)                                                     \
	X(CLIENT_ID, "client_id", "client id", false)                                                                  \
	X(CLIENT_SECRET, "client_secret", "client secret", true)

#define CREDENTIAL_MEMBER(n, key, word, secret) CREDENTIAL_##n,
enum credential { CREDENTIAL_TABLE(CREDENTIAL_MEMBER) CREDENTIAL_COUNT };

/* Those of one account; NULL for what there is none of. Values are on the heap. */
struct credentials {
	char *value[CREDENTIAL_COUNT];
	char origin[17]; /* a mark of what a token_command printed first; "" without one */
};

/* A change of one. */
struct credential_value {
	enum credential credential;
	const char *value; /* "" or NULL: there is none any more */
};

const char *credential_key(enum credential credential);
const char *credential_word(enum credential credential); /* "app password" */
bool credential_parse(const char *key, enum credential *out);
bool credential_is_hidden(enum credential credential);

void credentials_set(
        struct credentials *credentials, enum credential credential, const char *value); /* copies; NULL or "": none */
void credentials_copy(struct credentials *to, const struct credentials *from);           /* `to` is released or zero */
void credentials_release(struct credentials *credentials);                               /* wipes */

#endif
