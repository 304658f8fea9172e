/* The parser of the query language: recursive descent, one function a level of binding. */
#include "core/model/query.h"

#include "core/base/problems.h"
#include "core/base/timefmt.h"
#include "core/model/action.h"
#include "core/text/utf8.h"

enum { QUERY_BYTES_MAX = 4096, TERMS_MAX = 64, DEPTH_MAX = 16 };

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define WORD(n, w, l) w,

static const struct {
	const char *word;
	enum query_value value;
	const char *help;
} terms[] = {
#define X(name, w, v, h) {w, v, h},
#include "core/model/query.def"
#undef X
};

static const char *const is_words[] = {QUERY_IS_TABLE(WORD)};
static const char *const has_words[] = {QUERY_HAS_TABLE(WORD)};

const char *query_term_word(enum query_term term)
{
	return (size_t)term < QT_COUNT ? terms[term].word : "unknown";
}

enum query_value query_term_value(enum query_term term)
{
	return (size_t)term < QT_COUNT ? terms[term].value : V_NONE;
}

const char *query_term_help(enum query_term term)
{
	return (size_t)term < QT_COUNT ? terms[term].help : "";
}

struct parser {
	const char *text;
	size_t at;
	size_t wrong_at; /* where an error is */
	const char *agent;
	struct arena *arena;
	struct err *err;
	int terms, depth;
};

/* A part of the text. */
struct piece {
	const char *p;
	size_t len;
};

#define SHOWN(piece) (int)((piece).len < 40 ? (piece).len : 40), (piece).p

/* `return wrong(p, at, "…")`: err_set that remembers the place. */
#define wrong(parser, place, ...)                                                                                      \
	((parser)->wrong_at = (size_t)((place) - (parser)->text), err_set((parser)->err, ERR_USAGE, __VA_ARGS__))

static int too_much(struct parser *p, const char *place, const char *what, int most)
{
	p->wrong_at = (size_t)(place - p->text);
	return err_set(p->err, ERR_LIMIT, "found a query of more than %d %s", most, what);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *here(struct parser *p)
{
	while (is_blank(p->text[p->at]))
		p->at++;
	return p->text + p->at;
}

/* Up to a blank or a parenthesis. */
static struct piece word_at(const char *s)
{
	return (struct piece){s, strcspn(s, " \t\n\r()")};
}

static bool piece_is(struct piece piece, const char *word)
{
	return piece.len == strlen(word) && memcmp(piece.p, word, piece.len) == 0;
}

static bool piece_is_any_case(struct piece piece, const char *word)
{
	return piece.len == strlen(word) && str_icmp_n(piece.p, word, piece.len) == 0;
}

static int find_word(struct piece piece, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (piece_is_any_case(piece, words[i]))
			return (int)i;
	}
	return -1;
}

static struct query *node(struct parser *p, enum query_op op, const struct query *left, const struct query *right)
{
	struct query *query = arena_new(p->arena, struct query);
	query->op = op;
	query->left = left;
	query->right = right;
	query->text = "";
	return query;
}

/* --- values */

static const char *const expected[] = {
        [V_NONE] = "nothing",
        [V_IS] = "a state",
        [V_HAS] = "what it has",
        [V_HANDLE] = "a handle like @sam@social.example",
        [V_TAG] = "a tag of at most 40 bytes",
        [V_AGENT] = "an agent's name, me or none",
        [V_ACCOUNT] = "the name of an account",
        [V_TEAM] = "the name of a team",
        [V_DURATION] = "a time like >20m or <4h",
        [V_COUNT] = "a number like >1000 or >10k",
        [V_CASE] = "the number of a case",
        [V_PRIORITY] = "low, normal, high or urgent",
        [V_WORD] = "a word",
        [V_TEXT] = "words to search for",
};

static int wrong_value(struct parser *p, enum query_term term, struct piece value)
{
	if (!value.len)
		return wrong(p, value.p, "found nothing after \"%s:\", expected %s", terms[term].word,
		        expected[terms[term].value]);
	return wrong(p, value.p, "found \"%.*s\" after \"%s:\", expected %s", SHOWN(value), terms[term].word,
	        expected[terms[term].value]);
}

