#include "core/text/cells.h"
#include "core/text/grapheme.h"
#include "core/text/utf8.h"

#include <langinfo.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

enum {
	CELL_CODE_POINTS = 5, /* CCHARW_MAX of ncurses */
	DOTTED_CIRCLE = 0x25CC,
	ZWNJ = 0x200C,
	ZWJ = 0x200D,
	BLACK_FLAG = 0x1F3F4,
};

bool cells_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* --- what a code point is */

static int proc_width(uint32_t cp)
{
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

static utf8proc_category_t category(uint32_t cp)
{
	return utf8proc_category((utf8proc_int32_t)cp);
}

/* 1 or 2, or 0 when the code point cannot stand in a cell of its own: it combines, or its width is disputed. */
static int spacing_width(uint32_t cp)
{
	int width = wcwidth((wchar_t)cp);
	if (width != 1 && width != 2)
		return 0;
	if (width == 1 && category(cp) == UTF8PROC_CATEGORY_MC)
		return 1;
	return proc_width(cp) == width ? width : 0;
}

static bool combines(uint32_t cp)
{
	utf8proc_category_t c = category(cp);
	return (c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME) && !utf8_is_hidden(cp) && proc_width(cp) == 0 &&
	       wcwidth((wchar_t)cp) == 0;
}

static bool is_emoji(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_skin_tone(uint32_t cp)
{
	return cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static bool is_variation_selector(uint32_t cp)
{
	return cp >= 0xFE00 && cp <= 0xFE0F;
}

/* Hebrew to Myanmar, Khmer and Mongolian, and the later Indic blocks: there joiners choose a letter's form. */
static bool is_written_with_joiners(uint32_t cp)
{
	return (cp >= 0x0590 && cp <= 0x109F) || (cp >= 0x1780 && cp <= 0x18AF) || (cp >= 0xA800 && cp <= 0xABFF) ||
	       (cp >= 0xFB50 && cp <= 0xFDFF) || (cp >= 0x11000 && cp <= 0x11FFF);
}

/* Part of the base's cluster, and nothing is lost or hidden when it is not drawn. */
static bool goes_unseen(uint32_t base, uint32_t before, uint32_t cp)
{
	if (is_variation_selector(cp))
		return !is_variation_selector(before);
	if (cp == ZWJ || cp == ZWNJ)
		return is_written_with_joiners(base) || (cp == ZWJ && is_emoji(base));
	if (cp >= 0x180B && cp <= 0x180F)
		return base >= 0x1800 && base <= 0x18AF;
	if (cp >= 0xE0020 && cp <= 0xE007F)
		return base == BLACK_FLAG;
	return is_skin_tone(cp) && is_emoji(base);
}

/* The marks that every terminal takes for marks: those between these. */
static bool is_old_mark(uint32_t cp)
{
	static const struct {
		uint16_t first, last;
	} ranges[] = {{0x0300, 0x0486}, {0x0488, 0x0615}, {0x064B, 0x065E}, {0x0670, 0x07F3}, {0x0901, 0x0902},
	        {0x093C, 0x0954}, {0x0962, 0x09E3}, {0x0A01, 0x0A4D}, {0x0A70, 0x0A71}, {0x0A81, 0x0AE3},
	        {0x0B01, 0x0B43}, {0x0B4D, 0x0B4D}, {0x0B56, 0x0B56}, {0x0B82, 0x0BCD}, {0x0C3E, 0x0C56},
	        {0x0CBC, 0x0CE3}, {0x0D41, 0x0D43}, {0x0D4D, 0x0D4D}, {0x0DCA, 0x0EB9}, {0x0EBB, 0x0F87},
	        {0x0F90, 0x1032}, {0x1036, 0x1039}, {0x1058, 0x1059}, {0x135F, 0x180F}, {0x18A9, 0x1A18},
	        {0x1B00, 0x1B73}, {0x1DC0, 0x1DCA}, {0x1DFE, 0x20EF}, {0xA806, 0xA826}, {0xFB1E, 0xFE23}};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return (cp >= 0x10A01 && cp <= 0x10A3F) || (cp >= 0x1D167 && cp <= 0x1D244);
}

enum cells_doubt cells_doubt(uint32_t cp)
{
	bool usual = cp < 0x300 || (cp >= 0x2000 && cp <= 0x20CF) || (cp >= 0x2500 && cp <= 0x259F) ||
	             (cp >= 0x309B && cp <= 0xA66E);
	if (usual)
		return CELLS_SURE;
	if (combines(cp))
		return is_old_mark(cp) ? CELLS_SURE : CELLS_MORE;
	if (cp == 0x1F93B || cp == 0x1F946) /* wide until Unicode made up its mind */
		return CELLS_MORE;
	if (cp == 0x06DE || cp == 0x1734 || cp == 0x302E || cp == 0x302F) /* marks once */
		return CELLS_FEWER;
	bool late = (cp >= 0x231A && cp <= 0x2B55) || (cp >= 0x16FE0 && cp <= 0x1FFFF);
	return late && wcwidth((wchar_t)cp) == 2 ? CELLS_FEWER : CELLS_SURE;
}

/* --- the unit */

static void put(struct cluster *out, uint32_t cp)
{
	out->len += utf8_encode(cp, out->bytes + out->len);
	out->bytes[out->len] = '\0';
}

static void put_one(struct cluster *out, uint32_t cp, int cells)
{
	out->len = 0;
	out->cells = cells;
	put(out, cp);
}

/* The Unicode standard, 3.12: leading and vowel jamo, and a trailing one if there is, make one syllable. */
static size_t compose_hangul(const char *text, size_t len, size_t next, uint32_t *cp)
{
	enum { L = 0x1100, V = 0x1161, T = 0x11A7, SYLLABLES = 0xAC00 };
	uint32_t v, t;
	if (*cp < L || *cp > 0x1112 || next >= len)
		return next;
	size_t n = utf8_decode(text + next, len - next, &v);
	if (v < V || v > 0x1175)
		return next;
	next += n;
	*cp = SYLLABLES + ((*cp - L) * 21 + (v - V)) * 28;
	if (next < len) {
		n = utf8_decode(text + next, len - next, &t);
		if (t > T && t <= 0x11C2) {
			*cp += t - T;
			next += n;
		}
	}
	return next;
}

/* Adds what combines with base to the unit; returns where the unit ends. After a joiner an emoji's whole cluster goes.
 */
static size_t gather(const char *text, size_t len, size_t next, uint32_t base, struct cluster *out)
{
	int code_points = spacing_width(base) ? 1 : 2; /* a mark stands on a circle */
	bool emoji_sequence = false;
	uint32_t before = base;
	utf8proc_int32_t state = 0;
	while (next < len) {
		uint32_t cp;
		size_t n = utf8_decode(text + next, len - next, &cp);
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)cp, &state))
			break;
		if (!emoji_sequence && !goes_unseen(base, before, cp)) {
			if (!combines(cp))
				break;
			if (code_points++ < CELL_CODE_POINTS)
				put(out, cp);
		}
		emoji_sequence = emoji_sequence || (cp == ZWJ && is_emoji(base));
		before = cp;
		next += n;
	}
	return next;
}

