#include "tui/term/wire.h"

#include "core/text/cells.h"
#include "core/text/utf8.h"

#include <string.h>
#include <wchar.h>

enum { REPEATS_MAX = 1024, PARAMETER_MAX = 1000000, ATTRS = 10 };
enum { DIM_AND_BOLD = 1 << 1 | 1 << 2 };
/* What is seen of a blank, too: underlined, blinking, reversed, crossed out. */
enum { ON_BLANKS = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 9 };

void wire_init(struct wire *wire, const char *sgr0, bool moves)
{
	*wire = (struct wire){
	        .ansi = moves && (strstr(sgr0, "\033[m") || strstr(sgr0, "\033[0m")), .col = -1, .kept = -1};
}

void wire_size(struct wire *wire, int cols, bool stays)
{
	wire->cols = cols;
	wire->stays = stays;
}

void wire_forget(struct wire *wire)
{
	wire->known = wire->charset = false;
	wire->col = wire->kept = -1;
}

/* --- looks */

static bool same_look(const struct wire_look *a, const struct wire_look *b)
{
	return a->attrs == b->attrs && str_eq(a->fg, b->fg) && str_eq(a->bg, b->bg);
}

static bool same_blank(const struct wire_look *a, const struct wire_look *b)
{
	if ((a->attrs | b->attrs) & ON_BLANKS)
		return same_look(a, b);
	return str_eq(a->bg, b->bg);
}

static void add_parameter(struct str *out, const char *parameter)
{
	if (*parameter)
		str_addf(out, "%s%s", out->len ? ";" : "", parameter);
}

static void add_attrs(struct str *out, unsigned attrs)
{
	for (int i = 1; i < ATTRS; i++)
		if (attrs & 1u << i)
			str_addf(out, "%s%d", out->len ? ";" : "", i);
}

/* From nothing to the look. */
static void from_plain(const struct wire_look *look, struct str *out)
{
	add_attrs(out, look->attrs);
	add_parameter(out, look->fg);
	add_parameter(out, look->bg);
	if (out->len)
		str_insert(out, 0, "0;", 2);
}

static void colour_change(struct str *out, const char *has, const char *wants, const char *own)
{
	if (!str_eq(has, wants))
		add_parameter(out, *wants ? wants : own);
}

/* The parameters that lead from what the terminal has to what is wanted. */
static void difference(const struct wire *wire, struct str *out)
{
	const struct wire_look *has = &wire->has, *wants = &wire->wants;
	from_plain(wants, out);
	bool loses = (has->attrs & ~wants->attrs) != 0;
	bool loses_colour = (*has->fg && !*wants->fg) || (*has->bg && !*wants->bg);
	if (!wire->known || loses || (loses_colour && !wire->own_fg))
		return;
	struct str less = STR_INIT;
	add_attrs(&less, wants->attrs & ~has->attrs);
	colour_change(&less, has->fg, wants->fg, "39");
	colour_change(&less, has->bg, wants->bg, "49");
	if (less.len < out->len) {
		str_clear(out);
		str_add(out, less.p, less.len);
	}
	str_release(&less);
}

static void bring(struct wire *wire, struct str *out)
{
	if (wire->known && same_look(&wire->has, &wire->wants))
		return;
	struct str parameters = STR_INIT;
	difference(wire, &parameters);
	str_addf(out, "\033[%sm", parameters.p);
	str_release(&parameters);
	wire->has = wire->wants;
	wire->known = true;
}

static void bring_for_blank(struct wire *wire, struct str *out)
{
	if (!wire->known || !same_blank(&wire->has, &wire->wants))
		bring(wire, out);
}

/* --- SGR as curses writes it */

enum { PARTS_MAX = 16 };

/* The parameters of one SGR: each a piece of the bytes, from at[i] to at[i + 1] - 1. */
struct parameters {
	const char *at[PARTS_MAX + 1];
	int count;
};

static int number_of(const struct parameters *parameters, int i)
{
	int number = 0;
	const char *p = parameters->at[i], *end = parameters->at[i + 1] - 1;
	for (; p < end && *p >= '0' && *p <= '9' && number < PARAMETER_MAX; p++)
		number = number * 10 + (*p - '0');
	return p == end ? number : -1;
}

