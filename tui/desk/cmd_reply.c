/* Commands that answer, and the strokes of the send bar. */
#include "core/model/reply_text.h"
#include "tui/desk/inner.h"

static bool waits_in_outbox(const struct reply *reply)
{
	return reply->state == REPLY_FAILED || reply->state == REPLY_STOPPED;
}

/* The reply of the selected case that waits for a person: the selected item, else the first. */
static const struct reply *waiting_reply(const struct state *state, bool selected_only)
{
	const struct case_view *view = state_view(state);
	int at = state_item_index(state);
	if (at >= 0 && view->items[at].reply && waits_in_outbox(view->items[at].reply))
		return view->items[at].reply;
	for (int i = 0; view && !selected_only && i < view->item_count; i++)
		if (view->items[i].reply && waits_in_outbox(view->items[i].reply))
			return view->items[i].reply;
	return NULL;
}

static void withdraw(struct state *state, struct effects *fx, const struct reply *reply)
{
	int64_t *id = arena_new(&fx->arena, int64_t);
	*id = reply->id;
	struct effect *effect = effects_add(fx, FX_WITHDRAW);
	effect->request = state->withdraw_request = next_request(state);
	state->withdrawn_kind = reply->kind;
	effect->ids.ids = id;
	effect->ids.count = 1;
}

void cmd_withdraw(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	const struct reply *reply = waiting_reply(state, false);
	if (!reply)
		say(state, "no reply of this case waits in the outbox");
	else if (may_write(state))
		withdraw(state, fx, reply);
}

/* Opens the composer on the post that is answered; false, with words, when that cannot be: before anything is typed. */
static bool open_reply(struct state *state, enum draft_kind kind)
{
	const struct post *post = thread_answered(state);
	const struct kase *kase = state_case(state);
	char why[OBJECTION_TEXT_MAX];
	if (!kase)
		complain(state, "no case is selected");
	else if (!post)
		complain(state, "there is no post to answer");
	else if (reply_refused(state_account(state, kase->account_id), post, kind == DRAFT_PRIVATE, why, sizeof why))
		complain(state, "%s", why);
	else {
		composer_open(state, kind, post);
		return true;
	}
	return false;
}

static void put_text(struct state *state, const char *text, struct effects *fx)
{
	if (!*text)
		return;
	compose_paste(&state->composer.compose, text, strlen(text));
	composer_edited(state, fx, true);
}

void cmd_reply(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	const struct reply *waiting = waiting_reply(state, true);
	if (state->inbox.selected && !state_view(state) && !state->thread.gone) {
		state->reply_after_load = state->thread.fetch.dirty = true;
		say(state, "loading ...");
	} else if (waiting && !*args) {
		withdraw(state, fx, waiting);
	} else if (open_reply(state, DRAFT_REPLY)) {
		put_text(state, args, fx);
	}
}

void cmd_reply_private(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	const struct kase *kase = state_case(state);
	const struct account *account = kase ? state_account(state, kase->account_id) : NULL;
	char why[OBJECTION_TEXT_MAX];
	if (reply_refused(account, thread_answered(state), true, why, sizeof why))
		complain(state, "%s", why);
	else if (!*args && kase && !(state->composer.case_id == kase->id && *state->composer.why_private))
		picker_open(state, PICK_PRIVATE, fx);
	else if (open_reply(state, DRAFT_PRIVATE) && *args)
		str_copy(state->composer.why_private, sizeof state->composer.why_private, args);
}

void cmd_canned(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	if (!*args && !state->setup.canned_len)
		complain(state, "no canned reply is configured: add a [canned NAME] section");
	else if (!*args)
		picker_open(state, PICK_CANNED, fx);
	else if ((state->composer.open || open_reply(state, DRAFT_REPLY)) && canned_put(state, args))
		composer_edited(state, fx, true);
}

void cmd_recall(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	recall_all(state, fx);
}

