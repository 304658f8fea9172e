#include "tui/record/redact.h"

#include "core/base/utf8.h"
#include "core/model/action.h"
#include "core/model/query.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 65536 }; /* beyond, all share one stand-in */

void redactor_release(struct redactor *redactor)
{
	vec_release(&redactor->known);
}

/* --- one character */

/* Blocks whose characters say nothing by themselves: punctuation, symbols, emoji, what is hidden. */
static const struct {
	uint32_t from, to;
} signs[] = {{0x80, 0xa9}, {0xab, 0xb4}, {0xb6, 0xb9}, {0xbb, 0xbf}, {0xd7, 0xd7}, {0xf7, 0xf7}, {0x200b, 0x2070},
        {0x20a0, 0x20cf}, {0x2190, 0x245f}, {0x2500, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x3004}, {0x3008, 0x3020},
        {0xe000, 0xf8ff}, {0xfe00, 0xfe1f}, {0xfe30, 0xfe6f}, {0xff01, 0xff0f}, {0xff1a, 0xff20}, {0xfff0, 0xffff},
        {0x1f000, 0x1faff}, {0xe0000, 0x10ffff}};

static bool is_sign(uint32_t cp)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (cp >= signs[i].from && cp <= signs[i].to)
			return true;
	return utf8_is_hidden(cp);
}

/* A stand-in has the width on screen of what it hides, and as many bytes: cursors are offsets. */
static uint32_t beyond_ascii(uint32_t cp)
{
	char after_base[8] = "x";
	struct cluster unit;
	size_t len = utf8_encode(cp, after_base + 1);
	bool mark = cells_next(after_base, len + 1, 0, &unit) == len + 1;
	int cells = cells_width(after_base + 1, len);
	if (mark)
		return len == 2 ? 0x301 : len == 3 ? 0x20d7 : cp;
	if (cells == 2)
		return len == 3 ? 0x3007 : 0x20000;
	return len == 2 ? 0xf8 : len == 3 ? 0x1e8b : 0x1d465;
}

uint32_t redact_char(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z' ? 'x' : cp >= 'A' && cp <= 'Z' ? 'X' : cp >= '0' && cp <= '9' ? '0' : cp;
	return is_sign(cp) ? cp : beyond_ascii(cp);
}

static void mask(const char *text, size_t len, struct str *out)
{
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		char bytes[4];
		size_t n = utf8_decode(text + at, len - at, &cp);
		str_add(out, bytes, utf8_encode(redact_char(cp), bytes));
		at += n;
	}
}

/* --- names: the same for the same */

static size_t number_of(struct redactor *redactor, const char *name, size_t len)
{
	uint64_t hash = hash_bytes(name, len);
	for (size_t i = 0; i < redactor->known.len; i++)
		if (redactor->known.at[i] == hash)
			return i + 1;
	if (redactor->known.len < NAMES_MAX)
		vec_push(&redactor->known, hash);
	return redactor->known.len;
}

static bool is_letter(char c)
{
	return c == 'x' || c == 'X' || c == '0';
}

/* "xxxxxx12": the shape, a word at its beginning, the number at its end, each as far as there is room. */
static void put_name(struct redactor *redactor, const char *name, size_t len, const char *word, struct str *out)
{
	char digits[24];
	size_t number = number_of(redactor, name, len), start = out->len;
	size_t left = (size_t)snprintf(digits, sizeof digits, "%zu", number);
	mask(name, len, out);
	for (size_t i = start; i < out->len && *word && is_letter(out->p[i]); i++)
		out->p[i] = *word++;
	/* Stand-ins have as many bytes as what they hide, but for what was no text. */
	for (size_t i = out->len; i > start && left; i--)
		if (i - 1 - start < len && (unsigned char)out->p[i - 1] < 0x80 && !strchr("._-", name[i - 1 - start]))
			out->p[i - 1] = digits[--left];
}

static const char bluesky[] = ".bsky.social"; /* shown or left out as a whole: it must stay */

static size_t local_part(const char *text, size_t len)
{
	size_t n = 0;
	while (n < len && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z') ||
	                          (text[n] >= '0' && text[n] <= '9') || strchr("._-", text[n]) || text[n] & 0x80))
		n++;
	while (n && strchr(".-", text[n - 1]))
		n--;
	return n;
}

/* What stands behind an @; returns how much of the text it was. */
static size_t put_local(struct redactor *redactor, const char *text, size_t len, struct str *out)
{
	size_t n = local_part(text, len), suffix = sizeof bluesky - 1;
	bool bsky = n > suffix && memcmp(text + n - suffix, bluesky, suffix) == 0;
	size_t own = bsky ? n - suffix : n;
	if (own)
		put_name(redactor, text, own, "user", out);
	if (bsky)
		str_adds(out, bluesky);
	return n;
}

static size_t put_handle(struct redactor *redactor, const char *text, size_t len, struct str *out)
{
	size_t at = len && *text == '@';
	str_add(out, text, at);
	return at + put_local(redactor, text + at, len - at, out);
}