static bool split(const char *p, const char *end, struct parameters *out)
{
	out->count = 0;
	out->at[0] = p;
	for (; p <= end; p++) {
		if (p < end && *p != ';')
			continue;
		if (out->count == PARTS_MAX)
			return false;
		out->at[++out->count] = p + 1;
	}
	return true;
}

/* Parameters i to i + count - 1 as they stand. */
static bool take_colour(const struct parameters *parameters, int i, int count, char out[WIRE_COLOUR])
{
	if (i + count > parameters->count)
		return false;
	size_t len = (size_t)(parameters->at[i + count] - 1 - parameters->at[i]);
	if (len >= WIRE_COLOUR)
		return false;
	memcpy(out, parameters->at[i], len);
	out[len] = '\0';
	return true;
}

/* 38 and 48: "38;5;208", "38;2;255;135;0", or either with colons in one. Returns how many parameters; 0: not known. */
static int many_colours(const struct parameters *parameters, int i, struct wire_look *look)
{
	const char *start = parameters->at[i];
	size_t len = (size_t)(parameters->at[i + 1] - 1 - start);
	bool colons = memchr(start, ':', len) != NULL;
	if (len < 2 || (start[0] != '3' && start[0] != '4') || start[1] != '8' || (len > 2 && start[2] != ':'))
		return 0;
	int kind = !colons && i + 1 < parameters->count ? number_of(parameters, i + 1) : 0;
	int count = colons ? 1 : kind == 5 ? 3 : kind == 2 ? 5 : 0;
	return count && take_colour(parameters, i, count, start[0] == '3' ? look->fg : look->bg) ? count : 0;
}

static bool one_colour(const struct parameters *parameters, int i, int number, struct wire_look *look)
{
	if ((number >= 30 && number <= 37) || (number >= 90 && number <= 97))
		return take_colour(parameters, i, 1, look->fg);
	if ((number >= 40 && number <= 47) || (number >= 100 && number <= 107))
		return take_colour(parameters, i, 1, look->bg);
	return false;
}

static bool take_one(struct wire *wire, int number, struct wire_look *look)
{
	if (number == 0)
		*look = (struct wire_look){0};
	else if (number == 10)
		; /* the first font: no other is ever chosen */
	else if (number > 0 && number < ATTRS)
		look->attrs |= 1u << number;
	else if (number == 22)
		look->attrs &= ~(unsigned)DIM_AND_BOLD;
	else if (number > 22 && number < 20 + ATTRS)
		look->attrs &= ~(1u << (number - 20));
	else if (number == 39)
		look->fg[0] = '\0';
	else if (number == 49)
		look->bg[0] = '\0';
	else
		return false;
	wire->own_fg |= number == 39 || number == 49;
	return true;
}

/* False: something is in it that is not known here. */
static bool take_look(struct wire *wire, const char *p, const char *end)
{
	struct parameters parameters;
	struct wire_look look = wire->wants;
	if (!split(p, end, &parameters))
		return false;
	for (int i = 0, taken; i < parameters.count; i += taken) {
		int number = number_of(&parameters, i);
		taken = many_colours(&parameters, i, &look);
		if (!taken && !one_colour(&parameters, i, number, &look) && !take_one(wire, number, &look))
			return false;
		taken = taken ? taken : 1;
	}
	wire->wants = look;
	return true;
}

/* --- the column */

static void go_to_column(const struct wire *wire, struct str *out)
{
	str_addc(out, '\r');
	if (wire->col > 0)
		str_addf(out, "\033[%dC", wire->col);
}

static void advance(struct wire *wire, int cells)
{
	if (wire->col < 0)
		return;
	wire->col += cells;
	if (wire->cols && wire->col >= wire->cols)
		wire->col = wire->stays ? wire->cols - 1 : -1;
}

/* Before what depends on where the cursor is, or takes it elsewhere for good. */
static void settle(struct wire *wire, bool leaves, struct str *out)
{
	if (wire->doubt && wire->col >= 0 && (wire->astray || !leaves))
		go_to_column(wire, out);
	if (wire->doubt && wire->col >= 0 && wire->astray) {
		struct wire_look wanted = wire->wants;
		wire->wants = (struct wire_look){0};
		bring_for_blank(wire, out);
		str_addf(out, "%*s", wire->astray, "");
		wire->wants = wanted;
		go_to_column(wire, out);
	}
	wire->doubt = false;
	wire->astray = 0;
}

