#include "tests/fault/sim_check.h"

#include "core/courier/deliver.h"
#include "core/model/action.h"
#include "tests/fault/sim_disk.h"
#include "tests/fault/sim_server.h"

#include <ctype.h>
#include <stdlib.h>

#define LATE_SLACK_MS 40000 /* one look at the post it answers, to its time-out */
#define BETWEEN_TRIES_MS 1900

enum statement { S_VERSION, S_POSTS, S_POSITIONS, S_REPLIES, S_TEXTS, S_JOURNAL, S_CASES, S_TEAMS, S_STATEMENTS };

static const char *const statements[S_STATEMENTS] = {
        [S_VERSION] = "PRAGMA data_version",
        [S_POSTS] = "SELECT a.name,p.remote_id,p.case_id,p.text FROM post p JOIN account a ON a.id=p.account_id",
        [S_POSITIONS] = "SELECT a.name,p.value FROM position p JOIN account a ON a.id=p.account_id"
                        " WHERE p.source='mentions'",
        [S_REPLIES] = "SELECT r.id,r.case_id,r.kind,r.state,r.text,a.name,r.to_remote_id,r.attempts,r.part,"
                      "r.remote_id FROM reply r"
                      " JOIN account a ON a.id=r.account_id ORDER BY r.id",
        [S_TEXTS] = "SELECT text FROM draft UNION ALL SELECT text FROM reply WHERE state<>7"
                    " UNION ALL SELECT text FROM journal_text",
        [S_JOURNAL] = "SELECT id,case_id,action,changes,undoes FROM journal WHERE id>? ORDER BY id",
        [S_TEAMS] = "SELECT id,why,state FROM escalation ORDER BY id",
        [S_CASES] = "SELECT id,status,assignee,priority,escalated_to,escalation_why,escalation,snoozed_until,"
                    "done_reason,(SELECT group_concat(tag,' ') FROM case_tag t WHERE t.case_id=k.id) FROM kase k",
};

struct word {
	char text[32];
	int number; /* of sim.words */
	enum sim_actor actor;
	bool stored; /* has been: it must never be gone again */
};

struct entry {
	int64_t id, case_id;
	const struct change *changes;
	int count;
};

/* A case as the journal tells it. */
struct told_case {
	int64_t id;
	const char *fields[FIELD_COUNT]; /* NULL: nothing was told of it */
	VEC(const char *) tags;
};

struct reply_row {
	int64_t id, case_id;
	enum reply_kind kind;
	enum reply_state state;
	const char *text, *account, *to_remote_id, *remote_id;
	int attempts, part;
};

/* What a person said should be done. */
struct confirmed {
	enum reply_kind kind;
	const char *text, *to_remote_id;
};

/* When a reply was given to the network for the last time. */
struct attempt {
	int64_t reply_id, at; /* mono */
	enum reply_kind kind;
	int life;
};

static struct {
	sqlite3 *handle;
	sqlite3_stmt *statements[S_STATEMENTS];
	int64_t version;
	VEC(struct word) words;
	VEC(struct confirmed) confirmed;
	VEC(struct attempt) attempts;
	VEC(int64_t) recalled;
	VEC(struct entry) entries;
	VEC(struct told_case) cases;
	int64_t journal_seen, replies_seen;
	bool clock_was_set;
	/* of one look */
	struct arena arena;
	VEC(struct reply_row) replies;
} check;

/* --- the store */

