#include "core/model/action.h"

#include "core/text/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>

enum { CHANGES_MAX = 8, TAGS_MAX = 32, WORD_MAX = 40, TEXT_MAX = 10000 };

static const struct {
	const char *word, *line;
	unsigned flags;
} actions[] = {
#define X(name, w, f, l) {.word = (w), .line = (l), .flags = (f)},
#include "core/model/action.def"
#undef X
};

const char *action_name(enum action_kind kind)
{
	return (size_t)kind < ACTION_COUNT ? actions[kind].word : "unknown";
}

bool action_parse(const char *word, enum action_kind *kind)
{
	for (int i = 0; i < ACTION_COUNT; i++) {
		if (str_eq(actions[i].word, word)) {
			*kind = (enum action_kind)i;
			return true;
		}
	}
	return false;
}

unsigned action_flags(enum action_kind kind)
{
	return (size_t)kind < ACTION_COUNT ? actions[kind].flags : 0;
}

const char *action_line(enum action_kind kind)
{
	return (size_t)kind < ACTION_COUNT ? actions[kind].line : "unknown";
}

/* --- words that people type */

static bool is_blank(char c)
{
	return c == ' ' || (unsigned char)c < 0x20;
}

static bool word_normalise(const char *typed, char sigil, char out[64])
{
	enum { TYPED_MAX = 512 };
	struct str folded;
	str_init(&folded, TYPED_MAX);
	size_t len = 0;
	bool gap = false;
	bool fits = typed && utf8_fold(typed, &folded) == 0;
	for (const char *p = folded.p; fits && *p; p++) {
		if (is_blank(*p) || (!len && *p == sigil)) {
			gap = true;
			continue;
		}
		if (gap && len)
			out[len++] = '-';
		gap = false;
		out[len++] = *p;
		fits = len <= WORD_MAX;
	}
	str_release(&folded);
	out[fits ? len : 0] = '\0';
	return fits && len > 0;
}

bool tag_normalise(const char *typed, char out[64])
{
	return word_normalise(typed, '#', out);
}

bool name_normalise(const char *typed, char out[64])
{
	return word_normalise(typed, '@', out);
}

bool priority_parse(const char *word, int *priority)
{
	static const char *const words[] = {"low", "normal", "high", "urgent"};
	int64_t n;
	for (int i = 0; i < 4; i++) {
		if (word && str_ieq(word, words[i])) {
			*priority = PRIORITY_MIN + i;
			return true;
		}
	}
	if (!word || !parse_i64(word, &n) || n < PRIORITY_MIN || n > PRIORITY_MAX)
		return false;
	*priority = (int)n;
	return true;
}

/* --- planning: one function an action, which checks and lists what changes */

struct plan {
	const struct kase *kase;
	const struct action *action;
	int64_t now;
	struct arena *arena;
	struct change *changes; /* CHANGES_MAX */
	int count;
	struct err *err;
};

static void push(struct plan *plan, enum case_field field, const char *from, const char *to)
{
	assert(plan->count < CHANGES_MAX);
	plan->changes[plan->count++] = (struct change){
	        .field = (int)field, .from = arena_strdup(plan->arena, from), .to = arena_strdup(plan->arena, to)};
}

static void set(struct plan *plan, enum case_field field, const char *to)
{
	const char *from = case_field_value(plan->kase, field, plan->arena);
	if (!str_eq(from, to))
		push(plan, field, from, to);
}

static void set_number(struct plan *plan, enum case_field field, int64_t n)
{
	set(plan, field, arena_printf(plan->arena, "%" PRId64, n));
}

static void set_status(struct plan *plan, enum case_status status)
{
	set(plan, FIELD_STATUS, case_status_name(status));
}

/* Somebody took it in hand. */
static void touch(struct plan *plan)
{
	if (plan->kase->status == STATUS_NEW)
		set_status(plan, STATUS_OPEN);
}

static bool is_resolved(const struct kase *kase)
{
	return kase->status == STATUS_DONE || kase->status == STATUS_IGNORED;
}

