#include "core/text/weighted.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/text/domain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
	WHOLE_URL_MAX = 4096, /* in UTF-16 units, the scheme included */
	LABEL_MAX = 63,       /* in ASCII, encoded by Punycode where it is not */
	SHORT_SLUG_MAX = 40,  /* of t.co */
	ZWJ = 0x200D,
	VS16 = 0xFE0F,
	KEYCAP = 0x20E3
};

/* The text as code points in NFC; positions are indices into it. */
struct points {
	utf8proc_int32_t *at;
	size_t len;
};

static utf8proc_int32_t point(const struct points *p, size_t i)
{
	return i < p->len ? p->at[i] : 0;
}

/* --- classes of code points */

static bool within(utf8proc_int32_t c, utf8proc_int32_t first, utf8proc_int32_t last)
{
	return c >= first && c <= last;
}

static bool is_one_of(utf8proc_int32_t c, const char *ascii)
{
	return c > 0 && c < 0x80 && strchr(ascii, c);
}

static bool is_digit(utf8proc_int32_t c)
{
	return within(c, '0', '9');
}

static utf8proc_int32_t lower(utf8proc_int32_t c)
{
	return within(c, 'A', 'Z') ? c + ('a' - 'A') : c;
}

static bool is_ascii_alnum(utf8proc_int32_t c)
{
	return is_digit(c) || within(lower(c), 'a', 'z');
}

static bool is_invalid(utf8proc_int32_t c)
{
	return c == 0xFFFE || c == 0xFEFF || c == 0xFFFF;
}

static bool is_directional(utf8proc_int32_t c)
{
	return within(c, 0x202A, 0x202E) || c == 0x061C || c == 0x200E || c == 0x200F || within(c, 0x2066, 0x2069);
}

