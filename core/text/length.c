#include "core/text/length.h"
#include "core/base/str.h"
#include "core/text/facet.h"
#include "core/text/grapheme.h"
#include "core/text/utf8.h"
#include "core/text/weighted.h"

#include <limits.h>
#include <string.h>
#include <utf8proc.h>

const struct length_rule length_mastodon = {
        .unit = LENGTH_GRAPHEMES, .url = 23, .mentions_short = true, .trimmed = true, .max = 500, .by_server = true};
const struct length_rule length_gotosocial = {.unit = LENGTH_CODE_POINTS, .max = 5000};
const struct length_rule length_pleroma = {.unit = LENGTH_GRAPHEMES, .trimmed = true, .max = 5000, .by_server = true};
const struct length_rule length_bluesky = {
        .unit = LENGTH_GRAPHEMES, .max = 300, .max_bytes = 3000, .short_links = true};
const struct length_rule length_x = {.unit = LENGTH_WEIGHTED, .url = 23, .max = 280};

const struct length_rule *length_rule(enum length_name name)
{
	static const struct length_rule *const rules[LENGTH_RULE_COUNT] = {
	        &length_mastodon, &length_gotosocial, &length_pleroma, &length_bluesky, &length_x};
	return (unsigned)name < LENGTH_RULE_COUNT ? rules[name] : &length_mastodon;
}

bool length_name_parse(const char *word, enum length_name *out)
{
#define WORD(n, w) w,
	static const char *const words[] = {LENGTH_NAME_TABLE(WORD)};
#undef WORD
	for (int i = 0; i < LENGTH_RULE_COUNT; i++) {
		if (str_eq(words[i], word)) {
			*out = (enum length_name)i;
			return true;
		}
	}
	return false;
}

struct span {
	const char *p;
	size_t len;
};

static bool is_ascii_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A letter, mark or digit of any script. */
static bool is_word(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_ND);
}

static bool is_white(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return cp <= ' ' || cp == 0x85 || c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL ||
	       c == UTF8PROC_CATEGORY_ZP;
}

/* The code point that ends at `at`; 0 at the start. */
static uint32_t code_point_before(struct span s, size_t at)
{
	size_t start = at;
	while (start > 0 && at - start < 4 && ((unsigned char)s.p[start - 1] & 0xC0) == 0x80)
		start--;
	uint32_t cp = 0;
	if (start > 0)
		utf8_decode(s.p + start - 1, at - start + 1, &cp);
	return cp;
}

/* --- URLs, as Mastodon links them (its config/initializers/twitter_regex.rb) */

static size_t scheme_length(struct span s, size_t at)
{
	static const char *const schemes[] = {
	        "https://", "http://", "dat://", "dweb://", "ipfs://", "ipns://", "ssb://", "gopher://", "gemini://"};
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		size_t n = strlen(schemes[i]);
		if (s.len - at >= n && str_icmp_n(s.p + at, schemes[i], n) == 0)
			return n;
	}
	return 0;
}

static bool may_precede_url(uint32_t cp)
{
	if (cp < 0x80)
		return !is_ascii_alnum((char)cp) && cp != '@' && cp != '$' && cp != '#';
	return cp != 0xFF20 && cp != 0xFF03 && !(cp >= 0x202A && cp <= 0x202E);
}

/* Behind the host and its port; `at` when there is no host with a dot in it. */
static size_t host_end(struct span s, size_t at)
{
	size_t i = at, last_dot = 0;
	while (i < s.len) {
		uint32_t cp;
		size_t n = utf8_decode(s.p + i, s.len - i, &cp);
		if (!is_word(cp) && cp != '-' && cp != '.' && cp != '_')
			break;
		if (cp == '.' && (i + 1 == s.len || !is_ascii_alnum(s.p[i + 1])) &&
		        (i + 1 == s.len || (unsigned char)s.p[i + 1] < 0x80))
			break;
		if (cp == '.')
			last_dot = i;
		i += n;
	}
	if (last_dot <= at || i - last_dot < 3)
		return at;
	size_t port = i + 1;
	while (i < s.len && s.p[i] == ':' && port < s.len && s.p[port] >= '0' && s.p[port] <= '9')
		port++;
	return port > i + 1 ? port : i;
}

/* The path's end before its last punctuation is given back to the sentence. A bracket counts when it is closed. */
static size_t path_end(struct span s, size_t at)
{
	size_t i = at, good = at + 1, open_at = 0;
	while (i < s.len) {
		uint32_t cp;
		size_t n = utf8_decode(s.p + i, s.len - i, &cp);
		if (is_white(cp) || cp == '<' || cp == '>' || cp == '?' || (cp == ')' && !open_at) ||
		        (cp == '(' && open_at))
			break;
		i += n;
		if (cp == '(')
			open_at = i;
		else if (cp == ')') {
			open_at = 0;
			good = i;
		} else if (!open_at && !(cp < 0x80 && strchr("!*\"';:=,.$%[]~&|@", (int)cp)) && cp != 0x300C &&
		           cp != 0x300D)
			good = i;
	}
	return good;
}

static size_t query_end(struct span s, size_t at)
{
	size_t good = at;
	for (size_t i = at + 1; i < s.len; i++) {
		char c = s.p[i];
		if (is_ascii_alnum(c) || (c && strchr("_&=#/-", c)))
			good = i + 1;
		else if (!c || !strchr("!?*'();:+$%[].,~|@^", c))
			break;
	}
	return good;
}

