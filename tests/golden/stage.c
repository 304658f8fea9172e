#include "tests/golden/stage.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/utf8.h"
#include "core/model/naming.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 64 }; /* of effects and answers: more is a desk that never comes to rest */

const struct stage_watch *stage_watcher;

static void settle(struct stage *stage);

static void start_desk(struct stage *stage)
{
	stage->state = state_new(&stage->world->setup);
	stage->timer = INT64_MAX;
	stage->quit = false;
	if (stage->saved)
		state_restore(stage->state, stage->saved);
	if (stage_watcher)
		stage_watcher->starts(stage_watcher->arg, stage);
}

static void end_desk(struct stage *stage)
{
	if (stage_watcher)
		stage_watcher->ends(stage_watcher->arg);
	state_free(stage->state);
}

static void load_keymap(struct keymap *keymap)
{
	struct problems problems;
	struct err err = ERR_INIT;
	problems_init(&problems);
	keymap_init(keymap, desk_keymap_names());
	int result = keymap_load(keymap, NULL, "default", &problems, &err);
	assert(result == 0);
	(void)result;
	problems_release(&problems);
}

void stage_init(struct stage *stage, struct world *world)
{
	*stage = (struct stage){.world = world, .mono = 1000000};
	if (!world->setup.keymap) {
		load_keymap(&stage->keymap);
		world->setup.keymap = &stage->keymap;
	}
	start_desk(stage);
}

void stage_release(struct stage *stage)
{
	for (size_t i = 0; i < stage->held.len; i++)
		effects_release(&stage->held.at[i]);
	vec_release(&stage->held);
	effects_release(&stage->effects);
	end_desk(stage);
	frame_release(&stage->frame);
	keymap_release(&stage->keymap);
	if (stage->world->setup.keymap == &stage->keymap)
		stage->world->setup.keymap = NULL;
	free(stage->saved);
}

static void put(struct stage *stage, struct event *event)
{
	event->wall = stage->world->wall;
	event->mono = stage->mono;
	if (stage_watcher)
		stage_watcher->happens(stage_watcher->arg, stage->state, event);
	update(stage->state, event, &stage->effects);
}

static void put_answer(void *arg, struct event *event)
{
	put(arg, event);
}

/* What is for the terminal and the machine. */
static void carry_out(struct stage *stage, const struct effect *effect)
{
	struct event event = {.request = effect->request};
	switch (effect->kind) {
	case FX_BELL: stage->bells++; break;
	case FX_TIMER: stage->timer = effect->mono; break;
	case FX_QUIT: stage->quit = true; break;
	case FX_COPY:
		event.kind = EV_COPIED;
		put(stage, &event);
		break;
	case FX_EDITOR:
		event.kind = EV_EDITED;
		event.edited.changed = stage->editor != NULL;
		event.edited.text = stage->editor ? stage->editor : effect->text;
		put(stage, &event);
		break;
	case FX_SUSPEND:
		event.kind = EV_RESUMED;
		put(stage, &event);
		break;
	case FX_SAVE_STATE:
		free(stage->saved);
		stage->saved = mem_strdup(effect->text);
		break;
	default: break;
	}
}

static void carry_out_batch(struct stage *stage, struct effects *batch, bool store)
{
	for (size_t i = 0; i < batch->list.len; i++) {
		const struct effect *effect = &batch->list.at[i];
		bool stores = effect->kind < FX_SAVE_STATE;
		if (stores && store)
			world_answer(stage->world, effect, put_answer, stage);
		else if (!stores && !store)
			carry_out(stage, effect);
	}
}

static void carry_out_all(struct stage *stage)
{
	for (int round = 0; stage->effects.list.len; round++) {
		assert(round < ROUNDS_MAX);
		struct effects batch = stage->effects;
		stage->effects = (struct effects){0};
		carry_out_batch(stage, &batch, false);
		if (stage->holding) {
			vec_push(&stage->held, batch);
			continue;
		}
		carry_out_batch(stage, &batch, true);
		effects_release(&batch);
	}
}

/* A frame is the last one when nothing has happened since it was drawn, and the desk knew before what it says of the
 * screen. */
static void settle(struct stage *stage)
{
	carry_out_all(stage);
	for (int round = 0; stage->frame.rows && !stage->behind && !stage->quit; round++) {
		assert(round < ROUNDS_MAX);
		struct seen before = stage->state->seen;
		uint64_t version = stage->state->version;
		view_draw(stage->state, &stage->frame, &stage->seen);
		if (stage_watcher)
			stage_watcher->draws(stage_watcher->arg, stage->state, &stage->frame);
		struct event event = {.kind = EV_PAINTED};
		event.painted.version = version;
		event.painted.seen = stage->seen;
		put(stage, &event);
		carry_out_all(stage);
		if (version == stage->state->version && memcmp(&before, &stage->seen, sizeof before) == 0)
			break;
	}
}

void stage_event(struct stage *stage, struct event *event)
{
	if (stage->quit)
		return;
	put(stage, event);
	settle(stage);
}

void stage_size(struct stage *stage, int cols, int rows, bool ascii)
{
	struct event event = {.kind = EV_RESIZE};
	event.size.cols = cols;
	event.size.rows = rows;
	frame_release(&stage->frame);
	frame_init(&stage->frame, rows, cols, ascii);
	stage_event(stage, &event);
}

/* --- keys */

/* The bytes of the key that text begins with, as key files write keys. */
static size_t key_bytes(const char *text)
{
	const char *end = strchr(text, '>');
	uint32_t cp;
	if (*text == '<' && end)
		return (size_t)(end - text) + 1;
	if (*text == '^' && text[1])
		return 2;
	return utf8_decode(text, strlen(text), &cp);
}

