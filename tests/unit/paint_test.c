#include "tui/term/canvas.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct look plain[STYLE_COUNT];

/* The bytes of one painting. */
static void paint(struct canvas *canvas, const struct frame *frame, struct str *out)
{
	canvas_paint(canvas, frame, plain);
	canvas_take(canvas, out);
}

/* The last scroll region that the bytes set, as "1;30"; "" when they set none. */
static void last_region(const char *bytes, char out[16])
{
	int top, bottom;
	char end;
	out[0] = '\0';
	for (const char *p = bytes; (p = strstr(p, "\033[")); p += 2)
		if (sscanf(p, "\033[%d;%d%c", &top, &bottom, &end) == 3 && end == 'r')
			snprintf(out, 16, "%d;%d", top, bottom);
}

static void expect_region(const char *type)
{
	char region[16];
	struct canvas *canvas;
	struct frame frame;
	struct err err = ERR_INIT;
	struct str bytes = STR_INIT;
	assert_int_equal(canvas_new(type, 30, 80, true, &canvas, &err), 0);
	frame_init(&frame, 30, 80, false);
	frame_put_text(&frame, 29, 0, 20, "last row", SIZE_MAX, STYLE_TEXT);
	paint(canvas, &frame, &bytes);
	last_region(bytes.p, region);
	assert_string_equal(region, "1;30");
	frame_release(&frame);
	str_release(&bytes);
	canvas_free(canvas);
}

static void the_whole_screen_scrolls_whatever_its_height(void **state)
{
	(void)state;
	expect_region("xterm-256color");
}

/* Its description has no size. */
static void the_linux_console_works_too(void **state)
{
	(void)state;
	expect_region("linux");
}

static void sizes_in_the_environment_do_not_count(void **state)
{
	(void)state;
	setenv("LINES", "3", 1);
	setenv("COLUMNS", "7", 1);
	expect_region("xterm-256color");
	expect_region("linux");
	unsetenv("LINES");
	unsetenv("COLUMNS");
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_whole_screen_scrolls_whatever_its_height),
	        cmocka_unit_test(the_linux_console_works_too),
	        cmocka_unit_test(sizes_in_the_environment_do_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
