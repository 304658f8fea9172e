/* The functions behind command.def, declared from it. Each takes its arguments as words and is run by command_run()
 * alone, which has checked the mode and the second stroke. */
#ifndef TUI_DESK_COMMANDS_H
#define TUI_DESK_COMMANDS_H

#include "tui/desk/command.h"

#define X(name, word, fn, modes, arg, usage, flags, group, help)                                                       \
	void fn(struct state *state, const struct command *command, const char *args, struct effects *fx);
#include "tui/desk/command.def"
#undef X

#endif
