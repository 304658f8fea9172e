/* Every size works: states of the desk, each drawn at sizes from 1x1 up. Run with sanitizers, this also proves that
 * nothing is written beside the frame. */
#include "tests/golden/stage.h"

#include "core/base/str.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/* What is happening, and the keys that lead into it. */
static const struct scene {
	const char *line, *keys;
} scenes[] = {
        {NULL, ""},
        {NULL, "<Enter>[["},
        {NULL, "r"},
        {NULL, "rHello<Enter>there^X"},
        {NULL, "jR"},
        {NULL, "iask bob"},
        {NULL, "t"},
        {NULL, "jd"},
        {NULL, "z"},
        {NULL, "zz"},
        {NULL, "L"},
        {NULL, "?"},
        {NULL, ":re<Tab><Tab>"},
        {NULL, "\\is:late tga:x<Enter>"},
        {NULL, "/refund<Enter>n"},
        {"bomb quill 40", "Gr"},
        {"long quill 20000", "jjjjjjj<Enter><Enter>G"},
        {"posts quill 300", "jjjjjjj<Enter>gg"},
        {"post orrin \xef\xbf\xbd\x1b[2J \xe2\x80\xae", "jjjjjjjj<Enter>"},
};

static void open_scene(struct stage *stage, const struct scene *scene)
{
	struct err err = ERR_INIT;
	struct world *world = world_new();
	world_cast(world);
	if (scene->line)
		assert_int_equal(world_tell(world, scene->line, &err), 0);
	stage_init(stage, world);
	stage_size(stage, 120, 30, false);
	assert_int_equal(stage_keys(stage, scene->keys, false, &err), 0);
}

static void close_scene(struct stage *stage)
{
	struct world *world = stage->world;
	stage_release(stage);
	world_free(world);
}

static void check_frame(const struct frame *frame)
{
	if (frame->cursor_visible) {
		assert_in_range(frame->cursor_row, 0, frame->rows - 1);
		assert_in_range(frame->cursor_col, 0, frame->cols - 1);
	}
	for (int i = 0; i < frame->rows * frame->cols; i++)
		if (frame->cells[i].width == 2) {
			assert_true(i % frame->cols + 1 < frame->cols);
			assert_int_equal(frame->cells[i + 1].width, 0);
		}
}

static void every_size_draws_every_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
		struct stage stage;
		open_scene(&stage, &scenes[i]);
		for (int rows = 1; rows <= 40; rows += rows < 12 ? 1 : 7)
			for (int cols = 1; cols <= 180; cols += cols < 24 ? 1 : 13) {
				stage_size(&stage, cols, rows, (rows + cols) % 5 == 0);
				check_frame(&stage.frame);
			}
		close_scene(&stage);
	}
}

static void no_size_loses_text_selection_or_place(void **state)
{
	(void)state;
	struct stage stage;
	open_scene(&stage, &(struct scene){NULL, "jjr"});
	stage_type(&stage, "Dana, it comes on Monday");
	int64_t selected = stage.state->inbox.selected;
	for (int cols = 1; cols < 140; cols += 3)
		stage_size(&stage, cols, 1 + cols % 33, false);
	assert_string_equal(stage.state->composer.compose.text.p, "Dana, it comes on Monday");
	assert_int_equal(stage.state->inbox.selected, selected);
	assert_int_equal(state_mode(stage.state), MODE_COMPOSER);
	close_scene(&stage);
}

/* The lines of a conversation are kept from frame to frame: nothing that they are made of may change unseen. */
static void check_kept(struct stage *stage, const char *when)
{
	struct frame fresh;
	struct seen seen;
	struct thread_memo *memo = stage->state->thread.memo;
	frame_init(&fresh, stage->frame.rows, stage->frame.cols, stage->frame.ascii);
	view_draw(stage->state, &stage->frame, &stage->seen);
	arena_release(&memo->arena);
	memo->made = NULL;
	view_draw(stage->state, &fresh, &seen);
	for (int row = 0; row < fresh.rows; row++)
		if (!frame_row_equal(&fresh, &stage->frame, row))
			fail_msg("%s: row %d is another when the lines are made anew", when, row);
	assert_memory_equal(&seen, &stage->seen, sizeof seen);
	frame_release(&fresh);
}

static void what_is_kept_of_a_conversation_shows_in_no_frame(void **state)
{
	(void)state;
	static const char *const happens[] = {"post sam Again nothing.", "edit sam It never came at all.",
	        "warning sam injury", "media sam photo an empty doorstep", "do sam bob tag refund",
	        "do sam bob note ask Carla", "do sam bob snooze 4h", "writing sam bob",
	        "answer sam bob Sam, one moment please.", "delete sam"};
	static const char *const keys[] = {"gis<Enter>", "G", "<Enter>", "[", "j", "r", "<Esc>", "G", "gg", "L", "]"};
	struct err err = ERR_INIT;
	struct stage stage;
	open_scene(&stage, &(struct scene){NULL, "<Enter>"});
	for (size_t i = 0; i < 4 * sizeof happens / sizeof *happens; i++) {
		const char *line = happens[i % (sizeof happens / sizeof *happens)];
		assert_int_equal(world_tell(stage.world, line, &err), 0);
		stage_news(&stage);
		check_kept(&stage, line);
		assert_int_equal(stage_keys(&stage, keys[i % (sizeof keys / sizeof *keys)], false, &err), 0);
		check_kept(&stage, keys[i % (sizeof keys / sizeof *keys)]);
		stage_wait(&stage, i % 3 ? INT64_C(20000) : INT64_C(7200000));
		check_kept(&stage, "time passes");
		stage_size(&stage, 60 + (int)(i / 3 * 7 % 90), 24, i % 2);
		check_kept(&stage, "another size");
	}
	close_scene(&stage);
	open_scene(&stage, &(struct scene){"long quill 4000", "jjjjjjj<Enter>"});
	for (int i = 0; i < 3; i++) {
		check_kept(&stage, "unfolded, and folded again");
		assert_int_equal(stage_keys(&stage, "<Enter>", false, &err), 0);
	}
	close_scene(&stage);
}

static double draw_ms(struct stage *stage)
{
	enum { TIMES = 20 };
	struct timespec a, b;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (int i = 0; i < TIMES; i++)
		view_draw(stage->state, &stage->frame, &stage->seen);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	return ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6) / TIMES;
}

/* Measured: 0.1 ms each without sanitizers; the bound leaves room for these and for a slow machine. */
static void long_conversations_are_drawn_in_milliseconds(void **state)
{
	(void)state;
	static const struct scene longest[] = {
	        {"posts quill 1000", "jjjjjjj<Enter>"}, {"long quill 100000", "jjjjjjj<Enter><Enter>"}};
	for (size_t i = 0; i < 2; i++) {
		struct stage stage;
		open_scene(&stage, &longest[i]);
		assert_true(draw_ms(&stage) < 20);
		close_scene(&stage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_size_draws_every_place),
	        cmocka_unit_test(no_size_loses_text_selection_or_place),
	        cmocka_unit_test(what_is_kept_of_a_conversation_shows_in_no_frame),
	        cmocka_unit_test(long_conversations_are_drawn_in_milliseconds),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
