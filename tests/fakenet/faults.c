#include "tests/fakenet/faults.h"

#include "core/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum fault_kind kind;
} plain_kinds[] = {
        {"close_before", FAULT_CLOSE_BEFORE},
        {"close_after", FAULT_CLOSE_AFTER},
        {"stall", FAULT_STALL},
        {"stall_after", FAULT_STALL_AFTER},
        {"truncate", FAULT_TRUNCATE},
        {"malformed", FAULT_MALFORMED},
        {"redirect", FAULT_REDIRECT},
        {"echo", FAULT_ECHO},
        {"empty", FAULT_EMPTY},
        {"no_min_id", FAULT_NO_MIN_ID},
        {"cut_stream_mid_event", FAULT_CUT_STREAM},
};

bool fault_parse(const char *text, struct fault *out)
{
	char word[16] = "", rest[16] = "";
	int n = 0, reset = 0;
	*out = (struct fault){.reset_s = 60, .location = "http://elsewhere.example/"};
	for (size_t i = 0; i < sizeof plain_kinds / sizeof plain_kinds[0]; i++)
		if (str_eq(text, plain_kinds[i].name)) {
			out->kind = plain_kinds[i].kind;
			return true;
		}
	int found = sscanf(text, "%15s %d %15s %d", word, &n, rest, &reset);
	if (found == 2 && str_eq(word, "slow") && n >= 0) {
		out->kind = FAULT_SLOW;
		out->ms = n;
		return true;
	}
	if (found < 2 || !str_eq(word, "status") || n < 200 || n > 599)
		return false;
	out->kind = FAULT_STATUS;
	out->status = n;
	out->html = str_eq(rest, "html");
	if (found == 4 && str_eq(rest, "reset"))
		out->reset_s = reset;
	else if (found == 3 && !out->html)
		str_copy(out->word, sizeof out->word, rest);
	return found <= 3 || str_eq(rest, "reset");
}

void faults_add(struct faults *faults, const char *match, int times, const struct fault *fault)
{
	vec_push(&faults->rules, (struct fault_rule){mem_strdup(match), times, *fault});
}

void faults_clear(struct faults *faults)
{
	for (size_t i = 0; i < faults->rules.len; i++)
		free(faults->rules.at[i].match);
	vec_clear(&faults->rules);
}

void faults_release(struct faults *faults)
{
	faults_clear(faults);
	vec_release(&faults->rules);
}

static bool fits(const char *match, const char *method, const char *path)
{
	const char *space = strchr(match, ' ');
	size_t n = space ? (size_t)(space - match) : 0;
	if (space && !(n == 1 && match[0] == '*') && (strlen(method) != n || strncmp(match, method, n) != 0))
		return false;
	const char *pattern = space ? space + 1 : match;
	size_t len = strlen(pattern);
	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, path, len - 1);
	return str_eq(pattern, path);
}

static struct fault use_up(struct faults *faults, size_t i)
{
	struct fault fault = faults->rules.at[i].fault;
	if (faults->rules.at[i].times > 0 && --faults->rules.at[i].times == 0) {
		free(faults->rules.at[i].match);
		vec_remove(&faults->rules, i);
	}
	return fault;
}

struct fault faults_take(struct faults *faults, const char *method, const char *path)
{
	for (size_t i = 0; i < faults->rules.len; i++) {
		const struct fault_rule *rule = &faults->rules.at[i];
		if (rule->fault.kind != FAULT_CUT_STREAM && fits(rule->match, method, path))
			return use_up(faults, i);
	}
	return (struct fault){0};
}

bool faults_take_cut(struct faults *faults, const char *path)
{
	for (size_t i = 0; i < faults->rules.len; i++) {
		const struct fault_rule *rule = &faults->rules.at[i];
		if (rule->fault.kind == FAULT_CUT_STREAM && fits(rule->match, "GET", path)) {
			use_up(faults, i);
			return true;
		}
	}
	return false;
}
