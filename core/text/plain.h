/* The door for what both programs print for people outside of a frame: answers of commands, complaints, questions of a
 * login. The format is ours and stands as it is, line feeds included; every value in it may come from a server, a file
 * or a customer: it is shown as core/text/cells.h has it, and stays within its line, so that no value can act on a
 * terminal or be taken for a line of ours. Pure. */
#ifndef CORE_TEXT_PLAIN_H
#define CORE_TEXT_PLAIN_H

#include "core/base/str.h"

#include <stdarg.h>

/* Appends. Of printf it has %s, %c, %d, %i, %u and %% with h, l, ll and z, "-", "0", width and precision. The width of
 * a %s is in cells, its precision in bytes of the value. */
void plain_vaddf(struct str *out, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void plain_addf(struct str *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Appends a value as it may go into a mail, a header or a text of our own: one line without what screens hide or act on
 * (a blank instead), but with what joins emoji and letters. Well-formed, whatever came. */
void plain_add_value(struct str *out, const char *text, size_t len);

#endif