static void put_key(struct stage *stage, struct key key, int printable, bool foreign)
{
	struct event event = {.kind = EV_KEY};
	event.key.key = key;
	event.key.read = stage->reads;
	event.key.printable = printable;
	event.key.foreign = foreign;
	if (!stage->quit)
		put(stage, &event);
}

static int parse_keys(const char *text, struct key *keys, size_t max, size_t *len, struct err *err)
{
	*len = 0;
	while (*text && *len < max) {
		char one[32];
		struct chord chord;
		size_t n = key_bytes(text);
		if (*text == ' ') { /* key files write <Space> */
			keys[(*len)++] = key_char(' ');
			text++;
			continue;
		}
		snprintf(one, sizeof one, "%.*s", (int)n, text);
		int result = chord_parse(one, &chord, err);
		if (result)
			return result;
		keys[(*len)++] = chord.at[0];
		text += n;
	}
	return 0;
}

static int printable(struct key key, bool *foreign)
{
	char bytes[5];
	uint32_t cp = key_text(key);
	*foreign |= cp >= 0x80;
	return cp ? (int)utf8_encode(cp, bytes) : 0;
}

int stage_keys(struct stage *stage, const char *text, bool burst, struct err *err)
{
	struct key keys[256];
	size_t len;
	int result = parse_keys(text, keys, sizeof keys / sizeof *keys, &len, err);
	int bytes = 0;
	bool foreign = false;
	for (size_t i = 0; i < len; i++)
		bytes += printable(keys[i], &foreign);
	stage->reads++;
	for (size_t i = 0; !result && i < len; i++) {
		if (!burst) {
			stage->reads++;
			foreign = false;
			bytes = printable(keys[i], &foreign);
		}
		put_key(stage, keys[i], bytes, foreign);
		if (!burst)
			settle(stage);
	}
	settle(stage);
	return result;
}

void stage_type(struct stage *stage, const char *text)
{
	size_t len = strlen(text);
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		bool foreign = false;
		at += utf8_decode(text + at, len - at, &cp);
		struct key key = key_char(cp);
		stage->reads++;
		put_key(stage, key, printable(key, &foreign), foreign);
		settle(stage);
	}
}

void stage_paste(struct stage *stage, const char *text)
{
	struct event event = {.kind = EV_PASTE};
	event.paste.bytes = text;
	event.paste.len = strlen(text);
	event.paste.read = ++stage->reads;
	stage_event(stage, &event);
}

/* --- time, the store, the end */

void stage_wait(struct stage *stage, int64_t ms)
{
	int64_t end = stage->mono + ms;
	while (!stage->quit && stage->timer <= end) {
		int64_t due = stage->timer > stage->mono ? stage->timer : stage->mono;
		stage->world->wall += due - stage->mono;
		stage->mono = due;
		stage->timer = INT64_MAX;
		struct event event = {.kind = EV_TIME};
		stage_event(stage, &event);
	}
	stage->world->wall += end - stage->mono;
	stage->mono = end;
}

/* A colleague's note that names the agent is told on its own, as the change feed tells it. */
static void tell_calls(struct stage *stage)
{
	const struct world *world = stage->world;
	while (stage->notes_read < world->journal.len) {
		const struct journal_entry *entry = &world->journal.at[stage->notes_read++];
		struct event event = {.kind = EV_CALLED};
		if (str_eq(entry->by, WORLD_AGENT) || !text_names(entry->text, WORLD_AGENT))
			continue;
		event.called.case_id = entry->case_id;
		event.called.by = entry->by;
		event.called.text = entry->text;
		stage_event(stage, &event);
	}
}

void stage_news(struct stage *stage)
{
	tell_calls(stage);
	struct world *world = stage->world;
	struct event event = {.kind = EV_CHANGED};
	int64_t *ids = arena_array(&world->arena, int64_t, world->changed.len + 1);
	for (size_t i = 0; i < world->changed.len; i++)
		ids[i] = world->changed.at[i];
	event.changed.case_ids = ids;
	event.changed.case_count = (int)world->changed.len;
	event.changed.cases = world->changed.len > 0;
	event.changed.accounts = world->accounts_changed;
	event.changed.replies = world->replies_changed;
	vec_clear(&world->changed);
	world->accounts_changed = world->replies_changed = false;
	if (event.changed.cases || event.changed.accounts || event.changed.replies)
		stage_event(stage, &event);
}

void stage_hold(struct stage *stage, bool hold)
{
	stage->holding = hold;
	for (size_t i = 0; !hold && i < stage->held.len; i++) {
		carry_out_batch(stage, &stage->held.at[i], true);
		effects_release(&stage->held.at[i]);
	}
	if (!hold)
		vec_clear(&stage->held);
	settle(stage);
}

void stage_behind(struct stage *stage, bool behind)
{
	stage->behind = behind;
	settle(stage);
}

void stage_restart(struct stage *stage)
{
	int rows = stage->frame.rows, cols = stage->frame.cols;
	struct event end = {.kind = EV_SIGNAL};
	stage_event(stage, &end);
	end_desk(stage);
	start_desk(stage);
	stage_size(stage, cols, rows, stage->frame.ascii);
	if (!stage->world->replies.len)
		return;
	struct event event = {.kind = EV_RESTART};
	event.restart.replies = stage->world->replies.at;
	event.restart.count = (int)stage->world->replies.len;
	stage_event(stage, &event);
}
