#include "core/text/wrap.h"
#include "core/base/vec.h"
#include "core/text/cells.h"
#include "core/text/grapheme.h"
#include "core/text/utf8.h"

#include <stdint.h>

void lines_release(struct lines *lines)
{
	vec_release(lines);
}

/* Thai to Myanmar and Khmer: words stand there without spaces, and to find them takes a dictionary. */
static bool is_without_spaces(uint32_t cp)
{
	return (cp >= 0x0E00 && cp <= 0x0EFF) || (cp >= 0x1000 && cp <= 0x109F) || (cp >= 0x1780 && cp <= 0x17FF);
}

static bool stands_in(const uint16_t *set, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++)
		if (set[i] == cp)
			return true;
	return false;
}

/* What Japanese and Chinese typesetting keeps from a line's start; small kana and the length mark with it. */
static bool closes(uint32_t cp)
{
	static const uint16_t set[] = {'!', ')', ',', '.', ':', ';', '?', ']', '}', 0x2019, 0x201D, 0x2026, 0x3001,
	        0x3002, 0x3005, 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015, 0x3041, 0x3043, 0x3045, 0x3047, 0x3049,
	        0x3063, 0x3083, 0x3085, 0x3087, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9, 0x30C3, 0x30E3, 0x30E5, 0x30E7,
	        0x30FB, 0x30FC, 0xFF01, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF3D, 0xFF5D};
	return stands_in(set, sizeof set / sizeof set[0], cp);
}

static bool opens(uint32_t cp)
{
	static const uint16_t set[] = {
	        '(', '[', '{', 0x2018, 0x201C, 0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0x3014, 0xFF08, 0xFF3B, 0xFF5B};
	return stands_in(set, sizeof set / sizeof set[0], cp);
}

struct piece { /* a grapheme cluster */
	size_t next;
	uint32_t cp; /* its first code point */
	int cells;
	bool space, free; /* free: a line may break on either side */
};

static struct piece piece_at(const char *text, size_t end, size_t at)
{
	struct piece p = {.next = grapheme_next(text, end, at)};
	utf8_decode(text + at, end - at, &p.cp);
	p.cells = cells_width(text + at, p.next - at);
	p.space = p.cp == ' ' || p.cp == '\t';
	p.free = is_without_spaces(p.cp) || (p.cells == 2 && p.cp >= 0x1100);
	return p;
}

struct wrapper {
	struct lines *lines;
	const char *text;
	size_t end; /* of the paragraph */
	int width;
	size_t start; /* of the line being filled */
	int cells;    /* filled so far */
	size_t brk;   /* the last place to break at; start when there is none */
	int brk_cells;
};

static void finish_line(struct wrapper *w, size_t end, int cells, bool soft)
{
	vec_push(w->lines, (struct line){w->start, end, cells, soft});
	w->start = w->brk = end;
	w->cells -= cells;
	w->brk_cells = 0;
}

/* A cluster that no line holds (a syllable with a tail of spacing marks) is broken between its units. */
static size_t fill_with_units(struct wrapper *w, size_t at, size_t next)
{
	while (at < next) {
		struct cluster unit;
		size_t behind = cells_next(w->text, next, at, &unit);
		if (w->cells + unit.cells > w->width)
			finish_line(w, at, w->cells, true);
		w->cells += unit.cells;
		at = behind;
	}
	return at;
}

static size_t hang_spaces(struct wrapper *w, size_t at)
{
	size_t edge = at;
	while (at < w->end && (w->text[at] == ' ' || w->text[at] == '\t'))
		at++;
	finish_line(w, edge, w->cells, at < w->end);
	w->start = w->brk = at;
	return at;
}

static void make_room(struct wrapper *w, size_t at)
{
	if (w->brk > w->start)
		finish_line(w, w->brk, w->brk_cells, true);
	else
		finish_line(w, at, w->cells, true);
}

/* Returns false when the paragraph's last line is already among the lines (its last spaces hang). */
static bool fill_lines(struct wrapper *w)
{
	struct piece before = {0};
	for (size_t at = w->start; at < w->end;) {
		struct piece p = piece_at(w->text, w->end, at);
		if (p.space && w->cells + p.cells > w->width) {
			at = hang_spaces(w, at);
			before = (struct piece){0};
			if (at == w->end)
				return false;
			continue;
		}
		bool may_break = at > w->start && !p.space &&
		                 (before.space || ((before.free || p.free) && !closes(p.cp) && !opens(before.cp)));
		if (may_break) {
			w->brk = at;
			w->brk_cells = w->cells;
		}
		while (w->cells + p.cells > w->width && at > w->start)
			make_room(w, at);
		if (p.cells > w->width)
			at = fill_with_units(w, at, p.next);
		else {
			w->cells += p.cells;
			at = p.next;
		}
		before = p;
	}
	return true;
}

static void wrap_paragraph(struct lines *lines, const char *text, size_t start, size_t end, int width)
{
	struct wrapper w = {lines, text, end, width, start, 0, start, 0};
	if (fill_lines(&w))
		finish_line(&w, end, w.cells, false);
}

void wrap_text(struct lines *lines, const char *text, size_t len, int width)
{
	vec_clear(lines);
	size_t start = 0;
	for (;;) {
		const char *newline = len > start ? memchr(text + start, '\n', len - start) : NULL;
		size_t end = newline ? (size_t)(newline - text) : len;
		bool crlf = newline && end > start && text[end - 1] == '\r';
		wrap_paragraph(lines, text, start, end - crlf, width < 2 ? 2 : width);
		if (!newline)
			return;
		start = end + 1;
	}
}

size_t wrap_line_of(const struct lines *lines, size_t offset)
{
	size_t low = 0, high = lines->len;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (lines->at[mid].start <= offset)
			low = mid;
		else
			high = mid;
	}
	return low;
}

int wrap_column_of(const struct line *line, const char *text, size_t offset)
{
	if (offset <= line->start)
		return 0;
	return offset >= line->end ? line->cells : cells_width(text + line->start, offset - line->start);
}

size_t wrap_offset_at(const struct line *line, const char *text, int column)
{
	return line->start + cells_fit(text + line->start, line->end - line->start, column > 0 ? column : 0, NULL);
}
