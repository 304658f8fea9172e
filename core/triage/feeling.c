#include "core/triage/feeling.h"

#include "core/base/str.h"
#include "core/base/utf8.h"

enum { NEGATION_REACH = 3, WORD_MAX = 24 };

struct weighted {
	const char *text;
	int weight;
};

static const struct weighted words[] = {
#define W(word, weight) {word, weight},
#include "core/triage/words.def"
#undef W
};

static const struct weighted signs[] = {{"❤", 3}, {"💕", 3}, {"💖", 3}, {"💙", 3}, {"💚", 3}, {"💛", 3}, {"💜", 3},
        {"🧡", 3}, {"😍", 3}, {"🥰", 3}, {"🤩", 3}, {"👏", 3}, {"💯", 2}, {"🙌", 2}, {"👍", 2}, {"🌟", 2}, {":(", -2},
        {":-(", -2}, {"😡", -3}, {"😠", -3}, {"🤬", -4}, {"😤", -2}, {"😞", -2}, {"😢", -2}, {"👎", -3}, {"🙄", -2},
        {"😒", -2}, {"💔", -2}, {"😩", -2}, {"😫", -2}, {"🤦", -2}, {"🤮", -3}, {"🤡", -3}};

static int weight_of(const char *word)
{
	size_t low = 0, high = sizeof words / sizeof *words;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(word, words[mid].text);
		if (order == 0)
			return words[mid].weight;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return 0;
}

static bool is_negation(const char *word)
{
	static const char *const negations[] = {"not", "no", "never", "none", "nothing", "neither", "nor", "cannot",
	        "without", "hardly", "barely", "nobody", "cant", "dont", "doesnt", "didnt", "isnt", "wasnt", "arent",
	        "wont", "wouldnt", "couldnt", "aint"};
	for (size_t i = 0; i < sizeof negations / sizeof *negations; i++) {
		if (str_eq(word, negations[i]))
			return true;
	}
	return str_ends(word, "n't");
}

/* Letters of ASCII and of the alphabets before U+2000; a curly apostrophe becomes a straight one. Returns the bytes
 * read, with `word` empty where no word stands. What is longer than every word of the list is no word of it. */
static size_t take_word(const char *p, size_t len, char word[WORD_MAX])
{
	size_t at = 0, n = 0;
	bool fits = true;
	while (at < len) {
		uint32_t cp;
		size_t step = utf8_decode(p + at, len - at, &cp);
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
		int weight = weight_of(word);
		weigh(&feeling, weight, since_negation <= NEGATION_REACH);
		feeling.requests += weight == -1 || str_ends(word, "n't");
		if (is_negation(word))
			since_negation = 0;
	}
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (strstr(said, signs[i].text))
			weigh(&feeling, signs[i].weight, false);
	}
	return feeling;
}

bool feeling_is_praise(const struct feeling *feeling)
{
	return !feeling->complaint && feeling->praise >= 2 + 2 * feeling->requests;
}
