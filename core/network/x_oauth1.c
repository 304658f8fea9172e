/* Requests signed by OAuth 1.0a with HMAC-SHA1, RFC 5849. Pure. */
#include "core/network/x_parts.h"

#include "core/base/mem.h"
#include "core/base/secret.h"
#include "core/net/signature.h"
#include "core/net/url_escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 64

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "key=value", both encoded. Sorted as they stand: no key of ours begins another. */
struct parameters {
	char *at[PARAMETERS_MAX];
	size_t len;
};

static void add(struct parameters *all, const char *text, size_t len)
{
	if (len && all->len < PARAMETERS_MAX)
		all->at[all->len++] = mem_strndup(text, len);
}

static void add_pair(struct parameters *all, const char *key, const char *value)
{
	struct str pair = STR_INIT;
	form_add(&pair, key, value);
	add(all, pair.p, pair.len);
	str_release(&pair);
}

/* A query may leave as they are what a signature wants encoded: commas and colons. */
static void add_query(struct parameters *all, const char *query)
{
	while (*query) {
		struct str pair = STR_INIT;
		size_t len = strcspn(query, "&");
		for (size_t i = 0; i < len; i++) {
			char one[2] = {query[i], '\0'};
			if (query[i] == '%' || query[i] == '=')
				str_addc(&pair, query[i]);
			else
				url_escape(&pair, one);
		}
		add(all, pair.p, pair.len);
		str_release(&pair);
		query += len + (query[len] == '&');
	}
}

static void base_string(struct parameters *all, const char *method, const char *url, struct str *out)
{
	struct str joined = STR_INIT;
	char *place = mem_strndup(url, strcspn(url, "?"));
	qsort(all->at, all->len, sizeof *all->at, by_text);
	for (size_t i = 0; i < all->len; i++)
		str_addf(&joined, "%s%s", i ? "&" : "", all->at[i]);
	str_addf(out, "%s&", method);
	url_escape(out, place);
	str_addc(out, '&');
	url_escape(out, joined.p);
	str_release(&joined);
	free(place);
}

void x_oauth1_header(
        const struct x_oauth1 *keys, const char *method, const char *url, const char *extra, struct str *out)
{
	struct parameters all = {.len = 0}, ours = {.len = 0};
	struct str base = STR_INIT, key = STR_INIT, signature = STR_INIT;
	char when[24];
	snprintf(when, sizeof when, "%lld", (long long)keys->timestamp);
	add_pair(&ours, "oauth_consumer_key", keys->key);
	add_pair(&ours, "oauth_nonce", keys->nonce);
	add_pair(&ours, "oauth_signature_method", "HMAC-SHA1");
	add_pair(&ours, "oauth_timestamp", when);
	if (*keys->token)
		add_pair(&ours, "oauth_token", keys->token);
	add_pair(&ours, "oauth_version", "1.0");
	add(&ours, extra, strlen(extra));
	for (size_t i = 0; i < ours.len; i++)
		add(&all, ours.at[i], strlen(ours.at[i]));
	const char *query = strchr(url, '?');
	add_query(&all, query ? query + 1 : "");
	base_string(&all, method, url, &base);
	str_reserve(&key, 2048);
	url_escape(&key, keys->key_secret);
	str_addc(&key, '&');
	url_escape(&key, keys->token_secret);
	signature_hmac_sha1(key.p, base.p, base.len, &signature);
	str_adds(out, "OAuth ");
	for (size_t i = 0; i < ours.len; i++) {
		size_t len = strcspn(ours.at[i], "=");
		str_addf(out, "%.*s=\"%s\", ", (int)len, ours.at[i], ours.at[i] + len + 1);
	}
	str_adds(out, "oauth_signature=\"");
	url_escape(out, signature.p);
	str_addc(out, '"');
	for (size_t i = 0; i < all.len; i++)
		free(all.at[i]);
	for (size_t i = 0; i < ours.len; i++)
		free(ours.at[i]);
	secret_release(&key);
	str_release(&base);
	str_release(&signature);
}
