#include "tests/lib/glass.h"

#include "core/base/utf8.h"
#include "core/text/cells.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

enum { MARKS_MAX = 4, PARAMETERS_MAX = 40, SHOWN_MAX = 32 };

/* --- what may be sent: each returns the bytes of what stands there, 0 when it may not */

/* marks: how many stand on the letter before. */
static size_t text_at(const char *p, size_t len, int *marks)
{
	uint32_t cp;
	unsigned char c = (unsigned char)*p;
	if (c >= 0x20 && c < 0x7f) {
		*marks = 0;
		return 1;
	}
	size_t n = utf8_decode(p, len, &cp);
	if (c < 0x80 || !utf8_valid(p, n) || utf8_is_hidden(cp))
		return 0;
	int width = wcwidth((wchar_t)cp);
	*marks = width > 0 ? 0 : *marks + 1;
	return width >= 0 && *marks <= MARKS_MAX ? n : 0;
}

static bool is_mode(const char *parameters)
{
	static const char *const modes[] = {
	        "?1", "?7", "?12", "?25", "?1049", "?2004", "?1000", "?1006", "4", "34", "?12;25", "?7;25", NULL};
	for (const char *const *mode = modes; *mode; mode++)
		if (str_eq(parameters, *mode))
			return true;
	return false;
}

static bool is_one_of(const char *text, const char *a, const char *b, const char *c)
{
	return str_eq(text, a) || str_eq(text, b) || str_eq(text, c);
}

static size_t csi_at(const char *p, size_t len)
{
	char parameters[PARAMETERS_MAX + 1];
	size_t n = 2, count = 0;
	while (n < len && count < PARAMETERS_MAX && (isdigit((unsigned char)p[n]) || strchr(";:?", p[n])))
		parameters[count++] = p[n++];
	parameters[count] = '\0';
	if (n >= len)
		return 0;
	bool plain = !strchr(parameters, '?') && !strchr(parameters, ':');
	switch (p[n]) {
	case 'm': return strchr(parameters, '?') ? 0 : n + 1;
	case 'h':
	case 'l': return is_mode(parameters) ? n + 1 : 0;
	case 'c': return is_one_of(parameters, "?0", "?1", "?8") ? n + 1 : 0; /* the console's cursor */
	case 't':                                                             /* the title is kept, or comes back */
		return is_one_of(parameters, "22;0;0", "23;0;0", "22;2") || str_eq(parameters, "23;2") ? n + 1 : 0;
	case 'H':
	case 'r': return plain ? n + 1 : 0;
	default: return plain && !strchr(parameters, ';') && strchr("ABCDGJKLMPSTX@d", p[n]) ? n + 1 : 0;
	}
}

static size_t base64_at(const char *p, size_t len)
{
	size_t n = 0;
	while (n < len && (isalnum((unsigned char)p[n]) || strchr("+/=", p[n])))
		n++;
	return n;
}

/* An operating system command to the bell that ends it. */
static size_t osc_at(const char *p, size_t len)
{
	static const char *const heads[] = {"\033]2;", "\033]9;", "\033]777;notify;curlew;", "\033]52;c;"};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		size_t n = strlen(heads[i]);
		int marks = 0;
		if (len < n || memcmp(p, heads[i], n) != 0)
			continue;
		if (i == 3)
			n += base64_at(p + n, len - n);
		for (size_t one; i < 3 && n < len && (one = text_at(p + n, len - n, &marks)) > 0;)
			n += one;
		return n < len && p[n] == '\a' ? n + 1 : 0;
	}
	return 0;
}

/* … or wrapped for tmux or screen, to the string's end. */
static size_t wrapped_at(const char *p, size_t len)
{
	static const char tmux[] = "\033Ptmux;\033";
	size_t n = len >= sizeof tmux - 1 && memcmp(p, tmux, sizeof tmux - 1) == 0 ? sizeof tmux - 1 : 2;
	size_t inner = osc_at(p + n, len - n);
	if (!inner && n == 2 && len > 3 && p[n] == '\033' && p[n + 1] == '[')
		inner = csi_at(p + n, len - n); /* the title's stack */
	n += inner;
	return inner && len - n >= 2 && memcmp(p + n, "\033\\", 2) == 0 ? n + 2 : 0;
}

/* The colours that the terminal was born with: curses sends it at the start (terminfo: oc). */
static size_t own_colours_at(const char *p, size_t len)
{
	if (len >= 6 && memcmp(p, "\033]104\a", 6) == 0)
		return 6;
	return len >= 3 && memcmp(p, "\033]R", 3) == 0 ? 3 : 0;
}

