/* What terminals have beyond terminfo: bracketed paste, the mouse in SGR form, and operating system commands (OSC) for
 * title, notification and clipboard; through tmux and GNU screen, too. Known by the terminal's name: a terminal that is
 * not known is sent nothing of this. Pure: bytes are appended to out. */
#ifndef TUI_TERM_EXTRAS_H
#define TUI_TERM_EXTRAS_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct term_extras {
	bool paste;  /* bracketed paste */
	bool mouse;  /* reports in SGR form (xterm's 1006) */
	bool osc;    /* takes OSC without showing it */
	bool osc777; /* notifications as OSC 777 (urxvt's); else as OSC 9 (iTerm2's) */
	bool tmux;   /* OSC must be wrapped to pass through tmux */
	bool screen; /* … or GNU screen */
};

/* type: TERM; in_tmux: TMUX is set, which SSH does not pass on. */
struct term_extras extras_of(const char *type, bool in_tmux);

/* Bracketed paste, and the mouse when it is wanted. */
void extras_on(const struct term_extras *extras, bool mouse, struct str *out);
void extras_off(const struct term_extras *extras, bool mouse, struct str *out);

/* One line of text becomes the title; what would end the command early becomes a mark. The terminal keeps the title
 * that was there before: SAVE once before the first, RESTORE at the end (xterm's 22 and 23 t). Inside tmux it is the
 * pane's title. */
void extras_title(const struct term_extras *extras, const char *text, struct str *out);
void extras_title_save(const struct term_extras *extras, struct str *out);
void extras_title_restore(const struct term_extras *extras, struct str *out);

void extras_notify(const struct term_extras *extras, const char *text, struct str *out);

/* OSC 52. False: this terminal has none. */
bool extras_copy(const struct term_extras *extras, const char *text, size_t len, struct str *out);

#endif
