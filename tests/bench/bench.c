/* bench BUILD [GROUP...]: measures the real programs of a build, on this machine, and prints what it finds; the same
 * numbers go to BUILD/bench.json. Groups: start memory latency bytes idle query ingest; without any, all of them. */
#include "core/base/str.h"
#include "tests/bench/place.h"
#include "tests/bench/result.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	STARTS = 15,
	MOVES = 10,
	PINGS = 200,
	PING_MS = 10,
	IDLE_S = 20,
	FOLD_S = 12, /* after the last change a courier folds its log */
	QUIET_MS = 200,
	QUERIES = 9,
	BURST = 10000,
	ROWS = 24,
	COLS = 80
};

static const int64_t sizes[] = {0, 10000, 1000000};

static void result_for(int64_t cases, const char *what, double value, const char *unit)
{
	char line[160];
	snprintf(line, sizeof line, "%s, %lld cases", what, (long long)cases);
	result(line, value, unit);
}

/* --- what is waited for */

struct look {
	struct screen *screen;
	int64_t cases;
};

/* The last row of the list is there, and what stands below it. */
static bool is_full(void *arg)
{
	const struct look *look = arg;
	int rows, cols, found = 0;
	screen_size(look->screen, &rows, &cols);
	if (!look->cases)
		return screen_contains(look->screen, "All answered");
	for (int row = 0; row < rows; row++) {
		char *text = screen_row_text(look->screen, row);
		found += strstr(text, "@customer") != NULL;
		free(text);
	}
	return found >= 8;
}

static void wait_full(struct screen *desk, int64_t cases)
{
	struct look look = {desk, cases};
	if (screen_wait_until(desk, is_full, &look, SCREEN_PATIENCE_MS))
		return;
	screen_dump(desk);
	place_fail("the desk shows no inbox");
}

/* Until nothing has come for a while; how many bytes came. */
static uint64_t settle(struct screen *desk)
{
	uint64_t first = screen_bytes(desk), before;
	do {
		before = screen_bytes(desk);
		int64_t end = now_us() + QUIET_MS * 1000;
		while (now_us() < end)
			screen_pump(desk, QUIET_MS / 10);
	} while (screen_bytes(desk) != before);
	return screen_bytes(desk) - first;
}

static struct screen *settled_desk(struct place *place, int64_t cases, int rows, int cols)
{
	struct screen *desk = place_desk(place, rows, cols, NULL);
	wait_full(desk, cases);
	settle(desk);
	return desk;
}

/* --- start */

/* What any program costs here: from the fork to its first line on the screen. */
static void measure_floor(void)
{
	static const char *const argv[] = {"/bin/echo", "there", NULL}, *const env[] = {NULL};
	series times = {0};
	for (int i = 0; i < STARTS; i++) {
		int64_t begin = now_us();
		struct screen *screen = screen_start(&(struct screen_options){.argv = argv, .env = env});
		if (!screen || !screen_wait(screen, "there", SCREEN_PATIENCE_MS))
			place_fail("/bin/echo shows nothing");
		vec_push(&times, (double)(now_us() - begin) / 1000);
		screen_free(screen);
	}
	result("start to the first line of /bin/echo, as a floor", series_share(&times, 0.5), "ms");
	vec_release(&times);
}

static void measure_starts(struct place *place, int64_t cases, bool runs)
{
	series times = {0}, work = {0};
	for (int i = 0; i < STARTS; i++) {
		int64_t begin = now_us();
		struct screen *desk = place_desk(place, ROWS, COLS, NULL);
		wait_full(desk, cases);
		vec_push(&work, work_of(screen_pid(desk)));
		vec_push(&times, (double)(now_us() - begin) / 1000);
		settle(desk);
		screen_free(desk);
		if (!runs)
			place_end_courier(place);
	}
	const char *how =
	        runs ? "start to the first full screen" : "start to the first full screen, courier started by it";
	result_for(cases, how, series_share(&times, 0.5), "ms");
	result_for(cases, "... of which the desk itself ran", series_share(&work, 0.5), "ms");
	vec_release(&times);
	vec_release(&work);
}

static void bench_start(struct place *place, int64_t cases)
{
	if (!cases)
		measure_floor();
	measure_starts(place, cases, false);
	place_courier(place);
	measure_starts(place, cases, true);
}

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

static void bench_memory(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	tell_memory(cases, "desk", screen_pid(desk));
	for (int i = 0; i < 100; i++) {
		screen_send(desk, "j");
		screen_pump(desk, 5);
	}
	settle(desk);
	tell_memory(cases, "desk, 100 moves later", screen_pid(desk));
	tell_memory(cases, "courier", place_courier_pid(place));
	screen_free(desk);
}

/* --- latency */

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

/* One at a time when `every_ms` is 0. A newer one on the screen says that the older ones have been there. */
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
		while ((int)times.len < posted && first + (int)times.len <= newest)
			push_since(&times, sent[times.len]);
		if (now_us() - begin > INT64_C(120000000))
			place_fail("mentions do not arrive on the screen");
	}
	double worst = series_share(&times, 0.99);
	const char *how = every_ms ? "at 100 a second" : "at rest";
	char what[96];
	snprintf(what, sizeof what, "network to screen, %s, p50", how);
	result_for(cases, what, series_share(&times, 0.5), "ms");
	snprintf(what, sizeof what, "network to screen, %s, p99", how);
	result_for(cases, what, worst, "ms");
	vec_release(&times);
}

