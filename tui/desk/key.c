/* Keys to commands or to text. What looks like text outside a text field does nothing; what was typed before a bar was
 * seen does nothing either. */
#include "tui/desk/inner.h"

#include "core/base/utf8.h"

#define TEXT_BURST 12 /* printable bytes in one read: nobody types that fast */

static size_t utf8_of(struct key key, char out[5])
{
	uint32_t cp = key_text(key);
	size_t n = cp ? utf8_encode(cp, out) : 0;
	out[n] = '\0';
	return n;
}

/* --- chords */

static void drop_chord(struct state *state)
{
	state->chord_len = 0;
}

static void tell_unbound(struct state *state)
{
	char keys[CHORD_TEXT_MAX];
	chord_format(state->chord, state->chord_len, keys, sizeof keys);
	say(state, "%s does nothing here; ? shows the keys", keys);
}

static const struct binding *bound(const struct state *state, struct key key)
{
	const struct binding *binding = NULL;
	if (!state->setup.keymap)
		return NULL;
	enum keymap_match match = keymap_lookup(state->setup.keymap, (int)state_mode(state), &key, 1, &binding);
	return match == KEYMAP_EXACT ? binding : NULL;
}

static bool runs(const struct state *state, struct key key, enum command_id id)
{
	const struct binding *binding = bound(state, key);
	return binding && binding->command == (int)id;
}

/* Over SSH, Alt and a key cannot be told from Esc and that key typed fast. */
static bool is_esc_and_key(const struct state *state, struct key key)
{
	const struct key esc = key_named(KEYNAME_ESC, 0);
	const struct binding *binding;
	if (!(key.mods & KEY_MOD_ALT) || state->chord_len || bound(state, key))
		return false;
	return keymap_lookup(state->setup.keymap, (int)state_mode(state), &esc, 1, &binding) == KEYMAP_PREFIX;
}

static void look_up(struct state *state, struct key key, struct effects *fx)
{
	if (!state->setup.keymap)
		return;
	if (is_esc_and_key(state, key)) {
		state->chord[state->chord_len++] = key_named(KEYNAME_ESC, 0);
		key.mods &= (uint8_t)~KEY_MOD_ALT;
	}
	if (state->chord_len && runs(state, key, CMD_BACK)) {
		drop_chord(state);
		return;
	}
	state->chord[state->chord_len++] = key;
	const struct binding *binding = NULL;
	enum keymap_match match =
	        keymap_lookup(state->setup.keymap, (int)state_mode(state), state->chord, state->chord_len, &binding);
	if (match == KEYMAP_PREFIX && state->chord_len < CHORD_MAX)
		return;
	if (match == KEYMAP_NONE)
		tell_unbound(state);
	drop_chord(state);
	if (match == KEYMAP_EXACT)
		command_run(state, command_get((enum command_id)binding->command), binding->args, fx);
}

/* --- text fields */

static void type_composer(struct state *state, const char *bytes, size_t len, bool paste, struct effects *fx)
{
	struct compose *c = &state->composer.compose;
	bool fits = paste ? compose_paste(c, bytes, len) : compose_type(c, bytes, len);
	if (!fits)
		complain(state, "the text is too long: nothing was added");
	if (!paste)
		canned_expand(state);
	composer_edited(state, fx, true);
}

static void type_line(struct compose *c, const char *bytes, size_t len)
{
	struct str line = STR_INIT;
	for (size_t i = 0; i < len; i++)
		str_addc(&line, bytes[i] == '\n' || bytes[i] == '\r' ? ' ' : bytes[i]);
	compose_type(c, line.p, line.len);
	str_release(&line);
}

static void type_prompt(struct state *state, const char *bytes, size_t len)
{
	type_line(&state->prompt.text, bytes, len);
	prompt_edited(state);
}

static void type_picker(struct state *state, const char *bytes, size_t len)
{
	type_line(&state->picker.typed, bytes, len);
	picker_typed(state);
}

/* Takes text where the mode has a field for it. */
static bool take_text(struct state *state, const char *bytes, size_t len, bool paste, struct effects *fx)
{
	switch (state_mode(state)) {
	case MODE_COMPOSER: type_composer(state, bytes, len, paste, fx); return true;
	case MODE_PROMPT: type_prompt(state, bytes, len); return true;
	case MODE_PICKER:
		if (state->picker.by_letter)
			return false;
		type_picker(state, bytes, len);
		return true;
	case MODE_SENDBAR:
		if (state->composer.unsend) {
			composer_close(state, fx);
			say(state, "nothing was taken back");
			return true;
		}
		overlay_close(state);
		type_composer(state, bytes, len, paste, fx);
		return true;
	default: return false;
	}
}