static int agent_of(struct plan *plan, char name[64])
{
	if (name_normalise(plan->action->agent, name))
		return 0;
	return err_set(plan->err, ERR_USAGE, "found \"%.40s\", expected an agent's name of at most %d bytes",
	        str_or(plan->action->agent, ""), WORD_MAX);
}

static int arg_of(struct plan *plan, bool (*normalise)(const char *, char[64]), const char *expected, char word[64])
{
	if (normalise(plan->action->arg, word))
		return 0;
	return err_set(plan->err, ERR_USAGE, "found \"%.40s\", expected %s of 1 to %d bytes",
	        str_or(plan->action->arg, ""), expected, WORD_MAX);
}

static int check_text(struct plan *plan)
{
	if (strlen(str_or(plan->action->text, "")) <= TEXT_MAX)
		return 0;
	return err_set(plan->err, ERR_LIMIT, "the text is longer than %d bytes", TEXT_MAX);
}

static int plan_claim(struct plan *plan)
{
	const struct kase *kase = plan->kase;
	char agent[64];
	int rc = agent_of(plan, agent);
	if (rc < 0)
		return rc;
	if (*str_or(kase->assignee, "") && !str_eq(kase->assignee, agent))
		return err_set(plan->err, ERR_STATE, "claimed by %s already", kase->assignee);
	if (*str_or(kase->writer, "") && kase->writer_until > plan->now && !str_eq(kase->writer, agent))
		return err_set(plan->err, ERR_STATE, "%s is writing an answer", kase->writer);
	set(plan, FIELD_ASSIGNEE, agent);
	touch(plan);
	return 0;
}

static int plan_release(struct plan *plan)
{
	const char *assignee = str_or(plan->kase->assignee, "");
	char agent[64];
	int rc = agent_of(plan, agent);
	if (rc < 0)
		return rc;
	if (*assignee && !str_eq(assignee, agent))
		return err_set(plan->err, ERR_STATE, "claimed by %s, not by you; unassign takes it away", assignee);
	set(plan, FIELD_ASSIGNEE, "");
	return 0;
}

static int plan_assign(struct plan *plan)
{
	char agent[64];
	int rc = arg_of(plan, name_normalise, "an agent's name", agent);
	if (rc < 0)
		return rc;
	set(plan, FIELD_ASSIGNEE, agent);
	touch(plan);
	return 0;
}

static int plan_unassign(struct plan *plan)
{
	set(plan, FIELD_ASSIGNEE, "");
	return 0;
}

static bool has_tag(const struct kase *kase, const char *tag)
{
	for (int i = 0; i < kase->tag_count; i++) {
		if (str_eq(kase->tags[i], tag))
			return true;
	}
	return false;
}

static int plan_tag(struct plan *plan)
{
	char tag[64];
	int rc = arg_of(plan, tag_normalise, "a tag", tag);
	if (rc < 0)
		return rc;
	if (has_tag(plan->kase, tag))
		return 0;
	if (plan->kase->tag_count >= TAGS_MAX)
		return err_set(plan->err, ERR_LIMIT, "the case has %d tags already", TAGS_MAX);
	push(plan, FIELD_TAG, "", tag);
	return 0;
}

static int plan_untag(struct plan *plan)
{
	char tag[64];
	int rc = arg_of(plan, tag_normalise, "a tag", tag);
	if (rc < 0)
		return rc;
	if (has_tag(plan->kase, tag))
		push(plan, FIELD_TAG, tag, "");
	return 0;
}

static int plan_note(struct plan *plan)
{
	const char *text = str_or(plan->action->text, "");
	if (!text[strspn(text, " \t\r\n")])
		return err_set(plan->err, ERR_USAGE, "found no words, expected the text of the note");
	return check_text(plan);
}

