/* A desk on a world, without a terminal: what tui/app.c does, in memory and on a clock that stands still until it is
 * moved. Each call returns when all is quiet: answers given, frame drawn, and painted. */
#ifndef TESTS_GOLDEN_STAGE_H
#define TESTS_GOLDEN_STAGE_H

#include "keymaps/keymap.h"
#include "tests/golden/world.h"
#include "tui/view/view.h"

struct stage {
	struct world *world;  /* the caller's */
	struct keymap keymap; /* the default one, unless the world's setup had one */
	struct state *state;
	struct effects effects;
	struct frame frame;
	struct seen seen;
	int64_t mono;
	int64_t timer; /* INT64_MAX: none */
	uint64_t reads;
	bool behind;              /* nothing is drawn, as on a line that is slower than what happens */
	bool holding;             /* the store does not answer */
	VEC(struct effects) held; /* what it was asked meanwhile */
	const char *editor;       /* what $EDITOR makes of any text; NULL: nothing */
	char *saved;              /* the newest FX_SAVE_STATE; heap */
	int bells;
	size_t notes_read; /* entries of the journal that have been looked at for a name */
	bool quit;
};

/* Looks on: a recorder. Of the state before the event, and of each frame that is drawn. */
struct stage_watch {
	void *arg;
	void (*starts)(void *arg, const struct stage *stage); /* a desk has been made; nothing has happened to it yet */
	void (*happens)(void *arg, const struct state *state, const struct event *event);
	void (*draws)(void *arg, const struct state *state, const struct frame *frame);
	void (*ends)(void *arg); /* the desk is about to go */
};
extern const struct stage_watch *stage_watcher; /* of all stages; NULL: nobody */

/* The frame has no size before stage_size. ascii: as on a terminal without UTF-8. */
void stage_init(struct stage *stage, struct world *world);
void stage_release(struct stage *stage);

void stage_size(struct stage *stage, int cols, int rows, bool ascii);
void stage_event(struct stage *stage, struct event *event); /* any; wall, mono are set here */
/* Keys as key files write them ("<Space>r^X"), each in a read of its own, or all in one. ERR_USAGE. */
int stage_keys(struct stage *stage, const char *text, bool burst, struct err *err);
void stage_type(struct stage *stage, const char *text); /* each character is a key */
void stage_paste(struct stage *stage, const char *text);
void stage_wait(struct stage *stage, int64_t ms); /* timers ring when they are due */
/* Tells the desk what has changed in the world since the last time. */
void stage_news(struct stage *stage);
/* The store stops answering, or answers all that it was asked. */
void stage_hold(struct stage *stage, bool hold);
/* Draws no more what each call leaves, or again, beginning with all that happened meanwhile. */
void stage_behind(struct stage *stage, bool behind);
/* The desk ends and another starts, in the same place. */
void stage_restart(struct stage *stage);

#endif
