/* What curses says, said in fewer bytes: the same screen over a thin line. A change of attributes is sent when
 * something is written that it changes the look of, as the shortest difference to what the terminal has; curses sends
 * it, whole, as soon as it thinks of it. The alternate character set, which nothing here uses, is not left again and
 * again. Repeated characters are written out: xterm's description has REP, which others that go by its name lack (PuTTY
 * before 0.71) or get wrong at the right edge (libvterm).
 *
 * Where a terminal may take another number of cells for what is written than curses does (core/text/cells.h), it is
 * told the column that follows; the cells that it may leave out are blanked first, and those that it may have taken are
 * blanked after: whoever paints sees to it that curses writes them, too.
 *
 * This knows the SGR of ECMA-48 (8.3.117) and of xterm (ctlseqs: 38, 48, 90 to 107). Pure. */
#ifndef TUI_TERM_WIRE_H
#define TUI_TERM_WIRE_H

#include "core/base/str.h"

#include <stdbool.h>

enum { WIRE_COLOUR = 24 };

/* How what is written looks. */
struct wire_look {
	unsigned attrs;                        /* bit n: attribute n of SGR is on */
	char fg[WIRE_COLOUR], bg[WIRE_COLOUR]; /* parameters of SGR that set it; "" the terminal's own */
};

struct wire {
	bool ansi;  /* attributes are set as ECMA-48 has it, and stay while the cursor moves; else they pass as they are
	             */
	bool known; /* what the terminal has is `has` */
	bool charset; /* … and its plain character set */
	bool own_fg;  /* it knows the parameters for a colour of its own: 39, 49 */
	struct wire_look has, wants;
	int cols;   /* of the terminal; 0: not told */
	bool stays; /* see wire_size */
	int col;    /* of the cursor as curses thinks, -1: unknown */
	int kept;   /* … when it was saved */
	bool doubt; /* the terminal may have its own at another */
	int astray; /* … and have written over so many cells behind it */
};

/* sgr0 is the terminal's string that turns attributes off; moves: they stay on while the cursor moves (terminfo: msgr).
 */
void wire_init(struct wire *wire, const char *sgr0, bool moves);
/* How wide the terminal is. stays: when the last cell of a row was written, the cursor is on it; else nobody knows. */
void wire_size(struct wire *wire, int cols, bool stays);
/* The terminal may have been given another look by others. */
void wire_forget(struct wire *wire);
/* Bytes are whole sequences, as curses writes for one refresh; what is to be sent is appended to out. */
void wire_put(struct wire *wire, const char *bytes, size_t len, struct str *out);
/* Nothing more is written for now: the terminal is left as curses thinks that it is. */
void wire_end(struct wire *wire, struct str *out);

#endif
