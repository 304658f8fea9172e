/* update, draw and bytes: the desk of the golden tests, through a session that a person types, and painted by curses on
 * a memory file. */
#include "tests/bench/count/count.h"

#include "core/base/str.h"
#include "tests/golden/stage.h"
#include "tui/term/canvas.h"
#include "tui/view/panes.h"
#include "tui/view/theme.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 30, COLS = 120, MOVES = 9 };
#define TERMINAL "xterm-256color"

/* --- a session, kept as what came and when it was drawn */

struct step {
	bool draws;
	struct event event; /* what it points to lives in the world */
};

struct session {
	struct stage stage;
	VEC(struct step) steps;
	struct state *state; /* of the repetition */
	struct effects effects;
	struct frame frame;
	struct seen seen;
	struct canvas *canvas;
	struct str bytes;
	size_t at;
	int64_t done;
};

static void on_start(void *arg, const struct stage *stage)
{
	(void)arg;
	(void)stage;
}

static void on_event(void *arg, const struct state *state, const struct event *event)
{
	struct session *session = arg;
	(void)state;
	vec_push(&session->steps, (struct step){.event = *event});
}

static void on_draw(void *arg, const struct state *state, const struct frame *frame)
{
	struct session *session = arg;
	(void)state;
	(void)frame;
	vec_push(&session->steps, (struct step){.draws = true});
}

static void on_end(void *arg)
{
	(void)arg;
}

static void keys(struct stage *stage, const char *text)
{
	struct err err = ERR_INIT;
	if (stage_keys(stage, text, false, &err))
		count_fail(err.text);
}

static void tell(struct stage *stage, const char *line)
{
	struct err err = ERR_INIT;
	stage_wait(stage, 1000);
	if (world_tell(stage->world, line, &err))
		count_fail(err.text);
	stage_news(stage);
}

/* An hour's kinds of work: looking, reading, answering, tagging, a search, help, while others write. */
static void work_a_while(struct stage *stage)
{
	keys(stage, "jjjjjjkkkGgg");
	tell(stage, "post sam Still nothing, and nobody answers me");
	keys(stage, "j<Enter>][jk<Esc>");
	tell(stage, "post priya it crashes again");
	keys(stage, "r");
	stage_type(stage, "We look into it. \xe3\x81\x82 It takes a day, caf\xc3\xa9 style.");
	tell(stage, "post sam hello?");
	keys(stage, "<Esc>jjc");
	keys(stage, "?<Esc>");
	keys(stage, "gdgogi");
	keys(stage, "/refund<Enter>n<Esc>");
	keys(stage, ":layout rows<Enter>jjjkk");
	keys(stage, ":layout auto<Enter>i");
	stage_type(stage, "asked the warehouse");
	keys(stage, "^Xjj");
	stage_wait(stage, 60000);
	keys(stage, "uG");
}

static void open_stage(struct stage *stage, int cols, int rows)
{
	struct world *world = world_new();
	world_cast(world);
	stage_init(stage, world);
	stage_size(stage, cols, rows, false);
}

static void close_stage(struct stage *stage)
{
	struct world *world = stage->world;
	stage_release(stage);
	world_free(world);
}

static struct canvas *open_canvas(int rows, int cols)
{
	struct err err = ERR_INIT;
	struct canvas *canvas;
	if (canvas_new(TERMINAL, rows, cols, false, &canvas, &err))
		count_fail(err.text);
	return canvas;
}

static void session_init(struct session *session)
{
	*session = (struct session){0};
	static struct stage_watch watch = {NULL, on_start, on_event, on_draw, on_end};
	watch.arg = session;
	stage_watcher = &watch;
	open_stage(&session->stage, COLS, ROWS);
	work_a_while(&session->stage);
	stage_watcher = NULL;
	session->state = state_new(&session->stage.world->setup);
	frame_init(&session->frame, ROWS, COLS, false);
	session->canvas = open_canvas(ROWS, COLS);
	str_init(&session->bytes, SIZE_MAX);
}

static int64_t session_release(struct session *session)
{
	if (session->state->version != session->stage.state->version)
		count_fail("the repetition is not the session");
	int64_t done = session->done;
	canvas_free(session->canvas);
	frame_release(&session->frame);
	effects_release(&session->effects);
	state_free(session->state);
	close_stage(&session->stage);
	vec_release(&session->steps);
	str_release(&session->bytes);
	return done;
}

