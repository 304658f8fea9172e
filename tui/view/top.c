/* The top line: how the accounts' streams are, the queue's numbers, who and when. And the line of views under it. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/base/timefmt.h"
#include "core/text/cells.h"

#include <stdio.h>
#include <string.h>

enum { TAB_GAP = 2 };

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
	case ACCOUNT_LIVE:
		if (*account->state_reason)
			snprintf(out, size, " %s", account->state_reason);
		break;
	case ACCOUNT_RATE_LIMITED:
	case ACCOUNT_RETRYING:
		snprintf(out, size, " %s%s%s", account->state == ACCOUNT_RETRYING ? "away" : "rate limited",
		        *left ? ", " : "", left);
		break;
	case ACCOUNT_NEEDS_LOGIN:
		/* What to do comes before why: the end of a long reason is cut. */
		if (!strstr(account->state_reason, "curlew login")) {
			snprintf(out, size, " needs login: curlew login %s (%s)", account->name,
			        str_or(account->state_reason, "no token"));
			break;
		}
		/* fall through */
	case ACCOUNT_FAILED:
		snprintf(out, size, ": %s", str_or(account->state_reason, account_state_name(account->state)));
		break;
	default:
		snprintf(out, size, " %s",
		        *account->state_reason ? account->state_reason : account_state_name(account->state));
	}
}

/* What is wrong with the store; "" for nothing. The message at the bottom tells more. */
static const char *store_words(const struct state *state)
{
	if (state->trouble == ERR_DATA)
		return "the store is damaged: curlew check --repair";
	if (state->trouble == ERR_IO)
		return state_unsafe_drafts(state) ? "draft kept here, not stored: is the disk full?"
		                                  : "nothing can be stored: is the disk full?";
	if (state->trouble == ERR_PERMISSION)
		return state_unsafe_drafts(state) ? "draft kept here, not stored: the store is read-only"
		                                  : "the store is read-only: nothing can be changed";
	return state->store_why;
}

