/* The composer: what it is opened for, what would be published, to whom, and its length. */
#include "tui/desk/inner.h"

#include "core/base/mem.h"
#include "core/model/reply_text.h"
#include "core/text/grapheme.h"

#define DRAFT_EVERY_MS 300
#define COUNT_REST_MS 1000
#define COUNT_STEP 20 /* so far the number in the frame may be behind */
#define COUNT_NEAR 40 /* from here on it is not */
#define CLAIM_EVERY_MS 60000
#define CLAIM_FOR_MS 120000

static const struct setup_account *account_setup(const struct state *state)
{
	const struct account *account = state_account(state, state->composer.account_id);
	for (size_t i = 0; account && i < state->setup.accounts_len; i++)
		if (str_eq(state->setup.accounts[i].name, account->name))
			return &state->setup.accounts[i];
	return NULL;
}

void composer_attach(struct composer *composer, const char *path, const char *alt)
{
	if (composer->file_count == COMPOSER_FILES)
		return;
	composer->files[composer->file_count++] = (struct attachment){
	        arena_strdup(&composer->files_arena, path), arena_strdup(&composer->files_arena, alt)};
}

/* What a draft keeps beside its text. */
static void take_marks(
        struct composer *composer, const char *warning, const char *language, const struct attachment *files, int count)
{
	str_copy(composer->warning, sizeof composer->warning, warning);
	str_copy(composer->language, sizeof composer->language, language);
	for (int i = 0; i < count; i++)
		composer_attach(composer, files[i].path, files[i].alt);
}

/* The draft of this case that there is: the one not yet stored, else the stored one. */
static void take_draft(struct state *state)
{
	struct composer *composer = &state->composer;
	const struct local_draft *local = draft_find(state, composer->case_id, composer->kind);
	const struct case_view *view = state_view(state);
	int64_t revision = 0;
	if (local) {
		compose_set(&composer->compose, local->text, local->cursor);
		composer->begun_at = local->begun_at;
		if (!local->bare)
			take_marks(composer, local->warning, local->language, local->files.at, (int)local->files.len);
		return;
	}
	for (int i = 0; view && i < view->draft_count; i++) {
		const struct draft *draft = &view->drafts[i];
		if (draft->kind == composer->kind) {
			compose_set(&composer->compose, draft->text, draft->cursor > 0 ? (size_t)draft->cursor : 0);
			composer->begun_at = draft->begun_at;
			take_marks(composer, str_or(draft->warning, ""), str_or(draft->language, composer->language),
			        draft->files, draft->file_count);
			revision = draft->revision;
		}
	}
	draft_adopt(state, revision);
}

void composer_catch_up(struct state *state)
{
	struct composer *composer = &state->composer;
	const struct case_view *view = state_view(state);
	struct local_draft *local = draft_find(state, composer->case_id, composer->kind);
	bool untouched = composer->open && !composer->compose.text.len && !composer->compose.undo.len && local &&
	                 !local->dirty && !local->request && !local->revision;
	if (!untouched || !view || view->kase.id != composer->case_id)
		return;
	for (int i = 0; i < view->draft_count; i++) {
		const struct draft *draft = &view->drafts[i];
		if (draft->kind != composer->kind || !*draft->text)
			continue;
		free(local->text);
		local->text = mem_strdup(draft->text);
		local->cursor = draft->cursor > 0 ? (size_t)draft->cursor : 0;
		local->revision = draft->revision;
		local->begun_at = composer->begun_at = draft->begun_at;
		compose_set(&composer->compose, local->text, local->cursor);
		take_marks(composer, str_or(draft->warning, ""), str_or(draft->language, composer->language),
		        draft->files, draft->file_count);
	}
}

void composer_open(struct state *state, enum draft_kind kind, const struct post *post)
{
	struct composer *composer = &state->composer;
	const struct kase *kase = state_case(state);
	/* Why in private is asked once a case: it is kept while the agent looks elsewhere in it. */
	if (composer->case_id != kase->id)
		composer->why_private[0] = '\0';
	composer->open = true;
	composer->from = state->focus;
	composer->kind = kind;
	composer->case_id = kase->id;
	composer->account_id = kase->account_id;
	composer->begun_at = state->wall;
	composer->claimed_mono = 0;
	composer->newer = 0;
	composer->seen_post_id = thread_newest(state);
	composer->seen_at = thread_newest_at(state);
	composer->parent = post ? post->visibility : VIS_DIRECT;
	str_copy(composer->to_remote_id, sizeof composer->to_remote_id, post ? post->remote_id : "");
	str_copy(composer->to_handle, sizeof composer->to_handle, post ? post->author_handle : "");
	/* A reply carries on the warning under which the customer spoke. */
	str_copy(composer->warning, sizeof composer->warning, post ? str_or(post->warning, "") : "");
	const struct setup_account *account = account_setup(state);
	str_copy(composer->language, sizeof composer->language, account ? str_or(account->language, "") : "");
	compose_set(&composer->compose, "", 0);
	composer->file_count = 0;
	arena_reset(&composer->files_arena);
	composer->split = composer->unsend = false;
	take_draft(state);
	state->focus = MODE_COMPOSER;
	overlay_close(state);
	state->thread.follow = true;
}

