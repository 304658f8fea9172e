/* The life of a reply on the courier's side: due, taken, sent, failed. Each step is one update that is conditional on
 * the state it starts from, so that a recall and a courier that comes back from the dead cannot both win. */
#include "core/base/clock.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/store/internal.h"

/* --- due */

static void stop_overdue(struct store *store, const struct reply *reply, int64_t now)
{
	static const char reason[] = "it was due while nothing was running that could send it";
	db_run(store->db, "UPDATE reply SET state=6,error=?2,updated_at=?3 WHERE id=?1 AND state=0", "iti", reply->id,
	        reason, now);
	journal_add(store, reply->case_id, now, "curlew", ACTION_REPLY_STOPPED, NULL, 0, reason, 0);
}

static void queue_or_stop(struct store *store, const struct reply *reply, int64_t now, int64_t overdue_ms)
{
	if (now - reply->hold_until > overdue_ms)
		stop_overdue(store, reply, now);
	else
		db_run(store->db, "UPDATE reply SET state=1,next_try_at=?2,updated_at=?2 WHERE id=?1 AND state=0", "ii",
		        reply->id, now);
	reply_changed(store, reply);
}

int store_reply_queue_due(struct store *store, int64_t now, int64_t overdue_ms, int *moved, struct err *err)
{
	struct arena arena = ARENA_INIT;
	VEC(struct reply) due = {0};
	struct rows r;
	*moved = 0;
	store_begin(store);
	rows_begin(&r, store->db, REPLY_SELECT "WHERE r.state=0 AND r.hold_until<=? ORDER BY r.id", "i", now);
	while (rows_next(&r)) {
		struct reply reply;
		reply_read(&r, &arena, &reply);
		vec_push(&due, reply);
	}
	rows_end(&r);
	for (size_t i = 0; i < due.len; i++)
		queue_or_stop(store, &due.at[i], now, overdue_ms);
	int result = store_commit(store, err);
	if (!result)
		*moved = (int)due.len;
	vec_release(&due);
	arena_release(&arena);
	return result;
}

int store_replies_next(struct store *store, int64_t *due, struct err *err)
{
	db_begin_read(store->db);
	*due = db_number(store->db, INT64_MAX,
	        "SELECT ifnull(min(iif(state=0,hold_until,next_try_at)),?) FROM reply WHERE state IN (0,1,5)", "i",
	        INT64_MAX);
	return db_end_read(store->db, err);
}

/* It waits for the case's replies before it, and a part for the one that it answers. A post of ours that may be what a
 * reply in doubt became, or a correction that is said again, is not changed before that is known: edited or deleted it
 * would not be found, and said once more. It may be any of the thread that no reply is known for. What several cases
 * make of one post is made in the order in which it was confirmed. */
int store_reply_take(struct store *store, int64_t reply_id, bool *moved, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct reply reply;
	int draft_kind;
	store_begin(store);
	bool found = reply_load(store, reply_id, &arena, &reply, &draft_kind);
	db_run(store->db,
	        "UPDATE reply SET state=2,attempts=attempts+1,updated_at=?2,to_remote_id=iif(part<2,to_remote_id,"
	        "(SELECT remote_id FROM reply b WHERE b.series=reply.series AND b.series>0 AND b.part=reply.part-1))"
	        " WHERE id=?1 AND state=1 AND NOT EXISTS("
	        "SELECT 1 FROM reply e WHERE e.case_id=reply.case_id AND e.id<reply.id AND e.state IN (0,1,2,5)) AND"
	        " (part<2 OR EXISTS(SELECT 1 FROM reply b WHERE b.series=reply.series AND b.series>0 AND "
	        "b.part=reply.part-1 AND"
	        " b.state=3 AND b.remote_id<>'')) AND"
	        " (kind NOT IN (1,2) OR NOT EXISTS(SELECT 1 FROM reply d"
	        " JOIN post q ON q.account_id=d.account_id AND q.remote_id=d.to_remote_id"
	        " JOIN post p ON p.account_id=d.account_id AND p.remote_id=reply.to_remote_id"
	        " WHERE d.state IN (2,5) AND d.kind IN (0,1) AND d.account_id=reply.account_id AND d.id<>reply.id"
	        " AND p.reply_id=0 AND p.thread_id=q.thread_id) AND NOT EXISTS(SELECT 1 FROM reply e"
	        " WHERE e.state IN (0,1,2,5) AND e.account_id=reply.account_id AND e.kind IN (1,2)"
	        " AND e.to_remote_id=reply.to_remote_id AND (e.id<reply.id OR (e.id>reply.id AND e.state IN (2,5)))))",
	        "ii", reply_id, clock_wall_ms());
	bool taken = found && db_changed(store->db) > 0;
	if (taken)
		reply_changed(store, &reply);
	int result = store_commit(store, err);
	*moved = !result && taken;
	arena_release(&arena);
	return result;
}