static bool open_store(void)
{
	if (check.handle)
		return true;
	if (sqlite3_open_v2(sim.path, &check.handle, SQLITE_OPEN_READWRITE, DISK_WITHOUT_FAULTS) != SQLITE_OK) {
		sim_fail("the store cannot be opened to be checked: %s", sqlite3_errmsg(check.handle));
		return false;
	}
	sqlite3_db_config(check.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	check.version = -1;
	return true;
}

void check_close(void)
{
	for (int i = 0; i < S_STATEMENTS; i++) {
		sqlite3_finalize(check.statements[i]);
		check.statements[i] = NULL;
	}
	sqlite3_close(check.handle);
	check.handle = NULL;
}

static sqlite3_stmt *statement(enum statement which)
{
	sqlite3_stmt **at = &check.statements[which];
	if (!*at && sqlite3_prepare_v2(check.handle, statements[which], -1, at, NULL) != SQLITE_OK)
		sim_fail("check %d: %s", (int)which, sqlite3_errmsg(check.handle));
	return *at;
}

static bool next_row(enum statement which)
{
	sqlite3_stmt *s = statement(which);
	int code = s ? sqlite3_step(s) : SQLITE_DONE;
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		sim_fail("check %d: %s", (int)which, sqlite3_errmsg(check.handle));
	sqlite3_reset(s);
	return false;
}

static int64_t number(enum statement which, int column)
{
	return sqlite3_column_int64(check.statements[which], column);
}

static const char *text(enum statement which, int column)
{
	const char *found = (const char *)sqlite3_column_text(check.statements[which], column);
	return arena_strdup(&check.arena, found ? found : "");
}

static bool has_changed(void)
{
	int64_t version = check.version;
	if (next_row(S_VERSION))
		version = number(S_VERSION, 0);
	sqlite3_reset(check.statements[S_VERSION]);
	bool changed = version != check.version;
	check.version = version;
	return changed;
}

static struct server *server_named(const char *name)
{
	for (int i = 0; i < SIM_SERVERS; i++)
		if (str_eq(servers[i].name, name))
			return &servers[i];
	return &servers[0];
}

/* --- mentions: none lost, none ahead */

struct stored_posts {
	/* By id of the post: it is there, and in a case. What was read with its thread is in none before it comes as a
	 * mention of its own. */
	bool *taken_in[SIM_SERVERS];
};

/* What is stored of a customer's post is what was once said, and never older than it was. */
static void check_version(const struct server *server, struct server_post *post, const char *stored)
{
	int version = server_version(stored);
	if (strncmp(post->text, stored, strlen(stored)) != 0)
		sim_fail("post %d of %s says what was never said: %s", post->id, server->name, stored);
	if (version < post->stored_version)
		sim_fail("post %d of %s goes back to an older version", post->id, server->name);
	post->stored_version = version;
}

static void read_posts(struct stored_posts *stored)
{
	for (int i = 0; i < SIM_SERVERS; i++)
		stored->taken_in[i] = arena_array(&check.arena, bool, servers[i].posts.len + 1);
	while (next_row(S_POSTS)) {
		struct server *server = server_named(text(S_POSTS, 0));
		struct server_post *post = server_post_by_id(server, text(S_POSTS, 1));
		if (!post) {
			sim_fail("the store has a post that nobody wrote: %s", text(S_POSTS, 1));
			continue;
		}
		stored->taken_in[server->number][post->id] = number(S_POSTS, 2) != 0;
		if (post->author)
			check_version(server, post, text(S_POSTS, 3));
	}
}

static void check_positions(const struct stored_posts *stored)
{
	while (next_row(S_POSITIONS)) {
		const struct server *server = server_named(text(S_POSITIONS, 0));
		int64_t position = number(S_POSITIONS, 1);
		if (position > (int64_t)server->notices.len)
			sim_fail("the position of %s is %lld, beyond anything said", server->name, (long long)position);
		for (int64_t i = 1; i <= position && i <= (int64_t)server->notices.len; i++) {
			int id = server->notices.at[i - 1];
			if (!server->posts.at[id - 1].deleted && !stored->taken_in[server->number][id])
				sim_fail("the position of %s is %lld, and mention %d is in no case", server->name,
				        (long long)position, id);
		}
	}
}

/* --- replies */

static void read_replies(void)
{
	vec_clear(&check.replies);
	while (next_row(S_REPLIES)) {
		struct reply_row row = {number(S_REPLIES, 0), number(S_REPLIES, 1),
		        (enum reply_kind)number(S_REPLIES, 2), (enum reply_state)number(S_REPLIES, 3),
		        text(S_REPLIES, 4), text(S_REPLIES, 5), text(S_REPLIES, 6), text(S_REPLIES, 9),
		        (int)number(S_REPLIES, 7), (int)number(S_REPLIES, 8)};
		vec_push(&check.replies, row);
	}
	if ((int64_t)check.replies.len < check.replies_seen)
		sim_fail("a reply is gone from the store");
	check.replies_seen = (int64_t)check.replies.len;
}

static bool says(enum reply_kind kind)
{
	return kind == REPLY_KIND_POST || kind == REPLY_KIND_EDIT;
}

static bool is_confirmed(const char *reply_text)
{
	for (size_t i = 0; i < check.confirmed.len; i++)
		if (says(check.confirmed.at[i].kind) && str_eq(check.confirmed.at[i].text, reply_text))
			return true;
	return false;
}

static bool is_confirmed_of(enum reply_kind kind, const char *remote_id)
{
	for (size_t i = 0; i < check.confirmed.len; i++)
		if (check.confirmed.at[i].kind == kind && str_eq(check.confirmed.at[i].to_remote_id, remote_id))
			return true;
	return false;
}

/* What cannot be looked for, only asked for again, may have been done although the last try was refused. */
static bool may_be_done(const struct reply_row *row)
{
	unsigned states = 1u << REPLY_SENDING | 1u << REPLY_SENT | 1u << REPLY_IN_DOUBT;
	if (row->kind != REPLY_KIND_POST)
		states |= 1u << REPLY_QUEUED;
	if (row->kind != REPLY_KIND_POST && row->attempts > 1)
		states |= 1u << REPLY_FAILED | 1u << REPLY_STOPPED;
	return states & 1u << row->state;
}

/* The reply that was published with this text: the one that may have been. */
static const struct reply_row *published_row(const struct server *server, const char *reply_text)
{
	for (size_t i = 0; i < check.replies.len; i++) {
		const struct reply_row *row = &check.replies.at[i];
		if (says(row->kind) && may_be_done(row) && str_eq(row->text, reply_text) &&
		        str_eq(row->account, server->name))
			return row;
	}
	return NULL;
}

/* A later part answers the part before it. */
static void check_part(const struct server *server, const struct reply_row *row, const struct saying *said)
{
	if (row->part < 2 || row->kind != REPLY_KIND_POST || row == check.replies.at)
		return;
	const struct reply_row *before = row - 1; /* parts are confirmed together */
	if (said->parent == 0 || !str_eq(before->remote_id, arena_printf(&check.arena, "%d", said->parent)))
		sim_fail("part %d of a reply on %s answers %d, and the part before it is \"%s\"", row->part,
		        server->name, said->parent, before->remote_id);
}

static void check_published(const struct server *server)
{
	VEC(struct reply_row) last = {0}; /* of each case */
	for (size_t i = 0; i < server->sayings.len && !sim_failed(); i++) {
		const struct saying *post = &server->sayings.at[i];
		const struct reply_row *row = published_row(server, post->text);
		if (server_published(server, post->text) > 1)
			sim_fail("published twice: %s", post->text);
		if (!is_confirmed(post->text))
			sim_fail("published, and nobody confirmed it: %s", post->text);
		if (!row) {
			sim_fail("published, and the store says that it is not: %s", post->text);
			continue;
		}
		size_t at = 0;
		while (at < last.len && last.at[at].case_id != row->case_id)
			at++;
		if (at == last.len)
			vec_push(&last, *row);
		if (last.at[at].id > row->id)
			sim_fail("case %lld: reply %lld was published after reply %lld", (long long)row->case_id,
			        (long long)row->id, (long long)last.at[at].id);
		last.at[at] = *row;
		check_part(server, row, post);
	}
	vec_release(&last);
}

/* A post of ours is taken back, and one of theirs liked, only as a person said. */
static void check_deeds(const struct server *server)
{
	for (size_t i = 0; i < server->posts.len; i++) {
		const struct server_post *post = &server->posts.at[i];
		const char *id = arena_printf(&check.arena, "%d", post->id);
		bool may_go = is_confirmed_of(REPLY_KIND_DELETE, id) ||
		              (!server->edits && is_confirmed_of(REPLY_KIND_EDIT, id));
		if (post->deleted_by_api && !may_go)
			sim_fail("post %d of %s was taken back, and nobody said so", post->id, server->name);
		if (post->ever_liked && !is_confirmed_of(REPLY_KIND_LIKE, id))
			sim_fail("post %d of %s was liked, and nobody said so", post->id, server->name);
	}
}

/* What the store says was done was done. */
static void check_sent(const struct reply_row *row)
{
	const struct server *server = server_named(row->account);
	const struct server_post *target = server_post_by_id(server_named(row->account), row->to_remote_id);
	bool done = true;
	switch (row->kind) {
	case REPLY_KIND_POST: done = server_published(server, row->text) > 0; break;
	case REPLY_KIND_EDIT:
		done = server_published(server, row->text) > 0 || (target && str_eq(target->text, row->text));
		break;
	case REPLY_KIND_DELETE: done = target && target->deleted; break;
	case REPLY_KIND_LIKE: done = target && target->ever_liked; break;
	default: break;
	}
	if (!done)
		sim_fail("reply %lld (%s) is sent, says the store; the server has nothing of it", (long long)row->id,
		        reply_kind_name(row->kind));
}

static void check_replies(void)
{
	for (size_t i = 0; i < check.replies.len; i++) {
		const struct reply_row *row = &check.replies.at[i];
		if (row->state == REPLY_SENT)
			check_sent(row);
	}
	for (size_t i = 0; i < check.recalled.len; i++)
		for (size_t r = 0; r < check.replies.len; r++)
			if (check.replies.at[r].id == check.recalled.at[i] &&
			        check.replies.at[r].state != REPLY_RECALLED)
				sim_fail("reply %lld was recalled, and is %s", (long long)check.recalled.at[i],
				        reply_state_name(check.replies.at[r].state));
	for (int i = 0; i < SIM_SERVERS; i++)
		check_published(&servers[i]);
	for (int i = 0; i < SIM_SERVERS; i++)
		check_deeds(&servers[i]);
}

/* --- texts */

/* A word of an agent's is w, its number, z. */
static void mark_words(const char *at, bool *there)
{
	while ((at = strchr(at, 'w'))) {
		char *end;
		long number = isdigit((unsigned char)at[1]) ? strtol(at + 1, &end, 10) : 0;
		if (number > 0 && number <= sim.words && *end == 'z')
			there[number] = true;
		at++;
	}
}

/* Which words the store holds now, by their numbers. */
static const bool *stored_words(void)
{
	bool *there = arena_array(&check.arena, bool, (size_t)sim.words + 1);
	while (next_row(S_TEXTS)) {
		const char *found = (const char *)sqlite3_column_text(check.statements[S_TEXTS], 0);
		mark_words(found ? found : "", there);
	}
	return there;
}

static bool text_is_held(struct desk *const desks[SIM_DESKS], const char *word)
{
	for (int i = 0; i < SIM_DESKS; i++)
		if (desk_holds_text(desks[i], word))
			return true;
	return false;
}

static void check_texts(struct desk *const desks[SIM_DESKS], bool changed)
{
	const bool *there = changed ? stored_words() : NULL;
	for (size_t i = 0; i < check.words.len; i++) {
		struct word *word = &check.words.at[i];
		if (word->stored && !changed)
			continue;
		if (there && there[word->number])
			word->stored = true;
		else if (!text_is_held(desks, word->text))
			sim_fail("a text is lost: %s (%s)", word->text,
			        word->stored ? "it was in the store before" : "it was never stored");
	}
}

/* --- journal */

static struct told_case *told_case(int64_t id)
{
	for (size_t i = 0; i < check.cases.len; i++)
		if (check.cases.at[i].id == id)
			return &check.cases.at[i];
	vec_push(&check.cases, (struct told_case){.id = id});
	return &check.cases.at[check.cases.len - 1];
}

static void tell_tag(struct told_case *kase, const struct change *change, int64_t entry)
{
	size_t at = 0;
	const char *tag = *change->to ? change->to : change->from;
	while (at < kase->tags.len && !str_eq(kase->tags.at[at], tag))
		at++;
	bool there = at < kase->tags.len;
	if (there == (*change->to != '\0'))
		sim_fail("journal %lld: tag %s is %s", (long long)entry, tag, there ? "there already" : "not there");
	else if (there)
		vec_remove(&kase->tags, at);
	else
		vec_push(&kase->tags, tag);
}

static void tell_change(struct told_case *kase, const struct change *change, int64_t entry)
{
	if (change->field == FIELD_TAG) {
		tell_tag(kase, change, entry);
		return;
	}
	const char **field = &kase->fields[change->field];
	if (*field && change->field != FIELD_MUTED_UNTIL && !str_eq(*field, change->from))
		sim_fail("journal %lld: %s of case %lld goes from \"%s\", and was \"%s\"", (long long)entry,
		        case_field_name((enum case_field)change->field), (long long)kase->id, change->from, *field);
	*field = change->to;
}

static bool takes_back(const struct entry *undo, const struct change *change)
{
	for (int i = 0; i < undo->count; i++)
		if (undo->changes[i].field == change->field && str_eq(undo->changes[i].from, change->to) &&
		        str_eq(undo->changes[i].to, change->from))
			return true;
	return false;
}

static void check_undo(const struct entry *undo, int64_t undoes)
{
	for (size_t i = 0; i < check.entries.len; i++) {
		const struct entry *entry = &check.entries.at[i];
		for (int c = 0; entry->id == undoes && c < entry->count; c++)
			if (!takes_back(undo, &entry->changes[c]))
				sim_fail("journal %lld does not take back %s of %lld", (long long)undo->id,
				        case_field_name((enum case_field)entry->changes[c].field), (long long)undoes);
	}
}

static void read_journal(void)
{
	sqlite3_stmt *s = statement(S_JOURNAL);
	if (!s)
		return;
	sqlite3_bind_int64(s, 1, check.journal_seen);
	while (next_row(S_JOURNAL)) {
		struct entry entry = {.id = number(S_JOURNAL, 0), .case_id = number(S_JOURNAL, 1)};
		struct err err = ERR_INIT;
		if (changes_from_json(text(S_JOURNAL, 3), &sim.arena, &entry.changes, &entry.count, &err))
			sim_fail("journal %lld: %s", (long long)entry.id, err.text);
		check.journal_seen = entry.id;
		vec_push(&check.entries, entry);
		if (number(S_JOURNAL, 4))
			check_undo(&entry, number(S_JOURNAL, 4));
		struct told_case *kase = told_case(entry.case_id);
		for (int i = 0; i < entry.count; i++)
			tell_change(kase, &entry.changes[i], entry.id);
	}
}

static void check_field(const struct told_case *kase, enum case_field field, const char *value)
{
	if (kase->fields[field] && !str_eq(kase->fields[field], value))
		sim_fail("case %lld: %s is \"%s\", and by its journal \"%s\"", (long long)kase->id,
		        case_field_name(field), value, kase->fields[field]);
}

static int word_count(const char *words)
{
	int count = *words != '\0';
	for (; *words; words++)
		count += *words == ' ';
	return count;
}

static void check_cases(void)
{
	while (next_row(S_CASES)) {
		const struct told_case *kase = told_case(number(S_CASES, 0));
		bool snoozed = number(S_CASES, 7) != 0;
		check_field(kase, FIELD_STATUS, case_status_name((enum case_status)number(S_CASES, 1)));
		check_field(kase, FIELD_ASSIGNEE, text(S_CASES, 2));
		check_field(kase, FIELD_PRIORITY, text(S_CASES, 3));
		check_field(kase, FIELD_ESCALATED_TO, text(S_CASES, 4));
		check_field(kase, FIELD_ESCALATION_WHY, text(S_CASES, 5));
		check_field(
		        kase, FIELD_ESCALATION_STATE, escalation_state_name((enum escalation_state)number(S_CASES, 6)));
		check_field(kase, FIELD_SNOOZED_UNTIL, snoozed ? text(S_CASES, 7) : "");
		check_field(kase, FIELD_DONE_REASON, text(S_CASES, 8));
		if (word_count(text(S_CASES, 9)) != (int)kase->tags.len)
			sim_fail("case %lld: its tags are \"%s\", and by its journal %d", (long long)kase->id,
			        text(S_CASES, 9), (int)kase->tags.len);
	}
}

static void read_teams(void)
{
	teams_begin_look();
	while (next_row(S_TEAMS))
		teams_row(number(S_TEAMS, 0), text(S_TEAMS, 1), (enum escalation_state)number(S_TEAMS, 2));
}

/* --- all of it */

void check_store(struct desk *const desks[SIM_DESKS])
{
	struct stored_posts stored;
	if (sim_failed() || !open_store())
		return;
	bool changed = has_changed();
	if (changed) {
		arena_reset(&check.arena);
		read_posts(&stored);
		check_positions(&stored);
		read_replies();
		check_replies();
		read_journal();
		check_cases();
		read_teams();
	}
	check_texts(desks, changed);
}

static void check_all_taken_in(void)
{
	struct stored_posts stored;
	read_posts(&stored);
	for (int i = 0; i < sim.servers; i++)
		for (size_t n = 0; n < servers[i].notices.len; n++) {
			const struct server_post *post = server_post(&servers[i], servers[i].notices.at[n]);
			sim.counts->mentions += stored.taken_in[i][post->id];
			if (!post->deleted && !stored.taken_in[i][post->id])
				sim_fail("mention %d of %s was never taken in", post->id, servers[i].name);
		}
}

static const unsigned settled = 1u << REPLY_SENT | 1u << REPLY_FAILED | 1u << REPLY_STOPPED | 1u << REPLY_RECALLED;

int check_unsettled(void)
{
	int count = teams_waiting();
	for (size_t i = 0; i < check.replies.len; i++)
		count += !(settled & 1u << check.replies.at[i].state);
	return count;
}

static void check_all_settled(void)
{
	for (size_t i = 0; i < check.replies.len; i++) {
		const struct reply_row *row = &check.replies.at[i];
		if (!(settled & 1u << row->state))
			sim_fail("reply %lld stays %s", (long long)row->id, reply_state_name(row->state));
		sim.counts->replies += row->state == REPLY_SENT && row->kind == REPLY_KIND_POST;
		sim.counts->recalled += row->state == REPLY_RECALLED;
		sim.counts->edits += row->state == REPLY_SENT && row->kind == REPLY_KIND_EDIT;
		sim.counts->deletions += row->state == REPLY_SENT && row->kind == REPLY_KIND_DELETE;
		sim.counts->likes += row->state == REPLY_SENT && row->kind == REPLY_KIND_LIKE;
	}
	for (int i = 0; i < sim.servers; i++)
		for (size_t p = 0; p < servers[i].sayings.len; p++) {
			const struct saying *said = &servers[i].sayings.at[p];
			const struct reply_row *row = published_row(&servers[i], said->text);
			if (!row || (row->state != REPLY_SENT && row->kind == REPLY_KIND_POST))
				sim_fail("%s was published on %s, and no reply is sent", said->text, servers[i].name);
		}
}

static void check_all_texts(void)
{
	const bool *there = stored_words();
	for (size_t i = 0; i < check.words.len; i++)
		if (!there[check.words.at[i].number])
			sim_fail("a text came to no rest in the store: %s", check.words.at[i].text);
	sim.counts->drafts += (long)check.words.len;
}

static void check_file(void)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(check.handle, "PRAGMA integrity_check", -1, &s, NULL) != SQLITE_OK ||
	        sqlite3_step(s) != SQLITE_ROW || !str_eq((const char *)sqlite3_column_text(s, 0), "ok"))
		sim_fail("the store is damaged: %s", s ? (const char *)sqlite3_column_text(s, 0) : "");
	sqlite3_finalize(s);
	if (sqlite3_prepare_v2(check.handle, "PRAGMA foreign_key_check", -1, &s, NULL) != SQLITE_OK ||
	        sqlite3_step(s) != SQLITE_DONE)
		sim_fail("a row of the store speaks of one that is not there");
	sqlite3_finalize(s);
	if (sqlite3_prepare_v2(check.handle, "SELECT id FROM kase WHERE escalation=1", -1, &s, NULL) != SQLITE_OK ||
	        sqlite3_step(s) != SQLITE_DONE)
		sim_fail("a case waits for its escalation, which has ended");
	sqlite3_finalize(s);
}

