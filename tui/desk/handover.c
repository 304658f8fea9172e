/* Leaving: what this agent still holds is shown, a case a row; each is handed over or kept; a note goes with what is
 * handed over; then the desk ends. Who holds nothing leaves at once. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"

enum {
	UNDER_WAY = 1 << REPLY_HELD | 1 << REPLY_QUEUED | 1 << REPLY_SENDING,
	NOT_SENT = 1 << REPLY_FAILED | 1 << REPLY_STOPPED,
	IN_DOUBT = 1 << REPLY_IN_DOUBT,
	OUTGOING_MAX = 64
};

/* --- what is held */

/* The first reply of a case in one of the states; NULL: none. */
static const struct reply *reply_in(const struct state *state, int64_t case_id, unsigned states)
{
	const struct reply *replies[OUTGOING_MAX];
	int count = state_outgoing(state, states, replies, OUTGOING_MAX);
	for (int i = 0; i < count && i < OUTGOING_MAX; i++)
		if (replies[i]->case_id == case_id)
			return replies[i];
	return NULL;
}

void handover_words(const struct state *state, const struct kase *kase, char *out, size_t size)
{
	struct str words = STR_INIT;
	char when[32];
#define ADD(...) (str_adds(&words, words.len ? ", " : ""), str_addf(&words, __VA_ARGS__))
	if (str_eq(kase->assignee, state->setup.agent))
		ADD("yours");
	if (state_draft_at(state, kase))
		ADD("draft");
	if (reply_in(state, kase->id, UNDER_WAY))
		ADD("reply held");
	if (reply_in(state, kase->id, NOT_SENT))
		ADD("reply not sent");
	if (reply_in(state, kase->id, IN_DOUBT))
		ADD("reply in doubt");
	if (kase->status == STATUS_SNOOZED) {
		time_format_local(kase->snoozed_until, "%a %H:%M", when, sizeof when);
		ADD("snoozed until %s", when);
	}
#undef ADD
	str_copy(out, size, words.p);
	str_release(&words);
}

bool state_in_handover(const struct state *state)
{
	return state->overlay == MODE_HANDOVER ||
	       (state->overlay == MODE_PICKER && state->picker.purpose == PICK_HEIR) ||
	       (state->overlay == MODE_PROMPT && state->prompt.purpose == PROMPT_HANDOVER);
}

int state_unsafe_drafts(const struct state *state)
{
	int n = 0;
	for (size_t i = 0; i < state->drafts.len; i++)
		n += state->drafts.at[i].failed;
	return n;
}

static void open_list(struct state *state, struct effects *fx)
{
	struct handover *handover = &state->handover;
	struct effect *effect = effects_add(fx, FX_HOLDINGS);
	effect->request = handover->request = next_request(state);
	handover->read = state->last_read;
	handover->count = handover->at = 0;
	handover->done = -1;
	state->message.text[0] = '\0'; /* the keys of this place are to be seen */
	overlay_open(state, MODE_HANDOVER);
}

void handover_answer(struct state *state, const struct event *event, struct effects *fx)
{
	struct handover *handover = &state->handover;
	if (!event->request || event->request != handover->request)
		return;
	handover->request = 0;
	if (state->overlay != MODE_HANDOVER)
		return;
	if (event->err) {
		complain(state, "%s; what you hold is not known", event->err->text);
		return;
	}
	arena_reset(&handover->arena);
	handover->cases = copy_cases(&handover->arena, event->rows.rows, event->rows.count);
	handover->count = event->rows.count;
	handover->to = arena_array(&handover->arena, const char *, (size_t)handover->count + 1);
	bool nothing = !handover->count && !state_unsafe_drafts(state) && !state_outgoing(state, UNDER_WAY, NULL, 0);
	if (nothing)
		leave(state, fx);
}

/* --- what becomes of it */

void handover_move(struct state *state, int delta)
{
	struct handover *handover = &state->handover;
	int64_t to = (int64_t)handover->at + delta;
	handover->at = to >= handover->count ? handover->count - 1 : (int)to;
	if (handover->at < 0)
		handover->at = 0;
}

static void decide(struct state *state, int at, const char *to)
{
	struct handover *handover = &state->handover;
	handover->to[at] = to ? arena_strdup(&handover->arena, to) : NULL;
	handover->done = at;
}

