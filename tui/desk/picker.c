/* Pickers: a list that narrows as one types, or takes a letter. What is taken runs a command with it. */
#include "tui/desk/inner.h"

#include "core/text/utf8.h"

static const struct {
	const char *title;
	enum command_id command;
	bool by_letter, free_text;
} kinds[] = {
        [PICK_TAG] = {"tag", CMD_TAG, false, true},
        [PICK_AGENT] = {"assign to", CMD_ASSIGN, false, true},
        [PICK_TEAM] = {"escalate to", CMD_ESCALATE, false, false},
        [PICK_CANNED] = {"canned reply", CMD_CANNED, false, false},
        [PICK_SNOOZE] = {"snooze until", CMD_SNOOZE, false, true},
        [PICK_DONE] = {"nobody answered; done because of", CMD_DONE, true, false},
        [PICK_DONE_STAY] = {"nobody answered; done because of", CMD_DONE_STAY, true, false},
        [PICK_PRIVATE] = {"in private because of", CMD_REPLY_PRIVATE, true, false},
        [PICK_MACRO] = {"macro", CMD_MACRO, false, false},
        [PICK_SETTLE] = {"was it sent? look at the account's page", CMD_SETTLE, true, false},
        [PICK_PRIORITY] = {"priority", CMD_PRIORITY, true, false},
        [PICK_LINK] = {"links and media", CMD_COUNT, false, false},
        [PICK_ON_POST] = {"this post", CMD_COUNT, true, false},
        [PICK_PAST] = {"go to", CMD_GO, false, false},
        [PICK_JOIN] = {"is the same person as", CMD_JOIN, false, true},
        [PICK_PART] = {"is somebody else than", CMD_PART, false, false},
        [PICK_HEIR] = {"hand over to", CMD_HAND_OVER, false, true},
};

static void add(struct picker *picker, const char *label, const char *hint, char letter)
{
	struct picker_item item = {
	        arena_strdup(&picker->arena, label), arena_strdup(&picker->arena, hint), letter, false};
	vec_push(&picker->items, item);
}

void picker_add(struct picker *picker, const char *label, const char *hint, char letter, const char *value)
{
	add(picker, label, hint, letter);
	vec_push(&picker->values, arena_strdup(&picker->arena, value));
}

static void add_setup(struct picker *picker, const struct setup_text *texts, size_t len)
{
	for (size_t i = 0; i < len; i++)
		add(picker, texts[i].name, texts[i].text, 0);
}

/* What fits first; the rest says why it does not, and cannot be taken. */
static void add_canned(struct state *state)
{
	struct picker *picker = &state->picker;
	for (int dim = 0; dim < 2; dim++)
		for (size_t i = 0; i < state->setup.canned_len; i++) {
			const struct setup_canned *canned = &state->setup.canned[i];
			char why[64];
			canned_misfit(state, canned, why, sizeof why);
			if ((*why != '\0') != dim)
				continue;
			add(picker, canned->name, dim ? why : canned->text, 0);
			picker->items.at[picker->items.len - 1].dim = dim;
		}
}

static void add_words(struct picker *picker, const char *const *words, size_t len, bool letters)
{
	for (size_t i = 0; i < len; i++)
		add(picker, words[i], "", letters ? words[i][0] : '\0');
}

static void add_settle(struct state *state)
{
	const struct reply *reply = doubtful_reply(state);
	add(&state->picker, "yes", reply ? reply->text : "", 'y');
	add(&state->picker, "no", "then it waits in the outbox", 'n');
}

static void add_joined(struct state *state)
{
	const struct case_view *view = state_view(state);
	char label[256];
	for (int i = 0; view && i < view->joined_count; i++) {
		const struct customer *one = &view->joined[i];
		snprintf(label, sizeof label, "#%lld %s  %s  %s", (long long)one->id, one->handle, one->network,
		        one->name);
		add(&state->picker, label, "", 0);
	}
}

static void ask_words(struct state *state, struct effects *fx, enum effect_kind kind)
{
	struct effect *effect = effects_add(fx, kind);
	effect->kase.case_id = state->inbox.selected;
	effect->request = state->words_request = next_request(state);
	state->picker.waiting = true;
}

