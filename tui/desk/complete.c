/* What could stand at the end of a `:` line. */
#include "tui/desk/inner.h"

struct offer {
	const char *word; /* what is typed of the last word */
	void (*each)(void *arg, const char *candidate, const char *help);
	void *arg;
};

static void offer(const struct offer *o, const char *candidate, const char *help)
{
	if (str_starts(candidate, o->word))
		o->each(o->arg, candidate, help);
}

static void offer_words(const struct offer *o, const char *const *words)
{
	for (; *words; words++)
		offer(o, *words, "");
}

static void offer_texts(const struct offer *o, const struct setup_text *texts, size_t len)
{
	for (size_t i = 0; i < len; i++)
		offer(o, texts[i].name, texts[i].text);
}

static void offer_commands(const struct state *state, const struct offer *o)
{
	unsigned here = state->composer.open ? IN_COMPOSER : IN_DESK;
	for (int i = 0; i < CMD_COUNT; i++) {
		const struct command *command = command_get((enum command_id)i);
		if (!(command->flags & CMDF_HIDDEN) && command->modes & here)
			offer(o, command->name, command->help);
	}
}

static bool seen_before(const struct kase *rows, int row, const char *tag)
{
	for (int i = 0; i < row; i++)
		for (int t = 0; t < rows[i].tag_count; t++)
			if (str_eq(rows[i].tags[t], tag))
				return true;
	return false;
}

static void offer_tags(const struct state *state, const struct offer *o)
{
	const struct inbox *inbox = &state->inbox;
	for (int i = 0; i < inbox->count; i++)
		for (int t = 0; t < inbox->rows[i].tag_count; t++)
			if (!seen_before(inbox->rows, i, inbox->rows[i].tags[t]))
				offer(o, inbox->rows[i].tags[t], "");
}

static void offer_agents(const struct state *state, const struct offer *o)
{
	const struct inbox *inbox = &state->inbox;
	offer(o, state->setup.agent, "you");
	for (int i = 0; i < inbox->count; i++) {
		const char *agent = inbox->rows[i].assignee;
		bool first = *agent && !str_eq(agent, state->setup.agent);
		for (int j = 0; j < i && first; j++)
			first = !str_eq(inbox->rows[j].assignee, agent);
		if (first)
			offer(o, agent, "");
	}
}

static void offer_arguments(const struct state *state, const struct command *command, const struct offer *o)
{
	static const char *const when[] = {"1h", "4h", "8h", "tomorrow", "mon", NULL};
	static const char *const reasons[] = {"praise", "duplicate", "elsewhere", "troll", "other", NULL};
	static const char *const priorities[] = {"low", "normal", "high", "urgent", NULL};
	static const char *const yes_no[] = {"yes", "no", NULL};
	static const char *const layouts[] = {"auto", "columns", "rows", NULL};
	switch (command->arg) {
	case ARG_VIEW:
		for (size_t i = 0; i < state->setup.views_len; i++)
			offer(o, state->setup.views[i].name, state->setup.views[i].query);
		break;
	case ARG_AGENT: offer_agents(state, o); break;
	case ARG_TAG: offer_tags(state, o); break;
	case ARG_TEAM: offer_texts(o, state->setup.teams, state->setup.teams_len); break;
	case ARG_CANNED:
		for (size_t i = 0; i < state->setup.canned_len; i++)
			offer(o, state->setup.canned[i].name, state->setup.canned[i].text);
		break;
	case ARG_MACRO: offer_texts(o, state->setup.macros, state->setup.macros_len); break;
	case ARG_WHEN: offer_words(o, when); break;
	case ARG_REASON: offer_words(o, reasons); break;
	case ARG_PRIORITY: offer_words(o, priorities); break;
	case ARG_LAYOUT: offer_words(o, layouts); break;
	case ARG_YES_NO: offer_words(o, yes_no); break;
	case ARG_QUERY:
	case ARG_NONE:
	case ARG_TEXT:
	case ARG_NUMBER: break;
	}
}