/* Behind the URL that begins at `at`; `at` when none does. */
static size_t url_end(struct span s, size_t at)
{
	size_t scheme = scheme_length(s, at);
	if (!scheme || !may_precede_url(code_point_before(s, at)))
		return at;
	size_t end = host_end(s, at + scheme);
	if (end == at + scheme)
		return at;
	if (end < s.len && s.p[end] == '/')
		end = path_end(s, end);
	if (end < s.len && s.p[end] == '?')
		end = query_end(s, end);
	return end;
}

/* --- mentions (Mastodon's Account::MENTION_RE) */

static bool is_name_char(char c)
{
	return is_ascii_alnum(c) || c == '_';
}

static size_t name_end(struct span s, size_t at)
{
	size_t end = at;
	for (size_t i = at; i < s.len && (is_name_char(s.p[i]) || (i > at && (s.p[i] == '.' || s.p[i] == '-'))); i++)
		if (is_name_char(s.p[i]))
			end = i + 1;
	return end;
}

static size_t domain_end(struct span s, size_t at)
{
	size_t end = at;
	for (size_t i = at; i < s.len;) {
		uint32_t cp;
		size_t n = utf8_decode(s.p + i, s.len - i, &cp);
		if (!is_word(cp) && cp != '.' && cp != '-')
			break;
		i += n;
		if (is_word(cp))
			end = i;
	}
	return end - at >= 2 ? end : at;
}

/* Behind "@user@domain" at `at`, and in *name_ends where "@user" ends; `at` when none begins there. */
static size_t mention_end(struct span s, size_t at, size_t *name_ends)
{
	uint32_t before = code_point_before(s, at);
	if (s.p[at] != '@' || (before && (is_word(before) || before == '_' || before == '=' || before == '/')))
		return at;
	size_t name = name_end(s, at + 1);
	if (name == at + 1 || name >= s.len || s.p[name] != '@')
		return at;
	size_t end = domain_end(s, name + 1);
	*name_ends = name;
	return end > name + 1 ? end : at;
}

/* --- counting */

static struct span trimmed(struct span s)
{
	while (s.len && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.len--;
	}
	while (s.len && (unsigned char)s.p[s.len - 1] <= ' ')
		s.len--;
	return s;
}

static void add_reduced(const struct length_rule *rule, struct span s, struct str *out)
{
	for (size_t at = 0; at < s.len;) {
		size_t end = rule->url > 0 ? url_end(s, at) : at, name = at;
		if (end > at) {
			for (int i = 0; i < rule->url; i++)
				str_addc(out, 'x');
			at = end;
			continue;
		}
		end = rule->mentions_short ? mention_end(s, at, &name) : at;
		if (end > at)
			str_add(out, s.p + at, name - at);
		else {
			uint32_t cp;
			end = at + utf8_decode(s.p + at, s.len - at, &cp);
			str_add(out, s.p + at, end - at);
		}
		at = end;
	}
}

static size_t count_code_points(struct str *text)
{
	size_t count = 0;
	for (size_t at = 0; at < text->len; count++) {
		uint32_t cp;
		at += utf8_decode(text->p + at, text->len - at, &cp);
	}
	return count;
}

static int as_int(size_t count)
{
	return count > INT_MAX ? INT_MAX : (int)count;
}

const char *length_sent(const struct length_rule *rule, const char *text, struct arena *arena)
{
	struct facet_text sent = {.text = text};
	if (rule->short_links)
		facet_text_of(text, arena, &sent);
	return sent.text;
}

int length_count(const struct length_rule *rule, const char *text, size_t len, const char *cw)
{
	struct span body = {text, len}, warning = {cw ? cw : "", cw ? strlen(cw) : 0};
	struct str sent = STR_INIT;
	if (rule->unit == LENGTH_WEIGHTED)
		return as_int(weighted_length(text, len, rule->url));
	if (rule->trimmed) {
		body = trimmed(body);
		warning = trimmed(warning);
	}
	str_add(&sent, warning.p, warning.len);
	add_reduced(rule, body, &sent);
	size_t count = rule->unit == LENGTH_CODE_POINTS ? count_code_points(&sent) : grapheme_count(sent.p, sent.len);
	str_release(&sent);
	return as_int(count);
}

bool length_is_exact(const struct length_rule *rule, const char *text, size_t len)
{
	if (!rule->by_server)
		return true;
	for (size_t at = 0, end; at < len; at = end) {
		end = grapheme_next(text, len, at);
		if (grapheme_is_new(text + at, end - at))
			return false;
	}
	return true;
}

/* Weighted, a domain without a scheme is one, too. A link weighs as much whatever its length: two that weigh
 * differently tell. */
static bool is_weighted_link(const char *word, size_t len)
{
	enum { OTHER = 100 };
	return weighted_length(word, len, length_x.url) != weighted_length(word, len, OTHER);
}

static bool has_weighted_link(const char *text)
{
	while (*(text += strspn(text, " \t\r\n"))) {
		size_t len = strcspn(text, " \t\r\n");
		if (memchr(text, '.', len) && is_weighted_link(text, len))
			return true;
		text += len;
	}
	return false;
}

bool length_has_link(const struct length_rule *rule, const char *text)
{
	if (rule->unit == LENGTH_WEIGHTED)
		return strstr(text, "://") || has_weighted_link(text);
	struct arena arena = ARENA_INIT;
	struct facet_text found;
	bool any = false;
	facet_text_of(text, &arena, &found);
	for (int i = 0; i < found.count; i++)
		any |= found.facets[i].kind == FACET_LINK;
	arena_release(&arena);
	return any;
}

int length_left(const struct length_rule *rule, const char *text, size_t len, const char *cw)
{
	int left = rule->max - length_count(rule, text, len, cw);
	bool too_many_bytes = rule->max_bytes > 0 && len > (size_t)rule->max_bytes;
	return too_many_bytes && left >= 0 ? -1 : left;
}