/* --- sent */

static void record_post(struct ingest *ingest, const struct reply *reply, const struct incoming *published)
{
	struct incoming item = *published;
	item.kind = INCOMING_POST;
	item.mention = false;
	item.post.direction = DIR_OUT;
	if (reply->kind == REPLY_KIND_POST)
		item.post.parent_remote_id = str_or(item.post.parent_remote_id, reply->to_remote_id);
	ingest_post(ingest, &item, reply->kind == REPLY_KIND_POST ? reply : NULL);
}

/* Edited in place, or, where the network cannot, taken back and said again: then it is another post. */
static void record_correction(struct ingest *ingest, const struct reply *reply, const struct incoming *published)
{
	struct reply anew = *reply;
	if (str_eq(published->post.remote_id, reply->to_remote_id)) {
		record_post(ingest, reply, published);
		return;
	}
	anew.kind = REPLY_KIND_POST;
	anew.to_remote_id = "";
	anew.follow = NULL; /* it answers nobody for the first time */
	ingest_delete(ingest, reply->to_remote_id, ingest->now);
	record_post(ingest, &anew, published);
}

static void record_like(struct ingest *ingest, const struct reply *reply)
{
	db_run(ingest->store->db, "UPDATE post SET liked_by_us=? WHERE account_id=? AND remote_id=?", "bit",
	        (int)(reply->kind == REPLY_KIND_LIKE), reply->account_id, reply->to_remote_id);
}

static void record_boost(struct ingest *ingest, const struct reply *reply)
{
	db_run(ingest->store->db, "UPDATE post SET boosted_by_us=? WHERE account_id=? AND remote_id=?", "bit",
	        (int)(reply->kind == REPLY_KIND_BOOST), reply->account_id, reply->to_remote_id);
}

static void journal_sent(struct ingest *ingest, const struct reply *reply, enum action_kind kind)
{
	journal_add(ingest->store, reply->case_id, ingest->now, reply->agent, kind, NULL, 0, "", 0);
}

static void record(struct ingest *ingest, const struct reply *reply, const struct incoming *published)
{
	switch (reply->kind) {
	case REPLY_KIND_POST:
		if (published)
			record_post(ingest, reply, published);
		break;
	case REPLY_KIND_EDIT:
		if (published)
			record_correction(ingest, reply, published);
		journal_sent(ingest, reply, ACTION_CORRECTED);
		break;
	case REPLY_KIND_DELETE:
		ingest_delete(ingest, reply->to_remote_id, ingest->now);
		journal_sent(ingest, reply, ACTION_WITHDRAWN);
		break;
	case REPLY_KIND_LIKE:
	case REPLY_KIND_UNLIKE:
		record_like(ingest, reply);
		journal_sent(ingest, reply, reply->kind == REPLY_KIND_LIKE ? ACTION_LIKED : ACTION_UNLIKED);
		break;
	case REPLY_KIND_BOOST:
	case REPLY_KIND_UNBOOST:
		record_boost(ingest, reply);
		journal_sent(ingest, reply, reply->kind == REPLY_KIND_BOOST ? ACTION_BOOSTED : ACTION_UNBOOSTED);
		break;
	case REPLY_KIND_HIDE: journal_sent(ingest, reply, ACTION_HIDDEN); break;
	case REPLY_KIND_REPORT: journal_sent(ingest, reply, ACTION_REPORTED); break;
	case REPLY_KIND_BLOCK: journal_sent(ingest, reply, ACTION_BLOCKED); break;
	case REPLY_KIND_MUTE: journal_sent(ingest, reply, ACTION_SILENCED); break;
	case REPLY_KIND_COUNT: break;
	}
}

