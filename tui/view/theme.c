#include "tui/view/theme.h"

#include "core/base/str.h"

enum { NONE = -1, RED = 1, GREEN = 2, YELLOW = 3, BLUE = 4, MAGENTA = 5, CYAN = 6, WHITE = 7 };

#define PLAIN(a)                                                                                                       \
	{                                                                                                              \
		NONE, NONE, (a)                                                                                        \
	}
#define FG(colour, a)                                                                                                  \
	{                                                                                                              \
		(colour), NONE, (a)                                                                                    \
	}

static const struct theme themes[] = {
        {"default",
                {
                        [STYLE_TEXT] = PLAIN(0),
                        [STYLE_FAINT] = PLAIN(LOOK_DIM),
                        [STYLE_STRONG] = PLAIN(LOOK_BOLD),
                        [STYLE_BAR] = PLAIN(0),
                        [STYLE_HINT] = PLAIN(LOOK_DIM),
                        [STYLE_MESSAGE] = PLAIN(LOOK_BOLD),
                        [STYLE_ERROR] = FG(RED, LOOK_BOLD),
                        [STYLE_SELECTED] = PLAIN(LOOK_REVERSE),
                        [STYLE_LATE] = FG(RED, LOOK_BOLD),
                        [STYLE_SOON] = FG(YELLOW, 0),
                        [STYLE_GOOD] = FG(GREEN, 0),
                        [STYLE_PRIORITY] = FG(MAGENTA, LOOK_BOLD),
                        [STYLE_TAG] = FG(CYAN, 0),
                        [STYLE_OURS] = FG(GREEN, 0),
                        [STYLE_NOTE] = FG(YELLOW, 0),
                        [STYLE_DELETED] = PLAIN(LOOK_DIM),
                        [STYLE_LINK] = FG(CYAN, LOOK_UNDERLINE),
                        [STYLE_MATCH] = PLAIN(LOOK_REVERSE),
                        [STYLE_PUBLIC] = FG(RED, LOOK_BOLD),
                        [STYLE_PRIVATE] = FG(BLUE, LOOK_BOLD),
                        [STYLE_TEAM] = FG(YELLOW, 0),
                        [STYLE_OVER] = FG(RED, LOOK_REVERSE),
                        [STYLE_TAB] = PLAIN(0),
                        [STYLE_TAB_ON] = PLAIN(LOOK_BOLD | LOOK_UNDERLINE),
                }},
        {"mono",
                {
                        [STYLE_TEXT] = PLAIN(0),
                        [STYLE_FAINT] = PLAIN(0),
                        [STYLE_STRONG] = PLAIN(LOOK_BOLD),
                        [STYLE_BAR] = PLAIN(0),
                        [STYLE_HINT] = PLAIN(0),
                        [STYLE_MESSAGE] = PLAIN(LOOK_BOLD),
                        [STYLE_ERROR] = PLAIN(LOOK_BOLD),
                        [STYLE_SELECTED] = PLAIN(LOOK_REVERSE),
                        [STYLE_LATE] = PLAIN(LOOK_BOLD),
                        [STYLE_SOON] = PLAIN(0),
                        [STYLE_GOOD] = PLAIN(0),
                        [STYLE_PRIORITY] = PLAIN(LOOK_BOLD),
                        [STYLE_TAG] = PLAIN(0),
                        [STYLE_OURS] = PLAIN(0),
                        [STYLE_NOTE] = PLAIN(0),
                        [STYLE_DELETED] = PLAIN(0),
                        [STYLE_LINK] = PLAIN(LOOK_UNDERLINE),
                        [STYLE_MATCH] = PLAIN(LOOK_REVERSE),
                        [STYLE_PUBLIC] = PLAIN(LOOK_BOLD),
                        [STYLE_PRIVATE] = PLAIN(LOOK_BOLD),
                        [STYLE_TEAM] = PLAIN(0),
                        [STYLE_OVER] = PLAIN(LOOK_REVERSE),
                        [STYLE_TAB] = PLAIN(0),
                        [STYLE_TAB_ON] = PLAIN(LOOK_BOLD | LOOK_UNDERLINE),
                }},
        {"high-contrast",
                {
                        [STYLE_TEXT] = PLAIN(0),
                        [STYLE_FAINT] = PLAIN(0),
                        [STYLE_STRONG] = PLAIN(LOOK_BOLD),
                        [STYLE_BAR] = PLAIN(LOOK_REVERSE),
                        [STYLE_HINT] = PLAIN(0),
                        [STYLE_MESSAGE] = PLAIN(LOOK_BOLD),
                        [STYLE_ERROR] = PLAIN(LOOK_BOLD | LOOK_REVERSE),
                        [STYLE_SELECTED] = PLAIN(LOOK_REVERSE | LOOK_BOLD),
                        [STYLE_LATE] = FG(RED, LOOK_BOLD | LOOK_REVERSE),
                        [STYLE_SOON] = FG(YELLOW, LOOK_BOLD),
                        [STYLE_GOOD] = FG(GREEN, LOOK_BOLD),
                        [STYLE_PRIORITY] = PLAIN(LOOK_BOLD | LOOK_REVERSE),
                        [STYLE_TAG] = PLAIN(LOOK_BOLD),
                        [STYLE_OURS] = PLAIN(LOOK_BOLD),
                        [STYLE_NOTE] = FG(YELLOW, LOOK_BOLD),
                        [STYLE_DELETED] = PLAIN(0),
                        [STYLE_LINK] = PLAIN(LOOK_UNDERLINE),
                        [STYLE_MATCH] = PLAIN(LOOK_REVERSE),
                        [STYLE_PUBLIC] = PLAIN(LOOK_BOLD | LOOK_REVERSE),
                        [STYLE_PRIVATE] = PLAIN(LOOK_BOLD),
                        [STYLE_TEAM] = PLAIN(LOOK_BOLD),
                        [STYLE_OVER] = PLAIN(LOOK_REVERSE | LOOK_BOLD),
                        [STYLE_TAB] = PLAIN(0),
                        [STYLE_TAB_ON] = PLAIN(LOOK_BOLD | LOOK_UNDERLINE),
                }},
};

const struct theme *theme_find(const char *name)
{
	for (size_t i = 0; i < sizeof themes / sizeof *themes; i++)
		if (str_eq(themes[i].name, name))
			return &themes[i];
	return NULL;
}
