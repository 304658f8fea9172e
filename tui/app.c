/* The loop that joins what the desk is made of. Keys, answers of the store, rings of the bell and timers become events;
 * update() turns them into effects; these are carried out; and once nothing more is waiting, the state is drawn. */
#include "tui/app.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/text/cells.h"
#include "tui/arrivals.h"
#include "tui/courier.h"
#include "tui/editor.h"
#include "tui/record/record.h"
#include "tui/setup.h"
#include "tui/term/term.h"
#include "tui/tutor.h"
#include "tui/view/theme.h"
#include "tui/view/view.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Before this long after the start nothing is painted unless the first rows are there: one paint instead of two. */
enum { FIRST_PAINT_MS = 40 };

/* So long a frame waits for a case that was asked for: mostly it comes in two, and one paint shows cursor and thread.
 */
enum { CASE_PAINT_MS = 10 };

/* So long a frame waits for all the answers that belong to what has arrived: one paint instead of four. */
enum { ARRIVALS_PAINT_MS = 20 };

enum { SIGNALS = 4 };

struct app {
	const struct app_options *options;
	struct setup setup;
	struct state *state;
	struct effects effects;
	struct term *term;
	struct frame frame;
	const struct theme *theme;
	uv_loop_t loop;
	uv_prepare_t before_wait;
	uv_poll_t tty;
	uv_timer_t timer;
	uv_poll_t clock;
	uv_signal_t signals[SIGNALS];
	struct worker *worker;
	struct arrivals arrivals;
	struct spawner *spawner;
	struct courier_watch *courier;
	struct editor *editor;
	struct job_desk jobs;
	struct recorder *recorder; /* NULL: nothing is recorded */
	char *restored;            /* what state_restore was given, for the recorder; heap */
	int64_t desk_id;
	int64_t desk_timer;     /* monotonic; INT64_MAX: none */
	int64_t tutor_due;      /* UTC ms; INT64_MAX: none */
	int64_t started;        /* monotonic */
	int64_t case_asked;     /* monotonic; 0: no case was asked for since the last frame, or it has come */
	int64_t arrived;        /* monotonic, since when what arrived is being asked for; 0: nothing is */
	int64_t painting;       /* monotonic, since when the newest frame is on its way */
	size_t arrivals_bytes;  /* of that frame, when nothing but what arrived made it; else 0 */
	uint64_t reads;         /* of the terminal, so far */
	uint64_t drawn_version; /* state.version of the frame that is on its way to the terminal */
	struct seen seen;       /* of that frame */
	bool dirty;             /* the state has changed since it was drawn */
	bool owed;              /* … by more than what arrived: a key, a size, the time */
	int polled;             /* what is waited for at the terminal */
	bool in_flight;         /* a frame is on its way */
	bool rows_came;
	bool announced; /* to the store and the courier */
	bool away;      /* the terminal is lent to somebody else */
	bool lent_to_courier;
	bool quit;
	bool in_update;
	char courier_why[256];
	bool unwritable; /* the store, when it was opened */
	char store_why[256];
};

static void dispatch(struct app *app, struct event *event);
static void poll_tty(struct app *app);

/* --- the terminal */

static void arm_timer(struct app *app);
static void practise(struct app *app);

/* What is not yet on the screen is not what was pointed at: then a click goes by. */
static void mouse_input(struct app *app, const struct term_input *input)
{
	if (app->dirty || app->in_flight)
		return;
	struct event event = {.kind = EV_MOUSE};
	event.mouse.hit = view_hit(app->state, &app->frame, input->mouse.row, input->mouse.col);
	event.mouse.wheel = input->mouse.what == MOUSE_WHEEL_UP ? -1 : input->mouse.what == MOUSE_WHEEL_DOWN ? 1 : 0;
	dispatch(app, &event);
}

