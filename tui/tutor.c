#include "tui/tutor.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "tui/setup.h"
#include "tui/tutor_world.h"
#include "tui/view/draw.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITTEN_LEAST = 20, THIRD = 2 };

/* What the desk of the lessons is set to. Its keys are the built-in ones: there are no files beside it. */
static const char practice_conf[] = "[desk]\n"
                                    "undo_window = 15s\n"
                                    "after_send = stay\n"
                                    "[team billing]\n"
                                    "escalate = mail billing@practice.invalid\n"
                                    "[team delivery]\n"
                                    "escalate = mail delivery@practice.invalid\n"
                                    "[canned thanks]\n"
                                    "text = Thank you, {first}!\n";

struct tutor {
	char *dir;      /* of the store; removed at the end */
	char *progress; /* the file */
	struct config config;
	struct tutor_world *world;
	size_t step;      /* index of steps[]; behind the last: all is done */
	int64_t item;     /* as the step began: the marked post … */
	int view;         /* … and the view */
	bool begun, said; /* the step's beginning has been noted; its banner has been asked for */
	struct str text;
	char trouble[256]; /* progress could not be kept: said in the banner */
};

/* --- what a step waits for */

#define CHECK(name) static bool name(const struct tutor *tutor, const struct state *state, const struct event *event)
#define UNUSED(a) ((void)(a))

static bool has_entry(const struct state *state, const char *action)
{
	const struct case_view *view = state_view(state);
	for (int i = 0; view && i < view->item_count; i++) {
		const struct journal_entry *entry = view->items[i].entry;
		if (entry && str_eq(entry->action, action) && str_eq(entry->by, state->setup.agent))
			return true;
	}
	return false;
}

/* What the store answered to an action: the case as it is now. */
static const struct kase *acted_on(const struct event *event)
{
	return event->kind == EV_ACTED && !event->err ? event->acted.kase : NULL;
}

CHECK(at_third)
{
	UNUSED(tutor), UNUSED(event);
	return state_selected_index(state) >= THIRD;
}

CHECK(in_thread)
{
	UNUSED(tutor), UNUSED(event);
	return state->focus == MODE_THREAD;
}

CHECK(in_inbox)
{
	UNUSED(tutor), UNUSED(event);
	return state->focus == MODE_INBOX;
}

CHECK(went_next)
{
	UNUSED(tutor), UNUSED(state);
	return event->kind == EV_NEXT && !event->err && event->next.kase;
}

CHECK(stepped)
{
	return event->kind == EV_KEY && state->focus == MODE_THREAD && state->thread.item_id != tutor->item;
}

CHECK(composing)
{
	UNUSED(tutor), UNUSED(event);
	return state->composer.open && state->composer.kind == DRAFT_REPLY;
}

CHECK(has_written)
{
	UNUSED(tutor), UNUSED(event);
	return state->composer.open && state->composer.compose.text.len >= WRITTEN_LEAST;
}

CHECK(before_sending)
{
	UNUSED(tutor), UNUSED(event);
	return state->overlay == MODE_SENDBAR;
}

CHECK(holds)
{
	UNUSED(tutor), UNUSED(event);
	return state_outgoing(state, 1u << REPLY_HELD, NULL, 0) > 0;
}

CHECK(recalled)
{
	UNUSED(tutor), UNUSED(state);
	return event->kind == EV_RECALLED && !event->err && event->recalled.recalled;
}

CHECK(sent)
{
	UNUSED(tutor), UNUSED(event);
	return state_outgoing(state, 1u << REPLY_SENT, NULL, 0) > 0;
}

CHECK(answered)
{
	UNUSED(state), UNUSED(event);
	return tutor_world_answers(tutor->world) > 0;
}

CHECK(tagged)
{
	UNUSED(tutor), UNUSED(state);
	const struct kase *kase = acted_on(event);
	return kase && kase->tag_count > 0;
}

CHECK(noted)
{
	UNUSED(tutor), UNUSED(event);
	return has_entry(state, action_name(ACTION_NOTE));
}

CHECK(escalated)
{
	UNUSED(tutor), UNUSED(state);
	const struct kase *kase = acted_on(event);
	return kase && *kase->escalated_to;
}

CHECK(closed)
{
	UNUSED(tutor), UNUSED(state);
	const struct kase *kase = acted_on(event);
	return kase && kase->status == STATUS_DONE;
}

CHECK(undone)
{
	UNUSED(tutor), UNUSED(state);
	return acted_on(event) && event->acted.undone;
}

CHECK(searched)
{
	UNUSED(tutor), UNUSED(event);
	return state->search[0] && state_mode(state) != MODE_PROMPT;
}

