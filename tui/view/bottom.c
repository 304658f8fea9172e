/* The bottom line. What matters most has it: a prompt, a question, a message, the keys of an unfinished sequence, held
 * replies with their seconds; else the keys that matter in this place. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/text/cells.h"
#include "core/text/wrap.h"

#include <stdio.h>
#include <string.h>

enum {
	HELD = 1 << REPLY_HELD | 1 << REPLY_QUEUED,
	WAITS = 1 << REPLY_FAILED | 1 << REPLY_STOPPED,
	DOUBT = 1 << REPLY_IN_DOUBT
};

struct hint {
	enum command_id command;
	const char *word;
};

static const struct hint desk_hints[] = {{CMD_NEXT_NEEDED, "next"}, {CMD_REPLY, "reply"}, {CMD_TAG, "tag"},
        {CMD_NOTE, "note"}, {CMD_ESCALATE, "escalate"}, {CMD_DONE, "done"}, {CMD_UNDO, "undo"}, {CMD_SEARCH, "search"},
        {CMD_HELP, "help"}};
static const struct hint marked_hints[] = {{CMD_TAG, "tag"}, {CMD_CLAIM, "claim"}, {CMD_ASSIGN, "assign"},
        {CMD_DONE, "done"}, {CMD_SNOOZE, "snooze"}, {CMD_PRIORITY, "priority"}, {CMD_NOT_ABOUT_US, "not about us"},
        {CMD_BACK, "unmark"}};
static const struct hint composer_hints[] = {{CMD_SEND, "send"}, {CMD_EDITOR, "editor"}, {CMD_BACK, "keep draft"}};
static const struct hint note_hints[] = {{CMD_SEND, "store the note"}, {CMD_BACK, "keep draft"}};
static const struct hint letter_hints[] = {{CMD_BACK, "leave"}};
static const struct hint handover_hints[] = {{CMD_HAND_OVER, "hand over"}, {CMD_HAND_OVER_NOBODY, "to nobody"},
        {CMD_HAND_OVER_KEEP, "keep"}, {CMD_HAND_OVER_ALL, "all alike"}, {CMD_QUIT, "leave"}, {CMD_BACK, "stay"}};
static const struct hint help_hints[] = {{CMD_DOWN, "down"}, {CMD_BACK, "back"}};

static void put_hints(
        const struct state *state, struct pen *pen, enum mode mode, const struct hint *hints, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char keys[CHORD_TEXT_MAX];
		keys_of(state, mode, hints[i].command, keys, sizeof keys);
		int cells = (int)strlen(keys) + (int)strlen(hints[i].word) + 1;
		if (!*keys)
			continue;
		if (pen->col + cells > pen->end)
			return;
		pen_putf(pen, STYLE_STRONG, "%s", keys);
		pen_putf(pen, STYLE_HINT, " %s  ", hints[i].word);
	}
}

static void put_mode_hints(const struct state *state, struct pen *pen)
{
	enum mode mode = state_mode(state);
#define HINTS(table) put_hints(state, pen, mode, table, sizeof(table) / sizeof *(table))
	switch (mode) {
	case MODE_INBOX:
	case MODE_THREAD:
		if (state_marked_count(state))
			HINTS(marked_hints);
		else
			HINTS(desk_hints);
		return;
	case MODE_COMPOSER:
		if (state->composer.kind == DRAFT_NOTE)
			HINTS(note_hints);
		else
			HINTS(composer_hints);
		return;
	case MODE_PICKER:
		pen_put(pen, STYLE_HINT, "a letter takes it  ");
		HINTS(letter_hints);
		return;
	case MODE_HELP: HINTS(help_hints); return;
	case MODE_HANDOVER: HINTS(handover_hints); return;
	default: return;
	}
#undef HINTS
}

/* One held reply in at most `room` cells: its seconds, to whom, and as much of what it says as fits. */
static void put_one_held(const struct state *state, struct pen *pen, const struct reply *reply, int room)
{
	int64_t left = reply->hold_until - state->wall;
	int end = pen->col + room;
	if (left > 0)
		pen_putf(pen, STYLE_SOON, "held %llds", (long long)((left + 999) / 1000));
	else
		pen_put(pen, STYLE_SOON, "sending");
	pen_putf(pen, STYLE_STRONG, " %s%.*s ", like_mark(state, pen->frame, reply->to_handle, NULL),
	        (int)handle_short(reply->to_handle), reply->to_handle);
	/* The handle is named already: what is said begins behind it. */
	const char *said = reply->text;
	if (str_starts(said, reply->to_handle))
		said += strlen(reply->to_handle);
	said += strspn(said, " \n");
	room = end - pen->col - 4;
	if (reply->kind != REPLY_KIND_POST) {
		pen_putf(pen, STYLE_TEXT, "%s", reply_kind_name(reply->kind));
	} else if (room > 6) {
		pen_put(pen, STYLE_TEXT, "\"");
		pen->col += frame_put_cut(pen->frame, pen->row, pen->col, room, said, SIZE_MAX, STYLE_TEXT);
		pen_put(pen, STYLE_TEXT, "\"");
	}
	pen_put(pen, STYLE_TEXT, "  ");
}

