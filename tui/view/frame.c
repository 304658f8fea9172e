#include "tui/view/frame.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/text/utf8.h"
#include "core/text/cells.h"

#include <string.h>

void frame_init(struct frame *frame, int rows, int cols, bool ascii)
{
	rows = rows < 0 ? 0 : rows > FRAME_MAX_ROWS ? FRAME_MAX_ROWS : rows;
	cols = cols < 0 ? 0 : cols > FRAME_MAX_COLS ? FRAME_MAX_COLS : cols;
	*frame = (struct frame){.rows = rows, .cols = cols, .ascii = ascii};
	frame->cells = mem_alloc((size_t)rows * (size_t)cols * sizeof *frame->cells);
	frame_clear(frame);
}

void frame_release(struct frame *frame)
{
	free(frame->cells);
	*frame = (struct frame){0};
}

void frame_clear(struct frame *frame)
{
	size_t count = (size_t)frame->rows * (size_t)frame->cols;
	for (size_t i = 0; i < count; i++)
		frame->cells[i] = (struct cell){.cp = {' '}, .width = 1, .style = STYLE_TEXT};
	frame->cursor_row = frame->cursor_col = 0;
	frame->cursor_visible = false;
}

static struct cell *cell_at(struct frame *frame, int row, int col)
{
	return &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)col];
}

/* Overwriting one half of a wide cluster must not leave the other half standing. */
static void break_wide(struct frame *frame, int row, int col)
{
	struct cell *cell = cell_at(frame, row, col);
	if (cell->width == 0 && col > 0)
		*cell_at(frame, row, col - 1) = (struct cell){.cp = {' '}, .width = 1, .style = cell->style};
	if (cell->width == 2 && col + 1 < frame->cols)
		*cell_at(frame, row, col + 1) = (struct cell){.cp = {' '}, .width = 1, .style = cell->style};
}

static void put_cluster(struct frame *frame, int row, int col, const struct cluster *cluster, enum style style)
{
	struct cell cell = {.width = (uint8_t)cluster->cells, .style = (uint8_t)style};
	size_t at = 0;
	for (int i = 0; i < CELL_CODE_POINTS && at < cluster->len; i++)
		at += utf8_decode(cluster->bytes + at, cluster->len - at, &cell.cp[i]);
	for (int i = 0; i < cluster->cells; i++)
		break_wide(frame, row, col + i);
	*cell_at(frame, row, col) = cell;
	if (cluster->cells == 2)
		*cell_at(frame, row, col + 1) = (struct cell){.width = 0, .style = (uint8_t)style};
}

/* Returns the cells used; *rest is what of the text did not fit, in bytes. */
static int put(
        struct frame *frame, int row, int col, int room, const char *text, size_t len, enum style style, size_t *rest)
{
	*rest = 0;
	if (row < 0 || row >= frame->rows || col < 0 || col >= frame->cols || !text)
		return 0;
	if (room > frame->cols - col)
		room = frame->cols - col;
	if (len == SIZE_MAX)
		len = strlen(text);
	struct cluster cluster;
	int used = 0;
	for (size_t at = 0, next; at < len; at = next) {
		next = cells_next(text, len, at, &cluster);
		if (used + cluster.cells > room) {
			*rest = len - at;
			break;
		}
		put_cluster(frame, row, col + used, &cluster, style);
		used += cluster.cells;
	}
	return used;
}

int frame_put_text(struct frame *frame, int row, int col, int room, const char *text, size_t len, enum style style)
{
	size_t rest;
	return put(frame, row, col, room, text, len, style, &rest);
}

int frame_put_cut(struct frame *frame, int row, int col, int room, const char *text, size_t len, enum style style)
{
	size_t rest;
	if (room > frame->cols - col)
		room = frame->cols - col;
	if (room <= 0)
		return 0;
	int used = put(frame, row, col, room, text, len, style, &rest);
	if (!rest)
		return used;
	if (used == room) {
		break_wide(frame, row, col + room - 1);
		used--;
	}
	*cell_at(frame, row, col + used) =
	        (struct cell){.cp = {frame->ascii ? '~' : 0x2026}, .width = 1, .style = STYLE_FAINT};
	return used + 1;
}

