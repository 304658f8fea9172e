#include "core/text/grapheme.h"
#include "core/text/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <utf8proc.h>

/* Rule GB9c: consonant, then marks with at least one linker (virama) among them, then consonant: one cluster. */
enum conjunct { CONJUNCT_NONE, CONJUNCT_CONSONANT, CONJUNCT_LINKED };

struct segmenter {
	uint32_t last;
	utf8proc_int32_t state;
	enum conjunct conjunct;
};

/* Indic_Conjunct_Break of DerivedCoreProperties.txt, Unicode 15.1. */
static bool is_linker(uint32_t cp)
{
	return cp == 0x094D || cp == 0x09CD || cp == 0x0ACD || cp == 0x0B4D || cp == 0x0C4D || cp == 0x0D4D;
}

static bool is_consonant(uint32_t cp)
{
	static const struct {
		uint16_t first, last;
	} ranges[] = {{0x0915, 0x0939}, {0x0958, 0x095F}, {0x0978, 0x097F}, {0x0995, 0x09A8}, {0x09AA, 0x09B0},
	        {0x09B2, 0x09B2}, {0x09B6, 0x09B9}, {0x09DC, 0x09DD}, {0x09DF, 0x09DF}, {0x09F0, 0x09F1},
	        {0x0A95, 0x0AA8}, {0x0AAA, 0x0AB0}, {0x0AB2, 0x0AB3}, {0x0AB5, 0x0AB9}, {0x0AF9, 0x0AF9},
	        {0x0B15, 0x0B28}, {0x0B2A, 0x0B30}, {0x0B32, 0x0B33}, {0x0B35, 0x0B39}, {0x0B5C, 0x0B5D},
	        {0x0B5F, 0x0B5F}, {0x0B71, 0x0B71}, {0x0C15, 0x0C28}, {0x0C2A, 0x0C39}, {0x0C58, 0x0C5A},
	        {0x0D15, 0x0D3A}};
	if (cp < 0x0915 || cp > 0x0D3A)
		return false;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

static enum conjunct conjunct_after(enum conjunct before, uint32_t cp)
{
	enum { ZWNJ = 0x200C };
	if (is_consonant(cp))
		return CONJUNCT_CONSONANT;
	if (before == CONJUNCT_NONE || is_linker(cp))
		return before == CONJUNCT_NONE ? CONJUNCT_NONE : CONJUNCT_LINKED;
	utf8proc_propval_t class = (utf8proc_propval_t)utf8proc_get_property((utf8proc_int32_t)cp)->boundclass;
	bool extends = class == UTF8PROC_BOUNDCLASS_EXTEND || class == UTF8PROC_BOUNDCLASS_ZWJ;
	return extends && cp != ZWNJ ? before : CONJUNCT_NONE;
}

static bool breaks_before(struct segmenter *s, uint32_t cp)
{
	bool breaks = utf8proc_grapheme_break_stateful((utf8proc_int32_t)s->last, (utf8proc_int32_t)cp, &s->state);
	if (s->conjunct == CONJUNCT_LINKED && is_consonant(cp))
		breaks = false;
	s->conjunct = conjunct_after(s->conjunct, cp);
	s->last = cp;
	return breaks;
}

static bool is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

size_t grapheme_next(const char *text, size_t len, size_t at)
{
	if (at >= len)
		return len;
	if (is_ascii(text[at]) && text[at] != '\r' && (at + 1 == len || is_ascii(text[at + 1])))
		return at + 1;
	uint32_t cp;
	struct segmenter s = {0};
	at += utf8_decode(text + at, len - at, &cp);
	s.last = cp;
	s.conjunct = conjunct_after(CONJUNCT_NONE, cp);
	while (at < len) {
		size_t n = utf8_decode(text + at, len - at, &cp);
		if (breaks_before(&s, cp))
			break;
		at += n;
	}
	return at;
}

/* Classes between two of which there always is a boundary, whatever stands around them (GB999): no mark, no joiner, no
 * half of a flag, no part of a Hangul syllable. */
static bool stands_alone(uint32_t cp)
{
	switch (utf8proc_get_property((utf8proc_int32_t)cp)->boundclass) {
	case UTF8PROC_BOUNDCLASS_OTHER:
	case UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC:
	case UTF8PROC_BOUNDCLASS_LV:
	case UTF8PROC_BOUNDCLASS_LVT: return true;
	default: return false;
	}
}

/* Where the code point before `at` begins; `at` itself when what stands there is none. */
static size_t code_point_before(const char *text, size_t at, uint32_t *cp)
{
	size_t from = at;
	while (from > 0 && at - from < 4) {
		from--;
		if (((unsigned char)text[from] & 0xc0) != 0x80)
			return from + utf8_decode(text + from, at - from, cp) == at ? from : at;
	}
	return at;
}

/* A boundary at or before `at` that can be told without context. It is near in any text that people write, so that a
 * way back through a long one costs its length, not its square. */
static size_t sure_boundary(const char *text, size_t len, size_t at)
{
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	while (at > 0) {
		uint32_t before, after;
		size_t from = code_point_before(text, at, &before);
		utf8_decode(text + at, len - at, &after);
		if (from < at && before != UTF8_REPLACEMENT && stands_alone(before) && stands_alone(after))
			return at;
		at = from < at ? from : at - 1;
	}
	return 0;
}

size_t grapheme_floor(const char *text, size_t len, size_t at)
{
	if (at >= len)
		return len;
	size_t start = sure_boundary(text, len, at);
	for (;;) {
		size_t next = grapheme_next(text, len, start);
		if (next > at)
			return start;
		start = next;
	}
}

size_t grapheme_prev(const char *text, size_t len, size_t at)
{
	if (at > len)
		at = len;
	return at ? grapheme_floor(text, len, at - 1) : 0;
}

size_t grapheme_count(const char *text, size_t len)
{
	size_t count = 0;
	for (size_t at = 0; at < len; count++)
		at = grapheme_next(text, len, at);
	return count;
}

bool grapheme_is_new(const char *cluster, size_t len)
{
	int consonants = 0;
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		at += utf8_decode(cluster + at, len - at, &cp);
		consonants += is_consonant(cp);
		if (utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_CN)
			return true;
	}
	return consonants > 1;
}
