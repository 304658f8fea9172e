/* The customer's panel: who they are and how far they reach, what the team noted, and all their cases over time. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

enum { NOTES_MAX = 3, DATE_CELLS = 12, NETWORK_CELLS = 9, STATUS_CELLS = 9, TAG_CELLS = 16 };

struct panel {
	const struct state *state;
	struct frame *frame;
	struct rect rect;
	int row; /* the next one, within rect */
};

/* A row of the panel, emptied; false when there is none left. */
static bool next_row(struct panel *panel, struct pen *pen)
{
	if (panel->row >= panel->rect.rows)
		return false;
	*pen = pen_at(panel->frame, panel->rect, panel->row++);
	frame_fill(panel->frame, pen->row, pen->col, panel->rect.cols, ' ', STYLE_TEXT);
	pen->col += 2;
	return true;
}

static void put_who(struct panel *panel)
{
	const struct case_view *view = state_view(panel->state);
	const struct kase *kase = state_case(panel->state);
	const char *dot = mark_text(panel->frame, MARK_DOT);
	struct pen pen;
	char words[48];
	if (!kase || !next_row(panel, &pen))
		return;
	followers_words(kase->followers, words, sizeof words);
	pen_putf(&pen, STYLE_TEXT, "%s %s %s", kase->network, dot, words);
	if (view && view->customer.created_at) {
		time_format_local(view->customer.created_at, "%Y", words, sizeof words);
		pen_putf(&pen, STYLE_TEXT, " %s since %s", dot, words);
	}
	if (view && view->customer.bot)
		pen_putf(&pen, STYLE_SOON, " %s bot", dot);
	if (kase->muted_until > panel->state->wall) {
		when_words(kase->muted_until, panel->state->wall, words, sizeof words);
		pen_putf(&pen, STYLE_SOON, " %s muted until %s", dot, words);
	}
	for (int i = 0; view && i < view->joined_count && next_row(panel, &pen); i++) {
		const struct customer *one = &view->joined[i];
		followers_words(one->followers, words, sizeof words);
		pen_putf(&pen, STYLE_TEXT, "also %s %s %s %s %s", one->handle, dot, one->network, dot, words);
	}
	const char *ours = state_looks_like(panel->state, kase->handle, kase->customer_name);
	if (ours && next_row(panel, &pen))
		pen_putf(&pen, STYLE_ERROR, "%s looks like %s, and is somebody else",
		        mark_text(panel->frame, MARK_LOOKALIKE), ours);
	if (view && *view->customer.url && next_row(panel, &pen))
		pen_put(&pen, STYLE_LINK, view->customer.url);
}

/* The newest notes of different cases. */
static void put_notes(struct panel *panel)
{
	const struct past *past = &panel->state->past;
	const char *dot = mark_text(panel->frame, MARK_DOT);
	for (int i = 0, n = 0; i < past->count && n < NOTES_MAX; i++) {
		const struct past_case *one = &past->cases[i];
		struct pen pen;
		char at[24];
		if (!*one->note || !next_row(panel, &pen))
			continue;
		n++;
		when_words(one->note_at, panel->state->wall, at, sizeof at);
		pen_putf(&pen, STYLE_FAINT, "%s%s %s %s, #%lld: ", dot, dot, at, one->note_by, (long long)one->kase.id);
		pen_put(&pen, STYLE_NOTE, one->note);
	}
}

/* How it came out, in a word or two. */
static void outcome_words(const struct kase *kase, char *out, size_t size)
{
	char took[16];
	if (kase->status == STATUS_IGNORED || (kase->status == STATUS_DONE && *kase->done_reason)) {
		snprintf(out, size, "%s", str_or(kase->done_reason, "ignored"));
	} else if (kase->first_reply_at) {
		int64_t waited = kase->first_reply_at - kase->first_post_at;
		duration_format(waited > 0 ? waited : 0, took, sizeof took);
		snprintf(out, size, "answered after %s", took);
	} else {
		snprintf(out, size, kase->status == STATUS_DONE ? "never answered" : "not answered yet");
	}
}

static void put_case(struct panel *panel, const struct kase *kase, bool at)
{
	struct pen pen;
	char date[24], outcome[96];
	if (!next_row(panel, &pen))
		return;
	pen.col = panel->rect.col;
	pen_put(&pen, at ? STYLE_SELECTED : STYLE_TEXT, at ? mark_text(panel->frame, MARK_GUTTER) : " ");
	int col = pen.col;
	pen_putf(&pen, STYLE_STRONG, "#%lld ", (long long)kase->id);
	pen.col = pen.col < col + 8 ? col + 8 : pen.col;
	time_format_local(kase->first_post_at, "%d %b %Y", date, sizeof date);
	col = pen.col;
	pen_put(&pen, STYLE_FAINT, date);
	pen.col = col + DATE_CELLS;
	const struct case_view *view = state_view(panel->state);
	if (view && view->joined_count) { /* one person writes from several places */
		col = pen.col;
		struct pen network = pen;
		network.end = col + NETWORK_CELLS - 1;
		pen_put(&network, STYLE_FAINT, kase->network);
		pen.col = col + NETWORK_CELLS;
	}
	col = pen.col;
	pen_put(&pen, STYLE_TEXT, case_status_name(kase->status));
	pen.col = col + STATUS_CELLS;
	outcome_words(kase, outcome, sizeof outcome);
	int cells = cells_width(outcome, strlen(outcome)), end = pen.end;
	frame_put_text(panel->frame, pen.row, end - cells - 1, cells, outcome, SIZE_MAX,
	        kase->praise ? STYLE_GOOD : STYLE_FAINT);
	pen.end = end - cells - 3;
	for (int i = 0; i < kase->tag_count && i < 2; i++)
		pen_putf(&pen, STYLE_TAG, "%s ", kase->tags[i]);
	pen_put(&pen, STYLE_TEXT, kase->summary);
}

static void put_cases(struct panel *panel, struct seen *seen)
{
	const struct state *state = panel->state;
	const struct picker *picker = &state->picker;
	int room = panel->rect.rows - panel->row, count = (int)picker->shown.len;
	int first = picker->at >= room ? picker->at - room + 1 : 0;
	struct pen pen;
	seen->picker_rows = room;
	if (!count && next_row(panel, &pen))
		pen_put(&pen, STYLE_FAINT, picker->waiting ? "one moment" : "nothing fits");
	for (int i = first; i < count && panel->row < panel->rect.rows; i++)
		put_case(panel, &state->past.cases[picker->shown.at[i]].kase, i == picker->at);
}

void draw_past(const struct state *state, struct frame *frame, struct rect above, struct seen *seen)
{
	const struct kase *kase = state_case(state);
	struct str title = STR_INIT;
	struct panel panel = {state, frame, above, 1};
	int count = state->past.count;
	if (kase && *kase->customer_name)
		str_addf(&title, "%s  ", kase->customer_name);
	if (kase)
		str_adds(&title, kase->handle);
	draw_box_top(frame, above, title.p);
	put_who(&panel);
	put_notes(&panel);
	if (panel.row < above.rows) {
		char words[32];
		snprintf(words, sizeof words, "%d %s", count, count == 1 ? "case" : "cases");
		draw_box_top(frame, (struct rect){above.row + panel.row++, above.col, 1, above.cols},
		        state->picker.waiting ? "cases" : words);
	}
	put_cases(&panel, seen);
	struct pen pen;
	while (next_row(&panel, &pen))
		;
	str_release(&title);
}
