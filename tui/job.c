#include "tui/job.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/model/naming.h"
#include "tui/desk/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FEED_BATCH = 256, FEED_IDS_MAX = 4096, RECALL_MAX = 64, HOLDINGS_MAX = 500, SPIKE_MS = 30 * 60 * 1000 };

struct job {
	struct work work; /* first: the worker frees the job through it */
	struct job_desk *desk;
	struct effect effect;
	struct event event;            /* the answer as far as run() knows it */
	struct event more[RECALL_MAX]; /* further answers: one a reply recalled, one a note that names the agent */
	int more_count;
	bool silent;     /* no answer */
	bool feed;       /* a look at the change feed */
	bool found;      /* … that found something */
	int64_t *number; /* feed: the last seq; presence: the desk's id */
	bool open;
};

static struct event *answer_to(struct job *job, enum event_kind kind)
{
	job->event.kind = kind;
	return &job->event;
}

static const char *agent_of(const struct job *job)
{
	return job->desk->setup->agent;
}

/* --- questions */

static int parse(struct job *job, const char *text, const struct query **query)
{
	size_t at;
	return query_parse(text, agent_of(job), &job->work.arena, query, &at, &job->work.err);
}

/* The rows around an anchor: some before it, and from it on. */
static int rows_around(
        struct job *job, struct store *store, const struct query *query, struct page_key key, struct event *answer)
{
	struct arena *arena = &job->work.arena;
	struct err *err = &job->work.err;
	const struct kase *before, *after;
	int before_count, after_count;
	int result = store_cases(store, query, agent_of(job), &key, true, job->effect.rows.before, arena, &before,
	        &before_count, &answer->rows.more_before, err);
	/* Strictly after the key one below is from the anchor on. */
	struct page_key from = {key.rank, key.id - 1};
	if (!result)
		result = store_cases(store, query, agent_of(job), &from, false, job->effect.rows.after, arena, &after,
		        &after_count, &answer->rows.more_after, err);
	if (result)
		return result;
	int count = before_count + after_count;
	struct kase *rows = arena_array(arena, struct kase, (size_t)count + 1);
	memcpy(rows, before, (size_t)before_count * sizeof *rows);
	memcpy(rows + before_count, after, (size_t)after_count * sizeof *rows);
	answer->rows.rows = rows;
	answer->rows.count = count;
	return 0;
}

static int run_rows(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_ROWS);
	const struct query *query;
	int result = parse(job, job->effect.rows.query, &query);
	if (result)
		return result;
	struct arena *arena = &job->work.arena;
	struct page_key key = {job->effect.rows.rank, job->effect.rows.id};
	if (job->effect.rows.from == ROWS_KEY) {
		const struct kase *kase;
		struct err gone = ERR_INIT;
		if (job->effect.rows.case_id &&
		        !store_case(store, job->effect.rows.case_id, agent_of(job), arena, &kase, &gone))
			key = (struct page_key){kase->rank, kase->id};
		return rows_around(job, store, query, key, answer);
	}
	bool end = job->effect.rows.from == ROWS_END;
	bool *more = end ? &answer->rows.more_before : &answer->rows.more_after;
	return store_cases(store, query, agent_of(job), NULL, end, job->effect.rows.before + job->effect.rows.after,
	        arena, &answer->rows.rows, &answer->rows.count, more, &job->work.err);
}

static int run_case(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_CASE);
	return store_case_view(store, job->effect.kase.case_id, agent_of(job), job->effect.kase.max_items,
	        &job->work.arena, &answer->kase.view, &job->work.err);
}

static int run_counts(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_COUNTS);
	size_t len = job->desk->setup->views_len;
	int64_t *counts = arena_array(&job->work.arena, int64_t, len);
	answer->counts.counts = counts;
	answer->counts.count = (int)len;
	for (size_t i = 0; i < len; i++) {
		const struct query *query;
		counts[i] = -1;
		int result = parse(job, job->desk->setup->views[i].query, &query);
		if (!result)
			result = store_count(store, query, agent_of(job), &counts[i], &job->work.err);
		if (result)
			return result;
	}
	return 0;
}

static int run_numbers(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_NUMBERS);
	struct queue_numbers numbers;
	int result = store_queue_numbers(store, clock_wall_ms(), job->effect.since.day_start, &numbers, &job->work.err);
	answer->numbers.late = numbers.late;
	answer->numbers.needing = numbers.needing;
	answer->numbers.median_first_reply_ms = numbers.median_first_reply_ms;
	answer->numbers.outbox = numbers.outbox;
	if (!result)
		result = store_spike(
		        store, clock_wall_ms() - SPIKE_MS, &job->work.arena, &answer->numbers.spike, &job->work.err);
	return result;
}