void check_at_rest(void)
{
	if (sim_failed() || !open_store())
		return;
	arena_reset(&check.arena);
	check_all_taken_in();
	read_replies();
	check_replies();
	check_all_settled();
	check_all_texts();
	read_teams();
	teams_at_rest();
	check_file();
}

/* --- told by the others */

void check_text_begun(const char *word, enum sim_actor actor)
{
	struct word fresh = {.actor = actor, .number = (int)strtol(word + 1, NULL, 10)};
	for (size_t i = 0; i < check.words.len; i++)
		if (str_eq(check.words.at[i].text, word))
			return;
	str_copy(fresh.text, sizeof fresh.text, word);
	vec_push(&check.words, fresh);
}

void check_desk_killed(enum sim_actor actor, bool everything_stored)
{
	if (!open_store())
		return;
	const bool *there = stored_words();
	for (size_t i = check.words.len; i-- > 0;) {
		struct word *word = &check.words.at[i];
		if (word->actor != actor || word->stored || there[word->number])
			continue;
		if (everything_stored)
			sim_fail("a text died with its desk, which had nothing left to store: %s", word->text);
		vec_remove(&check.words, i);
	}
}

void check_confirmed(const struct reply *reply)
{
	sim_note("confirmed, in case %lld%s: %s", (long long)reply->case_id, reply->anyway ? ", anyway" : "",
	        reply->text);
	vec_push(&check.confirmed, (struct confirmed){reply->kind, arena_strdup(&sim.arena, str_or(reply->text, "")),
	                                   arena_strdup(&sim.arena, str_or(reply->to_remote_id, ""))});
}

