/* What the panes share: the marks, times in words, and one function a pane. Pure. */
#ifndef TUI_VIEW_DRAW_H
#define TUI_VIEW_DRAW_H

#include "tui/desk/sendbar.h"
#include "tui/desk/state.h"
#include "tui/view/frame.h"
#include "tui/view/panes.h"

enum mark {
#define X(name, utf8, ascii, help) MARK_##name,
#include "tui/view/marks.def"
#undef X
	MARK_COUNT
};

/* As the frame's terminal can show it. */
const char *mark_text(const struct frame *frame, enum mark mark);
uint32_t mark_code(const struct frame *frame, enum mark mark); /* of a mark of one code point */

/* What stands before a customer's handle: the mark of a name that looks like one of ours, or "". Without a name, the
 * one that goes with the handle counts as far as it is on the desk. */
const char *like_mark(const struct state *state, const struct frame *frame, const char *handle, const char *name);

/* "14:02" today, "Tue 14:02" this week, "18 Nov" before: local time. out: 16 bytes at least. */
void when_words(int64_t at, int64_t now, char *out, size_t size);

/* Keys as people read them: "Esc", "gi", "^X". */
void key_words(const struct key *keys, size_t len, char *out, size_t size);

/* The easiest keys bound to a command in a mode, as key_words; "" when none is. */
void keys_of(const struct state *state, enum mode mode, enum command_id command, char *out, size_t size);

/* The view that a binding's argument means: its number, key or name; NULL for none. */
const struct setup_view *view_named(const struct state *state, const char *word);

/* The part of a handle that a narrow place shows: without the server, and without the suffix that most of Bluesky has.
 * Returns its bytes. Never where it is said to whom something goes: there the whole handle stands. */
size_t handle_short(const char *handle);

/* A small line written from left to right: where the next thing goes and how much room is left. What does not fit is
 * cut with a mark. */
struct pen {
	struct frame *frame;
	int row, col, end; /* end: the first column that is not ours */
};
struct pen pen_at(struct frame *frame, struct rect rect, int row);
void pen_put(struct pen *pen, enum style style, const char *text);
void pen_putf(struct pen *pen, enum style style, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Marks the words of the search among `room` cells; terms of the query language are passed over. */
void draw_found(const struct state *state, struct frame *frame, int row, int col, int room);

/* Where the panes stand now. bar_rows: those of the send bar. */
void view_panes(const struct state *state, int rows, int cols, int bar_rows, struct panes *panes);

/* What stands where: the first row of the inbox that is shown; the view whose name stands at a column, -1 for none; the
 * offset in the composer's text. */
int inbox_top(const struct state *state, int rows);
struct rect inbox_cases(const struct state *state, struct rect rect); /* the inbox without the line over its rows */
int tab_at(const struct state *state, struct rect rect, int col);
size_t composer_offset_at(const struct state *state, struct rect rect, int row, int col);

void draw_top(const struct state *state, struct frame *frame, struct rect rect);
void draw_tabs(const struct state *state, struct frame *frame, struct rect rect);
void draw_inbox(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen);
/* The customer's lines: as many of name, reach, tags as there are rows; the last is a rule when there are four. */
void draw_customer(const struct state *state, struct frame *frame, struct rect rect);
void draw_thread(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen);
void draw_composer(
        const struct state *state, struct frame *frame, struct rect frame_row, struct rect rect, struct seen *seen);
/* The rows of the send bar in so many columns: no objection is left out or cut. */
int sendbar_rows(const struct state *state, const struct objection *objections, int count, int cols);
void draw_sendbar(const struct state *state, struct frame *frame, struct rect rect, const struct objection *objections,
        int count);
void draw_bottom(const struct state *state, struct frame *frame, struct rect rect);
void draw_picker(const struct state *state, struct frame *frame, struct rect above, struct seen *seen);
/* Rows at the foot that say what this desk is, when it is not the real one; 0 where there is no room. */
int banner_rows(const struct state *state, const struct frame *frame);
void draw_banner(const struct state *state, struct frame *frame, struct rect rect);
/* The picker of links shows the selected one whole; that of a customer's cases shows the customer, too. */
void draw_links(const struct state *state, struct frame *frame, struct rect above, struct seen *seen);
void draw_past(const struct state *state, struct frame *frame, struct rect above, struct seen *seen);
/* What they share with the other pickers. */
void draw_box_top(struct frame *frame, struct rect rect, const char *title);
void draw_item(struct frame *frame, struct rect rect, int row, const struct picker_item *item, bool at);
/* "12.4k followers". */
void followers_words(int64_t followers, char *out, size_t size);
/* What the agent still holds, in place of all panes. */
void draw_handover(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen);
void draw_help(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen);

#endif