/* --- queries: values that this desk knows from its rows and its configuration */

struct value_offer {
	struct offer to;
	char key[64]; /* "-tag:" */
};

static void offer_value(void *arg, const char *value, const char *help)
{
	struct value_offer *o = arg;
	struct str candidate = STR_INIT;
	str_addf(&candidate, strpbrk(value, " \t()") ? "%s\"%s\"" : "%s%s", o->key, value);
	offer(&o->to, candidate.p, help);
	str_release(&candidate);
}

/* With their name; who looks like one of ours is that before anything else. */
static void offer_customer(const struct state *state, const struct offer *o, const char *value, const struct kase *row)
{
	const char *ours = state_looks_like(state, row->handle, row->customer_name);
	struct str hint = STR_INIT;
	str_addf(&hint, "%s%s%s%s", ours ? "looks like " : "", ours ? ours : "", ours ? ", " : "", row->customer_name);
	offer(o, value, hint.p);
	str_release(&hint);
}

static void offer_rows(const struct state *state, const struct offer *o, enum query_term term)
{
	for (int i = 0; i < state->inbox.count; i++) {
		const struct kase *row = &state->inbox.rows[i];
		const char *value = term == QT_FROM ? row->handle : term == QT_LANG ? row->language : row->network;
		bool first = *value != '\0';
		for (int j = 0; j < i && first; j++) {
			const struct kase *before = &state->inbox.rows[j];
			const char *other = term == QT_FROM   ? before->handle
			                    : term == QT_LANG ? before->language
			                                      : before->network;
			first = !str_eq(value, other);
		}
		if (first)
			offer_customer(state, o, value, row);
	}
}

static void offer_known(const struct state *state, const struct offer *o, enum query_term term)
{
	switch (term) {
	case QT_TAG: offer_tags(state, o); break;
	case QT_ASSIGNEE: offer_agents(state, o); break;
	case QT_TEAM: offer_texts(o, state->setup.teams, state->setup.teams_len); break;
	case QT_ACCOUNT:
		for (size_t i = 0; i < state->setup.accounts_len; i++)
			offer(o, state->setup.accounts[i].name, "");
		break;
	case QT_FROM:
	case QT_LANG:
	case QT_NETWORK: offer_rows(state, o, term); break;
	default: break;
	}
}

void filter_complete(const struct state *state, const char *text,
        void (*each)(void *arg, const char *candidate, const char *help), void *arg)
{
	query_complete(text, each, arg);
	const char *word = text + query_last_word(text), *colon = strchr(word, ':');
	bool minus = *word == '-';
	for (int i = 0; colon && i < QT_COUNT; i++) {
		const char *key = query_term_word((enum query_term)i);
		size_t len = (size_t)(colon - word) - minus;
		if (strlen(key) != len || str_icmp_n(key, word + minus, len) != 0)
			continue;
		struct value_offer to = {.to = {word, each, arg}};
		snprintf(to.key, sizeof to.key, "%.*s", (int)(colon + 1 - word), word);
		const struct offer values = {"", offer_value, &to};
		offer_known(state, &values, (enum query_term)i);
	}
}

void command_complete(const struct state *state, const char *line,
        void (*each)(void *arg, const char *candidate, const char *help), void *arg)
{
	line += strspn(line, " \t:");
	size_t len = strcspn(line, " \t");
	struct offer o = {line, each, arg};
	if (!line[len]) {
		offer_commands(state, &o);
		return;
	}
	const struct command *command = command_find(line, len);
	const char *args = line + len + strspn(line + len, " \t");
	if (!command)
		return;
	if (command->arg == ARG_QUERY) {
		filter_complete(state, args, each, arg);
		return;
	}
	o.word = args;
	if (!strpbrk(args, " \t") || command->arg == ARG_VIEW)
		offer_arguments(state, command, &o);
}
