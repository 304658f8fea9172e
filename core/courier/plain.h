/* The door for what the courier says to a person at a terminal: whatever servers, files and programs put into a line is
 * shown as core/text/cells.h has it, and cannot begin another line. Blocks as stdio does. */
#ifndef CORE_COURIER_PLAIN_H
#define CORE_COURIER_PLAIN_H

#include <stdio.h>

/* Writes the line and a line feed. */
void plain_line(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
