/* The query language behind views, filters and `curlew query`:
 *
 *     is:new tag:refund from:@handle age:>20m late text…
 *
 * Terms are joined by "and"; `-term` or `not term` negates; `a OR b` and parentheses group; quoted text is a phrase.
 * AND binds closer than OR. Words of the language are read in any case, but for OR and AND, which are capitals.
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

/* What may stand behind the colon of a term: V_IS and V_HAS words of the tables below, V_NONE nothing (a bare word). */
enum query_value {
	V_NONE,
	V_IS,
	V_HAS,
	V_HANDLE,
	V_TAG,
	V_AGENT,
	V_ACCOUNT,
	V_TEAM,
	V_DURATION,
	V_COUNT,
	V_CASE,
	V_PRIORITY,
	V_WORD,
	V_TEXT
};
const char *query_term_word(enum query_term term);
enum query_value query_term_value(enum query_term term);
const char *query_term_help(enum query_term term);

/* X(NAME, "word", can be told from a struct kase). The statuses come first, in the order of enum case_status. */
#define QUERY_IS_TABLE(X)                                                                                              \
	X(NEW, "new", true)                                                                                            \
	X(OPEN, "open", true)                                                                                          \
	X(WAITING, "waiting", true)                                                                                    \
	X(SNOOZED, "snoozed", true)                                                                                    \
	X(DONE, "done", true)                                                                                          \
	X(IGNORED, "ignored", true)                                                                                    \
	X(NEEDS_REPLY, "needs-reply", true) /* new or open, last_in_at > last_out_at */                                \
	X(UNRESOLVED, "unresolved", true)   /* neither done nor ignored */                                             \
	X(ESCALATED, "escalated", true)                                                                                \
	X(LATE, "late", true) /* parsed to QT_LATE */                                                                  \
	X(PRAISE, "praise", true)                                                                                      \
	X(QUESTION, "question", true)                                                                                  \
	X(PRIVATE, "private", false) /* the customer's newest post is VIS_DIRECT */                                    \
	X(OUTBOX, "outbox", false)   /* a reply is held, queued, failed, stopped or in doubt */

#define QUERY_HAS_TABLE(X)                                                                                             \
	X(MEDIA, "media", true)                                                                                        \
	X(DRAFT, "draft", true) /* of the agent who asks */                                                            \
	X(PERSONAL_DATA, "personal-data", true)                                                                        \
	X(LINK, "link", false) /* a post of the customer has one */

#define QUERY_IS_MEMBER(n, w, l) QUERY_IS_##n,
#define QUERY_HAS_MEMBER(n, w, l) QUERY_HAS_##n,
enum query_is { QUERY_IS_TABLE(QUERY_IS_MEMBER) QUERY_IS_COUNT };
enum query_has { QUERY_HAS_TABLE(QUERY_HAS_MEMBER) QUERY_HAS_COUNT };

/* What text and number hold, by term:
 *     IS, HAS               number: enum query_is, enum query_has; text: the word
 *     TAG, TEAM             text: by tag_normalise, name_normalise
 *     ASSIGNEE              text: by name_normalise; "" for assignee:none
 *     FROM                  text: utf8_fold without '@'; the beginning of the handle, folded so
 *     ACCOUNT NETWORK LANG  text: ASCII lower case, compared without case; lang:de is also the text's de-AT
 *     TEXT                  text: as typed; phrase
 *     AGE                   now - last_in_at compared with number, in ms; age:20m is age:>20m
 *     DUE                   due - now (negative when late), never true where no clock runs; due:5m is due:<5m
 *     FOLLOWERS             an unknown number (-1) matches nothing
 *     PRIORITY CASE         number; case is CMP_EQ only
 *     LATE                  neither: a clock runs and due <= now */
struct query {
	enum query_op op;
	const struct query *left, *right; /* AND, OR; NOT uses left */
	enum query_term term;
	enum query_compare compare;
	const char *text; /* "" where it has none */
	int64_t number;
	bool phrase; /* QT_TEXT in quotes */
};

/* Parses; `me` stands for `agent` in assignee:me. An error (ERR_USAGE) says what was found, what was expected, and *at
 * is the byte offset of the place in the text; at may be NULL. An empty text is Q_ALL. At most 4 KiB, 64 terms and 16
 * parentheses deep (ERR_LIMIT), so that a tree may be walked by recursion. Tree in the arena. */
int query_parse(const char *text, const char *agent, struct arena *arena, const struct query **out, size_t *at,
        struct err *err);

/* Where in text the word begins that is being typed at its end: what a candidate of query_complete stands for. */
size_t query_last_word(const char *text);

/* What could stand at the end of `text` (for completion): calls back with each candidate for the last word, whole, in
 * the table's order. Values that only the store knows (tags, agents, teams, accounts) are the caller's to add. The
 * candidate dies with the call. */
void query_complete(const char *text, void (*each)(void *arg, const char *candidate, const char *help), void *arg);

/* False when a term is in it that a struct kase does not tell: QT_TEXT, and the `false` rows above. */
bool query_is_local(const struct query *query);

/* Whether is:outbox is asked for, in any place of it: then rows tell their replies. */
bool query_asks_outbox(const struct query *query);

/* Asked of local queries only; a term that is not local counts as true. */
bool query_matches(const struct query *query, const struct kase *kase, int64_t now);

#endif