static void tty_input(void *arg, const struct term_input *input)
{
	struct app *app = arg;
	struct event event = {0};
	switch (input->kind) {
	case TERM_KEY:
		event.kind = EV_KEY;
		event.key.key = input->key;
		event.key.read = app->reads;
		event.key.printable = input->burst;
		event.key.foreign = input->foreign;
		break;
	case TERM_PASTE:
		event.kind = EV_PASTE;
		event.paste.bytes = input->text;
		event.paste.len = input->len;
		event.paste.read = app->reads;
		break;
	case TERM_MOUSE: mouse_input(app, input); return;
	case TERM_EOF: event.kind = EV_SIGNAL; break;
	}
	dispatch(app, &event);
}

static void painted(struct app *app)
{
	app->in_flight = false;
	struct event event = {.kind = EV_PAINTED};
	event.painted.version = app->drawn_version;
	event.painted.seen = app->seen;
	dispatch(app, &event);
	if (app->arrivals_bytes)
		arrivals_painted(&app->arrivals, app->arrivals_bytes, clock_mono_ms() - app->painting);
	app->arrivals_bytes = 0;
}

static void flush_terminal(struct app *app)
{
	if (!term_flush(app->term)) {
		struct event event = {.kind = EV_SIGNAL};
		app->in_flight = false;
		dispatch(app, &event);
	} else if (!term_busy(app->term) && app->in_flight) {
		painted(app);
	}
	poll_tty(app);
}

static void tty_ready(uv_poll_t *poll, int status, int events)
{
	struct app *app = poll->data;
	if (app->away)
		return;
	if (status < 0)
		app->polled = 0; /* libuv has stopped it */
	if (status < 0 || events & UV_READABLE) {
		app->reads++;
		term_read(app->term, clock_mono_ms(), tty_input, app);
		arm_timer(app);
	}
	if (events & UV_WRITABLE && !app->away)
		flush_terminal(app);
}

static void poll_tty(struct app *app)
{
	int events = app->away || app->quit ? 0 : UV_READABLE | (term_busy(app->term) ? UV_WRITABLE : 0);
	if (events == app->polled)
		return;
	app->polled = events;
	if (events)
		uv_poll_start(&app->tty, events, tty_ready);
	else
		uv_poll_stop(&app->tty);
}

static void leave_screen(struct app *app)
{
	app->away = true;
	app->in_flight = false;
	poll_tty(app);
	term_suspend(app->term);
}

static void resize(struct app *app)
{
	struct event event = {.kind = EV_RESIZE};
	term_size(app->term, &event.size.rows, &event.size.cols);
	frame_release(&app->frame);
	frame_init(&app->frame, event.size.rows, event.size.cols, term_ascii(app->term));
	dispatch(app, &event);
}

static void enter_screen(struct app *app)
{
	app->away = false;
	term_resume(app->term);
	poll_tty(app);
	resize(app);
	struct event event = {.kind = EV_RESUMED};
	dispatch(app, &event);
}

/* Stops as Ctrl-Z stops any program; the shell's fg comes back here. In a group that nobody can continue (no job
 * control) the signal does nothing, and neither does this. */
static void suspend(struct app *app)
{
	leave_screen(app);
	raise(SIGTSTP);
	enter_screen(app);
}

/* --- drawing */

/* The time from which a frame is painted although an answer is awaited. */
static int64_t paint_from(const struct app *app)
{
	if (!app->rows_came)
		return app->started + FIRST_PAINT_MS;
	int64_t from = app->case_asked ? app->case_asked + CASE_PAINT_MS : 0;
	if (app->arrived && !app->owed && app->arrived + ARRIVALS_PAINT_MS > from)
		from = app->arrived + ARRIVALS_PAINT_MS;
	return from;
}

/* What waits for a disk or starts a program comes after the first frame. */
static void announce(struct app *app)
{
	app->announced = true;
	job_submit_presence(&app->jobs, app->worker, &app->desk_id, true);
	if (app->options->config_file[0])
		app->courier = courier_watch_new(&app->setup.courier);
}