static int run_accounts(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_ACCOUNTS);
	int result = store_accounts(
	        store, &job->work.arena, &answer->accounts.accounts, &answer->accounts.count, &job->work.err);
	if (!result)
		result = store_gaps(
		        store, &job->work.arena, &answer->accounts.gaps, &answer->accounts.gap_count, &job->work.err);
	return result;
}

static int run_replies(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_REPLIES);
	struct arena *arena = &job->work.arena;
	unsigned open = 1u << REPLY_HELD | 1u << REPLY_QUEUED | 1u << REPLY_SENDING | 1u << REPLY_FAILED |
	                1u << REPLY_STOPPED | 1u << REPLY_IN_DOUBT;
	const struct reply *waiting, *since;
	int waiting_count, since_count, count = 0;
	int result = store_replies(store, open, agent_of(job), arena, &waiting, &waiting_count, &job->work.err);
	if (!result)
		result = store_replies_since(
		        store, agent_of(job), job->effect.since.since, arena, &since, &since_count, &job->work.err);
	if (result)
		return result;
	struct reply *all = arena_array(arena, struct reply, (size_t)(waiting_count + since_count) + 1);
	for (int i = 0; i < since_count; i++)
		if (since[i].state == REPLY_SENT)
			all[count++] = since[i];
	for (int i = 0; i < waiting_count; i++)
		all[count++] = waiting[i];
	answer->replies.replies = all;
	answer->replies.count = count;
	return 0;
}

static int run_words(struct job *job, struct store *store)
{
	bool tags = job->effect.kind == FX_TAGS, alike = job->effect.kind == FX_ALIKE;
	struct event *answer = answer_to(job, tags ? EV_TAGS : alike ? EV_ALIKE : EV_AGENTS);
	struct arena *arena = &job->work.arena;
	if (tags)
		return store_tags(
		        store, agent_of(job), arena, &answer->words.words, &answer->words.count, &job->work.err);
	if (alike)
		return store_customers_alike(store, job->effect.kase.case_id, arena, &answer->words.words,
		        &answer->words.count, &job->work.err);
	return store_agents(store, arena, &answer->words.words, &answer->words.count, &job->work.err);
}

static int run_next(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_NEXT);
	int64_t id = job->effect.kase.case_id;
	int result = 0;
	if (job->effect.kind == FX_NEXT)
		result = store_next_needed(store, agent_of(job), id, clock_wall_ms(), &id, &job->work.err);
	if (result || !id)
		return result;
	return store_case(store, id, agent_of(job), &job->work.arena, &answer->next.kase, &job->work.err);
}

static int run_holdings(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_ROWS);
	return store_holdings(store, agent_of(job), HOLDINGS_MAX, &job->work.arena, &answer->rows.rows,
	        &answer->rows.count, &job->work.err);
}

static int run_past(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_PAST);
	const struct kase *kase;
	int result =
	        store_case(store, job->effect.kase.case_id, agent_of(job), &job->work.arena, &kase, &job->work.err);
	if (result)
		return result;
	return store_customer_cases(store, kase->customer_id, job->effect.kase.max_items, &job->work.arena,
	        &answer->past.cases, &answer->past.count, &job->work.err);
}

/* --- changes */

static int run_act(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_ACTED);
	struct action_result done = {0};
	int result = store_act(store, &job->effect.action, clock_wall_ms(), &job->work.arena, &done, &job->work.err);
	answer->acted.journal_id = done.journal_id;
	answer->acted.kase = done.kase;
	return result;
}

static void tell_acts(struct event *answer, const struct acts_result *done, struct arena *arena)
{
	answer->acted.journal_id = done->journal_id;
	answer->acted.kase = done->kase;
	answer->acted.undone = done->undone;
	answer->acted.done = done->done;
	answer->acted.refused = done->refused;
	answer->acted.why = arena_strdup(arena, done->why.text);
	answer->acted.why_case = done->why_case;
}

static int run_act_many(struct job *job, struct store *store)
{
	struct acts_result done;
	int result = store_act_many(store, job->effect.many.actions, job->effect.many.count, clock_wall_ms(),
	        &job->work.arena, &done, &job->work.err);
	tell_acts(answer_to(job, EV_ACTED), &done, &job->work.arena);
	return result;
}