/* --- keys outside text fields */

static void refuse_text(struct state *state, uint64_t read)
{
	state->text_read = read;
	drop_chord(state);
	char keys[CHORD_TEXT_MAX];
	say(state, "looks like text; `%s` replies", key_for(state, MODE_INBOX, CMD_REPLY, keys));
}

/* An input method left on, a paste without brackets, a burst after a stalled line. A single key that the key file binds
 * is none of these, whatever its script. */
static bool looks_like_text(const struct state *state, const struct event *event)
{
	uint32_t cp = key_text(event->key.key);
	if (event->key.printable >= TEXT_BURST)
		return true;
	char bytes[5];
	bool alone = event->key.printable <= (int)utf8_of(event->key.key, bytes) && bound(state, event->key.key);
	return (event->key.foreign || cp >= 0x80) && !alone;
}

/* The same key again, in another read, is the second stroke; whatever else leaves it and counts as a key. */
static bool second_stroke(struct state *state, const struct event *event, struct effects *fx)
{
	struct confirm *confirm = &state->confirm;
	if (event->key.read == confirm->read)
		return true;
	overlay_close(state);
	if (key_eq(event->key.key, confirm->key)) {
		const struct kase *kase = state_case(state);
		if (confirm->bulk)
			bulk_do(state, fx);
		else if (!confirm->case_id || confirm->case_id == (kase ? kase->id : 0))
			confirm->command->run(state, confirm->command, confirm->args, fx);
		return true;
	}
	return event->key.key.name == KEYNAME_ESC;
}

static bool in_no_field(const struct state *state)
{
	enum mode mode = state_mode(state);
	return !(1u << mode & IN_TEXT) && (mode != MODE_PICKER || state->picker.by_letter);
}

/* A stroke that publishes comes alone: an Enter among text is a paste's. */
static bool stray_enter(const struct state *state, const struct event *event)
{
	bool sends = runs(state, event->key.key, CMD_SEND_NOW) || runs(state, event->key.key, CMD_SEND_ANYWAY);
	return state_mode(state) == MODE_SENDBAR && event->key.printable > 0 && sends;
}

static bool deaf(const struct state *state, const struct event *event)
{
	if (state_mode(state) != MODE_SENDBAR)
		return false;
	return event->key.read == state->sendbar.read || sendbar_deaf(state);
}

void handle_key(struct state *state, const struct event *event, struct effects *fx)
{
	state->inbox.settles_mono = INT64_MIN;
	struct key key = event->key.key;
	if (ahead_waits(state) && !runs(state, key, CMD_RECALL)) {
		if (!runs(state, key, CMD_BACK)) {
			ahead_put(state, event);
			return;
		}
		ahead_drop(state);
	}
	if (event->key.read && event->key.read == state->text_read)
		return;
	if (deaf(state, event) && !runs(state, key, CMD_RECALL))
		return;
	state->last_key = key;
	state->last_read = event->key.read;
	if (state->message.error)
		state->message.text[0] = '\0';
	if (state_mode(state) == MODE_CONFIRM && second_stroke(state, event, fx))
		return;
	if (stray_enter(state, event)) {
		say(state, "not sent: the key came together with text");
		return;
	}
	char bytes[5];
	size_t len = utf8_of(key, bytes);
	if (len && !state->chord_len && take_text(state, bytes, len, false, fx))
		return;
	if (state_mode(state) != MODE_SENDBAR && in_no_field(state) && looks_like_text(state, event)) {
		refuse_text(state, event->key.read);
		return;
	}
	if (len && state_mode(state) == MODE_PICKER)
		picker_letter(state, key_text(key), fx);
	else
		look_up(state, key, fx);
}

void handle_paste(struct state *state, const struct event *event, struct effects *fx)
{
	if (ahead_waits(state)) {
		ahead_put(state, event);
		return;
	}
	if (state_mode(state) == MODE_SENDBAR && (event->paste.read == state->sendbar.read || sendbar_deaf(state)))
		return;
	state->message.text[0] = '\0';
	drop_chord(state);
	if (state_mode(state) == MODE_CONFIRM)
		overlay_close(state);
	if (!take_text(state, event->paste.bytes, event->paste.len, true, fx))
		refuse_text(state, 0);
}
