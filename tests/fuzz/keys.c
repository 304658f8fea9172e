/* A key file: it is taken, or its problems are told with their lines; what was bound can be looked up. */
#include "tests/fuzz/fuzz.h"

#include "keymaps/keymap.h"
#include "tui/desk/command.h"

static void look_up_all(const struct keymap *keymap)
{
	for (int mode = 0; mode < MODE_COUNT; mode++) {
		size_t i = 0;
		const struct binding *binding, *found;
		while ((binding = keymap_next(keymap, mode, &i)))
			must(keymap_lookup(keymap, mode, binding->keys.at, binding->keys.len, &found) != KEYMAP_NONE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keymap keymap;
	struct problems problems = {0};
	struct err err = ERR_INIT;
	keymap_init(&keymap, desk_keymap_names());
	if (keymap_parse(&keymap, (const char *)data, size, "fuzz.keys", &problems, &err))
		must(err.code && *err.text);
	else
		look_up_all(&keymap);
	keymap_release(&keymap);
	problems_release(&problems);
	return 0;
}