static int first_number(const char *p, int otherwise)
{
	int number = 0;
	for (; *p >= '0' && *p <= '9' && number < PARAMETER_MAX; p++)
		number = number * 10 + (*p - '0');
	return number ? number : otherwise;
}

static void column_after_csi(struct wire *wire, const char *p, const char *after)
{
	const char *second = memchr(p, ';', (size_t)(after - p));
	int back;
	switch (after[-1]) {
	case 'H':
	case 'f': wire->col = second ? first_number(second + 1, 1) - 1 : 0; break;
	case 'G':
	case '`': wire->col = first_number(p + 2, 1) - 1; break;
	case 'C': wire->col += wire->col >= 0 ? first_number(p + 2, 1) : 0; break;
	case 'D':
		back = first_number(p + 2, 1);
		wire->col = wire->col < 0 ? -1 : wire->col > back ? wire->col - back : 0;
		break;
	case 'r': wire->col = -1; break;
	case 'h':
	case 'l': wire->col = p[2] == '?' && first_number(p + 3, 0) >= 47 ? -1 : wire->col; break;
	default: break; /* what writes and erases leaves it where it is */
	}
}

static void column_after_control(struct wire *wire, const char *p, const char *after)
{
	if (*p == '\033' && after - p == 2 && p[1] == '7')
		wire->kept = wire->col;
	else if (*p == '\033' && after - p == 2 && p[1] == '8')
		wire->col = wire->kept;
	else if (*p == '\r')
		wire->col = 0;
	else if (*p == '\b' && wire->col > 0)
		wire->col--;
	else if (*p == '\t' && wire->col >= 0)
		wire->col = (wire->col / 8 + 1) * 8;
}

/* --- sequences */

/* Behind a CSI sequence; NULL when none stands there. */
static const char *after_csi(const char *p, const char *end)
{
	if (end - p < 3 || p[0] != '\033' || p[1] != '[')
		return NULL;
	for (p += 2; p < end && *p >= 0x20 && *p < 0x40; p++)
		;
	return p < end && *p >= 0x40 && *p < 0x7f ? p + 1 : NULL;
}

/* The cursor goes elsewhere, what scrolls is set, or a mode: nothing is written. */
static bool only_moves(const char *p, const char *after)
{
	enum { LAST_PLAIN_MODE = 46 }; /* xterm's 47 and 1047 to 1049 show another screen and clear it */
	if (p[2] != '?')
		return strchr("ABCDEFGHd`frhl", after[-1]) != NULL;
	int mode = 0;
	for (p += 3; *p >= '0' && *p <= '9' && mode < PARAMETER_MAX; p++)
		mode = mode * 10 + (*p - '0');
	return strchr("hlc", after[-1]) && mode <= LAST_PLAIN_MODE && p == after - 1;
}

/* Something is blanked; going home for it is part of it: "Esc [ H Esc [ 2 J" is one capability. */
static bool erases(const char *p, const char *after, const char *end)
{
	bool home = after - p == 3 && after[-1] == 'H' && end - after >= 3 && memcmp(after, "\033[", 2) == 0;
	if (home)
		return after[2] == 'J' || (end - after >= 4 && memcmp(after + 2, "2J", 2) == 0);
	return strchr("JKX", after[-1]) != NULL;
}

static void put_repeated(struct wire *wire, const char *p, const char *after, char byte, struct str *out)
{
	int times = 0;
	for (p += 2; p < after - 1 && *p >= '0' && *p <= '9' && times < REPEATS_MAX; p++)
		times = times * 10 + (*p - '0');
	for (int i = 0; i < times && i < REPEATS_MAX; i++)
		str_addc(out, byte);
	advance(wire, times);
}

