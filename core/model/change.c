/* Changes: one field of a case, from what to what. How they are written, applied, and taken back. */
#include "core/base/json.h"
#include "core/model/action.h"

#include <inttypes.h>
#include <stddef.h>

/* How a field is spoken of when it changed since; what a person cannot read (milliseconds, prose) is not repeated. */
static const struct {
	const char *name, *spoken;
	bool readable;
} fields[FIELD_COUNT] = {
        [FIELD_STATUS] = {"status", "status", true},
        [FIELD_ASSIGNEE] = {"assignee", "assignee", true},
        [FIELD_TAG] = {"tag", "tag", true},
        [FIELD_ESCALATED_TO] = {"escalated_to", "the escalation's team", true},
        [FIELD_ESCALATION_WHY] = {"escalation_why", "the escalation's reason", false},
        [FIELD_ESCALATION_STATE] = {"escalation", "the escalation", true},
        [FIELD_SNOOZED_UNTIL] = {"snoozed_until", "the end of the snooze", false},
        [FIELD_DONE_REASON] = {"done_reason", "the reason", true},
        [FIELD_PRIORITY] = {"priority", "priority", true},
        [FIELD_MUTED_UNTIL] = {"muted_until", "the author's mute", false},
        [FIELD_JOINED] = {"joined", "who the customer is", false},
};

const char *case_field_name(enum case_field field)
{
	return (size_t)field < FIELD_COUNT ? fields[field].name : "unknown";
}

bool case_field_parse(const char *word, enum case_field *field)
{
	for (int i = 0; i < FIELD_COUNT; i++) {
		if (str_eq(fields[i].name, word)) {
			*field = (enum case_field)i;
			return true;
		}
	}
	return false;
}

static const char *time_value(int64_t ms, struct arena *arena)
{
	return ms ? arena_printf(arena, "%" PRId64, ms) : "";
}

const char *case_field_value(const struct kase *kase, enum case_field field, struct arena *arena)
{
	switch (field) {
	case FIELD_STATUS: return case_status_name(kase->status);
	case FIELD_ASSIGNEE: return str_or(kase->assignee, "");
	case FIELD_ESCALATED_TO: return str_or(kase->escalated_to, "");
	case FIELD_ESCALATION_WHY: return str_or(kase->escalation_why, "");
	case FIELD_ESCALATION_STATE: return escalation_state_name(kase->escalation);
	case FIELD_SNOOZED_UNTIL: return time_value(kase->snoozed_until, arena);
	case FIELD_DONE_REASON: return str_or(kase->done_reason, "");
	case FIELD_PRIORITY: return arena_printf(arena, "%d", kase->priority);
	case FIELD_MUTED_UNTIL: return time_value(kase->muted_until, arena);
	case FIELD_TAG:
	case FIELD_JOINED:
	case FIELD_COUNT: break;
	}
	return "";
}

/* --- applying */

static int tag_find(const struct kase *kase, const char *tag)
{
	for (int i = 0; i < kase->tag_count; i++) {
		if (str_eq(kase->tags[i], tag))
			return i;
	}
	return -1;
}

/* The rows belong to somebody else (a query's arena): the array is replaced, never written. */
static void tag_insert(struct kase *kase, const char *tag, struct arena *arena)
{
	if (tag_find(kase, tag) >= 0)
		return;
	const char **tags = arena_array(arena, const char *, (size_t)kase->tag_count + 1);
	int place = 0;
	while (place < kase->tag_count && strcmp(kase->tags[place], tag) < 0)
		place++;
	for (int i = 0; i < kase->tag_count; i++)
		tags[i + (i >= place)] = kase->tags[i];
	tags[place] = arena_strdup(arena, tag);
	kase->tags = tags;
	kase->tag_count++;
}

static void tag_remove(struct kase *kase, const char *tag, struct arena *arena)
{
	int place = tag_find(kase, tag);
	if (place < 0)
		return;
	const char **tags = arena_array(arena, const char *, (size_t)kase->tag_count);
	for (int i = 0, kept = 0; i < kase->tag_count; i++) {
		if (i != place)
			tags[kept++] = kase->tags[i];
	}
	kase->tags = tags;
	kase->tag_count--;
}

static void number_apply(int64_t *number, const char *value)
{
	if (!*value)
		*number = 0;
	else
		parse_i64(value, number);
}

static void change_apply(struct kase *kase, const struct change *change, struct arena *arena)
{
	const char *to = str_or(change->to, "");
	int64_t priority = kase->priority;
	switch ((enum case_field)change->field) {
	case FIELD_STATUS: case_status_parse(to, &kase->status); break;
	case FIELD_ASSIGNEE: kase->assignee = arena_strdup(arena, to); break;
	case FIELD_ESCALATED_TO: kase->escalated_to = arena_strdup(arena, to); break;
	case FIELD_ESCALATION_WHY: kase->escalation_why = arena_strdup(arena, to); break;
	case FIELD_ESCALATION_STATE: escalation_state_parse(to, &kase->escalation); break;
	case FIELD_SNOOZED_UNTIL: number_apply(&kase->snoozed_until, to); break;
	case FIELD_DONE_REASON: kase->done_reason = arena_strdup(arena, to); break;
	case FIELD_MUTED_UNTIL: number_apply(&kase->muted_until, to); break;
	case FIELD_PRIORITY:
		number_apply(&priority, to);
		kase->priority = (int)priority;
		break;
	case FIELD_TAG:
		if (*to)
			tag_insert(kase, to, arena);
		else
			tag_remove(kase, str_or(change->from, ""), arena);
		break;
	case FIELD_JOINED: /* no row of a case says it */
	case FIELD_COUNT: break;
	}
}

