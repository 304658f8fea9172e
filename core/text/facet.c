#include "core/text/facet.h"

#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "core/text/domain.h"
#include "core/text/grapheme.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

enum {
	LABEL_MAX = 63,
	HANDLE_MAX = 253,
	TAG_MAX = 64, /* graphemes */
	TAG_BYTES_MAX = 640,
	REST_MAX = 15, /* graphemes behind the host of a link that is shown whole */
	REST_KEPT = 13
};

struct text {
	const char *p;
	size_t len;
};

/* --- classes of code points */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

static bool is_space(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return (cp >= 0x09 && cp <= 0x0D) || c == UTF8PROC_CATEGORY_ZS || c == UTF8PROC_CATEGORY_ZL ||
	       c == UTF8PROC_CATEGORY_ZP || cp == 0xFEFF;
}

static bool is_punctuation(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_PO;
}

/* What a mention or a link may stand behind without a blank. */
static bool opens(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return cp == '"' || cp == '\'' || c == UTF8PROC_CATEGORY_PS || c == UTF8PROC_CATEGORY_PI;
}

/* Ends a hashtag though nobody sees it. */
static bool is_unseen(uint32_t cp)
{
	return cp == 0xAD || cp == 0x2060 || (cp >= 0x200A && cp <= 0x200D) || cp == 0x20E2;
}

static size_t word_end(struct text t, size_t at)
{
	while (at < t.len) {
		uint32_t cp;
		size_t n = utf8_decode(t.p + at, t.len - at, &cp);
		if (is_space(cp))
			break;
		at += n;
	}
	return at;
}

/* The code point that ends at `end`, and where it begins; begin < end. */
static uint32_t last_of(struct text t, size_t begin, size_t end, size_t *starts)
{
	uint32_t cp;
	size_t at = end - 1;
	while (at > begin && end - at < 4 && ((unsigned char)t.p[at] & 0xC0) == 0x80)
		at--;
	if (at + utf8_decode(t.p + at, end - at, &cp) != end) { /* ill-formed */
		at = end - 1;
		cp = UTF8_REPLACEMENT;
	}
	*starts = at;
	return cp;
}

/* --- domains and handles */

/* Behind "label.label…" of ASCII at `at`, without dots and hyphens at its end; *labels: how many, *last: where the last
 * one begins. A label that is none ends it. */
static size_t labels_end(struct text t, size_t at, int *labels, size_t *last)
{
	size_t end = at;
	*labels = 0;
	*last = at;
	for (size_t from = at;;) {
		size_t i = from;
		while (i < t.len && (is_alnum(t.p[i]) || t.p[i] == '-'))
			i++;
		size_t stop = i;
		while (stop > from && t.p[stop - 1] == '-')
			stop--;
		if (stop == from || t.p[from] == '-' || stop - from > LABEL_MAX)
			break;
		end = stop;
		*last = from;
		++*labels;
		if (stop < i || i >= t.len || t.p[i] != '.')
			break;
		from = i + 1;
	}
	return end;
}

static bool is_top_level(struct text t, size_t begin, size_t end)
{
	char name[LABEL_MAX];
	size_t len = end - begin;
	if (len > sizeof name)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = t.p[begin + i];
		name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return domain_is_top_level(name, len);
}

static bool follows(struct text t, size_t at, const char *any)
{
	return at < t.len && t.p[at] && strchr(any, t.p[at]);
}

/* Behind "@handle" at `at`; `at` when none begins there. */
static size_t mention_end(struct text t, size_t at)
{
	int labels;
	size_t last, end = labels_end(t, at + 1, &labels, &last);
	bool good = labels > 1 && end - at - 1 <= HANDLE_MAX && !is_digit((unsigned char)t.p[last]);
	return good && !follows(t, end, "@_") ? end : at;
}

/* --- links */

static size_t scheme_length(struct text t, size_t at)
{
	static const char *const schemes[] = {"https://", "http://"};
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i]);
		if (t.len - at >= n && str_icmp_n(t.p + at, schemes[i], n) == 0)
			return n;
	}
	return 0;
}

static int count_of(struct text t, size_t begin, size_t end, char c)
{
	int count = 0;
	for (size_t i = begin; i < end; i++)
		count += t.p[i] == c;
	return count;
}

/* Is this the sentence's, at the end of a link? A bracket that the link itself opens is its own. */
static bool is_of_sentence(struct text t, size_t begin, size_t end, uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	if (cp == ')')
		return count_of(t, begin, end, ')') > count_of(t, begin, end, '(');
	if (cp == ']')
		return count_of(t, begin, end, ']') > count_of(t, begin, end, '[');
	return (cp < 0x80 && strchr(".,;:!?'\"", (int)cp)) || cp == 0x2026 || c == UTF8PROC_CATEGORY_PE ||
	       c == UTF8PROC_CATEGORY_PF || c == UTF8PROC_CATEGORY_PI;
}

/* Counting brackets again for each that is taken away would be quadratic: the link is no longer than it may be. */
static size_t without_sentence(struct text t, size_t begin, size_t end)
{
	enum { TAKEN_MOST = 64 };
	size_t starts;
	for (int taken = 0; end > begin && taken < TAKEN_MOST; taken++) {
		if (!is_of_sentence(t, begin, end, last_of(t, begin, end, &starts)))
			break;
		end = starts;
	}
	return end;
}

