/* The top line: how the accounts' streams are, the queue's numbers, who and when. And the line of views under it. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

static enum mark account_mark(enum account_state state)
{
	switch (state) {
	case ACCOUNT_LIVE: return MARK_LIVE;
	case ACCOUNT_CONNECTING:
	case ACCOUNT_CATCHING_UP: return MARK_BUSY;
	default: return MARK_AWAY;
	}
}

/* Words only when it is not well: a healthy line does not change with every heartbeat. */
static void account_words(const struct state *state, const struct account *account, char *out, size_t size)
{
	char left[16] = "";
	out[0] = '\0';
	if (account->state_until > state->wall)
		duration_format(account->state_until - state->wall, left, sizeof left);
	switch (account->state) {
	case ACCOUNT_LIVE: break;
	case ACCOUNT_RATE_LIMITED:
	case ACCOUNT_RETRYING:
		snprintf(out, size, " %s%s%s", account->state == ACCOUNT_RETRYING ? "away" : "rate limited",
		        *left ? ", " : "", left);
		break;
	case ACCOUNT_NEEDS_LOGIN:
	case ACCOUNT_FAILED:
		snprintf(out, size, " %s", str_or(account->state_reason, account_state_name(account->state)));
		break;
	default: snprintf(out, size, " %s", account_state_name(account->state));
	}
}

static void put_accounts(const struct state *state, struct pen *pen)
{
	if (state->store_why[0]) {
		pen_putf(pen, STYLE_ERROR, "%s", state->store_why);
		return;
	}
	if (state->accounts_known && !state->account_count)
		pen_put(pen, STYLE_ERROR, "no account yet: add [account NAME] to curlew.conf");
	for (int i = 0; i < state->account_count; i++) {
		const struct account *account = &state->accounts[i];
		char words[256];
		account_words(state, account, words, sizeof words);
		enum style style = account->state == ACCOUNT_LIVE ? STYLE_GOOD
		                   : account->state == ACCOUNT_NEEDS_LOGIN || account->state == ACCOUNT_FAILED
		                           ? STYLE_ERROR
		                           : STYLE_SOON;
		pen_putf(pen, style, "%s", mark_text(pen->frame, account_mark(account->state)));
		pen_putf(pen, STYLE_BAR, " %s%s   ", account->name, words);
	}
}

static void numbers_words(const struct state *state, const struct frame *frame, char *out, size_t size)
{
	const char *dot = mark_text(frame, MARK_DOT);
	char median[16] = "";
	out[0] = '\0';
	if (!state->numbers_known)
		return;
	int n = snprintf(out, size, "%d late %s %d waiting", state->late, dot, state->needing);
	if (state->median_ms >= 0 && n > 0 && (size_t)n < size) {
		duration_format(state->median_ms, median, sizeof median);
		n += snprintf(out + n, size - (size_t)n, " %s median %s", dot, median);
	}
	if (state->outbox && n > 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, " %s %d in the outbox", dot, state->outbox);
}

void draw_top(const struct state *state, struct frame *frame, struct rect rect)
{
	char who[128], clock[16], numbers[128];
	time_format_local(state->wall, "%H:%M", clock, sizeof clock);
	snprintf(who, sizeof who, "%s  %s", state->setup.agent, clock);
	numbers_words(state, frame, numbers, sizeof numbers);
	frame_fill(frame, rect.row, rect.col, rect.cols, ' ', STYLE_BAR);
	int who_cells = cells_width(who, strlen(who));
	int number_cells = cells_width(numbers, strlen(numbers));
	int who_col = rect.col + rect.cols - who_cells - 1;
	/* What matters most keeps its place: who and when go first when it is narrow, then the numbers. */
	bool room_for_who = rect.cols >= number_cells + who_cells + 16;
	int end = room_for_who ? who_col - 2 : rect.col + rect.cols - 1;
	int number_col = end - number_cells;
	struct pen pen = {frame, rect.row, rect.col + 1, number_col > rect.col + 12 ? number_col - 1 : end};
	put_accounts(state, &pen);
	if (number_col > pen.col && !state->store_why[0])
		frame_put_text(frame, rect.row, number_col, number_cells, numbers, SIZE_MAX,
		        state->late ? STYLE_LATE : STYLE_BAR);
	if (room_for_who)
		frame_put_text(frame, rect.row, who_col, who_cells, who, SIZE_MAX, STYLE_BAR);
}

static void put_tab(const struct state *state, struct pen *pen, size_t i)
{
	const struct setup_view *view = &state->setup.views[i];
	bool on = (int)i == state->view;
	int64_t count = state->counts ? state->counts[i] : -1;
	/* Without colour or underline the open view is still told by its brackets. */
	pen_putf(pen, on ? STYLE_TAB_ON : STYLE_TAB, on ? "[%s" : "%s", view->name);
	if (count > 0)
		pen_putf(pen, on ? STYLE_TAB_ON : STYLE_FAINT, " %lld", (long long)count);
	pen_put(pen, on ? STYLE_TAB_ON : STYLE_TAB, on ? "]" : "");
	pen_put(pen, STYLE_TAB, "  ");
}

void draw_tabs(const struct state *state, struct frame *frame, struct rect rect)
{
	if (!rect.rows)
		return;
	struct pen pen = pen_at(frame, rect, 0);
	pen.col++;
	if (state->search[0] || state->filter[0]) {
		pen_putf(&pen, STYLE_TAB_ON, "[%s]", state->setup.views[state->view].name);
		if (state->filter[0])
			pen_putf(&pen, STYLE_MATCH, " %s", state->filter);
		if (state->search[0])
			pen_putf(&pen, STYLE_MATCH, " /%s", state->search);
		pen_put(&pen, STYLE_FAINT, "  Esc shows all");
		return;
	}
	/* The open view is always in sight: narrow screens start the line at it. */
	size_t first = 0;
	int before = 2;
	for (size_t i = 0; i < state->setup.views_len && (int)i <= state->view; i++)
		before += cells_width(state->setup.views[i].name, strlen(state->setup.views[i].name)) + 7;
	if (before > rect.cols)
		first = (size_t)state->view;
	for (size_t i = first; i < state->setup.views_len; i++)
		put_tab(state, &pen, i);
}