void changes_apply(struct kase *kase, const struct change *changes, int count, struct arena *arena)
{
	for (int i = 0; i < count; i++)
		change_apply(kase, &changes[i], arena);
}

/* --- taking back */

/* Does the case still stand as the change left it? */
static int check_unchanged(const struct kase *kase, const struct change *change, struct arena *arena, struct err *err)
{
	enum case_field field = (enum case_field)change->field;
	if (field == FIELD_JOINED) /* once more joined or parted, they are as they are */
		return 0;
	if (field == FIELD_TAG) {
		bool added = *change->to;
		const char *tag = added ? change->to : change->from;
		if (added == (tag_find(kase, tag) >= 0))
			return 0;
		return err_set(err, ERR_STATE, "tag %s was %s since", tag, added ? "removed" : "added");
	}
	const char *now = case_field_value(kase, field, arena);
	if (str_eq(now, change->to))
		return 0;
	if (!fields[field].readable)
		return err_set(err, ERR_STATE, "%s was changed since", fields[field].spoken);
	return err_set(err, ERR_STATE, "%s is %s now, not %s", fields[field].spoken, str_or(now, "none"),
	        str_or(change->to, "none"));
}

static int check_undoable(const struct kase *kase, const struct journal_entry *entry, struct err *err)
{
	enum action_kind kind;
	if (entry->case_id != kase->id)
		return err_set(err, ERR_USAGE, "entry %" PRId64 " belongs to case %" PRId64 ", not %" PRId64, entry->id,
		        entry->case_id, kase->id);
	if (entry->undone)
		return err_set(err, ERR_STATE, "\"%s\" is undone already", entry->action);
	if (!action_parse(entry->action, &kind) || (kind != ACTION_UNDO && !(action_flags(kind) & A_UNDO)))
		return err_set(err, ERR_STATE, "\"%s\" cannot be undone", entry->action);
	return 0;
}

int action_plan_undo(const struct kase *kase, const struct journal_entry *entry, struct arena *arena,
        const struct change **changes, int *count, struct err *err)
{
	*changes = NULL;
	*count = 0;
	int rc = check_undoable(kase, entry, err);
	if (rc < 0)
		return rc;
	struct change *inverse = arena_array(arena, struct change, (size_t)entry->change_count + 1);
	for (int i = 0; i < entry->change_count; i++) {
		const struct change *done = &entry->changes[entry->change_count - 1 - i];
		rc = check_unchanged(kase, done, arena, err);
		if (rc < 0)
			return rc;
		inverse[i] = (struct change){.field = done->field, .from = done->to, .to = done->from};
	}
	*changes = inverse;
	*count = entry->change_count;
	return 0;
}

/* --- JSON */

char *changes_to_json(const struct change *changes, int count, struct arena *arena)
{
	json *list = json_array();
	for (int i = 0; i < count; i++) {
		json *row = json_array();
		json_push_str(row, case_field_name((enum case_field)changes[i].field));
		json_push_str(row, changes[i].from);
		json_push_str(row, changes[i].to);
		json_push(list, row);
	}
	struct str text = STR_INIT;
	json_print(list, &text);
	json_free(list);
	char *out = arena_strndup(arena, text.p, text.len);
	str_release(&text);
	return out;
}

static int change_from_json(const json *row, struct arena *arena, struct change *out, struct err *err)
{
	const char *words[3] = {"", "", ""};
	size_t n = 0;
	if (!json_is_array(row) || json_count(row) != 3)
		return err_set(err, ERR_DATA, "found a change that is not [field, from, to]");
	for (const json *item = json_first(row); item; item = json_next(item)) {
		words[n] = json_text(item);
		if (!words[n++])
			return err_set(err, ERR_DATA, "found a change that is not made of three texts");
	}
	enum case_field field;
	if (!case_field_parse(words[0], &field))
		return err_set(err, ERR_DATA, "found a change of \"%.40s\", which is no field of a case", words[0]);
	*out = (struct change){
	        .field = (int)field, .from = arena_strdup(arena, words[1]), .to = arena_strdup(arena, words[2])};
	return 0;
}

int changes_from_json(const char *text, struct arena *arena, const struct change **changes, int *count, struct err *err)
{
	*changes = NULL;
	*count = 0;
	json *list = json_read(text, strlen(text), err);
	if (!list)
		return -ERR_DATA;
	int rc = 0;
	if (!json_is_array(list)) {
		rc = err_set(err, ERR_DATA, "found no list where changes were expected");
		goto out;
	}
	struct change *read = arena_array(arena, struct change, json_count(list) + 1);
	int n = 0;
	for (const json *row = json_first(list); row && rc == 0; row = json_next(row))
		rc = change_from_json(row, arena, &read[n++], err);
	if (rc == 0) {
		*changes = read;
		*count = n;
	}
out:
	json_free(list);
	return rc;
}
