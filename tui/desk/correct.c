/* Posts of ours that were a mistake: corrected, or taken back. Both are shown in the composer and pass the send bar. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"

static const struct post *post_by_remote_id(const struct state *state, const char *remote_id)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; view && i < view->item_count; i++)
		if (view->items[i].post && str_eq(view->items[i].post->remote_id, remote_id))
			return view->items[i].post;
	return NULL;
}

/* The selected post if it is ours, else our newest that still stands. */
static const struct post *our_post(const struct state *state)
{
	const struct case_view *view = state_view(state);
	const struct post *post = thread_post(state);
	if (post && post->direction == DIR_OUT)
		return post;
	for (int i = view ? view->item_count : 0; i-- > 0;) {
		post = view->items[i].post;
		if (post && post->direction == DIR_OUT && !post->deleted_at)
			return post;
	}
	return NULL;
}

const struct post *composer_corrects(const struct state *state)
{
	const struct composer *composer = &state->composer;
	return composer->kind == DRAFT_CORRECTION ? post_by_remote_id(state, composer->to_remote_id) : NULL;
}

const struct post *composer_answers(const struct state *state)
{
	const struct composer *composer = &state->composer;
	return composer->kind != DRAFT_CORRECTION ? post_by_remote_id(state, composer->to_remote_id) : NULL;
}

/* False, with words, when there is nothing of ours that could be changed. */
static bool may_change(struct state *state, const struct post *post)
{
	if (!state_view(state))
		say(state, state->inbox.selected ? "loading ..." : "no case is selected");
	else if (!post)
		complain(state, "there is no post of ours in this conversation");
	else if (post->deleted_at)
		complain(state, "this post is taken back already");
	else
		return may_write(state);
	return false;
}

/* --- correcting */

/* The draft of a correction in this case, and of which post. */
static const char *begun_remote_id(const struct state *state)
{
	const struct case_view *view = state_view(state);
	int64_t case_id = view ? view->kase.id : 0;
	for (size_t i = 0; i < state->drafts.len; i++) {
		const struct local_draft *draft = &state->drafts.at[i];
		if (draft->case_id == case_id && draft->kind == DRAFT_CORRECTION && *draft->text)
			return draft->to_remote_id;
	}
	for (int i = 0; view && i < view->draft_count; i++)
		if (view->drafts[i].kind == DRAFT_CORRECTION && *view->drafts[i].text)
			return view->drafts[i].to_remote_id;
	return "";
}

const struct post *correct_begun(const struct state *state)
{
	const char *begun = begun_remote_id(state);
	return *begun ? post_by_remote_id(state, begun) : NULL;
}

static void open_on(struct state *state, const struct post *post)
{
	struct composer *composer = &state->composer;
	composer_open(state, DRAFT_CORRECTION, post);
	str_copy(composer->to_handle, sizeof composer->to_handle, state_case(state)->handle);
	str_copy(composer->language, sizeof composer->language, str_or(post->language, composer->language));
	state->thread.item = ITEM_POST;
	state->thread.item_id = post->id;
}

static void put_source(struct state *state, const struct post *post)
{
	const char *text = str_or(post->source, post->text);
	compose_set(&state->composer.compose, text, strlen(text));
}

void correct_open(struct state *state, const struct post *post)
{
	bool begun = *begun_remote_id(state);
	open_on(state, post);
	if (!begun)
		put_source(state, post);
}

void cmd_correct(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	const struct post *post = our_post(state), *begun = correct_begun(state);
	if (!may_change(state, post))
		return;
	correct_open(state, begun ? begun : post);
	if (begun && begun != post)
		say(state, "this correction was begun before: send it or discard it first");
}

/* --- taking back */

void cmd_unsend(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)fx;
	const struct post *post = our_post(state);
	const struct account *account = post ? state_account(state, post->account_id) : NULL;
	char label[96], at[32];
	if (!may_change(state, post))
		return;
	if (account && account->caps && !(account->caps & CAP_DELETE)) {
		complain(state, "%s takes no posts back", account->network);
		return;
	}
	if (!*args) {
		time_format_local(post->created_at, "%d %b %H:%M", at, sizeof at);
		snprintf(label, sizeof label, "take our post of %s back, why: ", at);
		prompt_open(state, PROMPT_UNSEND, label, "");
		return;
	}
	open_on(state, post);
	put_source(state, post);
	state->composer.unsend = true;
	str_copy(state->composer.why_unsend, sizeof state->composer.why_unsend, args);
	sendbar_open(state);
}

void unsend_accept(struct state *state, const char *why, struct effects *fx)
{
	if (!why[strspn(why, " ")]) {
		complain(state, "say why: the team reads it later");
		return;
	}
	overlay_close(state);
	command_run(state, command_get(CMD_UNSEND), why, fx);
}

/* --- what it comes to */

/* "3 boosts, 5 likes"; what answers it stays, but answers nothing any more. */
static void add_lost(struct str *out, const struct post *post)
{
	struct {
		int count;
		const char *one, *many;
	} const lost[] = {{post->boosts, "boost", "boosts"}, {post->likes, "like", "likes"}};
	const char *between = "; lost: ";
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
		if (!lost[i].count)
			continue;
		str_addf(out, "%s%d %s", between, lost[i].count, lost[i].count == 1 ? lost[i].one : lost[i].many);
		between = ", ";
	}
	if (post->replies)
		str_addf(out, "; %d %s", post->replies,
		        post->replies == 1 ? "answer loses its parent" : "answers lose their parent");
}

void correct_words(const struct state *state, char *out, size_t size)
{
	const struct post *post = composer_corrects(state);
	const struct account *account = state_account(state, state->composer.account_id);
	struct str words = STR_INIT;
	*out = '\0';
	if (!post)
		return;
	if (state->composer.unsend) {
		str_adds(&words, "deleted for everybody");
		add_lost(&words, post);
	} else if (account && account->caps & CAP_EDIT) {
		str_adds(&words, "edited in place; who looks at its history still reads the earlier text");
	} else {
		str_addf(&words, "%s cannot edit: deleted and posted again, under another link",
		        account ? account->network : "the network");
		add_lost(&words, post);
	}
	str_copy(out, size, words.p);
	str_release(&words);
}