static void update_step(void *arg)
{
	struct session *session = arg;
	update(session->state, &session->steps.at[session->at].event, &session->effects);
	effects_release(&session->effects);
}

static void draw_step(void *arg)
{
	struct session *session = arg;
	view_draw(session->state, &session->frame, &session->seen);
	canvas_paint(session->canvas, &session->frame, theme_find("default")->looks);
	canvas_take(session->canvas, &session->bytes);
}

/* The kind of step that is counted; the other kind happens, too. */
static void repeat(struct session *session, bool draws)
{
	for (session->at = 0; session->at < session->steps.len; session->at++) {
		bool is_draw = session->steps.at[session->at].draws;
		void (*step)(void *) = is_draw ? draw_step : update_step;
		if (is_draw == draws) {
			counted(step, session);
			session->done++;
		} else {
			step(session);
		}
	}
}

static int64_t count_session(bool draws)
{
	struct session session;
	session_init(&session);
	repeat(&session, draws);
	if (draws)
		count_tell("session-bytes", (int64_t)session.bytes.len);
	return session_release(&session);
}

int64_t count_update(void)
{
	return count_session(false);
}

int64_t count_draw(void)
{
	return count_session(true);
}

static void draw_again(void *arg)
{
	struct stage *stage = arg;
	view_draw(stage->state, &stage->frame, &stage->seen);
}

int64_t count_long(void)
{
	static const char typed[] = "We look into it.";
	struct stage stage;
	open_stage(&stage, COLS, ROWS);
	tell(&stage, "posts quill 1000");
	keys(&stage, "jjjjjjj<Enter>r");
	for (size_t i = 0; typed[i]; i++) {
		keys(&stage, (char[]){typed[i], '\0'});
		counted(draw_again, &stage);
	}
	close_stage(&stage);
	return sizeof typed - 1;
}

/* --- bytes */

struct view {
	struct stage stage;
	struct canvas *canvas;
	int rows, cols;
};

static int64_t paint(struct view *view)
{
	struct str bytes = STR_INIT;
	canvas_paint(view->canvas, &view->stage.frame, theme_find("default")->looks);
	canvas_take(view->canvas, &bytes);
	int64_t len = (int64_t)bytes.len;
	str_release(&bytes);
	return len;
}

static int64_t view_open(struct view *view, int cols, int rows, bool inbox_alone)
{
	*view = (struct view){.rows = rows, .cols = cols};
	open_stage(&view->stage, cols, rows);
	if (inbox_alone) {
		keys(&view->stage, ":zoom<Enter>");
		stage_wait(&view->stage, 60000); /* what it said is gone */
	}
	view->canvas = open_canvas(rows, cols);
	return paint(view);
}

static void view_close(struct view *view)
{
	canvas_free(view->canvas);
	close_stage(&view->stage);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void tell_sized(const char *what, const struct view *view, int64_t value)
{
	char name[64];
	snprintf(name, sizeof name, "%s-bytes-%dx%d", what, view->cols, view->rows);
	count_tell(name, value);
}

/* Each key of the text by itself; the median. */
static void tell_keys(struct view *view, const char *what, const char *text)
{
	int64_t costs[64];
	size_t count = strlen(text);
	for (size_t i = 0; i < count; i++) {
		keys(&view->stage, (char[]){text[i], '\0'});
		costs[i] = paint(view);
	}
	qsort(costs, count, sizeof *costs, by_size);
	tell_sized(what, view, costs[count / 2]);
}

static void tell_size(int cols, int rows)
{
	struct view view;
	view_open(&view, cols, rows, true);
	tell_keys(&view, "move", "jjjjkkjjk");
	view_close(&view);

	tell_sized("first-screen", &view, view_open(&view, cols, rows, false));
	tell_keys(&view, "move-and-thread", "jjjjkkjjk");
	tell(&view.stage, "post sam Still nothing, and nobody answers me");
	tell_sized("arrival", &view, paint(&view));
	keys(&view.stage, "ggr");
	paint(&view);
	tell_keys(&view, "typed", "Welookintoit.");
	view_close(&view);
}

int64_t count_bytes(void)
{
	tell_size(80, 24);
	tell_size(120, 40);
	return 1;
}
