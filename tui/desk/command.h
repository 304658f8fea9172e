/* The table of commands (command.def) as data, and the way from words to a command or to an action. Pure.
 * A command is run through the table alone, by command_run(): keys, the `:` line and repeats all come by there. */
#ifndef TUI_DESK_COMMAND_H
#define TUI_DESK_COMMAND_H

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/model/action.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct effects;
struct keymap_names;
struct state;

/* Where keys go. The first three are panes; the others lie over them, one at a time. The names are the sections of key
 * files. MODE_CONFIRM has none: it takes the same key again, and anything else leaves it. */
#define MODE_TABLE(X)                                                                                                  \
	X(INBOX, "inbox")                                                                                              \
	X(THREAD, "thread")                                                                                            \
	X(COMPOSER, "composer")                                                                                        \
	X(SENDBAR, "sendbar")                                                                                          \
	X(PROMPT, "prompt")                                                                                            \
	X(PICKER, "picker")                                                                                            \
	X(HELP, "help")                                                                                                \
	X(HANDOVER, "handover")                                                                                        \
	X(CONFIRM, "")

#define MODE_MEMBER(name, word) MODE_##name,
enum mode { MODE_TABLE(MODE_MEMBER) MODE_COUNT };
#undef MODE_MEMBER

#define MODE_BIT(name, word) IN_##name = 1 << MODE_##name,
enum mode_bits {
	MODE_TABLE(MODE_BIT) IN_DESK = IN_INBOX | IN_THREAD,
	IN_TEXT = IN_COMPOSER | IN_PROMPT, /* what is typed goes into a text */
	IN_LISTS = IN_DESK | IN_PICKER | IN_HELP | IN_HANDOVER,
	IN_ALL = (1 << MODE_CONFIRM) - 1
};
#undef MODE_BIT

enum command_flag { CMDF_SECOND = 1, CMDF_REPEAT = 2, CMDF_PUBLIC = 4, CMDF_DO = 8, CMDF_HIDDEN = 16, CMDF_MANY = 32 };
enum command_group { GROUP_MOVE, GROUP_CASE, GROUP_REPLY, GROUP_LOOK, GROUP_TEXT, GROUP_COUNT };

/* What the first word of a command's arguments is; the rest, where there is any, is free text. */
enum command_arg {
	ARG_NONE,
	ARG_TEXT,
	ARG_VIEW,
	ARG_NUMBER,
	ARG_AGENT,
	ARG_TAG,
	ARG_TEAM,
	ARG_WHEN,
	ARG_REASON,
	ARG_PRIORITY,
	ARG_CANNED,
	ARG_MACRO,
	ARG_QUERY,
	ARG_LAYOUT,
	ARG_YES_NO
};

enum command_id {
#define X(name, word, fn, modes, arg, usage, flags, group, help) CMD_##name,
#include "tui/desk/command.def"
#undef X
	CMD_COUNT
};

struct command {
	enum command_id id;
	const char *name;
	unsigned modes; /* enum mode_bits */
	enum command_arg arg;
	const char *usage; /* of the arguments; "" for none */
	unsigned flags;    /* enum command_flag */
	enum command_group group;
	const char *help; /* one line */
	void (*run)(struct state *state, const struct command *command, const char *args, struct effects *effects);
};

const struct command *command_get(enum command_id id);
const struct command *command_find(const char *name, size_t len); /* NULL when there is none */
const char *mode_name(enum mode mode);                            /* "" for MODE_CONFIRM */

/* For keymap_init: bit i is mode i; commands by their id. Besides the modes it has names for several of them: desk,
 * text, lists, any. */
const struct keymap_names *desk_keymap_names(void);
const char *command_group_title(enum command_group group);

/* Splits "name args…"; white space around is dropped. NULL with words in err ("no command \"tga\"; did you mean tag?",
 * "tag needs …"). *args points into line, or is "". */
const struct command *command_parse(const char *line, const char **args, struct err *err);

/* The action that a CMDF_DO command with these arguments is, by `agent` at `now` (UTC ms): the same for a key press,
 * the
 * `:` line and `curlew do`. Strings live in the arena. case_id is left 0. ERR_USAGE with words when arguments are wrong
 * or missing. `reply` is no action: asking for it is ERR_USAGE. */
int command_action(enum command_id id, const char *args, const char *agent, int64_t now, struct arena *arena,
        struct action *action, struct err *err);

/* Runs it where it is valid now; otherwise says so on the bottom line. A CMDF_SECOND command asks for its second
 * stroke.
 */
void command_run(struct state *state, const struct command *command, const char *args, struct effects *effects);

/* What could stand at the end of a `:` line: calls back with each candidate for the last word (whole word, and one line
 * of help or ""), best first. */
void command_complete(const struct state *state, const char *line,
        void (*each)(void *arg, const char *candidate, const char *help), void *arg);

#endif
