/* The bottom line, and what rings. */
#include "tui/desk/inner.h"

#define MESSAGE_MS 5000
#define BELL_EVERY_MS 60000

static void put(struct state *state, bool error, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));
static void put(struct state *state, bool error, const char *fmt, va_list ap)
{
	struct str text = STR_INIT;
	str_vaddf(&text, fmt, ap);
	str_copy(state->message.text, sizeof state->message.text, text.p);
	str_release(&text);
	state->message.error = error;
	state->message.until_mono = error ? NEVER : state->mono + MESSAGE_MS;
}

void say(struct state *state, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	put(state, false, fmt, ap);
	va_end(ap);
}

void complain(struct state *state, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	put(state, true, fmt, ap);
	va_end(ap);
}

static bool may_ring(const struct state *state, bool mine)
{
	const struct desk_setup *setup = &state->setup;
	if (setup->alarms == ALARMS_NONE || (setup->alarms == ALARMS_MINE && !mine))
		return false;
	return !(setup->has_quiet && hours_open_at(&setup->quiet, state->wall));
}

static void ring(struct state *state, struct effects *fx, const char *text, int more)
{
	effects_add(fx, FX_BELL);
	struct effect *notify = effects_add(fx, FX_NOTIFY);
	notify->text = more ? arena_printf(&fx->arena, "%s (and %d more)", text, more) : arena_strdup(&fx->arena, text);
	state->bell_mono = state->mono;
	state->bells_unheard = 0;
}

void alarm_ring(struct state *state, struct effects *fx, bool mine, const char *text)
{
	if (!may_ring(state, mine))
		return;
	if (state->bell_mono && state->mono - state->bell_mono < BELL_EVERY_MS) {
		state->bells_unheard++;
		str_copy(state->bell_text, sizeof state->bell_text, text);
		return;
	}
	ring(state, fx, text, state->bells_unheard);
}

int64_t alarm_due(const struct state *state)
{
	return state->bells_unheard ? state->bell_mono + BELL_EVERY_MS : NEVER;
}

void alarm_sum(struct state *state, struct effects *fx)
{
	if (state->mono >= alarm_due(state) && may_ring(state, true))
		ring(state, fx, state->bell_text, state->bells_unheard - 1);
	else if (state->mono >= alarm_due(state))
		state->bells_unheard = 0; /* quiet hours have begun */
}

uint64_t next_request(struct state *state)
{
	return ++state->last_request;
}

bool may_write(struct state *state)
{
	if (!state->read_only && !state->drafts_only)
		return true;
	complain(state, "nothing can be changed now: %s", str_or(state->store_why, "the store is read-only"));
	return false;
}

const char *key_for(const struct state *state, enum mode mode, enum command_id id, char out[CHORD_TEXT_MAX])
{
	const char *name = command_get(id)->name;
	const struct keymap *keymap = state->setup.keymap;
	const struct binding *binding = keymap ? keymap_keys_of(keymap, (int)mode, name, NULL) : NULL;
	if (binding)
		chord_format(binding->keys.at, binding->keys.len, out, CHORD_TEXT_MAX);
	else
		snprintf(out, CHORD_TEXT_MAX, ":%s", name);
	return out;
}
