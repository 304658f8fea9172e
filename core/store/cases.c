/* Lists of cases: pages, counts, what to answer next. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#include <stdlib.h>

static const struct query everything = {.op = Q_ALL};

/* --- pages */

/* ?1 is the agent, for KASE_SELECT. */
static int page_sql(struct sql *sql, const struct query *query, const char *agent, const struct page_key *key,
        bool backwards, int max, struct arena *arena, struct err *err)
{
	str_adds(&sql->text, KASE_SELECT "WHERE ");
	vec_push(&sql->values, (struct db_value){.text = agent});
	int result = sql_add_query(sql, query, agent, clock_wall_ms(), arena, err);
	if (key) {
		str_addf(&sql->text, " AND (k.rank,k.id)%s(", backwards ? "<" : ">");
		sql_bind(sql, key->rank);
		str_addc(&sql->text, ',');
		sql_bind(sql, key->id);
		str_addc(&sql->text, ')');
	}
	const char *way = backwards ? " DESC" : "";
	str_addf(&sql->text, " ORDER BY k.rank%s,k.id%s LIMIT ", way, way);
	sql_bind(sql, (int64_t)max + 1);
	return result;
}

/* The rows as they are handed out: in list order, without the one that only says that there is more. */
static const struct kase *hand_out(const struct kase_row *rows, int count, bool backwards, struct arena *arena)
{
	struct kase *out = arena_array(arena, struct kase, (size_t)count + 1);
	for (int i = 0; i < count; i++)
		out[i] = rows[backwards ? count - 1 - i : i].kase;
	return out;
}

/* What each case has in the outbox. */
static void find_outgoing(struct store *store, struct kase_row *rows, int count, struct arena *arena)
{
	for (int i = 0; i < count; i++) {
		struct kase *kase = &rows[i].kase;
		struct reply *reply = NULL;
		struct rows r;
		rows_begin(&r, store->db,
		        REPLY_SELECT "WHERE r.case_id=? AND r.state IN (0,1,4,5,6) ORDER BY r.state<4, r.id", "i",
		        kase->id);
		while (rows_next(&r)) {
			if (!reply)
				reply_read(&r, arena, reply = arena_new(arena, struct reply));
			kase->outgoing_count++;
		}
		rows_end(&r);
		kase->outgoing = reply;
	}
}

int store_cases(struct store *store, const struct query *query, const char *agent, const struct page_key *key,
        bool backwards, int max, struct arena *arena, const struct kase **out, int *count, bool *more, struct err *err)
{
	VEC(struct kase_row) rows = {0};
	struct sql sql;
	struct rows r;
	sql_init(&sql);
	int result = page_sql(&sql, query ? query : &everything, str_or(agent, ""), key, backwards, max, arena, err);
	if (result)
		goto out;
	db_begin_read(store->db);
	rows_begin_values(&r, store->db, sql.text.p, sql.values.at, (int)sql.values.len);
	while (rows_next(&r)) {
		struct kase_row row;
		kase_read(&r, arena, &row);
		vec_push(&rows, row);
	}
	rows_end(&r);
	*more = rows.len > (size_t)max;
	*count = *more ? max : (int)rows.len;
	kase_finish(store, rows.at, *count);
	if (query && query_asks_outbox(query))
		find_outgoing(store, rows.at, *count, arena);
	*out = hand_out(rows.at, *count, backwards, arena);
	result = db_end_read(store->db, err);
out:
	vec_release(&rows);
	sql_release(&sql);
	return result;
}

int store_count(struct store *store, const struct query *query, const char *agent, int64_t *count, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct sql sql;
	struct rows r;
	sql_init(&sql);
	str_adds(&sql.text, "SELECT count(*) FROM (SELECT 1 FROM kase k WHERE ");
	int result = sql_add_query(&sql, query ? query : &everything, str_or(agent, ""), clock_wall_ms(), &arena, err);
	str_addf(&sql.text, " LIMIT %d)", COUNTED_MAX + 1);
	if (!result) {
		db_begin_read(store->db);
		rows_begin_values(&r, store->db, sql.text.p, sql.values.at, (int)sql.values.len);
		*count = rows_next(&r) ? rows_int(&r, 0) : 0;
		rows_end(&r);
		result = db_end_read(store->db, err);
	}
	sql_release(&sql);
	arena_release(&arena);
	return result;
}

int store_case(struct store *store, int64_t case_id, const char *agent, struct arena *arena, const struct kase **out,
        struct err *err)
{
	struct kase_row *row = arena_new(arena, struct kase_row);
	db_begin_read(store->db);
	if (kase_need(store, case_id, str_or(agent, ""), arena, row))
		kase_finish(store, row, 1);
	*out = &row->kase;
	return db_end_read(store->db, err);
}

/* The first by rank of one priority, which is a step in an index: to sort all that wait would take the longer the more
 * do. */
