#include "tui/desk/compose.h"

#include "core/base/utf8.h"
#include "core/text/grapheme.h"
#include "core/text/wrap.h"

#define UNDO_BYTES_MAX (4u * 1024 * 1024)

void compose_init(struct compose *c)
{
	*c = (struct compose){.goal = -1, .yank_at = -1};
	str_init(&c->text, COMPOSE_MAX);
	for (int i = 0; i < COMPOSE_KILLS; i++)
		str_init(&c->kills[i], COMPOSE_MAX);
}

static void forget_redo(struct compose *c)
{
	for (size_t i = 0; i < c->redo.len; i++)
		free(c->redo.at[i].text);
	vec_clear(&c->redo);
}

static void forget_undo(struct compose *c)
{
	for (size_t i = 0; i < c->undo.len; i++)
		free(c->undo.at[i].text);
	vec_clear(&c->undo);
	c->undo_bytes = 0;
}

void compose_release(struct compose *c)
{
	str_release(&c->text);
	for (int i = 0; i < COMPOSE_KILLS; i++)
		str_release(&c->kills[i]);
	forget_undo(c);
	forget_redo(c);
	vec_release(&c->undo);
	vec_release(&c->redo);
}

/* What was in progress (a word being typed, a run of cuts, a yank) ends with any other command. */
static void end_runs(struct compose *c)
{
	c->typing = c->killing = false;
	c->yank_at = -1;
}

static void settle(struct compose *c)
{
	c->goal = -1;
	c->selected = 0;
}

static void put_cursor(struct compose *c, size_t at)
{
	if (at > c->text.len)
		at = c->text.len;
	size_t floor = grapheme_floor(c->text.p, c->text.len, at);
	c->cursor = floor == at ? at : grapheme_next(c->text.p, c->text.len, floor);
}

static void remember(struct compose *c)
{
	forget_redo(c);
	struct compose_step step = {mem_strndup(c->text.p, c->text.len), c->cursor};
	vec_push(&c->undo, step);
	c->undo_bytes += c->text.len + 1;
	while (c->undo_bytes > UNDO_BYTES_MAX && c->undo.len > 1) {
		c->undo_bytes -= strlen(c->undo.at[0].text) + 1;
		free(c->undo.at[0].text);
		vec_remove(&c->undo, 0);
	}
}

/* Line ends become LF, other controls (C0, DEL, C1) but the tab are nothing that anybody means to publish. */
static void clean(const char *bytes, size_t len, struct str *out)
{
	struct str valid = STR_INIT;
	utf8_repair(bytes, len, &valid);
	for (size_t i = 0; i < valid.len;) {
		uint32_t cp;
		size_t n = utf8_decode(valid.p + i, valid.len - i, &cp);
		if (cp == '\r') {
			if (i + 1 == valid.len || valid.p[i + 1] != '\n')
				str_addc(out, '\n');
		} else if (cp == '\n' || cp == '\t' || (cp >= 0x20 && (cp < 0x7f || cp > 0x9f))) {
			str_add(out, valid.p + i, n);
		}
		i += n;
	}
	str_release(&valid);
}

/* Replaces without a step of its own. False when too long. */
static bool splice(struct compose *c, size_t at, size_t len, const char *bytes, size_t n)
{
	if (c->text.len - len + n > COMPOSE_MAX)
		return false;
	str_remove(&c->text, at, len);
	str_insert(&c->text, at, bytes, n);
	put_cursor(c, at + n);
	settle(c);
	return true;
}

void compose_set(struct compose *c, const char *text, size_t cursor)
{
	forget_undo(c);
	forget_redo(c);
	end_runs(c);
	settle(c);
	str_clear(&c->text);
	clean(text, strnlen(text, COMPOSE_MAX), &c->text);
	put_cursor(c, cursor);
}

bool compose_type(struct compose *c, const char *bytes, size_t len)
{
	struct str in = STR_INIT;
	clean(bytes, len, &in);
	bool fits = c->text.len - c->selected + in.len <= COMPOSE_MAX;
	if (in.len && fits) {
		bool joins = c->typing && !c->selected;
		if (!joins)
			remember(c);
		end_runs(c);
		splice(c, c->cursor, c->selected, in.p, in.len);
		c->typing = in.p[in.len - 1] != ' ' && in.p[in.len - 1] != '\n';
	}
	str_release(&in);
	return fits;
}

bool compose_paste(struct compose *c, const char *bytes, size_t len)
{
	end_runs(c);
	bool fits = compose_type(c, bytes, len);
	c->typing = false;
	return fits;
}