/* What is no answer moves no clock, but what was to follow it follows. */
static void follow_without_answer(struct ingest *ingest, const struct reply *reply)
{
	struct kase_row row;
	struct action action = {.case_id = reply->case_id, .agent = reply->agent, .arg = "", .text = ""};
	int64_t journal_id;
	if (reply->kind == REPLY_KIND_POST || !kase_load(ingest->store, reply->case_id, "", ingest->arena, &row) ||
	        row.kase.status >= STATUS_DONE)
		return;
	if (str_eq(reply->follow, "done"))
		action.kind = ACTION_DONE;
	else if (str_starts(reply->follow, "snooze ") && parse_i64(reply->follow + strlen("snooze "), &action.until) &&
	         action.until > ingest->now)
		action.kind = ACTION_SNOOZE;
	else
		return;
	act_on(ingest->store, &row, &action, ingest->now, ingest->arena, &journal_id);
}

static void sent(struct store *store, const struct reply *reply, const struct incoming *published, int64_t now,
        struct arena *arena)
{
	struct ingest ingest;
	const char *remote_id = published ? str_or(published->post.remote_id, "") : "";
	const char *url = published ? str_or(published->post.url, "") : "";
	db_run(store->db, "UPDATE reply SET state=3,sent_at=?2,remote_id=?3,url=?4,error='',updated_at=?2 WHERE id=?1",
	        "iitt", reply->id, now, remote_id, url);
	if (!ingest_init(&ingest, store, reply->account_id, arena, now))
		return;
	record(&ingest, reply, published);
	ingest_settle(&ingest);
	follow_without_answer(&ingest, reply);
	reply_changed(store, reply);
	ingest_release(&ingest);
}

int store_reply_sent(
        struct store *store, int64_t reply_id, const struct incoming *published, int64_t now, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct reply reply;
	int draft_kind;
	store_begin(store);
	if (reply_load(store, reply_id, &arena, &reply, &draft_kind)) {
		if (reply.state == REPLY_SENDING || reply.state == REPLY_IN_DOUBT)
			sent(store, &reply, published, now, &arena);
		else if (reply.state != REPLY_SENT)
			db_fail(store->db, ERR_STATE, "reply %lld is %s, not being sent", (long long)reply_id,
			        reply_state_name(reply.state));
	}
	int result = store_commit(store, err);
	arena_release(&arena);
	return result;
}

/* --- not sent */

int store_reply_back(
        struct store *store, int64_t reply_id, int64_t next_try_at, const char *reason, bool new_key, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct reply reply;
	int draft_kind;
	char key[33];
	random_id(key);
	store_begin(store);
	bool found = reply_load(store, reply_id, &arena, &reply, &draft_kind);
	db_run(store->db,
	        "UPDATE reply SET state=1,next_try_at=?2,error=?3,idempotency_key=iif(?4,?5,idempotency_key),"
	        "updated_at=?6 WHERE id=?1 AND state IN (2,5)",
	        "iitbti", reply_id, next_try_at, str_or(reason, ""), (int)new_key, key, clock_wall_ms());
	if (found && db_changed(store->db))
		reply_changed(store, &reply);
	arena_release(&arena);
	return store_commit(store, err);
}

static enum action_kind failure_action(enum reply_state to)
{
	return to == REPLY_IN_DOUBT  ? ACTION_REPLY_IN_DOUBT
	       : to == REPLY_STOPPED ? ACTION_REPLY_STOPPED
	                             : ACTION_REPLY_FAILED;
}

/* What was to follow a part that stays unsent, or that nobody knows, would answer nothing. */
static void stop_parts_after(struct store *store, const struct reply *reply, const char *what, int64_t now)
{
	struct str reason = STR_INIT;
	str_addf(&reason, "part %d of %d %s", reply->part, reply->parts, what);
	db_run(store->db,
	        "UPDATE reply SET state=6,error=?3,updated_at=?4 WHERE series=?1 AND series>0 AND part>?2 AND state IN "
	        "(0,1)",
	        "idti", reply->series, reply->part, reason.p, now);
	str_release(&reason);
}

