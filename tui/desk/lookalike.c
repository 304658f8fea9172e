#include "core/base/str.h"
#include "core/text/lookalike.h"
#include "core/text/utf8.h"
#include "tui/desk/state.h"

#include <string.h>

enum { SHORTEST = 3 }; /* what is shorter looks like too much */

/* The part of a handle before its server. */
static size_t skeleton(const char *handle, char out[SKELETON_MAX])
{
	const char *start = handle + (*handle == '@');
	return lookalike_skeleton(start, strcspn(start, "@"), out);
}

struct looks {
	const char *handle, *name;
	char of_handle[SKELETON_MAX], of_name[SKELETON_MAX];
};

static bool same_letters(const char *a, const char *b)
{
	a += *a == '@';
	size_t len = strcspn(a, "@");
	return strlen(b) == len && memcmp(a, b, len) == 0;
}

static bool like(const struct looks *looks, const char *ours)
{
	char own[SKELETON_MAX];
	return skeleton(ours, own) >= SHORTEST && (str_eq(own, looks->of_handle) || str_eq(own, looks->of_name));
}

/* People may have an agent's very name: only other letters that look like it are meant to deceive. */
static bool like_agent(const struct looks *looks, const char *agent)
{
	return like(looks, agent) && !same_letters(looks->handle, agent) && !utf8_contains_folded(looks->name, agent);
}

const char *state_looks_like(const struct state *state, const char *handle, const char *name)
{
	struct looks looks = {handle, name, "", ""};
	skeleton(handle, looks.of_handle);
	lookalike_skeleton(name, strlen(name), looks.of_name);
	for (int i = 0; i < state->account_count; i++)
		if (str_eq(state->accounts[i].handle, handle))
			return NULL;
	for (int i = 0; i < state->account_count; i++)
		if (like(&looks, state->accounts[i].handle) || like(&looks, state->accounts[i].name))
			return state->accounts[i].handle;
	if (like_agent(&looks, state->setup.agent))
		return state->setup.agent;
	for (int i = 0; i < state->inbox.count; i++)
		if (like_agent(&looks, state->inbox.rows[i].assignee))
			return state->inbox.rows[i].assignee;
	return NULL;
}
