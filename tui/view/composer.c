/* The composer: a frame row that says in every theme and without colour what the text will be, and the text. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/model/attachment.h"
#include "core/text/cells.h"
#include "core/text/wrap.h"
#include "tui/desk/sendbar.h"

#include <stdio.h>
#include <string.h>

/* What the kinds of text look like: what is public doubled, what is private single, a note dotted. A correction is as
 * the post that it corrects. */
static enum draft_kind looks_like(const struct state *state)
{
	if (state->composer.kind != DRAFT_CORRECTION)
		return state->composer.kind;
	return composer_visibility(state) >= VIS_PRIVATE ? DRAFT_PRIVATE : DRAFT_REPLY;
}

static enum mark frame_mark(enum draft_kind kind)
{
	return kind == DRAFT_REPLY ? MARK_DOUBLE : kind == DRAFT_PRIVATE ? MARK_RULE : MARK_DOT;
}

static enum style frame_style(enum draft_kind kind)
{
	return kind == DRAFT_REPLY ? STYLE_PUBLIC : kind == DRAFT_PRIVATE ? STYLE_PRIVATE : STYLE_TEAM;
}

/* To whom it goes stands whole, with a mark when the name looks like one of ours. */
static void add_handle(const struct state *state, const struct frame *frame, const char *handle, struct str *out)
{
	str_adds(out, like_mark(state, frame, handle, NULL));
	str_adds(out, handle);
}

/* "our post of 13:25 as acme → @sam@mas.example" */
static void post_words(const struct state *state, const struct frame *frame, struct str *out)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	const struct post *post = composer_corrects(state);
	char at[24] = "";
	if (post)
		when_words(post->created_at, state->wall, at, sizeof at);
	str_addf(out, " our %s post of %s as %s %s ", visibility_name(composer_visibility(state)), at,
	        account ? account->name : "?", mark_text(frame, MARK_ARROW));
	add_handle(state, frame, composer->to_handle, out);
}

/* Whoever else the text names will be addressed, too. */
static void other_handles(const struct state *state, const struct frame *frame, struct str *out)
{
	struct arena arena = ARENA_INIT;
	const char *const *handles;
	int count;
	composer_also(state, &arena, &handles, &count);
	for (int i = 0; i < count; i++) {
		str_addc(out, ' ');
		add_handle(state, frame, handles[i], out);
	}
	arena_release(&arena);
}

static void frame_words(const struct state *state, const struct frame *frame, struct str *out)
{
	const struct composer *composer = &state->composer;
	const struct account *account = state_account(state, composer->account_id);
	if (composer->kind == DRAFT_NOTE) {
		str_adds(out, "note, team only");
		return;
	}
	if (composer->kind == DRAFT_CORRECTION) {
		str_adds(out, composer->unsend ? "TAKES BACK" : "CORRECTION of");
		post_words(state, frame, out);
	} else {
		if (composer->kind == DRAFT_PRIVATE)
			str_adds(out, "private to ");
		else
			str_addf(out, "PUBLIC as %s %s ", account ? account->name : "?", mark_text(frame, MARK_ARROW));
		add_handle(state, frame, composer->to_handle, out);
	}
	other_handles(state, frame, out);
	enum visibility visibility = composer_visibility(state);
	if (composer->kind == DRAFT_REPLY && visibility != VIS_PUBLIC)
		str_addf(out, ", %s", visibility_name(visibility));
	if (composer->warning[0])
		str_addf(out, ", warning: %s", composer->warning);
	if (*composer_language(state))
		str_addf(out, ", in %s", composer->language);
	if (composer->newer)
		str_addf(out, ", %d newer post%s since", composer->newer, composer->newer == 1 ? "" : "s");
}

static int count_posts(const struct state *state)
{
	struct arena arena = ARENA_INIT;
	const struct split_part *parts;
	int count = composer_parts(state, &arena, &parts);
	arena_release(&arena);
	return count;
}

static void draw_frame_row(const struct state *state, struct frame *frame, struct rect rect)
{
	enum draft_kind kind = looks_like(state);
	enum style style = frame_style(kind);
	frame_fill(frame, rect.row, rect.col, rect.cols, mark_code(frame, frame_mark(kind)), style);
	char number[32];
	int left = state->composer.count.left, number_cells = 0;
	bool limited = state->composer.count.limited;
	if (kind != DRAFT_NOTE || state_draft_unsafe(state))
		number_cells = snprintf(number, sizeof number, " %s%s%d ",
		        state_draft_unsafe(state) ? "NOT STORED " : "", state->composer.count.about ? "~" : "", left);
	int posts = limited && left < 0 && state->composer.split ? count_posts(state) : 0;
	if (posts)
		number_cells = snprintf(number, sizeof number, " %d posts ", posts);
	struct str words = STR_INIT;
	frame_words(state, frame, &words);
	struct pen pen = {frame, rect.row, rect.col + 2, rect.col + rect.cols - number_cells - 3};
	pen_put(&pen, style, " ");
	pen.col += frame_put_cut(frame, pen.row, pen.col, pen.end - pen.col - 1, words.p, words.len, style);
	pen_put(&pen, style, " ");
	if (number_cells)
		frame_put_text(frame, rect.row, rect.col + rect.cols - number_cells - 2, number_cells, number, SIZE_MAX,
		        limited && left < 0 && !posts ? STYLE_OVER : style);
	str_release(&words);
}

