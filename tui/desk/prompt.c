/* The one-line prompt: commands, searches, filters, and the reason of an escalation. */
#include "tui/desk/inner.h"

#define HISTORY_MAX 100

static int history_of(const struct prompt *prompt)
{
	return prompt->purpose == PROMPT_COMMAND ? 0 : prompt->purpose == PROMPT_SEARCH ? 1 : -1;
}

void prompt_open(struct state *state, enum prompt_purpose purpose, const char *label, const char *text)
{
	struct prompt *prompt = &state->prompt;
	prompt->purpose = purpose;
	str_copy(prompt->label, sizeof prompt->label, label);
	compose_set(&prompt->text, text, strlen(text));
	prompt->history_at = -1;
	prompt_edited(state);
	overlay_open(state, MODE_PROMPT);
}

void prompt_edited(struct state *state)
{
	vec_clear(&state->prompt.candidates);
	arena_reset(&state->prompt.arena);
	state->prompt.candidate = -1;
}

static void remember(struct prompt *prompt, const char *text)
{
	int which = history_of(prompt);
	if (which < 0 || !*text)
		return;
	if (prompt->history[which].len == HISTORY_MAX) {
		free(prompt->history[which].at[0]);
		vec_remove(&prompt->history[which], 0);
	}
	vec_push(&prompt->history[which], mem_strdup(text));
}

void prompt_history(struct state *state, bool earlier)
{
	struct prompt *prompt = &state->prompt;
	int which = history_of(prompt), len = which < 0 ? 0 : (int)prompt->history[which].len;
	if (!len)
		return;
	int at = prompt->history_at < 0 ? len : prompt->history_at;
	at += earlier ? -1 : 1;
	if (at < 0)
		return;
	const char *text = at < len ? prompt->history[which].at[at] : "";
	compose_set(&prompt->text, text, strlen(text));
	prompt->history_at = at < len ? at : -1;
	prompt_edited(state);
}

/* --- completion */

static void collect(void *arg, const char *candidate, const char *help)
{
	struct prompt *prompt = arg;
	struct picker_item item = {
	        arena_strdup(&prompt->arena, candidate), arena_strdup(&prompt->arena, help), 0, false};
	vec_push(&prompt->candidates, item);
}

static void put_word(struct prompt *prompt, const char *word, bool space)
{
	struct compose *c = &prompt->text;
	size_t start = c->text.len;
	while (start > 0 && !strchr(" \t(", c->text.p[start - 1]))
		start--;
	struct str with = STR_INIT;
	str_addf(&with, "%s%s", word, space ? " " : "");
	compose_replace(c, start, c->text.len - start, with.p);
	str_release(&with);
}

static size_t common(const struct prompt *prompt)
{
	const char *first = prompt->candidates.at[0].label;
	size_t len = strlen(first);
	for (size_t i = 1; i < prompt->candidates.len; i++) {
		size_t n = 0;
		while (n < len && prompt->candidates.at[i].label[n] == first[n])
			n++;
		len = n;
	}
	while (len && ((unsigned char)first[len] & 0xc0) == 0x80)
		len--; /* no half of a character */
	return len;
}

/* The first Tab goes as far as all candidates agree and shows them; the next ones go through them. */
void prompt_complete(struct state *state)
{
	struct prompt *prompt = &state->prompt;
	if (prompt->candidates.len) {
		prompt->candidate = (prompt->candidate + 1) % (int)prompt->candidates.len;
		put_word(prompt, prompt->candidates.at[prompt->candidate].label, false);
		return;
	}
	if (prompt->purpose == PROMPT_COMMAND)
		command_complete(state, prompt->text.text.p, collect, prompt);
	else if (prompt->purpose == PROMPT_FILTER)
		filter_complete(state, prompt->text.text.p, collect, prompt);
	if (!prompt->candidates.len)
		return;
	char word[256];
	size_t len = common(prompt);
	snprintf(word, sizeof word, "%.*s", (int)(len < 255 ? len : 255), prompt->candidates.at[0].label);
	bool only = prompt->candidates.len == 1, open = len && (word[len - 1] == ':' || word[len - 1] == '@');
	if (len)
		put_word(prompt, word, only && !open);
	if (only)
		prompt_edited(state);
}

/* --- what was typed */

static void accept_command(struct state *state, const char *line, struct effects *fx)
{
	struct err err = ERR_INIT;
	const char *args;
	if (!line[strspn(line, " :")])
		return;
	const struct command *command = command_parse(line, &args, &err);
	if (!command)
		complain(state, "%s", err.text);
	else
		command_run(state, command, args, fx);
}

static void accept_why(struct state *state, const char *why, struct effects *fx)
{
	if (!*why) {
		complain(state, "say why: the team reads it first");
		return;
	}
	char args[4096];
	snprintf(args, sizeof args, "%s %s", state->prompt.team, why);
	overlay_close(state);
	command_run(state, command_get(CMD_ESCALATE), args, fx);
}

void prompt_accept(struct state *state, struct effects *fx)
{
	struct prompt *prompt = &state->prompt;
	char *text = mem_strdup(prompt->text.text.p);
	remember(prompt, text);
	switch (prompt->purpose) {
	case PROMPT_COMMAND:
		overlay_close(state);
		accept_command(state, text, fx);
		break;
	case PROMPT_SEARCH:
		overlay_close(state);
		if (*text)
			command_run(state, command_get(CMD_SEARCH), text, fx);
		break;
	case PROMPT_FILTER: filter_accept(state, text); break;
	case PROMPT_WHY: accept_why(state, text, fx); break;
	case PROMPT_ALT: alt_accept(state, text, fx); break;
	case PROMPT_COUNT: bulk_accept(state, text, fx); break;
	case PROMPT_UNSEND: unsend_accept(state, text, fx); break;
	case PROMPT_REPORT: report_accept(state, text, fx); break;
	case PROMPT_HANDOVER: handover_note(state, text, fx); break;
	}
	free(text);
}