void cmd_hand_over(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	char name[64];
	if (!state->handover.count)
		return;
	if (command->id == CMD_HAND_OVER && !*args) {
		picker_open(state, PICK_HEIR, fx);
		return;
	}
	if (command->id == CMD_HAND_OVER && !name_normalise(args, name)) {
		complain(state, "found \"%.40s\", expected an agent's name", args);
		return;
	}
	bool mine = command->id == CMD_HAND_OVER && str_eq(name, state->setup.agent);
	bool keep = command->id == CMD_HAND_OVER_KEEP || mine;
	decide(state, state->handover.at, keep ? NULL : command->id == CMD_HAND_OVER ? name : "");
	handover_move(state, 1);
}

void cmd_hand_over_all(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	struct handover *handover = &state->handover;
	if (handover->done < 0) {
		say(state, "say of one case what becomes of it, then it can be said of all");
		return;
	}
	for (int i = 0; i < handover->count; i++)
		handover->to[i] = handover->to[handover->done];
}

void handover_accept(struct state *state, struct effects *fx)
{
	struct handover *handover = &state->handover;
	for (int i = 0; i < handover->count; i++)
		if (handover->to[i]) {
			if (may_write(state))
				prompt_open(state, PROMPT_HANDOVER, "hand-over note, for each of them: ", "");
			return;
		}
	leave(state, fx);
}

/* Whoever gets it reads what was meant and could not be said. */
static const char *note_text(const struct state *state, int at, const char *words, struct arena *arena)
{
	const struct handover *handover = &state->handover;
	const struct reply *unsent = reply_in(state, handover->cases[at].id, NOT_SENT);
	const char *to = handover->to[at];
	return arena_printf(arena, "handed over by %s%s%s%s%s%s%s%s", state->setup.agent,
	        *to ? " to @" : " to the queue", to, *words ? ": " : "", words, unsent ? "; not sent: \"" : "",
	        unsent ? unsent->text : "", unsent ? "\"" : "");
}

static int add_actions(
        const struct state *state, int at, const char *words, struct action *actions, struct arena *arena)
{
	const struct kase *kase = &state->handover.cases[at];
	const char *to = state->handover.to[at];
	int n = 0;
	struct action action = {.case_id = kase->id, .agent = state->setup.agent, .arg = to, .text = ""};
	action.kind = *to ? ACTION_ASSIGN : ACTION_UNASSIGN;
	if (*to || *kase->assignee)
		actions[n++] = copy_action(arena, &action);
	action.kind = ACTION_NOTE;
	action.arg = "";
	action.text = note_text(state, at, words, arena);
	actions[n++] = copy_action(arena, &action);
	return n;
}

void handover_note(struct state *state, const char *words, struct effects *fx)
{
	struct handover *handover = &state->handover;
	struct action *actions = arena_array(&fx->arena, struct action, 2 * (size_t)handover->count + 1);
	int n = 0;
	for (int i = 0; i < handover->count; i++)
		if (handover->to[i])
			n += add_actions(state, i, words, actions + n, &fx->arena);
	struct effect *effect = effects_add(fx, FX_ACT_MANY);
	effect->request = handover->acting = next_request(state);
	effect->many.actions = actions;
	effect->many.count = n;
	overlay_open(state, MODE_HANDOVER);
	say(state, "handing over ...");
}

bool handover_acted(struct state *state, const struct event *event, struct effects *fx)
{
	struct handover *handover = &state->handover;
	if (!event->request || event->request != handover->acting)
		return false;
	handover->acting = 0;
	state->inbox.fetch.dirty = state->thread.fetch.dirty = true;
	if (event->err) {
		complain(state, "nothing was handed over: %s", event->err->text);
	} else if (event->acted.refused) {
		open_list(state, fx);
		complain(state, "%d handed over; #%lld not: %s", event->acted.done, (long long)event->acted.why_case,
		        str_or(event->acted.why, "it does not fit"));
	} else {
		leave(state, fx);
	}
	return true;
}

/* In the list it is the second stroke. */
void cmd_quit(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state_mode(state) != MODE_HANDOVER)
		open_list(state, fx);
	else if (state->last_read != state->handover.read)
		handover_accept(state, fx);
}
