/* A query as SQL. Words and numbers of the user are bound, never written; what is written is ours. Literals stand
 * where a partial index must be recognised. */
#include "core/base/str.h"
#include "core/store/internal.h"

#define DEPTH_MAX 100
#define HITS_MAX 20000 /* of one full text search: the newest posts win */

void sql_init(struct sql *sql)
{
	str_init(&sql->text, SIZE_MAX);
	sql->values.at = NULL;
	sql->values.len = sql->values.cap = 0;
}

void sql_release(struct sql *sql)
{
	str_release(&sql->text);
	vec_release(&sql->values);
}

void sql_bind(struct sql *sql, int64_t number)
{
	str_addc(&sql->text, '?');
	vec_push(&sql->values, (struct db_value){.number = number});
}

void sql_bind_text(struct sql *sql, const char *text)
{
	str_addc(&sql->text, '?');
	vec_push(&sql->values, (struct db_value){.text = text});
}

struct builder {
	struct sql *sql;
	const char *agent;
	int64_t now;
	struct arena *arena;
	const struct query *prefix; /* the last bare word: somebody may still be typing it */
};

static const char *const states[QUERY_IS_COUNT] = {
        [QUERY_IS_NEW] = "k.status=0",
        [QUERY_IS_OPEN] = "k.status=1",
        [QUERY_IS_WAITING] = "k.status=2",
        [QUERY_IS_SNOOZED] = "k.status=3",
        [QUERY_IS_DONE] = "k.status=4",
        [QUERY_IS_IGNORED] = "k.status=5",
        [QUERY_IS_NEEDS_REPLY] = "k.needs=1",
        [QUERY_IS_UNRESOLVED] = "k.status<4",
        [QUERY_IS_ESCALATED] = "k.escalated_to<>''",
        [QUERY_IS_PRAISE] = "k.praise=1",
        [QUERY_IS_QUESTION] = "k.question=1",
        [QUERY_IS_PRIVATE] = "k.visibility=3",
        [QUERY_IS_OUTBOX] = "k.id IN (SELECT case_id FROM reply WHERE state IN (0,1,4,5,6))",
};

static const char *const kinds[QUERY_HAS_COUNT] = {
        [QUERY_HAS_MEDIA] = "k.media_count>0",
        [QUERY_HAS_PERSONAL_DATA] = "k.personal_data=1",
        [QUERY_HAS_LINK] = "k.has_link=1",
};

static void add_late(struct builder *b)
{
	/* The rank of what has a deadline is the deadline. */
	str_adds(&b->sql->text, "(k.needs=1 AND k.due>0 AND k.rank<=");
	sql_bind(b->sql, b->now);
	str_adds(&b->sql->text, ")");
}

static void add_is(struct builder *b, int64_t word)
{
	if (word == QUERY_IS_LATE)
		add_late(b);
	else
		str_adds(&b->sql->text, states[word]);
}

static void add_equal(struct builder *b, const char *before, const char *value, const char *after)
{
	str_adds(&b->sql->text, before);
	sql_bind_text(b->sql, value);
	str_adds(&b->sql->text, after);
}

static void add_compared(struct builder *b, const char *expression, enum query_compare compare, int64_t number)
{
	static const char *const signs[] = {[CMP_EQ] = "=", [CMP_LT] = "<", [CMP_GT] = ">"};
	str_addf(&b->sql->text, "%s%s", expression, signs[compare]);
	sql_bind(b->sql, number);
}

/* The beginning of a handle (folded by the parser, as handle_key is), as a range of the index. */
static void add_from(struct builder *b, const char *text)
{
	str_adds(&b->sql->text, "k.customer_id IN (SELECT id FROM customer WHERE handle_key>=");
	sql_bind_text(b->sql, text);
	str_adds(&b->sql->text, " AND handle_key<");
	sql_bind_text(b->sql, arena_printf(b->arena, "%s\xF4\x8F\xBF\xBF", text));
	str_adds(&b->sql->text, ")");
}

/* The words that a partial index knows. */
static void add_assignee(struct builder *b, const char *text)
{
	if (*text)
		add_equal(b, "k.assignee<>'' AND k.assignee=", text, "");
	else
		str_adds(&b->sql->text, "k.assignee=''");
}

static void add_followers(struct builder *b, enum query_compare compare, int64_t number)
{
	static const char followers[] = "(SELECT followers FROM customer WHERE id=k.customer_id)";
	str_addf(&b->sql->text, "%s>=0 AND ", followers);
	add_compared(b, followers, compare, number);
}

/* The time since the newest post: longer ago is earlier. */
static void add_age(struct builder *b, enum query_compare compare, int64_t ms)
{
	enum query_compare turned = compare == CMP_GT ? CMP_LT : compare == CMP_LT ? CMP_GT : CMP_EQ;
	add_compared(b, "k.last_in_at>0 AND k.last_in_at", turned, b->now - ms);
}

