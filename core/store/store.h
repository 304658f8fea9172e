/* The store: the one thing that desks and courier share. This is the interface; sqlite is the embedded back end.
 *
 * Every function may block on a disk and is called from one thread only: the desk's worker (worker.h), the courier's
 * loop (its batches are small) or a command line. Rows that are returned live in the arena given. Writes are one
 * transaction each (BEGIN IMMEDIATE); a write that somebody else could see adds rows to the change feed, and the bell
 * rings after COMMIT. Errors: ERR_IO disk full or unreadable, ERR_DATA damaged, ERR_BUSY locked for too long, ERR_STATE
 * the action does not fit, ERR_NOT_FOUND, ERR_TOO_NEW, ERR_PERMISSION modes. After an error nothing was changed. */
#ifndef CORE_STORE_STORE_H
#define CORE_STORE_STORE_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/model/action.h"
#include "core/model/clocks.h"
#include "core/model/model.h"
#include "core/model/query.h"

struct store;

enum store_open_how {
	STORE_READ,   /* queries only; refuses a missing store */
	STORE_DESK,   /* creates or migrates when needed (holding the courier's lock while it does) */
	STORE_COURIER /* the courier: holds the lock already */
};

/* uri as in the configuration, already absolute: "sqlite:/path/desk.db". Creates the directory 0700 and files 0600 when
 * new. Checks modes and that the file system is local. A desk may open a store that cannot be written: see
 * store_reads_only. ERR_TOO_NEW names both versions. */
int store_open(const char *uri, enum store_open_how how, struct store **out, struct err *err);
void store_close(struct store *store);
const char *store_path(const struct store *store);
/* A desk's store that could not be opened for writing. Reading goes on; each write looks whether it can be written
 * again, and until then fails with ERR_PERMISSION and the words that *why is set to. */
bool store_reads_only(const struct store *store, const char **why);
int store_schema_version(struct store *store); /* as the file has it now; differs from ours after another's upgrade */
void store_set_rules(
        struct store *store, const struct clock_rules *rules); /* copied; needed by whoever changes cases */

/* --- the change feed: what changed since seq, oldest first; at most max. *seq becomes the last returned. */
enum change_kind {
	CHANGE_CASE = 1,
	CHANGE_ACCOUNT,
	CHANGE_REPLY,
	CHANGE_REQUEST,
	CHANGE_ESCALATION,
	CHANGE_PRESENCE,
	CHANGE_NOTE /* a note that may name somebody: the journal's entry */
};
struct change_row {
	int64_t seq;
	enum change_kind kind;
	int64_t id;
};
int64_t store_change_last(struct store *store, struct err *err); /* negative on error */
/* Count or negative. ERR_LIMIT: so much has changed since that the feed was cut: start over from store_change_last. */
int store_changes(struct store *store, int64_t *seq, struct change_row *rows, int max, struct err *err);

/* --- accounts */
struct account_setup {
	const char *name, *network, *server, *handle;
};
/* Makes the account rows be these (matched by name); rows of accounts no longer configured stay, marked unconfigured.
 */
int store_accounts_sync(struct store *store, const struct account_setup *accounts, int count, struct err *err);
int store_accounts(struct store *store, struct arena *arena, const struct account **out, int *count, struct err *err);
int store_account_state(struct store *store, int64_t account_id, enum account_state state, int64_t until,
        const char *reason, struct err *err); /* writes and rings only on a difference */
int store_account_facts(
        struct store *store, int64_t account_id, const struct account_facts *facts, struct err *err); /* the same */
int store_account_spent(struct store *store, int64_t account_id, const struct spending *spending, struct err *err);
/* The server said something, if only a heartbeat; written at most once a minute. Ingest says so itself. */
int store_account_heard(struct store *store, int64_t account_id, int64_t now, struct err *err);

/* --- what a network does not tell any more (gaps.c) */
struct gap_found {
	const char *source, *reason; /* as in struct gap */
	int64_t from, to;            /* UTC ms; from 0: since the server was last heard */
};
/* To be stored before the position of that source moves past it, so that a crash in between finds it again: the same
 * gap twice is one. */
int store_gap_add(struct store *store, int64_t account_id, const struct gap_found *gap, struct err *err);
/* Those that nobody has taken note of, earliest first; at most GAPS_MAX. */
#define GAPS_MAX 100
int store_gaps(struct store *store, struct arena *arena, const struct gap **out, int *count, struct err *err);
/* Those found since then, seen or not, earliest first; at most GAPS_MAX. */
int store_gaps_since(
        struct store *store, int64_t since, struct arena *arena, const struct gap **out, int *count, struct err *err);
/* agent has taken note of it. ERR_STATE names who was faster. */
int store_gap_seen(struct store *store, int64_t gap_id, const char *agent, int64_t now, struct err *err);

