#include "tests/lib/repertoire.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"

#include <ctype.h>
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

enum { SGR_FLAGS = 9, DIGITS_MAX = 6, SHOWN_MAX = 24 };

struct repertoire {
	bool utf8;
	VEC(char *) sequences; /* heap; in terminfo's notation, without conditions */
};

static void add(struct repertoire *r, const char *sequence)
{
	if (*sequence)
		vec_push(&r->sequences, mem_strdup(sequence));
}

/* A parameter that decides what is sent: every value it can have is tried. */
static void add_expanded(struct repertoire *r, const char *name, char *text)
{
	if (strcmp(name, "sgr") == 0) {
		for (int flags = 0; flags < 1 << SGR_FLAGS; flags++) {
			int f[SGR_FLAGS];
			for (int i = 0; i < SGR_FLAGS; i++)
				f[i] = flags >> i & 1;
			add(r, tparm(text, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]));
		}
		return;
	}
	for (int colour = 0; colour < (max_colors > 0 ? max_colors : 1); colour++)
		add(r, tparm(text, colour, 0, 0, 0, 0, 0, 0, 0, 0));
}

struct repertoire *repertoire_new(const char *type, bool utf8)
{
	int found;
	TERMINAL *before = cur_term;
	if (setupterm(type, STDOUT_FILENO, &found) != OK)
		return NULL;
	struct repertoire *r = mem_alloc(sizeof *r);
	*r = (struct repertoire){.utf8 = utf8};
	for (const char *const *name = (const char *const *)strnames; *name; name++) {
		char *text = tigetstr((char *)(uintptr_t)*name);
		if (**name == 'k' || strcmp(*name, "acsc") == 0 || !text || text == (char *)-1)
			continue;
		if (strstr(text, "%?"))
			add_expanded(r, *name, text);
		else
			add(r, text);
	}
	if (tigetflag("AX") == 1) { /* "understands ANSI set default fg/bg color", user_caps(5) */
		add(r, "\033[39m");
		add(r, "\033[49m");
	}
	del_curterm(cur_term);
	set_curterm(before);
	return r;
}

void repertoire_free(struct repertoire *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->sequences.len; i++)
		free(r->sequences.at[i]);
	vec_release(&r->sequences);
	free(r);
}

void repertoire_allow(struct repertoire *r, const char *sequence)
{
	add(r, sequence);
}

/* --- matching */

/* A character beyond ASCII that is printed; its bytes, 0 for none. */
static size_t beyond_ascii(const char *bytes, size_t len)
{
	uint32_t cp;
	size_t n = len ? utf8_decode(bytes, len, &cp) : 0;
	return n > 1 && cp >= 0xa0 ? n : 0;
}

static size_t digits(const char *bytes, size_t len)
{
	size_t n = 0;
	while (n < len && n < DIGITS_MAX && isdigit((unsigned char)bytes[n]))
		n++;
	return n;
}

static size_t text_run(const char *bytes, size_t len)
{
	size_t n = 0;
	while (n < len && (unsigned char)bytes[n] >= 0x20 && bytes[n] != 0x7f)
		n++;
	return n;
}

/* Behind the `%…` at *p: false when what it sends is not there; *used counts what is. */
static bool parameter(const char **p, const char *bytes, size_t len, size_t *used)
{
	const char *at = *p + 1;
	size_t n = 0;
	at += strspn(at, "0123456789");
	switch (*at) {
	case 'd': n = digits(bytes, len); break;
	case 'c':
		n = len && (unsigned char)*bytes >= 0x20
		            ? 1 + (beyond_ascii(bytes, len) ? beyond_ascii(bytes, len) - 1 : 0)
		            : 0;
		break;
	case 's': n = text_run(bytes, len); break;
	case '%': n = len && *bytes == '%'; break;
	case '{':
		at += strcspn(at, "}");
		*p = at + 1;
		return true;
	case '\'': *p = at + 3; return true;
	case 'p': *p = at + 2; return true;
	default: *p = at + 1; return true; /* arithmetic */
	}
	*used += n;
	*p = at + 1;
	return n > 0;
}

/* How many bytes the sequence covers; 0 when it does not stand there. */
static size_t covers(const char *sequence, const char *bytes, size_t len)
{
	size_t used = 0;
	for (const char *p = sequence; *p;) {
		if (p[0] == '$' && p[1] == '<') {
			p += strcspn(p, ">") + 1;
		} else if (*p == '%') {
			if (!parameter(&p, bytes + used, len - used, &used))
				return 0;
		} else if (used < len && bytes[used] == *p) {
			used++;
			p++;
		} else {
			return 0;
		}
	}
	return used;
}

static size_t longest(const struct repertoire *r, const char *bytes, size_t len);

/* "Esc [ 0 ; 1 ; 38 ; 5 ; 208 m": parameters that are known one by one, or as the three of a colour. */
static size_t many_attributes(const struct repertoire *r, const char *bytes, size_t len)
{
	size_t end = 2 + strspn(bytes + 2, "0123456789;"), at = 2;
	if (end >= len || bytes[end] != 'm')
		return 0;
	while (at < end) {
		size_t first = strcspn(bytes + at, ";m"), three = first;
		for (int i = 0; i < 2 && bytes[at + three] == ';'; i++)
			three += 1 + strcspn(bytes + at + three + 1, ";m");
		struct str one = STR_INIT;
		str_addf(&one, "\033[%.*sm", (int)three, bytes + at);
		bool known = str_starts(one.p, "\033[38;5;") || str_starts(one.p, "\033[48;5;");
		known = known && longest(r, one.p, one.len) == one.len;
		size_t taken = three;
		if (!known) {
			taken = first;
			str_clear(&one);
			str_addf(&one, "\033[%.*sm", (int)first, bytes + at);
			known = str_eq(one.p, "\033[0m") || longest(r, one.p, one.len) == one.len;
		}
		str_release(&one);
		if (!known)
			return 0;
		at += taken + 1;
	}
	return end + 1;
}

static size_t longest(const struct repertoire *r, const char *bytes, size_t len)
{
	size_t most = 0;
	for (size_t i = 0; i < r->sequences.len; i++) {
		size_t n = covers(r->sequences.at[i], bytes, len);
		most = n > most ? n : most;
	}
	return most;
}

bool repertoire_holds(const struct repertoire *r, const char *bytes, size_t len, struct str *why)
{
	for (size_t at = 0; at < len;) {
		unsigned char c = (unsigned char)bytes[at];
		size_t n = longest(r, bytes + at, len - at);
		if (!n && c == 033 && at + 2 < len && bytes[at + 1] == '[')
			n = many_attributes(r, bytes + at, len - at);
		if (!n && c >= 0x20 && c < 0x7f)
			n = 1;
		if (!n && r->utf8)
			n = beyond_ascii(bytes + at, len - at);
		if (!n) {
			for (size_t i = at; i < len && i < at + SHOWN_MAX; i++)
				str_addf(why, isprint((unsigned char)bytes[i]) ? "%c" : "\\%03o",
				        (unsigned char)bytes[i]);
			return false;
		}
		at += n;
	}
	return true;
}
