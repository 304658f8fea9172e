#include "core/net/headers.h"

#include "core/base/str.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char *trimmed(const char *from, const char *end)
{
	while (from < end && is_blank(*from))
		from++;
	while (end > from && is_blank(end[-1]))
		end--;
	return mem_strndup(from, (size_t)(end - from));
}

int headers_add_line(struct headers *headers, const char *line, size_t len)
{
	if (len > HEADERS_MAX_BYTES - headers->bytes)
		return -1;
	headers->bytes += len;
	const char *colon = memchr(line, ':', len);
	if (!colon || colon == line)
		return 0;
	struct header field = {trimmed(line, colon), trimmed(colon + 1, line + len)};
	vec_push(&headers->fields, field);
	return 0;
}

const char *headers_nth(const struct headers *headers, const char *name, size_t n)
{
	for (size_t i = 0; i < headers->fields.len; i++) {
		if (str_ieq(headers->fields.at[i].name, name) && n-- == 0)
			return headers->fields.at[i].value;
	}
	return NULL;
}

const char *headers_get(const struct headers *headers, const char *name)
{
	return headers_nth(headers, name, 0);
}

void headers_clear(struct headers *headers)
{
	for (size_t i = 0; i < headers->fields.len; i++) {
		free(headers->fields.at[i].name);
		free(headers->fields.at[i].value);
	}
	vec_clear(&headers->fields);
	headers->bytes = 0;
}

void headers_release(struct headers *headers)
{
	headers_clear(headers);
	vec_release(&headers->fields);
}