static void put_held(const struct state *state, struct pen *pen)
{
	enum { SHOWN = 4, NEEDS = 18, MOST = 64, BRIEF = 26 };
	const struct reply *held[SHOWN];
	char keys[CHORD_TEXT_MAX], more[32] = "";
	int count = state_outgoing(state, HELD, held, SHOWN);
	if (!count)
		return;
	keys_of(state, state_mode(state), CMD_RECALL, keys, sizeof keys);
	int room = pen->end - pen->col - cells_width(keys, strlen(keys)) - (int)strlen(" recalls  ");
	int shown = count < SHOWN ? count : SHOWN;
	while (shown > 1 && room / shown < NEEDS)
		shown--;
	if (count > shown)
		room -= snprintf(more, sizeof more, "and %d more  ", count - shown);
	/* A message behind it must have room, too. */
	int most = state->message.text[0] ? BRIEF : MOST;
	for (int i = 0; i < shown; i++)
		put_one_held(state, pen, held[i], room / shown < most ? room / shown : most);
	pen_put(pen, STYLE_SOON, more);
	pen_putf(pen, STYLE_STRONG, "%s", keys);
	pen_put(pen, STYLE_HINT, " recalls  ");
}

static void put_marked(const struct state *state, struct pen *pen)
{
	int marked = state_marked_count(state);
	if (marked)
		pen_putf(pen, STYLE_STRONG, "%d marked  ", marked);
}

static void put_waiting(const struct state *state, struct pen *pen)
{
	int waits = state_outgoing(state, WAITS, NULL, 0), doubt = state_outgoing(state, DOUBT, NULL, 0);
	if (waits)
		pen_putf(pen, STYLE_ERROR, "%d repl%s of yours not sent  ", waits, waits == 1 ? "y" : "ies");
	if (doubt)
		pen_putf(pen, STYLE_SOON, "%d in doubt  ", doubt);
}

/* What a binding does, in a word or two: its arguments tell more than the command, and a view's name more than its key.
 */
static const char *binding_words(const struct state *state, const struct binding *binding)
{
	if (!*binding->args)
		return state->setup.keymap->names->commands[binding->command].name;
	const struct setup_view *view = binding->command == CMD_VIEW ? view_named(state, binding->args) : NULL;
	return view ? view->name : binding->args;
}

static void put_chord(const struct state *state, struct pen *pen)
{
	char keys[CHORD_TEXT_MAX];
	chord_format(state->chord, state->chord_len, keys, sizeof keys);
	pen_putf(pen, STYLE_STRONG, "%s", keys);
	pen_put(pen, STYLE_HINT, " …  ");
	struct chord pending = {.len = state->chord_len};
	memcpy(pending.at, state->chord, state->chord_len * sizeof *state->chord);
	size_t at = 0;
	const struct binding *binding;
	while ((binding = keymap_next(state->setup.keymap, (int)state_mode(state), &at))) {
		bool goes_on = binding->keys.len > pending.len;
		for (size_t i = 0; goes_on && i < pending.len; i++)
			goes_on = key_eq(binding->keys.at[i], pending.at[i]);
		if (!goes_on)
			continue;
		chord_format(binding->keys.at + pending.len, binding->keys.len - pending.len, keys, sizeof keys);
		pen_putf(pen, STYLE_STRONG, "%s", keys);
		pen_putf(pen, STYLE_HINT, " %s  ", binding_words(state, binding));
	}
}

/* One line of a text that may be wider than the screen: the part around the cursor. */
static void put_edit_line(struct pen *pen, const struct compose *compose)
{
	const char *text = compose->text.p;
	int room = pen->end - pen->col - 1;
	int before = cells_width(text, compose->cursor);
	size_t start = 0;
	if (before > room) {
		int skip = before - room + room / 3, cells = 0;
		start = cells_fit(text, compose->cursor, skip, &cells);
		before -= cells;
	}
	frame_put_text(pen->frame, pen->row, pen->col, room, text + start, compose->text.len - start, STYLE_TEXT);
	frame_set_cursor(pen->frame, pen->row, pen->col + before);
}

/* Why what was typed is not taken stands above it. */
static void draw_complaint(const struct state *state, struct frame *frame, struct rect rect)
{
	if (!state->message.text[0] || !state->message.error || rect.row < 1)
		return;
	frame_fill(frame, rect.row - 1, rect.col, rect.cols, ' ', STYLE_ERROR);
	frame_put_cut(frame, rect.row - 1, rect.col + 1, rect.cols - 1, state->message.text, SIZE_MAX, STYLE_ERROR);
}

void draw_bottom(const struct state *state, struct frame *frame, struct rect rect)
{
	struct pen pen = pen_at(frame, rect, 0);
	if (state->overlay == MODE_PROMPT || state->overlay == MODE_PICKER)
		draw_complaint(state, frame, rect);
	if (state->overlay == MODE_PROMPT) {
		pen_put(&pen, STYLE_STRONG, state->prompt.label);
		put_edit_line(&pen, &state->prompt.text);
		return;
	}
	if (state->overlay == MODE_PICKER && !state->picker.by_letter) {
		pen_putf(&pen, STYLE_STRONG, "%s ", state->picker.title);
		put_edit_line(&pen, &state->picker.typed);
		return;
	}
	pen.col++;
	if (state->overlay == MODE_CONFIRM) {
		pen_put(&pen, STYLE_MESSAGE, state->confirm.text);
		return;
	}
	put_marked(state, &pen);
	if (state->chord_len) {
		put_chord(state, &pen);
		return;
	}
	put_held(state, &pen);
	if (state->message.text[0]) {
		pen_put(&pen, state->message.error ? STYLE_ERROR : STYLE_MESSAGE, state->message.text);
		return;
	}
	put_waiting(state, &pen);
	put_mode_hints(state, &pen);
}
