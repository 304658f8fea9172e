/* What the structs of an event look like, as tables: one row a field. From them a recording is written, read back and
 * made harmless, so that a field is known in one place. Pure data and two walks; strings and arrays that are read live
 * in the arena given. */
#ifndef TUI_RECORD_SHAPE_H
#define TUI_RECORD_SHAPE_H

#include "core/base/arena.h"
#include "core/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text is, for whoever must not read it. */
enum secret {
	OPEN,          /* ours, or nobody's: kept */
	SECRET_TEXT,   /* words: the same shape, other letters */
	SECRET_HANDLE, /* the same stand-in for the same handle, everywhere */
	SECRET_NAME,   /* a name that others refer to (an agent, a tag, an id of the network): the same for the same */
	SECRET_QUERY,  /* a query: what is ours of it stays */
	SECRET_CANNED, /* words, but for {placeholders} that the desk knows */
	SECRET_CHANGE  /* a value of struct change: its field says what it is */
};

enum part_type {
	PART_BOOL,
	PART_CHAR,     /* a char */
	PART_I16,      /* int16_t */
	PART_INT,      /* int, or an enum */
	PART_UNSIGNED, /* unsigned */
	PART_I64,
	PART_U64,
	PART_TEXT,     /* const char *, never NULL */
	PART_MAYBE,    /* const char *, NULL means something */
	PART_CHARS,    /* char [size] */
	PART_BYTES,    /* const char * and a length: any bytes */
	PART_KEY,      /* struct key */
	PART_INSIDE,   /* a struct */
	PART_ROW,      /* `size` structs, in place */
	PART_POINTER,  /* a struct elsewhere, or NULL */
	PART_ARRAY,    /* count structs elsewhere */
	PART_POINTERS, /* count texts elsewhere */
	PART_IDS       /* count int64_t elsewhere */
};

struct shape;

struct part {
	const char *name;
	enum part_type type;
	enum secret secret;
	size_t offset;
	size_t count_at, count_size; /* where the count or length stands; 4 bytes or 8 */
	size_t size;                 /* CHARS, ROW */
	int64_t low, high;           /* numbers: what is read is put between; both 0: any */
	const struct shape *shape;
};

struct shape {
	size_t size;
	const struct part *parts;
	size_t count;
};

/* Tells how a text is written in its stead; `base` is the struct that it stands in. Appends to out. */
struct str;
typedef void shape_hide(
        void *arg, const struct part *part, const void *base, const char *text, size_t len, struct str *out);

/* An object with the parts that are not zero or empty. hide NULL: as it is. */
json *shape_write(const struct shape *shape, const void *base, shape_hide *hide, void *arg);

/* Fills the parts of a zeroed struct from an object; what is missing or of another type stays zero or "". Counts and
 * depths are those of the JSON. */
void shape_read(const struct shape *shape, const json *object, void *base, struct arena *arena);

extern const struct shape shape_setup; /* struct desk_setup but for its keymap */

/* The shape of an event of a kind (enum event_kind): the members of its part of the union, with base the event itself;
 * NULL behind the last kind. *name is the word for it in recordings. */
const struct shape *shape_of_event(int kind, const char **name);

/* What every event has besides. */
extern const struct shape shape_event_common;

#endif
