#include "tui/record/record.h"

#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/record/redact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 12 }; /* printable bytes in one read that are text wherever they were typed, as the desk takes it */

struct recorder {
	FILE *file; /* NULL: ended */
	bool plain;
	bool typing_ahead; /* keys that wait for an answer have begun to be text */
	int64_t bytes;
	struct redactor redactor;
	char trouble[256];
	bool told;
};

int recorder_open(const char *path, bool plain, struct recorder **out, struct err *err)
{
	struct stat facts;
	/* Without O_NONBLOCK a pipe that nobody reads would hold the desk up for ever. */
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot record to %s: %s", path, strerror(errno));
	if (fstat(fd, &facts) || !S_ISREG(facts.st_mode)) {
		close(fd);
		return err_set(err, ERR_USAGE, "cannot record to %s: expected a regular file", path);
	}
	FILE *file = ftruncate(fd, 0) || fchmod(fd, 0600) ? NULL : fdopen(fd, "w");
	if (!file) {
		err_set(err, ERR_IO, "cannot record to %s: %s", path, strerror(errno));
		close(fd);
		return -ERR_IO;
	}
	*out = mem_alloc(sizeof **out);
	(*out)->file = file;
	(*out)->plain = plain;
	return 0;
}

/* --- lines */

static void give_up(struct recorder *recorder, const char *why)
{
	snprintf(recorder->trouble, sizeof recorder->trouble, "recording ended: %s", why);
	fclose(recorder->file);
	recorder->file = NULL;
}

static void put_line(struct recorder *recorder, json *line)
{
	struct str text = STR_INIT;
	json_print(line, &text);
	str_addc(&text, '\n');
	json_free(line);
	if (recorder->file && recorder->bytes + (int64_t)text.len > RECORD_MAX) {
		fputs("{\"end\":\"the file became too large\"}\n", recorder->file);
		give_up(recorder, "the file became too large");
	}
	if (recorder->file) {
		bool written = fwrite(text.p, 1, text.len, recorder->file) == text.len && !fflush(recorder->file);
		recorder->bytes += (int64_t)text.len;
		if (!written)
			give_up(recorder, strerror(errno));
	}
	str_release(&text);
}

static void set_hidden(struct recorder *recorder, json *object, const char *name, enum secret secret, const char *text)
{
	struct str out = STR_INIT;
	if (recorder->plain)
		str_adds(&out, text);
	else
		redact_text(&recorder->redactor, secret, text, strlen(text), &out);
	json_set_str(object, name, out.p);
	str_release(&out);
}

static json *hidden_shape(struct recorder *recorder, const struct shape *shape, const void *base)
{
	return shape_write(shape, base, recorder->plain ? NULL : redact, &recorder->redactor);
}

/* --- the setup */

/* The zone as POSIX writes it, where no name says it: "<+02>-02:00". Times in a frame are local. */
static void zone_text(char out[64])
{
	char offset[16] = "+0000";
	time_t now = time(NULL);
	struct tm local;
	const char *name = getenv("TZ");
	if (name && strlen(name) < 64) {
		snprintf(out, 64, "%s", name);
		return;
	}
	if (localtime_r(&now, &local))
		strftime(offset, sizeof offset, "%z", &local);
	snprintf(out, 64, "<%.3s>%c%.2s:%.2s", offset, offset[0] == '-' ? '+' : '-', offset + 1, offset + 3);
}

/* What a binding's arguments are, by what the command takes. */
static void put_args(struct recorder *recorder, const struct binding *binding, struct str *out)
{
	const char *args = binding->args;
	size_t first = strcspn(args, " ");
	enum secret secret = OPEN, rest = SECRET_TEXT;
	switch (command_get((enum command_id)binding->command)->arg) {
	case ARG_VIEW: secret = first > 1 ? SECRET_NAME : OPEN; break;
	case ARG_TEXT: secret = SECRET_TEXT; break;
	case ARG_AGENT:
	case ARG_TAG:
	case ARG_TEAM:
	case ARG_CANNED: secret = SECRET_NAME; break;
	case ARG_QUERY: secret = rest = SECRET_QUERY; break;
	default: rest = OPEN;
	}
	if (recorder->plain)
		secret = rest = OPEN;
	redact_text(&recorder->redactor, secret, args, first, out);
	redact_text(&recorder->redactor, rest, args + first, strlen(args + first), out);
}

