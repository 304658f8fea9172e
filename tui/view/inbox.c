/* The inbox: a row a case. Marks, time left, network, handle, the words that matter, and what is worth knowing at the
 * right: language, media, personal data, boosts, how many alike, who is on it, the draft. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/text/cells.h"
#include "core/text/wrap.h"

#include <stdio.h>
#include <string.h>

enum { TIME_CELLS = 5, HANDLE_MIN = 9, HANDLE_MAX = 16, TAIL_PARTS = 10, SOON_MS = 5 * 60 * 1000 };

struct tail {
	const struct frame *frame;
	struct {
		char text[96];
		enum style style;
	} part[TAIL_PARTS];
	int count;
};

static void tail_add(struct tail *tail, enum style style, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void tail_add(struct tail *tail, enum style style, const char *fmt, ...)
{
	if (tail->count == TAIL_PARTS)
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(tail->part[tail->count].text, sizeof tail->part[0].text, fmt, ap);
	va_end(ap);
	tail->part[tail->count++].style = style;
}

static bool is_late(const struct state *state, const struct kase *kase)
{
	return kase->due && kase->due < state->wall;
}

static void put_mark(const struct state *state, const struct kase *kase, struct pen *pen)
{
	struct {
		bool on;
		enum mark mark;
		enum style style;
	} const marks[] = {
	        {is_late(state, kase), MARK_LATE, STYLE_LATE},
	        {kase->priority > 0, MARK_URGENT, STYLE_PRIORITY},
	        {kase->praise, MARK_PRAISE, STYLE_GOOD},
	        {kase->question, MARK_QUESTION, STYLE_TEXT},
	};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		if (marks[i].on) {
			pen_put(pen, marks[i].style, mark_text(pen->frame, marks[i].mark));
			return;
		}
	}
	pen_put(pen, STYLE_TEXT, " ");
}

/* Time left on the clock; where none runs, how long ago it last moved. */
static void put_time(const struct state *state, const struct kase *kase, struct pen *pen)
{
	char words[16], cell[32];
	enum style style = STYLE_FAINT;
	if (kase->due) {
		int64_t left = kase->due - state->wall;
		duration_format(left < 0 ? -left : left, words, sizeof words);
		style = left < 0 ? STYLE_LATE : left < SOON_MS ? STYLE_SOON : STYLE_TEXT;
		snprintf(cell, sizeof cell, "%s%s", left < 0 ? mark_text(pen->frame, MARK_MINUS) : "", words);
	} else {
		int64_t ago = state->wall - kase->updated_at;
		duration_format(ago < 0 ? 0 : ago, words, sizeof words);
		snprintf(cell, sizeof cell, "%s%s", mark_text(pen->frame, MARK_DOT), words);
	}
	int cells = cells_width(cell, strlen(cell));
	pen->col += cells < TIME_CELLS ? TIME_CELLS - cells : 0;
	pen_put(pen, style, cell);
	pen->col++;
}

static const char *status_word(const struct kase *kase)
{
	switch (kase->status) {
	case STATUS_WAITING:
	case STATUS_SNOOZED:
	case STATUS_DONE:
	case STATUS_IGNORED: return case_status_name(kase->status);
	default: return "";
	}
}

/* What becomes of this agent's reply to the case; "" when none is on its way. */
static const char *reply_word(const struct state *state, const struct kase *kase)
{
	enum {
		ALL = 1 << REPLY_HELD | 1 << REPLY_QUEUED | 1 << REPLY_SENDING | 1 << REPLY_FAILED |
		      1 << REPLY_IN_DOUBT | 1 << REPLY_STOPPED
	};
	const struct reply *replies[64];
	const char *word = "";
	int count = state_outgoing(state, ALL, replies, 64);
	for (int i = 0; i < count && i < 64; i++) {
		if (replies[i]->case_id != kase->id)
			continue;
		enum reply_state is = replies[i]->state;
		word = is == REPLY_FAILED || is == REPLY_STOPPED ? "not sent" : reply_state_name(is);
	}
	return word;
}

static void tail_work(const struct state *state, const struct kase *kase, struct tail *tail)
{
	bool composing = state->composer.open && state->composer.case_id == kase->id;
	const char *writer = state_writer(state, kase), *reply = reply_word(state, kase);
	int64_t draft = composing || *reply ? 0 : state_draft_at(state, kase);
	bool ours = str_eq(kase->assignee, state->setup.agent);
	if (!*writer && *kase->assignee && !(ours && *reply))
		tail_add(tail, STYLE_FAINT, "%s", ours ? "yours" : kase->assignee);
	if (draft) {
		char age[16];
		duration_format(state->wall > draft ? state->wall - draft : 0, age, sizeof age);
		tail_add(tail, STYLE_NOTE, kase->newer_than_draft ? "draft %s, %d newer" : "draft %s", age,
		        kase->newer_than_draft);
	}
	if (*reply)
		tail_add(tail, str_eq(reply, "not sent") ? STYLE_ERROR : STYLE_SOON, "%s", reply);
	if (*writer)
		tail_add(tail, STYLE_STRONG, "%s is writing", writer);
	if (state_case_pending(state, kase->id))
		tail_add(tail, STYLE_FAINT, "%s", mark_text(tail->frame, MARK_PENDING));
}