int store_reply_fail(struct store *store, int64_t reply_id, enum reply_state to, const char *reason,
        int64_t next_try_at, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct reply reply;
	int draft_kind;
	int64_t now = clock_wall_ms();
	store_begin(store);
	bool found = reply_load(store, reply_id, &arena, &reply, &draft_kind);
	db_run(store->db,
	        "UPDATE reply SET state=?2,error=?3,next_try_at=?4,updated_at=?5 WHERE id=?1 AND state IN (0,1,2,5)",
	        "idtii", reply_id, (int)to, str_or(reason, ""), next_try_at, now);
	if (found && db_changed(store->db)) {
		if (reply.series && (to == REPLY_FAILED || to == REPLY_STOPPED))
			stop_parts_after(store, &reply, "was not sent", now);
		if (reply.state != to) /* still in doubt is no news */
			journal_add(store, reply.case_id, now, "curlew", failure_action(to), NULL, 0,
			        str_or(reason, ""), 0);
		reply_changed(store, &reply);
	}
	arena_release(&arena);
	return store_commit(store, err);
}

/* --- a person has looked */

int store_reply_settle(
        struct store *store, int64_t reply_id, bool as_sent, const char *agent, int64_t now, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct reply reply;
	int draft_kind;
	store_begin(store);
	if (reply_load(store, reply_id, &arena, &reply, &draft_kind)) {
		const char *words = arena_printf(&arena, "%s looked: it was not sent", agent);
		if (reply.state != REPLY_IN_DOUBT) {
			db_fail(store->db, ERR_STATE, "the reply is %s, no longer in doubt",
			        reply_state_name(reply.state));
		} else if (as_sent) {
			sent(store, &reply, NULL, now, &arena);
		} else {
			db_run(store->db, "UPDATE reply SET state=6,error=?2,updated_at=?3 WHERE id=?1 AND state=5",
			        "iti", reply_id, words, now);
			journal_add(store, reply.case_id, now, agent, ACTION_REPLY_STOPPED, NULL, 0, words, 0);
			reply_changed(store, &reply);
		}
		if (reply.series && reply.state == REPLY_IN_DOUBT)
			stop_parts_after(store, &reply, as_sent ? "is not known here" : "was not sent", now);
	}
	int result = store_commit(store, err);
	arena_release(&arena);
	return result;
}

/* --- what stands against sending it now */

static const char *against_target(struct store *store, const struct reply *reply)
{
	const char *reason = "";
	struct rows r;
	rows_begin(&r, store->db, "SELECT deleted_at,edited_at FROM post WHERE account_id=? AND remote_id=?", "it",
	        reply->account_id, reply->to_remote_id);
	if (rows_next(&r)) {
		if (rows_int(&r, 0) && reply->kind != REPLY_KIND_DELETE)
			reason = "the post was deleted";
		else if (rows_int(&r, 1) > reply->created_at && reply->kind == REPLY_KIND_POST)
			reason = "the post was edited";
	}
	rows_end(&r);
	return reason;
}

/* The newest post that the agent had not seen: the customer's in this case, or ours to the same customer. Several
 * replies of one agent in a row do not stop each other. */
static const char *against_thread(struct store *store, const struct reply *reply, struct arena *arena)
{
	const char *reason = "";
	struct rows r;
	rows_begin(&r, store->db,
	        "SELECT p.direction,p.sent_by FROM kase_thread kt CROSS JOIN post p ON p.thread_id=kt.thread_id"
	        " WHERE kt.case_id=?1 AND iif(?2,p.id>?2,p.received_at>?3) AND p.deleted_at=0 AND (p.case_id=?1 OR"
	        " (p.direction=1 AND p.sent_by<>?4 AND p.answers IN (0,(SELECT customer_id FROM kase WHERE id=?1))))"
	        " ORDER BY p.direction DESC, p.created_at DESC LIMIT 1",
	        "iiit", reply->case_id, reply->seen_post_id, reply->created_at, reply->agent);
	if (rows_next(&r)) {
		const char *by = rows_text(&r, 1, arena);
		if (rows_int(&r, 0) == DIR_IN)
			reason = "the customer wrote again";
		else
			reason = *by ? arena_printf(arena, "%s answered", by) : "it was answered elsewhere";
	}
	rows_end(&r);
	return reason;
}

int store_reply_objection(
        struct store *store, const struct reply *reply, struct arena *arena, const char **reason, struct err *err)
{
	*reason = "";
	db_begin_read(store->db);
	if (!reply->anyway)
		*reason = against_target(store, reply);
	if (!reply->anyway && !**reason && reply->kind == REPLY_KIND_POST)
		*reason = against_thread(store, reply, arena);
	return db_end_read(store->db, err);
}
