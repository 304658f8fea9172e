/* Drafts. Their table never changes shape, so that a desk that outlived an upgrade still saves what is typed. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/model/draft_text.h"
#include "core/store/internal.h"

static void stored_draft(struct store *store, const char *agent, const struct draft *draft, struct arena *arena,
        int64_t *revision, const char **text)
{
	struct rows r;
	rows_begin(&r, store->db, "SELECT revision,text FROM draft WHERE case_id=? AND agent=? AND kind=?", "itd",
	        draft->case_id, agent, (int)draft->kind);
	*revision = 0;
	*text = "";
	if (rows_next(&r)) {
		*revision = rows_int(&r, 0);
		*text = rows_text(&r, 1, arena);
	}
	rows_end(&r);
}

int64_t draft_first_revision(int64_t least, int64_t now)
{
	return least > now ? least : now;
}

int store_draft_save(struct store *store, const char *agent, struct draft *draft, struct arena *arena,
        const char **conflict, struct err *err)
{
	int64_t revision, now = clock_wall_ms();
	const char *text;
	*conflict = NULL;
	store_begin_quiet(store);
	stored_draft(store, agent, draft, arena, &revision, &text);
	const char *other = revision && revision != draft->revision && !str_eq(text, draft->text) ? text : NULL;
	struct str both = STR_INIT;
	draft_text_merge(str_or(draft->text, ""), str_or(other, ""), &both);
	int64_t next = (revision > draft->revision ? revision : draft->revision) + 1;
	if (!revision)
		next = draft_first_revision(next, now);
	int64_t begun_at = draft->begun_at ? draft->begun_at : now;
	db_run(store->db,
	        "INSERT OR REPLACE INTO draft(case_id,agent,kind,text,cursor,revision,begun_at,updated_at,to_remote_id,"
	        "warning,language,files) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
	        "itdtdiiitttt", draft->case_id, agent, (int)draft->kind, both.p, draft->cursor, next, begun_at, now,
	        str_or(draft->to_remote_id, ""), str_or(draft->warning, ""), str_or(draft->language, ""),
	        files_json(draft->files, draft->file_count, arena));
	str_release(&both);
	int result = store_commit(store, err);
	if (result)
		return result;
	*conflict = other;
	draft->revision = next;
	draft->begun_at = begun_at;
	draft->updated_at = now;
	return 0;
}

void stored_draft_drop(struct store *store, const char *agent, const struct draft *draft, struct arena *arena)
{
	int64_t revision;
	const char *text;
	stored_draft(store, agent, draft, arena, &revision, &text);
	if (revision == draft->revision || draft_text_says(str_or(draft->text, ""), text))
		db_run(store->db, "DELETE FROM draft WHERE case_id=? AND agent=? AND kind=?", "itd", draft->case_id,
		        agent, (int)draft->kind);
}

int store_draft_delete(struct store *store, const char *agent, const struct draft *draft, struct err *err)
{
	struct arena arena = ARENA_INIT;
	store_begin_quiet(store);
	stored_draft_drop(store, agent, draft, &arena);
	arena_release(&arena);
	return store_commit(store, err);
}
