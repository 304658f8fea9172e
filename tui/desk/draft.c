/* Texts on their way into the store. A draft is kept here until the store has it: a full disk or a closed composer lose
 * nothing. One save at a time of each, since the next needs the revision that it gives. */
#include "tui/desk/inner.h"

#include "core/model/draft_text.h"

#define RETRY_MS 5000

struct local_draft *draft_find(struct state *state, int64_t case_id, enum draft_kind kind)
{
	for (size_t i = 0; i < state->drafts.len; i++)
		if (state->drafts.at[i].case_id == case_id && state->drafts.at[i].kind == kind)
			return &state->drafts.at[i];
	return NULL;
}

static void replace(char **p, const char *text)
{
	char *copy = mem_strdup(str_or(text, ""));
	free(*p);
	*p = copy;
}

static void drop_files(struct local_draft *draft)
{
	for (size_t i = 0; i < draft->files.len; i++) {
		free((char *)(uintptr_t)draft->files.at[i].path);
		free((char *)(uintptr_t)draft->files.at[i].alt);
	}
	vec_clear(&draft->files);
}

static void keep_files(struct local_draft *draft, const struct attachment *files, int count)
{
	drop_files(draft);
	for (int i = 0; i < count; i++)
		vec_push(&draft->files, (struct attachment){mem_strdup(files[i].path), mem_strdup(files[i].alt)});
}

void draft_free(struct local_draft *draft)
{
	free(draft->text);
	free(draft->to_remote_id);
	free(draft->warning);
	free(draft->language);
	drop_files(draft);
	vec_release(&draft->files);
}

static void remove_draft(struct state *state, struct local_draft *draft)
{
	draft_free(draft);
	vec_remove(&state->drafts, (size_t)(draft - state->drafts.at));
}

struct local_draft *draft_put(
        struct state *state, int64_t case_id, enum draft_kind kind, const char *text, int64_t revision)
{
	struct local_draft *draft = draft_find(state, case_id, kind);
	if (!draft) {
		struct local_draft fresh = {
		        .case_id = case_id, .kind = kind, .revision = revision, .begun_at = state->wall, .bare = true};
		vec_push(&state->drafts, fresh);
		draft = &state->drafts.at[state->drafts.len - 1];
		replace(&draft->to_remote_id, "");
		replace(&draft->warning, "");
		replace(&draft->language, "");
	}
	replace(&draft->text, text);
	draft->cursor = strlen(text);
	draft->dirty = true;
	return draft;
}

void draft_adopt(struct state *state, int64_t revision)
{
	const struct composer *composer = &state->composer;
	if (draft_find(state, composer->case_id, composer->kind))
		return;
	struct local_draft *draft =
	        draft_put(state, composer->case_id, composer->kind, composer->compose.text.p, revision);
	draft->begun_at = composer->begun_at;
	draft->dirty = draft->bare = false;
}

void draft_marks(struct local_draft *draft, const char *to_remote_id, const char *warning, const char *language,
        const struct attachment *files, int count)
{
	replace(&draft->to_remote_id, to_remote_id);
	replace(&draft->warning, warning);
	replace(&draft->language, language);
	keep_files(draft, files, count);
	draft->bare = false;
}

void draft_touch(struct state *state, int64_t mono)
{
	const struct composer *composer = &state->composer;
	struct local_draft *draft = draft_find(state, composer->case_id, composer->kind);
	bool waiting = draft && draft->dirty && !draft->failed;
	draft = draft_put(state, composer->case_id, composer->kind, composer->compose.text.p, 0);
	draft->cursor = composer->compose.cursor;
	draft->begun_at = composer->begun_at;
	draft_marks(draft, composer->to_remote_id, composer->warning, composer->language, composer->files,
	        composer->file_count);
	if (!waiting || mono < draft->save_mono)
		draft->save_mono = mono;
}

void draft_drop(struct state *state, int64_t case_id, enum draft_kind kind)
{
	struct local_draft *draft = draft_find(state, case_id, kind);
	if (draft)
		remove_draft(state, draft);
	struct case_view *view = state->thread.case_id == case_id ? state->thread.view : NULL;
	if (!view)
		return;
	struct draft *left = arena_array(&state->thread.arena, struct draft, (size_t)view->draft_count + 1);
	int n = 0;
	for (int i = 0; i < view->draft_count; i++)
		if (view->drafts[i].kind != kind)
			left[n++] = view->drafts[i];
	view->drafts = left;
	view->draft_count = n;
}

static bool is_due(const struct state *state, const struct local_draft *draft)
{
	return draft->dirty && !draft->request && draft->save_mono <= state->mono;
}