static void presence(struct state *state, struct effects *fx, int64_t for_ms)
{
	struct effect *effect = effects_add(fx, FX_PRESENCE);
	effect->request = next_request(state);
	effect->presence.case_id = state->composer.case_id;
	effect->presence.for_ms = for_ms;
}

void composer_close(struct state *state, struct effects *fx)
{
	struct composer *composer = &state->composer;
	if (!composer->open)
		return;
	struct local_draft *draft = draft_find(state, composer->case_id, composer->kind);
	if (draft && draft->dirty && !composer->unsend)
		draft_touch(state, state->mono);
	if (composer->claimed_mono)
		presence(state, fx, 0);
	composer->open = false;
	overlay_close(state);
	state->focus = composer->from == MODE_THREAD ? MODE_THREAD : MODE_INBOX;
}

void composer_edited(struct state *state, struct effects *fx, bool typed)
{
	struct composer *composer = &state->composer;
	draft_touch(state, state->mono + DRAFT_EVERY_MS);
	bool stale = !composer->claimed_mono || state->mono - composer->claimed_mono >= CLAIM_EVERY_MS;
	if (typed && composer->kind != DRAFT_NOTE && composer->compose.text.len && stale) {
		composer->claimed_mono = state->mono;
		presence(state, fx, CLAIM_FOR_MS);
	}
}

/* --- what would be published */

enum visibility composer_visibility(const struct state *state)
{
	if (state->composer.kind == DRAFT_CORRECTION)
		return state->composer.parent;
	if (state->composer.kind != DRAFT_REPLY)
		return VIS_DIRECT;
	return reply_visibility(state->composer.parent, VIS_PUBLIC);
}

static const char *signature(const struct state *state)
{
	const struct setup_account *account = account_setup(state);
	return account && state->composer.kind == DRAFT_REPLY ? str_or(account->signature, "") : "";
}

void composer_published(const struct state *state, struct str *out)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	if (composer->kind != DRAFT_NOTE && composer->kind != DRAFT_CORRECTION && account) {
		reply_published(account, composer->to_handle, composer->compose.text.p, signature(state),
		        state->setup.agent, out);
		return;
	}
	struct str text = STR_INIT;
	str_add(&text, composer->compose.text.p, composer->compose.text.len);
	str_trim(&text);
	str_add(out, text.p, text.len);
	str_release(&text);
}

bool composer_left(const struct state *state, int *left)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	struct str text = STR_INIT;
	bool known = composer->kind != DRAFT_NOTE && account && account->limits.max > 0;
	if (known) {
		composer_published(state, &text);
		known = reply_left(account, text.p, composer->warning, left);
	}
	if (!known)
		*left = (int)grapheme_count(composer->compose.text.p, composer->compose.text.len);
	str_release(&text);
	return known;
}

bool composer_left_is_about(const struct state *state)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	struct str text = STR_INIT;
	bool about = false;
	if (composer->kind != DRAFT_NOTE && account && account->limits.max > 0) {
		composer_published(state, &text);
		about = !reply_left_is_exact(account, text.p, composer->warning);
	}
	str_release(&text);
	return about;
}

void composer_count(struct state *state, const struct event *event)
{
	struct composer *composer = &state->composer;
	int left, behind;
	if (!composer->open) {
		composer->count.known = false;
		return;
	}
	bool limited = composer_left(state, &left);
	behind = left > composer->count.left ? left - composer->count.left : composer->count.left - left;
	bool lags = composer->count.known && composer->count.limited == limited && behind && behind < COUNT_STEP &&
	            !(limited && left < COUNT_NEAR) && state->overlay != MODE_SENDBAR;
	if (lags && event->kind == EV_KEY)
		composer->count.due_mono = state->mono + COUNT_REST_MS;
	if (lags && composer->count.due_mono != NEVER && state->mono < composer->count.due_mono)
		return;
	composer->count.known = true;
	composer->count.limited = limited;
	composer->count.about = limited && composer_left_is_about(state);
	composer->count.left = left;
	composer->count.due_mono = NEVER;
}

int composer_parts(const struct state *state, struct arena *arena, const struct split_part **parts)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	if (composer->kind == DRAFT_NOTE || composer->kind == DRAFT_CORRECTION || !account)
		return 1;
	const struct split_text text = {.account = account,
	        .to_handle = composer->to_handle,
	        .text = composer->compose.text.p,
	        .signature = signature(state),
	        .agent = state->setup.agent,
	        .warning = composer->warning};
	return reply_split(&text, arena, parts);
}

void composer_also(const struct state *state, struct arena *arena, const char *const **handles, int *count)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	*count = 0;
	if (composer->kind == DRAFT_NOTE || !account)
		return;
	reply_also(composer->compose.text.p, account, composer->to_handle, arena, handles, count);
}

const char *composer_language(const struct state *state)
{
	const struct setup_account *account = account_setup(state);
	if (state->composer.kind == DRAFT_CORRECTION)
		return ""; /* it stays as it was */
	bool usual = account && str_eq(state->composer.language, str_or(account->language, ""));
	return usual ? "" : state->composer.language;
}
