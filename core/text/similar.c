#include "core/text/similar.h"
#include "core/base/vec.h"
#include "core/text/grapheme.h"
#include "core/text/utf8.h"

#include <stdbool.h>
#include <utf8proc.h>

enum { TEXT_MAX = 16 * 1024, PAIRS_FROM = 4 };

typedef VEC(uint64_t) hashes;

/* FNV's bits are uneven for short words; this spreads them (the finaliser of MurmurHash3). */
static uint64_t spread(uint64_t h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

/* --- words */

static utf8proc_category_t category(uint32_t cp)
{
	return utf8proc_category((utf8proc_int32_t)cp);
}

static bool is_letter(uint32_t cp)
{
	if (cp < 0x80) /* folded */
		return cp >= 'a' && cp <= 'z';
	utf8proc_category_t c = category(cp);
	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_ME;
}

static bool is_digit(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= '0' && cp <= '9';
	return category(cp) == UTF8PROC_CATEGORY_ND;
}

/* Han, kana, Thai to Myanmar, Khmer: no spaces between words. */
static bool is_word_alone(uint32_t cp)
{
	return (cp >= 0x0E00 && cp <= 0x0EFF) || (cp >= 0x1000 && cp <= 0x109F) || (cp >= 0x1780 && cp <= 0x17FF) ||
	       (cp >= 0x3040 && cp <= 0x30FF) || (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0x20000 && cp <= 0x3FFFF);
}

/* The run up to the next space. */
static size_t run_end(const char *text, size_t len, size_t at)
{
	while (at < len && (unsigned char)text[at] > ' ')
		at++;
	return at;
}

static bool is_address(const char *run, size_t len)
{
	if (run[0] == '@' && len > 1)
		return true;
	const char *end = run + len;
	for (const char *p = run; (p = memchr(p, ':', (size_t)(end - p))); p++)
		if (end - p >= 3 && memcmp(p, "://", 3) == 0)
			return true;
	return len > 4 && memcmp(run, "www.", 4) == 0;
}

static size_t word_end(const char *text, size_t len, size_t at, bool *number)
{
	*number = false;
	while (at < len) {
		uint32_t cp;
		size_t n = utf8_decode(text + at, len - at, &cp);
		bool digit = is_digit(cp);
		if ((!is_letter(cp) && !digit) || is_word_alone(cp))
			break;
		*number = *number || digit;
		at += n;
	}
	return at;
}

/* Punctuation, an emoji. */
static size_t sign_end(const char *text, size_t end, size_t at)
{
	bool plain = (unsigned char)text[at] < 0x80 && (at + 1 == end || (unsigned char)text[at + 1] < 0x80);
	return plain ? at + 1 : grapheme_next(text, end, at);
}

static void add_words_of_run(const char *text, size_t end, size_t at, hashes *words)
{
	while (at < end) {
		uint32_t cp;
		bool number = false;
		utf8_decode(text + at, end - at, &cp);
		size_t next = is_letter(cp) && is_word_alone(cp) ? grapheme_next(text, end, at)
		                                                 : word_end(text, end, at, &number);
		if (next == at)
			next = sign_end(text, end, at);
		else if (!number)
			vec_push(words, spread(hash_bytes(text + at, next - at)));
		at = next;
	}
}

static void add_words(const char *text, hashes *words)
{
	struct str folded = STR_INIT;
	utf8_fold(text, &folded);
	size_t len = folded.len > TEXT_MAX ? grapheme_floor(folded.p, folded.len, TEXT_MAX) : folded.len;
	for (size_t at = 0; at < len;) {
		size_t end = run_end(folded.p, len, at);
		if (end > at && !is_address(folded.p + at, end - at))
			add_words_of_run(folded.p, end, at, words);
		at = end + 1;
	}
	str_release(&folded);
}

static uint64_t pair_of(uint64_t a, uint64_t b)
{
	return spread(a * 3 + b);
}

/* --- the ratio */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void make_set(hashes *set, bool pairs)
{
	if (pairs) {
		for (size_t i = 0; i + 1 < set->len; i++)
			set->at[i] = pair_of(set->at[i], set->at[i + 1]);
		set->len--;
	}
	qsort(set->at, set->len, sizeof *set->at, compare);
	size_t kept = 0;
	for (size_t i = 0; i < set->len; i++)
		if (!kept || set->at[kept - 1] != set->at[i])
			set->at[kept++] = set->at[i];
	set->len = kept;
}

static double jaccard(const hashes *a, const hashes *b)
{
	size_t i = 0, k = 0, shared = 0;
	while (i < a->len && k < b->len) {
		if (a->at[i] == b->at[k]) {
			shared++;
			i++;
			k++;
		} else if (a->at[i] < b->at[k])
			i++;
		else
			k++;
	}
	return (double)shared / (double)(a->len + b->len - shared);
}

double similar_ratio(const char *a, const char *b)
{
	hashes x = {0}, y = {0};
	double ratio = 0;
	add_words(a, &x);
	add_words(b, &y);
	if (x.len && y.len) {
		bool pairs = x.len >= PAIRS_FROM && y.len >= PAIRS_FROM;
		make_set(&x, pairs);
		make_set(&y, pairs);
		ratio = jaccard(&x, &y);
	}
	vec_release(&x);
	vec_release(&y);
	return ratio;
}

/* --- the simhash */

/* How many of the hashes have each bit: 64 counters that stand across words, so that one addition is for all of them.
 */
enum { DIGITS = 16 }; /* of the counters: a text of TEXT_MAX has fewer votes */

struct votes {
	uint64_t digits[DIGITS]; /* the lowest first */
	unsigned count;
};

static void vote(struct votes *votes, uint64_t hash)
{
	votes->count++;
	for (int i = 0; hash && i < DIGITS; i++) {
		uint64_t carry = votes->digits[i] & hash;
		votes->digits[i] ^= hash;
		hash = carry;
	}
}

/* The bits that more than half of the hashes have. */
static uint64_t majority(const struct votes *votes)
{
	uint64_t more = 0, same = ~UINT64_C(0);
	unsigned half = votes->count / 2;
	for (int i = DIGITS - 1; i >= 0; i--) {
		uint64_t digit = half >> i & 1 ? ~UINT64_C(0) : 0;
		more |= same & votes->digits[i] & ~digit;
		same &= ~(votes->digits[i] ^ digit);
	}
	return more;
}

uint64_t similar_hash(const char *text)
{
	hashes words = {0};
	struct votes votes = {0};
	add_words(text, &words);
	for (size_t i = 0; i < words.len; i++) {
		vote(&votes, words.at[i]);
		if (i + 1 < words.len)
			vote(&votes, pair_of(words.at[i], words.at[i + 1]));
	}
	uint64_t result = majority(&votes);
	bool says_something = words.len > 0;
	vec_release(&words);
	return says_something && !result ? 1 : result;
}

int similar_distance(uint64_t a, uint64_t b)
{
	/* Bits of ever wider fields are added up: an inbox compares some ten thousand pairs at a time. */
	uint64_t n = a ^ b;
	n -= n >> 1 & 0x5555555555555555u;
	n = (n & 0x3333333333333333u) + (n >> 2 & 0x3333333333333333u);
	n = (n + (n >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (int)(n * 0x0101010101010101u >> 56);
}