/* --- texts */

static void put_words(struct redactor *redactor, const char *text, size_t len, struct str *out)
{
	for (size_t at = 0; at < len;) {
		bool begins = text[at] == '@' && (at == 0 || strchr(" \n\t(,.:;\"'/", text[at - 1]));
		if (begins) {
			at += put_handle(redactor, text + at, len - at, out);
			continue;
		}
		size_t n = 1;
		while (at + n < len && text[at + n] != '@')
			n++;
		mask(text + at, n, out);
		at += n;
	}
}

static bool known_placeholder(const char *text, size_t len)
{
	static const char *const words[] = {"customer", "first", "handle", "account", "agent", "case"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return true;
	return false;
}

static void put_canned(struct redactor *redactor, const char *text, size_t len, struct str *out)
{
	size_t done = 0;
	for (size_t at = 0; at < len; at++) {
		const char *end = text[at] == '{' ? memchr(text + at, '}', len - at) : NULL;
		if (!end || !known_placeholder(text + at + 1, (size_t)(end - text) - at - 1))
			continue;
		put_words(redactor, text + done, at - done, out);
		done = (size_t)(end - text) + 1;
		str_add(out, text + at, done - at);
		at = done - 1;
	}
	put_words(redactor, text + done, len - done, out);
}

static void put_term(struct redactor *redactor, const char *term, size_t len, struct str *out)
{
	const char *colon = memchr(term, ':', len);
	if (!colon) {
		bool joins = (len == 2 && memcmp(term, "OR", 2) == 0) || (len == 3 && memcmp(term, "AND", 3) == 0) ||
		             (len == 3 && memcmp(term, "not", 3) == 0) || (len == 4 && memcmp(term, "late", 4) == 0);
		if (joins)
			str_add(out, term, len);
		else
			put_words(redactor, term, len, out);
		return;
	}
	size_t word = (size_t)(colon - term);
	const char *value = colon + 1;
	size_t n = len - word - 1;
	for (int t = 0; t < QT_COUNT; t++) {
		if (strlen(query_term_word((enum query_term)t)) != word ||
		        memcmp(term, query_term_word((enum query_term)t), word) != 0)
			continue;
		str_add(out, term, word + 1);
		enum query_value kind = query_term_value((enum query_term)t);
		bool name = kind == V_TAG || kind == V_AGENT || kind == V_ACCOUNT || kind == V_TEAM;
		bool own = (n == 2 && memcmp(value, "me", 2) == 0) || (n == 4 && memcmp(value, "none", 4) == 0);
		if (name && !own)
			put_name(redactor, value, n, "", out);
		else if (kind == V_HANDLE)
			put_handle(redactor, value, n, out);
		else if (kind == V_TEXT)
			put_words(redactor, value, n, out);
		else
			str_add(out, value, n);
		return;
	}
	put_words(redactor, term, len, out);
}

static void put_query(struct redactor *redactor, const char *text, size_t len, struct str *out)
{
	for (size_t at = 0; at < len;) {
		size_t n = 0;
		while (at + n < len && !strchr(" \t\n()-\"", text[at + n]))
			n++;
		/* "needs-reply" is one word, "-late" is a sign and a word. */
		while (n && at + n < len && text[at + n] == '-')
			for (n++; at + n < len && !strchr(" \t\n()-\"", text[at + n]);)
				n++;
		if (n)
			put_term(redactor, text + at, n, out);
		else
			str_add(out, text + at, n = 1);
		at += n;
	}
}

static enum secret secret_of_change(const struct change *change)
{
	switch (change->field) {
	case FIELD_TAG:
	case FIELD_ASSIGNEE:
	case FIELD_ESCALATED_TO: return SECRET_NAME;
	case FIELD_ESCALATION_WHY:
	case FIELD_DONE_REASON: return SECRET_TEXT;
	default: return OPEN;
	}
}

void redact_text(struct redactor *redactor, enum secret secret, const char *text, size_t len, struct str *out)
{
	switch (secret) {
	case OPEN: str_add(out, text, len); break;
	case SECRET_CHANGE:
	case SECRET_TEXT: put_words(redactor, text, len, out); break;
	case SECRET_HANDLE: {
		size_t n = put_handle(redactor, text, len, out);
		mask(text + n, len - n, out);
		break;
	}
	case SECRET_NAME:
		if (len == 6 && memcmp(text, "curlew", 6) == 0)
			str_add(out, text, len); /* not a person */
		else if (len)
			put_name(redactor, text, len, "", out);
		break;
	case SECRET_QUERY: put_query(redactor, text, len, out); break;
	case SECRET_CANNED: put_canned(redactor, text, len, out); break;
	}
}

void redact(void *arg, const struct part *part, const void *base, const char *text, size_t len, struct str *out)
{
	enum secret secret = part->secret == SECRET_CHANGE ? secret_of_change(base) : part->secret;
	redact_text(arg, secret, text, len, out);
}
