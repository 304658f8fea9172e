/* What a terminal was sent, and what it shows: two judges of the painter. */
#ifndef TESTS_LIB_GLASS_H
#define TESTS_LIB_GLASS_H

#include "core/base/str.h"
#include "tui/view/frame.h"

#include <stdbool.h>
#include <vterm.h>

/* True when the bytes are nothing but what our painter may send to any terminal: printed text (whole UTF-8, no code
 * point that acts or hides, four marks on a letter at most), and the few controls of ECMA-48 and xterm by which curses
 * moves, erases, scrolls, colours, and enters and leaves the screen; extras: also the commands of tui/term/extras.c,
 * each whole, with a payload that cannot end it. Else *why is what stands where it ends, readable. */
bool glass_may_be_sent(const char *bytes, size_t len, bool extras, struct str *why);

/* True when each cell of the terminal shows that of the frame, and its cursor stands where it was put; of what it may
 * take for narrower than we do (core/text/cells.h) it may lack marks, and a wide letter before the last corner may be
 * blank. Else *why says where. */
bool glass_shows(VTerm *vterm, const struct frame *frame, struct str *why);

#endif
