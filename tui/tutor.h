/* `curlew tutor`: lessons at a desk that looks like the real one and is none. Its store lies in a directory of its own
 * that goes with it; its customers are compiled in; there is no courier, no network, no credentials, and nothing of the
 * user's configuration is read. What a courier would do, tutor_work() does: replies that are due count as sent, and now
 * and then a customer answers.
 *
 * The loop tells the tutor what happened, and asks it what the banner says. Everything may block on the temporary
 * store, for milliseconds. */
#ifndef TUI_TUTOR_H
#define TUI_TUTOR_H

#include "core/config/config.h"
#include "tui/desk/state.h"

struct tutor;

/* agent: who you are; NULL: "you". again: from the first lesson, whatever the progress file says. */
int tutor_open(const char *agent, bool again, struct tutor **out, struct err *err);
void tutor_free(struct tutor *tutor); /* with its directory; NULL is fine */

const struct config *tutor_config(const struct tutor *tutor);

/* After update(). */
void tutor_saw(struct tutor *tutor, const struct state *state, const struct event *event);

/* What EV_BANNER is to say now: true when that has changed since it was last asked. Valid until the next call. */
bool tutor_banner(struct tutor *tutor, const struct state *state, const char **title, const char **text);

/* The practice network does what is due; when it next has something to do, UTC ms (INT64_MAX: nothing). */
int64_t tutor_work(struct tutor *tutor, int64_t now);

#endif
