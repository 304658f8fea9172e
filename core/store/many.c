/* Several actions as one: done in one transaction, journaled with one batch number, undone together. */
#include "core/base/str.h"
#include "core/store/internal.h"

/* What is being done, and the case at hand: a case counts once, whatever is done to it. */
struct many {
	struct store *store;
	struct arena *arena;
	int64_t now;
	struct acts_result *result;
	struct kase_row *row;
	int64_t case_id;
	bool refused; /* something was refused for it */
};

static void begin_batch(struct store *store)
{
	store->batch = db_number(store->db, 1, "SELECT ifnull(max(batch),0)+1 FROM journal WHERE batch>0", "");
}

static void end_case(struct many *many)
{
	if (!many->case_id)
		return;
	if (many->refused)
		many->result->refused++;
	else
		many->result->done++;
	many->case_id = 0;
	many->refused = false;
}

static void begin_case(struct many *many, int64_t case_id)
{
	if (case_id == many->case_id)
		return;
	end_case(many);
	many->case_id = case_id;
}

static void refuse(struct many *many, const struct err *err)
{
	if (!many->result->why_case) {
		many->result->why = *err;
		many->result->why_case = many->case_id;
	}
	many->refused = true;
}

/* All were refused: that is an error like that of one. */
static int finish(struct many *many, struct err *err)
{
	struct acts_result *result = many->result;
	struct store *store = many->store;
	end_case(many);
	if (!result->done && result->refused)
		db_fail(store->db, result->why.code, "%s", result->why.text);
	if (!db_failed(store->db) && many->row->kase.id)
		kase_finish(store, many->row, 1);
	int failed = store_commit(store, err);
	if (failed)
		*result = (struct acts_result){0};
	else
		result->kase = many->row->kase.id ? &many->row->kase : NULL;
	return failed;
}

static void many_init(
        struct many *many, struct store *store, int64_t now, struct arena *arena, struct acts_result *result)
{
	*result = (struct acts_result){0};
	*many = (struct many){
	        .store = store, .arena = arena, .now = now, .result = result, .row = arena_new(arena, struct kase_row)};
}

/* --- doing */

static void act_one(struct many *many, const struct action *action)
{
	const struct change *changes;
	int count;
	int64_t journal_id;
	struct err err = ERR_INIT;
	begin_case(many, action->case_id);
	if (!kase_load(many->store, action->case_id, action->agent, many->arena, many->row))
		err_set(&err, ERR_NOT_FOUND, "there is no case %lld", (long long)action->case_id);
	else
		action_plan(&many->row->kase, action, many->now, many->arena, &changes, &count, &err);
	if (err.code)
		refuse(many, &err);
	else if (act_on(many->store, many->row, action, many->now, many->arena, &journal_id))
		many->result->journal_id = journal_id;
}

int store_act_many(struct store *store, const struct action *actions, int count, int64_t now, struct arena *arena,
        struct acts_result *result, struct err *err)
{
	struct many many;
	many_init(&many, store, now, arena, result);
	store_begin(store);
	begin_batch(store);
	for (int i = 0; i < count && !db_failed(store->db); i++)
		act_one(&many, &actions[i]);
	return finish(&many, err);
}

/* --- undoing */

typedef VEC(struct journal_entry) entry_vec;

/* Newest first: what was done last is taken back first. */
static void entries_of(struct many *many, int64_t batch, entry_vec *entries)
{
	struct rows r;
	rows_begin(&r, many->store->db, JOURNAL_SELECT "WHERE j.batch=? AND j.batch>0 ORDER BY j.id DESC", "i", batch);
	while (rows_next(&r)) {
		struct journal_entry entry;
		journal_read(many->store, &r, many->arena, &entry);
		if (!entry.undone)
			vec_push(entries, entry);
	}
	rows_end(&r);
}

static void undo_one(struct many *many, const struct journal_entry *entry, const char *agent)
{
	struct err err = ERR_INIT;
	int64_t journal_id = 0;
	begin_case(many, entry->case_id);
	if (undo_entry(many->store, entry, agent, many->now, many->arena, many->row, &journal_id, &err))
		many->result->journal_id = journal_id;
	else
		refuse(many, &err);
}

static void undo_with_its_batch(struct many *many, const struct journal_entry *target, const char *agent)
{
	entry_vec entries = {0};
	if (target->batch) {
		begin_batch(many->store);
		entries_of(many, target->batch, &entries);
	} else {
		vec_push(&entries, *target);
	}
	for (size_t i = 0; i < entries.len && !db_failed(many->store->db); i++)
		undo_one(many, &entries.at[i], agent);
	vec_release(&entries);
}

int store_undo(struct store *store, const char *agent, bool redo, int64_t now, struct arena *arena,
        struct acts_result *result, struct err *err)
{
	struct many many;
	struct journal_entry *target = arena_new(arena, struct journal_entry);
	many_init(&many, store, now, arena, result);
	store_begin(store);
	if (!undo_find(store, agent, redo, arena, target))
		db_fail(store->db, ERR_NOT_FOUND, redo ? "there is nothing to redo" : "there is nothing to undo");
	else
		undo_with_its_batch(&many, target, agent);
	int failed = finish(&many, err);
	if (!failed)
		result->undone = target;
	return failed;
}
