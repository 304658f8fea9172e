/* memory, idle, bytes, query: a desk to which little happens. */
#include "tests/bench/desk.h"

#include "tests/bench/limits.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOVES = 10, IDLE_S = 20, FOLD_S = 12 /* after the last change a courier folds its log */, QUERIES = 9 };

/* --- memory */

static void tell_memory(int64_t cases, const char *who, pid_t pid)
{
	struct memory memory = memory_of(pid);
	char what[64];
	snprintf(what, sizeof what, "%s: resident", who);
	result_for(cases, what, memory.rss / 1024, "MB");
	snprintf(what, sizeof what, "%s: proportional", who);
	result_for(cases, what, memory.pss / 1024, "MB");
	snprintf(what, sizeof what, "%s: private", who);
	result_for(cases, what, memory.own / 1024, "MB");
}

void bench_memory(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	tell_memory(cases, "desk", screen_pid(desk));
	for (int i = 0; i < 100; i++) {
		screen_send(desk, "j");
		screen_pump(desk, 5);
	}
	settle(desk);
	tell_memory(cases, "desk, 100 moves later", screen_pid(desk));
	figure_for("desk-rss", cases, memory_of(screen_pid(desk)).rss / 1024);
	tell_memory(cases, "courier", place_courier_pid(place));
	screen_free(desk);
}

/* --- bytes, of the real program */

static void measure_key(struct screen *desk, const char *keys, int times, const char *what)
{
	series bytes = {0};
	char line[160];
	for (int i = 0; i < times; i++) {
		screen_send_bytes(desk, keys + (size_t)i % strlen(keys), 1);
		vec_push(&bytes, (double)settle(desk));
	}
	snprintf(line, sizeof line, "%s, median", what);
	result(line, series_share(&bytes, 0.5), "bytes");
	snprintf(line, sizeof line, "%s, most", what);
	result(line, series_share(&bytes, 1), "bytes");
	vec_release(&bytes);
}

static void measure_arrival(struct place *place, struct screen *desk, const char *what)
{
	char id[32], text[48];
	snprintf(text, sizeof text, "parcel%lld is late", (long long)now_us());
	settle(desk);
	uint64_t before = screen_bytes(desk);
	place_post(place, text, id);
	for (int64_t end = now_us() + SCREEN_PATIENCE_MS * 1000; !place_knows(place, id);) {
		if (now_us() > end)
			place_fail("a mention does not reach the store");
		screen_pump(desk, 1);
	}
	settle(desk);
	result(what, (double)(screen_bytes(desk) - before), "bytes");
}

void bench_bytes(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	result("the first screen, 80x24", (double)screen_bytes(desk), "bytes");
	measure_key(desk, "j", MOVES, "a move in the inbox and the thread that follows, 80x24");
	measure_arrival(place, desk, "a mention arriving outside the screen, 80x24");
	screen_send(desk, "r");
	settle(desk);
	measure_key(desk, "We look into it", 15, "a typed character, 80x24");
	screen_free(desk);

	desk = settled_desk(place, cases, WIDE_ROWS, WIDE_COLS);
	measure_key(desk, "j", MOVES, "a move in the inbox and the thread that follows, 120x40");
	screen_free(desk);

	desk = place_desk(place, ROWS, COLS, "bench");
	if (!screen_wait(desk, "@bench", SCREEN_PATIENCE_MS))
		place_fail("the desk does not show a case that was just made");
	measure_arrival(place, desk, "a mention arriving in a row on the screen, 80x24");
	screen_free(desk);
}

/* --- idle */

void await_minute(void)
{
	enum { MINUTE = 60 };
	time_t now = time(NULL);
	if (now % MINUTE > MINUTE - IDLE_S - 5)
		poll(NULL, 0, (int)(MINUTE - now % MINUTE + 1) * 1000);
}

void bench_idle(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	pid_t courier = place_courier_pid(place), pid = screen_pid(desk);
	poll(NULL, 0, FOLD_S * 1000);
	settle(desk);
	await_minute();
	settle(desk);
	uint64_t bytes = screen_bytes(desk);
	int64_t desk_before = switches_of(pid), courier_before = switches_of(courier);
	watch_for(desk, IDLE_S * 1000);
	figure("idle-wakeups", (double)(switches_of(pid) - desk_before));
	figure("idle-bytes", (double)(screen_bytes(desk) - bytes));
	result_for(cases, "wakeups of an idle courier in 20 s", (double)(switches_of(courier) - courier_before), "");
	screen_free(desk);
}

/* --- queries */

void bench_query(struct place *place, int64_t cases)
{
	static const char *const queries[] = {"is:needs-reply", "parcel refund", "from:customer77"};
	for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
		series times = {0};
		char what[96];
		for (int i = 0; i < QUERIES; i++) {
			int64_t begin = now_us();
			place_run(place, "query", queries[q]);
			vec_push(&times, (double)(now_us() - begin) / 1000);
		}
		snprintf(what, sizeof what, "curlew query \"%s\"", queries[q]);
		result_for(cases, what, series_share(&times, 0.5), "ms");
		vec_release(&times);
	}
}

/* --- what no machine changes, and what is installed */

/* Each line of "name number" of which limits.def has the name. */
static void take_figures(const char *text)
{
	char name[48];
	double value;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (sscanf(line, "%47s %lf", name, &value) == 2 && limit_find(name))
			figure(name, value);
}

static void take_output(const char *const *argv)
{
	char *text = place_output(argv);
	take_figures(text);
	free(text);
}

void bench_counts(struct place *place, int64_t cases)
{
	static const char *const works[] = {"decode", "ingest", "update", "draw", "long", "bytes"};
	char program[512];
	(void)cases;
	snprintf(program, sizeof program, "%s/count", place->build);
	for (size_t i = 0; i < sizeof works / sizeof *works; i++)
		take_output((const char *[]){program, works[i], NULL});
}

void bench_installed(struct place *place, int64_t cases)
{
	(void)cases;
	take_output((const char *[]){"/bin/sh", "tests/bench/installed.sh", place->build, NULL});
}