void check_recalled(int64_t reply_id)
{
	sim_note("recalled: reply %lld", (long long)reply_id);
	vec_push(&check.recalled, reply_id);
}

static struct attempt *last_attempt(const struct reply *reply)
{
	for (size_t i = 0; i < check.attempts.len; i++)
		if (check.attempts.at[i].reply_id == reply->id && check.attempts.at[i].kind == reply->kind)
			return &check.attempts.at[i];
	return NULL;
}

/* A reply that was not sent, or is in doubt, is tried again after a while. */
static void check_pause(const struct reply *reply)
{
	struct attempt *last = last_attempt(reply);
	if (!last) {
		vec_push(&check.attempts, (struct attempt){reply->id, sim.mono, reply->kind, sim.lives});
		return;
	}
	if (last->life == sim.lives && sim.mono - last->at < BETWEEN_TRIES_MS && !check.clock_was_set)
		sim_fail("reply %lld is tried again after %d ms", (long long)reply->id, (int)(sim.mono - last->at));
	last->at = sim.mono;
	last->life = sim.lives;
}

static enum reply_kind stored_kind(const struct reply *reply)
{
	for (size_t i = 0; i < check.replies.len; i++)
		if (check.replies.at[i].id == reply->id)
			return check.replies.at[i].kind;
	return reply->kind;
}