void frame_fill(struct frame *frame, int row, int col, int count, uint32_t cp, enum style style)
{
	if (row < 0 || row >= frame->rows || col < 0)
		return;
	for (int i = 0; i < count && col + i < frame->cols; i++) {
		break_wide(frame, row, col + i);
		*cell_at(frame, row, col + i) = (struct cell){.cp = {cp}, .width = 1, .style = (uint8_t)style};
	}
}

void frame_restyle(struct frame *frame, int row, int col, int count, enum style style)
{
	if (row < 0 || row >= frame->rows || col < 0)
		return;
	for (int i = 0; i < count && col + i < frame->cols; i++)
		cell_at(frame, row, col + i)->style = (uint8_t)style;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The cells from col on, folded, until they are as long as the word or differ from it: how many it took, 0: no match.
 */
static int match_at(const struct frame *frame, int row, int col, int end, const struct str *word)
{
	const struct cell *first = &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)col];
	if (first->cp[0] < 0x80 && !first->cp[1] && lower((char)first->cp[0]) != word->p[0])
		return 0; /* nearly all are told by that */
	struct str folded = STR_INIT;
	int at = col;
	while (at < end && folded.len < word->len) {
		const struct cell *cell = &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)at++];
		char bytes[4 * CELL_CODE_POINTS + 1];
		size_t len = 0;
		for (int i = 0; i < CELL_CODE_POINTS && cell->cp[i]; i++)
			len += utf8_encode(cell->cp[i], bytes + len);
		bytes[len] = '\0';
		utf8_fold(bytes, &folded);
		if (memcmp(folded.p, word->p, folded.len < word->len ? folded.len : word->len) != 0)
			break;
	}
	bool same = folded.len >= word->len && memcmp(folded.p, word->p, word->len) == 0;
	str_release(&folded);
	return same ? at - col : 0;
}

void frame_mark_word(struct frame *frame, int row, int col, int room, const char *word, enum style style)
{
	if (row < 0 || row >= frame->rows || col < 0)
		return;
	struct str folded = STR_INIT;
	utf8_fold(word, &folded);
	int end = col + room < frame->cols ? col + room : frame->cols;
	while (folded.len && col < end) {
		int cells = match_at(frame, row, col, end, &folded);
		frame_restyle(frame, row, col, cells, style);
		col += cells ? cells : 1;
	}
	str_release(&folded);
}

void frame_set_cursor(struct frame *frame, int row, int col)
{
	if (row < 0 || row >= frame->rows || col < 0)
		return;
	frame->cursor_row = row;
	frame->cursor_col = col < frame->cols ? col : frame->cols - 1;
	frame->cursor_visible = true;
}

bool frame_row_equal(const struct frame *a, const struct frame *b, int row)
{
	size_t cols = (size_t)a->cols;
	return a->cols == b->cols && row < a->rows && row < b->rows &&
	       memcmp(a->cells + (size_t)row * cols, b->cells + (size_t)row * cols, cols * sizeof *a->cells) == 0;
}

void frame_copy(struct frame *dst, const struct frame *src)
{
	if (dst->rows != src->rows || dst->cols != src->cols || !dst->cells) {
		frame_release(dst);
		frame_init(dst, src->rows, src->cols, src->ascii);
	}
	memcpy(dst->cells, src->cells, (size_t)src->rows * (size_t)src->cols * sizeof *src->cells);
	dst->ascii = src->ascii;
	dst->cursor_row = src->cursor_row;
	dst->cursor_col = src->cursor_col;
	dst->cursor_visible = src->cursor_visible;
}

void frame_row_text(const struct frame *frame, int row, struct str *out)
{
	size_t kept = out->len;
	for (int col = 0; col < frame->cols; col++) {
		const struct cell *cell = &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)col];
		if (cell->width == 0)
			continue;
		for (int i = 0; i < CELL_CODE_POINTS && cell->cp[i]; i++) {
			char bytes[4];
			str_add(out, bytes, utf8_encode(cell->cp[i], bytes));
		}
		if (cell->cp[0] != ' ')
			kept = out->len;
	}
	str_remove(out, kept, out->len - kept);
}
