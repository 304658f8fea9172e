/* Theme files: a line a style. */
#include "tui/view/theme.h"

#include "core/base/str.h"
#include "core/base/utf8.h"

#include <string.h>

enum { WORD_MAX = 40, PALETTE = 256 };

struct reader {
	struct theme *theme;
	struct problems *problems;
	const char *file;
	int line;
	int said[STYLE_COUNT]; /* the line that says how a style looks; 0: none yet */
	bool any;
};

static const char *const style_words[STYLE_COUNT] = {
#define X(name, word, help) word,
#include "tui/view/style.def"
#undef X
};

static const char *const colour_words[] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

static const struct {
	const char *word;
	unsigned attr;
} attr_words[] = {{"bold", LOOK_BOLD}, {"dim", LOOK_DIM}, {"reverse", LOOK_REVERSE}, {"underline", LOOK_UNDERLINE}};

/* --- words */

/* The next word of *text in out, cut to its size; false at the end. */
static bool next_word(const char **text, char out[WORD_MAX])
{
	const char *start = *text + strspn(*text, " \t");
	size_t len = strcspn(start, " \t"), kept = len < WORD_MAX - 1 ? len : WORD_MAX - 1;
	memcpy(out, start, kept);
	out[kept] = '\0';
	*text = start + len;
	return len > 0;
}

static unsigned find_attr(const char *word)
{
	for (size_t i = 0; i < sizeof attr_words / sizeof *attr_words; i++)
		if (str_eq(attr_words[i].word, word))
			return attr_words[i].attr;
	return 0;
}

static bool rgb_colour(const char *digits, int32_t *colour)
{
	int32_t value = 0;
	if (strlen(digits) != 6)
		return false;
	for (; *digits; digits++) {
		static const char hex[] = "0123456789abcdef0123456789ABCDEF";
		const char *at = strchr(hex, *digits);
		if (!at)
			return false;
		value = value * 16 + (int32_t)(at - hex) % 16;
	}
	*colour = LOOK_RGB | value;
	return true;
}

static bool find_colour(const char *word, int32_t *colour)
{
	static const char bright[] = "bright-";
	bool is_bright = str_starts(word, bright);
	const char *base = is_bright ? word + sizeof bright - 1 : word;
	int64_t number;
	for (size_t i = 0; i < sizeof colour_words / sizeof *colour_words; i++) {
		if (str_eq(colour_words[i], base)) {
			*colour = (int32_t)i + (is_bright ? 8 : 0);
			return true;
		}
	}
	if (str_eq(word, "default")) {
		*colour = -1;
		return true;
	}
	if (*word == '#')
		return rgb_colour(word + 1, colour);
	if (!parse_i64(word, &number) || number < 0 || number >= PALETTE)
		return false;
	*colour = (int32_t)number;
	return true;
}

/* --- lines */

static int find_style(struct reader *r, const char *word)
{
	for (int i = 0; i < (int)STYLE_COUNT; i++)
		if (str_eq(style_words[i], word))
			return i;
	const char *meant = suggest_word(word, style_words, STYLE_COUNT);
	problems_error(r->problems, r->file, r->line, "found \"%.40s\", expected a style%s%s%s", word,
	        meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
	return -1;
}

static bool read_look(struct reader *r, const char *rest, struct look *look)
{
	char word[WORD_MAX];
	bool has_fg = false;
	*look = (struct look){-1, -1, 0};
	while (next_word(&rest, word)) {
		unsigned attr = find_attr(word);
		bool on = str_eq(word, "on");
		if (on && !next_word(&rest, word))
			str_copy(word, sizeof word, "the end of the line");
		look->attrs |= attr;
		if (attr || (on ? find_colour(word, &look->bg) : !has_fg && find_colour(word, &look->fg))) {
			has_fg |= !attr && !on;
			continue;
		}
		problems_error(r->problems, r->file, r->line,
		        "found \"%s\", expected [COLOUR] [on COLOUR] [bold] [dim] [reverse] [underline]; a COLOUR is "
		        "red, bright-red, default, 0 to 255 or #rrggbb",
		        word);
		return false;
	}
	return true;
}

static void read_style(struct reader *r, const char *word, const char *rest)
{
	struct look look;
	int style = find_style(r, word);
	if (style < 0 || !read_look(r, rest, &look))
		return;
	if (r->said[style])
		problems_warn(r->problems, r->file, r->line, "found %s again (first in line %d); this one counts", word,
		        r->said[style]);
	r->said[style] = r->line;
	r->theme->looks[style] = look;
}

static void read_include(struct reader *r, const char *rest)
{
	char name[WORD_MAX], more[WORD_MAX];
	bool named = next_word(&rest, name) && !next_word(&rest, more);
	const struct theme *found = named ? theme_find(name) : NULL;
	if (!found)
		problems_error(r->problems, r->file, r->line,
		        "found an include of \"%s\", expected default, mono or high-contrast", named ? name : "");
	else if (r->any)
		problems_error(r->problems, r->file, r->line, "found an include after other lines, expected it first");
	else
		memcpy(r->theme->looks, found->looks, sizeof found->looks);
}

static void read_line(struct reader *r, const char *line)
{
	char word[WORD_MAX];
	const char *rest = line, *equals = strchr(line, '=');
	if (!next_word(&rest, word) || *word == '#')
		return;
	if (equals) {
		struct str name = STR_INIT;
		str_add(&name, line, (size_t)(equals - line));
		str_trim(&name);
		read_style(r, name.p, equals + 1);
		str_release(&name);
	} else if (str_eq(word, "include")) {
		read_include(r, rest);
	} else {
		problems_error(r->problems, r->file, r->line,
		        "found \"%s\", expected STYLE = LOOK, include or a comment", word);
	}
	r->any = true;
}

static bool is_text(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return false;
	return utf8_valid(line, len);
}

static void read_text(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len;
	struct str line = STR_INIT;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		str_clear(&line);
		str_add(&line, text, (size_t)((newline ? newline : end) - text));
		str_trim(&line);
		r->line++;
		if (is_text(line.p, line.len))
			read_line(r, line.p);
		else
			problems_error(r->problems, r->file, r->line,
			        "found control characters or bytes that are no UTF-8, expected text");
		text = newline ? newline + 1 : end;
	}
	str_release(&line);
}

int theme_parse(
        struct theme *theme, const char *text, size_t len, const char *file, struct problems *problems, struct err *err)
{
	struct reader r = {.theme = theme, .problems = problems, .file = file};
	for (int i = 0; i < (int)STYLE_COUNT; i++)
		theme->looks[i] = (struct look){-1, -1, 0};
	read_text(&r, text, len);
	return problems_result(problems, err);
}
