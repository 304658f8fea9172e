/* Actions on cases: shown at once, marked pending until the store has them, taken back with words when it refuses. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"

void apply_pending(const struct state *state, struct kase *kase, struct arena *arena)
{
	for (size_t i = 0; i < state->pending.len; i++) {
		const struct pending *pending = &state->pending.at[i];
		const struct change *changes;
		int count;
		struct err err = ERR_INIT;
		if (pending->case_id == kase->id && !pending->undo &&
		        action_plan(kase, &pending->action, state->wall, arena, &changes, &count, &err) == 0)
			changes_apply(kase, changes, count, arena);
	}
}

void action_show(struct state *state, int64_t case_id, const struct change *changes, int count)
{
	struct kase *row = inbox_row(state, case_id);
	if (row)
		changes_apply(row, changes, count, &state->inbox.arena);
	if (state->thread.view && state->thread.case_id == case_id)
		changes_apply(&state->thread.view->kase, changes, count, &state->thread.arena);
}

void action_words(const struct action *action, char *out, size_t size)
{
	char when[64] = "";
	if (action->until)
		time_format_local(action->until, "%a %H:%M", when, sizeof when);
	bool number = action_flags(action->kind) & A_WHOM && strspn(action->arg, "0123456789") == strlen(action->arg);
	snprintf(out, size, "%s%s%s%s%s", action_line(action->kind),
	        number         ? " #"
	        : *action->arg ? " "
	                       : "",
	        action->arg, *when ? " " : "", when);
}

static void send(struct state *state, struct effects *fx, const struct action *action)
{
	struct effect *effect = effects_add(fx, FX_ACT);
	effect->request = next_request(state);
	effect->action = copy_action(&fx->arena, action);
	struct pending pending = {effect->request, action->case_id, action_keep(action), false};
	vec_push(&state->pending, pending);
}

bool act(struct state *state, struct effects *fx, struct action action, bool moves_on)
{
	const struct kase *kase = state_case(state);
	if (!kase) {
		complain(state, "no case is selected");
		return false;
	}
	if (!may_write(state))
		return false;
	action.case_id = kase->id;
	const struct change *changes;
	int count;
	struct err err = ERR_INIT;
	struct arena arena = ARENA_INIT;
	bool fits = action_plan(kase, &action, state->wall, &arena, &changes, &count, &err) == 0;
	char words[256];
	action_words(&action, words, sizeof words);
	if (!fits) {
		complain(state, "#%lld: %s", (long long)kase->id, err.text);
	} else if (!count && action.kind != ACTION_NOTE) {
		say(state, "#%lld: nothing to change", (long long)kase->id);
	} else {
		char key[CHORD_TEXT_MAX];
		bool undo = action_flags(action.kind) & A_UNDO;
		say(state, "#%lld %s%s%s%s", (long long)kase->id, words, undo ? "; " : "",
		        undo ? key_for(state, MODE_INBOX, CMD_UNDO, key) : "", undo ? " takes it back" : "");
		send(state, fx, &action);
		action_show(state, action.case_id, changes, count);
		inbox_changed(state, action.case_id, moves_on);
	}
	arena_release(&arena);
	return fits;
}

/* To take back an undo is to do it again. */
static const char *undone_words(const struct journal_entry *entry, char *out, size_t size)
{
	enum action_kind kind;
	bool known = action_parse(entry->action, &kind);
	if (known && kind == ACTION_UNDO)
		return "done again";
	snprintf(out, size, "taken back: %s", known ? action_line(kind) : entry->action);
	return out;
}

/* Of several cases some did not fit: the first says why. */
static void tell_refused(struct state *state, const struct event *event, const char *words)
{
	char more[48] = "";
	if (event->acted.refused > 1)
		snprintf(more, sizeof more, " (and %d more)", event->acted.refused - 1);
	complain(state, "%d of %d cases %s; #%lld not: %s%s", event->acted.done,
	        event->acted.done + event->acted.refused, words, (long long)event->acted.why_case,
	        str_or(event->acted.why, "it does not fit"), more);
}

static void tell_undone(struct state *state, const struct event *event)
{
	const struct journal_entry *entry = event->acted.undone;
	char words[64];
	const char *what = entry ? undone_words(entry, words, sizeof words) : "";
	if (!entry)
		say(state, "nothing to take back");
	else if (event->acted.refused)
		tell_refused(state, event, what);
	else if (entry->batch)
		say(state, "%d %s %s", event->acted.done, event->acted.done == 1 ? "case" : "cases", what);
	else
		say(state, "#%lld %s", (long long)entry->case_id, what);
	if (event->acted.kase && !(entry && entry->batch) && !state->composer.open)
		inbox_go(state, event->acted.kase);
}

static void tell_acted(struct state *state, const struct pending *pending, const struct event *event)
{
	if (event->err && pending->undo)
		complain(state, "%s", event->err->text);
	else if (event->err)
		complain(state, "#%lld not %s: %s", (long long)pending->case_id, action_line(pending->action.kind),
		        event->err->text);
	else if (pending->undo)
		tell_undone(state, event);
	else if (event->acted.refused)
		tell_refused(state, event, action_line(pending->action.kind));
	if (event->err && pending->action.kind == ACTION_NOTE)
		draft_back(state, pending->case_id, DRAFT_NOTE, pending->action.text, 0);
}

void acted(struct state *state, const struct event *event)
{
	bool told = false;
	for (size_t i = 0; i < state->pending.len;) {
		struct pending pending = state->pending.at[i];
		if (pending.request != event->request) {
			i++;
			continue;
		}
		vec_remove(&state->pending, i);
		if (!told)
			tell_acted(state, &pending, event);
		told = true;
		action_release(&pending.action);
	}
	if (!told)
		return;
	/* The rows as they are now are asked for again in any case; what was refused shows itself undone by that. */
	state->inbox.fetch.dirty = state->thread.fetch.dirty = true;
	state->fetches.counts.dirty = state->fetches.numbers.dirty = true;
}