bool compose_replace(struct compose *c, size_t at, size_t len, const char *with)
{
	struct str in = STR_INIT;
	if (at > c->text.len || len > c->text.len - at)
		return false;
	clean(with, strlen(with), &in);
	bool fits = c->text.len - len + in.len <= COMPOSE_MAX;
	if (fits) {
		remember(c);
		end_runs(c);
		splice(c, at, len, in.p, in.len);
	}
	str_release(&in);
	return fits;
}

/* --- motions */

static bool is_word(const char *text, size_t len, size_t at)
{
	uint32_t cp;
	utf8_decode(text + at, len - at, &cp);
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || cp == '_';
	/* General punctuation and the ideographic space and stops part words; all else beyond ASCII is a letter here.
	 */
	return !(cp == 0xa0 || (cp >= 0x2000 && cp <= 0x206f) || (cp >= 0x3000 && cp <= 0x3003));
}

static size_t word_right(const struct compose *c, size_t at)
{
	const char *p = c->text.p;
	size_t len = c->text.len;
	while (at < len && !is_word(p, len, at))
		at = grapheme_next(p, len, at);
	while (at < len && is_word(p, len, at))
		at = grapheme_next(p, len, at);
	return at;
}

static size_t word_left(const struct compose *c, size_t at)
{
	const char *p = c->text.p;
	size_t len = c->text.len, prev;
	while (at > 0 && (prev = grapheme_prev(p, len, at), !is_word(p, len, prev)))
		at = prev;
	while (at > 0 && (prev = grapheme_prev(p, len, at), is_word(p, len, prev)))
		at = prev;
	return at;
}

