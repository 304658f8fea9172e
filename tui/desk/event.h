/* What can happen to the desk. An event is plain data: whatever it points to belongs to the sender and is valid during
 * update() alone, which copies what it keeps. Each carries the time at which it happened; the desk asks no clock.
 * Answers carry the request id of the effect that asked; an answer to a question that is no longer asked is dropped. */
#ifndef TUI_DESK_EVENT_H
#define TUI_DESK_EVENT_H

#include "core/base/err.h"
#include "core/model/model.h"
#include "keymaps/chord.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
	/* the terminal */
	EV_KEY,
	EV_PASTE,   /* bracketed paste: text, never keys */
	EV_MOUSE,   /* a click or the wheel, and what stood there */
	EV_RESIZE,  /* also once at the start */
	EV_PAINTED, /* a frame has really been written to the terminal */
	EV_RESUMED, /* back from SIGTSTP, or the machine from suspend, or the clock was set */
	EV_SIGNAL,  /* SIGHUP, SIGTERM: the desk must end now */
	EV_TIME,    /* the timer asked for by FX_TIMER */
	/* answers */
	EV_ROWS,        /* to FX_ROWS */
	EV_CASE,        /* to FX_CASE */
	EV_COUNTS,      /* to FX_COUNTS */
	EV_NUMBERS,     /* to FX_NUMBERS */
	EV_ACCOUNTS,    /* to FX_ACCOUNTS */
	EV_REPLIES,     /* to FX_REPLIES */
	EV_TAGS,        /* to FX_TAGS */
	EV_AGENTS,      /* to FX_AGENTS */
	EV_ALIKE,       /* to FX_ALIKE */
	EV_FILE,        /* to FX_FILE */
	EV_NEXT,        /* to FX_NEXT and FX_FIND */
	EV_PAST,        /* to FX_PAST */
	EV_ACTED,       /* to FX_ACT and FX_UNDO */
	EV_DRAFT_SAVED, /* to FX_DRAFT_SAVE and FX_DRAFT_DELETE */
	EV_HELD,        /* to FX_HOLD */
	EV_RECALLED,    /* to FX_RECALL: one event a reply */
	EV_WITHDRAWN,   /* to FX_WITHDRAW */
	EV_SETTLED,     /* to FX_SETTLE */
	EV_GAP_SEEN,    /* to FX_GAP_SEEN */
	EV_PRESENCE,    /* to FX_PRESENCE, when it failed: err names who holds the case */
	EV_EDITED,      /* to FX_EDITOR */
	EV_COPIED,      /* to FX_COPY: err when it could not be */
	/* news */
	EV_CHANGED, /* the change feed moved */
	EV_CALLED,  /* a colleague's note names this agent */
	EV_STORE,   /* how the store and the courier are */
	EV_RESTART, /* once, after the start: what became of this agent's replies while no desk was open */
	EV_WARNING, /* something else that the agent should read once */
	EV_BANNER   /* what stands over the whole screen's foot from now on: a lesson */
};

/* How large things were when the frame was drawn: what the desk needs to page and to move over wrapped lines. The view
 * fills it. 0 for a pane that is not shown. Lines are lines of the pane's content. */
struct seen {
	int inbox_rows;   /* rows of cases that fit */
	int thread_rows;  /* lines of conversation that fit */
	int thread_lines; /* lines the whole conversation has at this width */
	int thread_top;   /* the line shown first: state.thread.top, clamped, or moved so that the selected item is in
	                     sight when state.thread.follow is set */
	int item_line;    /* first line of the selected item, and how many it has */
	int item_lines;
	int compose_cols; /* cells of a line of the composer */
	int compose_rows;
	int help_rows, help_lines;
	int picker_rows;
};

/* What stands at a place of the screen; the view tells. */
enum hit_kind { HIT_NONE, HIT_TAB, HIT_INBOX, HIT_THREAD, HIT_TEXT };
struct hit {
	enum hit_kind kind;
	int view;        /* TAB: index into the setup's views */
	int64_t case_id; /* INBOX; 0: below the last row */
	size_t offset;   /* TEXT: bytes into the composer's text */
};