static int plan_escalate(struct plan *plan)
{
	const struct kase *kase = plan->kase;
	char team[64];
	int rc = arg_of(plan, name_normalise, "a team", team);
	if (rc == 0)
		rc = check_text(plan);
	if (rc < 0)
		return rc;
	/* One that failed is tried again by escalating again. */
	if (str_eq(kase->escalated_to, team) && kase->escalation != ESCALATION_FAILED)
		return err_set(plan->err, ERR_STATE, "escalated to %s already", team);
	set(plan, FIELD_ESCALATED_TO, team);
	set(plan, FIELD_ESCALATION_WHY, str_or(plan->action->text, ""));
	set(plan, FIELD_ESCALATION_STATE, escalation_state_name(ESCALATION_PENDING));
	touch(plan);
	return 0;
}

static int plan_deescalate(struct plan *plan)
{
	if (!*str_or(plan->kase->escalated_to, ""))
		return err_set(plan->err, ERR_STATE, "not escalated");
	set(plan, FIELD_ESCALATED_TO, "");
	set(plan, FIELD_ESCALATION_WHY, "");
	set(plan, FIELD_ESCALATION_STATE, escalation_state_name(ESCALATION_NONE));
	return 0;
}

static int set_escalation(struct plan *plan, enum escalation_state state)
{
	if (*str_or(plan->kase->escalated_to, ""))
		set(plan, FIELD_ESCALATION_STATE, escalation_state_name(state));
	return 0;
}

static int plan_escalation_delivered(struct plan *plan)
{
	return set_escalation(plan, ESCALATION_DELIVERED);
}

static int plan_escalation_failed(struct plan *plan)
{
	return set_escalation(plan, ESCALATION_FAILED);
}

static int plan_snooze(struct plan *plan)
{
	if (is_resolved(plan->kase))
		return err_set(
		        plan->err, ERR_STATE, "already %s; reopen it first", case_status_name(plan->kase->status));
	if (plan->action->until <= plan->now)
		return err_set(plan->err, ERR_USAGE, "found a time that is past, expected one to come");
	set_status(plan, STATUS_SNOOZED);
	set_number(plan, FIELD_SNOOZED_UNTIL, plan->action->until);
	return 0;
}

static int plan_open(struct plan *plan)
{
	set_status(plan, STATUS_OPEN);
	set(plan, FIELD_SNOOZED_UNTIL, "");
	set(plan, FIELD_DONE_REASON, "");
	return 0;
}

static int plan_wake(struct plan *plan)
{
	if (plan->kase->status != STATUS_SNOOZED)
		return err_set(plan->err, ERR_STATE, "not snoozed");
	return plan_open(plan);
}

static int plan_reopen(struct plan *plan)
{
	if (plan->kase->status == STATUS_NEW || plan->kase->status == STATUS_OPEN)
		return err_set(plan->err, ERR_STATE, "already open");
	return plan_open(plan);
}

/* The customer wrote again: what was ignored stays so. */
static int plan_reopened(struct plan *plan)
{
	enum case_status status = plan->kase->status;
	return status == STATUS_WAITING || status == STATUS_SNOOZED || status == STATUS_DONE ? plan_open(plan) : 0;
}

static int plan_replied(struct plan *plan)
{
	if (plan->kase->status == STATUS_NEW || plan->kase->status == STATUS_OPEN)
		set_status(plan, STATUS_WAITING);
	return 0;
}

static int resolve(struct plan *plan, enum case_status status)
{
	char reason[64] = "";
	if (plan->kase->status == status)
		return err_set(plan->err, ERR_STATE, "already %s", case_status_name(status));
	if (*str_or(plan->action->arg, "")) {
		int rc = arg_of(plan, tag_normalise, "a reason", reason);
		if (rc < 0)
			return rc;
	}
	set_status(plan, status);
	set(plan, FIELD_SNOOZED_UNTIL, "");
	set(plan, FIELD_DONE_REASON, reason);
	return 0;
}

static int plan_done(struct plan *plan)
{
	return resolve(plan, STATUS_DONE);
}

static int plan_ignore(struct plan *plan)
{
	return resolve(plan, STATUS_IGNORED);
}

