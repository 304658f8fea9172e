#include "core/text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static int fold_ascii(const char *text, size_t len, struct str *out)
{
	size_t at = out->len;
	if (str_add(out, text, len))
		return -1;
	for (; at < out->len; at++)
		if (out->p[at] >= 'A' && out->p[at] <= 'Z')
			out->p[at] = (char)(out->p[at] + ('a' - 'A'));
	return 0;
}

/* ASCII, and the letters of Latin-1 with their accents: each folds to one of the same length, and none of them joins
 * with what stands before it. Writes what it folds to; the bytes of both, 0 for what is not as simple. */
static size_t fold_simple(const char *p, size_t len, char out[2])
{
	enum { LATIN_1 = 0xC3, CAPITAL_LAST = 0x9E, TIMES = 0x97, SHARP_S = 0x9F };
	unsigned char first = (unsigned char)p[0], second = len > 1 ? (unsigned char)p[1] : 0;
	if (first < 0x80) {
		out[0] = (char)(first >= 'A' && first <= 'Z' ? first + ('a' - 'A') : first);
		return 1;
	}
	if (first != LATIN_1 || second < 0x80 || second > 0xBF || second == SHARP_S)
		return 0;
	out[0] = p[0];
	out[1] = (char)(second <= CAPITAL_LAST && second != TIMES ? second + 0x20 : second);
	return 2;
}

/* Up to what is not simple, but for the last character before that, which may join with it. Returns the bytes taken;
 * -1 when out's cap would be passed. */
static ptrdiff_t fold_run(const char *p, size_t len, struct str *out)
{
	size_t before = out->len, at = 0, n = 1, last = 0;
	if (str_add(out, p, len))
		return -1;
	for (; at < len && (n = fold_simple(p + at, len - at, out->p + before + at)); at += n)
		last = at;
	if (at < len)
		at = last;
	str_remove(out, before + at, len - at);
	return (ptrdiff_t)at;
}

/* From what fold_run left up to what is simple again: of several lengths, joined, or ill-formed. */
static ptrdiff_t fold_rest(const char *p, size_t len, struct str *clean, struct str *out)
{
	char ignored[2];
	uint32_t cp;
	size_t at = fold_simple(p, len, ignored);
	while (at < len && !fold_simple(p + at, len - at, ignored))
		at += utf8_decode(p + at, len - at, &cp);
	str_clear(clean);
	utf8_repair(p, at, clean);
	utf8proc_uint8_t *folded = utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)clean->p);
	int full = str_adds(out, folded ? (const char *)folded : clean->p);
	free(folded);
	return full ? -1 : (ptrdiff_t)at;
}

int utf8_fold(const char *text, struct str *out)
{
	size_t len = strlen(text), before = out->len;
	if (is_ascii(text, len))
		return fold_ascii(text, len, out);
	struct str clean = STR_INIT;
	ptrdiff_t took = 0;
	for (size_t at = 0; at < len && took >= 0; at += (size_t)took) {
		took = fold_run(text + at, len - at, out);
		if (took >= 0 && at + (size_t)took < len) {
			at += (size_t)took;
			took = fold_rest(text + at, len - at, &clean, out);
		}
	}
	str_release(&clean);
	if (took < 0)
		str_remove(out, before, out->len - before);
	return took < 0 ? -1 : 0;
}

bool utf8_contains_folded(const char *hay, const char *needle)
{
	struct str h = STR_INIT, n = STR_INIT;
	utf8_fold(hay, &h);
	utf8_fold(needle, &n);
	bool found = strstr(h.p, n.p) != NULL;
	str_release(&h);
	str_release(&n);
	return found;
}
