#include "core/text/mdoc.h"

#include "core/base/mem.h"
#include "core/text/cells.h"

#include <ctype.h>
#include <stdio.h>

enum { BODY = 5, SUBHEAD = 3, OFFSET = 6, ARGS = 64, DEPTH = 8, COLUMNS = 6 };

enum list_kind { LIST_TAG, LIST_ENUM, LIST_COLUMN };

struct list {
	enum list_kind kind;
	bool compact;
	int indent, width; /* of the heads, and how far behind it the text stands */
	int columns[COLUMNS];
	int count; /* items, of an enumeration */
	int part;  /* the item that is open; -1 for none */
};

struct arg {
	char *text;
	bool quoted;
};

struct line {
	struct arg at[ARGS];
	int len;
};

struct reader {
	struct mdoc_page *page;
	struct err *err;
	int number; /* of the line */
	int cols, indent, hang;
	char name[64];
	struct list lists[DEPTH];
	int depth;
	int section, subsection; /* parts that are open; -1 for none */
	size_t heading_end;      /* of the text: behind the newest heading */
	int offset;              /* of what is literal */
	bool synopsis, literal;
	/* the line that is being filled, and what is not parted by a blank at its end */
	struct str filled, unit;
	int used;
	bool glue, fresh;
	/* of an item or a heading: its words, and those of them that name something; NULL elsewhere */
	struct str *head, *names;
	bool naming, optional; /* optional: in brackets, where only options name something */
};

static int wrong(struct reader *r, const char *what, const char *word)
{
	return err_set(r->err, ERR_DATA, "line %d: %s \"%.40s\"", r->number, what, word);
}

/* --- filling lines */

static int width_of(const char *text)
{
	int width = cells_width(text, strlen(text));
	for (; *text; text++)
		if (*text == MDOC_BOLD || *text == MDOC_PLAIN)
			width--;
	return width;
}

static void fill_blanks(struct reader *r, int upto)
{
	for (; r->used < upto; r->used++)
		str_addc(&r->filled, ' ');
}

static void end_line(struct reader *r)
{
	if (r->filled.len) {
		str_add(&r->page->text, r->filled.p, r->filled.len);
		str_addc(&r->page->text, '\n');
	}
	str_clear(&r->filled);
	r->used = 0;
	r->fresh = true;
}

static void end_unit(struct reader *r)
{
	int width = width_of(r->unit.p);
	if (!r->unit.len)
		return;
	if (!r->fresh && r->used + 1 + width > r->cols) {
		end_line(r);
		r->indent = r->hang ? r->hang : r->indent;
	}
	fill_blanks(r, r->fresh ? r->indent : r->used + 1);
	str_add(&r->filled, r->unit.p, r->unit.len);
	r->used += width;
	r->fresh = false;
	str_clear(&r->unit);
}

static void flush(struct reader *r)
{
	end_unit(r);
	end_line(r);
	r->glue = false;
}

/* Ends the paragraph, with an empty line behind it, but never two, and none under a heading. */
static void space(struct reader *r)
{
	struct str *text = &r->page->text;
	flush(r);
	if (text->len && !str_ends(text->p, "\n\n"))
		str_addc(text, '\n');
}

/* One word without blanks. */
static void put_word(struct reader *r, const char *word, size_t len, bool bold)
{
	if (!r->glue)
		end_unit(r);
	r->glue = false;
	if (bold)
		str_addc(&r->unit, MDOC_BOLD);
	str_add(&r->unit, word, len);
	if (bold)
		str_addc(&r->unit, MDOC_PLAIN);
}

/* --- what roff makes of characters */

static const struct {
	const char *name, *text;
} characters[] = {{"(ha", "^"}, {"(ti", "~"}, {"(ga", "`"}, {"(dq", "\""}, {"(~~", "\u2248"}, {"e", "\\"}, {"&", ""},
        {"-", "-"}, {" ", "\u00a0"}};

static int unescape(struct reader *r, const char *text, struct str *out)
{
	str_clear(out);
	while (*text) {
		size_t i = 0, count = sizeof characters / sizeof *characters;
		if (*text != '\\') {
			str_addc(out, *text++);
			continue;
		}
		while (i < count && !str_starts(text + 1, characters[i].name))
			i++;
		if (i == count)
			return wrong(r, "unknown character", text);
		str_adds(out, characters[i].text);
		text += 1 + strlen(characters[i].name);
	}
	return 0;
}

