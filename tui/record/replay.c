#include "tui/record/replay.h"

#include "core/base/mem.h"
#include "core/text/cells.h"
#include "tui/record/record.h"
#include "tui/record/shape.h"
#include "tui/view/view.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ASKED_MAX = 512, OVERLAYS_MAX = 3 };

/* A question that the replayed desk asked. In a redacted recording the desk may have taken another turn, and count its
 * questions otherwise: then an answer goes to the oldest question of its kind. */
struct asked {
	enum effect_kind kind;
	uint64_t request;
	bool answered;
};

struct replayer {
	replay_each *each;
	void *arg;
	struct replay_result *result;
	struct arena arena; /* of the setup */
	struct keymap keymap;
	struct desk_setup setup;
	struct state *state; /* NULL before the setup's line */
	struct effects effects;
	struct frame frame;
	struct seen seen;
	bool headed, ascii;
	VEC(struct asked) asked;
	int line;
};

/* --- the setup */

static void mend_queries(struct replayer *replayer)
{
	struct setup_view *views = arena_array(&replayer->arena, struct setup_view, replayer->setup.views_len + 1);
	for (size_t i = 0; i < replayer->setup.views_len; i++) {
		const struct query *query;
		size_t at;
		struct err err = ERR_INIT;
		views[i] = replayer->setup.views[i];
		if (query_parse(views[i].query, replayer->setup.agent, &replayer->arena, &query, &at, &err))
			views[i].query = "";
	}
	if (!replayer->setup.views_len)
		views[replayer->setup.views_len++] = (struct setup_view){.name = "", .query = ""};
	replayer->setup.views = views;
}

static void take_keys(struct replayer *replayer, const char *text)
{
	struct problems problems;
	struct err ignored = ERR_INIT;
	problems_init(&problems);
	keymap_parse(&replayer->keymap, text, strlen(text), "recording", &problems, &ignored);
	problems_release(&problems);
	replayer->setup.keymap = &replayer->keymap;
}

static void take_place(struct replayer *replayer, const json *line)
{
	const char *zone = json_str_or(line, "zone", "UTC0");
	replayer->ascii = json_bool(line, "ascii", false);
	setenv("TZ", zone, 1);
	tzset();
	if (replayer->ascii == cells_utf8())
		setlocale(LC_CTYPE, replayer->ascii ? "C" : "C.UTF-8");
}

static void take_setup(struct replayer *replayer, const json *line)
{
	if (replayer->state)
		return;
	shape_read(&shape_setup, json_get(line, "setup"), &replayer->setup, &replayer->arena);
	mend_queries(replayer);
	take_keys(replayer, json_str_or(line, "keys", ""));
	take_place(replayer, line);
	replayer->state = state_new(&replayer->setup);
	if (json_str(line, "restored"))
		state_restore(replayer->state, json_str(line, "restored"));
}

/* --- answers find their question */

static uint64_t kinds_asked_by(enum event_kind kind)
{
#define BIT(kind) (UINT64_C(1) << (kind))
	switch (kind) {
	case EV_ROWS: return BIT(FX_ROWS) | BIT(FX_HOLDINGS);
	case EV_CASE: return BIT(FX_CASE);
	case EV_COUNTS: return BIT(FX_COUNTS);
	case EV_NUMBERS: return BIT(FX_NUMBERS);
	case EV_ACCOUNTS: return BIT(FX_ACCOUNTS);
	case EV_REPLIES: return BIT(FX_REPLIES);
	case EV_TAGS: return BIT(FX_TAGS);
	case EV_AGENTS: return BIT(FX_AGENTS);
	case EV_ALIKE: return BIT(FX_ALIKE);
	case EV_FILE: return BIT(FX_FILE);
	case EV_GAP_SEEN: return BIT(FX_GAP_SEEN);
	case EV_SETTLED: return BIT(FX_SETTLE);
	case EV_NEXT: return BIT(FX_NEXT) | BIT(FX_FIND);
	case EV_PAST: return BIT(FX_PAST);
	case EV_ACTED: return BIT(FX_ACT) | BIT(FX_ACT_MANY) | BIT(FX_UNDO);
	case EV_DRAFT_SAVED: return BIT(FX_DRAFT_SAVE) | BIT(FX_DRAFT_DELETE);
	case EV_HELD: return BIT(FX_HOLD);
	case EV_RECALLED: return BIT(FX_RECALL);
	case EV_WITHDRAWN: return BIT(FX_WITHDRAW);
	case EV_EDITED: return BIT(FX_EDITOR);
	default: return 0;
	}
#undef BIT
}

