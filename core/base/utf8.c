#include "core/base/utf8.h"

#include <string.h>

/* Table 3-7 of the Unicode standard: what may follow a lead byte. Returns the sequence's length, 0 for no lead byte. */
static size_t sequence_of(unsigned char lead, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if (lead >= 0xE0 && lead <= 0xEF) {
		if (lead == 0xE0)
			*low = 0xA0;
		if (lead == 0xED)
			*high = 0x9F;
		return 3;
	}
	if (lead >= 0xF0 && lead <= 0xF4) {
		if (lead == 0xF0)
			*low = 0x90;
		if (lead == 0xF4)
			*high = 0x8F;
		return 4;
	}
	return 0;
}

size_t utf8_decode(const char *p, size_t len, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)p;
	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	*cp = UTF8_REPLACEMENT;
	unsigned char low, high;
	size_t need = sequence_of(s[0], &low, &high);
	if (!need)
		return 1;
	uint32_t value = s[0] & (0x7Fu >> need);
	for (size_t i = 1; i < need; i++) {
		if (i >= len || s[i] < low || s[i] > high)
			return i;
		value = value << 6 | (s[i] & 0x3Fu);
		low = 0x80;
		high = 0xBF;
	}
	*cp = value;
	return need;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = UTF8_REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3F));
	out[0] = (char)((0xF0 << (4 - n) & 0xFF) | cp);
	return n;
}

/* U+FFFD itself is well-formed: three bytes of its own. */
static bool was_ill_formed(uint32_t cp, const char *p, size_t n)
{
	return cp == UTF8_REPLACEMENT && !(n == 3 && (unsigned char)p[0] == 0xEF);
}

/* Does one of the eight bytes end a run of plain ASCII: a NUL, or one with its high bit set? */
static bool not_plain(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, highs = ones << 7;
	uint64_t eight;
	memcpy(&eight, p, sizeof eight);
	return ((eight - ones) | eight) & highs;
}

/* The bytes from p up to what is ill-formed, or a NUL. Most texts are one run. */
static size_t well_formed(const char *p, size_t len)
{
	size_t at = 0;
	while (at < len) {
		uint32_t cp;
		while (at + 8 <= len && !not_plain(p + at))
			at += 8;
		if (at == len)
			break;
		size_t n = utf8_decode(p + at, len - at, &cp);
		if (!cp || was_ill_formed(cp, p + at, n))
			break;
		at += n;
	}
	return at;
}

bool utf8_valid(const char *p, size_t len)
{
	size_t at = well_formed(p, len);
	while (at < len && !p[at])
		at += 1 + well_formed(p + at + 1, len - at - 1);
	return at == len;
}

/* What is too much as a whole, up to the cap. */
static int add_as_fits(const char *p, size_t len, struct str *out)
{
	uint32_t cp;
	for (size_t at = 0, n; at < len; at += n) {
		n = utf8_decode(p + at, len - at, &cp);
		if (str_add(out, p + at, n))
			return -1;
	}
	return 0;
}

int utf8_repair(const char *p, size_t len, struct str *out)
{
	static const char mark[] = "\xEF\xBF\xBD";
	for (size_t at = 0; at < len;) {
		size_t run = well_formed(p + at, len - at);
		if (run && str_add(out, p + at, run))
			return add_as_fits(p + at, run, out);
		at += run;
		if (at == len)
			break;
		uint32_t cp;
		at += utf8_decode(p + at, len - at, &cp);
		if (str_add(out, mark, sizeof mark - 1))
			return -1;
	}
	return 0;
}

const char *utf8_keep(struct arena *arena, const char *text, size_t max)
{
	size_t len = text ? strlen(text) : 0;
	if (!len)
		return "";
	if (len <= max && utf8_valid(text, len))
		return arena_strndup(arena, text, len);
	struct str mended;
	str_init(&mended, max);
	utf8_repair(text, len, &mended);
	const char *kept = arena_strndup(arena, mended.p, mended.len);
	str_release(&mended);
	return kept;
}

/* General categories Cc, Cf, Zl, Zp and Default_Ignorable_Code_Point of Unicode 15, plus interlinear annotation. */
static const struct {
	uint32_t first, last;
} hidden[] = {
        {0x0000, 0x001F},
        {0x007F, 0x009F},
        {0x00AD, 0x00AD},
        {0x034F, 0x034F},
        {0x0600, 0x0605},
        {0x061C, 0x061C},
        {0x06DD, 0x06DD},
        {0x070F, 0x070F},
        {0x0890, 0x0891},
        {0x08E2, 0x08E2},
        {0x115F, 0x1160},
        {0x17B4, 0x17B5},
        {0x180B, 0x180F},
        {0x200B, 0x200F},
        {0x2028, 0x202E},
        {0x2060, 0x206F},
        {0x3164, 0x3164},
        {0xFDD0, 0xFDEF},
        {0xFE00, 0xFE0F},
        {0xFEFF, 0xFEFF},
        {0xFFA0, 0xFFA0},
        {0xFFF0, 0xFFFB},
        {0xFFFE, 0xFFFF},
        {0x110BD, 0x110BD},
        {0x110CD, 0x110CD},
        {0x13430, 0x1343F},
        {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A},
        {0xE0000, 0xE0FFF},
};

bool utf8_is_hidden(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7F)
		return false;
	if (cp > 0xFFFF && (cp & 0xFFFE) == 0xFFFE)
		return true;
	size_t low = 0, high = sizeof hidden / sizeof hidden[0];
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (cp > hidden[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low < sizeof hidden / sizeof hidden[0] && cp >= hidden[low].first;
}
