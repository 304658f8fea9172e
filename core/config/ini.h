/* Our INI files: `[kind name]` opens a section, `key = value` a setting. White space around names and values does not
 * count. A line that begins with `#` or `;` is a comment; neither means anything further on. A value that ends in an
 * odd number of backslashes goes on in the next line, whose leading blanks are dropped with the last backslash. Values
 * are of any length and are kept as written, with all their quotes and backslashes. UTF-8, with or without a byte order
 * mark; lines end in LF or CRLF, the last one in either or neither.
 *
 * What is read lives in the caller's arena. ini_read blocks on the disk. */
#ifndef CORE_CONFIG_INI_H
#define CORE_CONFIG_INI_H

#include "core/base/arena.h"
#include "core/base/problems.h"
#include "core/base/vec.h"

#define INI_FILE_MAX (4u << 20) /* bytes; a larger file is refused */
#define INI_SECTIONS_MAX 10000  /* what comes after them is refused */

struct ini_entry {
	const char *key; /* as written */
	const char *value;
	int line;      /* where the key stands */
	int last_line; /* where the value ends */
};

struct ini_section {
	const char *kind; /* the first word between the brackets */
	const char *name; /* the rest; "" when there is none. Blanks inside are one blank each */
	int line;
	VEC(struct ini_entry) entries; /* in the order of the file, duplicates and all */
};

struct ini {
	VEC(struct ini_section) sections;
};

/* Appends what is right to *ini and what is wrong to *problems, under the name `file`. Reads on after an error. */
void ini_parse(const char *bytes, size_t len, const char *file, struct arena *arena, struct ini *ini,
        struct problems *problems);

/* Reads and parses a file. Negative only when it cannot be read; what is wrong inside is in *problems. */
int ini_read(const char *path, struct arena *arena, struct ini *ini, struct problems *problems, struct err *err);

void ini_release(struct ini *ini); /* the lists; the strings are the arena's */

#endif
