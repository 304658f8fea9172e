/* The picker of links and media: a row a link, and under them the selected one whole, over as many rows as it needs, so
 * that it can be taken from the screen where the terminal takes no copies. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/text/wrap.h"

#include <string.h>

enum { LINK_ROWS = 8, WHOLE_ROWS = 6 };

void draw_links(const struct state *state, struct frame *frame, struct rect above, struct seen *seen)
{
	const struct picker *picker = &state->picker;
	const struct picker_item *at = picker->at >= 0 ? &picker->items.at[picker->shown.at[picker->at]] : NULL;
	struct lines whole = {0};
	if (at)
		wrap_text(&whole, at->label, strlen(at->label), above.cols - 2);
	int whole_rows = whole.len < WHOLE_ROWS ? (int)whole.len : WHOLE_ROWS, count = (int)picker->shown.len;
	int rows = count < 1 ? 1 : count < LINK_ROWS ? count : LINK_ROWS;
	int room = above.rows - whole_rows - 2;
	rows = rows < room ? rows : room > 1 ? room : 1;
	struct rect box = {
	        above.row + above.rows - rows - whole_rows - 2, above.col, rows + whole_rows + 2, above.cols};
	seen->picker_rows = rows;
	int first = picker->at >= rows ? picker->at - rows + 1 : 0;
	draw_box_top(frame, box, picker->title);
	for (int i = 0; i < rows; i++) {
		if (first + i < count)
			draw_item(frame, box, i + 1, &picker->items.at[picker->shown.at[first + i]],
			        first + i == picker->at);
		else
			frame_fill(frame, box.row + i + 1, box.col, box.cols, ' ', STYLE_TEXT);
	}
	draw_box_top(frame, (struct rect){box.row + rows + 1, box.col, 1, box.cols}, at ? "whole" : "nothing fits");
	for (int i = 0; i < whole_rows; i++) {
		int row = box.row + rows + 2 + i;
		frame_fill(frame, row, box.col, box.cols, ' ', STYLE_TEXT);
		frame_put_text(frame, row, box.col + 1, box.cols - 2, at->label + whole.at[i].start,
		        whole.at[i].end - whole.at[i].start, STYLE_LINK);
	}
	lines_release(&whole);
}
