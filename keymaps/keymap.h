/* Which keys run which command in which mode, read from key files:
 *
 *     # a comment, at the start of a line only
 *     include default
 *     bind MODE KEYS COMMAND ARGUMENTS…
 *     unbind MODE KEYS
 *
 * unbind takes from the keys, and from all that begin with them, what they meant. MODE is a mode's name or a name for
 * several of them: then the line stands for one line a mode. A later line overrides an earlier one, and so what follows
 * an include overrides what was included. The command's arguments are the rest of the line, as the `:` line would take
 * them. Names of modes and commands come in as a table: this code knows none. keymap_load blocks on the disk;
 * everything else is pure. */
#ifndef KEYMAPS_KEYMAP_H
#define KEYMAPS_KEYMAP_H

#include "core/base/arena.h"
#include "core/base/problems.h"
#include "keymaps/chord.h"

#define KEYMAP_MODES_MAX 32
#define KEYMAP_FILE_MAX (1u << 20) /* bytes */

/* A mode, which is one bit, or several modes under one name. */
struct keymap_mode {
	const char *name;
	uint32_t modes; /* bit i is mode i */
};

struct keymap_command {
	const char *name;
	uint32_t modes; /* where it may be bound */
};

/* Owned by the caller; outlives the keymap. */
struct keymap_names {
	const struct keymap_mode *modes;
	size_t modes_len;
	const struct keymap_command *commands;
	size_t commands_len;
	uint32_t text_modes; /* where a character is text, and so begins no sequence */
	int cancel;          /* a key bound to this command ends an unfinished sequence, and so continues none */
};

struct binding {
	int mode; /* the number of its bit */
	struct chord keys;
	int command;      /* index into names->commands */
	const char *args; /* "" when there are none */
	const char *file; /* where it stands */
	int line;
};

struct keymap {
	const struct keymap_names *names;
	struct arena arena;
	struct binding *at; /* by mode, then keys: one for a mode and keys */
	size_t len, cap;
};

enum keymap_match { KEYMAP_NONE, KEYMAP_PREFIX, KEYMAP_EXACT };

void keymap_init(struct keymap *keymap, const struct keymap_names *names);
void keymap_release(struct keymap *keymap);

/* Reads the keymap NAME: the file DIR/keymaps/NAME.keys, else the built-in one of that name. `include NAME` looks in
 * the same places; a file that includes its own name gets the built-in one, and a built-in one includes built-in ones
 * alone. dir NULL: no files. What is wrong is added to *problems, with warnings for keys that are bound twice in a
 * file, or can never be reached: their beginning is bound itself, is text, or is a key that terminals send as another
 * or keep; then the result is -ERR_CONFIG, and what was right is in the keymap all the same. */
int keymap_load(struct keymap *keymap, const char *dir, const char *name, struct problems *problems, struct err *err);

/* The same from memory, on top of what the keymap has; `include` knows the built-in ones alone. */
int keymap_parse(struct keymap *keymap, const char *text, size_t len, const char *file, struct problems *problems,
        struct err *err);

/* What keys[0..n) mean in a mode. EXACT sets *binding, also when longer bindings begin like it: those cannot be
 * reached. PREFIX: more keys are needed. */
enum keymap_match keymap_lookup(
        const struct keymap *keymap, int mode, const struct key *keys, size_t n, const struct binding **binding);

/* The bindings of a mode, in the order of their keys. *i starts at 0; NULL behind the last. */
const struct binding *keymap_next(const struct keymap *keymap, int mode, size_t *i);

/* The shortest keys that run a command in a mode, with these arguments; args NULL: with any. NULL when none does. */
const struct binding *keymap_keys_of(const struct keymap *keymap, int mode, const char *command, const char *args);

/* The text of a built-in key file, keymaps/NAME.keys as it was compiled in; NULL when there is none of that name. */
const char *keymap_builtin(const char *name);
const char *keymap_builtin_name(size_t i); /* in alphabetical order; NULL behind the last */

#endif