static int put_text(struct reader *r, const char *prefix, const char *text, bool bold)
{
	struct str plain = STR_INIT, all = STR_INIT;
	int result = unescape(r, text, &plain);
	str_addf(&all, "%s%s", prefix, plain.p);
	if (r->head)
		str_addf(r->head, "%s%s", r->head->len && !r->glue ? " " : "", all.p);
	for (const char *at = all.p; !result && *at;) {
		size_t blank = strspn(at, " "), len = strcspn(at + blank, " ");
		if (len)
			put_word(r, at + blank, len, bold);
		at += blank + len;
	}
	if (!result && r->names && r->naming && all.len)
		str_addf(r->names, "%s\n", all.p);
	str_release(&plain);
	str_release(&all);
	return result;
}

/* --- the words of a line */

static void split(char *text, struct line *line)
{
	line->len = 0;
	while (line->len < ARGS) {
		text += strspn(text, " \t");
		if (!*text)
			return;
		struct arg *arg = &line->at[line->len++];
		arg->quoted = *text == '"';
		text += arg->quoted;
		arg->text = text;
		text += strcspn(text, arg->quoted ? "\"" : " \t");
		if (!*text)
			return;
		*text++ = '\0';
	}
}

static const struct style {
	const char *macro;
	bool bold, names; /* names: in the head of an item, it is what that explains */
	const char *prefix, *alone;
} styles[] = {
        {"Ar", false, false, "", "file ..."},
        {"Cm", true, true, "", NULL},
        {"Dv", false, true, "", NULL},
        {"Em", false, false, "", NULL},
        {"Ev", false, true, "", NULL},
        {"Fl", true, true, "-", NULL},
        {"Ic", true, true, "", NULL},
        {"In", false, false, "", NULL},
        {"Li", false, true, "", NULL},
        {"Nm", true, false, "", ""},
        {"No", false, false, "", NULL},
        {"Pa", false, true, "", NULL},
        {"Sx", false, false, "", NULL},
        {"Sy", true, true, "", NULL},
        {"Va", false, true, "", NULL},
        {"Xr", false, false, "", NULL},
};

static const struct enclosure {
	const char *macro, *open, *close;
	bool names;
} enclosures[] = {
        {"Op", "[", "]", false},
        {"Pq", "(", ")", false},
        {"Ql", "\u2018", "\u2019", true},
        {"Sq", "\u2018", "\u2019", true},
        {"Dq", "\u201c", "\u201d", false},
};

static const struct style *find_style(const struct arg *arg)
{
	for (size_t i = 0; !arg->quoted && i < sizeof styles / sizeof *styles; i++)
		if (str_eq(styles[i].macro, arg->text))
			return &styles[i];
	return NULL;
}

static const struct enclosure *find_enclosure(const struct arg *arg)
{
	for (size_t i = 0; !arg->quoted && i < sizeof enclosures / sizeof *enclosures; i++)
		if (str_eq(enclosures[i].macro, arg->text))
			return &enclosures[i];
	return NULL;
}

static bool is_macro(const struct arg *arg)
{
	static const char *const others[] = {"Ns", "Oo", "Oc", "Po", "Pc", "Ta"};
	for (size_t i = 0; !arg->quoted && i < sizeof others / sizeof *others; i++)
		if (str_eq(others[i], arg->text))
			return true;
	return find_style(arg) || find_enclosure(arg);
}

/* What mdoc sets without a blank before it. */
static bool closes(const struct arg *arg)
{
	return arg->text[0] && !arg->text[1] && strchr(".,:;)]?!", arg->text[0]);
}

static int put_args(struct reader *r, const struct line *line, int from, int to);

static int put_plain(struct reader *r, const struct arg *arg, const char *prefix, bool bold)
{
	bool naming = r->naming;
	int result;
	if (closes(arg) || str_eq(arg->text, "|")) {
		r->glue = r->glue || closes(arg);
		r->naming = false;
		result = put_text(r, "", arg->text, false);
	} else {
		result = put_text(r, prefix, arg->text, bold);
	}
	r->naming = naming;
	return result;
}