/* Whoever did not say "send it anyway" is promised a look at the post before each try. */
static void check_looked(const struct server *server, const struct reply *reply)
{
	const struct server_post *post = server_post_by_id(server_named(server->name), reply->to_remote_id);
	bool must = post && !reply->anyway && reply->part < 2 && stored_kind(reply) == REPLY_KIND_POST;
	if (!must)
		return;
	const struct attempt *last = last_attempt(reply);
	int64_t since = sim.mono - DELIVER_OVERDUE_MS - LATE_SLACK_MS; /* a locked store, a suspended machine */
	since = last && last->at > since ? last->at : since;
	if (!post->looked_at || post->looked_at < since)
		sim_fail("reply %lld is sent, and nobody looked at what it answers", (long long)reply->id);
	if (post->looked_deleted)
		sim_fail("reply %lld is sent, and what it answers was deleted", (long long)reply->id);
	if (post->looked_edited_at > reply->created_at && !check.clock_was_set)
		sim_fail("reply %lld is sent, and what it answers was edited since", (long long)reply->id);
}

void check_sending(const struct server *server, const struct reply *reply)
{
	check_looked(server, reply);
	check_pause(reply);
	if (!check.clock_was_set && sim.wall - reply->hold_until > DELIVER_OVERDUE_MS + LATE_SLACK_MS)
		sim_fail("reply %lld is sent %lld s after its time, and nobody was asked", (long long)reply->id,
		        (long long)(sim.wall - reply->hold_until) / 1000);
	if (!check.clock_was_set && sim.wall < reply->hold_until)
		sim_fail("reply %lld is sent before its time", (long long)reply->id);
}

bool check_clock_set(void)
{
	return check.clock_was_set;
}

void check_clock_was_set(void)
{
	check.clock_was_set = true;
}

void check_init(void)
{
	memset(&check, 0, sizeof check);
}

void check_release(void)
{
	check_close();
	for (size_t i = 0; i < check.cases.len; i++)
		vec_release(&check.cases.at[i].tags);
	vec_release(&check.words);
	vec_release(&check.confirmed);
	vec_release(&check.attempts);
	teams_release();
	vec_release(&check.recalled);
	vec_release(&check.entries);
	vec_release(&check.cases);
	vec_release(&check.replies);
	arena_release(&check.arena);
}
