/* What the files of core/store share: the handle, transactions with their change feed, and the rows of cases, posts
 * and journal. Internal. The functions here run inside a transaction of their caller; what fails sticks to it (db.h).
 */
#ifndef CORE_STORE_INTERNAL_H
#define CORE_STORE_INTERNAL_H

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/store/db.h"
#include "core/store/store.h"

struct store {
	struct db *db;
	char *path;
	enum store_open_how how;
	bool reads_only; /* a desk's that could not be opened for writing: each write looks again */
	struct clock_rules rules;
	VEC(struct change_row) changes; /* of the open transaction */
	int64_t batch;                  /* of the journal entries that it writes; 0: each stands alone */
};

int store_uri_path(const char *uri, const char **path, struct err *err); /* (store.c) points into uri */

/* --- transactions (store.c) */
int store_begin(struct store *store);
int store_begin_quiet(struct store *store); /* for drafts and desk state: allowed on a schema that is not ours */
int store_commit(struct store *store, struct err *err); /* writes the feed, commits, rings when there is a feed */
void store_changed(struct store *store, enum change_kind kind, int64_t id);

/* --- accounts (accounts.c) */
bool account_load(struct store *store, int64_t id, struct arena *arena, struct account *account);
void account_heard(struct store *store, int64_t account_id, int64_t now); /* the server said something */

/* --- cases (kase.c) */
struct kase_row {
	struct kase kase;
	/* What only the store keeps of the newest post. */
	bool has_link;
	int visibility;
	int64_t simhash;
};
/* agent may be "": then no draft is marked. The statement's first argument is the agent, then what `where` binds. */
#define KASE_SELECT                                                                                                    \
	"SELECT k.id,k.account_id,a.name,a.network,k.customer_id,c.handle,c.name,c.followers,c.muted_until,k.status,"  \
	"k.assignee,k.writer,k.writer_until,k.priority,k.escalated_to,k.escalation_why,k.escalated_by,k.escalated_at," \
	"k.escalation,k.escalation_error,k.snoozed_until,k.done_reason,k.created_at,k.updated_at,k.first_post_at,"     \
	"k.last_in_at,k.last_out_at,k.first_reply_at,k.due,k.rank,k.revision,k.linked_to,k.summary,k.language,"        \
	"k.boosts,k.media_count,k.praise,k.question,k.personal_data,k.has_link,k.visibility,k.simhash,"                \
	"(SELECT group_concat(tag,' ') FROM case_tag t WHERE t.case_id=k.id),"                                         \
	"(SELECT max(begun_at) FROM draft d WHERE d.case_id=k.id AND d.agent=?1)"                                      \
	" FROM kase k CROSS JOIN customer c ON c.id=k.customer_id CROSS JOIN account a ON a.id=k.account_id "
void kase_read(const struct rows *rows, struct arena *arena, struct kase_row *row);
bool kase_load(struct store *store, int64_t id, const char *agent, struct arena *arena, struct kase_row *row);
/* Fails the transaction with ERR_NOT_FOUND when it is not there. */
bool kase_need(struct store *store, int64_t id, const char *agent, struct arena *arena, struct kase_row *row);
/* similar and newer_than_draft of rows that were read. */
void kase_finish(struct store *store, struct kase_row *rows, int count);
/* Recomputes the times and the inbox row's words from the posts. */
void kase_derive(struct store *store, struct kase_row *row, struct arena *arena);
/* Clock, rank, revision; writes the row; feeds the change. */
void kase_save(struct store *store, struct kase_row *row);
/* A row as its first post makes it: clock and rank are set, and its id. Feeds the change. */
void kase_insert(struct store *store, struct kase_row *row);
/* Tags, the customer's mute and escalation rows that `changes` ask for; the fields of the row are kase_save's. */
void kase_apply_aside(struct store *store, const struct kase *kase, const struct change *changes, int count,
        const char *by, int64_t now);

/* --- journal (journal.c) */
int64_t journal_add(struct store *store, int64_t case_id, int64_t at, const char *by, enum action_kind kind,
        const struct change *changes, int count, const char *text, int64_t undoes);
#define JOURNAL_SELECT                                                                                                 \
	"SELECT j.id,j.case_id,j.at,j.by,j.action,j.changes,j.undoes,ifnull(t.text,''),j.batch"                        \
	" FROM journal j LEFT JOIN journal_text t ON t.journal_id=j.id "
void journal_read(struct store *store, const struct rows *rows, struct arena *arena, struct journal_entry *entry);

