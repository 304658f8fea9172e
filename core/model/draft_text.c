#include "core/model/draft_text.h"

#include "core/base/mem.h"

static const char between[] = "\n{your other desk?}\n";
enum { BETWEEN = sizeof between - 1 };

size_t draft_text_own(const char *text)
{
	const char *next = strstr(text, between);
	return next ? (size_t)(next - text) : strlen(text);
}

/* True when it took the place of an earlier state of it. */
static bool replace_earlier(struct str *both, const char *part, size_t len)
{
	for (const char *at = strstr(both->p, between); at; at = strstr(at + BETWEEN, between)) {
		size_t begin = (size_t)(at - both->p) + BETWEEN, before = draft_text_own(both->p + begin);
		if (before > len || memcmp(both->p + begin, part, before) != 0)
			continue;
		str_remove(both, begin, before);
		str_insert(both, begin, part, len);
		return true;
	}
	return false;
}

static void add_part(struct str *both, const char *part, size_t len)
{
	char *copy = mem_strndup(part, len);
	if (!strstr(both->p, copy) && !replace_earlier(both, part, len)) {
		str_adds(both, both->len ? between : "");
		str_add(both, part, len);
	}
	free(copy);
}

bool draft_text_merge(const char *text, const char *other, struct str *out)
{
	struct str both = STR_INIT;
	str_adds(&both, text);
	while (*other) {
		size_t len = draft_text_own(other);
		add_part(&both, other, len);
		other += len + (other[len] ? BETWEEN : 0);
	}
	bool added = !str_eq(both.p, text);
	str_add(out, both.p, both.len);
	str_release(&both);
	return added;
}

static void add_dense(struct str *out, const char *text)
{
	for (; *text; text++)
		if (!strchr(" \t\n", *text))
			str_addc(out, *text);
}

bool draft_text_says(const char *said, const char *draft)
{
	struct str all = STR_INIT, wanted = STR_INIT;
	add_dense(&all, said);
	add_dense(&wanted, draft);
	bool says = strstr(all.p, wanted.p) != NULL;
	str_release(&all);
	str_release(&wanted);
	return says;
}
