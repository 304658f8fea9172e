#include "tests/lib/pty_screen.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tests/lib/pty_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include <cmocka.h>

enum { LOOK_EVERY_MS = 5, ROWS = 30, COLS = 120 };

struct screen {
	int master; /* -1 once hung up */
	int slave;  /* ours, so that modes can be read after the program's end */
	int reports;
	pid_t keeper, pid;
	VTerm *vterm;
	VTermScreen *cells;
	struct str heard; /* the end of what was read: mode switches that libvterm does not tell */
	struct str *record;
	uint64_t bytes;
	int line_rate;      /* bytes a second; 0: any */
	int64_t line_since; /* when the line became so slow, or was last idle */
	uint64_t line_read; /* since then */
	int bells, status;
	bool alternate, cursor_visible, paste, stopped, ended;
	bool alone; /* the keeper went with the connection: the program is our own child now */
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- what libvterm tells */

static int property_set(VTermProp property, VTermValue *value, void *arg)
{
	struct screen *screen = arg;
	if (property == VTERM_PROP_ALTSCREEN)
		screen->alternate = value->boolean;
	if (property == VTERM_PROP_CURSORVISIBLE)
		screen->cursor_visible = value->boolean;
	return 1;
}

static int rang(void *arg)
{
	struct screen *screen = arg;
	screen->bells++;
	return 1;
}

/* Answers to the program's questions about the terminal. */
static void answer(const char *bytes, size_t len, void *arg)
{
	struct screen *screen = arg;
	ssize_t ignored = screen->master >= 0 ? write(screen->master, bytes, len) : 0;
	(void)ignored;
}

static void open_vterm(struct screen *screen, int rows, int cols)
{
	static const VTermScreenCallbacks callbacks = {.settermprop = property_set, .bell = rang};
	screen->vterm = vterm_new(rows, cols);
	vterm_set_utf8(screen->vterm, 1);
	vterm_output_set_callback(screen->vterm, answer, screen);
	screen->cells = vterm_obtain_screen(screen->vterm);
	vterm_screen_set_callbacks(screen->cells, &callbacks, screen);
	vterm_screen_enable_altscreen(screen->cells, 1);
	screen->cursor_visible = true;
	vterm_screen_reset(screen->cells, 1);
}

/* --- start and end */

static int open_master(struct screen *screen, int rows, int cols)
{
	screen->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (screen->master < 0 || grantpt(screen->master) || unlockpt(screen->master))
		return -1;
	screen->slave = open(ptsname(screen->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
	return screen->slave < 0 || ioctl(screen->master, TIOCSWINSZ, &size) ? -1 : 0;
}

static void note_change(struct screen *screen, int status)
{
	screen->stopped = WIFSTOPPED(status);
	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		screen->ended = true;
		screen->status = status;
	}
}

/* What the keeper has to say: the program's id first, then each change. */
static void read_reports(struct screen *screen)
{
	struct keeper_report report;
	struct pollfd ready = {.fd = screen->reports, .events = POLLIN};
	while (screen->reports >= 0 && poll(&ready, 1, 0) == 1) {
		if (read(screen->reports, &report, sizeof report) != (ssize_t)sizeof report) {
			close(screen->reports);
			screen->reports = -1;
			screen->alone = true;
			break;
		}
		screen->pid = report.pid;
		if (report.kind == KEEPER_CHANGED)
			note_change(screen, report.status);
	}
	int status;
	if (screen->alone && !screen->ended && waitpid(screen->pid, &status, WNOHANG | WUNTRACED) == screen->pid)
		note_change(screen, status);
}

struct screen *screen_start(const struct screen_options *options)
{
	int ends[2], rows = options->rows ? options->rows : ROWS, cols = options->cols ? options->cols : COLS;
	struct screen *screen = mem_alloc(sizeof *screen);
	*screen = (struct screen){.master = -1, .slave = -1, .status = -1};
	str_init(&screen->heard, SIZE_MAX);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	open_vterm(screen, rows, cols);
	if (open_master(screen, rows, cols) || pipe(ends)) {
		vterm_free(screen->vterm);
		free(screen);
		return NULL;
	}
	screen->reports = ends[0];
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	screen->keeper = fork();
	if (screen->keeper == 0)
		keeper_run(options, screen->slave, ends[1]);
	close(ends[1]);
	fcntl(screen->master, F_SETFL, O_NONBLOCK);
	struct pollfd ready = {.fd = screen->reports, .events = POLLIN};
	poll(&ready, 1, SCREEN_PATIENCE_MS);
	read_reports(screen);
	return screen;
}

void screen_hang_up(struct screen *screen)
{
	if (screen->slave >= 0)
		close(screen->slave);
	if (screen->master >= 0)
		close(screen->master);
	screen->slave = screen->master = -1;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	read_reports(screen);
	screen_hang_up(screen);
	if (!screen->ended && screen->pid > 0)
		kill(screen->pid, SIGKILL);
	kill(screen->keeper, SIGKILL);
	waitpid(screen->keeper, NULL, 0);
	if (screen->reports >= 0)
		close(screen->reports);
	if (!screen->ended)
		waitpid(screen->pid, NULL, 0);
	vterm_free(screen->vterm);
	str_release(&screen->heard);
	free(screen);
}

pid_t screen_pid(const struct screen *screen)
{
	return screen->pid;
}

/* --- reading */

/* Bracketed paste is a mode that libvterm keeps to itself. */
static void hear(struct screen *screen, const char *bytes, size_t len)
{
	static const char on[] = "\033[?2004h", off[] = "\033[?2004l";
	str_add(&screen->heard, bytes, len);
	for (const char *p = screen->heard.p; (p = strstr(p, "\033[?2004"));) {
		if (str_starts(p, on) || str_starts(p, off))
			screen->paste = str_starts(p, on);
		p++;
	}
	if (screen->heard.len >= sizeof on)
		str_remove(&screen->heard, 0, screen->heard.len - (sizeof on - 2));
}

void screen_line(struct screen *screen, int bytes_a_second)
{
	screen->line_rate = bytes_a_second;
	screen->line_since = now_ms();
	screen->line_read = 0;
}

/* How many bytes the line has room for now; what it did not carry while it was idle, it cannot make up for. */
static size_t line_room(struct screen *screen, size_t most)
{
	enum { AT_ONCE_MS = 5 };
	if (!screen->line_rate)
		return most;
	int64_t elapsed = now_ms() - screen->line_since;
	uint64_t room = (uint64_t)elapsed * (uint64_t)screen->line_rate / 1000;
	uint64_t at_once = (uint64_t)screen->line_rate * AT_ONCE_MS / 1000;
	if (room > screen->line_read + at_once) {
		screen_line(screen, screen->line_rate);
		return at_once < most ? (size_t)at_once : most;
	}
	return room > screen->line_read ? (size_t)(room - screen->line_read) : 0;
}

static bool read_some(struct screen *screen)
{
	char bytes[4096];
	size_t room = line_room(screen, sizeof bytes);
	ssize_t n = screen->master < 0 || !room ? 0 : read(screen->master, bytes, room);
	if (n <= 0)
		return false;
	screen->line_read += (uint64_t)n;
	screen->bytes += (uint64_t)n;
	if (screen->record)
		str_add(screen->record, bytes, (size_t)n);
	hear(screen, bytes, (size_t)n);
	vterm_input_write(screen->vterm, bytes, (size_t)n);
	return true;
}

void screen_pump(struct screen *screen, int ms)
{
	struct pollfd ready[] = {
	        {.fd = screen->master, .events = POLLIN},
	        {.fd = screen->reports, .events = POLLIN},
	};
	/* On a slow line there is always something to read, but not always room. */
	if (screen->line_rate)
		poll(NULL, 0, ms < 1 ? ms : 1);
	else
		poll(ready, 2, ms);
	while (read_some(screen))
		;
	read_reports(screen);
}

/* --- to the program */

void screen_send_bytes(struct screen *screen, const char *bytes, size_t len)
{
	while (len && screen->master >= 0) {
		struct pollfd ready = {.fd = screen->master, .events = POLLOUT};
		poll(&ready, 1, SCREEN_PATIENCE_MS);
		ssize_t n = write(screen->master, bytes, len);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void screen_send(struct screen *screen, const char *keys)
{
	screen_send_bytes(screen, keys, strlen(keys));
}

void screen_resize(struct screen *screen, int rows, int cols)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
	screen_pump(screen, 0);
	vterm_set_size(screen->vterm, rows, cols);
	ioctl(screen->master, TIOCSWINSZ, &size);
}

/* --- waiting */

bool screen_wait_until(struct screen *screen, screen_condition *condition, void *arg, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;
	while (!condition(arg)) {
		if (now_ms() >= end)
			return false;
		screen_pump(screen, LOOK_EVERY_MS);
	}
	return true;
}

struct sought {
	struct screen *screen;
	const char *text;
};

static bool stands(void *arg)
{
	const struct sought *sought = arg;
	return screen_contains(sought->screen, sought->text);
}

static bool is_gone(void *arg)
{
	return !stands(arg);
}

static bool has_ended(void *arg)
{
	return ((struct screen *)arg)->ended;
}

static bool has_stopped(void *arg)
{
	return ((struct screen *)arg)->stopped;
}

bool screen_wait(struct screen *screen, const char *text, int timeout_ms)
{
	return screen_wait_until(screen, stands, &(struct sought){screen, text}, timeout_ms);
}

bool screen_wait_gone(struct screen *screen, const char *text, int timeout_ms)
{
	return screen_wait_until(screen, is_gone, &(struct sought){screen, text}, timeout_ms);
}

bool screen_wait_end(struct screen *screen, int timeout_ms)
{
	bool ended = screen_wait_until(screen, has_ended, screen, timeout_ms);
	screen_pump(screen, 0);
	return ended;
}

bool screen_wait_stopped(struct screen *screen, int timeout_ms)
{
	bool stopped = screen_wait_until(screen, has_stopped, screen, timeout_ms);
	screen_pump(screen, 0);
	return stopped;
}

/* --- what is seen */

void screen_size(const struct screen *screen, int *rows, int *cols)
{
	vterm_get_size(screen->vterm, rows, cols);
}

char *screen_row_text(const struct screen *screen, int row)
{
	int rows, cols;
	struct str text = STR_INIT;
	screen_size(screen, &rows, &cols);
	for (int col = 0; row >= 0 && row < rows && col < cols; col++) {
		VTermScreenCell cell;
		vterm_screen_get_cell(screen->cells, (VTermPos){.row = row, .col = col}, &cell);
		if (cell.chars[0] == (uint32_t)-1)
			continue; /* the right half of a wide one */
		if (!cell.chars[0])
			str_addc(&text, ' ');
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) {
			char bytes[5];
			str_add(&text, bytes, utf8_encode(cell.chars[i], bytes));
		}
	}
	while (text.len && text.p[text.len - 1] == ' ')
		str_remove(&text, text.len - 1, 1);
	return str_detach(&text);
}

uint32_t screen_char(const struct screen *screen, int row, int col)
{
	VTermScreenCell cell;
	return vterm_screen_get_cell(screen->cells, (VTermPos){.row = row, .col = col}, &cell) ? cell.chars[0] : 0;
}

int screen_row_of(const struct screen *screen, const char *text)
{
	int rows, cols, found = -1;
	screen_size(screen, &rows, &cols);
	for (int row = 0; row < rows && found < 0; row++) {
		char *line = screen_row_text(screen, row);
		if (strstr(line, text))
			found = row;
		free(line);
	}
	return found;
}

bool screen_contains(const struct screen *screen, const char *text)
{
	return screen_row_of(screen, text) >= 0;
}

void screen_cursor(const struct screen *screen, int *row, int *col)
{
	VTermPos at;
	vterm_state_get_cursorpos(vterm_obtain_state(screen->vterm), &at);
	*row = at.row;
	*col = at.col;
}

void screen_dump(const struct screen *screen)
{
	int rows, cols, row, col;
	screen_size(screen, &rows, &cols);
	screen_cursor(screen, &row, &col);
	fprintf(stderr, "--- %dx%d, cursor at row %d, column %d%s%s%s\n", cols, rows, row, col,
	        screen->cursor_visible ? "" : ", hidden", screen->alternate ? ", alternate screen" : "",
	        screen->ended     ? ", ended"
	        : screen->stopped ? ", stopped"
	                          : "");
	for (int i = 0; i < rows; i++) {
		char *line = screen_row_text(screen, i);
		fprintf(stderr, "%3d|%s\n", i, line);
		free(line);
	}
	fprintf(stderr, "---\n");
}

/* --- what is known of the terminal */

uint64_t screen_bytes(const struct screen *screen)
{
	return screen->bytes;
}

bool screen_full(const struct screen *screen)
{
	struct pollfd room = {.fd = screen->slave, .events = POLLOUT};
	return poll(&room, 1, 0) == 0;
}

void screen_record(struct screen *screen, struct str *out)
{
	screen->record = out;
}

int screen_bells(const struct screen *screen)
{
	return screen->bells;
}

bool screen_alternate(const struct screen *screen)
{
	return screen->alternate;
}

bool screen_cursor_visible(const struct screen *screen)
{
	return screen->cursor_visible;
}

bool screen_bracketed_paste(const struct screen *screen)
{
	return screen->paste;
}

void screen_modes(const struct screen *screen, struct termios *out)
{
	*out = (struct termios){0};
	tcgetattr(screen->slave, out);
}

bool screen_modes_equal(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
	       a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

int screen_status(const struct screen *screen)
{
	return screen->status;
}

/* --- expectations */

void screen_expect_that_at(const struct screen *screen, bool held, const char *what, const char *file, int line)
{
	if (held)
		return;
	screen_dump(screen);
	fprintf(stderr, "expected: %s\n", what);
	_fail(file, line);
}

void screen_expect_at(struct screen *screen, const char *text, const char *file, int line)
{
	bool found = screen_wait(screen, text, SCREEN_PATIENCE_MS);
	screen_expect_that_at(screen, found, text, file, line);
}

void screen_expect_gone_at(struct screen *screen, const char *text, const char *file, int line)
{
	bool gone = screen_wait_gone(screen, text, SCREEN_PATIENCE_MS);
	if (!gone)
		fprintf(stderr, "not ");
	screen_expect_that_at(screen, gone, text, file, line);
}