/* The more it matters, the further right: the left is what gives way. */
static void fill_tail(const struct state *state, const struct kase *kase, struct tail *tail)
{
	const struct frame *frame = tail->frame;
	if (*status_word(kase))
		tail_add(tail, STYLE_FAINT, "%s", status_word(kase));
	if (*kase->escalated_to)
		tail_add(tail, STYLE_PRIORITY, "%s%s", mark_text(frame, MARK_ARROW), kase->escalated_to);
	for (int i = 0; i < kase->tag_count && i < 2; i++)
		tail_add(tail, STYLE_TAG, "%s", kase->tags[i]);
	if (*kase->language && *state->setup.language && !str_ieq(kase->language, state->setup.language))
		tail_add(tail, STYLE_FAINT, "%s", kase->language);
	if (kase->personal_data)
		tail_add(tail, STYLE_PRIORITY, "%s", mark_text(frame, MARK_PERSONAL));
	if (kase->media_count)
		tail_add(tail, STYLE_LINK, "%s", mark_text(frame, MARK_MEDIA));
	if (kase->boosts)
		tail_add(tail, STYLE_TEXT, "%s%d", mark_text(frame, MARK_BOOSTS), kase->boosts);
	if (kase->similar > 1)
		tail_add(tail, STYLE_TEXT, "x%d", kase->similar);
	tail_work(state, kase, tail);
}

/* Puts the parts flush right, the last ones first, in at most `room` cells; returns the column where they begin. */
static int put_tail(struct frame *frame, int row, int end, int room, const struct tail *tail)
{
	int col = end;
	for (int i = tail->count - 1; i >= 0; i--) {
		int cells = cells_width(tail->part[i].text, strlen(tail->part[i].text));
		if (end - (col - cells - 1) > room)
			break;
		col -= cells;
		frame_put_text(frame, row, col, cells, tail->part[i].text, SIZE_MAX, tail->part[i].style);
		col--;
	}
	return col;
}

/* A row of the outbox: what becomes of the reply and why, then what it says. */
static void put_outgoing(const struct state *state, const struct kase *kase, struct pen *pen)
{
	const struct reply *reply = kase->outgoing;
	bool stuck = reply->state == REPLY_FAILED || reply->state == REPLY_STOPPED;
	int64_t left = reply->hold_until - state->wall;
	pen_putf(pen, stuck ? STYLE_ERROR : STYLE_SOON, "%s", reply_state_name(reply->state));
	if (reply->state == REPLY_HELD && left > 0)
		pen_putf(pen, STYLE_SOON, " %llds", (long long)((left + 999) / 1000));
	if (*reply->error)
		pen_putf(pen, stuck ? STYLE_ERROR : STYLE_SOON, ": %s", reply->error);
	if (!str_eq(reply->agent, state->setup.agent))
		pen_putf(pen, STYLE_FAINT, " (%s)", reply->agent);
	if (kase->outgoing_count > 1)
		pen_putf(pen, STYLE_FAINT, " +%d", kase->outgoing_count - 1);
	const char *said = str_or(reply->typed, reply->text);
	pen_put(pen, STYLE_TEXT, "  ");
	pen_put(pen, STYLE_TEXT, reply->kind == REPLY_KIND_POST ? said : reply_kind_name(reply->kind));
}

static void draw_row(const struct state *state, struct frame *frame, struct rect rect, int row, const struct kase *kase,
        int handle_cells)
{
	struct pen pen = pen_at(frame, rect, row);
	bool selected = kase->id == state->inbox.selected;
	bool ghost = kase->id == state->inbox.ghost;
	int end = pen.end;
	pen_put(&pen, selected ? STYLE_SELECTED : STYLE_TEXT, selected ? mark_text(frame, MARK_GUTTER) : " ");
	if (selected && state->focus == MODE_INBOX)
		frame_set_cursor(frame, pen.row, rect.col);
	put_mark(state, kase, &pen);
	put_time(state, kase, &pen);
	pen_put(&pen, STYLE_STRONG, state_marked(state, kase->id) ? mark_text(frame, MARK_MARKED) : " ");
	pen_putf(&pen, STYLE_FAINT, "%c ", kase->network[0] ? kase->network[0] : ' ');
	int like = frame_put_text(frame, pen.row, pen.col, 1,
	        like_mark(state, frame, kase->handle, kase->customer_name), SIZE_MAX, STYLE_ERROR);
	frame_put_cut(frame, pen.row, pen.col + like, handle_cells - like, kase->handle, handle_short(kase->handle),
	        STYLE_STRONG);
	pen.col += handle_cells + 1;
	struct tail tail = {.frame = frame};
	if (kase->outgoing) {
		put_outgoing(state, kase, &pen);
		return;
	}
	fill_tail(state, kase, &tail);
	int room = end - pen.col;
	/* What the words leave, or half. */
	int spare = room - cells_width(kase->summary, strlen(kase->summary));
	int text_end = put_tail(frame, pen.row, end, spare > room / 2 ? spare : room / 2, &tail);
	frame_put_cut(frame, pen.row, pen.col, text_end - pen.col, kase->summary, SIZE_MAX,
	        ghost                  ? STYLE_FAINT
	        : is_late(state, kase) ? STYLE_STRONG
	                               : STYLE_TEXT);
	draw_found(state, frame, pen.row, pen.col, text_end - pen.col);
}

