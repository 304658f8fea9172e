/* The practice network of `curlew tutor`: a store filled with a small cast, and what a courier and its customers would
 * do. Nothing here opens a connection. Blocks on the store. */
#ifndef TUI_TUTOR_WORLD_H
#define TUI_TUTOR_WORLD_H

#include "core/model/clocks.h"
#include "core/store/store.h"

struct tutor_world;

#define TUTOR_ACCOUNT "PRACTICE"
#define TUTOR_HANDLE "@practice"

/* Makes the store at the path and puts the cast into it, as of now (UTC ms). */
int tutor_world_open(
        const char *path, const struct clock_rules *rules, int64_t now, struct tutor_world **out, struct err *err);
void tutor_world_free(struct tutor_world *world); /* NULL is fine */

/* Does what is due, and says when the next thing is (INT64_MAX: nothing). An error ends the round: it is tried again
 * with the next. */
int64_t tutor_world_work(struct tutor_world *world, int64_t now);

/* How many customers have answered. */
int tutor_world_answers(const struct tutor_world *world);

#endif
