/* X's query language, as far as curlew and its tests speak it: one matcher for searches and for rules of the stream. */
#include "core/base/str.h"
#include "tests/fakenet/x.h"

#include <inttypes.h>
#include <stdio.h>

/* What is being read, and what it is asked of. status NULL: only whether it is a query. */
struct reader {
	const char *at;
	const struct world *world;
	const struct status *status;
	char *text; /* of the status, in lower case */
	bool good;
};

static bool any_of(struct reader *r);

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text + 32);
}

static bool word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

/* The words as whole words, next to each other. */
static bool text_holds(const char *text, const char *words)
{
	size_t len = strlen(words);
	for (const char *p = text; len && (p = strstr(p, words)); p++)
		if ((p == text || !word_byte(p[-1])) && !word_byte(p[len]))
			return true;
	return false;
}

static bool names(const struct person *person, const char *name)
{
	return person && str_ieq(person->username, name + (*name == '@'));
}

static bool mentions_name(const struct reader *r, const char *name)
{
	const struct person *person = world_find_person(r->world, name, strlen(name));
	return person && x_mentions(r->status, person);
}

static bool has_tag(const struct status *status, const char *tag)
{
	for (size_t i = 0; i < status->tag_count; i++)
		if (str_eq(status->tags[i], tag))
			return true;
	return false;
}

static int64_t root_of(const struct world *world, const struct status *status)
{
	while (status->parent)
		status = status->parent;
	return x_post_id(world, status);
}

static bool is_number(const char *text, int64_t wanted)
{
	int64_t n;
	return parse_i64(text, &n) && n == wanted;
}

static bool operator_holds(struct reader *r, const char *name, const char *value)
{
	const struct status *s = r->status;
	if (str_eq(name, "from"))
		return s && names(s->by, value);
	if (str_eq(name, "to"))
		return s && s->parent && names(s->parent->by, value);
	if (str_eq(name, "conversation_id"))
		return s && is_number(value, root_of(r->world, s));
	if (str_eq(name, "in_reply_to_tweet_id"))
		return s && s->parent && is_number(value, x_post_id(r->world, s->parent));
	if (str_eq(name, "url"))
		return s && strstr(r->text, value);
	if (str_eq(name, "lang"))
		return s && str_eq(s->lang, value);
	if (str_eq(name, "has"))
		return s && (str_eq(value, "media") ? s->media_count > 0 : strstr(r->text, "http") != NULL);
	if (str_eq(name, "is") && s)
		return (str_eq(value, "reply") && s->parent) || (str_eq(value, "quote") && s->quote);
	r->good &= str_eq(name, "is");
	return false;
}

static size_t term_length(const char *at)
{
	return strcspn(at, " ()\"\t");
}

/* One term: a phrase, a tag, a name, an operator, or a word. */
static bool term(struct reader *r)
{
	struct str word = STR_INIT;
	bool holds = false, quoted = *r->at == '"';
	size_t len = quoted ? strcspn(r->at + 1, "\"") : term_length(r->at);
	if (!len || (quoted && r->at[1 + len] != '"')) {
		r->good = false;
		r->at += strlen(r->at);
		return false;
	}
	str_add(&word, r->at + quoted, len);
	lower(word.p);
	r->at += len + (quoted ? 2 : 0);
	char *colon = quoted ? NULL : strchr(word.p, ':');
	if (colon && *r->at == '"' && !colon[1]) { /* url:"shop.example" */
		size_t value = strcspn(r->at + 1, "\"");
		str_add(&word, r->at + 1, value);
		r->at += value + 1 + (r->at[value + 1] == '"');
		colon = strchr(word.p, ':');
	}
	if (colon) {
		*colon = '\0';
		holds = operator_holds(r, word.p, colon + 1);
	} else if (!r->status) {
		holds = false;
	} else if (!quoted && *word.p == '#') {
		holds = has_tag(r->status, word.p + 1);
	} else if (!quoted && *word.p == '@') {
		holds = mentions_name(r, word.p);
	} else {
		holds = text_holds(r->text, word.p);
	}
	str_release(&word);
	return holds;
}

static void skip_space(struct reader *r)
{
	r->at += strspn(r->at, " \t");
}

static bool factor(struct reader *r)
{
	skip_space(r);
	bool negated = *r->at == '-';
	r->at += negated;
	if (*r->at != '(')
		return term(r) != negated;
	r->good &= !negated; /* X negates no group */
	r->at++;
	bool holds = any_of(r);
	skip_space(r);
	r->good &= *r->at == ')';
	r->at += *r->at == ')';
	return holds;
}

static bool all_of(struct reader *r)
{
	bool holds = factor(r);
	for (skip_space(r); r->good && *r->at && *r->at != ')' && !str_starts(r->at, "OR "); skip_space(r))
		holds &= factor(r);
	return holds;
}

static bool any_of(struct reader *r)
{
	bool holds = all_of(r);
	for (skip_space(r); r->good && str_starts(r->at, "OR "); skip_space(r)) {
		r->at += 3;
		holds |= all_of(r);
	}
	return holds;
}

static bool run(struct reader *r)
{
	r->good = true;
	bool holds = any_of(r);
	skip_space(r);
	r->good &= !*r->at;
	return holds && r->good;
}

bool x_query_good(const char *query)
{
	struct reader r = {.at = query};
	run(&r);
	return r.good;
}

bool x_query_matches(const char *query, const struct world *world, const struct status *status)
{
	struct str text = STR_INIT;
	str_adds(&text, status->text);
	if (status->quote) /* rules look into what is quoted, too */
		str_addf(&text, "\n%s", status->quote->text);
	lower(text.p);
	struct reader r = {.at = query, .world = world, .status = status, .text = text.p};
	bool holds = run(&r);
	str_release(&text);
	return holds;
}
