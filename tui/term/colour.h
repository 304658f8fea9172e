/* Which colour of a terminal comes nearest to the one a theme asks for. Pure. */
#ifndef TUI_TERM_COLOUR_H
#define TUI_TERM_COLOUR_H

#include <stdint.h>

enum { COLOURS_TRUE = 1 << 24 };

/* The colour of struct look (frame.h) as a number for terminfo's setaf on a terminal of so many colours (8, 16, 88, 256
 * or COLOURS_TRUE); -1, the terminal's own, stays. The basic eight keep their number, for users choose what these look
 * like; bright ones become basic where there are but eight. */
int colour_fit(int32_t colour, int colours);

#endif
