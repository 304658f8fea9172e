/* `curlew --replay FILE`: the frames of a recording, as rows of text. */
#include "tui/cli.h"

#include "core/base/timefmt.h"
#include "tui/record/replay.h"

#include <stdio.h>

enum which { FRAMES_LAST, FRAMES_ALL, FRAMES_CHANGES, FRAMES_ONE };

struct printer {
	enum which which;
	int64_t number;      /* FRAMES_ONE */
	struct frame newest; /* of those seen so far */
	int printed;
};

static int print_row(const struct frame *frame, int row, const char *before, struct err *err)
{
	struct str text = STR_INIT;
	frame_row_text(frame, row, &text);
	int result = cli_print(err, "%s%s\n", before, text.p);
	str_release(&text);
	return result;
}

static int print_rows(const struct frame *frame, struct err *err)
{
	int result = 0;
	for (int row = 0; !result && row < frame->rows; row++)
		result = print_row(frame, row, "", err);
	return result;
}

/* "12 +" before a row that is another than in the frame before. */
static int print_changes(const struct printer *printer, const struct frame *frame, struct err *err)
{
	bool resized = printer->newest.rows != frame->rows || printer->newest.cols != frame->cols;
	int result = 0;
	for (int row = 0; !result && row < frame->rows; row++) {
		char before[16];
		snprintf(before, sizeof before, "%3d  ", row);
		if (resized || !frame_row_equal(&printer->newest, frame, row))
			result = print_row(frame, row, before, err);
	}
	return result;
}

static int print_head(const struct replay_frame *frame, struct err *err)
{
	char when[32];
	time_format_local(frame->wall, "%Y-%m-%d %H:%M:%S", when, sizeof when);
	return cli_print(err, "--- frame %d, %s, line %d\n", frame->number, when, frame->line);
}

static int each_frame(void *arg, const struct replay_frame *frame, struct err *err)
{
	struct printer *printer = arg;
	int result = 0;
	bool wanted = printer->which == FRAMES_ALL || printer->which == FRAMES_CHANGES ||
	              (printer->which == FRAMES_ONE && frame->number == printer->number);
	if (wanted && printer->which != FRAMES_ONE)
		result = print_head(frame, err);
	if (wanted && !result)
		result = printer->which == FRAMES_CHANGES ? print_changes(printer, frame->frame, err)
		                                          : print_rows(frame->frame, err);
	printer->printed += wanted;
	frame_copy(&printer->newest, frame->frame);
	return result;
}

static int parse_frames(const char *word, struct printer *printer, struct err *err)
{
	if (!word || str_eq(word, "last"))
		printer->which = FRAMES_LAST;
	else if (str_eq(word, "all"))
		printer->which = FRAMES_ALL;
	else if (str_eq(word, "changes"))
		printer->which = FRAMES_CHANGES;
	else if (parse_i64(word, &printer->number) && printer->number > 0)
		printer->which = FRAMES_ONE;
	else
		return err_set(err, ERR_USAGE, "--frames %.40s: expected last, all, changes, or a number from 1", word);
	return 0;
}

static void tell(const struct replay_result *result)
{
	if (result->cut)
		cli_complain("the last line of the recording is not whole: it was cut there");
	if (result->bad_lines)
		cli_complain("%d lines could not be read", result->bad_lines);
	if (result->differs)
		cli_complain("from frame %d on this is not what was on the screen then: another version, or a bug "
		             "that hangs on more than events",
		        result->differs);
}

static int check_printed(const struct printer *printer, const struct replay_result *result, struct err *err)
{
	if (!result->frames)
		return err_set(err, ERR_DATA, "the recording has no frame");
	if (printer->which == FRAMES_ONE && !printer->printed)
		return err_set(err, ERR_USAGE, "there is no frame %lld: the recording has %d",
		        (long long)printer->number, result->frames);
	return 0;
}

int cli_replay(const char *path, const char *frames, struct err *err)
{
	struct printer printer = {0};
	struct replay_result done;
	int result = parse_frames(frames, &printer, err);
	if (!result)
		result = replay(path, each_frame, &printer, &done, err);
	if (!result && printer.which == FRAMES_LAST && done.frames)
		result = print_rows(&printer.newest, err);
	if (!result)
		tell(&done);
	if (!result)
		result = check_printed(&printer, &done, err);
	frame_release(&printer.newest);
	return result;
}
