#include "tui/theme_load.h"

#include "core/base/paths.h"

#include <stdlib.h>
#include <string.h>

static int read_theme(
        const char *file, const char *name, struct theme *theme, struct problems *problems, struct err *err)
{
	struct str text;
	str_init(&text, THEME_FILE_MAX);
	theme->name = name;
	int result = file_read(file, &text, err);
	if (!result)
		result = theme_parse(theme, text.p, text.len, file, problems, err);
	str_release(&text);
	return result;
}

int theme_load(const char *dir, const char *name, struct arena *arena, struct theme *theme, const char **from,
        struct problems *problems, struct err *err)
{
	const struct theme *built_in = theme_find(name);
	char *path = path_join(dir, arena_printf(arena, "themes/%s.theme", name));
	const char *file = arena_strdup(arena, path);
	free(path);
	*from = file;
	if (path_exists(file))
		return read_theme(file, arena_strdup(arena, name), theme, problems, err);
	*from = "built in";
	if (!built_in)
		return err_set(err, ERR_NOT_FOUND,
		        "found no theme %s, expected default, mono, high-contrast or the file %s", name, file);
	*theme = *built_in;
	return 0;
}