static void save(struct state *state, struct local_draft *draft, struct effects *fx)
{
	bool empty = !*draft->text && !draft->files.len;
	draft->dirty = false;
	if (empty && !draft->revision)
		return;
	struct effect *effect = effects_add(fx, empty ? FX_DRAFT_DELETE : FX_DRAFT_SAVE);
	effect->request = draft->request = next_request(state);
	effect->draft = (struct draft){.case_id = draft->case_id,
	        .kind = draft->kind,
	        .text = arena_strdup(&fx->arena, draft->text),
	        .cursor = (int)draft->cursor,
	        .revision = draft->revision,
	        .begun_at = draft->begun_at,
	        .updated_at = state->wall,
	        .to_remote_id = arena_strdup(&fx->arena, draft->to_remote_id),
	        .warning = arena_strdup(&fx->arena, draft->warning),
	        .language = arena_strdup(&fx->arena, draft->language),
	        .files = copy_files(&fx->arena, draft->files.at, (int)draft->files.len),
	        .file_count = (int)draft->files.len};
}

static bool in_composer(const struct state *state, const struct local_draft *draft)
{
	return state->composer.open && state->composer.case_id == draft->case_id && state->composer.kind == draft->kind;
}

void drafts_save(struct state *state, struct effects *fx)
{
	for (size_t i = state->drafts.len; i-- > 0;) {
		struct local_draft *draft = &state->drafts.at[i];
		if (is_due(state, draft))
			save(state, draft, fx);
		if (!draft->dirty && !draft->request && !in_composer(state, draft))
			remove_draft(state, draft);
	}
}

int64_t drafts_due(const struct state *state)
{
	int64_t due = NEVER;
	for (size_t i = 0; i < state->drafts.len; i++) {
		const struct local_draft *draft = &state->drafts.at[i];
		if (draft->dirty && !draft->request && draft->save_mono < due)
			due = draft->save_mono;
	}
	return due;
}

/* --- two texts where one was expected */

static void into_composer(struct state *state, const char *both)
{
	struct compose *c = &state->composer.compose;
	size_t cursor = c->cursor, own = draft_text_own(c->text.p);
	compose_replace(c, own, c->text.len - own, both + own);
	c->cursor = cursor;
}

static bool keep_both(struct state *state, struct local_draft *draft, const char *other)
{
	struct str both = STR_INIT;
	bool added = draft_text_merge(draft->text, other, &both);
	if (added) {
		if (in_composer(state, draft))
			into_composer(state, both.p);
		replace(&draft->text, both.p);
		draft->dirty = true;
		draft->save_mono = state->mono;
	}
	str_release(&both);
	return added;
}

struct local_draft *draft_back(
        struct state *state, int64_t case_id, enum draft_kind kind, const char *text, int64_t revision)
{
	struct local_draft *draft = draft_find(state, case_id, kind);
	if (!draft)
		return draft_put(state, case_id, kind, text, revision);
	keep_both(state, draft, text);
	return draft;
}

static void take_conflict(struct state *state, struct local_draft *draft, const struct event *event)
{
	const char *other = event->saved.conflict;
	if (!other || !*other)
		return;
	/* Without a draft here: what was saved has been sent meanwhile. The other text was not. */
	bool added = draft ? keep_both(state, draft, other)
	                   : draft_put(state, event->saved.case_id, event->saved.draft, other, 0) != NULL;
	if (added)
		complain(state, "another desk of yours changed this draft: its text %s",
		        draft ? "stands below yours" : "is a draft again");
}

void draft_saved(struct state *state, const struct event *event)
{
	struct local_draft *draft = NULL;
	for (size_t i = 0; i < state->drafts.len && !draft; i++)
		if (event->request && state->drafts.at[i].request == event->request)
			draft = &state->drafts.at[i];
	if (!draft) {
		if (!event->err)
			take_conflict(state, NULL, event);
		return;
	}
	draft->request = 0;
	if (event->err) {
		if (!draft->failed)
			complain(state, "draft not stored: %s; it is kept here", event->err->text);
		draft->failed = draft->dirty = true;
		draft->save_mono = state->mono + RETRY_MS;
		return;
	}
	draft->failed = false;
	draft->revision = event->saved.revision;
	struct kase *row = inbox_row(state, draft->case_id);
	if (row)
		row->draft_at = *draft->text ? state->wall : 0;
	if (state->thread.case_id == draft->case_id)
		state->thread.fetch.dirty = true;
	take_conflict(state, draft, event);
}