static uint32_t mark_of(uint32_t cp)
{
	if (cp == '\n' || cp == '\t')
		return ' ';
	if (cp < 0x20)
		return 0x2400 + cp;
	return cp == 0x7F ? 0x2421 : UTF8_REPLACEMENT;
}

static size_t next_in_utf8(const char *text, size_t len, size_t at, struct cluster *out)
{
	uint32_t cp;
	size_t next = at + utf8_decode(text + at, len - at, &cp);
	if (utf8_is_hidden(cp)) {
		put_one(out, mark_of(cp), 1);
		return next;
	}
	next = compose_hangul(text, len, next, &cp);
	int cells = spacing_width(cp);
	if (cells)
		put_one(out, cp, cells);
	else if (combines(cp)) {
		put_one(out, DOTTED_CIRCLE, 1);
		put(out, cp);
	} else
		put_one(out, UTF8_REPLACEMENT, 1);
	return gather(text, len, next, cp, out);
}

/* --- a terminal without UTF-8 */

static uint32_t ascii_for(uint32_t cp)
{
	static const struct {
		uint16_t cp;
		char ascii;
	} likely[] = {{0x2010, '-'}, {0x2011, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''},
	        {0x201C, '"'}, {0x201D, '"'}, {0x2022, '*'}, {0x00AB, '"'}, {0x00BB, '"'}, {0x00DF, 's'}, {0x00D8, 'O'},
	        {0x00F8, 'o'}};
	if (utf8_is_hidden(cp))
		return cp == '\n' || cp == '\t' ? ' ' : '?';
	for (size_t i = 0; i < sizeof likely / sizeof likely[0]; i++)
		if (likely[i].cp == cp)
			return (uint32_t)likely[i].ascii;
	utf8proc_int32_t parts[32];
	int bound = 0;
	utf8proc_ssize_t n =
	        utf8proc_decompose_char((utf8proc_int32_t)cp, parts, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &bound);
	return n > 0 && n <= 32 && parts[0] >= ' ' && parts[0] < 0x7F ? (uint32_t)parts[0] : '?';
}

/* A cluster is one cell here, whatever it is made of. */
static size_t next_in_ascii(const char *text, size_t len, size_t at, struct cluster *out)
{
	uint32_t cp;
	utf8_decode(text + at, len - at, &cp);
	put_one(out, ascii_for(cp), 1);
	return grapheme_next(text, len, at);
}

/* --- public */

size_t cells_next(const char *text, size_t len, size_t at, struct cluster *out)
{
	char c = text[at];
	bool alone = at + 1 == len || (unsigned char)text[at + 1] < 0x80;
	if (alone && c >= ' ' && c < 0x7F) {
		put_one(out, (uint32_t)c, 1);
		return at + 1;
	}
	if (c == '\r' && at + 1 < len && text[at + 1] == '\n') {
		put_one(out, ' ', 1);
		return at + 2;
	}
	return cells_utf8() ? next_in_utf8(text, len, at, out) : next_in_ascii(text, len, at, out);
}

int cells_width(const char *text, size_t len)
{
	int cells = 0;
	for (size_t at = 0; at < len;) {
		struct cluster unit;
		at = cells_next(text, len, at, &unit);
		cells += unit.cells;
	}
	return cells;
}

size_t cells_fit(const char *text, size_t len, int max_cells, int *cells)
{
	size_t at = 0;
	int used = 0;
	while (at < len) {
		size_t next = grapheme_next(text, len, at);
		int width = cells_width(text + at, next - at);
		if (width > max_cells - used)
			break;
		used += width;
		at = next;
	}
	if (cells)
		*cells = used;
	return at;
}

int text_clean(const char *text, size_t len, struct str *out)
{
	for (size_t at = 0; at < len;) {
		struct cluster unit;
		size_t next = cells_next(text, len, at, &unit);
		if (str_add(out, unit.bytes, unit.len))
			return -1;
		at = next;
	}
	return 0;
}
