/* Keys as data: one key, and the text in which people write keys.
 *
 * A printable character is itself (`j`, `G`, `;`, `é`). Control is a caret before a letter (`^G`, `^X`; case does not
 * matter). What has a name stands in angle brackets: <Enter> <Esc> <Tab> <S-Tab> <Space> <Up> <Down> <Left> <Right>
 * <PgUp> <PgDn> <Home> <End> <Insert> <Delete> <Backspace> <F1> to <F12>, and <lt> for `<`, <Caret> for `^`. With
 * `C-` or `A-` before it inside the brackets, a key is one with Control or Alt held: <C-Left>, <A-b>. A sequence is
 * keys one after the other: `gi`, `z1`, `^X^S`. Pure. */
#ifndef KEYMAPS_CHORD_H
#define KEYMAPS_CHORD_H

#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys that are no character. Control with a letter is the letter with KEY_MOD_CTRL; Enter, Tab, Esc and Backspace are
 * always these, however the terminal spells them. Space is the character. */
enum key_name {
	KEYNAME_NONE, /* code is a Unicode code point */
	KEYNAME_ENTER,
	KEYNAME_ESC,
	KEYNAME_TAB,
	KEYNAME_UP,
	KEYNAME_DOWN,
	KEYNAME_LEFT,
	KEYNAME_RIGHT,
	KEYNAME_PGUP,
	KEYNAME_PGDN,
	KEYNAME_HOME,
	KEYNAME_END,
	KEYNAME_INSERT,
	KEYNAME_DELETE,
	KEYNAME_BACKSPACE,
	KEYNAME_F1,
	KEYNAME_F12 = KEYNAME_F1 + 11,
	KEYNAME_COUNT
};

enum { KEY_MOD_CTRL = 1, KEY_MOD_ALT = 2, KEY_MOD_SHIFT = 4 }; /* shift: with named keys alone */

struct key {
	uint32_t code; /* a code point, 0 when it has a name; a lower-case letter under KEY_MOD_CTRL */
	uint8_t name;  /* enum key_name */
	uint8_t mods;
};

#define CHORD_MAX 4 /* keys in a sequence */
#define CHORD_TEXT_MAX 64

struct chord {
	struct key at[CHORD_MAX];
	size_t len;
};

struct key key_char(uint32_t code);
struct key key_ctrl(char letter); /* any case */
struct key key_named(enum key_name name, unsigned mods);
bool key_eq(struct key a, struct key b);

/* The code point of a key that is typed text; 0 for every other. */
uint32_t key_text(struct key key);

/* A whole sequence of 1 to CHORD_MAX keys. The error says what was found and what was expected. */
int chord_parse(const char *text, struct chord *chord, struct err *err);

/* The text that chord_parse would read back. */
void key_format(struct key key, char *out, size_t size);
void chord_format(const struct key *keys, size_t len, char *out, size_t size);

#endif
