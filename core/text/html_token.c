#include "core/text/html_token.h"
#include "core/text/entity.h"
#include "core/text/utf8.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Where `end` stands at or after `at`, behind it; the reader's length when it does not. */
static size_t behind(const struct html_reader *r, size_t at, const char *end)
{
	size_t n = strlen(end);
	for (; at + n <= r->len; at++)
		if (str_icmp_n(r->p + at, end, n) == 0)
			return at + n;
	return r->len;
}

/* A '<' that begins no tag is text. */
static bool begins_markup(const struct html_reader *r, size_t at)
{
	if (r->p[at] != '<' || at + 1 >= r->len)
		return false;
	char c = r->p[at + 1];
	return is_letter(c) || c == '!' || c == '?' || (c == '/' && at + 2 < r->len && is_letter(r->p[at + 2]));
}

static void skip_declaration(struct html_reader *r)
{
	bool comment = r->len - r->at >= 4 && memcmp(r->p + r->at, "<!--", 4) == 0;
	r->at = comment ? behind(r, r->at + 4, "-->") : behind(r, r->at, ">");
}

/* The offset of the '>' that ends a tag whose attributes begin at `at`; quotes hide one. */
static size_t tag_end(const struct html_reader *r, size_t at)
{
	char quote = '\0';
	bool value_starts = false;
	for (; at < r->len; at++) {
		char c = r->p[at];
		if (quote) {
			if (c == quote)
				quote = '\0';
			continue;
		}
		if (c == '>')
			return at;
		if ((c == '"' || c == '\'') && value_starts)
			quote = c;
		if (!is_space(c))
			value_starts = c == '=';
	}
	return r->len;
}

static bool read_tag(struct html_reader *r, struct html_token *token)
{
	size_t at = r->at + 1;
	token->kind = r->p[at] == '/' ? HTML_CLOSE : HTML_OPEN;
	at += token->kind == HTML_CLOSE;
	size_t n = 0;
	for (; at < r->len && !is_space(r->p[at]) && r->p[at] != '>' && r->p[at] != '/'; at++)
		if (n < sizeof token->name - 1)
			token->name[n++] = lower(r->p[at]);
	token->name[n] = '\0';
	size_t end = tag_end(r, at);
	token->bytes = r->p + at;
	token->len = end - at;
	r->at = end < r->len ? end + 1 : r->len;
	return end < r->len;
}

static void skip_raw_content(struct html_reader *r, const char *name)
{
	static const char *const raw[][2] = {{"script", "</script"}, {"style", "</style"}, {"title", "</title"},
	        {"textarea", "</textarea"}, {"iframe", "</iframe"}, {"noembed", "</noembed"},
	        {"noframes", "</noframes"}};
	for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++)
		if (strcmp(name, raw[i][0]) == 0) {
			r->at = behind(r, r->at, raw[i][1]);
			r->at = behind(r, r->at, ">");
		}
}

static void read_text(struct html_reader *r, struct html_token *token)
{
	size_t start = r->at;
	do
		r->at++;
	while (r->at < r->len && !begins_markup(r, r->at));
	token->kind = HTML_TEXT;
	token->bytes = r->p + start;
	token->len = r->at - start;
	token->name[0] = '\0';
}

bool html_next(struct html_reader *r, struct html_token *token)
{
	while (r->at < r->len) {
		if (!begins_markup(r, r->at)) {
			read_text(r, token);
			return true;
		}
		char c = r->p[r->at + 1];
		if (c == '!' || c == '?') {
			skip_declaration(r);
			continue;
		}
		if (!read_tag(r, token))
			return false;
		if (token->kind == HTML_OPEN)
			skip_raw_content(r, token->name);
		return true;
	}
	return false;
}

/* --- attributes */

struct attribute {
	const char *name, *value;
	size_t name_len, value_len;
};

/* Reads the attribute at *at, which moves behind it; false at the end. */
static bool next_attribute(const struct html_token *token, size_t *at, struct attribute *out)
{
	const char *p = token->bytes;
	size_t i = *at, len = token->len;
	while (i < len && (is_space(p[i]) || p[i] == '/'))
		i++;
	if (i >= len)
		return false;
	out->name = p + i;
	for (size_t first = i; i < len && !is_space(p[i]) && p[i] != '/' && (p[i] != '=' || i == first);)
		i++;
	out->name_len = (size_t)(p + i - out->name);
	size_t behind_name = i;
	while (i < len && is_space(p[i]))
		i++;
	out->value = p + i;
	out->value_len = 0;
	if (i >= len || p[i] != '=') {
		*at = behind_name;
		return true;
	}
	i++;
	while (i < len && is_space(p[i]))
		i++;
	char quote = i < len && (p[i] == '"' || p[i] == '\'') ? p[i++] : '\0';
	out->value = p + i;
	while (i < len && (quote ? p[i] != quote : !is_space(p[i])))
		i++;
	out->value_len = (size_t)(p + i - out->value);
	*at = i + (quote && i < len);
	return true;
}

/* In a value, "&copy=1" is a parameter of a query and no copyright sign (HTML standard, 13.2.5.73). */
static bool is_reference_in_value(const char *p, size_t len, size_t taken)
{
	if (!taken || p[1] == '#' || p[taken - 1] == ';')
		return taken != 0;
	return taken == len || !(p[taken] == '=' || is_letter(p[taken]) || is_digit(p[taken]));
}

static void decode_value(const char *p, size_t len, struct str *out)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp = 0;
		size_t plain = i;
		while (plain < len && p[plain] > 0 && p[plain] != '&')
			plain++;
		if (plain > i && str_add(out, p + i, plain - i) == 0) {
			i = plain;
			continue;
		}
		size_t n = p[i] == '&' ? entity_decode(p + i, len - i, &cp) : 0;
		if (!is_reference_in_value(p + i, len - i, n))
			n = utf8_decode(p + i, len - i, &cp);
		char bytes[4];
		str_add(out, bytes, utf8_encode(cp ? cp : UTF8_REPLACEMENT, bytes));
		i += n;
	}
}

bool html_attribute(const struct html_token *token, const char *name, struct str *out)
{
	struct attribute a;
	size_t len = strlen(name);
	for (size_t at = 0; next_attribute(token, &at, &a);)
		if (a.name_len == len && str_icmp_n(a.name, name, len) == 0) {
			decode_value(a.value, a.value_len, out);
			return true;
		}
	return false;
}

bool html_has_class(const struct html_token *token, const char *class_name)
{
	struct str classes = STR_INIT;
	bool found = false;
	size_t len = strlen(class_name);
	html_attribute(token, "class", &classes);
	for (size_t i = 0; i < classes.len && !found;) {
		size_t n = strcspn(classes.p + i, " \t\n\r\f");
		found = n == len && memcmp(classes.p + i, class_name, n) == 0;
		i += n + 1;
	}
	str_release(&classes);
	return found;
}
