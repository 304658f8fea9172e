/* What lies over the panes: pickers, completions of the `:` line, help. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/text/cells.h"

#include <string.h>

enum { PICKER_ROWS = 10, HELP_KEYS = 20, HELP_NAME = 20 };

void draw_item(struct frame *frame, struct rect rect, int row, const struct picker_item *item, bool at)
{
	struct pen pen = pen_at(frame, rect, row);
	frame_fill(frame, pen.row, rect.col, rect.cols, ' ', STYLE_TEXT);
	pen_put(&pen, at ? STYLE_SELECTED : STYLE_TEXT, at ? mark_text(frame, MARK_GUTTER) : " ");
	if (item->letter) {
		pen_putf(&pen, STYLE_STRONG, " %c ", item->letter);
	} else {
		pen_put(&pen, STYLE_TEXT, " ");
	}
	int col = pen.col;
	pen_put(&pen, item->dim ? STYLE_FAINT : at ? STYLE_STRONG : STYLE_TEXT, item->label);
	pen.col = pen.col < col + 18 ? col + 18 : pen.col + 2;
	pen.col += frame_put_cut(frame, pen.row, pen.col, pen.end - pen.col, item->hint, SIZE_MAX, STYLE_FAINT);
}

void draw_box_top(struct frame *frame, struct rect rect, const char *title)
{
	frame_fill(frame, rect.row, rect.col, rect.cols, mark_code(frame, MARK_RULE), STYLE_FAINT);
	struct pen pen = pen_at(frame, rect, 0);
	pen.col += 2;
	pen_putf(&pen, STYLE_STRONG, " %s ", title);
}

static void draw_candidates(const struct state *state, struct frame *frame, struct rect above, struct seen *seen)
{
	int count = (int)state->prompt.candidates.len;
	int rows = count < PICKER_ROWS ? count : PICKER_ROWS;
	if (rows > above.rows - 1)
		rows = above.rows - 1;
	seen->picker_rows = rows;
	if (rows <= 0)
		return;
	int first = state->prompt.candidate >= rows ? state->prompt.candidate - rows + 1 : 0;
	struct rect box = {above.row + above.rows - rows - 1, above.col, rows + 1, above.cols};
	draw_box_top(frame, box, "completions");
	for (int i = 0; i < rows; i++)
		draw_item(frame, box, i + 1, &state->prompt.candidates.at[first + i],
		        first + i == state->prompt.candidate);
}

void draw_picker(const struct state *state, struct frame *frame, struct rect above, struct seen *seen)
{
	if (state->overlay == MODE_PROMPT) {
		draw_candidates(state, frame, above, seen);
		return;
	}
	const struct picker *picker = &state->picker;
	if (picker->purpose == PICK_LINK || picker->purpose == PICK_PAST) {
		(picker->purpose == PICK_LINK ? draw_links : draw_past)(state, frame, above, seen);
		return;
	}
	int count = (int)picker->shown.len;
	int rows = count ? count : 1;
	if (!picker->by_letter) /* nothing moves there that could bring the rest into sight */
		rows = rows < PICKER_ROWS ? rows : PICKER_ROWS;
	rows = rows < above.rows - 1 ? rows : above.rows - 1;
	seen->picker_rows = rows;
	int first = picker->at >= rows ? picker->at - rows + 1 : 0;
	struct rect box = {above.row + above.rows - rows - 1, above.col, rows + 1, above.cols};
	draw_box_top(frame, box, picker->title);
	for (int i = 0; i < rows; i++) {
		if (first + i < count) {
			draw_item(frame, box, i + 1, &picker->items.at[picker->shown.at[first + i]],
			        first + i == picker->at);
			continue;
		}
		frame_fill(frame, box.row + i + 1, box.col, box.cols, ' ', STYLE_TEXT);
		frame_put_text(frame, box.row + i + 1, box.col + 2, box.cols - 2,
		        picker->waiting     ? "one moment"
		        : picker->free_text ? "nothing known fits; what is typed is taken"
		                            : "nothing fits",
		        SIZE_MAX, STYLE_FAINT);
	}
	if (picker->by_letter)
		frame_set_cursor(frame, box.row + 1, box.col);
}

/* --- help: what is bound in a place, by group, from the tables */

