/* What the files of tui/term share. Not for others. */
#ifndef TUI_TERM_TERM_PRIVATE_H
#define TUI_TERM_TERM_PRIVATE_H

#include "core/base/str.h"
#include "tui/term/canvas.h"
#include "tui/term/decode.h"
#include "tui/term/extras.h"
#include "tui/term/term.h"

#include <termios.h>

struct term {
	int fd; /* the terminal, in an open file description of our own, non-blocking */
	bool own_fd;
	struct termios saved;
	bool raw;
	struct term_extras extras;
	bool mouse;       /* is wanted */
	struct str title; /* the one that was set last; "" none yet */
	bool titled;      /* the terminal shows it, and keeps the one before */
	struct canvas *canvas;
	struct str out; /* bytes that wait */
	uint64_t written;
	bool gone; /* writing failed for good */
	struct decoder decoder;
};

#endif