static int64_t first_to_answer(
        struct store *store, const char *agent, int64_t after, int64_t now, int priority, bool late)
{
	/* The rank of what has a deadline is the deadline, and what has none comes after all of them. */
	return db_number(store->db, 0,
	        "SELECT id FROM kase WHERE needs=1 AND priority=?1 AND rank>?2 AND rank<=?3 AND id<>?4"
	        " AND assignee IN ('',?5) AND (writer IN ('',?5) OR writer_until<=?6)"
	        /* an answer is on its way: held, queued, being sent, in doubt */
	        " AND NOT EXISTS(SELECT 1 FROM reply r WHERE r.case_id=kase.id AND r.kind=0 AND r.state IN (0,1,2,5))"
	        " ORDER BY rank, id LIMIT 1",
	        "diiiti", priority, late ? INT64_MIN : now, late ? now : INT64_MAX, after, agent, now);
}

int store_next_needed(
        struct store *store, const char *agent, int64_t after, int64_t now, int64_t *case_id, struct err *err)
{
	*case_id = 0;
	db_begin_read(store->db);
	for (int late = 1; late >= 0 && !*case_id; late--)
		for (int priority = PRIORITY_MAX; priority >= PRIORITY_MIN && !*case_id; priority--)
			*case_id = first_to_answer(store, str_or(agent, ""), after, now, priority, late);
	return db_end_read(store->db, err);
}

/* --- numbers */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Of the newest when a day has more: this is asked for after each change. */
#define MEDIAN_OF_MAX 2000

static int64_t median_first_reply(struct store *store, int64_t day_start)
{
	VEC(int64_t) waits = {0};
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT first_reply_at,first_post_at FROM kase WHERE first_reply_at>0 AND first_reply_at>=?"
	        " ORDER BY first_reply_at DESC LIMIT ?",
	        "id", day_start, MEDIAN_OF_MAX);
	while (rows_next(&r))
		vec_push(&waits, hours_between(&store->rules.hours, rows_int(&r, 1), rows_int(&r, 0)));
	rows_end(&r);
	int64_t median = -1;
	if (waits.len) {
		qsort(waits.at, waits.len, sizeof *waits.at, by_value);
		median = (waits.at[(waits.len - 1) / 2] + waits.at[waits.len / 2]) / 2;
	}
	vec_release(&waits);
	return median;
}

int store_queue_numbers(struct store *store, int64_t now, int64_t day_start, struct queue_numbers *out, struct err *err)
{
	db_begin_read(store->db);
	/* The rank of what has a deadline is the deadline. */
	out->late = (int)db_number(store->db, 0,
	        "SELECT count(*) FROM (SELECT 1 FROM kase WHERE needs=1 AND rank<=? AND due>0 LIMIT ?)", "id", now,
	        COUNTED_MAX + 1);
	out->needing = (int)db_number(
	        store->db, 0, "SELECT count(*) FROM (SELECT 1 FROM kase WHERE needs=1 LIMIT ?)", "d", COUNTED_MAX + 1);
	out->median_first_reply_ms = median_first_reply(store, day_start);
	out->outbox = (int)db_number(store->db, 0, "SELECT count(*) FROM reply WHERE state IN (0,4,5,6)", "");
	return db_end_read(store->db, err);
}

/* --- words in use, each found by one step in an index however often it occurs */

static int word_list(struct store *store, const char *sql, const char *agent, struct arena *arena,
        const char *const **out, int *count, struct err *err)
{
	VEC(const char *) words = {0};
	struct rows r;
	db_begin_read(store->db);
	rows_begin(&r, store->db, sql, agent ? "t" : "", agent);
	while (rows_next(&r))
		vec_push(&words, rows_text(&r, 0, arena));
	rows_end(&r);
	*out = ARRAY_TO_ARENA(arena, const char *, &words);
	*count = (int)words.len;
	vec_release(&words);
	return db_end_read(store->db, err);
}

int store_tags(struct store *store, const char *agent, struct arena *arena, const char *const **tags, int *count,
        struct err *err)
{
	return word_list(store,
	        "WITH RECURSIVE t(tag) AS (SELECT min(tag) FROM case_tag UNION ALL"
	        " SELECT (SELECT min(tag) FROM case_tag c WHERE c.tag>t.tag) FROM t WHERE t.tag IS NOT NULL)"
	        " SELECT tag FROM t WHERE tag IS NOT NULL"
	        " ORDER BY (SELECT ifnull(max(at),0) FROM case_tag c WHERE c.tag=t.tag AND c.by=?1) DESC, tag",
	        str_or(agent, ""), arena, tags, count, err);
}

int store_agents(struct store *store, struct arena *arena, const char *const **agents, int *count, struct err *err)
{
	return word_list(store,
	        "WITH RECURSIVE t(name) AS (SELECT min(by) FROM journal UNION ALL"
	        " SELECT (SELECT min(by) FROM journal j WHERE j.by>t.name) FROM t WHERE t.name IS NOT NULL)"
	        " SELECT name FROM t WHERE name IS NOT NULL AND name<>'curlew'"
	        " UNION SELECT agent FROM desk_state UNION SELECT agent FROM desk ORDER BY 1",
	        NULL, arena, agents, count, err);
}
