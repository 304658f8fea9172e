/* The pictures of README.md: screens of a recording (tui/record/replay.h) as SVG, with the colours of the program's
 * theme.
 *
 *     picture RECORDING STEPS
 *
 * Each line of STEPS is `MILLISECONDS|WORDS|CAPTION`: the first screen after that of the line before on which the words
 * stand, how long it is shown, and what is said under it. One step makes a picture that stands still; several make one
 * that plays, by CSS alone, so that it also does as an <img>. The same files give the same bytes. `make picture` writes
 * the pictures; `make picture-check` fails when that would change one.
 *
 * Every run of text begins at the place of its cell and is told its length; what is not ASCII stands in a cell of its
 * own, whatever font a reader has for it. What several screens share is there once. */
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/base/vec.h"
#include "tui/record/replay.h"
#include "tui/view/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 12, LINE = 24, BASELINE = 18, FONT = 20, MARGIN = 16, STROKE = 2, RADIUS = 10 };
enum { PAGE = 0x16181d, INK = 0xd6dae1, STEPS_MAX = 64 };

/* The basic eight and their bright forms, as they can be read on PAGE. */
static const int32_t named[] = {0x16181d, 0xef6b73, 0x8cc570, 0xe2b65b, 0x6aa9f0, 0xc883e0, 0x56b8c4, 0xd6dae1,
        0x7f8794, 0xff8f96, 0xa9dc8f, 0xf3cd7c, 0x8fc1ff, 0xdca3f0, 0x7fd3de, 0xffffff};

static const char *const words[STYLE_COUNT] = {
#define X(name, word, help) word,
#include "tui/view/style.def"
#undef X
};

/* A piece of a screen, as SVG: two that are equal look equal. */
typedef VEC(char *) pieces_t;

struct step {
	long shown_ms;
	const char *words, *caption; /* in the text of the file */
	pieces_t pieces;
	bool found;
};

struct story {
	const struct theme *theme;
	struct step steps[STEPS_MAX];
	long all_ms; /* of all steps */
	int count, found;
	int rows, cols;
};

/* --- colours */

static int32_t mixed(int32_t a, int32_t b, int percent)
{
	int32_t out = 0;
	for (int shift = 0; shift <= 16; shift += 8)
		out |= ((a >> shift & 255) * percent + (b >> shift & 255) * (100 - percent)) / 100 << shift;
	return out;
}

static int32_t colour(int32_t of, int32_t otherwise)
{
	if (of >= 0 && of & LOOK_RGB)
		return of & (LOOK_RGB - 1);
	return of < 0 || of >= (int32_t)(sizeof named / sizeof *named) ? otherwise : named[of];
}

static int32_t ink_of(const struct look *look)
{
	int32_t ink = colour(look->fg, INK);
	return look->attrs & LOOK_DIM ? mixed(ink, PAGE, 60) : ink;
}

static bool has_ground(const struct look *look)
{
	return look->bg >= 0 || look->attrs & LOOK_REVERSE;
}

static void put_style(struct str *out, const struct theme *theme, int style)
{
	const struct look *look = &theme->looks[style];
	bool reversed = look->attrs & LOOK_REVERSE;
	int32_t ground = colour(look->bg, PAGE);
	str_addf(out, ".%s{fill:#%06x", words[style], (unsigned)(reversed ? ground : ink_of(look)));
	if (look->attrs & LOOK_BOLD)
		str_adds(out, ";font-weight:bold");
	if (look->attrs & LOOK_UNDERLINE)
		str_adds(out, ";text-decoration:underline");
	str_adds(out, "}\n");
	if (has_ground(look))
		str_addf(out, ".on-%s{fill:#%06x}\n", words[style], (unsigned)(reversed ? ink_of(look) : ground));
}

/* --- one screen */

static void put_escaped(struct str *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (bytes[i]) {
		case '&': str_adds(out, "&amp;"); break;
		case '<': str_adds(out, "&lt;"); break;
		case '>': str_adds(out, "&gt;"); break;
		default: str_addc(out, bytes[i]);
		}
	}
}

static void put_cell(struct str *out, const struct cell *cell)
{
	char bytes[4];
	for (int i = 0; i < CELL_CODE_POINTS && cell->cp[i]; i++)
		put_escaped(out, bytes, utf8_encode(cell->cp[i], bytes));
}

