#include "core/store/report.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#include <stdlib.h>

static void count_cases(struct store *store, struct report *out)
{
	struct rows r;
	rows_begin(&r, store->db, "SELECT status,count(*) FROM kase GROUP BY status", "");
	while (rows_next(&r)) {
		int64_t status = rows_int(&r, 0);
		if (status >= 0 && status < STATUS_COUNT)
			out->cases[status] = rows_int(&r, 1);
	}
	rows_end(&r);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void measure_first_replies(struct store *store, int64_t since, struct report *out)
{
	VEC(int64_t) waits = {0};
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT first_post_at,first_reply_at FROM kase WHERE first_reply_at>0 AND first_reply_at>=?", "i",
	        since);
	while (rows_next(&r))
		vec_push(&waits, hours_between(&store->rules.hours, rows_int(&r, 0), rows_int(&r, 1)));
	rows_end(&r);
	out->target_ms = store->rules.first_reply_ms;
	out->answered = (int64_t)waits.len;
	out->median_first_reply_ms = -1;
	for (size_t i = 0; i < waits.len; i++)
		out->within_target += waits.at[i] <= out->target_ms;
	if (waits.len) {
		qsort(waits.at, waits.len, sizeof *waits.at, by_value);
		out->median_first_reply_ms = (waits.at[(waits.len - 1) / 2] + waits.at[waits.len / 2]) / 2;
	}
	vec_release(&waits);
}

static void count_replies(struct store *store, int64_t since, struct arena *arena, struct report *out)
{
	VEC(struct report_agent) agents = {0};
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT p.sent_by,count(*),ifnull(sum(p.visibility=3 AND q.visibility<3),0) FROM post p"
	        " LEFT JOIN post q ON q.account_id=p.account_id AND q.remote_id=p.parent_remote_id"
	        " WHERE p.direction=1 AND p.parent_remote_id<>'' AND p.created_at>=? GROUP BY p.sent_by"
	        " ORDER BY count(*) DESC, p.sent_by",
	        "i", since);
	while (rows_next(&r)) {
		struct report_agent agent = {rows_text(&r, 0, arena), rows_int(&r, 1)};
		out->replies += agent.replies;
		out->private += rows_int(&r, 2);
		vec_push(&agents, agent);
	}
	rows_end(&r);
	out->agents = ARRAY_TO_ARENA(arena, struct report_agent, &agents);
	out->agent_count = (int)agents.len;
	vec_release(&agents);
}

static int64_t count_actions(struct store *store, enum action_kind kind, int64_t since)
{
	return db_number(
	        store->db, 0, "SELECT count(*) FROM journal WHERE action=? AND at>=?", "ti", action_name(kind), since);
}

int store_report(struct store *store, int64_t since, struct arena *arena, struct report *out, struct err *err)
{
	*out = (struct report){0};
	db_begin_read(store->db);
	count_cases(store, out);
	out->arrived = db_number(store->db, 0, "SELECT count(*) FROM kase WHERE first_post_at>=?", "i", since);
	measure_first_replies(store, since, out);
	count_replies(store, since, arena, out);
	out->reopened = count_actions(store, ACTION_REOPENED, since);
	out->escalated = count_actions(store, ACTION_ESCALATE, since);
	out->liked = count_actions(store, ACTION_LIKED, since);
	int result = db_end_read(store->db, err);
	return result ? result : store_gaps_since(store, since, arena, &out->gaps, &out->gap_count, err);
}
