/* Manual pages as text: what mdoc(7) has of macros that the pages in man/ use, laid out as mandoc does it. What a page
 * uses beyond that is an error, which the tests find before a person does. Pure.
 *
 * The text is UTF-8 in lines of at most `cols` cells (literal ones and long words may be longer). MDOC_BOLD and
 * MDOC_PLAIN stand around what is bold; both are closed again in each line. A part is a section, or an item of a list,
 * with the names by which somebody may ask for it. */
#ifndef CORE_TEXT_MDOC_H
#define CORE_TEXT_MDOC_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define MDOC_BOLD '\001'
#define MDOC_PLAIN '\002'

enum mdoc_kind { MDOC_SECTION, MDOC_SUBSECTION, MDOC_ITEM };

struct mdoc_part {
	enum mdoc_kind kind;
	char *names; /* each ended by a line feed: of an item what it explains, of a section its title; the page's */
	size_t from, to; /* bytes of the text */
	int section;     /* the part that is the section, or the subsection, in which it stands; -1 for none */
};

struct mdoc_page {
	struct str text;
	char *title; /* "curlew(1)" */
	char *about; /* what NAME says of it */
	VEC(struct mdoc_part) parts;
};

/* ERR_DATA names the line that is not understood. The caller releases the page in any case. */
int mdoc_read(const char *source, int cols, struct mdoc_page *page, struct err *err);
void mdoc_release(struct mdoc_page *page);

#endif