static int run_undo(struct job *job, struct store *store)
{
	struct acts_result done;
	int result = store_undo(
	        store, agent_of(job), job->effect.undo.redo, clock_wall_ms(), &job->work.arena, &done, &job->work.err);
	tell_acts(answer_to(job, EV_ACTED), &done, &job->work.arena);
	return result;
}

static int run_presence(struct job *job, struct store *store)
{
	answer_to(job, EV_PRESENCE);
	int64_t until = job->effect.presence.for_ms ? clock_wall_ms() + job->effect.presence.for_ms : 0;
	int result = store_presence(store, job->effect.presence.case_id, agent_of(job), until, &job->work.err);
	job->silent = result == 0;
	return result;
}

static int run_draft_save(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_DRAFT_SAVED);
	struct draft *draft = &job->effect.draft;
	answer->saved.case_id = draft->case_id;
	answer->saved.draft = draft->kind;
	int result = store_draft_save(
	        store, agent_of(job), draft, &job->work.arena, &answer->saved.conflict, &job->work.err);
	answer->saved.revision = draft->revision;
	return result;
}

static int run_draft_delete(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_DRAFT_SAVED);
	answer->saved.case_id = job->effect.draft.case_id;
	answer->saved.draft = job->effect.draft.kind;
	return store_draft_delete(store, agent_of(job), &job->effect.draft, &job->work.err);
}

static int run_hold(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_HELD);
	return store_reply_hold_parts(store, job->effect.hold.parts, job->effect.hold.part_count,
	        job->effect.hold.draft_kind, &answer->held.reply_id, &job->work.err);
}

static int run_settle(struct job *job, struct store *store)
{
	answer_to(job, EV_SETTLED);
	return store_reply_settle(store, job->effect.settle.reply_id, job->effect.settle.sent, agent_of(job),
	        clock_wall_ms(), &job->work.err);
}

/* Looks at the file from here: a disk far away may take its time. */
static int run_file(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_FILE);
	struct err *err = &job->work.err;
	struct stat st;
	char *dir = getcwd(NULL, 0);
	char *path = path_join(str_or(dir, "/"), job->effect.text);
	int result = 0;
	(void)store;
	if (stat(path, &st))
		result = err_set(err, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		result = err_set(err, ERR_DATA, "%s is no file", path);
	else if (access(path, R_OK))
		result = err_set(err, ERR_PERMISSION, "%s: %s", path, strerror(errno));
	answer->file.path = arena_strdup(&job->work.arena, path);
	answer->file.bytes = result ? 0 : (int64_t)st.st_size;
	free(path);
	free(dir);
	return result;
}

static int run_recall(struct job *job, struct store *store)
{
	int64_t now = clock_wall_ms();
	job->silent = true; /* the answers are in more[] */
	for (int i = 0; i < job->effect.ids.count && i < RECALL_MAX; i++) {
		struct event *answer = &job->more[job->more_count++];
		const struct reply *reply = NULL;
		struct err err = ERR_INIT;
		answer->kind = EV_RECALLED;
		answer->recalled.reply_id = job->effect.ids.ids[i];
		int result = store_reply(store, job->effect.ids.ids[i], &job->work.arena, &reply, &err);
		if (!result) {
			answer->recalled.case_id = reply->case_id;
			result = store_reply_recall(
			        store, reply->id, agent_of(job), now, &answer->recalled.recalled, &err);
		}
		if (result) {
			struct err *kept = arena_new(&job->work.arena, struct err);
			*kept = err;
			answer->err = kept;
		}
	}
	return 0;
}

static int run_withdraw(struct job *job, struct store *store)
{
	struct event *answer = answer_to(job, EV_WITHDRAWN);
	answer->recalled.reply_id = job->effect.ids.count ? job->effect.ids.ids[0] : 0;
	return store_reply_withdraw(store, answer->recalled.reply_id, agent_of(job), clock_wall_ms(), &job->work.err);
}

static int run_gap_seen(struct job *job, struct store *store)
{
	answer_to(job, EV_GAP_SEEN);
	return store_gap_seen(store, job->effect.gap_id, agent_of(job), clock_wall_ms(), &job->work.err);
}

static int run_thread(struct job *job, struct store *store)
{
	job->silent = true;
	return store_request_thread(store, job->effect.kase.case_id, clock_wall_ms(), &job->work.err);
}

static int run_save_state(struct job *job, struct store *store)
{
	job->silent = true;
	return store_desk_state_save(store, agent_of(job), job->effect.text, &job->work.err);
}

