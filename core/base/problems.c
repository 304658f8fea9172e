#include "core/base/problems.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Values of any length may stand in a file; a sentence about them should still fit a screen. */
#define TEXT_MAX 1000

void problems_init(struct problems *problems)
{
	*problems = (struct problems){0};
}

void problems_release(struct problems *problems)
{
	for (size_t i = 0; i < problems->len; i++) {
		free(problems->at[i].file);
		free(problems->at[i].text);
	}
	free(problems->at);
	problems_init(problems);
}

__attribute__((format(printf, 5, 0))) static void add(
        struct problems *problems, bool warning, const char *file, int line, const char *fmt, va_list ap)
{
	if (warning)
		problems->warnings++;
	else
		problems->errors++;
	if (problems->len == PROBLEMS_MAX)
		return;
	if (problems->len == problems->cap) {
		problems->cap = problems->cap ? problems->cap * 2 : 4;
		problems->at = mem_realloc(problems->at, problems->cap, sizeof *problems->at);
	}
	char text[TEXT_MAX];
	struct str whole = STR_INIT;
	vsnprintf(text, sizeof text, fmt, ap);
	utf8_repair(text, strlen(text), &whole); /* excerpts are cut by bytes */
	problems->at[problems->len++] = (struct problem){
	        .warning = warning,
	        .file = mem_strdup(file),
	        .line = line,
	        .text = str_detach(&whole),
	};
}

void problems_error(struct problems *problems, const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(problems, false, file, line, fmt, ap);
	va_end(ap);
}

void problems_warn(struct problems *problems, const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(problems, true, file, line, fmt, ap);
	va_end(ap);
}

void problem_format(const struct problem *problem, struct str *out)
{
	str_adds(out, problem->file);
	if (problem->line > 0)
		str_addf(out, ":%d", problem->line);
	str_addf(out, ": %s%s", problem->warning ? "warning: " : "", problem->text);
}

int problems_result(const struct problems *problems, struct err *err)
{
	if (!problems->errors)
		return 0;
	struct str text = STR_INIT;
	for (size_t i = 0; i < problems->len; i++) {
		if (!problems->at[i].warning) {
			problem_format(&problems->at[i], &text);
			break;
		}
	}
	if (!text.len)
		str_adds(&text, "the configuration has errors");
	else if (problems->errors > 1)
		str_addf(&text, " (and %zu more)", problems->errors - 1);
	int rc = err_set(err, ERR_CONFIG, "%s", text.p);
	str_release(&text);
	return rc;
}

/* Edit distance in which a swap of neighbours counts one, the commonest slip of a hand. Longer words are nobody's. */
enum { WORD_MAX = 48 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[3][WORD_MAX + 1];
	size_t *before = row[0], *last = row[1], *now = row[2];
	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(change, least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		size_t *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

const char *suggest_word(const char *typed, const char *const *words, size_t count)
{
	size_t len = strlen(typed);
	if (!len || len > WORD_MAX)
		return NULL;
	/* A third of the letters may be wrong: more, and the word offered would be a guess. */
	size_t best = (len < 3 ? 1 : len < 6 ? 2 : len / 3) + 1;
	const char *found = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t word_len = strlen(words[i]);
		if (word_len > WORD_MAX)
			continue;
		size_t d = distance(typed, len, words[i], word_len);
		if (d < best && d < word_len) {
			best = d;
			found = words[i];
		}
	}
	return found;
}