static void put_csi(struct wire *wire, const char *p, const char *after, const char *end, char before, struct str *out)
{
	if (after[-1] == 'b' && before) {
		put_repeated(wire, p, after, before, out);
		return;
	}
	if (!wire->ansi) {
		str_add(out, p, (size_t)(after - p));
		return;
	}
	if (after[-1] != 'm')
		settle(wire, strchr("HfG`", after[-1]) != NULL, out);
	column_after_csi(wire, p, after);
	if (after[-1] == 'm') {
		if (take_look(wire, p + 2, after - 1))
			return;
		bring(wire, out);
		wire->known = false; /* the next look that is known is set whole */
	} else if (erases(p, after, end)) {
		bring_for_blank(wire, out);
	} else if (!only_moves(p, after)) {
		bring(wire, out);
	}
	str_add(out, p, (size_t)(after - p));
}

/* Into the plain character set: once is enough. Returns behind it, NULL when it does not stand there. */
static const char *plain_charset(struct wire *wire, const char *p, const char *end)
{
	const char *after = *p == '\017' ? p + 1 : end - p > 2 && memcmp(p, "\033(B", 3) == 0 ? p + 3 : NULL;
	if (after && !wire->charset)
		return NULL;
	return after;
}

/* Where two ways lead into it, each is gone once. */
static void note_charset(struct wire *wire, const char *p, const char *end)
{
	if (*p == '\016' || (*p == '\033' && end - p > 2 && p[1] == '(' && p[2] != 'B'))
		wire->charset = false;
	else if (*p == '\017' || (*p == '\033' && end - p > 2 && p[1] == '(' && p[2] == 'B'))
		wire->charset = true;
}

/* The cursor goes elsewhere, a character set is chosen, or what the keypad sends. */
static bool writes_nothing(const char *p, const char *after)
{
	if (*p == '\033')
		return after - p > 1 && strchr("()=>", p[1]) != NULL;
	return *p == '\r' || *p == '\b' || *p == '\017' || *p == '\a';
}

/* A character beyond ASCII, which nothing but text has. Returns behind it. */
static const char *put_character(struct wire *wire, const char *p, const char *end, struct str *out)
{
	uint32_t cp;
	const char *after = p + utf8_decode(p, (size_t)(end - p), &cp);
	int width = wcwidth((wchar_t)cp);
	enum cells_doubt doubt = cells_doubt(cp);
	if (width > 0)
		settle(wire, false, out);
	bring(wire, out);
	if (doubt == CELLS_FEWER && wire->col >= 0) {
		str_add(out, "  ", width > 1 ? 2 : 1);
		go_to_column(wire, out);
	}
	str_add(out, p, (size_t)(after - p));
	wire->doubt |= doubt != CELLS_SURE;
	wire->astray += doubt == CELLS_MORE ? 2 : 0;
	if (width > 0)
		advance(wire, width);
	return after;
}

/* A control of one byte, an escape of a few, or a character. Returns behind it. */
static const char *put_other(struct wire *wire, const char *p, const char *end, struct str *out)
{
	const char *after = plain_charset(wire, p, end);
	if (after)
		return after;
	if ((unsigned char)*p >= 0x80)
		return put_character(wire, p, end, out);
	note_charset(wire, p, end);
	after = p + 1;
	if (*p == '\033') {
		while (after < end && *after >= 0x20 && *after < 0x30)
			after++;
		after += after < end;
	}
	settle(wire, *p == '\r', out);
	if (*p >= 0x20)
		advance(wire, 1);
	else
		column_after_control(wire, p, after);
	if (*p == ' ')
		bring_for_blank(wire, out);
	else if (!writes_nothing(p, after))
		bring(wire, out);
	str_add(out, p, (size_t)(after - p));
	return after;
}

void wire_put(struct wire *wire, const char *bytes, size_t len, struct str *out)
{
	const char *end = bytes + len;
	char before = '\0'; /* the character that a repetition repeats */
	for (const char *p = bytes; p < end;) {
		const char *after = after_csi(p, end);
		if (after) {
			put_csi(wire, p, after, end, before, out);
			before = '\0';
			p = after;
		} else if (wire->ansi) {
			before = *p >= 0x20 ? *p : '\0';
			p = put_other(wire, p, end, out);
		} else {
			before = *p >= 0x20 ? *p : '\0';
			str_addc(out, *p++);
		}
	}
	settle(wire, false, out);
}

void wire_end(struct wire *wire, struct str *out)
{
	if (wire->ansi)
		bring(wire, out);
}
