/* Actions on a case: planned by core/model, applied and journaled here, in one transaction. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/store/internal.h"

#define UNDO_REACH 500 /* how many entries of an agent are searched for one that can be undone */

/* Who escalated, and when, follows from the change itself. */
static void note_escalation(struct kase *kase, const struct change *changes, int count, const char *by, int64_t now)
{
	for (int i = 0; i < count; i++) {
		if (changes[i].field != FIELD_ESCALATED_TO && changes[i].field != FIELD_ESCALATION_STATE)
			continue;
		kase->escalation_error = "";
		if (kase->escalation == ESCALATION_PENDING) {
			kase->escalated_by = by;
			kase->escalated_at = now;
		}
	}
}

static void apply(struct store *store, struct kase_row *row, const struct change *changes, int count, const char *by,
        int64_t now, struct arena *arena)
{
	changes_apply(&row->kase, changes, count, arena);
	note_escalation(&row->kase, changes, count, by, now);
	kase_apply_aside(store, &row->kase, changes, count, by, now);
	not_us_learn(store, &row->kase, changes, count, by, now);
	if (now > row->kase.updated_at)
		row->kase.updated_at = now;
	kase_save(store, row);
}

bool act_on(struct store *store, struct kase_row *row, const struct action *action, int64_t now, struct arena *arena,
        int64_t *journal_id)
{
	const struct change *changes;
	struct action with = *action;
	struct err err = ERR_INIT;
	int count;
	*journal_id = 0;
	if (action_flags(action->kind) & A_WHOM) {
		if (!joined_resolve(store, &row->kase, &with, arena))
			return false;
		action = &with;
	}
	if (action_plan(&row->kase, action, now, arena, &changes, &count, &err)) {
		db_fail(store->db, err.code, "%s", err.text);
		return false;
	}
	const char *text = str_or(action->text, "");
	if (!count && !*text && !(action_flags(action->kind) & A_SYSTEM))
		return false;
	apply(store, row, changes, count, action->agent, now, arena);
	*journal_id = journal_add(store, row->kase.id, now, action->agent, action->kind, changes, count, text, 0);
	return true;
}

/* --- undo */

static bool is_target(struct store *store, const struct journal_entry *entry, bool redo)
{
	enum action_kind kind;
	if (entry->undone || !action_parse(entry->action, &kind))
		return false;
	if (!redo)
		return action_flags(kind) & A_UNDO;
	if (kind != ACTION_UNDO)
		return false;
	/* An undo of an undo was a redo: that is no step back that could be taken again. */
	return !db_number(store->db, 0, "SELECT action='undo' FROM journal WHERE id=?", "i", entry->undoes);
}

bool undo_find(struct store *store, const char *agent, bool redo, struct arena *arena, struct journal_entry *entry)
{
	struct rows r;
	bool found = false;
	rows_begin(&r, store->db, JOURNAL_SELECT "WHERE j.by=? ORDER BY j.id DESC LIMIT ?", "td", agent, UNDO_REACH);
	while (!found && rows_next(&r)) {
		journal_read(store, &r, arena, entry);
		found = is_target(store, entry, redo);
	}
	rows_end(&r);
	return found;
}

static bool read_entry(struct store *store, int64_t id, struct arena *arena, struct journal_entry *entry)
{
	struct rows r;
	rows_begin(&r, store->db, JOURNAL_SELECT "WHERE j.id=?", "i", id);
	bool found = rows_next(&r);
	if (found)
		journal_read(store, &r, arena, entry);
	rows_end(&r);
	return found;
}

int store_journal_entry(
        struct store *store, int64_t id, struct arena *arena, const struct journal_entry **entry, struct err *err)
{
	struct journal_entry *found = arena_new(arena, struct journal_entry);
	db_begin_read(store->db);
	if (!read_entry(store, id, arena, found))
		db_fail(store->db, ERR_NOT_FOUND, "the journal has no entry %lld", (long long)id);
	*entry = found;
	return db_end_read(store->db, err);
}

int store_undo_target(struct store *store, const char *agent, bool redo, struct arena *arena,
        const struct journal_entry **entry, struct err *err)
{
	struct journal_entry *found = arena_new(arena, struct journal_entry);
	db_begin_read(store->db);
	if (!undo_find(store, agent, redo, arena, found))
		db_fail(store->db, ERR_NOT_FOUND, redo ? "there is nothing to redo" : "there is nothing to undo");
	*entry = found;
	return db_end_read(store->db, err);
}

bool undo_entry(struct store *store, const struct journal_entry *entry, const char *agent, int64_t now,
        struct arena *arena, struct kase_row *row, int64_t *journal_id, struct err *err)
{
	const struct change *changes;
	int count;
	if (!kase_need(store, entry->case_id, agent, arena, row) ||
	        action_plan_undo(&row->kase, entry, arena, &changes, &count, err))
		return false;
	apply(store, row, changes, count, agent, now, arena);
	*journal_id = journal_add(store, row->kase.id, now, agent, ACTION_UNDO, changes, count, "", entry->id);
	return true;
}