/* --- ingest (courier, import) */
enum incoming_kind { INCOMING_POST, INCOMING_DELETE, INCOMING_CUSTOMER };
/* What core/triage found in a customer's post; the courier fills it in. All zero (summary NULL) is fine. */
struct triage_marks {
	bool praise, question, personal_data;
	int priority;        /* -1…2; raises that of the case, never lowers it */
	const char *summary; /* the words that matter, for the inbox row */
	uint64_t simhash;    /* similar_hash() of the text; 0: says nothing */
};
struct incoming {
	enum incoming_kind kind;
	struct post
	        post; /* ids of rows are ignored; remote_id is the key; text, media, … as the network has them now */
	struct customer customer;   /* the author, for direction IN; INCOMING_CUSTOMER: changed when they are known */
	bool mention;               /* makes or reopens a case; false: context only, fills a thread that is known */
	const char *root_remote_id; /* "" unknown: found by following parents */
	struct triage_marks marks;
};
/* One transaction: dedupes by (account, remote_id), keeps the newer version of an edited post, marks deletions, joins
 * threads when a missing parent arrives, finds or makes the cases, moves clocks, journals, and sets position `source`
 * to `position` (NULL: leaves it). *fresh counts posts not known before. Import uses it too. */
int store_ingest(struct store *store, int64_t account_id, const struct incoming *items, int count, const char *source,
        const char *position, int *fresh, struct err *err);
/* The same, but no longer than until then (monotonic ms): *taken of the items are stored, one at least, and only with
 * the last of them the position. Others wait to write meanwhile. */
int store_ingest_until(struct store *store, int64_t account_id, const struct incoming *items, int count,
        const char *source, const char *position, int64_t until, int *taken, struct err *err);
/* NULL in *position: none yet. */
int store_position(struct store *store, int64_t account_id, const char *source, struct arena *arena,
        const char **position, struct err *err);
/* Is this a post whose thread we hold? (For stream events that may concern us: edits, deletions, replies by others.) */
bool store_knows_post(struct store *store, int64_t account_id, const char *remote_id);

/* --- reading cases */
struct page_key { /* the place in a list: order is (rank, id) */
	int64_t rank, id;
};
/* Up to max rows after (or, when backwards, before) key, in list order. key NULL: from the top (or the end). agent's
 * drafts are marked. *more says whether the list goes on in that direction. */
int store_cases(struct store *store, const struct query *query, const char *agent, const struct page_key *key,
        bool backwards, int max, struct arena *arena, const struct kase **out, int *count, bool *more, struct err *err);
/* How many cases; beyond COUNTED_MAX it stops counting and says COUNTED_MAX + 1. */
int store_count(struct store *store, const struct query *query, const char *agent, int64_t *count, struct err *err);
int store_case(struct store *store, int64_t case_id, const char *agent, struct arena *arena, const struct kase **out,
        struct err *err); /* ERR_NOT_FOUND */
/* With thread, journal, replies on their way, customer, drafts. At most max_items newest items (0: all). */
int store_case_view(struct store *store, int64_t case_id, const char *agent, int max_items, struct arena *arena,
        const struct case_view **out, struct err *err);
/* The customer's newest post in the case that is not deleted; NULL when there is none. */
int store_newest_post(
        struct store *store, int64_t case_id, struct arena *arena, const struct post **out, struct err *err);
/* A post by the network's id; NULL when it is not known. */
int store_post(struct store *store, int64_t account_id, const char *remote_id, struct arena *arena,
        const struct post **out, struct err *err);
/* The case to answer next: of those that need a reply, have none on its way, and that nobody else owns or writes in,
 * late ones first, then by priority, then by deadline; `after` is not returned. 0 when there is none. */
int store_next_needed(
        struct store *store, const char *agent, int64_t after, int64_t now, int64_t *case_id, struct err *err);
struct queue_numbers {
	int late, needing;             /* cases; counted like store_count */
	int64_t median_first_reply_ms; /* of today's first replies, working time; -1: none yet */
	int outbox;                    /* held, failed, stopped, in doubt: all agents */
};
int store_queue_numbers(
        struct store *store, int64_t now, int64_t day_start, struct queue_numbers *out, struct err *err);
int store_tags(struct store *store, const char *agent, struct arena *arena, const char *const **tags, int *count,
        struct err *err); /* every tag in use, this agent's newest first */
int store_agents(struct store *store, struct arena *arena, const char *const **agents, int *count, struct err *err);
/* Customers who may be the same person as that of a case, to choose from: "#45 maria.bsky.example  bluesky  Maria".
 * Their handles say the same as far as the first @ or dot. */
int store_customers_alike(struct store *store, int64_t case_id, struct arena *arena, const char *const **out,
        int *count, struct err *err);
