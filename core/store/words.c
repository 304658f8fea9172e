/* What the full text index is given, and how it is asked. FTS5's tokenizer splits at what is neither a letter nor a
 * number nor a mark; scripts that put no spaces between words (Chinese, Japanese, Thai, …) would be one endless word.
 * Each of their characters is made a word of its own, in texts and in questions alike: a run of them in a question
 * then is a phrase, which is what was meant. Arabic vowel signs and the tatweel are left out, as writers mostly do. */
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/store/internal.h"

struct range {
	uint32_t from, to;
};

/* Blocks of the Unicode standard, by their letters: Thai to Lao, Tibetan, Myanmar, Khmer, kana and ideographs (and
 * Yi, and the half-width forms), the supplementary ideographs. Hangul is written with spaces. */
static const struct range unspaced[] = {{0x0E00, 0x0EFF}, {0x0F00, 0x0FFF}, {0x1000, 0x109F}, {0x1780, 0x17FF},
        {0x2E80, 0x2FDF}, {0x3005, 0x3007}, {0x3040, 0x30FF}, {0x3100, 0x312F}, {0x31A0, 0x31FF}, {0x3400, 0x4DBF},
        {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xF900, 0xFAFF}, {0xFF66, 0xFF9F}, {0x1B000, 0x1B16F}, {0x20000, 0x3FFFF}};

/* Vowels and signs above, below or after the letter they belong to: they stay with it. */
static const struct range attached[] = {{0x0E31, 0x0E31}, {0x0E33, 0x0E3A}, {0x0E47, 0x0E4E}, {0x0EB1, 0x0EB1},
        {0x0EB3, 0x0EBC}, {0x0EC8, 0x0ECD}, {0x0F71, 0x0F84}, {0x0F90, 0x0FBC}, {0x102B, 0x103E}, {0x17B6, 0x17D3},
        {0x3099, 0x309A}, {0xFF9E, 0xFF9F}};

static const struct range dropped[] = {
        {0x0610, 0x061A}, {0x0640, 0x0640}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x200B, 0x200D}, {0xFE00, 0xFE0F}};

static bool is_in(const struct range *ranges, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			return true;
	return false;
}

#define IN(table, cp) is_in((table), sizeof(table) / sizeof *(table), (cp))

static size_t ascii_run(const char *text, size_t len)
{
	size_t n = 0;
	while (n < len && (unsigned char)text[n] < 0x80)
		n++;
	return n;
}

static void add_words(const char *text, struct str *out)
{
	size_t len = strlen(text);
	bool after_unspaced = false;
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		size_t plain = after_unspaced ? 0 : ascii_run(text + at, len - at);
		if (plain) {
			str_add(out, text + at, plain);
			at += plain;
			continue;
		}
		size_t took = utf8_decode(text + at, len - at, &cp);
		bool alone = cp >= 0x0E00 && IN(unspaced, cp) && !IN(attached, cp);
		bool joins = cp < 0x80 ? false : IN(attached, cp);
		if (alone || (after_unspaced && !joins))
			str_addc(out, ' ');
		if (cp < 0x80 || !IN(dropped, cp))
			str_add(out, text + at, took);
		after_unspaced = alone || (after_unspaced && joins);
		at += took;
	}
}

char *words_of(const char *text)
{
	struct str out = STR_INIT;
	add_words(text, &out);
	return out.len ? str_detach(&out) : mem_strdup("");
}

const char *words_match(const char *text, bool prefix, struct arena *arena)
{
	struct str plain = STR_INIT, match = STR_INIT;
	add_words(text, &plain);
	str_addc(&match, '"');
	for (const char *p = plain.p; *p; p++) {
		if (*p == '"')
			str_addc(&match, '"');
		str_addc(&match, *p);
	}
	str_adds(&match, prefix ? "\"*" : "\"");
	const char *out = arena_strndup(arena, match.p, match.len);
	str_release(&plain);
	str_release(&match);
	return out;
}