const struct reply *doubtful_reply(const struct state *state)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; view && i < view->item_count; i++)
		if (view->items[i].reply && view->items[i].reply->state == REPLY_IN_DOUBT)
			return view->items[i].reply;
	return NULL;
}

void cmd_settle(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	const struct reply *reply = doubtful_reply(state);
	bool yes = str_eq(args, "yes");
	if (!reply) {
		say(state, "no reply of this case is in doubt");
	} else if (!*args) {
		picker_open(state, PICK_SETTLE, fx);
	} else if (!yes && !str_eq(args, "no")) {
		complain(state, "found \"%.20s\", expected yes or no", args);
	} else if (may_write(state)) {
		struct effect *effect = effects_add(fx, FX_SETTLE);
		effect->request = next_request(state);
		effect->settle.reply_id = reply->id;
		effect->settle.sent = yes;
		say(state, yes ? "taken as sent" : "taken as not sent: it waits in the outbox");
	}
}

/* --- sending */

static void delete_draft(struct state *state, struct effects *fx)
{
	struct effect *effect = effects_add(fx, FX_DRAFT_DELETE);
	const struct local_draft *draft = draft_find(state, state->composer.case_id, state->composer.kind);
	effect->request = next_request(state);
	effect->draft = (struct draft){.case_id = state->composer.case_id,
	        .kind = state->composer.kind,
	        .revision = draft ? draft->revision : 0,
	        .text = arena_strdup(&fx->arena, state->composer.compose.text.p),
	        .to_remote_id = "",
	        .warning = "",
	        .language = ""};
	draft_drop(state, state->composer.case_id, state->composer.kind);
}

/* Only the team sees a note: one stroke. */
static void store_note(struct state *state, struct effects *fx)
{
	struct action action = {.kind = ACTION_NOTE, .agent = state->setup.agent, .arg = ""};
	action.text = state->composer.compose.text.p;
	if (!act(state, fx, action, false))
		return;
	delete_draft(state, fx);
	composer_close(state, fx);
}

void cmd_send(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state->composer.kind == DRAFT_NOTE) {
		store_note(state, fx);
		return;
	}
	/* What is confirmed has been stored before: a crash between the two strokes loses nothing. */
	struct local_draft *draft = draft_find(state, state->composer.case_id, state->composer.kind);
	if (draft && draft->dirty)
		draft_touch(state, state->mono);
	sendbar_open(state);
}

void cmd_confirm_send(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args;
	struct objection objections[OBJECTIONS_MAX];
	int count = sendbar_objections(state, objections);
	bool anyway = command->id == CMD_SEND_ANYWAY;
	for (int i = 0; i < count; i++)
		if (objections[i].refuses) {
			complain(state, "not sent: %s", objections[i].text);
			return;
		}
	state->sendbar.refused = count && !anyway;
	if (count && !anyway) {
		char key[CHORD_TEXT_MAX];
		complain(state, "%s; %s sends although", objections[0].text,
		        key_for(state, MODE_SENDBAR, CMD_SEND_ANYWAY, key));
	} else if (!count && anyway) {
		char key[CHORD_TEXT_MAX];
		say(state, "nothing stands against it: %s sends", key_for(state, MODE_SENDBAR, CMD_SEND_NOW, key));
	} else {
		hold_composer(state, fx, anyway);
	}
}

void cmd_send_follow(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	state->sendbar.follow = (enum follow)((state->sendbar.follow + 1) % FOLLOW_COUNT);
}

/* --- the text as a whole */

void cmd_editor(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state->editor_request)
		return;
	struct effect *effect = effects_add(fx, FX_EDITOR);
	effect->request = state->editor_request = next_request(state);
	effect->text = arena_strdup(&fx->arena, state->composer.compose.text.p);
}

void cmd_discard(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	delete_draft(state, fx);
	composer_close(state, fx);
	say(state, "draft thrown away");
}