static int plan_priority(struct plan *plan)
{
	int priority;
	if (!priority_parse(plan->action->arg, &priority))
		return err_set(plan->err, ERR_USAGE, "found \"%.40s\", expected low, normal, high or urgent",
		        str_or(plan->action->arg, ""));
	set_number(plan, FIELD_PRIORITY, priority);
	return 0;
}

static int plan_mute(struct plan *plan)
{
	int64_t until = plan->action->until;
	if (until && until <= plan->now)
		return err_set(plan->err, ERR_USAGE, "found a time that is past, expected one to come");
	if (until)
		set_number(plan, FIELD_MUTED_UNTIL, until);
	else
		set(plan, FIELD_MUTED_UNTIL, "");
	return 0;
}

/* The other one is a number once the store has looked; before that, whatever was typed stands for it. */
static int plan_pair(struct plan *plan, const char **pair)
{
	const char *arg = str_or(plan->action->arg, "");
	int64_t us = plan->kase->customer_id, other;
	*pair = arg;
	if (!*arg)
		return err_set(plan->err, ERR_USAGE, "found nobody, expected a customer's handle or number");
	if (!parse_i64(arg, &other))
		return check_text(plan);
	if (other == us)
		return err_set(plan->err, ERR_STATE, "that is this customer");
	*pair = arena_printf(plan->arena, "%" PRId64 "-%" PRId64, us < other ? us : other, us < other ? other : us);
	return check_text(plan);
}

static int plan_join(struct plan *plan)
{
	const char *pair;
	int rc = plan_pair(plan, &pair);
	if (rc == 0)
		push(plan, FIELD_JOINED, "", pair);
	return rc;
}

static int plan_part(struct plan *plan)
{
	const char *pair;
	int rc = plan_pair(plan, &pair);
	if (rc == 0)
		push(plan, FIELD_JOINED, pair, "");
	return rc;
}

static int plan_undo(struct plan *plan)
{
	return err_set(plan->err, ERR_USAGE, "an undo needs the journal's entry that it takes back");
}

/* What has no function here is an event of the journal that changes no field. */
static int (*const planners[ACTION_COUNT])(struct plan *) = {
        [ACTION_REOPENED] = plan_reopened,
        [ACTION_REPLIED] = plan_replied,
        [ACTION_CLAIM] = plan_claim,
        [ACTION_RELEASE] = plan_release,
        [ACTION_ASSIGN] = plan_assign,
        [ACTION_UNASSIGN] = plan_unassign,
        [ACTION_TAG] = plan_tag,
        [ACTION_UNTAG] = plan_untag,
        [ACTION_NOTE] = plan_note,
        [ACTION_ESCALATE] = plan_escalate,
        [ACTION_DEESCALATE] = plan_deescalate,
        [ACTION_ESCALATION_DELIVERED] = plan_escalation_delivered,
        [ACTION_ESCALATION_FAILED] = plan_escalation_failed,
        [ACTION_SNOOZE] = plan_snooze,
        [ACTION_WAKE] = plan_wake,
        [ACTION_DONE] = plan_done,
        [ACTION_IGNORE] = plan_ignore,
        [ACTION_REOPEN] = plan_reopen,
        [ACTION_PRIORITY] = plan_priority,
        [ACTION_MUTE] = plan_mute,
        [ACTION_JOIN] = plan_join,
        [ACTION_PART] = plan_part,
        [ACTION_UNDO] = plan_undo,
};

int action_plan(const struct kase *kase, const struct action *action, int64_t now, struct arena *arena,
        const struct change **changes, int *count, struct err *err)
{
	struct plan plan = {.kase = kase, .action = action, .now = now, .arena = arena, .err = err};
	*changes = NULL;
	*count = 0;
	if ((size_t)action->kind >= ACTION_COUNT)
		return err_set(err, ERR_USAGE, "found action number %d, which is none", (int)action->kind);
	if (!planners[action->kind])
		return 0;
	plan.changes = arena_array(arena, struct change, CHANGES_MAX);
	int rc = planners[action->kind](&plan);
	if (rc < 0)
		return rc;
	*changes = plan.changes;
	*count = plan.count;
	return 0;
}