static void draw(uv_prepare_t *prepare)
{
	struct app *app = prepare->data;
	if (!app->jobs.running)
		app->arrived = 0;
	if (app->quit && !app->jobs.running)
		uv_stop(&app->loop);
	if (!app->dirty || app->away || app->quit || app->state->leaving || term_busy(app->term))
		return;
	if (clock_mono_ms() < paint_from(app)) {
		arm_timer(app);
		return;
	}
	bool owed = app->owed;
	app->dirty = app->owed = false;
	app->case_asked = 0;
	view_draw(app->state, &app->frame, &app->seen);
	if (app->recorder)
		recorder_frame(app->recorder, app->state, &app->frame);
	app->drawn_version = app->state->version;
	app->in_flight = true;
	app->painting = clock_mono_ms();
	size_t bytes = term_paint(app->term, &app->frame, app->theme->looks);
	app->arrivals_bytes = owed ? 0 : bytes;
	flush_terminal(app);
	if (!app->announced)
		announce(app);
}

/* --- timers */

static void timer_fired(uv_timer_t *timer)
{
	struct app *app = timer->data;
	int64_t now = clock_mono_ms();
	if (!app->away)
		term_timeout(app->term, now, tty_input, app);
	if (now >= app->desk_timer) {
		app->desk_timer = INT64_MAX;
		struct event event = {.kind = EV_TIME};
		dispatch(app, &event);
	}
	if (clock_wall_ms() >= app->tutor_due)
		practise(app);
	arm_timer(app);
}

static void arm_timer(struct app *app)
{
	int64_t due = app->desk_timer, now = clock_mono_ms();
	int64_t esc = app->term ? term_deadline(app->term) : INT64_MAX;
	due = esc < due ? esc : due;
	if (app->tutor_due != INT64_MAX && now + app->tutor_due - clock_wall_ms() < due)
		due = now + app->tutor_due - clock_wall_ms();
	if (app->dirty && paint_from(app) > now && paint_from(app) < due)
		due = paint_from(app);
	if (due == INT64_MAX) {
		uv_timer_stop(&app->timer);
		return;
	}
	uv_update_time(&app->loop);
	uv_timer_start(&app->timer, timer_fired, due > now ? (uint64_t)(due - now) : 0, 0);
}

/* The wall clock was set, the machine slept, or (in tests) time was moved. */
static void clock_moved(uv_poll_t *poll, int status, int events)
{
	struct app *app = poll->data;
	(void)status;
	(void)events;
	clock_change_clear();
	struct event event = {.kind = EV_RESUMED};
	dispatch(app, &event);
	timer_fired(&app->timer);
}

/* --- the store and the courier */

static void look_begins(void *arg)
{
	struct app *app = arg;
	if (app->courier)
		courier_watch_look(app->courier);
	practise(app);
}

/* What was found is being asked for. */
static void looked(void *arg, bool found)
{
	struct app *app = arg;
	if (found)
		app->arrived = clock_mono_ms();
	arrivals_looked(&app->arrivals, found);
}

static void store_state(struct app *app, struct event *event)
{
	event->kind = EV_STORE;
	event->store.courier_down = app->courier_why[0] != '\0';
	if (!event->store.why)
		event->store.why = app->courier_why;
	dispatch(app, event);
}

static void courier_state(void *arg, const char *why)
{
	struct app *app = arg;
	str_copy(app->courier_why, sizeof app->courier_why, why);
	struct event event = {0};
	if (!app->store_why[0])
		store_state(app, &event);
}

static void lend_terminal(void *arg, bool lent)
{
	struct app *app = arg;
	if (lent == app->lent_to_courier || app->quit)
		return;
	app->lent_to_courier = lent;
	if (lent)
		leave_screen(app);
	else
		enter_screen(app);
}

static void answered(void *arg, struct event *event)
{
	struct app *app = arg;
	if (event->kind == EV_ROWS)
		app->rows_came = true;
	if (event->kind == EV_CASE)
		app->case_asked = 0;
	if (event->kind == EV_STORE) {
		str_copy(app->store_why, sizeof app->store_why, event->store.why);
		store_state(app, event);
		return;
	}
	dispatch(app, event);
}

/* --- effects */

