/* Text broken into lines of a width in cells, and the way between byte offsets and places on those lines. For the
 * thread and for the composer alike. Pure; widths are those of cells.h. */
#ifndef CORE_TEXT_WRAP_H
#define CORE_TEXT_WRAP_H

#include <stdbool.h>
#include <stddef.h>

/* text[start..end) is shown. What stands between end and the next line's start is not: the newline, or the spaces that
 * hang over the edge. Lines cover the text in order; each start is the end of the line before, or behind what hangs. */
struct line {
	size_t start, end;
	int cells;
	bool soft; /* the text goes on in the same paragraph */
};

struct lines {
	struct line *at;
	size_t len, cap;
};

/* Replaces the lines by those of text (there is at least one, empty for an empty text; a newline at the end makes an
 * empty last line). Breaks after spaces; between clusters where one is wide or of a script without spaces (but not
 * before closing punctuation); inside a word only when the word alone is too long. A width under 2 counts as 2. */
void wrap_text(struct lines *lines, const char *text, size_t len, int width);
void lines_release(struct lines *lines);

/* The index of the line on which a caret at this offset stands. An offset at a soft break is on the later line. */
size_t wrap_line_of(const struct lines *lines, size_t offset);

/* The caret's column on that line: at most line->cells, so that a caret among hanging spaces stays at the edge. That
 * can be the wrapping width itself: a composer wraps to one cell less than it has. */
int wrap_column_of(const struct line *line, const char *text, size_t offset);

/* The offset of the cluster that covers a column; line->end when the column is beyond it. */
size_t wrap_offset_at(const struct line *line, const char *text, int column);

#endif
