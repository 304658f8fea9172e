#include "core/base/secret.h"

#include "core/base/mem.h"
#include "core/base/vec.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* So many bytes are no accident: a shorter piece of a secret is not told from ordinary words. */
enum { TELLING = 12 };

static const char mark[] = "[secret]";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static VEC(char *) secrets;
static atomic_bool any; /* so that a program without secrets takes no lock */

void secret_wipe(void *bytes, size_t len)
{
	for (volatile char *p = bytes; len; len--) /* no compiler may find that nobody reads it any more */
		*p++ = 0;
}

void secret_free(char *text)
{
	if (text)
		secret_wipe(text, strlen(text));
	free(text);
}

void secret_release(struct str *text)
{
	secret_wipe(text->cap ? text->p : NULL, text->cap);
	str_release(text);
}

void secret_know(const char *secret)
{
	if (!secret || !*secret)
		return;
	pthread_mutex_lock(&lock);
	bool known = false;
	for (size_t i = 0; i < secrets.len; i++)
		known = known || str_eq(secrets.at[i], secret);
	if (!known)
		vec_push(&secrets, mem_strdup(secret));
	atomic_store(&any, true);
	pthread_mutex_unlock(&lock);
}

void secret_forget_all(void)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < secrets.len; i++)
		secret_free(secrets.at[i]);
	vec_release(&secrets);
	atomic_store(&any, false);
	pthread_mutex_unlock(&lock);
}

/* How many bytes at p are of a secret, 0 for none: the longest, since one may be the beginning of another. */
static size_t secret_at(const char *p, size_t len)
{
	size_t longest = 0;
	for (size_t i = 0; i < secrets.len; i++) {
		const char *secret = secrets.at[i];
		size_t n = 0;
		while (n < len && secret[n] && secret[n] == p[n])
			n++;
		if ((!secret[n] || n >= TELLING) && n > longest)
			longest = n;
	}
	return longest;
}

size_t secret_hide(char *text, size_t len)
{
	size_t out = 0;
	if (!atomic_load(&any))
		return len;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < len;) {
		size_t n = secret_at(text + i, len - i), shown = n < sizeof mark - 1 ? n : sizeof mark - 1;
		if (!n) {
			text[out++] = text[i++];
			continue;
		}
		if (n < sizeof mark - 1)
			memset(text + out, '*', shown);
		else
			memcpy(text + out, mark, shown);
		out += shown;
		i += n;
	}
	pthread_mutex_unlock(&lock);
	secret_wipe(text + out, len - out);
	return out;
}