/* An enclosure goes to the end of its line, and what closes a sentence stands behind it. */
static int put_enclosed(struct reader *r, const struct enclosure *enclosure, const struct line *line, int from, int to)
{
	int end = to;
	bool naming = r->naming, optional = r->optional;
	while (end > from && closes(&line->at[end - 1]) && !line->at[end - 1].quoted)
		end--;
	r->naming = false;
	put_text(r, "", enclosure->open, false);
	r->naming = r->names && enclosure->names && !optional;
	r->optional = optional || !enclosure->names;
	r->glue = true;
	int result = put_args(r, line, from, end);
	r->optional = optional;
	r->glue = true;
	r->naming = false;
	put_text(r, "", enclosure->close, false);
	for (; !result && end < to; end++)
		result = put_plain(r, &line->at[end], "", false);
	r->naming = naming;
	return result;
}

/* A style and its words, up to the next macro; *at is behind them then. */
static int put_styled(struct reader *r, const struct style *style, const struct line *line, int *at, int to)
{
	int result = 0, i = *at, first = i;
	bool naming = r->naming;
	r->naming = r->names && style->names && (!r->optional || *style->prefix);
	if (i == to || is_macro(&line->at[i]) || closes(&line->at[i])) {
		if (str_eq(style->macro, "Nm"))
			result = put_text(r, "", r->name, true);
		else if (style->alone || *style->prefix)
			result = put_text(r, style->prefix, str_or(style->alone, ""), style->bold);
	}
	for (; !result && i < to && !is_macro(&line->at[i]); i++) {
		char words[128];
		if (str_eq(style->macro, "Xr") && i == first + 1) {
			snprintf(words, sizeof words, "(%s)", line->at[i].text);
			r->glue = true;
			result = put_text(r, "", words, false);
		} else if (str_eq(style->macro, "In") && i == first) {
			snprintf(words, sizeof words, "<%s>", line->at[i].text);
			result = put_text(r, "", words, false);
		} else {
			result = put_plain(r, &line->at[i], style->prefix, style->bold);
		}
	}
	r->naming = naming;
	*at = i;
	return result;
}

static void next_column(struct reader *r, int *column)
{
	struct list *list = &r->lists[r->depth - 1];
	int at = list->indent;
	end_unit(r);
	*column += 1;
	for (int i = 0; i < *column && i < COLUMNS; i++)
		at += list->columns[i];
	fill_blanks(r, at);
	r->fresh = true;
	r->hang = r->indent = at;
}

static int put_args(struct reader *r, const struct line *line, int from, int to)
{
	int result = 0, column = 0;
	for (int i = from; !result && i < to;) {
		const struct arg *arg = &line->at[i++];
		const struct style *style = find_style(arg);
		const struct enclosure *enclosure = find_enclosure(arg);
		if (enclosure)
			return put_enclosed(r, enclosure, line, i, to);
		if (style) {
			result = put_styled(r, style, line, &i, to);
		} else if (!is_macro(arg)) {
			result = put_plain(r, arg, "", false);
		} else if (str_eq(arg->text, "Ns")) {
			r->glue = true;
		} else if (str_eq(arg->text, "Ta") && r->depth) {
			next_column(r, &column);
		} else {
			bool opens = arg->text[1] == 'o', option = arg->text[0] == 'O';
			r->glue = !opens;
			result = put_text(r, "", option ? opens ? "[" : "]" : opens ? "(" : ")", false);
			r->glue = opens;
			r->optional = option && opens;
		}
	}
	return result;
}

/* --- parts */

/* What follows a heading stands right under it. */
static bool under_heading(const struct reader *r)
{
	return !r->filled.len && !r->unit.len && r->page->text.len == r->heading_end;
}

static int begin_part(struct reader *r, enum mdoc_kind kind, int section)
{
	vec_push(&r->page->parts,
	        (struct mdoc_part){.kind = kind, .from = r->page->text.len, .section = section, .names = NULL});
	return (int)r->page->parts.len - 1;
}

static void end_part(struct reader *r, int *part)
{
	if (*part >= 0)
		r->page->parts.at[*part].to = r->page->text.len;
	*part = -1;
}