static void put_accounts(const struct state *state, struct pen *pen)
{
	const char *wrong = store_words(state);
	if (*wrong) {
		pen_putf(pen, STYLE_ERROR, "%s", wrong);
		return;
	}
	if (state->accounts_known && !state->account_count)
		pen_put(pen, STYLE_ERROR, "no account yet: add one to curlew.conf");
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

static const char *count_words(int64_t count, char out[24])
{
	bool more = count > COUNTED_MAX;
	snprintf(out, 24, "%lld%s", more ? COUNTED_MAX : (long long)count, more ? "+" : "");
	return out;
}

/* detail: 0 what is late, 1 the queue too, 2 all. */
static void numbers_words(const struct state *state, const struct frame *frame, int detail, char *out, size_t size)
{
	const char *dot = mark_text(frame, MARK_DOT);
	struct str words = STR_INIT;
	char count[24];
	if (state->numbers_known)
		str_addf(&words, "%s late", count_words(state->late, count));
	if (state->numbers_known && detail > 0)
		str_addf(&words, " %s %s waiting", dot, count_words(state->needing, count));
	if (state->numbers_known && detail > 1 && state->median_ms >= 0) {
		char median[16];
		duration_format(state->median_ms, median, sizeof median);
		str_addf(&words, " %s median %s", dot, median);
	}
	if (state->numbers_known && detail > 0 && state->outbox)
		str_addf(&words, " %s %d in the outbox", dot, state->outbox);
	str_copy(out, size, words.p);
	str_release(&words);
}

static int accounts_cells(const struct state *state)
{
	int cells = 0;
	const char *wrong = store_words(state);
	if (*wrong)
		return 2 + cells_width(wrong, strlen(wrong));
	for (int i = 0; i < state->account_count; i++) {
		char words[256];
		account_words(state, &state->accounts[i], words, sizeof words);
		cells += 5 + cells_width(state->accounts[i].name, strlen(state->accounts[i].name)) +
		         cells_width(words, strlen(words));
	}
	return cells;
}

/* What is wrong with an account comes before numbers, and these before who and when. */
void draw_top(const struct state *state, struct frame *frame, struct rect rect)
{
	char who[128], clock[16], numbers[128];
	time_format_local(state->wall, "%H:%M", clock, sizeof clock);
	snprintf(who, sizeof who, "%s  %s", state->setup.agent, clock);
	frame_fill(frame, rect.row, rect.col, rect.cols, ' ', STYLE_BAR);
	int who_cells = cells_width(who, strlen(who));
	int accounts = accounts_cells(state), number_cells, detail = 2;
	do {
		numbers_words(state, frame, detail, numbers, sizeof numbers);
		number_cells = cells_width(numbers, strlen(numbers));
	} while (accounts + number_cells + who_cells + 5 > rect.cols && detail-- > 0);
	bool room_for_who = rect.cols >= number_cells + who_cells + 16;
	int end = rect.col + rect.cols - 1 - (room_for_who ? who_cells + 2 : 0);
	int number_col = end - number_cells;
	struct pen pen = {frame, rect.row, rect.col + 1, number_col > rect.col + 12 ? number_col - 1 : end};
	put_accounts(state, &pen);
	if (number_col > pen.col)
		frame_put_text(frame, rect.row, number_col, number_cells, numbers, SIZE_MAX,
		        state->late ? STYLE_LATE : STYLE_BAR);
	if (room_for_who)
		frame_put_text(
		        frame, rect.row, rect.col + rect.cols - 1 - who_cells, who_cells, who, SIZE_MAX, STYLE_BAR);
}

static void put_tab(const struct state *state, struct pen *pen, size_t i)
{
	const struct setup_view *view = &state->setup.views[i];
	bool on = (int)i == state->view;
	int64_t count = state->counts ? state->counts[i] : -1;
	char words[24];
	/* Without colour or underline the open view is still told by its brackets. */
	pen_putf(pen, on ? STYLE_TAB_ON : STYLE_TAB, on ? "[%s" : "%s", view->name);
	if (count > 0)
		pen_putf(pen, on ? STYLE_TAB_ON : STYLE_FAINT, " %s", count_words(count, words));
	pen_put(pen, on ? STYLE_TAB_ON : STYLE_TAB, on ? "]" : "");
}

static int tab_cells(const struct state *state, size_t i)
{
	char count[24] = "";
	if (state->counts && state->counts[i] > 0)
		count_words(state->counts[i], count);
	const char *name = state->setup.views[i].name;
	return cells_width(name, strlen(name)) + (int)strlen(count) + (*count ? 1 : 0) + TAB_GAP +
	       ((int)i == state->view ? 2 : 0);
}

/* The open view is always in sight: a narrow line begins as late as it must. */
static size_t first_tab(const struct state *state, int room)
{
	size_t first = (size_t)state->view;
	int cells = tab_cells(state, first);
	while (first > 0 && cells + tab_cells(state, first - 1) <= room)
		cells += tab_cells(state, --first);
	return first;
}

int tab_at(const struct state *state, struct rect rect, int col)
{
	int at = rect.col + 1;
	if (state->filter[0])
		return -1;
	for (size_t i = first_tab(state, rect.cols - 1); i < state->setup.views_len && at < rect.col + rect.cols; i++) {
		int end = at + tab_cells(state, i);
		if (col >= at && col < end - TAB_GAP)
			return (int)i;
		at = end;
	}
	return -1;
}

void draw_tabs(const struct state *state, struct frame *frame, struct rect rect)
{
	if (!rect.rows)
		return;
	struct pen pen = pen_at(frame, rect, 0);
	pen.col++;
	if (state->filter[0]) {
		pen_putf(&pen, STYLE_TAB_ON, "[%s]", state->setup.views[state->view].name);
		pen_putf(&pen, STYLE_MATCH, " %s", state->filter);
		pen_put(&pen, STYLE_FAINT, "  Esc shows all");
		return;
	}
	size_t first = first_tab(state, rect.cols - 1);
	/* A name is there or it is not: half a number would mislead. */
	for (size_t i = first; i < state->setup.views_len; i++) {
		if (i > first && pen.col + tab_cells(state, i) - TAB_GAP > pen.end)
			break;
		put_tab(state, &pen, i);
		pen.col += TAB_GAP;
	}
}