/* Behind the link that begins at `at`, with a scheme or without; `at` when none does. */
static size_t link_end(struct text t, size_t at)
{
	size_t scheme = scheme_length(t, at), last, end;
	int labels;
	if (scheme) {
		end = without_sentence(t, at, word_end(t, at));
		return end > at + scheme && !follows(t, at + scheme, "/?#@:") ? end : at;
	}
	end = labels_end(t, at, &labels, &last);
	if (labels < 2 || follows(t, end, "@_") || !is_top_level(t, last, end))
		return at;
	size_t port = end + 1;
	while (follows(t, end, ":") && port < t.len && is_digit((unsigned char)t.p[port]))
		port++;
	if (port > end + 1)
		end = port;
	return follows(t, end, "/?#") ? without_sentence(t, at, word_end(t, end)) : end;
}

/* Appends what of the link is shown. */
static void add_shown(struct text link, struct str *out)
{
	size_t scheme = scheme_length(link, 0), host = scheme;
	while (host < link.len && !strchr("/?#", link.p[host]))
		host++;
	size_t kept = host;
	int count = 0;
	for (size_t at = host; at < link.len && count <= REST_MAX; count++) {
		at = grapheme_next(link.p, link.len, at);
		if (count < REST_KEPT)
			kept = at;
	}
	if (count <= REST_MAX || memchr(link.p + scheme, '@', host - scheme)) {
		str_add(out, link.p, link.len);
		return;
	}
	str_add(out, link.p + scheme, kept - scheme);
	str_adds(out, "...");
}

/* --- hashtags */

static size_t hash_length(struct text t, size_t at)
{
	if (t.p[at] == '#')
		return 1;
	return t.len - at >= 3 && memcmp(t.p + at, "\uFF03", 3) == 0 ? 3 : 0;
}

/* Behind the hashtag whose text begins at `at`; `at` when none does. */
static size_t tag_end(struct text t, size_t at)
{
	size_t end = at, i = at;
	bool says = false;
	while (i < t.len) {
		uint32_t cp;
		size_t n = utf8_decode(t.p + i, t.len - i, &cp);
		if (is_space(cp) || is_unseen(cp) || (i == at && (cp == 0xFE0F || cp == '#')))
			break;
		i += n;
		if (!is_punctuation(cp))
			end = i;
		says |= !is_punctuation(cp) && !is_digit(cp);
	}
	bool fits = end - at <= TAG_BYTES_MAX && grapheme_count(t.p + at, end - at) <= TAG_MAX;
	return says && fits ? end : at;
}

/* --- the whole text */

struct finding {
	struct text text;
	struct arena *arena;
	struct str shown;
	size_t done; /* bytes of the text that are in shown */
	VEC(struct facet) facets;
};

static void add_facet(struct finding *f, enum facet_kind kind, size_t begin, size_t end, size_t skip)
{
	struct text part = {f->text.p + begin, end - begin};
	const char *target = arena_strndup(f->arena, part.p + skip, part.len - skip);
	str_add(&f->shown, f->text.p + f->done, begin - f->done);
	size_t starts = f->shown.len;
	if (kind == FACET_LINK) {
		if (!scheme_length(part, 0))
			target = arena_printf(f->arena, "https://%s", target);
		add_shown(part, &f->shown);
	} else {
		str_add(&f->shown, part.p, part.len);
	}
	f->done = end;
	vec_push(&f->facets, (struct facet){kind, starts, f->shown.len, target});
}

/* Adds the facet that begins at `at`, if one does, and says where it ends. */
static size_t facet_at(struct finding *f, size_t at, bool after_space)
{
	struct text t = f->text;
	size_t hash = hash_length(t, at), end = at;
	if (t.p[at] == '@' && (end = mention_end(t, at)) > at)
		add_facet(f, FACET_MENTION, at, end, 1);
	else if (is_alnum(t.p[at]) && (end = link_end(t, at)) > at)
		add_facet(f, FACET_LINK, at, end, 0);
	else if (hash && after_space && (end = tag_end(t, at + hash)) > at + hash)
		add_facet(f, FACET_TAG, at, end, hash);
	else
		return at;
	return end;
}

void facet_text_of(const char *typed, struct arena *arena, struct facet_text *out)
{
	size_t len = strlen(typed);
	struct finding f = {.text = {typed, len}, .arena = arena, .shown = STR_INIT};
	uint32_t before = ' ';
	for (size_t at = 0; at < len;) {
		size_t end = is_space(before) || opens(before) ? facet_at(&f, at, is_space(before)) : at;
		if (end > at) {
			at = end;
			before = 'a';
			continue;
		}
		at += utf8_decode(typed + at, len - at, &before);
	}
	str_add(&f.shown, typed + f.done, len - f.done);
	struct facet *facets = arena_array(arena, struct facet, f.facets.len + 1);
	if (f.facets.len)
		memcpy(facets, f.facets.at, f.facets.len * sizeof *facets);
	*out = (struct facet_text){arena_strndup(arena, f.shown.p, f.shown.len), facets, (int)f.facets.len};
	vec_release(&f.facets);
	str_release(&f.shown);
}
