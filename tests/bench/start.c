/* start and leave: what a person waits for at both ends. */
#include "core/base/mem.h"
#include "core/base/paths.h"
#include "tests/bench/desk.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STARTS = 15, LEAVES = 7 };

/* --- start */

/* What a program costs that does nothing else: from the fork to its first line on the screen. */
static void measure_line(const char *name, const char *program, const char *word, const char *line)
{
	const char *const argv[] = {program, word, NULL}, *const env[] = {NULL};
	series times = {0};
	for (int i = 0; i < STARTS; i++) {
		int64_t begin = now_us();
		struct screen *screen = screen_start(&(struct screen_options){.argv = argv, .env = env});
		if (!screen || !screen_wait(screen, line, SCREEN_PATIENCE_MS))
			place_fail("%s %s shows nothing", program, word);
		vec_push(&times, (double)(now_us() - begin) / 1000);
		screen_free(screen);
	}
	figure(name, series_share(&times, 0.5));
	vec_release(&times);
}

/* Before the desk's own first step its libraries are loaded. */
static void measure_loader(const struct place *place)
{
	char *program = path_join(place->build, "curlew");
	measure_line("loader", program, "--version", "curlew ");
	free(program);
}

/* Most of a start is pages that are touched for the first time. */
static void measure_fault(void)
{
	enum { PAGES = 2000 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mem_realloc(NULL, PAGES, page); /* so much comes from the system */
	int64_t begin = now_us();
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)pages)[i * page] = 1;
	figure("fault-us", (double)(now_us() - begin) / PAGES);
	free(pages);
}

static void measure_starts(struct place *place, int64_t cases, bool runs)
{
	series times = {0}, work = {0}, faults = {0};
	for (int i = 0; i < STARTS; i++) {
		int64_t begin = now_us();
		struct screen *desk = place_desk(place, ROWS, COLS, NULL);
		wait_full(desk, cases);
		vec_push(&times, (double)(now_us() - begin) / 1000);
		vec_push(&work, work_of(screen_pid(desk)));
		vec_push(&faults, (double)faults_of(screen_pid(desk)));
		settle(desk);
		screen_free(desk);
		if (!runs)
			place_end_courier(place);
	}
	double median = series_share(&times, 0.5);
	if (runs)
		figure_for("start", cases, median);
	else
		result_for(cases, "start to the first full screen, courier started by it", median, "ms");
	result_for(cases, "... of which the desk itself ran", series_share(&work, 0.5), "ms");
	if (runs && !cases)
		figure("start-faults", series_share(&faults, 0.5));
	vec_release(&times);
	vec_release(&work);
	vec_release(&faults);
}

void bench_start(struct place *place, int64_t cases)
{
	if (!cases) {
		measure_line("floor", "/bin/echo", "there", "there");
		measure_loader(place);
		measure_fault();
	}
	measure_starts(place, cases, false);
	place_courier(place);
	measure_starts(place, cases, true);
}

/* --- leave */

struct termios fresh_modes(void)
{
	static const char *const argv[] = {"/bin/true", NULL}, *const env[] = {NULL};
	struct termios modes = {0};
	struct screen *screen = screen_start(&(struct screen_options){.argv = argv, .env = env});
	if (screen && screen_wait_end(screen, SCREEN_PATIENCE_MS))
		screen_modes(screen, &modes);
	else
		place_fail("/bin/true does not end");
	screen_free(screen);
	return modes;
}

int broken_modes(const struct screen *desk, const struct termios *before, const struct str *bytes)
{
	struct termios after;
	screen_modes(desk, &after);
	bool titled = strstr(bytes->p, "\033]2;") || strstr(bytes->p, "\033]0;");
	return !screen_modes_equal(before, &after) + screen_alternate(desk) + !screen_cursor_visible(desk) +
	       screen_bracketed_paste(desk) + (titled && !strstr(bytes->p, "\033[23;"));
}

static void measure_signal(struct place *place, int64_t cases, int number, const char *name)
{
	struct termios before = fresh_modes();
	series times = {0};
	int wrong = 0;
	char row[32];
	for (int i = 0; i < LEAVES; i++) {
		struct str bytes = STR_INIT;
		struct screen *desk = place_desk(place, ROWS, COLS, NULL);
		screen_record(desk, &bytes);
		wait_full(desk, cases);
		settle(desk);
		int64_t begin = now_us();
		kill(screen_pid(desk), number);
		if (!screen_wait_end(desk, SCREEN_PATIENCE_MS))
			place_fail("the desk does not end on %s", name);
		vec_push(&times, (double)(now_us() - begin) / 1000);
		wrong += broken_modes(desk, &before, &bytes);
		screen_free(desk);
		str_release(&bytes);
	}
	snprintf(row, sizeof row, "%s-ms", name);
	figure(row, series_share(&times, 0.5));
	snprintf(row, sizeof row, "%s-broken", name);
	figure(row, wrong);
	vec_release(&times);
}

void bench_leave(struct place *place, int64_t cases)
{
	measure_signal(place, cases, SIGTERM, "sigterm");
	measure_signal(place, cases, SIGHUP, "sighup");
}