/* One row an effect for the store: what carries it out, and whether it goes before questions. */
static const struct {
	int (*run)(struct job *job, struct store *store);
	enum work_class class;
} runs[FX_QUIT + 1] = {
        [FX_ROWS] = {run_rows, WORK_NORMAL},
        [FX_CASE] = {run_case, WORK_NORMAL},
        [FX_COUNTS] = {run_counts, WORK_NORMAL},
        [FX_NUMBERS] = {run_numbers, WORK_NORMAL},
        [FX_ACCOUNTS] = {run_accounts, WORK_NORMAL},
        [FX_REPLIES] = {run_replies, WORK_NORMAL},
        [FX_TAGS] = {run_words, WORK_NORMAL},
        [FX_AGENTS] = {run_words, WORK_NORMAL},
        [FX_ALIKE] = {run_words, WORK_NORMAL},
        [FX_FILE] = {run_file, WORK_NORMAL},
        [FX_NEXT] = {run_next, WORK_NORMAL},
        [FX_FIND] = {run_next, WORK_NORMAL},
        [FX_HOLDINGS] = {run_holdings, WORK_NORMAL},
        [FX_PAST] = {run_past, WORK_NORMAL},
        [FX_ACT] = {run_act, WORK_URGENT},
        [FX_ACT_MANY] = {run_act_many, WORK_URGENT},
        [FX_UNDO] = {run_undo, WORK_URGENT},
        [FX_PRESENCE] = {run_presence, WORK_URGENT},
        [FX_DRAFT_SAVE] = {run_draft_save, WORK_URGENT},
        [FX_DRAFT_DELETE] = {run_draft_delete, WORK_URGENT},
        [FX_HOLD] = {run_hold, WORK_URGENT},
        [FX_RECALL] = {run_recall, WORK_URGENT},
        [FX_WITHDRAW] = {run_withdraw, WORK_URGENT},
        [FX_SETTLE] = {run_settle, WORK_URGENT},
        [FX_GAP_SEEN] = {run_gap_seen, WORK_URGENT},
        [FX_THREAD] = {run_thread, WORK_URGENT},
        [FX_SAVE_STATE] = {run_save_state, WORK_URGENT},
};

/* --- copying: an effect's strings live only until the next update() */

static void copy_effect(struct effect *effect, struct arena *arena)
{
	switch (effect->kind) {
	case FX_ROWS: effect->rows.query = arena_strdup(arena, effect->rows.query); break;
	case FX_ACT: effect->action = copy_action(arena, &effect->action); break;
	case FX_ACT_MANY: {
		struct action *actions = arena_array(arena, struct action, (size_t)effect->many.count + 1);
		for (int i = 0; i < effect->many.count; i++)
			actions[i] = copy_action(arena, &effect->many.actions[i]);
		effect->many.actions = actions;
		break;
	}
	case FX_DRAFT_SAVE:
	case FX_DRAFT_DELETE: effect->draft = *copy_drafts(arena, &effect->draft, 1); break;
	case FX_HOLD:
		effect->hold.parts = copy_replies(arena, effect->hold.parts, effect->hold.part_count);
		effect->hold.reply = effect->hold.parts[0];
		break;
	case FX_RECALL:
	case FX_WITHDRAW: {
		int64_t *ids = arena_array(arena, int64_t, (size_t)effect->ids.count + 1);
		memcpy(ids, effect->ids.ids, (size_t)effect->ids.count * sizeof *ids);
		effect->ids.ids = ids;
		break;
	}
	case FX_FILE:
	case FX_SAVE_STATE: effect->text = arena_strdup(arena, effect->text); break;
	default: break;
	}
}

/* --- the way there and back */

static void tell(struct job *job, struct event *event)
{
	event->wall = clock_wall_ms();
	event->mono = clock_mono_ms();
	event->request = job->effect.request;
	job->desk->answer(job->desk->arg, event);
}

static void job_run(struct work *work, struct store *store)
{
	struct job *job = (struct job *)work;
	work->result = runs[job->effect.kind].run(job, store);
}

static void job_done(struct work *work)
{
	struct job *job = (struct job *)work;
	job->desk->running--;
	for (int i = 0; i < job->more_count; i++)
		tell(job, &job->more[i]);
	job->event.err = work->result ? &work->err : NULL;
	if (!job->silent)
		tell(job, &job->event);
	if (job->feed && job->desk->looked)
		job->desk->looked(job->desk->arg, job->found);
}

