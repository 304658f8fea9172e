/* The rows at the foot of a desk that is not the real one: what it is, and what to do now. */
#include "tui/view/draw.h"

#include "core/text/wrap.h"

#include <string.h>

enum { ROWS_MOST = 3, ROOMY = 16, NARROW = 10, LEAST = PANES_MIN_ROWS + 1 };

int banner_rows(const struct state *state, const struct frame *frame)
{
	if (!state->banner.title[0] || frame->rows < LEAST)
		return 0;
	return frame->rows >= ROOMY ? ROWS_MOST : frame->rows >= NARROW ? 2 : 1;
}

static void draw_body(struct frame *frame, struct rect rect, const char *text)
{
	struct lines lines = {0};
	wrap_text(&lines, text, strlen(text), rect.cols - 2);
	for (int i = 0; i < rect.rows && (size_t)i < lines.len; i++) {
		/* The last row shows by its mark that there was more. */
		size_t start = lines.at[i].start;
		size_t len = i + 1 < rect.rows ? lines.at[i].end - start : strlen(text + start);
		frame_put_cut(frame, rect.row + i, rect.col + 1, rect.cols - 2, text + start, len, STYLE_STRONG);
	}
	lines_release(&lines);
}

/* The text's first line is a heading; where there is one row, what to do comes before it. */
void draw_banner(const struct state *state, struct frame *frame, struct rect rect)
{
	if (!rect.rows)
		return;
	const char *text = state->banner.text;
	size_t head = strcspn(text, "\n");
	const char *body = text + head + (text[head] == '\n');
	struct pen pen = pen_at(frame, rect, 0);
	frame_fill(frame, rect.row, rect.col, rect.cols, ' ', STYLE_BAR);
	pen_putf(&pen, STYLE_PRIORITY, " %s ", state->banner.title);
	if (rect.rows == 1)
		pen_putf(&pen, STYLE_BAR, " %s", body);
	else
		pen_putf(&pen, STYLE_BAR, " %.*s", (int)head, text);
	rect.row++;
	rect.rows--;
	draw_body(frame, rect, body);
}
