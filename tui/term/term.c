#include "tui/term/term_private.h"

#include "core/base/mem.h"
#include "core/text/cells.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { OUT_MAX = 4 * 1024 * 1024, CLOSE_WAIT_MS = 500, COPY_MAX = 75000 };

/* What a signal handler needs to give the terminal back, prepared while all was well. */
static struct {
	volatile int armed;
	int fd;
	struct termios modes;
	char bytes[256];
	size_t len;
} rescue;

void term_restore_now(void)
{
	if (!rescue.armed)
		return;
	rescue.armed = 0;
	ssize_t ignored = write(rescue.fd, rescue.bytes, rescue.len);
	(void)ignored;
	tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
}

/* In an open file description of our own, so that non-blocking mode does not leak to the shell that shares the other.
 */
static int own_descriptor(bool *own)
{
	const char *name = ttyname(STDIN_FILENO);
	int fd = name ? open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;
	*own = fd >= 0;
	return fd >= 0 ? fd : STDIN_FILENO;
}

static void raw_modes(struct term *term)
{
	struct termios raw = term->saved;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(term->fd, TCSANOW, &raw);
	term->raw = true;
}

static void prepare_rescue(struct term *term)
{
	rescue.fd = term->fd;
	rescue.modes = term->saved;
	struct str bytes = STR_INIT;
	extras_off(&term->extras, term->mouse, &bytes);
	if (term->titled)
		extras_title_restore(&term->extras, &bytes);
	static const char *const names[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *text = canvas_capability(term->canvas, names[i]);
		if (!strchr(text, '$')) /* padding is for terminals of the 1970s */
			str_adds(&bytes, text);
	}
	str_adds(&bytes, "\r\n");
	rescue.len = bytes.len < sizeof rescue.bytes ? bytes.len : sizeof rescue.bytes;
	memcpy(rescue.bytes, bytes.p, rescue.len);
	str_release(&bytes);
}

static void show_title(struct term *term)
{
	if (!term->titled)
		extras_title_save(&term->extras, &term->out);
	extras_title(&term->extras, term->title.p, &term->out);
	if (!term->titled) {
		term->titled = true;
		prepare_rescue(term);
	}
}

static void enter(struct term *term)
{
	raw_modes(term);
	str_adds(&term->out, canvas_capability(term->canvas, "smkx"));
	extras_on(&term->extras, term->mouse, &term->out);
	rescue.armed = 1;
	if (term->title.len)
		show_title(term);
}

/* Writes all that waits, waiting for the terminal at most so long. What an earlier frame left between us and a terminal
 * that does not read is thrown away: what comes now makes it void, and must not wait behind it. */
static void drain(struct term *term, int wait_ms)
{
	if (term_flush(term) && term->out.len)
		tcflush(term->fd, TCOFLUSH);
	while (term->out.len && term_flush(term) && term->out.len) {
		struct pollfd ready = {.fd = term->fd, .events = POLLOUT};
		if (poll(&ready, 1, wait_ms) <= 0)
			return;
	}
}

static void leave(struct term *term)
{
	str_clear(&term->out); /* a frame half written is followed by the reset, which does not depend on it */
	extras_off(&term->extras, term->mouse, &term->out);
	if (term->titled)
		extras_title_restore(&term->extras, &term->out);
	term->titled = false;
	str_adds(&term->out, canvas_capability(term->canvas, "rmkx"));
	canvas_leave(term->canvas);
	canvas_take(term->canvas, &term->out);
	drain(term, CLOSE_WAIT_MS);
	tcsetattr(term->fd, TCSANOW, &term->saved);
	term->raw = false;
	rescue.armed = 0;
}