static void set_keys(struct recorder *recorder, json *object, const struct keymap *keymap)
{
	struct str text = STR_INIT;
	for (int mode = 0; keymap && mode < MODE_CONFIRM; mode++) {
		size_t at = 0;
		const struct binding *binding;
		while ((binding = keymap_next(keymap, mode, &at))) {
			char keys[CHORD_TEXT_MAX];
			chord_format(binding->keys.at, binding->keys.len, keys, sizeof keys);
			str_addf(&text, "bind %s %s %s", mode_name((enum mode)mode), keys,
			        keymap->names->commands[binding->command].name);
			str_adds(&text, *binding->args ? " " : "");
			put_args(recorder, binding, &text);
			str_addc(&text, '\n');
		}
	}
	json_set_str(object, "keys", text.p);
	str_release(&text);
}

/* What an earlier desk left: its words are ours, but for the view's name and the filter. */
static void set_restored(struct recorder *recorder, json *object, const char *saved)
{
	struct err err = ERR_INIT;
	json *was = json_parse(saved, strlen(saved), &err), *kept = json_object();
	for (const json *item = was ? json_first(was) : NULL; item; item = json_next(item)) {
		const char *key = json_key(item), *text = json_text(item);
		enum secret secret = str_eq(key, "view")     ? SECRET_NAME
		                     : str_eq(key, "filter") ? SECRET_QUERY
		                     : str_eq(key, "layout") || str_eq(key, "pane") || str_eq(key, "composer")
		                             ? OPEN
		                             : SECRET_TEXT;
		if (text)
			set_hidden(recorder, kept, key, secret, text);
		else if (!json_is_object(item) && !json_is_array(item))
			json_set_int(kept, key, json_int(was, key, json_bool(was, key, false)));
	}
	struct str text = STR_INIT;
	json_print(kept, &text);
	json_set_str(object, "restored", recorder->plain ? saved : text.p);
	str_release(&text);
	json_free(was);
	json_free(kept);
}

void recorder_begin(struct recorder *recorder, const struct record_setup *setup)
{
	char zone[64];
	json *head = json_object(), *line = json_object();
	json_set_int(head, "curlew-recording", RECORD_FORMAT);
	json_set_str(head, "program", CURLEW_VERSION);
	json_set_bool(head, "redacted", !recorder->plain);
	put_line(recorder, head);
	zone_text(zone);
	json_set(line, "setup", hidden_shape(recorder, &shape_setup, setup->setup));
	set_keys(recorder, line, setup->setup->keymap);
	if (setup->restored)
		set_restored(recorder, line, setup->restored);
	json_set_str(line, "zone", zone);
	json_set_bool(line, "ascii", setup->ascii);
	json_set_str(line, "theme", str_or(setup->theme, ""));
	put_line(recorder, line);
}

/* --- keys: typed text is hidden, a command is not */

static const struct binding *bound(const struct state *state, struct key key)
{
	const struct binding *binding = NULL;
	if (!state->setup.keymap)
		return NULL;
	keymap_lookup(state->setup.keymap, (int)state_mode(state), &key, 1, &binding);
	return binding;
}

/* On the `:` line what can still become a command's name is ours. */
static bool begins_command(const struct state *state, uint32_t cp)
{
	const struct compose *typed = &state->prompt.text;
	if (state->prompt.purpose != PROMPT_COMMAND || typed->cursor != typed->text.len || cp >= 0x80)
		return false;
	for (int id = 0; id < CMD_COUNT; id++) {
		const char *name = command_get((enum command_id)id)->name;
		if (str_starts(name, typed->text.p) && name[typed->text.len] == (char)cp)
			return true;
	}
	return false;
}