static void editor_closed(void *arg, const struct editor_result *result)
{
	struct app *app = arg;
	app->editor = NULL;
	enter_screen(app);
	struct event event = {.kind = EV_EDITED, .request = result->request};
	event.err = result->err.code ? &result->err : NULL;
	event.edited.text = result->text;
	event.edited.changed = result->changed;
	dispatch(app, &event);
}

static void run_editor(struct app *app, const struct effect *effect)
{
	struct editor_result failed = {.request = effect->request};
	leave_screen(app);
	app->editor =
	        editor_open(&app->loop, app->spawner, effect->text, effect->request, editor_closed, app, &failed.err);
	if (!app->editor)
		editor_closed(app, &failed);
}

static void copy_text(struct app *app, const struct effect *effect)
{
	struct err err = ERR_INIT;
	struct event event = {.kind = EV_COPIED, .request = effect->request};
	if (!term_copy(app->term, effect->text, strlen(effect->text))) {
		err_set(&err, ERR_UNAVAILABLE, "this terminal takes no copies (OSC 52)");
		event.err = &err;
	}
	poll_tty(app);
	dispatch(app, &event);
}

/* The terminal is given back at once; what is still being stored ends without it. */
static void quit(struct app *app)
{
	app->quit = true;
	if (!app->away)
		leave_screen(app);
}

static void carry_out(struct app *app, const struct effect *effect)
{
	switch (effect->kind) {
	case FX_BELL: term_bell(app->term); break;
	case FX_NOTIFY: term_notify(app->term, effect->text); break;
	case FX_TITLE: term_title(app->term, effect->text); break;
	case FX_COPY: copy_text(app, effect); break;
	case FX_EDITOR: run_editor(app, effect); break;
	case FX_SUSPEND: suspend(app); break;
	case FX_REDRAW:
		term_redraw(app->term);
		app->dirty = app->owed = true;
		break;
	case FX_TIMER: app->desk_timer = effect->mono; break;
	case FX_QUIT: quit(app); break;
	case FX_CASE:
		app->case_asked = app->case_asked ? app->case_asked : clock_mono_ms();
		job_submit(&app->jobs, app->worker, effect);
		break;
	default: job_submit(&app->jobs, app->worker, effect); break;
	}
}

/* Effects may bring further events (a copy that fails at once), and these further effects: each batch is taken out
 * before it is carried out, and what comes meanwhile follows it. */
static void carry_out_all(struct app *app)
{
	while (app->effects.list.len) {
		struct effects batch = app->effects;
		app->effects = (struct effects){0};
		for (size_t i = 0; i < batch.list.len; i++)
			carry_out(app, &batch.list.at[i]);
		effects_release(&batch);
	}
	arm_timer(app);
	if (!app->away && term_busy(app->term))
		poll_tty(app);
}

/* What comes of what others did, not of a key, a size or the time. */
static bool is_arrival(const struct app *app, enum event_kind kind)
{
	return kind == EV_CHANGED || kind == EV_ROWS || kind == EV_COUNTS || kind == EV_NUMBERS ||
	       kind == EV_ACCOUNTS || kind == EV_REPLIES || kind == EV_PAINTED || (kind == EV_CASE && app->arrived);
}

static bool seen_differs(const struct seen *a, const struct seen *b)
{
	return memcmp(a, b, sizeof *a) != 0;
}

/* A recording that has ended early says so once. */
static void tell_trouble(struct app *app)
{
	const char *trouble = app->recorder ? recorder_trouble(app->recorder) : NULL;
	struct event event = {.kind = EV_WARNING, .warning = {trouble}};
	if (trouble)
		dispatch(app, &event);
}

/* --- the tutor */

static void tell_lesson(struct app *app)
{
	struct event event = {.kind = EV_BANNER};
	if (tutor_banner(app->options->tutor, app->state, &event.banner.title, &event.banner.text))
		dispatch(app, &event);
}

static void practise(struct app *app)
{
	if (!app->options->tutor)
		return;
	app->tutor_due = tutor_work(app->options->tutor, clock_wall_ms());
	arm_timer(app);
}