static int wrong_choice(
        struct parser *p, enum query_term term, struct piece value, const char *const *words, size_t count)
{
	char list[256] = "";
	size_t len = 0;
	for (size_t i = 0; i < count; i++) {
		const char *join = i == 0 ? "" : i + 1 < count ? ", " : " or ";
		len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", join, words[i]);
	}
	const char *typed = arena_strndup(p->arena, value.p, value.len);
	const char *meant = value.len ? suggest_word(typed, words, count) : NULL;
	if (!value.len)
		return wrong(p, value.p, "found nothing after \"%s:\", expected %s", terms[term].word, list);
	if (!meant)
		return wrong(
		        p, value.p, "found \"%.*s\" after \"%s:\", expected %s", SHOWN(value), terms[term].word, list);
	return wrong(p, value.p, "found \"%.*s\" after \"%s:\", expected %s; did you mean %s:%s?", SHOWN(value),
	        terms[term].word, list, terms[term].word, meant);
}

static int take_choice(
        struct parser *p, struct query *query, struct piece value, const char *const *words, size_t count)
{
	int i = find_word(value, words, count);
	if (i < 0)
		return wrong_choice(p, query->term, value, words, count);
	query->number = i;
	query->text = words[i];
	if (query->term == QT_IS && i == QUERY_IS_LATE) {
		query->term = QT_LATE;
		query->number = 0;
		query->text = "";
	}
	return 0;
}

static bool count_parse(const char *word, int64_t *n)
{
	int64_t value = 0;
	const char *p = word;
	for (; *p >= '0' && *p <= '9' && p - word < 12; p++)
		value = value * 10 + (*p - '0');
	if (p == word)
		return false;
	int64_t factor = *p == 'k' || *p == 'K' ? 1000 : *p == 'm' || *p == 'M' ? 1000000 : 1;
	if (p[factor > 1])
		return false;
	*n = value * factor;
	return true;
}

/* A deadline can be past: due:<-5m is what is late by more than five minutes. */
static bool span_parse(const char *word, bool may_be_past, int64_t *ms)
{
	bool past = may_be_past && *word == '-';
	if (!duration_parse(word + past, ms))
		return false;
	if (past)
		*ms = -*ms;
	return true;
}

