/* The composer: a frame row that says in every theme and without colour what the text will be, and the text. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/text/cells.h"
#include "core/text/wrap.h"
#include "tui/desk/sendbar.h"

#include <stdio.h>
#include <string.h>

/* What the three kinds of text look like: public doubled, private single, a note dotted. */
static enum mark frame_mark(enum draft_kind kind)
{
	return kind == DRAFT_REPLY ? MARK_DOUBLE : kind == DRAFT_PRIVATE ? MARK_RULE : MARK_DOT;
}

static enum style frame_style(enum draft_kind kind)
{
	return kind == DRAFT_REPLY ? STYLE_PUBLIC : kind == DRAFT_PRIVATE ? STYLE_PRIVATE : STYLE_TEAM;
}

/* Handles in the text besides the recipient's: they will be addressed, too. */
static void other_handles(const struct composer *composer, struct str *out)
{
	const char *p = composer->compose.text.p;
	while ((p = strchr(p, '@'))) {
		size_t len = 1 + strcspn(p + 1, " \t\n,;:!?()[]<>\"'");
		bool starts = p == composer->compose.text.p || strchr(" \t\n(", p[-1]);
		bool recipient = len == strlen(composer->to_handle) && memcmp(p, composer->to_handle, len) == 0;
		if (starts && len > 1 && !recipient) {
			str_addc(out, ' ');
			str_add(out, p, len);
		}
		p += len;
	}
}

static void frame_words(const struct state *state, const struct frame *frame, struct str *out)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	const char *arrow = mark_text(frame, MARK_ARROW);
	if (composer->kind == DRAFT_NOTE) {
		str_adds(out, "note, team only");
		return;
	}
	if (composer->kind == DRAFT_PRIVATE)
		str_addf(out, "private to %s", composer->to_handle);
	else
		str_addf(out, "PUBLIC as %s %s %s", account ? account->name : "?", arrow, composer->to_handle);
	other_handles(composer, out);
	enum visibility visibility = composer_visibility(state);
	if (composer->kind == DRAFT_REPLY && visibility != VIS_PUBLIC)
		str_addf(out, ", %s", visibility_name(visibility));
	if (composer->warning[0])
		str_addf(out, ", warning: %s", composer->warning);
	if (composer->newer)
		str_addf(out, ", %d newer post%s since", composer->newer, composer->newer == 1 ? "" : "s");
}

static void draw_frame_row(const struct state *state, struct frame *frame, struct rect rect)
{
	enum draft_kind kind = state->composer.kind;
	enum style style = frame_style(kind);
	frame_fill(frame, rect.row, rect.col, rect.cols, mark_code(frame, frame_mark(kind)), style);
	char number[32];
	int left, number_cells = 0;
	bool limited = composer_left(state, &left);
	if (kind != DRAFT_NOTE || state_draft_unsafe(state))
		number_cells =
		        snprintf(number, sizeof number, state_draft_unsafe(state) ? " NOT STORED %d " : " %d ", left);
	struct str words = STR_INIT;
	frame_words(state, frame, &words);
	struct pen pen = {frame, rect.row, rect.col + 2, rect.col + rect.cols - number_cells - 3};
	pen_put(&pen, style, " ");
	pen.col += frame_put_cut(frame, pen.row, pen.col, pen.end - pen.col - 1, words.p, words.len, style);
	pen_put(&pen, style, " ");
	if (number_cells)
		frame_put_text(frame, rect.row, rect.col + rect.cols - number_cells - 2, number_cells, number, SIZE_MAX,
		        limited && left < 0 ? STYLE_OVER : style);
	str_release(&words);
}

/* The first line shown: the caret's stands last, unless all fit. */
static int text_top(const struct lines *lines, const struct compose *compose, int rows)
{
	int top = (int)wrap_line_of(lines, compose->cursor) - rows + 1;
	return top < 0 ? 0 : top;
}

size_t composer_offset_at(const struct state *state, struct rect rect, int row, int col)
{
	const struct compose *compose = &state->composer.compose;
	struct lines lines = {0};
	wrap_text(&lines, compose->text.p, compose->text.len, rect.cols - 2);
	size_t at = (size_t)(text_top(&lines, compose, rect.rows) + row - rect.row);
	/* Below the text is its end. */
	const struct line *line = &lines.at[at < lines.len ? at : lines.len - 1];
	int column = at < lines.len ? col - rect.col - 1 : rect.cols;
	size_t offset = wrap_offset_at(line, compose->text.p, column < 0 ? 0 : column);
	lines_release(&lines);
	return offset;
}

void draw_composer(
        const struct state *state, struct frame *frame, struct rect frame_row, struct rect rect, struct seen *seen)
{
	if (!frame_row.rows)
		return;
	draw_frame_row(state, frame, frame_row);
	const struct compose *compose = &state->composer.compose;
	int width = rect.cols - 2;
	seen->compose_cols = width;
	seen->compose_rows = rect.rows;
	struct lines lines = {0};
	wrap_text(&lines, compose->text.p, compose->text.len, width);
	size_t caret = wrap_line_of(&lines, compose->cursor);
	int top = text_top(&lines, compose, rect.rows);
	for (int i = 0; i < rect.rows && (size_t)(top + i) < lines.len; i++) {
		const struct line *line = &lines.at[top + i];
		frame_put_text(frame, rect.row + i, rect.col + 1, width, compose->text.p + line->start,
		        line->end - line->start, STYLE_TEXT);
	}
	if (state->focus == MODE_COMPOSER && rect.rows)
		frame_set_cursor(frame, rect.row + (int)caret - top,
		        rect.col + 1 + wrap_column_of(&lines.at[caret], compose->text.p, compose->cursor));
	lines_release(&lines);
}

