/* Themes: how each semantic style looks. Meaning never rests on colour alone; a theme only makes it quicker to see. */
#ifndef TUI_VIEW_THEME_H
#define TUI_VIEW_THEME_H

#include "tui/view/frame.h"

struct theme {
	const char *name;
	struct look looks[STYLE_COUNT];
};

/* "default", "mono", "high-contrast"; NULL for an unknown name. */
const struct theme *theme_find(const char *name);

#endif
