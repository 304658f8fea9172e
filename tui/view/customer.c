/* The customer and the case, in one line or in four. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

void followers_words(int64_t followers, char *out, size_t size)
{
	if (followers < 0)
		snprintf(out, size, "reach unknown");
	else if (followers < 1000)
		snprintf(out, size, "%lld followers", (long long)followers);
	else if (followers < 1000000)
		snprintf(out, size, "%.*fk followers", followers < 100000 ? 1 : 0, (double)followers / 1000);
	else
		snprintf(out, size, "%.1fM followers", (double)followers / 1000000);
}

static const char *ordinal(int n)
{
	int tens = n % 100;
	if (tens >= 11 && tens <= 13)
		return "th";
	return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

/* Who writes in it, or whose it is; "" for nobody's. */
static void who_words(const struct state *state, const struct kase *kase, char *out, size_t size)
{
	const char *writer = state_writer(state, kase);
	*out = '\0';
	if (*writer)
		snprintf(out, size, "%s is writing", writer);
	else if (str_eq(kase->assignee, state->setup.agent))
		snprintf(out, size, "yours");
	else if (*kase->assignee)
		snprintf(out, size, "%s's", kase->assignee);
}

static void put_name(const struct state *state, const struct kase *kase, struct frame *frame, struct rect rect)
{
	char who[96], number[160];
	who_words(state, kase, who, sizeof who);
	snprintf(number, sizeof number, "%s%s%s  #%lld", case_status_name(kase->status), *who ? ", " : "", who,
	        (long long)kase->id);
	int width = cells_width(number, strlen(number));
	struct pen pen = {frame, rect.row, rect.col, rect.col + rect.cols - width - 1};
	pen_put(&pen, STYLE_ERROR, like_mark(state, frame, kase->handle, kase->customer_name));
	pen_put(&pen, STYLE_STRONG, str_or(kase->customer_name, kase->handle));
	pen_putf(&pen, STYLE_TEXT, "  %s", kase->handle);
	frame_put_text(frame, rect.row, rect.col + rect.cols - width, width, number, SIZE_MAX, STYLE_FAINT);
}

static void put_reach(const struct state *state, const struct kase *kase, struct pen *pen)
{
	const struct case_view *view = state_view(state);
	const char *dot = mark_text(pen->frame, MARK_DOT);
	char words[48];
	followers_words(kase->followers, words, sizeof words);
	pen_put(pen, STYLE_TEXT, words);
	if (!view)
		return;
	if (view->customer.created_at) {
		char year[8];
		time_format_local(view->customer.created_at, "%Y", year, sizeof year);
		pen_putf(pen, STYLE_TEXT, " %s since %s", dot, year);
	}
	int nth = view->earlier_cases + 1;
	pen_putf(pen, STYLE_TEXT, " %s %d%s case", dot, nth, ordinal(nth));
	if (view->earlier_unhappy)
		pen_putf(pen, STYLE_SOON, " %s %d unhappy", dot, view->earlier_unhappy);
	if (view->customer.bot)
		pen_putf(pen, STYLE_SOON, " %s bot", dot);
	if (view->joined_count)
		pen_putf(pen, STYLE_TEXT, " %s also %s", dot, view->joined[0].handle);
	if (view->joined_count > 1)
		pen_putf(pen, STYLE_TEXT, " +%d", view->joined_count - 1);
}

static void escalation_words(const struct state *state, const struct kase *kase, struct str *out)
{
	if (!*kase->escalated_to)
		return;
	char at[24];
	when_words(kase->escalated_at, state->wall, at, sizeof at);
	str_addf(out, "escalated to %s %s, %s", kase->escalated_to, at, escalation_state_name(kase->escalation));
	if (kase->escalation == ESCALATION_FAILED && *kase->escalation_error)
		str_addf(out, ": %s", kase->escalation_error);
}

static void snooze_words(const struct state *state, const struct kase *kase, struct str *out)
{
	if (kase->status != STATUS_SNOOZED)
		return;
	char at[24];
	when_words(kase->snoozed_until, state->wall, at, sizeof at);
	str_addf(out, "%ssnoozed until %s", out->len ? "  " : "", at);
}

static void put_tags(const struct kase *kase, struct pen *pen)
{
	static const char *const priorities[] = {"low  ", "", "high  ", "urgent  "};
	if (kase->priority >= -1 && kase->priority <= 2)
		pen_put(pen, STYLE_PRIORITY, priorities[kase->priority + 1]);
	for (int i = 0; i < kase->tag_count; i++)
		pen_putf(pen, STYLE_TAG, "%s  ", kase->tags[i]);
}

/* Tags from the left; where it has been taken to, flush right, keeps its room. */
static void put_case(const struct state *state, const struct kase *kase, struct frame *frame, struct rect rect)
{
	struct str away = STR_INIT;
	escalation_words(state, kase, &away);
	snooze_words(state, kase, &away);
	int cells = cells_width(away.p, away.len);
	int room = rect.cols - (cells ? cells + 2 : 0);
	struct pen pen = {frame, rect.row, rect.col, rect.col + (room > 12 ? room : 12)};
	put_tags(kase, &pen);
	/* Flush right, unless that leaves it too little. */
	int col = rect.cols - cells;
	col = col >= pen.end - rect.col + 2 ? col : pen.end - rect.col + 2;
	if (cells)
		frame_put_cut(frame, rect.row, rect.col + col, rect.cols - col, away.p, away.len, STYLE_PRIORITY);
	str_release(&away);
}

/* All in one row, what matters most first. */
static void draw_one_row(const struct state *state, const struct kase *kase, struct frame *frame, struct rect rect)
{
	struct pen pen = pen_at(frame, rect, 0);
	struct str away = STR_INIT;
	pen_putf(&pen, STYLE_FAINT, " #%lld ", (long long)kase->id);
	pen_put(&pen, STYLE_ERROR, like_mark(state, frame, kase->handle, kase->customer_name));
	pen_putf(&pen, STYLE_STRONG, "%s  ", kase->handle);
	char who[96];
	who_words(state, kase, who, sizeof who);
	pen_putf(&pen, STYLE_TEXT, "%s%s%s  ", case_status_name(kase->status), *who ? ", " : "", who);
	escalation_words(state, kase, &away);
	snooze_words(state, kase, &away);
	if (away.len)
		pen_putf(&pen, STYLE_PRIORITY, "%s  ", away.p);
	put_tags(kase, &pen);
	put_reach(state, kase, &pen);
	pen_put(&pen, STYLE_TEXT, " ");
	str_release(&away);
}

void draw_customer(const struct state *state, struct frame *frame, struct rect rect)
{
	const struct kase *kase = state_case(state);
	if (!rect.rows || !kase)
		return;
	if (rect.rows == 1) {
		draw_one_row(state, kase, frame, rect);
		return;
	}
	put_name(state, kase, frame, rect);
	struct pen reach = pen_at(frame, rect, 1);
	put_reach(state, kase, &reach);
	put_case(state, kase, frame, (struct rect){rect.row + 2, rect.col, 1, rect.cols});
	if (rect.rows > 3)
		frame_fill(frame, rect.row + 3, rect.col, rect.cols, mark_code(frame, MARK_RULE), STYLE_FAINT);
}