/* Who else a customer is, as agents have said; at most JOINED_MAX. */
int store_joined(struct store *store, int64_t customer_id, struct arena *arena, const struct customer **out, int *count,
        struct err *err);
/* All cases of a customer, and of whom they were joined with, newest first, at most max. */
int store_customer_cases(struct store *store, int64_t customer_id, int max, struct arena *arena,
        const struct past_case **out, int *count, struct err *err);
/* What an agent holds: unresolved cases of theirs, cases with a draft or an unsettled reply of theirs, and those that
 * they snoozed. At most max, in list order. */
int store_holdings(struct store *store, const char *agent, int max, struct arena *arena, const struct kase **out,
        int *count, struct err *err);
/* The largest number of new cases since `since` that say nearly the same. */
int store_spike(struct store *store, int64_t since, struct arena *arena, struct spike *out, struct err *err);

/* --- actions */
struct action_result {
	int64_t journal_id;      /* 0: nothing changed */
	const struct kase *kase; /* as it is now */
};
int store_act(struct store *store, const struct action *action, int64_t now, struct arena *arena,
        struct action_result *result, struct err *err);
/* The newest entry of this agent that can be undone, or (redo) the newest undo that can itself be undone; ERR_NOT_FOUND
 * with words. */
int store_undo_target(struct store *store, const char *agent, bool redo, struct arena *arena,
        const struct journal_entry **entry, struct err *err);
/* What became of several actions, or of what was taken back. Cases are counted, not actions. */
struct acts_result {
	int done, refused;
	struct err why; /* of the first that was refused */
	int64_t why_case;
	int64_t journal_id;                 /* of the last entry; 0: nothing changed */
	const struct kase *kase;            /* the last case, as it is now */
	const struct journal_entry *undone; /* the entry, or the newest one of those that were taken back together */
};
/* Actions of one agent, those of a case next to each other, in one transaction. What does not fit a case is left out
 * and counted; when nothing fits, it fails with the words of the first. What is done is undone together. */
int store_act_many(struct store *store, const struct action *actions, int count, int64_t now, struct arena *arena,
        struct acts_result *result, struct err *err);
/* Takes back what store_undo_target would name, with all that was made together with it; of several, those that still
 * fit. */
int store_undo(struct store *store, const char *agent, bool redo, int64_t now, struct arena *arena,
        struct acts_result *result, struct err *err);
/* One entry of the journal. ERR_NOT_FOUND. */
int store_journal_entry(
        struct store *store, int64_t id, struct arena *arena, const struct journal_entry **entry, struct err *err);
/* Says that agent writes in this case until `until` (on the store's clock), and claims it when nobody owns it. Writes
 * at most what changed. ERR_STATE names who holds it. until 0: stopped. */
int store_presence(struct store *store, int64_t case_id, const char *agent, int64_t until, struct err *err);

/* --- drafts: no bell, no journal */
/* revision 0: new. When the stored revision is another than the given one, the stored text is handed back in *conflict
 * (else NULL), and both are stored, as draft_text_merge puts them together. */
int store_draft_save(struct store *store, const char *agent, struct draft *draft, struct arena *arena,
        const char **conflict, struct err *err);
/* The draft of this case and kind, when it is of this revision or says no more than this text. Else another desk of the
 * agent wrote it, and it stays. */
int store_draft_delete(struct store *store, const char *agent, const struct draft *draft, struct err *err);

/* --- replies */
/* Confirmed by a person: stores it HELD (with a fresh idempotency key), deletes the draft it came from (draft_kind, or
 * -1; a draft that says more than the reply stays), journals, and rings. *reply_id for recall. */
int store_reply_hold(
        struct store *store, const struct reply *reply, int draft_kind, int64_t *reply_id, struct err *err);
/* The same for a text in several posts, all or none: part, parts and series are filled in here, and `follow` is the
 * last one's. Each part answers the one before; one that is not sent stops those after it. *reply_id: the first's. */
int store_reply_hold_parts(
        struct store *store, const struct reply *parts, int count, int draft_kind, int64_t *reply_id, struct err *err);
/* HELD or QUEUED only: RECALLED, and its text a draft again; of a text in several posts, all parts that are not sent.
 * *recalled false: too late, it is being sent, or it is no post and was tried: then it may have been done. */
int store_reply_recall(
        struct store *store, int64_t reply_id, const char *agent, int64_t now, bool *recalled, struct err *err);
/* IN_DOUBT alone: a person has looked and says what became of it: SENT, or STOPPED in the outbox. ERR_STATE: it is in
 * doubt no longer. */
int store_reply_settle(
        struct store *store, int64_t reply_id, bool sent, const char *agent, int64_t now, struct err *err);