/* What scrolls is set, and the cursor stays: "Esc 7 Esc [ 6 ; 16 r Esc 8". */
static size_t scroll_region_at(const char *p, size_t len)
{
	size_t n = len > 4 && p[2] == '\033' && p[3] == '[' ? csi_at(p + 2, len - 2) : 0;
	bool whole = n > 0 && p[1 + n] == 'r' && len >= n + 4 && memcmp(p + 2 + n, "\0338", 2) == 0;
	return whole ? n + 4 : 0;
}

static size_t escape_at(const char *p, size_t len, bool extras)
{
	if (len < 2)
		return 0;
	switch (p[1]) {
	case '[': return csi_at(p, len);
	case '(':
	case ')': return len > 2 && strchr("B0", p[2]) && p[2] ? 3 : 0;
	case '7': return scroll_region_at(p, len);
	case '=':
	case '>':
	case 'M': return 2;
	case ']': return own_colours_at(p, len) || !extras ? own_colours_at(p, len) : osc_at(p, len);
	case 'P': return extras ? wrapped_at(p, len) : 0;
	default: return 0;
	}
}

bool glass_may_be_sent(const char *bytes, size_t len, bool extras, struct str *why)
{
	int marks = MARKS_MAX; /* none without a letter */
	for (size_t at = 0; at < len;) {
		size_t n = 0;
		if (bytes[at] == '\033')
			n = escape_at(bytes + at, len - at, extras);
		else if (strchr("\r\n\b\t\017", bytes[at]) && bytes[at])
			n = 1;
		else
			n = text_at(bytes + at, len - at, &marks);
		if (!n) {
			str_addf(why, "at %zu of %zu: ", at, len);
			for (size_t i = at; i < len && i < at + SHOWN_MAX; i++)
				str_addf(why, isprint((unsigned char)bytes[i]) ? "%c" : "\\%03o",
				        (unsigned char)bytes[i]);
			return false;
		}
		at += n;
	}
	return true;
}

/* --- what is shown */

static bool is_blank(const VTermScreenCell *cell)
{
	return !cell->chars[0] || (cell->chars[0] == ' ' && !cell->chars[1]);
}

static bool shows_cell(const VTermScreenCell *shown, const struct cell *drawn)
{
	enum cells_doubt doubt = cells_doubt(drawn->cp[0]);
	if (drawn->cp[0] == ' ' && !drawn->cp[1])
		return is_blank(shown);
	if (doubt == CELLS_FEWER && is_blank(shown))
		return true;
	if (doubt == CELLS_MORE && shown->chars[0] == UTF8_REPLACEMENT)
		return true;
	bool astray = false; /* a mark that stands in a cell of its own takes those after it along */
	for (int i = 0, j = 0; i < CELL_CODE_POINTS && drawn->cp[i]; i++) {
		astray |= i > 0 && cells_doubt(drawn->cp[i]) == CELLS_MORE;
		if (i == 0 && drawn->cp[0] == ' ' && is_blank(shown)) /* its mark had no room */
			continue;
		if (j < VTERM_MAX_CHARS_PER_CELL && shown->chars[j] == drawn->cp[i])
			j++;
		else if (!astray)
			return false;
	}
	return true;
}

/* tui/term/paint.c leaves it out on some terminals: a wide one before the last corner. */
static bool may_be_left_out(const struct frame *frame, int row, int col, const struct cell *drawn)
{
	return drawn->width == 2 && row == frame->rows - 1 && col == frame->cols - 3;
}

bool glass_shows(VTerm *vterm, const struct frame *frame, struct str *why)
{
	VTermScreen *screen = vterm_obtain_screen(vterm);
	for (int row = 0; row < frame->rows; row++)
		for (int col = 0; col < frame->cols; col++) {
			const struct cell *drawn = &frame->cells[(size_t)row * (size_t)frame->cols + (size_t)col];
			VTermScreenCell shown;
			if (!drawn->width) /* the right half of the one before */
				continue;
			vterm_screen_get_cell(screen, (VTermPos){.row = row, .col = col}, &shown);
			if (shows_cell(&shown, drawn))
				continue;
			if (may_be_left_out(frame, row, col, drawn) && is_blank(&shown))
				continue;
			str_addf(why, "row %d, column %d: U+%04X U+%04X is drawn, U+%04X U+%04X shown", row, col,
			        (unsigned)drawn->cp[0], (unsigned)drawn->cp[1], (unsigned)shown.chars[0],
			        (unsigned)shown.chars[1]);
			return false;
		}
	VTermPos cursor;
	vterm_state_get_cursorpos(vterm_obtain_state(vterm), &cursor);
	if (frame->cursor_visible && (cursor.row != frame->cursor_row || cursor.col != frame->cursor_col)) {
		str_addf(why, "the cursor is at %d,%d, not %d,%d", cursor.row, cursor.col, frame->cursor_row,
		        frame->cursor_col);
		return false;
	}
	return true;
}
