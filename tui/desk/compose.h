/* The text editor of the composer and of the prompt: bytes, a cursor, what was cut, and a way back. It knows no screen:
 * motions over wrapped lines are told the width. Text is valid UTF-8 (what comes in is repaired); the cursor always
 * stands at a grapheme boundary. Pure; the owner calls compose_release. */
#ifndef TUI_DESK_COMPOSE_H
#define TUI_DESK_COMPOSE_H

#include "core/base/str.h"
#include "core/base/vec.h"

#include <stdbool.h>
#include <stddef.h>

#define COMPOSE_MAX (256 * 1024) /* bytes; what would go beyond is refused */
#define COMPOSE_KILLS 8

/* Text before and the cursor, as they were before one undoable step. */
struct compose_step {
	char *text;
	size_t cursor;
};

struct compose {
	struct str text;
	size_t cursor;   /* byte offset */
	size_t selected; /* bytes from the cursor on that the next thing typed replaces (a placeholder); usually 0 */
	int goal;        /* the column that up and down keep, -1 for none */
	struct str kills[COMPOSE_KILLS]; /* [0] is the newest */
	int kill_count;
	int yank_at;       /* which kill the last command yanked, -1 when it was no yank */
	size_t yank_start; /* where it stands */
	bool killing;      /* the last command cut: the next cut joins it */
	bool typing;       /* the last command typed: the next character is the same step */
	struct compose_steps {
		struct compose_step *at;
		size_t len, cap;
	} undo, redo;
	size_t undo_bytes; /* held by undo; the oldest steps go when it is over 4 MB */
};

void compose_init(struct compose *c);
void compose_release(struct compose *c);

/* Replaces everything; forgets undo, keeps what was cut. cursor is clamped and moved to a boundary. */
void compose_set(struct compose *c, const char *text, size_t cursor);

/* Puts text at the cursor (repaired; CR LF and CR become LF). What is typed joins the step before it up to a space;
 * what is pasted is a step of its own. False when the text would be too long: then nothing was added. */
bool compose_type(struct compose *c, const char *bytes, size_t len);
bool compose_paste(struct compose *c, const char *bytes, size_t len);

/* Replaces bytes [at, at+len) as one step; the cursor goes behind what was put there (repaired, as above).
 * False when too long. */
bool compose_replace(struct compose *c, size_t at, size_t len, const char *with);

enum compose_move {
	MOVE_CHAR_LEFT,
	MOVE_CHAR_RIGHT,
	MOVE_WORD_LEFT,
	MOVE_WORD_RIGHT,
	MOVE_LINE_START,
	MOVE_LINE_END,
	MOVE_LINE_UP,
	MOVE_LINE_DOWN,
	MOVE_TEXT_START,
	MOVE_TEXT_END
};
/* width: cells of a line, for lines as they are wrapped on screen. False when the cursor was there already. */
bool compose_move(struct compose *c, enum compose_move move, int width);

/* Puts the cursor at an offset, or behind the grapheme that it is in. */
void compose_place(struct compose *c, size_t offset);

bool compose_backspace(struct compose *c);
bool compose_delete(struct compose *c);
/* Cuts from the cursor to where the motion leads; cuts in a row join. */
bool compose_kill(struct compose *c, enum compose_move move, int width);
bool compose_yank(struct compose *c);
bool compose_yank_pop(struct compose *c);               /* only right after a yank */
void compose_keep(struct compose *c, const char *text); /* as if it had been cut just now */

bool compose_undo(struct compose *c);
bool compose_redo(struct compose *c);

/* The next `{word?}` at or after `from`, going round: true with its place. It is on one line and at most 64 bytes. */
bool compose_placeholder(const struct compose *c, size_t from, size_t *at, size_t *len);
/* Puts the cursor before the next placeholder and selects it. False when there is none. */
bool compose_next_placeholder(struct compose *c);

#endif