/* Rows at the foot that attached files take. */
static int file_rows(const struct composer *composer, struct rect rect)
{
	int rows = composer->file_count < rect.rows ? composer->file_count : rect.rows - 1;
	return rows > 0 ? rows : 0;
}

/* Under the text: what is attached, and what it shows. Returns how many rows that took. */
static int draw_files(const struct state *state, struct frame *frame, struct rect rect)
{
	const struct composer *composer = &state->composer;
	int rows = file_rows(composer, rect);
	for (int i = 0; i < rows; i++) {
		const struct attachment *file = &composer->files[i];
		struct pen pen = pen_at(frame, rect, rect.rows - rows + i);
		pen_putf(&pen, STYLE_LINK, " %s %s ", mark_text(frame, MARK_MEDIA), attachment_name(file->path));
		if (*file->alt)
			pen_putf(&pen, STYLE_FAINT, "\"%s\"", file->alt);
		else
			pen_put(&pen, STYLE_ERROR, "without a description");
	}
	return rows;
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
	size_t at = (size_t)(text_top(&lines, compose, rect.rows - file_rows(&state->composer, rect)) + row - rect.row);
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
	rect.rows -= draw_files(state, frame, rect);
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
	if (composer->kind == DRAFT_CORRECTION) {
		str_adds(out, composer->unsend ? "TAKE BACK" : "CORRECT");
		post_words(state, frame, out);
		return;
	}
	str_addf(out, "SEND %s as %s %s ", how, account ? account->name : "?", mark_text(frame, MARK_ARROW));
	add_handle(state, frame, composer->to_handle, out);
	other_handles(state, frame, out);
}

/* In the frame of what is sent: from whom, to whom, how publicly. */
static void draw_send_frame(const struct state *state, struct frame *frame, struct rect bar)
{
	enum draft_kind kind = looks_like(state);
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
	bool split = limited && left < 0 && state->composer.split;
	int cells = snprintf(number, sizeof number, "%s%d %s", limited && composer_left_is_about(state) ? "~" : "",
	        split ? -left : left,
	        split     ? "over one post"
	        : limited ? "left"
	                  : "long");
	struct pen pen = pen_at(frame, bar, row);
	sendbar_follow_words(state, follow, sizeof follow);
	pen.end -= cells + 2;
	pen_putf(&pen, STYLE_TEXT, " then %s", follow);
	frame_put_text(frame, bar.row + row, bar.col + bar.cols - cells - 1, cells, number, SIZE_MAX,
	        limited && left < 0 && !split ? STYLE_OVER : STYLE_TEXT);
}

static int lines_of(const struct objection *objections, int count, int cols)
{
	int rows = 0;
	struct lines lines = {0};
	for (int i = 0; i < count; i++) {
		wrap_text(&lines, objections[i].text, strlen(objections[i].text), cols - 2);
		rows += (int)lines.len;
	}
	lines_release(&lines);
	return rows;
}

int sendbar_rows(const struct state *state, const struct objection *objections, int count, int cols)
{
	struct objection facts[OBJECTIONS_MAX];
	int fact_count = sendbar_facts(state, facts);
	return 3 + lines_of(facts, fact_count, cols) + lines_of(objections, count, cols);
}

/* From the row on; returns the row after. */
static int draw_said(
        struct frame *frame, struct rect bar, int row, const struct objection *objections, int count, enum style style)
{
	struct lines lines = {0};
	for (int i = 0; i < count; i++) {
		const char *text = objections[i].text;
		wrap_text(&lines, text, strlen(text), bar.cols - 2);
		for (size_t line = 0; line < lines.len && row < bar.row + bar.rows - 2; line++)
			frame_put_text(frame, row++, bar.col + 1 + (line ? 1 : 0), bar.cols - 2,
			        text + lines.at[line].start, lines.at[line].end - lines.at[line].start, style);
	}
	lines_release(&lines);
	return row;
}

void draw_sendbar(
        const struct state *state, struct frame *frame, struct rect rect, const struct objection *objections, int count)
{
	/* It grows over the thread rather than leave an objection out. */
	int rows = sendbar_rows(state, objections, count, rect.cols), end = rect.row + rect.rows;
	rows = rows < end - 1 ? rows : end - 1;
	struct rect bar = {end - rows, rect.col, rows, rect.cols};
	for (int i = 0; i < rows; i++)
		frame_fill(frame, bar.row + i, bar.col, bar.cols, ' ', STYLE_TEXT);
	draw_send_frame(state, frame, bar);
	struct objection facts[OBJECTIONS_MAX];
	int row = draw_said(frame, bar, bar.row + 1, facts, sendbar_facts(state, facts), STYLE_TEXT);
	draw_said(frame, bar, row, objections, count, STYLE_ERROR);
	bool refuses = false;
	for (int i = 0; i < count; i++)
		refuses |= objections[i].refuses;
	draw_send_then(state, frame, bar, rows - 2);
	struct pen keys = pen_at(frame, bar, rows - 1);
	keys.col++;
	if (!count)
		put_keys(state, &keys, CMD_SEND_NOW, state->composer.unsend ? "takes it back" : "sends");
	else if (!refuses)
		put_keys(state, &keys, CMD_SEND_ANYWAY, "sends although");
	put_keys(state, &keys, CMD_SEND_FOLLOW, "what follows");
	put_keys(state, &keys, CMD_BACK, "back");
	frame_set_cursor(frame, bar.row + rows - 1, bar.col);
}
