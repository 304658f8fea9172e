#include "core/net/line_reader.h"

#include "core/base/secret.h"

#include <string.h>

void line_reader_init(struct line_reader *reader, size_t max)
{
	*reader = (struct line_reader){.bytes = STR_INIT, .line = STR_INIT, .max = max};
}

void line_reader_release(struct line_reader *reader)
{
	secret_release(&reader->bytes);
	secret_release(&reader->line);
}

void line_reader_restart(struct line_reader *reader)
{
	str_clear(&reader->bytes);
	reader->at = reader->looked = 0;
	reader->skips = false;
}

void line_reader_add(struct line_reader *reader, const char *bytes, size_t len)
{
	str_remove(&reader->bytes, 0, reader->at);
	reader->looked -= reader->at;
	reader->at = 0;
	str_add(&reader->bytes, bytes, len);
}

/* Up to the next LF; NULL while there is none. */
static const char *find_end(struct line_reader *reader)
{
	const struct str *bytes = &reader->bytes;
	size_t from = reader->looked;
	reader->looked = bytes->len;
	return bytes->len > from ? memchr(bytes->p + from, '\n', bytes->len - from) : NULL;
}

static void pass(struct line_reader *reader, const char *end)
{
	reader->at = reader->looked = end ? (size_t)(end - reader->bytes.p) + 1 : reader->bytes.len;
}

bool line_reader_next(struct line_reader *reader, struct line *line)
{
	const char *end = find_end(reader);
	if (reader->skips) {
		reader->skips = !end;
		pass(reader, end);
		end = find_end(reader);
	}
	const char *text = reader->bytes.p + reader->at;
	size_t len = end ? (size_t)(end - text) : line_reader_left(reader);
	if (!end && len <= reader->max + 1) /* with a CR that belongs to its end it is not too long */
		return false;
	len -= end && len && text[len - 1] == '\r';
	bool whole = len <= reader->max;
	reader->skips = !end;
	pass(reader, end);
	str_clear(&reader->line);
	str_add(&reader->line, text, whole ? len : reader->max);
	*line = (struct line){reader->line.p, reader->line.len, whole};
	return true;
}

size_t line_reader_left(const struct line_reader *reader)
{
	return reader->bytes.len - reader->at;
}
