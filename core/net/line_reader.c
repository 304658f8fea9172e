#include "core/net/line_reader.h"

#include <string.h>

void line_reader_init(struct line_reader *reader, bool (*on_line)(void *arg, const char *line, size_t len), void *arg)
{
	reader->on_line = on_line;
	reader->arg = arg;
	str_init(&reader->line, LINE_READER_MAX);
}

void line_reader_release(struct line_reader *reader)
{
	str_release(&reader->line);
}

void line_reader_restart(struct line_reader *reader)
{
	str_clear(&reader->line);
}

static bool end_line(struct line_reader *reader)
{
	struct str *line = &reader->line;
	if (line->len && line->p[line->len - 1] == '\r')
		str_remove(line, line->len - 1, 1);
	bool goes_on = !line->len || reader->on_line(reader->arg, line->p, line->len);
	if (goes_on)
		str_clear(line);
	return goes_on;
}

int line_reader_feed(struct line_reader *reader, const char *bytes, size_t len, struct err *err)
{
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t n = end ? (size_t)(end - bytes) : len;
		if (str_add(&reader->line, bytes, n))
			return err_set(
			        err, ERR_LIMIT, "a line of the stream is longer than %zu KiB", LINE_READER_MAX / 1024);
		if (!end || !end_line(reader))
			return 0;
		bytes += n + 1;
		len -= n + 1;
	}
	return 0;
}
