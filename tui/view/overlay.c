/* What lies over the panes: pickers, completions of the `:` line, help. */
#include "tui/view/draw.h"

#include "core/base/str.h"
#include "core/text/cells.h"

#include <string.h>

enum { PICKER_ROWS = 10 };

static void draw_item(struct frame *frame, struct rect rect, int row, const struct picker_item *item, bool at)
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
	pen_put(&pen, at ? STYLE_STRONG : STYLE_TEXT, item->label);
	pen.col = pen.col < col + 18 ? col + 18 : pen.col + 2;
	pen.col += frame_put_cut(frame, pen.row, pen.col, pen.end - pen.col, item->hint, SIZE_MAX, STYLE_FAINT);
}

static void draw_box_top(struct frame *frame, struct rect rect, const char *title)
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
	int count = (int)picker->shown.len;
	int rows = count ? count : 1;
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

static void help_binding(struct help_lines *help, const struct binding *binding)
{
	const struct keymap_names *names = help->state->setup.keymap->names;
	const struct command *command =
	        command_find(names->commands[binding->command].name, strlen(names->commands[binding->command].name));
	int row;
	if (!command || !help_row(help, &row))
		return;
	char keys[CHORD_TEXT_MAX];
	chord_format(binding->keys.at, binding->keys.len, keys, sizeof keys);
	struct pen pen = pen_at(help->frame, help->rect, row);
	pen.col += 2;
	pen_put(&pen, STYLE_STRONG, keys);
	pen.col = help->rect.col + 14;
	pen_putf(&pen, STYLE_TEXT, "%s%s%s", command->name, *binding->args ? " " : "", binding->args);
	pen.col = pen.col < help->rect.col + 34 ? help->rect.col + 34 : pen.col + 2;
	pen_put(&pen, STYLE_FAINT, command->help);
}

static void help_group(struct help_lines *help, enum command_group group, enum mode mode)
{
	const struct keymap *keymap = help->state->setup.keymap;
	const struct binding *binding;
	bool titled = false;
	size_t i = 0;
	while ((binding = keymap_next(keymap, (int)mode, &i))) {
		const char *name = keymap->names->commands[binding->command].name;
		const struct command *command = command_find(name, strlen(name));
		if (!command || command->group != group)
			continue;
		int row;
		if (!titled && help_row(help, &row))
			frame_put_text(help->frame, help->rect.row + row, help->rect.col, help->rect.cols,
			        command_group_title(group), SIZE_MAX, STYLE_TAB_ON);
		titled = true;
		help_binding(help, binding);
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
		frame_put_text(frame, rect.row + row, rect.col, rect.cols,
		        "Every command works on the command line, too, with completion. curlew-keys(5) has key files.",
		        SIZE_MAX, STYLE_FAINT);
	seen->help_rows = rect.rows;
	seen->help_lines = help.at;
	frame_set_cursor(frame, rect.row, rect.col);
}