CHECK(filtered)
{
	UNUSED(tutor), UNUSED(event);
	return state->filter[0] && state_mode(state) != MODE_PROMPT;
}

CHECK(unfiltered)
{
	UNUSED(tutor), UNUSED(event);
	return !state->filter[0];
}

CHECK(other_view)
{
	UNUSED(event);
	return state->view != tutor->view;
}

CHECK(help_open)
{
	UNUSED(tutor), UNUSED(event);
	return state->overlay == MODE_HELP;
}

CHECK(help_left)
{
	UNUSED(tutor), UNUSED(event);
	return state->overlay != MODE_HELP;
}

/* --- the table */

enum lesson {
#define LESSON(name, title) LESSON_##name,
#define STEP(check, text)
#include "tui/tutor_lessons.def"
#undef LESSON
#undef STEP
	LESSONS
};

static const struct {
	const char *name, *title;
} lessons[] = {
#define LESSON(name, title) {#name, title},
#define STEP(check, text)
#include "tui/tutor_lessons.def"
#undef LESSON
#undef STEP
};

/* A lesson's own row has no check: it tells whose steps follow. */
static const struct step {
	int lesson;
	bool (*check)(const struct tutor *tutor, const struct state *state, const struct event *event);
	const char *text;
} steps[] = {
#define LESSON(name, title) {LESSON_##name, NULL, NULL},
#define STEP(check, text) {-1, check, text},
#include "tui/tutor_lessons.def"
#undef LESSON
#undef STEP
};

enum { STEPS = sizeof steps / sizeof *steps };

/* A step behind the last one belongs to the last lesson. */
static int lesson_of(size_t step)
{
	size_t at = step < STEPS ? step : STEPS - 1;
	while (at > 0 && steps[at].lesson < 0)
		at--;
	return steps[at].lesson;
}

static size_t first_step(int lesson)
{
	size_t step = 0;
	while (step < STEPS && steps[step].lesson != lesson)
		step++;
	return step + 1;
}

/* --- progress */

static void load_progress(struct tutor *tutor)
{
	struct str text;
	struct err ignored = ERR_INIT;
	str_init(&text, 4096);
	tutor->step = first_step(0);
	json *was = file_read(tutor->progress, &text, &ignored) ? NULL : json_parse(text.p, text.len, &ignored);
	for (int i = 0; was && i < LESSONS; i++)
		if (str_eq(json_str_or(was, "lesson", ""), lessons[i].name))
			tutor->step = first_step(i);
	if (was && json_bool(was, "done", false))
		tutor->step = STEPS;
	json_free(was);
	str_release(&text);
}

static int write_progress(const struct tutor *tutor, const struct str *text, struct err *err)
{
	char *dir = path_dirname(tutor->progress);
	int result = path_make_dirs(dir, 0700, err);
	if (!result)
		result = file_write_atomic(tutor->progress, text->p, text->len, 0600, err);
	free(dir);
	return result;
}

static void save_progress(struct tutor *tutor)
{
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	json *now = json_object();
	json_set_bool(now, "done", tutor->step >= STEPS);
	if (tutor->step < STEPS)
		json_set_str(now, "lesson", lessons[lesson_of(tutor->step)].name);
	json_print(now, &text);
	str_addc(&text, '\n');
	tutor->trouble[0] = '\0';
	if (write_progress(tutor, &text, &err))
		snprintf(tutor->trouble, sizeof tutor->trouble, " (progress is not kept: %.150s)", err.text);
	json_free(now);
	str_release(&text);
}

/* --- going on */

static void begin_step(struct tutor *tutor, const struct state *state)
{
	tutor->item = state->thread.item_id;
	tutor->view = state->view;
	tutor->begun = true;
	tutor->said = false;
}

void tutor_saw(struct tutor *tutor, const struct state *state, const struct event *event)
{
	/* Only what is done is noticed: a frame that was written, or time that passed, is nobody's doing. */
	if (!tutor->begun || event->kind == EV_RESIZE)
		begin_step(tutor, state);
	if (event->kind == EV_BANNER || event->kind == EV_PAINTED || tutor->step >= STEPS)
		return;
	/* The post that is marked is known only when the conversation has come. */
	if (!tutor->item)
		tutor->item = state->thread.item_id;
	if (!steps[tutor->step].check(tutor, state, event))
		return;
	tutor->step++;
	if (tutor->step >= STEPS || steps[tutor->step].lesson >= 0) {
		tutor->step += tutor->step < STEPS;
		save_progress(tutor);
	}
	begin_step(tutor, state);
}

