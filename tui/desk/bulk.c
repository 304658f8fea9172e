/* One action on all marked cases: asked for, confirmed, shown at once, and sent to the store as one. */
#include "tui/desk/inner.h"

#define ASK_NUMBER_OVER 20 /* cases: with more, their number is typed */

enum { ACTIONS = sizeof((struct bulk *)0)->actions / sizeof(struct action) };

void bulk_release(struct state *state)
{
	for (int i = 0; i < ACTIONS; i++)
		if (state->bulk.actions[i].kind != ACTION_COUNT)
			action_release(&state->bulk.actions[i]);
}

static void ask_number(struct state *state, int marked)
{
	char label[96];
	snprintf(label, sizeof label, "%d cases: %.40s. Their number, to do it: ", marked, state->bulk.words);
	prompt_open(state, PROMPT_COUNT, label, "");
}

static void ask_second_stroke(struct state *state, int marked)
{
	char key[CHORD_TEXT_MAX];
	overlay_open(state, MODE_CONFIRM);
	state->confirm = (struct confirm){.key = state->last_key, .read = state->last_read, .bulk = true};
	key_format(state->last_key, key, sizeof key);
	snprintf(state->confirm.text, sizeof state->confirm.text, "%d %s: %s? %s again does it", marked,
	        marked == 1 ? "case" : "cases", state->bulk.words, key);
}

void bulk_ask(struct state *state, const struct action *actions, int count, bool moves_on)
{
	int marked = state_marked_count(state);
	if (!may_write(state))
		return;
	/* Kept before the old ones go: they may be the same. */
	struct action keep[ACTIONS];
	for (int i = 0; i < ACTIONS; i++)
		keep[i] = i < count ? action_keep(&actions[i]) : (struct action){.kind = ACTION_COUNT};
	bulk_release(state);
	memcpy(state->bulk.actions, keep, sizeof keep);
	state->bulk.moves_on = moves_on;
	action_words(&keep[0], state->bulk.words, sizeof state->bulk.words);
	if (marked > ASK_NUMBER_OVER)
		ask_number(state, marked);
	else
		ask_second_stroke(state, marked);
}

void bulk_accept(struct state *state, const char *typed, struct effects *fx)
{
	int64_t number;
	int marked = state_marked_count(state);
	overlay_close(state);
	if (parse_i64(typed, &number) && number == marked)
		bulk_do(state, fx);
	else
		complain(state, "found \"%.20s\", and %d are marked: nothing was changed", typed, marked);
}

/* --- doing it */

/* The marked cases: those in sight in their order, then those that have left the list. */
static int marked_ids(const struct state *state, struct arena *arena, int64_t **out)
{
	int n = 0;
	int64_t *ids = arena_array(arena, int64_t, (size_t)state_marked_count(state) + 1);
	for (int i = 0; i < state->inbox.count; i++)
		if (state_marked(state, state->inbox.rows[i].id))
			ids[n++] = state->inbox.rows[i].id;
	int in_sight = n;
	for (size_t m = 0; m < state->marks.ids.len; m++) {
		int i = 0;
		while (i < in_sight && ids[i] != state->marks.ids.at[m])
			i++;
		if (i == in_sight)
			ids[n++] = state->marks.ids.at[m];
	}
	*out = ids;
	return n;
}

/* What fits the row as it is known shows at once; the store decides. */
static void show(struct state *state, const struct action *action)
{
	const struct kase *row = inbox_row(state, action->case_id);
	const struct change *changes;
	int count;
	struct err err = ERR_INIT;
	struct arena arena = ARENA_INIT;
	if (row && action_plan(row, action, state->wall, &arena, &changes, &count, &err) == 0)
		action_show(state, action->case_id, changes, count);
	arena_release(&arena);
}

static int add_actions(
        struct state *state, int64_t case_id, struct action *actions, uint64_t request, struct arena *arena)
{
	int n = 0;
	for (int i = 0; i < ACTIONS; i++) {
		if (state->bulk.actions[i].kind == ACTION_COUNT)
			continue;
		actions[n] = copy_action(arena, &state->bulk.actions[i]);
		actions[n].case_id = case_id;
		show(state, &actions[n]);
		struct pending pending = {request, case_id, action_keep(&actions[n]), false};
		vec_push(&state->pending, pending);
		n++;
	}
	return n;
}

/* Rows that left the view go; the selection, if it was among them, moves on as it does after one action. */
static void leave_rows(struct state *state, const int64_t *ids, int count)
{
	bool selected = false;
	for (int i = 0; i < count; i++) {
		if (ids[i] == state->inbox.selected)
			selected = true;
		else
			inbox_changed(state, ids[i], false);
	}
	if (selected)
		inbox_changed(state, state->inbox.selected, state->bulk.moves_on);
}

void bulk_do(struct state *state, struct effects *fx)
{
	int64_t *ids;
	int count = marked_ids(state, &fx->arena, &ids), n = 0;
	struct effect *effect = effects_add(fx, FX_ACT_MANY);
	uint64_t request = effect->request = next_request(state);
	struct action *actions = arena_array(&fx->arena, struct action, (size_t)count * ACTIONS + 1);
	for (int i = 0; i < count; i++)
		n += add_actions(state, ids[i], actions + n, request, &fx->arena);
	effect->many.actions = actions;
	effect->many.count = n;
	marks_clear(state);
	leave_rows(state, ids, count);
	char key[CHORD_TEXT_MAX];
	say(state, "%d %s %s; %s takes all of it back", count, count == 1 ? "case" : "cases", state->bulk.words,
	        key_for(state, MODE_INBOX, CMD_UNDO, key));
}
