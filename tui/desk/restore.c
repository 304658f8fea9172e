/* What a later start takes up: view, filter, selection, layout, zoom, pane, and the composer that was open. Drafts
 * themselves are in the store. */
#include "tui/desk/inner.h"

#include "core/base/json.h"

#define SAVE_AFTER_MS 1000

static const char *const layout_words[LAYOUT_COUNT] = {"auto", "columns", "rows"};
static const char *const draft_words[DRAFT_KIND_COUNT] = {"reply", "private", "note", "correction"};

/* What is kept. `composer` is DRAFT_KIND_COUNT when none is open that could come back. */
struct left {
	int view;
	int64_t selected;
	enum layout layout;
	bool zoomed;
	enum mode pane;
	enum draft_kind composer;
};

static struct left left(const struct state *state)
{
	bool composes = state->composer.open && !state->composer.unsend;
	return (struct left){.view = state->view,
	        .selected = state->inbox.selected,
	        .layout = state->layout,
	        .zoomed = state->zoomed,
	        .pane = state->focus == MODE_COMPOSER ? state->composer.from : state->focus,
	        .composer = composes ? state->composer.kind : DRAFT_KIND_COUNT};
}

/* At each event: cheaper than the text. */
static uint64_t hash_of(const struct state *state)
{
	struct left now = left(state);
	int64_t words[] = {now.view, now.selected, now.layout, now.zoomed, now.pane, now.composer,
	        (int64_t)hash_bytes(state->filter, strlen(state->filter))};
	return hash_bytes((const char *)words, sizeof words);
}

/* When it was written is no reason to write it again. */
void state_save_now(struct state *state, struct effects *fx)
{
	struct left now = left(state);
	struct str text = STR_INIT;
	json *object = json_object();
	json_set_str(object, "view", state->setup.views[now.view].name);
	json_set_str(object, "filter", state->filter);
	json_set_int(object, "case", now.selected);
	json_set_str(object, "layout", layout_words[now.layout]);
	json_set_int(object, "zoom", now.zoomed);
	json_set_str(object, "pane", mode_name(now.pane));
	if (now.composer < DRAFT_KIND_COUNT)
		json_set_str(object, "composer", draft_words[now.composer]);
	json_set_int(object, "at", state->wall);
	json_print(object, &text);
	effects_add(fx, FX_SAVE_STATE)->text = arena_strdup(&fx->arena, text.p);
	str_release(&text);
	json_free(object);
	state->saved_hash = hash_of(state);
	state->state_due_mono = 0;
}

void state_save(struct state *state, struct effects *fx)
{
	if (hash_of(state) == state->saved_hash)
		state->state_due_mono = 0;
	else if (!state->state_due_mono)
		state->state_due_mono = state->mono + SAVE_AFTER_MS;
	if (state->state_due_mono && state->mono >= state->state_due_mono)
		state_save_now(state, fx);
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
	state->zoomed = json_int(object, "zoom", 0) != 0;
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