struct help_lines {
	const struct state *state;
	struct frame *frame;
	struct rect rect;
	int at; /* line of the whole text */
};

static bool help_row(struct help_lines *help, int *row)
{
	*row = help->at++ - help->state->help.top;
	return *row >= 0 && *row < help->rect.rows;
}

/* Several keys of one meaning stand in one row: the same command with the same arguments, or the same view. */
static bool same_meaning(const struct state *state, const struct binding *a, const struct binding *b)
{
	if (a->command != b->command)
		return false;
	if (a->command == CMD_VIEW)
		return view_named(state, a->args) == view_named(state, b->args);
	return str_eq(a->args, b->args);
}

static bool told_before(const struct state *state, enum mode mode, const struct binding *binding)
{
	const struct binding *earlier;
	size_t i = 0;
	while ((earlier = keymap_next(state->setup.keymap, (int)mode, &i)) && earlier != binding)
		if (same_meaning(state, earlier, binding))
			return true;
	return false;
}

static void put_keys_of(struct pen *pen, const struct state *state, enum mode mode, const struct binding *binding)
{
	const struct binding *same;
	size_t i = 0;
	while ((same = keymap_next(state->setup.keymap, (int)mode, &i))) {
		char keys[CHORD_TEXT_MAX];
		if (!same_meaning(state, same, binding))
			continue;
		key_words(same->keys.at, same->keys.len, keys, sizeof keys);
		pen_putf(pen, STYLE_STRONG, "%s ", keys);
	}
}

/* again: the row before was the same command with other arguments, and has said what it does. */
static void help_binding(struct help_lines *help, enum mode mode, const struct binding *binding, bool again)
{
	const struct state *state = help->state;
	const struct command *command = command_get((enum command_id)binding->command);
	const struct setup_view *view = command->id == CMD_VIEW ? view_named(state, binding->args) : NULL;
	int row, col = help->rect.col + HELP_KEYS;
	if ((command->id == CMD_VIEW && !view) || told_before(state, mode, binding) || !help_row(help, &row))
		return;
	struct pen pen = pen_at(help->frame, help->rect, row);
	pen.col += 2;
	pen.end = col;
	put_keys_of(&pen, state, mode, binding);
	pen.col = col;
	pen.end = help->rect.col + help->rect.cols;
	pen_putf(&pen, STYLE_TEXT, "%s%s%s", command->name, *binding->args ? " " : "",
	        view ? view->name : binding->args);
	pen.col = pen.col < col + HELP_NAME ? col + HELP_NAME : pen.col + 2;
	pen_put(&pen, STYLE_FAINT, view ? view->query : again ? "" : command->help);
}

/* The commands of a group in the order of their table, which is the order in which they are learnt. */
static void help_group(struct help_lines *help, enum command_group group, enum mode mode)
{
	bool titled = false;
	for (int id = 0; id < CMD_COUNT; id++) {
		const struct binding *binding;
		bool again = false;
		size_t i = 0;
		if (command_get((enum command_id)id)->group != group)
			continue;
		while ((binding = keymap_next(help->state->setup.keymap, (int)mode, &i))) {
			int row;
			if (binding->command != id)
				continue;
			if (!titled && help_row(help, &row))
				frame_put_text(help->frame, help->rect.row + row, help->rect.col + 1,
				        help->rect.cols - 1, command_group_title(group), SIZE_MAX, STYLE_TAB_ON);
			titled = true;
			help_binding(help, mode, binding, again);
			again = true;
		}
	}
	if (titled)
		help->at++;
}

void draw_help(const struct state *state, struct frame *frame, struct rect rect, struct seen *seen)
{
	struct help_lines help = {.state = state, .frame = frame, .rect = rect};
	for (int group = 0; group < GROUP_COUNT; group++)
		help_group(&help, (enum command_group)group, state->help.of);
	int row;
	if (help_row(&help, &row))
		frame_put_cut(frame, rect.row + row, rect.col + 1, rect.cols - 1,
		        "Every command works on the : line, too, with completion. curlew-keys(5) has key files.",
		        SIZE_MAX, STYLE_FAINT);
	seen->help_rows = rect.rows;
	seen->help_lines = help.at;
	frame_set_cursor(frame, rect.row, rect.col);
}