static void dispatch(struct app *app, struct event *event)
{
	if (!event->wall) {
		event->wall = clock_wall_ms();
		event->mono = clock_mono_ms();
	}
	/* What a frame turned out to be is news only when it differs: else paint and answer would chase each other. */
	bool news = event->kind != EV_PAINTED || seen_differs(&app->state->seen, &event->painted.seen);
	if (app->recorder)
		recorder_event(app->recorder, app->state, event);
	update(app->state, event, &app->effects);
	app->dirty |= news;
	app->owed |= news && !is_arrival(app, event->kind);
	tell_trouble(app);
	if (app->options->tutor && event->kind != EV_BANNER) {
		tutor_saw(app->options->tutor, app->state, event);
		tell_lesson(app);
	}
	if (app->in_update)
		return;
	app->in_update = true;
	carry_out_all(app);
	app->in_update = false;
}

/* --- signals */

static void signal_came(uv_signal_t *handle, int number)
{
	struct app *app = handle->data;
	if (number == SIGWINCH) {
		if (!app->away && term_resized(app->term))
			resize(app);
		return;
	}
	struct event event = {.kind = EV_SIGNAL};
	dispatch(app, &event);
}

static void crashed(int number)
{
	term_restore_now();
	signal(number, SIG_DFL);
	raise(number);
}

static void catch_signals(struct app *app)
{
	static const int numbers[SIGNALS] = {SIGWINCH, SIGHUP, SIGTERM, SIGINT};
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	for (int i = 0; i < SIGNALS; i++) {
		uv_signal_init(&app->loop, &app->signals[i]);
		app->signals[i].data = app;
		uv_signal_start(&app->signals[i], signal_came, numbers[i]);
	}
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		sigaction(fatal[i], &(struct sigaction){.sa_handler = crashed, .sa_flags = (int)SA_RESETHAND}, NULL);
	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	mem_set_out_of_memory_hook(term_restore_now);
}

/* --- from start to end */

static void start_handles(struct app *app)
{
	uv_prepare_init(&app->loop, &app->before_wait);
	app->before_wait.data = app;
	uv_prepare_start(&app->before_wait, draw);
	uv_poll_init(&app->loop, &app->tty, term_fd(app->term));
	app->tty.data = app;
	uv_timer_init(&app->loop, &app->timer);
	app->timer.data = app;
	if (clock_change_fd() >= 0) {
		uv_poll_init(&app->loop, &app->clock, clock_change_fd());
		app->clock.data = app;
		uv_poll_start(&app->clock, UV_READABLE, clock_moved);
	}
	catch_signals(app);
	poll_tty(app);
}

/* Reads what the desk needs before its first event. On the worker's thread, whose the store is from then on, while the
 * other one reads keys and terminal description. */
static int open_store(void *arg, struct store **out, struct err *err)
{
	struct app *app = arg;
	int result = setup_open_store(app->options->config, out, err);
	if (result)
		return result;
	struct arena arena = ARENA_INIT;
	const char *saved = NULL;
	struct err ignored = ERR_INIT;
	app->arrivals.feed_seq = store_change_last(*out, &ignored);
	app->jobs.schema = store_schema_version(*out);
	const char *why;
	app->unwritable = store_reads_only(*out, &why);
	if (!store_desk_state(*out, app->options->agent, &arena, &saved, &ignored) && saved)
		app->restored = mem_strdup(saved);
	arena_release(&arena);
	return 0;
}

static int await_store(struct app *app, struct err *err)
{
	int result = worker_opened(app->worker, err);
	if (!result)
		result = arrivals_start(&app->arrivals, &app->loop, app->options->config->desk.store.path, err);
	if (!result && app->restored)
		state_restore(app->state, app->restored);
	return result;
}

static int open_terminal(struct app *app, struct err *err)
{
	struct term_options options = {
	        .no_colour = *str_or(getenv("NO_COLOR"), "") != '\0',
	        .mouse = app->options->config->desk.mouse == CONFIG_MOUSE_ON,
	};
	return term_open(&options, &app->term, err);
}

static void begin_recording(struct app *app)
{
	const struct record_setup setup = {.setup = &app->setup.desk,
	        .restored = app->restored,
	        .theme = app->theme->name,
	        .ascii = term_ascii(app->term)};
	if (app->recorder)
		recorder_begin(app->recorder, &setup);
}

