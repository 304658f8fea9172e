/* What is erased: texts that their authors deleted, posts that have been kept long enough, and everything that is held
 * on a person. What was erased is overwritten in the file (secure_delete). */
#ifndef CORE_STORE_ERASE_H
#define CORE_STORE_ERASE_H

#include "core/store/store.h"

/* Courier's upkeep: the texts of the account's posts that were deleted by their authors at `before` or earlier, at most
 * max; a marker stays, so that the thread shows where something stood. *erased: how many. */
int store_erase_deleted(struct store *store, int64_t account_id, int64_t before, int max, int *erased, struct err *err);

/* Courier's upkeep: of done and ignored cases whose number lies in (*after, *after + max], those that nothing has
 * happened to since `before` lose their posts, notes and what was said in replies; the case and its journal stay. A
 * case with a draft, or with a reply that is not settled, is left alone, as is a thread that an unresolved case shows.
 * *after moves on; to 0 behind the last case. *removed: posts. */
int store_retire(struct store *store, int64_t before, int max, int64_t *after, int *removed, struct err *err);

/* --- a person */

/* By handle, with or without its @, in any case, or by number ("12", "#12"). ERR_NOT_FOUND; ERR_USAGE lists the numbers
 * when several have that handle. */
int store_customer_find(
        struct store *store, const char *who, struct arena *arena, struct customer *out, struct err *err);

struct held_row {
	const char *type; /* "case", "reply", "draft", "journal" */
	int64_t case_id, at;
	const char *by;   /* the agent; "" for none */
	const char *what; /* the case's or the reply's state, the action */
	const char *text;
};
typedef int store_each_held(void *arg, const struct held_row *row);
/* What is held on a customer beside their posts (store_export_customer, store.h), case by case. A result other than 0
 * ends it and is handed back. */
int store_held(struct store *store, int64_t customer_id, store_each_held *each, void *arg, struct err *err);

struct forgotten {
	int cases, posts, replies, drafts, notes, mentions; /* mentions: texts of others in which the handle stood */
};
/* What forgetting would erase. */
int store_forget_count(struct store *store, int64_t customer_id, struct forgotten *out, struct err *err);
/* Erases a customer's words and names everywhere: posts, search, what we said to them, drafts, notes and reasons; the
 * handle also where others wrote it. Cases are done, replies on their way recalled; the journal keeps who did what
 * when, and says who had it erased. Then the file is written anew and the log emptied, so that no byte of it is left:
 * that takes room for a second copy. ERR_STATE while a reply to them is being sent. ERR_BUSY: all is erased, but a
 * reader kept the log from being emptied. */
int store_forget(struct store *store, int64_t customer_id, const char *agent, int64_t now, struct forgotten *out,
        struct err *err);

#endif
