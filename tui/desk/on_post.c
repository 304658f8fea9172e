/* What can be done to the selected post: a picker by letter. Each line is a command, or opens or quotes the post. */
#include "core/model/reply_text.h"
#include "core/text/plain.h"
#include "tui/desk/inner.h"

static bool always(const struct state *state, const struct post *post)
{
	(void)state, (void)post;
	return true;
}

static bool is_ours(const struct state *state, const struct post *post)
{
	(void)state;
	return post->direction == DIR_OUT && !post->deleted_at;
}

static bool can_be_answered(const struct state *state, const struct post *post)
{
	char why[OBJECTION_TEXT_MAX];
	return post->direction == DIR_IN &&
	       !reply_refused(state_account(state, post->account_id), post, false, why, sizeof why);
}

static bool can_be_private(const struct state *state, const struct post *post)
{
	const struct account *account = state_account(state, post->account_id);
	char why[OBJECTION_TEXT_MAX];
	return post->direction == DIR_IN && account && !reply_refused(account, post, true, why, sizeof why);
}

static bool has_link(const struct state *state, const struct post *post)
{
	(void)state;
	return *post->url;
}

static bool has_text(const struct state *state, const struct post *post)
{
	(void)state;
	return *post->text;
}

static const struct {
	const char *word, *hint;
	bool (*fits)(const struct state *state, const struct post *post);
	enum command_id command; /* CMD_COUNT: done here */
	char letter;
} lines[] = {
        {"reply", "in public", can_be_answered, CMD_REPLY, 'r'},
        {"private reply", "asks why", can_be_private, CMD_REPLY_PRIVATE, 'p'},
        {"like", "a second stroke", always, CMD_LIKE, 'l'},
        {"unlike", "our like taken back; a second stroke", always, CMD_UNLIKE, 'l'},
        {"boost", "to our followers; a second stroke", always, CMD_BOOST, 'b'},
        {"unboost", "our boost taken back; a second stroke", always, CMD_UNBOOST, 'b'},
        {"correct", "through the send bar", is_ours, CMD_CORRECT, 'e'},
        {"unsend", "taken back, through the send bar", is_ours, CMD_UNSEND, 'u'},
        {"copy link", "", has_link, CMD_COPY_LINK, 'c'},
        {"copy text", "", has_text, CMD_COPY_TEXT, 't'},
        {"open", "all of it; again: folded", has_text, CMD_COUNT, 'o'},
        {"note", "to the team, quoting it", always, CMD_COUNT, 'n'},
        {"hide", "for everybody, on the network; a second stroke", always, CMD_HIDE, 'h'},
        {"report", "to the network's moderators; asks why, and a second stroke", always, CMD_REPORT, 'x'},
        {"silence", "the author, on the network; a second stroke", always, CMD_SILENCE, 's'},
        {"block", "the author, on the network; a second stroke", always, CMD_BLOCK, 'k'},
};
enum { LINES = sizeof lines / sizeof *lines };

void on_post_fill(struct state *state)
{
	const struct post *post = thread_post(state);
	char why[OBJECTION_TEXT_MAX];
	for (int i = 0; post && i < LINES; i++)
		if (lines[i].fits(state, post) && !network_refuses(state, lines[i].command, why, sizeof why))
			picker_add(&state->picker, lines[i].word, lines[i].hint, lines[i].letter, lines[i].word);
}

static void unfold(struct state *state, const struct post *post)
{
	state->thread.unfolded = state->thread.unfolded == post->id ? 0 : post->id;
	state->thread.follow = true;
	state->focus = MODE_THREAD;
}

/* Each line of the post behind a mark, after whose it is. */
static void quote(struct state *state, const struct post *post, struct effects *fx)
{
	struct str text = STR_INIT;
	if (!may_write(state))
		return;
	plain_add_value(&text, post->author_handle, strlen(post->author_handle));
	str_adds(&text, ":\n> ");
	for (const char *p = post->text; *p; p++) {
		str_addc(&text, *p);
		if (*p == '\n' || (*p == '\r' && p[1] != '\n')) /* the composer takes both for an end */
			str_adds(&text, "> ");
	}
	str_adds(&text, "\n");
	composer_open(state, DRAFT_NOTE, NULL);
	compose_paste(&state->composer.compose, text.p, text.len);
	composer_edited(state, fx, true);
	str_release(&text);
}

void on_post_take(struct state *state, const char *word, struct effects *fx)
{
	const struct post *post = thread_post(state);
	int i = 0;
	while (i < LINES && !str_eq(lines[i].word, word))
		i++;
	if (i == LINES || !post)
		return;
	if (lines[i].command != CMD_COUNT)
		command_run(state, command_get(lines[i].command), "", fx);
	else if (lines[i].letter == 'o')
		unfold(state, post);
	else
		quote(state, post, fx);
}

void cmd_on_post(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (thread_post(state))
		picker_open(state, PICK_ON_POST, fx);
	else
		say(state, state->inbox.selected && !state_view(state) ? "loading ..." : "no post is selected");
}