static bool is_blank(const struct cell *cell)
{
	return cell->cp[0] == 0 || cell->cp[0] == ' ';
}

static bool is_plain(const struct cell *cell)
{
	return cell->cp[0] > ' ' && cell->cp[0] < 0x7f && cell->cp[1] == 0;
}

/* Lines are drawn: those of fonts leave gaps between rows. */
static bool is_line(const struct cell *cell)
{
	return cell->cp[0] == 0x2500 || cell->cp[0] == 0x2502 || cell->cp[0] == 0x2550;
}

static void put_class(struct str *out, const char *before, int style)
{
	if (style != STYLE_TEXT || *before)
		str_addf(out, " class=\"%s%s\"", before, words[style]);
}

static void put_rect(struct str *out, const char *before, int style, int x, int y, int width, int height)
{
	str_adds(out, "<rect");
	put_class(out, before, style);
	str_addf(out, " x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", x, y, width, height);
}

static void put_lines(struct str *out, uint32_t cp, int style, int x, int y, int cells)
{
	int middle = y + LINE / 2;
	if (cp == 0x2502) {
		put_rect(out, "", style, x + CELL / 2 - STROKE / 2, y, STROKE, LINE);
	} else if (cp == 0x2500) {
		put_rect(out, "", style, x, middle - STROKE / 2, cells * CELL, STROKE);
	} else {
		put_rect(out, "", style, x, middle - 2 * STROKE, cells * CELL, STROKE);
		put_rect(out, "", style, x, middle + STROKE, cells * CELL, STROKE);
	}
}

static void put_text(struct str *out, const struct cell *cells, int count, int x, int y)
{
	bool plain = is_plain(cells);
	str_adds(out, "<text");
	put_class(out, "", cells->style);
	if (!plain)
		str_adds(out, " text-anchor=\"middle\"");
	str_addf(out, " x=\"%d\" y=\"%d\"", plain ? x : x + cells->width * CELL / 2, y + BASELINE);
	if (plain && count > 1)
		str_addf(out, " textLength=\"%d\"", count * CELL);
	str_adds(out, ">");
	for (int i = 0; i < count; i++)
		put_cell(out, &cells[i]);
	str_adds(out, "</text>");
}

/* How many cells belong together: words of one style with single spaces between them, a line, or one cell. */
static int run_length(const struct cell *cells, int room)
{
	int count = 1;
	if (is_line(cells) && cells->cp[0] != 0x2502)
		while (count < room && cells[count].cp[0] == cells->cp[0] && cells[count].style == cells->style)
			count++;
	if (!is_plain(cells))
		return count;
	while (count < room && cells[count].style == cells->style &&
	        (is_plain(&cells[count]) ||
	                (cells[count].cp[0] == ' ' && count + 1 < room && cells[count + 1].style == cells->style &&
	                        is_plain(&cells[count + 1]))))
		count++;
	return count;
}

static void keep(pieces_t *pieces, struct str *piece)
{
	vec_push(pieces, str_detach(piece));
}

/* The grounds of a row's cells, under its text. */
static void draw_grounds(const struct story *story, const struct cell *cells, int cols, int y, pieces_t *pieces)
{
	for (int col = 0, count; col < cols; col += count) {
		for (count = 1; col + count < cols && cells[col + count].style == cells[col].style;)
			count++;
		if (!has_ground(&story->theme->looks[cells[col].style]))
			continue;
		struct str piece = STR_INIT;
		put_rect(&piece, "on-", cells[col].style, MARGIN + col * CELL, y, count * CELL, LINE);
		keep(pieces, &piece);
	}
}

static void draw_row(const struct story *story, const struct cell *cells, int cols, int y, pieces_t *pieces)
{
	draw_grounds(story, cells, cols, y, pieces);
	for (int col = 0, count; col < cols; col += count) {
		count = 1;
		if (is_blank(&cells[col]))
			continue;
		struct str piece = STR_INIT;
		count = run_length(&cells[col], cols - col);
		if (is_line(&cells[col]))
			put_lines(&piece, cells[col].cp[0], cells[col].style, MARGIN + col * CELL, y, count);
		else
			put_text(&piece, &cells[col], count, MARGIN + col * CELL, y);
		keep(pieces, &piece);
	}
}

