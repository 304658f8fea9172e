/* What X costs. Prices are those of 2026-08 and change at any time: the configuration overrides them. */
#include "core/network/x_parts.h"

#include "core/base/timefmt.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "0.005": digits, and up to six behind the point. */
static bool parse_money(const char *text, int64_t *micros)
{
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole + (text[whole] == '.');
	size_t behind = strspn(rest, "0123456789");
	if (!whole || whole > 6 || rest[behind] || behind > 6)
		return false;
	int64_t n = 0;
	for (size_t i = 0; i < whole; i++)
		n = n * 10 + (text[i] - '0');
	for (size_t i = 0; i < 6; i++)
		n = n * 10 + (i < behind ? rest[i] - '0' : 0);
	*micros = n;
	return true;
}

int x_purse_init(struct x_purse *purse, const char *const *words, int count, int64_t budget, struct err *err)
{
	static const struct {
		const char *key;
		int64_t micros;
	} defaults[] = {
#define ROW(n, key, micros) {key, micros},
	        X_PRICE_TABLE(ROW)
#undef ROW
	};
	*purse = (struct x_purse){.budget = budget};
	for (int i = 0; i < X_PRICE_COUNT; i++)
		purse->price[i] = defaults[i].micros;
	for (int w = 0; w < count; w++) {
		size_t len = strcspn(words[w], "=");
		int i = 0;
		while (i < X_PRICE_COUNT &&
		        (strlen(defaults[i].key) != len || strncmp(defaults[i].key, words[w], len) != 0))
			i++;
		if (i == X_PRICE_COUNT || !words[w][len] || !parse_money(words[w] + len + 1, &purse->price[i]))
			return err_set(err, ERR_CONFIG,
			        "prices: \"%s\" is no price; they are like post=0.005, for post, owned, user, reply, "
			        "link, "
			        "delete, action and alt",
			        words[w]);
	}
	return 0;
}

int64_t x_purse_cost(const struct x_purse *purse, const struct x_count *count, bool owned)
{
	const int64_t *price = purse->price;
	return count->posts * price[owned ? X_PRICE_OWNED : X_PRICE_POST] + count->included * price[X_PRICE_POST] +
	       count->users * price[X_PRICE_USER];
}

int x_purse_posts_left(struct x_purse *purse, int64_t now_ms, bool owned)
{
	spent_turn(&purse->spent, now_ms);
	int64_t one = x_purse_cost(purse, &(struct x_count){.posts = 1, .included = 1, .users = 2}, owned);
	if (!purse->budget || !one)
		return INT_MAX;
	int64_t left = (purse->budget - purse->spent.month) / one;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int64_t x_purse_next_month(int64_t now_ms)
{
	char date[24];
	int64_t at = now_ms;
	spent_date(now_ms, date);
	int year = (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + date[3] - '0';
	int month = (date[5] - '0') * 10 + date[6] - '0';
	snprintf(date, sizeof date, "%04d-%02d-01", month == 12 ? year + 1 : year, month % 12 + 1);
	time_parse_rfc3339(date, &at);
	return at;
}
