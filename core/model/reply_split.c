#include "core/model/reply_split.h"

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/model/reply_text.h"
#include "core/text/grapheme.h"

#include <stdlib.h>
#include <string.h>

/* Where the text may be cut: behind the white space, if any, that follows. */
struct cuts {
	size_t *at;
	size_t len, cap;
};

struct splitting {
	const struct split_text *text;
	struct cuts sentences, words;
	struct arena *arena;
};

/* --- where it may be cut */

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

/* Full stops of scripts that put no space behind them, or none before. */
static size_t full_stop_before(const char *text, size_t at)
{
	static const char *const stops[] = {"。", "！", "？", "।", "۔", "؟", "…"};
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
		size_t len = strlen(stops[i]);
		if (at >= len && memcmp(text + at - len, stops[i], len) == 0)
			return len;
	}
	return 0;
}

/* Does a sentence, or a paragraph, end before this byte, at which the next word begins? */
static bool ends_sentence(const char *text, size_t at)
{
	size_t end = at;
	while (end && is_blank(text[end - 1])) {
		if (text[end - 1] == '\n')
			return true;
		end--;
	}
	return (end < at && end && strchr(".!?", text[end - 1])) || full_stop_before(text, end);
}

static void find_cuts(struct splitting *s)
{
	const char *text = s->text->text;
	for (size_t at = 1; text[at - 1] && text[at]; at++) {
		bool word = (is_blank(text[at - 1]) && !is_blank(text[at])) ||
		            (full_stop_before(text, at) && !is_blank(text[at]) && !full_stop_before(text, at + 3));
		if (!word)
			continue;
		vec_push(&s->words, at);
		if (ends_sentence(text, at))
			vec_push(&s->sentences, at);
	}
}

/* --- one part */

static const char *publish(const struct splitting *s, size_t from, size_t to, int part, int parts, bool last)
{
	const struct split_text *text = s->text;
	struct str body = STR_INIT, published = STR_INIT, share = STR_INIT;
	str_add(&share, text->text + from, to - from);
	str_trim(&share);
	if (parts > 1)
		str_addf(&body, "%d/%d %s", part, parts, share.p);
	else
		str_adds(&body, share.p);
	/* Mentions at the beginning stay there: who is addressed stands before the number. */
	size_t lead = parts > 1 ? mentions_lead(share.p) : 0;
	if (lead) {
		str_clear(&body);
		str_add(&body, share.p, lead);
		str_addf(&body, "%d/%d %s", part, parts, share.p + lead);
	}
	reply_published(text->account, text->to_handle, body.p, last ? str_or(text->signature, "") : "",
	        str_or(text->agent, ""), &published);
	const char *out = arena_strdup(s->arena, published.p);
	str_release(&share);
	str_release(&body);
	str_release(&published);
	return out;
}

static bool fits(const struct splitting *s, size_t from, size_t to, int part, int parts, bool last)
{
	int left;
	const char *published = publish(s, from, to, part, parts, last);
	return !reply_left(s->text->account, published, s->text->warning, &left) || left >= 0;
}

/* The farthest of the cuts that makes a part which fits; 0 for none. Looks no farther ahead than twice a part: a text
 * may be long. */
static size_t farthest(const struct splitting *s, const struct cuts *cuts, size_t from, int part, int parts)
{
	size_t first = 0, step = 1, low, high;
	while (first < cuts->len && cuts->at[first] <= from)
		first++;
	while (first + step <= cuts->len && fits(s, from, cuts->at[first + step - 1], part, parts, false))
		step *= 2;
	/* cuts below `low` fit; from `high` on none does */
	low = first + step / 2;
	high = first + step < cuts->len ? first + step : cuts->len;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fits(s, from, cuts->at[middle], part, parts, false))
			low = middle + 1;
		else
			high = middle;
	}
	return low > first ? cuts->at[low - 1] : 0;
}

/* A word longer than a post. */
static size_t farthest_cluster(const struct splitting *s, size_t from, int part, int parts)
{
	size_t len = strlen(s->text->text), low = from, step = 1;
	while (from + step < len && fits(s, from, from + step, part, parts, false))
		step *= 2;
	size_t high = from + step < len ? from + step : len;
	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;
		if (fits(s, from, middle, part, parts, false))
			low = middle;
		else
			high = middle - 1;
	}
	/* The last part must leave room for the signature. */
	if (low == len)
		low = from + (len - from) / 2;
	return grapheme_floor(s->text->text, len, low);
}

static size_t cut_after(const struct splitting *s, size_t from, int part, int parts)
{
	size_t word = farthest(s, &s->words, from, part, parts);
	size_t sentence = farthest(s, &s->sentences, from, part, parts);
	/* A sentence's end that leaves most of the post empty is no good place. */
	if (sentence > from && sentence - from >= (word - from) / 2)
		return sentence;
	return word ? word : farthest_cluster(s, from, part, parts);
}

/* Fills out[] with exactly `parts` parts; false when that is not the number. */
static bool cut(const struct splitting *s, int parts, struct split_part *out)
{
	size_t from = 0, len = strlen(s->text->text);
	for (int i = 1; i <= parts; i++) {
		bool last = fits(s, from, len, i, parts, true);
		size_t to = last ? len : cut_after(s, from, i, parts);
		if (last != (i == parts) || to <= from || (!last && to >= len))
			return false;
		out[i - 1] = (struct split_part){
		        publish(s, from, to, i, parts, last), arena_strndup(s->arena, s->text->text + from, to - from)};
		from = to;
	}
	return true;
}

/* The least number that could do; more than SPLIT_MAX when none can. */
static int at_least(const struct splitting *s)
{
	int left, max = s->text->account->limits.max;
	const char *whole = publish(s, 0, strlen(s->text->text), 1, 1, true);
	if (!reply_left(s->text->account, whole, s->text->warning, &left) || left >= 0)
		return 1;
	return 1 + (-left + max - 1) / max;
}

int reply_split(const struct split_text *text, struct arena *arena, const struct split_part **parts)
{
	struct arena scratch = ARENA_INIT;
	struct splitting s = {.text = text, .arena = &scratch};
	struct split_part *out = arena_array(arena, struct split_part, SPLIT_MAX);
	int count = at_least(&s);
	if (count > 1 && count <= SPLIT_MAX)
		find_cuts(&s);
	while (count <= SPLIT_MAX && !cut(&s, count, out))
		count++;
	for (int i = 0; count <= SPLIT_MAX && i < count; i++)
		out[i] = (struct split_part){arena_strdup(arena, out[i].published), arena_strdup(arena, out[i].typed)};
	*parts = out;
	free(s.words.at);
	free(s.sentences.at);
	arena_release(&scratch);
	return count <= SPLIT_MAX ? count : 0;
}