static void first_events(struct app *app)
{
	begin_recording(app);
	term_resume(app->term);
	resize(app);
	if (app->unwritable) {
		struct event event = {.store.unwritable = true};
		store_state(app, &event);
	}
	if (app->state->left_at)
		job_submit_restart(&app->jobs, app->worker, app->state->left_at);
	if (app->options->view) {
		struct event warning = {.kind = EV_WARNING};
		struct err err = ERR_INIT;
		if (app->recorder)
			recorder_view(app->recorder, app->options->view);
		if (setup_open_view(app->state, app->options->view, &app->effects, &err)) {
			warning.warning.text = err.text;
			dispatch(app, &warning);
		}
	}
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void stop(struct app *app)
{
	app->quit = true;
	term_close(app->term);
	app->term = NULL;
	if (app->editor)
		editor_abandon(app->editor);
	if (app->announced)
		job_submit_presence(&app->jobs, app->worker, &app->desk_id, false);
	if (app->worker)
		worker_stop(app->worker);
	courier_watch_free(app->courier);
	arrivals_stop(&app->arrivals);
}

static void release(struct app *app)
{
	/* Handles that their owners close are closed by now; the rest are the members of struct app. */
	uv_run(&app->loop, UV_RUN_NOWAIT);
	uv_walk(&app->loop, close_handle, NULL);
	while (uv_run(&app->loop, UV_RUN_DEFAULT))
		;
	uv_loop_close(&app->loop);
	effects_release(&app->effects);
	frame_release(&app->frame);
	recorder_close(app->recorder);
	free(app->restored);
	if (app->state)
		state_free(app->state);
	setup_release(&app->setup);
}

/* What a confined desk could not do any more; then it is confined, before anything that others wrote comes in and
 * before there are threads. */
static int prepare(struct app *app, struct err *err)
{
	const struct app_options *options = app->options;
	int result = 0;
	app->spawner = spawner_start(options->config_file, err);
	if (!app->spawner)
		return -(int)err->code;
	if (options->record)
		result = recorder_open(options->record, options->record_plain, &app->recorder, err);
	if (!result)
		setup_confine(options->config);
	return result;
}

/* All that does not need the store, and then the store, so that a terminal is not touched for a store that fails. */
static int start(struct app *app, struct err *err)
{
	const struct app_options *options = app->options;
	int result = setup_init(&app->setup, options, err);
	if (result)
		return result;
	app->setup.courier.loop = &app->loop;
	app->setup.courier.arg = app;
	app->setup.courier.spawner = app->spawner;
	app->setup.courier.lend_terminal = lend_terminal;
	app->setup.courier.state = courier_state;
	app->theme = &app->setup.theme;
	app->jobs.setup = &app->setup.desk;
	app->state = state_new(&app->setup.desk);
	return open_terminal(app, err);
}

int app_run(const struct app_options *options, struct err *err)
{
	struct app app = {.options = options, .desk_timer = INT64_MAX, .tutor_due = INT64_MAX};
	app.started = clock_mono_ms();
	/* libuv aborts when memory is gone; so do we, but give the terminal back first. */
	uv_replace_allocator(mem_for_library, mem_again_for_library, mem_array_for_library, free);
	int result = prepare(&app, err);
	uv_loop_init(&app.loop);
	app.jobs = (struct job_desk){.answer = answered, .looked = looked, .arg = &app};
	app.arrivals = (struct arrivals){.jobs = &app.jobs, .begins = look_begins, .arg = &app};
	if (!result)
		result = worker_start(&app.loop, open_store, &app, &app.worker, err);
	app.arrivals.worker = app.worker;
	if (!result)
		result = start(&app, err);
	if (!result)
		result = await_store(&app, err);
	if (!result) {
		start_handles(&app);
		first_events(&app);
		uv_run(&app.loop, UV_RUN_DEFAULT);
	}
	stop(&app);
	spawner_stop(app.spawner);
	release(&app);
	return result;
}
