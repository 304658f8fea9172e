/* What the files of tui/term share. Not for others. */
#ifndef TUI_TERM_TERM_PRIVATE_H
#define TUI_TERM_TERM_PRIVATE_H

#include "core/base/str.h"
#include "tui/term/canvas.h"
#include "tui/term/decode.h"
#include "tui/term/term.h"

#include <termios.h>

/* What a terminal is known to have beyond terminfo, by its name. */
struct term_extras {
	bool paste;  /* bracketed paste */
	bool osc;    /* takes OSC without showing it: title, clipboard, notification */
	bool tmux;   /* OSC must be wrapped to pass through tmux */
	bool screen; /* … or GNU screen */
};

struct term {
	int fd; /* the terminal, in an open file description of our own, non-blocking */
	bool own_fd;
	struct termios saved;
	bool raw;
	struct term_extras extras;
	struct canvas *canvas;
	struct str out; /* bytes that wait */
	uint64_t written;
	bool gone; /* writing failed for good */
	struct decoder decoder;
};

#endif