static const char *empty_words(const struct state *state, const struct frame *frame)
{
	if (state->inbox.failed)
		return "This list could not be read; the line below says why.";
	if (!state->inbox.loaded)
		return frame->ascii ? "Loading" : "Loading …";
	if (state->accounts_known && !state->account_count)
		return "No account is configured. Add [account NAME] with network, server and handle to "
		       "~/.config/curlew/curlew.conf, or the file that -c names, then run curlew login NAME. "
		       "curlew tutor gives lessons without one.";
	if (state->filter[0])
		return "Nothing fits.";
	return state->view == 0 ? "All answered." : "Nothing here.";
}

static void draw_empty(const struct state *state, struct frame *frame, struct rect rect)
{
	const char *words = empty_words(state, frame);
	struct lines lines = {0};
	wrap_text(&lines, words, strlen(words), rect.cols - 3);
	for (int i = 0; i < rect.rows && (size_t)i < lines.len; i++)
		frame_put_text(frame, rect.row + i, rect.col + 2, rect.cols - 2, words + lines.at[i].start,
		        lines.at[i].end - lines.at[i].start, STYLE_FAINT);
	lines_release(&lines);
	if (state->focus == MODE_INBOX)
		frame_set_cursor(frame, rect.row, rect.col);
}

int inbox_top(const struct state *state, int rows)
{
	/* The desk moves `top` when it knows how many rows there are; a resize may come in between. */
	int selected = state_selected_index(state);
	int top = state->inbox.top;
	if (selected >= 0 && selected < top)
		top = selected;
	if (selected >= top + rows)
		top = selected - rows + 1;
	return top;
}

struct rect inbox_cases(const struct state *state, struct rect rect)
{
	enum { ROWS_LEFT = 2 };
	if (!state->gap_count || rect.rows <= ROWS_LEFT)
		return rect;
	return (struct rect){rect.row + 1, rect.col, rect.rows - 1, rect.cols};
}

/* What is known to be missing: the earliest gap, how many more there are, and what takes the line away. */
static void draw_gap(const struct state *state, struct frame *frame, struct rect rect)
{
	const struct gap *gap = &state->gaps[0];
	struct pen pen = pen_at(frame, rect, 0);
	char from[32], to[32], tail[48];
	when_words(gap->from, state->wall, from, sizeof from);
	when_words(gap->to, state->wall, to, sizeof to);
	snprintf(tail, sizeof tail, state->gap_count > 1 ? " +%d :seen" : " :seen", state->gap_count - 1);
	int end = pen.end - (int)strlen(tail);
	pen.col++;
	pen_put(&pen, STYLE_LATE, mark_text(frame, MARK_LATE));
	pen.end = end;
	pen_putf(&pen, STYLE_STRONG, " not read: %s to %s, %s %s", from, to, gap->account, gap->source);
	pen_putf(&pen, STYLE_FAINT, ": %s", gap->reason);
	frame_put_text(frame, pen.row, end, (int)strlen(tail), tail, SIZE_MAX, STYLE_FAINT);
}

void draw_inbox(const struct state *state, struct frame *frame, struct rect pane, struct seen *seen)
{
	struct rect rect = inbox_cases(state, pane);
	if (rect.rows < pane.rows)
		draw_gap(state, frame, pane);
	seen->inbox_rows = rect.rows;
	if (!rect.rows)
		return;
	if (!state->inbox.count) {
		draw_empty(state, frame, rect);
		return;
	}
	int handle_cells = rect.cols / 6;
	handle_cells = handle_cells < HANDLE_MIN ? HANDLE_MIN : handle_cells > HANDLE_MAX ? HANDLE_MAX : handle_cells;
	int top = inbox_top(state, rect.rows);
	for (int i = 0; i < rect.rows && top + i < state->inbox.count; i++)
		draw_row(state, frame, rect, i, &state->inbox.rows[top + i], handle_cells);
}
