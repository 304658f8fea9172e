#include "tui/desk/command.h"

#include "core/base/problems.h"
#include "core/base/str.h"
#include "core/model/whentime.h"
#include "keymaps/keymap.h"
#include "tui/desk/commands.h"

static const struct command commands[CMD_COUNT] = {
#define X(name, word, fn, modes, arg, usage, flags, group, help)                                                       \
	{CMD_##name, word, modes, arg, usage, flags, group, help, fn},
#include "tui/desk/command.def"
#undef X
};

static const struct keymap_command bindable[CMD_COUNT] = {
#define X(name, word, fn, modes, arg, usage, flags, group, help) {word, modes},
#include "tui/desk/command.def"
#undef X
};

#define MODE_WORD(name, word) [MODE_##name] = word,
static const char *const mode_words[MODE_COUNT] = {MODE_TABLE(MODE_WORD)};

const struct command *command_get(enum command_id id)
{
	return &commands[id];
}

const struct command *command_find(const char *name, size_t len)
{
	for (int i = 0; i < CMD_COUNT; i++)
		if (strlen(commands[i].name) == len && memcmp(commands[i].name, name, len) == 0)
			return &commands[i];
	return NULL;
}

const char *mode_name(enum mode mode)
{
	return mode_words[mode];
}

const char *command_group_title(enum command_group group)
{
	static const char *const titles[GROUP_COUNT] = {
	        [GROUP_MOVE] = "Moving",
	        [GROUP_CASE] = "The case",
	        [GROUP_REPLY] = "Answering",
	        [GROUP_LOOK] = "Finding and looking",
	        [GROUP_TEXT] = "Text",
	};
	return titles[group];
}

const struct keymap_names *desk_keymap_names(void)
{
	static const struct keymap_mode modes[] = {
	        {"inbox", IN_INBOX},
	        {"thread", IN_THREAD},
	        {"composer", IN_COMPOSER},
	        {"sendbar", IN_SENDBAR},
	        {"prompt", IN_PROMPT},
	        {"picker", IN_PICKER},
	        {"help", IN_HELP},
	        {"handover", IN_HANDOVER},
	        {"desk", IN_DESK},
	        {"text", IN_TEXT},
	        {"lists", IN_LISTS},
	        {"any", IN_ALL},
	};
	static const struct keymap_names names = {
	        modes, sizeof modes / sizeof modes[0], bindable, CMD_COUNT, IN_TEXT | IN_PICKER | IN_SENDBAR, CMD_BACK};
	return &names;
}

/* --- parsing */

static const char *meant(const char *word)
{
	const char *names[CMD_COUNT];
	size_t n = 0;
	for (int i = 0; i < CMD_COUNT; i++)
		if (!(commands[i].flags & CMDF_HIDDEN))
			names[n++] = commands[i].name;
	return suggest_word(word, names, n);
}

const struct command *command_parse(const char *line, const char **args, struct err *err)
{
	line += strspn(line, " \t:");
	size_t len = strcspn(line, " \t");
	*args = line + len + strspn(line + len, " \t");
	const struct command *command = command_find(line, len);
	if (!command) {
		char word[64];
		snprintf(word, sizeof word, "%.*s", (int)(len < 60 ? len : 60), line);
		const char *near = meant(word);
		if (near)
			err_set(err, ERR_USAGE, "no command \"%s\"; did you mean %s?", word, near);
		else
			err_set(err, ERR_USAGE, "no command \"%s\"; ? lists them", word);
		return NULL;
	}
	if (command->arg == ARG_NONE && **args) {
		err_set(err, ERR_USAGE, "%s takes no arguments, found \"%.60s\"", command->name, *args);
		return NULL;
	}
	if (command->usage[0] && command->usage[0] != '[' && !**args) {
		err_set(err, ERR_USAGE, "%s needs %s", command->name, command->usage);
		return NULL;
	}
	return command;
}

/* --- words to actions */

static const struct {
	enum command_id id;
	enum action_kind kind;
	const char *arg; /* what the command itself says */
} actions[] = {
        {CMD_CLAIM, ACTION_CLAIM, ""},
        {CMD_RELEASE, ACTION_RELEASE, ""},
        {CMD_ASSIGN, ACTION_ASSIGN, ""},
        {CMD_UNASSIGN, ACTION_UNASSIGN, ""},
        {CMD_TAG, ACTION_TAG, ""},
        {CMD_UNTAG, ACTION_UNTAG, ""},
        {CMD_NOTE, ACTION_NOTE, ""},
        {CMD_ESCALATE, ACTION_ESCALATE, ""},
        {CMD_DEESCALATE, ACTION_DEESCALATE, ""},
        {CMD_SNOOZE, ACTION_SNOOZE, ""},
        {CMD_WAKE, ACTION_WAKE, ""},
        {CMD_DONE, ACTION_DONE, ""},
        {CMD_REOPEN, ACTION_REOPEN, ""},
        {CMD_PRIORITY, ACTION_PRIORITY, ""},
        {CMD_SPAM, ACTION_IGNORE, "spam"},
        {CMD_MUTE, ACTION_MUTE, ""},
        {CMD_JOIN, ACTION_JOIN, ""},
        {CMD_PART, ACTION_PART, ""},
        {CMD_NOT_ABOUT_US, ACTION_IGNORE, "not-about-us"},
};

static int read_until(const char *args, const char *otherwise, int64_t now, int64_t *until, struct err *err)
{
	return whentime_parse(*args ? args : otherwise, now, until, err);
}

int command_action(enum command_id id, const char *args, const char *agent, int64_t now, struct arena *arena,
        struct action *action, struct err *err)
{
	size_t i = 0, count = sizeof actions / sizeof actions[0];
	while (i < count && actions[i].id != id)
		i++;
	if (i == count)
		return err_set(err, ERR_USAGE, "%s is no action on a case", command_get(id)->name);
	args += strspn(args, " \t");
	*action = (struct action){
	        .kind = actions[i].kind, .agent = arena_strdup(arena, agent), .arg = actions[i].arg, .text = ""};
	const char *usage = command_get(id)->usage;
	if (id == CMD_SNOOZE || id == CMD_MUTE)
		return read_until(args, id == CMD_MUTE ? "24h" : "", now, &action->until, err);
	if (usage[0] && !*args && id != CMD_DONE)
		return err_set(err, ERR_USAGE, "%s needs %s", command_get(id)->name, usage);
	if (id == CMD_NOTE) {
		action->text = arena_strdup(arena, args);
	} else if (id == CMD_ESCALATE) {
		size_t len = strcspn(args, " \t");
		action->arg = arena_strndup(arena, args, len);
		action->text = arena_strdup(arena, args + len + strspn(args + len, " \t"));
	} else if (id == CMD_JOIN || id == CMD_PART) {
		args += *args == '#'; /* a number; what a picker offers says more behind it */
		action->arg = arena_strndup(arena, args, strcspn(args, " \t"));
	} else if (usage[0]) {
		action->arg = arena_strdup(arena, args);
	}
	return 0;
}
