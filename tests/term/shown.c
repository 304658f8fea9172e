#include "tests/term/shown.h"

#include "core/base/utf8.h"
#include "core/text/cells.h"
#include "tests/lib/repertoire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void shown_init(struct shown *shown, const char *type, int rows, int cols, bool no_colour)
{
	struct err err = ERR_INIT;
	*shown = (struct shown){.vterm = vterm_new(rows, cols)};
	str_init(&shown->bytes, SIZE_MAX);
	vterm_set_utf8(shown->vterm, 1);
	shown->cells = vterm_obtain_screen(shown->vterm);
	vterm_screen_enable_altscreen(shown->cells, 1);
	vterm_screen_reset(shown->cells, 1);
	if (canvas_new(type, rows, cols, no_colour, &shown->canvas, &err))
		fail_msg("%s: %s", type, err.text);
}

void shown_release(struct shown *shown)
{
	canvas_leave(shown->canvas);
	canvas_take(shown->canvas, &shown->bytes);
	canvas_free(shown->canvas);
	vterm_free(shown->vterm);
	str_release(&shown->bytes);
}

size_t shown_paint(struct shown *shown, const struct frame *frame, const struct theme *theme)
{
	size_t before = shown->bytes.len;
	canvas_paint(shown->canvas, frame, theme->looks);
	canvas_take(shown->canvas, &shown->bytes);
	vterm_input_write(shown->vterm, shown->bytes.p + before, shown->bytes.len - before);
	return shown->bytes.len - before;
}

void shown_cell(const struct shown *shown, int row, int col, VTermScreenCell *cell)
{
	vterm_screen_get_cell(shown->cells, (VTermPos){.row = row, .col = col}, cell);
}

void shown_row_text(const struct shown *shown, int row, int cols, struct str *out)
{
	size_t start = out->len;
	for (int col = 0; col < cols; col++) {
		VTermScreenCell cell;
		shown_cell(shown, row, col, &cell);
		if (cell.chars[0] == (uint32_t)-1)
			continue; /* the right half of a wide one */
		if (!cell.chars[0])
			str_addc(out, ' ');
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) {
			char bytes[5];
			str_add(out, bytes, utf8_encode(cell.chars[i], bytes));
		}
	}
	while (out->len > start && out->p[out->len - 1] == ' ')
		str_remove(out, out->len - 1, 1);
}

void shown_expect_frame(const struct shown *shown, const struct frame *frame)
{
	struct str seen = STR_INIT, drawn = STR_INIT;
	for (int row = 0; row < frame->rows; row++) {
		str_clear(&seen);
		str_clear(&drawn);
		shown_row_text(shown, row, frame->cols, &seen);
		frame_row_text(frame, row, &drawn);
		assert_string_equal(seen.p, drawn.p);
	}
	VTermPos cursor;
	vterm_state_get_cursorpos(vterm_obtain_state(shown->vterm), &cursor);
	assert_true(frame->cursor_visible);
	assert_int_equal(cursor.row, frame->cursor_row);
	assert_int_equal(cursor.col, frame->cursor_col);
	str_release(&seen);
	str_release(&drawn);
}

void shown_expect_known(const struct shown *shown, const char *type, bool utf8)
{
	struct str why = STR_INIT;
	struct repertoire *repertoire = repertoire_new(type, utf8);
	assert_non_null(repertoire);
	if (!repertoire_holds(repertoire, shown->bytes.p, shown->bytes.len, &why))
		fail_msg("%s is sent %s", type, why.p);
	repertoire_free(repertoire);
	str_release(&why);
}

void shown_open_stage(struct stage *stage, int cols, int rows)
{
	struct world *world = world_new();
	world_cast(world);
	stage_init(stage, world);
	stage_size(stage, cols, rows, !cells_utf8());
}

void shown_close_stage(struct stage *stage)
{
	struct world *world = stage->world;
	stage_release(stage);
	world_free(world);
}

void shown_keys(struct stage *stage, const char *text)
{
	struct err err = ERR_INIT;
	assert_int_equal(stage_keys(stage, text, false, &err), 0);
}
