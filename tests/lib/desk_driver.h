/* A desk without terminal and store: keys go in as a key file writes them, and its questions are answered from a few
 * cases in memory. Effects are kept, so that a test can say what was asked for. */
#ifndef TESTS_LIB_DESK_DRIVER_H
#define TESTS_LIB_DESK_DRIVER_H

#include "tui/desk/sendbar.h"
#include "tui/desk/state.h"

#define DRIVER_CASES 400
#define DRIVER_POSTS 16

struct driver_case {
	struct kase kase;
	struct post posts[DRIVER_POSTS];
	int post_count;
	struct draft drafts[DRAFT_KIND_COUNT]; /* revision 0: none */
};

struct driver {
	struct state *state;
	struct effects fx; /* everything wanted since driver_forget() */
	size_t served;     /* of fx.list */
	struct keymap keymap;
	struct arena arena;
	int64_t wall, mono;
	uint64_t read;
	struct driver_case cases[DRIVER_CASES];
	int case_count;
	struct reply replies[32];
	int reply_count;
	bool deaf[FX_QUIT + 1];         /* effects of these kinds get no answer for now */
	struct err refuse[FX_QUIT + 1]; /* … or this error, when it has a code */
};

/* Twelve cases of @c1 … @c12, ids 1 to 12, each with one post; everything answered. */
struct driver *driver_new(void);
struct driver *driver_new_with(const struct desk_setup *setup, const char *saved_state);
struct desk_setup driver_setup(void);
void driver_free(struct driver *driver);

struct driver_case *driver_add_case(struct driver *driver, int64_t id, const char *text);
struct post *driver_add_post(
        struct driver *driver, int64_t case_id, int64_t id, enum direction direction, const char *text);
struct driver_case *driver_case(struct driver *driver, int64_t id);

/* The case changed in the store by somebody else. */
void driver_changed(struct driver *driver, int64_t case_id);

/* Each key in a read of its own, all answered after each. "^X" "<Enter>" "j". */
void driver_keys(struct driver *driver, const char *keys);
/* All in one read. */
void driver_burst(struct driver *driver, const char *keys);
/* Characters as they stand, one read each. */
void driver_type(struct driver *driver, const char *text);
void driver_paste(struct driver *driver, const char *text);
void driver_event(struct driver *driver, struct event event); /* stamps it, updates, answers */
void driver_painted(struct driver *driver);                   /* the newest frame has been written */
void driver_pass(struct driver *driver, int64_t ms);          /* time passes; timers that fall due go off */
void driver_serve(struct driver *driver);                     /* answers what is not deaf */

void driver_forget(struct driver *driver);
int driver_count(const struct driver *driver, enum effect_kind kind);
const struct effect *driver_last(const struct driver *driver, enum effect_kind kind); /* NULL: none */

#endif
