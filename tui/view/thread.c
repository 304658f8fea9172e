/* The conversation: those of its lines that are in sight. */
#include "tui/view/thread_lines.h"

#include "core/base/str.h"
#include "core/text/cells.h"

#include <string.h>

/* Where a handle stands it is asked anew whom it looks like: that is not of the conversation alone. */
static void put_words(
        const struct state *state, struct frame *frame, int row, int col, int room, const struct thread_line *line)
{
	if (!line->handle) {
		frame_put_cut(frame, row, col, room, line->text, line->len, line->style);
		return;
	}
	struct str words = STR_INIT;
	str_addf(&words, "%s%s%s%s", line->text, like_mark(state, frame, line->handle, line->name), line->handle,
	        str_or(line->after, ""));
	frame_put_cut(frame, row, col, room, words.p, words.len, line->style);
	str_release(&words);
}

static void draw_line(const struct state *state, struct frame *frame, struct rect rect, int row,
        const struct thread_line *line, bool selected)
{
	int at = rect.row + row;
	if (selected && line->head) {
		frame_put_text(frame, at, rect.col, 1, mark_text(frame, MARK_GUTTER), SIZE_MAX, STYLE_SELECTED);
		if (state->focus == MODE_THREAD)
			frame_set_cursor(frame, at, rect.col);
	}
	int col = rect.col + 1 + line->indent, end = rect.col + rect.cols;
	int right = line->right && *line->right ? cells_width(line->right, strlen(line->right)) : 0;
	int room = end - col - (right ? right + 1 : 0);
	put_words(state, frame, at, col, room, line);
	if (right && right < rect.cols - 8)
		frame_put_text(frame, at, end - right, right, line->right, SIZE_MAX, line->right_style);
	draw_found(state, frame, at, col, room);
}

/* The item that must stay in sight: what is being answered, else the selected one. */
static int item_kept(const struct state *state)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; state->composer.open && i < view->item_count; i++)
		if (view->items[i].post && str_eq(view->items[i].post->remote_id, state->composer.to_remote_id))
			return i;
	return state_item_index(state);
}

static void measure_item(const struct thread_lines *lines, int item, struct seen *seen)
{
	seen->item_line = -1;
	if (item < 0 || !lines->items[item].count)
		return;
	seen->item_line = lines->items[item].first;
	seen->item_lines = lines->items[item].count;
}

/* The first line to show. While the composer is open nobody scrolls here, and its growing hides nothing. */
static int place(const struct thread_lines *lines, const struct state *state, int rows, struct seen *seen)
{
	seen->thread_lines = lines->len;
	measure_item(lines, item_kept(state), seen);
	int last = seen->thread_lines - rows > 0 ? seen->thread_lines - rows : 0;
	int top = state->thread.top;
	if ((state->thread.follow || state->composer.open) && seen->item_line >= 0) {
		int end = seen->item_line + (seen->item_lines < rows ? seen->item_lines : rows);
		if (top + rows < end)
			top = end - rows;
		if (top > seen->item_line)
			top = seen->item_line;
	}
	if (seen->item_line < 0)
		seen->item_line = 0;
	return top > last ? last : top < 0 ? 0 : top;
}

static void draw_absent(const struct state *state, struct frame *frame, struct rect rect)
{
	const char *words = state->thread.gone      ? "This case does not exist any more."
	                    : state_selected(state) ? "Loading the conversation"
	                                            : "";
	frame_put_cut(frame, rect.row, rect.col + 1, rect.cols - 1, words, SIZE_MAX, STYLE_FAINT);
	if (state->focus == MODE_THREAD)
		frame_set_cursor(frame, rect.row, rect.col);
}

void draw_thread(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen)
{
	seen->thread_rows = rect.rows;
	if (!rect.rows)
		return;
	const struct case_view *view = state_view(state);
	if (!view) {
		draw_absent(state, frame, rect);
		return;
	}
	const struct thread_lines *lines = thread_lines(state, frame, rect.cols);
	int top = place(lines, state, rect.rows, seen);
	int selected = state_item_index(state);
	seen->thread_top = top;
	for (int i = 0; i < rect.rows && top + i < lines->len; i++) {
		const struct thread_line *line = &lines->at[top + i];
		draw_line(state, frame, rect, i, line, selected >= 0 && line->item == selected);
	}
	if (state->focus == MODE_THREAD && !frame->cursor_visible)
		frame_set_cursor(frame, rect.row, rect.col);
}