static size_t line_start(const struct compose *c, size_t at)
{
	while (at > 0 && c->text.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const struct compose *c, size_t at)
{
	while (at < c->text.len && c->text.p[at] != '\n')
		at++;
	return at;
}

/* Up and down go by the lines as they are wrapped, and keep the column over shorter ones. */
static size_t vertical(struct compose *c, bool down, int width, int *goal)
{
	struct lines lines = {0};
	wrap_text(&lines, c->text.p, c->text.len, width < 2 ? 2 : width);
	size_t line = wrap_line_of(&lines, c->cursor), to;
	*goal = c->goal >= 0 ? c->goal : wrap_column_of(&lines.at[line], c->text.p, c->cursor);
	if (down && line + 1 == lines.len)
		to = c->text.len;
	else if (!down && line == 0)
		to = 0;
	else
		to = wrap_offset_at(&lines.at[down ? line + 1 : line - 1], c->text.p, *goal);
	lines_release(&lines);
	return to;
}

static size_t target(struct compose *c, enum compose_move move, int width, int *goal)
{
	const char *p = c->text.p;
	size_t len = c->text.len;
	*goal = -1;
	switch (move) {
	case MOVE_CHAR_LEFT: return c->cursor ? grapheme_prev(p, len, c->cursor) : 0;
	case MOVE_CHAR_RIGHT: return c->cursor < len ? grapheme_next(p, len, c->cursor) : len;
	case MOVE_WORD_LEFT: return word_left(c, c->cursor);
	case MOVE_WORD_RIGHT: return word_right(c, c->cursor);
	case MOVE_LINE_START: return line_start(c, c->cursor);
	case MOVE_LINE_END: return line_end(c, c->cursor);
	case MOVE_LINE_UP: return vertical(c, false, width, goal);
	case MOVE_LINE_DOWN: return vertical(c, true, width, goal);
	case MOVE_TEXT_START: return 0;
	case MOVE_TEXT_END: break;
	}
	return len;
}

bool compose_move(struct compose *c, enum compose_move move, int width)
{
	int goal;
	size_t before = c->cursor, to = target(c, move, width, &goal);
	end_runs(c);
	settle(c);
	put_cursor(c, to);
	c->goal = goal;
	return c->cursor != before;
}

void compose_place(struct compose *c, size_t offset)
{
	end_runs(c);
	settle(c);
	put_cursor(c, offset);
	c->goal = -1;
}

bool compose_backspace(struct compose *c)
{
	if (!c->selected && !c->cursor)
		return false;
	bool joins = c->typing;
	size_t from = c->selected ? c->cursor : grapheme_prev(c->text.p, c->text.len, c->cursor);
	size_t len = c->selected ? c->selected : c->cursor - from;
	if (!joins)
		remember(c);
	end_runs(c);
	c->typing = joins;
	return splice(c, from, len, "", 0);
}

bool compose_delete(struct compose *c)
{
	size_t len = c->selected ? c->selected : grapheme_next(c->text.p, c->text.len, c->cursor) - c->cursor;
	if (c->cursor == c->text.len)
		return false;
	remember(c);
	end_runs(c);
	return splice(c, c->cursor, len, "", 0);
}

/* --- what was cut */

static void push_kill(struct compose *c)
{
	struct str last = c->kills[COMPOSE_KILLS - 1];
	memmove(c->kills + 1, c->kills, sizeof c->kills[0] * (COMPOSE_KILLS - 1));
	str_clear(&last);
	c->kills[0] = last;
	if (c->kill_count < COMPOSE_KILLS)
		c->kill_count++;
}

bool compose_kill(struct compose *c, enum compose_move move, int width)
{
	int goal;
	size_t to = target(c, move, width, &goal);
	/* At the end of a line the line feed itself is cut, as in readline's relatives. */
	if (move == MOVE_LINE_END && to == c->cursor && to < c->text.len)
		to++;
	size_t from = to < c->cursor ? to : c->cursor, len = (to < c->cursor ? c->cursor : to) - from;
	if (!len)
		return false;
	bool joins = c->killing && c->kill_count;
	remember(c);
	if (!joins)
		push_kill(c);
	str_insert(&c->kills[0], to < c->cursor ? 0 : c->kills[0].len, c->text.p + from, len);
	end_runs(c);
	c->killing = true;
	return splice(c, from, len, "", 0);
}

void compose_keep(struct compose *c, const char *text)
{
	push_kill(c);
	clean(text, strnlen(text, COMPOSE_MAX), &c->kills[0]);
	end_runs(c);
}

static bool yank(struct compose *c, int which, size_t over)
{
	struct str *kill = &c->kills[which];
	if (c->text.len - over + kill->len > COMPOSE_MAX)
		return false;
	size_t at = over ? c->yank_start : c->cursor;
	if (!over)
		remember(c);
	end_runs(c);
	splice(c, at, over ? over : c->selected, kill->p, kill->len);
	c->yank_at = which;
	c->yank_start = at;
	return true;
}

bool compose_yank(struct compose *c)
{
	return c->kill_count && yank(c, 0, 0);
}

bool compose_yank_pop(struct compose *c)
{
	if (c->yank_at < 0 || c->kill_count < 2 || c->cursor <= c->yank_start)
		return false;
	return yank(c, (c->yank_at + 1) % c->kill_count, c->cursor - c->yank_start);
}

/* --- the way back */

static struct compose_step current(const struct compose *c)
{
	return (struct compose_step){mem_strndup(c->text.p, c->text.len), c->cursor};
}

static void restore(struct compose *c, struct compose_step step)
{
	end_runs(c);
	settle(c);
	str_clear(&c->text);
	str_adds(&c->text, step.text);
	put_cursor(c, step.cursor);
	free(step.text);
}

bool compose_undo(struct compose *c)
{
	if (!c->undo.len)
		return false;
	struct compose_step step = c->undo.at[--c->undo.len];
	c->undo_bytes -= strlen(step.text) + 1;
	vec_push(&c->redo, current(c));
	restore(c, step);
	return true;
}

bool compose_redo(struct compose *c)
{
	if (!c->redo.len)
		return false;
	struct compose_step step = c->redo.at[--c->redo.len];
	vec_push(&c->undo, current(c));
	c->undo_bytes += c->text.len + 1;
	restore(c, step);
	return true;
}

/* --- placeholders */

static bool placeholder_at(const char *text, size_t at, size_t *len)
{
	size_t end = at + 1;
	while (text[end] && text[end] != '}' && text[end] != '{' && text[end] != '\n' && end - at < 64)
		end++;
	if (text[end] != '}' || end - at < 3 || text[end - 1] != '?')
		return false;
	*len = end + 1 - at;
	return true;
}

bool compose_placeholder(const struct compose *c, size_t from, size_t *at, size_t *len)
{
	for (size_t n = 0; n < c->text.len; n++) {
		size_t i = (from + n) % c->text.len;
		if (c->text.p[i] == '{' && placeholder_at(c->text.p, i, len)) {
			*at = i;
			return true;
		}
	}
	return false;
}

bool compose_next_placeholder(struct compose *c)
{
	size_t at, len;
	if (!compose_placeholder(c, c->selected ? c->cursor + 1 : c->cursor, &at, &len))
		return false;
	end_runs(c);
	settle(c);
	c->cursor = at;
	c->selected = len;
	return true;
}
