/* The query language behind views, filters and `curlew query`:
 *
 *     is:new tag:refund from:@handle age:>20m late text…
 *
 * Terms are joined by "and"; `-term` or `not term` negates; `a OR b` and parentheses group; quoted text is a phrase.
 * Terms are one table in query.def, from which parsing, completion, errors and the manual's table come. A query is
 * parsed to a small tree here and turned to SQL by the store; query_matches() evaluates it on a case in memory (all but
 * text search), so that the desk knows at once whether a changed case still belongs to the view. Pure. */
#ifndef CORE_MODEL_QUERY_H
#define CORE_MODEL_QUERY_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/model/model.h"

enum query_op { Q_ALL, Q_AND, Q_OR, Q_NOT, Q_TERM };
enum query_compare { CMP_EQ, CMP_LT, CMP_GT };

/* Rows of query.def; QT_TEXT is full text search. */
enum query_term {
#define X(name, word, value, help) QT_##name,
#include "core/model/query.def"
#undef X
	QT_COUNT
};

struct query {
	enum query_op op;
	const struct query *left, *right; /* AND, OR; NOT uses left */
	enum query_term term;
	enum query_compare compare;
	const char *text; /* the value in words, normalised: handle, tag, account, agent, status, text */
	int64_t number;   /* durations in ms, counts, priorities */
	bool phrase;      /* QT_TEXT in quotes */
};

/* Parses; `me` stands for `agent` in assignee:me. An error says what was found, what was expected, and *at is the byte
 * offset of the place in the text. An empty text is Q_ALL. Tree in the arena. */
int query_parse(const char *text, const char *agent, struct arena *arena, const struct query **out, size_t *at,
        struct err *err);

/* What could stand at the end of `text` (for completion): calls back with each candidate for the last word. */
void query_complete(const char *text, void (*each)(void *arg, const char *candidate, const char *help), void *arg);

/* False when a QT_TEXT term is in it (unknown without the store). */
bool query_is_local(const struct query *query);
bool query_matches(const struct query *query, const struct kase *kase, int64_t now);

#endif
