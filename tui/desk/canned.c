/* Canned replies: what is filled in, where they stand in the text, and which of them fit. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"
#include "core/text/plain.h"

/* Names are what people call themselves: line feeds and what turns or hides text would be published with them. */
static void add_name(const char *name, struct str *out)
{
	plain_add_value(out, name, strlen(name));
}

static void first_word(const char *name, struct str *out)
{
	plain_add_value(out, name, strcspn(name, " "));
}

static bool fill_word(const struct state *state, const char *word, size_t len, struct str *out)
{
	const struct kase *kase = state_case(state);
	const struct case_view *view = state_view(state);
	const char *name = view ? view->customer.name : kase ? kase->customer_name : "";
#define IS(s) (len == strlen(s) && memcmp(word, s, len) == 0)
	if (IS("customer"))
		add_name(*name ? name : kase ? kase->handle : "", out);
	else if (IS("first"))
		first_word(*name ? name : kase ? kase->handle : "", out);
	else if (IS("handle"))
		add_name(kase ? kase->handle : "", out);
	else if (IS("account"))
		str_adds(out, kase ? kase->account : "");
	else if (IS("agent"))
		str_adds(out, state->setup.agent);
	else if (IS("case"))
		str_addf(out, "%lld", kase ? (long long)kase->id : 0);
	else
		return false;
#undef IS
	return true;
}

void canned_fill(const struct state *state, const char *text, struct str *out)
{
	while (*text) {
		size_t len = *text == '{' ? strcspn(text + 1, "{}\n") : 0;
		if (!len || text[len + 1] != '}') {
			str_addc(out, *text++);
			continue;
		}
		const char *word = text + 1;
		/* What is unknown is asked for: a typo in a canned reply never reaches a customer. */
		if (word[len - 1] == '?')
			str_add(out, text, len + 2);
		else if (!fill_word(state, word, len, out))
			str_addf(out, "{%.*s?}", (int)len, word);
		text += len + 2;
	}
}

static const struct setup_canned *canned_find(const struct state *state, const char *name, size_t len)
{
	for (size_t i = 0; i < state->setup.canned_len; i++)
		if (strlen(state->setup.canned[i].name) == len && memcmp(state->setup.canned[i].name, name, len) == 0)
			return &state->setup.canned[i];
	return NULL;
}

static bool replace_filled(struct state *state, size_t at, size_t len, const char *text)
{
	struct str filled = STR_INIT;
	canned_fill(state, text, &filled);
	bool fits = compose_replace(&state->composer.compose, at, len, filled.p);
	str_release(&filled);
	if (!fits)
		complain(state, "the text would be too long");
	return fits;
}

/* --- which fit */

static bool listed(const char *const *list, size_t len, const char *word, size_t n)
{
	for (size_t i = 0; i < len; i++)
		if (strlen(list[i]) == n && str_icmp_n(list[i], word, n) == 0)
			return true;
	return false;
}

static void say_day(int64_t at, const char *before, char *out, size_t size)
{
	char day[32];
	time_format_local(at, "%a %d %b", day, sizeof day);
	snprintf(out, size, "%s %s", before, day);
}

void canned_misfit(const struct state *state, const struct setup_canned *canned, char *out, size_t size)
{
	const struct kase *kase = state_case(state);
	const char *account = kase ? kase->account : "", *language = kase ? kase->language : "";
	*out = '\0';
	if (canned->accounts_len && !listed(canned->accounts, canned->accounts_len, account, strlen(account)))
		snprintf(out, size, "not for %s", account);
	/* "de" is for a customer who writes de-AT, too; whose language nobody knows may get any. */
	else if (canned->languages_len && *language &&
	         !listed(canned->languages, canned->languages_len, language, strlen(language)) &&
	         !listed(canned->languages, canned->languages_len, language, strcspn(language, "-")))
		snprintf(out, size, "not in %s", language);
	else if (canned->from && state->wall < canned->from)
		say_day(canned->from, "from", out, size);
	else if (canned->until && state->wall >= canned->until)
		say_day(canned->until - 1, "until", out, size);
}

/* False, with words, when it does not fit here. */
static bool fits(struct state *state, const struct setup_canned *canned)
{
	char why[64];
	canned_misfit(state, canned, why, sizeof why);
	if (*why)
		complain(state, "%.60s does not fit here: %s", canned->name, why);
	return !*why;
}

/* --- into the text */

bool canned_put(struct state *state, const char *name)
{
	const struct setup_canned *canned = canned_find(state, name, strlen(name));
	if (!canned) {
		complain(state, "no canned reply is named \"%.60s\"", name);
		return false;
	}
	if (!fits(state, canned))
		return false;
	struct compose *c = &state->composer.compose;
	size_t start = c->cursor;
	if (replace_filled(state, start, 0, canned->text)) {
		size_t at, len, end = c->cursor;
		if (compose_placeholder(c, start, &at, &len) && at < end) {
			c->cursor = at;
			c->selected = len;
		}
	}
	return true;
}

static bool longer_name(const struct state *state, const char *name, size_t len)
{
	for (size_t i = 0; i < state->setup.canned_len; i++) {
		const char *other = state->setup.canned[i].name;
		if (strlen(other) > len && memcmp(other, name, len) == 0)
			return true;
	}
	return false;
}

/* At once when no other name goes on from here; else when something else than a letter of a name follows. */
void canned_expand(struct state *state)
{
	struct compose *c = &state->composer.compose;
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t end = c->cursor;
	bool ended = end > 0 && !strchr(letters, c->text.p[end - 1]);
	if (ended)
		end--;
	size_t start = end;
	while (start > 0 && c->text.p[start - 1] && strchr(letters, c->text.p[start - 1]))
		start--;
	if (start < 2 || start == end || c->text.p[start - 1] != ':' || c->text.p[start - 2] != ':')
		return;
	const struct setup_canned *canned = canned_find(state, c->text.p + start, end - start);
	if (!canned || (!ended && longer_name(state, c->text.p + start, end - start)) || !fits(state, canned))
		return;
	size_t tail = c->cursor - end, at, len;
	if (!replace_filled(state, start - 2, end - start + 2, canned->text))
		return;
	c->cursor += tail;
	char key[CHORD_TEXT_MAX];
	if (compose_placeholder(c, start - 2, &at, &len))
		say(state, "%s goes to %.*s", key_for(state, MODE_COMPOSER, CMD_COMPLETE, key), (int)len,
		        c->text.p + at);
}
