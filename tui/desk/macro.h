/* Macros: commands in a row, as the configuration has them. They prepare: what publishes, what takes a second stroke
 * and what answers a bar is no part of a macro. Pure. */
#ifndef TUI_DESK_MACRO_H
#define TUI_DESK_MACRO_H

#include "core/base/err.h"

/* 0, or -ERR_CONFIG with words that name the command: one that is not there, that may not stand in a macro, or whose
 * arguments are missing. */
int macro_check(const char *commands, struct err *err);

#endif