/* The keys of a command where it works, nearest first. */
static void add_keys(const struct state *state, const char *name, size_t len, struct str *out)
{
	static const enum mode modes[] = {
	        MODE_INBOX, MODE_THREAD, MODE_COMPOSER, MODE_SENDBAR, MODE_PROMPT, MODE_PICKER, MODE_HELP};
	size_t word = strcspn(name, " }");
	const struct command *command = command_find(name, word < len ? word : len);
	char keys[CHORD_TEXT_MAX] = "";
	if (command && word < len) {
		char args[32];
		snprintf(args, sizeof args, "%.*s", (int)(len - word - 1), name + word + 1);
		const struct binding *binding = keymap_keys_of(state->setup.keymap, MODE_INBOX, command->name, args);
		if (binding)
			key_words(binding->keys.at, binding->keys.len, keys, sizeof keys);
	}
	for (size_t i = 0; command && !keys[0] && i < sizeof modes / sizeof *modes; i++)
		keys_of(state, modes[i], command->id, keys, sizeof keys);
	if (keys[0])
		str_adds(out, keys);
	else
		str_add(out, name, len);
}

static void add_filled(const struct state *state, const char *text, struct str *out)
{
	while (*text) {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;
		if (end) {
			add_keys(state, text + 1, (size_t)(end - text) - 1, out);
			text = end + 1;
		} else {
			str_addc(out, *text++);
		}
	}
}

bool tutor_banner(struct tutor *tutor, const struct state *state, const char **title, const char **text)
{
	bool news = !tutor->said;
	*title = TUTOR_ACCOUNT;
	tutor->said = true;
	str_clear(&tutor->text);
	if (tutor->step < STEPS) {
		int lesson = lesson_of(tutor->step);
		str_addf(&tutor->text, "lesson %d of %d: %s%s\n", lesson + 1, LESSONS, lessons[lesson].title,
		        tutor->trouble);
		add_filled(state, steps[tutor->step].text, &tutor->text);
	} else {
		str_addf(&tutor->text, "all lessons are done%s\n", tutor->trouble);
		add_filled(state,
		        "Stay and practise as long as you like: nothing here leaves this machine. {quit} ends "
		        "it; `curlew tutor --again` begins anew.",
		        &tutor->text);
	}
	*text = tutor->text.p;
	return news;
}

int64_t tutor_work(struct tutor *tutor, int64_t now)
{
	return tutor_world_work(tutor->world, now);
}

/* --- from start to end */

static int make_dir(struct tutor *tutor, struct err *err)
{
	struct str path = STR_INIT;
	str_addf(&path, "%s/curlew-tutor-XXXXXX", str_or(getenv("TMPDIR"), "/tmp"));
	int result = 0;
	if (mkdtemp(path.p))
		tutor->dir = str_detach(&path);
	else
		result = err_set(err, ERR_OS, "cannot make %s: %s", path.p, strerror(errno));
	str_release(&path);
	return result;
}

static int make_world(struct tutor *tutor, struct err *err)
{
	char *file = path_join(tutor->dir, "curlew.conf"), *store = path_join(tutor->dir, "practice.db");
	int result = config_parse(practice_conf, sizeof practice_conf - 1, file, &tutor->config, NULL, err);
	tutor->config.desk.store =
	        (struct config_store){.path = arena_strdup(&tutor->config.arena, store), .shared = false};
	struct clock_rules rules = setup_rules(&tutor->config);
	if (!result)
		result = tutor_world_open(store, &rules, clock_wall_ms(), &tutor->world, err);
	free(file);
	free(store);
	return result;
}

int tutor_open(const char *agent, bool again, struct tutor **out, struct err *err)
{
	struct tutor *tutor = mem_alloc(sizeof *tutor);
	char *state_dir = path_state_dir();
	str_init(&tutor->text, SIZE_MAX);
	tutor->progress = path_join(state_dir, "tutor.json");
	/* Now, while anything may be made: the desk confines itself to directories that are there. Else it is told when
	 * there is progress to keep. */
	path_make_dirs(state_dir, 0700, &(struct err)ERR_INIT);
	free(state_dir);
	load_progress(tutor);
	if (again)
		tutor->step = first_step(0);
	int result = make_dir(tutor, err);
	if (!result)
		result = make_world(tutor, err);
	if (result) {
		tutor_free(tutor);
		return result;
	}
	tutor->config.desk.agent = arena_strdup(&tutor->config.arena, str_or(agent, "you"));
	*out = tutor;
	return 0;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
	(void)facts;
	(void)kind;
	(void)place;
	return remove(path);
}

void tutor_free(struct tutor *tutor)
{
	if (!tutor)
		return;
	tutor_world_free(tutor->world);
	config_release(&tutor->config);
	if (tutor->dir)
		nftw(tutor->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(tutor->dir);
	free(tutor->progress);
	str_release(&tutor->text);
	free(tutor);
}

const struct config *tutor_config(const struct tutor *tutor)
{
	return &tutor->config;
}