static void fill(struct state *state, struct effects *fx)
{
	static const char *const when[] = {"1h", "2h", "4h", "8h", "tomorrow", "mon 9:00"};
	static const char *const done[] = {"praise", "duplicate", "elsewhere", "troll", "other"};
	static const char *const why[] = {"personal data", "security", "customer asked", "legal", "other"};
	static const char *const priorities[] = {"low", "normal", "high", "urgent"};
	struct picker *picker = &state->picker;
	switch (picker->purpose) {
	case PICK_TAG: ask_words(state, fx, FX_TAGS); break;
	case PICK_HEIR:
	case PICK_AGENT: ask_words(state, fx, FX_AGENTS); break;
	case PICK_JOIN: ask_words(state, fx, FX_ALIKE); break;
	case PICK_PART: add_joined(state); break;
	case PICK_TEAM: add_setup(picker, state->setup.teams, state->setup.teams_len); break;
	case PICK_CANNED: add_canned(state); break;
	case PICK_MACRO: add_setup(picker, state->setup.macros, state->setup.macros_len); break;
	case PICK_SETTLE: add_settle(state); break;
	case PICK_SNOOZE: add_words(picker, when, sizeof when / sizeof when[0], false); break;
	case PICK_DONE:
	case PICK_DONE_STAY: add_words(picker, done, sizeof done / sizeof done[0], true); break;
	case PICK_PRIVATE: add_words(picker, why, sizeof why / sizeof why[0], true); break;
	case PICK_LINK: links_fill(state); break;
	case PICK_ON_POST: on_post_fill(state); break;
	case PICK_PAST: past_ask(state, fx); break;
	case PICK_PRIORITY: add_words(picker, priorities, sizeof priorities / sizeof priorities[0], true); break;
	}
}

void picker_open(struct state *state, enum picker_purpose purpose, struct effects *fx)
{
	struct picker *picker = &state->picker;
	picker->purpose = purpose;
	picker->title = kinds[purpose].title;
	picker->by_letter = kinds[purpose].by_letter;
	picker->free_text = kinds[purpose].free_text;
	picker->waiting = false;
	arena_reset(&picker->arena);
	vec_clear(&picker->items);
	vec_clear(&picker->values);
	compose_set(&picker->typed, "", 0);
	fill(state, fx);
	picker_typed(state);
	overlay_open(state, MODE_PICKER);
}

void picker_typed(struct state *state)
{
	struct picker *picker = &state->picker;
	vec_clear(&picker->shown);
	/* What begins with the words typed comes first, what merely has them in it after, what is not to be had last.
	 */
	for (int pass = 0; pass < 4; pass++)
		for (size_t i = 0; i < picker->items.len; i++) {
			if (picker->items.at[i].dim != (pass > 1))
				continue;
			const char *label = picker->items.at[i].label, *typed = picker->typed.text.p;
			bool begins = str_icmp_n(label, typed, strlen(typed)) == 0;
			if (pass % 2 == 0 ? begins : !begins && utf8_contains_folded(label, typed))
				vec_push(&picker->shown, (int)i);
		}
	picker->at = picker->shown.len && !picker->by_letter ? 0 : -1;
}

void picker_words(struct state *state, const struct event *event)
{
	struct picker *picker = &state->picker;
	if (!event->request || event->request != state->words_request || state->overlay != MODE_PICKER)
		return;
	state->words_request = 0;
	picker->waiting = false;
	if (event->err) {
		complain(state, "%s", event->err->text);
		return;
	}
	add_words(picker, event->words.words, (size_t)event->words.count, false);
	picker_typed(state);
}

/* An item with a value of its own: false when the picker's items are taken by their label. */
static bool take_value(struct state *state, size_t item, struct effects *fx)
{
	struct picker *picker = &state->picker;
	char value[2048];
	if (item >= picker->values.len)
		return false;
	str_copy(value, sizeof value, picker->values.at[item]);
	overlay_close(state);
	if (picker->purpose == PICK_LINK)
		link_take(state, value, fx);
	else if (picker->purpose == PICK_ON_POST)
		on_post_take(state, value, fx);
	else
		command_run(state, command_get(kinds[picker->purpose].command), value, fx);
	return true;
}

static void take(struct state *state, const char *value, struct effects *fx)
{
	const struct command *command = command_get(kinds[state->picker.purpose].command);
	char copy[512];
	str_copy(copy, sizeof copy, value);
	if (state->picker.purpose == PICK_HEIR)
		overlay_open(state, MODE_HANDOVER);
	else
		overlay_close(state);
	command_run(state, command, copy, fx);
}

void picker_letter(struct state *state, uint32_t letter, struct effects *fx)
{
	const struct picker *picker = &state->picker;
	for (size_t i = 0; i < picker->items.len; i++)
		if ((uint32_t)picker->items.at[i].letter == letter) {
			if (!take_value(state, i, fx))
				take(state, picker->items.at[i].label, fx);
			return;
		}
	say(state, "take one of the letters, or leave with Esc");
}

void picker_accept(struct state *state, struct effects *fx)
{
	struct picker *picker = &state->picker;
	const struct picker_item *item = picker->at >= 0 && (size_t)picker->at < picker->shown.len
	                                         ? &picker->items.at[picker->shown.at[picker->at]]
	                                         : NULL;
	if (item && item->dim)
		say(state, "%s does not fit here: %s", item->label, item->hint);
	else if (item && take_value(state, (size_t)(item - picker->items.at), fx))
		return;
	else if (item)
		take(state, item->label, fx);
	else if (picker->free_text && picker->typed.text.len)
		take(state, picker->typed.text.p, fx);
	else
		say(state, picker->items.len ? "nothing fits what is typed" : "there is nothing to choose from");
}
