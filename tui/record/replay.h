/* `curlew --replay FILE`: the state again from the events of a recording, and the frames that were drawn then. What a
 * file holds is not trusted: numbers are put into their bounds, unknown lines and fields are passed over, and a last
 * line that was cut is no error. Blocks on the file; sets the process's zone and, where the recording's terminal had
 * another character set, its LC_CTYPE. */
#ifndef TUI_RECORD_REPLAY_H
#define TUI_RECORD_REPLAY_H

#include "core/base/err.h"
#include "tui/view/frame.h"

#include <stdint.h>

#define REPLAY_LINE_MAX (64u << 20) /* bytes; a longer line is a bad one */

struct replay_frame {
	int number;   /* from 1 */
	int64_t wall; /* UTC ms of the newest event before it */
	int line;     /* of the file */
	const struct frame *frame;
};

/* A result other than 0 ends the replay and is handed back. */
typedef int replay_each(void *arg, const struct replay_frame *frame, struct err *err);

struct replay_result {
	bool redacted;
	int events, frames;
	int bad_lines; /* passed over, but for the last */
	bool cut;      /* the last line is not whole */
	int differs;   /* the first frame that is not what was drawn then, as far as the recording says; 0: none */
};

/* ERR_IO, ERR_DATA when it is no recording, ERR_TOO_NEW for a later format. */
int replay(const char *path, replay_each *each, void *arg, struct replay_result *result, struct err *err);

#endif