static void draw(const struct story *story, const struct frame *frame, struct step *step)
{
	for (int row = 0; row < frame->rows; row++)
		draw_row(story, &frame->cells[(size_t)row * (size_t)frame->cols], frame->cols, MARGIN + row * LINE,
		        &step->pieces);
	struct str piece = STR_INIT;
	if (frame->cursor_visible) {
		str_addf(&piece, "<rect class=\"cursor\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
		        MARGIN + frame->cursor_col * CELL, MARGIN + frame->cursor_row * LINE, CELL, LINE);
		keep(&step->pieces, &piece);
	}
	if (*step->caption) {
		str_addf(&piece, "<text class=\"caption\" x=\"%d\" y=\"%d\">", MARGIN,
		        MARGIN + (frame->rows + 1) * LINE + BASELINE);
		put_escaped(&piece, step->caption, strlen(step->caption));
		str_adds(&piece, "</text>");
		keep(&step->pieces, &piece);
	}
}

/* --- the story */

static bool shows(const struct frame *frame, const char *sought)
{
	bool found = false;
	for (int row = 0; !found && row < frame->rows; row++) {
		struct str text = STR_INIT;
		frame_row_text(frame, row, &text);
		found = strstr(text.p, sought) != NULL;
		str_release(&text);
	}
	return found;
}

static int each_frame(void *arg, const struct replay_frame *replayed, struct err *err)
{
	struct story *story = arg;
	const struct frame *frame = replayed->frame;
	if (story->found == story->count || !shows(frame, story->steps[story->found].words))
		return 0;
	if (story->found && (frame->rows != story->rows || frame->cols != story->cols))
		return err_set(err, ERR_DATA, "line %d: the screen has another size than before", replayed->line);
	story->rows = frame->rows;
	story->cols = frame->cols;
	draw(story, frame, &story->steps[story->found++]);
	return 0;
}

static int read_step(char *line, struct step *step, struct err *err)
{
	char *end;
	step->shown_ms = strtol(line, &end, 10);
	char *caption = *end == '|' ? strchr(end + 1, '|') : NULL;
	if (!caption || step->shown_ms <= 0)
		return err_set(err, ERR_DATA, "\"%.60s\": expected MILLISECONDS|WORDS|CAPTION", line);
	*caption = '\0';
	step->words = end + 1;
	step->caption = caption + 1;
	return 0;
}

static int read_steps(struct story *story, char *text, struct err *err)
{
	for (char *line; (line = strtok_r(text, "\n", &text));) {
		if (*line == '#')
			continue;
		if (story->count == STEPS_MAX)
			return err_set(err, ERR_DATA, "more than %d steps", STEPS_MAX);
		struct step *step = &story->steps[story->count++];
		if (read_step(line, step, err))
			return err->code;
		story->all_ms += step->shown_ms;
	}
	return story->count ? 0 : err_set(err, ERR_DATA, "there is no step");
}

/* --- SVG */

static bool has(const struct step *step, const char *piece)
{
	for (size_t i = 0; i < step->pieces.len; i++)
		if (str_eq(step->pieces.at[i], piece))
			return true;
	return false;
}

/* When a step begins, in hundredths of a percent of the whole. */
static long begins(const struct story *story, int step)
{
	long before = 0;
	for (int i = 0; i < step; i++)
		before += story->steps[i].shown_ms;
	return before * 10000 / story->all_ms;
}

static void put_moment(struct str *out, const struct story *story, int step, const char *visibility)
{
	long at = begins(story, step);
	str_addf(out, "%ld.%02ld%%{visibility:%s}", at / 100, at % 100, visibility);
}

/* A group is seen from step `from` until step `until` begins. Where nothing plays, the first screen stands. */
static void put_timing(struct str *out, const struct story *story, int from, int until)
{
	str_addf(out, "@keyframes t%d-%d{", from, until);
	if (from > 0)
		str_adds(out, "0%{visibility:hidden}");
	put_moment(out, story, from, "visible");
	if (until < story->count)
		put_moment(out, story, until, "hidden");
	str_addf(out, "100%%{visibility:%s}}\n.t%d-%d{animation-name:t%d-%d%s}\n",
	        until < story->count ? "hidden" : "visible", from, until, from, until,
	        from > 0 ? ";visibility:hidden" : "");
}