static int heading(struct reader *r, const struct line *line, bool sub)
{
	struct str title = STR_INIT;
	int result = 0;
	if (!under_heading(r))
		space(r);
	end_part(r, &r->subsection);
	if (!sub)
		end_part(r, &r->section);
	int part = begin_part(r, sub ? MDOC_SUBSECTION : MDOC_SECTION, sub ? r->section : -1);
	*(sub ? &r->subsection : &r->section) = part;
	r->indent = sub ? SUBHEAD : 0;
	r->head = &title;
	for (int i = 1; !result && i < line->len; i++)
		result = put_text(r, "", line->at[i].text, true);
	r->head = NULL;
	flush(r);
	r->heading_end = r->page->text.len;
	r->synopsis = str_eq(title.p, "SYNOPSIS");
	str_addc(&title, '\n');
	r->page->parts.at[part].names = str_detach(&title);
	r->indent = BODY;
	r->hang = 0;
	return result;
}

/* --- lists */

static int columns_of(const char *words)
{
	return cells_width(words, strlen(words)) + 2;
}

static int begin_list(struct reader *r, const struct line *line)
{
	if (r->depth == DEPTH || line->len < 2)
		return wrong(r, "a list too many, or of no kind", "Bl");
	flush(r);
	struct list *list = &r->lists[r->depth++];
	*list = (struct list){.indent = r->indent, .width = OFFSET + 2, .part = -1};
	const char *kind = line->at[1].text;
	list->kind = str_eq(kind, "-enum") ? LIST_ENUM : str_eq(kind, "-column") ? LIST_COLUMN : LIST_TAG;
	list->compact = list->kind == LIST_COLUMN;
	if (list->kind == LIST_ENUM)
		list->width = 4;
	for (int i = 2, column = 0; i < line->len; i++) {
		const char *word = line->at[i].text;
		if (list->kind == LIST_COLUMN && column < COLUMNS)
			list->columns[column++] = columns_of(word);
		else if (str_eq(word, "-compact"))
			list->compact = true;
		else if (str_eq(word, "-width") && i + 1 < line->len)
			list->width = str_eq(line->at[++i].text, "Ds") ? OFFSET + 2 : columns_of(line->at[i].text);
		else
			return wrong(r, "unknown word of a list", word);
	}
	return 0;
}

static void end_item(struct reader *r, struct list *list)
{
	flush(r);
	end_part(r, &list->part);
	r->indent = list->indent;
	r->hang = 0;
}

static int item(struct reader *r, const struct line *line)
{
	if (!r->depth)
		return wrong(r, "an item without a list", "It");
	struct list *list = &r->lists[r->depth - 1];
	struct str names = STR_INIT, head = STR_INIT;
	end_item(r, list);
	if (!list->compact && !under_heading(r))
		space(r);
	list->part =
	        list->kind == LIST_TAG ? begin_part(r, MDOC_ITEM, r->subsection >= 0 ? r->subsection : r->section) : -1;
	size_t before = r->page->text.len;
	r->head = &head;
	r->names = &names;
	r->naming = false;
	if (list->kind == LIST_ENUM) {
		char number[16];
		snprintf(number, sizeof number, "%d.", ++list->count);
		put_word(r, number, strlen(number), false);
	}
	int result = put_args(r, line, 1, line->len);
	end_unit(r);
	r->head = r->names = NULL;
	if (list->part >= 0) {
		if (!names.len)
			str_addf(&names, "%s\n", head.p);
		r->page->parts.at[list->part].names = str_detach(&names);
	}
	if (list->kind != LIST_COLUMN) {
		r->hang = 0;
		r->indent = list->indent + list->width;
		if (r->used >= r->indent || r->page->text.len > before)
			end_line(r);
		else
			fill_blanks(r, r->indent);
		r->fresh = true;
	}
	str_release(&names);
	str_release(&head);
	return result;
}

static int end_list(struct reader *r)
{
	if (!r->depth)
		return wrong(r, "no list ends here", "El");
	end_item(r, &r->lists[--r->depth]);
	return 0;
}

/* --- lines as they stand */

static int literal_line(struct reader *r, const char *text)
{
	struct str plain = STR_INIT;
	int result = unescape(r, text, &plain);
	str_addf(&r->page->text, "%*s%s\n", r->indent + r->offset, "", plain.p);
	str_release(&plain);
	return result;
}

static int begin_literal(struct reader *r, const struct line *line)
{
	space(r);
	r->literal = true;
	if (line->len == 4 && str_eq(line->at[2].text, "-offset"))
		r->offset = OFFSET;
	else if (line->len != 2)
		return wrong(r, "an unknown display", "Bd");
	return 0;
}

static void end_literal(struct reader *r)
{
	r->literal = false;
	r->offset = 0;
}

