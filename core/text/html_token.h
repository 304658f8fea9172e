/* HTML cut into tags and text, leniently, in one pass over the bytes. Used by html.c alone. Tokens point into the
 * input; nothing here fails, and the work is linear in the input's length. */
#ifndef CORE_TEXT_HTML_TOKEN_H
#define CORE_TEXT_HTML_TOKEN_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct html_reader {
	const char *p;
	size_t len, at;
};

enum html_token_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE };

struct html_token {
	enum html_token_kind kind;
	const char *bytes; /* text: as sent, references undecoded; tag: its attributes */
	size_t len;
	char name[16]; /* of a tag, lower case; a longer name is cut, and is none that anybody knows */
};

/* False at the end. Comments, declarations and the content of script, style and their like are passed over; a tag that
 * does not end is, too. */
bool html_next(struct html_reader *reader, struct html_token *token);

/* Appends the decoded value of a tag's attribute (valid UTF-8, no NUL). False when the tag has none of that name. */
bool html_attribute(const struct html_token *token, const char *name, struct str *out);
bool html_has_class(const struct html_token *token, const char *class_name);

#endif
