#include "tui/term/canvas.h"

#include "core/base/mem.h"
#include "core/base/os.h"
#include "core/base/utf8.h"
#include "core/text/cells.h"
#include "tui/term/colour.h"
#include "tui/term/wire.h"

#include <curses.h>
#include <errno.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

/* terminfo has macros by the names of its capabilities. */
#undef cursor_visible

struct canvas {
	SCREEN *screen;
	FILE *out, *in;
	int fd;               /* the memory file that curses takes for its terminal */
	struct wire wire;     /* … and what becomes of what it writes there */
	bool left;            /* the screen is given back: nothing follows */
	struct frame painted; /* what the screen shows; no cells before the first paint */
	bool all;             /* every row must be drawn */
	bool wraps_late; /* what follows the last cell of a row goes to the next one, and not the cursor before that */
	bool pushes_corner; /* the last cell is put beside its place, and what stands before it inserted there */
	int pairs[STYLE_COUNT];
	attr_t attrs[STYLE_COUNT];
	struct look looks[STYLE_COUNT]; /* what pairs and attrs were made from */
	bool looks_known, colour;
};

int canvas_check_type(const char *type, int *colours, struct err *err)
{
	int found = 0;
	if (!type || !*type)
		return err_set(err, ERR_USAGE,
		        "TERM is not set; the desk needs to know its terminal, for example TERM=xterm-256color");
	if (setupterm(type, STDOUT_FILENO, &found) != OK)
		return err_set(err, ERR_USAGE,
		        "TERM is %s, which this machine's terminfo does not know; set TERM to a known one "
		        "(xterm-256color, linux, vt100) or install its description",
		        type);
	const char *move = tigetstr("cup");
	bool movable = move && move != (char *)-1;
	int count = tigetnum("colors");
	*colours = count > 0 ? count : 0;
	del_curterm(cur_term);
	if (!movable)
		return err_set(err, ERR_USAGE,
		        "TERM is %s, a terminal that cannot move its cursor; the desk needs one that can", type);
	return 0;
}

/* newterm would tell the terminal to scroll within as many rows as terminfo gives it, 24 as a rule, and resizeterm does
 * not tell it better. Leaving, and entering anew with the first painting, does; what was to be said so far is not. */
static void enter_anew(struct canvas *canvas)
{
	struct str unsaid = STR_INIT;
	endwin();
	canvas_take(canvas, &unsaid);
	str_release(&unsaid);
}

/* The size comes from the terminal itself, never from LINES and COLUMNS. But the description of the linux console has
 * none, and then curses wants to find one there. */
static SCREEN *new_screen(struct canvas *canvas, const char *type, int rows, int cols)
{
	char number[16];
	use_env(FALSE);
	SCREEN *screen = newterm(type, canvas->out, canvas->in);
	if (screen)
		return screen;
	snprintf(number, sizeof number, "%d", rows);
	setenv("LINES", number, 1);
	snprintf(number, sizeof number, "%d", cols);
	setenv("COLUMNS", number, 1);
	use_env(TRUE);
	screen = newterm(type, canvas->out, canvas->in);
	use_env(FALSE);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	return screen;
}

