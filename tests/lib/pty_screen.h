/* A program in a pseudo-terminal, and the screen that it draws, as libvterm understands it. Between the test and the
 * program stands a keeper, as a shell would: it leads the session, gives the program a group of its own in the
 * foreground, and tells when the program stops, goes on and ends. So job control works, and a lost connection looks to
 * the program as it does when SSH drops.
 *
 * Nothing is read but inside the calls that wait: a screen that nobody waits on is a terminal that stopped reading.
 * Every wait ends: by the condition, by the program's end where that matters, or by its time-out. */
#ifndef TESTS_LIB_PTY_SCREEN_H
#define TESTS_LIB_PTY_SCREEN_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

struct screen;

/* Long enough for a slow machine under sanitizers; nothing waits it out unless it has failed. */
#define SCREEN_PATIENCE_MS 15000

struct screen_options {
	const char *const *argv; /* argv[0] is the path; ended by NULL */
	const char *const *env;  /* "NAME=VALUE", the whole environment; ended by NULL */
	const char *dir;         /* working directory; NULL: the test's */
	int rows, cols;          /* 0: 30 and 120 */
	bool no_input;           /* stdin is /dev/null instead of the terminal */
};

/* NULL when there is no pseudo-terminal to be had. */
struct screen *screen_start(const struct screen_options *options);
/* Hangs up, and kills what has not ended by then. NULL is fine. */
void screen_free(struct screen *screen);

pid_t screen_pid(const struct screen *screen); /* the program's */

/* --- to the program */

void screen_send(struct screen *screen, const char *keys); /* in one write */
void screen_send_bytes(struct screen *screen, const char *bytes, size_t len);
void screen_resize(struct screen *screen, int rows, int cols); /* the terminal and, by SIGWINCH, the program */
void screen_hang_up(struct screen *screen);                    /* the connection is gone */

/* From now on at most so many bytes a second are read from the program, as over a line of that speed; 0: all that come.
 */
void screen_line(struct screen *screen, int bytes_a_second);

/* --- waiting */

typedef bool screen_condition(void *arg);

/* Reads and shows whatever comes for at most `ms`; returns as soon as something has come. */
void screen_pump(struct screen *screen, int ms);
/* Until the condition holds. It is asked again whenever the program has written, and every few milliseconds. */
bool screen_wait_until(struct screen *screen, screen_condition *condition, void *arg, int timeout_ms);
bool screen_wait(struct screen *screen, const char *text, int timeout_ms);      /* until the text stands on a row */
bool screen_wait_gone(struct screen *screen, const char *text, int timeout_ms); /* until it stands on none */
bool screen_wait_end(struct screen *screen, int timeout_ms);
bool screen_wait_stopped(struct screen *screen, int timeout_ms);

/* --- what is seen */

bool screen_contains(const struct screen *screen, const char *text);
int screen_row_of(const struct screen *screen, const char *text); /* -1: none */
/* UTF-8 without the blanks at the end; the caller frees. */
char *screen_row_text(const struct screen *screen, int row);
/* What a cell begins with; 0: nothing stands there. */
uint32_t screen_char(const struct screen *screen, int row, int col);
void screen_size(const struct screen *screen, int *rows, int *cols);
void screen_cursor(const struct screen *screen, int *row, int *col);
void screen_dump(const struct screen *screen); /* the whole of it, to stderr */

/* --- what is known of the terminal */

uint64_t screen_bytes(const struct screen *screen); /* read from the program so far */
bool screen_full(const struct screen *screen);      /* nobody has read for long: the program can write no more */
/* From now on all that is read is appended to *out, which the caller owns and keeps as long as the screen; NULL ends
 * that. */
void screen_record(struct screen *screen, struct str *out);
int screen_bells(const struct screen *screen);
bool screen_alternate(const struct screen *screen); /* the alternate screen is shown */
bool screen_cursor_visible(const struct screen *screen);
bool screen_bracketed_paste(const struct screen *screen);
void screen_modes(const struct screen *screen, struct termios *out);
bool screen_modes_equal(const struct termios *a, const struct termios *b);
/* Once it has ended: the status as waitpid(2) gives it; -1 before. */
int screen_status(const struct screen *screen);

/* --- expectations: on failure the screen is printed and the test ends */

#define screen_expect(screen, text) screen_expect_at(screen, text, __FILE__, __LINE__)
#define screen_expect_gone(screen, text) screen_expect_gone_at(screen, text, __FILE__, __LINE__)
#define screen_expect_that(screen, held) screen_expect_that_at(screen, held, #held, __FILE__, __LINE__)
void screen_expect_at(struct screen *screen, const char *text, const char *file, int line);
void screen_expect_gone_at(struct screen *screen, const char *text, const char *file, int line);
void screen_expect_that_at(const struct screen *screen, bool held, const char *what, const char *file, int line);

#endif