/* --- posts (posts.c) */
#define POST_SELECT                                                                                                    \
	"SELECT p.id,p.account_id,p.thread_id,p.customer_id,p.direction,p.remote_id,p.parent_remote_id,p.uri,p.url,"   \
	"p.author_handle,p.author_name,p.created_at,p.received_at,p.edited_at,p.deleted_at,p.visibility,p.language,"   \
	"p.warning,p.sensitive,p.liked_by_us,p.addressed,p.text,p.media,p.mentions,p.links,p.boosts,p.likes,"          \
	"p.replies,p.reply_id,p.sent_by,p.case_id,iif(p.direction=1,ifnull((SELECT r.text FROM reply r"                \
	" WHERE r.remote_id=p.remote_id AND r.remote_id<>'' AND r.account_id=p.account_id AND r.state=3 AND r.kind<2"  \
	" ORDER BY r.id DESC LIMIT 1),''),''),p.reply_refusal,p.boosted_by_us FROM post p "
#define POST_CASE_COLUMN 30
void post_read(const struct rows *rows, struct arena *arena, struct post *post);
char *post_media_json(const struct post *post, struct arena *arena);
void customer_read(const struct rows *rows, struct arena *arena, struct customer *customer);
bool customer_load(struct store *store, int64_t id, struct arena *arena, struct customer *customer);
/* By handle, with or without @, or by number, with or without #. Fails the transaction when it is nobody, or several.
 */
bool customer_find(struct store *store, const char *who, struct arena *arena, struct customer *customer); /* forget.c */
#define CUSTOMER_SELECT                                                                                                \
	"SELECT id,network,remote_key,remote_id,handle,name,url,followers,created_at,bot,muted_until,"                 \
	"(SELECT count(*) FROM kase k WHERE k.customer_id=customer.id) FROM customer "

/* --- what is kept no longer (erase.c) */
void post_erase(struct store *store, int64_t id, struct arena *arena);       /* all its words, also in the index */
void notes_erase(struct store *store, int64_t case_id, struct arena *arena); /* and reasons */

/* --- full text (words.c) */
/* What goes into the index for a text: characters of scripts without spaces stand alone. On the heap. */
char *words_of(const char *text);
/* An FTS5 expression that finds the text as a phrase, the last word as a beginning when `prefix`; it can hold nothing
 * but quoted words. */
const char *words_match(const char *text, bool prefix, struct arena *arena);
/* Posts are found by warning and text (ingest.c), notes by their text (journal.c). An index without content forgets a
 * row only when it is told the same words again. */
void index_post(struct db *db, int64_t id, const char *warning, const char *text);
void unindex_post(struct db *db, int64_t id, const char *warning, const char *text);
void index_note(struct db *db, int64_t id, const char *text);
void unindex_note(struct db *db, int64_t id, const char *text);

/* --- ingest (ingest.c, gather.c, settle.c) */
struct touched {
	int64_t case_id;
	bool created, spoke_in, spoke_out;
	bool whole;     /* created, with a row that needs nothing more: nothing but its first post is known of it */
	bool addressed; /* a post of the customer names us by our handle: listening alone would have found the others */
	int priority;
	const char *by;     /* spoke_out: the agent, or "curlew" */
	const char *follow; /* spoke_out: what becomes of the case, by our reply; NULL: it was said elsewhere */
};
struct ingest {
	struct store *store;
	struct account account;
	struct arena *arena;
	int64_t now;
	int fresh;
	bool merged; /* threads: what was known of a case by its thread alone may not hold any more */
	VEC(struct touched) touched;
};
/* Where a post belongs; of theirs, customer and case, of ours, whom it answers. Nothing is known of a thread or a
 * customer that were made for it, and nothing is asked. */
struct place_of_post {
	int64_t thread_id, customer_id, case_id, answers;
	bool thread_is_new, customer_is_new;
};
bool ingest_init(struct ingest *ingest, struct store *store, int64_t account_id, struct arena *arena, int64_t now);
void ingest_release(struct ingest *ingest);
/* One post; reply: the one it was sent by, or NULL. */
void ingest_post(struct ingest *ingest, const struct incoming *item, const struct reply *reply);
void ingest_delete(struct ingest *ingest, const char *remote_id, int64_t at);
struct touched *ingest_touch(struct ingest *ingest, int64_t case_id);
void ingest_settle(struct ingest *ingest); /* once, at the end of the transaction */

/* Of a post that is not stored yet; made when there is none. */
void gather_thread(struct ingest *ingest, const struct incoming *item, struct place_of_post *place);
void thread_changed(struct store *store, int64_t thread_id);     /* feeds the change of the cases that show it */
void customer_changed(struct store *store, int64_t customer_id); /* of those that show the person */
/* For which case a customer's post counts: found, reopened or made; 0: none. */
int64_t gather_case(struct ingest *ingest, const struct incoming *item, const struct place_of_post *place);
/* The customer whom a post of ours answers; 0: not known, or nobody's. Their case hears of it, or those of the thread.
 */
int64_t gather_answered(struct ingest *ingest, const char *parent_remote_id);
void gather_our_post(struct ingest *ingest, int64_t thread_id, int64_t answers, const struct reply *reply);