static char *ascii_lower(struct arena *arena, const char *word)
{
	char *out = arena_strdup(arena, word);
	for (char *c = out; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return out;
}

static const char *handle_fold(struct arena *arena, const char *typed)
{
	struct str folded = STR_INIT;
	utf8_fold(typed + (*typed == '@'), &folded);
	const char *out = arena_strdup(arena, folded.p);
	str_release(&folded);
	return out;
}

static bool take_agent(struct parser *p, struct query *query, const char *word)
{
	char name[64];
	if (str_ieq(word, "none"))
		return true;
	if (str_ieq(word, "me"))
		word = p->agent;
	if (!name_normalise(word, name))
		return false;
	query->text = arena_strdup(p->arena, name);
	return true;
}

static bool take_name(
        struct parser *p, struct query *query, const char *word, bool (*normalise)(const char *, char[64]))
{
	char name[64];
	if (!normalise(word, name))
		return false;
	query->text = arena_strdup(p->arena, name);
	return true;
}

static bool take_priority(struct query *query, const char *word)
{
	int priority;
	if (!priority_parse(word, &priority))
		return false;
	query->number = priority;
	return true;
}

static int take_value(struct parser *p, struct query *query, struct piece value, bool compared)
{
	const char *word = arena_strndup(p->arena, value.p, value.len);
	bool good = value.len > 0;
	switch (terms[query->term].value) {
	case V_IS: return take_choice(p, query, value, is_words, COUNT(is_words));
	case V_HAS: return take_choice(p, query, value, has_words, COUNT(has_words));
	case V_HANDLE:
		query->text = handle_fold(p->arena, word);
		good = *query->text;
		break;
	case V_TAG: good = take_name(p, query, word, tag_normalise); break;
	case V_TEAM: good = take_name(p, query, word, name_normalise); break;
	case V_AGENT: good = take_agent(p, query, word); break;
	case V_DURATION:
		good = good && span_parse(word, query->term == QT_DUE, &query->number);
		if (!compared)
			query->compare = query->term == QT_DUE ? CMP_LT : CMP_GT;
		break;
	case V_COUNT: good = count_parse(word, &query->number); break;
	case V_CASE: good = parse_i64(word + (*word == '#'), &query->number) && query->number > 0; break;
	case V_PRIORITY: good = take_priority(query, word); break;
	case V_ACCOUNT:
	case V_WORD: query->text = ascii_lower(p->arena, word); break;
	case V_TEXT:
		query->text = word;
		good = word[strspn(word, " \t\n\r")];
		break;
	case V_NONE: break;
	}
	return good ? 0 : wrong_value(p, query->term, value);
}

/* --- terms */

static bool may_compare(enum query_term term)
{
	enum query_value value = terms[term].value;
	return value == V_DURATION || value == V_COUNT || value == V_PRIORITY;
}

/* Reads a word or "a phrase". */
static int take_piece(struct parser *p, struct piece *piece, bool *phrase)
{
	const char *start = p->text + p->at;
	*phrase = *start == '"';
	if (!*phrase) {
		*piece = word_at(start);
		p->at += piece->len;
		return 0;
	}
	const char *end = strchr(start + 1, '"');
	if (!end)
		return wrong(p, start, "found a quotation mark that is not closed, expected another \"");
	*piece = (struct piece){start + 1, (size_t)(end - start - 1)};
	p->at += piece->len + 2;
	return 0;
}

static int add_term(struct parser *p, enum query_term term, const char *place, struct query **out)
{
	if (++p->terms > TERMS_MAX)
		return too_much(p, place, "terms", TERMS_MAX);
	*out = node(p, Q_TERM, NULL, NULL);
	(*out)->term = term;
	return 0;
}

static int parse_value(struct parser *p, enum query_term term, const char *place, const struct query **out)
{
	struct query *query;
	struct piece value;
	int rc = add_term(p, term, place, &query);
	if (rc < 0)
		return rc;
	char sign = p->text[p->at];
	bool compared = may_compare(term) && (sign == '<' || sign == '>');
	if (compared) {
		query->compare = sign == '<' ? CMP_LT : CMP_GT;
		p->at++;
		if (p->text[p->at] == '=')
			return wrong(p, p->text + p->at, "found \"%c=\", expected < or > alone", sign);
	}
	rc = take_piece(p, &value, &query->phrase);
	if (rc < 0)
		return rc;
	query->phrase = query->phrase && term == QT_TEXT;
	*out = query;
	return take_value(p, query, value, compared);
}

static int parse_text(struct parser *p, const char *place, const struct query **out)
{
	struct query *query;
	struct piece value;
	int rc = add_term(p, QT_TEXT, place, &query);
	if (rc == 0)
		rc = take_piece(p, &value, &query->phrase);
	if (rc < 0)
		return rc;
	*out = query;
	return take_value(p, query, value, false);
}

/* "tag" of "tag:billing"; nothing for "10:30", which is text. */
static struct piece key_of(struct piece word)
{
	size_t len = strspn(word.p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");
	bool has_colon = len > 0 && len < word.len && word.p[len] == ':';
	return (struct piece){word.p, has_colon ? len : 0};
}

static int wrong_key(struct parser *p, struct piece key)
{
	const char *words[QT_COUNT];
	for (int i = 0; i < QT_COUNT; i++)
		words[i] = terms[i].word;
	if (strncmp(key.p + key.len, "://", 3) == 0)
		return wrong(p, key.p, "found an address, expected \"quotation marks\" around it");
	const char *meant = suggest_word(arena_strndup(p->arena, key.p, key.len), words, QT_COUNT);
	if (meant)
		return wrong(p, key.p,
		        "found \"%.*s:\", which is no term; did you mean %s:? Text goes in \"quotation marks\"",
		        SHOWN(key), meant);
	return wrong(p, key.p, "found \"%.*s:\", expected a term like is: tag: from:; text goes in \"quotation marks\"",
	        SHOWN(key));
}

static int parse_term(struct parser *p, const struct query **out)
{
	const char *place = here(p);
	struct piece word = word_at(place), key = key_of(word);
	for (int i = 0; i < QT_COUNT; i++) {
		enum query_term term = (enum query_term)i;
		bool bare = terms[i].value == V_NONE;
		if (bare && piece_is_any_case(word, terms[i].word)) {
			struct query *query = NULL;
			int rc = add_term(p, term, place, &query);
			p->at += word.len;
			*out = query;
			return rc;
		}
		if (!key.len || !piece_is_any_case(key, terms[i].word))
			continue;
		p->at += key.len + 1;
		if (bare)
			return wrong(p, p->text + p->at - 1, "found \"%s:\", expected the word %s alone", terms[i].word,
			        terms[i].word);
		return parse_value(p, term, place, out);
	}
	return key.len ? wrong_key(p, key) : parse_text(p, place, out);
}

/* --- how terms are joined */

static int parse_any(struct parser *p, const struct query **out);

static int deeper(struct parser *p, const char *place)
{
	return ++p->depth > DEPTH_MAX ? too_much(p, place, "levels", DEPTH_MAX) : 0;
}

static int parse_group(struct parser *p, const struct query **out)
{
	const char *open = here(p);
	int rc = deeper(p, open);
	p->at++;
	if (rc == 0)
		rc = parse_any(p, out);
	if (rc < 0)
		return rc;
	if (*here(p) != ')')
		return wrong(p, open, "found a ( that is not closed, expected a )");
	p->at++;
	p->depth--;
	return 0;
}

static int parse_one(struct parser *p, const struct query **out)
{
	const char *place = here(p);
	struct piece word = word_at(place);
	bool minus = *place == '-' && (word.len > 1 || place[1] == '(');
	if (*place == '(')
		return parse_group(p, out);
	if (!*place || *place == ')')
		return wrong(p, place, "found %s, expected a term", *place ? "a )" : "the end");
	if (piece_is(word, "OR") || piece_is(word, "AND"))
		return wrong(p, place, "found %.*s, expected a term", SHOWN(word));
	if (!minus && !piece_is_any_case(word, "not"))
		return parse_term(p, out);
	const struct query *negated = NULL;
	p->at += minus ? 1 : word.len;
	int rc = deeper(p, place);
	if (rc == 0)
		rc = parse_one(p, &negated);
	if (rc < 0)
		return rc;
	p->depth--;
	*out = node(p, Q_NOT, negated, NULL);
	return 0;
}

static int parse_all(struct parser *p, const struct query **out)
{
	const struct query *right;
	int rc = parse_one(p, out);
	while (rc == 0) {
		const char *next = here(p);
		struct piece word = word_at(next);
		if (!*next || *next == ')' || piece_is(word, "OR"))
			return 0;
		if (piece_is(word, "AND"))
			p->at += word.len;
		rc = parse_one(p, &right);
		if (rc == 0)
			*out = node(p, Q_AND, *out, right);
	}
	return rc;
}

static int parse_any(struct parser *p, const struct query **out)
{
	const struct query *right;
	int rc = parse_all(p, out);
	while (rc == 0 && piece_is(word_at(here(p)), "OR")) {
		p->at += 2;
		rc = parse_all(p, &right);
		if (rc == 0)
			*out = node(p, Q_OR, *out, right);
	}
	return rc;
}

static int parse_whole(struct parser *p, const struct query **out)
{
	if (strlen(p->text) > QUERY_BYTES_MAX)
		return too_much(p, p->text + QUERY_BYTES_MAX, "bytes", QUERY_BYTES_MAX);
	if (!*here(p)) {
		*out = node(p, Q_ALL, NULL, NULL);
		return 0;
	}
	int rc = parse_any(p, out);
	if (rc == 0 && *here(p))
		return wrong(p, here(p), "found a ) without a ( before it");
	return rc;
}

int query_parse(
        const char *text, const char *agent, struct arena *arena, const struct query **out, size_t *at, struct err *err)
{
	struct parser parser = {.text = text, .agent = str_or(agent, ""), .arena = arena, .err = err};
	const struct query *query = NULL;
	int rc = parse_whole(&parser, &query);
	*out = rc == 0 ? query : NULL;
	if (rc < 0 && at)
		*at = parser.wrong_at;
	return rc;
}
