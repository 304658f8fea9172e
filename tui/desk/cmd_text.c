/* Commands on the text of the composer, the prompt or a picker. */
#include "tui/desk/inner.h"

static struct compose *field(struct state *state)
{
	switch (state_mode(state)) {
	case MODE_PROMPT: return &state->prompt.text;
	case MODE_PICKER: return &state->picker.typed;
	default: return &state->composer.compose;
	}
}

static bool is_motion(enum command_id id, enum compose_move *move)
{
	static const struct {
		enum command_id id;
		enum compose_move move;
	} motions[] = {
	        {CMD_CHAR_LEFT, MOVE_CHAR_LEFT},
	        {CMD_CHAR_RIGHT, MOVE_CHAR_RIGHT},
	        {CMD_WORD_LEFT, MOVE_WORD_LEFT},
	        {CMD_WORD_RIGHT, MOVE_WORD_RIGHT},
	        {CMD_LINE_UP, MOVE_LINE_UP},
	        {CMD_LINE_DOWN, MOVE_LINE_DOWN},
	        {CMD_LINE_START, MOVE_LINE_START},
	        {CMD_LINE_END, MOVE_LINE_END},
	        {CMD_TEXT_START, MOVE_TEXT_START},
	        {CMD_TEXT_END, MOVE_TEXT_END},
	};
	for (size_t i = 0; i < sizeof motions / sizeof motions[0]; i++)
		if (motions[i].id == id) {
			*move = motions[i].move;
			return true;
		}
	return false;
}

static bool edit(struct compose *c, enum command_id id, int width)
{
	switch (id) {
	case CMD_NEWLINE: return compose_type(c, "\n", 1);
	case CMD_BACKSPACE: return compose_backspace(c);
	case CMD_DELETE_CHAR: return compose_delete(c);
	case CMD_KILL_WORD: return compose_kill(c, MOVE_WORD_RIGHT, width);
	case CMD_KILL_WORD_BACK: return compose_kill(c, MOVE_WORD_LEFT, width);
	case CMD_KILL_LINE: return compose_kill(c, MOVE_LINE_END, width);
	case CMD_KILL_LINE_BACK: return compose_kill(c, MOVE_LINE_START, width);
	case CMD_YANK: return compose_yank(c);
	case CMD_YANK_POP: return compose_yank_pop(c);
	case CMD_TEXT_UNDO: return compose_undo(c);
	case CMD_TEXT_REDO: return compose_redo(c);
	default: return false;
	}
}

static void edited(struct state *state, enum command_id id, struct effects *fx)
{
	switch (state_mode(state)) {
	case MODE_PROMPT: prompt_edited(state); break;
	case MODE_PICKER: picker_typed(state); break;
	default:
		if (id == CMD_NEWLINE)
			canned_expand(state);
		composer_edited(state, fx, true);
		break;
	}
}

void cmd_text(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)args;
	enum compose_move move;
	bool prompt = state_mode(state) == MODE_PROMPT;
	int width = state->seen.compose_cols > 0 ? state->seen.compose_cols : 60;
	if (prompt && (command->id == CMD_LINE_UP || command->id == CMD_LINE_DOWN))
		prompt_history(state, command->id == CMD_LINE_UP);
	else if (is_motion(command->id, &move))
		compose_move(field(state), move, width);
	else if (edit(field(state), command->id, width))
		edited(state, command->id, fx);
}

void cmd_complete(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args, (void)fx;
	if (state_mode(state) == MODE_PROMPT)
		prompt_complete(state);
	else if (!compose_next_placeholder(&state->composer.compose))
		say(state, "no placeholder is left");
}

void cmd_accept(struct state *state, const struct command *command, const char *args, struct effects *fx)
{
	(void)command, (void)args;
	if (state_mode(state) == MODE_PROMPT)
		prompt_accept(state, fx);
	else if (state_mode(state) == MODE_HANDOVER)
		handover_accept(state, fx);
	else
		picker_accept(state, fx);
}
