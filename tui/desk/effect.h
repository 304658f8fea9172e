/* What update() wants done. An effect is plain data; tui/app.c carries it out, in order, and answers with the event
 * named beside it, carrying the same request id. Everything an effect points to lives in the arena of struct effects,
 * until effects_clear: whoever hands work to another thread copies. */
#ifndef TUI_DESK_EFFECT_H
#define TUI_DESK_EFFECT_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/model/action.h"
#include "core/model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum effect_kind {
	/* questions to the store */
	FX_ROWS,     /* EV_ROWS */
	FX_CASE,     /* EV_CASE */
	FX_COUNTS,   /* EV_COUNTS: every view of the setup, in order */
	FX_NUMBERS,  /* EV_NUMBERS */
	FX_ACCOUNTS, /* EV_ACCOUNTS */
	FX_REPLIES,  /* EV_REPLIES */
	FX_TAGS,     /* EV_TAGS */
	FX_AGENTS,   /* EV_AGENTS */
	FX_ALIKE,    /* EV_ALIKE: store_customers_alike of case_id */
	FX_FILE,     /* EV_FILE: is there a file at the path `text`? */
	FX_NEXT,     /* EV_NEXT: store_next_needed after case_id */
	FX_FIND,     /* EV_NEXT: the case case_id itself, or ERR_NOT_FOUND */
	FX_HOLDINGS, /* EV_ROWS: store_holdings of this agent */
	FX_PAST,     /* EV_PAST: store_customer_cases of the customer of case_id */
	/* changes; the store does them in the order given. They may overtake questions, never the other way round: an
	 * answer that comes after a change's answer was read after that change */
	FX_ACT,          /* EV_ACTED */
	FX_ACT_MANY,     /* EV_ACTED, one for all: store_act_many */
	FX_UNDO,         /* EV_ACTED: store_undo */
	FX_PRESENCE,     /* EV_PRESENCE only when it failed */
	FX_DRAFT_SAVE,   /* EV_DRAFT_SAVED */
	FX_DRAFT_DELETE, /* EV_DRAFT_SAVED with revision 0 */
	FX_HOLD,         /* EV_HELD; nothing is said unless this is carried out */
	FX_RECALL,       /* EV_RECALLED, one a reply */
	FX_WITHDRAW,     /* EV_WITHDRAWN */
	FX_SETTLE,       /* EV_SETTLED: a person says what became of a reply in doubt */
	FX_GAP_SEEN,     /* EV_GAP_SEEN: this agent has taken note of it */
	FX_THREAD,       /* no answer: store_request_thread; an error is ignored */
	FX_SAVE_STATE,   /* no answer: store_desk_state_save; an error is ignored */
	/* the terminal and the machine */
	FX_BELL,
	FX_NOTIFY,  /* OSC 9 / 777 */
	FX_TITLE,   /* the window's title */
	FX_COPY,    /* EV_COPIED: OSC 52 */
	FX_EDITOR,  /* EV_EDITED: leaves the screen, runs $EDITOR on text, comes back */
	FX_SUSPEND, /* EV_RESUMED when back */
	FX_REDRAW,  /* forget what the terminal shows, paint all */
	FX_TIMER,   /* EV_TIME at mono; replaces the timer before it; INT64_MAX: none */
	FX_QUIT     /* after the effects before it have been carried out and answered */
};

enum rows_from { ROWS_TOP, ROWS_KEY, ROWS_END };

struct effect {
	enum effect_kind kind;
	uint64_t request; /* 0 where no answer is expected */
	union {
		/* The cases of `query` (a text that parses; agent is the setup's) around a place. ROWS_TOP: the first
		 * before+after; ROWS_END: the last; ROWS_KEY: up to `before` rows before the anchor and up to `after`
		 * from the anchor on, itself included. The anchor is the place that case_id has now, when there is such
		 * a case, else (rank, id). */
		struct {
			const char *query;
			enum rows_from from;
			int64_t case_id; /* 0: none */
			int64_t rank, id;
			int before, after;
		} rows;
		struct {
			int64_t case_id; /* CASE, NEXT, FIND, PAST, THREAD */
			int max_items;   /* CASE: newest items, 0: all; PAST: newest cases */
		} kase;
		struct {
			int64_t since;     /* REPLIES: those SENT since then, UTC ms, and all that are not settled */
			int64_t day_start; /* NUMBERS */
		} since;
		struct action action; /* ACT */
		struct {
			const struct action *actions; /* ACT_MANY: those of a case next to each other */
			int count;
		} many;
		struct {
			bool redo;
		} undo;
		struct {
			int64_t case_id;
			int64_t for_ms; /* from the store's now; 0: stopped writing */
		} presence;
		struct draft draft; /* SAVE, DELETE (case_id and kind) */
		struct {
			struct reply reply; /* hold_until is set, in wall time of the event; the first of parts */
			const struct reply *parts; /* the whole of it; several where one post is too short */
			int part_count;
			int draft_kind; /* the draft it came from, or -1 */
		} hold;
		struct {
			const int64_t *ids; /* RECALL; WITHDRAW has one */
			int count;
		} ids;
		struct {
			int64_t reply_id;
			bool sent;
		} settle;
		int64_t gap_id;   /* GAP_SEEN */
		const char *text; /* FILE, SAVE_STATE, NOTIFY, TITLE, COPY, EDITOR */
		int64_t mono;     /* TIMER */
	};
};

/* Zero it, then use it for every update(). */
struct effects {
	struct arena arena;
	VEC(struct effect) list;
};

void effects_clear(struct effects *effects); /* after each update() whose effects have been taken */
void effects_release(struct effects *effects);
struct effect *effects_add(struct effects *effects, enum effect_kind kind); /* valid until the next add */

#endif
