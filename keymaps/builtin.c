#include "keymaps/keymap.h"

/* ISO C promises 4,095 bytes of literal; both our compilers take any length, and the files are longer. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

static const struct {
	const char *name, *text;
} builtins[] = {
#include "builtin_keys.inc"
};

enum { COUNT = sizeof builtins / sizeof *builtins };

const char *keymap_builtin(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (str_eq(builtins[i].name, name))
			return builtins[i].text;
	return NULL;
}

const char *keymap_builtin_name(size_t i)
{
	return i < COUNT ? builtins[i].name : NULL;
}
