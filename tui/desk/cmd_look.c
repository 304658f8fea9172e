/* Commands that find, show, copy and leave; they change nothing but the desk itself. */
#include "tui/desk/inner.h"

#include "core/base/timefmt.h"

void cmd_filter(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)fx;
	if (*args)
		filter_accept(state, args);
	else
		prompt_open(state, PROMPT_FILTER, "filter: ", state->filter);
}

void cmd_copy(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args;
	bool link = command->id == CMD_COPY_LINK;
	const struct post *post = thread_post(state);
	const char *text = !post ? "" : link ? post->url : post->text;
	if (!*text) {
		complain(state, link ? "this post has no link" : "there is no text to copy");
		return;
	}
	struct effect *effect = effects_add(fx, FX_COPY);
	effect->request = next_request(state);
	effect->text = arena_strdup(&fx->arena, text);
	say(state, link ? "link copied" : "text copied");
}

void cmd_who(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	const struct kase *kase = state_case(state);
	if (!kase) {
		complain(state, "no case is selected");
		return;
	}
	const char *writer = state_writer(state, kase);
	say(state, "#%lld: %s%s%s%s", (long long)kase->id, *kase->assignee ? "owned by " : "nobody owns it",
	        kase->assignee, *writer ? "; writing now: " : "", writer);
}

void cmd_why(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	static const char *const priorities[] = {"low", "normal", "high", "urgent"};
	const struct kase *kase = state_case(state);
	char due[32] = "", followers[48] = "";
	if (!kase) {
		complain(state, "no case is selected");
		return;
	}
	if (kase->due)
		duration_format(
		        kase->due > state->wall ? kase->due - state->wall : state->wall - kase->due, due, sizeof due);
	if (kase->followers >= 0)
		snprintf(followers, sizeof followers, ", %lld followers", (long long)kase->followers);
	say(state, "#%lld: %s%s%s, priority %s%s, %d boosts, %d alike", (long long)kase->id,
	        !kase->due                ? "no clock runs"
	        : kase->due > state->wall ? "due in "
	                                  : "late by ",
	        due, *kase->escalated_to ? ", escalated" : "", priorities[kase->priority + 1], followers, kase->boosts,
	        kase->similar);
}

void cmd_seen(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (!state->gap_count) {
		complain(state, "nothing is known to be missing");
		return;
	}
	struct effect *effect = effects_add(fx, FX_GAP_SEEN);
	effect->request = next_request(state);
	effect->gap_id = state->gaps[0].id;
	say(state, "noted: %s %s was not read", state->gaps[0].account, state->gaps[0].source);
	state->gaps++;
	state->gap_count--;
}

void cmd_command(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	prompt_open(state, PROMPT_COMMAND, ":", "");
}

void cmd_help(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	state->help.of = state_mode(state);
	state->help.top = 0;
	overlay_open(state, MODE_HELP);
}

void cmd_layout(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)fx;
	static const char *const words[LAYOUT_COUNT] = {"auto", "columns", "rows"};
	enum layout to = (enum layout)((state->layout + 1) % LAYOUT_COUNT);
	if (*args) {
		int i = 0;
		while (i < LAYOUT_COUNT && !str_eq(args, words[i]))
			i++;
		if (i == LAYOUT_COUNT) {
			complain(state, "found \"%.40s\", expected auto, columns or rows", args);
			return;
		}
		to = (enum layout)i;
	}
	state->layout = to;
	say(state, "layout: %s", words[to]);
}

void cmd_zoom(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	state->zoomed = !state->zoomed;
	say(state, "%s", state->zoomed ? "one pane; :zoom shows all" : "all panes");
}

void cmd_redraw(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)state, (void)command, (void)args;
	effects_add(fx, FX_REDRAW);
}

static void save_drafts_now(struct state *state, struct effects *fx)
{
	for (size_t i = 0; i < state->drafts.len; i++)
		state->drafts.at[i].save_mono = state->mono;
	drafts_save(state, fx);
}

void cmd_suspend(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	save_drafts_now(state, fx);
	effects_add(fx, FX_SUSPEND);
}

/* --- leaving */

void leave(struct state *state, struct effects *fx)
{
	save_drafts_now(state, fx);
	state_save_now(state, fx);
	state->leaving = true;
	effects_add(fx, FX_QUIT);
}