static void undo(struct store *store, const struct action *action, int64_t now, struct arena *arena,
        struct kase_row *row, int64_t *journal_id)
{
	struct journal_entry entry;
	struct err err = ERR_INIT;
	bool found = action->undoes ? read_entry(store, action->undoes, arena, &entry)
	                            : undo_find(store, action->agent, false, arena, &entry);
	if (!found)
		db_fail(store->db, ERR_NOT_FOUND, "there is nothing to undo");
	else if (!undo_entry(store, &entry, action->agent, now, arena, row, journal_id, &err))
		db_fail(store->db, err.code, "%s", err.text);
}

/* --- the interface */

static void act(struct store *store, const struct action *action, int64_t now, struct arena *arena,
        struct kase_row *row, int64_t *journal_id)
{
	if (action->kind == ACTION_UNDO)
		undo(store, action, now, arena, row, journal_id);
	else if (kase_need(store, action->case_id, action->agent, arena, row))
		act_on(store, row, action, now, arena, journal_id);
}

int store_act(struct store *store, const struct action *action, int64_t now, struct arena *arena,
        struct action_result *result, struct err *err)
{
	struct kase_row *row = arena_new(arena, struct kase_row);
	*result = (struct action_result){0};
	store_begin(store);
	if (!action->agent || !*action->agent)
		db_fail(store->db, ERR_USAGE, "an action needs somebody who does it");
	else
		act(store, action, now, arena, row, &result->journal_id);
	if (!db_failed(store->db))
		kase_finish(store, row, 1);
	int failed = store_commit(store, err);
	if (failed)
		*result = (struct action_result){0};
	else
		result->kase = &row->kase;
	return failed;
}

static void claim(struct store *store, struct kase_row *row, const char *agent, int64_t now, struct arena *arena)
{
	int64_t journal_id;
	struct action action = {.kind = ACTION_CLAIM, .case_id = row->kase.id, .agent = agent, .arg = "", .text = ""};
	act_on(store, row, &action, now, arena, &journal_id);
}

static void present(struct store *store, struct kase_row *row, const char *agent, int64_t until, struct arena *arena)
{
	const struct kase *kase = &row->kase;
	int64_t now = clock_wall_ms();
	bool other = *kase->writer && !str_eq(kase->writer, agent) && kase->writer_until > now;
	if (other && until) {
		db_fail(store->db, ERR_STATE, "%s is writing in this case", kase->writer);
		return;
	}
	if (other)
		return; /* it is not ours to end */
	const char *writer = until ? agent : "";
	if (!str_eq(kase->writer, writer) || kase->writer_until != until) {
		db_run(store->db, "UPDATE kase SET writer=?,writer_until=? WHERE id=?", "tii", writer, until, kase->id);
		store_changed(store, CHANGE_PRESENCE, kase->id);
	}
	if (until && !*kase->assignee)
		claim(store, row, agent, now, arena);
}

int store_presence(struct store *store, int64_t case_id, const char *agent, int64_t until, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct kase_row row;
	store_begin(store);
	if (kase_need(store, case_id, agent, &arena, &row))
		present(store, &row, agent, until, &arena);
	int result = store_commit(store, err);
	arena_release(&arena);
	return result;
}

/* --- what happens by itself */

int store_wake_due(struct store *store, int64_t now, int64_t *next, struct err *err)
{
	struct arena arena = ARENA_INIT;
	int64_t id, journal_id;
	struct kase_row row;
	db_begin_read(store->db);
	int64_t due = db_number(store->db, INT64_MAX,
	        "SELECT snoozed_until FROM kase INDEXED BY kase_snoozed WHERE status=3 AND snoozed_until>0 ORDER BY "
	        "snoozed_until LIMIT 1",
	        "");
	int result = db_end_read(store->db, err);
	*next = due;
	if (result || due > now)
		return result;
	store_begin(store);
	while ((id = db_number(store->db, 0,
	                "SELECT id FROM kase INDEXED BY kase_snoozed WHERE status=3 AND snoozed_until>0 AND "
	                "snoozed_until<=?"
	                " ORDER BY snoozed_until LIMIT 1",
	                "i", now)) &&
	        kase_need(store, id, "", &arena, &row)) {
		struct action wake = {.kind = ACTION_WAKE, .case_id = id, .agent = "curlew", .arg = "", .text = ""};
		if (!act_on(store, &row, &wake, now, &arena, &journal_id))
			break;
		arena_reset(&arena);
	}
	*next = db_number(store->db, INT64_MAX,
	        "SELECT snoozed_until FROM kase INDEXED BY kase_snoozed WHERE status=3 AND snoozed_until>0 ORDER BY "
	        "snoozed_until LIMIT 1",
	        "");
	arena_release(&arena);
	return store_commit(store, err);
}