int canvas_new(const char *type, int rows, int cols, bool no_colour, struct canvas **out, struct err *err)
{
	int colours, result = canvas_check_type(type, &colours, err);
	if (result)
		return result;
	struct canvas *canvas = mem_alloc(sizeof *canvas);
	canvas->fd = os_memory_file("curlew-screen");
	int in = canvas->fd < 0 ? -1 : dup(canvas->fd);
	if (in < 0) {
		result = err_set(err, ERR_OS, "no memory file for the screen: %s", strerror(errno));
		goto fail;
	}
	canvas->out = fdopen(canvas->fd, "w");
	canvas->in = fdopen(in, "r");
	canvas->screen = new_screen(canvas, type, rows, cols);
	if (!canvas->screen) {
		result = err_set(err, ERR_USAGE, "the terminal %s cannot be set up for a full screen", type);
		goto fail;
	}
	set_term(canvas->screen);
	resizeterm(rows, cols);
	enter_anew(canvas);
	wire_init(&canvas->wire, canvas_capability(canvas, "sgr0"), tigetflag("msgr") == 1);
	canvas->wraps_late = tigetflag("am") != 1 || tigetflag("xenl") == 1;
	wire_size(&canvas->wire, cols, canvas->wraps_late);
	canvas->pushes_corner =
	        tigetflag("am") == 1 && !(*canvas_capability(canvas, "rmam") && *canvas_capability(canvas, "smam"));
	typeahead(-1);
	idlok(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	canvas->colour = !no_colour && has_colors() && start_color() == OK && use_default_colors() == OK;
	canvas->all = true;
	*out = canvas;
	return 0;
fail:
	canvas_free(canvas);
	return result;
}

void canvas_free(struct canvas *canvas)
{
	if (!canvas)
		return;
	if (canvas->screen)
		delscreen(canvas->screen);
	if (canvas->out)
		fclose(canvas->out);
	else if (canvas->fd >= 0)
		close(canvas->fd);
	if (canvas->in)
		fclose(canvas->in);
	frame_release(&canvas->painted);
	free(canvas);
}

bool canvas_resize(struct canvas *canvas, int rows, int cols)
{
	if (rows == LINES && cols == COLS)
		return false;
	resizeterm(rows, cols);
	wire_size(&canvas->wire, cols, canvas->wraps_late);
	canvas_redraw(canvas);
	return true;
}

void canvas_redraw(struct canvas *canvas)
{
	canvas->all = true;
	wire_forget(&canvas->wire);
	clearok(curscr, TRUE);
}

static void make_looks(struct canvas *canvas, const struct look looks[STYLE_COUNT])
{
	if (canvas->looks_known && memcmp(canvas->looks, looks, sizeof canvas->looks) == 0)
		return;
	memcpy(canvas->looks, looks, sizeof canvas->looks);
	canvas->looks_known = true;
	canvas->all = true;
	for (int style = 0; style < (int)STYLE_COUNT; style++) {
		const struct look *look = &looks[style];
		attr_t attrs = A_NORMAL;
		attrs |= look->attrs & LOOK_BOLD ? A_BOLD : 0;
		attrs |= look->attrs & LOOK_DIM ? A_DIM : 0;
		attrs |= look->attrs & LOOK_REVERSE ? A_REVERSE : 0;
		attrs |= look->attrs & LOOK_UNDERLINE ? A_UNDERLINE : 0;
		canvas->attrs[style] = attrs;
		canvas->pairs[style] = 0;
		if (!canvas->colour || (look->fg < 0 && look->bg < 0))
			continue;
		int fg = colour_fit(look->fg, COLORS), bg = colour_fit(look->bg, COLORS);
		if (style + 1 < COLOR_PAIRS && init_extended_pair(style + 1, fg, bg) == OK)
			canvas->pairs[style] = style + 1;
	}
}

/* A terminal that gives a mark cells of its own must have room for them: at the right edge it would go to the next row.
 */
static void fill_cell(const struct cell *cell, int room, wchar_t text[CELL_CODE_POINTS + 1], bool *wanders)
{
	int len = 0;
	room -= cell->width;
	for (int i = 0; i < CELL_CODE_POINTS && cell->cp[i]; i++) {
		bool more = cell->cp[i] >= 0x80 && cells_doubt(cell->cp[i]) == CELLS_MORE;
		room -= more ? 2 : 0;
		if (!more || room >= 0)
			text[len++] = (wchar_t)cell->cp[i];
		else if (i == 0)
			text[len++] = UTF8_REPLACEMENT;
		*wanders |= more;
	}
}

/* Where the margin cannot be turned off (tmux, screen) curses inserts what stands before the last corner of the screen,
 * and of a wide one it inserts half. */
static bool breaks_corner(const struct canvas *canvas, const struct frame *frame, int row, int col)
{
	return canvas->pushes_corner && row == frame->rows - 1 && col == frame->cols - 3;
}

/* True when a terminal may write over what follows a mark of the row. */
static bool paint_row(struct canvas *canvas, const struct frame *frame, int row)
{
	bool wanders = false;
	for (int col = 0; col < frame->cols; col++) {
		const struct cell *cell = &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)col];
		if (cell->width == 0)
			continue;
		wchar_t text[CELL_CODE_POINTS + 1] = {0};
		fill_cell(cell, frame->cols - col, text, &wanders);
		cchar_t wide;
		int pair = canvas->pairs[cell->style];
		bool blank = cell->width == 2 && breaks_corner(canvas, frame, row, col);
		setcchar(&wide, blank ? L" " : text, canvas->attrs[cell->style], (short)pair, &pair);
		mvadd_wch(row, col, &wide);
		if (blank)
			mvadd_wch(row, col + 1, &wide);
	}
	return wanders;
}

/* Whole rows once more, after what was scrolled there has arrived: before that, curses would redraw a row elsewhere. */
static void redraw(const bool rows[FRAME_MAX_ROWS], int count)
{
	bool any = false;
	for (int row = 0; row < count && row < LINES; row++) {
		if (rows[row])
			wredrawln(stdscr, row, 1);
		any |= rows[row];
	}
	if (any)
		refresh();
}

void canvas_paint(struct canvas *canvas, const struct frame *frame, const struct look looks[STYLE_COUNT])
{
	canvas->left = false;
	make_looks(canvas, looks);
	bool wanders[FRAME_MAX_ROWS] = {false},
	     fits = canvas->painted.rows == frame->rows && canvas->painted.cols == frame->cols;
	for (int row = 0; row < frame->rows && row < LINES; row++)
		if (canvas->all || !fits || !frame_row_equal(&canvas->painted, frame, row))
			wanders[row] = paint_row(canvas, frame, row);
	frame_copy(&canvas->painted, frame);
	canvas->all = false;
	curs_set(frame->cursor_visible ? 1 : 0);
	if (frame->cursor_visible)
		move(frame->cursor_row, frame->cursor_col);
	refresh();
	redraw(wanders, frame->rows);
}

void canvas_leave(struct canvas *canvas)
{
	wire_forget(&canvas->wire); /* not all that was painted need have been sent */
	canvas->left = true;
	endwin();
}

void canvas_take(struct canvas *canvas, struct str *out)
{
	struct str written = STR_INIT;
	fflush(canvas->out);
	off_t size = lseek(canvas->fd, 0, SEEK_CUR);
	char bytes[8192];
	for (off_t at = 0; at < size;) {
		ssize_t n = pread(canvas->fd, bytes, sizeof bytes, at);
		if (n <= 0)
			break;
		str_add(&written, bytes, (size_t)n);
		at += n;
	}
	wire_put(&canvas->wire, written.p, written.len, out);
	if (canvas->left)
		wire_end(&canvas->wire, out);
	str_release(&written);
	/* The file is emptied so that it does not grow with the hours. */
	if (size > 0 && ftruncate(canvas->fd, 0) == 0)
		lseek(canvas->fd, 0, SEEK_SET);
}

const char *canvas_capability(struct canvas *canvas, const char *name)
{
	(void)canvas;
	const char *text = tigetstr(name);
	return text && text != (char *)-1 ? text : "";
}