static struct job *job_new(struct job_desk *desk, void (*run)(struct work *, struct store *))
{
	struct job *job = mem_alloc(sizeof *job);
	job->desk = desk;
	job->work.run = run;
	job->work.done = job_done;
	desk->running++;
	return job;
}

bool job_submit(struct job_desk *desk, struct worker *worker, const struct effect *effect)
{
	if (effect->kind > FX_QUIT || !runs[effect->kind].run)
		return false;
	struct job *job = job_new(desk, job_run);
	job->effect = *effect;
	copy_effect(&job->effect, &job->work.arena);
	worker_submit(worker, &job->work, runs[effect->kind].class);
	return true;
}

static void restart_run(struct work *work, struct store *store)
{
	struct job *job = (struct job *)work;
	struct event *answer = answer_to(job, EV_RESTART);
	work->result = store_replies_since(store, agent_of(job), job->effect.since.since, &work->arena,
	        &answer->restart.replies, &answer->restart.count, &work->err);
	job->silent = work->result != 0 || !answer->restart.count;
}

void job_submit_restart(struct job_desk *desk, struct worker *worker, int64_t since)
{
	struct job *job = job_new(desk, restart_run);
	job->effect.since.since = since;
	worker_submit(worker, &job->work, WORK_NORMAL);
}

/* --- the change feed */

static void feed_schema(struct job *job)
{
	struct event *answer = answer_to(job, EV_STORE);
	answer->store.drafts_only = answer->store.read_only = true;
	answer->store.why = "curlew was upgraded: restart this desk; drafts are still stored";
}

/* A note that may name somebody: it is told when that is this agent. */
static void feed_note(struct job *job, struct store *store, int64_t journal_id)
{
	const struct journal_entry *entry;
	struct err gone = ERR_INIT;
	if (job->more_count == RECALL_MAX || store_journal_entry(store, journal_id, &job->work.arena, &entry, &gone) ||
	        str_eq(entry->by, agent_of(job)) || !text_names(entry->text, agent_of(job)))
		return;
	struct event *called = &job->more[job->more_count++];
	called->kind = EV_CALLED;
	called->called.case_id = entry->case_id;
	called->called.by = entry->by;
	called->called.text = entry->text;
}

static void feed_run(struct work *work, struct store *store)
{
	struct job *job = (struct job *)work;
	if (store_schema_version(store) != job->desk->schema) {
		feed_schema(job);
		return;
	}
	struct event *answer = answer_to(job, EV_CHANGED);
	int64_t *ids = NULL;
	struct change_row rows[FEED_BATCH];
	int count;
	job->silent = true;
	while ((count = store_changes(store, job->number, rows, FEED_BATCH, &work->err)) > 0) {
		job->silent = false;
		job->found = true;
		ids = ids ? ids : arena_array(&work->arena, int64_t, FEED_IDS_MAX);
		answer->changed.case_ids = ids;
		for (int i = 0; i < count; i++) {
			answer->changed.accounts |= rows[i].kind == CHANGE_ACCOUNT;
			answer->changed.replies |= rows[i].kind == CHANGE_REPLY;
			if (rows[i].kind == CHANGE_NOTE)
				feed_note(job, store, rows[i].id);
			bool kase = rows[i].kind == CHANGE_CASE || rows[i].kind == CHANGE_PRESENCE;
			answer->changed.cases |= kase;
			if (kase && answer->changed.case_count < FEED_IDS_MAX)
				ids[answer->changed.case_count++] = rows[i].id;
			else if (kase) /* a flood: everything may have changed */
				answer->changed.all = true;
		}
	}
	work->result = count < 0 ? count : 0;
	if (work->result) {
		job->silent = false;
		answer = answer_to(job, EV_WARNING);
		answer->warning.text = work->err.text;
		work->result = 0;
	}
}

void job_submit_feed(struct job_desk *desk, struct worker *worker, int64_t *seq)
{
	struct job *job = job_new(desk, feed_run);
	job->feed = true;
	job->number = seq;
	worker_submit(worker, &job->work, WORK_NORMAL);
}

static void presence_run(struct work *work, struct store *store)
{
	struct job *job = (struct job *)work;
	job->silent = true;
	if (job->open)
		work->result = store_desk_open(store, agent_of(job), job->number, &work->err);
	else if (*job->number)
		work->result = store_desk_close(store, *job->number, &work->err);
}

void job_submit_presence(struct job_desk *desk, struct worker *worker, int64_t *desk_id, bool open)
{
	struct job *job = job_new(desk, presence_run);
	job->number = desk_id;
	job->open = open;
	worker_submit(worker, &job->work, WORK_NORMAL);
}
