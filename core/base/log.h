/* The log: one line an event, to stderr or a file that is appended to, each with UTC time, level, process and text.
 * Control characters become \xNN, and on a terminal that takes no UTF-8 all that is not ASCII. Known secrets (secret.h)
 * are hidden wherever they appear in a line. */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include "core/base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* NULL logs to stderr. The file is 0600, whatever it was before. Rotated once (to FILE.1) when it has passed 8 MiB at
 * open. */
int log_open(const char *file, const char *program, enum log_level least, struct err *err);
void log_close(void); /* to stderr again; forgets the secrets */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
