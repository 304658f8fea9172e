#include "core/triage/feeling.h"

#include "core/base/str.h"
#include "core/base/utf8.h"

enum { NEGATION_REACH = 3, WORD_MAX = 24 };

struct weighted {
	const char *text;
	int weight;
	bool negates;
};

static const struct weighted words[] = {
#define W(word, weight) {word, weight, false},
#define N(word, weight) {word, weight, true},
#include "core/triage/words.def"
#undef W
#undef N
};

/* All of them begin with one of three bytes. */
static const struct weighted signs[] = {{"❤", 3, false}, {"💕", 3, false}, {"💖", 3, false}, {"💙", 3, false},
        {"💚", 3, false}, {"💛", 3, false}, {"💜", 3, false}, {"🧡", 3, false}, {"😍", 3, false}, {"🥰", 3, false},
        {"🤩", 3, false}, {"👏", 3, false}, {"💯", 2, false}, {"🙌", 2, false}, {"👍", 2, false}, {"🌟", 2, false},
        {":(", -2, false}, {":-(", -2, false}, {"😡", -3, false}, {"😠", -3, false}, {"🤬", -4, false},
        {"😤", -2, false}, {"😞", -2, false}, {"😢", -2, false}, {"👎", -3, false}, {"🙄", -2, false}, {"😒", -2, false},
        {"💔", -2, false}, {"😩", -2, false}, {"😫", -2, false}, {"🤦", -2, false}, {"🤮", -3, false},
        {"🤡", -3, false}};

/* NULL: it is not among them. */
static const struct weighted *find(const char *word)
{
	size_t low = 0, high = sizeof words / sizeof *words;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *text = words[mid].text;
		int order = (unsigned char)word[0] - (unsigned char)text[0];
		if (!order)
			order = strcmp(word, text);
		if (!order)
			return &words[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* Letters of ASCII and of the alphabets before U+2000; a curly apostrophe becomes a straight one. Returns the bytes
 * read, with `word` empty where no word stands. What is longer than every word of the list is no word of it. */
static size_t take_word(const char *p, size_t len, char word[WORD_MAX])
{
	size_t at = 0, n = 0;
	bool fits = true;
	while (at < len) {
		uint32_t cp;
		size_t step = 1;
		if ((cp = (unsigned char)p[at]) >= 0x80)
			step = utf8_decode(p + at, len - at, &cp);
		bool letter = (cp >= 'a' && cp <= 'z') || (cp >= 0xAA && cp < 0x2000);
		bool apostrophe = n && (cp == '\'' || cp == 0x2019);
		if (!letter && !apostrophe) {
			at += n ? 0 : step;
			break;
		}
		fits = fits && n + step < WORD_MAX;
		if (fits && apostrophe)
			word[n++] = '\'';
		for (size_t i = 0; fits && letter && i < step; i++)
			word[n++] = p[at + i];
		at += step;
	}
	while (n && word[n - 1] == '\'') /* a closing quotation mark */
		n--;
	word[fits ? n : 0] = '\0';
	return at;
}

static void weigh(struct feeling *feeling, int weight, bool negated)
{
	if (weight > 0 && !negated)
		feeling->praise += weight;
	else if (weight > 0)
		feeling->complaint += weight;
	else if (weight <= -2 && !negated)
		feeling->complaint -= weight;
}

/* A sign counts once, however often it stands there. */
static void weigh_signs(struct feeling *feeling, const char *said)
{
	enum { SIGNS = sizeof signs / sizeof *signs };
	bool found[SIGNS] = {false};
	for (const char *p = said; *p; p++) {
		if (*p != ':' && *p != '\xE2' && *p != '\xF0')
			continue;
		for (size_t i = 0; i < SIGNS; i++) {
			if (found[i] || !str_starts(p, signs[i].text))
				continue;
			found[i] = true;
			weigh(feeling, signs[i].weight, false);
		}
	}
}

struct feeling feeling_of(const char *said)
{
	struct feeling feeling = {.praise = 0};
	char word[WORD_MAX];
	size_t len = strlen(said);
	int since_negation = NEGATION_REACH + 1;
	for (size_t at = 0; at < len;) {
		at += take_word(said + at, len - at, word);
		if (!*word)
			continue;
		since_negation++;
		const struct weighted *known = find(word);
		bool is_not = str_ends(word, "n't");
		if (known)
			weigh(&feeling, known->weight, since_negation <= NEGATION_REACH);
		feeling.requests += is_not || (known && known->weight == -1);
		if (is_not || (known && known->negates))
			since_negation = 0;
	}
	weigh_signs(&feeling, said);
	return feeling;
}

bool feeling_is_praise(const struct feeling *feeling)
{
	return !feeling->complaint && feeling->praise >= 2 + 2 * feeling->requests;
}
