#include "core/net/sse.h"

#include <string.h>

void sse_init(struct sse *sse, const struct sse_handlers *handlers, void *arg)
{
	*sse = (struct sse){.handlers = handlers, .arg = arg, .retry_ms = -1};
	str_init(&sse->line, SSE_MAX);
	str_init(&sse->type, SSE_MAX);
	/* One more than an event may have: the LF after its last line goes before it is handed out. */
	str_init(&sse->data, SSE_MAX + 1);
	str_init(&sse->id, SSE_MAX);
	str_init(&sse->next_id, SSE_MAX);
}

void sse_release(struct sse *sse)
{
	str_release(&sse->line);
	str_release(&sse->type);
	str_release(&sse->data);
	str_release(&sse->id);
	str_release(&sse->next_id);
}

void sse_restart(struct sse *sse)
{
	str_clear(&sse->line);
	str_clear(&sse->type);
	str_clear(&sse->data);
	str_clear(&sse->next_id);
	str_add(&sse->next_id, sse->id.p, sse->id.len);
	sse->after_cr = false;
	sse->begun = false;
}

/* An event without data is dropped, as is its type; its id counts. */
static void dispatch(struct sse *sse)
{
	str_clear(&sse->id);
	str_add(&sse->id, sse->next_id.p, sse->next_id.len);
	if (sse->data.len) {
		str_remove(&sse->data, sse->data.len - 1, 1);
		struct sse_event event = {
		        sse->type.len ? sse->type.p : "message", sse->data.p, sse->data.len, sse->id.p};
		sse->handlers->on_event(sse->arg, &event);
	}
	str_clear(&sse->data);
	str_clear(&sse->type);
}

/* Digits alone count; parse_i64 would also take a sign. */
static void take_retry(struct sse *sse, const char *value, size_t len)
{
	int64_t ms;
	if (len && strspn(value, "0123456789") == len && parse_i64(value, &ms))
		sse->retry_ms = ms;
}

static bool is_field(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && memcmp(name, wanted, len) == 0;
}

/* `value` ends with a NUL, being the end of the line. -1 over the cap. */
static int take_field(struct sse *sse, const char *name, size_t name_len, const char *value, size_t len)
{
	if (is_field(name, name_len, "data"))
		return str_add(&sse->data, value, len) || str_addc(&sse->data, '\n') ? -1 : 0;
	if (is_field(name, name_len, "event")) {
		str_clear(&sse->type);
		return str_add(&sse->type, value, len);
	}
	/* An id that holds a NUL is ignored: it could not go into the header that resumes. */
	if (is_field(name, name_len, "id") && !memchr(value, '\0', len)) {
		str_clear(&sse->next_id);
		return str_add(&sse->next_id, value, len);
	}
	if (is_field(name, name_len, "retry"))
		take_retry(sse, value, len);
	return 0;
}

static int take_line(struct sse *sse)
{
	const char *line = sse->line.p;
	size_t len = sse->line.len;
	if (!sse->begun && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
		line += 3;
		len -= 3;
	}
	sse->begun = true;
	if (len == 0) {
		dispatch(sse);
		return 0;
	}
	const char *colon = memchr(line, ':', len);
	if (colon == line) {
		if (sse->handlers->on_comment)
			sse->handlers->on_comment(sse->arg, line + 1, len - 1);
		return 0;
	}
	if (!colon)
		return take_field(sse, line, len, line + len, 0);
	const char *value = colon + 1;
	if (value < line + len && *value == ' ')
		value++;
	return take_field(sse, line, (size_t)(colon - line), value, (size_t)(line + len - value));
}

static size_t line_length(const char *bytes, size_t len)
{
	const char *end = memchr(bytes, '\n', len);
	size_t n = end ? (size_t)(end - bytes) : len;
	end = memchr(bytes, '\r', n);
	return end ? (size_t)(end - bytes) : n;
}

int sse_feed(struct sse *sse, const char *bytes, size_t len, struct err *err)
{
	const char *end = bytes + len;
	while (bytes < end) {
		if (sse->after_cr && *bytes == '\n')
			bytes++;
		sse->after_cr = false;
		size_t n = line_length(bytes, (size_t)(end - bytes));
		if (str_add(&sse->line, bytes, n))
			goto over;
		bytes += n;
		if (bytes == end)
			return 0;
		sse->after_cr = *bytes++ == '\r';
		if (take_line(sse))
			goto over;
		str_clear(&sse->line);
	}
	return 0;
over:
	return err_set(err, ERR_LIMIT, "the event stream sent a line or an event of more than %zu MB", SSE_MAX >> 20);
}
