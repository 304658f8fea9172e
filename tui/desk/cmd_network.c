/* What is done on the network itself, to the customer's post or to who wrote it: liked, passed on, both taken back,
 * hidden, reported, blocked, muted. What it cannot be done to is known, and said, before a second stroke or a word is
 * asked for. */
#include "tui/desk/inner.h"

struct deed {
	enum command_id command;
	enum reply_kind kind;
	enum capability needs;
	const char *lacks; /* "mastodon …" */
};

static const struct deed deeds[] = {
        {CMD_LIKE, REPLY_KIND_LIKE, CAP_LIKE, "has no likes"},
        {CMD_UNLIKE, REPLY_KIND_UNLIKE, CAP_LIKE, "has no likes"},
        {CMD_BOOST, REPLY_KIND_BOOST, CAP_BOOST, "cannot pass posts on"},
        {CMD_UNBOOST, REPLY_KIND_UNBOOST, CAP_BOOST, "cannot pass posts on"},
        {CMD_HIDE, REPLY_KIND_HIDE, CAP_HIDE, "cannot hide answers"},
        {CMD_REPORT, REPLY_KIND_REPORT, CAP_REPORT, "takes no reports from here"},
        {CMD_BLOCK, REPLY_KIND_BLOCK, CAP_BLOCK, "blocks nobody from here"},
        {CMD_SILENCE, REPLY_KIND_MUTE, CAP_MUTE, "mutes nobody from here"},
};

static const struct deed *deed_of(enum command_id command)
{
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (deeds[i].command == command)
			return &deeds[i];
	return NULL;
}

static const struct post *post_named(const struct case_view *view, const char *remote_id)
{
	for (int i = 0; *remote_id && i < view->item_count; i++)
		if (view->items[i].post && str_eq(view->items[i].post->remote_id, remote_id))
			return view->items[i].post;
	return NULL;
}

/* What is above it and not on the desk may be ours: the network knows. */
static bool stands_under_ours(const struct state *state, const struct post *post)
{
	const struct case_view *view = state_view(state);
	const struct post *above = post;
	for (int i = 0; view && above && i < view->item_count; i++) {
		if (!*above->parent_remote_id)
			return false;
		above = post_named(view, above->parent_remote_id);
		if (above && above->direction == DIR_OUT)
			return true;
	}
	return !above;
}

static bool is_of_like(enum reply_kind kind)
{
	return kind == REPLY_KIND_LIKE || kind == REPLY_KIND_UNLIKE;
}

static bool is_of_boost(enum reply_kind kind)
{
	return kind == REPLY_KIND_BOOST || kind == REPLY_KIND_UNBOOST;
}

static bool concerns(const struct reply *reply, enum reply_kind kind, const struct post *post)
{
	bool alike = is_of_like(kind) ? is_of_like(reply->kind) : is_of_boost(kind) && is_of_boost(reply->kind);
	return alike && reply->account_id == post->account_id && str_eq(reply->to_remote_id, post->remote_id);
}

/* What the post says of our like or boost is about to change: neither is asked for meanwhile, nor its contrary. */
static bool is_on_its_way(const struct state *state, enum reply_kind kind, const struct post *post)
{
	const unsigned under_way = 1u << REPLY_HELD | 1u << REPLY_QUEUED | 1u << REPLY_SENDING | 1u << REPLY_IN_DOUBT;
	for (int i = 0; i < state->reply_count; i++)
		if (under_way & 1u << state->replies[i].state && concerns(&state->replies[i], kind, post))
			return true;
	for (size_t i = 0; i < state->holding.len; i++)
		if (concerns(state->holding.at[i].reply, kind, post))
			return true;
	return false;
}

/* NULL: it is not. */
static const char *unfit(const struct state *state, const struct deed *deed, const struct post *post)
{
	bool of_author = deed->kind == REPLY_KIND_BLOCK || deed->kind == REPLY_KIND_MUTE;
	if (post->deleted_at && !of_author)
		return "the post was deleted";
	if (is_on_its_way(state, deed->kind, post))
		return is_of_like(deed->kind) ? "a like of it, or one taken back, is on its way"
		                              : "a boost of it, or one taken back, is on its way";
	switch (deed->kind) {
	case REPLY_KIND_LIKE: return post->liked_by_us ? "liked already" : NULL;
	case REPLY_KIND_UNLIKE: return post->liked_by_us ? NULL : "not liked by us";
	case REPLY_KIND_UNBOOST: return post->boosted_by_us ? NULL : "not boosted by us";
	case REPLY_KIND_BOOST:
		return post->boosted_by_us               ? "boosted already"
		       : post->visibility > VIS_UNLISTED ? "it was not said in public: it is not passed on"
		                                         : NULL;
	case REPLY_KIND_HIDE:
		return stands_under_ours(state, post) ? NULL : "only what stands under a post of ours can be hidden";
	default: return NULL;
	}
}

bool network_refuses(const struct state *state, enum command_id command, char *why, size_t size)
{
	const struct deed *deed = deed_of(command);
	*why = '\0';
	if (!deed)
		return false;
	const struct post *post = thread_post(state);
	const struct account *account = post ? state_account(state, post->account_id) : NULL;
	if (!post || post->direction != DIR_IN)
		snprintf(why, size, "select a post of a customer");
	else if (account && account->caps && !(account->caps & deed->needs))
		snprintf(why, size, "%s %s", account->network, deed->lacks);
	else
		snprintf(why, size, "%s", str_or(unfit(state, deed, post), ""));
	return *why != '\0';
}

const struct command *network_meant(const struct state *state, const struct command *command)
{
	const struct post *post = thread_post(state);
	if (command->id == CMD_LIKE && post && post->liked_by_us)
		return command_get(CMD_UNLIKE);
	if (command->id == CMD_BOOST && post && post->boosted_by_us)
		return command_get(CMD_UNBOOST);
	return command;
}

void cmd_on_network(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	char why[OBJECTION_TEXT_MAX], of[384];
	const struct deed *deed = deed_of(command->id);
	const struct post *post = thread_post(state);
	if (network_refuses(state, command->id, why, sizeof why)) {
		complain(state, "%s", why);
	} else if (deed->kind == REPLY_KIND_REPORT && !args[strspn(args, " ")]) {
		struct str label = STR_INIT;
		str_addf(&label,
		        "report %s to the network, why: ", handle_said(state, post->author_handle, of, sizeof of));
		prompt_open(state, PROMPT_REPORT, label.p, "");
		str_release(&label);
	} else if (may_write(state)) {
		hold_mark(state, fx, post, deed->kind, deed->kind == REPLY_KIND_REPORT ? args : "");
	}
}

void report_accept(struct state *state, const char *why, struct effects *fx)
{
	if (!why[strspn(why, " ")]) {
		complain(state, "say why: the network's moderators read it");
		return;
	}
	overlay_close(state);
	command_run(state, command_get(CMD_REPORT), why, fx);
}
