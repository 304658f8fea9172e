#include "core/model/credential.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/base/str.h"

static const struct {
	const char *key, *word;
	bool hidden;
} table[] = {
#define ROW(n, key, word, secret) {key, word, secret},
        CREDENTIAL_TABLE(ROW)
#undef ROW
};

const char *credential_key(enum credential credential)
{
	return table[credential].key;
}

const char *credential_word(enum credential credential)
{
	return table[credential].word;
}

bool credential_is_hidden(enum credential credential)
{
	return table[credential].hidden;
}

bool credential_parse(const char *key, enum credential *out)
{
	for (int i = 0; i < CREDENTIAL_COUNT; i++) {
		if (str_eq(table[i].key, key)) {
			*out = (enum credential)i;
			return true;
		}
	}
	return false;
}

void credentials_set(struct credentials *credentials, enum credential credential, const char *value)
{
	char *copy = value && *value ? mem_strdup(value) : NULL;
	secret_free(credentials->value[credential]);
	credentials->value[credential] = copy;
}

void credentials_copy(struct credentials *to, const struct credentials *from)
{
	*to = (struct credentials){.origin = ""};
	str_copy(to->origin, sizeof to->origin, from->origin);
	for (int i = 0; i < CREDENTIAL_COUNT; i++)
		credentials_set(to, (enum credential)i, from->value[i]);
}

void credentials_release(struct credentials *credentials)
{
	for (int i = 0; i < CREDENTIAL_COUNT; i++)
		secret_free(credentials->value[i]);
	*credentials = (struct credentials){.origin = ""};
}