int term_open(const struct term_options *options, struct term **out, struct err *err)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE,
		        "the desk needs a terminal on its input and output; for scripts there are curlew query, show "
		        "and do");
	struct term *term = mem_alloc(sizeof *term);
	str_init(&term->out, OUT_MAX);
	str_init(&term->title, SIZE_MAX);
	decoder_init(&term->decoder);
	term->fd = own_descriptor(&term->own_fd);
	const char *type = getenv("TERM");
	int result = 0;
	if (tcgetattr(term->fd, &term->saved)) {
		result = err_set(err, ERR_OS, "the terminal's modes cannot be read: %s", strerror(errno));
		goto fail;
	}
	int rows, cols;
	term_size(term, &rows, &cols);
	result = canvas_new(type, rows, cols, options->no_colour, &term->canvas, err);
	if (result)
		goto fail;
	term->extras = extras_of(type, getenv("TMUX") != NULL);
	term->mouse = options->mouse;
	prepare_rescue(term);
	*out = term;
	return 0;
fail:
	if (term->own_fd)
		close(term->fd);
	free(term);
	return result;
}

void term_close(struct term *term)
{
	if (!term)
		return;
	if (term->raw)
		leave(term);
	canvas_free(term->canvas);
	decoder_release(&term->decoder);
	str_release(&term->out);
	str_release(&term->title);
	if (term->own_fd)
		close(term->fd);
	free(term);
}

void term_suspend(struct term *term)
{
	leave(term);
}

void term_resume(struct term *term)
{
	enter(term);
	term_resized(term);
	canvas_redraw(term->canvas);
}

int term_fd(const struct term *term)
{
	return term->fd;
}

bool term_ascii(const struct term *term)
{
	(void)term;
	return !cells_utf8();
}

void term_size(const struct term *term, int *rows, int *cols)
{
	struct winsize size;
	*rows = 24;
	*cols = 80;
	if (ioctl(term->fd, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
		*rows = size.ws_row < FRAME_MAX_ROWS ? size.ws_row : FRAME_MAX_ROWS;
		*cols = size.ws_col < FRAME_MAX_COLS ? size.ws_col : FRAME_MAX_COLS;
	}
}

bool term_resized(struct term *term)
{
	int rows, cols;
	term_size(term, &rows, &cols);
	return canvas_resize(term->canvas, rows, cols);
}

/* --- input */

void term_read(struct term *term, int64_t now_mono_ms, term_input_fn *each, void *arg)
{
	char bytes[4096];
	ssize_t n = read(term->fd, bytes, sizeof bytes);
	if (n > 0) {
		decoder_feed(&term->decoder, bytes, (size_t)n, now_mono_ms, each, arg);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	struct term_input end = {.kind = TERM_EOF};
	term->gone = true;
	each(arg, &end);
}

int64_t term_deadline(const struct term *term)
{
	return decoder_deadline(&term->decoder);
}

void term_timeout(struct term *term, int64_t now_mono_ms, term_input_fn *each, void *arg)
{
	decoder_timeout(&term->decoder, now_mono_ms, each, arg);
}

/* --- output */

bool term_busy(const struct term *term)
{
	return term->out.len > 0;
}

size_t term_paint(struct term *term, const struct frame *frame, const struct look looks[STYLE_COUNT])
{
	size_t before = term->out.len;
	canvas_paint(term->canvas, frame, looks);
	canvas_take(term->canvas, &term->out);
	return term->out.len - before;
}

bool term_flush(struct term *term)
{
	while (term->out.len && !term->gone) {
		ssize_t n = write(term->fd, term->out.p, term->out.len);
		if (n > 0) {
			term->written += (uint64_t)n;
			str_remove(&term->out, 0, (size_t)n);
		} else if (errno == EAGAIN || errno == EINTR) {
			break;
		} else {
			term->gone = true;
		}
	}
	return !term->gone;
}

void term_redraw(struct term *term)
{
	canvas_redraw(term->canvas);
}

void term_bell(struct term *term)
{
	str_addc(&term->out, '\a');
}

void term_notify(struct term *term, const char *text)
{
	extras_notify(&term->extras, text, &term->out);
}

void term_title(struct term *term, const char *text)
{
	str_clear(&term->title);
	str_adds(&term->title, text);
	if (term->raw)
		show_title(term);
}

bool term_copy(struct term *term, const char *text, size_t len)
{
	return len <= COPY_MAX && extras_copy(&term->extras, text, len, &term->out);
}

uint64_t term_bytes_written(const struct term *term)
{
	return term->written;
}