static void bench_latency(struct place *place, int64_t cases)
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

/* --- bytes */

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

static void bench_bytes(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	result("the first screen, 80x24", (double)screen_bytes(desk), "bytes");
	measure_key(desk, "j", MOVES, "a move in the inbox, 80x24");
	measure_arrival(place, desk, "a mention arriving outside the screen, 80x24");
	screen_send(desk, "r");
	settle(desk);
	measure_key(desk, "We look into it", 15, "a typed character, 80x24");
	screen_free(desk);

	desk = settled_desk(place, cases, 40, 120);
	measure_key(desk, "j", MOVES, "a move in the inbox and the thread that follows, 120x40");
	screen_free(desk);

	desk = place_desk(place, ROWS, COLS, "bench");
	if (!screen_wait(desk, "@bench", SCREEN_PATIENCE_MS))
		place_fail("the desk does not show a case that was just made");
	measure_arrival(place, desk, "a mention arriving in a row on the screen, 80x24");
	screen_free(desk);
}

/* --- idle */

/* Inside one minute: what the clock of the screen does once a minute is not idleness. */
static void await_minute(void)
{
	enum { MINUTE = 60 };
	time_t now = time(NULL);
	if (now % MINUTE > MINUTE - IDLE_S - 5)
		poll(NULL, 0, (int)(MINUTE - now % MINUTE + 1) * 1000);
}

static void bench_idle(struct place *place, int64_t cases)
{
	struct screen *desk = settled_desk(place, cases, ROWS, COLS);
	pid_t courier = place_courier_pid(place), pid = screen_pid(desk);
	poll(NULL, 0, FOLD_S * 1000);
	settle(desk);
	await_minute();
	settle(desk);
	uint64_t bytes = screen_bytes(desk);
	int64_t desk_before = switches_of(pid), courier_before = switches_of(courier),
	        end = now_us() + IDLE_S * 1000000;
	while (now_us() < end)
		screen_pump(desk, (int)((end - now_us()) / 1000) + 1);
	result_for(cases, "wakeups of an idle desk in 20 s", (double)(switches_of(pid) - desk_before), "");
	result_for(cases, "bytes of an idle desk in 20 s", (double)(screen_bytes(desk) - bytes), "bytes");
	result_for(cases, "wakeups of an idle courier in 20 s", (double)(switches_of(courier) - courier_before), "");
	screen_free(desk);
}

/* --- queries and ingest */

static void bench_query(struct place *place, int64_t cases)
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

/* The stream keeps its order: once a last mention is stored, all before it are. */
static void bench_ingest(struct place *place, int64_t cases)
{
	char body[64], id[32];
	snprintf(body, sizeof body, "{\"count\":%d}", BURST);
	int64_t begin = now_us(), left = BURST;
	place_control(place, "burst", body);
	while (left) {
		poll(NULL, 0, 10);
		json *state = fakenet_control(&place->net, "state", NULL);
		left = json_int(state, "burst_left", 0);
		json_free(state);
	}
	place_post(place, "the last one", id);
	while (!place_knows(place, id)) {
		poll(NULL, 0, 10);
		if (now_us() - begin > INT64_C(300000000))
			place_fail("a burst is not taken in");
	}
	result_for(
	        cases, "mentions from the stream to the disk", BURST / ((double)(now_us() - begin) / 1e6), "a second");
}

/* --- all of it */

static const struct group {
	const char *name;
	void (*run)(struct place *place, int64_t cases);
	bool sizes[3]; /* at which of the sizes */
} groups[] = {
        {"start", bench_start, {true, true, true}},
        {"memory", bench_memory, {true, true, true}},
        {"latency", bench_latency, {true, false, true}},
        {"bytes", bench_bytes, {false, false, true}},
        {"idle", bench_idle, {false, false, true}},
        {"query", bench_query, {false, true, true}},
        {"ingest", bench_ingest, {true, false, false}},
};

static bool is_asked(const char *name, char **names)
{
	for (char **asked = names; *asked; asked++)
		if (str_eq(*asked, name))
			return true;
	return !*names;
}

static void bench_size(const char *build, size_t size, char **names)
{
	struct place place;
	place_init(&place, build, sizes[size]);
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (!groups[i].sizes[size] || !is_asked(groups[i].name, names))
			continue;
		if (groups[i].run != bench_start && !place_courier_pid(&place))
			place_courier(&place);
		groups[i].run(&place, sizes[size]);
	}
	place_release(&place);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: bench BUILD [GROUP...]\n");
		return 64;
	}
	char *build = realpath(argv[1], NULL);
	if (!build)
		place_fail("there is no %s", argv[1]);
	struct str path = STR_INIT;
	for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++)
		bench_size(build, size, argv + 2);
	str_addf(&path, "%s/bench.json", build);
	results_write(path.p);
	str_release(&path);
	free(build);
	return 0;
}
