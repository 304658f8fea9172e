#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/base/utf8.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *utf8, *ascii;
} marks[] = {
#define X(name, utf8, ascii) {utf8, ascii},
#include "tui/view/marks.def"
#undef X
};

const char *mark_text(const struct frame *frame, enum mark mark)
{
	return frame->ascii ? marks[mark].ascii : marks[mark].utf8;
}

uint32_t mark_code(const struct frame *frame, enum mark mark)
{
	const char *text = mark_text(frame, mark);
	uint32_t cp;
	utf8_decode(text, strlen(text), &cp);
	return cp;
}

enum { DAY_MS = 24 * 3600 * 1000 };

void when_words(int64_t at, int64_t now, char *out, size_t size)
{
	char day[16], today[16];
	time_format_local(at, "%Y-%m-%d", day, sizeof day);
	time_format_local(now, "%Y-%m-%d", today, sizeof today);
	int64_t apart = at < now ? now - at : at - now;
	if (str_eq(day, today))
		time_format_local(at, "%H:%M", out, size);
	else if (apart < 6 * (int64_t)DAY_MS)
		time_format_local(at, "%a %H:%M", out, size);
	else
		time_format_local(at, "%d %b %Y", out, size);
}

void keys_of(const struct state *state, enum mode mode, enum command_id command, char *out, size_t size)
{
	const struct binding *binding =
	        keymap_keys_of(state->setup.keymap, (int)mode, command_get(command)->name, NULL);
	*out = '\0';
	if (binding)
		chord_format(binding->keys.at, binding->keys.len, out, size);
}

struct pen pen_at(struct frame *frame, struct rect rect, int row)
{
	return (struct pen){frame, rect.row + row, rect.col, rect.col + rect.cols};
}

void pen_put(struct pen *pen, enum style style, const char *text)
{
	pen->col += frame_put_text(pen->frame, pen->row, pen->col, pen->end - pen->col, text, SIZE_MAX, style);
}

void pen_putf(struct pen *pen, enum style style, const char *fmt, ...)
{
	struct str text;
	str_init(&text, 4096);
	va_list ap;
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	pen_put(pen, style, text.p);
	str_release(&text);
}
