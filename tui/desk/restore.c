/* What a later start takes up: view, filter, selection, layout, pane, and the composer that was open. Drafts themselves
 * are in the store. */
#include "tui/desk/inner.h"

#include "core/base/json.h"

#define SAVE_AFTER_MS 1000

static const char *const layout_words[LAYOUT_COUNT] = {"auto", "columns", "rows"};
static const char *const draft_words[DRAFT_KIND_COUNT] = {"reply", "private", "note", "correction"};

static json *describe(const struct state *state)
{
	json *object = json_object();
	json_set_str(object, "view", state->setup.views[state->view].name);
	json_set_str(object, "filter", state->filter);
	json_set_int(object, "case", state->inbox.selected);
	json_set_str(object, "layout", layout_words[state->layout]);
	json_set_str(object, "pane", mode_name(state->focus == MODE_COMPOSER ? state->composer.from : state->focus));
	if (state->composer.open && !state->composer.unsend)
		json_set_str(object, "composer", draft_words[state->composer.kind]);
	return object;
}

/* When it was written is no reason to write it again. */
static void write_state(struct state *state, json *object, uint64_t hash, struct effects *fx)
{
	struct str text = STR_INIT;
	json_set_int(object, "at", state->wall);
	json_print(object, &text);
	effects_add(fx, FX_SAVE_STATE)->text = arena_strdup(&fx->arena, text.p);
	str_release(&text);
	state->saved_hash = hash;
	state->state_due_mono = 0;
}

static uint64_t hash_of(const json *object)
{
	struct str text = STR_INIT;
	json_print(object, &text);
	uint64_t hash = hash_bytes(text.p, text.len);
	str_release(&text);
	return hash;
}

void state_save(struct state *state, struct effects *fx)
{
	json *object = describe(state);
	uint64_t hash = hash_of(object);
	if (hash == state->saved_hash)
		state->state_due_mono = 0;
	else if (!state->state_due_mono)
		state->state_due_mono = state->mono + SAVE_AFTER_MS;
	if (state->state_due_mono && state->mono >= state->state_due_mono)
		write_state(state, object, hash, fx);
	json_free(object);
}

void state_save_now(struct state *state, struct effects *fx)
{
	json *object = describe(state);
	write_state(state, object, hash_of(object), fx);
	json_free(object);
}

static int word_index(const char *word, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (word && str_eq(word, words[i]))
			return i;
	return -1;
}

static void restore_filter(struct state *state, const char *filter)
{
	struct arena arena = ARENA_INIT;
	const struct query *query;
	size_t at;
	struct err err = ERR_INIT;
	if (strlen(filter) < sizeof state->filter &&
	        query_parse(filter, state->setup.agent, &arena, &query, &at, &err) == 0)
		str_copy(state->filter, sizeof state->filter, filter);
	arena_release(&arena);
}

void state_restore(struct state *state, const char *json_text)
{
	struct err err = ERR_INIT;
	json *object = json_parse(json_text, strlen(json_text), &err);
	if (!object)
		return;
	for (size_t i = 0; i < state->setup.views_len; i++)
		if (str_eq(state->setup.views[i].name, json_str_or(object, "view", "")))
			state->view = (int)i;
	restore_filter(state, json_str_or(object, "filter", ""));
	int layout = word_index(json_str(object, "layout"), layout_words, LAYOUT_COUNT);
	if (layout >= 0)
		state->layout = (enum layout)layout;
	if (str_eq(json_str_or(object, "pane", ""), mode_name(MODE_THREAD)))
		state->focus = MODE_THREAD;
	state->left_at = json_int(object, "at", 0);
	int64_t kase = json_int(object, "case", 0);
	int draft = word_index(json_str(object, "composer"), draft_words, DRAFT_KIND_COUNT);
	inbox_restart(state, kase > 0 ? kase : 0);
	state->inbox.soft = draft < 0;
	state->restore_case = kase;
	state->restore_composer = draft >= 0;
	state->restore_kind = draft >= 0 ? (enum draft_kind)draft : DRAFT_REPLY;
	json_free(object);
}

/* Only where a draft is: an empty composer is nothing to come back to. */
void state_restored(struct state *state)
{
	const struct case_view *view = state_view(state);
	bool wanted = state->restore_composer;
	state->restore_composer = false;
	if (!wanted || !view || view->kase.id != state->restore_case || state->composer.open)
		return;
	if (state->restore_kind == DRAFT_CORRECTION) {
		if (correct_begun(state))
			correct_open(state, correct_begun(state));
		return;
	}
	const struct post *post = state->restore_kind == DRAFT_NOTE ? NULL : thread_answered(state);
	for (int i = 0; i < view->draft_count; i++)
		if (view->drafts[i].kind == state->restore_kind && (post || state->restore_kind == DRAFT_NOTE)) {
			composer_open(state, state->restore_kind, post);
			return;
		}
}