/* --- replies (replies.c; their delivery is in deliver.c) */
#define REPLY_SELECT                                                                                                   \
	"SELECT r.id,r.case_id,r.account_id,r.kind,r.state,r.agent,r.to_remote_id,r.to_handle,r.text,r.visibility,"    \
	"r.language,r.warning,r.idempotency_key,r.follow,r.anyway,r.seen_post_id,r.created_at,r.hold_until,"           \
	"r.next_try_at,r.attempts,r.sent_at,r.remote_id,r.url,r.error,r.draft_kind,r.typed,r.files,r.part,r.parts,"    \
	"r.series FROM reply r "
#define REPLY_DRAFT_COLUMN 24
void reply_read(const struct rows *rows, struct arena *arena, struct reply *reply);
/* Fails the transaction with ERR_NOT_FOUND when it is not there. */
bool reply_load(struct store *store, int64_t id, struct arena *arena, struct reply *reply, int *draft_kind);
void reply_changed(struct store *store, const struct reply *reply);
/* Files as they stand in a row: a JSON array of [path, alt]; "" for none. */
const char *files_json(const struct attachment *files, int count, struct arena *arena);
void files_read(const char *text, struct arena *arena, const struct attachment **files, int *count);

/* --- drafts (drafts.c) */
/* Of a draft where there is none: by the clock, so that no desk takes it for one that stood there before. */
int64_t draft_first_revision(int64_t least, int64_t now);
/* As store_draft_delete. */
void stored_draft_drop(struct store *store, const char *agent, const struct draft *draft, struct arena *arena);

/* --- actions (act.c) */
/* Plans, applies, journals and saves. False when it failed or changed nothing (*journal_id 0). */
bool act_on(struct store *store, struct kase_row *row, const struct action *action, int64_t now, struct arena *arena,
        int64_t *journal_id);

/* The newest entry of this agent that can be taken back (redo: the newest undo that can). */
bool undo_find(struct store *store, const char *agent, bool redo, struct arena *arena, struct journal_entry *entry);
/* Takes one entry back and journals that. When it does not fit any more: false, with words in err; the transaction goes
 * on. */
bool undo_entry(struct store *store, const struct journal_entry *entry, const char *agent, int64_t now,
        struct arena *arena, struct kase_row *row, int64_t *journal_id, struct err *err);

/* --- authors who speak of others (not_us.c) */
#define NOT_ABOUT_US "not-about-us" /* the reason with which such a case is ignored */
/* What an action's changes say of the author: remembered when the case is not about us, forgotten when that is taken
 * back. */
void not_us_learn(struct store *store, const struct kase *kase, const struct change *changes, int count, const char *by,
        int64_t now);
/* Who said so of the author; "" when nobody did. */
const char *not_us_says(struct store *store, int64_t customer_id, int64_t account_id, struct arena *arena);

/* --- customers who are one person (joined.c) */
/* The numbers of all customers that are the same person as this one, itself included; a subquery. */
#define PERSON_OF(customer)                                                                                            \
	"(WITH RECURSIVE person(id) AS (VALUES(" customer                                                              \
	") UNION SELECT j.other_id FROM person p CROSS JOIN joined j"                                                  \
	" ON j.customer_id=p.id) SELECT id FROM person)"
/* What a change of FIELD_JOINED asks for. */
void joined_apply(struct store *store, const struct change *change, const char *by, int64_t now);
/* Of ACTION_JOIN and ACTION_PART: whom the argument, a handle or number, means; the action then says it as a plan wants
 * it, and in words. Fails the transaction when there is nobody, or nothing to do. */
bool joined_resolve(struct store *store, const struct kase *kase, struct action *action, struct arena *arena);
/* Who else the customer is, at most JOINED_MAX. */
const struct customer *joined_read(struct store *store, int64_t customer_id, struct arena *arena, int *count);
void joined_forget(struct store *store, int64_t customer_id);

/* --- queries (query_sql.c) */
struct sql {
	struct str text;
	VEC(struct db_value) values;
};
void sql_init(struct sql *sql);
void sql_release(struct sql *sql);
void sql_bind(struct sql *sql, int64_t number);        /* adds "?" */
void sql_bind_text(struct sql *sql, const char *text); /* adds "?"; text must outlive the sql */
/* Adds the condition on k that the query is. ERR_LIMIT when it is nested too deep. */
int sql_add_query(struct sql *sql, const struct query *query, const char *agent, int64_t now, struct arena *arena,
        struct err *err);

/* Rows of any kind, gathered while a statement is walked and copied to the caller's arena at the end. */
#define ARRAY_TO_ARENA(arena, type, vec) ((type *)array_to_arena((arena), (vec)->at, (vec)->len, sizeof(type)))
void *array_to_arena(struct arena *arena, const void *at, size_t len, size_t size);

#endif