struct event {
	enum event_kind kind;
	int64_t wall;          /* UTC ms */
	int64_t mono;          /* monotonic ms */
	uint64_t request;      /* answers: the effect's id */
	const struct err *err; /* answers: NULL when it went well; then the fields below are set */
	union {
		struct {
			struct key key;
			uint64_t read; /* number of the read(2) that brought it: keys of one burst have the same */
			int printable; /* bytes of printable text in that read */
			bool foreign;  /* something printable beyond ASCII was in that read */
		} key;
		struct {
			const char *bytes; /* as it came: any bytes */
			size_t len;
			uint64_t read;
		} paste;
		struct {
			struct hit hit;
			int wheel; /* -1 up, 1 down, 0: a click */
		} mouse;
		struct {
			int cols, rows;
		} size;
		struct {
			uint64_t version; /* state.version when the frame was drawn */
			struct seen seen;
		} painted;
		struct {
			/* in list order, around the anchor of the effect */
			const struct kase *rows;
			int count;
			bool more_before, more_after;
		} rows;
		struct {
			const struct case_view *view; /* err ERR_NOT_FOUND when it is gone */
		} kase;
		struct {
			const int64_t *counts; /* a count a view, in the order of the setup; -1 unknown */
			int count;
		} counts;
		struct {
			int late, needing;
			int64_t median_first_reply_ms; /* -1: none yet */
			int outbox;
			struct spike spike; /* of the last half hour; words may be NULL when count is 0 */
		} numbers;
		struct {
			const struct account *accounts;
			int count;
			const struct gap *gaps; /* that nobody has taken note of, earliest first */
			int gap_count;
		} accounts;
		struct {
			/* this agent's: in every state but RECALLED; SENT ones since FX_REPLIES.since only */
			const struct reply *replies;
			int count;
		} replies;
		struct {
			const char *const *words;
			int count;
		} words; /* TAGS, AGENTS */
		struct {
			const struct kase *kase; /* NULL: there is none */
		} next;
		struct {
			const struct past_case *cases; /* newest first */
			int count;
		} past;
		struct {
			int64_t journal_id;                 /* 0: nothing changed */
			const struct kase *kase;            /* as it is now; may be NULL */
			const struct journal_entry *undone; /* FX_UNDO: what was taken back (or, redo, done again) */
			/* of several cases: how many it was done to, how many not, and why the first of these not */
			int done, refused;
			const char *why;
			int64_t why_case;
		} acted;
		struct {
			int64_t case_id;
			enum draft_kind draft;
			int64_t revision;
			const char
			        *conflict; /* the text that stood there by another desk of this agent; NULL for none */
		} saved;
		struct {
			const char *path; /* absolute */
			int64_t bytes;
		} file;
		struct {
			int64_t reply_id; /* of a text in several posts, the first one's */
		} held;
		struct {
			int64_t reply_id, case_id;
			bool recalled; /* false: too late, it is being sent */
		} recalled;
		struct {
			const char *text;
			bool changed;
		} edited;
		struct {
			bool cases, accounts, replies;
			const int64_t *case_ids; /* those changed; more than a screenful may be left out: */
			int case_count;
			bool all; /* then take every case as changed */
		} changed;
		struct {
			int64_t case_id;
			const char *by, *text;
		} called;
		struct {
			bool read_only;    /* nothing can be written: why says it */
			bool drafts_only;  /* the schema moved on: drafts are still saved; restart */
			bool unwritable;   /* could not be opened for writing: told once; a write that works ends it */
			bool courier_down; /* nobody streams or sends */
			const char *why;   /* "" when all is well; else a short line for the top */
		} store;
		struct {
			const struct reply *replies; /* what store_replies_since gave */
			int count;
		} restart;
		struct {
			const char *text;
		} warning;
		struct {
			const char *title, *text; /* title "": there is none any more */
		} banner;
	};
};

#endif
