/* Every size from 20x6 up keeps what nobody may lose: the top and the bottom line, the selected row, the line that is
 * written on, the frame that says how public it is; and no pane is drawn over another. */
#include "tests/golden/stage.h"
#include "tui/view/draw.h"

#include "core/base/str.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const int all_rows[] = {6, 7, 8, 9, 10, 11, 12, 13, 15, 18, 24, 30, 43, 60};
static const int all_cols[] = {20, 21, 25, 32, 40, 50, 59, 60, 61, 70, 79, 80, 81, 99, 100, 101, 120, 160, 200};

enum { ROW_SIZES = sizeof all_rows / sizeof *all_rows, COL_SIZES = sizeof all_cols / sizeof *all_cols };

typedef void check_size(const struct stage *stage, const char *where);

/* --- what must hold */

static const struct cell *cell_at(const struct frame *frame, int row, int col)
{
	return &frame->cells[row * frame->cols + col];
}

static bool row_has(const struct frame *frame, int row, const char *text)
{
	struct str line = STR_INIT;
	frame_row_text(frame, row, &line);
	bool has = strstr(line.p, text) != NULL;
	str_release(&line);
	return has;
}

static bool has(const struct frame *frame, const char *text)
{
	for (int row = 0; row < frame->rows; row++)
		if (row_has(frame, row, text))
			return true;
	return false;
}

static bool disjoint(const struct rect *a, const struct rect *b)
{
	return !a->rows || !b->rows || !a->cols || !b->cols || a->row + a->rows <= b->row ||
	       b->row + b->rows <= a->row || a->col + a->cols <= b->col || b->col + b->cols <= a->col;
}

static void check_panes(const struct stage *stage, const char *where)
{
	struct panes panes;
	const struct frame *frame = &stage->frame;
	view_panes(stage->state, frame->rows, frame->cols, 0, &panes);
#define PANE_PLACE(name) panes.name,
	const struct rect rects[] = {PANE_TABLE(PANE_PLACE)};
#undef PANE_PLACE
	enum { RECTS = sizeof rects / sizeof *rects };
	for (int i = 0; i < RECTS; i++) {
		const struct rect *r = &rects[i];
		if (r->rows &&
		        (r->row < 0 || r->col < 0 || r->row + r->rows > frame->rows || r->col + r->cols > frame->cols))
			fail_msg("%s: pane %d is not on the screen", where, i);
		for (int j = 0; j < i; j++)
			if (!disjoint(r, &rects[j]))
				fail_msg("%s: pane %d lies over pane %d", where, i, j);
	}
	/* What stands between the panes is there from end to end: nothing was drawn beyond its edge. */
	for (int row = panes.divider.row; panes.divider.cols == 1 && row < panes.divider.row + panes.divider.rows;
	        row++)
		if (cell_at(frame, row, panes.divider.col)->cp[0] != mark_code(frame, MARK_WALL))
			fail_msg("%s: row %d is drawn over the wall", where, row);
}

static void check_lines(const struct stage *stage, const char *where)
{
	const struct frame *frame = &stage->frame;
	struct str top = STR_INIT, bottom = STR_INIT;
	frame_row_text(frame, 0, &top);
	frame_row_text(frame, frame->rows - 1, &bottom);
	/* The send bar says the keys itself. */
	bool quiet = stage->state->overlay == MODE_SENDBAR;
	if (!top.len || (!bottom.len && !quiet))
		fail_msg("%s: the %s line is empty", where, top.len ? "bottom" : "top");
	if (!frame->cursor_visible || frame->cursor_row >= frame->rows || frame->cursor_col >= frame->cols)
		fail_msg("%s: there is no cursor", where);
	str_release(&top);
	str_release(&bottom);
}

static void check_selected(const struct stage *stage, const char *where)
{
	const struct frame *frame = &stage->frame;
	check_panes(stage, where);
	check_lines(stage, where);
	if (cell_at(frame, frame->cursor_row, frame->cursor_col)->cp[0] != mark_code(frame, MARK_GUTTER))
		fail_msg("%s: the cursor is not at the selected row", where);
}

static void check_text(const struct stage *stage, const char *where)
{
	const struct frame *frame = &stage->frame;
	check_panes(stage, where);
	check_lines(stage, where);
	char before[4] = "";
	for (int i = 0; i < 3 && frame->cursor_col >= 3; i++)
		before[i] = (char)cell_at(frame, frame->cursor_row, frame->cursor_col - 3 + i)->cp[0];
	if (!str_eq(before, "END"))
		fail_msg("%s: what is written is not in sight", where);
	if (!has(frame, "PUBLIC"))
		fail_msg("%s: the frame does not say that it is public", where);
}

static void check_bar(const struct stage *stage, const char *where)
{
	check_lines(stage, where);
	if (!has(&stage->frame, "SEND public"))
		fail_msg("%s: the send bar is not in sight", where);
}

/* --- every size, every layout */

static void sweep(const char *keys, const char *text, const char *more_keys, check_size *check)
{
	struct err err = ERR_INIT;
	struct stage stage;
	struct world *world = world_new();
	world_cast(world);
	stage_init(&stage, world);
	stage_size(&stage, 120, 30, false);
	assert_int_equal(stage_keys(&stage, keys, false, &err), 0);
	stage_type(&stage, text);
	assert_int_equal(stage_keys(&stage, more_keys, false, &err), 0);
	for (int layout = 0; layout < LAYOUT_COUNT; layout++)
		for (int i = 0; i < ROW_SIZES * COL_SIZES; i++) {
			char where[64];
			int rows = all_rows[i / COL_SIZES], cols = all_cols[i % COL_SIZES];
			snprintf(where, sizeof where, "%s, layout %d, %dx%d", keys, layout, cols, rows);
			stage.state->layout = (enum layout)layout;
			stage_size(&stage, cols, rows, i % 4 == 3);
			check(&stage, where);
		}
	stage_release(&stage);
	world_free(world);
}

static void the_selected_row_is_in_sight_at_every_size(void **state)
{
	(void)state;
	sweep("", "", "", check_selected);
	sweep("jjj", "", "", check_selected);
	sweep("G", "", "", check_selected);
}

static void the_conversation_has_a_cursor_at_every_size(void **state)
{
	(void)state;
	sweep("<Enter>", "", "", check_lines);
	sweep("<Enter>gg", "", "", check_lines);
	sweep("<Enter>gg", "", "", check_panes);
}

static void what_is_written_is_in_sight_at_every_size(void **state)
{
	(void)state;
	sweep("r", "END", "", check_text);
	sweep("jjr", "It comes on Monday and we are sorry that it took so long. END", "", check_text);
	sweep("r", "one line", "<Enter>two<Enter>three<Enter>four<Enter>five<Enter>six<Enter>END", check_text);
}

static void the_send_bar_is_in_sight_at_every_size(void **state)
{
	(void)state;
	sweep("r", "one line", "<Enter>two<Enter>three<Enter>END^X", check_bar);
}

static void whatever_lies_over_the_panes_has_a_cursor_at_every_size(void **state)
{
	(void)state;
	static const char *const keys[] = {"t", "zz", ":", "/", "\\", "?", "L", "jd", "z", "i"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		sweep(keys[i], "", "", check_lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_selected_row_is_in_sight_at_every_size),
	        cmocka_unit_test(the_conversation_has_a_cursor_at_every_size),
	        cmocka_unit_test(what_is_written_is_in_sight_at_every_size),
	        cmocka_unit_test(the_send_bar_is_in_sight_at_every_size),
	        cmocka_unit_test(whatever_lies_over_the_panes_has_a_cursor_at_every_size),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
