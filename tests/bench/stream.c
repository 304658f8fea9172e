/* latency, ingest, stream, crowd, courier: what others write, at rest and in floods. */
#include "tests/bench/desk.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PINGS = 200,
	PING_MS = 10,
	REST_MS = 60, /* after which a desk looks at the next arrival at once */
	BURST = 20000,
	SOME = 100000,
	MILLION = 1000000,
	MILLION_S = 240, /* longer is not waited */
	CPU_S = 20,
	LINE_S = 10,
	WARM_S = 2, /* after a rate was set */
	LETTERS = 200,
	LINE_LETTERS = 100,
	FLOOR_LETTERS = 20,
	GAP_MS = 40,
	CROWD = 5 /* as many as an inbox of 80x24 shows */
};

const char *const slow_line[2] = {"32000", "16384"};

/* --- from the network to the screen */

/* The newest of our numbered mentions on the screen; -1: none. */
static int newest_seen(const struct screen *desk)
{
	int rows, cols, newest = -1, number;
	screen_size(desk, &rows, &cols);
	for (int row = 0; row < rows; row++) {
		char *text = screen_row_text(desk, row);
		const char *at = strstr(text, "ping");
		if (at && sscanf(at, "ping%d", &number) == 1 && number > newest)
			newest = number;
		free(text);
	}
	return newest;
}

static void post_ping(struct place *place, int number, int64_t *sent)
{
	char text[64], id[32];
	snprintf(text, sizeof text, "ping%d where is it", number);
	*sent = now_us();
	place_post(place, text, id);
}

static void push_since(series *times, int64_t begin)
{
	vec_push(times, (double)(now_us() - begin) / 1000);
}

/* When `every_ms` is 0 one at a time, each after a rest. A newer one on the screen says that the older ones have been
 * there. */
static void measure_latency(struct place *place, struct screen *desk, int64_t cases, int first, int every_ms)
{
	int64_t sent[PINGS], begin = now_us();
	series times = {0};
	int posted = 0;
	while ((int)times.len < PINGS) {
		bool due = every_ms ? now_us() >= begin + (int64_t)posted * every_ms * 1000 : (int)times.len == posted;
		if (posted < PINGS && due) {
			post_ping(place, first + posted, &sent[posted]);
			posted++;
		}
		screen_pump(desk, 1);
		int newest = newest_seen(desk);
		bool came = (int)times.len < posted && first + (int)times.len <= newest;
		while ((int)times.len < posted && first + (int)times.len <= newest)
			push_since(&times, sent[times.len]);
		if (came && !every_ms)
			watch_for(desk, REST_MS);
		if (now_us() - begin > INT64_C(120000000))
			place_fail("mentions do not arrive on the screen");
	}
	const char *how = every_ms ? "at 100 a second" : "at rest";
	char what[96];
	snprintf(what, sizeof what, "network to screen, %s, p50", how);
	result_for(cases, what, series_share(&times, 0.5), "ms");
	snprintf(what, sizeof what, "network to screen, %s, p99", how);
	result_for(cases, what, series_share(&times, 0.99), "ms");
	vec_release(&times);
}

void bench_latency(struct place *place, int64_t cases)
{
	int64_t sent;
	struct screen *desk = place_desk(place, ROWS, COLS, "bench");
	post_ping(place, 10000, &sent);
	if (!screen_wait(desk, "ping10000", SCREEN_PATIENCE_MS)) {
		screen_dump(desk);
		place_fail("a mention does not arrive on the screen");
	}
	settle(desk);
	measure_latency(place, desk, cases, 20000, 0);
	settle(desk);
	measure_latency(place, desk, cases, 30000, PING_MS);
	screen_free(desk);
}

/* --- from the stream to the disk */

/* Until the courier has stored all that was said; false when that takes longer. */
static bool await_stored(struct place *place, int64_t timeout_s)
{
	char id[32];
	int64_t end = now_us() + timeout_s * 1000000;
	struct load_state state;
	do {
		poll(NULL, 0, 10);
		state = load_state(&place->load);
		if (now_us() > end)
			return false;
	} while (state.owed);
	snprintf(id, sizeof id, "%" PRId64, state.last_id);
	while (!place_knows(place, id)) {
		poll(NULL, 0, 10);
		if (now_us() > end)
			return false;
	}
	return true;
}

void bench_ingest(struct place *place, int64_t cases)
{
	struct load_state before = load_state(&place->load);
	double work = work_of(place_courier_pid(place));
	int64_t begin = now_us();
	(void)cases;
	load_burst(&place->load, BURST);
	if (!await_stored(place, 300))
		place_fail("a burst is not taken in");
	double seconds = (double)(now_us() - begin) / 1e6;
	work = work_of(place_courier_pid(place)) - work;
	figure("ingest", BURST / seconds);
	result("... as bytes of the stream", (double)(load_state(&place->load).bytes - before.bytes) / seconds / 1e6,
	        "MB/s");
	result("... of which the courier ran, a mention", work * 1000 / BURST, "us");
}

void bench_courier(struct place *place, int64_t cases)
{
	(void)cases;
	load_burst(&place->load, SOME);
	if (!await_stored(place, MILLION_S))
		place_fail("a burst is not taken in");
	figure("courier-rss-some", memory_of(place_courier_pid(place)).rss / 1024);
	int64_t begin = now_us();
	load_burst(&place->load, MILLION - SOME);
	bool all = await_stored(place, MILLION_S);
	int64_t said = load_state(&place->load).said;
	double rss = memory_of(place_courier_pid(place)).rss / 1024;
	result("mentions a second, up to a million", (double)(said - SOME) / ((double)(now_us() - begin) / 1e6), "/s");
	if (all)
		figure("courier-rss", rss);
	else
		result("resident memory of the courier; a million were not taken in 4 minutes", rss, "MB");
}