static uint64_t question_of(struct replayer *replayer, const struct event *event)
{
	uint64_t kinds = kinds_asked_by(event->kind);
	struct asked *oldest = NULL;
	for (size_t i = 0; kinds && i < replayer->asked.len; i++) {
		struct asked *asked = &replayer->asked.at[i];
		if (!(kinds & UINT64_C(1) << asked->kind))
			continue;
		if (asked->request == event->request) {
			asked->answered = true;
			return event->request;
		}
		if (!oldest && !asked->answered)
			oldest = asked;
	}
	if (!oldest)
		return event->request;
	oldest->answered = true;
	return oldest->request;
}

static void note_questions(struct replayer *replayer)
{
	for (size_t i = 0; i < replayer->effects.list.len; i++) {
		const struct effect *effect = &replayer->effects.list.at[i];
		if (!effect->request || effect->kind >= 64)
			continue;
		if (replayer->asked.len == ASKED_MAX)
			vec_remove(&replayer->asked, 0);
		vec_push(&replayer->asked, (struct asked){effect->kind, effect->request, false});
	}
	effects_clear(&replayer->effects);
}

static void give(struct replayer *replayer, const struct event *event)
{
	update(replayer->state, event, &replayer->effects);
	note_questions(replayer);
}

/* --- events */

static enum event_kind kind_named(const char *word, const struct shape **shape)
{
	const char *name;
	int kind = 0;
	while ((*shape = shape_of_event(kind, &name)) && !str_eq(name, word))
		kind++;
	return (enum event_kind)kind;
}

/* What a sender always fills in, and update() relies on. */
static bool is_whole(const struct replayer *replayer, const struct event *event)
{
	if (event->kind == EV_MOUSE && (size_t)event->mouse.hit.view >= replayer->setup.views_len)
		return false;
	if (event->kind == EV_CASE && !event->err) {
		const struct case_view *view = event->kase.view;
		for (int i = 0; view && i < view->item_count; i++)
			if (!view->items[i].post && !view->items[i].entry && !view->items[i].reply)
				return false;
		return view != NULL;
	}
	return true;
}

static void resize(struct replayer *replayer, const struct event *event)
{
	frame_release(&replayer->frame);
	frame_init(&replayer->frame, event->size.rows, event->size.cols, replayer->ascii);
}

/* Words that were hidden may have left a prompt or a picker open that was closed then. */
static void close_overlays(struct replayer *replayer, const struct event *event, const char *place)
{
	for (int i = 0; i < OVERLAYS_MAX && replayer->state->overlay != MODE_COUNT; i++) {
		enum mode mode = replayer->state->overlay;
		if (str_eq(mode == MODE_CONFIRM ? "confirm" : mode_name(mode), place))
			return;
		struct event esc = {.kind = EV_KEY, .wall = event->wall, .mono = event->mono};
		esc.key.key = key_named(KEYNAME_ESC, 0);
		give(replayer, &esc);
	}
}

static void take_event(struct replayer *replayer, const json *line)
{
	struct arena arena = ARENA_INIT;
	struct event event = {0};
	const struct shape *shape;
	event.kind = kind_named(json_str_or(line, "event", ""), &shape);
	if (!shape)
		return;
	shape_read(&shape_event_common, line, &event, &arena);
	shape_read(shape, json_get(line, "data"), &event, &arena);
	if (is_whole(replayer, &event)) {
		if (event.kind == EV_RESIZE)
			resize(replayer, &event);
		if (replayer->result->redacted && json_str(line, "in"))
			close_overlays(replayer, &event, json_str(line, "in"));
		event.request = question_of(replayer, &event);
		give(replayer, &event);
		replayer->result->events++;
	}
	arena_release(&arena);
}

