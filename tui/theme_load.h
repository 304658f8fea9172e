/* A theme by its name, from beside the configuration or built in. Blocks on the disk. */
#ifndef TUI_THEME_LOAD_H
#define TUI_THEME_LOAD_H

#include "core/base/arena.h"
#include "tui/view/theme.h"

/* The file DIR/themes/NAME.theme where there is one, else the built-in theme. What is wrong is added to *problems; then
 * the result is -ERR_CONFIG, and ERR_NOT_FOUND when there is no such theme. *from becomes the file's path (the arena's)
 * or "built in". */
int theme_load(const char *dir, const char *name, struct arena *arena, struct theme *theme, const char **from,
        struct problems *problems, struct err *err);

#endif
