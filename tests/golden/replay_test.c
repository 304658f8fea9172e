/* Every golden screen's story, recorded while it is played: a plain recording gives the same frames again, cell for
 * cell; a redacted one has rows of the same length wherever nothing was typed into a prompt or a picker, or named a
 * canned reply: what comes then hangs on what the words were. */
#include "core/text/cells.h"
#include "tests/golden/golden.h"
#include "tests/golden/stage.h"
#include "tui/record/record.h"
#include "tui/record/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What a frame looked like: its rows' ends, and everything. */
struct look_of {
	uint64_t hash;
	int rows;
	uint16_t ends[FRAME_MAX_ROWS]; /* cells up to the last that is not blank */
};

struct watch {
	char path[64];
	bool plain;
	struct recorder *recorder;
	VEC(struct look_of) looks;
	size_t replayed;
	bool asked; /* a prompt or a picker was typed into */
	size_t compared;
};

static struct look_of look_at(const struct frame *frame)
{
	struct look_of look = {.hash = frame_hash(frame), .rows = frame->rows};
	for (int row = 0; row < frame->rows; row++) {
		struct str text = STR_INIT;
		frame_row_text(frame, row, &text);
		look.ends[row] = (uint16_t)cells_width(text.p, text.len);
		str_release(&text);
	}
	return look;
}

static void starts(void *arg, const struct stage *stage)
{
	struct watch *watch = arg;
	struct err err = ERR_INIT;
	const struct record_setup setup = {&stage->world->setup, stage->saved, "default", !cells_utf8()};
	assert_int_equal(recorder_open(watch->path, watch->plain, &watch->recorder, &err), 0);
	recorder_begin(watch->recorder, &setup);
	vec_clear(&watch->looks);
	watch->replayed = 0;
	watch->asked = false;
}

static void happens(void *arg, const struct state *state, const struct event *event)
{
	struct watch *watch = arg;
	bool text = event->kind == EV_PASTE || (event->kind == EV_KEY && key_text(event->key.key));
	enum mode mode = state_mode(state);
	bool names_canned = event->kind == EV_KEY && mode == MODE_COMPOSER && key_text(event->key.key) == ':';
	watch->asked |= (text && (mode == MODE_PROMPT || mode == MODE_PICKER)) || names_canned;
	recorder_event(watch->recorder, state, event);
}

static void draws(void *arg, const struct state *state, const struct frame *frame)
{
	struct watch *watch = arg;
	vec_push(&watch->looks, look_at(frame));
	recorder_frame(watch->recorder, state, frame);
}

static int compare(void *arg, const struct replay_frame *frame, struct err *err)
{
	struct watch *watch = arg;
	(void)err;
	assert_true(watch->replayed < watch->looks.len);
	const struct look_of was = watch->looks.at[watch->replayed++], is = look_at(frame->frame);
	if (watch->plain)
		assert_true(is.hash == was.hash);
	assert_int_equal(is.rows, was.rows);
	for (int row = 0; row < is.rows && !watch->asked; row++)
		if (is.ends[row] != was.ends[row])
			fail_msg("%s: frame %d, row %d ends at %d, not %d", watch->path, frame->number, row,
			        is.ends[row], was.ends[row]);
	watch->compared++;
	return 0;
}

static void ends(void *arg)
{
	struct watch *watch = arg;
	struct replay_result result;
	struct err err = ERR_INIT;
	recorder_close(watch->recorder);
	watch->recorder = NULL;
	/* A replay has a zone and a locale of its own; here they are the ones that the screens have. */
	int code = replay(watch->path, compare, watch, &result, &err);
	if (code)
		fail_msg("%s", err.text);
	assert_int_equal(result.frames, watch->looks.len);
	assert_int_equal(result.bad_lines, 0);
	assert_false(result.cut);
	assert_true(result.redacted != watch->plain);
	assert_int_equal(result.differs, 0);
}

static int run(bool plain, const char *folder, const char *locale)
{
	struct watch watch = {.plain = plain};
	snprintf(watch.path, sizeof watch.path, "/tmp/curlew-replay-%ld", (long)getpid());
	const struct stage_watch watcher = {&watch, starts, happens, draws, ends};
	stage_watcher = &watcher;
	int failed = golden_run(folder, locale);
	stage_watcher = NULL;
	vec_release(&watch.looks);
	unlink(watch.path);
	return failed || !watch.compared;
}

int main(void)
{
	return run(true, "screens", "C.UTF-8") | run(false, "screens", "C.UTF-8") | run(true, "ascii", "C") |
	       run(false, "ascii", "C");
}