/* The pieces that are seen from `from` until `until`, and not longer. */
static void put_group(struct str *style, struct str *out, const struct story *story, int from, int until)
{
	bool opened = false;
	const struct step *step = &story->steps[from];
	for (size_t i = 0; i < step->pieces.len; i++) {
		const char *piece = step->pieces.at[i];
		bool whole = from == 0 || !has(&story->steps[from - 1], piece);
		for (int at = from + 1; whole && at < until; at++)
			whole = has(&story->steps[at], piece);
		if (!whole || (until < story->count && has(&story->steps[until], piece)))
			continue;
		if (!opened && (from > 0 || until < story->count)) {
			put_timing(style, story, from, until);
			str_addf(out, "<g class=\"t%d-%d\">\n", from, until);
			opened = true;
		}
		str_addf(out, "%s\n", piece);
	}
	if (opened)
		str_adds(out, "</g>\n");
}

static void put_plays(struct str *style, const struct story *story)
{
	str_addf(style,
	        "g{animation:%ldms step-end "
	        "infinite}\n@media(prefers-reduced-motion:reduce){g{animation-play-state:paused}}\n",
	        story->all_ms);
}

static void put_svg(const struct story *story, struct str *out)
{
	struct str style = STR_INIT, groups = STR_INIT;
	int width = story->cols * CELL + 2 * MARGIN;
	int height = (story->rows + (*story->steps[0].caption ? 2 : 0)) * LINE + 2 * MARGIN;
	for (int i = 0; i < STYLE_COUNT; i++)
		put_style(&style, story->theme, i);
	if (story->count > 1)
		put_plays(&style, story);
	for (int from = 0; from < story->count; from++)
		for (int until = from + 1; until <= story->count; until++)
			put_group(&style, &groups, story, from, until);
	str_addf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
	        "role=\"img\">\n",
	        width, height, width * 2 / 3, height * 2 / 3);
	str_addf(out, "<title>curlew, %d columns by %d rows</title>\n<style>\n", story->cols, story->rows);
	str_addf(out,
	        "text{font:%dpx 'DejaVu Sans Mono',Menlo,Consolas,'Liberation "
	        "Mono',monospace;white-space:pre;fill:#%06x}\n"
	        "rect{fill:#%06x}\n.cursor{fill-opacity:.45}\n.caption{fill:#%06x;font-weight:bold}\n",
	        FONT, (unsigned)INK, (unsigned)INK, (unsigned)named[3]);
	str_addf(out, "%s</style>\n<rect style=\"fill:#%06x\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n%s</svg>\n",
	        style.p, (unsigned)PAGE, width, height, RADIUS, str_or(groups.p, ""));
	str_release(&style);
	str_release(&groups);
}

static int check(const struct story *story, const struct replay_result *done, struct err *err)
{
	if (story->found < story->count)
		return err_set(err, ERR_DATA, "no screen after step %d shows \"%s\"", story->found,
		        story->steps[story->found].words);
	if (done->bad_lines || done->cut)
		return err_set(err, ERR_DATA, "the recording is not whole");
	return 0;
}

static int picture(struct story *story, const char *recording, const char *steps, struct str *text, struct err *err)
{
	struct replay_result done;
	if (file_read(steps, text, err) || read_steps(story, text->p, err) ||
	        replay(recording, each_frame, story, &done, err) || check(story, &done, err))
		return err->code;
	struct str out = STR_INIT;
	put_svg(story, &out);
	int result = fwrite(out.p, 1, out.len, stdout) == out.len && !fflush(stdout)
	                     ? 0
	                     : err_set(err, ERR_IO, "the picture could not be written");
	str_release(&out);
	return result;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: picture RECORDING STEPS\n", stderr);
		return err_exit_status(ERR_USAGE);
	}
	struct story story = {.theme = theme_find("default")};
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	int result = picture(&story, argv[1], argv[2], &text, &err);
	if (result)
		fprintf(stderr, "picture: %s: %s\n", argv[2], err.text);
	for (int i = 0; i < story.count; i++) {
		for (size_t p = 0; p < story.steps[i].pieces.len; p++)
			free(story.steps[i].pieces.at[p]);
		vec_release(&story.steps[i].pieces);
	}
	str_release(&text);
	return result ? 1 : 0;
}