static void add_due(struct builder *b, enum query_compare compare, int64_t ms)
{
	add_compared(b, "k.due>0 AND k.due", compare, b->now + ms);
}

static void add_has(struct builder *b, int64_t word)
{
	if (word == QUERY_HAS_DRAFT)
		add_equal(b, "EXISTS(SELECT 1 FROM draft d WHERE d.case_id=k.id AND d.agent=", b->agent, ")");
	else
		str_adds(&b->sql->text, kinds[word]);
}

/* "pt" finds "pt-BR" and "pt_BR". */
static void add_language(struct builder *b, const char *language)
{
	add_equal(b, "instr(replace(lower(k.language),'_','-')||'-',replace(lower(", language, "),'_','-')||'-')=1");
}

static void add_text(struct builder *b, const struct query *query)
{
	struct sql *sql = b->sql;
	const char *match = words_match(query->text, query == b->prefix, b->arena);
	str_adds(&sql->text,
	        "k.id IN (SELECT kt.case_id FROM (SELECT rowid AS id FROM post_words WHERE post_words MATCH ");
	sql_bind_text(sql, match);
	str_addf(&sql->text, " ORDER BY rowid DESC LIMIT %d) hit CROSS JOIN post p ON p.id=hit.id", HITS_MAX);
	str_adds(&sql->text, " CROSS JOIN kase_thread kt ON kt.thread_id=p.thread_id UNION ALL SELECT j.case_id FROM"
	                     " (SELECT rowid AS id FROM note_words WHERE note_words MATCH ");
	sql_bind_text(sql, match);
	str_addf(&sql->text, " ORDER BY rowid DESC LIMIT %d) hit CROSS JOIN journal j ON j.id=hit.id)", HITS_MAX);
}

static void add_term(struct builder *b, const struct query *query)
{
	const char *text = str_or(query->text, "");
	switch (query->term) {
	case QT_IS: add_is(b, query->number); break;
	case QT_LATE: add_late(b); break;
	case QT_TAG: add_equal(b, "k.id IN (SELECT case_id FROM case_tag WHERE tag=", text, ")"); break;
	case QT_FROM: add_from(b, text); break;
	case QT_ASSIGNEE: add_assignee(b, text); break;
	case QT_ACCOUNT:
		add_equal(b, "k.account_id IN (SELECT id FROM account WHERE name=", text, " COLLATE NOCASE)");
		break;
	case QT_NETWORK:
		add_equal(b, "k.account_id IN (SELECT id FROM account WHERE network=", text, " COLLATE NOCASE)");
		break;
	case QT_TEAM: add_equal(b, "(k.escalated_to<>'' AND k.escalated_to=", text, ")"); break;
	case QT_LANG: add_language(b, text); break;
	case QT_PRIORITY: add_compared(b, "k.priority", query->compare, query->number); break;
	case QT_AGE: add_age(b, query->compare, query->number); break;
	case QT_DUE: add_due(b, query->compare, query->number); break;
	case QT_FOLLOWERS: add_followers(b, query->compare, query->number); break;
	case QT_HAS: add_has(b, query->number); break;
	case QT_CASE: add_compared(b, "k.id", query->compare, query->number); break;
	case QT_TEXT: add_text(b, query); break;
	case QT_COUNT: str_adds(&b->sql->text, "0"); break;
	}
}

static int add_node(struct builder *b, const struct query *query, int depth, struct err *err)
{
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "the query is nested too deep");
	int result = 0;
	str_addc(&b->sql->text, '(');
	switch (query->op) {
	case Q_ALL: str_adds(&b->sql->text, "1"); break;
	case Q_TERM: add_term(b, query); break;
	case Q_NOT:
		str_adds(&b->sql->text, "NOT ");
		result = add_node(b, query->left, depth + 1, err);
		break;
	case Q_AND:
	case Q_OR:
		result = add_node(b, query->left, depth + 1, err);
		str_adds(&b->sql->text, query->op == Q_AND ? " AND " : " OR ");
		if (!result)
			result = add_node(b, query->right, depth + 1, err);
		break;
	}
	str_addc(&b->sql->text, ')');
	return result;
}

static const struct query *last_bare_word(const struct query *query, int depth)
{
	while (query && depth++ <= DEPTH_MAX && (query->op == Q_AND || query->op == Q_OR))
		query = query->right;
	return query && query->op == Q_TERM && query->term == QT_TEXT && !query->phrase ? query : NULL;
}

int sql_add_query(struct sql *sql, const struct query *query, const char *agent, int64_t now, struct arena *arena,
        struct err *err)
{
	struct builder builder = {sql, agent, now, arena, last_bare_word(query, 0)};
	return add_node(&builder, query, 0, err);
}
