/* Whom of ours a name could be taken for: our accounts, and the agents that the store knows. */
#include "core/text/lookalike.h"
#include "core/text/utf8.h"
#include "tui/desk/inner.h"

enum { SHORTEST = 3 }; /* what is shorter looks like too much */

/* The part of a handle before its server. */
static size_t skeleton(const char *handle, char out[SKELETON_MAX])
{
	const char *start = handle + (*handle == '@');
	return lookalike_skeleton(start, strcspn(start, "@"), out);
}

/* --- who is known */

static void add(struct state *state, const char *name, const char *shown, bool agent)
{
	struct known_name known = {.agent = agent};
	if (skeleton(name, known.skeleton) < SHORTEST)
		return;
	known.name = mem_strdup(shown);
	vec_push(&state->known, known);
}

void known_accounts(struct state *state)
{
	size_t kept = 0;
	for (size_t i = 0; i < state->known.len; i++) {
		if (state->known.at[i].agent)
			state->known.at[kept++] = state->known.at[i];
		else
			free(state->known.at[i].name);
	}
	state->known.len = kept;
	for (int i = 0; i < state->account_count; i++) {
		add(state, state->accounts[i].handle, state->accounts[i].handle, false);
		add(state, state->accounts[i].name, state->accounts[i].handle, false);
	}
}

void known_agent(struct state *state, const char *agent)
{
	for (size_t i = 0; i < state->known.len; i++)
		if (state->known.at[i].agent && str_eq(state->known.at[i].name, agent))
			return;
	add(state, agent, agent, true);
}

void known_release(struct state *state)
{
	for (size_t i = 0; i < state->known.len; i++)
		free(state->known.at[i].name);
	vec_release(&state->known);
}

/* --- who looks like them */

static bool same_letters(const char *a, const char *b)
{
	a += *a == '@';
	size_t len = strcspn(a, "@");
	return strlen(b) == len && memcmp(a, b, len) == 0;
}

/* People may have an agent's very name: only other letters that look like it are meant to deceive. */
static bool is_agents_own(const struct known_name *known, const char *handle, const char *name)
{
	return same_letters(handle, known->name) || utf8_contains_folded(name, known->name);
}

const char *state_looks_like(const struct state *state, const char *handle, const char *name)
{
	char of_handle[SKELETON_MAX], of_name[SKELETON_MAX];
	const char *like = NULL;
	for (int i = 0; i < state->account_count; i++)
		if (str_eq(state->accounts[i].handle, handle))
			return NULL;
	skeleton(handle, of_handle);
	lookalike_skeleton(name, strlen(name), of_name);
	for (size_t i = 0; i < state->known.len; i++) {
		const struct known_name *known = &state->known.at[i];
		if (!str_eq(known->skeleton, of_handle) && !str_eq(known->skeleton, of_name))
			continue;
		if (!known->agent)
			return known->name;
		if (!like && !is_agents_own(known, handle, name))
			like = known->name;
	}
	return like;
}

/* What they call themselves, as far as it is on the desk; "" when it is not. */
static const char *name_of(const struct state *state, const char *handle)
{
	const struct case_view *view = state_view(state);
	for (int i = view ? view->item_count : 0; i-- > 0;)
		if (view->items[i].post && str_eq(view->items[i].post->author_handle, handle))
			return view->items[i].post->author_name;
	for (int i = 0; i < state->inbox.count; i++)
		if (str_eq(state->inbox.rows[i].handle, handle))
			return state->inbox.rows[i].customer_name;
	return "";
}

const char *state_handle_looks_like(const struct state *state, const char *handle)
{
	return *handle ? state_looks_like(state, handle, name_of(state, handle)) : NULL;
}

const char *handle_said(const struct state *state, const char *handle, char *out, size_t size)
{
	const char *ours = state_handle_looks_like(state, handle);
	snprintf(out, size, ours ? "%s [looks like %s]" : "%s", handle, ours);
	return out;
}
