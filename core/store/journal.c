#include "core/base/str.h"
#include "core/store/internal.h"

static bool is_note(enum action_kind kind)
{
	return kind == ACTION_NOTE;
}

void index_note(struct db *db, int64_t id, const char *text)
{
	char *words = words_of(text);
	db_run(db, "INSERT INTO note_words(rowid,body) VALUES(?,?)", "it", id, words);
	free(words);
}

void unindex_note(struct db *db, int64_t id, const char *text)
{
	char *words = words_of(text);
	db_run(db, "INSERT INTO note_words(note_words,rowid,body) VALUES('delete',?,?)", "it", id, words);
	free(words);
}

int64_t journal_add(struct store *store, int64_t case_id, int64_t at, const char *by, enum action_kind kind,
        const struct change *changes, int count, const char *text, int64_t undoes)
{
	struct arena arena = ARENA_INIT;
	const char *json = count ? changes_to_json(changes, count, &arena) : "[]";
	db_run(store->db, "INSERT INTO journal(case_id,at,by,action,changes,undoes,batch) VALUES(?,?,?,?,?,?,?)",
	        "iitttii", case_id, at, by, action_name(kind), json, undoes, store->batch);
	arena_release(&arena);
	int64_t id = db_last_id(store->db);
	if (text && *text)
		db_run(store->db, "INSERT INTO journal_text(journal_id,text) VALUES(?,?)", "it", id, text);
	if (is_note(kind) && text) {
		index_note(store->db, id, text);
		if (strchr(text, '@')) /* it may name somebody, whose desk rings */
			store_changed(store, CHANGE_NOTE, id);
	}
	return id;
}

/* An undo that was itself undone no longer counts, and so on: what decides is the length of the chain. */
static bool is_undone(struct store *store, int64_t id)
{
	bool undone = false;
	while ((id = db_number(
	                store->db, 0, "SELECT ifnull(max(id),0) FROM journal WHERE undoes=? AND undoes>0", "i", id)))
		undone = !undone;
	return undone;
}

void journal_read(struct store *store, const struct rows *rows, struct arena *arena, struct journal_entry *entry)
{
	*entry = (struct journal_entry){
	        .id = rows_int(rows, 0),
	        .case_id = rows_int(rows, 1),
	        .at = rows_int(rows, 2),
	        .by = rows_text(rows, 3, arena),
	        .action = rows_text(rows, 4, arena),
	        .undoes = rows_int(rows, 6),
	        .text = rows_text(rows, 7, arena),
	        .batch = rows_int(rows, 8),
	};
	struct err err = ERR_INIT;
	const char *json = rows_text(rows, 5, arena);
	if (!str_eq(json, "[]") && changes_from_json(json, arena, &entry->changes, &entry->change_count, &err))
		db_fail(store->db, ERR_DATA, "journal entry %lld: %s", (long long)entry->id, err.text);
	entry->undone = is_undone(store, entry->id);
}
