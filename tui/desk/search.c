/* Searching: in the thread by its items; in the inbox by asking the store for the next case of the view that has the
 * words. And narrowing a view by a query. */
#include "tui/desk/inner.h"

/* The cursor of the filter's line goes to the place that is wrong. */
static void point_at(struct state *state, const char *text, size_t at)
{
	struct compose *typed = &state->prompt.text;
	if (state->overlay == MODE_PROMPT && state->prompt.purpose == PROMPT_FILTER && str_ends(typed->text.p, text))
		compose_set(
		        typed, arena_strdup(&state->prompt.arena, typed->text.p), typed->text.len - strlen(text) + at);
}

void filter_accept(struct state *state, const char *text)
{
	struct arena arena = ARENA_INIT;
	const struct query *query;
	size_t at;
	struct err err = ERR_INIT;
	text += strspn(text, " ");
	if (query_parse(text, state->setup.agent, &arena, &query, &at, &err) < 0) {
		complain(state, "%s", err.text);
		point_at(state, text, at);
	} else if (strlen(text) >= sizeof state->filter) {
		complain(state, "the filter is too long");
	} else {
		str_copy(state->filter, sizeof state->filter, text);
		overlay_close(state);
		inbox_restart(state, state->inbox.selected);
	}
	arena_release(&arena);
}

/* Each word in quotes, so that nothing typed here is taken for a term of the query language. */
static void add_words(struct str *query, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, " \"");
		if (len)
			str_addf(query, " \"%.*s\"", (int)len, words);
		words += len + (words[len] != '\0');
	}
}

static void ask(struct state *state, struct effects *fx, bool round)
{
	struct str query = STR_INIT;
	if (*state->query)
		str_addf(&query, "(%s)", state->query);
	add_words(&query, state->search);
	bool back = state->search_back;
	struct effect *effect = effects_add(fx, FX_ROWS);
	effect->request = state->search_request = next_request(state);
	state->search_round = round;
	effect->rows.query = arena_strdup(&fx->arena, query.p);
	effect->rows.from = !round ? ROWS_KEY : back ? ROWS_END : ROWS_TOP;
	effect->rows.case_id = round ? 0 : state->inbox.selected;
	effect->rows.rank = state->inbox.anchor_rank;
	effect->rows.id = state->inbox.anchor_id;
	effect->rows.before = back ? 1 : 0;
	effect->rows.after = back ? 0 : 2;
	str_release(&query);
}

static void step(struct state *state, struct effects *fx, bool back)
{
	state->search_back = back;
	if (!*state->search)
		say(state, "nothing has been searched for yet");
	else if (state->focus != MODE_THREAD)
		ask(state, fx, !state->inbox.selected);
	else if (!thread_find(state, back))
		say(state, "not in this conversation: %s", state->search);
}

static const struct kase *hit(const struct state *state, const struct event *event)
{
	int count = event->rows.count;
	for (int i = 0; i < count; i++) {
		const struct kase *row = &event->rows.rows[state->search_back ? count - 1 - i : i];
		if (row->id != state->inbox.selected)
			return row;
	}
	return NULL;
}

void search_answer(struct state *state, const struct event *event, struct effects *fx)
{
	state->search_request = 0;
	const struct kase *row = event->err ? NULL : hit(state, event);
	if (event->err)
		complain(state, "%s", event->err->text);
	else if (row)
		inbox_go(state, row);
	else if (!state->search_round)
		ask(state, fx, true);
	else
		say(state, event->rows.count ? "only here: %s" : "not found: %s", state->search);
}

void cmd_search(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command;
	if (!*args) {
		prompt_open(state, PROMPT_SEARCH, "/", "");
		return;
	}
	str_copy(state->search, sizeof state->search, args);
	step(state, fx, false);
}

void cmd_search_step(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args;
	step(state, fx, command->id == CMD_SEARCH_PREV);
}
