/* Actions: every change of a case is a value with a name and arguments, checked against the case as it is, which yields
 * the list of field changes. The store applies those in one transaction and writes them in the journal; the inverse of
 * an action is computed from what it changed. Pure; results live in the arena given. */
#ifndef CORE_MODEL_ACTION_H
#define CORE_MODEL_ACTION_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/model/model.h"

enum action_flag { A_UNDO = 1, A_TEXT = 2, A_ARG = 4, A_UNTIL = 8, A_SYSTEM = 16, A_WHOM = 32 };

enum action_kind {
#define X(name, word, flags, line) ACTION_##name,
#include "core/model/action.def"
#undef X
	ACTION_COUNT
};

/* The fields of a case that actions change, and how their value is written in a change: plain words, decimal numbers
 * and decimal milliseconds, "" for none. FIELD_TAG is one tag: added when `from` is "", removed when `to` is "". */
enum case_field {
	FIELD_STATUS,
	FIELD_ASSIGNEE,
	FIELD_TAG,
	FIELD_ESCALATED_TO,
	FIELD_ESCALATION_WHY,
	FIELD_ESCALATION_STATE,
	FIELD_SNOOZED_UNTIL,
	FIELD_DONE_REASON,
	FIELD_PRIORITY,
	FIELD_MUTED_UNTIL, /* of the customer */
	FIELD_JOINED,      /* the customer and another are one person: "12-45", their numbers, the smaller first; like
	                    * a tag, joined when `from` is "", parted when `to` is "" */
	FIELD_COUNT
};
const char *case_field_name(enum case_field field);
bool case_field_parse(const char *word, enum case_field *field);

/* The field as a change writes it: in kase, the arena or static memory. Not for FIELD_TAG and FIELD_JOINED. */
const char *case_field_value(const struct kase *kase, enum case_field field, struct arena *arena);

struct action {
	enum action_kind kind;
	int64_t case_id;
	const char *agent; /* who */
	const char *arg;  /* tag, team, assignee, reason, priority (-1…2), the other customer's number; "" for none */
	const char *text; /* note, why; "" for none */
	int64_t until;    /* UTC ms */
	int64_t undoes;   /* ACTION_UNDO: the journal entry to take back; 0: this agent's newest that can be */
};

const char *action_name(enum action_kind kind);
bool action_parse(const char *word, enum action_kind *kind);
unsigned action_flags(enum action_kind kind);
const char *action_line(enum action_kind kind); /* how its journal line reads */

/* Checks the action against the case as it is at `now` and yields what it changes. ERR_STATE with words when it does
 * not fit ("already done", "escalated to billing already"), ERR_USAGE when its arguments are wrong, ERR_LIMIT when they
 * are too long or too many. An action that changes nothing (a tag that is there) is 0 with *count 0 and no error; a
 * note and most of what the courier does change no field either, and are journalled all the same. Tags and names are
 * trimmed and folded by the rules of tag_normalise and name_normalise. `until` 0 ends a mute. Whether somebody may do
 * A_SYSTEM actions is not asked here. ACTION_UNDO is ERR_USAGE: see below.
 *
 * An escalation is to be carried out whenever its state becomes "pending", by an undo too, and no longer when that
 * changes before it was. */
int action_plan(const struct kase *kase, const struct action *action, int64_t now, struct arena *arena,
        const struct change **changes, int *count, struct err *err);

/* The changes that take `entry` back, checked against the case as it is: ERR_STATE naming what changed since ("tag
 * billing was removed since"). The entry of an undo can be taken back too: that is redo. */
int action_plan_undo(const struct kase *kase, const struct journal_entry *entry, struct arena *arena,
        const struct change **changes, int *count, struct err *err);

/* kase as it is after the changes: what the desk shows before the store has answered. Strings live in the arena; tags
 * stay in the order of their bytes. What follows from the fields (clock, rank, who escalated and when) is the store's
 * to say. */
void changes_apply(struct kase *kase, const struct change *changes, int count, struct arena *arena);

/* Case folded, spaces become '-', leading '#' dropped. False when empty or over 40 bytes. */
bool tag_normalise(const char *typed, char out[64]);

/* The same for agents and teams, whose leading '@' is dropped. */
bool name_normalise(const char *typed, char out[64]);

/* "low" "normal" "high" "urgent" or -1 to 2. */
bool priority_parse(const char *word, int *priority);

/* changes as a JSON array of [field, from, to], and back. */
char *changes_to_json(const struct change *changes, int count, struct arena *arena);
int changes_from_json(
        const char *text, struct arena *arena, const struct change **changes, int *count, struct err *err);

#endif
