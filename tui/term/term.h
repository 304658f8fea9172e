/* The terminal: the only room that knows ncurses. curses writes into a memory file; the bytes go from there to the
 * real terminal with non-blocking writes, so that a terminal that does not read never stops the loop. While bytes
 * wait, nothing is painted: the newest frame is, once they are gone.
 *
 * One terminal a process. The terminal's modes are ours from term_resume to term_close, and are given back on every way
 * out: term_close, term_suspend, and term_restore_now from a signal handler. */
#ifndef TUI_TERM_TERM_H
#define TUI_TERM_TERM_H

#include "core/base/err.h"
#include "keymaps/chord.h"
#include "tui/view/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct term;

struct term_options {
	bool no_colour; /* NO_COLOR was set */
	bool mouse;     /* the mouse is wanted, where the terminal is known to have one */
};

/* Takes the terminal on stdin and stdout: ERR_USAGE when they are none, or TERM is unknown or cannot move its cursor.
 * The terminal itself is not touched yet. */
int term_open(const struct term_options *options, struct term **out, struct err *err);
/* Leaves the full screen, restores all modes. What a terminal that does not read has not taken yet it does not get; one
 * that keeps it all the same is waited for 500 ms at most. */
void term_close(struct term *term);

/* Enters the full screen: at first, and after term_suspend, which goes back to the shell (Ctrl-Z, an editor). All is
 * painted anew. */
void term_resume(struct term *term);
void term_suspend(struct term *term);

/* Restores the terminal with nothing but write(2) and tcsetattr(3): from signal handlers and when memory is gone. */
void term_restore_now(void);

int term_fd(const struct term *term);     /* to poll: readable for term_read, writable for term_flush while term_busy */
bool term_ascii(const struct term *term); /* no UTF-8 here: frames must be ASCII */
void term_size(const struct term *term, int *rows, int *cols);
bool term_resized(struct term *term); /* asks the terminal; true when the size is another. Call on SIGWINCH */

/* --- input */

/* What one read brought, decoded. */
struct term_input {
	enum { TERM_KEY, TERM_PASTE, TERM_MOUSE, TERM_EOF } kind;
	struct key key;
	struct {
		enum { MOUSE_PRESS, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN } what; /* of the first button */
		int row, col;                                                /* from 0 */
	} mouse;
	const char *text; /* TERM_PASTE: valid UTF-8 without control characters but newline and tab; until the call
	                     returns */
	size_t len;
	int burst;    /* how many printable bytes came in the read that this key was in */
	bool foreign; /* … and something printable beyond ASCII was among them */
	bool more;    /* further keys of the same read follow */
};
typedef void term_input_fn(void *arg, const struct term_input *input);

/* Reads once (never blocks) and hands over what is complete. */
void term_read(struct term *term, int64_t now_mono_ms, term_input_fn *each, void *arg);
/* When a pending Esc becomes a key if nothing more comes; INT64_MAX for never. At that time call term_timeout. */
int64_t term_deadline(const struct term *term);
void term_timeout(struct term *term, int64_t now_mono_ms, term_input_fn *each, void *arg);

/* --- output */

bool term_busy(const struct term *term); /* bytes wait: don't paint, poll for writable, term_flush */
/* Makes the screen be the frame. Unchanged rows cost nothing. Returns the bytes it took. */
size_t term_paint(struct term *term, const struct frame *frame, const struct look looks[STYLE_COUNT]);
/* Writes what the terminal takes now. False when it is gone (EIO): time to leave. */
bool term_flush(struct term *term);
void term_redraw(struct term *term); /* the next paint writes every cell: the screen was disturbed */

void term_bell(struct term *term);
/* OSC 9 or 777 where the terminal is known to have them, besides the bell. */
void term_notify(struct term *term, const char *text);
/* OSC 52, wrapped for tmux and screen; false: not on this terminal, or over 75 kB */
bool term_copy(struct term *term, const char *text, size_t len);
/* Until the terminal is given back, which then shows the title that it had, where it can keep one. */
void term_title(struct term *term, const char *text);

uint64_t term_bytes_written(const struct term *term);

#endif