static int take_frame(struct replayer *replayer, const json *line, struct err *err)
{
	char digits[24];
	struct replay_result *result = replayer->result;
	if (!replayer->frame.rows)
		return 0;
	view_draw(replayer->state, &replayer->frame, &replayer->seen);
	result->frames++;
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)frame_hash(&replayer->frame));
	if (!result->differs && json_str(line, "hash") && !str_eq(json_str(line, "hash"), digits))
		result->differs = result->frames;
	struct replay_frame frame = {result->frames, replayer->state->wall, replayer->line, &replayer->frame};
	return replayer->each(replayer->arg, &frame, err);
}

static void take_view(struct replayer *replayer, const char *name)
{
	command_run(replayer->state, command_get(CMD_VIEW), name, &replayer->effects);
	note_questions(replayer);
}

static int take_head(struct replayer *replayer, const json *line, struct err *err)
{
	int64_t format = json_int(line, "curlew-recording", 0);
	if (!format)
		return err_set(err, ERR_DATA, "this is no recording of curlew: its first line names no format");
	if (format > RECORD_FORMAT)
		return err_set(err, ERR_TOO_NEW, "the recording has format %lld, this curlew reads %d",
		        (long long)format, RECORD_FORMAT);
	replayer->result->redacted = json_bool(line, "redacted", false);
	replayer->headed = true;
	return 0;
}

static int take_line(struct replayer *replayer, const json *line, struct err *err)
{
	if (!replayer->headed)
		return take_head(replayer, line, err);
	if (json_get(line, "setup"))
		take_setup(replayer, line);
	else if (!replayer->state)
		return err_set(err, ERR_DATA, "the recording begins without the desk's setup");
	else if (json_get(line, "event"))
		take_event(replayer, line);
	else if (json_get(line, "frame"))
		return take_frame(replayer, line, err);
	else if (json_str(line, "view"))
		take_view(replayer, json_str(line, "view"));
	return 0;
}

/* --- the file */

/* False at the end. *whole: it ended with a line feed and was not too long. */
static bool read_line(FILE *file, struct str *line, bool *whole)
{
	int c;
	str_clear(line);
	*whole = true;
	while ((c = getc(file)) != EOF && c != '\n')
		*whole &= str_addc(line, (char)c) == 0;
	*whole &= c == '\n';
	return c != EOF || line->len;
}

static int run(struct replayer *replayer, FILE *file, struct err *err)
{
	struct str text;
	bool whole;
	int result = 0;
	str_init(&text, REPLAY_LINE_MAX);
	while (!result && read_line(file, &text, &whole)) {
		struct err ignored = ERR_INIT;
		json *line = whole ? json_parse(text.p, text.len, &ignored) : NULL;
		replayer->line++;
		if (line)
			result = take_line(replayer, line, err);
		else if (!replayer->headed)
			result = take_head(replayer, NULL, err);
		else if (!whole && feof(file))
			replayer->result->cut = true;
		else
			replayer->result->bad_lines++;
		json_free(line);
	}
	str_release(&text);
	if (!result && ferror(file))
		return err_set(err, ERR_IO, "%s", strerror(errno));
	return !result && !replayer->headed ? take_head(replayer, NULL, err) : result;
}

int replay(const char *path, replay_each *each, void *arg, struct replay_result *result, struct err *err)
{
	struct replayer replayer = {.each = each, .arg = arg, .result = result};
	*result = (struct replay_result){0};
	FILE *file = fopen(path, "r");
	if (!file)
		return err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
	keymap_init(&replayer.keymap, desk_keymap_names());
	int code = run(&replayer, file, err);
	if (code)
		err_prefix(err, "%s:%d", path, replayer.line);
	fclose(file);
	state_free(replayer.state);
	effects_release(&replayer.effects);
	frame_release(&replayer.frame);
	keymap_release(&replayer.keymap);
	vec_release(&replayer.asked);
	arena_release(&replayer.arena);
	return code;
}
