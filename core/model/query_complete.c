/* What could stand at the end of a query that is being typed. */
#include "core/base/str.h"
#include "core/model/query.h"

struct completion {
	const char *typed;  /* the last word, without what negates it */
	const char *before; /* "-" or "" */
	void (*each)(void *arg, const char *candidate, const char *help);
	void *arg;
};

static bool is_break(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')';
}

size_t query_last_word(const char *text)
{
	size_t start = 0;
	bool quoted = false;
	for (size_t i = 0; text[i]; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && is_break(text[i]))
			start = i + 1;
	}
	return start;
}

static void offer(const struct completion *c, const char *key, const char *value, const char *help)
{
	char candidate[96];
	snprintf(candidate, sizeof candidate, "%s%s", key, value);
	size_t len = strlen(c->typed);
	if (strlen(candidate) < len || str_icmp_n(candidate, c->typed, len) != 0)
		return;
	snprintf(candidate, sizeof candidate, "%s%s%s", c->before, key, value);
	c->each(c->arg, candidate, help);
}

static void offer_values(const struct completion *c, enum query_term term)
{
#define WORD(n, w, l) w,
	static const char *const is_words[] = {QUERY_IS_TABLE(WORD) NULL};
	static const char *const has_words[] = {QUERY_HAS_TABLE(WORD) NULL};
#undef WORD
	static const char *const agents[] = {"me", "none", NULL};
	static const char *const priorities[] = {"low", "normal", "high", "urgent", NULL};
	static const char *const none[] = {NULL};
	char key[24];
	const char *const *values = none;
	switch (query_term_value(term)) {
	case V_IS: values = is_words; break;
	case V_HAS: values = has_words; break;
	case V_AGENT: values = agents; break;
	case V_PRIORITY: values = priorities; break;
	default: break; /* only the store knows them, or they are numbers */
	}
	snprintf(key, sizeof key, "%s:", query_term_word(term));
	for (; *values; values++)
		offer(c, key, *values, query_term_help(term));
}

static void offer_terms(const struct completion *c)
{
	for (int i = 0; i < QT_COUNT; i++) {
		enum query_term term = (enum query_term)i;
		const char *colon = query_term_value(term) == V_NONE ? "" : ":";
		offer(c, query_term_word(term), colon, query_term_help(term));
	}
	if (*c->before)
		return;
	offer(c, "not", "", "what the next term does not match");
	offer(c, "OR", "", "what either side matches");
}

void query_complete(const char *text, void (*each)(void *arg, const char *candidate, const char *help), void *arg)
{
	const char *word = text + query_last_word(text);
	bool minus = *word == '-';
	struct completion c = {.typed = word + minus, .before = minus ? "-" : "", .each = each, .arg = arg};
	const char *colon = strchr(c.typed, ':');
	if (!colon) {
		offer_terms(&c);
		return;
	}
	size_t len = (size_t)(colon - c.typed);
	for (int i = 0; i < QT_COUNT; i++) {
		const char *key = query_term_word((enum query_term)i);
		if (strlen(key) == len && str_icmp_n(key, c.typed, len) == 0)
			offer_values(&c, (enum query_term)i);
	}
}
