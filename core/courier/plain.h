/* What the courier says to a person at a terminal, by the door of core/text/plain.h. Blocks as stdio does. */
#ifndef CORE_COURIER_PLAIN_H
#define CORE_COURIER_PLAIN_H

#include <stdio.h>

/* Writes the line and a line feed. */
void plain_line(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
