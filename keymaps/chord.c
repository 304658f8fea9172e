#include "keymaps/chord.h"

#include "core/base/utf8.h"

#define KEY_EXPECTED "expected keys like j, gi, ^X, <Enter> or <C-Left>"

/* Names as they are written; what follows the first of each key is read but not printed. */
static const struct {
	const char *text;
	uint8_t name;
	uint8_t mods;
	uint32_t code;
} names[] = {
        {"Enter", KEYNAME_ENTER, 0, 0},
        {"Return", KEYNAME_ENTER, 0, 0},
        {"Esc", KEYNAME_ESC, 0, 0},
        {"Tab", KEYNAME_TAB, 0, 0},
        {"Space", KEYNAME_NONE, 0, ' '},
        {"lt", KEYNAME_NONE, 0, '<'},
        {"Caret", KEYNAME_NONE, 0, '^'},
        {"Up", KEYNAME_UP, 0, 0},
        {"Down", KEYNAME_DOWN, 0, 0},
        {"Left", KEYNAME_LEFT, 0, 0},
        {"Right", KEYNAME_RIGHT, 0, 0},
        {"PgUp", KEYNAME_PGUP, 0, 0},
        {"PgDn", KEYNAME_PGDN, 0, 0},
        {"Home", KEYNAME_HOME, 0, 0},
        {"End", KEYNAME_END, 0, 0},
        {"Insert", KEYNAME_INSERT, 0, 0},
        {"Delete", KEYNAME_DELETE, 0, 0},
        {"Backspace", KEYNAME_BACKSPACE, 0, 0},
};

struct key key_char(uint32_t code)
{
	return (struct key){.code = code};
}

struct key key_ctrl(char letter)
{
	if (letter >= 'A' && letter <= 'Z')
		letter = (char)(letter - 'A' + 'a');
	return (struct key){.code = (unsigned char)letter, .mods = KEY_MOD_CTRL};
}

struct key key_named(enum key_name name, unsigned mods)
{
	return (struct key){.name = (uint8_t)name, .mods = (uint8_t)mods};
}

bool key_eq(struct key a, struct key b)
{
	return a.code == b.code && a.name == b.name && a.mods == b.mods;
}

uint32_t key_text(struct key key)
{
	return key.name == KEYNAME_NONE && !key.mods && key.code >= ' ' ? key.code : 0;
}

/* --- reading */

/* What these letters under Control send cannot be told from another key. */
static struct key ctrl_key(uint32_t letter)
{
	struct key key = key_ctrl((char)letter);
	switch (key.code) {
	case 'i': return key_named(KEYNAME_TAB, 0);
	case 'm': return key_named(KEYNAME_ENTER, 0);
	case '[': return key_named(KEYNAME_ESC, 0);
	case '?': return key_named(KEYNAME_BACKSPACE, 0);
	default: return key;
	}
}

static bool may_be_ctrl(uint32_t code)
{
	return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
	       (code && code < 0x80 && strchr("[]\\_?@", (int)code));
}

static bool function_key(const char *text, size_t len, struct key *key)
{
	int number = 0;
	if (len < 2 || len > 3 || (text[0] != 'F' && text[0] != 'f'))
		return false;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	if (number < 1 || number > 12 || text[1] == '0')
		return false;
	*key = key_named((enum key_name)(KEYNAME_F1 + number - 1), 0);
	return true;
}

static bool base_key(const char *text, size_t len, struct key *key)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strlen(names[i].text) == len && str_icmp_n(names[i].text, text, len) == 0) {
			*key = (struct key){.code = names[i].code, .name = names[i].name};
			return true;
		}
	}
	if (function_key(text, len, key))
		return true;
	uint32_t code;
	if (!len || utf8_decode(text, len, &code) != len || utf8_is_hidden(code) || code == UTF8_REPLACEMENT)
		return false;
	*key = key_char(code);
	return true;
}