/* --- the send bar: over the composer's last lines */

static void put_keys(const struct state *state, struct pen *pen, enum command_id command, const char *what)
{
	char keys[CHORD_TEXT_MAX];
	keys_of(state, MODE_SENDBAR, command, keys, sizeof keys);
	if (*keys)
		pen_putf(pen, STYLE_STRONG, "%s", keys);
	pen_putf(pen, STYLE_TEXT, " %s   ", what);
}

static void send_words(const struct state *state, const struct frame *frame, struct str *out)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	const char *how = composer->kind == DRAFT_PRIVATE ? "private" : visibility_name(composer_visibility(state));
	str_addf(out, "SEND %s as %s %s %s", how, account ? account->name : "?", mark_text(frame, MARK_ARROW),
	        composer->to_handle);
	other_handles(composer, out);
}

/* In the frame of what is sent: from whom, to whom, how publicly. */
static void draw_send_frame(const struct state *state, struct frame *frame, struct rect bar)
{
	enum draft_kind kind = state->composer.kind;
	struct str words = STR_INIT;
	send_words(state, frame, &words);
	frame_fill(frame, bar.row, bar.col, bar.cols, mark_code(frame, frame_mark(kind)), frame_style(kind));
	struct pen pen = {frame, bar.row, bar.col + 2, bar.col + bar.cols - 2};
	pen_put(&pen, frame_style(kind), " ");
	pen.end--;
	pen.col += frame_put_cut(frame, pen.row, pen.col, pen.end - pen.col, words.p, words.len, STYLE_STRONG);
	pen.end++;
	pen_put(&pen, frame_style(kind), " ");
	str_release(&words);
}

static void draw_send_then(const struct state *state, struct frame *frame, struct rect bar, int row)
{
	char follow[96], number[32];
	int left;
	bool limited = composer_left(state, &left);
	int cells = snprintf(number, sizeof number, limited ? "%d left" : "%d long", left);
	struct pen pen = pen_at(frame, bar, row);
	sendbar_follow_words(state, follow, sizeof follow);
	pen.end -= cells + 2;
	pen_putf(&pen, STYLE_TEXT, " then %s", follow);
	frame_put_text(frame, bar.row + row, bar.col + bar.cols - cells - 1, cells, number, SIZE_MAX,
	        limited && left < 0 ? STYLE_OVER : STYLE_TEXT);
}

int sendbar_rows(const struct objection *objections, int count, int cols)
{
	int rows = 3;
	struct lines lines = {0};
	for (int i = 0; i < count; i++) {
		wrap_text(&lines, objections[i].text, strlen(objections[i].text), cols - 2);
		rows += (int)lines.len;
	}
	lines_release(&lines);
	return rows;
}

static void draw_objections(struct frame *frame, struct rect bar, const struct objection *objections, int count)
{
	struct lines lines = {0};
	int row = bar.row + 1;
	for (int i = 0; i < count; i++) {
		const char *text = objections[i].text;
		wrap_text(&lines, text, strlen(text), bar.cols - 2);
		for (size_t line = 0; line < lines.len && row < bar.row + bar.rows - 2; line++)
			frame_put_text(frame, row++, bar.col + 1 + (line ? 1 : 0), bar.cols - 2,
			        text + lines.at[line].start, lines.at[line].end - lines.at[line].start, STYLE_ERROR);
	}
	lines_release(&lines);
}

void draw_sendbar(
        const struct state *state, struct frame *frame, struct rect rect, const struct objection *objections, int count)
{
	/* It grows over the thread rather than leave an objection out. */
	int rows = sendbar_rows(objections, count, rect.cols), end = rect.row + rect.rows;
	rows = rows < end - 1 ? rows : end - 1;
	struct rect bar = {end - rows, rect.col, rows, rect.cols};
	for (int i = 0; i < rows; i++)
		frame_fill(frame, bar.row + i, bar.col, bar.cols, ' ', STYLE_TEXT);
	draw_send_frame(state, frame, bar);
	draw_objections(frame, bar, objections, count);
	bool refuses = false;
	for (int i = 0; i < count; i++)
		refuses |= objections[i].refuses;
	draw_send_then(state, frame, bar, rows - 2);
	struct pen keys = pen_at(frame, bar, rows - 1);
	keys.col++;
	if (!count)
		put_keys(state, &keys, CMD_SEND_NOW, "sends");
	else if (!refuses)
		put_keys(state, &keys, CMD_SEND_ANYWAY, "sends although");
	put_keys(state, &keys, CMD_SEND_FOLLOW, "what follows");
	put_keys(state, &keys, CMD_BACK, "back");
	frame_set_cursor(frame, bar.row + rows - 1, bar.col);
}
