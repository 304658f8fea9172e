/* `curlew --record FILE`: every event that update() is given, and what the state was made with, as JSON Lines, so that
 * a bug can be seen again elsewhere (replay.h). What people wrote, their names and what is typed are replaced by text
 * of the same shape (redact.h) unless `plain` asks for them. Tokens are never in events.
 *
 * Lines: one that names the format ("curlew-recording": 1), one with the setup, then {"event": …}, {"frame": …} where a
 * screen was drawn, {"view": …} where the command line opened one, and {"end": …} when the file became too large. A
 * line is written whole before the event is handled, so that the one that broke the desk is there. Writes are small and
 * go to a regular file. */
#ifndef TUI_RECORD_RECORD_H
#define TUI_RECORD_RECORD_H

#include "core/base/err.h"
#include "tui/desk/state.h"
#include "tui/view/frame.h"

#define RECORD_FORMAT 1
#define RECORD_MAX ((int64_t)256 << 20) /* bytes of a file; then recording ends */

struct recorder;

struct record_setup {
	const struct desk_setup *setup; /* valid as long as the recorder */
	const char *restored;           /* what state_restore was given; NULL: nothing */
	const char *theme;
	bool ascii; /* of the frames */
};

/* Makes the file (0600) or empties the one there. ERR_IO; ERR_USAGE when it is no regular file. */
int recorder_open(const char *path, bool plain, struct recorder **out, struct err *err);

/* Before the first event. */
void recorder_begin(struct recorder *recorder, const struct record_setup *setup);

/* Before update(): the state is as the event finds it. */
void recorder_event(struct recorder *recorder, const struct state *state, const struct event *event);

/* The command line opened a view. */
void recorder_view(struct recorder *recorder, const char *name);

/* A frame was drawn from the state. */
void recorder_frame(struct recorder *recorder, const struct state *state, const struct frame *frame);

/* Once, when recording has ended early (disk full, RECORD_MAX): why, in words for the agent. NULL: it goes on. */
const char *recorder_trouble(struct recorder *recorder);

void recorder_close(struct recorder *recorder); /* NULL is fine */

/* The frame's rows, colours and cursor as one number: two that look alike have the same. */
uint64_t frame_hash(const struct frame *frame);

#endif
