/* What is typed behind a colon: a command and its arguments, or words for a person; likewise the action it makes. */
#include "tests/fuzz/fuzz.h"

#include "tui/desk/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct action action;
	const char *args = NULL;
	char *line = fuzz_text(data, size);
	const struct command *command = command_parse(line, &args, &err);
	if (!command)
		must(err.code && *err.text);
	else if (command->flags & CMDF_DO)
		must(command_action(command->id, args, "alice", INT64_C(1795313630000), &arena, &action, &err) == 0 ||
		        *err.text);
	free(line);
	arena_release(&arena);
	return 0;
}