static bool is_space(utf8proc_int32_t c)
{
	return within(c, 0x09, 0x0D) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || c == 0x180E ||
	       within(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_latin_accent(utf8proc_int32_t c)
{
	static const utf8proc_int32_t single[] = {
	        0x253, 0x254, 0x256, 0x257, 0x259, 0x25B, 0x263, 0x268, 0x26F, 0x272, 0x289, 0x28B, 0x2BB};
	if (within(c, 0xC0, 0x24F))
		return c != 0xD7 && c != 0xF7;
	for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
		if (c == single[i])
			return true;
	return within(c, 0x300, 0x36F) || within(c, 0x1E00, 0x1EFF);
}

static bool may_precede_url(utf8proc_int32_t c)
{
	return is_directional(c) ||
	       !(is_ascii_alnum(c) || is_one_of(c, "@$#") || c == 0xFF20 || c == 0xFF03 || is_invalid(c));
}

static bool is_domain_char(utf8proc_int32_t c)
{
	return c && !is_one_of(c, "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$") && !is_space(c) && !is_invalid(c) &&
	       !is_directional(c);
}

static bool is_path_char(utf8proc_int32_t c)
{
	return is_ascii_alnum(c) || is_one_of(c, "!*';:=+,.$/%#[]-_~@|&") || c == 0x2013 || within(c, 0x400, 0x4FF) ||
	       is_latin_accent(c);
}

static bool may_end_path(utf8proc_int32_t c)
{
	return is_ascii_alnum(c) || is_one_of(c, "+-=_#/") || within(c, 0x400, 0x4FF) || is_latin_accent(c);
}

static bool is_query_char(utf8proc_int32_t c)
{
	return is_ascii_alnum(c) || is_one_of(c, "!?*'@();:&=+$/%#[]-_.,~|");
}

static bool may_end_query(utf8proc_int32_t c)
{
	return is_ascii_alnum(c) || is_one_of(c, "-_&=#/");
}

/* --- domains */

static bool is_top_level(const struct points *p, size_t from, size_t to)
{
	char name[DOMAIN_TOP_MAX * 4];
	size_t len = 0;
	if (to - from > DOMAIN_TOP_MAX)
		return false;
	for (size_t i = from; i < to; i++)
		len += utf8_encode((uint32_t)lower(p->at[i]), name + len);
	return domain_is_top_level(name, len);
}

static bool may_follow_top_level(utf8proc_int32_t c)
{
	return !is_ascii_alnum(c) && !is_one_of(c, "@+-");
}

/* Behind the top-level domain that begins at `from`, the longest one; `from` when none does. What follows it may be the
 * next word of a script without spaces. */
static size_t top_level_end(const struct points *p, size_t from, size_t end)
{
	size_t to = from;
	if (end - from > 4 && lower(p->at[from]) == 'x' && lower(p->at[from + 1]) == 'n' && p->at[from + 2] == '-' &&
	        p->at[from + 3] == '-') {
		for (to = from + 4; to < end && (is_ascii_alnum(p->at[to]) || p->at[to] == '-');)
			to++;
		return to > from + 4 ? to : from;
	}
	while (to < end && to - from < DOMAIN_TOP_MAX && is_domain_char(p->at[to]))
		to++;
	for (; to > from; to--)
		if (may_follow_top_level(to < end ? p->at[to] : 0) && is_top_level(p, from, to))
			return to;
	return from;
}

/* Behind "label." at `at`; `at` when no label stands there. An underscore within may be in every label but the last one
 * before the top level. */
static size_t label_end(const struct points *p, size_t at, bool *underscore)
{
	size_t i = at;
	*underscore = false;
	while (is_domain_char(point(p, i)) || point(p, i) == '-' || point(p, i) == '_') {
		*underscore |= p->at[i] == '_';
		i++;
	}
	bool good = i > at && point(p, i) == '.' && is_domain_char(p->at[at]) && is_domain_char(p->at[i - 1]);
	return good ? i + 1 : at;
}

/* Behind the domain that begins at `at`, with as many labels as there can be; `at` when there is none. No domain begins
 * before *barren either: what was looked through once is not looked through again from each of its labels. */
static size_t domain_end(const struct points *p, size_t at, size_t *barren)
{
	size_t end = at, from = at, next;
	bool underscore, any = false;
	while ((next = label_end(p, from, &underscore)) > from) {
		size_t top = top_level_end(p, next, p->len);
		any |= top > next;
		if (top > next && !underscore)
			end = top;
		from = next;
	}
	*barren = any ? at : from;
	return end;
}

static bool is_ascii_domain_char(utf8proc_int32_t c)
{
	return is_ascii_alnum(c) || c == '-' || is_latin_accent(c);
}

/* As domain_end(), of letters with or without accents alone, and within `end`. */
static size_t plain_domain_end(const struct points *p, size_t at, size_t end, size_t *barren)
{
	size_t found = at, from = at, i;
	for (;; from = i + 1) {
		for (i = from; i < end && is_ascii_domain_char(p->at[i]);)
			i++;
		if (i == from || i >= end || p->at[i] != '.')
			break;
		size_t top = top_level_end(p, i + 1, end);
		if (top > i + 1)
			found = top;
	}
	*barren = i;
	return found;
}

/* Where the first of these between `at` and `end` begins, and behind it; false when there is none. */
static bool plain_domain(const struct points *p, size_t at, size_t end, size_t *begins, size_t *ends)
{
	for (size_t barren; at<end; at = barren> at ? barren : at + 1) {
		*begins = at;
		*ends = plain_domain_end(p, at, end, &barren);
		if (*ends > at)
			return true;
	}
	return false;
}

/* RFC 3492, section 6.3, as far as its length: what a label of these code points is encoded to, without "xn--". */
static size_t punycode_length(const utf8proc_int32_t *label, size_t len)
{
	enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_N = 128 };
	size_t basic = 0, out;
	for (size_t i = 0; i < len; i++)
		basic += label[i] < FIRST_N;
	out = basic + (basic > 0);
	uint64_t n = FIRST_N, delta = 0, bias = FIRST_BIAS, handled = basic;
	while (handled < len) {
		uint64_t next = UINT32_MAX;
		for (size_t i = 0; i < len; i++)
			if ((uint64_t)label[i] >= n && (uint64_t)label[i] < next)
				next = (uint64_t)label[i];
		delta += (next - n) * (handled + 1);
		n = next;
		for (size_t i = 0; i < len; i++) {
			if ((uint64_t)label[i] < n)
				delta++;
			if ((uint64_t)label[i] != n)
				continue;
			uint64_t q = delta, k = BASE, t;
			for (;; k += BASE, out++) {
				t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
				if (q < t)
					break;
				q = (q - t) / (BASE - t);
			}
			out++;
			delta = handled == basic ? delta / DAMP : delta / 2;
			delta += delta / (handled + 1);
			for (k = 0; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
				delta /= BASE - T_MIN;
			bias = k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
			delta = 0;
			handled++;
		}
		delta++;
		n++;
	}
	return out;
}

/* 0 for a label that no name server has. */
static size_t encoded_label_length(const utf8proc_int32_t *label, size_t len)
{
	size_t encoded = len;
	for (size_t i = 0; i < len; i++)
		if (label[i] >= 0x80) {
			encoded = len > LABEL_MAX ? len : 4 + punycode_length(label, len);
			break;
		}
	return encoded > LABEL_MAX ? 0 : encoded;
}

/* --- URLs */

/* Behind a bracket at `at` that is closed again, with one more pair in it at the most; `at` otherwise. */
static size_t bracket_end(const struct points *p, size_t at)
{
	size_t i = at + 1, inner = 0;
	bool nested = false;
	for (;; i++) {
		utf8proc_int32_t c = point(p, i);
		if (is_path_char(c))
			continue;
		if (c == '(' && !nested && !inner) {
			nested = true;
			inner = i;
		} else if (c == ')' && inner) {
			if (i == inner + 1)
				return at;
			inner = 0;
		} else
			return c == ')' && i > at + 1 ? i + 1 : at;
	}
}

/* Behind the path that begins with the slash at `at`. Punctuation at its end belongs to the sentence. */
static size_t path_end(const struct points *p, size_t at)
{
	size_t end = at + 1, i = end;
	for (;;) {
		size_t closed = point(p, i) == '(' ? bracket_end(p, i) : i;
		if (closed > i)
			end = i = closed;
		else if (!is_path_char(point(p, i)))
			return end;
		else if (may_end_path(p->at[i++]))
			end = i;
	}
}

static size_t query_end(const struct points *p, size_t at)
{
	size_t end = at;
	for (size_t i = at + 1; is_query_char(point(p, i)); i++)
		if (may_end_query(p->at[i]))
			end = i + 1;
	return end;
}

static size_t scheme_end(const struct points *p, size_t at)
{
	static const char *const schemes[] = {"https://", "http://"};
	for (size_t s = 0; s < 2; s++) {
		size_t i = 0;
		while (schemes[s][i] && lower(point(p, at + i)) == schemes[s][i])
			i++;
		if (!schemes[s][i])
			return at + i;
	}
	return at;
}

struct url {
	size_t begin, domain, domain_ends, path, end; /* path: where what follows the domain and its port begins */
};

/* The URL that begins at `at`, with or without a scheme. *barren: see domain_end(). */
static bool url_at(const struct points *p, size_t at, struct url *url, size_t *barren)
{
	size_t domain = scheme_end(p, at);
	if (domain < *barren)
		return false;
	size_t end = domain_end(p, domain, barren);
	*url = (struct url){at, domain, end, 0, 0};
	if (end == domain)
		return false;
	size_t port = end + 1;
	while (point(p, end) == ':' && is_digit(point(p, port)))
		port++;
	url->path = url->end = port > end + 1 ? port : end;
	if (point(p, url->end) == '/')
		url->end = path_end(p, url->end);
	if (point(p, url->end) == '?')
		url->end = query_end(p, url->end);
	return true;
}

static size_t units(const struct points *p, size_t from, size_t to)
{
	size_t count = to - from;
	for (size_t i = from; i < to; i++)
		count += p->at[i] > 0xFFFF;
	return count;
}

static bool is_punycode_alone(const struct points *p, const struct url *url)
{
	static const char prefix[] = "xn--";
	for (size_t i = 0; i < 4; i++)
		if (point(p, url->domain + i) != prefix[i])
			return true;
	size_t begins, ends;
	return plain_domain(p, url->domain, url->domain_ends, &begins, &ends);
}

static bool is_resolvable(const struct points *p, const struct url *url)
{
	size_t scheme = url->domain > url->begin ? 0 : strlen("https://");
	for (size_t from = url->domain, i = from; i <= url->domain_ends; i++)
		if (i == url->domain_ends || p->at[i] == '.') {
			if (!encoded_label_length(p->at + from, i - from))
				return false;
			from = i + 1;
		}
	return is_punycode_alone(p, url) && scheme + units(p, url->begin, url->end) <= WHOLE_URL_MAX;
}

/* Links of the network's own shortener end with their slug. False when that is too long to be one. */
static bool cut_short_link(const struct points *p, struct url *url)
{
	static const char host[] = "t.co/";
	size_t i = 0, slug = url->domain + strlen(host);
	while (host[i] && lower(point(p, url->domain + i)) == host[i])
		i++;
	if (host[i] || !is_ascii_alnum(point(p, slug)))
		return true;
	size_t end = slug;
	while (is_ascii_alnum(point(p, end)))
		end++;
	if (end - slug > SHORT_SLUG_MAX)
		return false;
	url->end = point(p, end) == '?' ? query_end(p, end) : end;
	return true;
}

/* --- weights */

/* Emoji in the sense of an emoji's first code point: what is drawn as one without being told to. */
static bool is_pictograph(utf8proc_int32_t c)
{
	return c != 0xA9 && c != 0xAE &&
	       utf8proc_get_property(c)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* Drawn as text unless VS16 follows: the wide ones are named, the others are narrow. */
static bool is_text_by_default(utf8proc_int32_t c)
{
	return utf8proc_charwidth(c) == 1 || c == 0x3030 || c == 0x303D || c == 0x3297 || c == 0x3299 || c == 0x1F202 ||
	       c == 0x1F237;
}

static bool is_flag_letter(utf8proc_int32_t c)
{
	return within(c, 0x1F1E6, 0x1F1FF);
}

static bool is_skin_tone(utf8proc_int32_t c)
{
	return within(c, 0x1F3FB, 0x1F3FF);
}

/* Emoji_Modifier_Base of emoji-data.txt, Unicode 15.0. */
static bool takes_skin_tone(utf8proc_int32_t c)
{
	static const utf8proc_int32_t ranges[][2] = {{0x261D, 0x261D}, {0x26F9, 0x26F9}, {0x270A, 0x270D},
	        {0x1F385, 0x1F385}, {0x1F3C2, 0x1F3C4}, {0x1F3C7, 0x1F3C7}, {0x1F3CA, 0x1F3CC}, {0x1F442, 0x1F443},
	        {0x1F446, 0x1F450}, {0x1F466, 0x1F478}, {0x1F47C, 0x1F47C}, {0x1F481, 0x1F483}, {0x1F485, 0x1F487},
	        {0x1F48F, 0x1F48F}, {0x1F491, 0x1F491}, {0x1F4AA, 0x1F4AA}, {0x1F574, 0x1F575}, {0x1F57A, 0x1F57A},
	        {0x1F590, 0x1F590}, {0x1F595, 0x1F596}, {0x1F645, 0x1F647}, {0x1F64B, 0x1F64F}, {0x1F6A3, 0x1F6A3},
	        {0x1F6B4, 0x1F6B6}, {0x1F6C0, 0x1F6C0}, {0x1F6CC, 0x1F6CC}, {0x1F90C, 0x1F90C}, {0x1F90F, 0x1F90F},
	        {0x1F918, 0x1F91F}, {0x1F926, 0x1F926}, {0x1F930, 0x1F939}, {0x1F93C, 0x1F93E}, {0x1F977, 0x1F977},
	        {0x1F9B5, 0x1F9B6}, {0x1F9B8, 0x1F9B9}, {0x1F9BB, 0x1F9BB}, {0x1F9CD, 0x1F9CF}, {0x1F9D1, 0x1F9DD},
	        {0x1FAC3, 0x1FAC5}, {0x1FAF0, 0x1FAF8}};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (within(c, ranges[i][0], ranges[i][1]))
			return true;
	return false;
}

static bool is_tag(utf8proc_int32_t c)
{
	return within(c, 0xE0020, 0xE007F);
}

/* Behind one emoji without joiners, with its skin tone where it may have one; `at` when none begins there. */
static size_t emoji_part_end(const struct points *p, size_t at, bool toned)
{
	utf8proc_int32_t c = point(p, at), next = point(p, at + 1);
	if (is_digit(c) || c == '#' || c == '*') {
		size_t keycap = at + 1 + (next == VS16);
		return point(p, keycap) == KEYCAP ? keycap + 1 : at;
	}
	if (is_flag_letter(c))
		return at + 1 + is_flag_letter(next);
	if ((c == 0xA9 || c == 0xAE) && next == VS16)
		return at + 2;
	if (is_skin_tone(c))
		return at + 1;
	if (!is_pictograph(c))
		return at;
	size_t end = at + 1 +
	             ((next == VS16 && is_text_by_default(c)) || (toned && is_skin_tone(next) && takes_skin_tone(c)));
	while (is_tag(point(p, end)))
		end++;
	return end;
}

/* Of people in one picture either the first has a skin tone, or none has. */
static size_t emoji_end(const struct points *p, size_t at)
{
	size_t end = emoji_part_end(p, at, true), more;
	if (end == at || is_flag_letter(p->at[at]))
		return end;
	bool toned = is_skin_tone(p->at[end - 1]);
	while (point(p, end) == ZWJ && is_pictograph(point(p, end + 1)) &&
	        (more = emoji_part_end(p, end + 1, toned)) > end + 1)
		end = more;
	return end;
}

static size_t weight(utf8proc_int32_t c)
{
	return c <= 0x10FF || within(c, 0x2000, 0x200D) || within(c, 0x2010, 0x201F) || within(c, 0x2032, 0x2037) ? 1
	                                                                                                          : 2;
}

/* What the text from `at` to `end` weighs where no URL is. */
static size_t weigh(const struct points *p, size_t at, size_t end)
{
	size_t sum = 0;
	while (at < end) {
		size_t emoji = emoji_end(p, at);
		sum += emoji > at ? 2 : weight(p->at[at]);
		at = emoji > at ? emoji : at + 1;
	}
	return sum;
}

/* What the text is walked through with: what weighs `sum` ends at `done`. */
struct walk {
	const struct points *points;
	size_t done, sum;
	size_t each; /* URL */
};

static void weigh_url(struct walk *walk, size_t begin, size_t end)
{
	walk->sum += weigh(walk->points, walk->done, begin) + walk->each;
	walk->done = end;
}

/* Without a scheme only domains of plain letters are URLs; several may stand in a row of a script without spaces, and
 * a path with its query belongs to the last one. */
static void weigh_bare_urls(struct walk *walk, const struct url *url)
{
	const struct points *p = walk->points;
	size_t begins, ends = url->domain;
	bool any = false;
	while (plain_domain(p, ends, url->domain_ends, &begins, &ends)) {
		weigh_url(walk, begins, ends);
		any = true;
	}
	if (any && point(p, url->path) == '/')
		walk->done = url->end;
}

static size_t weigh_all(const struct points *p, int each)
{
	struct walk walk = {p, 0, 0, (size_t)each};
	size_t at = 0, barren = 0;
	while (at < p->len) {
		struct url url;
		utf8proc_int32_t before = p->at[at];
		bool found = may_precede_url(before) && url_at(p, at + 1, &url, &barren);
		if (!found && at == 0) {
			before = 0;
			barren = 0;
			found = url_at(p, 0, &url, &barren);
		}
		at = found ? url.end : at + 1;
		if (!found || !is_resolvable(p, &url))
			continue;
		if (url.domain == url.begin && !is_one_of(before, "-_./"))
			weigh_bare_urls(&walk, &url);
		else if (url.domain > url.begin && cut_short_link(p, &url))
			weigh_url(&walk, url.begin, url.end);
	}
	return walk.sum + weigh(p, walk.done, p->len);
}

/* In NFC; as it stands when it is no UTF-8. */
static struct points points_of(const char *text, size_t len)
{
	struct points p = {mem_alloc((len * 4 + 1) * sizeof *p.at), 0};
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n = utf8proc_decompose(
	        (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, p.at, (utf8proc_ssize_t)(len * 4), how);
	if (n >= 0 && (size_t)n <= len * 4)
		n = utf8proc_normalize_utf32(p.at, n, how);
	if (n >= 0 && (size_t)n <= len * 4)
		p.len = (size_t)n;
	else
		for (size_t at = 0; at < len; p.len++) {
			uint32_t cp;
			at += utf8_decode(text + at, len - at, &cp);
			p.at[p.len] = (utf8proc_int32_t)cp;
		}
	return p;
}

size_t weighted_length(const char *text, size_t len, int url)
{
	struct points p = points_of(text, len);
	size_t sum = weigh_all(&p, url);
	free(p.at);
	return sum;
}
