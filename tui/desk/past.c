/* The customer's panel: who they are, and all their cases, to go to one. */
#include "tui/desk/inner.h"

#define PAST_MAX 500 /* newest cases of a customer */

void past_ask(struct state *state, struct effects *fx)
{
	struct effect *effect = effects_add(fx, FX_PAST);
	effect->request = state->past.request = next_request(state);
	effect->kase.case_id = state->inbox.selected;
	effect->kase.max_items = PAST_MAX;
	state->past.count = 0;
	state->picker.waiting = true;
}

/* The words by which a case is found as one types; the view draws the case itself. */
static void add_case(struct state *state, const struct kase *kase)
{
	struct picker *picker = &state->picker;
	struct str label = STR_INIT;
	str_addf(&label, "#%lld %s %s", (long long)kase->id, case_status_name(kase->status), kase->done_reason);
	for (int i = 0; i < kase->tag_count; i++)
		str_addf(&label, " %s", kase->tags[i]);
	str_addf(&label, " %s", kase->summary);
	picker_add(picker, label.p, "", 0, arena_printf(&picker->arena, "%lld", (long long)kase->id));
	str_release(&label);
}

void past_answer(struct state *state, const struct event *event)
{
	struct past *past = &state->past;
	if (!event->request || event->request != past->request)
		return;
	past->request = 0;
	if (state->overlay != MODE_PICKER || state->picker.purpose != PICK_PAST)
		return;
	state->picker.waiting = false;
	if (event->err) {
		overlay_close(state);
		complain(state, "%s", event->err->text);
		return;
	}
	arena_reset(&past->arena);
	past->cases = copy_past(&past->arena, event->past.cases, event->past.count);
	past->count = event->past.count;
	for (int i = 0; i < past->count; i++)
		add_case(state, &past->cases[i].kase);
	picker_typed(state);
}

void cmd_customer(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state_case(state))
		picker_open(state, PICK_PAST, fx);
	else
		complain(state, "no case is selected");
}