/* What stands between the angle brackets. */
static bool bracket_key(const char *text, size_t len, struct key *key)
{
	unsigned mods = 0;
	for (; len > 2 && text[1] == '-'; text += 2, len -= 2) {
		unsigned mod = text[0] == 'C'   ? KEY_MOD_CTRL
		               : text[0] == 'A' ? KEY_MOD_ALT
		               : text[0] == 'S' ? KEY_MOD_SHIFT
		                                : 0;
		if (!mod || (mods & mod))
			return false;
		mods |= mod;
	}
	if (!base_key(text, len, key))
		return false;
	if (key->name == KEYNAME_NONE && (mods & KEY_MOD_SHIFT))
		return false;
	if (key->name == KEYNAME_NONE && (mods & KEY_MOD_CTRL)) {
		if (!may_be_ctrl(key->code))
			return false;
		*key = ctrl_key(key->code);
		mods &= ~(unsigned)KEY_MOD_CTRL;
	}
	key->mods |= (uint8_t)mods;
	return true;
}

/* The next key of a text; the bytes it took, 0 when it is none. */
static size_t take_key(const char *text, struct key *key)
{
	size_t len = strlen(text);
	if (text[0] == '<') {
		/* `>` itself may be the key: <C->> is none, but <A->> is. */
		const char *close = strchr(text + 1, '>');
		if (close && close[1] == '>' && close[-1] == '-')
			close++;
		return close && bracket_key(text + 1, (size_t)(close - text - 1), key) ? (size_t)(close - text) + 1 : 0;
	}
	if (text[0] == '^') {
		if (!may_be_ctrl((unsigned char)text[1]))
			return 0;
		*key = ctrl_key((unsigned char)text[1]);
		return 2;
	}
	uint32_t code;
	size_t n = utf8_decode(text, len, &code);
	if (code == UTF8_REPLACEMENT || code == ' ' || utf8_is_hidden(code))
		return 0;
	*key = key_char(code);
	return n;
}

int chord_parse(const char *text, struct chord *chord, struct err *err)
{
	struct chord parsed = {.len = 0};
	const char *p = text;
	if (!*p)
		return err_set(err, ERR_CONFIG, "found no keys, " KEY_EXPECTED);
	while (*p) {
		struct key key = {0};
		size_t n = take_key(p, &key);
		if (!n)
			return err_set(err, ERR_CONFIG, "found \"%.40s\", " KEY_EXPECTED, p);
		if (parsed.len == CHORD_MAX)
			return err_set(err, ERR_CONFIG, "found more than %d keys in \"%.40s\", expected 1 to %d",
			        CHORD_MAX, text, CHORD_MAX);
		parsed.at[parsed.len++] = key;
		p += n;
	}
	*chord = parsed;
	return 0;
}

/* --- writing */

static void base_format(struct key key, struct str *out, bool *bracketed)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (names[i].name == key.name && names[i].code == key.code) {
			str_adds(out, names[i].text);
			*bracketed = true;
			return;
		}
	}
	if (key.name >= KEYNAME_F1 && key.name <= KEYNAME_F12) {
		str_addf(out, "F%d", key.name - KEYNAME_F1 + 1);
		*bracketed = true;
		return;
	}
	char bytes[4];
	str_add(out, bytes, utf8_encode(key.code, bytes));
}

static void add_key(struct key key, struct str *out)
{
	bool bracketed = (key.mods & (KEY_MOD_ALT | KEY_MOD_SHIFT)) != 0;
	struct str base = STR_INIT;
	base_format(key, &base, &bracketed);
	if (!bracketed && (key.mods & KEY_MOD_CTRL))
		str_addf(
		        out, "^%c", key.code >= 'a' && key.code <= 'z' ? (char)(key.code - 'a' + 'A') : (char)key.code);
	else if (!bracketed)
		str_adds(out, base.p);
	else
		str_addf(out, "<%s%s%s%s>", key.mods & KEY_MOD_CTRL ? "C-" : "", key.mods & KEY_MOD_ALT ? "A-" : "",
		        key.mods & KEY_MOD_SHIFT ? "S-" : "", base.p);
	str_release(&base);
}

void chord_format(const struct key *keys, size_t len, char *out, size_t size)
{
	struct str text = STR_INIT;
	for (size_t i = 0; i < len; i++)
		add_key(keys[i], &text);
	str_copy(out, size, text.p);
	str_release(&text);
}

void key_format(struct key key, char *out, size_t size)
{
	chord_format(&key, 1, out, size);
}