/* FAILED, STOPPED: taken out of the outbox; the text becomes a draft. */
int store_reply_withdraw(struct store *store, int64_t reply_id, const char *agent, int64_t now, struct err *err);
/* Replies in the given states (bit mask of 1<<state), oldest first; agent NULL: everybody's. */
int store_replies(struct store *store, unsigned states, const char *agent, struct arena *arena,
        const struct reply **out, int *count, struct err *err);
int store_reply(struct store *store, int64_t reply_id, struct arena *arena, const struct reply **out, struct err *err);
/* What happened to this agent's replies since `since` (the line shown after a lost connection). */
int store_replies_since(struct store *store, const char *agent, int64_t since, struct arena *arena,
        const struct reply **out, int *count, struct err *err);

/* courier's side. Each is conditional on the state it starts from; *moved false: it was no longer so. */
int store_reply_queue_due(struct store *store, int64_t now, int64_t overdue_ms, int *moved,
        struct err *err); /* HELD→QUEUED when due; overdue ones →STOPPED with the reason */
int store_reply_take(struct store *store, int64_t reply_id, bool *moved,
        struct err *err); /* QUEUED→SENDING, attempts+1; not before an earlier one of the case is settled, nor a part
                             before the one that it answers has been sent */
int store_reply_sent(struct store *store, int64_t reply_id, const struct incoming *published, int64_t now,
        struct err *err); /* SENDING|IN_DOUBT→SENT; stores the post, stops the clock, status by `follow` */
int store_reply_back(struct store *store, int64_t reply_id, int64_t next_try_at, const char *reason, bool new_key,
        struct err *err); /* SENDING|IN_DOUBT→QUEUED: certainly not sent */
int store_reply_fail(struct store *store, int64_t reply_id, enum reply_state to, const char *reason,
        int64_t next_try_at, struct err *err); /* →FAILED, STOPPED or IN_DOUBT, with words */
/* What stands against sending it now: deleted or edited parent, a colleague's or our own newer answer, a newer post of
 * the customer than it saw. "" in *reason: nothing. */
int store_reply_objection(
        struct store *store, const struct reply *reply, struct arena *arena, const char **reason, struct err *err);
/* When anything held or queued next falls due; INT64_MAX for nothing. */
int store_replies_next(struct store *store, int64_t *due, struct err *err);

/* --- requests from desks to the courier */
int store_request_thread(
        struct store *store, int64_t case_id, int64_t now, struct err *err); /* at most one a minute a thread */
struct thread_request {
	int64_t account_id, case_id, thread_id;
	const char *remote_id;
};
int store_thread_requests(
        struct store *store, struct arena *arena, const struct thread_request **out, int *count, struct err *err);
int store_thread_request_done(struct store *store, int64_t thread_id, struct err *err);
int store_request_stop(struct store *store, const char *why,
        struct err *err); /* asks the courier to stop (upgrade); in the table that never changes shape */
bool store_stop_requested(struct store *store);
int store_stop_clear(struct store *store, struct err *err);

/* --- escalations (courier) */
struct escalation {
	int64_t id, case_id;
	const char *team, *why, *by;
	int64_t at;
	int attempts;
	int64_t next_try_at;
};
int store_escalations_due(struct store *store, int64_t now, struct arena *arena, const struct escalation **out,
        int *count, int64_t *next, struct err *err);
int store_escalation_result(struct store *store, int64_t id, enum escalation_state state, const char *reason,
        int64_t next_try_at, struct err *err);

/* Wakes the snoozed whose time has come; recomputes nothing else. *next: the next one due, INT64_MAX for none. */
int store_wake_due(struct store *store, int64_t now, int64_t *next, struct err *err);

/* --- desks */
int store_desk_state_save(struct store *store, const char *agent, const char *json_text, struct err *err);
int store_desk_state(
        struct store *store, const char *agent, struct arena *arena, const char **json_text, struct err *err);
/* Desks register while they run, so that the courier knows when the last is gone; rows of dead processes are skipped.
 */
int store_desk_open(struct store *store, const char *agent, int64_t *desk_id, struct err *err);
int store_desk_close(struct store *store, int64_t desk_id, struct err *err);
int store_desks(struct store *store, int *count, struct err *err);

/* --- export: every post (and journal line) in order, in batches, without holding all in memory */
/* customer: NULL for our own posts. A result other than 0 ends the export and is handed back. */
typedef int store_each_post(void *arg, const struct account *account, const struct post *post,
        const struct customer *customer, int64_t case_id);
int store_export(struct store *store, store_each_post *each, void *arg, struct err *err);
/* A customer's posts and ours that answer them. */
int store_export_customer(struct store *store, int64_t customer_id, store_each_post *each, void *arg, struct err *err);

/* --- upkeep (courier) */
int store_checkpoint(struct store *store, bool idle, struct err *err); /* PASSIVE; when idle TRUNCATE without a wait */

#endif