/* Keys typed ahead: the first that does more than move or look may open a field, and all behind it may be text. */
static bool text_ahead(struct recorder *recorder, const struct state *state, struct key key)
{
	if (recorder->typing_ahead || state->reply_after_load)
		return true;
	const struct binding *binding = bound(state, key);
	if (!binding)
		return false;
	enum command_group group = command_get((enum command_id)binding->command)->group;
	recorder->typing_ahead = group != GROUP_MOVE;
	return false;
}

static bool is_typed(struct recorder *recorder, const struct state *state, const struct event *event)
{
	uint32_t cp = key_text(event->key.key);
	bool waits = state_keys_wait(state);
	recorder->typing_ahead &= waits;
	if (!cp)
		return false;
	switch (state_mode(state)) {
	case MODE_COMPOSER:
	case MODE_SENDBAR: return !state->chord_len;
	case MODE_PROMPT:
		return !state->chord_len && state->prompt.purpose != PROMPT_COUNT && !begins_command(state, cp);
	case MODE_PICKER: return !state->picker.by_letter;
	default: break;
	}
	if (event->key.printable >= BURST || (cp >= 0x80 && !bound(state, event->key.key)))
		return true;
	return waits && text_ahead(recorder, state, event->key.key);
}

/* --- events */

static const char *place_of(const struct state *state)
{
	enum mode mode = state_mode(state);
	return mode == MODE_CONFIRM ? "confirm" : mode_name(mode);
}

void recorder_event(struct recorder *recorder, const struct state *state, const struct event *event)
{
	struct event shown = *event;
	const char *name = "";
	const struct shape *shape = shape_of_event((int)event->kind, &name);
	if (!recorder->file || !shape)
		return;
	if (!recorder->plain && event->kind == EV_KEY && is_typed(recorder, state, event))
		shown.key.key.code = redact_char(shown.key.key.code);
	json *line = hidden_shape(recorder, &shape_event_common, &shown);
	json_set_str(line, "event", name);
	if (event->kind == EV_KEY || event->kind == EV_PASTE)
		json_set_str(line, "in", place_of(state));
	/* An answer that failed has nothing else that is set. */
	if (!event->err && shape->count)
		json_set(line, "data", hidden_shape(recorder, shape, &shown));
	put_line(recorder, line);
}

void recorder_view(struct recorder *recorder, const char *name)
{
	json *line = json_object();
	set_hidden(recorder, line, "view", SECRET_NAME, name);
	put_line(recorder, line);
}

uint64_t frame_hash(const struct frame *frame)
{
	uint64_t parts[4] = {(uint64_t)frame->rows, (uint64_t)frame->cols, 0, 0};
	size_t count = (size_t)frame->rows * (size_t)frame->cols;
	/* By what a cell shows: between its members is padding. */
	for (size_t i = 0; i < count; i++) {
		uint64_t cell[3] = {parts[2], hash_bytes(frame->cells[i].cp, sizeof frame->cells[i].cp),
		        (uint64_t)frame->cells[i].width << 8 | frame->cells[i].style};
		parts[2] = hash_bytes(cell, sizeof cell);
	}
	if (frame->cursor_visible)
		parts[3] = 1 + (uint64_t)frame->cursor_row * FRAME_MAX_COLS + (uint64_t)frame->cursor_col;
	return hash_bytes(parts, sizeof parts);
}

/* The hash of a screen could be guessed at, and what stands on it with it: only where nothing is hidden. */
void recorder_frame(struct recorder *recorder, const struct state *state, const struct frame *frame)
{
	char digits[24];
	if (!recorder->file)
		return;
	json *line = json_object();
	json_set_int(line, "frame", (int64_t)state->version);
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)frame_hash(frame));
	if (recorder->plain)
		json_set_str(line, "hash", digits);
	put_line(recorder, line);
}

const char *recorder_trouble(struct recorder *recorder)
{
	if (recorder->told || !recorder->trouble[0])
		return NULL;
	recorder->told = true;
	return recorder->trouble;
}

void recorder_close(struct recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->file)
		fclose(recorder->file);
	redactor_release(&recorder->redactor);
	free(recorder);
}