/* --- a desk in a flood */

/* Sets the rate and lets it run in. */
static void flood(struct place *place, struct screen *desk, int64_t per_second)
{
	load_rate(&place->load, per_second);
	watch_for(desk, WARM_S * 1000);
}

/* How many a second the courier has taken since. */
static void tell_taken(struct place *place, int64_t per_second, int64_t said_before, int64_t since_us)
{
	char what[96];
	snprintf(what, sizeof what, "... taken a second, of %" PRId64 " that were said", per_second);
	double seconds = (double)(now_us() - since_us) / 1e6;
	result(what, (double)(load_state(&place->load).said - said_before) / seconds, "/s");
}

static void measure_cpu(struct place *place, struct screen *desk)
{
	flood(place, desk, 100);
	double before = work_of(screen_pid(desk));
	int64_t begin = now_us();
	watch_for(desk, CPU_S * 1000);
	double ms = (double)(now_us() - begin) / 1000;
	figure("desk-cpu-100", (work_of(screen_pid(desk)) - before) * 100 / ms);
}

static void measure_line(struct place *place, struct screen *desk, const char *name)
{
	flood(place, desk, 1000);
	uint64_t before = screen_bytes(desk);
	double work = work_of(screen_pid(desk));
	watch_for(desk, LINE_S * 1000);
	figure(name, (double)(screen_bytes(desk) - before) / LINE_S);
	result("... the desk's share of a processor", (work_of(screen_pid(desk)) - work) / LINE_S / 10, "%");
}

static void open_composer(struct screen *desk)
{
	screen_send(desk, "r");
	if (!screen_wait(desk, "PUBLIC", SCREEN_PATIENCE_MS)) {
		screen_dump(desk);
		place_fail("the composer does not open");
	}
	watch_for(desk, 300);
}

static void figure_shares(series *times, const char *stem)
{
	char name[48];
	snprintf(name, sizeof name, "%s-p50", stem);
	figure(name, series_share(times, 0.5));
	snprintf(name, sizeof name, "%s-p99", stem);
	figure(name, series_share(times, 0.99));
}

/* What any program would need, in the same flood: one that writes back each byte that it reads. */
static void measure_key_floor(const char *stem)
{
	static const char *const argv[] = {"/bin/sh", "-c", "stty raw -echo; printf 'ready\\r\\n'; exec cat", NULL},
	                         *const env[] = {"PATH=/usr/bin:/bin", NULL};
	series times = {0};
	for (int i = 0; i < LETTERS; i += FLOOR_LETTERS) {
		struct screen *screen = screen_start(&(struct screen_options){.argv = argv, .env = env});
		if (!screen || !screen_wait(screen, "ready", SCREEN_PATIENCE_MS) ||
		        !type_letters(screen, 1, 0, FLOOR_LETTERS, GAP_MS, &times))
			place_fail("cat shows nothing");
		screen_free(screen);
	}
	figure_shares(&times, stem);
	vec_release(&times);
}

static void measure_keys(struct place *place, struct screen *desk, int64_t per_second, int letters, const char *stem)
{
	series times = {0};
	int row, col;
	load_rate(&place->load, 0);
	empty_line(desk, &row, &col);
	flood(place, desk, per_second);
	int64_t begin = now_us(), said = load_state(&place->load).said;
	if (!type_letters(desk, row, col, letters, GAP_MS, &times)) {
		screen_dump(desk);
		place_fail("what is typed is not shown");
	}
	figure_shares(&times, stem);
	tell_taken(place, per_second, said, begin);
	vec_release(&times);
}

static struct screen *slow_desk(struct place *place)
{
	char program[512];
	snprintf(program, sizeof program, "%s/slowline", place->build);
	const char *const line[] = {program, slow_line[0], slow_line[1], NULL};
	place->line = line;
	struct screen *desk = place_desk(place, ROWS, COLS, NULL);
	place->line = NULL;
	return desk;
}

void bench_stream(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	measure_cpu(place, desk);
	measure_line(place, desk, "line-bytes");
	open_composer(desk);
	measure_line(place, desk, "line-bytes-writing");
	measure_keys(place, desk, 1000, LETTERS, "key-1000");
	measure_key_floor("key-1000-floor");
	measure_keys(place, desk, 5000, LETTERS, "key-5000");
	measure_key_floor("key-5000-floor");
	load_rate(&place->load, 0);
	screen_free(desk);
	if (!await_stored(place, 120))
		place_fail("what was said is not taken in");
	desk = slow_desk(place);
	wait_full(desk, cases);
	settle(desk);
	open_composer(desk);
	measure_keys(place, desk, 1000, LINE_LETTERS, "key-line");
	screen_free(desk);
}

/* So few that the inbox shows all of them, and the thread one of them. */
static void open_crowd(struct screen *desk)
{
	if (!screen_wait(desk, "@loader", SCREEN_PATIENCE_MS)) {
		screen_dump(desk);
		place_fail("the crowd is not on the screen");
	}
	settle(desk);
}

void bench_crowd(struct place *place, int64_t cases)
{
	(void)cases;
	load_authors(&place->load, CROWD);
	load_burst(&place->load, CROWD);
	if (!await_stored(place, 60))
		place_fail("what was said is not taken in");
	struct screen *desk = place_desk(place, ROWS, COLS, NULL);
	open_crowd(desk);
	measure_line(place, desk, "crowd-line-bytes");
	load_rate(&place->load, 0);
	screen_free(desk);
	desk = slow_desk(place);
	open_crowd(desk);
	open_composer(desk);
	measure_keys(place, desk, 1000, LINE_LETTERS, "crowd-key-line");
	screen_free(desk);
}
