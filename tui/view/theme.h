/* Themes: how each semantic style looks. Meaning never rests on colour alone; a theme only makes it quicker to see.
 *
 * A theme file says it a line a style:
 *
 *     # a comment, at the start of a line only
 *     include default
 *     late = bright-white on red bold
 *     faint = #6c7a89
 *
 * STYLE = [COLOUR] [on COLOUR] [bold] [dim] [reverse] [underline]. Pure: the text of a file comes in. */
#ifndef TUI_VIEW_THEME_H
#define TUI_VIEW_THEME_H

#include "core/base/problems.h"
#include "tui/view/frame.h"

#define THEME_FILE_MAX (64u << 10) /* bytes; what reads the file refuses a larger one */

struct theme {
	const char *name;
	struct look looks[STYLE_COUNT];
};

/* "default", "mono", "high-contrast"; NULL for an unknown name. */
const struct theme *theme_find(const char *name);

/* Reads the text of a theme file, which begins with every style plain; `file` names it in problems. Everything that is
 * wrong is added to *problems; then the result is -ERR_CONFIG, and what was right is in the theme all the same. The
 * theme's name is not touched. */
int theme_parse(struct theme *theme, const char *text, size_t len, const char *file, struct problems *problems,
        struct err *err);

#endif