static int one_literal(struct reader *r, const struct line *line)
{
	flush(r);
	r->indent += OFFSET;
	int result = put_args(r, line, 1, line->len);
	flush(r);
	r->indent -= OFFSET;
	return result;
}

/* --- the page */

static void begin_call(struct reader *r)
{
	flush(r);
	r->indent = BODY;
	put_word(r, r->name, strlen(r->name), true);
	end_unit(r);
	r->hang = BODY + (int)strlen(r->name) + 1;
}

static int name_line(struct reader *r, const struct line *line)
{
	if (line->len > 1 && !*r->name) {
		str_copy(r->name, sizeof r->name, line->at[1].text);
		return put_args(r, line, 0, line->len);
	}
	if (!r->synopsis)
		return put_args(r, line, 0, line->len);
	begin_call(r);
	return put_args(r, line, 1, line->len);
}

static void title_line(struct reader *r, const struct line *line)
{
	struct str title = STR_INIT;
	for (const char *at = line->len > 2 ? line->at[1].text : ""; *at; at++)
		str_addc(&title, (char)tolower((unsigned char)*at));
	str_addf(&title, "(%s)", line->len > 2 ? line->at[2].text : "?");
	free(r->page->title);
	r->page->title = str_detach(&title);
}

static int about_line(struct reader *r, const char *words)
{
	free(r->page->about);
	r->page->about = mem_strdup(words);
	put_word(r, "\u2013", strlen("\u2013"), false);
	return put_text(r, "", words, false);
}

static int macro_line(struct reader *r, char *text)
{
	struct line line;
	while (text[1] == ' ')
		text++;
	if (str_starts(text + 1, "Nd "))
		return about_line(r, text + strlen(".Nd "));
	split(text + 1, &line);
	const char *macro = line.len ? line.at[0].text : "";
	if (!*macro || str_eq(macro, "Dd") || str_eq(macro, "Os"))
		return 0;
	if (str_eq(macro, "Dt"))
		title_line(r, &line);
	else if (str_eq(macro, "Sh") || str_eq(macro, "Ss"))
		return heading(r, &line, macro[1] == 's');
	else if (str_eq(macro, "Pp"))
		space(r);
	else if (str_eq(macro, "Bl"))
		return begin_list(r, &line);
	else if (str_eq(macro, "It"))
		return item(r, &line);
	else if (str_eq(macro, "El"))
		return end_list(r);
	else if (str_eq(macro, "Bd"))
		return begin_literal(r, &line);
	else if (str_eq(macro, "Dl"))
		return one_literal(r, &line);
	else if (str_eq(macro, "Nm"))
		return name_line(r, &line);
	else if (is_macro(&line.at[0]))
		return put_args(r, &line, 0, line.len);
	else
		return wrong(r, "unknown macro", macro);
	return 0;
}

static int read_line(struct reader *r, char *text)
{
	if (str_starts(text, ".\\\""))
		return 0;
	if (str_eq(text, ".Ed"))
		end_literal(r);
	else if (r->literal)
		return literal_line(r, text);
	else if (*text == '.')
		return macro_line(r, text);
	else
		return put_text(r, "", text, false);
	return 0;
}

int mdoc_read(const char *source, int cols, struct mdoc_page *page, struct err *err)
{
	*page = (struct mdoc_page){.text = STR_INIT};
	struct reader r = {.page = page,
	        .err = err,
	        .cols = cols,
	        .indent = BODY,
	        .section = -1,
	        .subsection = -1,
	        .fresh = true,
	        .filled = STR_INIT,
	        .unit = STR_INIT};
	char *copy = mem_strdup(source), *rest = copy;
	int result = 0;
	for (char *line; !result && (line = rest) && *line;) {
		size_t len = strcspn(line, "\n");
		rest = line[len] ? line + len + 1 : NULL;
		line[len] = '\0';
		r.number++;
		result = read_line(&r, line);
	}
	flush(&r);
	if (!result && r.depth)
		result = wrong(&r, "a list does not end before", "the end");
	end_part(&r, &r.subsection);
	end_part(&r, &r.section);
	str_release(&r.filled);
	str_release(&r.unit);
	free(copy);
	return result;
}

void mdoc_release(struct mdoc_page *page)
{
	for (size_t i = 0; i < page->parts.len; i++)
		free(page->parts.at[i].names);
	vec_release(&page->parts);
	free(page->title);
	free(page->about);
	str_release(&page->text);
}
